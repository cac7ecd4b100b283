//! `backup` and `restore` of a home: one file, whole or not at all.
//!
//! ```text
//! backup:  lock, database (VACUUM INTO), components, templates ─► staging ─► digests ─► tar, gzip ─► FILE (0600, renamed into place)
//! restore: FILE ─► staging beside the home, bounded, each digest checked ─► database sound? credentials open? ─► exchange with the home
//! ```
//!
//! # Threat model
//!
//! An archive is read as if an enemy had made it: only the members of [`member`] are taken, plain files at known places, each with a bound,
//! and nothing of the home is touched before all of them are checked. The digests tell damage, and protect from nobody: who alters a file can
//! alter its digest. Credentials are in an archive only where they were asked for, and then encrypted under a passphrase together with the
//! digests of all else ([`sealed`]): such an archive cannot be altered without the passphrase.

mod archive;
mod error;
mod manifest;
mod member;
mod place;
mod restore;
mod sealed;
mod staging;

use std::fs;
use std::io;
use std::path::Path;

use secrecy::SecretString;

pub use error::BackupError;
pub use restore::{Restored, contains_credentials, restore};
pub use sealed::SHORTEST_PASSPHRASE;

use self::archive::Writer;
use self::manifest::{Entry, FORMAT, Manifest};
use self::staging::Staging;
use super::vault::Using;
use super::{Access, App, AppError};
use crate::clock::Clock;
use crate::config::Home;
use crate::plugin::{kept, lock};
use crate::store::SqliteStore;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Files in it.
    pub files: usize,
    /// Bytes of them, before compression.
    pub bytes: u64,
    /// Whether credentials are among them.
    pub credentials: bool,
    /// Files of the home that were left out, and why.
    pub left_out: Vec<String>,
}

/// Reads the credentials of the embedded vault, encrypted under a passphrase; they are then put into a backup by [`backup`].
pub struct WithCredentials<'a> {
    /// What knows the vault.
    pub app: &'a App,
    /// What they are encrypted under.
    pub passphrase: &'a SecretString,
}

/// Writes a backup of a home to a file, which others cannot read.
///
/// # Errors
/// [`BackupError`], the store's, the vault's. The file is then as it was.
pub async fn backup(
    home: &Home,
    clock: &dyn Clock,
    file: &Path,
    replace: bool,
    with: Option<WithCredentials<'_>>,
) -> Result<Made, AppError> {
    if !home.root().is_dir() {
        return Err(BackupError::NoHome { home: home.root().to_owned() }.into());
    }
    if !replace && file.symlink_metadata().is_ok() {
        return Err(BackupError::Exists { file: file.to_owned() }.into());
    }
    let staging = Staging::beside(file)?;
    let mut left_out = Vec::new();
    let mut files = gather(home, &staging, &mut left_out)?;
    let copy = staging.path().join(member::DATABASE);
    staging.make_room_for(member::DATABASE)?;
    if SqliteStore::copy(&home.store_db(), &copy).await? {
        files.push(staging.entry(member::DATABASE)?);
    }
    let credentials = with.is_some();
    if let Some(WithCredentials { app, passphrase }) = with {
        // Not while another process moves the secrets.
        let _using = Using::begin(app, Access::Read)?;
        let vault = app.vault();
        if vault.describe().backend != "embedded" {
            return Err(BackupError::ElsewhereKept { location: vault.describe().location }.into());
        }
        let sealed = sealed::seal(vault.as_ref(), passphrase, manifest::binding(&files)).await?;
        files.push(staging.put(member::SEALED, &sealed)?);
    }
    let made = Made { files: files.len(), bytes: files.iter().map(|entry| entry.bytes).sum(), credentials, left_out };
    let manifest = Manifest {
        format: FORMAT,
        ghoststack: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: clock.now(),
        credentials,
        files,
    };
    Writer::write(file, &manifest, &staging)?;
    Ok(made)
}

/// Copies configuration, plugins and templates of one moment into the staging folder.
fn gather(home: &Home, staging: &Staging, left_out: &mut Vec<String>) -> Result<Vec<Entry>, AppError> {
    // So that the record and the components belong together. Where nothing was ever installed there is no turn to take.
    let _turn = if home.plugins_dir().is_dir() { Some(kept::settled(home)?.0) } else { None };
    let mut names = vec![member::CONFIGURATION.to_owned(), member::LOCK.to_owned()];
    match lock::read(&home.plugins_lock()) {
        Ok(entries) => names.extend(entries.keys().map(|id| format!("plugins/{id}.wasm"))),
        Err(error) => left_out.push(format!("installed components: {error}")),
    }
    templates(home, &home.templates_dir(), &mut names, left_out);
    let mut files = Vec::new();
    for name in names {
        let Some(most) = member::bound(&name) else {
            left_out.push(format!("{name}: no name that a backup takes"));
            continue;
        };
        let path = home.root().join(&name);
        match lock::read_bounded(&path, most) {
            Ok(bytes) => files.push(staging.put(&name, &bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(BackupError::io(&path, "read", &error).into()),
        }
    }
    Ok(files)
}

fn templates(home: &Home, folder: &Path, names: &mut Vec<String>, left_out: &mut Vec<String>) {
    let mut entries: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().collect();
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let name = path.strip_prefix(home.root()).unwrap_or(&path).to_string_lossy().into_owned();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && name.split('/').count() < member::DEEPEST => {
                templates(home, &path, names, left_out);
            }
            Ok(kind) if kind.is_file() => names.push(name),
            _ => left_out.push(format!("{name}: neither a plain file nor a folder that a backup takes")),
        }
    }
}
