//! Times as platforms write them.

use crate::types::UtcSeconds;

/// Times that the contract takes: the years 1 to 9999.
pub const TIMES: std::ops::RangeInclusive<UtcSeconds> = -62_135_596_800..=253_402_300_799;

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// A time within the contract's bounds.
#[must_use]
pub fn sound(time: UtcSeconds) -> Option<UtcSeconds> {
    TIMES.contains(&time).then_some(time)
}

/// Reads ISO 8601 leniently: `2025-10-16T06:06:47+0000`, with or without a colon in the offset, a fraction of a second or the
/// seconds at all, a blank for the `T`; or a date alone. Without an offset it is UTC. None for anything else.
#[must_use]
pub fn parse(text: &str) -> Option<UtcSeconds> {
    let bytes = text.trim().as_bytes();
    let number = |from: usize, length: usize| -> Option<i64> {
        bytes
            .get(from..from + length)?
            .iter()
            .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
    };
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    if !is(4, b"-") || !is(7, b"-") || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let midnight = days_from_epoch(year, month, day) * DAY;
    if bytes.len() == 10 {
        return sound(midnight);
    }
    let (hour, minute) = (number(11, 2)?, number(14, 2)?);
    if !is(10, b"Tt ") || !is(13, b":") || hour > 23 || minute > 59 {
        return None;
    }
    let (second, mut at) = if is(16, b":") { (number(17, 2)?, 19) } else { (0, 16) };
    // A leap second is the next one.
    if second > 60 {
        return None;
    }
    if is(at, b".,") {
        at += 1;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
    }
    let offset = match bytes.get(at..)? {
        [] | b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let minutes = match rest.len() {
                2 => 0,
                4 => number(at + 3, 2)?,
                5 if rest[2] == b':' => number(at + 4, 2)?,
                _ => return None,
            };
            let seconds = number(at + 1, 2)? * 3600 + minutes * 60;
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    sound(midnight + hour * 3600 + minute * 60 + second - offset)
}

/// Seconds of a length of time as the configuration's format `duration` has it: `90m`, `1h30m`, `7d`, with the units `w d h m s`, each at
/// most once and largest first. None for anything else.
#[must_use]
pub fn duration(text: &str) -> Option<i64> {
    let mut units = [('w', 7 * DAY), ('d', DAY), ('h', 3_600), ('m', 60), ('s', 1)].into_iter();
    let (mut total, mut rest) = (0i64, text);
    while !rest.is_empty() {
        let (digits, behind) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
        let unit = behind.chars().next()?;
        let (_, seconds) = units.find(|(name, _)| *name == unit)?;
        total = total.checked_add(digits.parse::<i64>().ok()?.checked_mul(seconds)?)?;
        rest = &behind[1..];
    }
    (!text.is_empty()).then_some(total)
}

/// The day of a time as ISO 8601 has it: `2025-10-16`.
#[must_use]
pub fn date(time: UtcSeconds) -> String {
    // Years begin in March here, as in `days_from_epoch`; 146,097 days are 400 years.
    let days = time.div_euclid(DAY) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let of_era_year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * of_era_year + of_era_year / 4 - of_era_year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + of_era_year + i64::from(month >= 10);
    format!("{year:04}-{:02}-{day:02}", (month + 2) % 12 + 1)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the Gregorian calendar. Years begin in March here, so that the leap day is their last.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_time_is_read_in_any_of_its_spellings() {
        for (text, time) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2025-10-16T06:06:47+0000", 1_760_594_807),
            ("2025-10-16T06:06:47+00:00", 1_760_594_807),
            ("2025-10-16T06:06:47.123Z", 1_760_594_807),
            (" 2025-10-16 06:06:47 ", 1_760_594_807),
            ("2025-10-16T08:06:47+0200", 1_760_594_807),
            ("2025-10-15T22:06:47-08", 1_760_594_807),
            ("2025-10-16T06:06+0000", 1_760_594_760),
            ("2025-10-16", 1_760_572_800),
            ("2000-02-29", 951_782_400),
            ("1969-12-31T23:59:59Z", -1),
            ("0001-01-01T00:00:00Z", *TIMES.start()),
            ("9999-12-31T23:59:59Z", *TIMES.end()),
        ] {
            assert_eq!(parse(text), Some(time), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "yesterday",
            "2025",
            "2025-13-01",
            "2025-02-29",
            "2025-10-16T",
            "2025-10-16T25:00:00Z",
            "1760594807",
            "2025-10-16T06:06:47+1",
            "2025-10-16T06:06:47 UTC",
            "0000-01-01",
            "9999-12-31T23:59:59-0100",
            "２０２５-10-16",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_length_of_time_is_read_as_the_configuration_writes_it() {
        for (text, seconds) in
            [("30m", 1_800), ("1h30m", 5_400), ("7d", 7 * DAY), ("2w", 14 * DAY), ("1d1s", DAY + 1), ("0s", 0)]
        {
            assert_eq!(duration(text), Some(seconds), "{text}");
        }
        for text in [
            "",
            "30",
            "m",
            "30 m",
            "1m1h",
            "1h1h",
            "-1h",
            "1.5h",
            "99999999999999999999s",
            "9999999999999999w",
            "1é",
            "٣m",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_of_the_contracts_or_none(text in ".{0,40}") {
            prop_assert!(parse(&text).is_none_or(|time| TIMES.contains(&time)));
        }

        #[test]
        fn a_date_is_that_of_its_time(time in -62_135_596_800i64..=253_402_300_799) {
            prop_assert_eq!(parse(&date(time)), Some(time.div_euclid(DAY) * DAY));
        }

        #[test]
        fn days_follow_each_other(day in -700_000i64..2_900_000) {
            let of = |days: i64| {
                // By counting, year after year.
                let (mut year, mut left) = (1970, days);
                while left < 0 { year -= 1; left += if days_in(year, 2) == 29 { 366 } else { 365 }; }
                while left >= if days_in(year, 2) == 29 { 366 } else { 365 } { left -= if days_in(year, 2) == 29 { 366 } else { 365 }; year += 1; }
                let mut month = 1;
                while left >= days_in(year, month) { left -= days_in(year, month); month += 1; }
                (year, month, left + 1)
            };
            let (year, month, date) = of(day);
            prop_assert_eq!(days_from_epoch(year, month, date), day);
        }
    }
}
