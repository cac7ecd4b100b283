//! The data key: what the vault file is encrypted with. Where it rests is said by `key_file`.

use std::fmt;

use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox};
use sha2::{Digest, Sha256};

use super::error::EmbeddedError;

/// The size of a key in bytes.
pub(super) const KEY_BYTES: usize = 32;

/// Keeps the ids of this format apart from any other use of SHA-256.
const ID_DOMAIN: &[u8] = b"ghoststack vault key id 1\0";

/// A 256-bit key. Stays at one address, zeroized when dropped.
pub(super) struct DataKey(SecretBox<[u8; KEY_BYTES]>);

/// Which key it is: a hash, from which the key cannot be learned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyId(pub(super) [u8; 16]);

impl DataKey {
    /// A new random key.
    pub(super) fn generate() -> Result<Self, EmbeddedError> {
        Self::filled_by(|bytes| getrandom::fill(bytes).map_err(|_| EmbeddedError::NoRandomness))
    }

    /// The key with these bytes; `None` where they are too few or too many.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::filled_by(|key| (bytes.len() == KEY_BYTES).then(|| key.copy_from_slice(bytes)).ok_or(())).ok()
    }

    /// A key that `fill` writes in its place.
    pub(super) fn filled_by<E>(fill: impl FnOnce(&mut [u8; KEY_BYTES]) -> Result<(), E>) -> Result<Self, E> {
        let mut key = SecretBox::<[u8; KEY_BYTES]>::default();
        fill(key.expose_secret_mut())?;
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

/// The beginning of a SHA-256 over a domain and a content.
pub(super) fn hash(domain: &[u8], content: &[u8]) -> [u8; 16] {
    let digest = Sha256::new().chain_update(domain).chain_update(content).finalize();
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    short
}
