//! Registries that let only those in whom they know, by what `docker login` keeps.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use prospector_e2e::prospector::finish;
use prospector_e2e::{Outcome, Prospector};
use serde_json::{Value, json};

use super::server::{Beside, PASSWORD, Server, USER};
use super::{board, empty, running, says};

/// Installs with this configuration of Docker's, and what is in `bin` beside it first among programs.
fn install(prospector: &Prospector, server: &Server, config: &Value) -> Outcome {
    fs::write(server.folder().join("config.json"), config.to_string()).expect("written");
    let mut command = prospector.command(["plugins", "install", "--yes", "-vvv", &server.reference("0.1.0")]);
    let path = format!("{}:/usr/bin:/bin", server.folder().join("bin").display());
    command.env("DOCKER_CONFIG", server.folder()).env("PATH", path).env("GHOSTSTACK_API_KEY", "planted-api-key");
    let outcome = finish(&mut command);
    let told = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(!told.contains(PASSWORD) && !told.contains("cGxhbnRlZC"), "the password is told: {told}");
    outcome
}

/// A credential helper of this name that is this shell script.
fn helper(server: &Server, name: &str, script: &str) {
    let path = server.folder().join("bin").join(format!("docker-credential-{name}"));
    fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("permissions");
}

#[test]
fn a_log_in_of_dockers_is_used_and_never_told() {
    let Some(server) = Server::start(true) else { return };
    server.push("0.1.0", &board(&[]), Beside::default());
    let at = server.authority();
    let prospector = empty();
    let none = install(&prospector, &server, &json!({})).expect(4);
    says(&none, &["Docker's configuration has no credential for it", &format!("docker login {at}")]);
    // ada:wrong-password
    let wrong = install(&prospector, &server, &json!({"auths": {&at: {"auth": "YWRhOndyb25nLXBhc3N3b3Jk"}}})).expect(4);
    says(&wrong, &["refuses ada/board:0.1.0 to the user of Docker's configuration", "docker login"]);
    let damaged =
        install(&prospector, &server, &json!({"auths": {&at: {"auth": ["planted-registry-password"]}}})).expect(4);
    says(&damaged, &["cannot be understood: it is not what Docker writes, at line 1", "config.json"]);
    let right = json!({"auths": {format!("http://{at}/v2/"): {"auth": "YWRhOnBsYW50ZWQtcmVnaXN0cnktcGFzc3dvcmQ="}}});
    let _installed = install(&prospector, &server, &right).ok();
    assert_eq!(running(&prospector), "0.1.0");
    let kept = prospector.home.contents().into_values().filter_map(|(_, bytes)| bytes);
    assert!(kept.into_iter().all(|bytes| !String::from_utf8_lossy(&bytes).contains(PASSWORD)));
}

#[test]
fn a_credential_helper_is_asked_and_held_to_what_helpers_answer() {
    let Some(server) = Server::start(true) else { return };
    server.push("0.1.0", &board(&[]), Beside::default());
    let at = server.authority();
    let prospector = empty();
    let by = |name: &str| json!({"credHelpers": {&at: name}});
    helper(&server, "fails", &format!("echo {PASSWORD}; echo {PASSWORD} >&2; exit 1"));
    helper(&server, "prints", &format!("echo '{{\"Username\": [\"{PASSWORD}\"]}}'"));
    helper(&server, "floods", "cat /dev/zero");
    helper(&server, "none", "echo credentials not found in native keychain; exit 1");
    for (name, words) in [
        ("fails", "docker-credential-fails, which Docker's configuration names for"),
        ("prints", "answered in another way than credential helpers do"),
        ("floods", "answered more than 64 KiB"),
        ("absent", "docker-credential-absent"),
        ("../../bin/sh", "it names a credential helper that is no word"),
        ("none", "has no credential for it"),
    ] {
        says(&install(&prospector, &server, &by(name)).expect(4), &[words]);
    }
    // It is given the registry's name, and none of our secrets.
    let seen = server.folder().join("seen");
    let answer = format!("{{\"ServerURL\":\"x\",\"Username\":\"{USER}\",\"Secret\":\"{PASSWORD}\"}}");
    let script = format!("(echo $1; cat; env) > {}; echo '{answer}'", seen.display());
    helper(&server, "works", &script);
    let _installed = install(&prospector, &server, &by("works")).ok();
    let seen = fs::read_to_string(seen).expect("it was asked");
    assert!(seen.starts_with(&format!("get\n{at}")) && !seen.contains("planted-api-key"), "{seen}");
}
