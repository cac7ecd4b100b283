//! Sending proposals: after an approval, at most once, whatever happens between the process and the platform.

use std::collections::BTreeMap;
use std::process::Stdio;

use ghoststack::fault::Step;
use prospector_e2e::prospector::{PATIENCE, finish};
use prospector_e2e::{Prospector, Sim};
use serde_json::{Value, json};

use crate::proposing::{digest, leads, reviewed, reviewed_with, show, submit, submit_in, sync_later, sync_soon};
use crate::support::{connected_with, missing};

const BIDS: &str = "/api/projects/0.1/bids";
/// The exit code of a process that a signal 9 has ended.
const KILLED: i32 = 128 + 9;

/// A connected home with leads, which drafts nothing by itself.
fn scanned(sim: &Sim) -> Prospector {
    scanned_with(sim, "")
}

fn scanned_with(sim: &Sim, proposals: &str) -> Prospector {
    let rest = format!(
        "profile: {{ skills: [Rust, Python, React], rates: {{ hourly: {{ minimum: 5 }}, fixed: {{ minimum: 20 }} }} }}\nproposals: {{ auto_draft: false{proposals} }}\n"
    );
    let prospector = connected_with(sim, "", &rest);
    let _scanned = prospector.run("scan").ok();
    prospector
}

/// Bids of the account to a posting that live.
fn bids(sim: &Sim, posting: &str) -> u64 {
    sim.control("GET", &format!("/freelancer/live-bids?project={posting}"), &Value::Null)["count"]
        .as_u64()
        .expect("a count")
}

#[test]
fn nothing_is_sent_without_an_approval_of_what_was_shown() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let posting = leads(&prospector).remove(0);
    let number = reviewed(&prospector, &posting);
    let plan = prospector.run(&format!("proposals submit {number} --dry-run --json")).ok().json();
    let request = &plan["plan"]["request"];
    assert_eq!(request["method"], "POST");
    let body: Value = serde_json::from_str(request["body"].as_str().expect("a body")).expect("JSON");
    assert_eq!((body["project_id"].to_string(), body["period"].as_u64()), (posting.clone(), Some(7)));
    assert!(
        plan["plan"]["costs"].as_array().is_some_and(|costs| costs.iter().any(|cost| cost["name"] == "bids")),
        "{plan}"
    );

    let refused = prospector.run(&format!("proposals submit {number}")).expect(2);
    assert!(refused.stderr.contains("obody is there to approve it"), "{}", refused.stderr);
    let refused = prospector.run(&format!("proposals submit {number} --approve 0123")).expect(2);
    assert!(refused.stderr.contains("is not what was approved"), "{}", refused.stderr);
    // What was shown is no longer what would be sent.
    let shown = digest(&prospector, number);
    let _edited = prospector.run(&format!("proposals edit {number} --days 9")).ok();
    let refused = prospector.run(&format!("proposals submit {number} --approve {shown}")).expect(2);
    assert!(refused.stderr.contains("is not what was approved"), "{}", refused.stderr);
    assert_eq!(bids(&sim, &posting), 0);

    let sent = submit(&prospector, number).ok().json();
    assert_eq!((&sent["state"], bids(&sim, &posting)), (&json!("submitted"), 1));
    // The platform was sent what was shown.
    let placed = sim.requests(BIDS).into_iter().find(|of| of["method"] == "POST").expect("a bid");
    let placed: Value = serde_json::from_str(placed["body"].as_str().expect("a body")).expect("JSON");
    assert_eq!((&placed["description"], &placed["amount"]), (&body["description"], &body["amount"]));
    let audit = prospector.run("audit --json").ok().stdout;
    assert!(audit.contains("\"submit\""), "{audit}");
    let again = prospector.run(&format!("proposals submit {number} --dry-run")).expect(2);
    assert!(again.stderr.contains("in the state submitted"), "{}", again.stderr);
    let other = prospector.run(&format!("proposals draft {posting} --force")).expect(1);
    assert!(other.stderr.contains("is to this posting already"), "{}", other.stderr);
}

#[test]
fn terms_are_changed_and_bids_taken_back_after_an_approval() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let posting = leads(&prospector).remove(0);
    let number = reviewed(&prospector, &posting);
    let sent = submit(&prospector, number).ok().json();
    let amount = sent["amount"].as_f64().expect("an amount") + 1.0;
    let approved = |line: &str| {
        let plan = prospector.run(&format!("{line} --dry-run --json")).ok().json();
        let digest = plan["digest"].as_str().expect("a digest").to_owned();
        prospector.run(&format!("{line} --approve {digest} --json")).ok().json()
    };
    let revised = approved(&format!("proposals revise {number} --amount {amount}"));
    assert_eq!((revised["amount"].as_f64(), &revised["state"]), (Some(amount), &json!("submitted")));
    let all = sim.control("GET", "/freelancer/bids", &Value::Null);
    assert_eq!(all["bids"][0]["amount"].as_f64(), Some(amount));
    let withdrawn = approved(&format!("proposals withdraw {number}"));
    assert_eq!((&withdrawn["state"], bids(&sim, &posting)), (&json!("withdrawn"), 0));
    // The posting is free again.
    let _drafted = prospector.run(&format!("proposals draft {posting} --force")).ok();
}

