//! Bids: placing, reading, changing, and what both sides can do with them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::State;
use super::call::{Call, optional_integer, optional_number, required_integer, required_number, text};
use super::catalog::Project;
use super::envelope::ApiError;
use super::projection;
use super::projects;
use super::routes::Answer;
use super::scope::Scope;
use super::settings::ApiSettings;

/// First bid id.
const FIRST_ID: i64 = 300_000_001;
/// Longest bid text, characters. Assumed.
const MAX_DESCRIPTION: usize = 5_000;
/// Least amount in USD of a fixed bid and of an hourly rate. Assumed: the platform's smallest budgets.
const MIN_FIXED_USD: f64 = 10.0;
const MIN_HOURLY_USD: f64 = 2.0;
/// Highest amount in USD. Assumed.
const MAX_USD: f64 = 10_000_000.0;
/// Projects from this budget on are for verified freelancers, USD.
const PREMIUM_USD: f64 = 2_500.0;

/// A bid as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bid {
    /// `id`.
    pub id: i64,
    /// Who bids.
    pub bidder_id: u64,
    /// On what.
    pub project_id: i64,
    /// Whose project it is.
    pub project_owner_id: Option<i64>,
    /// In the project's currency; the rate for hourly projects.
    pub amount: f64,
    /// Days.
    pub period: i64,
    /// The proposal's text.
    pub description: String,
    /// Share that is asked as first milestone.
    pub milestone_percentage: i64,
    /// Whether it was taken back.
    pub retracted: bool,
    /// When placed, Unix seconds.
    pub submitdate: i64,
    /// The same.
    pub time_submitted: i64,
    /// `pending`, `awarded`, `rejected`, `revoked`, `canceled`.
    pub award_status: Cow<'static, str>,
    /// `pending`, `complete`, `incomplete`.
    pub complete_status: Cow<'static, str>,
    /// `unpaid`, `partly_paid`, `fully_paid`.
    pub paid_status: Cow<'static, str>,
    /// `active`, `in_progress`, `complete`.
    pub frontend_bid_status: Cow<'static, str>,
    /// Highlighted by a fee.
    pub highlighted: bool,
    /// Sponsored amount.
    pub sponsored: Option<f64>,
    /// On the employer's short list.
    pub shortlisted: bool,
    /// Hidden by the employer.
    pub hidden: bool,
    /// When awarded, Unix seconds.
    pub time_awarded: Option<i64>,
}

impl Bid {
    /// A bid that nobody has decided on, without terms.
    #[must_use]
    pub fn new(id: i64, bidder: u64, project: &Project, now: i64) -> Self {
        Self {
            id,
            bidder_id: bidder,
            project_id: project.id,
            project_owner_id: project.owner_id,
            amount: 0.0,
            period: 1,
            description: String::new(),
            milestone_percentage: 100,
            retracted: false,
            submitdate: now,
            time_submitted: now,
            award_status: "pending".into(),
            complete_status: "pending".into(),
            paid_status: "unpaid".into(),
            frontend_bid_status: "active".into(),
            highlighted: false,
            sponsored: None,
            shortlisted: false,
            hidden: false,
            time_awarded: None,
        }
    }
}

/// All bids.
#[derive(Debug, Default)]
pub struct Bids {
    bids: BTreeMap<i64, Bid>,
}

impl Bids {
    /// The user's bid on a project that has not been taken back.
    #[must_use]
    pub fn live_of(&self, project: i64, user: u64) -> Option<&Bid> {
        self.bids.values().find(|bid| bid.project_id == project && bid.bidder_id == user && !bid.retracted)
    }

    /// How many bids have not been taken back, of a project or of all.
    #[must_use]
    pub fn live(&self, project: Option<i64>) -> usize {
        let of_it = |bid: &&Bid| !bid.retracted && project.is_none_or(|project| bid.project_id == project);
        self.bids.values().filter(of_it).count()
    }

    /// The id of the next bid.
    #[must_use]
    pub fn next_id(&self) -> i64 {
        FIRST_ID + i64::try_from(self.bids.len()).unwrap_or(0)
    }

    /// Adds a bid.
    pub fn add(&mut self, bid: Bid) {
        self.bids.insert(bid.id, bid);
    }

