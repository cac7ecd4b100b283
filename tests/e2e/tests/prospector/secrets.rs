//! Secrets stay where they belong.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use prospector_e2e::prospector::finish;
use prospector_e2e::sim::POSTINGS;
use prospector_e2e::{Outcome, Sim, Terminal};
use serde_json::json;

use crate::support::pointed_at;

/// A secret that occurs nowhere by chance.
const SECRET: &str = "s3cr3t-of-the-application-9f2c";

fn sim() -> Sim {
    Sim::with(platform_sim::Options {
        client_secret: SECRET.to_owned(),
        auto_consent: true,
        rate_limit: 0,
        ..Default::default()
    })
}

#[test]
fn no_token_and_no_secret_reaches_an_output_a_log_or_a_file() {
    let sim = sim();
    let prospector = pointed_at(&sim);
    let mut outcomes: Vec<(String, Outcome)> = Vec::new();
    let mut run = |line: &str| outcomes.push((line.to_owned(), prospector.run_with_secret(line, SECRET)));
    run("connect freelancer --client-id sim-client -vvv");
    run("status -vvv");
    run("status --json -vvv");
    run("scan -vvv");
    // The platform says the token back in its error.
    let token = sim.freelancer().tokens()[0].clone();
    sim.fault(&json!({"route": POSTINGS, "fault": "status", "status": 500, "message": format!("bad token {token}"), "count": 9}));
    run("scan -vvv");
    run("scan --json -vvv");
    sim.heal();
    sim.control("POST", "/freelancer/expire", &json!({"access": true}));
    run("status -vvv");
    run("leads list --json -vvv");
    run("config show --json -vvv");
    run("connect freelancer --client-id sim-client --redirect-uri not-a-uri -vvv");
    run("disconnect freelancer -vvv");
    let mut secrets = sim.freelancer().tokens();
    assert!(secrets.len() >= 4, "there has been a renewal: {secrets:?}");
    secrets.push(SECRET.to_owned());
    for (line, outcome) in &outcomes {
        for secret in &secrets {
            assert!(!outcome.stdout.contains(secret.as_str()), "{line} prints {secret}");
            assert!(!outcome.stderr.contains(secret.as_str()), "{line} logs {secret}: {}", outcome.stderr);
        }
    }
    assert!(outcomes.iter().any(|(_, outcome)| outcome.stderr.contains("DEBUG ghoststack")), "-vvv has logged nothing");
}

#[test]
fn no_file_of_the_home_holds_a_secret_in_the_clear_and_all_are_the_owners_alone() {
    let sim = sim();
    let prospector = pointed_at(&sim);
    let _connected = prospector.run_with_secret("connect freelancer --client-id sim-client", SECRET).ok();
    let _scanned = prospector.run("scan").ok();
    let mut secrets = sim.freelancer().tokens();
    secrets.push(SECRET.to_owned());
    let contents = prospector.home.contents();
    assert!(
        contents.keys().any(|path| path.ends_with("secrets.vault"))
            && contents.keys().any(|path| path.ends_with("store.db"))
    );
    for (path, (mode, bytes)) in contents {
        for secret in &secrets {
            let held = bytes
                .as_deref()
                .is_some_and(|bytes| bytes.windows(secret.len()).any(|piece| piece == secret.as_bytes()));
            assert!(!held, "{} holds {secret}", path.display());
        }
        if path != prospector.home.configuration_file() {
            assert_eq!(mode & 0o077, 0, "{} may be read by others: {mode:o}", path.display());
        }
    }
}

#[test]
fn process_arguments_hold_no_secret_and_the_browser_is_not_given_it() {
    let sim = sim();
    let prospector = pointed_at(&sim);
    let script = prospector.home.beside("browser.sh");
    let seen = prospector.home.beside("seen");
    fs::write(&script, format!("#!/bin/sh\n{{ /usr/bin/tr '\\0' '\\n' < /proc/$PPID/cmdline; echo \"$@\"; /usr/bin/env; }} > {seen}.part\n/bin/mv {seen}.part {seen}\nexec {browser} \"$1\"\n", seen = seen.display(), browser = prospector.browser().display())).expect("a script");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).expect("executable");
    let mut command = prospector.command("connect freelancer --client-id sim-client".split(' '));
    let _connected = finish(command.env("GHOSTSTACK_CLIENT_SECRET", SECRET).env("BROWSER", &script)).ok();
    let seen = fs::read_to_string(&seen).expect("the browser has written down what it sees");
    assert!(seen.contains("sim-client") && seen.contains("GHOSTSTACK_HOME"), "{seen}");
    assert!(!seen.contains(SECRET), "{seen}");
}

#[test]
fn a_secret_typed_at_the_terminal_is_not_shown_when_the_log_in_fails() {
    let sim = sim();
    let prospector = pointed_at(&sim);
    let mut terminal = Terminal::start(&mut prospector.command(["connect", "freelancer", "-vvv"]));
    terminal.wait_for("Client ID: ");
    terminal.type_in("sim-client\r");
    terminal.wait_for("Client Secret: ");
    terminal.type_in("hunter2-hunter2\r");
    let (code, shown) = terminal.end();
    assert_eq!(code, 4, "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
