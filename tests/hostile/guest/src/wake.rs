//! The optional `wake`: the key says what it does. That it was called stands in its state.

use crate::bindings::ghoststack::prospector::http::{self, Request};
use crate::bindings::ghoststack::prospector::types::{Delivery, Error, ErrorKind, Method, UtcSeconds};
use crate::bindings::ghoststack::prospector::{schedule, state};
use crate::{Hostile, misbehave};

mod bindings {
    #![allow(missing_docs, unsafe_code, unused, clippy::all, clippy::pedantic)]
    wit_bindgen::generate!({
        world: "ghoststack:prospector/opt-wake",
        path: "../../../wit",
        pub_export_macro: true,
        with: {
            "ghoststack:prospector/types@0.1.0": crate::bindings::ghoststack::prospector::types,
        },
    });
}

impl bindings::exports::ghoststack::prospector::wake::Guest for Hostile {
    fn wake(key: String, now: UtcSeconds) -> Result<(), Error> {
        let times = state::get(&key).ok().flatten().and_then(|entry| entry.value.first().copied()).unwrap_or_default();
        state::set(&key, &[times + 1])?;
        misbehave::perhaps(&key);
        match key.as_str() {
            "anew" => schedule::set(&schedule::WakeUp { key, at: now + 7200 }),
            "write" => http::fetch(&write()).map(drop),
            "later" => Err(refusal(Some(10_000))),
            "soon" => Err(refusal(Some(1))),
            _ => Ok(()),
        }
    }
}

fn write() -> Request {
    let url = format!("{}/v1/propose", http::origin("api").unwrap_or_default());
    Request {
        method: Method::Post,
        url,
        headers: Vec::new(),
        body: Some(Vec::new()),
        credential: None,
        timeout_ms: None,
    }
}

fn refusal(retry_after: Option<u32>) -> Error {
    Error {
        kind: ErrorKind::Unavailable,
        code: None,
        message: "not now".to_owned(),
        remedy: None,
        delivery: Delivery::NotSent,
        retry_after,
    }
}

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, missing_docs, clippy::all)]
mod exported {
    use super::{Hostile, bindings};
    bindings::export!(Hostile with_types_in bindings);
}
