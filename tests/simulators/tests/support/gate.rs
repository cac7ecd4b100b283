//! A plugin's host that has no sandbox: its requests go to the simulator, and of writes only the planned one, once, as a gate would have it.

use std::cell::RefCell;

use prospector_plugin::Host;
use prospector_plugin::error::{self, Refine as _};
use prospector_plugin::http::{Header, Request, Response};
use prospector_plugin::log::Level;
use prospector_plugin::planning::{Plan, PlannedRequest, Way};
use prospector_plugin::plans::sending;
use prospector_plugin::schedule::WakeUp;
use prospector_plugin::state::Entry;
use prospector_plugin::types::{Attribute, Delivery, Error, ErrorKind, Method, UtcSeconds};
use prospector_plugin::vault::Credential;

use super::{Sim, send};

/// A host for one platform of a simulator.
pub struct Gate {
    origins: [(&'static str, String); 2],
    header: (&'static str, String),
    permit: RefCell<Option<PlannedRequest>>,
    sent: RefCell<usize>,
}

impl Gate {
    pub fn of_freelancer(sim: &Sim) -> Self {
        let running = &sim.running.freelancer;
        let origins = [("api", running.api.to_string()), ("accounts", running.accounts.to_string())];
        Self::new(origins, ("freelancer-oauth-v1", sim.token.clone()))
    }

    pub fn of_upwork(sim: &Sim) -> Self {
        let running = &sim.running.upwork;
        let origins = [("api", running.api.to_string()), ("accounts", running.accounts.to_string())];
        let token = sim.upwork_token(serde_json::Value::Null);
        Self::new(origins, ("authorization", format!("Bearer {token}")))
    }

    fn new(origins: [(&'static str, String); 2], header: (&'static str, String)) -> Self {
        Self { origins, header, permit: RefCell::new(None), sent: RefCell::new(0) }
    }

    /// Lets the plan's request pass, once.
    pub fn permit(&self, plan: &Plan) {
        let Way::Send(planned) = &plan.way else { panic!("nothing to send: {plan:?}") };
        *self.permit.borrow_mut() = Some(planned.clone());
    }

    /// Requests so far; they are counted from zero again.
    pub fn count(&self) -> usize {
        self.sent.replace(0)
    }

    fn passes(&self, request: &Request) -> bool {
        let body = request.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let reads = matches!(request.method, Method::Get)
            || (request.url.ends_with("/graphql")
                && (!body.contains("mutation") || body.contains("{\\n  previewVendorProposal(")));
        reads || {
            let Way::Send(asked) = sending(request, 0).way else { return false };
            let mut permit = self.permit.borrow_mut();
            let fits = permit.as_ref() == Some(&asked);
            if fits {
                *permit = None;
            }
            fits
        }
    }
}

impl Host for Gate {
    fn origin(&self, name: &str) -> Option<String> {
        self.origins.iter().find(|(known, _)| *known == name).map(|(_, origin)| origin.clone())
    }

    fn fetch(&self, request: &Request) -> Result<Response, Error> {
        if !self.passes(request) {
            return Err(error::of(ErrorKind::Denied, format!("No permit for {:?} {}", request.method, request.url)));
        }
        *self.sent.borrow_mut() += 1;
        assert_eq!(request.credential.as_deref(), Some("account"));
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            other => panic!("{other:?}"),
        };
        let mut headers: Vec<(&str, &str)> =
            request.headers.iter().map(|header| (header.name.as_str(), header.value.as_str())).collect();
        headers.push((self.header.0, self.header.1.as_str()));
        let answer = send(method, &request.url, &headers, request.body.as_deref().unwrap_or_default());
        let promised = answer.header("content-length").and_then(|length| length.parse().ok());
        if promised.is_some_and(|promised: usize| promised > answer.body.len()) {
            return Err(error::unexpected_answer("The answer was cut off").delivery(Delivery::Sent));
        }
        let headers = answer.headers.into_iter().map(|(name, value)| Header { name, value }).collect();
        Ok(Response { status: answer.status, headers, body: answer.body, retry_after: None, rate: None })
    }

    fn describe(&self, _: &str) -> Option<Credential> {
        None
    }

    fn get(&self, _: &str) -> Result<Option<Entry>, Error> {
        Ok(None)
    }

    fn set(&self, _: &str, _: &[u8]) -> Result<(), Error> {
        Ok(())
    }

    fn delete(&self, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn keys(&self, _: &str) -> Result<Vec<String>, Error> {
        Ok(Vec::new())
    }

    fn wake_at(&self, _: &str, _: UtcSeconds) -> Result<(), Error> {
        Ok(())
    }

    fn pending(&self) -> Result<Vec<WakeUp>, Error> {
        Ok(Vec::new())
    }

    fn cancel(&self, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn log(&self, _: Level, _: &str, _: &[Attribute]) {}
}
