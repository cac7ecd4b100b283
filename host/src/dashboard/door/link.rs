//! The link that opens the dashboard: good once, for a few minutes, printed to the terminal of the person whose home it is.
//!
//! What is on the disk is the key's digest, in a file for its owner alone: whoever reads the home could not log in by it, and the process that prints a link
//! need not be the one that serves.

use std::fs;
use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::app::AppError;
use crate::auth::nonce::Nonce;
use crate::config::Home;
use crate::contract::types::UtcSeconds;
use crate::durable;
use crate::origin::Origin;
use crate::plugin::digest::Digest;

/// How long a link is good.
pub const LASTS: Duration = Duration::from_secs(600);

/// What is kept of a link.
#[derive(Deserialize, Serialize)]
struct Kept {
    key: Digest,
    until: UtcSeconds,
}

/// Makes a link to the dashboard at an origin. The one before it is good no more.
///
/// # Errors
/// Where the home cannot be written.
pub fn issue(home: &Home, origin: &Origin, now: UtcSeconds) -> Result<String, AppError> {
    let key = Nonce::random();
    let until = now.saturating_add_unsigned(LASTS.as_secs());
    let kept = serde_json::to_vec(&Kept { key: Digest::of(key.expose().as_bytes()), until }).unwrap_or_default();
    home.ensure_dir(&home.data_dir())?;
    let path = home.dashboard_link();
    durable::replace(&path, &kept, durable::PRIVATE)
        .map_err(|error| AppError::Machine(format!("{} cannot be written: {error}", path.display())))?;
    Ok(format!("{origin}/enter?key={}", key.expose()))
}

/// Whether a key is that of the link. A key that is, is good no more.
///
/// # Errors
/// Where the home cannot be read or written.
pub fn redeem(home: &Home, key: &str, now: UtcSeconds) -> Result<bool, AppError> {
    let path = home.dashboard_link();
    let fault = |error: io::Error| AppError::Machine(format!("{}: {error}", path.display()));
    let kept = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(fault(error)),
    };
    let Ok(kept) = serde_json::from_slice::<Kept>(&kept) else { return Ok(false) };
    // A clock that was turned back does not make it last.
    let in_time = now <= kept.until && kept.until <= now.saturating_add_unsigned(LASTS.as_secs());
    if kept.key != Digest::of(key.as_bytes()) || !in_time {
        return Ok(false);
    }
    // Of two that present it at once, the one that removes it has it.
    match fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(fault(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const NOON: UtcSeconds = 1_780_000_000;

    fn key(link: &str) -> &str {
        link.split_once("key=").expect("it has one").1
    }

    #[test]
    fn a_link_is_good_once_and_for_ten_minutes_and_only_the_latest() {
        let directory = tempfile::tempdir().unwrap();
        let home = Home::at(directory.path());
        let origin = Origin::parse("http://127.0.0.1:7780").unwrap();
        assert!(!redeem(&home, "", NOON).unwrap(), "there is none");
        let first = issue(&home, &origin, NOON).unwrap();
        assert!(first.starts_with("http://127.0.0.1:7780/enter?key="), "{first}");
        let kept = fs::read_to_string(home.dashboard_link()).unwrap();
        assert!(!kept.contains(key(&first)), "the key itself is not kept");
        assert_eq!(fs::metadata(home.dashboard_link()).unwrap().permissions().mode() & 0o777, 0o600);
        for wrong in ["", "guess", &key(&first)[1..]] {
            assert!(!redeem(&home, wrong, NOON).unwrap());
        }
        assert!(redeem(&home, key(&first), NOON + 600).unwrap(), "wrong ones have not used it up");
        assert!(!redeem(&home, key(&first), NOON + 600).unwrap());
        let second = issue(&home, &origin, NOON).unwrap();
        assert!(!redeem(&home, key(&second), NOON + 601).unwrap());
        assert!(!redeem(&home, key(&second), NOON - 1).unwrap(), "the clock was turned back");
        let third = issue(&home, &origin, NOON).unwrap();
        assert!(!redeem(&home, key(&second), NOON).unwrap());
        fs::write(home.dashboard_link(), "{").unwrap();
        assert!(!redeem(&home, key(&third), NOON).unwrap());
    }
}
