//! An answer's errors: what they are, and what a caller can do about them.
//!
//! Errors of GraphQL come with HTTP 200, beside the data or in its place.

use prospector_plugin::account::{Refusal, Stage};
use prospector_plugin::error::{self, Refine, kind_of_status};
use prospector_plugin::graphql::{self, Fault};
use prospector_plugin::http::{Request, Response};
use prospector_plugin::lenient::{self, Field as _, Json, Lax, Record, Text};
use prospector_plugin::types::{Error, ErrorKind};
use prospector_plugin::{Host, answer, record, text};

use crate::refusals;

/// Seconds to wait after too many requests, where the answer does not say: the limit is so many a minute.
const LIMIT_WINDOW: u32 = 60;

/// Seconds after which a problem of the platform's own may be over.
const PATIENCE: u32 = 30;

/// What may be done about an answer without data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Nothing here.
    None,
    /// It may be the paging: ask without.
    Unpaged,
    /// It may be a moment's weakness: ask again.
    Again,
    /// The question does not fit the schema: leave out what it names.
    Without,
}

/// An answer without data.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refused {
    pub(crate) way: Way,
    /// The platform's own words, all of them.
    pub(crate) said: String,
    pub(crate) error: Error,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { way: Way::None, said: String::new(), error }
    }
}

record! {
    /// What other servers than GraphQL's say no with.
    struct Other {
        message: Text,
        error: Text,
        error_description: Text,
    }
}

