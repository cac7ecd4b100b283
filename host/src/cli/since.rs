//! Times that people write: `2h` ago, or a day.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::config::parse_duration;

/// The beginning of what is asked for, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// So many seconds ago.
    Ago(i64),
    /// At this time, in seconds since 1970.
    At(i64),
}

impl Since {
    /// In seconds since 1970.
    pub fn seconds(self, now: i64) -> i64 {
        match self {
            Since::Ago(seconds) => now.saturating_sub(seconds),
            Since::At(at) => at,
        }
    }
}

/// Reads `2h`, `7d`, `2026-11-01` (midnight, UTC) or `2026-11-01T12:30:00Z`. Times are shown in UTC, and so they are read.
pub fn parse(text: &str) -> Result<Since, String> {
    if let Some(ago) = parse_duration(text) {
        return Ok(Since::Ago(i64::try_from(ago.as_secs()).unwrap_or(i64::MAX)));
    }
    // A date's parser would take a time after it, and drop it.
    let day = || {
        text.parse::<Date>().ok().filter(|_| text.len() == 10)?.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
    };
    let at = if text.contains(['T', 't']) { text.parse::<Timestamp>().ok() } else { day() };
    at.map(|at| Since::At(at.as_second())).ok_or_else(|| {
        "give a span such as 90m, 2h or 7d, a day such as 2026-11-01, or a time such as 2026-11-01T12:30:00Z".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_days_and_times_are_read_and_nothing_else() {
        for (text, expected) in [
            ("2h", Since::Ago(7200)),
            ("1d12h", Since::Ago(129_600)),
            ("1970-01-02", Since::At(86_400)),
            ("1970-01-01T01:00:00Z", Since::At(3600)),
            ("1970-01-01T01:00:00+01:00", Since::At(0)),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        for text in ["", "2", "yesterday", "-2h", "2026-13-01", "2026-11-01T12:30:00", "1970-01-01 01:00"] {
            let told = parse(text).expect_err(text);
            assert!(told.contains("2026-11-01"), "{told}");
        }
    }

    #[test]
    fn a_span_ends_now() {
        assert_eq!(Since::Ago(7200).seconds(10_000), 2800);
        assert_eq!(Since::At(5).seconds(10_000), 5);
    }
}
