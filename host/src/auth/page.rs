//! What the browser shows after the redirect: fixed texts, so that nothing of the request can come back as markup.

use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};
use url::Url;

use super::returning::BrowserReturn;

/// The listener's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Received,
    Refused,
    Spent,
    NotOurs,
    Unreadable,
    Elsewhere,
    WrongHost,
    WrongMethod,
}

impl Page {
    fn content(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Received => (
                StatusCode::OK,
                "Answer received",
                "You can close this page and return to Prospector, which says whether the log-in succeeded.",
            ),
            Self::Refused => (
                StatusCode::OK,
                "Access was not granted",
                "You can close this page. Prospector says what the platform answered and what to do.",
            ),
            Self::Spent => {
                (StatusCode::GONE, "Already answered", "This log-in has its answer already. You can close this page.")
            }
            Self::NotOurs => (
                StatusCode::BAD_REQUEST,
                "Not this log-in",
                "This answer does not belong to the log-in that is under way, so it was not used. Follow the address that Prospector opened or printed last, in the browser that the log-in was begun in.",
            ),
            Self::Unreadable => (
                StatusCode::BAD_REQUEST,
                "Not an answer",
                "There is neither a code nor an error here. Follow the address that Prospector opened or printed last.",
            ),
            Self::Elsewhere => {
                (StatusCode::NOT_FOUND, "Nothing here", "Prospector waits here for a log-in, at another path.")
            }
            Self::WrongHost => {
                (StatusCode::MISDIRECTED_REQUEST, "Wrong host", "Prospector answers under its loopback address only.")
            }
            Self::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, "Wrong method", "Prospector answers GET only."),
        }
    }

    /// What a page that ends the wait says where the browser goes on by itself.
    fn onward(self) -> Option<&'static str> {
        match self {
            Self::Received => Some("Prospector goes on with the log-in."),
            Self::Refused => Some("Prospector says what the platform answered and what to do."),
            _ => None,
        }
    }

    /// The answer. A browser that is to return somewhere goes there from the page that ends the wait, by itself or by a link, and
    /// loses its cookie.
    pub(super) fn response(self, browser: Option<&BrowserReturn>) -> Response<String> {
        let (status, title, text) = self.content();
        let onward = self.onward().zip(browser);
        let (refresh, body) = match onward {
            // Not a redirect: that would still be on its way from the platform's site, and cookies that are `Strict` would stay behind.
            Some((text, browser)) => {
                let then = escaped(browser.then());
                (
                    format!("<meta http-equiv=\"refresh\" content=\"0; url={then}\">"),
                    format!("<p>{text}</p><p><a href=\"{then}\">Continue</a></p>"),
                )
            }
            None => (String::new(), format!("<p>{text}</p>")),
        };
        let page = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <meta name=\"color-scheme\" content=\"light dark\">{refresh}<title>{title} - Prospector</title></head>\
             <body><main><h1>{title}</h1>{body}</main></body></html>\n"
        );
        let mut response = Response::new(page);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // The address of this page holds the code: no page linked from here, nor any resource, may learn it.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
        );
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some((_, browser)) = onward {
            headers.insert(SET_COOKIE, browser.removal());
        }
        response
    }
}

/// A URL inside an attribute. It has no quotation marks or angle brackets: those are percent-encoded in it.
fn escaped(url: &Url) -> String {
    url.as_str().replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}
