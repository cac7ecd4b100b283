//! What no schema can say of notifications: a log-in without a password, and quiet hours that are none.

use serde_json::Value;

use super::diagnostic::Diagnostic;
use super::document::Places;
use super::explain::value_place;
use super::pointer::{Pointer, dotted};

/// Checks the section.
pub(super) fn check(value: &Value, places: &Places) -> Vec<Diagnostic> {
    let section = &value["notifications"];
    let mut problems: Vec<Diagnostic> = log_in(&section["email"], places).into_iter().collect();
    problems.extend(no_hours(&section["quiet_hours"], places));
    problems
}

fn log_in(email: &Value, places: &Places) -> Option<Diagnostic> {
    let (named, missing) = match (email.get("username"), email.get("password_file")) {
        (Some(_), None) => ("username", "password_file"),
        (None, Some(_)) => ("password_file", "username"),
        _ => return None,
    };
    let at = Pointer::of(["notifications", "email", named]);
    let message = format!("there is a `{named}`, but `{missing}` is missing");
    let help = "a log-in needs both; a server that takes mail without one needs neither";
    Some(Diagnostic::error("missing-key", value_place(places, &at), message).at(dotted(&at)).help(help))
}

/// Quiet hours that begin when they end are none, or the whole day: nobody can tell.
fn no_hours(hours: &Value, places: &Places) -> Option<Diagnostic> {
    let (from, to) = (hours.get("from")?.as_str()?, hours.get("to")?.as_str()?);
    let at = Pointer::of(["notifications", "quiet_hours", "to"]);
    (from == to).then(|| {
        let message = format!("the quiet hours end when they begin, at {from}");
        let help = "give another time, or remove the section for no quiet hours";
        Diagnostic::error("empty-range", value_place(places, &at), message).at(dotted(&at)).help(help)
    })
}
