//! The official Python client as an independent witness: it agrees with the platform by definition, and
//! its author has never seen the simulator.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use support::Sim;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/official_sdk")
}

fn run(command: &mut Command) -> Result<String, String> {
    let shown = format!("{command:?}");
    let output = command.output().map_err(|error| format!("{shown}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(format!("{shown}\n{}\n{}", text(&output.stdout), text(&output.stderr)))
    }
}

/// A Python with the client in it, made once in the target directory.
fn python() -> Result<PathBuf, String> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("freelancersdk-0.1.20-1");
    let python = home.join("bin/python");
    let done = home.join("installed");
    if done.exists() {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
    let pip = || {
        let mut command = Command::new(&python);
        command.args(["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]);
        command
    };
    run(pip().args(["--only-binary", ":all:", "-r"]).arg(folder().join("requirements.txt")))?;
    run(pip().args(["--no-build-isolation", "-r"]).arg(folder().join("requirements-sdk.txt")))?;
    std::fs::write(&done, "").map_err(|error| error.to_string())?;
    Ok(python)
}

#[test]
fn the_official_python_client_finds_bids_and_is_paid() {
    let python = match python() {
        Ok(python) => python,
        Err(reason) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "the official client cannot be installed:\n{reason}");
            println!("SKIPPED: the official client cannot be installed:\n{reason}");
            return;
        }
    };
    let sim = Sim::start();
    let found = sim.get("/projects/0.1/projects/active?project_types[]=fixed&limit=1").result();
    let project = &found["projects"][0];
    let employer = sim.token_of(json!({"user": project["owner_id"]}));
    let checked = run(Command::new(python)
        .arg("-B")
        .arg(folder().join("check.py"))
        .args([&sim.running.freelancer.api, &sim.token, &employer])
        .arg(project["id"].to_string()));
    match checked {
        Ok(output) => assert!(output.contains("all checks passed"), "{output}"),
        Err(output) => panic!("{output}"),
    }
}
