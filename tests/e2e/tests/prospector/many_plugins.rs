//! Many installed plugins: what they cost a daemon that uses none of them, whether the configuration names them or not.
#![cfg(target_os = "linux")]

use std::fs;
use std::time::{Duration, Instant};

use prospector_e2e::home::configuration;
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
    let (idle, idle_took) = at_rest(&prospector);
    let sections: String =
        (0..count).map(|number| format!("  {}:\n    enabled: false\n", String::from_utf8_lossy(&id(number)))).collect();
    let with = configuration(&sim, "", "").replacen("platforms:\n", &format!("platforms:\n{sections}"), 1);
    prospector.home.configure(&with);
    let (named, named_took) = at_rest(&prospector);
    println!("alone the daemon serves after {alone_took:.0?}, and {} kB are resident", alone.all);
    let each = |of: fn(&Resident) -> u64, beside: &Resident| of(beside).saturating_sub(of(&alone)) / u64::from(count);
    let own = |of: &Resident| of.all - of.mapped;
    for (what, beside, took) in [("not named", &idle, idle_took), ("named by the configuration", &named, named_took)] {
        println!(
            "{count} plugins, {what}: it serves after {took:.0?}; for each {} kB are resident, {} kB of it not mapped from its compiled code",
            each(|of| of.all, beside),
            each(own, beside)
        );
        assert!(took < Duration::from_secs(1) || count < 200, "{took:?}");
        assert!(each(own, beside) < 1000, "{} kB for each of {count}, {what}", each(own, beside));
    }
    assert!(each(|of| of.all, &idle) < 1000, "{} kB for each of {count} idle ones", each(|of| of.all, &idle));
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
