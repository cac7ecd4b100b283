//! Two platforms in one configuration: they are scanned side by side, and neither meets what is the other's.

use prospector_e2e::home::{platforms, section};
use prospector_e2e::sim::{GRAPHQL, POSTINGS, unlimited};
use prospector_e2e::{Home, Outcome, Prospector, Sim};
use serde_json::{Value, json};

use crate::faults::stored;
use crate::support::{at, texts};
use crate::upwork::holds;

/// A secret that occurs nowhere by chance.
const SECRET: &str = "s3cr3t-of-both-applications-41d7";

/// The platforms, in the order in which they are told.
const BOTH: [&str; 2] = ["freelancer", "upwork"];

fn pointed_at(sim: &Sim) -> Prospector {
    at(Home::configured(&platforms(&[section(sim.freelancer(), ""), section(sim.upwork(), "")], "")))
}

pub fn connected(sim: &Sim) -> Prospector {
    let prospector = pointed_at(sim);
    for platform in BOTH {
        let _connected = prospector.connect_to(platform).ok();
    }
    sim.control("DELETE", "/requests", &json!({}));
    prospector
}

fn row<'s>(scan: &'s Value, platform: &str) -> &'s Value {
    let rows = scan["platforms"].as_array().expect("an array");
    rows.iter().find(|row| row["platform"] == platform).unwrap_or_else(|| panic!("no {platform}: {scan}"))
}

/// Identifiers of a platform's rows in a list, sorted.
fn of<'s>(list: &'s Value, platform: &str) -> Vec<&'s str> {
    let rows = list.as_array().into_iter().flatten().filter(|row| row["platform"] == platform);
    let mut ids: Vec<&str> = rows.filter_map(|row| row["id"].as_str()).collect();
    ids.sort_unstable();
    ids
}

fn other(platform: &str) -> &'static str {
    if platform == BOTH[0] { BOTH[1] } else { BOTH[0] }
}

/// Where a platform's postings are.
fn route(platform: &str) -> &'static str {
    if platform == BOTH[0] { POSTINGS } else { GRAPHQL }
}

#[test]
fn one_scan_ranks_the_leads_of_both_and_tells_of_each() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let scan = prospector.run("scan --json").ok().json();
    holds(&scan);
    assert_eq!(texts(&scan["platforms"], "platform"), BOTH);
    for platform in BOTH {
        assert!(of(&scan["leads"], platform).len() > 100, "{platform}: {}", scan["platforms"]);
        assert!(row(&scan, platform)["error"].is_null());
    }
    let scores: Vec<f64> =
        scan["leads"].as_array().into_iter().flatten().filter_map(|lead| lead["score"].as_f64()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b));
    let again = prospector.run("scan").ok();
    for platform in BOTH {
        assert!(again.stdout.contains(&format!("\n{platform}: ")), "{}", again.stdout);
    }
    assert_eq!(again.stdout.matches(" postings, 0 new, 0 changed").count(), 2, "{}", again.stdout);
    let status = prospector.run("status").ok();
    assert_eq!(status.stdout.matches("Status: Connected").count(), 2, "{}", status.stdout);
    let (freelancer, upwork) = status.stdout.split_once("\n\n").expect("two blocks");
    assert!(freelancer.starts_with("Platform: Freelancer\n") && upwork.starts_with("Platform: Upwork\n"));
}

#[test]
fn they_are_scanned_side_by_side() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    for platform in BOTH {
        sim.fault(&json!({"route": route(platform), "fault": "slow", "delay_ms": 4000}));
    }
    let scan = prospector.run("scan --json").ok();
    let told = scan.json();
    let took = |platform: &str| row(&told, platform)["duration_ms"].as_u64().unwrap_or_default();
    assert!(BOTH.iter().all(|platform| took(platform) >= 4000), "{}", told["platforms"]);
    let one_after_the_other = u128::from(took(BOTH[0]) + took(BOTH[1]));
    assert!(scan.took.as_millis() < one_after_the_other, "{:?}, {one_after_the_other} ms", scan.took);
}

