//! Freelancer's part of the control origin: `/freelancer/…`.

use axum::http::Method;
use serde_json::{Value, json};

use super::bids::{self, Side};
use super::catalog::Project;
use super::envelope::ApiError;
use super::{State, milestones, seeding, settings};
use crate::control::refused;
use crate::control::tokens::{self, Minting};
use crate::exchange::{Reply, Request};

/// Answers a request below `/freelancer`; `None` when there is no such route.
pub(super) fn answer(state: &mut State, request: &Request) -> Option<Reply> {
    let segments = request.segments();
    let path = segments.get(1..)?;
    let Some(fields) = request.body_fields() else {
        return Some(refused(400, "The body must be a JSON object."));
    };
    let minting = Minting { scopes: state.settings.registered_scopes(), scope: Some("basic") };
    if let Some(reply) = tokens::answer(&mut state.oauth, (&request.method, path), &fields, minting, request.now) {
        return Some(reply);
    }
    let reply = match (&request.method, path) {
        (&Method::GET, ["settings"]) => Reply::json(200, &settings::view(state)),
        (&Method::POST | &Method::PATCH, ["settings"]) => match settings::apply(state, &fields) {
            Ok(()) => Reply::json(200, &settings::view(state)),
            Err(reason) => refused(400, reason),
        },
        (&Method::GET, ["bids"]) => Reply::json(200, &json!({"bids": state.bids.all()})),
        (&Method::POST, ["bids", id, action]) => {
            let side = match *action {
                "accept" | "deny" | "retract" => Side::Freelancer,
                _ => Side::Employer,
            };
            done(id.parse().map_err(|_| bids::unknown()).and_then(|id| bids::act(state, id, side, action, request.now)))
        }
        (&Method::PATCH, ["bids", id]) => match bids::put_statuses(state, id.parse().unwrap_or(0), &fields) {
            Ok(bid) => Reply::json(200, &bid),
            Err(reason) => refused(400, reason),
        },
        (&Method::GET, ["live-bids"]) => {
            let project = request.query_params().get("project").map(|id| id.parse().unwrap_or(0));
            Reply::json(200, &json!({"count": state.bids.live(project)}))
        }
        (&Method::POST, ["contracts"]) => match seeding::contracts(state, &fields, request.now) {
            Ok(made) => Reply::json(200, &made),
            Err(reason) => refused(400, reason),
        },
        (&Method::POST, ["milestones", id, action]) => {
            let freelancer = *action == "request_release";
            // The employer's cancelling is the freelancer's agreement at once.
            let freelancer = freelancer || *action == "cancel";
            done(
                id.parse()
                    .map_err(|_| bids::unknown())
                    .and_then(|id| milestones::carry_out(state, id, freelancer, action, None)),
            )
        }
        (&Method::PATCH, ["milestones", id]) => {
            let status = fields.get("status").and_then(Value::as_str).unwrap_or_default();
            match milestones::put_status(state, id.parse().unwrap_or(0), status) {
                Ok(milestone) => Reply::json(200, &milestone),
                Err(error) => refused(error.status, error.message),
            }
        }
        (&Method::POST, ["milestone-requests", id, action]) => done(
            id.parse()
                .map_err(|_| bids::unknown())
                .and_then(|id| milestones::carry_out_request(state, id, *action == "delete", action, request.now)),
        ),
        (&Method::GET, ["milestones"]) => Reply::json(200, &json!({"milestones": state.milestones.all()})),
        (&Method::POST, ["milestones"]) => {
            let number = |name: &str| fields.get(name).and_then(Value::as_f64);
            match (fields.get("bid_id").and_then(Value::as_i64), number("amount")) {
                (Some(bid), Some(amount)) if amount > 0.0 => done(
                    milestones::put(
                        state,
                        bid,
                        amount,
                        "other".to_owned(),
                        text(&fields, "description").unwrap_or_else(|| "created by the control origin".to_owned()),
                        request.now,
                    )
                    .map(|_| ()),
                ),
                _ => refused(400, "`bid_id` and a positive `amount` are needed."),
            }
        }
        (&Method::GET, ["milestone-requests"]) => {
            Reply::json(200, &json!({"milestone_requests": state.milestones.all_requests()}))
        }
        (&Method::GET, ["projects"]) => {
            let ids: Vec<&i64> = state.catalog.projects.keys().collect();
            Reply::json(200, &json!({"count": ids.len(), "ids": ids}))
        }
        (&Method::GET, ["projects", id]) => match find(state, id) {
            Some(project) => Reply::json(200, &Value::Object(project.record.clone())),
            None => no_project(id),
        },
        (&Method::POST, ["projects"]) => match Project::of(fields) {
            Some(project) => {
                let id = project.id;
                state.catalog.projects.insert(id, project);
                Reply::json(200, &json!({"id": id, "count": state.catalog.projects.len()}))
            }
            None => refused(400, "A project object with an integer `id` is needed."),
        },
        (&Method::PATCH, ["projects", id]) => match find(state, id) {
            Some(project) => {
                project.change(|record| {
                    record.extend(fields.into_iter().filter(|(name, _)| name != "id"));
                });
                Reply::json(200, &Value::Object(project.record.clone()))
            }
            None => no_project(id),
        },
        (&Method::DELETE, ["projects", id]) => {
            let removed = id.parse().ok().and_then(|id: i64| state.catalog.projects.remove(&id));
            match removed {
                Some(_) => Reply::json(200, &json!({"count": state.catalog.projects.len()})),
                None => no_project(id),
            }
        }
        (&Method::POST, ["users"]) => match fields.get("id").and_then(Value::as_i64) {
            Some(id) => {
                state.catalog.users.insert(id, Value::Object(fields));
                Reply::json(200, &json!({"id": id}))
            }
            None => refused(400, "A user object with an integer `id` is needed."),
        },
        _ => return None,
    };
    Some(reply)
}

fn text(fields: &serde_json::Map<String, Value>, name: &str) -> Option<String> {
    fields.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn find<'s>(state: &'s mut State, id: &str) -> Option<&'s mut Project> {
    state.catalog.projects.get_mut(&id.parse().ok()?)
}

fn no_project(id: &str) -> Reply {
    refused(404, format!("There is no project {id}."))
}

fn done(outcome: Result<(), ApiError>) -> Reply {
    match outcome {
        Ok(()) => Reply::json(200, &json!({"done": true})),
        Err(error) => refused(error.status, format!("{}: {}", error.code, error.message)),
    }
}
