//! `plugins install`, and what keeps an installed plugin from being another one than a person agreed to.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use ghoststack::plugin::catalog::BUILTIN;
use prospector_e2e::board::KEY;
use prospector_e2e::prospector::wait;
use prospector_e2e::{Board, Home, Outcome, Prospector, Terminal};
use serde_json::Value;

use crate::support::{at, board_component, texts};
use crate::third_platform::{connect, install, installed, section};

fn empty() -> Prospector {
    at(Home::configured("{}"))
}

fn install_file(prospector: &Prospector, file: &Path) -> Outcome {
    prospector.run(&format!("plugins install --yes {}", file.display()))
}

/// The example with another text in place of one of its own of the same length: a plugin of its own, that is valid still.
fn variant(prospector: &Prospector, from: &str, to: &str) -> PathBuf {
    assert_eq!(from.len(), to.len());
    let mut bytes = fs::read(board_component()).expect("the component");
    let places: Vec<usize> =
        (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from.as_bytes())).collect();
    assert!(!places.is_empty(), "{from} is not in the component");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    let path = prospector.home.beside(&format!("{}.wasm", to.replace(' ', "-")));
    fs::write(&path, bytes).expect("a file");
    path
}

fn lock_of(prospector: &Prospector) -> PathBuf {
    prospector.home.path().join("plugins.lock")
}

fn kept(prospector: &Prospector) -> PathBuf {
    prospector.home.path().join("plugins/jobboard.wasm")
}

