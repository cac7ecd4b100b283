//! Webhooks, ntfy and commands; `notify test`; and where secrets do not go.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Instant;

use prospector_e2e::Sim;
use prospector_e2e::prospector::{PATIENCE, finish};
use serde_json::Value;

use super::receiver::{Manner, Receiver};
use super::witness::{python, verifies};
use super::{
    ADDRESS_SECRET, KEY, PASSWORD, TOKEN, break_postings, connected_and_told, private_file, webhook, with_channels,
};
use crate::support::{connected_with, missing};

#[test]
fn a_webhook_is_signed_and_says_which_event_it_is() {
    let receiver = Receiver::new();
    let prospector = with_channels(&webhook(&receiver));
    let told = prospector.run("notify test").ok();
    assert!(told.stdout.starts_with("webhook:crm: delivered in "), "{}", told.stdout);
    let receipt = receiver.receipts().pop().expect("it was sent");
    let envelope = receipt.json();
    assert_eq!(receipt.target, format!("/hooks/{ADDRESS_SECRET}"));
    assert_eq!(
        (envelope["type"].as_str(), &receipt.headers["x-ghoststack-event"]),
        (Some("notify.test"), &"notify.test".to_owned())
    );
    assert_eq!(envelope["id"].as_str(), Some(receipt.headers["x-ghoststack-id"].as_str()));
    assert_eq!(envelope["created_at"].to_string(), receipt.headers["x-ghoststack-timestamp"]);
    assert_eq!(receipt.headers["content-type"], "application/json");
    let mut fields: Vec<&String> = envelope.as_object().expect("an object").keys().collect();
    fields.sort();
    assert_eq!(fields, ["created_at", "data", "id", "type"]);
    let signature = &receipt.headers["x-ghoststack-signature"];
    match python() {
        Ok(_) => {
            assert!(verifies(KEY, signature, &receipt.body));
            assert!(!verifies("another key", signature, &receipt.body));
            assert!(!verifies(KEY, signature, &format!("{} ", receipt.body)));
        }
        Err(why) => missing(&format!("Python cannot verify the signature: {why}")),
    }
}

#[test]
fn a_webhook_that_points_elsewhere_is_not_followed_and_its_path_not_told() {
    let (receiver, elsewhere) = (Receiver::new(), Receiver::new());
    receiver.behave(Manner::Refuses(307, format!("location: {}/stolen\r\n", elsewhere.origin())));
    let prospector = with_channels(&webhook(&receiver));
    let told = prospector.run("notify test").expect(1);
    assert!(
        told.stdout.contains("webhook:crm: failed") && told.stdout.contains("redirects are not followed"),
        "{}",
        told.stdout
    );
    assert_eq!(elsewhere.receipts().len(), 0);
}

#[test]
fn ntfy_gets_a_message_under_its_topic_with_the_token() {
    let receiver = Receiver::new();
    let section = format!(
        "notifications:\n  ntfy: {{ server: '{}', topic: leads, token_file: ../ntfy-token }}\n",
        receiver.origin()
    );
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", &section);
    private_file(&prospector, "ntfy-token", TOKEN);
    break_postings(&sim);
    let _failed = prospector.run("scan").expect(5);
    let receipt = receiver.receipts().pop().expect("it was sent");
    let body = receipt.json();
    assert_eq!(
        (receipt.target.as_str(), receipt.headers["authorization"].as_str()),
        ("/", format!("Bearer {TOKEN}").as_str())
    );
    assert_eq!((body["topic"].as_str(), body["title"].as_str()), (Some("leads"), Some("A scan of freelancer failed")));
    assert!(body["message"].as_str().is_some_and(|words| words.contains("503")), "{body}");
    // What ntfy takes for a sequence: letters, digits, `_` and `-`, 64 at most.
    let sequence = body["sequence_id"].as_str().expect("an id");
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    assert!(sequence.starts_with("evt_") && sequence.len() <= 64 && sequence.bytes().all(is_fit), "{sequence}");
}

/// A script beside the home.
fn script(at: &Path, text: &str) {
    fs::write(at, format!("#!/bin/sh\n{text}\n")).expect("a script");
    fs::set_permissions(at, fs::Permissions::from_mode(0o700)).expect("executable");
}

fn command_section(program: &Path, arguments: &str) -> String {
    format!("notifications:\n  command: {{ program: '{}', args: [{arguments}] }}\n", program.display())
}

#[test]
fn a_command_gets_the_event_on_standard_input_its_arguments_as_they_are_and_none_of_our_secrets() {
    let home = tempfile_folder();
    let (program, seen) = (home.path().join("notify me.sh"), home.path().join("seen"));
    script(
        &program,
        &format!("{{ /bin/cat; echo; for a; do echo \"[$a]\"; done; /usr/bin/env; }} > '{}'", seen.display()),
    );
    let prospector = with_channels(&command_section(&program, "'$HOME; `id`', 'two words'"));
    let mut command = prospector.command(["notify", "test"]);
    command.env("GHOSTSTACK_CLIENT_SECRET", KEY).env("VAULT_TOKEN", TOKEN).env("LANG", "C.UTF-8");
    let _told = finish(&mut command).ok();
    let seen = fs::read_to_string(&seen).expect("it was written");
    let (first, rest) = seen.split_once('\n').expect("lines");
    let envelope: Value = serde_json::from_str(first).expect("JSON on one line");
    assert_eq!(envelope["type"], "notify.test");
    assert!(rest.contains("[$HOME; `id`]\n[two words]\n") && rest.contains("LANG=C.UTF-8"), "{rest}");
    assert!(!rest.contains("planted"), "{rest}");
}

