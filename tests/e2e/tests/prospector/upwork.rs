//! Upwork, from the outside. What both platforms have in common is shown with Freelancer in the other files; here is what is Upwork's own,
//! and what its GraphQL makes different.

mod connecting;
mod data;
mod faults;
mod limits;
mod real_data;
mod searching;
mod sizes;
mod undated;

use std::collections::BTreeSet;

use platform_sim::Options;
use prospector_e2e::home::{platforms, section};
use prospector_e2e::sim::{GRAPHQL, unlimited};
use prospector_e2e::{Home, Prospector, Sim};
use serde_json::{Value, json};

pub use self::data::node;
use crate::support::{at, hundredths, texts};

/// The program, its configuration pointing Upwork at a simulator, not connected.
pub fn pointed_at(sim: &Sim) -> Prospector {
    at(Home::configured(&configuration(sim, "", "")))
}

/// The program, connected to a simulator that agrees. `lines` are further lines of Upwork's section, `rest` further sections.
pub fn connected_with(sim: &Sim, lines: &str, rest: &str) -> Prospector {
    let prospector = at(Home::configured(&configuration(sim, lines, rest)));
    let _connected = prospector.connect_to("upwork").ok();
    sim.control("DELETE", "/requests", &json!({}));
    prospector
}

pub fn connected(sim: &Sim) -> Prospector {
    connected_with(sim, "", "")
}

fn configuration(sim: &Sim, lines: &str, rest: &str) -> String {
    platforms(&[section(sim.upwork(), lines)], rest)
}

/// A simulator that serves these nodes alone.
fn serving(prospectors_neighbour: &std::path::Path) -> Sim {
    Sim::with(Options { auto_consent: true, upwork_data: Some(prospectors_neighbour.to_owned()), ..unlimited() })
}

/// The filters of the searches that were received, oldest first; the trial searches of `status` are not among them.
pub fn searches(sim: &Sim) -> Vec<Value> {
    sim.requests(GRAPHQL)
        .iter()
        .filter_map(|request| serde_json::from_str::<Value>(request["body"].as_str()?).ok())
        .filter(|body| body["query"].as_str().is_some_and(|document| document.contains("totalApplicants")))
        .map(|body| body["variables"]["filter"].clone())
        .collect()
}

/// One scan's document, which is complete and true: no error, each posting once, as a lead or skipped with a reason, and all points
/// add up.
#[track_caller]
pub fn scanned(prospector: &Prospector) -> Value {
    let scan = prospector.run("scan --json").ok().json();
    let row = &scan["platforms"][0];
    assert!(row["error"].is_null(), "{row}");
    holds(&scan);
    scan
}

/// Whether each posting is there once, as a lead or skipped with a reason, and all points add up.
#[track_caller]
pub fn holds(scan: &Value) {
    let ids = ids(scan);
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len(), "an identifier is there twice");
    let fetched: u64 =
        scan["platforms"].as_array().into_iter().flatten().filter_map(|row| row["fetched"].as_u64()).sum();
    assert_eq!(fetched, ids.len() as u64, "{}", scan["platforms"]);
    for lead in scan["leads"].as_array().expect("an array") {
        let of = |name: &str| {
            lead[name].as_array().into_iter().flatten().map(|line| hundredths(&line["points"])).sum::<i64>()
        };
        assert_eq!(of("breakdown") + of("adjustments"), hundredths(&lead["score"]), "{lead}");
    }
    for skipped in scan["skipped"].as_array().expect("an array") {
        assert!(skipped["reason"].as_str().is_some_and(|reason| reason.len() > 5), "{skipped}");
    }
}

/// The identifiers of leads and skipped postings.
pub fn ids(scan: &Value) -> Vec<&str> {
    texts(&scan["leads"], "id").into_iter().chain(texts(&scan["skipped"], "id")).collect()
}

/// How many postings were skipped by a filter.
pub fn skipped_by(scan: &Value, filter: &str) -> usize {
    texts(&scan["skipped"], "filter").into_iter().filter(|by| *by == filter).count()
}

/// What a scan's notices say, one a line.
pub fn notices(scan: &Value) -> String {
    let lines: Vec<String> = scan["platforms"][0]["notices"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|notice| {
            let of = |name: &str| notice[name].as_str().unwrap_or_default().to_owned();
            format!("{} ({}): {}", of("title"), of("subject"), of("message"))
        })
        .collect();
    lines.join("\n")
}
