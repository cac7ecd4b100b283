//! Upwork's proposals by the operations that are assumed: named as such, at a cost, and handed over where they are missing.

use platform_sim::Options;
use prospector_e2e::Sim;
use prospector_e2e::prospector::{finish, finish_with_input};
use prospector_e2e::sim::{GRAPHQL, unlimited};
use serde_json::{Value, json};

use crate::handing_over::unwrapped;
use crate::proposing::{digest, leads, live_at_upwork, reviewed, scanned, show, submit, sync_later};

/// The setting that uses them.
const PREVIEW: &str = "    proposal_submission: preview";
/// What a proposal costs at the simulated Upwork.
const COST: u64 = 8;

#[test]
fn the_assumed_operations_are_named_as_such_state_their_cost_and_keep_to_the_budget() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, PREVIEW, ", budget: { day: { connects: 10 } }");
    let postings = leads(&prospector);
    let number = reviewed(&prospector, &postings[0]);
    let plan = unwrapped(&prospector.run(&format!("proposals submit {number} --dry-run")).ok().stdout);
    assert!(plan.contains("connects: 8 Connects of 80 left"), "{plan}");
    assert!(plan.contains("are assumed operations, and no part of Upwork's public API"), "{plan}");
    assert!(plan.contains("request POST ") && plan.contains("submitVendorProposal"), "{plan}");
    assert_eq!(live_at_upwork(&sim, &postings[0]), 0, "a preview changes nothing");

    let sent = submit(&prospector, number).ok().json();
    assert_eq!((&sent["state"], live_at_upwork(&sim, &postings[0])), (&json!("submitted"), 1));
    let all = sim.upwork().control("GET", "proposals", &Value::Null);
    assert_eq!(
        (&all["proposals"][0]["coverLetter"], &all["proposals"][0]["id"]),
        (&sent["text"], &sent["remote"]["id"])
    );
    let budget = prospector.run("proposals budget").ok().stdout;
    assert!(budget.contains("8 of 10     connects this day"), "{budget}");

    let second = reviewed(&prospector, &postings[1]);
    let refused = submit(&prospector, second).expect(1);
    assert!(refused.stderr.contains("budget of 10 connects a day"), "{}", refused.stderr);
    assert_eq!((live_at_upwork(&sim, &postings[1]), &show(&prospector, second)["state"]), (0, &json!("approved")));
    assert_eq!(prospector.run("proposals budget --json").ok().json()["budget"][0]["spent"], COST);
}

#[test]
fn where_upwork_lacks_the_assumed_operations_the_proposal_is_left_to_the_person() {
    let sim = Sim::with(Options { auto_consent: true, upwork_strict: true, ..unlimited() });
    let prospector = scanned(&sim, PREVIEW, "");
    let posting = leads(&prospector).remove(0);
    let number = reviewed(&prospector, &posting);
    let plan = prospector.run(&format!("proposals submit {number} --dry-run --json")).ok().json();
    assert!(plan["plan"]["hand_over"].is_string() && plan["plan"]["request"].is_null(), "{plan}");
    let note = plan["plan"]["notes"][0].as_str().expect("a note");
    assert!(note.contains("has no operation `previewVendorProposal`"), "{note}");
    let handed = submit(&prospector, number).ok().json();
    assert_eq!(handed["proposal"]["state"], "submitting");
}

#[test]
fn the_clients_questions_are_answered_before_anything_is_sent() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, PREVIEW, "");
    let posting = leads(&prospector).remove(0);
    let ask = json!({"job": {"contractorSelection": {"proposalRequirement": {
        "coverLetterRequired": true, "freelancerMilestonesAllowed": false,
        "screeningQuestions": [{"sequenceNumber": 1, "question": "When can you begin?"}],
    }}}});
    let _asks = sim.upwork().control("PATCH", &format!("postings/{posting}"), &ask);
    let drafted = prospector.run(&format!("proposals draft {posting} --force --days 7 --json")).ok().json();
    let number = drafted["number"].as_u64().expect("a number");
    let mut edit = prospector.command(["proposals", "edit", &number.to_string(), "--text-file", "-"]);
    let _edited = finish_with_input(&mut edit, Some("I have done this before.")).ok();
    let shown = show(&prospector, number);
    assert_eq!((&shown["state"], &shown["answers"][0]["question"]), (&json!("draft"), &json!("When can you begin?")));
    assert_eq!(shown["problems"][0]["field"], "answers.0");
    let refused = prospector.run(&format!("proposals submit {number} --dry-run")).expect(2);
    assert!(refused.stderr.contains("answers.0"), "{}", refused.stderr);

    let mut edit = prospector.command(["proposals", "edit", &number.to_string(), "--answer", "0=On Monday."]);
    let _edited = finish(&mut edit).ok();
    let sent = submit(&prospector, number).ok().json();
    assert_eq!(sent["state"], "submitted");
    let all = sim.upwork().control("GET", "proposals", &Value::Null);
    assert_eq!(all["proposals"][0]["answers"], json!([["When can you begin?", "On Monday."]]));
}

