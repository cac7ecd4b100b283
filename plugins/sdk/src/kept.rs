//! What a plugin keeps in `state` for a while, so as not to ask for it each time.
//!
//! Values are JSON. A store that fails, or holds nonsense, holds nothing: keeping is never a reason to fail.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Host;
use crate::log::Level;
use crate::types::{Error, UtcSeconds};

/// What is kept under a key, and whether it is younger than `fresh` seconds.
pub fn read<T: DeserializeOwned>(host: &dyn Host, key: &str, now: UtcSeconds, fresh: i64) -> Option<(T, bool)> {
    let entry = host.get(key).ok().flatten()?;
    let json = std::str::from_utf8(&entry.value).ok()?;
    let value = serde_json::from_str(json).ok()?;
    // A clock that was turned back makes ages negative.
    Some((value, now.saturating_sub(entry.set_at).saturating_abs() < fresh))
}

/// Keeps a value; where that fails, the log has a line.
pub fn write<T: Serialize>(host: &dyn Host, key: &str, value: &T) {
    if let Ok(json) = serde_json::to_vec(value)
        && let Err(error) = host.set(key, &json)
    {
        host.log(Level::Warn, &format!("`{key}` could not be kept: {}", error.message), &[]);
    }
}

/// Keeps what was asked for; where asking failed, what was kept serves on, however old.
///
/// # Errors
/// That of asking, where nothing was kept.
pub fn renewed<T: Serialize>(host: &dyn Host, key: &str, asked: Result<T, Error>, kept: Option<T>) -> Result<T, Error> {
    match (asked, kept) {
        (Ok(value), _) => {
            write(host, key, &value);
            Ok(value)
        }
        (Err(error), Some(value)) => {
            let line = format!("`{key}` could not be renewed, the old one is used: {}", error.message);
            host.log(Level::Warn, &line, &[]);
            Ok(value)
        }
        (Err(error), None) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error;
    use crate::testing::FakeHost;

    #[test]
    fn a_value_is_fresh_for_its_time_and_serves_on_where_asking_fails() {
        let host = FakeHost::at(1000);
        assert_eq!(read::<Vec<u32>>(&host, "k", 1000, 60), None);
        assert_eq!(renewed(&host, "k", Ok(vec![1]), None), Ok(vec![1]));
        for (now, fresh) in [(1000, true), (1059, true), (1060, false), (940, false)] {
            assert_eq!(read::<Vec<u32>>(&host, "k", now, 60), Some((vec![1], fresh)), "{now}");
        }
        assert_eq!(renewed(&host, "k", Err(error::internal("no")), Some(vec![2])), Ok(vec![2]));
        assert_eq!(host.lines().len(), 1);
        assert!(renewed::<u32>(&host, "k", Err(error::internal("no")), None).is_err());
        crate::Host::set(&host, "k", b"\xff nonsense").expect("kept");
        assert_eq!(read::<Vec<u32>>(&host, "k", 1000, 60), None);
    }
}
