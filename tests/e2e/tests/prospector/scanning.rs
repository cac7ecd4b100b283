//! `scan`.

use std::collections::BTreeSet;
use std::time::Instant;

use prospector_e2e::home::configuration;
use prospector_e2e::prospector::wait;
use prospector_e2e::sim::POSTINGS;
use prospector_e2e::{Prospector, Sim};
use serde_json::{Value, json};

use crate::support::{connected, connected_with, hundredths, scanning_at, texts};

/// A profile that the samples have something for.
const PROFILE: &str = "profile:\n  skills: [Rust, WebAssembly, TypeScript, React, PostgreSQL]\n";

#[track_caller]
fn fields(value: &Value, required: &[&str], optional: &[&str]) {
    let names: Vec<&str> =
        value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().map(String::as_str).collect();
    for name in required {
        assert!(names.contains(name), "`{name}` is missing: {value}");
    }
    for name in names {
        assert!(required.contains(&name) || optional.contains(&name), "`{name}` is not documented: {value}");
    }
}

#[test]
fn json_has_the_documented_shape_and_every_breakdown_adds_up_to_its_score() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    min_employer_rating: 4.0\n    include_contests: true", PROFILE);
    let scan = prospector.run("scan --json").ok();
    assert_eq!(scan.stderr, "");
    let scan = scan.json();
    fields(&scan, &["leads", "skipped", "platforms", "dropped", "relax_first", "drafts"], &[]);
    fields(&scan["drafts"], &["drafted", "failed", "waiting"], &[]);
    for drafted in scan["drafts"]["drafted"].as_array().expect("a list") {
        fields(drafted, &["number", "platform", "id", "title", "score", "state", "template"], &[]);
    }
    let leads = scan["leads"].as_array().expect("an array");
    let mut last = i64::MAX;
    for lead in leads {
        fields(
            lead,
            &["platform", "id", "title", "url", "score", "confidence", "breakdown", "adjustments"],
            &["faults", "rule"],
        );
        let mut sum = 0;
        for line in lead["breakdown"].as_array().expect("an array") {
            fields(line, &["signal", "raw", "value", "weight", "points", "reason", "confidence"], &["missing"]);
            let value = line["value"].as_f64().expect("a number");
            assert!(
                (0.0..=1.0).contains(&value) && line["reason"].as_str().is_some_and(|reason| !reason.is_empty()),
                "{line}"
            );
            sum += hundredths(&line["points"]);
        }
        assert_eq!(
            texts(&lead["breakdown"], "signal"),
            ["skill_match", "budget", "client_history", "competition", "timeline"]
        );
        for adjustment in lead["adjustments"].as_array().expect("an array") {
            fields(adjustment, &["name", "points", "reason"], &[]);
            sum += hundredths(&adjustment["points"]);
        }
        let score = hundredths(&lead["score"]);
        assert_eq!(sum, score, "{lead}");
        assert!((0..=10_000).contains(&score) && score <= last, "{lead}");
        last = score;
        let confidence = lead["confidence"].as_f64().expect("a number");
        assert!((0.0..=1.0).contains(&confidence), "{lead}");
    }
    for skipped in scan["skipped"].as_array().expect("an array") {
        fields(skipped, &["platform", "id", "title", "stage", "reason"], &["filter", "url"]);
        assert!(skipped["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{skipped}");
    }
    let [platform] = scan["platforms"].as_array().expect("an array").as_slice() else {
        panic!("{}", scan["platforms"])
    };
    fields(platform, &["platform", "fetched", "new", "changed", "duration_ms", "error"], &["notices"]);
    assert!(leads.len() > 100, "{platform}");
    assert!(
        leads.iter().any(|lead| !lead["adjustments"].as_array().expect("an array").is_empty()),
        "no contest is penalised"
    );
}

#[test]
fn every_posting_is_a_lead_or_skipped_once() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let scan = prospector.run("scan --json").ok().json();
    let ids: Vec<&str> = texts(&scan["leads"], "id").into_iter().chain(texts(&scan["skipped"], "id")).collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len(), "an identifier is there twice");
    assert_eq!(scan["platforms"][0]["fetched"], ids.len());
    let listed: u64 = sim.requests(POSTINGS).len() as u64;
    assert!(listed >= 3, "several pages were read: {listed}");
    let told = sim.control("GET", "/freelancer/projects", &Value::Null);
    let known: BTreeSet<String> = told["ids"].as_array().expect("an array").iter().map(Value::to_string).collect();
    assert!(distinct.iter().all(|id| known.contains(*id)), "a posting that the platform does not have");
    assert!(distinct.len() > 250, "only {} of {}", distinct.len(), known.len());
}

