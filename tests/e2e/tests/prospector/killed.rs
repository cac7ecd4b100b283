//! `kill -9` at every step of connecting and of renewing: `status` can always say what to do, and what the vault has taken is not lost.
//!
//! The steps are those of `ghoststack::fault`, where a debug build lets itself be killed.

use std::process::Stdio;
use std::time::Instant;

use ghoststack::fault::Step;
use prospector_e2e::prospector::{PATIENCE, finish};
use prospector_e2e::sim::TOKEN;
use prospector_e2e::{Outcome, Prospector, Sim};
use serde_json::{Value, json};

use crate::support::{backends, connected_with, missing, pointed_at_with};

/// The exit code of a process that a signal 9 has ended.
const KILLED: i32 = 128 + 9;

/// Whether this build lets itself be killed. One without debug assertions does not even know the variables.
fn can_be_killed() -> bool {
    if !cfg!(debug_assertions) {
        missing("a build with debug assertions, which ends where a test wants it");
    }
    cfg!(debug_assertions)
}

fn killed_at(prospector: &Prospector, step: Step, line: &str) -> Outcome {
    let mut command = prospector.command(line.split_whitespace());
    command.env("GHOSTSTACK_CLIENT_SECRET", "sim-secret").env("GHOSTSTACK_TEST_DIE_AT", step.name());
    finish(&mut command).expect(KILLED)
}

fn of_connecting() -> impl Iterator<Item = Step> {
    Step::ALL.into_iter().filter(|step| step.name().starts_with("connect."))
}

fn of_renewing() -> impl Iterator<Item = Step> {
    Step::ALL.into_iter().filter(|step| step.name().starts_with("renewal."))
}

/// A status that says what to do: connected, or an error or a hint with a next step.
#[track_caller]
fn tells(status: &Outcome, state: &str, words: &[&str], step: Step) {
    let shown = format!("{}{}", status.stdout, status.stderr);
    assert!(shown.contains(&format!("Status: {state}\n")), "after {}: {shown}", step.name());
    for words in words {
        assert!(shown.contains(words), "after {}: {words}: {shown}", step.name());
    }
}

/// Sees that the refresh token that is stored works.
#[track_caller]
fn works(sim: &Sim, prospector: &Prospector, step: Step) {
    sim.freelancer().expire(false);
    tells(&prospector.run("status"), "Connected", &[], step);
}

#[test]
fn at_every_step_of_connecting_the_next_connect_or_status_works() {
    if !can_be_killed() {
        return;
    }
    for backend in backends() {
        let sim = Sim::agreeing();
        for step in of_connecting() {
            let prospector = pointed_at_with(&sim, &backend.configuration());
            let _killed = killed_at(&prospector, step, "connect freelancer --client-id sim-client");
            let stored = matches!(step, Step::ConnectStored | Step::ConnectIdentified | Step::ConnectNamed);
            if stored {
                tells(&prospector.run("status").ok(), "Connected", &["Account: wren_codes"], step);
            } else {
                let next = ["ghoststack prospector connect freelancer"];
                tells(&prospector.run("status").expect(4), "Disconnected", &next, step);
                let _connected = prospector.connect().ok();
            }
            works(&sim, &prospector, step);
        }
    }
}

#[test]
fn at_every_step_of_connecting_again_the_former_connection_is_kept_until_the_new_one_is() {
    if !can_be_killed() {
        return;
    }
    for backend in backends() {
        let sim = Sim::agreeing();
        for step in of_connecting() {
            let prospector = connected_with(&sim, "", &backend.configuration());
            let _killed = killed_at(&prospector, step, "connect freelancer --client-id sim-client");
            tells(&prospector.run("status").ok(), "Connected", &["Account: wren_codes"], step);
            works(&sim, &prospector, step);
        }
    }
}

