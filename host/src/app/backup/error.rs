//! Why there is no backup, or why it was not restored.

use std::io;
use std::path::{Path, PathBuf};

/// Why a backup was not made or not restored. A home is then as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file system.
    #[error("{} cannot be {doing}: {why}; check its owner, its permissions and the free space", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// `read`, `written`...
        doing: &'static str,
        /// What the system said.
        why: String,
    },
    /// There is nothing to back up.
    #[error("there is no home at {}; GHOSTSTACK_HOME names another", home.display())]
    NoHome {
        /// Where it should be.
        home: PathBuf,
    },
    /// The file is there already.
    #[error("{} exists already; name another file, or give --force to replace it", file.display())]
    Exists {
        /// Which.
        file: PathBuf,
    },
    /// Secrets are at a server.
    #[error("the credentials are kept at {location}, which has backups of its own; leave --with-credentials out")]
    ElsewhereKept {
        /// Where.
        location: String,
    },
    /// The passphrase is too short to protect anything.
    #[error("the passphrase must have {} characters at least", super::SHORTEST_PASSPHRASE)]
    ShortPassphrase,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers, without which nothing can be encrypted")]
    NoRandomness,
    /// A file of the archive does not fit one.
    #[error("{what} does not fit into a backup: {why}")]
    TooMuch {
        /// What.
        what: String,
        /// The bound.
        why: String,
    },
    /// It is no backup.
    #[error("{} is not a backup of ghoststack's: {why}", file.display())]
    NotABackup {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// It is damaged, or somebody has altered it.
    #[error("the backup {} is damaged or was altered: {why}; nothing of it was restored. Take another copy of it", file.display())]
    Damaged {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A later version wrote it.
    #[error("the backup {} was made by a later version of ghoststack (format {found}); restore it with that version", file.display())]
    Later {
        /// Which file.
        file: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The passphrase is another, or the archive was altered.
    #[error("the credentials of the backup {} cannot be decrypted: the passphrase is another one, or the backup was altered; nothing was restored. Without the passphrase, --without-credentials restores the rest", file.display())]
    WrongPassphrase {
        /// Which file.
        file: PathBuf,
    },
    /// The home holds something.
    #[error("the home {} is not empty; give --force to put the backup in its place (what is there is kept beside it)", home.display())]
    NotEmpty {
        /// Which.
        home: PathBuf,
    },
    /// Somebody works with the home.
    #[error("{what} is under way in the home; wait until it has ended, then repeat the command")]
    InUse {
        /// What.
        what: String,
    },
}

impl BackupError {
    pub(super) fn io(path: &Path, doing: &'static str, error: &io::Error) -> BackupError {
        BackupError::Io { path: path.to_owned(), doing, why: error.to_string() }
    }
}
