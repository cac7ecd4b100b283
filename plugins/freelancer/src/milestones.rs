//! Milestones of contracts, and requests for them.

use prospector_plugin::contracts::{Milestone, MilestoneStatus};
use prospector_plugin::error::{self, Refine};
use prospector_plugin::lenient::{Field as _, Float, Int, Json, Lax, Text};
use prospector_plugin::posting::word;
use prospector_plugin::request::Call;
use prospector_plugin::text::cut;
use prospector_plugin::types::{Error, ErrorKind};
use prospector_plugin::{Host, money, record};

use crate::envelope::ask;
use crate::wire::Currency;
use crate::wishes::CREDENTIAL;

/// Path of milestones.
pub(crate) const MILESTONES: &str = "/api/projects/0.1/milestones/";

/// What the identifier of a milestone begins with that was asked for and not yet created: the two are numbered apart.
pub(crate) const REQUESTED: &str = "request-";

/// Milestones that the contract takes of a contract.
const MOST: usize = 200;

/// Bytes of a description.
const LONGEST: usize = 1024;

/// Pages of a list that are read: 4,000 rows.
const MOST_PAGES: usize = 40;

record! {
    pub(crate) struct Payment {
        pub(crate) id: Int = "transaction_id" | "id",
        pub(crate) bid_id: Int,
        pub(crate) project_id: Int,
        pub(crate) amount: Float,
        currency: Lax<Currency>,
        reason: Text,
        other_reason: Text = "other_reason" | "description",
        pub(crate) status: Text,
    }
}

/// All rows of a list about these identifiers, each once: a page is the last if it brings nothing new, as short ones may not be.
///
/// # Errors
/// What the platform or the host refused; `too-large` beyond 4,000 rows.
pub(crate) fn all(
    host: &dyn Host,
    (origin, path, key): (&str, &str, &str),
    (parameter, ids): (&str, &[i64]),
) -> Result<Vec<Payment>, Error> {
    let mut rows: Vec<Payment> = Vec::new();
    let mut seen = 0;
    for _ in 0..MOST_PAGES {
        let call = Call::get(origin, path).list(parameter, ids).number("limit", 100).number("offset", seen);
        let page: Vec<Payment> = ask(host, &call.credential(CREDENTIAL).build(), "your milestones", |result, _| {
            let Json::Object(mut result) = result else { return None };
            // A map by identifier, or a list.
            Some(result.get(key).elements().filter_map(|row| Lax::of(row).0).collect())
        })?;
        let before = rows.len();
        seen += page.len();
        for row in page {
            if row.id.0.is_some() && !rows.iter().any(|known| known.id == row.id) {
                rows.push(row);
            }
        }
        if rows.len() == before {
            return Ok(rows);
        }
    }
    let message = format!("Freelancer lists more than {} rows at {path}", rows.len());
    Err(error::of(ErrorKind::TooLarge, message).remedy("Look for an update of this plugin."))
}

/// The payments and the requests of a bid as milestones. Requests that were created are payments.
pub(crate) fn of_bid(bid: i64, project: Option<i64>, payments: &[Payment], requests: &[Payment]) -> Vec<Milestone> {
    let of_this = |payment: &&Payment| match payment.bid_id.0 {
        Some(of) => of == bid,
        None => payment.project_id.0.is_some() && payment.project_id.0 == project,
    };
    let requested =
        requests.iter().filter(of_this).filter_map(|request| milestone(request, REQUESTED, &asked(request)?));
    let paid = payments.iter().filter(of_this).filter_map(|payment| milestone(payment, "", &status(payment)));
    paid.chain(requested).take(MOST).collect()
}

fn milestone(payment: &Payment, prefix: &str, status: &MilestoneStatus) -> Option<Milestone> {
    let code = payment.currency.0.as_ref().and_then(|currency| currency.code.0.as_deref());
    let description = payment.other_reason.0.as_deref().or(payment.reason.0.as_deref()).unwrap_or_default();
    Some(Milestone {
        id: format!("{prefix}{}", payment.id.0?),
        description: cut(description, LONGEST).to_owned(),
        amount: money::money(payment.amount.0, code),
        due_at: None,
        submitted_at: None,
        status: status.clone(),
    })
}

/// `pending` and `frozen` are paid in and not asked for: the work is to be done, as far as the platform knows. A dispute and a cancelling are none of
/// the common states.
pub(crate) fn status(payment: &Payment) -> MilestoneStatus {
    match payment.status.0.as_deref() {
        Some("pending" | "frozen") => MilestoneStatus::InProgress,
        Some("requested_release") => MilestoneStatus::Submitted,
        Some("cleared") => MilestoneStatus::Approved,
        Some(other) => MilestoneStatus::Other(word(other)),
        None => MilestoneStatus::Other("unknown".to_owned()),
    }
}

/// The status of a request; none if it became a milestone, or was deleted.
fn asked(request: &Payment) -> Option<MilestoneStatus> {
    match request.status.0.as_deref() {
        Some("created" | "deleted") => None,
        Some("pending") | None => Some(MilestoneStatus::Upcoming),
        Some(other) => Some(MilestoneStatus::Other(word(other))),
    }
}

#[cfg(test)]
mod tests;
