//! The accounts origin: OAuth under Upwork's paths. There is no `scope`: a consent gives what the key has.

use axum::http::Method;
use serde_json::json;

use super::State;
use crate::exchange::{Reply, Request};
use crate::faults::{Effect, Failure};
use crate::oauth::{self, AuthorizationRequest, ClientCredentials, OAuthError};

/// Where the consent page posts to; the platform's own is unknown.
const CONSENT: &str = "/ab/account-security/oauth2/consent";

pub(super) fn answer(state: &mut State, request: &Request) -> Reply {
    let segments = request.segments();
    match (&request.method, segments.as_slice()) {
        (&Method::GET, ["ab", "account-security", "oauth2", "authorize"]) => authorize(state, request),
        (&Method::POST, ["ab", "account-security", "oauth2", "consent"]) => {
            state.oauth.decide(&request.form_params(), request.now)
        }
        (&Method::POST, ["api", "v3", "oauth2", "token"]) => token(state, request),
        (&Method::POST, ["api", "v3", "oauth2", "token", "revoke"]) => revoke(state, request),
        (_, ["ab", "account-security", "oauth2", "authorize" | "consent"])
        | (_, ["api", "v3", "oauth2", "token"] | ["api", "v3", "oauth2", "token", "revoke"]) => {
            Reply::text(405, "Method not allowed.\n")
        }
        _ => Reply::html(404, "<!doctype html><title>Not found</title><h1>Not found</h1>"),
    }
}

/// A failure that a fault asks for, in RFC 6749's form.
pub(super) fn failure(failure: &Failure) -> Reply {
    oauth::failure(failure, "The request could not be served.")
}

fn authorize(state: &mut State, request: &Request) -> Reply {
    let mut asked = AuthorizationRequest::from_params(&request.query_params());
    asked.scopes = state.settings.permissions.clone();
    // Proof keys are for the platform's own clients only, not for API keys: ignored.
    asked.challenge = None;
    state.oauth.authorize(asked, CONSENT, request.now)
}

fn token(state: &mut State, request: &Request) -> Reply {
    if request.effect == Some(Effect::InvalidGrant) {
        return OAuthError::invalid_grant("The grant is invalid, expired or revoked.").reply();
    }
    let form = request.form_params();
    let client = ClientCredentials::of_request(request, &form);
    if let Err(error) = state.oauth.authenticate(&client) {
        return error.reply();
    }
    if form.get("grant_type") == Some("client_credentials") && !state.settings.enterprise {
        return OAuthError::new("unauthorized_client", "Only enterprise keys may use this grant type.").reply();
    }
    match state.oauth.token(&client, &form, request.now) {
        Ok(answer) => answer.reply(None),
        Err(error) => error.reply(),
    }
}

/// Assumed, after RFC 7009: that the endpoint exists is third-party knowledge. A token takes with it what
/// followed from the same consent.
fn revoke(state: &mut State, request: &Request) -> Reply {
    let form = request.form_params();
    let client = ClientCredentials::of_request(request, &form);
    // A third party names `client_id` alone: the secret is checked where one is sent.
    let known = client.id == state.oauth.registration.client_id
        && (client.secret.is_empty() || state.oauth.authenticate(&client).is_ok());
    if !known {
        return OAuthError::new("invalid_client", "Unknown client_id or wrong client_secret.").reply();
    }
    if let Some(token) = form.get("token") {
        // An unknown token is no error (RFC 7009, section 2.2).
        let _known = state.oauth.revoke_grant_of(token);
    }
    Reply::json(200, &json!({}))
}
