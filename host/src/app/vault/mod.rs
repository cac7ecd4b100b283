//! The secret store as a person sees it: its state, and moving secrets to another.

mod copying;
mod journal;
pub mod migrate;
mod status;
mod using;

pub use status::{State, Status, Unfinished, status};
pub use using::Using;

use super::{AppError, Installation};
use crate::config::{Config, Loaded, Overrides, VaultBackend};
use crate::vault::{SecretStore, VaultError};

/// The configuration with a store in force that need not be the file's.
fn configured(installation: &Installation, overrides: &Overrides) -> Result<Loaded, AppError> {
    Ok(installation.with_schemas(|schemas| Config::load_with(&installation.home, schemas, overrides))?)
}

/// What the environment says, and which store is to be in force.
fn with_backend(backend: VaultBackend) -> Overrides {
    Overrides::from_env().with_flag("--to", &["vault", "backend"], backend.name().into())
}

/// Deletes paths; how many there were.
async fn delete_all<'p>(
    store: &dyn SecretStore,
    paths: impl IntoIterator<Item = &'p crate::vault::SecretPath>,
) -> Result<usize, VaultError> {
    let mut deleted = 0;
    for path in paths {
        deleted += usize::from(store.delete(path).await?);
    }
    Ok(deleted)
}
