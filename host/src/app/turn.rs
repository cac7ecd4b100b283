//! Whose turn it is to scan, or to be the daemon, on this machine.
//!
//! The store's lease tells machines apart, and lasts for minutes. This lock ends with the process that holds it, however that ends: who gets it
//! knows that a lease which is still there was left by a process that is gone.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use super::AppError;
use crate::config::Home;

/// Held while a platform is scanned, or a daemon runs.
pub struct Turn(#[expect(dead_code, reason = "the lock is held as long as the file is open")] File);

impl Turn {
    /// Takes the turn of a platform; none while another process of this machine has it.
    ///
    /// # Errors
    /// Where the lock's file cannot be made.
    pub fn take(home: &Home, platform: &str) -> Result<Option<Turn>, AppError> {
        Turn::take_at(home, &home.scan_lock(platform))
    }

    /// Takes the turn of something else that is done by one process at a time, by its lock in the home's data.
    ///
    /// # Errors
    /// As [`Turn::take`].
    pub fn take_at(home: &Home, path: &Path) -> Result<Option<Turn>, AppError> {
        home.ensure_dir(&home.data_dir())?;
        let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        let file = opened.map_err(|e| {
            AppError::Machine(format!("{} cannot be opened: {e}; check its permissions", path.display()))
        })?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Turn(file))),
            Err(_) => Ok(None),
        }
    }
}
