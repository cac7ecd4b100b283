//! Credentials in a backup: encrypted by XChaCha20-Poly1305 under what Argon2id makes of a passphrase.
//!
//! `magic (8) | format (4) | memory in KiB (4) | passes (4) | lanes (4) | salt (16) | nonce (24) | encrypted JSON | tag (16)`, integers little
//! endian. All that is before the encrypted part is associated data, and so is what stands for the other files of the archive.

use std::collections::BTreeMap;

use argon2::{Algorithm, Argon2, Params};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::error::BackupError;
use crate::app::AppError;
use crate::auth::AuthError;
use crate::plugin::digest::Digest;
use crate::vault::{Cas, PROBE_PATH, Secret, SecretPath, SecretStore, VaultError};

/// The shortest passphrase that is taken for a new backup, in characters: an archive can be tried offline for years.
pub const SHORTEST_PASSPHRASE: usize = 12;

const MAGIC: &[u8; 8] = b"GSBACKUP";
const FORMAT: u32 = 1;
const SALT: usize = 16;
const NONCE: usize = 24;
const HEADER: usize = 8 + 4 * 4 + SALT + NONCE;

/// What making a key of a passphrase costs.
#[derive(Clone, Copy)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    /// The second choice of RFC 9106, for memory of 64 MiB.
    #[cfg(not(test))]
    const NEW: Cost = Cost { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
    #[cfg(test)]
    const NEW: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };
    /// What an archive may ask for: an altered one must not exhaust the machine before it is found out.
    const MOST: Cost = Cost { memory_kib: 1024 * 1024, passes: 16, lanes: 16 };

    fn key(self, passphrase: &SecretString, salt: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let within = self.memory_kib <= Cost::MOST.memory_kib
            && self.passes <= Cost::MOST.passes
            && self.lanes <= Cost::MOST.lanes;
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok().filter(|_| within)?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, argon2::Version::V0x13, params)
            .hash_password_into(passphrase.expose_secret().as_bytes(), salt, key.as_mut_slice())
            .ok()?;
        Some(key)
    }
}

#[derive(Serialize)]
struct Held<'a> {
    secrets: Vec<(&'a str, BTreeMap<&'a str, &'a str>)>,
}

#[derive(Deserialize)]
struct Read {
    secrets: Vec<(String, BTreeMap<String, String>)>,
}

impl Drop for Read {
    fn drop(&mut self) {
        let values = self.secrets.iter_mut().flat_map(|(_, fields)| fields.values_mut());
        values.for_each(Zeroize::zeroize);
    }
}

/// The latest version of every secret of a store, encrypted.
pub async fn seal(store: &dyn SecretStore, passphrase: &SecretString, binding: Digest) -> Result<Vec<u8>, AppError> {
    if passphrase.expose_secret().chars().count() < SHORTEST_PASSPHRASE {
        return Err(BackupError::ShortPassphrase.into());
    }
    let mut secrets: Vec<(SecretPath, Secret)> = Vec::new();
    for path in store.list(None).await.map_err(vault)? {
        if path.as_str() == PROBE_PATH {
            continue;
        }
        // What was deleted meanwhile is not there any more.
        if let Some(held) = store.read(&path).await.map_err(vault)? {
            secrets.push((path, held.value));
        }
    }
    let held = Held {
        secrets: secrets
            .iter()
            .map(|(path, secret)| (path.as_str(), secret.fields().map(|(n, v)| (n, v.expose_secret())).collect()))
            .collect(),
    };
    // Escapes make a byte six at most: the buffer does not grow, and so leaves no copy behind.
    let room = secrets.iter().map(|(path, secret)| 6 * (path.as_str().len() + secret.bytes()) + 1024).sum::<usize>();
    let mut text = Zeroizing::new(Vec::with_capacity(room + 64));
    serde_json::to_writer(&mut *text, &held).map_err(|e| AppError::Machine(e.to_string()))?;
    Ok(encrypt(&text, passphrase, binding)?)
}

/// The secrets of an archive; none if the passphrase is another, or anything was altered.
pub fn open(sealed: &[u8], passphrase: &SecretString, binding: Digest) -> Option<Vec<(SecretPath, Secret)>> {
    let text = decrypt(sealed, passphrase, binding)?;
    let mut read: Read = serde_json::from_slice(&text).ok()?;
    let mut secrets = Vec::new();
    for (path, fields) in std::mem::take(&mut read.secrets) {
        let fields = fields.into_iter().map(|(name, value)| (name, SecretString::from(value)));
        secrets.push((SecretPath::parse(&path).ok()?, Secret::from_fields(fields).ok()?));
    }
    Some(secrets)
}

