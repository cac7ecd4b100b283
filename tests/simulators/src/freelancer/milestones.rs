//! Milestone payments and requests for them.
//!
//! What lies beside the documented actions is assumed: only an accepted bid can have milestones, only
//! the employer creates and releases them, only the freelancer asks.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::State;
use super::bids;
use super::call::{Call, optional_number, required_integer, required_number, text};
use super::envelope::ApiError;
use super::reference;
use super::routes::Answer;
use super::scope::Scope;

const FIRST_MILESTONE: i64 = 40_000_001;
const FIRST_REQUEST: i64 = 7_000_001;

/// A milestone payment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Milestone {
    /// Its id.
    pub transaction_id: i64,
    /// Who is paid.
    pub bidder_id: u64,
    /// For which bid.
    pub bid_id: i64,
    /// For which project.
    pub project_id: i64,
    /// Who pays.
    pub project_owner_id: Option<i64>,
    /// In the project's currency.
    pub amount: f64,
    /// The currency object.
    pub currency: Value,
    /// `full_payment`, `partial_payment`, `task_description`, `other`.
    pub reason: String,
    /// Free text.
    pub other_reason: String,
    /// `pending`, `frozen`, `cleared`, `canceled`, `requested_release`, `disputed`.
    pub status: Cow<'static, str>,
    /// When created, Unix seconds.
    pub time_created: i64,
    /// Always false here.
    pub is_from_prepaid: bool,
    /// Always none here.
    pub dispute_id: Option<i64>,
}

/// A freelancer's request for a milestone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MilestoneRequest {
    /// Its id.
    pub id: i64,
    /// For which project.
    pub project_id: i64,
    /// For which bid.
    pub bid_id: i64,
    /// Who asks.
    pub bidder_id: u64,
    /// In the project's currency.
    pub amount: f64,
    /// What for.
    pub description: String,
    /// `pending`, `created`, `rejected`, `deleted`.
    pub status: &'static str,
    /// When made, Unix seconds.
    pub time_requested: i64,
}

/// All milestones and requests.
#[derive(Debug, Default)]
pub struct Milestones {
    milestones: BTreeMap<i64, Milestone>,
    requests: BTreeMap<i64, MilestoneRequest>,
}

impl Milestones {
    /// All milestones in order.
    #[must_use]
    pub fn all(&self) -> Vec<&Milestone> {
        self.milestones.values().collect()
    }

    /// All requests in order.
    #[must_use]
    pub fn all_requests(&self) -> Vec<&MilestoneRequest> {
        self.requests.values().collect()
    }
}

/// `GET /milestones/` and `GET /projects/{id}/milestones/`: a map by id.
pub(super) fn list(state: &State, call: &Call<'_>, project: Option<i64>) -> Answer {
    let user = call.user()?;
    let projects = call.integers("projects")?;
    let bids = call.integers("bids")?;
    let ids = call.integers("milestones")?;
    let statuses = call.params.list("statuses");
    let found = state.milestones.milestones.values().filter(|milestone| {
        is_party(state, milestone.bid_id, user)
            && project.is_none_or(|project| milestone.project_id == project)
            && (projects.is_empty() || projects.contains(&milestone.project_id))
            && (bids.is_empty() || bids.contains(&milestone.bid_id))
            && (ids.is_empty() || ids.contains(&milestone.transaction_id))
            && (statuses.is_empty() || statuses.contains(&&*milestone.status))
    });
    Ok(Some(map_of(call.page()?.of(found))))
}

/// `GET /milestones/{id}/`: the same map with one entry.
pub(super) fn one(state: &State, call: &Call<'_>, id: i64) -> Answer {
    let user = call.user()?;
    let milestone = state
        .milestones
        .milestones
        .get(&id)
        .filter(|milestone| is_party(state, milestone.bid_id, user))
        .ok_or_else(unknown)?;
    Ok(Some(map_of(vec![milestone])))
}

/// `POST /milestones/`: the employer pays in.
pub(super) fn create(state: &mut State, call: &Call<'_>) -> Answer {
    let user = call.user_with(Scope::ProjectManage)?;
    let fields = call.fields()?;
    let project = required_integer(&fields, "project_id")?;
    let bidder = required_integer(&fields, "bidder_id")?;
    let amount = positive(required_number(&fields, "amount")?)?;
    let bidder = u64::try_from(bidder).map_err(|_| bids::unknown())?;
    let bid = state.bids.live_of(project, bidder).ok_or_else(bids::unknown)?;
    if bid.bidder_id == user || !bids::is_party(bid, user) {
        return Err(not_yours("Only the project's owner can create a milestone."));
    }
    let id = bid.id;
    // The official client sends the reason as a number.
    let reason = match fields.get("reason").and_then(Value::as_u64) {
        Some(0) => "full_payment".to_owned(),
        Some(1) => "partial_payment".to_owned(),
        Some(2) => "task_description".to_owned(),
        Some(_) => "other".to_owned(),
        None => text(&fields, "reason")?,
    };
    let milestone = put(state, id, amount, reason, text(&fields, "description")?, call.now())?;
    Ok(Some(to_value(&milestone)))
}

