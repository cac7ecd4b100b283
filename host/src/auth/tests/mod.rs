//! Behaviour of the whole room against a server on loopback.

mod flow;
mod life;
mod loopback;
mod turns;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::credential::Spread;
use super::testing::{CLIENT_ID, CLIENT_SECRET, HandClock, MemoryStore, Server};
use super::*;
use crate::capability::http::client::PrivateHosts;
use crate::contract::descriptor::{Feature, Oauth2, Scope};
use crate::lead::AccountKey;

const START: i64 = 1_700_000_000;

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(30);

fn http() -> AuthHttp {
    AuthHttp::new(Plaintext::OnLoopback, TimeLimits::default(), &PrivateHosts::default()).expect("TLS can be set up")
}

fn client() -> ClientIdentity {
    ClientIdentity::new(CLIENT_ID, Some(&SecretString::from(CLIENT_SECRET))).expect("a good client")
}

fn key() -> AccountKey {
    AccountKey { profile: "default".into(), platform: "example".into(), account: "default".into() }
}

/// Asserts that a text says none of what the test server and its client keep secret.
fn assert_silent(text: &str) {
    assert!(!text.contains("planted"), "a secret was printed: {text}");
}

/// Names of the events that happened.
#[derive(Default)]
struct Heard(Mutex<Vec<&'static str>>);

impl AuthEvents for Heard {
    fn happened(&self, _: &AccountKey, event: &AuthEvent) {
        self.0.lock().expect("no panic").push(event.name());
    }
}

impl Heard {
    fn count(&self, name: &str) -> usize {
        self.0.lock().expect("no panic").iter().filter(|heard| **heard == name).count()
    }
}

/// Credentials that renew to the second, and are soon out of patience with the store.
fn credentials(heard: &Arc<Heard>, store: &Arc<MemoryStore>, clock: &Arc<HandClock>) -> Credentials {
    let patience = Duration::from_millis(300);
    Credentials::with(heard.clone(), store.clone(), http(), clock.clone(), Spread::NONE, patience)
}

/// A server, a store and a clock, with an account that may be connected.
struct Bench {
    server: Server,
    oauth: Oauth2,
    store: Arc<MemoryStore>,
    clock: Arc<HandClock>,
    heard: Arc<Heard>,
    credentials: Credentials,
}

impl Bench {
    async fn new(oauth: Oauth2) -> Self {
        let server = Server::start().await;
        let store = Arc::new(MemoryStore::default());
        let clock = HandClock::at(START);
        let heard = Arc::new(Heard::default());
        let credentials = credentials(&heard, &store, &clock);
        credentials.put_in_force(server.resolve(&oauth));
        Self { server, oauth, store, clock, heard, credentials }
    }

    async fn connected() -> Self {
        let bench = Self::new(testing::oauth()).await;
        bench.connect().await;
        bench
    }

    fn resolved(&self) -> AuthorizationServer {
        self.server.resolve(&self.oauth)
    }

    fn begin(&self) -> Flow {
        let redirect = RedirectUri::loopback("example", 7420);
        let scopes = scopes_for(&self.oauth, &[Feature::Search]);
        Flow::begin(&self.resolved(), &client(), &redirect, &scopes).expect("the grant is offered")
    }

    async fn connect(&self) {
        self.connecting().await.await.expect("granted and saved");
    }

    /// A log-in whose code is about to be exchanged.
    async fn connecting(&self) -> impl Future<Output = Result<CredentialInfo, AuthError>> + Send + 'static {
        let prepared = self.credentials.prepare(&key()).await.expect("the store takes a write");
        let flow = self.begin();
        let (code, state) = self.server.agree(flow.authorization_url());
        let clock = self.clock.clone();
        let exchanging = async move { flow.finish(answer(&code, &state), &http(), clock.as_ref()).await };
        prepared.obtain(self.resolved(), client(), Grant::AuthorizationCode, self.scopes(), exchanging)
    }

    fn scopes(&self) -> Vec<Scope> {
        scopes_for(&self.oauth, &[Feature::Search]).into_iter().cloned().collect()
    }

    async fn token(&self) -> Result<String, AuthError> {
        self.credentials.access_token(&key()).await.map(|token| token.expose_secret().to_owned())
    }

    async fn info(&self) -> CredentialInfo {
        self.credentials.describe(&key()).await.expect("readable").expect("there")
    }

    /// Another process on the same store.
    fn neighbour(&self) -> Credentials {
        let other = credentials(&self.heard, &self.store, &self.clock);
        other.put_in_force(self.resolved());
        other
    }
}

fn answer(code: &str, state: &str) -> Callback {
    Callback::from_query(&format!("code={code}&state={state}")).expect("an answer")
}
