//! The secret store that the configuration chooses.
//!
//! Opening it does no input or output and asks nobody: a command that wants no secret pays nothing for it.

mod keyring;
mod passphrase;
mod server;

use std::sync::Arc;

pub use keyring::SessionKeyring;
pub use passphrase::{PASSPHRASE_VARIABLE, ask_by};

use crate::config::{self, Home, VaultBackend, VaultKey};
use crate::vault::{EmbeddedStore, HashiCorpStore, KeySource, Protection, SecretStore};

/// The store in force.
#[must_use]
pub fn open(home: &Home, vault: &config::Vault) -> Arc<dyn SecretStore> {
    match (vault.backend, server(vault)) {
        (VaultBackend::HashiCorp, Some(server)) => Arc::new(server),
        // The configuration is not valid without a server where it wants one.
        _ => Arc::new(embedded(home, vault)),
    }
}

/// The embedded store, whether or not it is in force.
#[must_use]
pub fn embedded(home: &Home, vault: &config::Vault) -> EmbeddedStore {
    let source = match vault.key {
        VaultKey::File => KeySource::File,
        VaultKey::Passphrase => KeySource::Passphrase,
        VaultKey::Keyring => KeySource::Keyring,
    };
    EmbeddedStore::new(home.vault_dir(), protection(source, vault))
}

/// The store at the configured server, whether or not it is in force.
#[must_use]
pub fn server(vault: &config::Vault) -> Option<HashiCorpStore> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    vault.hashicorp.as_ref().map(|section| HashiCorpStore::new(server::settings(section, variable)))
}

/// A way to protect the embedded store's key.
#[must_use]
pub fn protection(source: KeySource, vault: &config::Vault) -> Protection {
    match source {
        KeySource::File => Protection::KeyFile,
        KeySource::Passphrase => Protection::Passphrase(Arc::new(passphrase::Passphrase::of(vault))),
        KeySource::Keyring => Protection::Keyring(Arc::new(SessionKeyring)),
    }
}