#[test]
fn the_wishes_are_shown_in_plain_language_and_what_was_agreed_to_is_recorded() {
    let prospector = empty();
    let done = install(&prospector).ok();
    for words in [
        "Example Job Board 0.1.0 (`jobboard`): Jobs of a made-up board",
        "read jobs: read at https://api.jobboard.example/v1/jobs by GET",
        "know whose key it is: read at https://api.jobboard.example/v1/me by GET",
        "have your API key sent to https://api.jobboard.example, in the header X-Api-Key",
        "it sets no wake-ups",
        "It can reach nothing else",
        "min_hourly_usd: Drop jobs that pay less",
        "Example Job Board 0.1.0 is installed.",
    ] {
        assert!(done.stdout.contains(words), "{words}: {}", done.stdout);
    }
    assert!(done.stderr.contains("connect jobboard"), "{}", done.stderr);

    let lock: Value = serde_json::from_slice(&fs::read(lock_of(&prospector)).expect("a lock file")).expect("JSON");
    let entry = &lock["plugins"]["jobboard"];
    assert_eq!((&lock["version"], &entry["world"]), (&3.into(), &"platform".into()));
    assert_eq!(entry["granted"]["credential"]["audience"], serde_json::json!(["api"]));
    let digest = ghoststack::plugin::digest::Digest::of(&fs::read(kept(&prospector)).expect("kept")).to_string();
    assert_eq!(
        (&entry["component_sha256"], &entry["source_sha256"]),
        (&digest.as_str().into(), &digest.as_str().into())
    );
    for file in [lock_of(&prospector), kept(&prospector)] {
        assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
    let list = prospector.run("plugins list").ok();
    assert!(list.stdout.contains("jobboard") && list.stdout.contains("installed"), "{}", list.stdout);
    let inspected = prospector.run("plugins inspect jobboard --json").ok().json();
    assert_eq!((&inspected["source"], &inspected["authentication"]), (&"installed".into(), &"API key".into()));
}

#[test]
fn nobody_to_ask_and_no_yes_installs_nothing_and_a_person_who_says_no_is_heeded() {
    let prospector = at(Home::absent());
    let file = board_component().display().to_string();
    let unasked = prospector.run(&format!("plugins install {file}")).expect(2);
    assert!(unasked.stderr.contains("--yes") && unasked.stdout.contains("It wishes to:"), "{unasked:?}");
    for (answer, code) in [("n\r", 1), ("\r", 1), ("maybe\r", 1), ("y\r", 0)] {
        assert!(!lock_of(&prospector).exists() && !kept(&prospector).exists());
        let mut terminal = Terminal::start(&mut prospector.command(["plugins", "install", &file]));
        terminal.wait_for("Install it? [y/N] ");
        terminal.type_in(answer);
        let (ended, shown) = terminal.end();
        assert_eq!(ended, code, "{answer:?}: {shown}");
    }
    assert!(kept(&prospector).exists());
}

#[test]
fn a_plugin_cannot_take_the_id_of_another() {
    let prospector = empty();
    for builtin in BUILTIN {
        let file = prospector.home.beside("taken.wasm");
        fs::write(&file, builtin.bytes).expect("a file");
        let refused = install_file(&prospector, &file).expect(6);
        let words = format!("it calls itself `{}`, which is a built-in plugin", builtin.id);
        assert!(refused.stderr.contains(&words), "{}", refused.stderr);
    }
    let _installed = install(&prospector).ok();
    let before = fs::read(lock_of(&prospector)).expect("a lock file");
    let other = variant(&prospector, "a made-up board", "a made-up bored");
    let refused = install_file(&prospector, &other).expect(6);
    assert!(refused.stderr.contains("plugins remove jobboard"), "{}", refused.stderr);
    assert_eq!(fs::read(lock_of(&prospector)).expect("a lock file"), before);
    assert!(prospector.run("plugins remove freelancer --yes").expect(2).stderr.contains("built in"));
}

#[test]
fn what_is_no_plugin_is_refused_by_what_is_wrong_with_it() {
    let prospector = empty();
    let file = |name: &str, bytes: &[u8]| {
        let path = prospector.home.beside(name);
        fs::write(&path, bytes).expect("a file");
        path
    };
    let huge = prospector.home.beside("huge.wasm");
    File::create(&huge).and_then(|file| file.set_len(1 << 40)).expect("a sparse file");
    let component = fs::read(board_component()).expect("the component");
    for (path, words) in [
        (file("text.wasm", b"#!/bin/sh\necho"), "not WebAssembly"),
        (file("empty.wasm", b""), "not WebAssembly"),
        (file("module.wasm", b"\0asm\x01\0\0\0"), "exports no function"),
        (file("cut.wasm", &component[..component.len() / 2]), "not a valid component"),
        (huge, "larger than 64 MiB"),
        (prospector.home.path(), "not a plain file"),
        (PathBuf::from("/dev/zero"), "not a plain file"),
        (PathBuf::from("/nonexistent.wasm"), "cannot be read"),
    ] {
        let refused = install_file(&prospector, &path).expect(6);
        assert!(refused.stderr.contains(words), "{}: {}", path.display(), refused.stderr);
    }
    assert!(!lock_of(&prospector).exists());
}

#[test]
fn a_component_that_was_changed_or_replaced_by_a_link_is_not_run_until_it_is_put_right() {
    let board = Board::with(2);
    let prospector = installed(&board, "");
    let _connected = connect(&prospector, KEY).ok();
    let other = variant(&prospector, "a made-up board", "a made-up bored");
    let harm: [(&dyn Fn(), &str); 4] = [
        (&|| assert!(fs::copy(&other, kept(&prospector)).is_ok()), "is not the one that was installed"),
        (&|| fs::write(kept(&prospector), b"").expect("written"), "is not the one that was installed"),
        (&|| fs::remove_file(kept(&prospector)).expect("there"), "No such file"),
        (
            &|| {
                fs::remove_file(kept(&prospector)).expect("there");
                symlink(board_component(), kept(&prospector)).expect("a link");
            },
            "it is a symbolic link",
        ),
    ];
    for (harm, words) in harm {
        harm();
        let asked = board.seen().len();
        let repair = format!("plugins install {}", board_component().display());
        for command in ["connect jobboard", "disconnect jobboard", "plugins inspect jobboard"] {
            let refused = prospector.run(command).expect(6);
            assert!(
                refused.stderr.contains(words) && refused.stderr.contains(&repair),
                "{command}: {}",
                refused.stderr
            );
        }
        for command in ["status", "scan", "scan --platform jobboard"] {
            let told = prospector.run(command).expect(6);
            assert!(told.stdout.contains(words) && told.stdout.contains(&repair), "{command}: {}", told.stdout);
        }
        let list = prospector.run("plugins list").ok();
        assert!(list.stdout.contains("not loaded") && list.stdout.contains("freelancer"), "{}", list.stdout);
        let _listed = prospector.run("leads list --platform jobboard").ok();
        let _valid = prospector.run("config validate").ok();
        assert_eq!(board.seen().len(), asked, "a changed component was run");
        assert!(install(&prospector).ok().stdout.contains("is put right."));
        // What it held was not lost.
        assert!(prospector.run("status").ok().stdout.contains("Status: Connected"));
    }
}

#[test]
fn the_same_file_again_is_no_question_unless_more_is_granted() {
    let prospector = empty();
    let file = board_component().display();
    let _installed = install(&prospector).ok();
    let before = fs::read(lock_of(&prospector)).expect("a lock file");
    let again = prospector.run(&format!("plugins install {file}")).ok();
    assert!(again.stdout.contains("Example Job Board 0.1.0 is installed already"), "{}", again.stdout);
    assert_eq!(fs::read(lock_of(&prospector)).expect("a lock file"), before);
    let more = format!("plugins install --allow-host api.jobboard.example {file}");
    assert!(prospector.run(&more).expect(2).stderr.contains("--yes"));
    assert!(prospector.run(&format!("{more} --yes")).ok().stdout.contains("is put right."));
    // What was granted once stays.
    assert!(prospector.run(&more).ok().stdout.contains("is installed already"));
}

#[test]
fn wishes_that_were_not_granted_are_named() {
    let prospector = installed(&Board::with(1), "");
    let text = fs::read_to_string(lock_of(&prospector)).expect("a lock file");
    for (from, to, words) in [
        ("/v1/jobs", "/v1/none", "it wishes, and was not granted, to read `api` /v1/jobs by GET"),
        ("X-Api-Key", "Forwarded", "it was granted, and does not wish, to have an API key sent as `Forwarded: …`"),
        ("api.jobboard.example", "api.jobboard.invalid", "to reach https://api.jobboard.example as `api`"),
    ] {
        fs::write(lock_of(&prospector), text.replace(from, to)).expect("written");
        let told = prospector.run("status").expect(6);
        assert!(told.stdout.contains(words), "{}", told.stdout);
    }
}

#[test]
fn a_damaged_lock_file_is_said_and_never_written_over() {
    let board = Board::with(1);
    let prospector = installed(&board, "");
    let good = fs::read(lock_of(&prospector)).expect("a lock file");
    let later = String::from_utf8_lossy(&good).replace("\"version\": 3,", "\"version\": 4,").into_bytes();
    for (bytes, words) in
        [(&good[..good.len() / 2], "is damaged"), (b"\xff\0", "is damaged"), (&later, "later version")]
    {
        fs::write(lock_of(&prospector), bytes).expect("written");
        for (line, code) in [
            (format!("plugins install --yes {}", board_component().display()), 7),
            ("plugins remove --yes jobboard".to_owned(), 7),
            ("connect jobboard".to_owned(), 6),
        ] {
            let refused = prospector.run(&line).expect(code);
            assert!(refused.stderr.contains(words) && refused.stderr.contains("plugins.lock"), "{}", refused.stderr);
        }
        assert!(prospector.run("status").expect(6).stdout.contains(words));
        let list = prospector.run("plugins list").ok();
        assert!(list.stdout.contains("freelancer") && list.stderr.contains(words), "{list:?}");
        let _valid = prospector.run("config validate").ok();
        assert_eq!(fs::read(lock_of(&prospector)).expect("a lock file"), bytes);
    }
    fs::write(lock_of(&prospector), &good).expect("restored");
    let _connected = connect(&prospector, KEY).ok();
}

#[test]
fn of_processes_that_install_the_same_id_at_once_one_file_is_installed() {
    let prospector = empty();
    let other = variant(&prospector, "a made-up board", "a made-up bored");
    let files = [board_component(), &other];
    let started: Vec<_> = (0..6)
        .map(|at| {
            let mut command = prospector.command(["plugins", "install", "--yes"]);
            command.arg(files[at % 2]).stdout(Stdio::piped()).stderr(Stdio::piped());
            (command.spawn().expect("it starts"), Instant::now())
        })
        .collect();
    let done: Vec<i32> = started.into_iter().map(|(child, at)| wait(child, at).code).collect();
    let (even, odd): (Vec<_>, Vec<_>) = done.iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let all = |codes: &[(usize, &i32)], code| codes.iter().all(|(_, found)| **found == code);
    assert!(all(&even, 0) && all(&odd, 6) || all(&even, 6) && all(&odd, 0), "{done:?}");
    let list = prospector.run("plugins list --json").ok().json();
    assert!(texts(&list["plugins"], "id").contains(&"jobboard"));
    assert_eq!(list["not_loaded"], serde_json::json!([]));
    let left: Vec<_> = fs::read_dir(prospector.home.path().join("plugins")).expect("a folder").flatten().collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn hosts_on_a_private_network_are_named_one_by_one() {
    let prospector = empty();
    let file = board_component().display();
    let refused = prospector.run(&format!("plugins install --yes --allow-host 127.0.0.1 {file}")).expect(2);
    assert!(
        refused.stderr.contains("api.jobboard.example") && refused.stderr.contains("endpoints:"),
        "{}",
        refused.stderr
    );
    let line = format!("plugins install --yes --allow-host api.jobboard.example {file}");
    assert!(prospector.run(&line).ok().stdout.contains("You let it reach api.jobboard.example on a private network."));
    let lock: Value = serde_json::from_slice(&fs::read(lock_of(&prospector)).expect("a lock file")).expect("JSON");
    assert_eq!(lock["plugins"]["jobboard"]["private_hosts"], serde_json::json!(["api.jobboard.example"]));
}

#[test]
fn a_section_that_waits_for_its_plugin_does_not_keep_it_from_being_installed() {
    let board = Board::with(1);
    let prospector = at(Home::configured(&format!("platforms:\n{}", section(&board, ""))));
    let refused = prospector.run("status").expect(3);
    assert!(refused.stderr.contains("plugins install"), "{}", refused.stderr);
    let _installed = install(&prospector).ok();
    let _connected = connect(&prospector, KEY).ok();
}
