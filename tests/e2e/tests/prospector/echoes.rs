//! Planted secrets, whatever they look like, and a platform that repeats what it is sent: none of them is in an output, a log, a file or the
//! words of a crash. The vault's own file is encrypted, and is searched too.
//!
//! `PROSPECTOR_SECRET_CASES` sets how many secrets are tried; a few unless it is set.

use std::collections::BTreeSet;

use ghoststack::fault::Step;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use prospector_e2e::prospector::finish;
use prospector_e2e::sim::{IDENTITY, TOKEN, unlimited};
use prospector_e2e::{Outcome, Prospector, Sim};
use serde_json::json;
use url::form_urlencoded::{byte_serialize, parse};

use crate::support::{backends, pointed_at_with};

/// What was run, with what it printed.
struct Told(Vec<(String, Outcome)>);

impl Told {
    fn run(&mut self, prospector: &Prospector, line: &str, secret: &str, more: &[(&str, &str)]) {
        let mut command = prospector.command(line.split_whitespace());
        command.env("GHOSTSTACK_CLIENT_SECRET", secret).env("RUST_BACKTRACE", "full").envs(more.iter().copied());
        self.0.push((format!("{line} {more:?}"), finish(&mut command)));
    }
}

/// All that is to stay secret: the client's secret, codes, access and refresh tokens, and what proves that a code is ours.
fn secrets(sim: &Sim, client_secret: &str) -> BTreeSet<String> {
    let mut secrets: BTreeSet<String> = sim.freelancer().tokens().into_iter().collect();
    secrets.insert(client_secret.to_owned());
    for request in sim.requests(TOKEN) {
        let body = request["body"].as_str().unwrap_or_default().to_owned();
        let told = parse(body.as_bytes())
            .filter(|(name, _)| matches!(name.as_ref(), "code" | "code_verifier" | "refresh_token"));
        secrets.extend(told.map(|(_, value)| value.into_owned()));
    }
    secrets
}

/// The ways in which a text may be written down.
fn spellings(secret: &str) -> Vec<String> {
    let form: String = byte_serialize(secret.as_bytes()).collect();
    let json = json!(secret).to_string();
    let debug = format!("{secret:?}");
    let bare = |text: &str| text[1..text.len() - 1].to_owned();
    vec![secret.to_owned(), form, bare(&json), bare(&debug)]
}

#[track_caller]
fn found_nowhere(secrets: &BTreeSet<String>, told: &Told, prospector: &Prospector) {
    let spellings: BTreeSet<String> = secrets.iter().flat_map(|secret| spellings(secret)).collect();
    for (line, outcome) in &told.0 {
        for secret in &spellings {
            for shown in [&outcome.stdout, &outcome.stderr] {
                assert!(!shown.contains(secret.as_str()), "`{line}` tells {secret}:\n{shown}");
            }
        }
    }
    let contents = prospector.home.contents();
    assert!(contents.keys().any(|path| path.ends_with("store.db")));
    for (path, (_, bytes)) in contents {
        // What is no text is replaced; secrets are ASCII, and stay.
        let bytes = bytes.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for secret in &spellings {
            assert!(!text.contains(secret.as_str()), "{} holds {secret}", path.display());
        }
    }
}

/// Connects, is told its own secrets by the platform at every turn, crashes at every step, and disconnects.
fn a_life_among_echoes(client_secret: &str, configuration: &str) {
    let sim =
        Sim::with(platform_sim::Options { client_secret: client_secret.to_owned(), auto_consent: true, ..unlimited() });
    let prospector = pointed_at_with(&sim, configuration);
    let mut told = Told(Vec::new());
    let connect = "connect freelancer --client-id sim-client -vvv";
    let echo =
        |route: &str, status: u16| sim.fault(&json!({"route": route, "fault": "echo", "status": status, "count": 100}));
    let mut run = |line: &str, more: &[(&str, &str)]| told.run(&prospector, line, client_secret, more);

    for status in [400, 401, 403, 500, 200] {
        echo("/oauth/token", status);
        run(connect, &[]);
        sim.heal();
    }
    run(connect, &[]);
    for line in
        ["status -vvv", "status --json -vvv", "scan -vvv", "scan --json --dry-run -vvv", "config show --json -vvv"]
    {
        run(line, &[]);
    }
    for status in [400, 401, 403, 404, 429, 500] {
        echo("/api", status);
        run("scan -vvv", &[]);
        run("status --json -vvv", &[]);
        sim.heal();
    }
    for status in [400, 403, 500, 200] {
        sim.freelancer().expire(false);
        echo("/oauth/token", status);
        run("status -vvv", &[]);
        run("scan --json -vvv", &[]);
        sim.heal();
    }
    if cfg!(debug_assertions) {
        for step in Step::ALL {
            sim.freelancer().expire(false);
            echo_where_it_belongs(&sim, step);
            let line = if step.name().starts_with("connect.") { connect } else { "status -vvv" };
            run(line, &[("GHOSTSTACK_TEST_PANIC_AT", step.name())]);
            sim.heal();
            run(connect, &[]);
        }
    }
    sim.freelancer().revoke();
    run("scan -vvv", &[]);
    run("status --json -vvv", &[]);
    run(connect, &[]);
    let secrets = secrets(&sim, client_secret);
    assert!(secrets.len() > 10, "{secrets:?}");
    found_nowhere(&secrets, &told, &prospector);

    let mut last = Told(Vec::new());
    last.run(&prospector, "disconnect freelancer -vvv", client_secret, &[]);
    found_nowhere(&secrets, &last, &prospector);
    let printed: usize = told.0.iter().filter(|(_, outcome)| outcome.stderr.contains("DEBUG ghoststack")).count();
    assert!(printed > 3, "-vvv has logged nothing");
    if cfg!(debug_assertions) {
        assert!(told.0.iter().any(|(_, outcome)| outcome.stderr.contains("panicked at")), "nothing has crashed");
    }
}

/// Leads a renewal to a step that only a refusal or a failure leads to.
fn echo_where_it_belongs(sim: &Sim, step: Step) {
    match step {
        Step::RenewalRefused | Step::RenewalNoted => {
            sim.fault(&json!({"route": TOKEN, "fault": "invalid-grant", "count": 9}))
        }
        Step::RenewalFailed | Step::RenewalReleased => {
            sim.fault(&json!({"route": TOKEN, "fault": "echo", "status": 500, "count": 9}))
        }
        Step::ConnectIdentified | Step::ConnectNamed => {
            sim.fault(&json!({"route": IDENTITY, "fault": "echo", "count": 1}))
        }
        _ => {}
    }
}

#[test]
fn no_secret_is_told_whatever_it_looks_like_and_however_often_the_platform_repeats_it() {
    let cases = std::env::var("PROSPECTOR_SECRET_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2);
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 0, ..Config::default() });
    // Twelve characters and more: shorter ones occur by chance.
    let secret = "[!-~]{4,20}[A-Za-z0-9]{8}[!-~]{4,20}";
    for backend in backends() {
        let lived = runner.run(&secret.prop_map(String::from), |secret| {
            a_life_among_echoes(&secret, &backend.configuration());
            Ok(())
        });
        lived.expect("no secret is told");
    }
}
