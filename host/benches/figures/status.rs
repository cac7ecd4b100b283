//! The program as a whole process.

use std::process::Command;
use std::time::Duration;

use crate::harness::{Report, Samples, timed, us};

/// A whole process.
pub fn rows(report: &mut Report) {
    let home = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        timed(|| {
            Command::new(env!("CARGO_BIN_EXE_ghoststack"))
                .args(arguments)
                .env("GHOSTSTACK_HOME", home.path())
                .output()
                .expect("a process")
        })
    };
    run(&["prospector", "config", "init"]);
    run(&["prospector", "status", "--offline"]);
    let [status, version] =
        Samples::in_turn(40, [&mut || run(&["prospector", "status", "--offline"]), &mut || run(&["--version"])]);
    report.figure(
        "status --offline, the whole process",
        format!("{:.1} ms", us(status.median()) / 1e3),
        "under 30 ms",
        status.median() < Duration::from_millis(30),
    );
    report.note("--version, the whole process", format!("{:.1} ms", us(version.median()) / 1e3));
}
