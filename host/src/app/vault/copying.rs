//! Copying secrets from one store to another, so often that it can be begun anew at any point.

use std::collections::BTreeSet;

use secrecy::ExposeSecret;

use crate::app::AppError;
use crate::vault::{Cas, PROBE_PATH, Secret, SecretPath, SecretStore, VaultError};

/// What copying came to.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Copied {
    /// Secrets that were written.
    pub(super) written: usize,
    /// Secrets that were there already.
    pub(super) present: usize,
}

/// All that a store keeps for us.
pub(super) async fn paths(store: &dyn SecretStore) -> Result<BTreeSet<SecretPath>, VaultError> {
    Ok(store.list(None).await?.into_iter().filter(|path| path.as_str() != PROBE_PATH).collect())
}

/// Copies the current value of each path. Another value is replaced only where `replaceable` says so.
pub(super) async fn copy(
    from: &dyn SecretStore,
    to: &dyn SecretStore,
    paths: &BTreeSet<SecretPath>,
    replaceable: impl Fn(&SecretPath) -> bool,
) -> Result<Copied, AppError> {
    let mut copied = Copied::default();
    for path in paths {
        // Whoever deleted it since the listing has the last word.
        let Some(source) = from.read(path).await? else { continue };
        let cas = match to.read(path).await? {
            Some(there) if is_same(&there.value, &source.value) => {
                copied.present += 1;
                continue;
            }
            Some(_) if !replaceable(path) => return Err(occupied(path, to)),
            Some(there) => Cas::Current(there.version),
            None => Cas::MustNotExist,
        };
        to.write(path, source.value, cas).await?;
        copied.written += 1;
    }
    Ok(copied)
}

/// Reads everything back from both stores.
pub(super) async fn verify(
    from: &dyn SecretStore,
    to: &dyn SecretStore,
    copied: &BTreeSet<SecretPath>,
) -> Result<(), AppError> {
    if paths(from).await? != *copied {
        return Err(changed());
    }
    for path in copied {
        let (Some(source), Some(target)) = (from.read(path).await?, to.read(path).await?) else {
            return Err(changed());
        };
        if !is_same(&source.value, &target.value) {
            return Err(changed());
        }
    }
    Ok(())
}

fn is_same(a: &Secret, b: &Secret) -> bool {
    let same = |((a, x), (b, y)): ((&str, &secrecy::SecretString), _)| {
        a == b && x.expose_secret() == ExposeSecret::expose_secret(y)
    };
    a.fields().len() == b.fields().len() && a.fields().zip(b.fields()).all(same)
}

fn occupied(path: &SecretPath, store: &dyn SecretStore) -> AppError {
    let store = store.describe();
    AppError::Usage(format!(
        "{} holds another value of {path} already, which nothing says is a copy of ours; add --overwrite to replace it, or choose another \
         place. Nothing was switched over",
        store.location
    ))
}

fn changed() -> AppError {
    AppError::Busy(
        "the credentials were changed by another machine while they were copied; nothing was switched over, run it again".to_owned(),
    )
}
