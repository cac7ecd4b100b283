//! Putting a backup in the place of a home.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use secrecy::SecretString;

use super::archive::Reader;
use super::error::BackupError;
use super::manifest::binding;
use super::place::put_in_place;
use super::staging::Staging;
use super::{member, sealed};
use crate::app::{AppError, Installation};
use crate::clock::Clock;
use crate::config::Home;
use crate::plugin::lock;
use crate::store::SqliteStore;

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Files.
    pub files: usize,
    /// When the backup was made, in seconds since 1970.
    pub created_at: i64,
    /// The version of the program that made it.
    pub version: String,
    /// Credentials, where they were restored.
    pub credentials: Option<usize>,
    /// Where the former home is now, if there was one.
    pub before: Option<PathBuf>,
}

/// Whether a backup says that it holds credentials, so that the passphrase may be asked for before anything is done.
///
/// # Errors
/// [`BackupError`].
pub fn contains_credentials(file: &Path) -> Result<bool, AppError> {
    Ok(Reader::open(file)?.manifest()?.credentials)
}

/// Restores a backup: all of it is checked before the home is touched. A passphrase has the credentials restored too.
///
/// # Errors
/// [`BackupError`], the store's, the vault's. The home is then as it was.
pub async fn restore(
    home: &Home,
    clock: &dyn Clock,
    file: &Path,
    replace: bool,
    passphrase: Option<&SecretString>,
) -> Result<Restored, AppError> {
    let root = real(home)?;
    let is_there = !is_empty(&root)?;
    if is_there && !replace {
        return Err(BackupError::NotEmpty { home: root }.into());
    }
    let reader = Reader::open(file)?;
    if let Some(folder) = root.parent() {
        home.ensure_dir(folder)?;
    }
    let staging = Staging::beside(&root)?;
    let manifest = reader.extract(&staging)?;
    let staged = Home::at(staging.path());
    if staged.store_db().exists() {
        SqliteStore::take_up(&staged.store_db()).await?;
    }
    let credentials = match passphrase.filter(|_| manifest.credentials) {
        Some(passphrase) => Some(unseal(file, &staging, &staged, binding(&manifest.files), passphrase).await?),
        None => None,
    };
    if manifest.credentials {
        staging.remove(member::SEALED)?;
    }
    refuse_if_in_use(&root)?;
    let before = put_in_place(staging, &root, is_there, clock.now())?;
    Ok(Restored {
        files: manifest.files.len(),
        created_at: manifest.created_at,
        version: manifest.ghoststack,
        credentials,
        before,
    })
}

/// Decrypts the credentials, and puts them into the vault that the restored configuration chooses.
async fn unseal(
    file: &Path,
    staging: &Staging,
    staged: &Home,
    binding: crate::plugin::digest::Digest,
    passphrase: &SecretString,
) -> Result<usize, AppError> {
    let path = staging.path().join(member::SEALED);
    let most = member::bound(member::SEALED).unwrap_or(0);
    let bytes = lock::read_plain(&path, most).map_err(|error| BackupError::io(&path, "read", &error))?;
    let secrets = sealed::open(&bytes, passphrase, binding)
        .ok_or_else(|| BackupError::WrongPassphrase { file: file.to_owned() })?;
    let app = Installation::open(staged.clone()).await?.configured()?;
    let vault = app.vault();
    if vault.describe().backend != "embedded" {
        return Err(BackupError::ElsewhereKept { location: vault.describe().location }.into());
    }
    sealed::pour(vault.as_ref(), secrets).await
}

/// Where the home really is: a link to it stays, and leads to the restored one.
fn real(home: &Home) -> Result<PathBuf, BackupError> {
    match fs::canonicalize(home.root()) {
        Ok(real) => Ok(real),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(home.root().to_owned()),
        Err(error) => Err(BackupError::io(home.root(), "found", &error)),
    }
}

/// Whether nothing is there, or an empty folder.
fn is_empty(root: &Path) -> Result<bool, BackupError> {
    match fs::read_dir(root) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(BackupError::io(root, "read", &error)),
    }
}

/// What is under way would go on in the former home, and what it stores (postings, a new refresh token) would be lost.
fn refuse_if_in_use(root: &Path) -> Result<(), BackupError> {
    let home = Home::at(root);
    let held = |path: &Path| {
        File::open(path).is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_err())
    };
    let entries = fs::read_dir(home.data_dir()).into_iter().flatten().flatten();
    let scans = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("scan-") && name.ends_with(".lock")
    });
    for scan in scans {
        if held(&scan) {
            return Err(BackupError::InUse { what: "a scan".to_owned() });
        }
    }
    if held(&home.plugins_turn()) {
        return Err(BackupError::InUse { what: "an installation of a plugin".to_owned() });
    }
    if held(&home.vault_lock()) {
        return Err(BackupError::InUse { what: "a command that uses the credentials".to_owned() });
    }
    Ok(())
}
