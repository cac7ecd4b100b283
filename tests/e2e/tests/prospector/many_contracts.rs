//! A thousand contracts: one pass of pages, and what that costs the host.

use std::collections::BTreeMap;
use std::fs;

use prospector_e2e::home::{platforms, section};
use prospector_e2e::{Home, Prospector, Sim};
use serde_json::{Value, json};

use crate::support::at;

/// Milestones of each contract.
const MILESTONES: u64 = 5;

fn connected(sim: &Sim, platform: &str) -> Prospector {
    let site = if platform == "upwork" { sim.upwork() } else { sim.freelancer() };
    let prospector = at(Home::configured(&platforms(&[section(site, "")], "")));
    let _connected = prospector.connect_to(platform).ok();
    let _none = prospector.run("contracts sync").ok();
    sim.control("DELETE", "/requests", &json!({}));
    prospector
}

/// The requests that arrived, by path or operation.
fn requests(sim: &Sim) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for request in sim.requests("/") {
        let body: Option<Value> = request["body"].as_str().and_then(|body| serde_json::from_str(body).ok());
        let document = body.as_ref().and_then(|body| body["query"].as_str()).unwrap_or_default();
        let operation = document.split(['(', '{', ' ']).filter(|word| !word.is_empty()).nth(1).map(str::to_owned);
        let name = operation.unwrap_or_else(|| request["path"].as_str().unwrap_or_default().to_owned());
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// Seconds of processor that this process' ended children have used.
fn used() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may hold anything: the 16th and 17th fields of all are those of children, in hundredths.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(13);
    let ticks = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

fn followed(count: u64, report: bool) {
    for (platform, most) in [("freelancer", 110 * count / 1000 + 12), ("upwork", 22 * count / 1000 + 8)] {
        let sim = Sim::agreeing();
        let prospector = connected(&sim, platform);
        let wanted = json!({"count": count, "milestones": MILESTONES});
        let _made = sim.control("POST", &format!("/{platform}/contracts"), &wanted);
        let before = used();
        let first = prospector.run("contracts sync --full --json").ok();
        let cost = used().zip(before).map(|(after, before)| after - before);
        let asked = requests(&sim);
        let round = &first.json()["platforms"][0];
        assert_eq!((round["contracts_read"].as_u64(), round["contracts_new"].as_u64()), (Some(count), Some(count)));
        let pages: usize = asked.values().sum();
        assert!(pages as u64 <= most, "{platform}: {asked:?}");
        let milestones = prospector.run("contracts milestones --json").ok().json();
        assert_eq!(milestones["milestones"].as_array().map(|all| all.len() as u64), Some(count * MILESTONES));
        // The same again: all are read, as all may have changed, and nothing is written.
        let again = prospector.run("contracts sync --json").ok();
        let round = again.json()["platforms"][0].clone();
        assert_eq!(
            (round["contracts_new"].as_u64(), round["contracts_changed"].as_u64()),
            (Some(0), Some(0)),
            "{round}"
        );
        if report {
            eprintln!(
                "{platform}: {count} contracts with {MILESTONES} milestones each: {:.2} s in all, {:.2} s of processor, {pages} requests {asked:?}; again {:.2} s",
                first.took.as_secs_f64(),
                cost.unwrap_or(f64::NAN),
                again.took.as_secs_f64()
            );
        }
    }
}

#[test]
fn all_contracts_are_read_in_one_pass_of_pages() {
    followed(230, false);
}

/// `cargo test --workspace --test prospector -- a_thousand_contracts --ignored --nocapture`
#[test]
#[ignore = "prints figures"]
fn a_thousand_contracts_are_followed() {
    followed(1000, true);
}
