//! What has changed about a lead since it was first met.

use serde::Serialize;

use super::{AppError, Services};
use crate::contract::types::{Budget, PostingStatus, Span};
use crate::store::{Facts, StoredLead};

/// One figure that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangeRow {
    /// When it was last seen as it was before, in seconds since 1970.
    pub until: i64,
    /// `budget`, `proposals` or `status`.
    pub what: &'static str,
    /// What it was.
    pub before: String,
    /// What it became.
    pub after: String,
}

/// The changes of a lead's budget, proposals and status, the latest first; as far back as the store remembers.
///
/// # Errors
/// The store's.
pub async fn history(services: &Services, stored: &StoredLead) -> Result<Vec<ChangeRow>, AppError> {
    let past = services.store.past_states(&stored.account, &stored.lead.posting.id).await?;
    let mut after = Facts::of(&stored.lead.posting);
    let mut changes = Vec::new();
    for state in past {
        changes.extend(between(state.until, &state.facts, &after));
        after = state.facts;
    }
    Ok(changes)
}

fn between(until: i64, before: &Facts, after: &Facts) -> impl Iterator<Item = ChangeRow> {
    let told = |facts: &Facts| {
        [
            ("status", status(&facts.status)),
            ("budget", budget(facts.budget.as_ref())),
            ("proposals", span(facts.proposals)),
        ]
    };
    let pairs = told(before).into_iter().zip(told(after));
    pairs.filter(|((_, before), (_, after))| before != after).map(move |((what, before), (_, after))| ChangeRow {
        until,
        what,
        before,
        after,
    })
}

fn status(status: &PostingStatus) -> String {
    match status {
        PostingStatus::Open => "open".to_owned(),
        PostingStatus::Closed => "closed".to_owned(),
        PostingStatus::Other(word) => word.clone(),
    }
}

fn budget(budget: Option<&Budget>) -> String {
    let amount = |hundredths: i64| format!("{}.{:02}", hundredths / 100, hundredths % 100);
    let Some(budget) = budget else { return "not stated".to_owned() };
    let range = match (budget.minimum, budget.maximum) {
        (Some(low), Some(high)) if low == high => amount(low),
        (Some(low), Some(high)) => format!("{} to {}", amount(low), amount(high)),
        (Some(low), None) => format!("from {}", amount(low)),
        (None, Some(high)) => format!("up to {}", amount(high)),
        (None, None) => return "not stated".to_owned(),
    };
    format!("{range} {}", budget.currency)
}

fn span(span: Option<Span>) -> String {
    match span {
        None => "not stated".to_owned(),
        Some(Span { minimum, maximum: Some(maximum) }) if minimum == maximum => minimum.to_string(),
        Some(Span { minimum, maximum: Some(maximum) }) => format!("{minimum} to {maximum}"),
        Some(Span { minimum, maximum: None }) => format!("{minimum} or more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_figure_that_changed_is_told_with_what_it_was_and_became() {
        let budget = |minimum, maximum| Some(Budget { minimum, maximum, currency: "EUR".to_owned(), usd_rate: None });
        let before = Facts {
            status: PostingStatus::Open,
            budget: budget(Some(25_000), None),
            proposals: Some(Span { minimum: 3, maximum: Some(3) }),
        };
        let after = Facts {
            status: PostingStatus::Closed,
            budget: budget(Some(25_000), Some(50_050)),
            proposals: Some(Span { minimum: 20, maximum: Some(50) }),
        };
        let told: Vec<_> =
            between(7, &before, &after).map(|row| (row.until, row.what, row.before, row.after)).collect();
        let row = |what, before: &str, after: &str| (7, what, before.to_owned(), after.to_owned());
        assert_eq!(
            told,
            [
                row("status", "open", "closed"),
                row("budget", "from 250.00 EUR", "250.00 to 500.50 EUR"),
                row("proposals", "3", "20 to 50")
            ]
        );
        assert_eq!(between(7, &after, &after).count(), 0);
    }
}
