//! What became of a request, as far as that can be told from its answer alone.

use crate::capability::http::gate::kind_name;
use crate::capability::http::permit::Outcome;
use crate::contract::types::{Error, ErrorKind};
use crate::pipeline::failure;
use crate::plugin::fault::CallError;
use crate::proposal::{Remote, Trouble};

use super::desk::Performed;

/// What is known after a change was carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The platform has done it, and says so.
    Done(Remote),
    /// Nothing has left: it may be tried again under the same approval.
    Unsent(Trouble),
    /// The platform has refused it. With the kind `conflict` something may be there already.
    Refused(Trouble),
    /// Neither is certain: the platform has to be asked.
    Unknown(Trouble),
}

/// What to make of what the gate saw and what the plugin says. The gate's word decides whether anything left; the plugin's, what the platform has
/// answered.
#[must_use]
pub fn judge(performed: Performed) -> Verdict {
    let Performed { outcome, answer } = performed;
    match (outcome, answer) {
        (Outcome::Answered(200..=299), Ok(done)) => Verdict::Done(done.into()),
        (Outcome::Answered(_) | Outcome::Unknown, Ok(_)) => Verdict::Unknown(Trouble::new(
            "unexpected-answer",
            "The plugin says that it is done, and the platform's answer does not",
            "Nothing: the platform is asked",
        )),
        // Without a request there is no submission, whatever the plugin says.
        (Outcome::Unspent | Outcome::NotSent, Ok(_)) => Verdict::Refused(Trouble::new(
            "fault",
            "The plugin says that it is done, and sent nothing",
            "Report it to the plugin's author",
        )),
        (Outcome::Unspent | Outcome::NotSent, Err(error)) => {
            let trouble = trouble(&error);
            if may_pass(&error) { Verdict::Unsent(trouble) } else { Verdict::Refused(trouble) }
        }
        (Outcome::Answered(status), Err(CallError::Refused(error))) if is_refusal(status, &error) => {
            Verdict::Refused(trouble(&CallError::Refused(error)))
        }
        (Outcome::Answered(_) | Outcome::Unknown, Err(error)) => Verdict::Unknown(trouble(&error)),
    }
}

/// Whether an error that kept anything from leaving may pass by itself.
fn may_pass(error: &CallError) -> bool {
    match error {
        CallError::Fault(_) => false,
        CallError::Refused(error) => matches!(
            error.kind,
            ErrorKind::Unavailable | ErrorKind::RateLimited | ErrorKind::Unauthenticated | ErrorKind::UnexpectedAnswer
        ),
    }
}

/// Whether an answer says that the platform did not do it. A failing server (5xx) may have; and what a plugin ran into after the answer had come
/// is no word of the platform's.
fn is_refusal(status: u16, error: &Error) -> bool {
    if !(200..500).contains(&status) {
        return false;
    }
    match error.kind {
        ErrorKind::InvalidInput
        | ErrorKind::Unauthenticated
        | ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::RateLimited
        | ErrorKind::Unsupported => true,
        // The platform's own quota, or a bound of the host's that was reached later.
        ErrorKind::Exhausted => {
            (400..500).contains(&status) || error.code.as_ref().is_some_and(|c| !c.starts_with("gate."))
        }
        ErrorKind::Unavailable
        | ErrorKind::UnexpectedAnswer
        | ErrorKind::Denied
        | ErrorKind::TooLarge
        | ErrorKind::Internal => false,
    }
}

/// An error as it is kept with the proposal.
#[must_use]
pub fn trouble(error: &CallError) -> Trouble {
    let said = failure(error);
    let code = match error {
        CallError::Refused(error) => error.code.clone(),
        CallError::Fault(_) => None,
    };
    Trouble { kind: said.kind, code, message: said.message, remedy: said.remedy }
}

/// The kind's name, for comparisons.
#[must_use]
pub fn is_conflict(trouble: &Trouble) -> bool {
    trouble.kind == kind_name(ErrorKind::Conflict)
}
