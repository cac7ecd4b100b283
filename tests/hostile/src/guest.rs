//! The hostile guest, built by the build script, and how it is told what to do.

use std::sync::{Arc, LazyLock};

use ghoststack::contract::account::{Refusal, Stage};
use ghoststack::contract::search::Query;
use ghoststack::contract::types::{Attribute, Availability, Context, Profile, Rates, Value};
use ghoststack::plugin::cache::CodeCache;
use ghoststack::plugin::engine::Engine;
use ghoststack::plugin::platform::{LoadError, PlatformPlugin};

use crate::scene::NOW;

/// The guest as a plain platform.
pub const PLATFORM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/platform.wasm"));
/// The guest with the optional interfaces.
pub const ASSESSING: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/assessing.wasm"));

/// The guest as one whose requests go by `wasi:http`.
pub const BY_WASI: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/wasi-http.wasm"));
/// A platform for a version of the contract that does not exist.
pub const MADE_UP_PLATFORM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/made-up-platform.wasm"));
/// A filter for the same, as the core module that a pure world is compiled to.
pub const MADE_UP_FILTER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/made-up-filter.wasm"));

const PLANTED_AFTER: &[u8] = b"what-describe-does:";
const PLANTED_ROOM: usize = 45;

/// The engine that all tests of a process share, as all plugins of the program do.
pub static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(CodeCache::none()).expect("this machine runs WebAssembly"));

/// The guest, loaded. One for all tests: what a test does to it must not outlast the call.
pub async fn plugin() -> Arc<PlatformPlugin> {
    static LOADED: tokio::sync::OnceCell<Arc<PlatformPlugin>> = tokio::sync::OnceCell::const_new();
    LOADED.get_or_init(async || Arc::new(load(PLATFORM).await.expect("the hostile guest loads"))).await.clone()
}

/// The guest with the optional interfaces, loaded.
pub async fn assessing() -> Arc<PlatformPlugin> {
    static LOADED: tokio::sync::OnceCell<Arc<PlatformPlugin>> = tokio::sync::OnceCell::const_new();
    LOADED.get_or_init(async || Arc::new(load(ASSESSING).await.expect("the assessing guest loads"))).await.clone()
}

/// Loads a component as a platform's plugin, called `test` until it has said its id.
///
/// # Errors
/// Why the host does not take it.
pub async fn load(bytes: &[u8]) -> Result<PlatformPlugin, LoadError> {
    PlatformPlugin::load(&ENGINE, "test", bytes).await
}

/// The guest, with what `describe` is to do written into its bytes.
///
/// # Panics
/// If the behaviour does not fit its place, or the place is not there.
#[must_use]
pub fn that_describes(behaviour: &str) -> Vec<u8> {
    assert!(behaviour.len() <= PLANTED_ROOM, "the behaviour is longer than its place");
    let mut bytes = PLATFORM.to_vec();
    let places: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(PLANTED_AFTER)).collect();
    assert!(!places.is_empty(), "the component has a place for the behaviour");
    for place in places {
        let from = place + PLANTED_AFTER.len();
        // The text before it alone may stand elsewhere: the place is what is followed by spaces.
        if bytes[from..].iter().take(PLANTED_ROOM).all(|&byte| byte == b' ') {
            bytes[from..from + behaviour.len()].copy_from_slice(behaviour.as_bytes());
        }
    }
    bytes
}

/// A search that does this.
#[must_use]
pub fn query(behaviour: &str) -> Query {
    query_with(behaviour, &[])
}

/// A search that does this, with further settings.
#[must_use]
pub fn query_with(behaviour: &str, settings: &[(&str, Value)]) -> Query {
    Query {
        now: NOW,
        settings: attributes(behaviour, settings),
        profile: nobody(),
        cursor: None,
        limit: 100,
        since: None,
    }
}

/// A judgement that does this.
#[must_use]
pub fn context(behaviour: &str) -> Context {
    Context { now: NOW, profile: nobody(), settings: attributes(behaviour, &[]), parameters: Vec::new() }
}

/// A refusal whose explanation does this.
#[must_use]
pub fn refusal(behaviour: &str) -> Refusal {
    Refusal { stage: Stage::Request, status: None, code: Some(behaviour.to_owned()), message: None }
}

/// Settings that ask for a behaviour.
#[must_use]
pub fn attributes(behaviour: &str, settings: &[(&str, Value)]) -> Vec<Attribute> {
    let behaviour = Attribute { name: "behaviour".to_owned(), value: Value::Text(behaviour.to_owned()) };
    let further = settings.iter().map(|(name, value)| Attribute { name: (*name).to_owned(), value: value.clone() });
    std::iter::once(behaviour).chain(further).collect()
}

/// A freelancer of whom nothing is known.
#[must_use]
pub fn nobody() -> Profile {
    let rates = Rates {
        currency: "USD".to_owned(),
        usd_rate: Some(1.0),
        hourly_minimum: None,
        hourly_preferred: None,
        fixed_minimum: None,
        fixed_preferred: None,
    };
    let availability = Availability { hours_per_week: None, starts_at: None, longest_days: None };
    Profile { skills: Vec::new(), rates, availability, languages: Vec::new(), country_code: None }
}