    /// How many bids the user has placed, retracted ones included: those are not given back.
    #[must_use]
    pub fn placed_by(&self, user: u64) -> u32 {
        let count = self.bids.values().filter(|bid| bid.bidder_id == user).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// A bid by id.
    #[must_use]
    pub fn get(&self, id: i64) -> Option<&Bid> {
        self.bids.get(&id)
    }

    /// All bids in order.
    #[must_use]
    pub fn all(&self) -> Vec<&Bid> {
        self.bids.values().collect()
    }

    /// A bid to change.
    pub fn get_mut(&mut self, id: i64) -> Option<&mut Bid> {
        self.bids.get_mut(&id)
    }

    fn last_of(&self, user: u64) -> Option<i64> {
        self.bids.values().filter(|bid| bid.bidder_id == user).map(|bid| bid.time_submitted).max()
    }
}

/// The terms of a bid.
struct Terms {
    amount: f64,
    period: i64,
    milestone_percentage: i64,
    description: String,
}

/// `POST /bids/`.
pub(super) fn place(state: &mut State, call: &Call<'_>) -> Answer {
    let user = call.user_with(Scope::ProjectManage)?;
    let fields = call.fields()?;
    let project_id = required_integer(&fields, "project_id")?;
    let bidder_id = required_integer(&fields, "bidder_id")?;
    let terms = Terms {
        amount: required_number(&fields, "amount")?,
        period: required_integer(&fields, "period")?,
        milestone_percentage: required_integer(&fields, "milestone_percentage")?,
        description: text(&fields, "description")?,
    };
    if u64::try_from(bidder_id) != Ok(user) {
        return Err(refused(403, "BIDDER_NOT_SELF", "You can only place bids as yourself."));
    }
    let project = state.catalog.projects.get(&project_id).ok_or_else(projects::unknown)?;
    check_project(project, &state.settings)?;
    check_terms(&terms, project, &state.settings)?;
    if !state.settings.duplicate_bids && state.bids.live_of(project_id, user).is_some() {
        return Err(refused(403, "DUPLICATE_BID", "You have already bid on that project."));
    }
    let pause = state.settings.bid_pause_seconds;
    if pause > 0 && state.bids.last_of(user).is_some_and(|last| call.now() < last.saturating_add(pause)) {
        return Err(refused(403, "BID_TOO_EARLY", "You are bidding too fast. Please wait before you bid again."));
    }
    if state.bids.placed_by(user) >= state.settings.bid_quota {
        return Err(refused(403, "BID_LIMIT_EXCEEDED", "You have used all of your bids."));
    }
    let bid = Bid {
        amount: terms.amount,
        period: terms.period,
        description: terms.description,
        milestone_percentage: terms.milestone_percentage,
        ..Bid::new(state.bids.next_id(), user, project, call.now())
    };
    let shown = view(&bid, call);
    if let Some(project) = state.catalog.projects.get_mut(&project_id) {
        project.count_bid(bid.amount, true);
    }
    state.bids.add(bid);
    Ok(Some(shown))
}

/// `GET /bids/`: what the caller may see, which is the own bids and those on own projects.
pub(super) fn list(state: &State, call: &Call<'_>) -> Answer {
    let user = call.user()?;
    find(state, call, |bid| is_party(bid, user))
}

/// `GET /projects/{id}/bids/`. Of a sealed project only the own bid is shown.
pub(super) fn list_of_project(state: &State, call: &Call<'_>, project: i64) -> Answer {
    let user = call.user()?;
    let record = state.catalog.projects.get(&project).ok_or_else(projects::unknown)?;
    let sealed = record.facets.upgrades.contains(&"sealed");
    find(state, call, |bid| bid.project_id == project && (!sealed || is_party(bid, user)))
}

/// `GET /bids/{id}/`.
pub(super) fn one(state: &State, call: &Call<'_>, id: i64) -> Answer {
    let user = call.user()?;
    let bid = state.bids.get(id).filter(|bid| is_party(bid, user)).ok_or_else(unknown)?;
    Ok(Some(view(bid, call)))
}

/// `PUT /bids/{id}/`: an action in query, form or JSON; without one, new terms.
pub(super) fn update(state: &mut State, call: &Call<'_>, id: i64) -> Answer {
    let user = call.user_with(Scope::ProjectManage)?;
    let bid = state.bids.get(id).filter(|bid| is_party(bid, user)).ok_or_else(unknown)?;
    match call.params.get("action").map(str::to_owned) {
        Some(action) => {
            let side = if bid.bidder_id == user { Side::Freelancer } else { Side::Employer };
            act(state, id, side, &action, call.now())?;
            Ok(None)
        }
        None => {
            if bid.bidder_id != user {
                return Err(refused(403, "NOT_BIDDER", "Only the bidder can change a bid."));
            }
            change_terms(state, call, id)
        }
    }
}

fn change_terms(state: &mut State, call: &Call<'_>, id: i64) -> Answer {
    let fields = call.fields()?;
    let bid = state.bids.get(id).ok_or_else(unknown)?;
    if bid.retracted || bid.award_status != "pending" {
        return Err(wrong_state("changed"));
    }
    let terms = Terms {
        amount: optional_number(&fields, "amount")?.unwrap_or(bid.amount),
        period: optional_integer(&fields, "period")?.unwrap_or(bid.period),
        milestone_percentage: optional_integer(&fields, "milestone_percentage")?.unwrap_or(bid.milestone_percentage),
        description: match fields.get("description") {
            None | Some(Value::Null) => bid.description.clone(),
            Some(_) => text(&fields, "description")?,
        },
    };
    let project = state.catalog.projects.get(&bid.project_id).ok_or_else(projects::unknown)?;
    check_terms(&terms, project, &state.settings)?;
    let bid = state.bids.get_mut(id).ok_or_else(unknown)?;
    bid.amount = terms.amount;
    bid.period = terms.period;
    bid.milestone_percentage = terms.milestone_percentage;
    bid.description = terms.description;
    let shown = view(bid, call);
    Ok(Some(shown))
}

/// Puts statuses as they stand in `fields`, whatever word they are.
///
/// # Errors
/// There is no such bid, or a field is no status.
pub(super) fn put_statuses(state: &mut State, id: i64, fields: &Map<String, Value>) -> Result<Value, String> {
    let bid = state.bids.get_mut(id).ok_or_else(|| format!("There is no bid {id}."))?;
    for (name, value) in fields {
        let word = value.as_str().ok_or_else(|| format!("`{name}` must be text."))?.to_owned();
        let place = match name.as_str() {
            "award_status" => &mut bid.award_status,
            "complete_status" => &mut bid.complete_status,
            "paid_status" => &mut bid.paid_status,
            "frontend_bid_status" => &mut bid.frontend_bid_status,
            _ => return Err(format!("`{name}` is no status of a bid.")),
        };
        *place = word.into();
    }
    Ok(serde_json::to_value(bid).unwrap_or_default())
}

/// Who acts on a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The bidder.
    Freelancer,
    /// The project's owner.
    Employer,
}

