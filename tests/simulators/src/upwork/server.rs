//! The API origin: who asks, how often, for whom, and what the schema says to it.

use axum::http::Method;
use serde_json::{Value, json};

use super::root::{Asking, QueryRoot};
use super::writing::MutationRoot;
use super::{State, profile};
use crate::exchange::{Reply, Request};
use crate::faults::{Effect, Failure};
use crate::graphql::{self, Call, Classification};
use crate::rate_limit::Window;

/// All callers are of one address.
const ADDRESS: &str = "127.0.0.1";
/// The header that chooses the organisation.
const TENANT: &str = "x-upwork-api-tenantid";

pub(super) fn answer(state: &mut State, request: &Request) -> Reply {
    let windows = [Window { limit: state.settings.rate_limit, seconds: 60 }];
    if !state.limiter.count(ADDRESS, request.now, &windows).allowed {
        return too_many();
    }
    match (&request.method, request.segments().as_slice()) {
        (&Method::POST, ["graphql"]) => serve(state, request),
        (_, ["graphql"]) => Reply::text(405, "Method not allowed.\n"),
        _ => Reply::json(404, &json!({"message": "Not found"})),
    }
}

/// A failure that a fault asks for.
pub(super) fn failure(failure: &Failure) -> Reply {
    match failure.status {
        401 => unauthenticated(),
        429 => too_many(),
        status => errors(status, &message_of(failure), Classification::DataFetchingException.name()),
    }
}

fn serve(state: &mut State, request: &Request) -> Reply {
    let token = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "))
        .and_then(|token| state.oauth.access(token.trim(), request.now));
    let Some(token) = token else {
        return unauthenticated();
    };
    let granted = token.grant.scopes.clone();
    let tenant = request.header(TENANT).unwrap_or(profile::ORGANIZATION_ID).to_owned();
    if tenant != profile::ORGANIZATION_ID && tenant != profile::AGENCY_ID {
        // Status and text are assumed.
        let message = format!("The organization {tenant:?} is not one of the authenticated user's.");
        return errors(200, &message, Classification::ExecutionAborted.name());
    }
    match &request.effect {
        Some(Effect::GraphqlError { message, classification, status }) => {
            let classification = classification.as_deref().unwrap_or(Classification::DataFetchingException.name());
            return errors(status.unwrap_or(200), message.as_deref().unwrap_or("Transform timeout"), classification);
        }
        Some(Effect::ErrorWith200(failure)) => {
            return errors(200, &message_of(failure), Classification::DataFetchingException.name());
        }
        _ => {}
    }
    let call = Call::read(&request.body);
    let paged_in_document = call.as_ref().is_ok_and(|call| call.document().contains("pagination_eq"));
    let outcome = call.and_then(|call| state.schema.prepare(call));
    let prepared = match outcome {
        Ok(prepared) => prepared,
        Err(errors) => return Reply::json(200, &graphql::refused(errors)),
    };
    if let Err(errors) = prepared.check_introspection(state.settings.introspection) {
        return Reply::json(200, &graphql::refused(errors));
    }
    let lacking = state.schema.not_granted(&prepared, &granted);
    if !lacking.is_empty() {
        let message = format!(
            "The client or authentication token doesn't have enough oauth2 permissions/scopes to access: [{}].",
            lacking.join(", ")
        );
        return errors(200, &message, Classification::ExecutionAborted.name());
    }
    let asking = Asking { now: request.now, tenant, paged_in_document, effect: request.effect.clone() };
    if prepared.is_mutation() {
        let root = MutationRoot::new(state, &asking);
        let answer = root.execute(&prepared);
        return Reply::json(200, &answer);
    }
    let root = QueryRoot::new(state, &asking);
    let answer = state.schema.execute(&prepared, &root);
    if root.failed() {
        return errors(500, "Exception occurred", Classification::DataFetchingException.name());
    }
    Reply::json(200, &answer)
}

fn message_of(failure: &Failure) -> String {
    failure.message.clone().unwrap_or_else(|| "Exception occurred".to_owned())
}

fn errors(status: u16, message: &str, classification: &str) -> Reply {
    let error: Value = json!({"message": message, "extensions": {"classification": classification}});
    Reply::json(status, &graphql::refused(vec![error]))
}

/// The status is documented, the body assumed.
fn unauthenticated() -> Reply {
    Reply::json(401, &json!({"message": "Authentication failed", "code": 401}))
}

/// The status is documented; that there is no JSON is assumed.
fn too_many() -> Reply {
    Reply::text(429, "Too Many Requests")
}
