use super::*;
use crate::testing::{posting, setting};
use crate::time::DAY;
use crate::types::{Competition, Span, Value};

const NOW: i64 = 1_700_000_000;

type Change = fn(&mut Posting);

fn dropped(settings: &[Attribute], change: Change) -> Option<(String, String)> {
    let mut posting = posting("1", NOW - 3 * DAY);
    posting.description = "A shop in Rust".to_owned();
    change(&mut posting);
    let drop = Filters::prepare(settings, NOW).expect("valid").of(&posting);
    drop.map(|drop| (drop.filter, drop.reason))
}

fn texts(name: &str, values: &[&str]) -> Attribute {
    setting(name, Value::Texts(values.iter().map(|value| (*value).to_owned()).collect()))
}

fn text(name: &str, value: &str) -> Attribute {
    setting(name, Value::Text(value.to_owned()))
}

fn number(name: &str, value: i64) -> Attribute {
    setting(name, Value::Integer(value))
}

const NOTHING: Change = |_| ();
const INDIA: Change = |posting| {
    posting.client.country = Some("India".to_owned());
    posting.client.country_code = Some("IN".to_owned());
};
const BAND: Change = |posting| {
    posting.competition = Some(Competition { proposals: Span { minimum: 20, maximum: Some(50) }, average: None });
};
const EXACT: Change = |posting| {
    posting.competition = Some(Competition { proposals: Span { minimum: 21, maximum: Some(21) }, average: None });
};

#[test]
fn each_setting_drops_what_it_says_and_says_why() {
    type Case = (Attribute, Change, Option<(&'static str, &'static str)>);
    let cases: [Case; 23] = [
        (
            text("posted_within", "2d"),
            NOTHING,
            Some(("posted_within", "It was published 3 days ago; posted_within is 2 days")),
        ),
        (
            text("posted_within", "36h"),
            NOTHING,
            Some(("posted_within", "It was published 3 days ago; posted_within is 36 h")),
        ),
        (text("posted_within", "3d"), NOTHING, None),
        (text("posted_within", "1h"), |posting| posting.posted_at = Some(NOW + DAY), None),
        (
            texts("locations", &["United States", "DEU"]),
            INDIA,
            Some(("locations", "The client is in India, which is not among locations")),
        ),
        (texts("locations", &["ind"]), INDIA, None),
        (
            texts("locations", &["DE"]),
            |posting| posting.client.country = Some("Atlantis".to_owned()),
            Some(("locations", "The client is in Atlantis, which is not among locations")),
        ),
        (texts("locations", &["DE"]), |posting| posting.client.country = Some("DEU".to_owned()), None),
        (
            setting("payment_verified", Value::Flag(true)),
            |posting| posting.client.payment_verified = Some(false),
            Some(("payment_verified", "The client's means of payment is not verified")),
        ),
        (setting("payment_verified", Value::Flag(true)), |posting| posting.client.payment_verified = Some(true), None),
        (
            setting("payment_verified", Value::Flag(false)),
            |posting| posting.client.payment_verified = Some(false),
            None,
        ),
        (
            number("min_client_hires", 2),
            |posting| posting.client.hires = Some(1),
            Some(("min_client_hires", "The client has hired 1 time; min_client_hires is 2")),
        ),
        (number("min_client_hires", 2), |posting| posting.client.hires = Some(2), None),
        (number("min_client_hires", 0), |posting| posting.client.hires = Some(0), None),
        (number("max_proposals", 20), EXACT, Some(("max_proposals", "It has 21 proposals; max_proposals is 20"))),
        (
            number("max_proposals", 19),
            BAND,
            Some(("max_proposals", "It has at least 20 proposals; max_proposals is 19")),
        ),
        (number("max_proposals", 20), BAND, None),
        (number("max_proposals", 0), EXACT, None),
        (
            texts("keywords.exclude", &["php", "SHOP"]),
            NOTHING,
            Some(("keywords.exclude", "It holds `SHOP`, which is among keywords.exclude")),
        ),
        (texts("keywords.exclude", &["sho"]), NOTHING, None),
        (
            texts("keywords.include", &["go", "perl"]),
            NOTHING,
            Some(("keywords.include", "It holds none of keywords.include")),
        ),
        (texts("keywords.include", &["go", "rust"]), NOTHING, None),
        (texts("keywords.include", &["go"]), |posting| posting.skills = vec!["Go".to_owned()], None),
    ];
    for (setting, change, expected) in cases {
        let expected = expected.map(|(filter, reason)| (filter.to_owned(), reason.to_owned()));
        assert_eq!(dropped(std::slice::from_ref(&setting), change), expected, "{setting:?}");
    }
}

#[test]
fn what_is_not_stated_is_kept_unless_it_is_to_be_strict() {
    const BARE: Change = |posting| {
        posting.posted_at = None;
        posting.description.clear();
    };
    for (setting_of_filter, filter, name) in [
        (text("posted_within", "2d"), "posted_within", "posted_within"),
        (texts("locations", &["DE"]), "locations", "locations"),
        (setting("payment_verified", Value::Flag(true)), "payment_verified", "payment_verified"),
        (number("min_client_hires", 2), "min_client_hires", "min_client_hires"),
        (number("max_proposals", 20), "max_proposals", "max_proposals"),
        (texts("keywords.include", &["go"]), "keywords.include", "keywords"),
    ] {
        let with = |strict: Value| dropped(&[setting_of_filter.clone(), setting("strict", strict)], BARE);
        assert_eq!(with(Value::Flag(false)), None, "{name}");
        assert_eq!(with(Value::Texts(vec!["min_client_rating".to_owned()])), None, "{name}");
        for strict in [Value::Flag(true), Value::Texts(vec![name.to_owned()])] {
            let (by, reason) = with(strict).expect("dropped");
            assert_eq!(by, filter);
            assert!(reason.ends_with(" is not stated, and strict drops such postings"), "{reason}");
        }
    }
    assert_eq!(dropped(&[setting("strict", Value::Flag(true))], BARE), None, "without a filter nothing is missing");
}

#[test]
fn a_posting_that_a_platform_should_not_have_given_contradicts_the_filter() {
    let settings = [texts("locations", &["DE"]), number("min_client_hires", 1), setting("strict", Value::Flag(true))];
    let filters = Filters::prepare(&settings, NOW).expect("valid");
    let mut sample = posting("1", NOW);
    assert!(!filters.contradicts("locations", &sample), "what is not stated contradicts nothing");
    INDIA(&mut sample);
    assert!(filters.contradicts("locations", &sample));
    assert!(!filters.contradicts("min_client_hires", &sample) && !filters.contradicts("posted_within", &sample));
}