/// Carries out an action on a bid, and what follows from it for the project.
///
/// # Errors
/// The action is unknown, the other side's, or not possible in the bid's state.
pub(super) fn act(state: &mut State, id: i64, side: Side, action: &str, now: i64) -> Result<(), ApiError> {
    let bid = state.bids.bids.get_mut(&id).ok_or_else(unknown)?;
    let project = state.catalog.projects.get_mut(&bid.project_id);
    let pending = !bid.retracted && bid.award_status == "pending";
    let awarded = bid.award_status == "awarded";
    let accepted = bid.frontend_bid_status == "in_progress";
    let possible = match (side, action) {
        (Side::Freelancer, "retract" | "highlight" | "sponsor")
        | (
            Side::Employer,
            // Rejecting is no action of the public API: the control origin's, for an employer who chose somebody else.
            "award" | "reject" | "shortlist" | "unshortlist" | "hide" | "unhide" | "request_location_sharing",
        ) => pending,
        (Side::Freelancer, "accept" | "deny") => awarded && !accepted,
        (Side::Employer, "revoke") => awarded,
        // No action of the public API: the control origin's, to bring a contract to its end.
        (Side::Employer, "complete") => accepted,
        _ => {
            return Err(ApiError::bad_form(format!("The action {action:?} is unknown or not yours.")));
        }
    };
    if !possible {
        return Err(wrong_state(action));
    }
    match action {
        "retract" => {
            bid.retracted = true;
            if let Some(project) = project {
                project.count_bid(bid.amount, false);
            }
        }
        "highlight" => bid.highlighted = true,
        "sponsor" => bid.sponsored = Some(1.0),
        "shortlist" => bid.shortlisted = true,
        "unshortlist" => bid.shortlisted = false,
        "hide" => bid.hidden = true,
        "unhide" => bid.hidden = false,
        "reject" => bid.award_status = "rejected".into(),
        "award" => {
            bid.award_status = "awarded".into();
            bid.time_awarded = Some(now);
            if let Some(project) = project {
                project.set_status("frozen", Some("frozen_awarded"), "open");
            }
        }
        "accept" => {
            bid.frontend_bid_status = "in_progress".into();
            if let Some(project) = project {
                project.set_status("closed", Some("closed_awarded"), "work_in_progress");
            }
        }
        // What a denial leaves behind is assumed: the bid is rejected, the project open again.
        "deny" | "revoke" => {
            bid.award_status = if action == "deny" { "rejected".into() } else { "revoked".into() };
            bid.frontend_bid_status = "active".into();
            if let Some(project) = project {
                project.set_status("active", None, "open");
            }
        }
        "complete" => {
            bid.complete_status = "complete".into();
            bid.frontend_bid_status = "complete".into();
            if let Some(project) = project {
                project.set_status("closed", Some("closed_awarded"), "complete");
            }
        }
        _ => {}
    }
    Ok(())
}

