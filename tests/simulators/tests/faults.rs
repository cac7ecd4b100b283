//! Faults, journal, clock and reset.

mod support;

use std::time::Instant;

use platform_sim::Options;
use serde_json::{Value, json};
use support::Sim;

const ACTIVE: &str = "/projects/0.1/projects/active";

fn fault(sim: &Sim, fault: Value) {
    let mut rule = json!({"route": "/api/projects/0.1/projects/active"});
    for (name, value) in fault.as_object().expect("an object") {
        rule[name] = value.clone();
    }
    sim.control("POST", "/faults", rule);
}

#[test]
fn each_status_comes_as_often_as_it_was_asked_for() {
    let sim = Sim::start();
    for (status, code) in [
        (401, "RestExceptionCodes.NOT_AUTHENTICATED"),
        (403, "RestExceptionCodes.FORBIDDEN"),
        (429, "AuthorisationExceptionCodes.RATE_LIMITED"),
        (500, "ExceptionCodes.UNKNOWN_ERROR"),
    ] {
        fault(&sim, json!({"fault": "status", "status": status, "count": 2}));
        for _ in 0..2 {
            let answer = sim.get(ACTIVE);
            assert_eq!((answer.status, answer.error_code().as_str()), (status, code));
            assert_eq!(answer.header("retry-after"), None);
            assert_eq!(answer.json().as_object().expect("an object").len(), 4);
        }
        assert_eq!(sim.get(ACTIVE).status, 200);
    }
    fault(&sim, json!({"fault": "status", "status": 429, "retry_after": 7}));
    assert_eq!(sim.get(ACTIVE).header("retry-after"), Some("7"));
    fault(&sim, json!({"fault": "status", "status": 403, "error_code": "X.Y", "message": "m"}));
    assert_eq!(sim.get(ACTIVE).error_code(), "X.Y");
}

#[test]
fn bodies_are_delayed_cut_off_replaced_and_blown_up() {
    let sim = Sim::start();
    fault(&sim, json!({"fault": "slow", "delay_ms": 120}));
    let start = Instant::now();
    assert_eq!(sim.get(ACTIVE).status, 200);
    assert!(start.elapsed().as_millis() >= 120);

    fault(&sim, json!({"fault": "cut-off", "after": 40}));
    let cut = sim.get(ACTIVE);
    let promised: usize = cut.header("content-length").expect("a length").parse().expect("a number");
    assert!(cut.body.len() <= 40 && promised > 1000, "{} of {promised}", cut.body.len());

    fault(&sim, json!({"fault": "not-json"}));
    let page = sim.get(ACTIVE);
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").expect("a type").starts_with("text/html"));

    fault(&sim, json!({"fault": "huge", "megabytes": 3}));
    assert!(sim.get(ACTIVE).body.len() > 3 * 1024 * 1024);
}

#[test]
fn answers_are_wrong_in_the_platforms_own_ways() {
    let sim = Sim::start();
    fault(&sim, json!({"fault": "error-with-200", "status": 500}));
    let answer = sim.get(ACTIVE);
    assert_eq!((answer.status, answer.json()["status"].clone()), (200, json!("error")));

    fault(&sim, json!({"fault": "nested-error", "status": 429}));
    let answer = sim.get(ACTIVE);
    assert_eq!((answer.status, answer.json()["error"]["code"].clone()), (429, json!("RATE_LIMITED")));

    fault(&sim, json!({"fault": "short-page", "rows": 3}));
    let result = sim.get(&format!("{ACTIVE}?limit=50")).result();
    assert_eq!(result["projects"].as_array().map(Vec::len), Some(3));
    assert!(result["total_count"].as_i64() > Some(100));

    fault(&sim, json!({"fault": "null-owner"}));
    let result = sim.get(&format!("{ACTIVE}?user_details")).result();
    assert!(result["users"].as_object().expect("a map").values().all(Value::is_null));
}

#[test]
fn an_accepted_write_that_answers_500_was_done() {
    let sim = Sim::start();
    let project = sim.get(&format!("{ACTIVE}?project_types[]=fixed&limit=1")).result()["projects"][0]["id"].clone();
    let bid = json!({"project_id": project, "bidder_id": 70_000_001, "amount": 25_000, "period": 7,
        "milestone_percentage": 50, "description": "Hello"});
    sim.control(
        "POST",
        "/faults",
        json!({"route": "/api/projects/0.1/bids", "method": "POST", "fault": "accepted-then"}),
    );
    assert_eq!(sim.api("POST", "/projects/0.1/bids/", bid.clone()).status, 500);
    assert_eq!(sim.control("GET", "/freelancer/bids", Value::Null)["bids"].as_array().map(Vec::len), Some(1));
    assert_eq!(sim.api("POST", "/projects/0.1/bids/", bid).error_code(), "ProjectExceptionCodes.DUPLICATE_BID");
}

