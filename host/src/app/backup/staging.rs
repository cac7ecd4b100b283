//! A folder beside where something is to be, in which it is made ready; gone when it is dropped.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::BackupError;
use super::manifest::Entry;
use crate::plugin::digest::Digest;

/// A folder of mode 0700.
#[derive(Debug)]
pub struct Staging(PathBuf);

impl Staging {
    /// Makes one in the folder that `path` is in, so that it can be moved there.
    pub fn beside(path: &Path) -> Result<Staging, BackupError> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let random = getrandom::u64().map_err(|_| BackupError::NoRandomness)?;
        let made = folder.join(format!(".{name}.{random:016x}.tmp"));
        DirBuilder::new().mode(0o700).create(&made).map_err(|error| BackupError::io(folder, "written to", &error))?;
        Ok(Staging(made))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Gives the folder away: it is not removed.
    pub fn keep(mut self) -> PathBuf {
        std::mem::take(&mut self.0)
    }

    /// Makes the folders that a file is to be in.
    pub fn make_room_for(&self, name: &str) -> Result<PathBuf, BackupError> {
        let path = self.0.join(name);
        let folder = path.parent().unwrap_or(&self.0);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| BackupError::io(folder, "made", &error))?;
        Ok(path)
    }

    /// Writes a file, which must be new.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<Entry, BackupError> {
        self.take_in(name, &mut &*bytes)
    }

    /// Writes what is read to its end, into a file that must be new.
    pub fn take_in(&self, name: &str, from: &mut dyn Read) -> Result<Entry, BackupError> {
        let path = self.make_room_for(name)?;
        let failed = |error: io::Error| BackupError::io(&path, "written", &error);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(failed)?;
        let (sha256, bytes) = Digest::while_copying(from, &mut file).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        Ok(Entry { path: name.to_owned(), bytes, sha256 })
    }

    /// The entry of a file that is there.
    pub fn entry(&self, name: &str) -> Result<Entry, BackupError> {
        let path = self.0.join(name);
        let failed = |error: io::Error| BackupError::io(&path, "read", &error);
        let mut file = File::open(&path).map_err(failed)?;
        let (sha256, bytes) = Digest::while_copying(&mut file, &mut io::sink()).map_err(failed)?;
        Ok(Entry { path: name.to_owned(), bytes, sha256 })
    }

    /// Removes a file.
    pub fn remove(&self, name: &str) -> Result<(), BackupError> {
        let path = self.0.join(name);
        fs::remove_file(&path).map_err(|error| BackupError::io(&path, "removed", &error))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Where it was moved to its place there is nothing left; otherwise it is of no use to anybody.
        if !self.0.as_os_str().is_empty() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// A file that is written in a staging folder, and moved to its place when it is whole.
pub fn finish(file: File, from: &Path, to: &Path) -> Result<(), BackupError> {
    let failed = |error: io::Error| BackupError::io(to, "written", &error);
    let mut file = file;
    file.flush().and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(from, to).map_err(failed)?;
    flush_folder_of(to);
    Ok(())
}

/// Has the system write down what was moved in a folder; some cannot, and order moves by themselves.
pub fn flush_folder_of(path: &Path) {
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
}
