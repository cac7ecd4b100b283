//! Filters and scorers that are installed, and listed by their ids: from the question to the scan, and what keeps another one from being run.

use std::fs;

use ghoststack::plugin::digest::Digest;
use prospector_e2e::home::configuration;
use prospector_e2e::prospector::finish;
use prospector_e2e::{Outcome, Prospector, Sim, Terminal};
use serde_json::{Value, json};

use crate::registry::server::{Beside, Server};
use crate::registry::{empty, file, says};
use crate::support::{
    board_component, changed, connected_with, filter_module, recorded, renamed, scorer_module, texts,
};

const LIMIT: &str = "    max_results_per_scan: 300";

fn install(prospector: &Prospector, path: &std::path::Path) -> Outcome {
    prospector.run(&format!("plugins install --yes {}", path.display()))
}

/// The row of a plugin in `plugins list --json`.
fn row(prospector: &Prospector, id: &str) -> Value {
    let listed = prospector.run("plugins list --json").ok().json();
    let rows = listed["plugins"].as_array().expect("plugins").clone();
    rows.into_iter().find(|row| row["id"] == id).unwrap_or_default()
}

/// What the program prints to be added to the configuration.
fn to_add(installed: &Outcome) -> String {
    let (_, lines) = installed.stderr.split_once("prospector.yaml:\n").expect("it says what to add");
    lines.lines().map(|line| format!("{}\n", line.strip_prefix("  ").expect("it is indented"))).collect()
}

#[test]
fn a_core_module_is_encoded_shown_agreed_to_recorded_and_run_by_the_lines_that_are_printed() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, LIMIT, "profile: {skills: [Rust]}\n");
    let path = scorer_module().display().to_string();
    let unasked = prospector.run(&format!("plugins install {path}")).expect(2);
    says(
        &unasked,
        &[
            "Taste 0.1.0 (`taste`)",
            "It is a scorer, and pure: it imports no function",
            "It can reach nothing: no host, no file, no account of yours.",
            "Settings that it takes:\n",
            "dream_points: ",
            "--yes",
        ],
    );
    assert!(recorded(&prospector, "taste").is_null());
    let mut terminal = Terminal::start(&mut prospector.command(["plugins", "install", &path]));
    terminal.wait_for("Install it? [y/N] ");
    terminal.type_in("n\r");
    assert_eq!(terminal.end().0, 1);
    assert!(recorded(&prospector, "taste").is_null());

    let installed = install(&prospector, scorer_module()).ok();
    says(&installed, &["is installed.", "To have it run in scans, in "]);
    let entry = recorded(&prospector, "taste");
    let kept = fs::read(prospector.home.path().join("plugins/taste.wasm")).expect("it is kept");
    assert_eq!((&entry["world"], &entry["granted"]["routes"]), (&json!("scorer"), &json!([])));
    assert_eq!(entry["source_sha256"], json!(Digest::of(&fs::read(scorer_module()).expect("the module"))));
    assert_eq!(entry["component_sha256"], json!(Digest::of(&kept)));
    assert_ne!(entry["source_sha256"], entry["component_sha256"]);
    let shown = row(&prospector, "taste");
    assert_eq!((&shown["source"], &shown["pure"], &shown["listed"]), (&json!("installed"), &json!(true), &json!([])));
    says(&prospector.run("plugins list").ok(), &["unsigned, not listed in the configuration"]);

    let rest = format!("profile: {{skills: [Rust]}}\n{}", to_add(&installed));
    prospector.home.configure(&configuration(&sim, LIMIT, &rest));
    let valid = prospector.run("config validate").ok();
    assert!(!valid.stderr.contains("warning") && !valid.stdout.contains("warning"), "{rest}: {valid:?}");
    let scan = prospector.run("scan --json").ok().json();
    let breakdown = scan["leads"][0]["breakdown"].as_array().expect("a breakdown");
    let own = breakdown.iter().find(|line| line["signal"] == "taste").expect("its signal");
    assert!(own["weight"].as_f64().is_some_and(|weight| weight > 0.0), "{own}");
    assert_eq!(row(&prospector, "taste")["listed"], json!(["plugins.scorers[0]"]));
    says(
        &prospector.run("plugins inspect taste").ok(),
        &["world        scorer (installed)", "it is pure", "plugins.scorers[0]"],
    );
    says(&prospector.run("doctor --offline"), &["1 of them installed"]);
    // The very same file once more is no question.
    says(&prospector.run(&format!("plugins install {path}")).ok(), &["is installed already, by just this file"]);
}

