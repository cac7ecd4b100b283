//! A small authorization server, a store in memory and a clock that is turned by hand.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::{AuthorizationServer, Clock, Plaintext};
use crate::contract::descriptor::{
    ClientAuthentication, Endpoint, Feature, Grant, Oauth2, Parameter, Pkce, Placement, Scope,
};
use crate::vault::{Cas, Description, Metadata, Secret, SecretPath, SecretStore, VaultError, Version, Versioned};

pub(super) const CLIENT_ID: &str = "fln_client";
pub(super) const CLIENT_SECRET: &str = "planted-client-secret-1f2e3d";

pub(super) fn parameter(name: &str, value: &str) -> Parameter {
    Parameter { name: name.to_owned(), value: value.to_owned() }
}

pub(super) fn oauth() -> Oauth2 {
    let endpoint = |path: &str| Endpoint { origin: "accounts".to_owned(), path: path.to_owned() };
    let scope = |name: &str, features: Vec<Feature>, wire: &str, parameters: Vec<Parameter>| Scope {
        name: name.to_owned(),
        purpose: "test".to_owned(),
        features,
        wire: vec![wire.to_owned()],
        parameters,
    };
    Oauth2 {
        credential: "main".to_owned(),
        authorize: endpoint("/oauth/authorise"),
        token: endpoint("/oauth/token"),
        revoke: Some(endpoint("/oauth/revoke")),
        client_authentication: ClientAuthentication::Body,
        pkce: Pkce::Enforced,
        grants: vec![Grant::AuthorizationCode, Grant::RefreshToken, Grant::ClientCredentials],
        scopes: vec![
            scope("basic", vec![], "basic", vec![]),
            scope("project_search", vec![Feature::Search], "basic", vec![parameter("advanced_scopes", "2")]),
            scope("project_bid", vec![Feature::Proposals], "write", vec![parameter("advanced_scopes", "6 2")]),
        ],
        parameters: vec![parameter("prompt", "select_account consent")],
        access_token_lifetime: None,
        refresh_token_idle_lifetime: None,
        placement: Placement { header: "Authorization".to_owned(), prefix: "Bearer ".to_owned() },
        audience: vec!["api".to_owned()],
        registration_url: "https://example.com/develop".to_owned(),
    }
}

pub(super) struct HandClock(AtomicI64);

impl HandClock {
    pub(super) fn at(now: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(now)))
    }

    pub(super) fn turn(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Keeps the latest versions; refuses to write on demand.
#[derive(Default)]
pub(super) struct MemoryStore {
    secrets: Mutex<BTreeMap<SecretPath, Versioned>>,
    pub(super) is_broken: AtomicBool,
    /// Writes that were refused for that.
    pub(super) refused: AtomicUsize,
}

#[async_trait]
impl SecretStore for MemoryStore {
    async fn read(&self, path: &SecretPath) -> Result<Option<Versioned>, VaultError> {
        Ok(self.secrets.lock().expect("no panic").get(path).cloned())
    }

    async fn read_version(&self, path: &SecretPath, version: Version) -> Result<Option<Versioned>, VaultError> {
        Ok(self.read(path).await?.filter(|stored| stored.version == version))
    }

    async fn write(&self, path: &SecretPath, value: Secret, cas: Cas) -> Result<Version, VaultError> {
        if self.is_broken.load(Ordering::SeqCst) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return Err(VaultError::ShuttingDown);
        }
        let mut secrets = self.secrets.lock().expect("no panic");
        let current = secrets.get(path).map(|stored| stored.version);
        if !cas.permits(current) {
            return Err(VaultError::CasMismatch { path: path.clone(), expected: cas, current });
        }
        let version = current.map_or(Version::FIRST, Version::next);
        secrets.insert(path.clone(), Versioned { value, version, created_at: jiff::Timestamp::UNIX_EPOCH });
        Ok(version)
    }

    async fn delete(&self, path: &SecretPath) -> Result<bool, VaultError> {
        Ok(self.secrets.lock().expect("no panic").remove(path).is_some())
    }

    async fn list(&self, _under: Option<&SecretPath>) -> Result<Vec<SecretPath>, VaultError> {
        Ok(self.secrets.lock().expect("no panic").keys().cloned().collect())
    }

    async fn metadata(&self, _path: &SecretPath) -> Result<Option<Metadata>, VaultError> {
        Ok(None)
    }

    fn describe(&self) -> Description {
        Description { backend: "memory", location: String::new(), protection: String::new() }
    }

    async fn probe(&self) -> Result<(), VaultError> {
        let path = SecretPath::parse(crate::vault::PROBE_PATH)?;
        let secret = Secret::from_fields([("probe", SecretString::from("x"))])?;
        self.write(&path, secret, Cas::Any).await?;
        self.delete(&path).await.map(drop)
    }
}

/// An answer to give instead of the right one.
#[derive(Clone)]
pub(super) struct Canned {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) body: Vec<u8>,
}

