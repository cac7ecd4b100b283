//! What platforms' refusals mean, in words for a person, as far as they are the same everywhere.
//!
//! A platform asks its own codes first and [`Words::explain`] for the rest.

use crate::account::{Explanation, Refusal, Stage};
use crate::error::{self, Refine};
use crate::http::Response;
use crate::text::{cut, excerpt};
use crate::types::{Delivery, Error, ErrorKind};

/// Characters of a platform's own message that an error shows.
const SHOWN: usize = 300;

/// What a platform and its things are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// `Freelancer`.
    pub name: &'static str,
    /// What `connect` is called with.
    pub id: &'static str,
    /// What a client id stands for: `application`, `API key`.
    pub application: &'static str,
    /// What the page of applications is called: `the Developer Dashboard`.
    pub dashboard: &'static str,
    /// Where that page is.
    pub registration_url: &'static str,
}

/// An explanation of four parts.
#[must_use]
pub fn explanation(title: &str, message: impl Into<String>, remedy: impl Into<String>, permanent: bool) -> Explanation {
    Explanation { title: title.to_owned(), message: message.into(), remedy: remedy.into(), permanent }
}

/// Whether code or message hold one of the words, which are in lower case.
#[must_use]
pub fn says(refusal: &Refusal, words: &[&str]) -> bool {
    let holds = |text: &Option<String>| {
        text.as_deref().map(str::to_lowercase).is_some_and(|text| words.iter().any(|word| text.contains(word)))
    };
    holds(&refusal.code) || holds(&refusal.message)
}

impl Words {
    /// What a refusal by OAuth's codes or by HTTP's statuses means; none if the platform's own words are all there is.
    ///
    /// A request refused as unauthenticated counts as access revoked for good: the host asks after it has tried a new token.
    #[must_use]
    pub fn explain(&self, refusal: &Refusal) -> Option<Explanation> {
        if refusal.status == Some(429) || says(refusal, &["rate_limited", "too_many_requests"]) {
            return Some(self.rate_limited());
        }
        let code = refusal.code.as_deref().unwrap_or_default().to_lowercase();
        match (refusal.stage, code.as_str()) {
            (Stage::Authorization, "access_denied") => Some(self.access_denied()),
            (_, "invalid_client") => Some(self.client_refused()),
            (Stage::Authorization | Stage::Exchange, _) if says(refusal, &["redirect"]) => {
                Some(self.redirect_refused())
            }
            (Stage::Exchange, "invalid_grant") => Some(self.code_refused()),
            (Stage::Refresh, "invalid_grant") => Some(self.access_revoked()),
            (Stage::Request, _) if refusal.status == Some(401) || says(refusal, &["not_authenticated"]) => {
                Some(self.access_revoked())
            }
            _ => None,
        }
    }

    /// `connect`, with this platform's name.
    #[must_use]
    pub fn connect(&self) -> String {
        format!("`ghoststack prospector connect {}`", self.id)
    }

    /// Too many requests.
    #[must_use]
    pub fn rate_limited(&self) -> Explanation {
        let Self { name, application, .. } = self;
        explanation(
            "Rate limited",
            format!(
                "{name} takes no more requests for now. Other integrations with the same {application} or address share the limit."
            ),
            format!(
                "Prospector waits as long as {name} asks for. If it happens often, set a longer `scan_interval` or a lower \
                 `max_results_per_scan`."
            ),
            false,
        )
    }

    /// The person said no.
    #[must_use]
    pub fn access_denied(&self) -> Explanation {
        explanation(
            "Access denied",
            format!("The question on {}'s page was answered with no.", self.name),
            format!("Run {} again and allow the access.", self.connect()),
            false,
        )
    }

    /// Client id and secret do not fit.
    #[must_use]
    pub fn client_refused(&self) -> Explanation {
        let Self { name, dashboard, registration_url, .. } = self;
        explanation(
            "Client refused",
            format!("{name} does not know the Client ID, or the Client Secret does not belong to it."),
            format!("Copy both anew from {dashboard} ({registration_url}) and run {} again.", self.connect()),
            false,
        )
    }

    /// The API key is not accepted.
    #[must_use]
    pub fn key_refused(&self) -> Explanation {
        let Self { name, dashboard, registration_url, .. } = self;
        explanation(
            "API key refused",
            format!("{name} does not accept the API key: it is mistyped, or was revoked."),
            format!(
                "Copy it again from {dashboard} ({registration_url}), or issue a new one there, and run {}.",
                self.connect()
            ),
            true,
        )
    }

