//! The accounts origin: OAuth under Freelancer's paths and parameter names.

use axum::http::Method;
use serde_json::json;

use super::State;
use super::envelope::ApiError;
use super::routes::bearer;
use super::scope::Scope;
use crate::exchange::{Reply, Request};
use crate::faults::{Effect, Failure};
use crate::oauth::{self, AuthorizationRequest, ClientCredentials, OAuthError};

pub(super) fn answer(state: &mut State, request: &Request) -> Reply {
    let segments = request.segments();
    match (&request.method, segments.as_slice()) {
        // Both spellings are quoted in the platform's own material.
        (&Method::GET, ["oauth", "authorise" | "authorize"]) => authorise(state, request),
        (&Method::POST, ["oauth", "consent"]) => state.oauth.decide(&request.form_params(), request.now),
        (&Method::POST, ["oauth", "token"]) => token(state, request),
        (&Method::POST, ["oauth", "revoke"]) => revoke(state, request),
        (&Method::GET, ["oauth", "me"]) => me(state, request),
        (_, ["oauth", "authorise" | "authorize" | "consent" | "token" | "revoke" | "me"]) => {
            Reply::text(405, "Method not allowed.\n")
        }
        _ => Reply::html(404, "<!doctype html><title>Not found</title><h1>Not found</h1>"),
    }
}

/// A failure that a fault asks for, in RFC 6749's form.
pub(super) fn failure(failure: &Failure) -> Reply {
    oauth::failure(failure, &ApiError::of_failure(failure).message)
}

fn authorise(state: &mut State, request: &Request) -> Reply {
    let params = request.query_params();
    let mut asked = AuthorizationRequest::from_params(&params);
    let registered = state.settings.registered_scopes();
    let wanted = Scope::parse_list(params.get("advanced_scopes").unwrap_or_default());
    let lacking = wanted.iter().any(|scope| !registered.iter().any(|name| name == scope.name()));
    asked.scopes =
        wanted.iter().map(|scope| scope.name().to_owned()).filter(|name| registered.contains(name)).collect();
    if lacking && state.settings.strict_scopes {
        return state.oauth.refuse(
            &asked,
            &OAuthError::new("invalid_scope", "The application is not registered for one of the advanced scopes."),
        );
    }
    state.oauth.authorize(asked, "/oauth/consent", request.now)
}

fn token(state: &mut State, request: &Request) -> Reply {
    if request.effect == Some(Effect::InvalidGrant) {
        return OAuthError::invalid_grant("The grant is invalid, expired or revoked.").reply();
    }
    let form = request.form_params();
    match state.oauth.token(&ClientCredentials::of_form(&form), &form, request.now) {
        Ok(answer) => {
            let mut scope = "basic".to_owned();
            if state.settings.scope_names {
                for name in &answer.grant.scopes {
                    scope.push(' ');
                    scope.push_str(name);
                }
            }
            answer.reply(Some(&scope))
        }
        Err(error) => error.reply(),
    }
}

/// Assumed, after RFC 7009: the platform documents no such endpoint, only that revoking access on the
/// site ends all tokens at once.
fn revoke(state: &mut State, request: &Request) -> Reply {
    let form = request.form_params();
    if let Err(error) = state.oauth.authenticate(&ClientCredentials::of_form(&form)) {
        return error.reply();
    }
    if let Some(user) = form.get("token").and_then(|token| state.oauth.user_of(token)) {
        state.oauth.revoke_user(user);
    }
    // An unknown token is no error (RFC 7009, section 2.2).
    Reply::json(200, &json!({}))
}

/// The resource owner. The answer's shape is assumed.
fn me(state: &mut State, request: &Request) -> Reply {
    let user = bearer(state, request).map(|token| token.grant.user);
    let Some(user) = user else {
        return ApiError::not_authenticated().reply(401, state.settings.nested_errors);
    };
    let record = i64::try_from(user).ok().and_then(|id| state.catalog.users.get(&id));
    Reply::json(
        200,
        &json!({
            "id": user,
            "username": record.and_then(|record| record.get("username")),
            "email": record.and_then(|record| record.get("email")),
        }),
    )
}
