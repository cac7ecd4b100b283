//! Contracts: the platform has none for a fixed price but the awarded bid, its project and its milestones. Hourly ones have a record beside, which
//! holds the weekly hours.

use prospector_plugin::contracts::{Contract, ContractPage, ContractStatus, Milestone, MilestoneStatus};
use prospector_plugin::lenient::{Field as _, Flag, Float, Int, Json, Lax};
use prospector_plugin::log::Level;
use prospector_plugin::posting::{attribute, title, word};
use prospector_plugin::request::Call;
use prospector_plugin::text::cut;
use prospector_plugin::time::sound;
use prospector_plugin::types::{Error, Payment, UtcSeconds, Value};
use prospector_plugin::{Host, money, record};

use crate::bids::{Bid, Listed, Place};
use crate::envelope::ask;
use crate::milestones::{self, MILESTONES};
use crate::posting::{site, url};
use crate::wishes::{self, CREDENTIAL};

/// Award statuses of bids that are contracts, or were. An award that was declined is `rejected` (assumed), as bids are that never were awarded.
const AWARDS: [&str; 4] = ["awarded", "revoked", "canceled", "rejected"];

record! {
    /// Its fields are those that the platform's own site reads.
    struct Hourly {
        id: Int,
        bid_id: Int,
        /// Whether it is in force.
        active: Flag,
        current_hourly_rate: Float,
        /// Hours a week.
        current_work_limit: Int,
    }
}

/// A page of contracts, each with all its milestones, which are asked for together.
pub(crate) fn changed(host: &dyn Host, cursor: Option<&str>, now: UtcSeconds) -> Result<ContractPage, Error> {
    let mut place = Place::of(cursor, now)?;
    let origin = wishes::api(host)?;
    let (mut listed, more) = place.next(host, &origin, &AWARDS)?;
    listed.bids.retain(|bid| bid.award_status.0.as_deref() != Some("rejected") || bid.time_awarded.0.is_some());
    let bids: Vec<i64> = listed.bids.iter().filter_map(|bid| bid.id.0).collect();
    if bids.is_empty() {
        return Ok(ContractPage { contracts: Vec::new(), cursor: place.cursor(more), more });
    }
    let projects: Vec<i64> = listed.bids.iter().filter_map(|bid| bid.project_id.0).collect();
    let payments = milestones::all(host, (&origin, MILESTONES, "milestones"), ("bids[]", &bids))?;
    let path = "/api/projects/0.1/milestone_requests/";
    let requests = milestones::all(host, (&origin, path, "milestone_requests"), ("projects[]", &projects))?;
    let hourly = hourly(host, &origin, &listed);
    let mut contracts = Vec::with_capacity(bids.len());
    for bid in &listed.bids {
        let Some(id) = bid.id.0 else { continue };
        let milestones = milestones::of_bid(id, bid.project_id.0, &payments, &requests);
        let contract = contract(id, bid, &listed, milestones, &hourly, site(&origin));
        if !is_settled(&contract) {
            place.keep(bid);
        }
        contracts.push(contract);
    }
    Ok(ContractPage { contracts, cursor: place.cursor(more), more })
}

/// Whether nothing more is to come of a contract.
fn is_settled(contract: &Contract) -> bool {
    use MilestoneStatus::{InProgress, RevisionRequested, Submitted, Upcoming};
    let is_open =
        |milestone: &Milestone| matches!(milestone.status, Upcoming | InProgress | Submitted | RevisionRequested);
    matches!(contract.status, ContractStatus::Completed | ContractStatus::Ended)
        && !contract.milestones.iter().any(is_open)
}

/// The records of hourly contracts, asked for if there are any. Without them only the hours are missing, so a failure costs no more.
fn hourly(host: &dyn Host, origin: &str, listed: &Listed) -> Vec<Hourly> {
    let pays_hourly =
        |bid: &&Bid| listed.project(bid).is_some_and(|project| project.kind.0.as_deref() == Some("hourly"));
    let projects: Vec<i64> = listed.bids.iter().filter(pays_hourly).filter_map(|bid| bid.project_id.0).collect();
    if projects.is_empty() {
        return Vec::new();
    }
    let call = Call::get(origin, "/api/projects/0.1/hourly_contracts/").list("project_ids[]", &projects);
    let asked = ask(host, &call.credential(CREDENTIAL).build(), "your hourly contracts", |result, _| {
        let Json::Object(mut result) = result else { return None };
        Some(result.get("hourly_contracts").elements().filter_map(|row| Lax::of(row).0).collect())
    });
    asked.unwrap_or_else(|error| {
        let line = format!("The weekly hours of contracts could not be read: {}", error.message);
        host.log(Level::Warn, &line, &[]);
        Vec::new()
    })
}

