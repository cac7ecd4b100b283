//! What protects the embedded store's key, through the program.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use prospector_e2e::{Sim, Terminal};

use super::{connect, run, with_vault};
use crate::support::{missing, pointed_at};

const PASSPHRASE: &str = "correct horse battery staple";
const GIVEN: [(&str, &str); 1] = [("GHOSTSTACK_VAULT_PASSPHRASE", PASSPHRASE)];

#[test]
fn a_passphrase_from_the_environment_opens_the_vault_and_another_does_not() {
    let sim = Sim::agreeing();
    let prospector = with_vault(&sim, "{ key: passphrase }");
    let nobody = connect(&prospector, &[]).expect(7);
    assert!(nobody.stderr.contains("set GHOSTSTACK_VAULT_PASSPHRASE"), "{}", nobody.stderr);
    assert!(sim.freelancer().requests().is_empty(), "a token was asked for that could not be kept");
    let _connected = connect(&prospector, &GIVEN).ok();
    let status = run(&prospector, "status", &GIVEN).ok();
    assert!(status.stdout.contains("Status: Connected"), "{}", status.stdout);
    assert!(status.stderr.contains("encrypted by a passphrase (Argon2id)"), "{}", status.stderr);
    let wrong = run(&prospector, "vault status --json", &[("GHOSTSTACK_VAULT_PASSPHRASE", "wrong horse")]).expect(7);
    assert_eq!(wrong.json()["state"], "locked");
    assert!(wrong.stdout.contains("does not open the key file"), "{}", wrong.stdout);
    assert!(!wrong.stdout.contains("horse"));
    // What wants no secret asks for none.
    let _listed = prospector.run("leads list").ok();
    let _valid = prospector.run("config validate").ok();
}

#[test]
fn a_passphrase_is_asked_for_at_a_terminal_and_not_shown() {
    let sim = Sim::agreeing();
    let prospector = with_vault(&sim, "{ key: passphrase }");
    let mut command = prospector.command(["connect", "freelancer", "--client-id", "sim-client"]);
    let mut terminal = Terminal::start(command.env("GHOSTSTACK_CLIENT_SECRET", "sim-secret"));
    for question in ["New passphrase of the vault: ", "The same once more: "] {
        terminal.wait_for(question);
        terminal.type_in(&format!("{PASSPHRASE}\r"));
    }
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains("horse") && shown.contains("Tokens stored in Vault."), "{shown}");
    let mut command = prospector.command(["status", "--offline"]);
    let mut terminal = Terminal::start(&mut command);
    terminal.wait_for("Passphrase of the vault: ");
    terminal.type_in(&format!("{PASSPHRASE}\r"));
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert_eq!(shown.matches("Passphrase of the vault: ").count(), 1, "{shown}");
}

#[test]
fn a_vault_made_with_one_protection_says_so_when_it_is_opened_with_another() {
    let sim = Sim::agreeing();
    let prospector = pointed_at(&sim);
    let _connected = prospector.connect().ok();
    let other = [GIVEN[0], ("GHOSTSTACK_PROSPECTOR_VAULT__KEY", "passphrase")];
    let refused = run(&prospector, "status --offline", &other).expect(7);
    for part in ["protected by file, but vault.key says passphrase", "vault migrate --to embedded --key passphrase"] {
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
    let _as_it_was = prospector.run("status").ok();
}

#[test]
fn the_protection_is_changed_with_the_configuration_and_back() {
    let sim = Sim::agreeing();
    let prospector = pointed_at(&sim);
    let _connected = prospector.connect().ok();
    let changed = run(&prospector, "vault migrate --to embedded --key passphrase", &GIVEN).ok();
    assert!(changed.stdout.contains("vault.key: passphrase now"), "{}", changed.stdout);
    assert_eq!(prospector.run("vault status --json").expect(7).json()["state"], "locked");
    assert!(run(&prospector, "status", &GIVEN).ok().stdout.contains("Status: Connected"));
    // Killed between the key file and the configuration: the same again finishes it.
    let text = std::fs::read_to_string(prospector.home.configuration_file()).expect("reads");
    prospector.home.configure(&text.replace("key: 'passphrase'", "key: 'file'"));
    assert!(run(&prospector, "status --offline", &GIVEN).expect(7).stderr.contains("vault.key says file"));
    let _finished = run(&prospector, "vault migrate --to embedded --key passphrase", &GIVEN).ok();
    assert!(run(&prospector, "status", &GIVEN).ok().stdout.contains("Status: Connected"));
    let _back = run(&prospector, "vault migrate --to embedded --key file", &GIVEN).ok();
    assert!(prospector.run("status").ok().stdout.contains("Status: Connected"));
}

#[test]
fn without_a_session_the_keyring_is_said_to_be_missing_and_nothing_else_is_taken() {
    let sim = Sim::agreeing();
    let prospector = with_vault(&sim, "{ key: keyring }");
    let refused = connect(&prospector, &[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")]).expect(7);
    assert!(refused.stderr.contains("keyring of this session cannot be used"), "{}", refused.stderr);
    assert!(sim.freelancer().requests().is_empty());
    let vault = prospector.home.path().join("prospector/vault");
    assert!(!vault.join("secrets.key").exists() && !vault.join("secrets.vault").exists());
}

/// A bus with a keyring on it, both ended when dropped.
struct Session {
    bus: Child,
    keyring: Child,
    address: String,
}

impl Session {
    /// None where there is no keyring to be had, which has been said.
    fn start(home: &Path) -> Option<Self> {
        let has = |program: &str| Path::new("/usr/bin").join(program).is_file();
        if !has("dbus-daemon") || !has("gnome-keyring-daemon") {
            missing("there is no dbus-daemon and gnome-keyring-daemon (Debian: dbus, gnome-keyring)");
            return None;
        }
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--nofork", "--print-address"]).env("HOME", home).stdout(Stdio::piped());
        let mut bus = bus.stderr(Stdio::null()).spawn().expect("a bus");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().expect("is piped")).read_line(&mut address).expect("its address");
        let address = address.trim().to_owned();
        let mut keyring = Command::new("gnome-keyring-daemon");
        keyring.args(["--foreground", "--components=secrets", "--unlock"]).env_clear();
        keyring.env("HOME", home).env("XDG_RUNTIME_DIR", home).env("DBUS_SESSION_BUS_ADDRESS", &address);
        let mut keyring =
            keyring.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a keyring");
        keyring.stdin.take().expect("is piped").write_all(b"its password").expect("it is told");
        Some(Self { bus, keyring, address })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in [&mut self.keyring, &mut self.bus] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn a_real_keyring_keeps_the_key() {
    let sim = Sim::agreeing();
    let prospector = with_vault(&sim, "\n  key: keyring");
    let Some(session) = Session::start(&prospector.home.path()) else { return };
    let bus = [("DBUS_SESSION_BUS_ADDRESS", session.address.as_str())];
    // The daemon takes its name on the bus a moment after it starts.
    let mut connected = connect(&prospector, &bus);
    for _ in 0..20 {
        if connected.code == 0 {
            break;
        }
        connected = connect(&prospector, &bus);
    }
    let _connected = connected.ok();
    let status = run(&prospector, "status", &bus).ok();
    assert!(status.stdout.contains("Status: Connected"), "{}", status.stdout);
    assert!(status.stderr.contains("key in the keyring of this session"), "{}", status.stderr);
    let _changed = run(&prospector, "vault migrate --to embedded --key file", &bus).ok();
    assert!(prospector.run("status").ok().stdout.contains("Status: Connected"));
    drop(session);
}
