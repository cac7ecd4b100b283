//! The control origin: how a test, or a person, steers the simulator.
//!
//! Not part of any platform. Shared routes are here; `/<platform>/…` is the platform's own.

pub mod tokens;

use std::sync::Arc;

use axum::http::Method;
use serde_json::{Value, json};

use crate::exchange::{Reply, Request, Site};
use crate::faults::{Failure, Rule};
use crate::front::Shared;

/// The routes, as `--help` and `GET /` show them.
pub const ROUTES: &str = include_str!("routes.txt");

/// What a platform lets the control origin do.
pub trait ControlRoom: Send + Sync {
    /// Goes back to the state at the start.
    fn reset(&self);

    /// Answers a request below the platform's name; `None` when there is no such route.
    fn control(&self, request: &Request) -> Option<Reply>;
}

/// The control origin.
pub(crate) struct Control {
    pub shared: Arc<Shared>,
    pub platforms: Vec<(&'static str, Arc<dyn ControlRoom>)>,
}

/// An error of the control origin.
#[must_use]
pub fn refused(status: u16, message: impl Into<String>) -> Reply {
    Reply::json(status, &json!({"error": message.into()}))
}

impl Site for Control {
    fn answer(&self, request: &Request) -> Reply {
        let segments = request.segments();
        match (&request.method, segments.as_slice()) {
            (&Method::GET, []) => Reply::text(200, ROUTES),
            (&Method::GET, ["clock"]) => self.clock(),
            (&Method::POST, ["clock"]) => self.turn_clock(request),
            (&Method::GET, ["faults"]) => Reply::json(200, &json!({"faults": self.shared.faults.waiting()})),
            (&Method::POST, ["faults"]) => self.add_faults(request),
            (&Method::DELETE, ["faults"]) => {
                self.shared.faults.clear();
                Reply::json(200, &json!({"faults": []}))
            }
            (&Method::GET, ["requests"]) => self.requests(request),
            (&Method::DELETE, ["requests"]) => {
                self.shared.journal.clear();
                Reply::json(200, &json!({"requests": []}))
            }
            (&Method::POST, ["reset"]) => {
                self.shared.clock.reset();
                self.shared.faults.clear();
                self.shared.journal.clear();
                for (_, platform) in &self.platforms {
                    platform.reset();
                }
                Reply::json(200, &json!({"done": true}))
            }
            (_, [name, ..]) => self
                .platforms
                .iter()
                .find(|(platform, _)| platform == name)
                .and_then(|(_, platform)| platform.control(request))
                .unwrap_or_else(no_route),
            _ => no_route(),
        }
    }

    fn failure(&self, _: &Request, failure: &Failure) -> Reply {
        refused(failure.status, "a fault was asked for")
    }
}

impl Control {
    fn clock(&self) -> Reply {
        let clock = &self.shared.clock;
        Reply::json(200, &json!({"now": clock.now(), "offset": clock.offset()}))
    }

    fn turn_clock(&self, request: &Request) -> Reply {
        let Some(fields) = request.body_fields() else {
            return refused(400, "The body must be a JSON object.");
        };
        let clock = &self.shared.clock;
        let seconds = |name: &str| fields.get(name).and_then(Value::as_i64);
        if let Some(by) = seconds("advance") {
            clock.advance(by);
        } else if let Some(to) = seconds("set") {
            clock.set(to);
        } else if fields.get("reset") == Some(&Value::Bool(true)) {
            clock.reset();
        } else {
            return refused(400, "Expected {\"advance\": seconds}, {\"set\": unix seconds} or {\"reset\": true}.");
        }
        self.clock()
    }

    fn add_faults(&self, request: &Request) -> Reply {
        let rules = serde_json::from_slice::<Value>(&request.body).and_then(|value| match value {
            Value::Array(_) => serde_json::from_value::<Vec<Rule>>(value),
            one => serde_json::from_value(one).map(|rule| vec![rule]),
        });
        let rules = match rules {
            Ok(rules) => rules,
            Err(error) => {
                return refused(400, format!("Not a fault: {error}. GET / shows what a fault looks like."));
            }
        };
        if let Some(error) = rules.iter().find_map(|rule| rule.check().err()) {
            return refused(400, error.to_string());
        }
        for rule in rules {
            if let Err(error) = self.shared.faults.add(rule) {
                return refused(400, error.to_string());
            }
        }
        Reply::json(200, &json!({"faults": self.shared.faults.waiting()}))
    }

    fn requests(&self, request: &Request) -> Reply {
        let params = request.query_params();
        let prefix = params.get("path").unwrap_or_default();
        let method = params.get("method");
        let entries: Vec<_> = self
            .shared
            .journal
            .entries(prefix)
            .into_iter()
            .filter(|entry| method.is_none_or(|method| method.eq_ignore_ascii_case(&entry.method)))
            .collect();
        Reply::json(200, &json!({"count": entries.len(), "requests": entries}))
    }
}

fn no_route() -> Reply {
    refused(404, "No such route. GET / lists them.")
}
