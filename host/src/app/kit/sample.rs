//! Postings and a profile that components are tried on: made up, of the size that platforms' are, the same on each run.

use serde_json::Map;

use crate::config::{Diagnostic, loose_settings};
use crate::contract::types::{
    Attribute, Availability, Budget, Client, Competition, Context, Payment, Posting, PostingKind, PostingStatus,
    Profile, ProfileSkill, Rates, Span, UtcSeconds, Value,
};
use crate::pipeline::context;

/// The time at which samples are judged: 2026-09-21.
pub const NOW: UtcSeconds = 1_790_000_000;

const SKILLS: [&str; 9] =
    ["Rust", "TypeScript", "React", "PostgreSQL", "Python", "Docker", "GraphQL", "Figma", "WordPress"];

/// Postings of about 2 KB and 20 fields each.
#[must_use]
pub fn postings(count: u32) -> Vec<Posting> {
    (0..count).map(posting).collect()
}

fn posting(n: u32) -> Posting {
    let exactly = |number: u32| Span { minimum: number, maximum: Some(number) };
    let before = |minutes: u32| NOW - i64::from(minutes) * 60;
    Posting {
        id: format!("sample-{n}"),
        kind: PostingKind::Project,
        title: format!("Service number {n} that reads reports and writes summaries"),
        url: format!("https://platform.example/projects/sample-{n}"),
        description: "We need somebody who has done this before and can show it. ".repeat(33),
        status: PostingStatus::Open,
        payment: if n.is_multiple_of(3) { Payment::Hourly } else { Payment::Fixed },
        budget: Some(Budget {
            minimum: Some(25_000 + i64::from(n)),
            maximum: Some(75_000 + i64::from(n)),
            currency: "EUR".to_owned(),
            usd_rate: Some(1.08),
        }),
        skills: (0..5).map(|k| SKILLS[((n / 3 + k * 7) % 9) as usize].to_owned()).collect(),
        categories: vec!["Websites, IT & Software".to_owned()],
        experience: None,
        duration: Some(Span { minimum: 7, maximum: Some(30) }),
        workload: Some(Span { minimum: 20, maximum: Some(40) }),
        language: Some("en".to_owned()),
        posted_at: Some(before(n)),
        updated_at: Some(before(n / 2)),
        closes_at: Some(NOW + 86_400),
        competition: Some(Competition { proposals: exactly(n % 60), average: Some(50_000) }),
        client: Client {
            id: Some(format!("client-{}", n % 200)),
            country: Some("Germany".to_owned()),
            country_code: Some("DE".to_owned()),
            // One of four is new.
            rating: (!n.is_multiple_of(4)).then(|| 3.0 + f64::from(n % 20) / 10.0),
            reviews: Some(n % 40),
            posted: Some(20),
            hires: Some(12),
            hire_rate: Some(0.6),
            spent_usd: Some(1_000_000),
            payment_verified: Some(true),
            member_since: Some(1_500_000_000),
        },
        attributes: vec![Attribute { name: "sealed".to_owned(), value: Value::Flag(n.is_multiple_of(7)) }],
    }
}

/// What judging depends on beside the postings: a profile, settings with the defaults of their schema, and the parameters of scoring that a person gets who sets none.
///
/// # Errors
/// What keeps them from being settings: one that a person has to give, or a schema that is none.
pub fn context(id: &str, schema: &str, settings: &Map<String, serde_json::Value>) -> Result<Context, Vec<Diagnostic>> {
    let settings: Map<String, serde_json::Value> = loose_settings(id, schema, settings)?;
    Ok(Context { now: NOW, profile: profile(), settings: context::attributes(&settings), parameters: parameters() })
}

/// Somebody whom a part of the postings suits.
#[must_use]
pub fn profile() -> Profile {
    let skill = |name: &&str| ProfileSkill { name: (*name).to_owned(), aliases: Vec::new(), years: Some(5) };
    Profile {
        skills: SKILLS[..5].iter().map(skill).collect(),
        rates: Rates {
            currency: "USD".to_owned(),
            usd_rate: Some(1.0),
            hourly_minimum: Some(4_000),
            hourly_preferred: Some(8_000),
            fixed_minimum: Some(30_000),
            fixed_preferred: Some(200_000),
        },
        availability: Availability { hours_per_week: Some(30), starts_at: None, longest_days: Some(90) },
        languages: vec!["en".to_owned()],
        country_code: None,
    }
}

/// The parameters of scoring that a person gets who sets none.
#[must_use]
pub fn parameters() -> Vec<Attribute> {
    let parameter = |name: &str, value| Attribute { name: name.to_owned(), value };
    vec![
        parameter("skill_match.exact_match_bonus", Value::Integer(15)),
        parameter("skill_match.semantic_threshold", Value::Number(0.7)),
        parameter("skill_match.missing_penalty", Value::Integer(10)),
        parameter("contest_penalty", Value::Number(15.0)),
    ]
}
