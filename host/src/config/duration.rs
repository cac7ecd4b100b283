//! Durations as people write them: `30m`, `1h30m`, `90s`, `7d`.

use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// Longest accepted duration: ten years of 365 days. Longer ones are typing errors.
pub const LONGEST: Duration = Duration::from_secs(10 * 365 * 86_400);

const UNITS: [(char, u64); 5] = [('w', 7 * 86_400), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Reads whole numbers with the units `w d h m s`, each at most once and largest first. A bare
/// number is refused: whether it meant seconds or minutes is a guess.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let mut total: u64 = 0;
    let mut rest = text;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let amount: u64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let (_, seconds) = units.find(|(name, _)| *name == unit)?;
        total = total.checked_add(amount.checked_mul(*seconds)?)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    let duration = Duration::from_secs(total);
    (!text.is_empty() && duration <= LONGEST).then_some(duration)
}

/// Writes a duration the way [`parse`] reads it; fractions of a second are dropped.
#[must_use]
pub fn format(duration: Duration) -> String {
    let mut seconds = duration.as_secs();
    let mut text = String::new();
    // Weeks are read but not written: '14d' says more to most people than '2w'.
    for (unit, size) in &UNITS[1..] {
        if seconds >= *size {
            let _ = write!(text, "{}{unit}", seconds / size);
            seconds %= size;
        }
    }
    if text.is_empty() {
        text.push_str("0s");
    }
    text
}

/// For `#[serde(deserialize_with)]`.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    parse(&text).ok_or_else(|| serde::de::Error::custom("not a duration such as '30m'"))
}

/// For `#[serde(deserialize_with)]` on a key that may be absent.
pub(super) fn optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    deserialize(from).map(Some)
}

/// The same for a list of them.
pub(super) fn list<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Duration>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    let parsed = texts.iter().map(|text| parse(text)).collect::<Option<_>>();
    parsed.ok_or_else(|| serde::de::Error::custom("not durations such as '48h'"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("30m", 1_800),
            ("2h", 7_200),
            ("1h30m", 5_400),
            ("90s", 90),
            ("7d", 604_800),
            ("2w", 1_209_600),
            ("1d1s", 86_401),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "30",
            "m",
            "30 m",
            "30min",
            "m30",
            "1m1h",
            "1h1h",
            "-1h",
            "1.5h",
            "99999d",
            "99999999999999999999s",
            "30M",
            "٣m",
            "1h ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_round_trip(seconds in 0..=LONGEST.as_secs()) {
            let duration = Duration::from_secs(seconds);
            prop_assert_eq!(parse(&format(duration)), Some(duration));
        }

        #[test]
        fn reading_never_panics(text in "\\PC*") {
            let _ = parse(&text);
        }
    }
}
