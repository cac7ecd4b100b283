//! `plugins.lock`: which plugins are installed, by which digests, and what each was granted.
//!
//! It is JSON that a person can read. It is written whole, beside its place and moved there, by one process at a time; a file that cannot be
//! understood is never written over.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

pub use super::bounded::{read_bounded, read_plain};
use super::component::World;
use super::described::Described;
use super::digest::Digest;
use super::grant;
use super::signature::Key;
use super::source::Source;
use super::wishes::Wishes;
use crate::durable;

/// The version of the format that is written. A later one is not read. The first had neither keys nor registries, the second neither filters,
/// scorers nor descriptions; both read as they are.
const VERSION: u32 = 3;

/// Largest lock file that is read and written, in bytes: thousands of plugins, hundreds with the largest settings that there may be.
const LARGEST: u64 = 32 * 1024 * 1024;

/// How long the turn of another process is waited for. Nobody holds it while a person is asked.
const PATIENCE: Duration = Duration::from_secs(10);

/// Installed plugins by their ids.
pub type Entries = BTreeMap<String, Entry>;

/// An installed plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The plugin's own version.
    pub version: String,
    /// The world it fits.
    pub world: World,
    /// Where it came from: `file:/path` or `oci://...`.
    pub source: Source,
    /// SHA-256 of the registry's manifest, where it came from a registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_sha256: Option<Digest>,
    /// SHA-256 of the file as it came.
    pub source_sha256: Digest,
    /// SHA-256 of the component that is kept and run.
    pub component_sha256: Digest,
    /// The key that has signed the file as it came, and has to sign each later version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// When a person agreed, in seconds since 1970.
    pub granted_at: i64,
    /// To what.
    pub granted: Wishes,
    /// Hosts of its origins whose addresses need not be public.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub private_hosts: BTreeSet<String>,
    /// What is needed of it while it is not loaded. A record of an earlier version of this program lacks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub described: Option<Described>,
}

/// Why the lock file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// It cannot be read, written or made.
    #[error("{} cannot be {doing}: {why}; check its owner and permissions", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// `read`, `written`.
        doing: &'static str,
        /// What the system said.
        why: String,
    },
    /// It is not what this program writes.
    #[error(
        "{} is damaged: {why}; nothing of it was changed. Restore it from a backup, or move it away and install the plugins again",
        path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A later version of this program wrote it.
    #[error("{} was written by a later version of ghoststack (format {found}); use that version on this home", path.display())]
    Later {
        /// Which file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// It would be too large to be read again.
    #[error(
        "{} would be larger than {} MiB, and was not changed; remove plugins that are not used: `ghoststack prospector plugins remove`",
        path.display(), LARGEST >> 20
    )]
    Full {
        /// Which file.
        path: PathBuf,
    },
    /// Another process changes plugins.
    #[error("another process is installing or removing plugins; wait for it, then repeat the command")]
    Busy,
}

#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    plugins: Entries,
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// Reads the lock file; one that does not exist has no entries.
///
/// # Errors
/// See [`LockError`].
pub fn read(path: &Path) -> Result<Entries, LockError> {
    match read_plain(path, LARGEST) {
        Ok(bytes) => parse(path, &bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Entries::new()),
        Err(error) => Err(LockError::Io { path: path.to_owned(), doing: "read", why: error.to_string() }),
    }
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Entries, LockError> {
    let damaged = |why: String| LockError::Damaged { path: path.to_owned(), why };
    let Versioned { version } = serde_json::from_slice(bytes).map_err(|e| damaged(e.to_string()))?;
    if version > VERSION {
        return Err(LockError::Later { path: path.to_owned(), found: version });
    }
    let document: Document = serde_json::from_slice(bytes).map_err(|e| damaged(e.to_string()))?;
    match document.plugins.keys().find(|id| !grant::is_id(id)) {
        Some(id) => Err(damaged(format!("{:?} is not the id of a plugin", id.chars().take(40).collect::<String>()))),
        None => Ok(document.plugins),
    }
}

/// The turn of the one process that changes plugins, until it is dropped.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "the lock is held as long as the file is open")] File);

impl Turn {
    /// Waits for the turn.
    ///
    /// # Errors
    /// [`LockError::Busy`] after ten seconds.
    pub fn take(path: &Path) -> Result<Turn, LockError> {
        let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        let file = opened.map_err(|e| io_error(path, "opened", &e))?;
        let started = Instant::now();
        while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            if started.elapsed() > PATIENCE {
                return Err(LockError::Busy);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Turn(file))
    }

    /// Writes the lock file. That takes the turn, so that no other process's entry is lost.
    ///
    /// # Errors
    /// See [`LockError`].
    pub fn write(&self, path: &Path, entries: &Entries) -> Result<(), LockError> {
        let document = Document { version: VERSION, plugins: entries.clone() };
        let mut text = serde_json::to_string_pretty(&document).map_err(|e| LockError::Io {
            path: path.to_owned(),
            doing: "written",
            why: e.to_string(),
        })?;
        text.push('\n');
        if text.len() as u64 > LARGEST {
            return Err(LockError::Full { path: path.to_owned() });
        }
        replace(path, text.as_bytes())
    }
}

/// Puts a file (0600) in its place, so that a crash leaves the old one or the new one.
///
/// # Errors
/// [`LockError::Io`].
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), LockError> {
    durable::replace(path, bytes, durable::PRIVATE).map_err(|error| io_error(path, "written", &error))
}

