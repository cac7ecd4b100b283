//! The API origin: who asks, how often, and which rule answers.

use axum::http::Method;
use serde_json::Value;

use super::call::Call;
use super::envelope::{ApiError, success};
use super::{State, bids, contests, hourly, milestones, projection, projects, reference, skills, users};
use crate::exchange::{Reply, Request};
use crate::faults::Effect;
use crate::oauth::AccessToken;
use crate::rate_limit::{Standing, Window};

/// What a route gives: a result, or `None` for an action that only reports that it was done.
pub(super) type Answer = Result<Option<Value>, ApiError>;

pub(super) fn answer(state: &mut State, request: &Request) -> Reply {
    let standing = count(state, request);
    let outcome = if standing.allowed { serve(state, request) } else { Err(ApiError::rate_limited()) };
    let reply = match (&request.effect, outcome) {
        (Some(Effect::ErrorWith200(failure)), _) => {
            ApiError::of_failure(failure).reply(200, state.settings.nested_errors)
        }
        (Some(Effect::NestedError(failure)), _) => ApiError::of_failure(failure).reply(failure.status, true),
        (_, Ok(result)) => success(result),
        (_, Err(error)) => error.reply(error.status, state.settings.nested_errors),
    };
    with_rate_limit_headers(state, reply, standing)
}

/// The access token behind a request's header, if it is a good one.
pub(super) fn bearer<'s>(state: &'s State, request: &Request) -> Option<&'s AccessToken> {
    state.oauth.access(sent_token(state, request)?, request.now)
}

fn sent_token<'r>(state: &State, request: &'r Request) -> Option<&'r str> {
    request.header("freelancer-oauth-v1").or_else(|| {
        request
            .header("authorization")
            .filter(|_| state.settings.accept_bearer)
            .and_then(|value| value.strip_prefix("Bearer "))
    })
}

fn windows(state: &State) -> [Window; 2] {
    [
        Window { limit: state.settings.rate_limit, seconds: 60 },
        Window { limit: state.settings.rate_limit_hour, seconds: 3600 },
    ]
}

fn count(state: &mut State, request: &Request) -> Standing {
    // Per user rather than per token, so that a refresh does not reset the count (assumed).
    let caller = bearer(state, request).map_or_else(|| "anonymous".to_owned(), |token| token.grant.user.to_string());
    let windows = windows(state);
    state.limiter.count(&caller, request.now, &windows)
}

fn with_rate_limit_headers(state: &State, reply: Reply, standing: Standing) -> Reply {
    let [minute, hour] = windows(state);
    if minute.limit == 0 {
        return reply;
    }
    reply
        .with_header(
            "ratelimit-limit",
            format!("{0}, {0};window={1}, {2};window={3}", minute.limit, minute.seconds, hour.limit, hour.seconds),
        )
        .with_header("ratelimit-remaining", standing.remaining.to_string())
}

fn serve(state: &mut State, request: &Request) -> Answer {
    let segments = request.segments();
    let ["api", namespace, "0.1", rest @ ..] = segments.as_slice() else {
        return Err(ApiError::not_found("This resource"));
    };
    let sent = sent_token(state, request).is_some();
    let token = bearer(state, request);
    if sent && token.is_none() {
        return Err(ApiError::not_authenticated());
    }
    let call = Call {
        request,
        params: request.all_params(),
        user: token.map(|token| token.grant.user),
        scopes: token.map(|token| token.grant.scopes.clone()).unwrap_or_default(),
    };
    if call.user.is_none() && !(state.settings.anonymous_search && is_open(&call, namespace, rest)) {
        return Err(ApiError::not_authenticated());
    }
    let mut result = dispatch(state, &call, namespace, rest)?;
    if let Some(result) = &mut result {
        act_out(request.effect.as_ref(), result);
        if call.params.has("compact") {
            projection::compact(result);
        }
    }
    Ok(result)
}

/// What has been seen to answer without a token: searches and look-ups.
fn is_open(call: &Call<'_>, namespace: &str, rest: &[&str]) -> bool {
    call.request.method == Method::GET
        && match (namespace, rest) {
            ("projects", ["projects", _, "bids" | "milestones" | "milestone_requests"]) => false,
            ("projects", ["projects" | "jobs" | "categories" | "currencies" | "budgets", ..])
            | ("users", ["users" | "reputations", ..])
            | ("contests", _) => true,
            _ => false,
        }
}

