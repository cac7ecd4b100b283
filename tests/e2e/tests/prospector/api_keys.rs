//! Connecting by an API key.

use std::fs;

use prospector_e2e::board::KEY;
use prospector_e2e::{Board, Sim, Terminal};

use crate::support::pointed_at;
use crate::third_platform::{connect, installed};

#[test]
fn at_a_terminal_the_key_is_asked_for_and_shown_as_dots() {
    let board = Board::with(1);
    let prospector = installed(&board, "");
    let mut terminal = Terminal::start(&mut prospector.command(["connect", "jobboard"]));
    terminal.wait_for("Example Job Board issues API keys at https://jobboard.example/account/keys");
    terminal.wait_for(&format!("The key will be sent to {}, and nowhere else.", board.origin()));
    terminal.wait_for("Enter Example Job Board API key: ");
    terminal.type_in(&format!("{KEY}\r"));
    terminal.wait_for("\u{2022}\u{2022}\u{2022}\r\n");
    let (code, shown) = terminal.end();
    assert!(code == 0 && shown.contains("knows the key as ada"), "{shown}");
    assert!(!shown.contains(&KEY[..8]), "the key was echoed: {shown}");
}

#[test]
fn a_refused_key_is_explained_by_the_plugin_and_nothing_is_stored() {
    let board = Board::with(1);
    let prospector = installed(&board, "");
    let refused = connect(&prospector, "planted-wrong-key").expect(4);
    for words in ["API key refused", "no such key", "next:", "https://jobboard.example/account/keys"] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    assert!(!refused.stderr.contains("planted"), "{}", refused.stderr);
    assert!(prospector.run("status --offline").expect(4).stdout.contains("Disconnected"));

    let _connected = connect(&prospector, KEY).ok();
    let _refused = connect(&prospector, "planted-wrong-key").expect(4);
    let status = prospector.run("status").ok();
    assert!(status.stdout.contains("Status: Connected"), "the key that works was lost: {}", status.stdout);
}

#[test]
fn a_board_that_cannot_be_asked_now_is_told_apart_from_a_refused_key() {
    let board = Board::with(1);
    let prospector = installed(&board, "");
    board.fail(Some((500, "oh no")));
    let later = connect(&prospector, KEY).expect(5);
    assert!(later.stderr.contains("HTTP 500"), "{}", later.stderr);
    assert!(prospector.run("status --offline").expect(4).stdout.contains("Disconnected"));
}

#[test]
fn a_key_that_was_revoked_is_auth_expired_with_the_command_that_repairs_it() {
    let board = Board::with(1);
    let prospector = installed(&board, "");
    let _connected = connect(&prospector, KEY).ok();
    board.fail(Some((401, r#"{"error":"revoked"}"#)));
    let status = prospector.run("status").expect(4);
    for words in ["Status: Auth_expired", "API key refused", "connect jobboard"] {
        assert!(status.stdout.contains(words), "{words}: {}", status.stdout);
    }
    assert!(prospector.run("scan").expect(4).stdout.contains("API key refused"));
}

#[test]
fn the_key_comes_from_a_file_or_the_environment_and_is_nowhere_to_be_read() {
    let board = Board::with(2);
    let prospector = installed(&board, "");
    let unasked = prospector.run("connect jobboard").expect(2);
    for words in ["GHOSTSTACK_API_KEY", "--api-key-file"] {
        assert!(unasked.stderr.contains(words), "{words}: {}", unasked.stderr);
    }
    let _refused = prospector.run(&format!("connect jobboard --api-key {KEY}")).expect(2);
    let file = prospector.home.beside("key");
    fs::write(&file, format!("{KEY}\n")).expect("a file");
    let mut told = String::new();
    for line in [&format!("connect -vvv jobboard --api-key-file {}", file.display()), "scan -vvv", "status -vvv --json"]
    {
        let done = prospector.run(line).ok();
        told.push_str(&done.stdout);
        told.push_str(&done.stderr);
    }
    assert!(!told.contains(KEY), "the key was printed");
    for (path, (_, bytes)) in prospector.home.contents() {
        let bytes = bytes.unwrap_or_default();
        let held = bytes.windows(KEY.len()).any(|piece| piece == KEY.as_bytes());
        assert!(!held, "{} holds the key", path.display());
    }
}

#[test]
fn disconnecting_deletes_the_key() {
    let board = Board::with(1);
    let prospector = installed(&board, "");
    let _connected = connect(&prospector, KEY).ok();
    let gone = prospector.run("disconnect jobboard").ok();
    assert!(gone.stdout.contains("Example Job Board is disconnected."), "{}", gone.stdout);
    assert!(gone.stderr.contains("API key itself stays valid"), "{}", gone.stderr);
    assert!(prospector.run("status").expect(4).stdout.contains("Disconnected"));
    assert!(prospector.run("scan").expect(4).stdout.contains("connect jobboard"));
}

#[test]
fn flags_of_one_kind_of_log_in_are_refused_by_the_other() {
    let board = Board::with(1);
    let prospector = installed(&board, "");
    let refused = prospector.run("connect jobboard --client-id x").expect(2);
    assert!(refused.stderr.contains("--api-key-file"), "{}", refused.stderr);
    let sim = Sim::agreeing();
    let refused = pointed_at(&sim).run("connect freelancer --api-key-file /dev/null").expect(2);
    assert!(refused.stderr.contains("takes no API key"), "{}", refused.stderr);
}
