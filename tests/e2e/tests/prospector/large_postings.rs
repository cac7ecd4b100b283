//! Postings that are too large for the 8 MiB of an answer: they cost themselves, and not the scan.

use std::collections::BTreeSet;
use std::fs;

use platform_sim::Options;
use prospector_e2e::Sim;
use prospector_e2e::home::{platforms, section};
use prospector_e2e::sim::{GRAPHQL, POSTINGS, unlimited};
use prospector_e2e::{Home, Prospector};
use serde_json::{Value, json};

use crate::support::{at, texts};
use crate::upwork::{holds, node};

/// Postings of each platform.
const ALL: u64 = 220;

/// The platforms, each with the number that its first posting has.
const PLATFORMS: [(&str, u64); 2] = [("freelancer", 1000), ("upwork", 5000)];

/// Those with a description of 10 MB: one alone, one beside another, and the last.
const LONG: [u64; 4] = [37, 137, 138, 219];

/// The one with a title of 10 MB, which nothing can be left out of.
const HOPELESS: u64 = 60;

fn huge() -> String {
    "All of it matters. ".repeat(10_000_000 / 19)
}

/// Fills what a posting says, of which the number is its place in the list.
fn written(mut posting: Value, number: u64) -> Value {
    posting["title"] = if number == HOPELESS { huge() } else { format!("Posting {number}") }.into();
    posting["description"] = if LONG.contains(&number) { huge() } else { "Plain work.".to_owned() }.into();
    posting
}

/// A simulator that serves them on both platforms.
fn serving() -> (Sim, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a directory");
    let write = |name: &str, posting: &dyn Fn(u64) -> Value| {
        let file = folder.path().join(name);
        let lines: String = (0..ALL).map(|number| format!("{}\n", written(posting(number), number))).collect();
        fs::write(&file, lines).expect("the postings can be written");
        file
    };
    let freelancer_data = write("projects.jsonl", &|number| {
        let time = 1_790_000_000 - number;
        json!({"id": PLATFORMS[0].1 + number, "status": "active", "frontend_project_status": "open", "type": "fixed", "preview_description": "The beginning.",
            "time_submitted": time, "submitdate": time, "time_updated": time})
    });
    let upwork_data = write("nodes.jsonl", &|number| {
        node(
            PLATFORMS[1].1 + number,
            "",
            &format!("2026-02-20T{:02}:{:02}:00+0000", 23 - number / 60, 59 - number % 60),
        )
    });
    let data = Options { freelancer_data: Some(freelancer_data), upwork_data: Some(upwork_data), ..unlimited() };
    (Sim::with(Options { auto_consent: true, ..data }), folder)
}

fn connected(sim: &Sim) -> Prospector {
    let sections = [section(sim.freelancer(), ""), section(sim.upwork(), "")];
    let prospector = at(Home::configured(&platforms(&sections, "")));
    for (platform, _) in PLATFORMS {
        let _connected = prospector.connect_to(platform).ok();
    }
    sim.control("DELETE", "/requests", &json!({}));
    prospector
}

#[test]
fn a_posting_of_10_mb_loses_its_description_and_the_scan_nothing() {
    let (sim, _folder) = serving();
    let prospector = connected(&sim);
    let scan = prospector.run("scan --json").ok().json();
    holds(&scan);
    for (row, (platform, first)) in scan["platforms"].as_array().expect("an array").iter().zip(PLATFORMS) {
        assert!(row["platform"] == platform && row["error"].is_null() && row["fetched"] == ALL, "{row}");
        let notices = texts(&row["notices"], "message");
        let named = |number: u64| notices.iter().any(|notice| notice.contains(&(first + number).to_string()));
        assert!(LONG.iter().all(|number| named(*number)), "{notices:?}");
    }
    for (platform, first) in PLATFORMS {
        let of = |list: &str, field: &str| -> Vec<String> {
            let rows = scan[list].as_array().into_iter().flatten().filter(|row| row["platform"] == platform);
            rows.filter_map(|row| row[field].as_str().map(str::to_owned)).collect()
        };
        let leads: BTreeSet<String> = of("leads", "id").into_iter().collect();
        let expected: BTreeSet<String> =
            (0..ALL).filter(|number| *number != HOPELESS).map(|number| (first + number).to_string()).collect();
        assert_eq!(leads, expected);
        let reasons = of("skipped", "reason");
        assert!(
            matches!(&reasons[..], [reason] if reason.contains("place 61 of its list is too large")),
            "{reasons:?}"
        );

        let show =
            |number: u64| prospector.run(&format!("leads show {platform}/{} --json", first + number)).ok().json();
        for number in 0..ALL {
            if LONG.contains(&number) || number % 50 == 1 {
                let posting = show(number)["posting"].clone();
                let text = posting["description"].as_str().expect("a text").to_owned();
                assert_eq!(text.contains("description was left out"), LONG.contains(&number), "{number}: {text}");
            }
        }
    }
    // Three pages or five; each posting that is too large takes at most eight halvings of two requests.
    let most = 5 + (LONG.len() + 1) * 16;
    for route in [POSTINGS, GRAPHQL] {
        let asked = sim.requests(route).len();
        assert!(asked <= most, "{asked} requests of {route}");
    }
    let again = prospector.run("scan --json").ok().json();
    for row in again["platforms"].as_array().expect("an array") {
        assert_eq!((&row["new"], &row["changed"]), (&0.into(), &0.into()), "{row}");
    }
}

#[test]
fn after_a_posting_that_is_too_large_pages_have_their_size_again() {
    let (sim, _folder) = serving();
    let _scanned = connected(&sim).run("scan").ok();
    let rows = |offset: &str| -> Vec<u64> {
        let requests = sim.requests(POSTINGS);
        let of = |request: &Value| {
            let parameters = request["query"].as_str()?.split('&').filter_map(|pair| pair.split_once('='));
            let parameters: Vec<(&str, &str)> = parameters.collect();
            let value = |name: &str| parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            (value("offset") == Some(offset)).then(|| value("limit").and_then(|rows| rows.parse().ok()))?
        };
        requests.iter().filter_map(of).collect()
    };
    assert_eq!(rows("0").iter().take(3).copied().collect::<Vec<_>>(), [100, 50, 25]);
    assert_eq!(rows("100").first(), Some(&100));
    assert_eq!(rows("200").first(), Some(&100));
}
