//! What a migration has done, so that it can be resumed, and what it left behind.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use crate::app::AppError;
use crate::config::Home;
use crate::durable;
use crate::vault::{Description, SecretPath};

/// The most bytes of a journal: every path that a store may have, at its longest.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// A store, as far as a journal must know it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its backend.
    pub backend: String,
    /// Where it is.
    pub location: String,
}

impl From<&Description> for Place {
    fn from(store: &Description) -> Self {
        Self { backend: store.backend.to_owned(), location: store.location.clone() }
    }
}

/// How far a migration has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// The old store is in force.
    Copying,
    /// The new store is in force, and the old one still holds its copies.
    Moved,
}

/// The last migration of a home.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    pub(super) stage: Stage,
    pub(super) from: Place,
    pub(super) to: Place,
    /// What was copied, or is about to be.
    paths: BTreeSet<String>,
}

impl Journal {
    pub(super) fn begin(from: Place, to: Place, paths: &BTreeSet<SecretPath>) -> Self {
        let paths = paths.iter().map(ToString::to_string).collect();
        Self { stage: Stage::Copying, from, to, paths }
    }

    /// What was copied, or is about to be.
    pub(super) fn paths(&self) -> BTreeSet<SecretPath> {
        self.paths.iter().filter_map(|path| SecretPath::parse(path).ok()).collect()
    }

    /// The journal of a home; none where nothing was ever moved.
    pub(super) fn read(home: &Home) -> Result<Option<Self>, AppError> {
        let path = home.vault_migration();
        let mut text = String::new();
        match File::open(&path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text)) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(home, &error)),
        }
        serde_json::from_str(&text).map(Some).map_err(|error| failed(home, &error.into()))
    }

    /// Puts it in the place of the one before, wholly or not at all.
    pub(super) fn write(&self, home: &Home) -> Result<(), AppError> {
        let text = serde_json::to_vec_pretty(self).map_err(|error| failed(home, &error.into()))?;
        durable::replace(&home.vault_migration(), &text, durable::PRIVATE).map_err(|error| failed(home, &error))
    }

    /// Removes it.
    pub(super) fn remove(home: &Home) -> Result<(), AppError> {
        match fs::remove_file(home.vault_migration()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(home, &error)),
            _ => Ok(()),
        }
    }
}

fn failed(home: &Home, error: &io::Error) -> AppError {
    let path = home.vault_migration();
    AppError::Machine(format!(
        "{} cannot be used: {error}; check its permissions, or move it away (then no copy of an earlier migration is replaced or purged)",
        path.display()
    ))
}
