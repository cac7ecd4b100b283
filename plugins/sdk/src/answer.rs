//! Reading answers.

use std::borrow::Cow;

use crate::bytes;
use crate::error::{self, Refine};
use crate::http::Response;
use crate::lenient::{self, Field as _, Json, Lax, Malformed, Record};
use crate::text::excerpt;
use crate::types::{Delivery, Error};

/// Characters of an answer that an error shows.
const SHOWN: usize = 80;

/// The body as text; what is no UTF-8 in it is replaced.
#[must_use]
pub fn text(response: &Response) -> Cow<'_, str> {
    // Looking for what is no UTF-8 is far slower than seeing that there is none.
    bytes::text(&response.body).map_or_else(|| String::from_utf8_lossy(&response.body), Cow::Borrowed)
}

/// Says that an answer is read and done with. Its room serves the next answer; answers are the largest part of a component's memory.
pub fn done(response: Response) {
    bytes::give_back(response.body);
}

/// The body as an object of JSON. `what` names the thing asked for, as `the account`.
///
/// # Errors
/// `unexpected-answer` if it is something else, with status and beginning of the answer.
pub fn record<T: for<'a> Record<'a>>(response: &Response, what: &str) -> Result<T, Error> {
    read(response, what, |json| Lax::of(json).0)
}

/// What `then` makes of the body's JSON: none, if it is not what it should be. `what` names the thing asked for, as `the categories`.
///
/// # Errors
/// `unexpected-answer` if it is something else, with status and beginning of the answer.
pub fn read<T>(response: &Response, what: &str, then: impl FnOnce(Json<'_>) -> Option<T>) -> Result<T, Error> {
    match lenient::read(&text(response), then) {
        Ok(Some(read)) => Ok(read),
        Ok(None) => Err(unexpected(response, what, false)),
        Err(fault) => Err(not_json(response, what, &fault)),
    }
}

/// The error for an answer that is not the JSON expected: cut off, a proxy's page, or of another shape.
#[must_use]
pub fn not_json(response: &Response, what: &str, fault: &Malformed) -> Error {
    unexpected(response, what, fault.ends_early)
}

fn unexpected(response: &Response, what: &str, ends_early: bool) -> Error {
    let text = text(response);
    let seen = if text.trim().is_empty() {
        "it is empty".to_owned()
    } else if ends_early {
        format!("it ends early, after {} bytes; it begins {:?}", response.body.len(), excerpt(&text, SHOWN))
    } else {
        format!("it begins {:?}", excerpt(&text, SHOWN))
    };
    error::unexpected_answer(format!(
        "The answer for {what} (HTTP {}) is not what was expected: {seen}",
        response.status
    ))
    .remedy(
        "Ask again later. If it stays, the platform may have changed its interface: look for an update of this plugin.",
    )
}

/// The error for a status that is no success, in plain words; none for a success.
///
/// A platform that has codes and messages of its own says it better and starts from
/// [`kind_of_status`](crate::error::kind_of_status).
#[must_use]
pub fn refused(response: &Response, what: &str) -> Option<Error> {
    let kind = error::kind_of_status(response.status)?;
    let error = error::of(kind, format!("The platform answered HTTP {} for {what}", response.status));
    Some(error.delivery(Delivery::Sent).retry_after(response.retry_after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::ErrorKind;

    fn response(status: u16, body: &str) -> Response {
        Response { status, headers: Vec::new(), body: body.into(), retry_after: Some(9), rate: None }
    }

    #[test]
    fn an_answer_that_is_not_json_is_shown_with_its_status_and_its_beginning() {
        let page = format!("<!DOCTYPE html>\u{1b}[31m{}", "x".repeat(500));
        for (body, shown) in [
            (page.as_str(), "it begins \"<!DOCTYPE html>[31mxxx"),
            ("{\"a\":[1,2", "it ends early, after 9 bytes"),
            ("  ", "it is empty"),
        ] {
            let error = read(&response(502, body), "the postings", |_| Some(())).expect_err(body);
            assert_eq!(error.kind, ErrorKind::UnexpectedAnswer);
            assert!(error.message.contains("HTTP 502") && error.message.contains(shown), "{}", error.message);
            assert!(error.message.len() < 250, "{}", error.message);
        }
    }

    #[test]
    fn a_status_says_its_kind_and_its_wait() {
        for (status, kind) in [
            (401, ErrorKind::Unauthenticated),
            (403, ErrorKind::Forbidden),
            (404, ErrorKind::NotFound),
            (429, ErrorKind::RateLimited),
            (503, ErrorKind::Unavailable),
            (304, ErrorKind::UnexpectedAnswer),
        ] {
            let error = refused(&response(status, ""), "it").expect("no success");
            assert_eq!((error.kind, error.retry_after, error.delivery), (kind, Some(9), Delivery::Sent));
        }
        assert_eq!(refused(&response(204, ""), "it"), None);
    }
}