#[test]
fn the_second_scan_of_the_same_data_has_nothing_new_and_a_change_is_one_change() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", PROFILE);
    let first = prospector.run("scan --json").ok().json();
    assert_eq!(first["platforms"][0]["new"], first["platforms"][0]["fetched"]);
    let second = prospector.run("scan --json").ok().json();
    assert_eq!((&second["platforms"][0]["new"], &second["platforms"][0]["changed"]), (&json!(0), &json!(0)));
    assert_eq!(texts(&second["leads"], "id").len(), texts(&first["leads"], "id").len());
    let id = first["leads"][0]["id"].as_str().expect("a lead");
    sim.control(
        "PATCH",
        &format!("/freelancer/projects/{id}"),
        &json!({"budget": {"minimum": 12345.0, "maximum": 23456.0}}),
    );
    let third = prospector.run("scan --json").ok().json();
    assert_eq!((&third["platforms"][0]["new"], &third["platforms"][0]["changed"]), (&json!(0), &json!(1)));
    let shown = prospector.run(&format!("leads show {id}")).ok();
    assert!(shown.stdout.contains("12345.00 to 23456.00"), "{}", shown.stdout);
}

#[test]
fn a_dry_run_shows_the_same_and_stores_nothing() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    categories: ['Websites, IT & Software']", PROFILE);
    let stable = |prospector: &Prospector| {
        let mut contents = prospector.home.contents();
        // SQLite's shared index of its log: made by reading, and nobody's data.
        // So is an empty log.
        contents.retain(|path, content| {
            let path = path.to_string_lossy();
            let empty_log = path.ends_with("store.db-wal") && content.1.as_ref().is_none_or(Vec::is_empty);
            !empty_log && !path.ends_with("store.db-shm")
        });
        contents
    };
    let before = stable(&prospector);
    let dry = prospector.run("scan --dry-run --limit 1").ok().stdout;
    assert!(dry.contains("Nothing was stored.") && !dry.contains("prospector leads"), "{dry}");
    let dry = prospector.run("scan --dry-run --json").ok().json();
    let after = stable(&prospector);
    let differing: Vec<_> =
        after.iter().filter(|(path, content)| before.get(*path) != Some(content)).map(|(path, _)| path).collect();
    assert!(differing.is_empty() && after.len() == before.len(), "changed: {differing:?}");
    assert!(prospector.run("leads list").ok().stderr.contains("No leads"));
    let wet = prospector.run("scan --json").ok().json();
    assert_eq!(texts(&dry["leads"], "id"), texts(&wet["leads"], "id"));
    assert_eq!(dry["platforms"][0]["new"], wet["platforms"][0]["new"]);
}

#[test]
fn a_dry_run_works_in_a_home_where_nothing_was_ever_stored() {
    let sim = Sim::agreeing();
    let prospector = crate::support::pointed_at(&sim);
    let before = prospector.home.contents();
    let dry = prospector.run("scan --dry-run").expect(4);
    assert!(dry.stdout.contains("ghoststack prospector connect freelancer"), "{}{}", dry.stdout, dry.stderr);
    assert_eq!(prospector.home.contents(), before);
}

#[test]
fn the_table_is_ranked_and_says_where_to_read_on() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    min_employer_rating: 4.0", PROFILE);
    let scan = prospector.run("scan --limit 5").ok();
    let lines: Vec<&str> = scan.stdout.lines().collect();
    assert!(lines[0].starts_with(" SCORE  ID"), "{}", scan.stdout);
    let scores: Vec<f64> = lines[1..6]
        .iter()
        .map(|line| line.split_whitespace().next().and_then(|score| score.parse().ok()).expect("a score"))
        .collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    assert!(lines[6].is_empty() && lines[7].contains("min_employer_rating"), "{}", scan.stdout);
    assert!(scan.stdout.contains("ghoststack prospector leads explain "), "{}", scan.stdout);
}

