//! One writer at a time, across threads and processes.
//!
//! The lock is an advisory `flock` on a file of its own that is never replaced or deleted: the vault
//! file cannot carry it, since each write puts another file under that name. The kernel releases it
//! when its holder dies, however it dies. On network file systems `flock` works as far as the server
//! serves it; a home there should not be shared by machines (a Vault server is for that).
//!
//! Readers take no lock. They open the vault file once; what they hold open is one whole file, since
//! writers never change a file under its name but rename another over it. The key file is complete
//! before the first vault file appears and is never changed afterwards, so a reader that opens the
//! vault file first finds the key that belongs to it.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::directory::Directory;
use super::error::EmbeddedError;

/// How often a lock that is held is tried again: short at first, since a write takes milliseconds.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// More digits than a process id has.
const HOLDER_BYTES: u64 = 16;

/// The right to write, until dropped.
pub(super) struct WriteLock {
    _file: File,
}

impl WriteLock {
    /// Waits up to `wait` for the lock.
    pub(super) fn acquire(directory: &Directory, name: &str, wait: Duration) -> Result<Self, EmbeddedError> {
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut file = directory.open_or_create_file(name)?;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                // A lock on a file that somebody has deleted meanwhile would exclude nobody.
                Ok(()) if !directory.still_names(name, &file) => file = directory.open_or_create_file(name)?,
                Ok(()) => {
                    sign(&mut file);
                    return Ok(Self { _file: file });
                }
                Err(Errno::WOULDBLOCK | Errno::INTR) => {}
                Err(errno) => {
                    return Err(EmbeddedError::from_errno("lock", &directory.path_of(name), errno));
                }
            }
            let waited = began.elapsed();
            if waited >= wait {
                return Err(EmbeddedError::Locked {
                    path: directory.path_of(name),
                    waited: wait,
                    holder: signed_by(&mut file),
                });
            }
            std::thread::sleep(pause.min(wait - waited));
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Leaves our process id for the message of those who wait in vain. Only a help: failures are ignored.
fn sign(file: &mut File) {
    let _ = file
        .rewind()
        .and_then(|()| file.set_len(0))
        .and_then(|()| file.write_all(std::process::id().to_string().as_bytes()));
}

fn signed_by(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(HOLDER_BYTES).read_to_string(&mut text).ok()?;
    text.parse().ok()
}
