//! The envelope around every answer: `{"status": "success", "result": ...}` or one of two shapes of error, which come with
//! HTTP 200 too.

use std::mem;

use prospector_plugin::account::{Refusal, Stage};
use prospector_plugin::error::{self, Refine, kind_of_status};
use prospector_plugin::http::{Request, Response};
use prospector_plugin::lenient::{self, Field, Int, Json, Lax, Record, Text};
use prospector_plugin::record;
use prospector_plugin::types::{Error, ErrorKind};
use prospector_plugin::{Host, answer, text};

use crate::{codes, refusals};

/// Seconds to wait after bidding too fast, where the answer does not say (assumed).
const BIDDING_PAUSE: u32 = 60;

record! {
    struct Envelope<'a> {
        status: Text,
        message: Text,
        error_code: Text,
        /// The newer form.
        error: Lax<Nested>,
        result: Json<'a>,
    }

    struct Nested {
        code: Text,
        detail: Text,
        message: Text,
        http_code: Int,
    }
}

/// Sends a request and reads the `result` of its answer. `what` names the thing asked for: `the categories`.
///
/// # Errors
/// As [`ask`].
pub(crate) fn ask_for<T: for<'a> Record<'a>>(host: &dyn Host, request: &Request, what: &str) -> Result<T, Error> {
    ask(host, request, what, |result, _| Lax::of(result).0)
}

