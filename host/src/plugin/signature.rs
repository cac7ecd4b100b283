//! Signatures of plugins, as minisign makes them: by a key that is pinned when a plugin is installed.
//!
//! A signature says that whoever holds the key has signed just this file, and so that a later version comes from whom the first one came. It does not
//! say that they mean well, and nothing of it is believed before a person names the key.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minisign_verify::{Error, PublicKey, Signature};
use serde::{Deserialize, Serialize};

use super::lock;

/// Characters of a key: an algorithm, the key's id and the key itself, 42 bytes.
const KEY: usize = 56;

/// Largest file of a key or a signature, in bytes.
pub const MAX_FILE: u64 = 16 * 1024;

/// What is added to a file's name for that of its signature.
pub const SUFFIX: &str = ".minisig";

/// A public key of minisign's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key {
    // One spelling for one key: 42 bytes are 56 characters without padding.
    text: String,
    public: PublicKey,
}

/// Why a text is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no public key of minisign's: 56 characters that begin with RW, or the file that `minisign -G` writes")]
pub struct NoKey;

impl Key {
    /// Reads a key, given as itself or as the file that holds it.
    ///
    /// # Errors
    /// A sentence.
    pub fn given(text: &str) -> Result<Key, String> {
        if let Ok(key) = text.parse() {
            return Ok(key);
        }
        let shown = crate::capability::log::escaped(text, 100);
        let bytes = lock::read_bounded(Path::new(text), MAX_FILE)
            .map_err(|e| format!("the key {shown} is neither a key of minisign's nor a file that can be read: {e}"))?;
        let text = String::from_utf8_lossy(&bytes);
        text.parse().map_err(|why: NoKey| format!("the key {shown} cannot be used: {why}"))
    }

    /// By what minisign calls it: 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        id(&self.text).unwrap_or_default()
    }
}

impl FromStr for Key {
    type Err = NoKey;

    /// The key alone, or below a comment as in its file.
    fn from_str(text: &str) -> Result<Key, NoKey> {
        let text = text.trim();
        let line = match text.split_once('\n') {
            Some((comment, rest)) if comment.starts_with("untrusted comment:") => rest.trim(),
            Some(_) => return Err(NoKey),
            None => text,
        };
        if line.len() != KEY {
            return Err(NoKey);
        }
        let public = PublicKey::from_base64(line).map_err(|_| NoKey)?;
        Ok(Key { text: line.to_owned(), public })
    }
}

impl TryFrom<String> for Key {
    type Error = NoKey;

    fn try_from(text: String) -> Result<Key, NoKey> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> String {
        key.text
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.text)
    }
}

/// What stands in base64 begins with an algorithm of two bytes and a key's id of eight, which is shown as a number.
fn id(base64: &str) -> Option<String> {
    let bytes = STANDARD.decode(base64.get(..16)?).ok()?;
    let id: [u8; 8] = bytes.get(2..10)?.try_into().ok()?;
    Some(format!("{:016X}", u64::from_le_bytes(id)))
}

/// The id of the key that a signature says it was made by. Nothing is checked.
#[must_use]
pub fn claimed(signature: &str) -> Option<String> {
    id(signature.lines().nth(1)?)
}

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It is none.
    #[error("its signature is not one of minisign's")]
    Malformed,
    /// Another key has made it.
    #[error("it is signed by the key {found}, and not by {expected}")]
    AnotherKey {
        /// The key that it should be.
        expected: String,
        /// The key that it says.
        found: String,
    },
    /// It is of another file.
    #[error(
        "its signature does not belong to it: the file or the signature was changed, or they are of different versions"
    )]
    Wrong,
    /// It was made in the way of minisign before 0.8.
    #[error(
        "its signature was made by a minisign of long ago or with `-l`; its author has to sign it anew with minisign 0.11 or later"
    )]
    Legacy,
}