#[test]
fn a_slow_one_does_not_hold_the_other_up() {
    for slow in BOTH {
        let sim = Sim::agreeing();
        let prospector = connected(&sim);
        sim.fault(&json!({"route": route(slow), "fault": "slow", "delay_ms": 6000}));
        let _scan = prospector.run("scan").ok();
        // Requests are noted when they are answered: all of the quick one's come before the first of the slow one's.
        let origins: Vec<Value> = sim.requests("/").iter().map(|request| request["origin"].clone()).collect();
        let is_slow = |origin: &&Value| origin.as_str().is_some_and(|origin| origin.starts_with(slow));
        let first = origins.iter().position(|origin| is_slow(&origin)).expect("it was asked");
        assert!(first >= 3 && origins[first..].iter().all(|origin| is_slow(&origin)), "{slow}: {origins:?}");
    }
}

#[test]
fn a_failure_of_one_leaves_the_others_leads_and_its_row() {
    for failing in BOTH {
        let sim = Sim::agreeing();
        let prospector = connected(&sim);
        let healthy = prospector.run("scan --json").ok().json();
        for (rule, code) in [
            (json!({"fault": "status", "status": 500}), 5),
            (json!({"fault": "status", "status": 401}), 4),
            (json!({"fault": "status", "status": 403}), 4),
            (json!({"fault": "cut-off"}), 5),
            (json!({"fault": "not-json"}), 5),
            (json!({"fault": "huge", "megabytes": 12}), 5),
            // The last one: it is left alone from then on.
            (json!({"fault": "status", "status": 429, "retry_after": 417}), 5),
        ] {
            let mut rule = rule;
            rule["route"] = route(failing).into();
            rule["count"] = 1000.into();
            let stored_before = stored(&prospector);
            sim.fault(&rule);
            let scan = prospector.run("scan --json");
            sim.heal();
            let scan = scan.expect(code).json();
            holds(&scan);
            let error = &row(&scan, failing)["error"];
            assert!(error["message"].is_string() && error["remedy"].is_string(), "{failing} {rule}: {error}");
            let well = other(failing);
            assert!(row(&scan, well)["error"].is_null(), "{failing} {rule}: {}", scan["platforms"]);
            for list in ["leads", "skipped"] {
                assert_eq!(of(&scan[list], well), of(&healthy[list], well), "{failing} {rule}");
                assert!(of(&scan[list], failing).is_empty(), "{failing} {rule}");
            }
            let (leads, skipped) = stored(&prospector);
            assert_eq!(ids(&leads["leads"]), ids(&stored_before.0["leads"]), "{failing} {rule}");
            assert_eq!(ids(&skipped["skipped"]), ids(&stored_before.1["skipped"]), "{failing} {rule}");
        }
        sim.control("DELETE", "/requests", &json!({}));
        let left_alone = prospector.run("scan --json").expect(5).json();
        let error = &row(&left_alone, failing)["error"];
        assert_eq!(error["kind"], "rate-limited", "{failing}: {error}");
        assert!(error["retry_after"].as_u64().is_some_and(|wait| (300..=417).contains(&wait)), "{failing}: {error}");
        let asked = sim.requests("/").iter().filter(|request| of_site(request, failing)).count();
        assert_eq!(asked, 0, "{failing} has asked to be left alone, whoever comes");
    }
}

fn of_site(request: &Value, platform: &str) -> bool {
    request["origin"].as_str().is_some_and(|origin| origin.starts_with(&format!("{platform}/")))
}

/// Platforms and identifiers, sorted.
fn ids(list: &Value) -> Vec<String> {
    let name = |row: &Value| format!("{} {}", row["platform"], row["id"]);
    let mut ids: Vec<String> = list.as_array().into_iter().flatten().map(name).collect();
    ids.sort();
    ids
}

#[test]
fn one_that_is_not_connected_or_whose_access_has_ended_is_told_and_the_other_is_scanned() {
    for failing in BOTH {
        let sim = Sim::agreeing();
        let prospector = pointed_at(&sim);
        let well = other(failing);
        let _connected = prospector.connect_to(well).ok();
        let command = format!("ghoststack prospector connect {failing}");
        let not_connected = prospector.run("scan").expect(4);
        assert!(not_connected.stdout.contains(&command), "{}", not_connected.stdout);
        assert_eq!(not_connected.stdout.matches(": 0 postings").count(), 1, "{}", not_connected.stdout);
        let _connected = prospector.connect_to(failing).ok();
        sim.control("POST", &format!("/{failing}/revoke"), &json!({}));
        let scan = prospector.run("scan --json").expect(4).json();
        assert!(of(&scan["leads"], well).len() > 100 && of(&scan["leads"], failing).is_empty());
        let told = prospector.run("status --json").expect(4).json();
        let state = |platform: &str| row(&told, platform)["state"].clone();
        assert_eq!((state(failing), state(well)), (json!("auth_expired"), json!("connected")));
    }
}

