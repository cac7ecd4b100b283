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

/// The primary result code, if the error is SQLite's.
fn code(error: &Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
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
        (Some(IOERR), _) => StoreError::Disk { path: path_buf, detail },
        (_, Error::Io(error)) => of_io(path, error),
        _ => StoreError::Unexpected { path: path_buf, detail },
    }
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