#[test]
fn what_upwork_refuses_is_told_with_what_to_do() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, PREVIEW, "");
    let postings = leads(&prospector);

    // Sent on the site meanwhile: it is followed from now on.
    let twice = reviewed(&prospector, &postings[0]);
    let there = sim.upwork().apply_by_hand(&postings[0]);
    let told = prospector.run(&format!("proposals submit {twice} --dry-run")).ok();
    assert!(told.stderr.contains(&there) && told.stderr.contains("nothing was sent"), "{}", told.stderr);
    assert_eq!((&show(&prospector, twice)["state"], live_at_upwork(&sim, &postings[0])), (&json!("submitted"), 1));

    // Sent in the moment between the look and the request.
    let raced = reviewed(&prospector, &postings[1]);
    let approved = digest(&prospector, raced);
    sim.fault(&json!({
        "route": GRAPHQL, "body": "submitVendorProposal", "fault": "graphql-error",
        "message": "VJ-JA-10: You have already submitted a proposal for this job."
    }));
    let failed = prospector.run(&format!("proposals submit {raced} --approve {approved} --json"));
    let failed = failed.json();
    assert_eq!((&failed["state"], &failed["trouble"]["kind"]), (&json!("failed"), &json!("conflict")), "{failed}");
    assert!(failed["trouble"]["remedy"].is_string(), "{failed}");

    let closed = reviewed(&prospector, &postings[2]);
    let change = json!({"job": {"workFlowState": {"status": "CLOSED", "closeResult": "FILLED"}}});
    let _closed = sim.upwork().control("PATCH", &format!("postings/{}", postings[2]), &change);
    let refused = prospector.run(&format!("proposals submit {closed} --dry-run")).expect(1);
    assert!(refused.stderr.contains("takes no more proposals"), "{}", refused.stderr);

    let poor = reviewed(&prospector, &postings[3]);
    sim.upwork().set(&json!({"connects": 9}));
    let refused = prospector.run(&format!("proposals submit {poor} --dry-run"));
    assert!(refused.code != 0 && refused.stderr.contains("Connects"), "{}: {}", refused.code, refused.stderr);
    for posting in &postings[1..4] {
        assert_eq!(live_at_upwork(&sim, posting), 0);
    }
}

#[test]
fn a_lost_answer_is_asked_about_when_upwork_is_sure_to_show_it() {
    let sim = Sim::agreeing();
    sim.upwork().set(&json!({"duplicate_proposals": true, "proposals_shown_after_seconds": 60}));
    let prospector = scanned(&sim, PREVIEW, "");
    let postings = leads(&prospector);
    for (posting, fault, state, count) in [
        (&postings[0], json!({"fault": "accepted-then", "status": 500}), "submitted", 1),
        (&postings[1], json!({"fault": "status", "status": 502}), "failed", 0),
    ] {
        let number = reviewed(&prospector, posting);
        let approved = digest(&prospector, number);
        let mut rule = fault.clone();
        (rule["route"], rule["body"]) = (json!(GRAPHQL), json!("submitVendorProposal"));
        sim.fault(&rule);
        let line = format!("proposals submit {number} --approve {approved} --no-wait --json");
        let lost = prospector.run(&line).expect(5).json();
        assert_eq!(lost["state"], "submitting", "{lost}");
        // Too early to tell: none is shown, whether there is one or not.
        let early = prospector.run("proposals sync").ok();
        assert!(early.stdout.contains("is asked at"), "{}", early.stdout);
        assert_eq!(show(&prospector, number)["state"], "submitting");
        let _synced = sync_later(&sim, &prospector).ok();
        let settled = show(&prospector, number);
        assert_eq!(
            (settled["state"].as_str(), live_at_upwork(&sim, posting)),
            (Some(state), count),
            "{fault}: {settled}"
        );
    }
}

#[test]
fn it_is_withdrawn_by_the_assumed_operation_or_on_upworks_own_page() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, PREVIEW, "");
    let postings = leads(&prospector);
    let number = reviewed(&prospector, &postings[0]);
    let _sent = submit(&prospector, number).ok();
    let line = format!("proposals withdraw {number} --reason no-time");
    let plan = prospector.run(&format!("{line} --dry-run --json")).ok().json();
    let approved = plan["digest"].as_str().expect("a digest");
    let withdrawn = prospector.run(&format!("{line} --approve {approved} --json")).ok().json();
    assert_eq!((&withdrawn["state"], live_at_upwork(&sim, &postings[0])), (&json!("withdrawn"), 0));

    let by_hand = scanned(&sim, "", "");
    let number = reviewed(&by_hand, &postings[1]);
    let _handed = submit(&by_hand, number).ok();
    let there = sim.upwork().apply_by_hand(&postings[1]);
    let _synced = by_hand.run("proposals sync").ok();
    for line in [format!("proposals withdraw {number}"), format!("proposals revise {number} --amount 44")] {
        let plan = by_hand.run(&format!("{line} --dry-run --json")).ok().json();
        let approved = plan["digest"].as_str().expect("a digest");
        let handed = by_hand.run(&format!("{line} --approve {approved} --json")).ok().json();
        assert!(handed["hand_over"].as_str().is_some_and(|page| page.contains(&there)), "{line}: {handed}");
        assert_eq!(handed["proposal"]["state"], "submitted", "{line}");
    }
    let _withdrawn = sim.upwork().control("POST", &format!("proposals/{there}/Withdrawn"), &json!({}));
    let synced = sync_later(&sim, &by_hand).ok();
    assert!(synced.stdout.contains(&format!("proposal {number} is withdrawn")), "{}", synced.stdout);
}