/// Sends a request and hands the data of its answer, the errors beside it and the bytes of the whole to `read`, which gives none where there is
/// no such data. `what` names the thing asked for.
///
/// # Errors
/// What kept an answer from coming; a refusal in words for a person, where there is no data.
pub(crate) fn ask<T>(
    host: &dyn Host,
    request: &Request,
    what: &str,
    read: impl FnOnce(Json<'_>, &[Fault], usize) -> Option<T>,
) -> Result<(T, Vec<Fault>), Refused> {
    let (mut read, mut found) = (Some(read), None);
    let faults = exchange(host, request, what, &mut |data, faults, size| {
        found = read.take().and_then(|read| read(data, faults, size));
        found.is_some()
    })?;
    let missing = || error::internal("What an answer held is not there");
    found.map(|found| (found, faults)).ok_or_else(|| missing().into())
}

/// As [`ask`], of one type whatever is read, so that it is compiled once: `read` says whether there is such data.
fn exchange(
    host: &dyn Host,
    request: &Request,
    what: &str,
    read: &mut dyn FnMut(Json<'_>, &[Fault], usize) -> bool,
) -> Result<Vec<Fault>, Refused> {
    let response = host.fetch(request)?;
    let body = answer::text(&response);
    let failed = kind_of_status(response.status).is_some();
    let answer = graphql::read(&body, |data, faults| (read(data, &faults, body.len()), faults));
    match answer {
        Ok((true, faults)) if !failed => {
            answer::done(response);
            Ok(faults)
        }
        Ok((_, faults)) => Err(refused(&response, &body, &faults, what)),
        Err(_) if failed => Err(refused(&response, &body, &[], what)),
        Err(fault) => Err(answer::not_json(&response, what, &fault).into()),
    }
}

/// Data of a small answer, read leniently, and whatever was wrong with the rest of it.
///
/// # Errors
/// As [`ask`].
pub(crate) fn ask_for<T: for<'a> Record<'a>>(
    host: &dyn Host,
    request: &Request,
    what: &str,
) -> Result<(T, Vec<Fault>), Error> {
    ask(host, request, what, |data, _, _| Lax::of(data).0).map_err(|refused| refused.error)
}

fn refused(response: &Response, body: &str, faults: &[Fault], what: &str) -> Refused {
    let other: Other = lenient::read_record(body).unwrap_or_default();
    let message = if faults.is_empty() {
        let stated = other.message.0.or(other.error_description.0).or_else(|| other.error.0.clone());
        stated.or_else(|| Some(text::excerpt(body, 80)).filter(|text| !text.is_empty()))
    } else {
        Some(graphql::messages(faults))
    };
    let code = message.as_deref().and_then(refusals::code_in).or_else(|| faults.iter().find_map(Fault::class));
    let code = code.map(str::to_owned).or(other.error.0);
    if let Some((kind, meaning)) = message.as_deref().and_then(refusals::of_proposals) {
        let said = message.clone().unwrap_or_default();
        let error = refusals::WORDS.refused(response, (kind, code, message), Some(meaning), what);
        return Refused { way: Way::None, said, error };
    }
    let (kind, way) =
        kind(response.status, code.as_deref().unwrap_or_default(), message.as_deref().unwrap_or_default());
    let said = message.clone().unwrap_or_default();
    let refusal = Refusal {
        stage: Stage::Request,
        status: Some(if kind == ErrorKind::Unauthenticated { 401 } else { response.status }),
        code: code.clone(),
        message: message.clone(),
    };
    let error = refusals::WORDS.refused(response, (kind, code, message), refusals::explain(&refusal), what);
    let wait = error.retry_after.or(match kind {
        ErrorKind::RateLimited => Some(LIMIT_WINDOW),
        ErrorKind::Unavailable => Some(PATIENCE),
        _ => None,
    });
    let error = match way {
        Way::Without if error.remedy.is_none() => {
            error.remedy("Upwork's schema may have changed: look for an update of this plugin.")
        }
        _ => error,
    };
    Refused { way, said, error: error.retry_after(wait) }
}

/// The kind of a refusal, and what can be done. The message decides where the status says nothing.
fn kind(status: u16, class: &str, message: &str) -> (ErrorKind, Way) {
    let message = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let by_status = kind_of_status(status);
    if status == 429 || says(&["too many requests"]) {
        (ErrorKind::RateLimited, Way::None)
    } else if refusals::is_about_permissions(&message) {
        (ErrorKind::Forbidden, Way::None)
    } else if status == 401
        || says(&["unauthorized", "unauthenticated", "authentication failed", "token expired", "invalid token"])
    {
        (ErrorKind::Unauthenticated, Way::None)
    } else if says(&["exception occurred"]) && matches!(by_status, None | Some(ErrorKind::Unavailable)) {
        (ErrorKind::Unavailable, Way::Unpaged)
    } else if says(&["transform timeout"]) {
        (ErrorKind::Unavailable, Way::Again)
    } else if says(&["vjca-6"]) {
        (ErrorKind::InvalidInput, Way::None)
    } else if let Some(kind) = by_status.filter(|kind| *kind != ErrorKind::InvalidInput) {
        (kind, Way::None)
    } else if class == "ValidationError"
        || by_status.is_some()
        || says(&["not defined", "unknown field", "undefined", "unknown argument"])
    {
        (ErrorKind::UnexpectedAnswer, Way::Without)
    } else if message.is_empty() {
        (ErrorKind::UnexpectedAnswer, Way::None)
    } else {
        (ErrorKind::Unavailable, Way::None)
    }
}

#[cfg(test)]
mod tests {
    use prospector_plugin::request::Call;
    use prospector_plugin::testing::{FakeHost, response};
    use prospector_plugin::types::Delivery;
    use serde_json::json;

    use super::*;
    use crate::wire::Own;

    fn asked(status: u16, body: &str) -> Result<(Own, Vec<Fault>), Refused> {
        let host = FakeHost::at(0).respond("/graphql", Ok(response(status, body)));
        let request = Call::get("https://api.example", "/graphql").build();
        ask(&host, &request, "the account", |data, _, _| Lax::of(data).0)
    }

    fn errors(message: &str, class: &str) -> String {
        json!({"data": null, "errors": [{"message": message, "extensions": {"classification": class}}]}).to_string()
    }

    #[test]
    fn data_comes_with_the_errors_beside_it() {
        let (own, faults) =
            asked(200, r#"{"data":{"user":{"nid":"ada"}},"errors":[{"message":"partly"}]}"#).expect("data");
        assert_eq!(own.user.0.expect("a user").nid.0.as_deref(), Some("ada"));
        assert_eq!(faults[0].says(), "partly");
    }

    #[test]
    fn every_way_of_saying_no_becomes_an_error_of_its_kind() {
        use ErrorKind::{Forbidden, InvalidInput, RateLimited, Unauthenticated, Unavailable, UnexpectedAnswer};
        let denied = "The client or authentication token doesn't have enough oauth2 permissions/scopes to access: [Money.currency].";
        for (status, body, kind, way) in [
            (200, errors(denied, "ExecutionAborted"), Forbidden, Way::None),
            (200, errors("Your OAuth2 permissions do not allow access", ""), Forbidden, Way::None),
            (200, errors("Exception occurred", "ExecutionAborted"), Unavailable, Way::Unpaged),
            (500, errors("Exception occurred", ""), Unavailable, Way::Unpaged),
            (500, "Exception occurred".to_owned(), Unavailable, Way::Unpaged),
            (200, errors("Transform timeout", ""), Unavailable, Way::Again),
            (
                200,
                errors(
                    "The variables input contains a field name 'daysPosted_eq' that is not defined",
                    "ValidationError",
                ),
                UnexpectedAnswer,
                Way::Without,
            ),
            (400, errors("Unknown field \"x\"", "GRAPHQL_VALIDATION_FAILED"), UnexpectedAnswer, Way::Without),
            (200, errors("VJCA-6: Input parameter provided has incorrect value", ""), InvalidInput, Way::None),
            (200, errors("Something went wrong", "DataFetchingException"), Unavailable, Way::None),
            (429, "Too Many Requests".to_owned(), RateLimited, Way::None),
            (429, String::new(), RateLimited, Way::None),
            (401, r#"{"message":"Unauthorized"}"#.to_owned(), Unauthenticated, Way::None),
            (401, String::new(), Unauthenticated, Way::None),
            (
                403,
                r#"{"error":"invalid_token","error_description":"Token expired"}"#.to_owned(),
                Unauthenticated,
                Way::None,
            ),
            (403, "Forbidden".to_owned(), Forbidden, Way::None),
            (403, errors("Exception occurred", ""), Forbidden, Way::None),
            (503, "<html>Maintenance</html>".to_owned(), Unavailable, Way::None),
            (200, "<html>Welcome</html>".to_owned(), UnexpectedAnswer, Way::None),
            (200, r#"{"data":{"us"#.to_owned(), UnexpectedAnswer, Way::None),
            (200, String::new(), UnexpectedAnswer, Way::None),
        ] {
            let refused = asked(status, &body).expect_err(&body);
            assert_eq!(
                (refused.error.kind, refused.way),
                (kind, way),
                "{status} {body} gave {}",
                refused.error.message
            );
            assert_eq!(refused.error.delivery, Delivery::Sent);
            assert!(refused.error.message.contains("the account"), "{}", refused.error.message);
        }
        for body in ["{}", "[]", r#"{"data":null}"#, r#"{"data":[]}"#] {
            assert!(asked(200, body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_wait_is_stated_even_where_the_platform_states_none() {
        assert_eq!(asked(429, "").expect_err("refused").error.retry_after, Some(60));
        assert_eq!(asked(200, &errors("Transform timeout", "")).expect_err("refused").error.retry_after, Some(30));
    }
}
