//! Everything that can go wrong at the platform, at every stage: each has its exit code and its words, nothing that was stored is lost,
//! and when it is over the next command works.

use prospector_e2e::prospector::{Outcome, finish};
use prospector_e2e::sim::{CATEGORIES, IDENTITY, POSTINGS, TOKEN};
use prospector_e2e::{Prospector, Sim};
use serde_json::{Value, json};

use crate::support::{connected, connected_with, pointed_at, texts};

/// A fault, the exit code that it leads to, and words that the person meets.
pub struct Fault {
    pub name: &'static str,
    pub rule: Value,
    pub code: i32,
    pub words: &'static str,
}

pub fn fault(name: &'static str, rule: Value, code: i32, words: &'static str) -> Fault {
    Fault { name, rule, code, words }
}

fn faults() -> Vec<Fault> {
    vec![
        fault("401", json!({"fault": "status", "status": 401}), 4, "connect freelancer"),
        fault("403", json!({"fault": "status", "status": 403}), 4, "Missing scopes"),
        fault("429", json!({"fault": "status", "status": 429}), 5, "max_results_per_scan"),
        fault("500", json!({"fault": "status", "status": 500}), 5, "HTTP 500"),
        fault("503 with a page", json!({"fault": "not-json", "status": 503}), 5, "503"),
        fault("HTML in place of JSON", json!({"fault": "not-json"}), 5, "is not what was expected"),
        fault("cut off", json!({"fault": "cut-off"}), 5, "broke off"),
        fault("huge", json!({"fault": "huge", "megabytes": 12}), 5, "larger than 8 MiB"),
        fault("an error with HTTP 200", json!({"fault": "error-with-200", "status": 500}), 5, "Freelancer"),
        fault("a nested error", json!({"fault": "nested-error", "status": 500}), 5, "Freelancer"),
        // The last one: nobody asks the platform before its wait is over.
        fault("429 with a wait", json!({"fault": "status", "status": 429, "retry_after": 7}), 5, "Rate limited"),
    ]
}

/// Puts the fault on a route, for good, after so many requests that pass.
pub fn set(sim: &Sim, fault: &Fault, route: &str, skip: u32) {
    let mut rule = fault.rule.clone();
    rule["route"] = route.into();
    rule["skip"] = skip.into();
    rule["count"] = 1000.into();
    sim.fault(&rule);
}

/// A command when the wait that a fault has asked for is over: at once where it asked for none.
pub fn afterwards(prospector: &Prospector, fault: &Fault, line: &str) -> Outcome {
    let wait = fault.rule["retry_after"].as_i64().map_or(0, |wait| wait + 2);
    let mut command = prospector.command(line.split_whitespace());
    finish(command.env("GHOSTSTACK_TEST_CLOCK_AHEAD", wait.to_string()))
}

/// Leads and skipped postings, as the store has them.
pub fn stored(prospector: &Prospector) -> (Value, Value) {
    let list = |line: &str| prospector.run(line).ok().json();
    (list("leads list --json --min-score 0 --limit 1000"), list("leads skipped --json --limit 1000"))
}

#[test]
fn at_connect_the_person_is_told_and_can_try_again() {
    let sim = Sim::agreeing();
    let prospector = pointed_at(&sim);
    for (name, rule, code) in [
        ("401", json!({"fault": "status", "status": 401}), 4),
        ("403", json!({"fault": "status", "status": 403}), 4),
        ("429", json!({"fault": "status", "status": 429, "retry_after": 7}), 5),
        ("500", json!({"fault": "status", "status": 500}), 5),
        ("HTML", json!({"fault": "not-json"}), 5),
        ("503 with a page", json!({"fault": "not-json", "status": 503}), 5),
        ("cut off", json!({"fault": "cut-off"}), 5),
        ("huge", json!({"fault": "huge", "megabytes": 1}), 5),
        ("a grant that is gone", json!({"fault": "invalid-grant"}), 4),
    ] {
        set(&sim, &Fault { name, rule, code, words: "" }, TOKEN, 0);
        let refused = prospector.connect();
        assert_eq!(refused.code, code, "{name}: {}{}", refused.stdout, refused.stderr);
        assert!(
            refused.stderr.contains("\nerror: ") && !refused.stdout.contains("successful"),
            "{name}: {}",
            refused.stderr
        );
        let words = refused.stderr.to_lowercase();
        assert!(
            words.contains("again")
                || words.contains("try")
                || words.contains("repeat")
                || words.contains("run `ghoststack"),
            "{name}: nothing to do next: {}",
            refused.stderr
        );
        sim.heal();
        assert!(
            prospector.run("status --offline").expect(4).stdout.contains("Disconnected"),
            "{name}: something was stored"
        );
    }
    let _connected = prospector.connect().ok();
}

