//! The person's rules, run over scored leads in their order: the first that matches decides.
//!
//! What a posting does not say passes no comparison, turned round or not: a rule never acts on data that is missing.

use crate::config::{Comparison, Condition, Field, Known, Rule};
use crate::contract::types::{ExperienceLevel, Payment, Posting, PostingKind, PostingStatus, UtcSeconds};
use crate::lead::Explained;

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The platform's id.
    pub platform: &'a str,
    /// The posting.
    pub posting: &'a Posting,
    /// Its score.
    pub explained: &'a Explained,
    /// The time.
    pub now: UtcSeconds,
}

/// The first rule that a lead meets, and why: the comparisons that held, with what was found.
#[must_use]
pub fn first_match<'r>(rules: &'r [Rule], subject: &Subject<'_>) -> Option<(&'r Rule, String)> {
    rules.iter().find_map(|rule| {
        let mut held = Vec::new();
        holds(&rule.condition, subject, &mut held).then(|| (rule, held.join("; ")))
    })
}

/// Whether a condition holds; adds the comparisons that made it so.
fn holds(condition: &Condition, subject: &Subject<'_>, held: &mut Vec<String>) -> bool {
    let before = held.len();
    let holds = match condition {
        Condition::All(all) => all.iter().all(|inner| holds(inner, subject, held)),
        Condition::Any(any) => any.iter().any(|inner| holds(inner, subject, held)),
        Condition::Compare(comparison) => match subject.value(&comparison.field) {
            Some(value) if value.passes(comparison) => {
                held.push(told(comparison, &value));
                true
            }
            _ => false,
        },
    };
    if !holds {
        held.truncate(before);
    }
    holds
}

/// `job.budget.amount is 300 (lt 500)`.
fn told(comparison: &Comparison, value: &Value<'_>) -> String {
    let Comparison { field, operator, value: written, .. } = comparison;
    let found = match value {
        Value::Number(number) => format!(" is {number}"),
        Value::Flag(flag) => format!(" is {flag}"),
        Value::Text(text) if text.len() <= 60 => format!(" is {text:?}"),
        Value::Text(_) | Value::Texts(_) => String::new(),
    };
    let written: String = written.to_string().chars().take(120).collect();
    format!("{field}{found} ({} {written})", operator.name())
}

/// What a field holds.
enum Value<'a> {
    Number(f64),
    Text(&'a str),
    Texts(&'a [String]),
    Flag(bool),
}

impl Value<'_> {
    fn passes(&self, comparison: &Comparison) -> bool {
        match self {
            Value::Number(number) => comparison.test.number(*number),
            Value::Text(text) => comparison.test.texts(std::iter::once(*text)),
            Value::Texts(texts) => comparison.test.texts(texts.iter().map(String::as_str)),
            Value::Flag(flag) => comparison.test.flag(*flag),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "amounts are bounded far below what a float holds exactly")]
fn units(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

#[expect(clippy::cast_precision_loss, reason = "times are within the years 1 to 9999")]
fn hours(seconds: i64) -> f64 {
    seconds as f64 / 3600.0
}

impl<'a> Subject<'a> {
    /// None where the posting does not say.
    fn value(&self, field: &Field) -> Option<Value<'a>> {
        let Subject { platform, posting, explained, now } = *self;
        let client = &posting.client;
        let budget = posting.budget.as_ref();
        let amount = budget.and_then(|budget| budget.maximum.or(budget.minimum));
        let known = match field {
            Field::Signal(name) => {
                let line = explained.breakdown.iter().find(|line| line.signal == *name)?;
                return Some(Value::Number(line.value));
            }
            Field::Known(known) => *known,
        };
        let text = |text: &'a str| Some(Value::Text(text));
        let count = |count: Option<u32>| count.map(|count| Value::Number(f64::from(count)));
        let amount_of = |amount: Option<i64>| amount.map(|amount| Value::Number(units(amount)));
        match known {
            Known::Id => text(&posting.id),
            Known::Platform => text(platform),
            Known::Title => text(&posting.title),
            Known::Description => text(&posting.description),
            Known::Url => text(&posting.url),
            Known::JobKind => text(match &posting.kind {
                PostingKind::Project => "project",
                PostingKind::Contest => "contest",
                PostingKind::Other(word) => word,
            }),
            Known::Status => text(match &posting.status {
                PostingStatus::Open => "open",
                PostingStatus::Closed => "closed",
                PostingStatus::Other(word) => word,
            }),
            Known::Payment => text(match &posting.payment {
                Payment::Fixed => "fixed",
                Payment::Hourly => "hourly",
                Payment::Prize => "prize",
                Payment::Unstated => return None,
                Payment::Other(word) => word,
            }),
            Known::BudgetAmount => amount_of(amount),
            Known::BudgetMinimum => amount_of(budget.and_then(|budget| budget.minimum)),
            Known::BudgetMaximum => amount_of(budget.and_then(|budget| budget.maximum)),
            Known::BudgetCurrency => budget.map(|budget| Value::Text(&budget.currency)),
            Known::BudgetUsd => {
                let rate = budget.and_then(|budget| if budget.currency == "USD" { Some(1.0) } else { budget.usd_rate });
                amount.zip(rate).map(|(amount, rate)| Value::Number(units(amount) * rate))
            }
            Known::Skills => Some(Value::Texts(&posting.skills)).filter(|_| !posting.skills.is_empty()),
            Known::Categories => Some(Value::Texts(&posting.categories)).filter(|_| !posting.categories.is_empty()),
            Known::Experience => posting.experience.as_ref().map(|level| {
                Value::Text(match level {
                    ExperienceLevel::Entry => "entry",
                    ExperienceLevel::Intermediate => "intermediate",
                    ExperienceLevel::Expert => "expert",
                    ExperienceLevel::Other(word) => word,
                })
            }),
            Known::DurationDays => count(posting.duration.map(|span| span.minimum)),
            Known::WeeklyHours => count(posting.workload.map(|span| span.minimum)),
            Known::Language => posting.language.as_deref().and_then(text),
            Known::AgeHours => posting.posted_at.map(|at| Value::Number(hours(now.saturating_sub(at)))),
            Known::ClosesInHours => posting.closes_at.map(|at| Value::Number(hours(at.saturating_sub(now)))),
            Known::Proposals => {
                let proposals = posting.competition.as_ref().map(|competition| competition.proposals);
                count(proposals.map(|span| span.maximum.unwrap_or(span.minimum)))
            }
            Known::AverageBid => amount_of(posting.competition.as_ref().and_then(|competition| competition.average)),
            Known::ClientCountry => client.country.as_deref().and_then(text),
            Known::ClientCountryCode => client.country_code.as_deref().and_then(text),
            Known::ClientRating => client.rating.map(Value::Number),
            Known::ClientReviews => count(client.reviews),
            Known::ClientPosted => count(client.posted),
            Known::ClientHires => count(client.hires),
            Known::ClientHireRate => client.hire_rate.map(Value::Number),
            Known::ClientSpent => amount_of(client.spent_usd),
            Known::ClientVerified => client.payment_verified.map(Value::Flag),
            Known::Points => Some(Value::Number(explained.score.points())),
            Known::Confidence => Some(Value::Number(explained.confidence)),
        }
    }
}

#[cfg(test)]
mod tests;
