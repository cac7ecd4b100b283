//! `vault migrate`: there and back, and killed at each request on the way.

use std::fs;
use std::process::Stdio;
use std::time::Instant;

use openbao_server::{OpenBao, ROOT};
use prospector_e2e::home::configuration;
use prospector_e2e::prospector::wait;
use prospector_e2e::{Home, Prospector, Sim};
use serde_json::{Value, json};

use super::proxy::{Proxy, Stop};
use super::{connect, kept, run};
use crate::support::{at, scanning_at};

const TOKEN: [(&str, &str); 1] = [("VAULT_TOKEN", ROOT)];

/// The program, connected, with its credentials embedded and a server to move to.
fn connected(sim: &Sim, address: &str) -> Prospector {
    let vault = format!(
        "# where secrets are\nvault:\n  backend: 'embedded'   # for now\n  hashicorp:\n    address: '{address}'\n"
    );
    let prospector = at(Home::configured(&configuration(sim, "", &vault)));
    let _connected = connect(&prospector, &[]).ok();
    prospector
}

fn status(prospector: &Prospector) -> Value {
    run(prospector, "vault status --json", &TOKEN).ok().json()
}

fn is_connected(prospector: &Prospector) -> bool {
    let status = run(prospector, "status --json", &TOKEN).json();
    status["platforms"][0]["state"] == "connected"
}

fn file(prospector: &Prospector) -> String {
    fs::read_to_string(prospector.home.configuration_file()).expect("reads")
}

#[test]
fn credentials_move_there_and_back_and_the_old_copies_stay_until_they_are_purged() {
    let Some(server) = OpenBao::in_memory() else { return };
    let sim = Sim::agreeing();
    let prospector = connected(&sim, &server.address());
    let before = file(&prospector);

    let moved = run(&prospector, "vault migrate --to hashicorp", &TOKEN).ok();
    for part in ["Copied 1 secret from ", "they are the same", "vault.backend: hashicorp"] {
        assert!(moved.stdout.contains(part), "{}", moved.stdout);
    }
    assert!(moved.stderr.contains("vault migrate --to hashicorp --purge"), "{}", moved.stderr);
    assert_eq!(file(&prospector), before.replace("'embedded'", "'hashicorp'"));
    assert!(is_connected(&prospector) && kept(&server).contains("credentials"));
    let left = &status(&prospector)["migration"];
    assert_eq!((left["interrupted"].as_bool(), left["from"]["backend"].as_str()), (Some(false), Some("embedded")));

    // The token is replaced at the server; the way back must bring the new one, over the copy that was left.
    sim.freelancer().expire(false);
    assert!(is_connected(&prospector));
    let back = run(&prospector, "vault migrate --to embedded --purge --json", &TOKEN).ok().json();
    assert_eq!((back["copied"].as_u64(), back["purged"].as_u64()), (Some(1), Some(1)), "{back}");
    assert_eq!(file(&prospector), before);
    assert!(!kept(&server).contains("credentials"));
    assert!(is_connected(&prospector) && status(&prospector)["migration"].is_null());

    let again = run(&prospector, "vault migrate --to embedded", &TOKEN).ok();
    assert!(again.stdout.contains("already"), "{}", again.stdout);
}

#[test]
fn what_was_given_up_meanwhile_does_not_come_back() {
    let Some(server) = OpenBao::in_memory() else { return };
    let sim = Sim::agreeing();
    let prospector = connected(&sim, &server.address());
    let _there = run(&prospector, "vault migrate --to hashicorp", &TOKEN).ok();
    let _gone = run(&prospector, "disconnect freelancer", &TOKEN).ok();
    let _back = run(&prospector, "vault migrate --to embedded", &TOKEN).ok();
    assert_eq!(status(&prospector)["secrets"], 0);
    let state = run(&prospector, "status --offline --json", &TOKEN).json();
    assert_eq!(state["platforms"][0]["state"], "disconnected");
}

#[test]
fn somebody_elses_secret_is_not_replaced_unless_that_is_asked_for() {
    let Some(server) = OpenBao::in_memory() else { return };
    let sim = Sim::agreeing();
    let prospector = connected(&sim, &server.address());
    let path = "ghoststack/prospector/credentials/default/freelancer/default";
    server.bao(&["kv", "put", "-mount=secret", "-format=json", path, "version=theirs"]);
    let refused = run(&prospector, "vault migrate --to hashicorp", &TOKEN).expect(2);
    assert!(refused.stderr.contains("--overwrite"), "{}", refused.stderr);
    assert!(file(&prospector).contains("backend: 'embedded'") && is_connected(&prospector));
}

