//! Updates: what differs is shown, what is new is asked, and at every moment one of the two versions works.

use std::fs;

use ghoststack::fault::Step;
use ghoststack::plugin::catalog::BUILTIN;
use prospector_e2e::board::KEY;
use prospector_e2e::prospector::finish;
use prospector_e2e::{Board, Prospector, Terminal};
use serde_json::json;

use super::server::{Beside, Server};
use super::{board, empty, file, recorded, running, says, version};
use crate::support::missing;
use crate::third_platform::{connect, installed};

/// The program with the plugin installed from a file of the test's own, which is returned.
fn with_file() -> (Prospector, std::path::PathBuf) {
    let prospector = empty();
    let plugin = file(&prospector, "board.wasm", &board(&[]));
    let _installed = prospector.run(&format!("plugins install --yes {}", plugin.display())).ok();
    (prospector, plugin)
}

#[test]
fn a_higher_version_in_the_registry_is_found_and_needs_no_word_where_nothing_is_new() {
    let Some(server) = Server::start(false) else { return };
    let prospector = empty();
    server.push("0.1.0", &board(&[]), Beside::default());
    let _installed = prospector.run(&format!("plugins install --yes {}", server.reference("0.1.0"))).ok();
    says(&prospector.run("plugins update").ok(), &["`jobboard` 0.1.0 is up to date."]);
    let mut manifest = String::new();
    for tag in ["0.1.9", "0.2.0", "0.9.0-rc.1"] {
        let pushed = server.push(tag, &board(&[version(&tag[..5])]), Beside::default());
        if tag == "0.2.0" {
            manifest = pushed;
        }
    }
    let before = recorded(&prospector);
    let checked = prospector.run("plugins update --check --json").ok().json();
    let row = &checked["plugins"][0];
    assert_eq!((&row["state"], &row["needs_agreement"]), (&json!("available"), &json!(false)));
    assert_eq!(row["available"]["source"], json!(format!("{}@{manifest}", server.reference("0.2.0"))));
    assert_eq!(recorded(&prospector), before);
    let updated = prospector.run("plugins update jobboard").ok();
    says(&updated, &["0.1.0 -> 0.2.0", "It wishes for nothing but what you granted.", "is updated to 0.2.0."]);
    assert_eq!(recorded(&prospector)["source"], json!(server.reference("0.2.0")));
    assert_eq!(running(&prospector), "0.2.0");

    // The same name, another component.
    server.push("0.2.0", &board(&[version("0.2.0"), ("a made-up board", "a moved-up tags")]), Beside::default());
    says(&prospector.run("plugins update --json").ok(), &["\"updated\""]);
    assert_ne!(recorded(&prospector)["manifest_sha256"], json!(manifest));
    // An older one by name is told, and asked.
    let older = prospector.run(&format!("plugins update jobboard {}", server.reference("0.1.0"))).expect(2);
    says(&older, &["This is an older version than the installed one: 0.1.0 instead of 0.2.0", "--yes"]);
    assert_eq!(running(&prospector), "0.2.0");
}

#[test]
fn what_is_new_is_shown_and_asked_and_nothing_of_it_is_granted_by_silence() {
    let (prospector, plugin) = with_file();
    let next = board(&[version("0.2.0"), ("/v1/me", "/v2/me"), ("X-Api-Key", "X-Api-Kez")]);
    fs::write(&plugin, &next).expect("written");
    let before = (recorded(&prospector), running(&prospector));
    let agree = format!("ghoststack prospector plugins update jobboard {} --yes", plugin.display());
    for line in ["plugins update jobboard", "plugins update jobboard --no-input"] {
        let asked = prospector.run(line).expect(2);
        says(
            &asked,
            &[
                "new: it wishes to read `api` /v2/me by GET",
                "changed: it wishes to have an API key sent as `X-Api-Kez: …` to api, where you granted it to have an API key sent as `X-Api-Key: …` to api",
                "gone: it does not wish any more to read `api` /v1/me by GET",
                "obody is there to be asked",
                &agree,
            ],
        );
    }
    let asked = prospector.run("plugins update jobboard --no-input --json").expect(2).json();
    let row = &asked["plugins"][0];
    assert_eq!((&row["state"], &row["needs_agreement"]), (&json!("failed"), &json!(true)));
    assert_eq!(crate::support::texts(&row["permissions"], "kind"), ["new", "changed", "gone"]);
    assert!(row["error"].as_str().is_some_and(|said| said.contains(&agree)), "{row}");
    let checked = prospector.run("plugins update jobboard --check --json").ok().json();
    let kinds: Vec<&str> = crate::support::texts(&checked["plugins"][0]["permissions"], "kind");
    assert_eq!(kinds, ["new", "changed", "gone"]);
    for answer in ["n\r", "\r"] {
        let mut terminal = Terminal::start(&mut prospector.command(["plugins", "update", "jobboard"]));
        terminal.wait_for("Update it? [y/N] ");
        terminal.type_in(answer);
        assert_eq!(terminal.end().0, 1);
        assert_eq!((recorded(&prospector), running(&prospector)), before);
    }
    let mut terminal = Terminal::start(&mut prospector.command(["plugins", "update", "jobboard"]));
    terminal.wait_for("Update it? [y/N] ");
    terminal.type_in("y\r");
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert_eq!(running(&prospector), "0.2.0");
    assert!(recorded(&prospector)["granted"].to_string().contains("/v2/me"));
}

