//! A platform that the host has never heard of: the example job board, from its installation to its removal.

use prospector_e2e::board::KEY;
use prospector_e2e::home::configuration;
use prospector_e2e::prospector::finish;
use prospector_e2e::{Board, Home, Outcome, Prospector, Sim};
use serde_json::json;

use crate::support::{at, board_component, texts};

/// The section that points the plugin at a board.
pub fn section(board: &Board, more: &str) -> String {
    format!("  jobboard:\n    endpoints: {{ api: '{}' }}\n{more}\n", board.origin())
}

/// The program with the plugin installed and pointed at a board, not connected.
pub fn installed(board: &Board, more: &str) -> Prospector {
    let home = Home::configured(&format!("platforms:\n{}profile: {{ skills: [Rust] }}\n", section(board, more)));
    let prospector = at(home);
    let _installed = install(&prospector).ok();
    prospector
}

/// Installs the plugin, agreeing to its wishes.
pub fn install(prospector: &Prospector) -> Outcome {
    prospector.run(&format!("plugins install --yes {}", board_component().display()))
}

/// Connects with a key in the environment.
pub fn connect(prospector: &Prospector, key: &str) -> Outcome {
    finish(prospector.command(["connect", "jobboard"]).env("GHOSTSTACK_API_KEY", key))
}

#[test]
fn it_is_installed_configured_connected_scanned_and_explained_like_a_built_in_one() {
    let board = Board::with(130);
    let prospector = installed(&board, "    tags: [rust]\n    min_hourly_usd: 50\n    max_results_per_scan: 120");
    let before = prospector.run("status").expect(4);
    assert!(before.stdout.contains("Platform: Example Job Board\nStatus: Disconnected\n"), "{}", before.stdout);

    let connected = connect(&prospector, KEY).ok();
    assert_eq!(connected.stdout, "Example Job Board knows the key as ada. It is stored in Vault.\n");
    let status = prospector.run("status --platform jobboard").ok();
    let shown = "Platform: Example Job Board\nStatus: Connected\nAccount: ada\nScopes: as the key allows\nToken expires: never\nLast sync: never\n";
    assert_eq!(status.stdout, shown);

    let scan = prospector.run("scan --json").ok().json();
    assert_eq!(scan["platforms"][0]["fetched"], 120);
    let filters: Vec<&str> = texts(&scan["skipped"], "filter");
    assert!(filters.contains(&"remote_only") && filters.contains(&"min_hourly_usd"), "{filters:?}");
    assert_eq!(scan["leads"].as_array().map(Vec::len), Some(120 - filters.len()));
    let pages: Vec<String> =
        board.seen().into_iter().filter(|seen| seen.target.contains("/jobs")).map(|seen| seen.target).collect();
    assert_eq!(pages.len(), 3, "{pages:?}");
    assert!(board.seen().iter().all(|seen| seen.key.as_deref() == Some(KEY)));

    let explained = prospector.run("leads explain jobboard/j-0").ok();
    for words in ["skill_match", "Rust plugin number 0", "https://jobboard.example/jobs/j-0", "total"] {
        assert!(explained.stdout.contains(words), "{words}: {}", explained.stdout);
    }
    let shown = prospector.run("leads show j-0").ok();
    assert!(shown.stdout.contains("A plugin for a small library."), "{}", shown.stdout);
    let skipped = prospector.run("leads skipped --filter remote_only --limit 1").ok();
    assert!(skipped.stdout.contains("It is tied to Oslo"), "{}", skipped.stdout);
    assert!(!prospector.run("status").ok().stdout.contains("Last sync: never"));
}

#[test]
fn where_it_has_little_the_filters_that_are_set_are_what_to_broaden() {
    let board = Board::with(0);
    let prospector = installed(&board, "    tags: [cobol]\n    min_hourly_usd: 50");
    let _connected = connect(&prospector, KEY).ok();
    let scan = prospector.run("scan").ok();
    assert!(scan.stdout.contains("broaden `min_hourly_usd` or `remote_only` or `tags` first"), "{}", scan.stdout);
    prospector.home.configure(&format!("platforms:\n{}", section(&board, "    remote_only: false")));
    let scan = prospector.run("scan").ok();
    assert!(scan.stdout.contains("no setting narrows what they are asked for"), "{}", scan.stdout);
}

