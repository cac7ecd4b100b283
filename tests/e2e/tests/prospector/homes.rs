//! Homes that cannot be read or written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use prospector_e2e::home::configuration;
use prospector_e2e::prospector::finish;
use prospector_e2e::sim::POSTINGS;
use prospector_e2e::{Prospector, Sim};

use crate::support::{at, connected, missing, pointed_at, texts};

/// Runs a script as root of a mount namespace of its own, in which `$HOME_DIR` can be mounted over without anybody else seeing it.
/// `None` where the system does not let us, which has been said.
fn in_a_namespace(prospector: &Prospector, script: &str) -> Option<prospector_e2e::Outcome> {
    let possible = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            "d=$(mktemp -d) && mount -t tmpfs tmpfs $d && umount $d; rmdir $d",
        ])
        .output();
    if !possible.is_ok_and(|done| done.status.success()) {
        missing("no file system can be mounted here (unshare --user --map-root-user --mount)");
        return None;
    }
    let mut command = Command::new("unshare");
    let template = prospector.command([""; 0]);
    command.args(["--user", "--map-root-user", "--mount", "bash", "-uc", script]).env_clear();
    for (name, value) in template.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env("GHOSTSTACK_CLIENT_SECRET", "sim-secret")
        .env("HOME_DIR", prospector.home.path())
        .env("GHOSTSTACK", prospector.binary());
    Some(finish(&mut command))
}

#[test]
fn in_a_read_only_home_reading_works_and_writing_is_refused_before_anything_is_asked() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let _scanned = prospector.run("scan").ok();
    let before = prospector.home.contents();
    let script = r#"
        mount --bind "$HOME_DIR" "$HOME_DIR" && mount -o remount,ro,bind "$HOME_DIR" || exit 99
        run() { echo "== $*"; "$GHOSTSTACK" prospector "$@" 2>&1; echo "== exit $?"; }
        run status --offline
        run leads list --limit 1
        run config validate
        run scan
        run connect freelancer --client-id sim-client
    "#;
    let Some(done) = in_a_namespace(&prospector, script) else { return };
    let done = done.ok();
    let parts: Vec<&str> = done.stdout.split("== exit ").collect();
    let [status, leads, config, scan, connect, last] = parts.as_slice() else {
        panic!("{}{}", done.stdout, done.stderr)
    };
    let code = |next: &str| next.chars().take_while(char::is_ascii_digit).collect::<String>();
    assert_eq!(code(leads), "0", "status --offline: {status}");
    assert_eq!(code(config), "0", "leads list: {leads}");
    assert_eq!(code(scan), "0", "config validate: {config}");
    assert_eq!(code(connect), "7", "scan: {scan}");
    assert_eq!(code(last), "7", "connect: {connect}");
    assert!(status.contains("Status: Connected"), "{status}");
    assert!(!connect.contains("Opening browser"), "{connect}");
    for refused in [scan, connect] {
        assert!(
            refused.contains("error: ") && refused.contains(&*prospector.home.path().to_string_lossy()),
            "{refused}"
        );
    }
    let unchanged = |contents: prospector_e2e::home::Contents| {
        contents.into_iter().filter(|(path, _)| !is_index(path)).collect::<Vec<_>>()
    };
    assert_eq!(unchanged(prospector.home.contents()), unchanged(before));
}

fn is_index(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-shm")
}

#[test]
fn on_a_full_disk_a_scan_says_so_and_what_was_stored_is_still_there() {
    let sim = Sim::agreeing();
    let prospector = pointed_at(&sim);
    let script = r#"
        settings=$(cat "$HOME_DIR/prospector.yaml")
        mount -t tmpfs -o size=8m tmpfs "$HOME_DIR" || exit 99
        echo "$settings" > "$HOME_DIR/prospector.yaml"
        run() { echo "== $*"; "$GHOSTSTACK" prospector "$@" 2>&1; echo "== exit $?"; }
        run connect freelancer --client-id sim-client
        cat /dev/zero > "$HOME_DIR/filler" 2>/dev/null
        # Not even room for the index of SQLite's log, which it calls an I/O error.
        run scan
        # Room for that, and little more.
        truncate -s -64K "$HOME_DIR/filler"
        run scan
        run status --offline
        rm "$HOME_DIR/filler"
        run scan
        run leads list --limit 1
    "#;
    let Some(done) = in_a_namespace(&prospector, script) else { return };
    let done = done.ok();
    let parts: Vec<&str> = done.stdout.split("== exit ").collect();
    let [connect, fuller, full, status, after, list, last] = parts.as_slice() else {
        panic!("{}{}", done.stdout, done.stderr)
    };
    let code = |next: &str| next.chars().take_while(char::is_ascii_digit).collect::<String>();
    assert_eq!(code(fuller), "0", "connect: {connect}");
    assert_eq!((code(full), code(status)), ("7".to_owned(), "7".to_owned()), "scans on a full disk: {fuller}{full}");
    for said in [fuller, full] {
        assert!(said.contains("the disk is full") && said.contains("make room"), "{said}");
    }
    assert_eq!(code(after), "0", "status: {status}");
    assert!(status.contains("Status: Connected"), "{status}");
    assert_eq!((code(list), code(last)), ("0".to_owned(), "0".to_owned()), "{after}{list}");
}

