//! The secret store: where client secrets and tokens live between runs.
//!
//! Every backend speaks the part of HashiCorp Vault's KV version 2 that a credential needs: a path
//! holds a short history of versions, and a write may demand the version that it replaces
//! (check-and-set). That demand is what lets two processes refresh one rotating token without losing
//! it, so it belongs to the trait and not to a backend.
//!
//! Callers choose their own paths (`credentials/<profile>/<platform>/<account>`, say); the store gives
//! them no meaning. Values are maps of field names to [`secrecy::SecretString`].
//!
//! # Threat model
//!
//! What this module protects from: a copied, backed-up or synchronised vault file that is read
//! elsewhere; another user of the machine; silent alteration or truncation; a crash, a full disk or a
//! second process in the middle of a write; a secret that slips into a log, an error or a `Debug`
//! output, since no type here prints one.
//!
//! What it does not protect from: a program that runs as the same user or as root (it can read the
//! key as well as we can), a copy of the key file taken together with the vault file, the replacement
//! of the vault file by an older copy of itself, memory that the system swaps out or dumps, and a
//! caller that exposes a value it was given.
//!
//! # What a new backend implements
//!
//! [`SecretStore`], and nothing else: names, bounds and versions are checked by the types of this
//! module before a backend sees them. The functions of `contract` take any `&dyn SecretStore` and are
//! the tests which every backend must pass.

#[cfg(test)]
mod contract;
mod embedded;
mod error;
mod hashicorp;
mod path;
mod secret;
mod version;

use async_trait::async_trait;

pub use embedded::{AskPassphrase, Clock, EmbeddedError, EmbeddedStore, KeySource, Keyring, Protection};
pub use error::VaultError;
pub use hashicorp::{
    HashiCorpError, HashiCorpStore, Health, LogIn, Settings as HashiCorpSettings, Source as CredentialSource,
    Wanted as WantedCredential,
};
pub use path::{InvalidPath, MAX_PATH_BYTES, MAX_SEGMENT_BYTES, SecretPath};
pub use secret::{InvalidSecret, MAX_FIELD_NAME_BYTES, MAX_FIELDS, MAX_SECRET_BYTES, Secret};
pub use version::{Cas, MAX_VERSIONS, Metadata, Version, VersionInfo, Versioned};

/// The path that [`SecretStore::probe`] writes and deletes.
///
/// A process that dies in the middle of a probe may leave it behind; the next probe removes it.
pub const PROBE_PATH: &str = "prospector-probe";

/// What a probe stores: as large as the tokens of one log-in are likely to be.
const PROBE_BYTES: usize = 8 * 1024;

/// A place that keeps secrets, by path, with versions.
///
/// **Cancellation.** Dropping a future never leaves a half-done write: before its first poll nothing
/// has begun, and afterwards the write runs to its end in the background. A caller that must know the
/// outcome reads again.
///
/// **Errors** are [`VaultError`]; each text says what happened, where, and what to do.
#[async_trait]
pub trait SecretStore: Send + Sync {
    /// The latest version at `path`, or `None` when nothing is stored there.
    ///
    /// A store that nobody has written to is empty, not an error, and reading does not create it.
    async fn read(&self, path: &SecretPath) -> Result<Option<Versioned>, VaultError>;

    /// One version at `path`; `None` when it was never written or has been dropped since.
    async fn read_version(&self, path: &SecretPath, version: Version) -> Result<Option<Versioned>, VaultError>;

    /// Adds a version and returns its number: one more than the last, beginning at 1.
    ///
    /// Beyond [`MAX_VERSIONS`] the oldest is dropped. When this returns, the value survives a crash
    /// of the machine.
    ///
    /// # Errors
    ///
    /// [`VaultError::CasMismatch`] when the current version is not the one that `cas` demands; the
    /// store is then unchanged.
    async fn write(&self, path: &SecretPath, value: Secret, cas: Cas) -> Result<Version, VaultError>;

    /// Removes `path` with all its versions; `false` when there was nothing.
    ///
    /// A later write begins again at version 1, as in Vault after its metadata is deleted: a version
    /// number remembered from before the deletion must not be used for check-and-set.
    async fn delete(&self, path: &SecretPath) -> Result<bool, VaultError>;

    /// All paths strictly beneath `under` at any depth (everything when `None`), sorted.
    ///
    /// Whole segments count: `a/b` has `a/b/c` beneath it, but neither `a/bc` nor itself.
    async fn list(&self, under: Option<&SecretPath>) -> Result<Vec<SecretPath>, VaultError>;

    /// What is known of `path` without its values; `None` when nothing is stored there.
    async fn metadata(&self, path: &SecretPath) -> Result<Option<Metadata>, VaultError>;

    /// Which store this is and what protects it, for `status` and `doctor`. Does no input or output.
    fn describe(&self) -> Description;

    /// Proves by a write and a delete (at [`PROBE_PATH`]) that secrets can be stored.
    ///
    /// To be called before a log-in starts, so that no token is obtained and then lost. Other secrets
    /// keep their versions.
    async fn probe(&self) -> Result<(), VaultError>;
}

/// What a store says of itself. Holds nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Description {
    /// The backend's name as configured: `embedded` or `hashicorp`.
    pub backend: &'static str,
    /// Where the secrets are: a path or an address.
    pub location: String,
    /// What protects them there, in words.
    pub protection: String,
}