/// The error for a bid that is not there, or is somebody else's. The prefix of the code is assumed.
pub(super) fn unknown() -> ApiError {
    refused(404, "BID_NOT_FOUND", "Bid not found.")
}

/// Whether the user placed the bid or owns the project.
pub(super) fn is_party(bid: &Bid, user: u64) -> bool {
    bid.bidder_id == user || bid.project_owner_id.is_some_and(|owner| u64::try_from(owner) == Ok(user))
}

fn check_project(project: &Project, settings: &ApiSettings) -> Result<(), ApiError> {
    if !project.is_biddable() {
        return Err(refused(403, "PROJECT_NOT_ACTIVE", "This project is not open for bidding."));
    }
    if settings.account_verified {
        return Ok(());
    }
    if project.facets.upgrades.contains(&"featured") {
        return Err(refused(
            403,
            "RESTRICTED_FROM_BIDDING_ON_FEATURED",
            "You need 5 reviews, a paid membership or verification to bid on featured projects.",
        ));
    }
    if project.facets.kind == "fixed"
        && project.facets.budget_max_usd.or(project.facets.budget_min_usd).is_some_and(|budget| budget >= PREMIUM_USD)
    {
        return Err(refused(
            403,
            "RESTRICTED_FROM_BIDDING_PREMIUM_VERIFIED",
            "You must be Verified by Freelancer to bid on projects $2500 USD and over",
        ));
    }
    Ok(())
}

