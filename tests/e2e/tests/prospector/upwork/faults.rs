//! Everything that can go wrong at Upwork: each has its exit code and its words, what was found before is kept, and when it is over the
//! next scan works.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use prospector_e2e::Sim;
use prospector_e2e::prospector::wait;
use prospector_e2e::sim::GRAPHQL;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::{connected, connected_with, holds, ids, notices, scanned, searches, skipped_by};
use crate::faults::{Fault, afterwards, failed_scan, fault, set, stored};
use crate::support::texts;

fn faults() -> Vec<Fault> {
    let graphql =
        |message: &str, class: &str| json!({"fault": "graphql-error", "message": message, "classification": class});
    vec![
        fault("401", json!({"fault": "status", "status": 401}), 4, "connect upwork"),
        fault("403", json!({"fault": "status", "status": 403}), 4, "HTTP 403"),
        fault("500", json!({"fault": "status", "status": 500}), 5, "Exception occurred"),
        fault("503 with a page", json!({"fault": "not-json", "status": 503}), 5, "503"),
        fault("HTML in place of JSON", json!({"fault": "not-json"}), 5, "is not what was expected"),
        fault("cut off", json!({"fault": "cut-off"}), 5, "broke off"),
        fault("huge", json!({"fault": "huge", "megabytes": 12}), 5, "larger than 8 MiB"),
        fault("an error with HTTP 200", json!({"fault": "error-with-200", "status": 500}), 5, "Exception occurred"),
        fault("a timeout that stays", json!({"fault": "graphql-error"}), 5, "Transform timeout"),
        fault(
            "a document that the schema does not know",
            graphql("Validation error (FieldUndefined@[x]) : Field 'x' in type 'Y' is undefined", "ValidationError"),
            5,
            "update of this plugin",
        ),
        fault(
            "a permission that was taken away",
            graphql(
                "The client or authentication token doesn't have enough oauth2 permissions/scopes to access: [Money.currency].",
                "ExecutionAborted",
            ),
            4,
            "Insufficient scopes",
        ),
        // The last one: nobody asks the platform before its wait is over.
        fault("429 with a long wait", json!({"fault": "status", "status": 429, "retry_after": 417}), 5, "417 s"),
    ]
}

#[test]
fn on_the_first_page_nothing_stored_is_lost() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let _scan = scanned(&prospector);
    for fault in faults() {
        // Anew each time: how long ago a posting was made is part of its score.
        let before = stored(&prospector);
        set(&sim, &fault, GRAPHQL, 0);
        failed_scan(&prospector, &fault);
        assert_eq!(stored(&prospector), before, "{}", fault.name);
        sim.heal();
        let again = afterwards(&prospector, &fault, "scan --json").ok().json();
        assert_eq!(again["platforms"][0]["new"], 0, "after {}", fault.name);
    }
}

#[test]
fn on_a_later_page_those_before_it_are_kept() {
    for (number, fault) in faults().into_iter().enumerate() {
        let sim = Sim::agreeing();
        let prospector = connected(&sim);
        // Pages of 50 rows; of the 320 the fifth page is the last that a fault can follow.
        let pages = number % 5 + 1;
        set(&sim, &fault, GRAPHQL, u32::try_from(pages).expect("few"));
        let scan = failed_scan(&prospector, &fault);
        holds(&scan);
        assert_eq!(ids(&scan).len(), pages * 50, "{}: {}", fault.name, scan["platforms"]);
        let (leads, skipped) = stored(&prospector);
        let kept = texts(&leads["leads"], "id").len() + texts(&skipped["skipped"], "id").len();
        assert_eq!(kept, pages * 50, "{}", fault.name);
        sim.heal();
        let again = afterwards(&prospector, &fault, "scan --json").ok().json();
        let row = &again["platforms"][0];
        assert_eq!(row["new"].as_u64(), Some(320 - kept as u64), "after {}: {row}", fault.name);
    }
}

#[test]
fn a_moments_weakness_is_asked_again_and_nothing_is_missing() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    for (name, rule) in [
        ("a timeout", json!({"fault": "graphql-error", "skip": 1})),
        ("a token that has ended", json!({"fault": "status", "status": 401, "skip": 2})),
        ("a short wait", json!({"fault": "status", "status": 429, "retry_after": 1, "skip": 2})),
        ("a short page", json!({"fault": "short-page", "rows": 17, "skip": 1})),
        ("a slow answer", json!({"fault": "slow", "delay_ms": 1500})),
    ] {
        let mut rule = rule;
        rule["route"] = GRAPHQL.into();
        sim.fault(&rule);
        assert_eq!(ids(&scanned(&prospector)).len(), 320, "{name}");
        assert_eq!(sim.control("GET", "/faults", &Value::Null)["faults"], json!([]), "{name} was not met");
    }
}

