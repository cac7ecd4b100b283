//! What can be looked at of a lead: by the person's rules, and in the templates of proposals. Both have the same names for it.

use crate::config::{Field, Known};
use crate::contract::types::{ExperienceLevel, Payment, Posting, PostingKind, PostingStatus, UtcSeconds};
use crate::lead::Explained;

/// A lead that is looked at.
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

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A number.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// A list of texts, never an empty one.
    Texts(&'a [String]),
    /// True or false.
    Flag(bool),
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
    /// What a field holds; none where the posting does not say.
    #[must_use]
    pub fn value(&self, field: &Field) -> Option<Value<'a>> {
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
