//! The store's directory, and the only place that touches its files.
//!
//! Threat: another user who plants a link, a pipe or a file of their own where ours belong, or reads
//! ours. Everything is opened relative to one descriptor of the directory, never through a link, and
//! checked on the open descriptor (kind, owner, mode), so nothing can be exchanged between check and
//! use. Nothing here knows what the files mean.
//!
//! Files are replaced by [`crate::durable`], wholly or not at all.

use std::fs::{DirBuilder, File};
use std::io::{ErrorKind, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, openat, statat};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::error::EmbeddedError;
use crate::durable::fault::{Step, reach};
use crate::durable::{self, Failed};

/// An open, checked directory.
pub(super) struct Directory {
    fd: OwnedFd,
    path: PathBuf,
}

impl Directory {
    /// Opens and checks the directory; `None` when there is nothing at `path`.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, EmbeddedError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = match openat(CWD, path, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::NOTDIR) => {
                let is_link = statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW)
                    .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink);
                let path = path.to_owned();
                return Err(if is_link {
                    EmbeddedError::Symlink { path }
                } else {
                    EmbeddedError::NotADirectory { path }
                });
            }
            Err(errno) => return Err(EmbeddedError::from_errno("open", path, errno)),
        };
        let stat = fstat(&fd).map_err(|errno| EmbeddedError::from_errno("examine", path, errno))?;
        check_private(path, &stat, 0o700)?;
        Ok(Some(Self { fd, path: path.to_owned() }))
    }

    /// Opens the directory, creating it and its missing parents with mode 0700.
    pub(super) fn open_or_create(path: &Path) -> Result<Self, EmbeddedError> {
        if let Some(directory) = Self::open(path)? {
            return Ok(directory);
        }
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| match error.kind() {
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                EmbeddedError::NotADirectory { path: path.to_owned() }
            }
            _ => io_error("create", path, error),
        })?;
        // Without this a power cut could forget the directory together with a confirmed first secret.
        if let Some(parent) = path.parent().and_then(|parent| File::open(parent).ok()) {
            let _ = parent.sync_all();
        }
        Self::open(path)?.ok_or_else(|| EmbeddedError::from_errno("open", path, Errno::NOENT))
    }

    /// Where a file of this directory is, for messages.
    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The whole file, from one descriptor and therefore from one moment; `None` when it is absent.
    ///
    /// The bytes are zeroized when dropped. A file over `limit` bytes is refused unread.
    pub(super) fn read(&self, name: &str, limit: u64) -> Result<Option<Zeroizing<Vec<u8>>>, EmbeddedError> {
        let Some((mut file, size)) = self.open_file(name, OFlags::RDONLY)? else {
            return Ok(None);
        };
        let path = || self.path_of(name);
        let size = match usize::try_from(size) {
            Ok(bytes) if size <= limit => bytes,
            _ => {
                return Err(EmbeddedError::TooLarge { path: path(), limit });
            }
        };
        let mut bytes = Zeroizing::new(vec![0; size]);
        let mut filled = 0;
        while filled < size {
            match file.read(&mut bytes[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(io_error("read", &path(), error)),
            }
        }
        bytes.truncate(filled);
        Ok(Some(bytes))
    }

    /// Opens a file of ours for reading and writing, creating it empty with mode 0600.
    pub(super) fn open_or_create_file(&self, name: &str) -> Result<File, EmbeddedError> {
        reach(Step::OpenLock).map_err(|errno| EmbeddedError::from_errno("open", &self.path_of(name), errno))?;
        match self.open_file(name, OFlags::RDWR | OFlags::CREATE)? {
            Some((file, _)) => Ok(file),
            None => Err(EmbeddedError::from_errno("create", &self.path_of(name), Errno::NOENT)),
        }
    }

    /// Whether `name` still leads to the open `file`.
    pub(super) fn still_names(&self, name: &str, file: &File) -> bool {
        match (statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW), fstat(file)) {
            (Ok(named), Ok(open)) => (named.st_dev, named.st_ino) == (open.st_dev, open.st_ino),
            _ => false,
        }
    }

    /// Puts `bytes` in the place of the file, wholly or not at all.
    ///
    /// On any error but [`EmbeddedError::Unconfirmed`] the old file is untouched. The caller holds the
    /// store's lock.
    pub(super) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), EmbeddedError> {
        // A message about the temporary name would point at a file that is gone when it is read.
        durable::replace_in(&self.fd, name, bytes, durable::PRIVATE).map_err(|failed| match failed {
            Failed::Before(action, error) => io_error(action, &self.path_of(name), error),
            Failed::Unconfirmed(source) => EmbeddedError::Unconfirmed { path: self.path_of(name), source },
        })
    }

    /// Removes what a process that died inside [`Self::replace`] has left.
    ///
    /// The caller holds the store's lock: without it the temporary file of a live writer would go.
    pub(super) fn remove_leftovers(&self, of: &[&str]) {
        for name in durable::remove_leftovers(&self.fd, of) {
            tracing::warn!(file = name, "removed what an interrupted write of the secret store had left");
        }
    }

    /// Opens a regular, private file of ours with its size in bytes; `None` when it is absent.
    fn open_file(&self, name: &str, flags: OFlags) -> Result<Option<(File, u64)>, EmbeddedError> {
        let path = self.path_of(name);
        // NONBLOCK: opening a pipe that somebody planted must not wait for its other end.
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = match openat(&self.fd, name, flags, Mode::RUSR | Mode::WUSR) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::ISDIR | Errno::NXIO) => return Err(EmbeddedError::NotARegularFile { path }),
            Err(errno) => return Err(EmbeddedError::from_errno("open", &path, errno)),
        };
        let stat = fstat(&fd).map_err(|errno| EmbeddedError::from_errno("examine", &path, errno))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(EmbeddedError::NotARegularFile { path });
        }
        check_private(&path, &stat, 0o600)?;
        Ok(Some((File::from(fd), u64::try_from(stat.st_size).unwrap_or(0))))
    }
}

