//! Placing, changing and taking back bids: what is asked for, what it costs, and the one request that does it.

use prospector_plugin::error::{self, Refine};
use prospector_plugin::http::Request;
use prospector_plugin::lenient::{Field as _, Int, Lax};
use prospector_plugin::money::main_units;
use prospector_plugin::planning::Plan;
use prospector_plugin::plans::{against, before_the_write, cost, given, problem, requirements, sending};
use prospector_plugin::proposals::{Change, Draft, Proposal, ProposalStatus, Requirements, Withdrawal};
use prospector_plugin::request::Call;
use prospector_plugin::types::{Error, ErrorKind, Method, PostingStatus, Value};
use prospector_plugin::{Host, money, record};
use serde_json::json;

use crate::bids::{self, BIDS, Bid};
use crate::envelope::{ask, ask_for};
use crate::posting::{CONTEST, site, status};
use crate::settings::Settings;
use crate::terms::{BidInfo, Terms};
use crate::wire::Project;
use crate::wishes::{self, CREDENTIAL};

/// Name of the attribute of a draft that says how much of the amount the first milestone asks for.
const PERCENTAGE: &str = "milestone_percentage";

/// Characters of a text: the platform's bounds are not documented (assumed). It refuses what is beyond its own.
const TEXT: (u32, u32) = (1, 5_000);

/// The share that the first milestone may ask for, by the documentation.
const PERCENTAGES: std::ops::RangeInclusive<i64> = 20..=100;

/// Seconds after which a change shows in the lists of bids (assumed).
pub(crate) const SHOWN_AFTER: u32 = 120;

record! {
    /// The account, as far as bidding needs it.
    struct Bidder {
        id: Int,
        account_balances: Lax<Balances>,
    }

    struct Balances {
        bids_remaining: Int,
    }
}

pub(crate) fn requirements_of(host: &dyn Host, settings: &Settings, posting: &str) -> Result<Requirements, Error> {
    let project = project(host, &wishes::api(host)?, posting)?;
    Ok(required(&project, settings))
}

fn required(project: &Project, settings: &Settings) -> Requirements {
    let currency = project.currency.0.as_ref().and_then(|currency| currency.code.0.as_deref());
    let share = Value::Integer(settings.milestone_percentage);
    Requirements {
        currency: currency.and_then(money::currency_code),
        ..requirements(TEXT.0, TEXT.1, &[(PERCENTAGE, share)])
    }
}

/// A project that takes bids.
fn project(host: &dyn Host, origin: &str, posting: &str) -> Result<Project, Error> {
    if posting.starts_with(CONTEST) {
        return Err(error::of(ErrorKind::Unsupported, "A contest is entered with work, not with a bid")
            .remedy("Enter it on the site."));
    }
    let project = any_project(host, origin, posting)?;
    let word = project.status.0.clone();
    match status(word.clone(), project.deleted) {
        PostingStatus::Closed => {
            let message = format!("Project {posting} takes no more bids");
            Err(error::of(ErrorKind::Conflict, message).code(word).remedy("Leave this project."))
        }
        _ => Ok(project),
    }
}

fn any_project(host: &dyn Host, origin: &str, posting: &str) -> Result<Project, Error> {
    let number = number(posting)?;
    let path = format!("/api/projects/0.1/projects/{number}/");
    let project: Project = ask_for(host, &Call::get(origin, &path).credential(CREDENTIAL).build(), "the project")?;
    if project.id.0 != Some(number) {
        return Err(error::unexpected_answer(format!("Freelancer answered another project than {number}")));
    }
    Ok(project)
}

fn number(posting: &str) -> Result<i64, Error> {
    posting.parse().map_err(|_| {
        error::of(ErrorKind::NotFound, format!("`{}` is no project of Freelancer's", posting.escape_debug()))
    })
}