/// `PUT /milestones/{id}/?action=…`.
pub(super) fn act(state: &mut State, call: &Call<'_>, id: i64) -> Answer {
    let user = call.user_with(Scope::ProjectManage)?;
    let fields = call.fields()?;
    let amount = match optional_number(&fields, "amount")? {
        Some(amount) => Some(amount),
        None => call.number("amount")?,
    };
    let action = call.params.get("action").unwrap_or_default();
    let freelancer = state
        .milestones
        .milestones
        .get(&id)
        .filter(|milestone| is_party(state, milestone.bid_id, user))
        .ok_or_else(unknown)?
        .bidder_id
        == user;
    carry_out(state, id, freelancer, action, amount)?;
    Ok(None)
}

/// Carries out an action on a milestone, the freelancer's or the employer's.
///
/// # Errors
/// The action is unknown, the other side's, or not possible in the milestone's state.
pub(super) fn carry_out(
    state: &mut State,
    id: i64,
    freelancer: bool,
    action: &str,
    amount: Option<f64>,
) -> Result<(), ApiError> {
    let milestone = state.milestones.milestones.get_mut(&id).ok_or_else(unknown)?;
    let open = matches!(&*milestone.status, "pending" | "frozen" | "requested_release");
    let next: Cow<'static, str> = match (action, freelancer) {
        ("request_release", true) => "requested_release".into(),
        ("release", false) => {
            if amount.is_some_and(|amount| amount > milestone.amount) {
                return Err(ApiError::bad_form("The amount is more than the milestone holds."));
            }
            "cleared".into()
        }
        ("cancel", true) => "canceled".into(),
        ("request_cancel", false) | ("reject_cancel", true) | ("update", _) => milestone.status.clone(),
        ("release" | "request_cancel", true) | ("request_release" | "cancel" | "reject_cancel", false) => {
            return Err(not_yours("This action is the other side's."));
        }
        _ => {
            return Err(ApiError::bad_form(format!("The action {action:?} is unknown.")));
        }
    };
    if !open {
        return Err(ApiError::new(
            403,
            "ProjectExceptionCodes.MILESTONE_ACTION_NOT_ALLOWED",
            "The milestone is closed.",
        ));
    }
    milestone.status = next;
    if milestone.status == "cleared" {
        settle(state, id);
    }
    Ok(())
}

/// Puts a milestone's status, whatever word it is.
///
/// # Errors
/// There is no such milestone.
pub(super) fn put_status(state: &mut State, id: i64, status: &str) -> Result<Value, ApiError> {
    let milestone = state.milestones.milestones.get_mut(&id).ok_or_else(unknown)?;
    milestone.status = status.to_owned().into();
    Ok(to_value(milestone))
}

/// `GET /milestone_requests/`.
pub(super) fn list_requests(state: &State, call: &Call<'_>, project: Option<i64>) -> Answer {
    let user = call.user()?;
    let projects = call.integers("projects")?;
    let found = state.milestones.requests.values().filter(|request| {
        is_party(state, request.bid_id, user)
            && project.is_none_or(|project| request.project_id == project)
            && (projects.is_empty() || projects.contains(&request.project_id))
    });
    let rows: Vec<Value> = call.page()?.of(found).into_iter().map(to_value).collect();
    Ok(Some(json!({"milestone_requests": rows, "users": null})))
}

/// `POST /milestone_requests/`: the freelancer asks.
pub(super) fn request(state: &mut State, call: &Call<'_>) -> Answer {
    let user = call.user_with(Scope::ProjectManage)?;
    let fields = call.fields()?;
    let project_id = required_integer(&fields, "project_id")?;
    let bid_id = required_integer(&fields, "bid_id")?;
    let amount = positive(required_number(&fields, "amount")?)?;
    state
        .bids
        .get(bid_id)
        .filter(|bid| bid.bidder_id == user && bid.project_id == project_id && !bid.retracted)
        .ok_or_else(bids::unknown)?;
    let id = FIRST_REQUEST + i64::try_from(state.milestones.requests.len()).unwrap_or(0);
    let request = MilestoneRequest {
        id,
        project_id,
        bid_id,
        bidder_id: user,
        amount,
        description: text(&fields, "description")?,
        status: "pending",
        time_requested: call.now(),
    };
    let shown = to_value(&request);
    state.milestones.requests.insert(id, request);
    Ok(Some(shown))
}

