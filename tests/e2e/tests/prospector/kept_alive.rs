//! Refresh tokens that die unused are used in time, whatever the person does with Prospector meanwhile.

use prospector_e2e::prospector::finish;
use prospector_e2e::sim::UPWORK_TOKEN;
use prospector_e2e::{Outcome, Prospector, Sim};
use serde_json::json;

use crate::both_platforms::connected;
use crate::support::missing;

const DAY: i64 = 86_400;

/// A command so many days later. A release build cannot turn its clock.
fn after(prospector: &Prospector, days: i64, line: &str) -> Outcome {
    let mut command = prospector.command(line.split_whitespace());
    finish(command.env("GHOSTSTACK_TEST_CLOCK_AHEAD", (days * DAY).to_string()))
}

fn clock_turns() -> bool {
    if !cfg!(debug_assertions) {
        missing("a build with debug assertions, whose clock tests can turn");
    }
    cfg!(debug_assertions)
}

#[test]
fn a_platform_that_nobody_asks_for_is_renewed_when_half_of_its_time_has_passed() {
    if !clock_turns() {
        return;
    }
    for line in ["scan --platform freelancer", "status --platform freelancer"] {
        let sim = Sim::agreeing();
        let prospector = connected(&sim);
        for (days, renewed) in [(6, 0), (8, 1), (9, 1), (14, 1), (16, 2)] {
            let _done = after(&prospector, days, line).ok();
            assert_eq!(sim.requests(UPWORK_TOKEN).len(), renewed, "{line}, day {days}");
        }
    }
}

#[test]
fn the_share_of_the_time_is_configured() {
    if !clock_turns() {
        return;
    }
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let text = std::fs::read_to_string(prospector.home.configuration_file()).expect("it is there");
    prospector.home.configure(&text.replace("connect: {", "connect: { keep_alive_after: 0.25,"));
    let _done = after(&prospector, 4, "status --platform freelancer").ok();
    assert_eq!(sim.requests(UPWORK_TOKEN).len(), 1);
    prospector.home.configure(&text.replace("connect: {", "connect: { keep_alive_after: 1.5,"));
    let refused = prospector.run("status").expect(3);
    assert!(refused.stderr.contains("keep_alive_after"), "{}", refused.stderr);
}

#[test]
fn one_that_cannot_be_renewed_in_time_is_warned_of_with_its_end_and_what_is_asked_for_is_done() {
    if !clock_turns() {
        return;
    }
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.fault(&json!({"route": UPWORK_TOKEN, "fault": "status", "status": 503, "count": 100}));
    let scan = after(&prospector, 8, "scan --platform freelancer").ok();
    assert!(scan.stderr.contains("warning: the access to upwork ends at 20"), "{}", scan.stderr);
    assert!(scan.stdout.contains("freelancer: "), "{}", scan.stdout);
    sim.heal();
    assert!(after(&prospector, 8, "status").ok().stdout.contains("Platform: Upwork\nStatus: Connected"));
}

#[test]
fn status_tells_programs_when_an_unused_refresh_token_would_die() {
    let sim = Sim::agreeing();
    let status = connected(&sim).run("status --offline --json").ok().json();
    let of = |index: usize| status["platforms"][index]["refresh_token_unused_until"].clone();
    assert!(of(0).is_null(), "Freelancer's do not die unused");
    let now = sim.control("GET", "/clock", &serde_json::Value::Null)["now"].as_i64().expect("a time");
    assert!(of(1).as_i64().is_some_and(|end| (end - now - 14 * DAY).abs() < 120), "{status}");
}
