//! Using up what is bounded.

use ghoststack::contract::types::Value;
use ghoststack::plugin::limits::Budget;
use ghoststack::store::{MAX_STATE_VALUE_BYTES, PluginData};
use prospector_hostile::ear::Ear;
use prospector_hostile::guest::{self, query, query_with, refusal};
use prospector_hostile::posting::Told;
use prospector_hostile::scene::{NOW, Scene, account};
use prospector_hostile::server::Server;

#[tokio::test]
async fn a_flood_on_standard_error_is_cut_short() {
    let plugin = guest::plugin().await;
    let (ear, _listening) = Ear::listen();
    assert!(plugin.explain(&refusal("flood-stderr"), NOW).await.is_ok());
    let lines: Vec<String> = ear.lines().into_iter().filter(|line| line.contains("eeee")).collect();
    assert!((1..=50).contains(&lines.len()), "{} lines", lines.len());
    assert!(lines.iter().map(String::len).sum::<usize>() < 20 * 1024);
}

#[tokio::test]
async fn a_flood_in_the_log_is_cut_short_and_said_to_be_and_forges_no_line() {
    let plugin = guest::plugin().await;
    let (ear, _listening) = Ear::listen();
    assert!(plugin.explain(&refusal("flood-log"), NOW).await.is_ok());
    let lines = ear.lines();
    let flood: Vec<&String> = lines.iter().filter(|line| line.contains("forged")).collect();
    assert!((1..=200).contains(&flood.len()), "{} lines", flood.len());
    assert!(flood.iter().all(|line| line.len() < 5 * 1024 && !line.contains(['\n', '\u{1b}'])));
    assert_eq!(lines.iter().filter(|line| line.contains("cut short")).count(), 1);
}

#[tokio::test]
async fn a_flood_of_state_meets_its_bound_and_leaves_what_was_there() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    scene.store.state_set(&account("hostile"), "before", b"kept", NOW).await.expect("state can be set");
    let told = Told::by(plugin.search(&work, &query("flood-state")).await.expect("it answers"));
    assert_eq!(told.fact("stored"), "15", "4 MiB, less the keys, hold 15 values of 256 KiB");
    assert!(told.fact("full").contains("Exhausted"), "{}", told.fact("full"));
    assert!(told.fact("too-long").contains("InvalidInput"), "{}", told.fact("too-long"));
    assert!(told.fact("bad-key").contains("InvalidInput"), "{}", told.fact("bad-key"));
    assert_eq!(told.fact("first"), format!("Some({MAX_STATE_VALUE_BYTES})"));
    let before = scene.store.state_get(&account("hostile"), "before").await.expect("state can be read");
    assert_eq!(before.map(|entry| entry.value).as_deref(), Some(&b"kept"[..]));
}

#[tokio::test]
async fn a_flood_of_wake_ups_meets_the_bound_of_keys_and_that_of_calls() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    let told = Told::by(plugin.search(&work, &query("flood-wake-ups")).await.expect("it answers"));
    assert_eq!((told.fact("keys"), told.fact("calls"), told.fact("pending")), ("32", "1000", "Ok(32)"));
    assert!(told.fact("full").contains("32 keys"), "{}", told.fact("full"));
    assert!(told.fact("used-up").contains("1000 calls a day"), "{}", told.fact("used-up"));
    assert!(told.fact("far").contains("400 days"), "{}", told.fact("far"));
}

#[tokio::test]
async fn a_flood_of_requests_ends_with_the_calls_own_quota() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let server = Server::start(|_| axum::response::Response::default()).await;
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let asked = query_with("flood-requests", &[("url", Value::Text(format!("{}/read", server.origin())))]);
    let told = Told::by(plugin.search(&work, &asked).await.expect("it answers"));
    assert_eq!(told.fact("answered"), Budget::SEARCH.requests.to_string());
    assert!(told.fact("refused").contains("as many requests as it may"), "{}", told.fact("refused"));
    assert_eq!(server.seen().len(), Budget::SEARCH.requests as usize);
}
