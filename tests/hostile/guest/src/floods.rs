//! Using up what is bounded, and telling how far it went.

use crate::answers;
use crate::bindings::exports::ghoststack::prospector::search::Page;
use crate::bindings::ghoststack::prospector::http::{self, Request};
use crate::bindings::ghoststack::prospector::types::{Attribute, Error, Method};
use crate::bindings::ghoststack::prospector::{schedule, state};
use crate::settings;

/// Sets keys until the space is full, in values and in number; then reads the first again.
pub fn state() -> Page {
    let mut wide = 0u32;
    let value = vec![b'v'; 256 << 10];
    let full = loop {
        match state::set(&format!("wide-{wide}"), &value) {
            Ok(()) => wide += 1,
            Err(error) => break error,
        }
    };
    let too_long = state::set("long", &vec![0; (256 << 10) + 1]).err();
    let bad_key = state::set("a key\u{1b}\n", b"x").err();
    let first = state::get("wide-0").ok().flatten().map(|entry| entry.value.len());
    told(vec![
        ("stored", wide.to_string()),
        ("full", shown(Some(full))),
        ("too-long", shown(too_long)),
        ("bad-key", shown(bad_key)),
        ("first", format!("{first:?}")),
    ])
}

/// Sets wake-ups under ever new keys, then over and over under one.
pub fn wake_ups() -> Page {
    let set = |key: String, at| schedule::set(&schedule::WakeUp { key, at });
    let mut keys = 0u32;
    let full = loop {
        match set(format!("key-{keys}"), 0) {
            Ok(()) => keys += 1,
            Err(error) => break error,
        }
    };
    let mut calls = keys + 1;
    let used_up = loop {
        match set("key-0".to_owned(), 0) {
            Ok(()) => calls += 1,
            Err(error) => break error,
        }
        if calls > 100_000 {
            break full.clone();
        }
    };
    let pending = schedule::pending().map(|pending| pending.len());
    let far = set("key-0".to_owned(), i64::MAX).err();
    told(vec![
        ("keys", keys.to_string()),
        ("full", shown(Some(full))),
        ("calls", calls.to_string()),
        ("used-up", shown(Some(used_up))),
        ("pending", format!("{pending:?}")),
        ("far", shown(far)),
    ])
}

/// Asks until it is refused.
pub fn requests(of: &[Attribute]) -> Page {
    let url = settings::text(of, "url");
    let mut answered = 0u32;
    let refused = loop {
        let request = Request {
            method: Method::Get,
            url: url.clone(),
            headers: Vec::new(),
            body: None,
            credential: None,
            timeout_ms: None,
        };
        match http::fetch(&request) {
            Ok(_) => answered += 1,
            Err(error) => break error,
        }
    };
    told(vec![("answered", answered.to_string()), ("refused", shown(Some(refused)))])
}

fn shown(error: Option<Error>) -> String {
    error.map_or_else(|| "none".to_owned(), |error| format!("{:?}: {}", error.kind, error.message))
}

fn told(facts: Vec<(&str, String)>) -> Page {
    answers::one(answers::telling("flood", "flood", "", facts))
}