fn check_terms(terms: &Terms, project: &Project, settings: &ApiSettings) -> Result<(), ApiError> {
    if terms.period < 1 {
        return Err(refused(400, "INVALID_BID_PERIOD", "The period must be at least one day."));
    }
    if !(20..=100).contains(&terms.milestone_percentage) {
        return Err(ApiError::bad_form("Please fill in the milestone percentage (20 - 100)"));
    }
    let rate = project
        .record
        .get("currency")
        .and_then(|currency| currency.get("exchange_rate"))
        .and_then(Value::as_f64)
        .unwrap_or(1.0);
    let floor = if project.facets.kind == "hourly" { MIN_HOURLY_USD } else { MIN_FIXED_USD };
    let usd = terms.amount * rate;
    if usd < floor {
        return Err(refused(400, "BID_AMOUNT_TOO_LOW", format!("The amount is below the equivalent of ${floor} USD.")));
    }
    if usd > MAX_USD {
        return Err(refused(400, "BID_AMOUNT_TOO_HIGH", "The amount is too high."));
    }
    if terms.description.chars().count() > MAX_DESCRIPTION {
        return Err(refused(
            400,
            "BID_DESCRIPTION_TOO_LONG",
            format!("The description is longer than {MAX_DESCRIPTION} characters."),
        ));
    }
    if settings.contact_details_refused {
        let has_email = terms
            .description
            .split_whitespace()
            .any(|word| word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')));
        if has_email {
            return Err(refused(
                400,
                "BID_DESCRIPTION_CONTAINS_EMAIL",
                "The description must not contain an e-mail address.",
            ));
        }
        if terms.description.contains("://") || terms.description.contains("www.") {
            return Err(refused(
                400,
                "BID_DESCRIPTION_CONTAINS_URL",
                "The description must not contain a web address.",
            ));
        }
    }
    Ok(())
}

fn find(state: &State, call: &Call<'_>, wanted: impl Fn(&Bid) -> bool) -> Answer {
    let ids = call.integers("bids")?;
    let project_ids = call.integers("projects")?;
    let bidders = call.integers("bidders")?;
    let owners = call.integers("project_owners")?;
    let from = call.integer("from_time")?;
    let to = call.integer("to_time")?;
    let statuses = |name: &str, has: &str| {
        let list = call.params.list(name);
        list.is_empty() || list.contains(&has)
    };
    let in_list =
        |list: &[i64], value: Option<i64>| list.is_empty() || value.is_some_and(|value| list.contains(&value));
    let found: Vec<&Bid> = state
        .bids
        .bids
        .values()
        .rev()
        .filter(|bid| {
            wanted(bid)
                && bid.time_submitted.saturating_add(state.settings.bids_shown_after_seconds) <= call.now()
                && in_list(&ids, Some(bid.id))
                && in_list(&project_ids, Some(bid.project_id))
                && in_list(&bidders, i64::try_from(bid.bidder_id).ok())
                && in_list(&owners, bid.project_owner_id)
                && from.is_none_or(|from| bid.time_submitted >= from)
                && to.is_none_or(|to| bid.time_submitted <= to)
                && statuses("award_statuses", &bid.award_status)
                && statuses("complete_statuses", &bid.complete_status)
                && statuses("paid_statuses", &bid.paid_status)
                && statuses("frontend_bid_statuses", &bid.frontend_bid_status)
        })
        .collect();
    let rows = call.page()?.of(found);
    let users = if call.params.has("user_details") {
        let ids = rows.iter().flat_map(|bid| [i64::try_from(bid.bidder_id).ok(), bid.project_owner_id]).flatten();
        state.catalog.users_map(ids, |user| projection::user(user, &call.params, "user_"))
    } else {
        Value::Null
    };
    let projects = if call.params.has("project_details") {
        Value::Object(
            rows.iter()
                .filter_map(|bid| {
                    let project = state.catalog.projects.get(&bid.project_id)?;
                    let shown = projection::project(&project.record, &call.params);
                    Some((bid.project_id.to_string(), shown))
                })
                .collect(),
        )
    } else {
        Value::Null
    };
    Ok(Some(json!({
        "bids": rows.iter().map(|bid| view(bid, call)).collect::<Vec<_>>(),
        "users": users,
        "projects": projects,
    })))
}

/// A bid with the fields that only other parts of the platform fill.
fn view(bid: &Bid, call: &Call<'_>) -> Value {
    let mut value = serde_json::to_value(bid).unwrap_or(Value::Null);
    if let Value::Object(fields) = &mut value {
        for name in ["score", "reputation", "buyer_project_fee"] {
            fields.insert(name.to_owned(), Value::Null);
        }
        let possibilities = if call.params.has("award_status_possibilities") {
            match (&*bid.award_status, &*bid.frontend_bid_status) {
                ("pending", _) if !bid.retracted => json!(["retract"]),
                ("awarded", "active") => json!(["accept", "deny"]),
                _ => json!([]),
            }
        } else {
            Value::Null
        };
        fields.insert("award_status_possibilities".to_owned(), possibilities);
    }
    value
}

fn wrong_state(action: &str) -> ApiError {
    refused(403, "BID_ACTION_NOT_ALLOWED", format!("The bid cannot be {action:?} in its present state."))
}

fn refused(status: u16, code: &str, message: impl Into<String>) -> ApiError {
    ApiError::new(status, &format!("ProjectExceptionCodes.{code}"), message)
}