#[test]
fn a_limit_that_names_no_wait_is_waited_for_a_minute_and_says_so_meanwhile() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.fault(&json!({"route": GRAPHQL, "fault": "status", "status": 429, "skip": 2, "count": 100}));
    let mut command = prospector.command(["scan"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut log = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let told = log.by_ref().map_while(Result::ok).find(|line| line.contains("waiting before the next"));
    assert!(told.as_ref().is_some_and(|line| line.contains("60")), "{told:?}");
    kill_process(Pid::from_child(&child), Signal::INT).expect("it runs");
    let ended = wait(child, Instant::now()).expect(130);
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    let (leads, skipped) = stored(&prospector);
    let kept = texts(&leads["leads"], "id").len() + texts(&skipped["skipped"], "id").len();
    assert_eq!(kept, 100, "what was found before the limit is kept");
}

#[test]
fn null_nodes_are_skipped_as_unreadable_and_the_rest_is_kept() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.fault(&json!({"route": GRAPHQL, "fault": "null-nodes", "nodes": 7, "skip": 1}));
    let scan = scanned(&prospector);
    assert_eq!(ids(&scan).len(), 320);
    // Two of the samples are null without a fault.
    assert_eq!(skipped_by(&scan, "unreadable"), 7 + 2);
    for skipped in scan["skipped"].as_array().expect("an array").iter().filter(|row| row["filter"] == "unreadable") {
        assert_eq!(skipped["stage"], "read", "{skipped}");
        assert!(skipped["reason"].as_str().is_some_and(|reason| reason.contains("Upwork gave nothing in place")));
    }
    assert!(notices(&scan).contains("Answered in part (postings): "), "{}", notices(&scan));
    assert_eq!(scanned(&prospector)["platforms"][0]["new"], 7, "they are there the next time");
}

#[test]
fn where_paging_fails_the_newest_are_given_and_the_rest_is_told() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.upwork().set(&json!({"pagination_fails": true}));
    let scan = scanned(&prospector);
    assert_eq!(ids(&scan).len(), 10, "{}", scan["platforms"]);
    assert!(notices(&scan).contains("There is more (pagination): "), "{}", notices(&scan));
    let shown = prospector.run("scan").ok();
    assert!(shown.stdout.contains("There is more (pagination): Upwork failed to give a page"), "{}", shown.stdout);
    sim.upwork().set(&json!({"pagination_fails": false}));
    assert_eq!(ids(&scanned(&prospector)).len(), 320);
}

#[test]
fn where_paging_works_only_in_the_document_nothing_is_missing_and_it_is_tried_otherwise_once() {
    const LINES: &str = "    search: 'website OR \"react\"'\n    job_type: [hourly]\n    experience_level: [expert, entry]\n    locations: [US, GB, France]\n    \
                         durations: [1_to_3_months, over_6_months]\n    posted_within: 300d\n    payment_verified: true";
    let sim = Sim::agreeing();
    for lines in ["", LINES] {
        let healthy = scanned(&connected_with(&sim, lines, ""));
        sim.upwork().set(&json!({"pagination_variable_fails": true}));
        let prospector = connected_with(&sim, lines, "");
        for tries in [1, 0] {
            sim.control("DELETE", "/requests", &json!({}));
            let scan = scanned(&prospector);
            let sorted = |scan: &Value| ids(scan).into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
            assert_eq!(sorted(&scan), sorted(&healthy));
            // The samples' null nodes, and nothing about pages.
            assert_eq!(notices(&scan), notices(&healthy));
            let failed = searches(&sim).iter().filter(|filter| !filter.is_null()).count();
            assert_eq!(failed, tries);
        }
        sim.upwork().set(&json!({"pagination_variable_fails": false}));
    }
}

#[test]
fn filters_that_the_schema_lacks_are_applied_here_told_and_asked_for_once() {
    const LINES: &str = "    durations: [1_to_3_months, over_6_months]\n    posted_within: 3d\n    locations: [US, FR]\n    \
                         payment_verified: true";
    const FILTERS: [&str; 4] = ["daysPosted_eq", "duration_any", "locations_any", "verifiedPaymentOnly_eq"];
    let sim = Sim::agreeing();
    let leads = |scan: &Value| {
        let mut leads: Vec<String> = texts(&scan["leads"], "id").into_iter().map(str::to_owned).collect();
        leads.sort();
        leads
    };
    let whole = scanned(&connected_with(&sim, LINES, ""));
    assert!(notices(&whole).is_empty() && !leads(&whole).is_empty(), "{}", notices(&whole));
    assert!(searches(&sim).iter().all(|search| FILTERS.iter().all(|filter| !search[filter].is_null())));

    sim.upwork().set(&json!({"absent_filters": FILTERS}));
    let prospector = connected_with(&sim, LINES, "");
    let dry = prospector.run("scan --dry-run --json").ok().json();
    sim.control("DELETE", "/requests", &json!({}));
    let scan = scanned(&prospector);
    assert_eq!(leads(&dry), leads(&scan));
    assert!(searches(&sim).iter().any(|search| !search["daysPosted_eq"].is_null()), "a dry run was remembered");
    for (setting, filter) in ["posted_within", "durations", "locations", "payment_verified"].into_iter().zip(FILTERS) {
        let told = format!("Filter ignored ({setting}): Upwork's search has no filter `{filter}`");
        assert!(notices(&scan).contains(&told), "{told}: {}", notices(&scan));
        assert!(skipped_by(&scan, setting) > 0, "{setting} was not applied: {}", scan["platforms"]);
    }
    // A posting whose client's country is not told is kept here; the platform's own filter leaves it out.
    let (with, without) = (leads(&whole), leads(&scan));
    assert!(with.iter().all(|id| without.contains(id)), "{with:?} {without:?}");

    sim.control("DELETE", "/requests", &json!({}));
    let again = scanned(&prospector);
    assert_eq!(leads(&again), without);
    assert!(searches(&sim).iter().all(|search| FILTERS.iter().all(|filter| search[filter].is_null())));
    assert_eq!(notices(&again), notices(&scan), "still told");
    assert_eq!(searches(&sim).len(), ids(&scan).len().div_ceil(50), "asked for again");
}