pub(crate) fn preview(host: &dyn Host, settings: &Settings, change: &Change) -> Result<Plan, Error> {
    let origin = wishes::api(host)?;
    match change {
        Change::Submit(draft) => to_submit(host, &origin, settings, draft),
        Change::Revise(revision) => {
            let bid = undecided(host, &origin, &revision.proposal)?;
            let draft = &revision.draft;
            let project = project(host, &origin, &bid.project_id.0.unwrap_or_default().to_string())?;
            let mut plan = sending(&revising(&origin, settings, &revision.proposal, draft)?, SHOWN_AFTER);
            judge(host, &origin, settings, &project, draft, &mut plan);
            Ok(plan)
        }
        Change::Withdraw(withdrawal) => {
            undecided(host, &origin, &withdrawal.proposal)?;
            let mut plan = sending(&withdrawing(&origin, withdrawal)?, SHOWN_AFTER);
            plan.notes.push("A bid that is taken back stays counted among your membership's bids".to_owned());
            if !withdrawal.reason.trim().is_empty() {
                plan.notes.push("Freelancer takes no reason: the client will not see it".to_owned());
            }
            Ok(plan)
        }
    }
}

fn to_submit(host: &dyn Host, origin: &str, settings: &Settings, draft: &Draft) -> Result<Plan, Error> {
    let project = project(host, origin, &draft.posting)?;
    let about = Call::get(origin, "/api/users/0.1/self/").flag("balance_details", true).flag("compact", true);
    let bidder: Bidder = ask_for(host, &about.credential(CREDENTIAL).build(), "the account")?;
    let own = bidder.id.0.ok_or_else(|| error::unexpected_answer("Freelancer's answer has no account in it"))?;
    let number = number(&draft.posting)?;
    let latest = bids::latest(host, origin, number, own)?;
    if latest.is_some_and(|latest| latest.status != ProposalStatus::Withdrawn) {
        return Err(error::of(ErrorKind::Conflict, "You have a bid on this project")
            .code(Some("DUPLICATE_BID".to_owned()))
            .remedy("Revise that bid, or withdraw it and bid anew."));
    }
    let left = bidder.account_balances.0.and_then(|balances| balances.bids_remaining.unsigned());
    if left == Some(0) {
        return Err(error::of(ErrorKind::Exhausted, "Your membership's bids are used up")
            .code(Some("BID_LIMIT_EXCEEDED".to_owned()))
            .remedy("Wait until Freelancer refills them, or choose a larger membership on the site."));
    }
    let mut plan = sending(&submitting(origin, settings, draft, own)?, SHOWN_AFTER);
    let one = left.map_or_else(|| "1 bid".to_owned(), |left| format!("1 bid of {left} left"));
    plan.costs.push(cost("bids", one, Some(1)));
    judge(host, origin, settings, &project, draft, &mut plan);
    Ok(plan)
}

/// A bid that the client has not decided on.
fn undecided(host: &dyn Host, origin: &str, id: &str) -> Result<Bid, Error> {
    let bid = bids::one(host, origin, id)?;
    let is_pending = bid.award_status.0.as_deref().is_none_or(|status| status == "pending");
    if is_pending && bid.retracted.0 != Some(true) {
        return Ok(bid);
    }
    let word = if is_pending { "retracted".to_owned() } else { bid.award_status.0.unwrap_or_default() };
    let message = format!("Bid {id} is {word}: it can neither be changed nor taken back");
    Err(error::of(ErrorKind::Conflict, message).code(Some(word)).remedy("Look at the bid on the site."))
}

/// Adds to a plan what stands against the terms, and the fee.
fn judge(host: &dyn Host, origin: &str, settings: &Settings, project: &Project, draft: &Draft, plan: &mut Plan) {
    plan.problems = against(&required(project, settings), draft);
    if draft.duration_days.is_none_or(|days| days == 0) {
        plan.problems.push(problem("duration_days", "Freelancer wants the days that the work takes: at least 1", true));
    }
    match share(settings, draft) {
        Some(share) if PERCENTAGES.contains(&share) => {}
        _ => plan.problems.push(problem(
            "attributes.milestone_percentage",
            "Freelancer takes a whole number from 20 to 100 for the first milestone",
            true,
        )),
    }
    let Some(amount) = draft.amount.as_ref().map(|amount| amount.amount).filter(|amount| *amount > 0) else { return };
    let path = format!("/api/projects/0.1/projects/{}/bidinfo/", project.id.0.unwrap_or_default());
    let request = Call::get(origin, &path).credential(CREDENTIAL).build();
    // Where it is not to be had, what is known of the platform serves.
    let info = ask(host, &request, "the fees", |result, _| Lax::<BidInfo>::of(result).0).unwrap_or_default();
    let terms = Terms::of(project, info);
    plan.problems.extend(terms.bounds(amount));
    plan.costs.push(terms.fee(amount));
    if terms.is_assumed {
        plan.notes.push("The fee is what Freelancer is known to take; its site names the exact one".to_owned());
    }
}

