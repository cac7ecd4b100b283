//! What every backend may answer; what only one can answer is wrapped.

use super::{Cas, EmbeddedError, HashiCorpError, InvalidPath, InvalidSecret, SecretPath, Version};

/// Why the secret store did not do what was asked. No text or `Debug` output holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// A path breaks the syntax.
    #[error(transparent)]
    Path(#[from] InvalidPath),

    /// A value breaks a bound.
    #[error(transparent)]
    Secret(#[from] InvalidSecret),

    /// Somebody else wrote first; nothing was changed.
    #[error(
        "the secret {path} was not written: {} is stored where {expected} was expected, so \
        another process has changed it; read it again and repeat",
        current.map_or_else(|| "nothing".to_owned(), |version| format!("version {version}"))
    )]
    CasMismatch {
        /// Which secret.
        path: SecretPath,
        /// What the write demanded.
        expected: Cas,
        /// The current version.
        current: Option<Version>,
    },

    /// The runtime stopped before the work could begin.
    #[error("the secret store was not asked, since the program is shutting down; run the command again")]
    ShuttingDown,

    /// The embedded store's file, key or lock.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),

    /// A HashiCorp Vault or OpenBao server.
    #[error(transparent)]
    HashiCorp(#[from] HashiCorpError),
}
