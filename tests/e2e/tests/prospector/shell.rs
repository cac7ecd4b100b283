//! What shells and scripts expect of a command.

use std::process::{Command, Stdio};

use prospector_e2e::prospector::finish;
use prospector_e2e::{Home, Sim, Terminal};

use crate::support::{at, connected, connected_with, missing};

#[test]
fn colours_are_for_terminals_and_no_color_turns_them_off() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let piped = prospector.run("scan").ok();
    assert!(!piped.stdout.contains('\u{1b}') && !piped.stderr.contains('\u{1b}'));
    let forced = prospector.run("leads list --color always").ok();
    assert!(forced.stdout.contains("\u{1b}["));
    let (code, coloured) = Terminal::start(&mut prospector.command(["leads", "list"])).end();
    assert!(code == 0 && coloured.contains("\u{1b}["), "{coloured}");
    let (code, plain) = Terminal::start(prospector.command(["leads", "list"]).env("NO_COLOR", "1")).end();
    assert!(code == 0 && !plain.contains('\u{1b}'), "{plain}");
    let (code, never) = Terminal::start(&mut prospector.command(["leads", "list", "--color", "never"])).end();
    assert!(code == 0 && !never.contains('\u{1b}'), "{never}");
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    min_employer_rating: 4.5", "");
    let _scanned = prospector.run("scan").ok();
    for line in [
        "leads list --json --min-score 0 --limit 1000",
        "leads skipped",
        "scan --limit 1000",
        "completions bash",
        "--help",
        "config show",
        "plugins inspect freelancer",
    ] {
        let mut shell = Command::new("bash");
        let template = prospector.command([""; 0]);
        for (name, value) in template.get_envs() {
            if let Some(value) = value {
                shell.env(name, value);
            }
        }
        let script = format!(
            "{} prospector {line} | head -c 1 >/dev/null; echo \"${{PIPESTATUS[0]}}\"",
            prospector.binary().display()
        );
        let done = finish(shell.args(["-c", &script]).stdin(Stdio::null())).ok();
        assert_eq!((done.stdout.trim(), done.stderr.as_str()), ("0", ""), "{line}");
    }
}

#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    let prospector = at(Home::configured("{}"));
    let mut shell = Command::new("bash");
    let script = format!(
        "GHOSTSTACK_HOME={} {} prospector plugins list > /dev/full",
        prospector.home.path().display(),
        prospector.binary().display()
    );
    let done = finish(shell.args(["-c", &script]).stdin(Stdio::null())).expect(1);
    assert!(done.stderr.contains("output cannot be written"), "{}", done.stderr);
}

#[test]
fn completion_scripts_are_read_by_their_shells() {
    let prospector = at(Home::configured("{}"));
    for shell in ["bash", "zsh", "fish"] {
        let script = prospector.run(&format!("completions {shell}")).ok();
        for word in ["prospector", "connect", "scan", "leads", "profile"] {
            assert!(script.stdout.contains(word), "{shell}: {word}");
        }
        let file = prospector.home.beside(shell);
        std::fs::write(&file, &script.stdout).expect("a file");
        match Command::new(shell).arg("-n").arg(&file).stdin(Stdio::null()).output() {
            Ok(read) => assert!(read.status.success(), "{shell}: {}", String::from_utf8_lossy(&read.stderr)),
            Err(_) if shell == "bash" => missing("there is no bash"),
            Err(_) => println!("skipped: there is no {shell} to read its completion script"),
        }
    }
}

#[test]
fn what_is_not_understood_is_a_usage_error_that_suggests() {
    let prospector = at(Home::configured("{}"));
    for (line, words) in [
        ("scna", "scan"),
        ("scan --platfrom freelancer", "--platform"),
        ("leads", "list"),
        ("leads list --min-score 101", "101"),
        ("leads list --limit 0", "0"),
    ] {
        let refused = prospector.run(line).expect(2);
        assert!(
            refused.stderr.contains(words) && refused.stdout.is_empty(),
            "{line}: {}{}",
            refused.stdout,
            refused.stderr
        );
    }
}

#[test]
fn help_documents_the_exit_codes() {
    let prospector = at(Home::configured("{}"));
    let help = prospector.run("--help").ok();
    for words in ["Exit codes:", "0  done", "4  not connected", "8  another process", "GHOSTSTACK_HOME"] {
        assert!(help.stdout.contains(words), "{words}: {}", help.stdout);
    }
    let install = prospector.run("plugins install --help").ok();
    for words in ["--yes", "--allow-host", "plugins.lock"] {
        assert!(install.stdout.contains(words), "{words}: {}", install.stdout);
    }
    for command in ["connect", "disconnect", "status", "scan", "leads", "profile", "config", "plugins", "completions"] {
        assert!(help.stdout.contains(&format!("\n  {command} ")), "{command}: {}", help.stdout);
        let _help = prospector.run(&format!("{command} --help")).ok();
    }
}

#[test]
fn plugins_are_listed_and_inspected() {
    let prospector = at(Home::configured("{}"));
    let list = prospector.run("plugins list --json").ok().json();
    assert_eq!(list["plugins"][0]["id"], "freelancer");
    let inspected = prospector.run("plugins inspect freelancer").ok();
    for words in ["digest       sha256:", "may read", "scope        project_search"] {
        assert!(inspected.stdout.contains(words), "{words}: {}", inspected.stdout);
    }
    let unknown = prospector.run("plugins inspect frelancer").expect(2);
    assert!(unknown.stderr.contains("did you mean `freelancer`"), "{}", unknown.stderr);
}
