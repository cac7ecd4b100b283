//! The person at the consent page, and their browser: follows redirects, reads the form, presses a button.

use std::io;

use url::Url;
use url::form_urlencoded::Serializer;

use crate::http::{self, Body, Reply};

/// Redirects and pages that a log-in takes at most.
const MAX_STEPS: usize = 10;

/// The button that the person presses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Allow,
    /// No.
    Deny,
}

/// Opens an authorization page and answers it. Gives the address that the platform then sends the browser to, which is not opened: what
/// a person would paste.
///
/// # Errors
/// Where the platform shows a page that is neither a question nor a redirect.
pub fn answer(url: &Url, answer: Answer) -> io::Result<Url> {
    let mut at = url.clone();
    let mut reply = http::send("GET", &at, Body::Empty)?;
    for _ in 0..MAX_STEPS {
        if let Some(location) = &reply.location {
            let next = at.join(location).map_err(|e| io::Error::other(format!("{location} is no address: {e}")))?;
            if next.origin() != url.origin() {
                return Ok(next);
            }
            at = next;
            reply = http::send("GET", &at, Body::Empty)?;
            continue;
        }
        reply = press(&at, &reply, answer)?;
    }
    Err(io::Error::other(format!("{url} does not come to an end")))
}

/// The same, and opens the address that the browser is sent to: the application's own page.
///
/// # Errors
/// As [`answer`], or where the application does not listen.
pub fn visit(url: &Url, button: Answer) -> io::Result<Reply> {
    http::send("GET", &answer(url, button)?, Body::Empty)
}

/// Presses a button of the consent page's form.
fn press(at: &Url, page: &Reply, answer: Answer) -> io::Result<Reply> {
    let shown = || io::Error::other(format!("{at} answered {} with no question: {}", page.status, page.body));
    let action = between(&page.body, "action=\"", "\"").ok_or_else(shown)?;
    let ticket = between(&page.body, "name=\"ticket\" value=\"", "\"").ok_or_else(shown)?;
    let decision = match answer {
        Answer::Allow => "allow",
        Answer::Deny => "deny",
    };
    let form = Serializer::new(String::new()).append_pair("ticket", ticket).append_pair("decision", decision).finish();
    let action = at.join(action).map_err(|e| io::Error::other(format!("{action} is no address: {e}")))?;
    http::send("POST", &action, Body::Form(&form))
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}