#[test]
fn a_refusal_of_the_platform_says_what_to_do_and_uses_nothing_up() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let postings = leads(&prospector);
    for (index, (code, status, words)) in [
        ("ProjectExceptionCodes.BID_TOO_EARLY", 403, "too fast"),
        ("ProjectExceptionCodes.BID_LIMIT_EXCEEDED", 403, "bids"),
        ("ProjectExceptionCodes.RESTRICTED_FROM_BIDDING_PREMIUM_VERIFIED", 403, "erif"),
        ("ProjectExceptionCodes.BID_MINIMUM_REQUIREMENT_NOT_MET", 403, "balance"),
        ("UserExceptionCodes.PROFILE_DESCRIPTION_TOO_SHORT", 400, "profile"),
        ("RestExceptionCodes.BAD_FORM", 400, "terms"),
    ]
    .into_iter()
    .enumerate()
    {
        let number = reviewed(&prospector, &postings[index]);
        let digest = digest(&prospector, number);
        sim.fault(&json!({
            "route": BIDS, "method": "POST", "fault": "status", "status": status, "error_code": code, "message": "No."
        }));
        let line = format!("proposals submit {number} --approve {digest} --json");
        let failed = finish(&mut prospector.command(line.split_whitespace()));
        let failed = failed.json();
        let trouble = &failed["trouble"];
        assert_eq!((&failed["state"], &trouble["code"]), (&json!("failed"), &json!(code)), "{failed}");
        let told = format!("{} {}", trouble["message"], trouble["remedy"]).to_lowercase();
        assert!(told.contains(&words.to_lowercase()) && !trouble["remedy"].is_null(), "{code}: {told}");
        assert_eq!(bids(&sim, &postings[index]), 0);
    }
    let budget = prospector.run("proposals budget --json").ok().json();
    assert_eq!(budget["budget"][0]["spent"], 0, "{budget}");
    // What failed can be approved again.
    let sent = submit(&prospector, 1).ok().json();
    assert_eq!((&sent["state"], bids(&sim, &postings[0])), (&json!("submitted"), 1));
}

#[test]
fn a_closed_posting_and_one_that_was_bid_on_by_hand_send_nothing() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let postings = leads(&prospector);
    let closed = reviewed(&prospector, &postings[0]);
    let change = json!({"status": "closed", "frontend_project_status": "complete"});
    let _closed = sim.control("PATCH", &format!("/freelancer/projects/{}", postings[0]), &change);
    let refused = prospector.run(&format!("proposals submit {closed} --dry-run"));
    assert!(refused.code != 0 && !refused.stderr.is_empty(), "{}", refused.stderr);
    assert_eq!(bids(&sim, &postings[0]), 0);

    // Somebody has bid on the site meanwhile.
    let first = reviewed(&prospector, &postings[1]);
    let _sent = submit(&prospector, first).ok();
    let other = scanned(&sim);
    let second = reviewed(&other, &postings[1]);
    let told = other.run(&format!("proposals submit {second} --dry-run")).ok();
    assert!(told.stderr.contains("already") && told.stderr.contains("nothing was sent"), "{}", told.stderr);
    assert_eq!((&show(&other, second)["state"], bids(&sim, &postings[1])), (&json!("submitted"), 1));
}

#[test]
fn a_lost_answer_is_asked_about_and_nothing_is_sent_twice() {
    let sim = Sim::agreeing();
    sim.freelancer().set(&json!({"duplicate_bids": true, "bids_shown_after_seconds": 20, "bid_quota": 1000}));
    let prospector = scanned(&sim);
    let postings = leads(&prospector);
    for (index, (fault, arrives)) in [
        (json!({"fault": "accepted-then", "status": 500}), true),
        (json!({"fault": "accepted-then", "status": 502}), true),
        (json!({"fault": "status", "status": 500}), false),
        (json!({"fault": "cut-off", "after": 5}), true),
        (json!({"fault": "not-json", "status": 200}), false),
        (json!({"fault": "not-json", "status": 503}), false),
    ]
    .into_iter()
    .enumerate()
    {
        let number = reviewed(&prospector, &postings[index]);
        let digest = digest(&prospector, number);
        let mut rule = fault.clone();
        rule["route"] = json!(BIDS);
        rule["method"] = json!("POST");
        sim.fault(&rule);
        let line = format!("proposals submit {number} --approve {digest} --no-wait --json");
        let lost = finish(&mut prospector.command(line.split_whitespace())).expect(5).json();
        assert_eq!(lost["state"], "submitting", "{fault}: {lost}");
        let _synced = sync_later(&sim, &prospector).ok();
        let settled = show(&prospector, number);
        let expected = if arrives { ("submitted", 1) } else { ("failed", 0) };
        assert_eq!(
            (settled["state"].as_str(), bids(&sim, &postings[index])),
            (Some(expected.0), expected.1),
            "{fault}: {settled}"
        );
        assert_eq!(settled["remote"].is_null(), !arrives);
    }
}