    /// The redirect URI is another than the registered one.
    #[must_use]
    pub fn redirect_refused(&self) -> Explanation {
        let Self { application, registration_url, .. } = self;
        explanation(
            "Redirect URI refused",
            format!("The redirect URI is not the one that your {application} is registered with."),
            format!(
                "Register the URI that `connect` prints at {registration_url}, or name the registered one with `--redirect-uri`."
            ),
            false,
        )
    }

    /// The authorization code is spent.
    #[must_use]
    pub fn code_refused(&self) -> Explanation {
        explanation(
            "Authorization code refused",
            format!("The code was used before, has expired or belongs to another {}.", self.application),
            format!("Run {} again; a code is good once and for a short time.", self.connect()),
            true,
        )
    }

    /// The grant is gone.
    #[must_use]
    pub fn access_revoked(&self) -> Explanation {
        explanation(
            "Access revoked",
            format!(
                "{} no longer accepts Prospector's tokens. Revoking access on the site ends all of them at once.",
                self.name
            ),
            format!("Run {}.", self.connect()),
            true,
        )
    }

    /// A refused request as an error, in the words of its explanation where there is one. `what` names the thing asked for.
    #[must_use]
    pub fn refused(
        &self,
        response: &Response,
        (kind, code, message): (ErrorKind, Option<String>, Option<String>),
        explained: Option<Explanation>,
        what: &str,
    ) -> Error {
        let said = message.map_or_else(String::new, |message| format!(": {}", excerpt(&message, SHOWN)));
        let platform = format!("{} answered HTTP {} for {what}{said}", self.name, response.status);
        let error = match explained {
            Some(explained) => error::of(kind, format!("{}: {} ({platform})", explained.title, explained.message))
                .remedy(explained.remedy),
            None if kind == ErrorKind::Unavailable => {
                error::of(kind, platform).remedy(format!("{} has a problem of its own. Ask again later.", self.name))
            }
            None => error::of(kind, platform),
        };
        error
            .code(code.map(|code| cut(&code, 256).to_owned()))
            .delivery(Delivery::Sent)
            .retry_after(wait(response, kind))
    }
}

/// The wait that an answer asks for: in its header, or until a spent rate limit starts again.
fn wait(response: &Response, kind: ErrorKind) -> Option<u32> {
    response.retry_after.or_else(|| response.rate.filter(|_| kind == ErrorKind::RateLimited)?.reset_after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Rate;
    use crate::testing::response;

    const WORDS: Words = Words {
        name: "Example",
        id: "example",
        application: "API key",
        dashboard: "the page of keys",
        registration_url: "https://example.com/keys",
    };

    fn refusal(stage: Stage, status: Option<u16>, code: &str) -> Refusal {
        Refusal { stage, status, code: Some(code.to_owned()), message: None }
    }

    #[test]
    fn oauths_codes_and_https_statuses_have_words() {
        use Stage::{Authorization, Exchange, Refresh, Request};
        for (refusal, title) in [
            (refusal(Authorization, None, "access_denied"), Some("Access denied")),
            (refusal(Authorization, None, "redirect_uri_mismatch"), Some("Redirect URI refused")),
            (refusal(Exchange, Some(401), "invalid_client"), Some("Client refused")),
            (refusal(Exchange, Some(400), "invalid_grant"), Some("Authorization code refused")),
            (refusal(Refresh, Some(400), "invalid_grant"), Some("Access revoked")),
            (refusal(Request, Some(401), ""), Some("Access revoked")),
            (refusal(Request, Some(429), ""), Some("Rate limited")),
            (refusal(Request, Some(500), "whatever"), None),
        ] {
            assert_eq!(WORDS.explain(&refusal).map(|said| said.title).as_deref(), title, "{refusal:?}");
        }
        let said = WORDS.client_refused();
        assert!(said.remedy.contains("the page of keys (https://example.com/keys)"), "{}", said.remedy);
    }

    #[test]
    fn a_refused_request_says_what_was_asked_and_how_long_to_wait() {
        let rate = Some(Rate { limit: None, remaining: Some(0), reset_after: Some(40) });
        let answer = Response { rate, ..response(429, "") };
        let of = |kind| WORDS.refused(&answer, (kind, None, Some("Slow down".to_owned())), None, "the postings");
        let error = of(ErrorKind::RateLimited);
        assert_eq!(error.message, "Example answered HTTP 429 for the postings: Slow down");
        assert_eq!((error.retry_after, error.delivery), (Some(40), Delivery::Sent));
        assert_eq!(of(ErrorKind::Unavailable).retry_after, None);
    }
}
