//! Making errors that a program can act on and a person can read.
//!
//! ```
//! use prospector_plugin::error;
//! let error = error::invalid_input("There is no category `Webb`").remedy("Did you mean `Web`?");
//! # use prospector_plugin::error::Refine;
//! assert_eq!(error.kind, prospector_plugin::types::ErrorKind::InvalidInput);
//! ```

use crate::types::{Delivery, Error, ErrorKind};

/// An error of a kind. Nothing was sent, unless [`Refine::delivery`] says otherwise.
#[must_use]
pub fn of(kind: ErrorKind, message: impl Into<String>) -> Error {
    Error { kind, code: None, message: message.into(), remedy: None, delivery: Delivery::NotSent, retry_after: None }
}

/// What was asked cannot be; asking again does not help.
#[must_use]
pub fn invalid_input(message: impl Into<String>) -> Error {
    of(ErrorKind::InvalidInput, message)
}

/// A setting cannot be used. The host shows where it stands.
#[must_use]
pub fn invalid_setting(setting: &str, message: impl Into<String>) -> Error {
    invalid_input(message).code(Some(setting.to_owned()))
}

/// The platform answered something that could not be understood.
#[must_use]
pub fn unexpected_answer(message: impl Into<String>) -> Error {
    of(ErrorKind::UnexpectedAnswer, message).delivery(Delivery::Sent)
}

/// A defect of the plugin's own.
#[must_use]
pub fn internal(message: impl Into<String>) -> Error {
    of(ErrorKind::Internal, message)
}

/// Further particulars of an error, one call each.
pub trait Refine {
    /// The platform's own code.
    #[must_use]
    fn code(self, code: Option<String>) -> Self;
    /// What the person should do next.
    #[must_use]
    fn remedy(self, remedy: impl Into<String>) -> Self;
    /// How far the request got.
    #[must_use]
    fn delivery(self, delivery: Delivery) -> Self;
    /// Seconds to wait before asking again.
    #[must_use]
    fn retry_after(self, seconds: Option<u32>) -> Self;
}

impl Refine for Error {
    fn code(mut self, code: Option<String>) -> Self {
        self.code = code;
        self
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    fn delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    fn retry_after(mut self, seconds: Option<u32>) -> Self {
        self.retry_after = seconds;
        self
    }
}

/// What kind of failure an HTTP status is, where the platform does not say it better. None for a success.
#[must_use]
pub fn kind_of_status(status: u16) -> Option<ErrorKind> {
    Some(match status {
        200..=299 => return None,
        400 | 422 => ErrorKind::InvalidInput,
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::Forbidden,
        404 | 410 => ErrorKind::NotFound,
        405 | 501 => ErrorKind::Unsupported,
        409 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        408 | 425 | 500..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::UnexpectedAnswer,
    })
}
