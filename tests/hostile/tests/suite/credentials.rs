//! What a guest may learn of tokens where the host's own credentials are behind the gate: metadata, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::Response as Answer;
use axum::response::Response;
use ghoststack::auth::{
    AuthHttp, AuthorizationServer, ClientIdentity, Credentials, Grant, Plaintext, TimeLimits, client_credentials,
};
use ghoststack::capability::http::client::PrivateHosts;
use ghoststack::clock::SystemClock;
use ghoststack::contract::descriptor::{ClientAuthentication, Endpoint, Grant as Offered, Oauth2, Pkce, Placement};
use ghoststack::contract::types::Value;
use ghoststack::lead::AccountKey;
use ghoststack::vault::{EmbeddedStore, Protection};
use prospector_hostile::ear::Ear;
use prospector_hostile::guest::{self, query_with};
use prospector_hostile::posting::Told;
use prospector_hostile::scene::{Scene, account};
use prospector_hostile::server::{Seen, Server};
use secrecy::SecretString;

use crate::asking::Ask;

/// Everything that is planted begins so; what follows looks like a token.
const PLANTED: &str = "planted5ecret";

/// A token endpoint that grants once to each account, and from then on repeats whatever it is sent in every word of its refusal.
fn token_endpoint() -> impl Fn(&Seen) -> Response + Clone + Send + Sync + 'static {
    let asked = Arc::new(AtomicUsize::new(0));
    move |seen| {
        let n = asked.fetch_add(1, Ordering::SeqCst);
        let sent = String::from_utf8_lossy(&seen.body).into_owned();
        if n < 2 {
            let body = format!(
                r#"{{"access_token":"{PLANTED}Access{n}x7Qm2","refresh_token":"{PLANTED}Refresh{n}k9Zt4","expires_in":3600}}"#
            );
            return Answer::builder().status(200).body(Body::from(body)).expect("an answer");
        }
        let body = format!(r#"{{"error":"{sent}","error_description":"you sent {sent}","message":"{sent}"}}"#);
        Answer::builder().status(400).header("x-echo", sent).body(Body::from(body)).expect("an answer")
    }
}

fn oauth() -> Oauth2 {
    let endpoint = |path: &str| Endpoint { origin: "accounts".to_owned(), path: path.to_owned() };
    Oauth2 {
        credential: "account".to_owned(),
        authorize: endpoint("/authorize"),
        token: endpoint("/token"),
        revoke: None,
        client_authentication: ClientAuthentication::Body,
        pkce: Pkce::Ignored,
        grants: vec![Offered::ClientCredentials, Offered::RefreshToken],
        scopes: Vec::new(),
        parameters: Vec::new(),
        access_token_lifetime: None,
        refresh_token_idle_lifetime: None,
        placement: Placement { header: "X-Token".to_owned(), prefix: "Bearer ".to_owned() },
        audience: vec!["api".to_owned()],
        registration_url: "https://hostile.example/keys".to_owned(),
    }
}

/// The host's own credentials, with one for the account at work and one for another of the same platform.
async fn credentials(scene: &Scene, accounts: &Server, api: &Server) -> Arc<Credentials> {
    let http = AuthHttp::new(Plaintext::OnLoopback, TimeLimits::default(), &PrivateHosts::default()).expect("TLS");
    let vault = Arc::new(EmbeddedStore::new(scene.folder("vault"), Protection::KeyFile));
    let credentials = Credentials::new(vault, http.clone(), Arc::new(SystemClock));
    let origin = |name: &str| Some(if name == "accounts" { accounts.origin() } else { api.origin() });
    let server = AuthorizationServer::resolve("hostile", &oauth(), origin, Plaintext::OnLoopback).expect("a server");
    credentials.put_in_force(server.clone());
    let secret = SecretString::from(format!("{PLANTED}Client8Wv3"));
    let client = ClientIdentity::new("client", Some(&secret)).expect("a client");
    for key in [account("hostile"), AccountKey { account: "another".to_owned(), ..account("hostile") }] {
        let prepared = credentials.prepare(&key).await.expect("the vault takes a write");
        let (at, identity, http) = (server.clone(), client.clone(), http.clone());
        let asking = async move { client_credentials(&at, &identity, &[], &http, &SystemClock).await };
        let obtained = prepared.obtain(server.clone(), client.clone(), Grant::AuthorizationCode, Vec::new(), asking);
        obtained.await.expect("granted and saved");
    }
    credentials.set_username(&account("hostile"), "ada").await.expect("stored");
    Arc::new(credentials)
}

