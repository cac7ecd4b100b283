//! Contracts by the thousand, for tests of their number: accepted bids on projects of their own, with milestones.

use serde_json::{Map, Value, json};

use super::State;
use super::bids::Bid;
use super::catalog::Project;
use super::{milestones, reference, samples};

/// First project id. Invented, apart from samples' and recorded ones.
const FIRST_PROJECT: i64 = 90_000_001;
/// Contracts, and milestones of each, that are made at once.
const MOST_CONTRACTS: i64 = 10_000;
const MOST_MILESTONES: i64 = 100;

/// Makes contracts as `fields` has it: `count`, `milestones` and `type`.
///
/// # Errors
/// What of it is wrong.
pub(super) fn contracts(state: &mut State, fields: &Map<String, Value>, now: i64) -> Result<Value, String> {
    let number = |name: &str, most: i64| match fields.get(name).map_or(Some(1), Value::as_i64) {
        Some(number) if (0..=most).contains(&number) => Ok(number),
        _ => Err(format!("`{name}` must be 0 to {most}.")),
    };
    let (count, steps) = (number("count", MOST_CONTRACTS)?, number("milestones", MOST_MILESTONES)?);
    let kind = fields.get("type").map_or(Some("fixed"), Value::as_str);
    let kind = kind.filter(|kind| matches!(*kind, "fixed" | "hourly")).ok_or("`type` is fixed or hourly.")?;
    let owner = state.catalog.users.keys().copied().find(|id| *id != samples::ACCOUNT_ID);
    let taken = state.catalog.projects.keys().next_back().copied().unwrap_or_default();
    let first = FIRST_PROJECT.max(taken + 1);
    let mut ids = Vec::new();
    for index in 0..count {
        // A minute apart, the oldest first.
        let at = now - (count - index) * 60;
        let Some(project) = Project::of(project(first + index, owner, kind, at)) else { continue };
        let bidder = u64::try_from(samples::ACCOUNT_ID).unwrap_or_default();
        let bid = Bid {
            amount: if kind == "hourly" { 40.0 } else { 100.0 * steps.max(1) as f64 },
            period: 30,
            description: "Seeded by the control origin".to_owned(),
            award_status: "awarded".into(),
            frontend_bid_status: "in_progress".into(),
            time_awarded: Some(at),
            ..Bid::new(state.bids.next_id(), bidder, &project, at)
        };
        let id = bid.id;
        state.catalog.projects.insert(project.id, project);
        state.bids.add(bid);
        for step in 1..=steps {
            let description = format!("Step {step}");
            milestones::put(state, id, 100.0, "other".to_owned(), description, at).map_err(|error| error.message)?;
        }
        ids.push(id);
    }
    Ok(json!({"count": ids.len(), "bids": ids}))
}

fn project(id: i64, owner: Option<i64>, kind: &str, at: i64) -> Map<String, Value> {
    let project = json!({
        "id": id, "owner_id": owner, "title": format!("Seeded contract {id}"), "status": "closed", "sub_status": "closed_awarded",
        "frontend_project_status": "work_in_progress", "seo_url": format!("seeded/contract-{id}"), "type": kind,
        "currency": reference::currency("USD"), "budget": {"minimum": 100, "maximum": 1000}, "submitdate": at, "time_submitted": at,
        "time_updated": at, "bid_stats": {"bid_count": 1, "bid_avg": 100.0}, "description": "Seeded", "jobs": [],
    });
    project.as_object().cloned().unwrap_or_default()
}
