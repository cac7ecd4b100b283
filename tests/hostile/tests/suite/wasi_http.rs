//! `wasi:http`: requests of other languages' libraries pass the same gate.

use axum::body::Body;
use axum::http::Response as Answer;
use ghoststack::plugin::component::World;
use ghoststack::plugin::custom::CustomPlugin;
use ghoststack::plugin::platform::PlatformPlugin;
use ghoststack::store::{Audit, AuditFilter, Scope};
use prospector_hostile::guest::{self, BY_WASI, ENGINE};
use prospector_hostile::scene::{SECRET, Scene};
use prospector_hostile::server::Server;

use crate::asking::Ask;

async fn plugin() -> PlatformPlugin {
    guest::load(BY_WASI).await.expect("it is served")
}

#[tokio::test]
async fn a_granted_request_leaves_with_the_credential_which_the_guest_never_sees() {
    let (plugin, scene) = (plugin().await, Scene::open().await);
    assert!(plugin.inspected.imports.iter().any(|name| name == "wasi:http/outgoing-handler"));
    let server = Server::start(|seen| {
        let body = format!("you sent {}", seen.header("x-token"));
        Answer::builder().status(203).header("x-more", "yes").body(Body::from(body)).expect("an answer")
    })
    .await;
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let at = |path: &str| format!("{}{path}", server.origin());
    let ask = Ask::get(at("/read/x?y=z")).with("account").header("x-fine: a").header("user-agent: python-requests/2");
    let told = ask.by_plugin(&plugin, &work).await;
    assert_eq!((told.outcome(), told.fact("x-more")), ("203", "yes"), "{}", told.all());
    let seen = server.seen();
    assert_eq!(
        (seen[0].line.as_str(), seen[0].header("x-token"), seen[0].header("x-fine")),
        ("GET /read/x?y=z", format!("Bearer {SECRET}").as_str(), "a")
    );
    assert!(seen[0].header("user-agent").starts_with("Prospector/"));
    assert_eq!(seen[0].header("prospector-credential"), "", "it does not leave");
    assert!(told.all().contains("you sent") && !told.all().contains(SECRET), "{}", told.all());
    // A query is a read by its document, of whatever length it comes in.
    let long = format!(r#"{{"query":"{{ a }}{}"}}"#, " ".repeat(20_000));
    let told = Ask::by("POST", at("/graphql")).body(&long).by_plugin(&plugin, &work).await;
    assert_eq!(told.outcome(), "203", "{}", told.all());
    scene.flush().await;
    let rows = scene.store.audit(&AuditFilter { scope: Scope::from(&work.account), since: None, limit: 10 }).await;
    let rows = rows.expect("reads");
    assert!(rows.iter().all(|row| row.outcome == "ok") && rows.len() == 2, "{rows:?}");
}

#[tokio::test]
async fn what_was_not_granted_does_not_leave() {
    let (plugin, scene) = (plugin().await, Scene::open().await);
    let server = Server::start(|_| axum::response::Response::default()).await;
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let at = |path: &str| format!("{}{path}", server.origin());
    for ask in [
        Ask::get("https://evil.example/read"),
        Ask::get(format!("http://localhost:{}/read", server.port())),
        Ask::get("http://127.0.0.1:1/read"),
        Ask::get("http://169.254.169.254/latest/meta-data"),
        Ask::get(at("/")),
        Ask::get(at("/read/../write")),
        Ask::get(at("/read")).header("authorization: Bearer guess"),
        Ask::get(at("/read")).header("cookie: a=b"),
        Ask::get(at("/read")).header("x-token: guess"),
        Ask::get(at("/read")).with("other"),
        Ask::by("DELETE", at("/read")),
        Ask::by("POST", at("/write")).body("{}"),
        Ask::by("POST", at("/graphql")).body(r#"{"query":"mutation { a }"}"#),
    ] {
        let shown = format!("{ask:?}");
        let told = ask.by_plugin(&plugin, &work).await;
        assert_eq!((told.0.id.as_str(), told.outcome()), ("refusal", "HttpRequestDenied"), "{shown}");
    }
    let told = Ask::by("POST", at("/graphql")).body(&"x".repeat(2 << 20)).by_plugin(&plugin, &work).await;
    assert_eq!(told.0.id, "refusal", "a body beyond the gate's bound");
    assert_eq!(server.seen().len(), 0, "nothing has left");
}

#[tokio::test]
async fn a_guest_is_told_in_its_own_words_what_kept_an_answer_from_coming() {
    let (plugin, scene) = (plugin().await, Scene::open().await);
    let server = Server::start(|_| Answer::builder().body(Body::from(vec![b'x'; 9 << 20])).expect("an answer")).await;
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let at = format!("{}/read", server.origin());
    let told = Ask::get(&at).by_plugin(&plugin, &work).await;
    assert!(told.outcome().starts_with("HttpResponseBodySize"), "{}", told.all());
    drop(server);
    let told = Ask::get(&at).by_plugin(&plugin, &work).await;
    assert_eq!(told.outcome(), "DestinationUnavailable", "{}", told.all());
}

#[tokio::test]
async fn answers_that_are_left_unread_are_bounded_and_small_ones_side_by_side_are_not_in_each_others_way() {
    const LARGE: usize = 7 << 20;
    let (plugin, scene) = (plugin().await, Scene::open().await);
    let server = Server::start(|seen| {
        let size = if seen.line.contains("large") { LARGE } else { 10 };
        Answer::builder().body(Body::from(vec![b'x'; size])).expect("an answer")
    })
    .await;
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let at = |path: &str| format!("{}/read/{path}", server.origin());
    let told = Ask::get(at("large")).at_once(6).by_plugin(&plugin, &work).await;
    let large = LARGE.to_string();
    let outcomes: Vec<_> = told.0.title.split(' ').collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == large).count(), 3, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "ConnectionLimitReached").count(), 3, "{outcomes:?}");
    assert_eq!(server.seen().len(), 3, "the others have not left");
    let told = Ask::get(at("small")).at_once(20).by_plugin(&plugin, &work).await;
    assert_eq!(told.0.title, ["10"; 20].join(" "));
}

#[tokio::test]
async fn a_filter_is_given_none_of_it() {
    let mut text = String::from("(component (import \"wasi:http/outgoing-handler@0.2.0\" (instance))");
    text.push_str("(instance $none) (export \"ghoststack:prospector/descriptor@0.1.0\" (instance $none))");
    text.push_str("(export \"ghoststack:prospector/screening@0.1.0\" (instance $none)))");
    let component = wat::parse_str(&text).expect("a component");
    let refused = CustomPlugin::load(&ENGINE, "filter", &component, World::Filter).await.expect_err("refused");
    assert!(refused.to_string().contains("imports `wasi:http/outgoing-handler`, which is not served"), "{refused}");
}