#[test]
fn on_a_full_disk_connect_fails_before_the_browser_opens() {
    let sim = Sim::agreeing();
    let prospector = pointed_at(&sim);
    let script = r#"
        settings=$(cat "$HOME_DIR/prospector.yaml")
        mount -t tmpfs -o size=4m tmpfs "$HOME_DIR" || exit 99
        echo "$settings" > "$HOME_DIR/prospector.yaml"
        cat /dev/zero > "$HOME_DIR/filler" 2>/dev/null
        exec "$GHOSTSTACK" prospector connect freelancer --client-id sim-client
    "#;
    let Some(done) = in_a_namespace(&prospector, script) else { return };
    let done = done.expect(7);
    assert!(!done.stdout.contains("Opening browser"), "{}{}", done.stdout, done.stderr);
    assert!(sim.requests("/oauth").is_empty());
}

#[test]
fn a_damaged_database_is_named_and_left_as_it_is() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let _scanned = prospector.run("scan").ok();
    let store = prospector.home.path().join("prospector/store.db");
    for file in ["store.db-wal", "store.db-shm"] {
        // They are there or not, as SQLite pleased.
        let _ = fs::remove_file(store.with_file_name(file));
    }
    fs::write(&store, "this is no database, whatever it was").expect("written");
    for line in ["scan", "leads list", "status --offline"] {
        let refused = prospector.run(line).expect(7);
        assert!(
            refused.stderr.contains("store.db") || refused.stdout.contains("store.db"),
            "{line}: {}{}",
            refused.stdout,
            refused.stderr
        );
    }
    assert_eq!(fs::read_to_string(&store).expect("it is there"), "this is no database, whatever it was");
}

#[test]
fn a_damaged_vault_is_named_and_left_as_it_is() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let vault = prospector.home.path().join("prospector/vault/secrets.vault");
    let mut bytes = fs::read(&vault).expect("it is there");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&vault, &bytes).expect("written");
    for line in ["status", "status --offline", "disconnect freelancer"] {
        let refused = prospector.run(line).expect(7);
        assert!(refused.stderr.contains("secrets.vault"), "{line}: {}", refused.stderr);
    }
    let connect = prospector.connect().expect(7);
    assert!(!connect.stdout.contains("Opening browser"), "{}", connect.stdout);
    assert_eq!(fs::read(&vault).expect("it is there"), bytes);
}

#[test]
fn a_home_that_is_no_place_for_files_is_named() {
    let sim = Sim::agreeing();
    let prospector = at(prospector_e2e::Home::absent());
    for (home, code, words) in [("relative/home", 7, "GHOSTSTACK_HOME"), ("/dev/null/home", 7, "/dev/null/home")] {
        let refused = finish(prospector.command(["config", "init"]).env("GHOSTSTACK_HOME", home)).expect(code);
        assert!(refused.stderr.contains(words), "{home}: {}", refused.stderr);
    }
    let mut nowhere = prospector.command(["status"]);
    let refused = finish(nowhere.env_remove("GHOSTSTACK_HOME")).expect(7);
    assert!(refused.stderr.contains("set GHOSTSTACK_HOME"), "{}", refused.stderr);
    assert!(sim.requests(POSTINGS).is_empty());
}

#[test]
fn a_cache_of_nonsense_is_made_anew() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let cached: Vec<PathBuf> = prospector
        .home
        .contents()
        .into_keys()
        .filter(|path| path.extension().is_some_and(|ending| ending == "cwasm"))
        .collect();
    assert!(!cached.is_empty(), "nothing is cached");
    for path in &cached {
        fs::write(path, "not compiled code").expect("written");
    }
    let scan = prospector.run("scan --json").ok().json();
    assert!(!texts(&scan["leads"], "id").is_empty());
}

#[test]
fn the_home_may_be_anywhere_also_where_names_are_odd() {
    let sim = Sim::agreeing();
    let prospector = at(prospector_e2e::Home::absent());
    let odd = prospector.home.beside("a home with spaces, ümläuts & a ?query#and%20more");
    fs::create_dir_all(&odd).expect("a directory");
    fs::write(odd.join("prospector.yaml"), configuration(&sim, "", "")).expect("written");
    let run = |line: &str| {
        finish(
            prospector
                .command(line.split(' '))
                .env("GHOSTSTACK_HOME", &odd)
                .env("GHOSTSTACK_CLIENT_SECRET", "sim-secret"),
        )
    };
    let _connected = run("connect freelancer --client-id sim-client").ok();
    let _scanned = run("scan").ok();
    assert!(odd.join("prospector/store.db").is_file());
}
