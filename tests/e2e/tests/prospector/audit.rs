//! `audit`: what was asked with a credential, and what happened to credentials.

use std::time::Instant;

use prospector_e2e::prospector::{finish, wait};
use prospector_e2e::sim::POSTINGS;
use prospector_e2e::{Prospector, Sim};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::support::{connected, pointed_at, scanning_at};

fn rows(prospector: &Prospector, line: &str) -> Vec<Value> {
    prospector.run(line).ok().json()["audit"].as_array().expect("an array").clone()
}

#[test]
fn each_request_with_a_credential_and_each_event_has_a_row_without_a_value() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.freelancer().expire(false);
    let _scanned = prospector.run("scan").ok();
    let _gone = prospector.run("disconnect freelancer").ok();
    let all = rows(&prospector, "audit --json --limit 1000");
    let mut events: Vec<&str> = all.iter().filter_map(|row| row["event"].as_str()).collect();
    events.reverse();
    assert_eq!(events, ["connected", "renewed", "disconnected"]);
    let asked: Vec<&Value> = all.iter().filter(|row| row["method"].is_string()).collect();
    let tokens: Vec<&str> = asked.iter().rev().filter_map(|row| row["credential"].as_str()).collect();
    assert!(tokens.starts_with(&["authorization-code"]), "{tokens:?}");
    assert!(tokens.contains(&"refresh-token"), "{tokens:?}");
    for row in &asked {
        assert!(row["status"].is_u64() && row["duration_us"].as_u64() > Some(0), "{row}");
        assert!(row["bytes_out"].as_u64() > Some(0) && row["host"].as_str().is_some_and(|h| h.contains(':')), "{row}");
        assert!(row["path"].as_str().is_some_and(|path| path.starts_with('/') && !path.contains('?')), "{row}");
    }
    let of = |plugin: &str| asked.iter().filter(|row| row["plugin"] == plugin).count();
    assert_eq!((of("host"), of("host") + of("freelancer")), (2, asked.len()));
    let sent = sim.requests("/oauth/token").len() + sim.requests("/api").len();
    assert_eq!(asked.len(), sent, "as many rows as the platform has met requests: {asked:?}");
    let shown = format!("{all:?}");
    for secret in sim.freelancer().tokens().iter().map(String::as_str).chain(["sim-secret"]) {
        assert!(!shown.contains(secret), "{secret}");
    }
}

#[test]
fn it_is_narrowed_by_time_platform_and_number() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let all = rows(&prospector, "audit --json");
    assert!(all.len() > 2);
    assert_eq!(rows(&prospector, "audit --json --since 1h"), all);
    assert_eq!(rows(&prospector, "audit --json --since 2020-01-01 --platform freelancer"), all);
    assert_eq!(rows(&prospector, "audit --json --limit 2"), all[..2]);
    assert!(rows(&prospector, "audit --json --since 2100-01-01").is_empty());
    assert!(rows(&prospector, "audit --json --platform upwork").is_empty());
    let refused = prospector.run("audit --since yesterday").expect(2);
    assert!(refused.stderr.contains("2026-11-01"), "{}", refused.stderr);
}

#[test]
fn the_table_fits_any_terminal() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let _scanned = prospector.run("scan").ok();
    for columns in [40, 80, 110, 160] {
        let mut command = prospector.command(["audit"]);
        let table = finish(command.env("COLUMNS", columns.to_string())).ok().stdout;
        assert!(table.contains("/oauth/token") || columns < 60, "{table}");
        for line in table.lines() {
            assert!(line.width() <= columns, "{columns}: {line}");
        }
    }
    let empty = pointed_at(&sim).run("audit").ok();
    assert!(empty.stdout.is_empty() && empty.stderr.contains("Nothing"), "{}", empty.stderr);
}

#[test]
fn a_command_that_fails_or_is_interrupted_loses_no_row() {
    let sim = Sim::agreeing();
    let prospector = pointed_at(&sim);
    sim.fault(&json!({"route": "/oauth/token", "fault": "status", "status": 400, "count": 1}));
    let refused = prospector.connect();
    assert_ne!(refused.code, 0);
    let all = rows(&prospector, "audit --json");
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!((all[0]["status"].as_u64(), &all[0]["credential"]), (Some(400), &json!("authorization-code")));

    let _connected = prospector.connect().ok();
    let before = rows(&prospector, "audit --json").len();
    let scan = scanning_at(&sim, &prospector, POSTINGS, 0, 60_000);
    let pid = rustix::process::Pid::from_child(&scan);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    let _interrupted = wait(scan, Instant::now()).expect(130);
    let all = rows(&prospector, "audit --json");
    assert!(all.len() > before, "the interrupted scan has left no row");
    assert_eq!((&all[0]["outcome"], &all[0]["phase"]), (&json!("cancelled"), &json!("search")), "{}", all[0]);
}

#[test]
fn a_dry_run_stores_nothing_and_so_leaves_no_row() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let before = rows(&prospector, "audit --json");
    let _dry = prospector.run("scan --dry-run").ok();
    assert_eq!(rows(&prospector, "audit --json"), before);
}
