//! A posting, as it is printed: amounts as decimal numbers in main units of their currency, as scores are in points.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::contract::types::{
    Budget, Client, Competition, ExperienceLevel, Payment, Posting, PostingKind, PostingStatus, Span, Value,
};
use crate::plain;

/// A posting, as it is printed. Times are in seconds since 1970.
#[derive(Debug, Serialize)]
pub struct PostingRow<'a> {
    id: &'a str,
    kind: &'a str,
    title: &'a str,
    url: &'a str,
    description: &'a str,
    status: &'a str,
    payment: &'a str,
    /// Per hour if `payment` is `hourly`, else for the whole.
    budget: Option<BudgetRow<'a>>,
    skills: &'a [String],
    categories: &'a [String],
    experience: Option<&'a str>,
    duration_days: Option<SpanRow>,
    hours_per_week: Option<SpanRow>,
    language: Option<&'a str>,
    posted_at: Option<i64>,
    updated_at: Option<i64>,
    closes_at: Option<i64>,
    competition: Option<CompetitionRow>,
    client: ClientRow<'a>,
    attributes: Map<String, Json>,
}

#[derive(Debug, Serialize)]
struct BudgetRow<'a> {
    minimum: Option<f64>,
    maximum: Option<f64>,
    currency: &'a str,
    /// What one unit of the currency is worth in USD.
    usd_rate: Option<f64>,
}

#[derive(Debug, Serialize)]
struct SpanRow {
    minimum: u32,
    maximum: Option<u32>,
}

#[derive(Debug, Serialize)]
struct CompetitionRow {
    proposals: SpanRow,
    /// In the budget's currency.
    average: Option<f64>,
}

#[derive(Debug, Serialize)]
struct ClientRow<'a> {
    id: Option<&'a str>,
    country: Option<&'a str>,
    country_code: Option<&'a str>,
    rating: Option<f64>,
    reviews: Option<u32>,
    posted: Option<u32>,
    hires: Option<u32>,
    hire_rate: Option<f64>,
    spent_usd: Option<f64>,
    payment_verified: Option<bool>,
    member_since: Option<i64>,
}

/// A posting, as it is printed.
#[must_use]
pub fn posting_row(of: &Posting) -> PostingRow<'_> {
    PostingRow {
        id: &of.id,
        kind: match &of.kind {
            PostingKind::Project => "project",
            PostingKind::Contest => "contest",
            PostingKind::Other(other) => other,
        },
        title: &of.title,
        url: &of.url,
        description: &of.description,
        status: match &of.status {
            PostingStatus::Open => "open",
            PostingStatus::Closed => "closed",
            PostingStatus::Other(other) => other,
        },
        payment: match &of.payment {
            Payment::Fixed => "fixed",
            Payment::Hourly => "hourly",
            Payment::Prize => "prize",
            Payment::Unstated => "unstated",
            Payment::Other(other) => other,
        },
        budget: of.budget.as_ref().map(budget),
        skills: &of.skills,
        categories: &of.categories,
        experience: of.experience.as_ref().map(|level| match level {
            ExperienceLevel::Entry => "entry",
            ExperienceLevel::Intermediate => "intermediate",
            ExperienceLevel::Expert => "expert",
            ExperienceLevel::Other(other) => other,
        }),
        duration_days: of.duration.as_ref().map(span),
        hours_per_week: of.workload.as_ref().map(span),
        language: of.language.as_deref(),
        posted_at: of.posted_at,
        updated_at: of.updated_at,
        closes_at: of.closes_at,
        competition: of.competition.as_ref().map(competition),
        client: client(&of.client),
        attributes: of.attributes.iter().map(|extra| (extra.name.clone(), plain(&extra.value))).collect(),
    }
}

/// Hundredths in main units. A number of JSON has room for every amount that the host takes.
pub(super) fn amount(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

fn budget(of: &Budget) -> BudgetRow<'_> {
    BudgetRow {
        minimum: of.minimum.map(amount),
        maximum: of.maximum.map(amount),
        currency: &of.currency,
        usd_rate: of.usd_rate,
    }
}

fn span(of: &Span) -> SpanRow {
    SpanRow { minimum: of.minimum, maximum: of.maximum }
}

fn competition(of: &Competition) -> CompetitionRow {
    CompetitionRow { proposals: span(&of.proposals), average: of.average.map(amount) }
}

fn client(of: &Client) -> ClientRow<'_> {
    ClientRow {
        id: of.id.as_deref(),
        country: of.country.as_deref(),
        country_code: of.country_code.as_deref(),
        rating: of.rating,
        reviews: of.reviews,
        posted: of.posted,
        hires: of.hires,
        hire_rate: of.hire_rate,
        spent_usd: of.spent_usd.map(amount),
        payment_verified: of.payment_verified,
        member_since: of.member_since,
    }
}