#[test]
fn a_command_that_fails_is_told_with_its_status() {
    let home = tempfile_folder();
    let program = home.path().join("fails");
    script(&program, "exit 7");
    let told = with_channels(&command_section(&program, "")).run("notify test --json").expect(1).json();
    let row = &told["channels"][0];
    assert_eq!((row["channel"].as_str(), row["delivered"].as_bool()), (Some("command"), Some(false)));
    assert!(row["error"].as_str().is_some_and(|why| why.ends_with("fails exited with status 7")), "{row}");
    let absent = with_channels(&command_section(&home.path().join("absent"), "")).run("notify test").expect(1);
    assert!(absent.stdout.contains("cannot be started"), "{}", absent.stdout);
}

#[test]
fn a_command_that_does_not_end_is_ended_with_its_children() {
    let home = tempfile_folder();
    let (program, pids) = (home.path().join("sleeps"), home.path().join("pids"));
    script(
        &program,
        &format!("/bin/sleep 1000 &\necho $! $$ > '{0}.part'; /bin/mv '{0}.part' '{0}'\nwait", pids.display()),
    );
    let (sim, begun) = (Sim::agreeing(), Instant::now());
    let prospector = connected_with(&sim, "", &command_section(&program, ""));
    break_postings(&sim);
    let failed = prospector.run("scan").expect(5);
    assert!(
        failed.stderr.contains("scan.failed could not be told by command: it was not done within 5 s"),
        "{}",
        failed.stderr
    );
    let pids = fs::read_to_string(&pids).expect("it has begun");
    for pid in pids.split_whitespace() {
        // A killed process is gone when whoever inherited it has taken note.
        while fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
            assert!(begun.elapsed() < PATIENCE, "{pid} lives on");
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_test_names_each_channel_and_one_failure_is_enough_to_fail() {
    let (good, bad) = (Receiver::new(), Receiver::new());
    bad.behave(Manner::Refuses(401, String::new()));
    let section = format!(
        "{}    - {{ name: other, url: '{}', secret_file: webhook-key, events: [] }}\n  ntfy: {{ server: '{}', topic: leads }}\n",
        webhook(&good),
        good.origin(),
        bad.origin()
    );
    let prospector = with_channels(&section);
    let told = prospector.run("notify test --json").expect(1).json();
    let rows: Vec<_> = told["channels"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["channel"].as_str(), row["delivered"].as_bool()))
        .map(|(name, done)| (name.expect("a name"), done.expect("a truth")))
        .collect();
    assert_eq!(rows, [("ntfy", false), ("webhook:crm", true), ("webhook:other", true)]);
    let _one = prospector.run("notify test --channel webhook:other").ok();
    assert_eq!(good.receipts().len(), 3);
    let unknown = prospector.run("notify test --channel crm").expect(2);
    assert!(unknown.stderr.contains("there are: ntfy, webhook:crm, webhook:other"), "{}", unknown.stderr);
}

#[test]
fn without_channels_a_test_says_how_to_configure_one() {
    let prospector = with_channels("");
    let told = prospector.run("notify test").expect(3);
    assert!(
        told.stderr.contains("No channel for notifications is configured") && told.stderr.contains("ntfy: { topic:"),
        "{}",
        told.stderr
    );
    let listed = prospector.run("notify list").ok();
    assert!(listed.stderr.contains("Nothing is in the outbox") && listed.stdout.is_empty(), "{}", listed.stderr);
}

#[test]
fn no_secret_of_a_channel_reaches_an_output_or_the_database() {
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let prospector = connected_and_told(&sim, &receiver);
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = nowhere.local_addr().expect("an address").port();
    drop(nowhere);
    let text = fs::read_to_string(prospector.home.configuration_file()).expect("it is there");
    let more = format!(
        "  ntfy: {{ server: '{}', topic: leads, token_file: ../ntfy-token }}\n  email: {{ host: 127.0.0.1, port: {port}, from: a@b.example, to: [a@b.example], username: me, password_file: ../mail-password }}\n",
        receiver.origin()
    );
    prospector.home.configure(&(text + &more));
    private_file(&prospector, "ntfy-token", TOKEN);
    private_file(&prospector, "mail-password", PASSWORD);
    break_postings(&sim);
    let mut shown = String::new();
    for manner in [
        Manner::Refuses(500, String::new()),
        Manner::Refuses(302, format!("location: /{ADDRESS_SECRET}\r\n")),
        Manner::Takes,
    ] {
        receiver.behave(manner);
        for line in
            ["notify test -vvv", "notify test --json -vvv", "scan -vvv", "notify list", "notify list --json -vvv"]
        {
            let told = prospector.run(line);
            shown += &(told.stdout + &told.stderr);
        }
    }
    // Files that cannot be used as what they are.
    for name in ["ntfy-token", "mail-password"] {
        private_file(&prospector, name, &format!("{TOKEN}\u{1}{PASSWORD}"));
    }
    let told = prospector.run("notify test -vvv");
    shown += &(told.stdout + &told.stderr);
    assert!(shown.contains("status 500") && shown.contains("email: failed"), "{shown}");
    for secret in [KEY, TOKEN, PASSWORD, ADDRESS_SECRET] {
        assert!(!shown.contains(secret), "{secret} is shown: {shown}");
        for (path, (_, bytes)) in prospector.home.contents() {
            let own = path == prospector.home.configuration_file() || path.ends_with("webhook-key");
            let held = bytes.is_some_and(|bytes| bytes.windows(secret.len()).any(|piece| piece == secret.as_bytes()));
            assert!(own || !held, "{} holds {secret}", path.display());
        }
    }
}

fn tempfile_folder() -> tempfile::TempDir {
    tempfile::TempDir::new().expect("a folder")
}