#[test]
fn a_migration_killed_at_any_request_leaves_one_store_in_force_and_is_resumed() {
    let Some(server) = OpenBao::in_memory() else { return };
    let (sim, proxy) = (Sim::agreeing(), Proxy::before(&server.address()));
    let prospector = connected(&sim, &proxy.address());
    let (mut killed, mut resumed) = (0, 0);
    for to in ["hashicorp", "embedded"] {
        let from = if to == "hashicorp" { "embedded" } else { "hashicorp" };
        for stop in [Stop::Request, Stop::Answer] {
            for number in 0.. {
                proxy.stop_at(number, stop);
                let mut command = prospector.command(["vault", "migrate", "--to", to]);
                command.envs(TOKEN).stdout(Stdio::piped()).stderr(Stdio::piped());
                let (mut child, started) = (command.spawn().expect("it starts"), Instant::now());
                let stopped = proxy.stops_before(|| child.try_wait().expect("can be asked").is_some());
                if stopped {
                    child.kill().expect("is killed");
                    killed += 1;
                }
                let ended = wait(child, started);
                proxy.pass();
                if stopped {
                    let at = format!("{to}, {stop:?} {number}");
                    assert!(file(&prospector).contains(&format!("backend: '{from}'")), "{at}");
                    assert!(is_connected(&prospector), "{at}");
                    assert_eq!(status(&prospector)["state"], "ok", "{at}");
                    let report = run(&prospector, &format!("vault migrate --to {to} --json"), &TOKEN).ok().json();
                    resumed += u32::from(report["resumed"] == true);
                } else {
                    let _ended = ended.ok();
                }
                assert!(file(&prospector).contains(&format!("backend: '{to}'")));
                assert!(is_connected(&prospector), "{to}, {stop:?} {number}");
                // From the beginning again, and a token that the copies do not have.
                let _back = run(&prospector, &format!("vault migrate --to {from} --purge"), &TOKEN).ok();
                sim.freelancer().expire(false);
                assert!(is_connected(&prospector));
                if !stopped {
                    break;
                }
            }
        }
        let _there = run(&prospector, &format!("vault migrate --to {to} --purge"), &TOKEN).ok();
    }
    assert!(killed >= 20 && resumed >= 8, "killed {killed} times, resumed {resumed} times");
}

#[test]
fn a_crash_just_after_the_switch_is_finished_by_the_next_run() {
    let Some(server) = OpenBao::in_memory() else { return };
    let sim = Sim::agreeing();
    let prospector = connected(&sim, &server.address());
    let _there = run(&prospector, "vault migrate --to hashicorp", &TOKEN).ok();
    // As it is before the last write.
    let journal = prospector.home.path().join("prospector/vault-migration.json");
    let text = fs::read_to_string(&journal).expect("reads").replace("\"moved\"", "\"copying\"");
    fs::write(&journal, text).expect("writes");
    assert_eq!(status(&prospector)["migration"]["interrupted"], false);
    assert!(is_connected(&prospector));
    let finished = run(&prospector, "vault migrate --to hashicorp --purge --json", &TOKEN).ok().json();
    assert_eq!((finished["resumed"].as_bool(), finished["purged"].as_u64()), (Some(true), Some(1)), "{finished}");
}

#[test]
fn who_uses_credentials_and_who_moves_them_wait_for_each_other() {
    let Some(server) = OpenBao::in_memory() else { return };
    let (sim, proxy) = (Sim::agreeing(), Proxy::before(&server.address()));
    let prospector = connected(&sim, &proxy.address());
    // Moving: others are told to come back.
    proxy.stop_at(3, Stop::Request);
    let mut command = prospector.command(["vault", "migrate", "--to", "hashicorp"]);
    let mut moving = command.envs(TOKEN).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    assert!(proxy.stops_before(|| moving.try_wait().expect("can be asked").is_some()));
    for line in ["status --offline", "scan", "connect freelancer --client-id sim-client", "vault status"] {
        let refused = run(&prospector, line, &TOKEN).expect(8);
        assert!(refused.stderr.contains("being moved"), "{line}: {}", refused.stderr);
    }
    moving.kill().expect("is killed");
    moving.wait().expect("ends");
    proxy.pass();
    // Using: whoever moves waits.
    let scanning = scanning_at(&sim, &prospector, prospector_e2e::sim::POSTINGS, 0, 1500);
    let moved = run(&prospector, "vault migrate --to hashicorp", &TOKEN).ok();
    assert!(moved.stdout.contains("Copied"), "{}", moved.stdout);
    let scanned = wait(scanning, Instant::now()).ok();
    assert!(!scanned.stdout.is_empty());
    assert_eq!(sim.control("GET", "/faults", &Value::Null)["faults"], json!([]));
}

#[test]
fn a_file_that_cannot_be_edited_is_said_before_anything_is_copied() {
    let Some(server) = OpenBao::in_memory() else { return };
    let sim = Sim::agreeing();
    let vault = format!("vault: {{ hashicorp: {{ address: '{}' }} }}", server.address());
    let prospector = at(Home::configured(&configuration(&sim, "", &vault)));
    let _connected = connect(&prospector, &[]).ok();
    let refused = run(&prospector, "vault migrate --to hashicorp", &TOKEN).expect(3);
    assert!(
        format!("{}{}", refused.stdout, refused.stderr).contains("backend: 'hashicorp'"),
        "{}{}",
        refused.stdout,
        refused.stderr
    );
    assert!(!kept(&server).contains("credentials"));
    let overridden = [TOKEN[0], ("GHOSTSTACK_PROSPECTOR_VAULT__BACKEND", "embedded")];
    let blocked = self::connected(&sim, &server.address());
    let refused = run(&blocked, "vault migrate --to hashicorp", &overridden).expect(2);
    assert!(refused.stderr.contains("unset it"), "{}", refused.stderr);
}
