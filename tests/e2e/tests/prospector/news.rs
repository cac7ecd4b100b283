//! `scan --new`: only what is new or changed, and going on where a scan was cut off.

use std::time::{SystemTime, UNIX_EPOCH};

use prospector_e2e::Sim;
use prospector_e2e::sim::POSTINGS;
use serde_json::{Value, json};

use crate::both_platforms;
use crate::support::{connected, connected_with, scanning_at, texts};

fn count(row: &Value, field: &str) -> u64 {
    row[field].as_u64().unwrap_or_else(|| panic!("no {field}: {row}"))
}

#[test]
fn after_a_scan_both_platforms_are_asked_only_for_what_came_since() {
    let sim = Sim::agreeing();
    let prospector = both_platforms::connected(&sim);
    let all = prospector.run("scan --json").ok().json();
    let news = prospector.run("scan --new --json").ok().json();
    for (all, news) in
        all["platforms"].as_array().into_iter().flatten().zip(news["platforms"].as_array().into_iter().flatten())
    {
        assert_eq!(all["since"], Value::Null, "{all}");
        assert!(count(news, "since") > 0, "{news}");
        assert!(count(news, "fetched") * 4 < count(all, "fetched"), "{all} {news}");
        assert_eq!((&news["new"], &news["changed"], &news["error"]), (&json!(0), &json!(0), &Value::Null));
    }
    // What is listed stays: nothing that was left out has gone.
    let listed = prospector.run("leads list --json --min-score 0 --limit 1000").ok().json();
    assert_eq!(texts(&listed["leads"], "id").len(), texts(&all["leads"], "id").len());
    assert_eq!(
        prospector.run("scan --json").ok().json()["platforms"][0]["since"],
        Value::Null,
        "without it everything is"
    );
}

#[test]
fn what_the_platform_counts_as_changed_is_fetched_and_scored_again() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let all = prospector.run("scan --json").ok().json();
    let id = all["leads"][3]["id"].as_str().expect("a lead");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    sim.control(
        "PATCH",
        &format!("/freelancer/projects/{id}"),
        &json!({"budget": {"minimum": 12345.0, "maximum": 23456.0}, "time_updated": now}),
    );
    let news = prospector.run("scan --new --json").ok().json();
    assert_eq!(news["platforms"][0]["changed"], json!(1), "{}", news["platforms"]);
    assert!(texts(&news["leads"], "id").contains(&id) || texts(&news["skipped"], "id").contains(&id));
}

#[test]
fn a_scan_that_was_killed_is_gone_on_with_at_its_next_page() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let mut first = scanning_at(&sim, &prospector, POSTINGS, 1, 30_000);
    first.kill().expect("it runs");
    first.wait().expect("it ended");
    sim.heal();
    sim.control("DELETE", "/requests", &json!({}));
    let on = prospector.run("scan --new --json").ok().json();
    let row = &on["platforms"][0];
    let before = count(row, "resumed_after");
    assert!(before > 0, "{row}");
    assert_eq!(row["fetched"], row["new"], "nothing is fetched twice: {row}");
    let first_asked = sim.requests(POSTINGS)[0].clone();
    assert!(first_asked.to_string().contains(&format!("offset={before}")), "{first_asked}");
    let listed = prospector.run("leads list --json --min-score 0 --limit 1000").ok().json();
    let skipped = prospector.run("leads skipped --json --limit 1000").ok().json();
    let stored = texts(&listed["leads"], "id").len() + texts(&skipped["skipped"], "id").len();
    let whole = prospector.run("scan --json").ok().json();
    assert_eq!(stored as u64, count(&whole["platforms"][0], "fetched"), "{row}");
    assert_eq!(whole["platforms"][0]["new"], json!(0));
}

#[test]
fn nothing_new_is_said_in_words_and_other_settings_are_looked_at_whole() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", "");
    let _all = prospector.run("scan").ok();
    let told = prospector.run("scan --new").ok().stdout;
    assert!(told.contains("what is unchanged since 20") && told.contains("was left out"), "{told}");
    prospector.home.configure(&prospector_e2e::home::configuration(&sim, "", "profile: {skills: [Rust]}\n"));
    let whole = prospector.run("scan --new --json").ok().json();
    assert_eq!(whole["platforms"][0]["since"], Value::Null);
    assert!(prospector.run("scan --new --dry-run").expect(2).stderr.contains("--dry-run"));
}
