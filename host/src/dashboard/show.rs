//! How times are shown to people.

use jiff::Timestamp;

use crate::contract::types::UtcSeconds;

/// A time, for people and for programs.
pub struct Moment {
    /// `3 h ago`.
    pub told: String,
    /// `2026-11-22T09:04:28Z`.
    pub iso: String,
}

impl Moment {
    /// A time, as it is seen from now.
    pub fn of(seconds: UtcSeconds, now: UtcSeconds) -> Moment {
        Moment { told: distance(seconds, now), iso: crate::plain::time(seconds) }
    }
}

fn distance(seconds: UtcSeconds, now: UtcSeconds) -> String {
    let span = now.saturating_sub(seconds);
    let (size, what) = match span.unsigned_abs() {
        0..=59 if span < 0 => return "in a moment".to_owned(),
        0..=59 => return "just now".to_owned(),
        s @ 60..=3599 => (s / 60, "min"),
        s @ 3600..=172_799 => (s / 3600, "h"),
        s @ 172_800..=5_184_000 => (s / 86_400, "days"),
        _ => return day(seconds),
    };
    if span < 0 { format!("in {size} {what}") } else { format!("{size} {what} ago") }
}

/// `2026-11-22`.
pub fn day(seconds: UtcSeconds) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |at| at.strftime("%Y-%m-%d").to_string())
}

/// A path within the dashboard, each part of it kept from being taken for more than one.
pub fn path(parts: &[&str]) -> String {
    let mut url = url::Url::parse("http://dashboard.invalid/").ok();
    if let Some(mut segments) = url.as_mut().and_then(|url| url.path_segments_mut().ok()) {
        segments.clear().extend(parts);
    }
    url.map(|url| url.path().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_by_their_distance() {
        let now = 1_780_000_000;
        for (seconds, told) in [
            (now, "just now"),
            (now - 59, "just now"),
            (now + 5, "in a moment"),
            (now - 60, "1 min ago"),
            (now - 7_200, "2 h ago"),
            (now + 90_000, "in 25 h"),
            (now - 200_000, "2 days ago"),
            (0, "1970-01-01"),
        ] {
            assert_eq!(distance(seconds, now), told);
        }
    }

    #[test]
    fn parts_of_a_path_stay_parts() {
        assert_eq!(path(&["leads", "upbazaar", "~01ab"]), "/leads/upbazaar/~01ab");
        assert_eq!(path(&["leads", "a", "x/../y?z#\u{202e} "]), "/leads/a/x%2F..%2Fy%3Fz%23%E2%80%AE%20");
    }
}
