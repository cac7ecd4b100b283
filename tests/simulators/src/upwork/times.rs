//! Times as the platform writes them: `2025-10-16T06:06:47+0000`, no colon in the offset.

use jiff::Timestamp;

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// Unix seconds in the platform's form. Beyond the calendar it is the epoch.
pub(super) fn shown(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

/// Unix seconds of a time in the platform's form or in RFC 3339's.
pub(super) fn read(text: &str) -> Option<i64> {
    let parsed = text.parse::<Timestamp>().or_else(|_| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text));
    parsed.ok().map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form_and_written_in_the_platforms() {
        for text in [
            "2025-10-16T06:06:47+0000",
            "2025-10-16T06:06:47Z",
            "2025-10-16T08:06:47.123+02:00",
            "2025-10-16T08:06:47+0200",
        ] {
            assert_eq!(read(text).map(shown).as_deref(), Some("2025-10-16T06:06:47+0000"), "{text}");
        }
        for text in ["", "yesterday", "2025-10-16", "2025-13-16T06:06:47+0000"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(shown(i64::MAX), "1970-01-01T00:00:00+0000");
    }
}
