//! Proposals and contracts: what became of them, and what is due, each told of once.

use prospector_e2e::home::{platforms, section};
use prospector_e2e::prospector::finish;
use prospector_e2e::sim::GRAPHQL;
use prospector_e2e::{Home, Prospector, Sim};
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{clock_turns, give_key, webhook};
use crate::proposing::{digest, leads_of, reviewed, show, submit, sync_after};
use crate::support::at;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A home with a webhook, connected to both platforms, with leads; proposals to Upwork go by the assumed operations.
fn told(sim: &Sim, receiver: &Receiver, contracts: &str) -> Prospector {
    let sections = [section(sim.freelancer(), ""), section(sim.upwork(), "    proposal_submission: preview")];
    let rest = format!(
        "profile: {{ skills: [Rust, Python], rates: {{ hourly: {{ minimum: 5 }}, fixed: {{ minimum: 20 }} }} }}\nproposals: {{ auto_draft: false }}\n{contracts}\n{}",
        webhook(receiver)
    );
    let prospector = at(Home::configured(&platforms(&sections, &rest)));
    give_key(&prospector);
    let _connected = [prospector.connect().ok(), prospector.connect_to("upwork").ok()];
    let _scanned = prospector.run("scan").ok();
    prospector
}

/// A proposal that the platform has: its number and its identifier there.
fn sent(prospector: &Prospector, platform: &str, at: usize) -> (u64, String) {
    let number = reviewed(prospector, &leads_of(prospector, platform)[at]);
    let sent = submit(prospector, number).ok().json();
    (number, sent["remote"]["id"].as_str().expect("an identifier").to_owned())
}

/// Both clocks, which only go forward.
struct Time<'t> {
    sim: &'t Sim,
    prospector: &'t Prospector,
    now: i64,
}

impl Time<'_> {
    /// Lets the time come, then looks by each of the ways there are: twice by hand, and by the daemon.
    fn comes(&mut self, seconds: i64) {
        self.sim.advance(seconds - self.now);
        self.now = seconds;
        for line in ["contracts sync", "run --once", "proposals sync"] {
            let mut command = self.prospector.command(line.split_whitespace());
            let _looked = finish(command.env("GHOSTSTACK_TEST_CLOCK_AHEAD", seconds.to_string())).ok();
        }
    }
}

/// Unix seconds of the simulator, as Upwork writes them.
fn written(sim: &Sim, ahead: i64) -> String {
    let now = sim.control("GET", "/clock", &Value::Null)["now"].as_i64().expect("seconds");
    jiff::Timestamp::from_second(now + ahead).expect("a time").strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

/// The kinds that were told of since so many were.
fn since(receiver: &Receiver, before: usize) -> Vec<String> {
    let mut kinds = receiver.kinds().split_off(before);
    kinds.sort();
    kinds
}

#[test]
fn what_becomes_of_a_proposal_is_told_of_once_on_both_platforms() {
    if !clock_turns() {
        return;
    }
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let prospector = told(&sim, &receiver, "");
    let (won, bid) = sent(&prospector, "freelancer", 0);
    let (_, rejected) = sent(&prospector, "freelancer", 1);
    let (_, proposal) = sent(&prospector, "upwork", 0);
    let (_, declined) = sent(&prospector, "upwork", 1);
    assert_eq!(receiver.kinds(), ["proposal.submitted"; 4]);
    let first = receiver.receipts()[0].json();
    assert_eq!((&first["data"]["proposal"], &first["data"]["platform"]), (&json!(won), &json!("freelancer")));
    assert!(first["data"]["title"].as_str().is_some_and(|title| title.starts_with("Proposal sent: ")), "{first}");

    for (site, path) in [
        (sim.freelancer(), format!("bids/{bid}/award")),
        (sim.freelancer(), format!("bids/{bid}/accept")),
        (sim.freelancer(), format!("bids/{rejected}/reject")),
        (sim.upwork(), format!("proposals/{proposal}/Hired")),
        (sim.upwork(), format!("proposals/{declined}/Declined")),
    ] {
        let _done = site.control("POST", &path, &json!({}));
    }
    let mut time = Time { sim: &sim, prospector: &prospector, now: 0 };
    time.comes(10);
    let kinds =
        ["contract.started", "contract.started", "proposal.lost", "proposal.lost", "proposal.won", "proposal.won"];
    assert_eq!(since(&receiver, 4), kinds);
    for later in [HOUR, DAY, 3 * DAY] {
        time.comes(later);
    }
    assert_eq!(receiver.receipts().len(), 10, "{:?}", receiver.kinds());
    let started = receiver.receipts().into_iter().map(|of| of.json()).find(|of| of["type"] == "contract.started");
    let started = started.expect("told");
    assert!(started["data"]["remedy"].as_str().is_some_and(|remedy| remedy.contains("contracts show")), "{started}");
}

#[test]
fn milestones_and_ends_of_contracts_are_reminded_of_at_their_times_and_once_each() {
    if !clock_turns() {
        return;
    }
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let prospector = told(&sim, &receiver, "");
    let made = sim.upwork().control("POST", "contracts", &json!({"count": 1, "milestones": 2}));
    assert_eq!(made["count"], 1);
    let contract = sim.upwork().control("GET", "contracts", &Value::Null)["contracts"][0].clone();
    let id = contract["id"].as_str().expect("an identifier").to_owned();
    let steps = &contract["terms"]["fixedPriceTerms"][0]["milestones"];
    let change = |step: usize, fields: &Value| {
        let step = steps[step]["id"].as_str().expect("an identifier");
        sim.upwork().control("PATCH", &format!("contracts/{id}/milestones/{step}"), fields)
    };
    let _due = change(0, &json!({"dueDateTime": written(&sim, 72 * HOUR)}));
    let _ends = sim.upwork().control("PATCH", &format!("contracts/{id}"), &json!({"endDate": written(&sim, 30 * DAY)}));
    let mut time = Time { sim: &sim, prospector: &prospector, now: 0 };
    let mut before = 0;
    let mut expect = |time: &mut Time<'_>, at: i64, kinds: &[&str]| {
        time.comes(at);
        assert_eq!(since(&receiver, before), kinds, "after {} h: {:?}", at / HOUR, receiver.kinds());
        before += kinds.len();
    };
    expect(&mut time, 60, &["contract.started"]);
    expect(&mut time, 23 * HOUR, &[]);
    expect(&mut time, 24 * HOUR + 60, &["contract.milestone_due"]);
    expect(&mut time, 47 * HOUR, &[]);
    expect(&mut time, 48 * HOUR + 60, &["contract.milestone_due"]);
    expect(&mut time, 60 * HOUR, &[]);
    // Another date is another reminder; what is handed in is not due any more.
    let _later = change(0, &json!({"dueDateTime": written(&sim, 40 * HOUR)}));
    expect(&mut time, 61 * HOUR, &["contract.milestone_due"]);
    let _handed = change(0, &json!({"state": "SUBMITTED", "submissionCount": 1}));
    expect(&mut time, 62 * HOUR, &[]);
    expect(&mut time, 62 * HOUR + 5 * DAY - HOUR, &[]);
    expect(&mut time, 62 * HOUR + 5 * DAY + 60, &["contract.milestone_unreviewed"]);
    let _back = change(0, &json!({"state": "ACTIVE"}));
    expect(&mut time, 9 * DAY, &[]);
    expect(&mut time, 22 * DAY, &[]);
    expect(&mut time, 23 * DAY + HOUR, &["contract.ending"]);
    expect(&mut time, 29 * DAY, &[]);
    expect(&mut time, 31 * DAY, &[]);
    let due: Vec<Value> =
        receiver.receipts().iter().map(|of| of.json()).filter(|of| of["type"] == "contract.milestone_due").collect();
    let titles: Vec<&str> = due.iter().filter_map(|of| of["data"]["title"].as_str()).collect();
    assert_eq!(
        titles,
        ["A milestone is due in 48 hours", "A milestone is due in 24 hours", "A milestone is due in 39 hours"]
    );
    assert_eq!((&due[0]["data"]["contract"], &due[0]["data"]["milestone"]), (&json!(id), &steps[0]["id"]));
}

