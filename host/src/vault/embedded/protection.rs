//! What protects the data key, as the configuration chooses it.

use std::sync::Arc;

use secrecy::SecretString;

/// What protects the data key.
#[derive(Clone)]
pub enum Protection {
    /// The 0600 mode of the key file, which holds it.
    KeyFile,
    /// A passphrase, from which Argon2id makes the key that the key file's content is encrypted with.
    Passphrase(Arc<dyn AskPassphrase>),
    /// The desktop's keyring holds it; the key file says under which name.
    Keyring(Arc<dyn Keyring>),
}

/// Gives the passphrase when it is needed.
pub trait AskPassphrase: Send + Sync {
    /// The passphrase; a `new` one is one that a person is to enter twice. May wait for a person.
    ///
    /// # Errors
    /// A sentence, with what to do.
    fn passphrase(&self, new: bool) -> Result<SecretString, String>;
}

/// A place of the operating system's that keeps secrets for a person who has logged in.
pub trait Keyring: Send + Sync {
    /// The secret of this name; `None` where there is none.
    ///
    /// # Errors
    /// A sentence about the keyring.
    fn get(&self, name: &str) -> Result<Option<SecretString>, String>;

    /// Keeps a secret.
    ///
    /// # Errors
    /// As [`Keyring::get`].
    fn set(&self, name: &str, secret: &SecretString) -> Result<(), String>;

    /// Forgets a secret, if it is there.
    ///
    /// # Errors
    /// As [`Keyring::get`].
    fn delete(&self, name: &str) -> Result<(), String>;
}

/// The kinds of [`Protection`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// [`Protection::KeyFile`].
    File,
    /// [`Protection::Passphrase`].
    Passphrase,
    /// [`Protection::Keyring`].
    Keyring,
}

impl KeySource {
    /// As the configuration says it: `vault.key`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Passphrase => "passphrase",
            Self::Keyring => "keyring",
        }
    }
}

impl Protection {
    /// Which kind it is.
    #[must_use]
    pub fn source(&self) -> KeySource {
        match self {
            Self::KeyFile => KeySource::File,
            Self::Passphrase(_) => KeySource::Passphrase,
            Self::Keyring(_) => KeySource::Keyring,
        }
    }
}