#[tokio::test]
async fn asking_for_credentials_tells_of_its_own_and_of_no_other_name_or_account() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let (accounts, api) = (Server::start(token_endpoint()).await, Server::start(|_| Response::default()).await);
    let work = scene.work_with(&plugin, credentials(&scene, &accounts, &api).await, &[("api", &api.origin())]);
    let names = [
        "account",
        "another",
        "",
        "ACCOUNT",
        "account\u{0}",
        "../another",
        "default/hostile/another",
        "refresh_token",
        "client_secret",
        "*",
    ];
    let names = Value::Texts(names.map(str::to_owned).to_vec());
    let page = plugin.search(&work, &query_with("ask-credentials", &[("names", names)])).await;
    let told = Told::by(page.expect("the guest tells"));
    let lines: Vec<&str> = told.0.description.lines().collect();
    assert!(lines[0].starts_with("account: Some(") && lines[0].contains("ada"), "{}", lines[0]);
    let others: Vec<&str> = lines[1..].iter().filter(|line| line.contains("Some(")).copied().collect();
    assert_eq!(others, Vec::<&str>::new());
    assert!(!told.all().contains(PLANTED), "{}", told.all());
}

#[tokio::test]
async fn what_a_token_endpoint_repeats_in_its_refusal_is_told_to_no_guest_and_no_log() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let (ear, _listening) = Ear::listen();
    let accounts = Server::start(token_endpoint()).await;
    // A platform that refuses the token, so that the host renews it and is told its own secrets.
    let api = Server::start(|seen| {
        let body = Body::from(format!("who is {}?", seen.header("x-token")));
        Answer::builder().status(401).body(body).expect("an answer")
    })
    .await;
    let work = scene.work_with(&plugin, credentials(&scene, &accounts, &api).await, &[("api", &api.origin())]);
    for _ in 0..2 {
        let told = Ask::get(format!("{}/read", api.origin())).with("account").during_search(&work).await;
        assert_eq!(told.0.id, "refusal", "{}", told.all());
        assert!(!told.all().contains(PLANTED), "{}", told.all());
    }
    let sent = String::from_utf8_lossy(&accounts.seen().last().expect("it was asked").body).into_owned();
    assert!(sent.contains("Refresh0") && sent.contains("Client8"), "the server was sent them: {sent}");
    let lines = ear.lines();
    assert!(!lines.is_empty() && !lines.iter().any(|line| line.contains(PLANTED)), "{lines:?}");
    let bytes = scene.stored_bytes().await;
    assert!(!String::from_utf8_lossy(&bytes).contains(PLANTED));
}

#[tokio::test]
async fn a_token_of_one_account_is_not_sent_for_another_and_goes_to_its_audience_alone() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let (accounts, api) = (Server::start(token_endpoint()).await, Server::start(|_| Response::default()).await);
    let other = Server::start(|_| Response::default()).await;
    let endpoints = [("api", api.origin()), ("other", other.origin())];
    let endpoints: Vec<(&str, &str)> = endpoints.iter().map(|(name, origin)| (*name, origin.as_str())).collect();
    let work = scene.work_with(&plugin, credentials(&scene, &accounts, &api).await, &endpoints);
    for name in ["another", "account/another", "default/hostile/another"] {
        let told = Ask::get(format!("{}/read", api.origin())).with(name).during_search(&work).await;
        assert_eq!(told.outcome(), "gate.unknown-credential", "{name}");
    }
    let told = Ask::get(format!("{}/", other.origin())).with("account").during_search(&work).await;
    assert_eq!(told.outcome(), "gate.audience");
    let told = Ask::get(format!("{}/read", api.origin())).with("account").during_search(&work).await;
    assert_eq!(told.outcome(), "200");
    assert_eq!(other.seen().len(), 0);
    let sent: Vec<String> = api.seen().iter().map(|seen| seen.header("x-token").to_owned()).collect();
    assert_eq!(sent, [format!("Bearer {PLANTED}Access0x7Qm2")], "the account's own");
}
