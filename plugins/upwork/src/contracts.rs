//! Contracts with their milestones: `vendorContracts`, which a live user reported to give no rows. The values of its enumerations are not documented:
//! those that are understood here are guesses, and any other is passed on as it is.

use prospector_plugin::contracts::{Contract, ContractPage, ContractStatus, Milestone, MilestoneStatus};
use prospector_plugin::lenient::{Field as _, Int, Json, Lax, LaxList, Text, Word};
use prospector_plugin::paging::{cursor_of, read_cursor};
use prospector_plugin::posting::{attribute, title, word};
use prospector_plugin::request::encode_into;
use prospector_plugin::text::cut;
use prospector_plugin::time::parse;
use prospector_plugin::types::{self, Error, Payment, UtcSeconds, Value};
use prospector_plugin::{Host, error, money, record};
use serde_json::json;

use crate::document::{NoVariables, OWN, request};
use crate::envelope::{ask, ask_for};
use crate::posting::is_identifier;
use crate::proposals::Identified;
use crate::settings::Settings;
use crate::wire::{Money, Own};
use crate::wishes;

const CONTRACTS: &str = "query Contracts($filter: VendorContractSearchFilter!, $paging: ContractPagingInput) {
  vendorContracts(filter: $filter, paging: $paging) {
    contracts {
      id title status closingReason { reason } modifyDate startDate endDate offerId
      job { id } clientOrganization { name } hiringManager { name } hourlyLimits { weeklyLimit }
      terms {
        fixedPriceTerms {
          fixedAmount { rawValue currency }
          milestones {
            id dueDateTime state description depositAmount { rawValue currency } fundedAmount { rawValue currency } submissionCount
          }
        }
        hourlyTerms { hourlyRate { rawValue currency } }
      }
    }
  }
}";

/// Rows that a page has at most.
const PAGE: usize = 100;

/// Rows after which a list is taken for endless.
const MOST_ROWS: i64 = 50_000;

/// Seconds by which a pass reaches back behind the beginning of the last.
const OVERLAP: i64 = 3600;

/// Milestones that the contract takes, and bytes of a description or title.
const MILESTONES: usize = 200;
const LONGEST: usize = 1024;

record! {
    /// `ContractDetails`.
    struct Details<'a> {
        id: Text,
        title: Text,
        status: Word<'a>,
        closing: Lax<Reason> = "closingReason",
        modified: Word<'a> = "modifyDate",
        starts: Word<'a> = "startDate",
        ends: Word<'a> = "endDate",
        offer: Text = "offerId",
        job: Lax<Identified>,
        client: Lax<Named> = "clientOrganization",
        manager: Lax<Named> = "hiringManager",
        limits: LaxList<Limit> = "hourlyLimits",
        terms: Lax<Terms<'a>>,
    }

    struct Reason {
        reason: Text,
    }

    struct Named {
        name: Text,
    }

    struct Limit {
        weekly: Int = "weeklyLimit",
    }

    struct Terms<'a> {
        fixed: LaxList<FixedTerm<'a>> = "fixedPriceTerms",
        hourly: LaxList<HourlyTerm<'a>> = "hourlyTerms",
    }

    struct FixedTerm<'a> {
        amount: Lax<Money<'a>> = "fixedAmount",
        milestones: LaxList<Step<'a>>,
    }

    struct HourlyTerm<'a> {
        rate: Lax<Money<'a>> = "hourlyRate",
    }

    /// `Milestone`.
    struct Step<'a> {
        id: Text,
        due: Word<'a> = "dueDateTime",
        state: Word<'a>,
        description: Text,
        deposit: Lax<Money<'a>> = "depositAmount",
        funded: Lax<Money<'a>> = "fundedAmount",
        submissions: Int = "submissionCount",
    }
}

/// A page of contracts. The platform lists all or those between dates, not what has changed: of a later pass those are left out that are over and
/// have not been changed since.
pub(crate) fn changed(
    host: &dyn Host,
    settings: &Settings,
    cursor: Option<&str>,
    now: UtcSeconds,
) -> Result<ContractPage, Error> {
    let mut numbers = [i64::MIN, now, 0, 0];
    if let Some(cursor) = cursor {
        read_cursor(cursor, &mut numbers)?;
    }
    let [since, mut began, mut offset, mut own] = numbers;
    let origin = wishes::api(host)?;
    if own == 0 {
        (began, offset) = (now, 0);
        own = own_id(host, settings, &origin)?;
    }
    let site = wishes::page(host, "")?;
    let (mut contracts, mut rows, mut more) = (Vec::new(), 0, true);
    while more && rows < PAGE {
        let variables = json!({
            "filter": {"vendorId": own.to_string()}, "paging": {"limit": PAGE - rows, "offset": offset.max(0)},
        });
        let request = request(&origin, CONTRACTS, variables, &settings.organization_id)?;
        let (page, _) = ask(host, &request, "your contracts", |data, _, _| {
            let Json::Object(mut data) = data else { return None };
            let Json::Object(mut found) = data.get("vendorContracts") else { return None };
            let elements = found.get("contracts").elements();
            let count = elements.len();
            let read = elements.into_iter().filter_map(|details| read(Lax::of(details).0?, since, &site));
            Some((count, read.collect::<Vec<_>>()))
        })
        .map_err(|refused| refused.error)?;
        let (count, read) = page;
        // An empty page is the end: a short one may not be.
        rows += count;
        offset = offset.saturating_add(i64::try_from(count).unwrap_or(0));
        more = count > 0 && offset < MOST_ROWS;
        contracts.extend(read);
    }
    contracts.truncate(PAGE);
    let cursor = if more { [since, began, offset, own] } else { [began.saturating_sub(OVERLAP), 0, 0, 0] };
    Ok(ContractPage { contracts, cursor: cursor_of(&cursor), more })
}

