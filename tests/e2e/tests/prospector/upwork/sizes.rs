//! How many requests a scan takes, and what happens beyond the rows that Upwork gives of one query.

use std::collections::BTreeMap;

use prospector_e2e::Sim;
use serde_json::Value;

use super::data::{many, write};
use super::{connected, connected_with, ids, notices, scanned, searches, serving};

/// Rows that are asked for at once. Upwork documents no bound; 50 is known to work.
const PAGE: usize = 50;

fn of(nodes: &[Value]) -> (Sim, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("nodes.jsonl");
    write(nodes, &file);
    (serving(&file), folder)
}

/// How often each offset was asked for, of each query.
fn windows(sim: &Sim) -> BTreeMap<(String, String), usize> {
    let mut windows = BTreeMap::new();
    for mut search in searches(sim) {
        let page = search["pagination_eq"].take();
        assert!(page["first"].as_u64() <= Some(PAGE as u64), "{page}");
        *windows.entry((search.to_string(), page["after"].to_string())).or_default() += 1;
    }
    windows
}

#[test]
fn a_full_scan_of_a_thousand_postings_takes_the_requests_that_its_pages_need() {
    let (sim, _folder) = of(&many(1000));
    let scan = scanned(&connected(&sim));
    assert_eq!(ids(&scan).len(), 1000);
    assert_eq!(searches(&sim).len(), 1000 / PAGE);
    // Nothing else was asked of the API.
    assert_eq!(sim.upwork().requests().len(), 1000 / PAGE);
    assert!(windows(&sim).values().all(|times| *times == 1), "{:?}", windows(&sim));
}

#[test]
fn a_thousand_postings_of_two_levels_take_a_request_more_for_each_level_at_most() {
    let (sim, _folder) = of(&many(1500));
    let scan = scanned(&connected_with(&sim, "    experience_level: [entry, expert]", ""));
    assert_eq!(ids(&scan).len(), 1000);
    assert!(searches(&sim).len() <= 1000 / PAGE + 2, "{}", searches(&sim).len());
    assert!(windows(&sim).values().all(|times| *times == 1), "{:?}", windows(&sim));
}

#[test]
fn more_rows_than_upwork_gives_of_a_query_are_asked_for_by_category_and_none_comes_twice() {
    let (sim, _folder) = of(&many(5_400));
    let scan = scanned(&connected_with(&sim, "    max_results_per_scan: 10000", ""));
    assert_eq!(ids(&scan).len(), 5_400, "{}", notices(&scan));
    let split = searches(&sim).iter().filter(|search| !search["categoryIds_any"].is_null()).count();
    assert!(split > 0, "the query was not split");
    let said = notices(&scan);
    assert!(said.contains("5000"), "the split is not told: {said}");
}

#[test]
fn answers_that_are_all_as_large_as_the_host_takes_cost_no_scan() {
    // Three of them are more than a call may hand over, however little is kept of it.
    let mut nodes = many(3 * PAGE as u64);
    for node in &mut nodes {
        node["title"] = Value::from("A long title ".repeat(12_000));
    }
    let (sim, _folder) = of(&nodes);
    let scan = scanned(&connected(&sim));
    assert_eq!((ids(&scan).len(), searches(&sim).len()), (3 * PAGE, 3));
}
