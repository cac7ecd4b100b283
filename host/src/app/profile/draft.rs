//! A copy of the configuration for the person's editor.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::app::{AppError, Installation};
use crate::config::{self, ConfigErrors, Overrides, OwnFile, template};

/// A copy beside the file, which stays when the program ends unless it has taken the file's place.
#[derive(Debug)]
pub struct Draft {
    file: OwnFile,
    path: PathBuf,
    before: Vec<u8>,
}

impl Draft {
    /// Copies the configuration, or what `config init` would write, to a file for its owner alone. The configuration may be wrong: this
    /// is how it is repaired.
    ///
    /// # Errors
    /// Where it cannot be read, or the copy not be written.
    pub fn make(installation: &Installation) -> Result<Draft, AppError> {
        let file = OwnFile::read(&installation.home)?;
        let before = match file.exists() {
            true => file.bytes().to_vec(),
            false => installation
                .with_schemas(template)
                .map_err(|problem| AppError::Plugin(format!("platform {}: {}", problem.path, problem.message)))?
                .into_bytes(),
        };
        installation.home.ensure_dir(installation.home.root())?;
        let path = installation.home.root().join(format!("prospector-draft-{}.yaml", std::process::id()));
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        made.and_then(|mut draft| draft.write_all(&before)).map_err(|e| unwritable(&path, &e))?;
        Ok(Draft { file, path, before })
    }

    /// Where the copy is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the configuration is.
    #[must_use]
    pub fn target(&self) -> &Path {
        self.file.path()
    }

    /// What the copy holds now; none if it is as it was made.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn changed(&self) -> Result<Option<Vec<u8>>, AppError> {
        let now = fs::read(&self.path)
            .map_err(|e| AppError::Machine(format!("the draft {} cannot be read: {e}", self.path.display())))?;
        Ok((now != self.before).then_some(now))
    }

    /// Checks what the copy holds, under its own name, so that places can be looked up in it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(&self, installation: &Installation, bytes: &[u8]) -> Result<(), ConfigErrors> {
        let name = self.path.display().to_string();
        installation.with_schemas(|schemas| config::validate(&name, bytes, schemas, &Overrides::none())).map(drop)
    }

    /// Puts it in the configuration's place, and removes the copy.
    ///
    /// # Errors
    /// Where the configuration was changed meanwhile, or cannot be written; the copy then stays.
    pub fn accept(self, installation: &Installation, bytes: &[u8]) -> Result<(), AppError> {
        self.file.replace(&installation.home, bytes)?;
        self.discard();
        Ok(())
    }

    /// Removes the copy.
    pub fn discard(self) {
        // Nothing is lost if it stays.
        let _ = fs::remove_file(&self.path);
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> AppError {
    AppError::Machine(format!(
        "the draft {} cannot be written: {error}; check the directory's permissions",
        path.display()
    ))
}
