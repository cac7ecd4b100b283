//! The official clients for Python and Node as independent witnesses: authorisation address, code, tokens,
//! search, refresh.

mod support;

use std::process::Command;

use platform_sim::Options;
use serde_json::Value;
use support::Sim;
use support::witness::{called, content, folder, home, python, run};

fn consenting() -> Sim {
    Sim::with(Options { auto_consent: true, ..Options::default() })
}

/// Where the checks point the clients: the accounts' origin and the API's.
fn origins(sim: &Sim) -> [&str; 2] {
    [&sim.running.upwork.accounts, &sim.running.upwork.api]
}

/// What the clients have sent, as the journal has it.
fn sent(sim: &Sim, path: &str) -> Vec<Value> {
    let told = sim.control("GET", &format!("/requests?path={path}"), Value::Null);
    told["requests"].as_array().cloned().expect("requests")
}

#[test]
fn the_official_python_client_logs_in_searches_and_refreshes() {
    let requirements = folder("upwork_sdk/python").join("requirements.txt");
    let install = vec!["--only-binary", ":all:", "-r", requirements.to_str().expect("text")];
    let Some(python) = called(python("python-upwork-oauth2-3.2.0-1", &[install])) else {
        return;
    };
    let sim = consenting();
    let check = folder("upwork_sdk/python").join("check.py");
    content(run(Command::new(python).arg("-B").arg(check).args(origins(&sim))));
    let tokens = sent(&sim, "/api/v3/oauth2/token");
    assert!(tokens[0]["headers"]["authorization"].as_str().is_some_and(|value| value.starts_with("Basic ")));
    assert!(tokens.iter().any(|request| request["body"].as_str().is_some_and(|body| body.contains("json="))));
    assert!(sent(&sim, "/graphql").iter().any(|request| request["headers"]["x-upwork-api-tenantid"].is_string()));
}

#[test]
fn the_official_node_client_logs_in_searches_and_refreshes() {
    let Some(modules) = called(node_modules()) else {
        return;
    };
    let sim = consenting();
    let check = folder("upwork_sdk/node").join("check.js");
    content(run(Command::new("node").arg(check).args(origins(&sim)).env("NODE_PATH", modules)));
    assert!(sent(&sim, "/api/v3/oauth2/token").len() >= 2);
}

/// The client as its lock file pins it, installed once in the target directory; no script of it is run.
fn node_modules() -> Result<std::path::PathBuf, String> {
    let home = home("upwork-node-upwork-oauth2-2.3.1-1");
    let (modules, done) = (home.join("node_modules"), home.join("installed"));
    if done.exists() {
        return Ok(modules);
    }
    let failed = |error: std::io::Error| error.to_string();
    std::fs::create_dir_all(&home).map_err(failed)?;
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(folder("upwork_sdk/node").join(name), home.join(name)).map_err(failed)?;
    }
    run(Command::new("node").arg("--version"))?;
    run(Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--prefix"])
        .arg(&home)
        .current_dir(&home))?;
    std::fs::write(&done, "").map_err(failed)?;
    Ok(modules)
}
