//! What tests of proposals have in common: leads, drafts that wait for review, approvals, and time that passes.

use prospector_e2e::prospector::{finish, finish_with_input};
use prospector_e2e::{Outcome, Prospector, Sim};
use serde_json::Value;

use crate::support::texts;
use crate::upwork::connected_with;

/// Seconds after which nobody holds an attempt any more, and the platform is sure to show what it has.
const LATER: i64 = 1000;

/// Who proposes.
pub const PROFILE: &str = "profile: { skills: [Rust, Python, React], rates: { hourly: { minimum: 5, preferred: 50 }, fixed: { minimum: 20, preferred: 600 } } }\n";

/// A home connected to Upwork, with leads, which drafts nothing by itself. `lines` are further lines of its section, `proposals` further keys.
pub fn scanned(sim: &Sim, lines: &str, proposals: &str) -> Prospector {
    let rest = format!("{PROFILE}proposals: {{ auto_draft: false{proposals} }}\n");
    let prospector = connected_with(sim, lines, &rest);
    let _scanned = prospector.run("scan").ok();
    prospector
}

/// Posting identifiers of leads, the best first.
pub fn leads(prospector: &Prospector) -> Vec<String> {
    let list = prospector.run("leads list --json --limit 200").ok().json();
    texts(&list["leads"], "id").into_iter().map(str::to_owned).collect()
}

/// Those of a platform.
pub fn leads_of(prospector: &Prospector, platform: &str) -> Vec<String> {
    let list = prospector.run(&format!("leads list --json --platform {platform} --limit 200")).ok().json();
    texts(&list["leads"], "id").into_iter().map(str::to_owned).collect()
}

/// A proposal to a posting that waits for review; its number.
pub fn reviewed(prospector: &Prospector, posting: &str) -> u64 {
    reviewed_with(prospector, posting, "")
}

/// The same with further options of `proposals draft`.
pub fn reviewed_with(prospector: &Prospector, posting: &str, terms: &str) -> u64 {
    let drafted = prospector.run(&format!("proposals draft {posting} --force --days 7 --json {terms}")).ok().json();
    let number = drafted["number"].as_u64().expect("a number");
    let mut edit = prospector.command(["proposals", "edit", &number.to_string(), "--text-file", "-"]);
    let _edited = finish_with_input(&mut edit, Some("I have done this before, and can begin on Monday.")).ok();
    assert_eq!(show(prospector, number)["state"], "review");
    number
}

pub fn show(prospector: &Prospector, number: u64) -> Value {
    prospector.run(&format!("proposals show {number} --json")).ok().json()
}

/// The digest of what would be sent.
pub fn digest(prospector: &Prospector, number: u64) -> String {
    let plan = prospector.run(&format!("proposals submit {number} --dry-run --json")).ok().json();
    plan["digest"].as_str().expect("a digest").to_owned()
}

/// Approves and sends, in some environment.
pub fn submit_in(prospector: &Prospector, number: u64, environment: &[(&str, &str)]) -> Outcome {
    let digest = digest(prospector, number);
    let line = format!("proposals submit {number} --approve {digest} --no-wait --json");
    finish(prospector.command(line.split_whitespace()).envs(environment.iter().copied()))
}

pub fn submit(prospector: &Prospector, number: u64) -> Outcome {
    submit_in(prospector, number, &[])
}

/// Asks the platform what became of it, when enough time has passed.
pub fn sync_later(sim: &Sim, prospector: &Prospector) -> Outcome {
    sync_after(sim, prospector, LATER)
}

/// Asks the platforms what became of all, so many seconds later.
pub fn sync_after(sim: &Sim, prospector: &Prospector, seconds: i64) -> Outcome {
    sim.advance(seconds);
    sync_ahead(prospector, seconds)
}

/// Asks them at a time when nobody holds an attempt any more. Only so much of it has passed at the platform as it takes to show what it has, so that its
/// postings do not close in a long run.
pub fn sync_soon(sim: &Sim, prospector: &Prospector) -> Outcome {
    sim.advance(30);
    sync_ahead(prospector, LATER)
}

fn sync_ahead(prospector: &Prospector, seconds: i64) -> Outcome {
    finish(prospector.command(["proposals", "sync"]).env("GHOSTSTACK_TEST_CLOCK_AHEAD", seconds.to_string()))
}

/// Proposals to a posting at Upwork that live.
pub fn live_at_upwork(sim: &Sim, posting: &str) -> u64 {
    let counted = sim.upwork().control("GET", &format!("live-proposals?posting={posting}"), &Value::Null);
    counted["count"].as_u64().expect("a count")
}
