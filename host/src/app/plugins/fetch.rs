//! Getting a component from where it is, with its signature.

use std::io;
use std::path::{Path, PathBuf};

use crate::app::AppError;
use crate::plugin::component::MAX_COMPONENT;
use crate::plugin::digest::Digest;
use crate::plugin::lock;
use crate::plugin::signature::{self, MAX_FILE};
use crate::plugin::source::Source;
use crate::registry::{DockerConfig, Reference, Registry};

/// A component as it came. Nothing of it is believed yet, but that it is what the source has.
pub(super) struct Fetched {
    /// Where it came from, as it is recorded.
    pub source: Source,
    /// Digest of the registry's manifest, where it came from one.
    pub manifest: Option<Digest>,
    /// The file as it came.
    pub bytes: Vec<u8>,
    /// Its signature, not checked.
    pub signature: Option<String>,
}

/// Gets a component. `signature` names the file of its signature; otherwise that is beside the file, or in the manifest.
///
/// # Errors
/// [`AppError::NotInstallable`] of a file, [`AppError::Registry`].
pub(super) async fn fetch(source: &Source, signature: Option<&Path>) -> Result<Fetched, AppError> {
    let named = signature.map(named).transpose()?;
    let fetched = match source {
        Source::File(path) => file(path)?,
        Source::Registry(reference) => {
            let mut registry = Registry::open(reference, DockerConfig::from_env()).await?;
            pull(&mut registry, reference).await?
        }
    };
    Ok(Fetched { signature: named.or(fetched.signature), ..fetched })
}

/// Gets a component from a registry.
///
/// # Errors
/// [`AppError::Registry`].
pub(super) async fn pull(registry: &mut Registry, reference: &Reference) -> Result<Fetched, AppError> {
    let (digest, manifest) = registry.manifest(reference).await?;
    let bytes = registry.component(&manifest).await?;
    let source = Source::Registry(reference.unpinned());
    Ok(Fetched { source, manifest: Some(digest), bytes, signature: manifest.signature })
}

fn file(path: &Path) -> Result<Fetched, AppError> {
    let shown = path.display().to_string();
    let bytes = lock::read_bounded(path, MAX_COMPONENT as u64)
        .map_err(|e| AppError::NotInstallable(shown.clone(), format!("it cannot be read: {e}")))?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(signature::SUFFIX);
    let signature = match lock::read_bounded(Path::new(&beside), MAX_FILE) {
        Ok(text) => Some(String::from_utf8_lossy(&text).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            let beside = PathBuf::from(beside).display().to_string();
            return Err(AppError::NotInstallable(shown, format!("its signature {beside} cannot be read: {error}")));
        }
    };
    let source = Source::File(path.to_owned()).absolute();
    Ok(Fetched { source, manifest: None, bytes, signature })
}

/// A signature in a file that the person named.
pub(super) fn named(path: &Path) -> Result<String, AppError> {
    let read = lock::read_bounded(path, MAX_FILE);
    let text = read.map_err(|e| AppError::Usage(format!("--signature {} cannot be read: {e}", path.display())))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