#[test]
fn reminders_that_are_off_do_not_come() {
    if !clock_turns() {
        return;
    }
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let off = "contracts: { reminders: { milestone_due: [], milestone_unreviewed: 0s, contract_ends: 0s } }\n";
    let prospector = told(&sim, &receiver, off);
    let _made = sim.upwork().control("POST", "contracts", &json!({"count": 1, "milestones": 2}));
    let contract = sim.upwork().control("GET", "contracts", &Value::Null)["contracts"][0].clone();
    let id = contract["id"].as_str().expect("an identifier");
    let steps = &contract["terms"]["fixedPriceTerms"][0]["milestones"];
    for (step, fields) in [
        (0, json!({"dueDateTime": written(&sim, 20 * HOUR)})),
        (1, json!({"state": "SUBMITTED", "submissionCount": 1})),
    ] {
        let step = steps[step]["id"].as_str().expect("an identifier");
        let _changed = sim.upwork().control("PATCH", &format!("contracts/{id}/milestones/{step}"), &fields);
    }
    let _ends = sim.upwork().control("PATCH", &format!("contracts/{id}"), &json!({"endDate": written(&sim, 8 * DAY)}));
    let mut time = Time { sim: &sim, prospector: &prospector, now: 0 };
    for later in [60, 10 * HOUR, 6 * DAY, 7 * DAY] {
        time.comes(later);
    }
    assert_eq!(receiver.kinds(), ["contract.started"]);
}

#[test]
fn what_the_person_has_to_decide_is_told_of_once() {
    if !clock_turns() {
        return;
    }
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let prospector = told(&sim, &receiver, "");
    let number = reviewed(&prospector, &leads_of(&prospector, "upwork")[0]);
    let approved = digest(&prospector, number);
    sim.fault(&json!({"route": GRAPHQL, "fault": "accepted-then", "status": 500, "body": "submitVendorProposal"}));
    let _lost = prospector.run(&format!("proposals submit {number} --approve {approved} --no-wait")).expect(5);
    // From then on Upwork does not say what it has.
    sim.fault(&json!({"route": GRAPHQL, "fault": "status", "status": 503, "count": 100_000}));
    let _waits = sync_after(&sim, &prospector, HOUR).expect(5);
    assert_eq!(show(&prospector, number)["state"], "submitting");
    for _ in 0..2 {
        let _asked = sync_after(&sim, &prospector, 25 * HOUR).expect(5);
    }
    assert_eq!(show(&prospector, number)["state"], "uncertain");
    let uncertain: Vec<Value> =
        receiver.receipts().iter().map(|of| of.json()).filter(|of| of["type"] == "proposal.uncertain").collect();
    assert_eq!(uncertain.len(), 1, "{:?}", receiver.kinds());
    let remedy = uncertain[0]["data"]["remedy"].as_str().expect("a remedy");
    assert!(remedy.contains(&format!("proposals resolve {number} --sent")), "{remedy}");
    sim.heal();
    // Upwork shows it after all, before the person has decided.
    let synced = sync_after(&sim, &prospector, 26 * HOUR).ok();
    assert!(synced.stdout.contains(&format!("proposal {number} is submitted")), "{}", synced.stdout);
}
