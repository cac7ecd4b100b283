//! What a plugin keeps in `state` for a while, so as not to ask for it each time.
//!
//! Values are JSON. A store that fails, or holds nonsense, holds nothing: keeping is never a reason to fail.

use serde::Serialize;

use crate::Host;
use crate::lenient::{self, Json};
use crate::log::Level;
use crate::types::{Error, UtcSeconds};

/// What `of` makes of what is kept under a key, and whether it is younger than `fresh` seconds.
pub fn read<T>(
    host: &dyn Host,
    key: &str,
    now: UtcSeconds,
    fresh: i64,
    of: impl FnOnce(Json<'_>) -> Option<T>,
) -> Option<(T, bool)> {
    let entry = host.get(key).ok().flatten()?;
    let value = lenient::read(std::str::from_utf8(&entry.value).ok()?, of).ok()??;
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
    use crate::lenient::{Field as _, Int};
    use crate::testing::FakeHost;

    fn kept(host: &FakeHost, now: UtcSeconds) -> Option<(i64, bool)> {
        read(host, "k", now, 60, |json| Int::of(json).0)
    }

    #[test]
    fn a_value_is_fresh_for_its_time_and_serves_on_where_asking_fails() {
        let host = FakeHost::at(1000);
        assert_eq!(kept(&host, 1000), None);
        assert_eq!(renewed(&host, "k", Ok(1), None), Ok(1));
        for (now, fresh) in [(1000, true), (1059, true), (1060, false), (940, false)] {
            assert_eq!(kept(&host, now), Some((1, fresh)), "{now}");
        }
        assert_eq!(renewed(&host, "k", Err(error::internal("no")), Some(vec![2])), Ok(vec![2]));
        assert_eq!(host.lines().len(), 1);
        assert!(renewed::<u32>(&host, "k", Err(error::internal("no")), None).is_err());
        crate::Host::set(&host, "k", b"\xff nonsense").expect("kept");
        assert_eq!(kept(&host, 1000), None);
    }
}
