//! The front channel: authorisation request, consent page, redirect back.

use url::Url;

use super::grants::Code;
use super::{AuthorizationServer, Challenge, Consent, MAX_OPEN_PAGES, OAuthError, consent_page};
use crate::exchange::Reply;
use crate::params::Params;
use crate::random;

/// An authorisation request, read from the query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// `response_type`.
    pub response_type: String,
    /// `client_id`.
    pub client_id: String,
    /// `redirect_uri`.
    pub redirect_uri: String,
    /// `state`, echoed as it came.
    pub state: Option<String>,
    /// The scopes that consent will give, in the platform's names.
    pub scopes: Vec<String>,
    /// The proof-key challenge, if one was sent.
    pub challenge: Option<Challenge>,
}

impl AuthorizationRequest {
    /// Reads the standard parameters; `scopes` are for the platform to fill in.
    #[must_use]
    pub fn from_params(params: &Params) -> Self {
        let text = |name: &str| params.get(name).unwrap_or_default().to_owned();
        Self {
            response_type: text("response_type"),
            client_id: text("client_id"),
            redirect_uri: text("redirect_uri"),
            state: params.get("state").map(str::to_owned),
            scopes: Vec::new(),
            challenge: params.get("code_challenge").map(|challenge| Challenge {
                challenge: challenge.to_owned(),
                method: params.get("code_challenge_method").unwrap_or("plain").to_owned(),
            }),
        }
    }
}

impl AuthorizationServer {
    /// Answers an authorisation request with a page or a redirect. `consent_action` is where the page's
    /// form posts to.
    pub fn authorize(&mut self, request: AuthorizationRequest, consent_action: &str, now: i64) -> Reply {
        if request.client_id != self.registration.client_id {
            return consent_page::refusal(
                self.platform_title,
                "Unknown application",
                "The client_id is not that of a registered application.",
            );
        }
        if !self.registration.redirects.permits(&request.redirect_uri) {
            return consent_page::refusal(
                self.platform_title,
                "Wrong redirect address",
                "The redirect_uri is not exactly one that is registered with the application.",
            );
        }
        if request.response_type != "code" {
            return fail(&request, &OAuthError::new("unsupported_response_type", "response_type must be `code`."));
        }
        if self.settings.pending {
            return fail(&request, &OAuthError::pending());
        }
        match self.settings.consent {
            Consent::Allow => self.allow(request, now),
            Consent::Deny => deny(&request),
            Consent::Ask => {
                if self.open_pages.len() >= MAX_OPEN_PAGES {
                    self.open_pages.clear();
                }
                let ticket = random::alphanumeric(32);
                let page =
                    consent_page::consent(self.platform_title, consent_action, &ticket, &self.account.name, &request);
                self.open_pages.insert(ticket, request);
                page
            }
        }
    }

    /// Refuses an authorisation request for a reason of the platform's own, where client and redirect
    /// address are known; otherwise as [`Self::authorize`] does.
    pub fn refuse(&mut self, request: &AuthorizationRequest, error: &OAuthError) -> Reply {
        if request.client_id == self.registration.client_id
            && self.registration.redirects.permits(&request.redirect_uri)
        {
            fail(request, error)
        } else {
            self.authorize(request.clone(), "", 0)
        }
    }

    /// Answers the consent page's form: `ticket` and `decision` (`allow` or `deny`).
    pub fn decide(&mut self, form: &Params, now: i64) -> Reply {
        let ticket = form.get("ticket").unwrap_or_default();
        let Some(request) = self.open_pages.remove(ticket) else {
            return consent_page::refusal(
                self.platform_title,
                "This page is no longer valid",
                "It was answered already. Start the authorisation again from the application.",
            );
        };
        if form.get("decision") == Some("allow") { self.allow(request, now) } else { deny(&request) }
    }

    fn allow(&mut self, request: AuthorizationRequest, now: i64) -> Reply {
        let grant = self.grants.new_grant(self.account.id, request.scopes.clone());
        let code = self.grants.put_code(Code {
            grant,
            client_id: request.client_id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            expires_at: now.saturating_add(self.settings.code_seconds),
            used: false,
        });
        back(&request, &[("code", &code)])
    }
}

fn deny(request: &AuthorizationRequest) -> Reply {
    fail(request, &OAuthError::new("access_denied", "The user denied the request."))
}

/// Sends an error back to the application.
fn fail(request: &AuthorizationRequest, error: &OAuthError) -> Reply {
    back(request, &[("error", error.code), ("error_description", &error.description)])
}

fn back(request: &AuthorizationRequest, pairs: &[(&str, &str)]) -> Reply {
    let Ok(mut url) = Url::parse(&request.redirect_uri) else {
        return Reply::text(400, "The redirect_uri is not a URL.\n");
    };
    {
        let mut query = url.query_pairs_mut();
        query.extend_pairs(pairs);
        if let Some(state) = &request.state {
            query.append_pair("state", state);
        }
    }
    Reply::redirect(url)
}