#[test]
fn a_refresh_is_rejected_on_demand() {
    let sim = Sim::start();
    let refresh = sim.control("POST", "/freelancer/tokens", json!({}))["refresh_token"].clone();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "sim-client"),
        ("client_secret", "sim-secret"),
        ("refresh_token", refresh.as_str().expect("a token")),
    ];
    sim.control("POST", "/faults", json!({"route": "/oauth/token", "fault": "invalid-grant"}));
    let answer = sim.accounts("POST", "/oauth/token", &form);
    assert_eq!((answer.status, answer.json()["error"].clone()), (400, json!("invalid_grant")));
    assert_eq!(sim.accounts("POST", "/oauth/token", &form).status, 200);
}

#[test]
fn the_journal_shows_what_was_received_and_a_reset_forgets_all() {
    let sim = Sim::start();
    sim.get(&format!("{ACTIVE}/?query=rust%20x"));
    sim.api("POST", "/projects/0.1/bids", json!({"a": 1}));
    let seen = sim.control("GET", "/requests?path=/api", Value::Null);
    assert_eq!(seen["count"], 2);
    let first = &seen["requests"][0];
    assert_eq!((&first["origin"], &first["query"]), (&json!("freelancer/api"), &json!("query=rust%20x")));
    assert_eq!(first["headers"]["freelancer-oauth-v1"], json!(sim.token));
    assert_eq!((&seen["requests"][1]["body"], &seen["requests"][1]["status"]), (&json!("{\"a\":1}"), &json!(400)));

    fault(&sim, json!({"fault": "status"}));
    sim.control("POST", "/freelancer/settings", json!({"pending": true}));
    sim.control("POST", "/reset", Value::Null);
    assert_eq!(sim.control("GET", "/requests", Value::Null)["count"], 0);
    assert_eq!(sim.control("GET", "/faults", Value::Null)["faults"], json!([]));
    assert_eq!(sim.control("GET", "/freelancer/settings", Value::Null)["pending"], false);
    assert_eq!(sim.get("/users/0.1/self").status, 401, "tokens are forgotten too");
}

#[test]
fn steering_mistakes_are_answered_with_what_to_do() {
    let sim = Sim::start();
    for (method, path, body, words) in [
        ("POST", "/faults", json!({"route": "/", "fault": "sloow"}), "sloow"),
        ("POST", "/faults", json!({"route": "x", "fault": "null-owner"}), "starts with"),
        ("POST", "/freelancer/settings", json!({"pendig": true}), "the settings are"),
        ("POST", "/freelancer/settings", json!({"pending": 3}), "bool"),
        ("POST", "/clock", json!({"forward": 3}), "advance"),
        ("GET", "/nowhere", Value::Null, "GET / lists them"),
    ] {
        let answer = sim.try_control(method, path, body);
        assert!((400..500).contains(&answer.status));
        let text = answer.json()["error"].as_str().expect("an error").to_owned();
        assert!(text.contains(words), "{path}: {text}");
    }
    let help = sim.try_control("GET", "/", Value::Null);
    assert!(String::from_utf8_lossy(&help.body).contains("accepted-then"));
}

#[test]
fn projects_appear_change_and_go() {
    let sim = Sim::start();
    let count = sim.control("GET", "/freelancer/projects", Value::Null)["count"].as_i64().expect("a count");
    sim.control(
        "POST",
        "/freelancer/projects",
        json!({"id": 7, "owner_id": 1, "title": "zymurgy", "status": "active", "type": "fixed"}),
    );
    assert_eq!(sim.get(&format!("{ACTIVE}?query=zymurgy")).result()["total_count"], 1);
    sim.control("PATCH", "/freelancer/projects/7", json!({"title": "brewing"}));
    assert_eq!(sim.get(&format!("{ACTIVE}?query=zymurgy")).result()["total_count"], 0);
    assert_eq!(sim.control("DELETE", "/freelancer/projects/7", Value::Null)["count"], count);
}

#[test]
fn an_echo_repeats_the_whole_request_and_does_nothing() {
    let sim = Sim::with(Options { auto_consent: true, ..Options::default() });
    sim.control("POST", "/faults", json!({"route": "/oauth/token", "fault": "echo", "status": 403}));
    let form = [("grant_type", "client_credentials"), ("client_secret", "p%20 +")];
    let answer = sim.accounts("POST", "/oauth/token", &form);
    assert_eq!(answer.status, 403);
    let said = answer.json()["error_description"].as_str().expect("a text").to_owned();
    assert!(said.contains("p%20 +") && said.contains("p%2520+%2B") && said.contains("content-type: "), "{said}");
}