/// Sends a request and hands the `result` of its answer, and the bytes of the whole, to `read`, which gives none for what is no such thing.
///
/// # Errors
/// What kept an answer from coming, a refusal in words for a person, or `unexpected-answer` for what is not understood.
pub(crate) fn ask<T>(
    host: &dyn Host,
    request: &Request,
    what: &str,
    read: impl FnOnce(Json<'_>, usize) -> Option<T>,
) -> Result<T, Error> {
    let (mut read, mut found) = (Some(read), None);
    exchange(host, request, what, &mut |result, size| {
        found = read.take().and_then(|read| read(result, size));
        found.is_some()
    })?;
    found.ok_or_else(|| error::internal("What an answer held is not there"))
}

/// As [`ask`], of one type whatever is read, so that it is compiled once: `read` says whether the result is one.
fn exchange(
    host: &dyn Host,
    request: &Request,
    what: &str,
    read: &mut dyn FnMut(Json<'_>, usize) -> bool,
) -> Result<(), Error> {
    let response = host.fetch(request)?;
    let body = answer::text(&response);
    let judged = lenient::read(&body, |json| {
        let mut envelope: Envelope<'_> = lenient::record(json);
        match envelope.refusal(&response) {
            Some((response, code, message)) => Err(refused(&response, code, message, what)),
            None => Ok(read(mem::take(&mut envelope.result), body.len())),
        }
    });
    match judged {
        Ok(Ok(true)) => {
            answer::done(response);
            Ok(())
        }
        Ok(Ok(false)) => Err(error::unexpected_answer(format!(
            "The answer for {what} (HTTP {}) holds no such result: {:?}",
            response.status,
            text::excerpt(&body, 80)
        ))
        .remedy("Ask again later. If it stays, look for an update of this plugin.")),
        Ok(Err(refused)) => Err(refused),
        Err(fault) if kind_of_status(response.status).is_none() => Err(answer::not_json(&response, what, &fault)),
        Err(_) => Err(refused(&response, None, Some(text::excerpt(&body, 80)), what)),
    }
}

impl Envelope<'_> {
    /// What is refused, if anything is: the response with the status that counts, code and message.
    fn refusal(&mut self, response: &Response) -> Option<(Response, Option<String>, Option<String>)> {
        let nested = self.error.0.take().unwrap_or_default();
        let succeeded = kind_of_status(response.status).is_none()
            && self.status.0.as_deref() != Some("error")
            && self.error_code.0.is_none()
            && nested.code.0.is_none();
        if succeeded {
            return None;
        }
        let code = self.error_code.0.take().or(nested.code.0);
        let message = self.message.0.take().or(nested.detail.0).or(nested.message.0);
        let stated = nested.http_code.0.and_then(|status| u16::try_from(status).ok());
        let status = stated.filter(|_| response.status < 300).unwrap_or(response.status);
        Some((Response { status, ..response.clone() }, code, message))
    }
}

/// A refusal as an error, in the words of [`refusals::explain`] where there are any.
fn refused(response: &Response, code: Option<String>, message: Option<String>, what: &str) -> Error {
    if let Some((kind, meaning)) = codes::meaning(code.as_deref().unwrap_or_default()) {
        let error = refusals::WORDS.refused(response, (kind, code, message), Some(meaning), what);
        let wait = (kind == ErrorKind::RateLimited).then_some(BIDDING_PAUSE);
        return Error { retry_after: error.retry_after.or(wait), ..error };
    }
    let kind = kind(response.status, code.as_deref().unwrap_or_default());
    let refusal = Refusal {
        stage: Stage::Request,
        status: Some(status_of(kind).unwrap_or(response.status)),
        code: code.clone(),
        message: message.clone(),
    };
    refusals::WORDS.refused(response, (kind, code, message), refusals::explain(&refusal), what)
}

/// The kind of a refusal. The code decides where it is known, as errors come with HTTP 200 too.
fn kind(status: u16, code: &str) -> ErrorKind {
    let has = |word: &str| code.contains(word);
    if has("RATE_LIMITED") || has("TOO_MANY_REQUESTS") {
        ErrorKind::RateLimited
    } else if has("NOT_AUTHENTICATED") || has("UNAUTHENTICATED") {
        ErrorKind::Unauthenticated
    } else if has("SCOPE") || has("FORBIDDEN") || has("RESTRICTED") {
        ErrorKind::Forbidden
    } else if has("DUPLICATE") {
        ErrorKind::Conflict
    } else if has("NOT_FOUND") {
        ErrorKind::NotFound
    } else if has("UNKNOWN_ERROR") || has("GAF_EXCEPTION") {
        // Whatever the status says: what was asked for may have been done.
        ErrorKind::Unavailable
    } else {
        kind_of_status(status).unwrap_or(ErrorKind::Unavailable)
    }
}

/// The status that stands for a kind which a code alone has told.
fn status_of(kind: ErrorKind) -> Option<u16> {
    match kind {
        ErrorKind::RateLimited => Some(429),
        ErrorKind::Unauthenticated => Some(401),
        ErrorKind::Forbidden => Some(403),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use prospector_plugin::request::Call;
    use prospector_plugin::testing::{FakeHost, response};
    use prospector_plugin::types::Delivery;

    use super::*;

    fn asked(answer: Response) -> Result<usize, Error> {
        let host = FakeHost::at(0).respond("/x", Ok(answer));
        let request = Call::get("https://api.example", "/x").build();
        ask(&host, &request, "the postings", |result, _| Some(result.elements().len()).filter(|count| *count > 0))
    }

    #[test]
    fn a_result_is_handed_on_as_it_came() {
        let body = r#"{"status":"success","result":{"projects":[]},"request_id":"0"}"#;
        assert_eq!(asked(response(200, body)), Ok(1));
        assert_eq!(asked(response(200, r#"{"result":[1,2]}"#)), Ok(2));
    }

    #[test]
    fn every_way_of_saying_no_becomes_an_error_of_its_kind() {
        let flat =
            |code: &str| format!(r#"{{"status":"error","message":"No.","error_code":"{code}","request_id":"0"}}"#);
        let nested = |code: &str, status: u16| {
            format!(r#"{{"status":"error","error":{{"code":"{code}","detail":"No.","http_code":{status}}}}}"#)
        };
        for (status, body, kind) in [
            (401, flat("RestExceptionCodes.NOT_AUTHENTICATED"), ErrorKind::Unauthenticated),
            (200, flat("RestExceptionCodes.NOT_AUTHENTICATED"), ErrorKind::Unauthenticated),
            (403, flat("AuthorisationExceptionCodes.INSUFFICIENT_SCOPE"), ErrorKind::Forbidden),
            (429, flat("AuthorisationExceptionCodes.RATE_LIMITED"), ErrorKind::RateLimited),
            (200, nested("TOO_MANY_REQUESTS", 429), ErrorKind::RateLimited),
            (200, nested("SOMETHING_NEW", 403), ErrorKind::Forbidden),
            (403, nested("SOMETHING_NEW", 403), ErrorKind::Forbidden),
            (400, flat("RestExceptionCodes.BAD_FORM"), ErrorKind::InvalidInput),
            (404, flat("RestExceptionCodes.NOT_FOUND"), ErrorKind::NotFound),
            (400, flat("ProjectExceptionCodes.DUPLICATE_BID"), ErrorKind::Conflict),
            (500, flat("ExceptionCodes.UNKNOWN_ERROR"), ErrorKind::Unavailable),
            (200, flat("ExceptionCodes.UNKNOWN_ERROR"), ErrorKind::Unavailable),
            (200, r#"{"status":"error"}"#.to_owned(), ErrorKind::Unavailable),
            (503, "<html>Maintenance</html>".to_owned(), ErrorKind::Unavailable),
            (429, String::new(), ErrorKind::RateLimited),
            (200, "<html>Welcome</html>".to_owned(), ErrorKind::UnexpectedAnswer),
            (200, r#"{"status":"success","result":{"proj"#.to_owned(), ErrorKind::UnexpectedAnswer),
            (200, r#"{"status":"success"}"#.to_owned(), ErrorKind::UnexpectedAnswer),
            (200, r#"{"status":"success","result":null}"#.to_owned(), ErrorKind::UnexpectedAnswer),
            (200, "[]".to_owned(), ErrorKind::UnexpectedAnswer),
            (200, String::new(), ErrorKind::UnexpectedAnswer),
            (302, String::new(), ErrorKind::UnexpectedAnswer),
        ] {
            let error = asked(response(status, body.clone())).expect_err(&body);
            assert_eq!(error.kind, kind, "{status} {body} gave {}", error.message);
            assert_eq!(error.delivery, Delivery::Sent);
            assert!(error.message.contains("the postings") && error.message.contains("HTTP"), "{}", error.message);
        }
    }

    #[test]
    fn the_wait_comes_from_the_header_or_from_the_rate_limit() {
        let limited = response(
            429,
            r#"{"status":"error","message":"m","error_code":"AuthorisationExceptionCodes.RATE_LIMITED"}"#,
        );
        let rate = Some(prospector_plugin::http::Rate { limit: Some(50), remaining: Some(0), reset_after: Some(40) });
        for (answer, wait) in [
            (limited.clone(), None),
            (Response { retry_after: Some(7), rate, ..limited.clone() }, Some(7)),
            (Response { rate, ..limited.clone() }, Some(40)),
            (Response { status: 503, rate, body: Vec::new(), ..limited.clone() }, None),
        ] {
            assert_eq!(asked(answer).expect_err("refused").retry_after, wait);
        }
    }
}
