//! What the vault file holds once decrypted: paths with their versions. Pure: no file, no clock.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::vault::{Cas, MAX_VERSIONS, Metadata, Secret, SecretPath, Version, VersionInfo, Versioned};

/// All secrets of a store.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) entries: BTreeMap<SecretPath, Entry>,
}

/// One path.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) created_at: Timestamp,
    /// Ascending, without gaps; never empty, at most [`MAX_VERSIONS`].
    pub(super) versions: Vec<Versioned>,
}

/// A write met another version than it demanded.
#[derive(Debug)]
pub(super) struct Mismatch {
    pub(super) current: Option<Version>,
}

impl Entry {
    fn current(&self) -> &Versioned {
        self.versions.last().expect("an entry always has a version")
    }
}

impl Document {
    /// Takes one version out (the current one when `None`); the document is done with afterwards.
    pub(super) fn into_version(mut self, path: &SecretPath, version: Option<Version>) -> Option<Versioned> {
        let mut entry = self.entries.remove(path)?;
        match version {
            None => entry.versions.pop(),
            Some(wanted) => {
                let index = entry.versions.iter().position(|kept| kept.version == wanted)?;
                Some(entry.versions.swap_remove(index))
            }
        }
    }

    /// Adds a version when `cas` permits, and drops the oldest beyond [`MAX_VERSIONS`].
    pub(super) fn write(
        &mut self,
        path: &SecretPath,
        value: Secret,
        cas: Cas,
        now: Timestamp,
    ) -> Result<Version, Mismatch> {
        let current = self.entries.get(path).map(|entry| entry.current().version);
        if !cas.permits(current) {
            return Err(Mismatch { current });
        }
        let version = current.map_or(Version::FIRST, Version::next);
        let entry = self
            .entries
            .entry(path.clone())
            .or_insert_with(|| Entry { created_at: now, versions: Vec::with_capacity(1) });
        if entry.versions.len() == MAX_VERSIONS {
            entry.versions.remove(0);
        }
        entry.versions.push(Versioned { value, version, created_at: now });
        Ok(version)
    }

    /// Removes a path with its versions; whether there was one.
    pub(super) fn delete(&mut self, path: &SecretPath) -> bool {
        self.entries.remove(path).is_some()
    }

    /// The paths strictly beneath `under`, sorted.
    pub(super) fn list(&self, under: Option<&SecretPath>) -> Vec<SecretPath> {
        self.entries.keys().filter(|path| under.is_none_or(|under| path.is_beneath(under))).cloned().collect()
    }

    /// What is known of a path.
    pub(super) fn metadata(&self, path: &SecretPath) -> Option<Metadata> {
        let info = |kept: &Versioned| VersionInfo { version: kept.version, created_at: kept.created_at };
        let entry = self.entries.get(path)?;
        Some(Metadata {
            created_at: entry.created_at,
            current: info(entry.current()),
            versions: entry.versions.iter().map(info).collect(),
        })
    }
}
