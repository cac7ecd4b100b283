//! The key file: where the data key rests.
//!
//! `magic (8) | format (4) | kind (4) | content | checksum (16)`, integers little endian. The checksum is the beginning of a SHA-256 over all
//! before it: it tells a damaged file from a wrong key or passphrase, and protects from nobody.
//!
//! | kind | content |
//! |---|---|
//! | 1, file | the key (32) |
//! | 2, passphrase | memory in KiB (4), passes (4), lanes (4), salt (16), nonce (24), the key encrypted (32), tag (16) |
//! | 3, keyring | a random name (16), nonce (24), tag (16) |
//!
//! Kind 2 encrypts the key with XChaCha20-Poly1305 under what Argon2id makes of the passphrase; kind 3 authenticates an empty text under
//! the key that the keyring holds. In both, all that comes before the tag and is not encrypted is associated data: neither the kind nor a parameter
//! can be altered without the tag failing. A kind that is not known is a newer format.

use std::path::PathBuf;

use argon2::{Algorithm, Argon2, Params};
use chacha20poly1305::{AeadInOut, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::error::EmbeddedError;
use super::key::{DataKey, KEY_BYTES, hash};
use super::protection::{AskPassphrase, KeySource, Keyring, Protection};

const MAGIC: &[u8; 8] = b"GSVLTKEY";
const FORMAT: u32 = 1;
const CHECKSUM_BYTES: usize = 16;
const TAG_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;
const SALT_BYTES: usize = 16;
const NAME_BYTES: usize = 16;
const CHECKSUM_DOMAIN: &[u8] = b"ghoststack vault key file 1\0";

/// The most that is read of a key file: later kinds may be longer.
pub(super) const MAX_FILE_BYTES: u64 = 4096;

/// What making a key of a passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

impl Cost {
    /// What new vaults get: the first choice of RFC 9106 for memory of 64 MiB, about a tenth of a second, once a command.
    #[cfg(not(test))]
    pub(super) const NEW: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
    #[cfg(test)]
    pub(super) const NEW: Self = Self { memory_kib: 64, passes: 1, lanes: 1 };

    /// What a file may ask for: an altered one must not exhaust the machine before it is found out.
    const MOST: Self = Self { memory_kib: 1024 * 1024, passes: 16, lanes: 16 };

    fn is_within_bounds(self) -> bool {
        self.memory_kib <= Self::MOST.memory_kib && self.passes <= Self::MOST.passes && self.lanes <= Self::MOST.lanes
    }
}

/// A key file that is whole, but not opened.
pub(super) struct KeyFile {
    path: PathBuf,
    content: Content,
}

enum Content {
    Plain(DataKey),
    Wrapped {
        header: Vec<u8>,
        cost: Cost,
        salt: [u8; SALT_BYTES],
        nonce: [u8; NONCE_BYTES],
        body: [u8; KEY_BYTES],
        tag: [u8; TAG_BYTES],
    },
    InKeyring {
        header: Vec<u8>,
        name: String,
        nonce: [u8; NONCE_BYTES],
        tag: [u8; TAG_BYTES],
    },
}

impl KeyFile {
    /// Reads what a key file holds. `path` is for the errors.
    pub(super) fn parse(bytes: &[u8], path: PathBuf) -> Result<Self, EmbeddedError> {
        let damaged = || EmbeddedError::KeyDamaged { path: path.clone() };
        let (checked, checksum) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or_else(damaged)?;
        if *checksum != hash(CHECKSUM_DOMAIN, checked) {
            return Err(damaged());
        }
        let mut reader = Reader(checked.strip_prefix(MAGIC).ok_or_else(damaged)?);
        let (format, kind) = (reader.number().ok_or_else(damaged)?, reader.number().ok_or_else(damaged)?);
        let content = match (format, kind) {
            (FORMAT, 1) => DataKey::from_bytes(reader.0).map(Content::Plain),
            (FORMAT, 2) => reader.wrapped(checked),
            (FORMAT, 3) => reader.in_keyring(checked),
            _ => return Err(EmbeddedError::NewerFormat { path, found: format.max(kind), supported: FORMAT }),
        };
        match content {
            Some(content) => Ok(Self { path, content }),
            None => Err(damaged()),
        }
    }

    /// What protects the key in it.
    pub(super) fn source(&self) -> KeySource {
        match self.content {
            Content::Plain(_) => KeySource::File,
            Content::Wrapped { .. } => KeySource::Passphrase,
            Content::InKeyring { .. } => KeySource::Keyring,
        }
    }

    /// The name under which a keyring holds the key.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.content {
            Content::InKeyring { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The key, by the protection that is configured and no other.
    pub(super) fn open(self, protection: &Protection) -> Result<DataKey, EmbeddedError> {
        let found = self.source();
        let path = self.path;
        match (self.content, protection) {
            (Content::Plain(key), Protection::KeyFile) => Ok(key),
            (Content::Wrapped { header, cost, salt, nonce, body, tag }, Protection::Passphrase(ask)) => {
                if !cost.is_within_bounds() {
                    return Err(EmbeddedError::KeyDamaged { path });
                }
                let passphrase = passphrase(&**ask, false)?;
                let wrapping = derive(&passphrase, &salt, cost)?;
                let mut plain = Zeroizing::new(body);
                cipher(&wrapping)
                    .decrypt_inout_detached(&XNonce::from(nonce), &header, plain.as_mut_slice().into(), &Tag::from(tag))
                    .map_err(|_| EmbeddedError::WrongPassphrase { path: path.clone() })?;
                DataKey::from_bytes(&*plain).ok_or(EmbeddedError::KeyDamaged { path })
            }
            (Content::InKeyring { header, name, nonce, tag }, Protection::Keyring(keyring)) => {
                let held = keyring.get(&name).map_err(|why| EmbeddedError::Keyring { why })?;
                let held =
                    held.ok_or_else(|| EmbeddedError::NotInKeyring { path: path.clone(), name: name.clone() })?;
                let key = from_hex(&held)
                    .ok_or_else(|| EmbeddedError::WrongKeyringKey { path: path.clone(), name: name.clone() })?;
                cipher(&key)
                    .decrypt_inout_detached(&XNonce::from(nonce), &header, (&mut [][..]).into(), &Tag::from(tag))
                    .map_err(|_| EmbeddedError::WrongKeyringKey { path, name })?;
                Ok(key)
            }
            (_, configured) => Err(EmbeddedError::KeySource { path, configured: configured.source(), found }),
        }
    }
}

/// A key file's bytes for `key`. Where a keyring is to hold it, it does when this returns.
pub(super) fn protect(key: &DataKey, protection: &Protection) -> Result<Zeroizing<Vec<u8>>, EmbeddedError> {
    // Written once, into a buffer that does not grow: see `codec`.
    let mut bytes = Zeroizing::new(Vec::with_capacity(256));
    bytes.extend_from_slice(MAGIC);
    put(&mut bytes, FORMAT);
    match protection {
        Protection::KeyFile => {
            put(&mut bytes, 1);
            bytes.extend_from_slice(key.expose());
        }
        Protection::Passphrase(ask) => {
            let (salt, nonce) = (random::<SALT_BYTES>()?, random::<NONCE_BYTES>()?);
            put(&mut bytes, 2);
            for number in [Cost::NEW.memory_kib, Cost::NEW.passes, Cost::NEW.lanes] {
                put(&mut bytes, number);
            }
            bytes.extend_from_slice(&salt);
            bytes.extend_from_slice(&nonce);
            let wrapping = derive(&passphrase(&**ask, true)?, &salt, Cost::NEW)?;
            let mut body = Zeroizing::new(*key.expose());
            let tag = cipher(&wrapping)
                .encrypt_inout_detached(&XNonce::from(nonce), &bytes, body.as_mut_slice().into())
                .expect("a key is far below what one nonce can encrypt");
            bytes.extend_from_slice(body.as_slice());
            bytes.extend_from_slice(&tag);
        }
        Protection::Keyring(keyring) => {
            let (name, nonce) = (random::<NAME_BYTES>()?, random::<NONCE_BYTES>()?);
            put(&mut bytes, 3);
            bytes.extend_from_slice(&name);
            bytes.extend_from_slice(&nonce);
            let tag = cipher(key)
                .encrypt_inout_detached(&XNonce::from(nonce), &bytes, (&mut [][..]).into())
                .expect("nothing is far below what one nonce can encrypt");
            bytes.extend_from_slice(&tag);
            store_in(&**keyring, &hex(&name), key)?;
        }
    }
    let checksum = hash(CHECKSUM_DOMAIN, &bytes);
    bytes.extend_from_slice(&checksum);
    Ok(bytes)
}

fn store_in(keyring: &dyn Keyring, name: &str, key: &DataKey) -> Result<(), EmbeddedError> {
    let failed = |why| EmbeddedError::Keyring { why };
    // As text: some keyrings keep nothing else.
    let secret = SecretString::from(hex(key.expose()));
    keyring.set(name, &secret).map_err(failed)?;
    // A keyring that forgets at once would lose everything.
    match keyring.get(name).map_err(failed)? {
        Some(held) if held.expose_secret() == secret.expose_secret() => Ok(()),
        _ => Err(failed("it does not give back what it was given".to_owned())),
    }
}

fn passphrase(ask: &dyn AskPassphrase, new: bool) -> Result<SecretString, EmbeddedError> {
    let given = ask.passphrase(new).map_err(|why| EmbeddedError::NoPassphrase { why })?;
    match given.expose_secret().is_empty() {
        true => Err(EmbeddedError::NoPassphrase { why: "an empty passphrase protects nothing".to_owned() }),
        false => Ok(given),
    }
}

fn derive(passphrase: &SecretString, salt: &[u8; SALT_BYTES], cost: Cost) -> Result<DataKey, EmbeddedError> {
    let refused = |error: argon2::Error| EmbeddedError::NoPassphrase { why: error.to_string() };
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(KEY_BYTES)).map_err(refused)?;
    let argon = Argon2::new(Algorithm::Argon2id, argon2::Version::V0x13, params);
    DataKey::filled_by(|key| {
        argon.hash_password_into(passphrase.expose_secret().as_bytes(), salt, key).map_err(refused)
    })
}

fn cipher(key: &DataKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.expose().into())
}