fn check_private(path: &Path, stat: &Stat, wanted: u32) -> Result<(), EmbeddedError> {
    let user = rustix::process::geteuid().as_raw();
    if stat.st_uid != user {
        return Err(EmbeddedError::WrongOwner { path: path.to_owned(), owner: stat.st_uid, user });
    }
    let mode = Mode::from_raw_mode(stat.st_mode);
    if mode.intersects(Mode::RWXG | Mode::RWXO) {
        return Err(EmbeddedError::TooOpen { path: path.to_owned(), mode: mode.bits() & 0o777, wanted });
    }
    Ok(())
}

fn io_error(action: &'static str, path: &Path, error: std::io::Error) -> EmbeddedError {
    match Errno::from_io_error(&error) {
        Some(errno) => EmbeddedError::from_errno(action, path, errno),
        None => EmbeddedError::Io { action, path: path.to_owned(), source: error },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_another_user_is_refused_by_name() {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let directory = Directory::open_or_create(&temporary.path().join("vault")).expect("creates");
        let mut stat = fstat(&directory.fd).expect("is open");
        check_private(&directory.path, &stat, 0o700).expect("is ours");
        stat.st_uid ^= 1;
        let error = check_private(&directory.path, &stat, 0o700).expect_err("is another's");
        let EmbeddedError::WrongOwner { owner, user, .. } = &error else { panic!("{error}") };
        assert_eq!(*owner ^ 1, *user);
        assert!(error.to_string().ends_with(&format!("chown {user} {}", directory.path.display())), "{error}");
    }

    #[test]
    fn the_limit_of_a_read_is_exact() {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let directory = Directory::open_or_create(&temporary.path().join("vault")).expect("creates");
        directory.replace("file", b"12345").expect("writes");
        assert_eq!(directory.read("file", 5).expect("fits").expect("is there").as_slice(), b"12345");
        assert!(matches!(directory.read("file", 4), Err(EmbeddedError::TooLarge { limit: 4, .. })));
        assert!(directory.read("absent", 5).expect("reads").is_none());
    }
}