#[test]
fn a_filter_that_is_listed_by_its_id_drops_with_its_own_settings_and_a_component_says_that_it_is_not_pure() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, LIMIT, "");
    let installed = install(&prospector, filter_module()).ok();
    assert_eq!(to_add(&installed), "plugins:\n  filters: [{ plugin: redflags }]\n");
    let listed = |settings: &str| {
        let rest = format!("plugins: {{filters: [{{plugin: redflags, settings: {settings}}}]}}\n");
        prospector.home.configure(&configuration(&sim, LIMIT, &rest));
    };
    listed("{max_capitals: 0.9}");
    let lenient = prospector.run("scan --json").ok().json();
    listed("{max_capitals: 0.1}");
    let strict = prospector.run("scan --json").ok().json();
    let dropped =
        |scan: &Value| texts(&scan["skipped"], "filter").iter().filter(|of| of.starts_with("redflags/")).count();
    assert!(dropped(&strict) > dropped(&lenient), "{} {}", dropped(&strict), dropped(&lenient));
    listed("{max_capital: 1}");
    says(&prospector.run("scan").expect(3), &["plugins.filters[0].settings.max_capital", "max_capitals"]);

    let component = std::path::Path::new(concat!(env!("OUT_DIR"), "/taste-component.wasm"));
    says(&install(&prospector, component).ok(), &["It is a scorer. It imports functions", "wasi:"]);
}

#[test]
fn what_is_wrong_with_an_entry_is_said_at_its_place() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, LIMIT, "");
    let _installed = (install(&prospector, filter_module()).ok(), install(&prospector, board_component()).ok());
    for (listed, place, why) in [
        ("filters: [{plugin: redflag}]", "plugins.filters[0].plugin", "no installed plugin has the id `redflag`"),
        ("filters: [{plugin: redflag}]", "plugins.filters[0].plugin", "installed filters: redflags"),
        ("scorers: [{plugin: redflags}]", "plugins.scorers[0].plugin", "is a filter, and a scorer is wanted here"),
        ("filters: [{plugin: jobboard}]", "plugins.filters[0].plugin", "is a platform, and a filter is wanted here"),
        ("filters: [{plugin: redflags, file: a.wasm}]", "plugins.filters[0].plugin", "both `file` and `plugin`"),
        ("filters: [{settings: {}}]", "plugins.filters[0]", "neither which file nor which installed plugin"),
        (
            &format!("filters: [{{plugin: redflags, sha256: {}}}]", "0".repeat(64)),
            "plugins.filters[0].sha256",
            "plugins.lock",
        ),
        ("filters: [{plugin: ../x}]", "plugins.filters[0].plugin", "the id of an installed plugin"),
        ("filters: [{plugn: redflags}]", "plugins.filters[0].plugn", "plugin"),
    ] {
        prospector.home.configure(&configuration(&sim, LIMIT, &format!("plugins: {{{listed}}}\n")));
        for line in ["config validate", "scan"] {
            let refused = prospector.run(line).expect(3);
            let told: String = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(told.contains(place) && told.contains(why), "{line} with {listed}: {}", refused.stderr);
        }
    }
}

#[test]
fn one_that_was_changed_is_not_run_and_is_put_right_by_an_update_or_by_installing_it_again() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, LIMIT, "");
    let _installed = install(&prospector, filter_module()).ok();
    prospector.home.configure(&configuration(&sim, LIMIT, "plugins: {filters: [{plugin: redflags}]}\n"));
    let _valid = prospector.run("config validate").ok();
    let kept = prospector.home.path().join("plugins/redflags.wasm");
    let good = fs::read(&kept).expect("it is kept");
    let again = format!("plugins install {}", filter_module().display());
    for repair in ["plugins update redflags", &again] {
        fs::write(&kept, changed(good.clone(), &[("0.1.0", "0.6.6")])).expect("written");
        let refused = prospector.run("scan").expect(3);
        let told: String = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("is not the one that was installed") && told.contains(&again), "{told}");
        says(&prospector.run("plugins list").ok(), &["not loaded: its component", &again]);
        says(&prospector.run("doctor --offline").expect(1), &["is not the one that was installed"]);
        let checked = prospector.run("plugins update --check --json").ok().json();
        assert_eq!(checked["plugins"][0]["state"], json!("damaged"), "{checked}");
        assert!(
            checked["plugins"][0]["damage"].as_str().is_some_and(|said| said.contains("is not the one")),
            "{checked}"
        );
        // What was agreed to is not asked again.
        says(&prospector.run(repair).ok(), &["is put right."]);
        assert_eq!(fs::read(&kept).expect("it is kept"), good);
        let _valid = prospector.run("config validate").ok();
    }
    says(&prospector.run("plugins update redflags").ok(), &["is up to date"]);
}

