//! What any export may do instead of answering.

use std::hint::black_box;
use std::time::Duration;

use crate::bindings::ghoststack::prospector::log::{self, Level};
use crate::bindings::ghoststack::prospector::types::Posting;

/// Does what the behaviour names, if it names something of the kind. Most of these do not return.
#[allow(clippy::infinite_loop, reason = "that is the point")]
pub fn perhaps(behaviour: &str) {
    match behaviour {
        "trap" => trap(),
        "panic" => panic!("the cupboard is bare \u{1b}[31mand red"),
        "panic-after-talk" => {
            eprintln!("a word before");
            panic!("the last word");
        }
        "exit" => std::process::exit(0),
        "spin" => spin(),
        "allocate" => allocate(),
        "allocate-and-answer" => fill(200 << 20),
        "recurse" => {
            black_box(recurse(black_box(1)));
        }
        "recurse-lightly" => {
            black_box(recurse_lightly(black_box(u64::MAX)));
        }
        "sleep" => std::thread::sleep(Duration::from_secs(1 << 40)),
        "sleep-in-naps" => loop {
            std::thread::sleep(Duration::from_millis(5));
        },
        "flood-stderr" => {
            let line = "e".repeat(1000);
            for number in 0..200 {
                eprintln!("{number} {line}");
            }
        }
        "flood-log" => {
            let message = "l".repeat(100_000);
            for number in 0..400 {
                log::log(Level::Warn, &format!("{number} \u{1b}[2J\nforged {message}"), &[]);
            }
        }
        _ => {}
    }
}

/// Traps on a batch that has a posting titled `poison` in it, where the behaviour says so.
pub fn on_postings(behaviour: &str, postings: &[Posting]) {
    if behaviour == "poison" && postings.iter().any(|posting| posting.title == "poison") {
        trap();
    }
}

fn trap() {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    std::process::abort();
}

fn spin() {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

fn allocate() {
    let mut hoard = Vec::new();
    loop {
        hoard.push(black_box(vec![1u8; 1 << 20]));
    }
}

fn fill(bytes: usize) {
    let mut kept: Vec<u8> = Vec::new();
    if kept.try_reserve_exact(bytes).is_ok() {
        kept.resize(bytes, 1);
    }
    black_box(&kept);
}

fn recurse(depth: u64) -> u64 {
    let here = black_box([depth; 32]);
    if depth == u64::MAX {
        return 0;
    }
    recurse(depth + 1) + here[(depth % 32) as usize]
}

#[inline(never)]
fn recurse_lightly(left: u64) -> u64 {
    if left == 0 { 1 } else { recurse_lightly(left - 1).rotate_left(7) ^ left.wrapping_mul(0x9e37_79b9) }
}