#[test]
fn at_status_the_state_says_it_and_the_next_one_is_connected() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    for fault in faults() {
        set(&sim, &fault, IDENTITY, 0);
        let status = prospector.run("status");
        let name = fault.name;
        assert_eq!(status.code, fault.code, "{name}: {}{}", status.stdout, status.stderr);
        assert!(status.stdout.contains(fault.words), "{name}: {}", status.stdout);
        assert!(status.stdout.contains("\nNext: "), "{name}: nothing to do next: {}", status.stdout);
        let states = if name == "401" { "Status: Auth_expired" } else { "Status: Error" };
        assert!(status.stdout.contains(states), "{name}: {}", status.stdout);
        sim.heal();
        let again = afterwards(&prospector, &fault, "status");
        assert!(
            again.code == 0 && again.stdout.contains("Status: Connected"),
            "after {name}: {}{}",
            again.stdout,
            again.stderr
        );
    }
}

#[test]
fn on_the_first_page_of_a_scan_nothing_stored_is_lost() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let _scanned = prospector.run("scan").ok();
    for fault in faults() {
        // Anew each time: how long ago a posting was made is part of its score.
        let before = stored(&prospector);
        set(&sim, &fault, POSTINGS, 0);
        failed_scan(&prospector, &fault);
        assert_eq!(stored(&prospector), before, "{}", fault.name);
        sim.heal();
        let again = afterwards(&prospector, &fault, "scan --json").ok().json();
        assert_eq!(again["platforms"][0]["new"], 0, "after {}: {}", fault.name, again["platforms"]);
    }
}

#[test]
fn on_a_later_page_of_a_scan_the_pages_before_it_are_kept() {
    for fault in faults() {
        let sim = Sim::agreeing();
        let prospector = connected(&sim);
        set(&sim, &fault, POSTINGS, 1);
        let scan = failed_scan(&prospector, &fault);
        let fetched = scan["platforms"][0]["fetched"].as_u64().unwrap_or_default();
        assert!((1..=100).contains(&fetched), "{}: {}", fault.name, scan["platforms"]);
        let (leads, skipped) = stored(&prospector);
        assert_eq!(
            (texts(&leads["leads"], "id").len() + texts(&skipped["skipped"], "id").len()) as u64,
            fetched,
            "{}",
            fault.name
        );
        sim.heal();
        let again = afterwards(&prospector, &fault, "scan --json").ok().json();
        let row = &again["platforms"][0];
        assert_eq!(
            row["new"].as_u64().unwrap_or_default() + fetched,
            row["fetched"].as_u64().unwrap_or_default(),
            "after {}: {row}",
            fault.name
        );
    }
}

#[test]
fn at_the_look_up_of_categories_the_scan_says_it_and_the_next_one_works() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    categories: ['Websites, IT & Software']", "");
    for fault in faults() {
        set(&sim, &fault, CATEGORIES, 0);
        failed_scan(&prospector, &fault);
        sim.heal();
    }
    let last = faults().pop().expect("there are some");
    let scan = afterwards(&prospector, &last, "scan --json").ok().json();
    assert!(scan["platforms"][0]["fetched"].as_u64() > Some(50), "{}", scan["platforms"]);
    // They are kept now: a fault there is not even met.
    set(&sim, &faults()[4], CATEGORIES, 0);
    let _scan = afterwards(&prospector, &last, "scan").ok();
}

#[test]
fn a_platform_that_is_slow_is_waited_for() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    for route in [IDENTITY, POSTINGS] {
        sim.fault(&json!({"route": route, "fault": "slow", "delay_ms": 1500}));
    }
    let _status = prospector.run("status").ok();
    let _scan = prospector.run("scan").ok();
}

#[test]
fn the_wait_that_the_platform_asks_for_is_told() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.fault(&json!({"route": POSTINGS, "fault": "status", "status": 429, "retry_after": 417, "count": 1000}));
    let scan = prospector.run("scan").expect(5);
    assert!(scan.stdout.contains("417 s") || scan.stdout.contains("7 min"), "{}", scan.stdout);
}

#[test]
fn a_category_that_does_not_exist_is_met_with_the_nearest_that_do() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    categories: ['Website, IT and Software']", "");
    let scan = prospector.run("scan").expect(3);
    assert!(
        scan.stdout.contains("Website, IT and Software") && scan.stdout.contains("Websites, IT & Software"),
        "{}",
        scan.stdout
    );
}

/// A scan under a fault: exit code, words, and the error in `--json`, which it gives.
pub fn failed_scan(prospector: &Prospector, fault: &Fault) -> Value {
    let name = fault.name;
    let scan = prospector.run("scan --json");
    assert_eq!(scan.code, fault.code, "{name}: {}{}", scan.stdout, scan.stderr);
    let document = scan.json();
    let error = &document["platforms"][0]["error"];
    let said =
        format!("{} {}", error["message"].as_str().unwrap_or_default(), error["remedy"].as_str().unwrap_or_default());
    assert!(said.contains(fault.words), "{name}: {error}");
    assert!(error["remedy"].as_str().is_some_and(|remedy| remedy.len() > 10), "{name}: nothing to do next: {error}");
    document
}