/// Checks that a key has signed some bytes; the comment that it has signed with them.
///
/// # Errors
/// See [`SignatureError`].
pub fn verify(key: &Key, bytes: &[u8], signature: &str) -> Result<String, SignatureError> {
    let read = Signature::decode(signature).map_err(|_| SignatureError::Malformed)?;
    match key.public.verify(bytes, &read, false) {
        Ok(()) => Ok(read.trusted_comment().to_owned()),
        Err(Error::UnexpectedKeyId) => Err(SignatureError::AnotherKey {
            expected: key.id(),
            found: claimed(signature).unwrap_or_else(|| "unknown".to_owned()),
        }),
        Err(Error::UnexpectedAlgorithm) => Err(SignatureError::Legacy),
        Err(_) => Err(SignatureError::Wrong),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // Made by minisign 0.11 of the bytes `component`.
    const KEY: &str = "RWTmf3DsKEBa+yyjMUK2jKnrIFBbZyUgxoxVj23e8HjR/S9mTkXn38zr";
    const OTHER: &str = "RWTGcO9Ss2BNEYCMexG8aCgm0zE8ohrHX80+oPE+ayfEmxNXciSxfGYC";
    const SIGNATURE: &str = "untrusted comment: signature from minisign secret key
RUTmf3DsKEBa+6EBzbaYT99pFaEJQAJUcwD3Fg7rFVnDtj46SjcCJdJqRc1MOZ9JNz3DbNKl05ZX/SF4Zs/7tqj3Qr3RzeqWFAs=
trusted comment: board 0.2.0
jPVTOjlanpL1R4cU47jU29rn7idWSvyxNXvXERXilmH4s3uJRmf+clxIJPppbMKAsoj7k5cctdzM7SXMqOhLDQ==
";
    const LEGACY: &str = "untrusted comment: signature from minisign secret key
RWTmf3DsKEBa++y8E//J0RFn6dRp0qRG+6aQszCJV+BmRV7TK8CTfVQd10/4ysVt62Zrac2tQUWTyy9q2PyCQK9oTXHQwOfZdQ8=
trusted comment: old
Zc9MqH/LNF/5lXnENMVcGd3aTE5rkbOPxV9VRly7Yyao0uJN4fzech64BYPDyBwMOlg4HlPmOQ9prNAvm7sfDw==
";

    fn key(text: &str) -> Key {
        text.parse().expect("a key")
    }

    #[test]
    fn what_minisign_has_signed_is_told_from_all_else() {
        let (ours, other) = (key(KEY), key(OTHER));
        assert_eq!(verify(&ours, b"component", SIGNATURE), Ok("board 0.2.0".to_owned()));
        let another = SignatureError::AnotherKey { expected: "114D60B352EF70C6".to_owned(), found: ours.id() };
        let forged = SIGNATURE.replace("board 0.2.0", "board 9.9.9");
        // Another key's signature that says it is ours.
        let claimed = SIGNATURE.replacen("RUTmf3DsKEBa+6EB", "RUTGcO9Ss2BNEaEB", 1);
        for (key, bytes, signature, error) in [
            (&ours, &b"Component"[..], SIGNATURE, SignatureError::Wrong),
            (&ours, b"component", &forged, SignatureError::Wrong),
            (&other, b"component", SIGNATURE, another),
            (&other, b"component", &claimed, SignatureError::Wrong),
            (&ours, b"component", LEGACY, SignatureError::Legacy),
            (&ours, b"component", "", SignatureError::Malformed),
            (&ours, b"component", &SIGNATURE[..150], SignatureError::Malformed),
        ] {
            assert_eq!(verify(key, bytes, signature), Err(error), "{signature}");
        }
    }

    #[test]
    fn a_key_is_read_from_itself_its_file_and_the_lock_in_one_spelling() {
        let file = format!("untrusted comment: minisign public key FB5A4028EC707FE6\r\n{KEY}\r\n");
        assert_eq!(file.parse(), Ok(key(KEY)));
        assert_eq!((key(KEY).id().as_str(), key(KEY).to_string().as_str()), ("FB5A4028EC707FE6", KEY));
        assert_eq!(claimed(SIGNATURE).as_deref(), Some("FB5A4028EC707FE6"));
        let json = serde_json::to_string(&key(KEY)).expect("JSON");
        assert_eq!(serde_json::from_str::<Key>(&json).expect("a key"), key(KEY));
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key.pub");
        std::fs::write(&path, &file).expect("written");
        assert_eq!(Key::given(&path.display().to_string()), Ok(key(KEY)));
        for wrong in ["", "RW", &KEY[1..], &format!("{KEY}="), &KEY.replace("RW", "AA"), &format!("{KEY}\n{OTHER}")] {
            assert!(wrong.parse::<Key>().is_err(), "{wrong}");
        }
        assert!(Key::given("/nonexistent").is_err_and(|e| e.contains("neither a key")));
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_an_end(text in "(untrusted comment: |trusted comment: |RU|RW|\n|[A-Za-z0-9+/=]|\\PC){0,60}") {
            let _ = (text.parse::<Key>(), claimed(&text), verify(&key(KEY), b"component", &text));
        }
    }
}