/// Writes secrets into a store, whatever it holds.
pub async fn pour(store: &dyn SecretStore, secrets: Vec<(SecretPath, Secret)>) -> Result<usize, AppError> {
    let count = secrets.len();
    for (path, secret) in secrets {
        store.write(&path, secret, Cas::Any).await.map_err(vault)?;
    }
    Ok(count)
}

fn vault(error: VaultError) -> AppError {
    AppError::Auth(AuthError::from(error))
}

fn encrypt(text: &[u8], passphrase: &SecretString, binding: Digest) -> Result<Vec<u8>, BackupError> {
    let mut random = [0; SALT + NONCE];
    getrandom::fill(&mut random).map_err(|_| BackupError::NoRandomness)?;
    let mut sealed = Vec::with_capacity(HEADER + text.len() + 16);
    sealed.extend_from_slice(MAGIC);
    for number in [FORMAT, Cost::NEW.memory_kib, Cost::NEW.passes, Cost::NEW.lanes] {
        sealed.extend_from_slice(&number.to_le_bytes());
    }
    sealed.extend_from_slice(&random);
    let (salt, nonce) = random.split_at(SALT);
    let key = Cost::NEW.key(passphrase, salt).ok_or(BackupError::NoRandomness)?;
    let aad = associated(&sealed, binding);
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| BackupError::NoRandomness)?;
    let body = XChaCha20Poly1305::new((&*key).into())
        .encrypt(&XNonce::from(nonce), Payload { msg: text, aad: &aad })
        .map_err(|_| BackupError::TooMuch { what: "the vault".to_owned(), why: "64 MiB".to_owned() })?;
    sealed.extend_from_slice(&body);
    Ok(sealed)
}

fn decrypt(sealed: &[u8], passphrase: &SecretString, binding: Digest) -> Option<Zeroizing<Vec<u8>>> {
    let (header, body) = sealed.split_at_checked(HEADER)?;
    let numbers = header.strip_prefix(MAGIC)?;
    let number = |at: usize| Some(u32::from_le_bytes(*numbers.get(4 * at..)?.first_chunk()?));
    if number(0)? != FORMAT {
        return None;
    }
    let cost = Cost { memory_kib: number(1)?, passes: number(2)?, lanes: number(3)? };
    let (salt, nonce) = numbers.get(16..)?.split_at_checked(SALT)?;
    let key = cost.key(passphrase, salt)?;
    let nonce: [u8; NONCE] = nonce.try_into().ok()?;
    let aad = associated(header, binding);
    let opened =
        XChaCha20Poly1305::new((&*key).into()).decrypt(&XNonce::from(nonce), Payload { msg: body, aad: &aad }).ok()?;
    Some(Zeroizing::new(opened))
}

fn associated(header: &[u8], binding: Digest) -> Vec<u8> {
    [header, binding.to_hex().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::{EmbeddedStore, Protection};

    fn passphrase(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[tokio::test]
    async fn what_is_sealed_opens_by_its_passphrase_alone_and_no_byte_can_be_altered() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = EmbeddedStore::new(folder.path().join("vault"), Protection::KeyFile);
        let path = SecretPath::parse("credentials/default/workbazaar").expect("a path");
        let value = || Secret::from_fields([("token", SecretString::from("\"pl\u{1}anted\""))]).expect("a secret");
        store.write(&path, value(), Cas::Any).await.expect("written");
        let (good, binding) = (passphrase("correct horse battery"), Digest::of(b"files"));
        let sealed = seal(&store, &good, binding).await.expect("sealed");
        let opened = open(&sealed, &good, binding).expect("opens");
        assert_eq!(opened[0].0, path);
        assert_eq!(opened[0].1.get("token").expect("there").expose_secret(), "\"pl\u{1}anted\"");
        assert!(open(&sealed, &passphrase("another passphrase"), binding).is_none());
        assert!(open(&sealed, &good, Digest::of(b"other files")).is_none());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            // Sixteen bits of costs above the bound would be slow to try, and are refused unread.
            assert!(open(&altered, &good, binding).is_none(), "byte {at}");
            assert!(open(&sealed[..at], &good, binding).is_none(), "cut at {at}");
        }
        assert!(seal(&store, &passphrase("short"), binding).await.is_err());
        assert!(!sealed.windows(7).any(|piece| piece == b"planted" || piece == b"default"));
    }
}