#[test]
fn at_every_step_of_renewing_status_works_or_says_what_happened_and_what_to_do() {
    if !can_be_killed() {
        return;
    }
    for backend in backends() {
        let sim = Sim::agreeing();
        sim.freelancer().set(&json!({ "reuse": "end-grant" }));
        for step in of_renewing() {
            let prospector = connected_with(&sim, "", &backend.configuration());
            sim.freelancer().expire(matches!(step, Step::RenewalRefused | Step::RenewalNoted));
            if matches!(step, Step::RenewalFailed | Step::RenewalReleased) {
                sim.fault(&json!({"route": TOKEN, "fault": "status", "status": 500, "count": 100}));
            }
            let _killed = killed_at(&prospector, step, "status");
            sim.heal();
            // The one moment in which a token can be lost: the platform has spent the old one, and nobody else knows the new one.
            let lost = step == Step::RenewalAnswered;
            let ended = lost || matches!(step, Step::RenewalRefused | Step::RenewalNoted);
            // Nothing is said at once where nobody can tell whether the process that was killed still runs.
            let status = once_its_turn_is_over(&prospector);
            if !ended {
                tells(&status.ok(), "Connected", &[], step);
                works(&sim, &prospector, step);
                continue;
            }
            let words = if step == Step::RenewalNoted { "Access revoked" } else { "was stopped while it renewed" };
            tells(&status.expect(4), "Auth_expired", &[words, "connect freelancer"], step);
            tells(&prospector.run("status --offline").expect(4), "Auth_expired", &[words, "connect freelancer"], step);
            let scan = prospector.run("scan").expect(4);
            assert!(scan.stdout.contains("connect freelancer"), "{}", scan.stdout);
            let _connected = prospector.connect().ok();
            works(&sim, &prospector, step);
        }
    }
}

/// `status`, or, where it says that another process is renewing, the same when that one's turn is over.
fn once_its_turn_is_over(prospector: &Prospector) -> Outcome {
    let status = prospector.run("status");
    if !status.stdout.contains("another process is renewing") {
        return status;
    }
    assert_eq!(status.code, 5, "{}", status.stdout);
    let mut later = prospector.command(["status"]);
    finish(later.env("GHOSTSTACK_TEST_CLOCK_AHEAD", "80"))
}

#[test]
fn while_the_platform_is_silent_the_process_may_be_killed_too() {
    for (skip, backend) in (0..2).flat_map(|skip| backends().into_iter().map(move |backend| (skip, backend))) {
        let sim = Sim::agreeing();
        let prospector = connected_with(&sim, "", &backend.configuration());
        sim.freelancer().expire(false);
        if skip == 0 {
            // It is killed before the platform has done anything...
            sim.fault(&json!({"route": TOKEN, "fault": "slow", "delay_ms": 30_000}));
        } else {
            // ...or after it has, at the request that the token was renewed for.
            sim.fault(&json!({"route": "/api", "fault": "slow", "delay_ms": 30_000, "skip": 1}));
        }
        let mut child =
            prospector.command(["status"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let began = Instant::now();
        while sim.control("GET", "/faults", &Value::Null)["faults"] != json!([]) {
            assert!(began.elapsed() < PATIENCE, "it never asks");
            std::thread::yield_now();
        }
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        let status = once_its_turn_is_over(&prospector).ok();
        assert!(status.stdout.contains("Status: Connected"), "{skip}: {}", status.stdout);
    }
}

#[test]
fn a_process_that_is_interrupted_in_the_middle_of_a_renewal_finishes_it_first() {
    let sim = Sim::agreeing();
    sim.freelancer().set(&json!({ "reuse": "end-grant" }));
    let prospector = connected_with(&sim, "", "");
    sim.freelancer().expire(false);
    sim.fault(&json!({"route": TOKEN, "fault": "slow", "delay_ms": 1500}));
    let child =
        prospector.command(["status"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let began = Instant::now();
    while sim.control("GET", "/faults", &Value::Null)["faults"] != json!([]) {
        assert!(began.elapsed() < PATIENCE, "it never asks");
        std::thread::yield_now();
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    let ended = prospector_e2e::prospector::wait(child, began).expect(130);
    assert!(ended.stderr.contains("obtained and stored"), "{}", ended.stderr);
    let status = prospector.run("status --json").ok().json();
    assert_eq!(status["platforms"][0]["state"], "connected");
    let renewals = sim.requests(TOKEN).iter().filter(|request| request["status"] == 200).count();
    assert_eq!(renewals, 2, "the code's exchange and one renewal, which was stored");
}