fn contract(
    id: i64,
    bid: &Bid,
    listed: &Listed,
    milestones: Vec<Milestone>,
    hourly: &[Hourly],
    site: &str,
) -> Contract {
    let project = listed.project(bid);
    let posting = bid.project_id.0.map(|id| id.to_string());
    let of_project = |text: Option<String>| title(text, "Project", posting.as_deref().unwrap_or("unknown"));
    let currency = project.and_then(|project| project.currency.0.as_ref()?.code.0.as_deref());
    let payment = match project.and_then(|project| project.kind.0.as_deref()) {
        Some("fixed") => Payment::Fixed,
        Some("hourly") => Payment::Hourly,
        Some(other) => Payment::Other(word(other)),
        None => Payment::Unstated,
    };
    // The one in force, else the last.
    let of_this = || hourly.iter().filter(|hourly| hourly.bid_id.0 == Some(id));
    let hours = of_this().find(|hourly| hourly.active.0 == Some(true)).or_else(|| of_this().next_back());
    let rate = hours.and_then(|hours| hours.current_hourly_rate.0).or(bid.amount.0);
    let status = status(bid);
    let ended = match status {
        ContractStatus::Completed => bid.complete_status_changed_time.0,
        ContractStatus::Ended => bid.complete_status_changed_time.0.or(bid.award_status_changed_time.0),
        _ => None,
    };
    let paid = bid.paid_status.0.as_deref().map(|paid| attribute("paid_status", Value::Text(word(paid))));
    let of_hourly = hours.and_then(|hours| Some(attribute("hourly_contract_id", Value::Integer(hours.id.0?))));
    Contract {
        id: id.to_string(),
        proposal: Some(id.to_string()),
        title: cut(&of_project(project.and_then(|project| project.title.0.clone())), 1024).to_owned(),
        url: posting
            .as_deref()
            .map(|posting| url(site, "/projects/", project.and_then(|project| project.seo_url.0.as_deref()), posting)),
        client: listed.owner(bid).and_then(|user| user.public_name.0.clone().or_else(|| user.username.0.clone())),
        status,
        amount: money::money(if payment == Payment::Hourly { rate } else { bid.amount.0 }, currency),
        payment,
        weekly_hours: hours.and_then(|hours| hours.current_work_limit.unsigned()).filter(|hours| *hours <= 168),
        starts_at: bid.time_accepted.0.or(bid.time_awarded.0).and_then(sound),
        ends_at: ended.and_then(sound),
        milestones,
        attributes: paid.into_iter().chain(of_hourly).collect(),
        posting,
    }
}

/// An award is an offer until the freelancer accepts it; one that was taken back, or ran out, has ended.
fn status(bid: &Bid) -> ContractStatus {
    match bid.award_status.0.as_deref() {
        Some("awarded") => {}
        Some("revoked" | "canceled" | "rejected") => return ContractStatus::Ended,
        Some(other) => return ContractStatus::Other(word(other)),
        None => {}
    }
    match (bid.complete_status.0.as_deref(), bid.frontend_bid_status.0.as_deref()) {
        (Some("complete"), _) | (None | Some("pending"), Some("complete")) => ContractStatus::Completed,
        (Some("incomplete"), _) => ContractStatus::Ended,
        (Some(other), _) if other != "pending" => ContractStatus::Other(word(other)),
        (_, Some("in_progress")) => ContractStatus::Active,
        (_, Some("active") | None) if bid.time_accepted.0.is_none() => ContractStatus::Offered,
        (_, Some("active") | None) => ContractStatus::Active,
        (_, Some(other)) => ContractStatus::Other(word(other)),
    }
}

#[cfg(test)]
mod tests;