#[test]
fn a_process_that_is_killed_at_any_step_sends_at_most_once_and_the_next_one_knows() {
    if !cfg!(debug_assertions) {
        missing("a build with debug assertions, which ends where a test wants it");
        return;
    }
    let sim = Sim::agreeing();
    sim.freelancer().set(&json!({"duplicate_bids": true, "bid_quota": 1000}));
    let prospector = scanned(&sim);
    let postings = leads(&prospector);
    for (index, (step, state, arrived)) in [
        (Step::SubmissionBegun, "approved", 0),
        (Step::SubmissionSent, "failed", 0),
        (Step::SubmissionAnswered, "submitted", 1),
    ]
    .into_iter()
    .enumerate()
    {
        let posting = &postings[index];
        let number = reviewed(&prospector, posting);
        let _killed = submit_in(&prospector, number, &[("GHOSTSTACK_TEST_DIE_AT", step.name())]).expect(KILLED);
        assert_eq!(show(&prospector, number)["state"], "submitting", "{}", step.name());
        // While the process might still be at it, nobody else is.
        let _synced = prospector.run("proposals sync").ok();
        if arrived == 0 {
            assert_eq!(show(&prospector, number)["state"], "submitting", "{}", step.name());
        }
        let _synced = sync_later(&sim, &prospector).ok();
        assert_eq!(
            (show(&prospector, number)["state"].as_str(), bids(&sim, posting)),
            (Some(state), arrived),
            "{}",
            step.name()
        );
        // Whatever did not arrive is sent by a next approval, and once.
        if arrived == 0 {
            let sent = submit(&prospector, number).ok().json();
            assert_eq!(sent["state"], "submitted");
        }
        assert_eq!(bids(&sim, posting), 1, "{}", step.name());
    }
}

#[test]
fn budgets_and_the_pause_hold() {
    let sim = Sim::agreeing();
    let prospector = scanned_with(&sim, ", budget: { day: { submissions: 1 }, month: { bids: 3 } }");
    let postings = leads(&prospector);
    let (first, second) = (reviewed(&prospector, &postings[0]), reviewed(&prospector, &postings[1]));
    let paused = prospector.run("proposals pause").ok();
    assert!(paused.stdout.contains("paused since"), "{}", paused.stdout);
    let refused = submit(&prospector, first).expect(1);
    assert!(refused.stderr.contains("proposals resume"), "{}", refused.stderr);
    let _resumed = prospector.run("proposals resume").ok();
    // It was approved, and needs no other approval.
    let sent = prospector.run(&format!("proposals submit {first} --json")).ok().json();
    assert_eq!(sent["state"], "submitted");
    let refused = submit(&prospector, second).expect(1);
    assert!(refused.stderr.contains("budget of 1 submissions a day"), "{}", refused.stderr);
    assert_eq!((bids(&sim, &postings[0]), bids(&sim, &postings[1])), (1, 0));
    let budget = prospector.run("proposals budget").ok().stdout;
    assert!(
        budget.contains("1 of 1      submissions this day") && budget.contains("1 of 3      bids this month"),
        "{budget}"
    );
}

