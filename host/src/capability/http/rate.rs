//! What an answer says about time: `Retry-After` and the rate headers in use, typed, and its date.

use jiff::fmt::rfc2822;
use reqwest::header::{AGE, DATE, HeaderMap, RETRY_AFTER};

use crate::contract::http::Rate;

/// The longest wait that is believed, in seconds: a day.
const MAX_WAIT: u32 = 86_400;

/// When the server made the answer, by its own clock (RFC 9110, 6.6.1); none if it does not say. An answer from a cache is as old as it is.
#[must_use]
pub fn date(headers: &HeaderMap) -> Option<i64> {
    if headers.contains_key(AGE) {
        return None;
    }
    let text = headers.get(DATE)?.to_str().ok()?.trim();
    Some(rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?.as_second())
}

/// `Retry-After` in seconds, in either of its forms (RFC 9110, 10.2.3), at most a day.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: i64) -> Option<u32> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => {
            let at = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?.as_second();
            u64::try_from(at.saturating_sub(now)).unwrap_or(0)
        }
    };
    Some(u32::try_from(seconds).unwrap_or(MAX_WAIT).min(MAX_WAIT))
}

/// The platform's rate headers: `RateLimit-*` as in the IETF drafts (of several windows the first is taken) and `X-RateLimit-*`.
/// `X-RateLimit-Reset` is read as a time if it is one, else as seconds.
#[must_use]
pub fn rate(headers: &HeaderMap, now: i64) -> Option<Rate> {
    let number = |names: [&str; 2]| {
        let text = names.iter().find_map(|name| headers.get(*name))?.to_str().ok()?;
        let digits: String = text.trim().chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<i64>().ok()
    };
    let count = |value: Option<i64>| value.and_then(|v| u32::try_from(v).ok());
    let reset = number(["ratelimit-reset", "x-ratelimit-reset"])
        .map(|value| if value > 1_000_000_000 { (value - now).max(0) } else { value });
    let rate = Rate {
        limit: count(number(["ratelimit-limit", "x-ratelimit-limit"])),
        remaining: count(number(["ratelimit-remaining", "x-ratelimit-remaining"])),
        reset_after: count(reset),
    };
    (rate.limit.is_some() || rate.remaining.is_some() || rate.reset_after.is_some()).then_some(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn an_answers_date_counts_unless_a_cache_kept_it() {
        let date_of = |pairs: &[(&'static str, &str)]| date(&headers(pairs));
        assert_eq!(date_of(&[("date", "Tue, 14 Nov 2023 22:14:20 GMT")]), Some(1_700_000_060));
        assert_eq!(date_of(&[("date", "Tue, 14 Nov 2023 22:14:20 GMT"), ("age", "7")]), None);
        assert_eq!(date_of(&[("date", "yesterday")]), None);
        assert_eq!(date_of(&[]), None);
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_bounded() {
        let now = 1_700_000_000;
        for (text, expected) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Tue, 14 Nov 2023 22:14:20 GMT", Some(60)),
            ("Tue, 14 Nov 2000 22:14:20 GMT", Some(0)),
            ("99999999999", Some(86_400)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ] {
            assert_eq!(retry_after(&headers(&[("retry-after", text)]), now), expected, "{text}");
        }
    }

    #[test]
    fn rate_headers_are_read_in_the_forms_that_platforms_use() {
        let now = 1_700_000_000;
        let rate_of =
            |pairs: &[(&'static str, &str)]| rate(&headers(pairs), now).map(|r| (r.limit, r.remaining, r.reset_after));
        assert_eq!(
            rate_of(&[("ratelimit-limit", "50, 50;window=60, 1000;window=3600"), ("ratelimit-remaining", "45")]),
            Some((Some(50), Some(45), None))
        );
        assert_eq!(
            rate_of(&[("x-ratelimit-limit", "300"), ("x-ratelimit-reset", "1700000030")]),
            Some((Some(300), None, Some(30)))
        );
        assert_eq!(rate_of(&[("ratelimit-reset", "7")]), Some((None, None, Some(7))));
        assert_eq!(rate_of(&[("ratelimit-limit", "many")]), None);
        assert_eq!(rate_of(&[]), None);
    }
}
