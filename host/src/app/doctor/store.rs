//! The database, and scans that were cut short.

use std::fs::File;

use rustix::fs::{FlockOperation, flock};

use super::Check;
use super::machine::size;
use crate::config::Home;
use crate::store::{Examination, SqliteStore};

/// Whether the database is sound; and what was found, if it can be worked with.
pub(super) async fn database(home: &Home) -> (Option<Examination>, Vec<Check>) {
    const NAME: &str = "database";
    let path = home.store_db();
    let examined = match SqliteStore::examine(&path).await {
        Ok(Some(examined)) => examined,
        Ok(None) => {
            return (
                None,
                vec![Check::ok(NAME, "there is none yet; the first command that stores something makes it")],
            );
        }
        Err(error) => return (None, vec![Check::problem(NAME, error.to_string())]),
    };
    if !examined.defects.is_empty() {
        let message = format!("{} is damaged: {}", path.display(), examined.defects.join("; "));
        let remedy = "Restore a backup, or move it away with its -wal file: the next scan makes a new one";
        return (None, vec![Check::problem(NAME, message).remedy(remedy)]);
    }
    let mut message = format!("{} is sound ({})", path.display(), size(examined.bytes));
    if examined.schema < examined.known {
        message.push_str("; the next command brings its schema up to date");
    }
    (Some(examined), vec![Check::ok(NAME, message)])
}

/// Scans under way, and those that were cut short. Nothing of them has to be repaired by hand.
pub(super) fn scans(home: &Home, examined: Option<&Examination>, now: i64) -> Vec<Check> {
    const NAME: &str = "scans";
    let Some(examined) = examined else { return Vec::new() };
    let mut checks = Vec::new();
    for lease in &examined.leases {
        let (platform, owner) = (lease.platform.as_str(), lease.owner.as_str());
        let check = if is_held(home, platform) {
            Check::ok(NAME, format!("{owner} is scanning"))
        } else if lease.expires_at <= now {
            Check::ok(NAME, format!("a scan by {owner} was cut short; the next one goes over it"))
        } else {
            let message = format!("{owner} has begun a scan and is gone from this machine");
            Check::warning(NAME, message).remedy("The next scan takes over, unless another machine works on this home")
        };
        checks.push(check.of(platform));
    }
    if checks.is_empty() {
        checks.push(Check::ok(NAME, format!("none is under way; {} were cut short so far", examined.interrupted)));
    }
    checks
}

/// Whether a process of this machine holds a platform's turn.
fn is_held(home: &Home, platform: &str) -> bool {
    let Ok(file) = File::open(home.scan_lock(platform)) else { return false };
    // Let go when the file is closed, a moment later.
    flock(&file, FlockOperation::NonBlockingLockShared).is_err()
}