#[test]
fn where_both_fail_the_exit_code_is_that_of_the_first_and_both_are_told() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.fault(&json!({"route": POSTINGS, "fault": "status", "status": 500, "count": 100}));
    sim.fault(&json!({"route": GRAPHQL, "fault": "status", "status": 403, "count": 100}));
    let scan = prospector.run("scan").expect(5);
    assert_eq!(scan.stdout.matches("  failed: ").count(), 2, "{}", scan.stdout);
    assert_eq!(scan.stdout.matches("  next: ").count(), 2, "{}", scan.stdout);
}

#[test]
fn the_one_that_is_named_is_the_only_one_that_is_asked() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    for only in BOTH {
        sim.control("DELETE", "/requests", &json!({}));
        let scan = prospector.run(&format!("scan --json --platform {only}")).ok().json();
        assert_eq!(texts(&scan["platforms"], "platform"), [only]);
        let status = prospector.run(&format!("status --platform {only}")).ok();
        assert_eq!(status.stdout.matches("Platform: ").count(), 1);
        let strangers: Vec<Value> = sim
            .requests("/")
            .into_iter()
            .filter(|request| !request["origin"].as_str().is_some_and(|origin| origin.starts_with(only)))
            .collect();
        assert!(strangers.is_empty(), "{only}: {strangers:?}");
    }
}

#[test]
fn a_posting_of_one_is_never_taken_for_the_others_of_the_same_identifier() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let first = prospector.run("scan --json --platform freelancer").ok().json();
    let id = of(&first["leads"], "freelancer")[0].to_owned();
    let told = sim.upwork().control("GET", "postings", &Value::Null);
    let some = told["ids"][0].as_str().expect("a posting");
    let mut twin = sim.upwork().control("GET", &format!("postings/{some}"), &Value::Null);
    twin["id"] = id.clone().into();
    twin["title"] = "A namesake".into();
    sim.upwork().control("POST", "postings", &twin);
    let scan = prospector.run("scan --json").ok().json();
    assert_eq!(row(&scan, "freelancer")["changed"], 0);
    let (leads, _) = stored(&prospector);
    for platform in BOTH {
        assert!(of(&leads["leads"], platform).contains(&id.as_str()), "{platform}");
    }
    let ambiguous = prospector.run(&format!("leads show {id}")).expect(9);
    for platform in BOTH {
        assert!(ambiguous.stderr.contains(&format!("{platform}/{id}")), "{platform}: {}", ambiguous.stderr);
    }
    assert!(prospector.run(&format!("leads show upwork/{id}")).ok().stdout.contains("A namesake"));
    assert!(!prospector.run(&format!("leads show freelancer/{id}")).ok().stdout.contains("A namesake"));
}

#[test]
fn what_was_skipped_is_told_with_its_platform_where_there_are_several() {
    let sim = Sim::agreeing();
    let sections = [
        section(sim.freelancer(), "    min_employer_rating: 5.0"),
        section(sim.upwork(), "    min_client_rating: 5.0"),
    ];
    let prospector = at(Home::configured(&platforms(&sections, "")));
    for platform in BOTH {
        let _connected = prospector.connect_to(platform).ok();
    }
    let _scan = prospector.run("scan").ok();
    let skipped = prospector.run("leads skipped --limit 1000").ok().stdout;
    assert!(skipped.starts_with("PLATFORM    ID "), "{skipped}");
    for row in ["\nfreelancer  ", "\nupwork      ", "\nfreelancer: ", "\nupwork: "] {
        assert!(skipped.contains(row), "{row:?}: {skipped}");
    }
    let one = prospector.run("leads skipped --platform upwork").ok().stdout;
    assert!(one.starts_with("ID ") && !one.contains("freelancer"), "{one}");
}