#[test]
fn a_later_version_takes_its_place_and_another_world_does_not() {
    let prospector = empty();
    let module = fs::read(filter_module()).expect("the module");
    let path = file(&prospector, "filter.wasm", &module);
    let _installed = install(&prospector, &path).ok();
    fs::write(&path, changed(module, &[("0.1.0", "0.2.0")])).expect("written");
    says(&prospector.run("plugins update").ok(), &["0.1.0 -> 0.2.0", "`redflags` is updated to 0.2.0."]);
    assert_eq!(row(&prospector, "redflags")["version"], json!("0.2.0"));

    // Ids are one namespace.
    let board = renamed(&fs::read(board_component()).expect("the component"), *b"redflags");
    let platform = file(&prospector, "platform.wasm", &board);
    says(&install(&prospector, &platform).expect(6), &["another file is installed as `redflags`"]);
    let refused = prospector.run(&format!("plugins update redflags {} --yes", platform.display())).expect(6);
    says(&refused, &["it is a platform, and `redflags` is installed as a filter", "plugins remove redflags"]);
    assert_eq!(recorded(&prospector, "redflags")["world"], json!("filter"));
}

#[test]
fn removing_one_that_is_listed_says_where_and_says_so_again() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, LIMIT, "");
    let _installed = install(&prospector, filter_module()).ok();
    prospector.home.configure(&configuration(&sim, LIMIT, "plugins: {filters: [{plugin: redflags}]}\n"));
    let unasked = prospector.run("plugins remove redflags").expect(2);
    says(
        &unasked,
        &["The filter `redflags` 0.1.0 will be deleted.", "The configuration lists it (plugins.filters[0])"],
    );
    let removed = prospector.run("plugins remove redflags --yes").ok();
    says(&removed, &["`redflags` is removed.", "Delete the entry `plugins.filters[0]`"]);
    assert!(!prospector.home.path().join("plugins/redflags.wasm").exists());
    says(&prospector.run("scan").expect(3), &["no installed plugin has the id `redflags`"]);
    says(&prospector.run("plugins remove redflags").expect(9), &["plugins.filters[0]", "still names it"]);
    prospector.home.configure(&configuration(&sim, LIMIT, ""));
    says(&prospector.run("plugins remove redflags").expect(9), &["has the id `redflags`"]);
}

#[test]
fn a_core_module_comes_from_a_registry_and_its_recordings_are_replayed_by_its_id() {
    let Some(server) = Server::start(false) else { return };
    let prospector = empty();
    let module = fs::read(scorer_module()).expect("the module");
    let manifest = server.push("0.1.0", &module, Beside::default());
    let reference = server.reference("0.1.0");
    says(
        &prospector.run(&format!("plugins install --yes {reference}")).ok(),
        &["It is a scorer, and pure", "is installed."],
    );
    let entry = recorded(&prospector, "taste");
    assert_eq!((&entry["source"], &entry["manifest_sha256"]), (&json!(reference), &json!(manifest)));
    server.push("0.2.0", &changed(module, &[("0.1.0", "0.2.0")]), Beside::default());
    says(&prospector.run("plugins update").ok(), &["is updated to 0.2.0."]);
    fs::write(prospector.home.path().join("plugins/taste.wasm"), b"other").expect("written");
    says(&prospector.run("plugins update").ok(), &["is not the one that was installed", "`taste` 0.2.0 is put right."]);
    let recordings = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/examples/taste/recordings");
    let mut test = prospector.command(["plugins", "test", "taste", "--recordings"]);
    says(&finish(test.arg(recordings)).ok(), &["as recorded"]);
}
