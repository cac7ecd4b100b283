//! Upwork's part of the control origin: `/upwork/…`.

use axum::http::Method;
use serde_json::{Value, json};

use super::catalog::Posting;
use super::schema::UNKNOWN_STATUS;
use super::{State, settings};
use crate::control::refused;
use crate::control::tokens::{self, Minting};
use crate::exchange::{Reply, Request};

/// Answers a request below `/upwork`; `None` when there is no such route.
pub(super) fn answer(state: &mut State, request: &Request) -> Option<Reply> {
    let segments = request.segments();
    let path = segments.get(1..)?;
    let Some(fields) = request.body_fields() else {
        return Some(refused(400, "The body must be a JSON object."));
    };
    let minting = Minting { scopes: state.settings.permissions.clone(), scope: None };
    if let Some(reply) = tokens::answer(&mut state.oauth, (&request.method, path), &fields, minting, request.now) {
        return Some(reply);
    }
    let reply = match (&request.method, path) {
        (&Method::GET, ["settings"]) => Reply::json(200, &settings::view(state)),
        (&Method::POST | &Method::PATCH, ["settings"]) => match settings::apply(state, &fields) {
            Ok(()) => Reply::json(200, &settings::view(state)),
            Err(reason) => refused(400, reason),
        },
        (&Method::GET, ["postings"]) => {
            let ids: Vec<&str> = state.catalog.newest_first().iter().map(|posting| posting.id.as_str()).collect();
            Reply::json(200, &json!({"count": ids.len(), "ids": ids}))
        }
        (&Method::GET, ["postings", id]) => match state.catalog.find(id) {
            Some(posting) => Reply::json(200, &posting.node),
            None => no_posting(id),
        },
        (&Method::POST, ["postings"]) => match Posting::of(fields) {
            Some(posting) => put(state, posting),
            None => refused(400, "A search node with an `id` is needed."),
        },
        (&Method::PATCH, ["postings", id]) => {
            let node = state.catalog.find(id).and_then(|posting| posting.node.as_object().cloned());
            let changed = node.and_then(|mut node| {
                node.extend(fields.into_iter().filter(|(name, _)| name != "id"));
                Posting::of(node)
            });
            match changed {
                Some(posting) => put(state, posting),
                None => no_posting(id),
            }
        }
        (&Method::DELETE, ["postings", id]) => {
            if state.catalog.remove(id) {
                Reply::json(200, &json!({"count": state.catalog.newest_first().len()}))
            } else {
                no_posting(id)
            }
        }
        (&Method::GET, ["proposals"]) => {
            let all: Vec<Value> = state.proposals.all().iter().map(super::proposals::Proposal::value).collect();
            Reply::json(200, &json!({"proposals": all}))
        }
        (&Method::POST, ["proposals", id, status]) => put_status(state, id, status, request.now),
        (&Method::GET, ["live-proposals"]) => {
            let count = state.proposals.live(request.query_params().get("posting"));
            Reply::json(200, &json!({"count": count}))
        }
        (&Method::POST, ["contracts"]) => match state.contracts.seed(&fields, request.now) {
            Ok(made) => Reply::json(200, &made),
            Err(reason) => refused(400, reason),
        },
        (&Method::PATCH, ["contracts", id, "milestones", milestone]) => {
            match state.contracts.change_milestone(id, milestone, fields, request.now) {
                Ok(milestone) => Reply::json(200, &milestone),
                Err(reason) => refused(404, reason),
            }
        }
        (&Method::GET, ["contracts"]) => Reply::json(200, &json!({"contracts": state.contracts.shown(false)})),
        (&Method::PATCH, ["contracts", id]) => match state.contracts.change(id, fields, request.now) {
            Ok(contract) => Reply::json(200, &contract),
            Err(reason) => refused(404, reason),
        },
        _ => return None,
    };
    Some(reply)
}

fn put(state: &mut State, posting: Posting) -> Reply {
    let id = posting.id.clone();
    state.catalog.put(posting);
    Reply::json(200, &json!({"id": id, "count": state.catalog.newest_first().len()}))
}

/// Puts a proposal's status; one that is hired becomes a contract.
fn put_status(state: &mut State, id: &str, status: &str, now: i64) -> Reply {
    let unknown = state.settings.unknown_status.then_some(UNKNOWN_STATUS);
    match state.proposals.put_status(id, status, unknown, now) {
        Err(reason) => refused(400, reason),
        Ok(proposal) => {
            if let ("Hired", Some(posting)) = (status, state.catalog.find(&proposal.job)) {
                state.contracts.begin(proposal, posting, now);
            }
            Reply::json(200, &proposal.value())
        }
    }
}

fn no_posting(id: &str) -> Reply {
    refused(404, format!("There is no posting {id}."))
}
