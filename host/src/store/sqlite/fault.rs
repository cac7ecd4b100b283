//! What SQLite's result codes mean to a person.

use std::io;
use std::path::Path;

use sqlx::Error;

use super::{BUSY_TIMEOUT, QUEUE_TIMEOUT};
use crate::store::StoreError;

// Primary result codes, <https://www.sqlite.org/rescode.html>; extended ones carry them in their low byte.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READONLY: i32 = 8;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const NOTADB: i32 = 26;

/// What SQLite was doing when an I/O error came, by the extended codes that are met in practice.
const DOING: [(i32, &str); 9] = [
    (266, "reading"),
    (522, "reading"),
    (778, "writing"),
    (1034, "flushing"),
    (1290, "flushing the folder"),
    (1546, "shortening the file"),
    (4618, "opening the index of its log"),
    (4874, "extending the index of its log"),
    (5386, "mapping the index of its log"),
];

/// Bytes below which a disk is full to us: what a small change takes, with its log and the log's index.
const NO_ROOM: u64 = 512 * 1024;

/// The extended result code, if the error is SQLite's.
fn extended(error: &Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// The primary result code, if the error is SQLite's.
fn code(error: &Error) -> Option<i32> {
    extended(error).map(|code| code & 0xff)
}

/// Whether the file could not be opened as asked, which for a file in a folder without write permission may be the log's fault.
pub(super) fn is_refused_opening(error: &Error) -> bool {
    matches!(code(error), Some(CANTOPEN | READONLY))
}

/// Whether another connection is in the way.
pub(super) fn is_busy(error: &Error) -> bool {
    matches!(code(error), Some(BUSY | LOCKED))
}

/// The error that tells of `error`.
pub(super) fn of(path: &Path, error: &Error) -> StoreError {
    let path_buf = path.to_owned();
    let detail = match error.as_database_error() {
        Some(error) => error.message().to_owned(),
        None => error.to_string(),
    };
    match (code(error), error) {
        (Some(BUSY | LOCKED), _) => StoreError::Busy { path: path_buf, waited_seconds: BUSY_TIMEOUT.as_secs() },
        (_, Error::PoolTimedOut) => StoreError::Busy { path: path_buf, waited_seconds: QUEUE_TIMEOUT.as_secs() },
        (Some(READONLY), _) => StoreError::ReadOnly { path: path_buf, detail },
        (Some(FULL), _) => StoreError::Full { path: path_buf },
        (Some(CORRUPT), _) => StoreError::Corrupt { path: path_buf, detail },
        (Some(NOTADB), _) => StoreError::NotOurs { path: path_buf, detail },
        (Some(CANTOPEN), _) => StoreError::Inaccessible { path: path_buf, detail },
        (Some(IOERR), _) => io_error(path, extended(error).unwrap_or(IOERR), &detail),
        (_, Error::Io(error)) => of_io(path, error),
        _ => StoreError::Unexpected { path: path_buf, detail },
    }
}

/// An I/O error of SQLite's. Where there is no room, say for the index of its log, it says no more than that: the disk tells the rest.
fn io_error(path: &Path, code: i32, detail: &str) -> StoreError {
    let doing = DOING.iter().find(|(known, _)| *known == code).map(|(_, doing)| *doing);
    if doing != Some("reading") && is_full(path) {
        return StoreError::Full { path: path.to_owned() };
    }
    let doing = doing.map_or_else(String::new, |doing| format!(" while {doing}"));
    StoreError::Disk { path: path.to_owned(), detail: format!("{detail}{doing} (SQLite's code {code})") }
}

/// Whether the file system that a file is on, or is to be on, has no room for a user.
fn is_full(path: &Path) -> bool {
    let there = path.ancestors().find(|path| path.exists());
    there.and_then(|path| rustix::fs::statvfs(path).ok()).is_some_and(|disk| {
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        // Some file systems count neither room nor files, and say 0 of 0.
        (disk.f_blocks > 0 && free < NO_ROOM) || (disk.f_files > 0 && disk.f_favail == 0)
    })
}

/// The error that tells of the file system's refusal.
pub(super) fn of_io(path: &Path, error: &io::Error) -> StoreError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::ReadOnly { path, detail: error.to_string() }
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full { path },
        _ => StoreError::Inaccessible { path, detail: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_io_error_on_a_disk_with_room_says_what_was_being_done_and_sqlites_code() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("not/there/yet/store.db");
        for (code, said) in [
            (778, "disk I/O error while writing (SQLite's code 778)"),
            (99_999, "disk I/O error (SQLite's code 99999)"),
        ] {
            let told = io_error(&path, code, "disk I/O error").to_string();
            assert!(told.contains(said) && told.contains("store.db"), "{told}");
        }
    }

    #[test]
    fn a_file_system_that_does_not_count_its_room_is_not_called_full() {
        assert!(!is_full(Path::new("/proc/store.db")));
        assert!(!is_full(Path::new("relative.db")));
    }
}
