//! Handing in a milestone: the platform calls it a request for release.

use prospector_plugin::contracts::MilestoneStatus;
use prospector_plugin::error::{self, Refine};
use prospector_plugin::http::Request;
use prospector_plugin::lenient::{Field as _, Json, Lax};
use prospector_plugin::milestones::Submission;
use prospector_plugin::planning::Plan;
use prospector_plugin::plans::{problem, sending};
use prospector_plugin::request::Call;
use prospector_plugin::types::{Error, ErrorKind, Method};
use prospector_plugin::{Host, money};

use crate::envelope::ask;
use crate::milestones::{MILESTONES, Payment, REQUESTED, status};
use crate::proposing::SHOWN_AFTER;
use crate::wishes::{self, CREDENTIAL};

pub(crate) fn preview(host: &dyn Host, submission: &Submission) -> Result<Plan, Error> {
    let origin = wishes::api(host)?;
    let payment = payment(host, &origin, &submission.milestone)?;
    if payment.bid_id.0.is_none_or(|bid| bid.to_string() != submission.contract) {
        let message = format!("Milestone {} is not one of contract {}", submission.milestone, submission.contract);
        return Err(error::invalid_input(message));
    }
    if status(&payment) != MilestoneStatus::InProgress {
        let word = payment.status.0.unwrap_or_default();
        let message = match word.as_str() {
            "requested_release" => format!("Milestone {} is handed in already", submission.milestone),
            _ => format!("Milestone {} is {word}: it cannot be handed in", submission.milestone),
        };
        return Err(error::of(ErrorKind::Conflict, message)
            .code(Some(word))
            .remedy("Look at the project's payments on the site."));
    }
    let mut plan = sending(&handing_in(&origin, &submission.milestone)?, SHOWN_AFTER);
    if submission.amount.is_some_and(|amount| payment.amount.0.and_then(money::hundredths) != Some(amount)) {
        let wrong = "Freelancer releases a milestone as a whole: leave the amount out";
        plan.problems.push(problem("amount", wrong, true));
    }
    if !submission.message.trim().is_empty() {
        plan.notes.push("Freelancer takes no message with it: write to the client on the site".to_owned());
    }
    Ok(plan)
}

fn payment(host: &dyn Host, origin: &str, id: &str) -> Result<Payment, Error> {
    let request = Call::get(origin, &path(id)?).credential(CREDENTIAL).build();
    let payment = ask(host, &request, "the milestone", |result, _| {
        let Json::Object(mut result) = result else { return None };
        // A map of one, as an official client's test has it; the milestone itself is understood too.
        match result.get("milestones") {
            Json::Nothing => Lax::of(Json::Object(result)).0,
            map => map.elements().find_map(|milestone| Lax::of(milestone).0),
        }
    })?;
    let is_it = |payment: &Payment| payment.id.0.is_some_and(|found| found.to_string() == id);
    Some(payment).filter(is_it).ok_or_else(|| error::unexpected_answer("Freelancer answered another milestone"))
}

fn path(id: &str) -> Result<String, Error> {
    if id.starts_with(REQUESTED) {
        return Err(error::of(ErrorKind::Conflict, "The client has not created this milestone yet")
            .remedy("Wait until the client has accepted your request for it."));
    }
    match id.parse::<i64>() {
        Ok(number) => Ok(format!("{MILESTONES}{number}/")),
        Err(_) => Err(error::invalid_input(format!("`{}` is no milestone of Freelancer's", id.escape_debug()))),
    }
}

fn handing_in(origin: &str, id: &str) -> Result<Request, Error> {
    let call = Call::new(Method::Put, origin, &path(id)?).text("action", "request_release");
    Ok(call.credential(CREDENTIAL).build())
}

pub(crate) fn submit(host: &dyn Host, submission: &Submission) -> Result<(), Error> {
    let origin = wishes::api(host)?;
    ask(host, &handing_in(&origin, &submission.milestone)?, "handing in the milestone", |_, _| Some(()))
}

#[cfg(test)]
mod tests;
