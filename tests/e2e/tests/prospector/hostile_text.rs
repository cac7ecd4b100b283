//! Postings are written by strangers: what they write reaches a terminal as harmless text.

use prospector_e2e::sim::TOKEN;
use prospector_e2e::{Sim, Terminal};
use serde_json::{Value, json};

use crate::support::{connected_with, texts};

/// Whether a terminal may act on it, or text around it be reordered or hidden by it. Joiners are not: scripts are written with them.
fn is_dangerous(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[track_caller]
fn harmless(line: &str, text: &str) {
    if let Some((at, c)) = text.char_indices().find(|(_, c)| is_dangerous(*c)) {
        let around: String = text[..at].chars().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect();
        panic!("{line} prints U+{:04X} after {around:?}", c as u32);
    }
}

#[test]
fn no_output_holds_a_character_that_a_terminal_acts_on() {
    let sim = Sim::agreeing();
    let nasty = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}evil\u{2066}\u{9b}31m\u{200b}\u{feff}\r\n\u{8}\u{0}<b>&lt;script>";
    let known = sim.control("GET", "/freelancer/projects", &Value::Null);
    let victims: Vec<String> =
        known["ids"].as_array().expect("an array").iter().take(3).map(Value::to_string).collect();
    for id in &victims {
        sim.control(
            "PATCH",
            &format!("/freelancer/projects/{id}"),
            &json!({"title": nasty, "description": nasty, "preview_description": nasty, "seo_url": nasty}),
        );
    }
    let prospector = connected_with(
        &sim,
        "    min_employer_rating: 4.0\n    include_contests: true",
        "profile:\n  skills: [Rust, WebAssembly]\n",
    );
    let mut lines: Vec<String> = [
        "scan --json",
        "scan --limit 1000",
        "scan -vvv",
        "leads list --min-score 0 --limit 1000",
        "leads list --json --limit 1000",
        "leads skipped --limit 1000",
        "leads skipped --json --limit 1000",
    ]
    .iter()
    .map(|line| (*line).to_owned())
    .collect();
    let scan = prospector.run("scan --json").ok();
    let document = scan.json();
    let odd = |row: &&Value| {
        row["title"].as_str().is_some_and(|title| title.chars().any(|c| is_dangerous(c) || !c.is_ascii()))
    };
    let rows = |name: &str| document[name].as_array().cloned().unwrap_or_default();
    let strange: Vec<String> = rows("leads")
        .iter()
        .chain(&rows("skipped"))
        .filter(odd)
        .filter_map(|row| row["id"].as_str().map(str::to_owned))
        .collect();
    assert!(strange.len() > 10, "the samples have lost their oddities: {strange:?}");
    for id in strange.iter().chain(&victims) {
        lines.extend([format!("leads show {id}"), format!("leads explain {id}")]);
    }
    lines.push(format!("leads show {} --json", victims[0]));
    for line in &lines {
        let outcome = prospector.run(line).ok();
        harmless(line, &outcome.stdout);
        harmless(line, &outcome.stderr);
    }
    assert!(
        texts(&document["leads"], "title")
            .iter()
            .chain(&texts(&document["skipped"], "title"))
            .any(|title| title.chars().any(is_dangerous)),
        "JSON's readers get the title as it is"
    );
}

#[test]
fn at_a_terminal_the_only_escapes_are_our_own() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", "profile:\n  skills: [Rust]\n");
    let terminal = Terminal::start(&mut prospector.command(["scan", "--limit", "1000"]));
    let (code, shown) = terminal.end();
    assert_eq!(code, 0);
    for escape in shown.split('\u{1b}').skip(1) {
        let end = escape.find(|c: char| c.is_ascii_alphabetic()).map_or("", |at| &escape[..=at]);
        assert!(
            end.starts_with('[') && (end.ends_with('m') || matches!(end, "[2K" | "[1A" | "[1B" | "[K" | "[J" | "[0J")),
            "an escape of a stranger's: {escape:.40?}"
        );
    }
}

#[test]
fn what_the_platform_says_in_its_errors_is_as_harmless() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", "");
    let nasty = "no\u{1b}[2J \u{202e}way\u{7}\r\nforged: line";
    for (route, lines) in [
        ("/api", ["status", "status --json", "scan", "scan --json", "scan -vvv"].as_slice()),
        (TOKEN, ["disconnect freelancer", "connect freelancer --client-id sim-client"].as_slice()),
    ] {
        sim.fault(&json!({"route": route, "fault": "status", "status": 400, "message": nasty, "error_code": nasty, "count": 100}));
        for line in lines {
            let outcome = prospector.run_with_secret(line, "sim-secret");
            harmless(line, &outcome.stdout);
            harmless(line, &outcome.stderr);
            assert!(
                !outcome.stdout.lines().chain(outcome.stderr.lines()).any(|text| text.starts_with("forged")),
                "{line}: {}{}",
                outcome.stdout,
                outcome.stderr
            );
        }
    }
}