/// `PUT /milestone_requests/{id}/?action=accept|reject|delete`.
pub(super) fn act_on_request(state: &mut State, call: &Call<'_>, id: i64) -> Answer {
    let user = call.user_with(Scope::ProjectManage)?;
    let request = state
        .milestones
        .requests
        .get(&id)
        .filter(|request| is_party(state, request.bid_id, user))
        .ok_or_else(unknown_request)?;
    let action = call.params.get("action").unwrap_or_default();
    carry_out_request(state, id, request.bidder_id == user, action, call.now())?;
    Ok(None)
}

/// Carries out an action on a request, the freelancer's or the employer's.
///
/// # Errors
/// As [`carry_out`].
pub(super) fn carry_out_request(
    state: &mut State,
    id: i64,
    freelancer: bool,
    action: &str,
    now: i64,
) -> Result<(), ApiError> {
    let request = state.milestones.requests.get(&id).ok_or_else(unknown_request)?.clone();
    if request.status != "pending" {
        return Err(not_yours("The request is closed."));
    }
    let next = match (action, freelancer) {
        ("accept", false) => {
            let text = request.description;
            put(state, request.bid_id, request.amount, "other".to_owned(), text, now)?;
            "created"
        }
        ("reject", false) => "rejected",
        ("delete", true) => "deleted",
        ("accept" | "reject", true) | ("delete", false) => {
            return Err(not_yours("This action is the other side's."));
        }
        _ => {
            return Err(ApiError::bad_form(format!("The action {action:?} is unknown.")));
        }
    };
    if let Some(request) = state.milestones.requests.get_mut(&id) {
        request.status = next;
    }
    Ok(())
}

/// Creates a milestone on an awarded bid.
///
/// # Errors
/// The bid is unknown or not awarded.
pub(super) fn put(
    state: &mut State,
    bid_id: i64,
    amount: f64,
    reason: String,
    other_reason: String,
    now: i64,
) -> Result<Milestone, ApiError> {
    let bid = state.bids.get(bid_id).ok_or_else(bids::unknown)?;
    if bid.award_status != "awarded" {
        return Err(not_yours("The bid has not been awarded."));
    }
    let currency = state
        .catalog
        .projects
        .get(&bid.project_id)
        .and_then(|project| project.record.get("currency"))
        .cloned()
        .unwrap_or_else(|| reference::currency("USD"));
    let id = FIRST_MILESTONE + i64::try_from(state.milestones.milestones.len()).unwrap_or(0);
    let milestone = Milestone {
        transaction_id: id,
        bidder_id: bid.bidder_id,
        bid_id,
        project_id: bid.project_id,
        project_owner_id: bid.project_owner_id,
        amount,
        currency,
        reason,
        other_reason,
        status: "frozen".into(),
        time_created: now,
        is_from_prepaid: false,
        dispute_id: None,
    };
    state.milestones.milestones.insert(id, milestone.clone());
    Ok(milestone)
}

/// Puts the bid's `paid_status` after a release.
fn settle(state: &mut State, milestone: i64) {
    let Some(bid_id) = state.milestones.milestones.get(&milestone).map(|milestone| milestone.bid_id) else {
        return;
    };
    let paid: f64 = state
        .milestones
        .milestones
        .values()
        .filter(|milestone| milestone.bid_id == bid_id && milestone.status == "cleared")
        .map(|milestone| milestone.amount)
        .sum();
    if let Some(bid) = state.bids.get_mut(bid_id) {
        bid.paid_status = if paid >= bid.amount { "fully_paid".into() } else { "partly_paid".into() };
    }
}

fn is_party(state: &State, bid: i64, user: u64) -> bool {
    state.bids.get(bid).is_some_and(|bid| bids::is_party(bid, user))
}

fn map_of(milestones: Vec<&Milestone>) -> Value {
    let map: Map<String, Value> =
        milestones.into_iter().map(|milestone| (milestone.transaction_id.to_string(), to_value(milestone))).collect();
    json!({"milestones": map, "users": null})
}

fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

fn positive(amount: f64) -> Result<f64, ApiError> {
    if amount > 0.0 { Ok(amount) } else { Err(ApiError::bad_form("amount must be more than 0.")) }
}

/// The code is assumed.
fn unknown() -> ApiError {
    ApiError::new(404, "ProjectExceptionCodes.MILESTONE_NOT_FOUND", "Milestone not found.")
}

/// The code is assumed.
fn unknown_request() -> ApiError {
    ApiError::new(404, "ProjectExceptionCodes.MILESTONE_REQUEST_NOT_FOUND", "Milestone request not found.")
}

/// The code is assumed.
fn not_yours(message: &str) -> ApiError {
    ApiError::new(403, "RestExceptionCodes.FORBIDDEN", message)
}
