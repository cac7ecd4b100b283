//! Notifications, through receivers of the tests' own and of others' making.

mod channels;
mod desktop;
mod leads;
mod mail;
pub mod receiver;
mod telling;
mod witness;
mod work;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use prospector_e2e::prospector::finish;
use prospector_e2e::sim::POSTINGS;
use prospector_e2e::{Home, Outcome, Prospector, Sim};
use serde_json::{Value, json};

use crate::support::{at, connected_with, missing};
use receiver::Receiver;

/// Secrets that occur nowhere by chance.
const KEY: &str = "planted-webhook-key-4e1b";
const TOKEN: &str = "planted-ntfy-token-77c0";
const PASSWORD: &str = "planted-mail-password";
const ADDRESS_SECRET: &str = "planted-in-the-address-0d5a";

/// A file for its owner alone.
fn private_file(prospector: &Prospector, name: &str, content: &str) -> PathBuf {
    let path = prospector.home.beside(name);
    fs::write(&path, format!("{content}\n")).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("permissions");
    path
}

/// The section of one webhook, whose key is in `webhook-key` of the home.
fn webhook(receiver: &Receiver) -> String {
    format!(
        "notifications:\n  webhooks:\n    - {{ name: crm, url: '{}/hooks/{ADDRESS_SECRET}', secret_file: webhook-key }}\n",
        receiver.origin()
    )
}

/// The program, connected to the simulator, with a webhook.
fn connected_and_told(sim: &Sim, receiver: &Receiver) -> Prospector {
    let prospector = connected_with(sim, "", &webhook(receiver));
    give_key(&prospector);
    prospector
}

/// The program, without any platform, with this section.
fn with_channels(section: &str) -> Prospector {
    let prospector = at(Home::configured(&format!("platforms: {{}}\n{section}")));
    give_key(&prospector);
    prospector
}

fn give_key(prospector: &Prospector) {
    let path = prospector.home.path().join("webhook-key");
    fs::write(&path, format!("{KEY}\n")).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("permissions");
}

/// Lets every scan of Freelancer fail.
fn break_postings(sim: &Sim) {
    sim.fault(&json!({"route": POSTINGS, "fault": "status", "status": 503, "count": 1000}));
}

/// Whether this build's clock can be turned.
fn clock_turns() -> bool {
    if !cfg!(debug_assertions) {
        missing("a build with debug assertions, whose clock tests can turn");
    }
    cfg!(debug_assertions)
}

/// A command so many seconds later.
fn after(prospector: &Prospector, seconds: i64, line: &str) -> Outcome {
    let mut command = prospector.command(line.split_whitespace());
    finish(command.env("GHOSTSTACK_TEST_CLOCK_AHEAD", seconds.to_string()))
}

/// What the outbox holds, the latest first.
fn outbox(prospector: &Prospector) -> Vec<Value> {
    prospector.run("notify list --json").ok().json()["deliveries"].as_array().cloned().expect("a list")
}
