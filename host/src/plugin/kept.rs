//! The components that are kept, and replacing one so that at every moment one or the other works.
//!
//! A component and the record of its digest are two files, which cannot change at once. So the new component is put beside the old one, then it is
//! recorded, which is the moment of the change, and then it takes the old one's place. Who reads takes the one of the two that is recorded; who changes
//! something next finishes what was begun.

use std::fs;
use std::io;
use std::path::Path;

use super::component::MAX_COMPONENT;
use super::digest::Digest;
use super::installed::Reason;
use super::lock::{self, Entries, Entry, LockError, Turn};
use crate::config::Home;
use crate::fault::{self, Step};

/// Takes the turn of the one process that changes plugins, and finishes or takes back what another one left half done.
///
/// # Errors
/// See [`LockError`].
pub fn settled(home: &Home) -> Result<(Turn, Entries), LockError> {
    let turn = Turn::take(&home.plugins_turn())?;
    let entries = lock::read(&home.plugins_lock())?;
    for file in fs::read_dir(home.plugins_dir()).into_iter().flatten().flatten() {
        let name = file.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(".next"));
        if let Some(id) = id.filter(|id| super::grant::is_id(id)) {
            settle(home, id, entries.get(id))?;
        }
    }
    Ok((turn, entries))
}

/// The component that is recorded takes its place; one that is not is deleted.
fn settle(home: &Home, id: &str, entry: Option<&Entry>) -> Result<(), LockError> {
    let next = home.next_component(id);
    let is_recorded = entry.is_some_and(|entry| digest(&next).is_some_and(|found| found == entry.component_sha256));
    let (done, doing) = match is_recorded {
        true => (fs::rename(&next, home.component(id)), "moved into its place"),
        false => (fs::remove_file(&next), "deleted"),
    };
    done.map_err(|error| LockError::Io { path: next, doing, why: error.to_string() })
}

fn digest(path: &Path) -> Option<Digest> {
    lock::read_plain(path, MAX_COMPONENT as u64).ok().map(|bytes| Digest::of(&bytes))
}

/// Puts a component in the place of another, and records it. That takes the turn.
///
/// # Errors
/// See [`LockError`]: the old one is in force, unless it was recorded already.
pub fn replace(turn: &Turn, home: &Home, entries: &Entries, id: &str, component: &[u8]) -> Result<(), LockError> {
    lock::replace(&home.next_component(id), component)?;
    fault::reach(Step::UpdateStaged);
    turn.write(&home.plugins_lock(), entries)?;
    fault::reach(Step::UpdateRecorded);
    settle(home, id, entries.get(id))
}

/// The component that is recorded by this digest.
///
/// # Errors
/// [`Reason::Unreadable`] and [`Reason::Changed`].
pub(super) fn read(home: &Home, id: &str, recorded: Digest) -> Result<Vec<u8>, Reason> {
    let path = home.component(id);
    let found = match lock::read_plain(&path, MAX_COMPONENT as u64) {
        Ok(bytes) => match Digest::of(&bytes) {
            found if found == recorded => return Ok(bytes),
            found => Ok(found),
        },
        Err(error) => Err(error),
    };
    match lock::read_plain(&home.next_component(id), MAX_COMPONENT as u64) {
        Ok(bytes) if Digest::of(&bytes) == recorded => return Ok(bytes),
        _ => {}
    }
    Err(match found {
        Ok(found) => Reason::Changed { path, recorded, found },
        Err(error) => Reason::Unreadable { path, why: error.to_string() },
    })
}

/// Deletes a component that is not recorded any more.
///
/// # Errors
/// [`LockError::Io`].
pub fn delete(home: &Home, id: &str) -> Result<(), LockError> {
    let path = home.component(id);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(LockError::Io { path, doing: "deleted", why: error.to_string() })
        }
        _ => Ok(()),
    }
}
