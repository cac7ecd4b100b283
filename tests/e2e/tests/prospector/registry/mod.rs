//! Plugins from registries, their updates and signatures: a real registry, a real minisign, and a registry that means ill.

mod credentials;
mod daemon;
mod debian;
mod hostile;
mod minisign;
mod pulling;
pub mod server;
mod signing;
mod updating;

use std::fs;
use std::path::PathBuf;

use prospector_e2e::{Home, Outcome, Prospector};
use serde_json::Value;

use crate::support::{at, board_component, changed};

/// The example job board's component with texts of its own in place of others of the same length; the contract's version stays.
pub fn board(changes: &[(&str, &str)]) -> Vec<u8> {
    changed(fs::read(board_component()).expect("the component"), changes)
}

/// A change of its version, which is 0.1.0.
pub fn version(to: &str) -> (&str, &str) {
    ("0.1.0", to)
}

/// The program with a home of no platform.
pub fn empty() -> Prospector {
    at(Home::configured("{}"))
}

/// A file beside the home.
pub fn file(prospector: &Prospector, name: &str, bytes: &[u8]) -> PathBuf {
    let path = prospector.home.beside(name);
    fs::write(&path, bytes).expect("a file");
    path
}

/// What is recorded of the plugin; null where none is installed.
pub fn recorded(prospector: &Prospector) -> Value {
    crate::support::recorded(prospector, "jobboard")
}

/// The version that is installed and runs.
#[track_caller]
pub fn running(prospector: &Prospector) -> String {
    let listed = prospector.run("plugins list --json").ok().json();
    assert_eq!(listed["not_loaded"], serde_json::json!([]), "{listed}");
    let rows = listed["plugins"].as_array().expect("plugins");
    let row = rows.iter().find(|row| row["id"] == "jobboard").expect("it is installed");
    row["version"].as_str().expect("a version").to_owned()
}

/// A command with words that are in what it prints.
#[track_caller]
pub fn says(outcome: &Outcome, words: &[&str]) {
    let told = format!("{}{}", outcome.stdout, outcome.stderr);
    for words in words {
        assert!(told.contains(words), "{words}: {told}");
    }
}