/// The share of the first milestone: the draft's, else the settings'.
fn share(settings: &Settings, draft: &Draft) -> Option<i64> {
    match given(draft, PERCENTAGE) {
        None => Some(settings.milestone_percentage),
        Some(Value::Integer(share)) => Some(*share),
        Some(Value::Text(share)) => share.trim().parse().ok(),
        Some(_) => None,
    }
}

/// The terms of a bid, as they are sent.
fn terms(settings: &Settings, draft: &Draft) -> serde_json::Value {
    json!({
        "amount": draft.amount.as_ref().map(|amount| main_units(amount.amount)),
        "period": draft.duration_days,
        "milestone_percentage": share(settings, draft),
        "description": draft.text,
    })
}

fn submitting(origin: &str, settings: &Settings, draft: &Draft, own: i64) -> Result<Request, Error> {
    let mut body = terms(settings, draft);
    body["project_id"] = number(&draft.posting)?.into();
    body["bidder_id"] = own.into();
    Ok(Call::post_json(origin, BIDS, &body).credential(CREDENTIAL).build())
}

fn revising(origin: &str, settings: &Settings, bid: &str, draft: &Draft) -> Result<Request, Error> {
    let call = Call::put_json(origin, &bids::path_of(bid)?, &terms(settings, draft));
    Ok(call.credential(CREDENTIAL).build())
}

/// The action stands in the query, as the official client has it.
fn withdrawing(origin: &str, withdrawal: &Withdrawal) -> Result<Request, Error> {
    let call = Call::new(Method::Put, origin, &bids::path_of(&withdrawal.proposal)?).text("action", "retract");
    Ok(call.credential(CREDENTIAL).build())
}

pub(crate) fn perform(host: &dyn Host, settings: &Settings, change: &Change) -> Result<Proposal, Error> {
    let origin = wishes::api(host)?;
    let site = site(&origin);
    match change {
        Change::Submit(draft) => {
            let own = bids::own_id(host, &origin).map_err(before_the_write)?;
            let request = submitting(&origin, settings, draft, own)?;
            let placed = ask(host, &request, "your bid", |result, _| {
                let bid: Bid = Lax::of(result).0?;
                bids::proposal(&bid, None, site).filter(|placed| placed.posting == draft.posting)
            })?;
            Ok(Proposal { amount: draft.amount.clone(), ..placed })
        }
        Change::Revise(revision) => {
            let request = revising(&origin, settings, &revision.proposal, &revision.draft)?;
            let changed = ask(host, &request, "the change of your bid", |result, _| {
                Some(Lax::of(result).0.and_then(|bid: Bid| bids::proposal(&bid, None, site)))
            })?;
            let amount = revision.draft.amount.clone();
            let known = changed.filter(|changed| changed.id == revision.proposal);
            Ok(Proposal {
                amount,
                ..known.unwrap_or_else(|| left(&revision.proposal, &revision.draft.posting, ProposalStatus::Submitted))
            })
        }
        Change::Withdraw(withdrawal) => {
            let request = withdrawing(&origin, withdrawal)?;
            ask(host, &request, "taking back your bid", |_, _| Some(()))?;
            Ok(left(&withdrawal.proposal, &withdrawal.posting, ProposalStatus::Withdrawn))
        }
    }
}

/// A bid of which the answer says nothing but that it was done.
fn left(id: &str, posting: &str, status: ProposalStatus) -> Proposal {
    Proposal { id: id.to_owned(), posting: posting.to_owned(), status, submitted_at: None, amount: None, url: None }
}

#[cfg(test)]
mod tests;
