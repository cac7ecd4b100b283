//! Hourly contracts: what stands beside an accepted bid on a project that pays by the hour. Which fields one has is taken from the platform's own
//! site; that the hours of the project are its weekly limit is assumed.

use serde_json::{Value, json};

use super::State;
use super::bids::{Bid, is_party};
use super::call::Call;
use super::routes::Answer;

/// What is added to a bid's id for its contract's. Invented.
const APART: i64 = 200_000_000;
/// Hours a week where the project names none. Invented.
const HOURS: i64 = 40;

/// `GET /hourly_contracts/`.
pub(super) fn list(state: &State, call: &Call<'_>) -> Answer {
    let user = call.user()?;
    let projects = call.integers("project_ids")?;
    let bidders = call.integers("bidder_ids")?;
    let ids = call.integers("hourly_contract_ids")?;
    let has = |list: &[i64], value: i64| list.is_empty() || list.contains(&value);
    let wanted = |bid: &&Bid| {
        is_party(bid, user)
            && bid.award_status == "awarded"
            && bid.frontend_bid_status != "active"
            && has(&projects, bid.project_id)
            && has(&ids, bid.id + APART)
            && has(&bidders, i64::try_from(bid.bidder_id).unwrap_or_default())
    };
    let rows: Vec<Value> = state.bids.all().into_iter().filter(wanted).filter_map(|bid| contract(state, bid)).collect();
    Ok(Some(json!({"hourly_contracts": call.page()?.of(rows), "users": null})))
}

fn contract(state: &State, bid: &Bid) -> Option<Value> {
    let project = state.catalog.projects.get(&bid.project_id).filter(|project| project.facets.kind == "hourly")?;
    let hours = project.record.get("hourly_project_info").and_then(|info| info.pointer("/commitment/hours"));
    Some(json!({
        "id": bid.id + APART, "project_id": bid.project_id, "bid_id": bid.id, "bidder_id": bid.bidder_id,
        "project_owner_id": bid.project_owner_id, "active": bid.complete_status == "pending",
        "current_hourly_rate": bid.amount, "current_work_limit": hours.and_then(Value::as_i64).unwrap_or(HOURS),
        "billing_cycle": "weekly",
    }))
}
