//! What a platform's terms do not let be kept is purged in time, and read again when somebody asks.

use prospector_e2e::prospector::finish;
use prospector_e2e::{Outcome, Prospector, Sim};
use serde_json::{Value, json};

use crate::support::{missing, texts};
use crate::upwork::{connected_with, searches};

const PROFILE: &str = "profile:\n  skills: [Rust, React]\n";
const HOUR: i64 = 3_600;

/// A command so many hours later. A release build cannot turn its clock.
fn after(prospector: &Prospector, hours: i64, line: &str) -> Outcome {
    let mut command = prospector.command(line.split_whitespace());
    finish(command.env("GHOSTSTACK_TEST_CLOCK_AHEAD", (hours * HOUR).to_string()))
}

fn clock_turns() -> bool {
    if !cfg!(debug_assertions) {
        missing("a build with debug assertions, whose clock tests can turn");
    }
    cfg!(debug_assertions)
}

/// All that is on the disk, as text.
fn on_disk(prospector: &Prospector) -> String {
    let folder = prospector.home.path().join("prospector");
    let files = ["store.db", "store.db-wal"].map(|name| std::fs::read(folder.join(name)).unwrap_or_default());
    files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat()
}

#[test]
fn texts_are_purged_after_a_day_and_fetched_again_on_demand() {
    if !clock_turns() {
        return;
    }
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", PROFILE);
    let scan = prospector.run("scan --json").ok().json();
    let id = texts(&scan["leads"], "id")[0].to_owned();
    let show = |hours| after(&prospector, hours, &format!("leads show {id} --json")).ok().json();
    let before = show(0);
    let description = before["posting"]["description"].as_str().expect("a text").to_owned();
    let title = before["title"].as_str().expect("a title").to_owned();
    let _starred = prospector.run(&format!("leads mark {id} starred")).ok();

    // Any command that writes makes room, none that reads does.
    let listed = |hours| after(&prospector, hours, "leads list --json --min-score 0 --limit 1000").ok().json();
    let of =
        |list: &Value| list["leads"].as_array().into_iter().flatten().find(|lead| lead["id"] == id.as_str()).cloned();
    let _other = after(&prospector, 23, &format!("leads tag {id} +kept")).ok();
    assert_eq!(of(&listed(23)).expect("listed")["title"], title.as_str(), "not too early");
    let other = texts(&scan["leads"], "id")[1].to_owned();
    let _other = after(&prospector, 25, &format!("leads tag {other} +x")).ok();
    let purged = of(&listed(25)).expect("listed");
    assert_eq!((&purged["title"], purged["purged_at"].is_number()), (&json!(""), true));
    assert_eq!((&purged["score"], &purged["breakdown"]), (&before["score"], &before["breakdown"]));
    assert_eq!(
        (&purged["mark"], &purged["tags"], &purged["url"]),
        (&json!("starred"), &json!(["kept"]), &before["url"])
    );
    let table = after(&prospector, 25, "leads list --min-score 0 --limit 3").ok().stdout;
    assert!(table.contains("(text no longer kept"), "{table}");
    assert!(after(&prospector, 25, &format!("leads explain {id}")).ok().stdout.contains("no longer kept"));

    let again = show(25);
    assert_eq!(
        (again["posting"]["description"].as_str(), again["title"].as_str()),
        (Some(&*description), Some(&*title))
    );
    assert_eq!(
        (&again["score"], &again["posting"]["competition"]),
        (&before["score"], &before["posting"]["competition"])
    );
    assert!(again["purged_at"].is_null());
    let asked = sim.requests("/graphql");
    assert!(asked.iter().any(|request| request["body"].to_string().contains("marketplaceJobPosting(id: $id)")));
    let searched = searches(&sim).len();
    let _other = after(&prospector, 48, &format!("leads tag {other} +y")).ok();
    assert_eq!(
        of(&listed(48)).expect("listed")["title"],
        title.as_str(),
        "what was fetched is kept for a day in its turn"
    );
    let _other = after(&prospector, 50, &format!("leads tag {other} +z")).ok();
    assert_eq!(of(&listed(50)).expect("listed")["title"], "");
    assert_eq!(searches(&sim).len(), searched, "nothing else was asked for");

    let _scanned = after(&prospector, 51, "scan").ok();
    let scanned = of(&listed(51)).expect("listed");
    assert_eq!((scanned["title"].as_str(), &scanned["mark"]), (Some(&*title), &json!("starred")));
}

#[test]
fn what_was_purged_is_on_no_disk() {
    if !clock_turns() {
        return;
    }
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", PROFILE);
    let id = texts(&prospector.run("scan --json").ok().json()["leads"], "id")[0].to_owned();
    let shown = prospector.run(&format!("leads show {id} --json")).ok().json();
    let description = shown["posting"]["description"].as_str().expect("a text");
    let piece: String =
        description.chars().filter(char::is_ascii).take_while(|c| !c.is_control() && *c != '"').take(60).collect();
    assert!(piece.len() > 20 && on_disk(&prospector).contains(&piece), "{piece:?}");
    let _marked = after(&prospector, 30, &format!("leads mark {id} seen")).ok();
    assert!(!on_disk(&prospector).contains(&piece), "{piece:?} is still there");
}

#[test]
fn where_the_platform_does_not_serve_the_figures_are_shown_and_the_reason_is_told() {
    if !clock_turns() {
        return;
    }
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", PROFILE);
    let id = texts(&prospector.run("scan --json").ok().json()["leads"], "id")[0].to_owned();
    let _marked = after(&prospector, 30, &format!("leads mark {id} seen")).ok();
    let down = json!({"route": "/graphql", "fault": "status", "status": 503});
    sim.fault(&json!([down, down, down]));
    let shown = after(&prospector, 30, &format!("leads show {id}")).ok();
    assert!(shown.stdout.contains("skill_match"), "{}", shown.stdout);
    assert!(shown.stderr.contains("could not be fetched again"), "{}", shown.stderr);
}

#[test]
fn a_platform_that_sets_no_bound_keeps_its_texts() {
    if !clock_turns() {
        return;
    }
    let sim = Sim::agreeing();
    let prospector = crate::support::connected_with(&sim, "", PROFILE);
    let scan = prospector.run("scan --json").ok().json();
    let id = texts(&scan["leads"], "id")[0].to_owned();
    let _marked = after(&prospector, 24 * 400, &format!("leads mark {id} seen")).ok();
    let listed = after(&prospector, 24 * 400, "leads list --json --limit 1").ok().json();
    assert_eq!(listed["leads"][0]["title"], scan["leads"][0]["title"]);
}
