//! What is judged: postings and a context, in whichever of the two languages' types.

/// The time at which everything is judged.
pub const NOW: i64 = 1_790_000_000;

/// A posting of about 2 KB and 20 fields, in whichever of the two languages' types. The same number gives the same posting.
macro_rules! posting {
    ($types:ident, $n:expr) => {{
        let n: u64 = $n;
        let skill = |k: u64| {
            ["Rust", "TypeScript", "React", "PostgreSQL", "Python", "Docker", "GraphQL", "Figma", "WordPress"]
                [((n / 3 + k * 7) % 9) as usize]
        };
        $types::Posting {
            id: format!("{}", 39_000_000 + n),
            kind: $types::PostingKind::Project,
            title: format!("Service number {n} that reads reports and writes summaries"),
            url: format!("https://www.freelancer.com/projects/rust/service-number-{n}"),
            description: "We need somebody who has done this before and can show it. ".repeat(33),
            status: $types::PostingStatus::Open,
            payment: if n % 3 == 0 { $types::Payment::Hourly } else { $types::Payment::Fixed },
            budget: Some($types::Budget {
                minimum: Some(25_000 + n as i64),
                maximum: Some(75_000 + n as i64),
                currency: "EUR".to_owned(),
                usd_rate: Some(1.08),
            }),
            skills: (0..5).map(|k| skill(k).to_owned()).collect(),
            categories: vec!["Websites, IT & Software".to_owned()],
            experience: None,
            duration: Some($types::Span { minimum: 7, maximum: Some(30) }),
            workload: Some($types::Span { minimum: 20, maximum: Some(40) }),
            language: Some("en".to_owned()),
            posted_at: Some(crate::postings::NOW - (n as i64) * 60),
            updated_at: Some(crate::postings::NOW - (n as i64) * 30),
            closes_at: Some(crate::postings::NOW + 86_400),
            competition: Some($types::Competition {
                proposals: $types::Span { minimum: (n % 60) as u32, maximum: Some((n % 60) as u32) },
                average: Some(50_000),
            }),
            client: $types::Client {
                id: Some(format!("{}", 8_000_000 + n)),
                country: Some("Germany".to_owned()),
                country_code: Some("DE".to_owned()),
                rating: if n % 4 == 0 { None } else { Some(3.0 + (n % 20) as f64 / 10.0) },
                reviews: Some((n % 40) as u32),
                posted: Some(20),
                hires: Some(12),
                hire_rate: Some(0.6),
                spent_usd: Some(1_000_000),
                payment_verified: Some(true),
                member_since: Some(1_500_000_000),
            },
            attributes: vec![$types::Attribute { name: "sealed".to_owned(), value: $types::Value::Flag(n % 7 == 0) }],
        }
    }};
}

/// What judging depends on, beside the postings: a profile, and the settings of the plugin with this id.
macro_rules! context {
    ($types:ident, $plugin:expr) => {{
        let text = |name: &str, value: $types::Value| $types::Attribute { name: name.to_owned(), value };
        $types::Context {
            now: crate::postings::NOW,
            profile: $types::Profile {
                skills: ["Rust", "TypeScript", "React.js", "Postgres", "GraphQL"]
                    .into_iter()
                    .map(|name| $types::ProfileSkill { name: name.to_owned(), aliases: vec![], years: Some(5) })
                    .collect(),
                rates: $types::Rates {
                    currency: "USD".to_owned(),
                    usd_rate: Some(1.0),
                    hourly_minimum: Some(4_000),
                    hourly_preferred: Some(8_000),
                    fixed_minimum: Some(30_000),
                    fixed_preferred: Some(200_000),
                },
                availability: $types::Availability {
                    hours_per_week: Some(30),
                    starts_at: None,
                    longest_days: Some(90),
                },
                languages: vec!["en".to_owned()],
                country_code: None,
            },
            settings: match $plugin {
                "freelancer" => vec![
                    text("categories", $types::Value::Texts(vec!["Websites, IT & Software".to_owned()])),
                    text("project_types", $types::Value::Texts(vec!["fixed".to_owned(), "hourly".to_owned()])),
                    text("min_employer_rating", $types::Value::Number(4.0)),
                    text("include_contests", $types::Value::Flag(false)),
                ],
                _ => vec![
                    text("job_type", $types::Value::Texts(vec!["fixed".to_owned(), "hourly".to_owned()])),
                    text("min_client_rating", $types::Value::Number(4.0)),
                    text("payment_verified", $types::Value::Flag(true)),
                ],
            },
            parameters: vec![
                text("skill_match.exact_match_bonus", $types::Value::Integer(15)),
                text("skill_match.semantic_threshold", $types::Value::Number(0.7)),
                text("skill_match.missing_penalty", $types::Value::Integer(10)),
                text("contest_penalty", $types::Value::Integer(15)),
            ],
        }
    }};
}

pub(crate) use {context, posting};
