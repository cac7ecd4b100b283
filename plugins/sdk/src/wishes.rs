//! Shorthand for descriptors.

use crate::descriptor::{
    Access, ApiKey, Authentication, Endpoint, Origin, Parameter, Placement, PostingPart, RateLimit, Route, Unread,
};
use crate::types::Method;

/// An origin and where it is by default.
#[must_use]
pub fn origin(name: &str, default: &str) -> Origin {
    Origin { name: name.to_owned(), default: default.to_owned() }
}

/// `GET`s below a path.
#[must_use]
pub fn reads(origin: &str, path_prefix: &str, purpose: &str) -> Route {
    route(origin, path_prefix, vec![Method::Get], Access::Read, purpose)
}

/// Requests below a path that change something.
#[must_use]
pub fn writes(origin: &str, path_prefix: &str, methods: Vec<Method>, purpose: &str) -> Route {
    route(origin, path_prefix, methods, Access::Write, purpose)
}

/// A GraphQL endpoint.
#[must_use]
pub fn graphql(origin: &str, path: &str, purpose: &str) -> Route {
    route(origin, path, vec![Method::Post], Access::Graphql, purpose)
}

/// A GraphQL endpoint that also has mutations which change nothing that lasts, by their fields' names.
#[must_use]
pub fn graphql_with_rehearsals(origin: &str, path: &str, rehearsals: &[&str], purpose: &str) -> Route {
    let rehearsals = rehearsals.iter().map(|name| (*name).to_owned()).collect();
    Route { rehearsals, ..graphql(origin, path, purpose) }
}

fn route(origin: &str, path_prefix: &str, methods: Vec<Method>, access: Access, purpose: &str) -> Route {
    Route {
        origin: origin.to_owned(),
        path_prefix: path_prefix.to_owned(),
        methods,
        access,
        rehearsals: Vec::new(),
        purpose: purpose.to_owned(),
    }
}

/// An endpoint of an authorization server.
#[must_use]
pub fn endpoint(origin: &str, path: &str) -> Endpoint {
    Endpoint { origin: origin.to_owned(), path: path.to_owned() }
}

/// A parameter of the authorization request.
#[must_use]
pub fn parameter(name: &str, value: &str) -> Parameter {
    Parameter { name: name.to_owned(), value: value.to_owned() }
}

/// An API key, which is sent to these origins in a header of its own. A person gets it at `registration_url`.
#[must_use]
pub fn api_key(credential: &str, header: &str, audience: &[&str], registration_url: &str) -> Authentication {
    Authentication::ApiKey(ApiKey {
        credential: credential.to_owned(),
        placement: Placement { header: header.to_owned(), prefix: String::new() },
        audience: audience.iter().map(|origin| (*origin).to_owned()).collect(),
        registration_url: registration_url.to_owned(),
    })
}

/// `requests` in each `window` of seconds.
#[must_use]
pub fn rate_limit(requests: u32, window: u32) -> RateLimit {
    RateLimit { requests, window }
}

/// Parts of postings that judging does without, each with the settings by which it reads it all the same.
#[must_use]
pub fn judges_without(parts: &[(PostingPart, &[&str])]) -> Vec<Unread> {
    let names = |settings: &[&str]| settings.iter().map(|name| (*name).to_owned()).collect();
    parts.iter().map(|(part, unless)| Unread { part: *part, unless: names(unless) }).collect()
}