/// A thousand submissions through the real program, each with another mishap: `cargo test --workspace --test prospector --
/// a_thousand_submissions --ignored --nocapture`; `PROSPECTOR_ROUNDS=100` for fewer. Without `--ignored` a few of them are among the other tests.
#[test]
#[ignore = "takes a quarter of an hour"]
fn a_thousand_submissions_by_processes_that_are_killed() {
    let rounds = std::env::var("PROSPECTOR_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    submissions(rounds.unwrap_or(1000));
}

#[test]
fn some_submissions_by_processes_that_are_killed() {
    if cfg!(debug_assertions) {
        submissions(12);
    }
}

/// How submissions ended: by the state, and how many bids the platform had.
type Ends = BTreeMap<(String, u64), usize>;

/// So many submissions, in as many homes at once as there are processors.
fn submissions(rounds: usize) {
    let homes = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(rounds);
    let ended: Ends = std::thread::scope(|scope| {
        let running: Vec<_> =
            (0..homes).map(|home| scope.spawn(move || submissions_from(home, (home..rounds).step_by(homes)))).collect();
        running.into_iter().flat_map(|home| home.join().expect("a home without a fault")).fold(
            Ends::new(),
            |mut all, (end, count)| {
                *all.entry(end).or_default() += count;
                all
            },
        )
    });
    assert_eq!(ended.values().sum::<usize>(), rounds);
    eprintln!("{rounds} submissions ended (state, bids at the platform): {ended:?}");
}

/// Those of one home, one after the other.
fn submissions_from(home: usize, rounds: impl Iterator<Item = usize>) -> Ends {
    let sim = Sim::agreeing();
    sim.freelancer().set(&json!({"duplicate_bids": true, "bids_shown_after_seconds": 20, "bid_quota": 100_000}));
    let prospector = scanned_with(&sim, ", budget: { day: { submissions: 100000 }, month: { submissions: 100000 } }");
    let postings = leads(&prospector);
    let mut ended = Ends::new();
    for round in rounds {
        let posting = &postings[round % postings.len()];
        // Enough in every currency, and not too much in any.
        let number = reviewed_with(&prospector, posting, "--amount 1000000");
        let digest = digest(&prospector, number);
        let rule = |mut of: Value| {
            (of["route"], of["method"]) = (json!(BIDS), json!("POST"));
            sim.fault(&of);
        };
        let mut command = prospector
            .command(format!("proposals submit {number} --approve {digest} --no-wait --json").split_whitespace());
        // A time-out takes the thirty seconds that it takes: now and then one, in every home.
        let timed_out = round % 49 == 48;
        match round % 6 {
            _ if timed_out => rule(json!({"fault": "accepted-then-slow", "delay_ms": 45_000})),
            0 => drop(command.env("GHOSTSTACK_TEST_DIE_AT", Step::SubmissionBegun.name())),
            1 => drop(command.env("GHOSTSTACK_TEST_DIE_AT", Step::SubmissionSent.name())),
            2 => drop(command.env("GHOSTSTACK_TEST_DIE_AT", Step::SubmissionAnswered.name())),
            3 => rule(json!({"fault": "accepted-then", "status": 500})),
            4 => rule(json!({"fault": "accepted-then-slow", "delay_ms": 2000})),
            _ => {}
        }
        if round % 6 == 4 && !timed_out {
            // Killed while the answer is on its way, whenever that is.
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
            let started = std::time::Instant::now();
            while bids(&sim, posting) == 0 && started.elapsed() < PATIENCE {
                std::thread::yield_now();
            }
            child.kill().expect("it is killed");
            let _ended = child.wait();
        } else {
            let _sent = finish(&mut command);
        }
        let _synced = sync_soon(&sim, &prospector).ok();
        let mut settled = show(&prospector, number);
        if settled["state"] == "approved" {
            // Nothing was sent, and the approval stands: the person submits again.
            assert_eq!(bids(&sim, posting), 0, "round {round}: {settled}");
            let _sent = prospector.run(&format!("proposals submit {number} --json")).ok();
            let _synced = sync_soon(&sim, &prospector).ok();
            settled = show(&prospector, number);
        }
        let (state, count) = (settled["state"].as_str().expect("a state").to_owned(), bids(&sim, posting));
        assert!(count <= 1, "round {round}: {settled}");
        match state.as_str() {
            "submitted" => assert_eq!(count, 1, "round {round}: {settled}"),
            "failed" => assert_eq!(count, 0, "round {round}: {settled}"),
            other => assert_eq!(other, "uncertain", "round {round}: {settled}"),
        }
        *ended.entry((state, count)).or_default() += 1;
        let done: usize = ended.values().sum();
        if done.is_multiple_of(50) {
            eprintln!("home {home}: {done} submissions: {ended:?}");
        }
        // The posting is free for the next round.
        let all = sim.control("GET", "/freelancer/bids", &Value::Null);
        for bid in all["bids"].as_array().into_iter().flatten().filter(|bid| bid["retracted"] == false) {
            let _retracted = sim.control("POST", &format!("/freelancer/bids/{}/retract", bid["id"]), &Value::Null);
        }
        sim.heal();
        if count == 0 {
            let _removed = prospector.run(&format!("proposals remove {number}")).ok();
            let _seen = prospector.run(&format!("leads mark {posting} seen")).ok();
        } else {
            let _synced = sync_soon(&sim, &prospector).ok();
        }
    }
    ended
}
