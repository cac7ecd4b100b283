//! Plugins from registries, their updates and signatures: a real registry, a real minisign, and a registry that means ill.

mod credentials;
mod daemon;
mod debian;
mod hostile;
mod minisign;
mod pulling;
mod server;
mod signing;
mod updating;

use std::fs;
use std::path::PathBuf;

use prospector_e2e::{Home, Outcome, Prospector};
use serde_json::Value;

use crate::support::{at, board_component};

/// The example job board's component with texts of its own in place of others of the same length; the contract's version stays.
pub fn board(changes: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = fs::read(board_component()).expect("the component");
    for (from, to) in changes {
        assert_eq!(from.len(), to.len());
        let is_here = |at: &usize| bytes[*at..].starts_with(from.as_bytes()) && bytes[at - 1] != b'@';
        let places: Vec<usize> = (1..bytes.len() - from.len()).filter(is_here).collect();
        assert!(!places.is_empty(), "{from} is not in the component");
        for at in places {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    bytes
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
    let Ok(bytes) = fs::read(prospector.home.path().join("plugins.lock")) else { return Value::Null };
    serde_json::from_slice::<Value>(&bytes).expect("JSON")["plugins"]["jobboard"].clone()
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