fn io_error(path: &Path, doing: &'static str, error: &io::Error) -> LockError {
    LockError::Io { path: path.to_owned(), doing, why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::plugin::wishes::tests::sample;

    fn entry() -> Entry {
        Entry {
            version: "1.2.3".to_owned(),
            world: World::Platform,
            source: Source::File("/tmp/board.wasm".into()),
            manifest_sha256: None,
            source_sha256: Digest::of(b"module"),
            component_sha256: Digest::of(b"component"),
            key: None,
            granted_at: 7,
            granted: sample(),
            private_hosts: BTreeSet::from(["jobs.lan".to_owned()]),
            described: Some(Described { settings: "{}".to_owned(), content_retention: Some(86_400) }),
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_no_stray_file_is_left() {
        let folder = tempfile::tempdir().expect("a directory");
        let (path, guard) = (folder.path().join("plugins.lock"), folder.path().join(".lock"));
        assert_eq!(read(&path), Ok(Entries::new()));
        let entries = Entries::from([("board".to_owned(), entry())]);
        Turn::take(&guard).expect("the turn").write(&path, &entries).expect("written");
        assert_eq!(read(&path), Ok(entries));
        assert_eq!(fs::read_dir(folder.path()).expect("a directory").count(), 2);
    }

    #[test]
    fn those_who_write_at_once_lose_nothing_of_each_other() {
        let folder = tempfile::tempdir().expect("a directory");
        let (path, guard) = (folder.path().join("plugins.lock"), folder.path().join(".turn"));
        std::thread::scope(|scope| {
            for at in 0..16 {
                let (path, guard) = (&path, &guard);
                scope.spawn(move || {
                    let turn = Turn::take(guard).expect("the turn");
                    let mut entries = read(path).expect("whole");
                    entries.insert(format!("board-{at}"), entry());
                    turn.write(path, &entries).expect("written");
                });
            }
        });
        assert_eq!(read(&path).expect("whole").len(), 16);
    }

    #[test]
    fn what_is_not_understood_is_told_apart() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("plugins.lock");
        let good =
            serde_json::to_value(Document { version: VERSION, plugins: Entries::from([("board".into(), entry())]) });
        let good = good.expect("JSON");
        let renamed = |id: &str| good.to_string().replace("\"board\"", &format!("{id:?}"));
        for (text, said) in [
            (String::new(), "is damaged"),
            ("{}".to_owned(), "is damaged"),
            (good.to_string()[..200].to_owned(), "is damaged"),
            (good.to_string().replace("sha256:", "md5:"), "is damaged"),
            (good.to_string().replace("file:/", "ftp:/"), "is damaged"),
            (good.to_string().replace("\"schedule\"", "\"scedule\""), "is damaged"),
            (renamed("../board"), "is not the id of a plugin"),
            (renamed("Board"), "is not the id of a plugin"),
            (r#"{"version":4,"plugins":{"x":{"new":1}}}"#.to_owned(), "later version"),
        ] {
            fs::write(&path, &text).expect("a file");
            let error = read(&path).expect_err(&text).to_string();
            assert!(error.contains(said) && error.contains("plugins.lock"), "{text}: {error}");
        }
        fs::remove_file(&path).expect("there");
        std::os::unix::fs::symlink("/etc/passwd", &path).expect("a link");
        assert!(read(&path).expect_err("a link").to_string().contains("symbolic link"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_entries_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(Path::new("plugins.lock"), &bytes);
        }
    }
}
