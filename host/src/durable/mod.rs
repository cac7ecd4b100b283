//! Replacing a file, wholly or not at all: what is configured, installed and secret is written in this one way.
//!
//! A temporary file is written beside it, flushed, and renamed over it, and the folder is flushed: at every moment the name leads to a
//! whole file, old or new. Everything is done relative to one descriptor of the folder, so that nothing can be exchanged in between.

pub(crate) mod fault;

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, fchmod, fsync, openat, renameat, unlinkat};
use rustix::io::Errno;

use fault::{Step, reach};

/// For its owner alone.
pub(crate) const PRIVATE: Mode = Mode::RUSR.union(Mode::WUSR);

const TEMPORARY_SUFFIX: &str = ".tmp";

/// Why a file was not replaced for sure.
#[derive(Debug)]
pub(crate) enum Failed {
    /// It is as it was. What could not be done: `write`, `replace`.
    Before(&'static str, io::Error),
    /// The new one is there, but may be gone after a power cut.
    Unconfirmed(io::Error),
}

impl From<Failed> for io::Error {
    fn from(failed: Failed) -> io::Error {
        match failed {
            Failed::Before(_, error) | Failed::Unconfirmed(error) => error,
        }
    }
}

/// Puts `bytes` in the place of a folder's file, with this mode.
pub(crate) fn replace_in(folder: impl AsFd, name: &str, bytes: &[u8], mode: Mode) -> Result<(), Failed> {
    let random =
        getrandom::u64().map_err(|_| Failed::Before("write", io::Error::other("the system gives no random number")))?;
    let temporary = format!("{}{random:016x}{TEMPORARY_SUFFIX}", temporary_prefix(name));
    let written =
        write(&folder, &temporary, bytes, mode).map_err(|error| Failed::Before("write", error)).and_then(|()| {
            reach(Step::Rename)
                .and_then(|()| renameat(&folder, &temporary, &folder, name))
                .map_err(|errno| Failed::Before("replace", errno.into()))
        });
    if written.is_err() {
        // It is ours, and of no use to anybody.
        let _ = unlinkat(&folder, &temporary, AtFlags::empty());
        return written;
    }
    match reach(Step::SyncDirectory).and_then(|()| fsync(&folder)) {
        // Some file systems cannot flush a folder, and order renames by themselves.
        Ok(()) | Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
        Err(errno) => Err(Failed::Unconfirmed(errno.into())),
    }
}

/// The same for a file by its path. The folder is there; a link in the path to it is followed, and one in the file's place is replaced.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidInput, "it has no name that a file can have");
    let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(wrong)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = openat(CWD, folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    Ok(replace_in(&folder, name, bytes, mode)?)
}

/// Removes what processes that died while they replaced these files have left, and says which. Whoever calls it sees to it that nobody is
/// replacing them now.
pub(crate) fn remove_leftovers(folder: impl AsFd, of: &[&str]) -> Vec<String> {
    let Ok(entries) = Dir::read_from(&folder) else { return Vec::new() };
    let is_ours = |name: &str| {
        let rest = |file: &&str| name.strip_prefix(&temporary_prefix(file));
        of.iter().filter_map(rest).any(|rest| rest.ends_with(TEMPORARY_SUFFIX))
    };
    let names = entries.flatten().filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned));
    names.filter(|name| is_ours(name) && unlinkat(&folder, name, AtFlags::empty()).is_ok()).collect()
}

/// Whether this is what a process that died while it replaced a file may have left, by its name; of one that is being written it is true too.
pub(crate) fn is_leftover(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = name.strip_prefix('.').and_then(|name| name.strip_suffix(TEMPORARY_SUFFIX));
    let random = stem.and_then(|stem| stem.rsplit_once('.')).map_or("", |(_, random)| random);
    random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn write(folder: impl AsFd, temporary: &str, bytes: &[u8], mode: Mode) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    reach(Step::CreateTemporary)?;
    let mut file = File::from(openat(folder, temporary, flags, PRIVATE)?);
    if mode != PRIVATE {
        // Not at its making, of which the process's mask takes bits.
        fchmod(&file, mode)?;
    }
    reach(Step::WriteTemporary)?;
    file.write_all(bytes)?;
    reach(Step::SyncTemporary)?;
    file.sync_all()
}

fn temporary_prefix(name: &str) -> String {
    format!(".{name}.")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::fault::{Fault, inject};
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> = entries.map(|name| name.into_string().expect("UTF-8")).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_has_its_bytes_and_its_mode_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        for (bytes, mode) in [(&b"one"[..], 0o600), (b"two", 0o644), (b"", 0o400), (b"three", 0o660)] {
            replace(&path, bytes, Mode::from_raw_mode(mode)).expect("replaced");
            assert_eq!(fs::read(&path).expect("there"), bytes);
            assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o7777, mode);
        }
        assert_eq!(names(folder.path()), ["file"]);
        assert!(replace(&folder.path().join("absent/file"), b"", PRIVATE).is_err());
        assert!(replace(Path::new("/"), b"", PRIVATE).is_err());
    }

    #[test]
    fn a_failure_at_any_step_leaves_the_old_file_or_the_new_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        for step in Step::ALL.into_iter().filter(|step| *step != Step::OpenLock) {
            replace(&path, b"old", PRIVATE).expect("replaced");
            inject(Some((step, Fault::Errno(Errno::NOSPC))));
            let failed = replace(&path, b"new", PRIVATE).expect_err("the disk is full");
            inject(None);
            assert_eq!(failed.kind(), io::ErrorKind::StorageFull, "{step:?}");
            let kept: &[u8] = if step == Step::SyncDirectory { b"new" } else { b"old" };
            assert_eq!(
                (fs::read(&path).expect("there"), names(folder.path())),
                (kept.to_vec(), vec!["file".to_owned()])
            );
        }
    }

    #[test]
    fn what_a_dead_process_has_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["file", ".file.00ff.tmp", ".file.x", ".other.00ff.tmp", "file.tmp"] {
            fs::write(folder.path().join(name), "").expect("written");
        }
        let open = File::open(folder.path()).expect("a folder");
        assert_eq!(remove_leftovers(&open, &["file"]), [".file.00ff.tmp"]);
        assert_eq!(names(folder.path()), [".file.x", ".other.00ff.tmp", "file", "file.tmp"]);
    }
}