fn dispatch(state: &mut State, call: &Call<'_>, namespace: &str, rest: &[&str]) -> Answer {
    // PUT and PATCH are the same to the platform.
    let verb = match call.request.method {
        Method::PATCH => "PUT",
        ref other => other.as_str(),
    };
    match (namespace, verb, rest) {
        ("projects", "GET" | "POST", ["projects", "all"]) => projects::search(state, call, super::search::Scope::All),
        ("projects", "GET", ["projects", "active"]) => projects::search(state, call, super::search::Scope::Active),
        ("projects", "GET", ["projects"]) => projects::list(state, call),
        ("projects", "GET", ["projects", id]) => projects::one(state, call, number(id)?),
        ("projects", "GET", ["projects", id, "bids"]) => bids::list_of_project(state, call, number(id)?),
        ("projects", "GET", ["projects", id, "bidinfo" | "bids_info"]) => projects::bid_info(state, number(id)?),
        ("projects", "GET", ["projects", id, "milestones"]) => milestones::list(state, call, Some(number(id)?)),
        ("projects", "GET", ["projects", id, "milestone_requests"]) => {
            milestones::list_requests(state, call, Some(number(id)?))
        }
        ("projects", "GET", ["self"]) => projects::own(state, call),
        ("projects", "GET", ["jobs"]) => skills::list(state, call),
        ("projects", "GET", ["jobs", "search"]) => skills::search(state, call),
        ("projects", "GET", ["categories"]) => {
            Ok(Some(reference::categories(call.params.has("job_details") || call.params.has("jobs"), &state.catalog)))
        }
        ("projects", "GET", ["currencies"]) => Ok(Some(reference::currencies())),
        ("projects", "GET", ["budgets"]) => Ok(Some(reference::budgets())),
        ("projects", "POST", ["bids"]) => bids::place(state, call),
        ("projects", "GET", ["bids"]) => bids::list(state, call),
        ("projects", "GET", ["bids", id]) => bids::one(state, call, number(id)?),
        ("projects", "PUT", ["bids", id]) => bids::update(state, call, number(id)?),
        ("projects", "GET", ["milestones"]) => milestones::list(state, call, None),
        ("projects", "POST", ["milestones"]) => milestones::create(state, call),
        ("projects", "GET", ["milestones", id]) => milestones::one(state, call, number(id)?),
        ("projects", "PUT", ["milestones", id]) => milestones::act(state, call, number(id)?),
        ("projects", "GET", ["milestone_requests"]) => milestones::list_requests(state, call, None),
        ("projects", "POST", ["milestone_requests"]) => milestones::request(state, call),
        ("projects", "PUT", ["milestone_requests", id]) => milestones::act_on_request(state, call, number(id)?),
        ("projects", "GET", ["hourly_contracts"]) => hourly::list(state, call),
        ("users", "GET", ["self"]) => users::own(state, call),
        ("users", "POST" | "PUT" | "DELETE", ["self", "jobs"]) => users::change_skills(state, call, verb),
        ("users", "GET", ["users"]) => users::list(state, call),
        ("users", "GET", ["users", "directory"]) => users::directory(state, call),
        ("users", "GET", ["users", id]) => users::one(state, call, number(id)?),
        ("users", "GET", ["reputations"]) => users::reputations(state, call),
        ("contests", "GET", ["contests", "active"]) => contests::active(state, call),
        ("contests", "GET", ["contests"]) => contests::list(state, call),
        _ => Err(ApiError::not_found("This resource")),
    }
}

fn number(segment: &str) -> Result<i64, ApiError> {
    segment.parse().map_err(|_| ApiError::not_found("This resource"))
}

/// Changes a result as a fault asks for.
fn act_out(effect: Option<&Effect>, result: &mut Value) {
    match effect {
        Some(Effect::ShortPage { rows }) => {
            let list = match result {
                Value::Object(fields) => ["projects", "contests", "bids"]
                    .into_iter()
                    .find(|name| fields.get(*name).is_some_and(Value::is_array))
                    .and_then(|name| fields.get_mut(name)),
                other => Some(other),
            };
            if let Some(Value::Array(list)) = list {
                list.truncate(rows.unwrap_or(list.len() / 2));
            }
        }
        Some(Effect::NullOwner) => {
            if let Some(Value::Object(users)) = result.get_mut("users") {
                users.values_mut().for_each(|user| *user = Value::Null);
            }
        }
        _ => {}
    }
}
