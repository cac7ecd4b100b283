//! Postings that do not say when they were published.

use serde_json::Value;

use super::data::{node, write};
use super::{connected, holds, ids, scanned, serving};

/// Nodes of which every second one has no date at all, in the order of their numbers.
fn half_undated(count: u64) -> Vec<Value> {
    (0..count)
        .map(|number| {
            let mut node = node(2_030_000_000_000_000_000 + number, "A job", "2026-02-20T08:00:00+0000");
            if number % 2 == 1 {
                for field in ["createdDateTime", "publishedDateTime", "renewedDateTime"] {
                    node.as_object_mut().expect("an object").remove(field);
                }
            }
            node
        })
        .collect()
}

#[test]
fn postings_without_a_date_are_leads_of_unknown_age_that_come_last_of_their_score() {
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("nodes.jsonl");
    write(&half_undated(120), &file);
    let sim = serving(&file);
    let prospector = connected(&sim);
    let scan = scanned(&prospector);
    assert_eq!((scan["leads"].as_array().map(Vec::len), ids(&scan).len()), (Some(120), 120));
    let undated = |lead: &Value| lead["id"].as_str().is_some_and(|id| id.ends_with(['1', '3', '5', '7', '9']));
    for lead in scan["leads"].as_array().expect("an array") {
        let line = &lead["breakdown"].as_array().expect("lines")[3];
        let missing = line["missing"].as_array().is_some_and(|missing| missing.contains(&"posted_at".into()));
        assert_eq!((line["signal"].as_str(), missing), (Some("competition"), undated(lead)), "{line}");
    }
    let id = scan["leads"].as_array().into_iter().flatten().find(|lead| undated(lead)).expect("one")["id"].clone();
    let id = id.as_str().expect("an identifier");
    let shown = prospector.run(&format!("leads show {id} --json")).ok().json();
    assert!(shown["posting"]["posted_at"].is_null() && shown["posting"].get("posted_at").is_some(), "{shown}");
    let shown = prospector.run(&format!("leads show {id}")).ok().stdout;
    assert!(shown.contains("posted        unknown"), "{shown}");

    let again = prospector.run("scan --json").ok().json();
    holds(&again);
    assert_eq!((&again["platforms"][0]["new"], &again["platforms"][0]["changed"]), (&0.into(), &0.into()));
}
