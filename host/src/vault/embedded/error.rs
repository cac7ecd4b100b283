//! What can be wrong with the embedded store's directory, files and lock, and the remedy for each.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::io::Errno;

use super::protection::KeySource;

/// Why the embedded store did not do what was asked.
///
/// Unless the text says otherwise, what was stored before is unchanged. Names paths and key ids
/// (which are hashes), never a secret.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Something other than a directory is where the store's directory belongs.
    #[error(
        "{} is not a directory, so secrets cannot be kept in it; move it away, or choose another \
        home",
        path.display()
    )]
    NotADirectory {
        /// What was found.
        path: PathBuf,
    },
    /// A file or the directory of the store is a symbolic link.
    #[error(
        "{} is a symbolic link, which could lead secrets elsewhere, and is not followed; replace \
        it by what it points to",
        path.display()
    )]
    Symlink {
        /// The link.
        path: PathBuf,
    },
    /// A device, pipe or directory is where a file of the store belongs.
    #[error(
        "{} is not a regular file; move it away and restore the file from a backup if there was \
        one",
        path.display()
    )]
    NotARegularFile {
        /// What was found.
        path: PathBuf,
    },
    /// Another user owns a file or the directory of the store.
    #[error(
        "{} belongs to user {owner}, but this program runs as user {user}; run it as the owner, \
        or run: chown {user} {}",
        path.display(), path.display()
    )]
    WrongOwner {
        /// The file or directory.
        path: PathBuf,
        /// Whose it is (numeric user id).
        owner: u32,
        /// Who we are (numeric effective user id).
        user: u32,
    },
    /// Other users may reach a file or the directory of the store.
    #[error(
        "{} is open to other users (mode {mode:03o}); its secrets may have been read. Close it \
        with: chmod {wanted:03o} {}",
        path.display(), path.display()
    )]
    TooOpen {
        /// The file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The bits that it should have.
        wanted: u32,
    },
    /// Another process held the lock all the while.
    #[error(
        "the secret store is being changed by another process{}: the lock {} was not free within \
        {waited:?}; wait for that process or end it, then try again",
        holder.map_or_else(String::new, |pid| format!(" (process {pid})")), path.display()
    )]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// How long we waited.
        waited: Duration,
        /// The process that took the lock last, as far as it is known.
        holder: Option<u32>,
    },
    /// The vault file does not begin like one.
    #[error(
        "{} is not a vault file; move it away, or restore the vault file from a backup",
        path.display()
    )]
    NotAVault {
        /// The file.
        path: PathBuf,
    },
    /// The vault file ends early.
    #[error(
        "the vault file {} is truncated: {found} of {expected} bytes are left; restore it from a \
        backup, or move it away and connect each platform again",
        path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The bytes that it should have, as far as they can be told.
        expected: u64,
        /// The bytes that it has.
        found: u64,
    },
    /// The vault file's authentication fails.
    #[error(
        "the vault file {} has been altered or damaged since it was written, and nothing in it \
        is trusted; restore it from a backup, or move it away and connect each platform again",
        path.display()
    )]
    Tampered {
        /// The file.
        path: PathBuf,
    },
    /// The vault file was written with another key.
    #[error(
        "the vault file {} was written with key {vault_key}, but {} holds key {found_key}; put \
        the key file that belongs to it back, or move both away and connect each platform again",
        path.display(), key_path.display()
    )]
    WrongKey {
        /// The vault file.
        path: PathBuf,
        /// The key file.
        key_path: PathBuf,
        /// The id of the key that the vault file names.
        vault_key: String,
        /// The id of the key that was found.
        found_key: String,
    },
    /// There is a vault file but no key.
    #[error(
        "the key file {} is missing, and the vault file {} cannot be read without it; put the \
        key file back from a backup, or move the vault file away and connect each platform again",
        path.display(), vault_path.display()
    )]
    KeyMissing {
        /// Where the key belongs.
        path: PathBuf,
        /// The vault file that needs it.
        vault_path: PathBuf,
    },
    /// The key file fails its checksum, or is no key file.
    #[error(
        "the key file {} is damaged or is not a key file; put it back from a backup, or move it \
        and the vault file away and connect each platform again",
        path.display()
    )]
    KeyDamaged {
        /// The key file.
        path: PathBuf,
    },
    /// The key is protected in another way than the configuration says.
    #[error(
        "the key file {} is protected by {found_name}, but vault.key says {configured_name}, and one is never taken for \
        the other; set vault.key: {found_name}, or change what protects it with: ghoststack prospector vault migrate \
        --to embedded --key {configured_name}",
        path.display(), found_name = found.name(), configured_name = configured.name()
    )]
    KeySource {
        /// The key file.
        path: PathBuf,
        /// What the configuration says.
        configured: KeySource,
        /// What the file says.
        found: KeySource,
    },
    /// There is no passphrase.
    #[error("the passphrase of the vault is needed: {why}")]
    NoPassphrase {
        /// What to do about it.
        why: String,
    },
    /// The passphrase opens nothing.
    #[error(
        "the passphrase does not open the key file {}: it is another one, or the file was altered; try again, or \
        restore the file from a backup",
        path.display()
    )]
    WrongPassphrase {
        /// The key file.
        path: PathBuf,
    },
    /// The keyring does not serve.
    #[error(
        "the keyring of this session cannot be used: {why}; log in to a desktop session whose keyring is unlocked, or \
        choose another protection with vault.key (file, passphrase)"
    )]
    Keyring {
        /// What it said.
        why: String,
    },
    /// The keyring has no such key.
    #[error(
        "the keyring of this session does not hold the key that {} names ({name}); unlock the keyring it was stored \
        in, or restore it from a backup",
        path.display()
    )]
    NotInKeyring {
        /// The key file.
        path: PathBuf,
        /// The name in the keyring.
        name: String,
    },
    /// The keyring holds another key under that name.
    #[error(
        "what the keyring holds under {name} is not the key that {} belongs to, or that file was altered; restore \
        either from a backup",
        path.display()
    )]
    WrongKeyringKey {
        /// The key file.
        path: PathBuf,
        /// The name in the keyring.
        name: String,
    },
    /// A newer program wrote the file.
    #[error(
        "{} has format {found}, but this program knows formats up to {supported}; update \
        ghoststack, then try again",
        path.display()
    )]
    NewerFormat {
        /// The vault or key file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format known here.
        supported: u32,
    },
    /// A file is larger than this program ever writes it.
    #[error(
        "{} is larger than {limit} bytes, so this program did not write it, and it is not read; \
        restore it from a backup",
        path.display()
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes that are read.
        limit: u64,
    },
    /// The vault file is authentic and yet makes no sense.
    #[error(
        "the vault file {} is authentic but cannot be understood ({problem}), which is a defect \
        of the program that wrote it; keep the file, report this, and restore the file from a \
        backup",
        path.display()
    )]
    Undecodable {
        /// The vault file.
        path: PathBuf,
        /// What was wrong, without any content.
        problem: &'static str,
    },
    /// The new secret would make the store exceed its bound.
    #[error(
        "the secret store in {} is full ({limit} {unit}); disconnect platforms or accounts that \
        are no longer used, then try again",
        path.display()
    )]
    Full {
        /// The store's directory.
        path: PathBuf,
        /// The bound that would be exceeded.
        limit: usize,
        /// What the bound counts.
        unit: &'static str,
    },
    /// The disk or the quota is full.
    #[error(
        "no space is left to write {}; free some space on that disk, then try again",
        path.display()
    )]
    DiskFull {
        /// What could not be written.
        path: PathBuf,
    },
    /// The file system is mounted read-only.
    #[error(
        "{} is on a read-only file system, so secrets cannot be stored; make it writable, or \
        point GHOSTSTACK_HOME elsewhere",
        path.display()
    )]
    ReadOnly {
        /// What could not be written.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error(
        "no permission to {action} {}; run as the owner of that directory, or give it back with \
        chown",
        path.display()
    )]
    Denied {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
    },
    /// The new vault file is in place, but the disk did not confirm it.
    #[error(
        "{} was written, but the disk did not confirm that the change survives a power cut \
        ({source}); check the disk, then try again",
        path.display()
    )]
    Unconfirmed {
        /// The file that was replaced.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Anything else that the operating system says.
    #[error(
        "could not {action} {}: {source}; check that disk and the file's permissions, then try \
        again",
        path.display()
    )]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The operating system gave no random bytes.
    #[error(
        "the operating system gave no random bytes, so nothing can be encrypted; check that \
        /dev/urandom can be read"
    )]
    NoRandomness,
}

impl EmbeddedError {
    /// Sorts a failed system call by what the person can do about it.
    pub(super) fn from_errno(action: &'static str, path: &Path, errno: Errno) -> Self {
        let path = path.to_owned();
        match errno {
            Errno::NOSPC | Errno::DQUOT | Errno::FBIG => Self::DiskFull { path },
            Errno::ROFS => Self::ReadOnly { path },
            Errno::ACCESS | Errno::PERM => Self::Denied { action, path },
            Errno::LOOP => Self::Symlink { path },
            other => Self::Io { action, path, source: other.into() },
        }
    }
}