/// The account's own identifier, which is a number of 18 or 19 digits.
fn own_id(host: &dyn Host, settings: &Settings, origin: &str) -> Result<i64, Error> {
    let request = request(origin, OWN, NoVariables {}, &settings.organization_id)?;
    let (own, _) = ask_for::<Own>(host, &request, "the account")?;
    let id = own.user.0.and_then(|user| user.id.0).and_then(|id| id.parse::<i64>().ok()).filter(|id| *id > 0);
    id.ok_or_else(|| error::unexpected_answer("Upwork's answer for the account has no identifier"))
}

/// A contract; none without an identifier, and of those that are over none that has not been changed since.
fn read(details: Details<'_>, since: i64, site: &str) -> Option<Contract> {
    let id = details.id.0.filter(|id| is_identifier(id))?;
    let status = status(details.status.text());
    let is_over = matches!(status, ContractStatus::Completed | ContractStatus::Ended);
    if is_over && parse(details.modified.text()).is_some_and(|modified| modified < since) {
        return None;
    }
    let terms = details.terms.0.unwrap_or_default();
    let (payment, amount) = if let Some(term) = terms.hourly.0.into_iter().next_back() {
        (Payment::Hourly, amount(term.rate))
    } else if let Some(term) = terms.fixed.0.last() {
        (Payment::Fixed, amount(term.amount.clone()))
    } else {
        (Payment::Unstated, None)
    };
    let mut url = format!("{site}/nx/wm/workroom/");
    encode_into(&mut url, &id);
    let name = |named: Lax<Named>| named.0.and_then(|named| named.name.0);
    let closing = details.closing.0.and_then(|closing| closing.reason.0);
    let reason = closing.map(|reason| attribute("closing_reason", Value::Text(cut(&reason, LONGEST).to_owned())));
    let offer = details.offer.0.map(|offer| attribute("offer_id", Value::Text(cut(&offer, 128).to_owned())));
    let limit = details.limits.0.last().and_then(|limit| limit.weekly.unsigned());
    Some(Contract {
        posting: details.job.0.and_then(|job| job.id.0).filter(|id| is_identifier(id)),
        // An offer is named, and the proposal behind it is not.
        proposal: None,
        title: cut(&title(details.title.0, "Contract", &id), LONGEST).to_owned(),
        // Assumed.
        url: Some(url),
        client: name(details.client).or_else(|| name(details.manager)),
        status,
        payment,
        amount,
        weekly_hours: limit.filter(|hours| (1..=168).contains(hours)),
        starts_at: parse(details.starts.text()),
        ends_at: parse(details.ends.text()),
        milestones: terms
            .fixed
            .0
            .into_iter()
            .flat_map(|term| term.milestones.0)
            .filter_map(milestone)
            .take(MILESTONES)
            .collect(),
        attributes: reason.into_iter().chain(offer).collect(),
        id,
    })
}

/// Guessed, whatever their case.
fn status(status: &str) -> ContractStatus {
    match status.to_uppercase().as_str() {
        "ACTIVE" => ContractStatus::Active,
        "PAUSED" => ContractStatus::Paused,
        "CLOSED" | "COMPLETED" => ContractStatus::Completed,
        "CANCELLED" | "CANCELED" | "TERMINATED" => ContractStatus::Ended,
        "PENDING" | "OFFERED" => ContractStatus::Offered,
        "" => ContractStatus::Other("unknown".to_owned()),
        _ => ContractStatus::Other(word(status)),
    }
}

fn milestone(step: Step<'_>) -> Option<Milestone> {
    Some(Milestone {
        id: step.id.0.filter(|id| is_identifier(id))?,
        description: cut(&step.description.0.unwrap_or_default(), LONGEST).to_owned(),
        amount: amount(step.deposit).or_else(|| amount(step.funded)),
        due_at: parse(step.due.text()),
        submitted_at: None,
        status: state(step.state.text(), step.submissions),
    })
}

/// Guessed, whatever their case. One that was handed in and is at work again has come back to be revised (assumed).
fn state(state: &str, submissions: Int) -> MilestoneStatus {
    match state.to_uppercase().as_str() {
        "NOT_FUNDED" => MilestoneStatus::Upcoming,
        "ACTIVE" if submissions.0 > Some(0) => MilestoneStatus::RevisionRequested,
        "ACTIVE" => MilestoneStatus::InProgress,
        "SUBMITTED" => MilestoneStatus::Submitted,
        "PAID" | "APPROVED" => MilestoneStatus::Approved,
        "" => MilestoneStatus::Other("unknown".to_owned()),
        _ => MilestoneStatus::Other(word(state)),
    }
}

fn amount(money: Lax<Money<'_>>) -> Option<types::Money> {
    let money = money.0?;
    money::money(money.raw_value.0, money.currency.0.as_deref())
}

#[cfg(test)]
mod tests;