#[test]
fn no_token_of_one_is_ever_sent_to_the_other() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let _scan = prospector.run("scan").ok();
    for platform in [sim.freelancer(), sim.upwork()] {
        platform.expire(false);
    }
    let _scan = prospector.run("scan").ok();
    let _status = prospector.run("status").ok();
    for (mine, theirs) in [(sim.freelancer(), sim.upwork()), (sim.upwork(), sim.freelancer())] {
        let (tokens, requests) = (mine.tokens(), theirs.requests());
        assert!(tokens.len() >= 4 && requests.len() >= 8, "{}: {}, {}", mine.id(), tokens.len(), requests.len());
        for request in requests {
            let whole = request.to_string();
            assert!(!tokens.iter().any(|token| whole.contains(token.as_str())), "{} got {whole}", theirs.id());
        }
        let sent = |request: &Value| request.to_string();
        assert!(mine.requests().iter().any(|request| tokens.iter().any(|token| sent(request).contains(token))));
    }
}

#[test]
fn no_token_and_no_secret_reaches_an_output_a_log_or_a_file() {
    let sim = Sim::with(platform_sim::Options { client_secret: SECRET.to_owned(), auto_consent: true, ..unlimited() });
    let prospector = pointed_at(&sim);
    let mut outcomes: Vec<(String, Outcome)> = Vec::new();
    let mut run = |line: &str| outcomes.push((line.to_owned(), prospector.run_with_secret(line, SECRET)));
    for platform in BOTH {
        run(&format!("connect {platform} --client-id sim-client -vvv"));
    }
    run("scan -vvv");
    // The platform says the token back in its error.
    let token = sim.upwork().tokens()[0].clone();
    for fault in ["status", "error-with-200"] {
        let message = format!("bad token {token}");
        sim.fault(&json!({"route": GRAPHQL, "fault": fault, "status": 500, "message": message, "count": 9}));
        run("scan -vvv");
        run("scan --json -vvv");
        sim.heal();
    }
    sim.upwork().expire(false);
    run("status --json -vvv");
    // A revoked token is forgotten by the simulator, and still a secret.
    let mut secrets: Vec<String> = [sim.freelancer(), sim.upwork()].iter().flat_map(|site| site.tokens()).collect();
    run("disconnect upwork -vvv");
    assert!(secrets.len() >= 6, "there has been a renewal: {secrets:?}");
    secrets.push(SECRET.to_owned());
    for (line, outcome) in &outcomes {
        for secret in &secrets {
            assert!(!outcome.stdout.contains(secret.as_str()), "{line} prints {secret}");
            assert!(!outcome.stderr.contains(secret.as_str()), "{line} logs {secret}: {}", outcome.stderr);
        }
    }
    for (path, (_, bytes)) in prospector.home.contents() {
        let bytes = bytes.unwrap_or_default();
        for secret in &secrets {
            let held = bytes.windows(secret.len()).any(|piece| piece == secret.as_bytes());
            assert!(!held, "{} holds {secret}", path.display());
        }
    }
}

#[test]
fn a_profile_is_filled_from_both_accounts_and_each_skill_comes_once() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let said = prospector.run("profile import --yes").ok().stdout;
    let profile = prospector.run("profile show --json").ok().json();
    let skills = profile["profile"]["skills"].as_array().expect("a list");
    let skills: Vec<&str> = skills.iter().filter_map(|skill| skill["name"].as_str().or(skill.as_str())).collect();
    assert!(skills.contains(&"Rust"), "{said}{profile}");
    let mut once = skills.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), skills.len(), "{skills:?}");
    assert!(holds_one_rate(&profile), "{profile}");
    for platform in BOTH {
        let alone = prospector.run(&format!("profile import --yes --platform {platform}")).ok().stdout;
        assert!(alone.ends_with("Nothing to change.\n"), "{platform}: {alone}");
    }
    let scan = prospector.run("scan --json").ok().json();
    assert_eq!(texts(&scan["platforms"], "platform"), BOTH, "the configuration is still good for both");
}

fn holds_one_rate(profile: &Value) -> bool {
    profile["profile"]["rates"]["hourly"]["preferred"].as_f64().is_some_and(|rate| rate > 0.0)
}