#[test]
fn its_section_is_validated_by_its_own_schema() {
    let board = Board::with(1);
    let prospector = installed(&board, "    tag: [rust]");
    let refused = prospector.run("scan").expect(3);
    assert!(refused.stderr.contains("tag") && refused.stderr.contains("tags"), "{}", refused.stderr);
    prospector.home.configure(&format!("platforms:\n{}", section(&board, "    min_hourly_usd: -1")));
    assert!(prospector.run("config validate").expect(3).stderr.contains("min_hourly_usd"));
    prospector.home.configure("platforms:\n  jobboard:\n    endpoints: { cdn: 'http://127.0.0.1:9' }\n");
    assert!(prospector.run("config validate").expect(3).stderr.contains("endpoints of jobboard: api"));
}

#[test]
fn removing_it_purges_what_it_held_and_keeps_its_leads() {
    let board = Board::with(5);
    let prospector = installed(&board, "");
    let _connected = connect(&prospector, KEY).ok();
    let _scanned = prospector.run("scan").ok();
    let unasked = prospector.run("plugins remove jobboard").expect(2);
    assert!(unasked.stderr.contains("--yes") && unasked.stdout.contains("stored credential"), "{unasked:?}");

    let removed = prospector.run("plugins remove jobboard --yes").ok();
    assert!(removed.stdout.contains("`jobboard` is removed."), "{}", removed.stdout);
    assert!(removed.stderr.contains("Delete the section `platforms.jobboard`"), "{}", removed.stderr);
    assert!(!prospector.home.path().join("plugins/jobboard.wasm").exists());
    let section_left = prospector.run("status").expect(3);
    assert!(section_left.stderr.contains("plugins install"), "{}", section_left.stderr);
    let again = prospector.run("plugins remove jobboard --yes").expect(9);
    assert!(again.stderr.contains("platforms.jobboard") && again.stderr.contains("still names it"), "{}", again.stderr);
    prospector.home.configure("{}");
    let unknown = connect(&prospector, KEY).expect(2);
    assert!(unknown.stderr.contains("plugins install"), "{}", unknown.stderr);
    assert!(prospector.run("leads list --min-score 0").ok().stdout.contains("Rust plugin number 0"));
    assert!(prospector.run("plugins remove jobboard --yes").expect(9).stderr.contains("has the id `jobboard`"));

    // Whoever comes after it under the same id finds nothing.
    prospector.home.configure(&format!("platforms:\n{}", section(&board, "")));
    let _installed = install(&prospector).ok();
    assert!(prospector.run("status --offline").expect(4).stdout.contains("Status: Disconnected"));
}

#[test]
fn a_failure_of_it_never_touches_another_platform() {
    let (sim, board) = (Sim::agreeing(), Board::with(3));
    let text = configuration(&sim, "", "").replace("platforms:\n", &format!("platforms:\n{}", section(&board, "")));
    let prospector = at(Home::configured(&text));
    let _installed = install(&prospector).ok();
    let _connected = (prospector.connect().ok(), connect(&prospector, KEY).ok());
    board.fail(Some((503, "")));
    let scan = prospector.run("scan --json").expect(5).json();
    let row = |platform: &str| {
        let rows = scan["platforms"].as_array().into_iter().flatten();
        rows.clone().find(|row| row["platform"] == platform).cloned().unwrap_or_default()
    };
    assert_eq!(row("jobboard")["error"]["kind"], "unavailable");
    assert!(row("freelancer")["error"].is_null() && row("freelancer")["fetched"].as_u64() > Some(0));
    board.fail(None);
    board.post(json!({"position": "Neither id nor date"}));
    let scan = prospector.run("scan --json --platform jobboard").ok().json();
    assert_eq!(texts(&scan["skipped"], "reason"), ["It has no id", "It is tied to Oslo"]);
}

#[test]
fn nothing_is_sent_to_a_place_that_the_section_pointed_it_to_after_it_was_connected() {
    let (board, elsewhere) = (Board::with(3), Board::with(3));
    let prospector = installed(&board, "");
    let _connected = connect(&prospector, KEY).ok();
    prospector.home.configure(&format!("platforms:\n{}", section(&elsewhere, "")));
    let refused = prospector.run("scan").expect(4);
    assert!(refused.stdout.contains("connect jobboard"), "{}", refused.stdout);
    assert_eq!(elsewhere.seen(), []);
}
