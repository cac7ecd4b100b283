//! What it says of itself.

use std::hint::black_box;

use crate::bindings::exports::ghoststack::prospector::descriptor::{
    Access, ApiKey, Authentication, AutomaticSubmission, Descriptor, Origin, Placement, Route,
};
use crate::bindings::ghoststack::prospector::http::{self, Request};
use crate::bindings::ghoststack::prospector::log::{self, Level};
use crate::bindings::ghoststack::prospector::types::Method;
use crate::bindings::ghoststack::prospector::{schedule, state, vault};

/// What stands before the behaviour of `describe` in the component's bytes.
pub const PLANTED_AFTER: &str = "what-describe-does:";
/// Bytes that a behaviour has there, filled up with spaces.
pub const PLANTED_ROOM: usize = 45;

/// The place in the component's data that a test writes the behaviour of `describe` into.
static PLANTED: [u8; 64] = *b"what-describe-does:                                             ";

/// The behaviour that a test has written into the bytes.
pub fn planted() -> &'static str {
    // Read as the loader left it, not as the compiler knew it.
    let bytes = black_box(&PLANTED);
    std::str::from_utf8(&bytes[PLANTED_AFTER.len()..]).unwrap_or_default().trim_end()
}

/// The descriptor: a plain one, with what the behaviour spoils.
pub fn descriptor(behaviour: &str) -> Descriptor {
    let mut of = plain();
    match behaviour {
        "call" => of.summary = call_everything(),
        "absurd-id" => of.id = "../../etc \u{1b}[2J".to_owned(),
        "huge" => of.settings = " ".repeat(32 << 20),
        "many" => of.origins = (0..100_000).map(|n| origin(&format!("o{n}"), "https://hostile.example")).collect(),
        "this-machine" => of.origins.push(origin("machine", "http://127.0.0.1:9")),
        _ => {}
    }
    of
}

fn plain() -> Descriptor {
    use Method::{Get, Head, Post, Put};
    Descriptor {
        id: "hostile".to_owned(),
        display_name: "Hostile".to_owned(),
        version: "0.1.0".to_owned(),
        summary: "Does whatever a test asks.".to_owned(),
        origins: vec![
            origin("api", "https://api.hostile.example"),
            origin("other", "https://other.hostile.example"),
            origin("stray", "https://stray.hostile.example"),
        ],
        routes: vec![
            route("api", "/read", &[Get, Head, Post], Access::Read),
            Route { rehearsals: vec!["preview".to_owned()], ..route("api", "/graphql", &[Post], Access::Graphql) },
            route("api", "/write", &[Post, Put], Access::Write),
            route("other", "/", &[Get], Access::Read),
            route("stray", "/", &[Get], Access::Read),
        ],
        authentication: Authentication::ApiKey(ApiKey {
            credential: "account".to_owned(),
            placement: Placement { header: "X-Token".to_owned(), prefix: "Bearer ".to_owned() },
            audience: vec!["api".to_owned()],
            registration_url: "https://hostile.example/keys".to_owned(),
        }),
        settings: r#"{"type":"object","additionalProperties":true}"#.to_owned(),
        rate_limits: Vec::new(),
        content_retention: None,
        automatic_submission: AutomaticSubmission::Forbidden,
        judges_without: Vec::new(),
    }
}

fn origin(name: &str, default: &str) -> Origin {
    Origin { name: name.to_owned(), default: default.to_owned() }
}

fn route(origin: &str, path: &str, methods: &[Method], access: Access) -> Route {
    let purpose = "to see what it is granted".to_owned();
    Route {
        origin: origin.to_owned(),
        path_prefix: path.to_owned(),
        methods: methods.to_vec(),
        access,
        rehearsals: Vec::new(),
        purpose,
    }
}

/// Tries every import, and says in a line what each answered.
fn call_everything() -> String {
    let request = Request {
        method: Method::Get,
        url: "https://api.hostile.example/read".to_owned(),
        headers: Vec::new(),
        body: None,
        credential: Some("account".to_owned()),
        timeout_ms: None,
    };
    log::log(Level::Warn, "said while describing", &[]);
    let wake_up = schedule::WakeUp { key: "k".to_owned(), at: 0 };
    let answered = [
        ("fetch", http::fetch(&request).is_ok()),
        ("origin", http::origin("api").is_some()),
        ("get", state::get("k").is_ok()),
        ("set", state::set("k", b"v").is_ok()),
        ("delete", state::delete("k").is_ok()),
        ("keys", state::keys("").is_ok()),
        ("vault", vault::describe("account").is_some()),
        ("wake-up", schedule::set(&wake_up).is_ok()),
        ("pending", schedule::pending().is_ok()),
        ("cancel", schedule::cancel("k").is_ok()),
    ];
    let served: Vec<&str> = answered.iter().filter(|(_, served)| *served).map(|(name, _)| *name).collect();
    format!("served: {}", if served.is_empty() { "nothing".to_owned() } else { served.join(", ") })
}
