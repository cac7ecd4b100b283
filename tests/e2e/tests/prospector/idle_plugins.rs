//! Installed plugins that the configuration does not name: known by their records, and loaded where somebody names them.

use std::fs;

use prospector_e2e::Board;
use prospector_e2e::board::KEY;
use prospector_e2e::prospector::finish;
use serde_json::Value;

use crate::support::missing;
use crate::third_platform::{connect, installed};

#[test]
fn one_that_no_section_names_works_where_it_is_named_and_is_looked_at_by_who_looks_at_all() {
    let board = Board::with(3);
    let prospector = installed(&board, "");
    let _connected = connect(&prospector, KEY).ok();
    let _scanned = prospector.run("scan").ok();
    prospector.home.configure("{}");
    assert!(prospector.run("status --platform jobboard --offline").ok().stdout.contains("Status: Connected"));
    assert!(prospector.run("plugins inspect jobboard").ok().stdout.contains("https://api.jobboard.example"));
    assert!(prospector.run("config show").ok().stdout.contains("platforms.jobboard.min_hourly_usd"));
    assert!(
        prospector.run("leads list --platform jobboard --min-score 0").ok().stdout.contains("Rust plugin number 0")
    );
    assert!(!prospector.run("status --offline").expect(4).stdout.contains("Job Board"));
    fs::write(prospector.home.path().join("plugins/jobboard.wasm"), b"other").expect("written");
    let shown = prospector.run("status --platform jobboard").expect(6);
    assert!(shown.stdout.contains("is not the one that was installed"), "{}", shown.stdout);
    for (line, code) in [("plugins list", 0), ("doctor --offline", 1)] {
        let told = prospector.run(line).expect(code).stdout;
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("is not the one that was installed"), "{line}: {told}");
    }
    let _unharmed = prospector.run("status --offline").expect(4);
}

#[test]
fn a_record_of_an_earlier_version_is_read_and_its_plugin_asked_what_the_record_lacks() {
    let board = Board::with(2);
    let prospector = installed(&board, "    tags: [rust]");
    let file = prospector.home.path().join("plugins.lock");
    let mut lock: Value = serde_json::from_slice(&fs::read(&file).expect("a lock file")).expect("JSON");
    lock["version"] = 2.into();
    let recorded =
        lock["plugins"]["jobboard"].as_object_mut().expect("a record").remove("described").expect("described");
    assert!(recorded["settings"].as_str().is_some_and(|schema| schema.contains("min_hourly_usd")), "{recorded}");
    fs::write(&file, lock.to_string()).expect("written");
    prospector.home.configure("{}");
    assert!(prospector.run("config show").ok().stdout.contains("platforms.jobboard.min_hourly_usd"));
    assert!(prospector.run("status --platform jobboard --offline").expect(4).stdout.contains("Example Job Board"));
    // One that was written over is not believed.
    lock["version"] = 3.into();
    lock["plugins"]["jobboard"]["described"] = serde_json::json!({"settings": "{}"});
    fs::write(&file, lock.to_string()).expect("written");
    let told = prospector.run("status --platform jobboard").expect(6);
    assert!(told.stdout.contains("is not what was recorded"), "{}", told.stdout);
}

#[test]
fn what_it_found_is_kept_no_longer_than_its_record_allows() {
    if !cfg!(debug_assertions) {
        missing("a build with debug assertions, whose clock tests can turn");
        return;
    }
    let board = Board::with(1);
    let prospector = installed(&board, "");
    let _connected = connect(&prospector, KEY).ok();
    let _scanned = prospector.run("scan").ok();
    let file = prospector.home.path().join("plugins.lock");
    let mut lock: Value = serde_json::from_slice(&fs::read(&file).expect("a lock file")).expect("JSON");
    lock["plugins"]["jobboard"]["described"]["content_retention"] = 3600.into();
    fs::write(&file, lock.to_string()).expect("written");
    prospector.home.configure("{}");
    let title_after = |seconds: &str| {
        // A command that writes makes room.
        let mut tag = prospector.command(["leads", "tag", "j-0", "+kept"]);
        let _tagged = finish(tag.env("GHOSTSTACK_TEST_CLOCK_AHEAD", seconds)).ok();
        let listed = prospector.run("leads list --json --min-score 0").ok().json();
        listed["leads"][0]["title"].as_str().expect("a title").to_owned()
    };
    assert_eq!(title_after("3000"), "Rust plugin number 0");
    assert_eq!(title_after("4000"), "");
}