#[test]
fn an_update_keeps_what_the_plugin_holds_and_removing_it_leaves_nothing() {
    let server = Board::with(3);
    let prospector = installed(&server, "");
    let _connected = connect(&prospector, KEY).ok();
    let old = recorded(&prospector)["component_sha256"].as_str().expect("a digest").to_owned();
    let plugin = file(&prospector, "board.wasm", &board(&[version("0.2.0")]));
    let _updated = prospector.run(&format!("plugins update jobboard {}", plugin.display())).ok();
    assert!(prospector.run("status").ok().stdout.contains("Status: Connected"));
    let _scanned = prospector.run("scan").ok();
    let new = recorded(&prospector)["component_sha256"].as_str().expect("a digest").to_owned();
    let compiled = |digest: &str| {
        let hex = digest.trim_start_matches("sha256:").to_owned();
        prospector.home.contents().into_keys().any(|path| path.to_string_lossy().contains(&hex))
    };
    assert!(compiled(&new) && !compiled(&old), "compiled code of the old version is left");
    let removed = prospector.run("plugins remove jobboard --yes").ok();
    says(&removed, &["the stored credential (profile", "`jobboard` is removed."]);
    assert!(!compiled(&new) && recorded(&prospector).is_null());
    let left: Vec<_> = fs::read_dir(prospector.home.path().join("plugins")).expect("a folder").flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn killed_at_any_moment_of_an_update_one_of_the_two_versions_works() {
    if !cfg!(debug_assertions) {
        missing("a build with debug assertions, which ends where a test wants it");
        return;
    }
    for (step, works) in [(Step::UpdateStaged, "0.1.0"), (Step::UpdateRecorded, "0.2.0")] {
        let (prospector, plugin) = with_file();
        fs::write(&plugin, board(&[version("0.2.0")])).expect("written");
        let mut update = prospector.command(["plugins", "update", "jobboard"]);
        let _killed = finish(update.env("GHOSTSTACK_TEST_DIE_AT", step.name())).expect(128 + 9);
        assert_eq!(running(&prospector), works, "after {}", step.name());
        assert!(prospector.home.path().join("plugins/jobboard.next").exists());
        // A backup is of what is recorded, and whoever takes the turn next finishes what was begun.
        let backup = prospector.home.beside("backup.tar.gz").display().to_string();
        let _made =
            finish(prospector.command(["backup", &backup]).env("GHOSTSTACK_BACKUP_PASSPHRASE", "a long passphrase"))
                .ok();
        assert!(!prospector.home.path().join("plugins/jobboard.next").exists());
        assert_eq!(running(&prospector), works, "after {}", step.name());
        fs::write(&plugin, board(&[version("0.3.0")])).expect("written");
        let _updated = prospector.run("plugins update jobboard").ok();
        assert_eq!(running(&prospector), "0.3.0");
        assert!(!prospector.home.path().join("plugins/jobboard.next").exists());
    }
}

#[test]
fn another_plugin_and_a_built_in_one_are_no_updates() {
    let (prospector, plugin) = with_file();
    let built_in = &BUILTIN[0];
    let other = file(&prospector, "other.wasm", built_in.bytes);
    let refused = prospector.run(&format!("plugins update jobboard {} --yes", other.display())).expect(6);
    says(&refused, &[&format!("it calls itself `{}`: it is no version of `jobboard`", built_in.id)]);
    says(&prospector.run(&format!("plugins update {}", built_in.id)).expect(2), &["is built in"]);
    says(&prospector.run("plugins update nobody").expect(9), &["has the id `nobody`"]);
    fs::remove_file(&plugin).expect("there");
    let missing = prospector.run("plugins update jobboard --check").expect(6);
    says(&missing, &["`jobboard` cannot be updated from", "cannot be read"]);
    assert!(!missing.stderr.contains("nstall "), "{}", missing.stderr);
    fs::write(prospector.home.path().join("plugins/jobboard.wasm"), b"other").expect("written");
    says(&prospector.run("plugins update jobboard").expect(6), &["cannot be read", "and what is installed is not run"]);
    fs::write(&plugin, board(&[])).expect("written");
    says(&prospector.run("plugins update").ok(), &["is not the one that was installed", "0.1.0 is put right."]);
    fs::remove_file(&plugin).expect("there");
    says(&prospector.run("plugins update").expect(6), &["cannot be read"]);
    assert_eq!(running(&prospector), "0.1.0");
}
