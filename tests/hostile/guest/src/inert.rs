//! Looking for the machine beneath.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::answers;
use crate::bindings::exports::ghoststack::prospector::search::Page;

/// All that the standard library lets a guest see, each as an attribute.
pub fn page() -> Page {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs());
    let began = Instant::now();
    let busy: u64 = (0..2_000_000u64).fold(0, |sum, n| std::hint::black_box(sum ^ n));
    let facts = vec![
        ("environment", std::env::vars().count().to_string()),
        ("arguments", std::env::args().count().to_string()),
        ("directory", shown(std::fs::read_dir("/").map(|of| of.count()))),
        ("passwd", shown(std::fs::read("/etc/passwd").map(|of| of.len()))),
        ("written", shown(std::fs::write("/tmp/hostile", b"x"))),
        ("input", shown(std::io::read_to_string(std::io::stdin()).map(|of| of.len()))),
        ("clock", format!("{clock:?}")),
        ("passed", format!("{:?} {}", began.elapsed(), busy & 1)),
        ("random", RandomState::new().hash_one(0u8).to_string()),
    ];
    answers::one(answers::telling("around", "around", "", facts))
}

fn shown<T: std::fmt::Debug>(outcome: std::io::Result<T>) -> String {
    outcome.map_or_else(|_| "none".to_owned(), |found| format!("{found:?}"))
}
