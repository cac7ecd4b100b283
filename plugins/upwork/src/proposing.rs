//! Sending and withdrawing proposals.
//!
//! Upwork's public API has no operation for either. So a proposal is handed over to the person, on Upwork's own page, unless the setting
//! `proposal_submission` says to use the assumed ones of `operations`.

use prospector_plugin::error::{self, Refine};
use prospector_plugin::lenient::{self, Lax, Text};
use prospector_plugin::planning::Plan;
use prospector_plugin::plans::{MOST_PROBLEMS, against, by_hand, cost, problem, sending};
use prospector_plugin::proposals::{Change, Draft, Proposal, ProposalStatus, Requirements, Withdrawal};
use prospector_plugin::request::encode_into;
use prospector_plugin::types::{Error, ErrorKind};
use prospector_plugin::{Host, record, text};
use serde_json::json;

use crate::applying::{absent, open};
use crate::document::request;
use crate::envelope::{Way, ask, ask_for};
use crate::operations::{self, PREVIEW, Preview, SUBMIT, WITHDRAW, missing, rehearse, submitting, withdrawing};
use crate::posting::is_identifier;
use crate::proposals::{is_live, look_up, status};
use crate::settings::{Settings, Submission};
use crate::wishes;

/// Seconds after which a change shows in the lists of proposals (assumed).
const SHOWN_AFTER: u32 = 120;

const ONE: &str = "query Proposal($id: ID!) { vendorProposal(id: $id) { id status { status } } }";

record! {
    struct One {
        proposal: Lax<Sent> = "vendorProposal" | "submitVendorProposal" | "withdrawVendorProposal",
    }

    struct Sent {
        id: Text,
        status: Lax<StatusOf>,
    }

    struct StatusOf {
        status: Text,
    }

}

pub(crate) fn requirements_of(host: &dyn Host, settings: &Settings, posting: &str) -> Result<Requirements, Error> {
    open(host, settings, posting).map(|open| open.required)
}

pub(crate) fn preview(host: &dyn Host, settings: &Settings, change: &Change) -> Result<Plan, Error> {
    match change {
        Change::Submit(draft) => to_submit(host, settings, draft),
        Change::Revise(revision) => {
            undecided(host, settings, &revision.proposal)?;
            let mut plan = by_hand(page_of(host, &revision.proposal)?, SHOWN_AFTER);
            plan.notes.push("Upwork's API has no operation that changes a proposal: change it on this page".to_owned());
            Ok(plan)
        }
        Change::Withdraw(withdrawal) => to_withdraw(host, settings, withdrawal),
    }
}

fn to_submit(host: &dyn Host, settings: &Settings, draft: &Draft) -> Result<Plan, Error> {
    let open = open(host, settings, &draft.posting)?;
    let latest = look_up(host, settings, &draft.posting)?;
    if latest.is_some_and(|latest| is_live(&latest.status)) {
        return Err(error::of(ErrorKind::Conflict, "You have a proposal for this job")
            .code(Some("VJ-JA-10".to_owned()))
            .remedy("Look at it on the site; it can be changed or withdrawn there."));
    }
    let mut plan = by_hand(wishes::page(host, &open.path)?, SHOWN_AFTER);
    plan.problems = against(&open.required, draft);
    if settings.proposal_submission == Submission::HandOver {
        plan.notes.push(
            "Upwork's public API has no operation that submits a proposal: send it on this page, which states the Connects that it \
             costs. Prospector recognises it when Upwork lists it"
                .to_owned(),
        );
        return Ok(plan);
    }
    let undated = draft.milestones.iter().enumerate().filter(|(_, milestone)| milestone.due_at.is_none());
    let undated = undated.map(|(index, _)| problem(&format!("milestones.{index}"), "Upwork wants a due date", true));
    plan.problems.extend(undated);
    plan.problems.truncate(MOST_PROBLEMS);
    if plan.problems.iter().any(|problem| problem.blocking) {
        plan.notes.push("Upwork was not asked for a preview, as it would refuse this".to_owned());
        return Ok(plan);
    }
    match rehearse(host, settings, draft) {
        Ok(preview) => rehearsed(host, settings, plan, preview),
        Err(refused) if refused.way == Way::Without => {
            plan.notes.push(missing(PREVIEW));
            Ok(plan)
        }
        Err(refused) => Err(refused.error),
    }
}