impl Canned {
    pub(super) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }
}

/// What the server knows and has seen.
#[derive(Default)]
pub(super) struct Desk {
    pub(super) codes: Mutex<HashMap<String, HashMap<String, String>>>,
    pub(super) refresh: Mutex<Option<String>>,
    pub(super) canned: Mutex<Option<Canned>>,
    pub(super) requests: Mutex<Vec<(HeaderMap, HashMap<String, String>)>>,
    pub(super) refreshes: AtomicUsize,
    pub(super) is_silent: AtomicBool,
    pub(super) gate: tokio::sync::Mutex<()>,
    issued: AtomicUsize,
}

pub(super) struct Server {
    pub(super) desk: Arc<Desk>,
    pub(super) origin: String,
}

impl Server {
    pub(super) async fn start() -> Self {
        let desk = Arc::new(Desk::default());
        let app = Router::new()
            .route("/oauth/token", post(token))
            .route("/oauth/revoke", post(token))
            .with_state(Arc::clone(&desk));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("bound"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { desk, origin }
    }

    pub(super) fn resolve(&self, oauth: &Oauth2) -> AuthorizationServer {
        AuthorizationServer::resolve("example", oauth, |_| Some(self.origin.clone()), Plaintext::OnLoopback)
            .expect("a good descriptor")
    }

    /// What the person's agreement does: gives out a code for what the address asks.
    pub(super) fn agree(&self, url: &url::Url) -> (String, String) {
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        let code = format!("planted-code-{}", self.desk.issued.fetch_add(1, Ordering::SeqCst));
        let state = asked["state"].clone();
        self.desk.codes.lock().expect("no panic").insert(code.clone(), asked);
        (code, state)
    }

    pub(super) fn can(&self, canned: Canned) {
        *self.desk.canned.lock().expect("no panic") = Some(canned);
    }

    pub(super) fn uncan(&self) {
        *self.desk.canned.lock().expect("no panic") = None;
    }

    pub(super) fn requests(&self) -> Vec<(HeaderMap, HashMap<String, String>)> {
        self.desk.requests.lock().expect("no panic").clone()
    }
}

async fn token(Shared(desk): Shared<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    desk.requests.lock().expect("no panic").push((headers.clone(), form.clone()));
    if desk.is_silent.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    let canned = desk.canned.lock().expect("no panic").clone();
    if let Some(canned) = canned {
        let mut response = (StatusCode::from_u16(canned.status).expect("a status"), canned.body).into_response();
        for (name, value) in canned.headers {
            response.headers_mut().insert(name, value.parse().expect("a header"));
        }
        return response;
    }
    let refuse = |error: &str| {
        let body = format!(
            r#"{{"error":"{error}","error_description":"no: {}"}}"#,
            form.get("refresh_token").map_or("", |token| token)
        );
        (StatusCode::BAD_REQUEST, body).into_response()
    };
    let in_body = form.get("client_secret").is_some_and(|secret| secret == CLIENT_SECRET);
    if !in_body && !headers.contains_key("authorization") {
        return refuse("invalid_client");
    }
    let get = |name: &str| form.get(name).cloned().unwrap_or_default();
    match get("grant_type").as_str() {
        "authorization_code" => {
            drop(desk.gate.lock().await);
            let Some(asked) = desk.codes.lock().expect("no panic").remove(&get("code")) else {
                return refuse("invalid_grant");
            };
            if asked["redirect_uri"] != get("redirect_uri") {
                return refuse("invalid_grant");
            }
            if let Some(challenge) = asked.get("code_challenge") {
                let digest = Sha256::digest(get("code_verifier").as_bytes());
                if asked["code_challenge_method"] != "S256" || *challenge != base64url(&digest) {
                    return refuse("invalid_grant");
                }
            }
            desk.grant(true)
        }
        "refresh_token" => {
            desk.refreshes.fetch_add(1, Ordering::SeqCst);
            drop(desk.gate.lock().await);
            let is_current = desk.refresh.lock().expect("no panic").as_ref() == Some(&get("refresh_token"));
            if is_current { desk.grant(true) } else { refuse("invalid_grant") }
        }
        "client_credentials" => desk.grant(false),
        "" => StatusCode::OK.into_response(),
        _ => refuse("unsupported_grant_type"),
    }
}

impl Desk {
    fn grant(&self, renewable: bool) -> Response {
        let n = self.issued.fetch_add(1, Ordering::SeqCst);
        let refresh = format!("planted-refresh-{n}");
        let field = if renewable { format!(r#","refresh_token":"{refresh}""#) } else { String::new() };
        *self.refresh.lock().expect("no panic") = Some(refresh);
        format!(r#"{{"access_token":"planted-access-{n}","token_type":"odd","expires_in":"3600","scope":"basic"{field},"x":1}}"#)
            .into_response()
    }
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            (0..=chunk.len()).map(move |i| char::from(ALPHABET[(word >> (18 - 6 * i)) as usize & 63]))
        })
        .collect()
}
