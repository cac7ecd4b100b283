//! The daemon and proposals: it drafts, follows, finds out what became of lost answers, and tells, without anybody.

use prospector_e2e::home::{platforms, section};
use prospector_e2e::{Home, Prospector, Sim};
use serde_json::{Value, json};

use crate::daemon::Daemon;
use crate::proposing::{digest, leads_of, reviewed, show, submit};
use crate::support::{at, missing};

/// Seconds that the daemon's clock is ahead.
const AHEAD: i64 = 1_000;

fn scanned(sim: &Sim, rest: &str) -> Prospector {
    let sections = [section(sim.freelancer(), ""), section(sim.upwork(), "    proposal_submission: preview")];
    let profile = "profile: { skills: [Rust, Python], rates: { hourly: { minimum: 5 }, fixed: { minimum: 20 } } }\n";
    let prospector = at(Home::configured(&platforms(&sections, &format!("{profile}{rest}"))));
    let _connected = [prospector.connect().ok(), prospector.connect_to("upwork").ok()];
    let _scanned = prospector.run("scan").ok();
    prospector
}

fn later(prospector: &Prospector) -> Daemon {
    let mut command = prospector.command(["run"]);
    command.env("GHOSTSTACK_TEST_CLOCK_AHEAD", AHEAD.to_string());
    Daemon::of(command)
}

#[test]
fn it_finds_out_what_became_of_lost_answers_without_a_person() {
    if !cfg!(debug_assertions) {
        missing("a build with debug assertions, whose clock tests can turn");
        return;
    }
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, "proposals: { auto_draft: false }\n");
    let mut lost = Vec::new();
    for (platform, route, fault, state) in [
        ("freelancer", "/api/projects/0.1/bids", json!({"fault": "accepted-then", "status": 500}), "submitted"),
        ("upwork", "/graphql", json!({"fault": "accepted-then", "status": 502}), "submitted"),
        ("upwork", "/graphql", json!({"fault": "status", "status": 502}), "failed"),
    ] {
        let number = reviewed(&prospector, &leads_of(&prospector, platform)[lost.len()]);
        let approved = digest(&prospector, number);
        let mut rule = fault;
        (rule["route"], rule["method"]) = (json!(route), json!("POST"));
        if platform == "upwork" {
            rule["body"] = json!("submitVendorProposal");
        }
        sim.fault(&rule);
        let _lost = prospector.run(&format!("proposals submit {number} --approve {approved} --no-wait")).expect(5);
        lost.push((number, state));
    }
    sim.advance(AHEAD);
    let mut daemon = later(&prospector);
    for (number, state) in &lost {
        daemon.waits_until(|| show(&prospector, *number)["state"] == *state);
    }
    daemon.signal("TERM");
    let (code, heard) = daemon.ends();
    assert_eq!(code, 0, "{heard:#?}");
    for (number, state) in lost {
        let told = format!("proposal {number} is {state}");
        assert!(heard.iter().any(|line| line.contains(&told)), "{told}: {heard:#?}");
    }
    let sent = sim.control("GET", "/freelancer/live-bids", &Value::Null)["count"].as_u64();
    let proposals = sim.upwork().control("GET", "live-proposals", &Value::Null)["count"].as_u64();
    assert_eq!((sent, proposals), (Some(1), Some(1)), "nothing was sent twice");
}

#[test]
fn it_follows_to_the_contract_and_drafts_what_it_finds() {
    if !cfg!(debug_assertions) {
        missing("a build with debug assertions, whose clock tests can turn");
        return;
    }
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, "proposals: { auto_drafts_per_day: 2 }\n");
    let drafted = prospector.run("proposals list --json").ok().json();
    assert_eq!(drafted["proposals"].as_array().map(Vec::len), Some(2), "by the scan, up to the limit");
    let number = reviewed(&prospector, &leads_of(&prospector, "freelancer")[9]);
    let sent = submit(&prospector, number).ok().json();
    let bid = sent["remote"]["id"].as_str().expect("an identifier");
    for action in ["award", "accept"] {
        let _done = sim.freelancer().control("POST", &format!("bids/{bid}/{action}"), &json!({}));
    }
    let mut daemon = later(&prospector);
    let line = daemon.says(&format!("proposal {number} is won"));
    assert!(line.contains("freelancer"), "{line}");
    daemon.waits_until(|| {
        let listed = prospector.run("contracts list --json").ok().json();
        listed["contracts"][0]["id"] == *bid && listed["contracts"][0]["status"] == "active"
    });
    daemon.signal("TERM");
    let (code, heard) = daemon.ends();
    assert_eq!(code, 0, "{heard:#?}");
}
