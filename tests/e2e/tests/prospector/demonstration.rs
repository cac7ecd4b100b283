//! `just demo`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use prospector_e2e::prospector::finish;

use crate::support::binaries;

fn demo(ghoststack: &Path, temporary: &Path) -> prospector_e2e::Outcome {
    finish(
        Command::new(env!("CARGO_BIN_EXE_demo"))
            .arg(ghoststack)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("TMPDIR", temporary),
    )
}

#[test]
fn the_demo_runs_the_main_job_in_under_ten_seconds_and_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().expect("a directory");
    let done = demo(&binaries().ghoststack, temporary.path()).ok();
    for words in [
        "$ ghoststack prospector connect freelancer",
        "$ ghoststack prospector connect upwork",
        "Scopes: project_search, project_bid, project_manage",
        "Scopes: job_search (read), proposals (read/write), contracts (read/write)",
        "SCORE  PLATFORM",
        "freelancer: ",
        "upwork: ",
        "$ ghoststack prospector leads explain ",
        "total ",
        "dropped by min_employer_rating",
        "dropped by min_client_rating",
    ] {
        assert!(done.stdout.contains(words), "{words}: {}", done.stdout);
    }
    for words in ["Authorization successful. Tokens stored in Vault.", "Status: Connected"] {
        assert_eq!(done.stdout.matches(words).count(), 2, "{words}: {}", done.stdout);
    }
    assert_eq!(done.stdout.matches("$ ghoststack prospector scan").count(), 1, "one scan does both");
    assert!(done.took < Duration::from_secs(10), "{:?}", done.took);
    assert_eq!(std::fs::read_dir(temporary.path()).expect("a directory").count(), 0, "the demo has left files");
}

#[test]
fn a_demo_whose_step_fails_fails_and_says_which() {
    let temporary = tempfile::tempdir().expect("a directory");
    let done = demo(Path::new("/bin/false"), temporary.path()).expect(1);
    assert!(
        done.stderr.contains("demo: `ghoststack prospector connect freelancer") && done.stderr.contains("exit code 1"),
        "{}",
        done.stderr
    );
    assert_eq!(std::fs::read_dir(temporary.path()).expect("a directory").count(), 0, "the demo has left files");
}
