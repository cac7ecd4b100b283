//! Many installed plugins: what they cost a daemon that uses none of them.
#![cfg(target_os = "linux")]

use std::fs;
use std::time::{Duration, Instant};

use prospector_e2e::{Prospector, Sim};

use crate::daemon::Daemon;
use crate::support::{board_component, connected, renamed};

/// Takes minutes, as each is compiled once: `cargo test --workspace --test prospector -- two_hundred_plugins --ignored --nocapture`;
/// `PROSPECTOR_PLUGINS=20` for fewer.
#[test]
#[ignore = "takes minutes: the figure"]
fn two_hundred_plugins_cost_a_daemon_little() {
    let asked = std::env::var("PROSPECTOR_PLUGINS").ok().and_then(|count| count.parse().ok());
    installed_beside(asked.unwrap_or(200));
}

#[test]
fn some_plugins_cost_a_daemon_little() {
    installed_beside(5);
}

fn installed_beside(count: u32) {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    // Neither daemon has anything to scan.
    let _scanned = prospector.run("scan").ok();
    let (alone, alone_took) = at_rest(&prospector);
    let component = fs::read(board_component()).expect("the example is built");
    for number in 0..count {
        // Another id, and so another plugin, of the same length.
        let file = prospector.home.path().join(format!("board{number}.wasm"));
        fs::write(&file, renamed(&component, id(number))).expect("writes");
        let _installed = prospector.run(&format!("plugins install --yes {}", file.display())).ok();
    }
    let listed = prospector.run("plugins list --json").ok().stdout;
    assert!(
        listed.contains(std::str::from_utf8(&id(count - 1)).expect("letters")),
        "{}",
        listed.chars().take(300).collect::<String>()
    );
    let (beside, took) = at_rest(&prospector);
    let each = |of: fn(&Resident) -> u64| of(&beside).saturating_sub(of(&alone)) / u64::from(count);
    let own = each(|of| of.all - of.mapped);
    println!(
        "{count} plugins: the daemon serves after {took:.0?} (alone: {alone_took:.0?}); for each {} kB are resident, {own} kB of it not mapped from \
         its compiled code (alone: {} kB)",
        each(|of| of.all),
        alone.all,
    );
    assert!(took < Duration::from_secs(1) || count < 200, "{took:?}");
    assert!(own < 1000, "{own} kB for each of {count}");
}

/// Of the same length, and with the same end, so that it takes as many bytes as a number too.
fn id(number: u32) -> [u8; 8] {
    format!("jo{number:04}rd").into_bytes().try_into().expect("eight bytes")
}

/// What is resident, in kB.
struct Resident {
    /// In all.
    all: u64,
    /// Of that, mapped from files: code, which the kernel shares and can drop.
    mapped: u64,
}

fn resident(process: u32) -> Resident {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it lives");
    let figure = |name: &str| -> u64 {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the figure is there");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    };
    Resident { all: figure("VmRSS:"), mapped: figure("RssFile:") }
}

/// What is resident of a daemon that has nothing to do, and how long it takes until it serves.
fn at_rest(prospector: &Prospector) -> (Resident, Duration) {
    let started = Instant::now();
    let mut daemon = Daemon::of(prospector.command(["run"]));
    let _serving = daemon.says("serving ");
    let took = started.elapsed();
    let resident = resident(daemon.id());
    daemon.signal("TERM");
    let _ended = daemon.ends();
    (resident, took)
}
