//! What each field gives, and what each operator makes of it.

use super::*;
use crate::config::{Known, Operator, validate_str};
use crate::contract::types::{
    Budget, Client, Competition, ExperienceLevel, Payment, Posting, PostingKind, PostingStatus, Span,
};
use crate::lead::{Explained, Line, Score};

const NOW: i64 = 1_700_000_000;

/// A posting that says everything.
fn full() -> Posting {
    Posting {
        id: "42".to_owned(),
        kind: PostingKind::Contest,
        title: "A Rust compiler".to_owned(),
        url: "https://work.example/42".to_owned(),
        description: "Straße and\nmore".to_owned(),
        status: PostingStatus::Open,
        payment: Payment::Hourly,
        budget: Some(Budget {
            minimum: Some(2_000),
            maximum: Some(4_050),
            currency: "EUR".to_owned(),
            usd_rate: Some(1.5),
        }),
        skills: vec!["Rust".to_owned(), "LLVM".to_owned()],
        categories: vec!["Compilers".to_owned()],
        experience: Some(ExperienceLevel::Other("guru".to_owned())),
        duration: Some(Span { minimum: 30, maximum: None }),
        workload: Some(Span { minimum: 10, maximum: Some(20) }),
        language: Some("en".to_owned()),
        posted_at: Some(NOW - 7_200),
        updated_at: None,
        closes_at: Some(NOW + 3_600),
        competition: Some(Competition { proposals: Span { minimum: 5, maximum: Some(10) }, average: Some(3_000) }),
        client: Client {
            id: None,
            country: Some("Germany".to_owned()),
            country_code: Some("DE".to_owned()),
            rating: Some(4.5),
            reviews: Some(7),
            posted: Some(9),
            hires: Some(6),
            hire_rate: Some(0.5),
            spent_usd: Some(123_456),
            payment_verified: Some(true),
            member_since: None,
        },
        attributes: Vec::new(),
    }
}

/// One that says nothing but what every posting has.
fn bare() -> Posting {
    Posting {
        payment: Payment::Unstated,
        budget: None,
        skills: Vec::new(),
        categories: Vec::new(),
        experience: None,
        duration: None,
        workload: None,
        language: None,
        posted_at: None,
        closes_at: None,
        competition: None,
        client: Client {
            country: None,
            country_code: None,
            rating: None,
            reviews: None,
            posted: None,
            hires: None,
            hire_rate: None,
            spent_usd: None,
            payment_verified: None,
            ..full().client
        },
        ..full()
    }
}

fn explained() -> Explained {
    let line = |signal: &str, value| Line {
        signal: signal.to_owned(),
        raw: String::new(),
        value,
        weight: 0,
        points: 0,
        reason: String::new(),
        missing: Vec::new(),
        confidence: 1.0,
    };
    Explained {
        score: Score::clamped(7_550),
        confidence: 0.5,
        breakdown: vec![line("taste", 0.75)],
        adjustments: Vec::new(),
        faults: Vec::new(),
        rule: None,
        passed: Vec::new(),
    }
}

fn matched(posting: &Posting, rules: &str) -> Option<(String, String)> {
    let loaded = validate_str("p.yaml", &format!("rules: {rules}"), &[]).unwrap_or_else(|errors| panic!("{errors}"));
    let explained = explained();
    let subject = Subject { platform: "bazaar", posting, explained: &explained, now: NOW };
    first_match(&loaded.config.rules, &subject).map(|(rule, why)| (rule.name.clone(), why))
}

fn holds_for(posting: &Posting, field: &str, operator: &str, value: &str) -> bool {
    let condition =
        format!("[{{name: r, action: pass, condition: {{field: {field}, operator: {operator}, value: {value}}}}}]");
    matched(posting, &condition).is_some()
}

