//! Freelancer's success and error envelopes.

use serde_json::{Value, json};

use crate::exchange::Reply;
use crate::faults::Failure;
use crate::random;

/// An error of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// `error_code`, such as `ProjectExceptionCodes.DUPLICATE_BID`.
    pub code: String,
    /// `message`.
    pub message: String,
}

impl ApiError {
    /// An error.
    #[must_use]
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// No token, or none that is good.
    #[must_use]
    pub fn not_authenticated() -> Self {
        Self::new(401, "RestExceptionCodes.NOT_AUTHENTICATED", "You must be logged in to perform this request")
    }

    /// The token lacks an advanced scope. Code and wording are assumed.
    #[must_use]
    pub fn missing_scope(name: &str, number: u8) -> Self {
        Self::new(
            403,
            "AuthorisationExceptionCodes.INSUFFICIENT_SCOPE",
            format!("This request needs the advanced scope {name} ({number})."),
        )
    }

    /// Over the rate limit.
    #[must_use]
    pub fn rate_limited() -> Self {
        Self::new(429, "AuthorisationExceptionCodes.RATE_LIMITED", "You have made too many of these requests.")
    }

    /// A parameter or body that does not parse.
    #[must_use]
    pub fn bad_form(message: impl Into<String>) -> Self {
        Self::new(400, "RestExceptionCodes.BAD_FORM", message)
    }

    /// No such route, or no such thing. The code is assumed.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(404, "RestExceptionCodes.NOT_FOUND", format!("{what} was not found."))
    }

    /// What a fault asks for, with the usual words of its status where it brings none.
    #[must_use]
    pub fn of_failure(failure: &Failure) -> Self {
        let usual = match failure.status {
            401 => Self::not_authenticated(),
            403 => {
                Self::new(403, "RestExceptionCodes.FORBIDDEN", "You do not have permission to perform this request.")
            }
            429 => Self::rate_limited(),
            500 => Self::new(500, "ExceptionCodes.UNKNOWN_ERROR", "An unknown error has occurred."),
            other => Self::new(other, "ExceptionCodes.UNKNOWN_ERROR", "The request could not be completed."),
        };
        Self {
            status: failure.status,
            code: failure.error_code.clone().unwrap_or(usual.code),
            message: failure.message.clone().unwrap_or(usual.message),
        }
    }

    /// The error as a reply, with HTTP status `status`.
    #[must_use]
    pub fn reply(&self, status: u16, nested: bool) -> Reply {
        let value = if nested {
            let code = self.code.rsplit('.').next().unwrap_or(&self.code);
            json!({
                "status": "error",
                "request_id": random::hex(32),
                "error": {
                    "code": code,
                    "detail": self.message,
                    "http_code": self.status,
                    "source": "api",
                },
            })
        } else {
            json!({
                "status": "error",
                "message": self.message,
                "error_code": self.code,
                "request_id": random::hex(32),
            })
        };
        Reply::json(status, &value)
    }
}

/// The success envelope; without `result` for actions that only report that they were done.
#[must_use]
pub fn success(result: Option<Value>) -> Reply {
    let mut value = json!({"status": "success", "request_id": random::hex(32)});
    if let (Some(result), Value::Object(fields)) = (result, &mut value) {
        fields.insert("result".to_owned(), result);
    }
    // Always 200, also for what was created: official clients take 201 for a failure.
    Reply::json(200, &value)
}