fn rehearsed(host: &dyn Host, settings: &Settings, plan: Plan, preview: Preview) -> Result<Plan, Error> {
    let cost_of_it = preview.cost.unsigned();
    if preview.cost.0 > preview.balance.0.or(preview.cost.0) {
        return Err(error::of(ErrorKind::Exhausted, "You have fewer Connects than this proposal costs")
            .remedy("Buy Connects on the site, or wait until Upwork refills them."));
    }
    let id = preview.id.0.unwrap_or_default();
    let mut sent = sending(&submitting(host, settings, &id)?, SHOWN_AFTER);
    sent.problems = plan.problems;
    let connects = match (cost_of_it, preview.balance.unsigned()) {
        (Some(cost), Some(balance)) => format!("{cost} Connects of {balance} left"),
        (Some(cost), None) => format!("{cost} Connects"),
        _ => "Connects, of a number that Upwork does not say".to_owned(),
    };
    sent.costs.push(cost("connects", connects, cost_of_it));
    sent.notes.push(format!("`{PREVIEW}` and `{SUBMIT}` are assumed operations, and no part of Upwork's public API"));
    sent.notes
        .extend(preview.expires.0.map(|at| format!("Upwork keeps this preview until {}", text::excerpt(&at, 64))));
    sent.reference = Some(id);
    Ok(sent)
}

fn to_withdraw(host: &dyn Host, settings: &Settings, withdrawal: &Withdrawal) -> Result<Plan, Error> {
    undecided(host, settings, &withdrawal.proposal)?;
    let mut plan = by_hand(page_of(host, &withdrawal.proposal)?, SHOWN_AFTER);
    if settings.proposal_submission == Submission::HandOver {
        let note = "Upwork's public API has no operation that withdraws a proposal: withdraw it on this page";
        plan.notes.push(note.to_owned());
        return Ok(plan);
    }
    if operations::lacks(host, settings, WITHDRAW)? {
        plan.notes.push(missing(WITHDRAW));
        return Ok(plan);
    }
    let mut plan = sending(&withdrawing(host, settings, withdrawal)?, SHOWN_AFTER);
    plan.notes.push(format!("`{WITHDRAW}` is an assumed operation, and no part of Upwork's public API"));
    plan.notes.push("Connects are not given back for it".to_owned());
    Ok(plan)
}

/// Checks that a proposal is there and has not ended.
fn undecided(host: &dyn Host, settings: &Settings, id: &str) -> Result<(), Error> {
    let request = request(&wishes::api(host)?, ONE, json!({"id": id}), &settings.organization_id)?;
    let (data, faults) = ask_for::<One>(host, &request, "your proposal")?;
    let gone = || {
        error::of(ErrorKind::NotFound, format!("Upwork has no proposal {} of yours", id.escape_debug()))
            .remedy("Look at your proposals on the site.")
    };
    let found = data.proposal.0.filter(|found| found.id.0.as_deref() == Some(id));
    let found = found.ok_or_else(|| absent(&faults, "your proposal").unwrap_or_else(gone))?;
    let word = found.status.0.and_then(|status| status.status.0).unwrap_or_default();
    if matches!(status(&word), ProposalStatus::Submitted | ProposalStatus::Other(_)) {
        return Ok(());
    }
    let message = format!("Proposal {id} is {word}: it can neither be changed nor withdrawn");
    Err(error::of(ErrorKind::Conflict, message).code(Some(word)).remedy("Look at the proposal on the site."))
}

/// The page of a proposal (assumed).
fn page_of(host: &dyn Host, id: &str) -> Result<String, Error> {
    let mut path = "/nx/proposals/".to_owned();
    encode_into(&mut path, id);
    wishes::page(host, &path)
}

pub(crate) fn perform(
    host: &dyn Host,
    settings: &Settings,
    change: &Change,
    reference: Option<&str>,
) -> Result<Proposal, Error> {
    let (request, posting, amount, what) = match (change, reference) {
        (Change::Submit(draft), Some(preview)) => {
            (submitting(host, settings, preview)?, &draft.posting, draft.amount.clone(), "your proposal")
        }
        (Change::Withdraw(withdrawal), _) => {
            (withdrawing(host, settings, withdrawal)?, &withdrawal.posting, None, "withdrawing your proposal")
        }
        (Change::Submit(_), None) | (Change::Revise(_), _) => {
            let message = "Upwork's public API has no operation for this";
            return Err(error::of(ErrorKind::Unsupported, message).remedy("Do it on the page that the plan names."));
        }
    };
    let sent = ask(host, &request, what, |data, _, _| {
        let found: One = lenient::record(data);
        found.proposal.0.filter(|sent| sent.id.0.as_deref().is_some_and(is_identifier))
    });
    let (sent, _) = sent.map_err(|refused| match refused.way {
        // What does not fit the schema is not executed.
        Way::Without => Error { kind: ErrorKind::Unsupported, ..refused.error }
            .remedy("Set `proposal_submission: hand-over`, and do it on Upwork's own page."),
        _ => refused.error,
    })?;
    let id = sent.id.0.unwrap_or_default();
    let word = sent.status.0.and_then(|status| status.status.0).unwrap_or_default();
    let url = Some(page_of(host, &id)?);
    Ok(Proposal { id, posting: posting.clone(), status: status(&word), submitted_at: None, amount, url })
}

#[cfg(test)]
mod tests;
