//! What is answered: pages, parts of pages, and failures with what to do next.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse, Response};

use super::desk::Desk;
use super::door::session::Visitor;
use super::frame::Frame;
use crate::app::AppError;
use crate::app::error::exit;
use crate::plain;

/// The header of requests that script makes: the answer is a part of a page.
pub const BY_SCRIPT: &str = "hx-request";

/// A template, as a page or a part of one.
pub struct Html<T>(pub T);

impl<T: Template> IntoResponse for Html<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(text) => ([(CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response(),
            Err(error) => {
                tracing::error!(%error, "a page cannot be made");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// Why something was not done, and what to do next.
#[derive(Clone, Debug)]
pub struct Failure {
    status: StatusCode,
    title: String,
    message: String,
    remedy: Option<String>,
    wait: Option<u64>,
    back: Option<Box<Back>>,
}

/// The way to where what was tried can be changed.
#[derive(Clone, Debug)]
struct Back {
    href: String,
    called: String,
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    frame: Frame,
    failure: &'a Failure,
}

#[derive(Template)]
#[template(path = "failure_alone.html")]
struct FailureAlone<'a> {
    style: &'a str,
    failure: &'a Failure,
}

#[derive(Template)]
#[template(path = "failure_part.html")]
struct FailurePart<'a> {
    failure: &'a Failure,
}

impl Failure {
    fn new(status: StatusCode, title: &str, message: impl Into<String>, remedy: Option<&str>) -> Failure {
        Failure {
            status,
            title: title.to_owned(),
            message: message.into(),
            remedy: remedy.map(str::to_owned),
            wait: None,
            back: None,
        }
    }

    /// The same, with the way back to where it can be changed.
    #[must_use]
    pub fn leading_to(self, href: &str, called: impl Into<String>) -> Failure {
        Failure { back: Some(Box::new(Back { href: href.to_owned(), called: called.into() })), ..self }
    }

    /// There is nothing at this address.
    #[must_use]
    pub fn nothing_here() -> Failure {
        Failure::new(StatusCode::NOT_FOUND, "Nothing here", "There is no such page.", Some("Choose one above."))
    }

    /// A request that the dashboard's own pages do not make.
    #[must_use]
    pub fn refused(title: &str, remedy: &str) -> Failure {
        Failure::new(StatusCode::FORBIDDEN, title, "Nothing was changed.", Some(remedy))
    }

    /// Nobody is logged in.
    #[must_use]
    pub fn logged_out() -> Failure {
        let how =
            "Run `ghoststack prospector dashboard` in a terminal: it shows a link that opens the dashboard, once.";
        Failure::new(
            StatusCode::UNAUTHORIZED,
            "You are not logged in",
            "The dashboard shows nothing without a log-in.",
            Some(how),
        )
    }

    /// The link is good no more, or never was.
    #[must_use]
    pub fn stale_link() -> Failure {
        let how = "Run `ghoststack prospector dashboard` in a terminal for another one.";
        Failure::new(
            StatusCode::FORBIDDEN,
            "This link is not good",
            "A link opens the dashboard once, and within ten minutes.",
            Some(how),
        )
    }

    /// Too many links that were not good.
    #[must_use]
    pub fn too_often(wait: u64) -> Failure {
        let message = format!("There were too many attempts; there can be another one in {wait} s.");
        Failure { wait: Some(wait), ..Failure::new(StatusCode::TOO_MANY_REQUESTS, "Too many attempts", message, None) }
    }

    /// What was entered cannot be used.
    #[must_use]
    pub fn unusable(message: impl Into<String>) -> Failure {
        Failure::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "That cannot be used",
            message,
            Some("Go back and change it: what you entered is still there."),
        )
    }

    /// As a page; for script, as a part of one. Nothing is shown of the program to whom is not logged in.
    pub(super) fn page(&self, desk: &Desk, visitor: Option<&Visitor>, wants_fragment: bool) -> Response {
        let page = match visitor {
            _ if wants_fragment => Html(FailurePart { failure: self }).into_response(),
            Some(visitor) => Html(FailurePage { frame: Frame::of(desk, visitor, ""), failure: self }).into_response(),
            None => Html(FailureAlone { style: super::assets::style(), failure: self }).into_response(),
        };
        let mut response = (self.status, page).into_response();
        if let Some(wait) = self.wait {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait));
        }
        if wants_fragment {
            let headers = response.headers_mut();
            headers.insert("hx-retarget", HeaderValue::from_static("#notices"));
            headers.insert("hx-reswap", HeaderValue::from_static("innerHTML"));
        }
        response
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Failure {
        let (status, title) = match error.exit_code() {
            exit::NOT_FOUND => (StatusCode::NOT_FOUND, "Not there"),
            exit::BUSY => (StatusCode::CONFLICT, "Something else is at it"),
            exit::USAGE | exit::CONFIG => (StatusCode::UNPROCESSABLE_ENTITY, "That cannot be used"),
            exit::AUTH => (StatusCode::BAD_GATEWAY, "The platform did not let Prospector in"),
            exit::UNAVAILABLE => (StatusCode::BAD_GATEWAY, "The platform did not serve"),
            exit::PLUGIN => (StatusCode::BAD_GATEWAY, "A plugin failed"),
            exit::STORAGE => (StatusCode::INTERNAL_SERVER_ERROR, "The home cannot be used"),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "That was not done"),
        };
        Failure::new(status, title, plain::paragraphs(&error.to_string()), error.remedy().map(plain::line).as_deref())
    }
}

impl IntoResponse for Failure {
    /// The door makes a page of it: it knows who asks.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