/// A value, as it is printed.
pub(super) fn plain(value: &Value) -> Json {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Integer(number) => (*number).into(),
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::Texts(texts) => texts.as_slice().into(),
    }
}

/// What a person looks at before the description, by name, as far as the posting states it.
#[must_use]
pub fn facts(of: &Posting) -> Vec<(&'static str, String)> {
    let posted = of.posted_at.map_or_else(|| "unknown".to_owned(), plain::time);
    let client = &of.client;
    let rating = |rating: f64| format!("{rating:.1} of 5 from {} reviews", client.reviews.unwrap_or_default());
    let verified = |verified| if verified { "payment verified" } else { "payment not verified" }.to_owned();
    let facts = [
        ("posted", Some(posted)),
        ("pays", Some(pay(&of.payment, of.budget.as_ref()))),
        ("skills", Some(of.skills.join(", "))),
        ("proposals", of.competition.as_ref().map(|competition| range(&competition.proposals))),
        ("duration", of.duration.as_ref().map(|days| format!("{} days", range(days)))),
        ("workload", of.workload.as_ref().map(|hours| format!("{} hours a week", range(hours)))),
        ("client", client.country.clone()),
        ("rating", client.rating.map(rating)),
        ("verified", client.payment_verified.map(verified)),
    ];
    facts.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?))).collect()
}

/// What a posting pays: `fixed price, 250.00 to 500.00 EUR`.
#[must_use]
pub fn pay(payment: &Payment, budget: Option<&Budget>) -> String {
    let kind = match payment {
        Payment::Fixed => "fixed price",
        Payment::Hourly => "by the hour",
        Payment::Prize => "prize",
        Payment::Unstated => "not stated",
        Payment::Other(other) => other,
    };
    let Some(budget) = budget else { return format!("{kind}, amount not stated") };
    let amount = |hundredths: i64| format!("{}.{:02}", hundredths / 100, hundredths % 100);
    let range = match (budget.minimum, budget.maximum) {
        (Some(minimum), Some(maximum)) if minimum == maximum => amount(minimum),
        (Some(minimum), Some(maximum)) => format!("{} to {}", amount(minimum), amount(maximum)),
        (Some(minimum), None) => format!("from {}", amount(minimum)),
        (None, Some(maximum)) => format!("up to {}", amount(maximum)),
        (None, None) => "amount not stated".to_owned(),
    };
    format!("{kind}, {range} {}", budget.currency)
}

fn range(span: &Span) -> String {
    match span.maximum {
        Some(maximum) if maximum == span.minimum => maximum.to_string(),
        Some(maximum) => format!("{} to {maximum}", span.minimum),
        None => format!("{} or more", span.minimum),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_decimal_numbers_beside_their_currency_and_words_are_the_contracts() {
        let posting: Posting = serde_json::from_value(serde_json::json!({
            "id": "7", "kind": "Project", "title": "T", "url": "https://x.example/7", "description": "", "status": "Open", "payment": "Fixed",
            "budget": {"minimum": 1250, "currency": "EUR", "usd_rate": 1.125}, "skills": [], "categories": [],
            "experience": {"Other": "GURU"}, "duration": {"minimum": 30},
            "competition": {"proposals": {"minimum": 3, "maximum": 5}, "average": 99}, "client": {"spent_usd": 381_742},
            "attributes": [{"name": "sealed", "value": {"Flag": true}}, {"name": "places", "value": {"Texts": ["Oslo"]}}],
        }))
        .expect("a posting as it is stored");
        let row = serde_json::to_value(posting_row(&posting)).expect("JSON");
        for (pointer, expected) in [
            ("/budget", serde_json::json!({"minimum": 12.5, "maximum": null, "currency": "EUR", "usd_rate": 1.125})),
            ("/competition", serde_json::json!({"proposals": {"minimum": 3, "maximum": 5}, "average": 0.99})),
            ("/client/spent_usd", 3817.42.into()),
            ("/duration_days", serde_json::json!({"minimum": 30, "maximum": null})),
            ("/kind", "project".into()),
            ("/status", "open".into()),
            ("/payment", "fixed".into()),
            ("/experience", "GURU".into()),
            ("/posted_at", Json::Null),
            ("/attributes", serde_json::json!({"sealed": true, "places": ["Oslo"]})),
        ] {
            assert_eq!(row.pointer(pointer), Some(&expected), "{pointer}");
        }
    }
}
