//! The data key and the file that keeps it.
//!
//! A key file is `magic (8) | format (4) | kind (4) | key (32) | checksum (16)`, integers little
//! endian. The checksum is the beginning of a SHA-256 over all before it. It tells a damaged key file
//! from one that belongs to another vault; against an attacker it is no protection, nor is any needed,
//! as whoever can write this file can already read every secret.
//!
//! The `kind` leaves room for keys that rest in the system's keyring or are wrapped by a passphrase:
//! they need another key file, not another vault file. A kind that is not known is a newer format.

use std::fmt;

use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::directory::Directory;
use super::error::EmbeddedError;

const MAGIC: &[u8; 8] = b"GSVLTKEY";
const FORMAT: u32 = 1;
const KIND_RAW: u32 = 1;
const KEY_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 16;
const FILE_BYTES: usize = 8 + 4 + 4 + KEY_BYTES + CHECKSUM_BYTES;

/// The most that is read of a key file: later kinds may be longer.
const MAX_FILE_BYTES: u64 = 4096;

/// Keeps the ids and checksums of this format apart from any other use of SHA-256.
const ID_DOMAIN: &[u8] = b"ghoststack vault key id 1\0";
const CHECKSUM_DOMAIN: &[u8] = b"ghoststack vault key file 1\0";

/// The 256-bit key that the vault file is encrypted with. Stays at one address, zeroized when dropped.
pub(super) struct DataKey(SecretBox<[u8; KEY_BYTES]>);

/// Which key it is: a hash, from which the key cannot be learned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyId(pub(super) [u8; 16]);

impl DataKey {
    /// A new random key.
    pub(super) fn generate() -> Result<Self, EmbeddedError> {
        let mut key = SecretBox::<[u8; KEY_BYTES]>::default();
        getrandom::fill(key.expose_secret_mut()).map_err(|_| EmbeddedError::NoRandomness)?;
        Ok(Self(key))
    }

    pub(super) fn id(&self) -> KeyId {
        KeyId(hash(ID_DOMAIN, self.0.expose_secret()))
    }

    pub(super) fn expose(&self) -> &[u8; KEY_BYTES] {
        self.0.expose_secret()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The key in the file `name`; `None` when there is no such file.
pub(super) fn load(directory: &Directory, name: &str) -> Result<Option<DataKey>, EmbeddedError> {
    let Some(bytes) = directory.read(name, MAX_FILE_BYTES)? else {
        return Ok(None);
    };
    let damaged = || EmbeddedError::KeyDamaged { path: directory.path_of(name) };
    let (content, checksum) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or_else(damaged)?;
    if *checksum != hash(CHECKSUM_DOMAIN, content) {
        return Err(damaged());
    }
    let rest = content.strip_prefix(MAGIC).ok_or_else(damaged)?;
    let (format, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (kind, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (format, kind) = (u32::from_le_bytes(*format), u32::from_le_bytes(*kind));
    if (format, kind) != (FORMAT, KIND_RAW) {
        let found = format.max(kind);
        return Err(EmbeddedError::NewerFormat { path: directory.path_of(name), found, supported: FORMAT });
    }
    if rest.len() != KEY_BYTES {
        return Err(damaged());
    }
    let mut key = SecretBox::<[u8; KEY_BYTES]>::default();
    key.expose_secret_mut().copy_from_slice(rest);
    Ok(Some(DataKey(key)))
}

/// Writes the key into the file `name`. The caller holds the lock and has seen that there is none.
pub(super) fn store(directory: &Directory, name: &str, key: &DataKey) -> Result<(), EmbeddedError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_BYTES));
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&FORMAT.to_le_bytes());
    bytes.extend_from_slice(&KIND_RAW.to_le_bytes());
    bytes.extend_from_slice(key.expose());
    let checksum = hash(CHECKSUM_DOMAIN, &bytes);
    bytes.extend_from_slice(&checksum);
    directory.replace(name, &bytes)
}

fn hash(domain: &[u8], content: &[u8]) -> [u8; 16] {
    let digest = Sha256::new().chain_update(domain).chain_update(content).finalize();
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    #[test]
    fn a_key_survives_its_file_and_two_keys_differ() {
        let temporary = tempdir().expect("a temporary directory");
        let directory = Directory::open_or_create(&temporary.path().join("vault")).expect("creates");
        let (first, second) = (DataKey::generate().expect("random"), DataKey::generate().expect("random"));
        assert!(load(&directory, "key").expect("reads").is_none());
        store(&directory, "key", &first).expect("writes");
        let read = load(&directory, "key").expect("reads").expect("is there");
        assert_eq!(read.expose(), first.expose());
        assert!(read.id() == first.id() && read.id() != second.id());
    }

    #[test]
    fn a_sound_key_file_of_an_unknown_format_or_kind_is_called_newer() {
        for (format, kind) in [(2_u32, KIND_RAW), (FORMAT, 3_u32)] {
            let temporary = tempdir().expect("a temporary directory");
            let directory = Directory::open_or_create(&temporary.path().join("vault")).expect("creates");
            let mut bytes = MAGIC.to_vec();
            bytes.extend(format.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(b"another way to say where the key rests");
            bytes.extend(hash(CHECKSUM_DOMAIN, &bytes));
            directory.replace("key", &bytes).expect("writes");
            let error = load(&directory, "key").err().expect("is refused");
            assert!(matches!(error, EmbeddedError::NewerFormat { .. }), "{error}");
        }
    }
}