#[test]
fn every_field_gives_what_it_is_documented_to_give_and_nothing_where_the_posting_says_nothing() {
    let cases = [
        ("job.id", "'42'"),
        ("job.platform", "bazaar"),
        ("job.title", "A Rust compiler"),
        ("job.url", "https://work.example/42"),
        ("job.kind", "contest"),
        ("job.status", "open"),
        ("job.payment", "hourly"),
        ("job.budget.amount", "40.5"),
        ("job.budget.minimum", "20"),
        ("job.budget.maximum", "40.5"),
        ("job.budget.currency", "EUR"),
        ("job.budget.usd", "60.75"),
        ("job.experience", "guru"),
        ("job.duration_days", "30"),
        ("job.weekly_hours", "10"),
        ("job.language", "en"),
        ("job.age_hours", "2"),
        ("job.closes_in_hours", "1"),
        ("job.proposals", "10"),
        ("job.average_bid", "30"),
        ("client.country", "germany"),
        ("client.country_code", "de"),
        ("client.rating", "4.5"),
        ("client.reviews", "7"),
        ("client.posted", "9"),
        ("client.hires", "6"),
        ("client.hire_rate", "0.5"),
        ("client.spent_usd", "1234.56"),
        ("client.payment_verified", "true"),
        ("score", "75.5"),
        ("confidence", "0.5"),
        ("signals.taste", "0.75"),
    ];
    let listed = ["job.description", "job.skills", "job.categories"];
    let documented: Vec<&str> = Known::ALL.iter().map(|known| known.name()).collect();
    for name in &documented {
        assert!(listed.contains(name) || cases.iter().any(|(field, _)| field == name), "{name} has no case");
    }
    let always = [
        "job.id",
        "job.platform",
        "job.title",
        "job.url",
        "job.kind",
        "job.status",
        "score",
        "confidence",
        "signals.taste",
    ];
    for (field, value) in cases {
        assert!(holds_for(&full(), field, "eq", value), "{field}");
        assert!(!holds_for(&full(), field, "neq", value), "{field}");
        assert_eq!(holds_for(&bare(), field, "eq", value), always.contains(&field), "{field}");
        assert!(!holds_for(&bare(), field, "neq", value), "{field}: nothing is compared with what is missing");
    }
    assert!(!holds_for(&full(), "signals.other", "gte", "0"), "a signal that nobody gave is missing");
}

#[test]
fn numbers_texts_and_lists_are_compared_as_the_operators_say() {
    let cases = [
        ("score", "gt", "75.4", true),
        ("score", "gt", "75.5", false),
        ("score", "gte", "75.5", true),
        ("score", "lt", "75.5", false),
        ("score", "lte", "75.5", true),
        ("score", "in", "[1, 75.5]", true),
        ("score", "not_in", "[1, 75.5]", false),
        ("job.title", "contains", "rust", true),
        ("job.title", "contains", "r.st", false),
        ("job.title", "not_contains", "RUST", false),
        ("job.description", "contains", "STRASSE", false),
        ("job.description", "contains", "straße", true),
        ("job.title", "in", "[x, a rust COMPILER]", true),
        ("job.title", "not_in", "[x]", true),
        ("job.title", "matches", "'^A R.st'", true),
        ("job.title", "matches", "rust", false),
        ("job.title", "matches", "'(?i)rust'", true),
        ("job.skills", "contains", "llvm", true),
        ("job.skills", "contains", "LL", false),
        ("job.skills", "not_contains", "Go", true),
        ("job.skills", "in", "[Go, rust]", true),
        ("job.skills", "not_in", "[Go, rust]", false),
        ("job.skills", "matches", "^LL", true),
        ("client.payment_verified", "eq", "false", false),
        ("client.payment_verified", "neq", "false", true),
    ];
    for (field, operator, value, expected) in cases {
        assert_eq!(holds_for(&full(), field, operator, value), expected, "{field} {operator} {value}");
    }
    let names: Vec<&str> = cases.iter().map(|(_, operator, _, _)| *operator).chain(["eq", "neq"]).collect();
    for kind in
        [crate::config::Kind::Number, crate::config::Kind::Text, crate::config::Kind::Texts, crate::config::Kind::Flag]
    {
        assert!(Operator::of(kind).iter().all(|operator| names.contains(&operator.name())));
    }
}

#[test]
fn conditions_nest_and_the_first_rule_that_matches_decides_with_its_reasons() {
    let rules = "
  - {name: never, action: exclude, condition: {all: [{field: score, operator: gt, value: 1}, {field: job.kind, operator: eq, value: project}]}}
  - name: some
    action: priority
    condition:
      any:
        - {field: job.kind, operator: eq, value: project}
        - all:
            - {field: job.skills, operator: contains, value: Rust}
            - {field: client.rating, operator: gte, value: 4}
  - {name: later, action: exclude, condition: {field: score, operator: gt, value: 1}}
";
    let (name, why) = matched(&full(), rules).expect("the second");
    assert_eq!((name.as_str(), why.as_str()), ("some", "job.skills (contains \"Rust\"); client.rating is 4.5 (gte 4)"));
}

#[test]
fn the_documentation_lists_every_field_as_it_is() {
    let documented = include_str!("../../../../docs/customising.md");
    for known in Known::ALL {
        let row = format!("| `{}` |", known.name());
        let line = documented.lines().find(|line| line.starts_with(&row)).unwrap_or_else(|| panic!("{row} is missing"));
        assert!(line.contains(known.about()), "{line}");
    }
}