#[test]
fn a_scan_that_leaves_nothing_tells_which_filter_took_how_many_and_what_to_relax() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    min_employer_rating: 5.0\n    strict: true", PROFILE);
    for project in
        sim.control("GET", "/freelancer/projects", &Value::Null)["ids"].as_array().expect("an array").iter().skip(40)
    {
        sim.control("DELETE", &format!("/freelancer/projects/{project}"), &Value::Null);
    }
    let scan = prospector.run("scan --json").ok().json();
    let (leads, dropped) = (texts(&scan["leads"], "id").len(), texts(&scan["skipped"], "id").len());
    if leads > 0 {
        for id in texts(&scan["leads"], "id") {
            sim.control("DELETE", &format!("/freelancer/projects/{id}"), &Value::Null);
        }
    }
    let json = prospector.run("scan --json").ok().json();
    let most =
        json!({"platform": "freelancer", "stage": "screening", "filter": "min_employer_rating", "count": dropped});
    assert_eq!((&json["dropped"], &json["relax_first"]), (&json!([most]), &most));
    let scan = prospector.run("scan").ok();
    assert!(scan.stdout.contains(&format!("min_employer_rating {dropped}")), "{}", scan.stdout);
    assert!(
        scan.stdout.contains("Nothing to show.")
            && scan.stdout.contains("`min_employer_rating` has dropped the most (freelancer: "),
        "{}",
        scan.stdout
    );
    assert!(
        scan.stdout.contains("relax it first.") && !scan.stdout.contains("broaden"),
        "nothing else is on: {}",
        scan.stdout
    );
    prospector.home.configure(&configuration(&sim, "    keywords: {include: [zzzz]}", PROFILE));
    let scan = prospector.run("scan").ok();
    let whole = "`keywords.include` has dropped the most (freelancer: ";
    assert!(scan.stdout.contains(whole) && !scan.stdout.contains("broaden"), "it is named once: {}", scan.stdout);
}

#[test]
fn a_scan_of_a_platform_without_postings_says_what_to_broaden() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    for project in sim.control("GET", "/freelancer/projects", &Value::Null)["ids"].as_array().expect("an array") {
        sim.control("DELETE", &format!("/freelancer/projects/{project}"), &Value::Null);
    }
    let scan = prospector.run("scan").ok();
    let nothing = "no posting at all, and no setting narrows what they are asked for";
    assert!(scan.stdout.contains("0 postings") && scan.stdout.contains(nothing), "{}", scan.stdout);
    let narrow = "    project_types: [fixed]\n    locations: [CH]\n    include_contests: false";
    prospector.home.configure(&configuration(&sim, narrow, ""));
    let scan = prospector.run("scan").ok();
    assert!(scan.stdout.contains("broaden `locations` or `project_types` first"), "{}", scan.stdout);
}

#[test]
fn of_two_scans_at_once_the_second_says_that_the_first_is_running() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let first = scanning_at(&sim, &prospector, POSTINGS, 0, 3000);
    let second = prospector.run("scan").expect(8);
    assert!(second.stdout.contains("is being scanned already"), "{}{}", second.stdout, second.stderr);
    let first = wait(first, Instant::now()).ok();
    assert!(first.stdout.contains(" 0 changed"), "{}", first.stdout);
    let third = prospector.run("scan --json").ok().json();
    assert_eq!(third["platforms"][0]["new"], 0);
}

#[test]
fn a_scan_that_is_killed_loses_no_page_and_does_not_lock_the_next_one_out() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let mut first = scanning_at(&sim, &prospector, POSTINGS, 1, 30_000);
    first.kill().expect("it runs");
    first.wait().expect("it ended");
    let kept = texts(&prospector.run("leads list --json --min-score 0 --limit 1000").ok().json()["leads"], "id").len();
    assert!(kept > 0, "the first page is lost");
    let next = prospector.run("scan --json");
    assert_eq!(next.code, 0, "{}{}", next.json()["platforms"], next.stderr);
    let row = &next.json()["platforms"][0];
    assert!(row["new"].as_u64() < row["fetched"].as_u64(), "{row}");
}

#[test]
fn an_interrupted_scan_ends_at_once_and_the_next_one_works() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let first = scanning_at(&sim, &prospector, POSTINGS, 1, 30_000);
    let pid = rustix::process::Pid::from_child(&first);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    let ended = wait(first, Instant::now()).expect(130);
    assert!(ended.took.as_secs() < 10, "{:?}", ended.took);
    let next = prospector.run("scan");
    assert_eq!(next.code, 0, "{}{}", next.stdout, next.stderr);
}