fn random<const N: usize>() -> Result<[u8; N], EmbeddedError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| EmbeddedError::NoRandomness)?;
    Ok(bytes)
}

fn put(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

fn from_hex(text: &SecretString) -> Option<DataKey> {
    let digits = text.expose_secret().as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if digits.len() != 2 * KEY_BYTES {
        return None;
    }
    let fill = |key: &mut [u8; KEY_BYTES]| {
        for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(())
    };
    DataKey::filled_by(|key| fill(key).ok_or(())).ok()
}

/// What is left of the file after its kind.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn wrapped(mut self, checked: &[u8]) -> Option<Content> {
        let cost = Cost { memory_kib: self.number()?, passes: self.number()?, lanes: self.number()? };
        let (salt, nonce) = (self.array()?, self.array()?);
        let header = checked[..checked.len() - self.0.len()].to_vec();
        let (body, tag) = (self.array()?, self.array()?);
        self.0.is_empty().then_some(Content::Wrapped { header, cost, salt, nonce, body, tag })
    }

    fn in_keyring(mut self, checked: &[u8]) -> Option<Content> {
        let name = hex(&self.array::<NAME_BYTES>()?);
        let nonce = self.array()?;
        let header = checked[..checked.len() - self.0.len()].to_vec();
        let tag = self.array()?;
        self.0.is_empty().then_some(Content::InKeyring { header, name, nonce, tag })
    }
}
