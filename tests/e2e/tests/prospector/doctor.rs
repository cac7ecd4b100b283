//! `doctor`: what is wrong, and what to do about it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use prospector_e2e::prospector::finish;
use prospector_e2e::{Home, Outcome, Sim};
use serde_json::{Value, json};

use crate::support::{at, board_component, connected, missing};

/// The states of a check, by its name and its subject.
fn found<'v>(checks: &'v Value, name: &str) -> Vec<(&'v str, &'v Value)> {
    let all = checks["checks"].as_array().expect("an array").iter();
    all.filter(|check| check["check"] == name).map(|check| (check["state"].as_str().expect("a state"), check)).collect()
}

#[track_caller]
fn is(outcome: &Outcome, name: &str, state: &str, words: &str) {
    let checks = outcome.json();
    let found = found(&checks, name);
    assert!(
        found.iter().any(|(of, check)| *of == state && check.to_string().contains(words)),
        "{name} is not {state} ({words}): {found:?}"
    );
}

#[test]
fn a_sound_home_is_called_sound_and_is_left_as_it_is() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    fs::set_permissions(prospector.home.path(), fs::Permissions::from_mode(0o700)).expect("ours");
    fs::set_permissions(prospector.home.configuration_file(), fs::Permissions::from_mode(0o600)).expect("ours");
    let _scanned = prospector.run("scan").ok();
    let before = prospector.home.contents();
    let doctor = prospector.run("doctor --json --offline").ok();
    for name in ["home", "disk", "configuration", "plugins", "vault", "database", "scans", "cache", "connection"] {
        is(&doctor, name, "ok", "");
    }
    is(&doctor, "clock", "skipped", "");
    assert!(!doctor.stdout.contains("problem"), "{}", doctor.stdout);
    let unlike = |path: &std::path::Path| {
        let path = path.to_string_lossy();
        // The index of SQLite's log, and the vault's probe, which encrypts all anew.
        path.ends_with("-shm") || path.ends_with("-wal") || path.contains("/vault/secrets.")
    };
    let rest = |contents: prospector_e2e::home::Contents| {
        contents.into_iter().filter(|(path, _)| !unlike(path)).collect::<Vec<_>>()
    };
    assert_eq!(rest(prospector.home.contents()), rest(before));
    let online = prospector.run("doctor --json").ok();
    is(&online, "connection", "ok", "the platform answers");
    is(&online, "clock", "ok", "goes with");
    let text = prospector.run("doctor").ok();
    assert!(text.stdout.contains("ok       vault"), "{}", text.stdout);
}

#[test]
fn each_thing_that_is_wrong_is_found_with_what_to_do() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let (home, data) = (prospector.home.path(), prospector.home.path().join("prospector"));
    fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).expect("ours");
    fs::write(data.join(".store.db.0123456789abcdef.tmp"), "").expect("written");
    let mut install = prospector.command(["plugins", "install", "--yes"]);
    let _installed = finish(install.arg(board_component())).ok();
    let component = fs::read_dir(home.join("plugins")).expect("there").flatten().map(|entry| entry.path());
    let component = component.into_iter().find(|path| path.extension().is_some_and(|e| e == "wasm")).expect("one");
    fs::write(component, "another").expect("written");
    sim.freelancer().revoke();
    let doctor = prospector.run("doctor --json").expect(1);
    is(&doctor, "home", "problem", "chmod -R go=");
    is(&doctor, "home", "warning", ".store.db.0123456789abcdef.tmp");
    is(&doctor, "plugins", "problem", "not the one that was installed");
    is(&doctor, "connection", "problem", "connect freelancer");
    let text = prospector.run("doctor").expect(1);
    assert!(text.stdout.contains("PROBLEM  home") && text.stdout.contains("next: chmod"), "{}", text.stdout);

    fs::write(data.join("vault/secrets.vault"), "nonsense").expect("written");
    is(&prospector.run("doctor --json --offline").expect(1), "vault", "problem", "secrets.vault");
    fs::write(data.join("store.db"), "this is no database").expect("written");
    let doctor = prospector.run("doctor --json").expect(1);
    is(&doctor, "database", "problem", "store.db");
    is(&doctor, "connection", "skipped", "the database cannot be used");
}

#[test]
fn it_works_while_the_configuration_does_not_and_where_there_is_no_home() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    prospector.home.configure("platforms: { freelancer: { enabled: perhaps } }\nscoring: 7\n");
    let doctor = prospector.run("doctor --json").expect(1);
    is(&doctor, "configuration", "problem", "config validate");
    is(&doctor, "database", "ok", "is sound");
    is(&doctor, "connection", "skipped", "the configuration");
    let nothing = at(Home::absent());
    let doctor = nothing.run("doctor --json").ok();
    is(&doctor, "home", "ok", "does not exist yet");
    is(&doctor, "connection", "warning", "connect freelancer");
    is(&doctor, "database", "ok", "none yet");
    assert!(!nothing.home.path().join("prospector").exists());
}

#[test]
fn a_clock_that_is_wrong_is_warned_of() {
    if !cfg!(debug_assertions) {
        return missing("a build with debug assertions, whose clock tests can turn");
    }
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let mut command = prospector.command(["doctor", "--json"]);
    let doctor = finish(command.env("GHOSTSTACK_TEST_CLOCK_AHEAD", "300"));
    is(&doctor, "clock", "warning", "ahead of");
}

#[test]
fn a_scan_that_was_killed_is_told_of() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let mut scan = crate::support::scanning_at(&sim, &prospector, prospector_e2e::sim::POSTINGS, 0, 60_000);
    is(&prospector.run("doctor --json --offline"), "scans", "ok", "is scanning");
    scan.kill().expect("it runs");
    let _ended = scan.wait().expect("it ended");
    let doctor = prospector.run("doctor --json --offline");
    is(&doctor, "scans", "warning", "gone from this machine");
    assert_eq!(found(&doctor.json(), "scans")[0].1["subject"], json!("freelancer"));
}
