//! The official Python client as an independent witness: it agrees with the platform by definition, and
//! its author has never seen the simulator.

mod support;

use std::process::Command;

use serde_json::json;
use support::Sim;
use support::witness::{called, content, folder, python, run};

#[test]
fn the_official_python_client_finds_bids_and_is_paid() {
    let files = ["requirements.txt", "requirements-sdk.txt"].map(|name| folder("official_sdk").join(name));
    let [needed, sdk] = files.each_ref().map(|file| file.to_str().expect("text"));
    let installs = [vec!["--only-binary", ":all:", "-r", needed], vec!["--no-build-isolation", "-r", sdk]];
    let Some(python) = called(python("freelancersdk-0.1.20-1", &installs)) else {
        return;
    };
    let sim = Sim::start();
    let found = sim.get("/projects/0.1/projects/active?project_types[]=fixed&limit=1").result();
    let project = &found["projects"][0];
    let employer = sim.token_of(json!({"user": project["owner_id"]}));
    content(run(Command::new(python)
        .arg("-B")
        .arg(folder("official_sdk").join("check.py"))
        .args([&sim.running.freelancer.api, &sim.token, &employer])
        .arg(project["id"].to_string())));
}
