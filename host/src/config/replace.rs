//! The home's own file, read to be replaced: wholly or not at all, and only if nobody else has changed it meanwhile.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::Mode;
use serde_json::Value;

use super::edit::{self, Change, Uneditable};
use super::secret;
use super::{ConfigErrors, Home, HomeError, Overrides, PlatformSchema, validate};
use crate::durable;

/// Why the file was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// Somebody else has written it.
    #[error("{} was changed by another program meanwhile, so it was left as it is; run the command again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The directory could not be made.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// It could not be read or written.
    #[error("cannot replace {}: {source}; check the directory's permissions and free space", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// `prospector.yaml` as it was when it was read.
#[derive(Debug, Clone)]
pub struct OwnFile {
    path: PathBuf,
    /// None while there is no file.
    bytes: Option<Vec<u8>>,
}

impl OwnFile {
    /// Reads it. A file that does not exist is an empty one.
    ///
    /// # Errors
    /// Where it is there and cannot be read.
    pub fn read(home: &Home) -> Result<OwnFile, ReplaceError> {
        let path = home.config_file();
        let bytes = read(&path).map_err(|source| ReplaceError::Io { path: path.clone(), source })?;
        Ok(OwnFile { path, bytes })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it holds; nothing if it is not there.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_deref().unwrap_or_default()
    }

    /// Whether it is there.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.bytes.is_some()
    }

    /// A section as the file has it, without defaults and without what the environment says; null if it is not there.
    ///
    /// # Errors
    /// Everything that is wrong with the file.
    pub fn section(&self, key: &str, platforms: &[PlatformSchema<'_>]) -> Result<Value, ConfigErrors> {
        self.check(self.bytes(), platforms)?;
        let text = String::from_utf8_lossy(self.bytes());
        let (document, _) = super::document::parse(text.trim_start_matches('\u{feff}'));
        Ok(document.and_then(|mut document| Some(document.value.get_mut(key)?.take())).unwrap_or_default())
    }

    /// The text with changes made.
    ///
    /// # Errors
    /// See [`edit::edit`].
    pub fn edited(&self, changes: &[Change]) -> Result<String, Uneditable> {
        edit::edit(&String::from_utf8_lossy(self.bytes()), changes)
    }

    /// Its text, unless a line of it looks as if it held a secret: that is shown to nobody.
    #[must_use]
    pub fn showable(&self) -> Option<&str> {
        let text = std::str::from_utf8(self.bytes()).ok()?;
        text.lines().eq(secret::redacted(text)).then_some(text)
    }

    /// Checks what is to take its place, under its name.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(&self, bytes: &[u8], platforms: &[PlatformSchema<'_>]) -> Result<(), ConfigErrors> {
        validate(&self.path.display().to_string(), bytes, platforms, &Overrides::filling()).map(drop)
    }

    /// Replaces it: at every moment its name leads to a whole file, old or new. Its permissions are kept, and a link to it stays one; a
    /// new one is for its owner alone.
    ///
    /// # Errors
    /// Where it was changed since it was read, or cannot be written.
    pub fn replace(&self, home: &Home, bytes: &[u8]) -> Result<(), ReplaceError> {
        home.ensure_dir(home.root())?;
        let failed = |source| ReplaceError::Io { path: self.path.clone(), source };
        let target = if self.exists() { fs::canonicalize(&self.path).map_err(failed)? } else { self.path.clone() };
        if read(&target).map_err(failed)? != self.bytes {
            return Err(ReplaceError::Changed { path: self.path.clone() });
        }
        let mode = match fs::metadata(&target) {
            Ok(old) => Mode::from_raw_mode(old.permissions().mode() & 0o7777),
            Err(_) => durable::PRIVATE,
        };
        durable::replace(&target, bytes, mode).map_err(failed)
    }
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        _ => super::read_bounded(path).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(text: Option<&str>) -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("home"));
        if let Some(text) = text {
            fs::create_dir(home.root()).unwrap();
            fs::write(home.config_file(), text).unwrap();
        }
        (folder, home)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn names(home: &Home) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(home.root()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_is_for_its_owner_alone_and_an_old_one_keeps_its_permissions() {
        let (_folder, home) = home(None);
        OwnFile::read(&home).unwrap().replace(&home, b"profile:\n").unwrap();
        assert_eq!(mode(&home.config_file()), 0o600);
        fs::set_permissions(home.config_file(), fs::Permissions::from_mode(0o640)).unwrap();
        OwnFile::read(&home).unwrap().replace(&home, b"# new\n").unwrap();
        assert_eq!((mode(&home.config_file()), names(&home)), (0o640, vec!["prospector.yaml".to_owned()]));
        assert_eq!(fs::read(home.config_file()).unwrap(), b"# new\n");
    }

    #[test]
    fn a_link_stays_a_link_and_what_it_leads_to_is_replaced() {
        let (folder, home) = home(Some(""));
        let elsewhere = folder.path().join("dotfiles.yaml");
        fs::write(&elsewhere, "# old\n").unwrap();
        fs::remove_file(home.config_file()).unwrap();
        std::os::unix::fs::symlink(&elsewhere, home.config_file()).unwrap();
        OwnFile::read(&home).unwrap().replace(&home, b"# new\n").unwrap();
        assert!(home.config_file().is_symlink());
        assert_eq!(fs::read(&elsewhere).unwrap(), b"# new\n");
    }

    #[test]
    fn what_somebody_else_wrote_meanwhile_is_not_overwritten() {
        for before in [None, Some("# mine\n")] {
            let (_folder, home) = home(before);
            let file = OwnFile::read(&home).unwrap();
            fs::create_dir_all(home.root()).unwrap();
            fs::write(home.config_file(), "# theirs\n").unwrap();
            assert!(matches!(file.replace(&home, b"# new\n"), Err(ReplaceError::Changed { .. })));
            assert_eq!(fs::read(home.config_file()).unwrap(), b"# theirs\n");
            assert_eq!(names(&home), ["prospector.yaml"]);
        }
    }
}
