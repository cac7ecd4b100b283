//! `status`.

use prospector_e2e::{Sim, Terminal};
use serde_json::json;

use crate::support::{connected, pointed_at};

#[test]
fn it_prints_literally_what_the_product_promises() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    for line in ["status", "status --platform freelancer", "status --offline"] {
        let status = prospector.run(line).ok();
        let lines: Vec<&str> = status.stdout.lines().collect();
        let [platform, state, account, scopes, expires, sync] = lines.as_slice() else {
            panic!("{line}: {}", status.stdout)
        };
        assert_eq!(*platform, "Platform: Freelancer");
        assert_eq!(*state, "Status: Connected");
        assert_eq!(*account, "Account: wren_codes");
        assert_eq!(*scopes, "Scopes: project_search, project_bid, project_manage");
        assert!(is_time(expires.strip_prefix("Token expires: ").unwrap_or_default()), "{expires}");
        assert_eq!(*sync, "Last sync: never");
        // Where the credentials are is no part of a platform's block.
        let vault =
            status.stderr.strip_prefix("Vault: embedded (").and_then(|rest| rest.strip_suffix("secrets.key)\n"));
        match line.contains("--platform") {
            true => assert_eq!(status.stderr, "", "{line}"),
            false => assert!(vault.is_some_and(|rest| !rest.contains('\n')), "{line}: {}", status.stderr),
        }
    }
    let _scanned = prospector.run("scan").ok();
    let later = prospector.run("status").ok();
    let sync = later.stdout.lines().last().and_then(|line| line.strip_prefix("Last sync: ")).unwrap_or_default();
    assert!(is_time(sync), "{}", later.stdout);
}

/// `2026-05-24T12:00:00Z`
fn is_time(text: &str) -> bool {
    let pattern = "dddd-dd-ddTdd:dd:ddZ";
    text.len() == pattern.len()
        && text.chars().zip(pattern.chars()).all(|(c, p)| if p == 'd' { c.is_ascii_digit() } else { c == p })
}

#[test]
fn offline_asks_nobody() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.control("DELETE", "/requests", &json!({}));
    let _status = prospector.run("status --offline").ok();
    assert!(sim.requests("/").is_empty());
    let _status = prospector.run("status").ok();
    assert!(!sim.requests("/").is_empty());
}

#[test]
fn json_has_the_identifiers_of_states_and_permissions() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let online = prospector.run("status --json").ok().json();
    let freelancer = &online["platforms"][0];
    assert_eq!(
        (freelancer["platform"].as_str(), freelancer["state"].as_str()),
        (Some("freelancer"), Some("connected"))
    );
    assert_eq!(freelancer["account"], "wren_codes");
    // Searching was tried just now; whether bids may be written can only be found out by writing one.
    assert_eq!(freelancer["scopes"][0], json!({"name": "project_search", "granted": true, "verified": true}));
    assert_eq!(freelancer["scopes"][1], json!({"name": "project_bid", "granted": true, "verified": false}));
    let offline = prospector.run("status --offline --json").ok().json();
    assert_eq!(offline["platforms"][0]["scopes"][0]["verified"], false, "nobody was asked: {offline}");
    let _gone = prospector.run("disconnect freelancer").ok();
    assert_eq!(prospector.run("status --json").expect(4).json()["platforms"][0]["state"], "disconnected");
}

#[test]
fn before_connecting_it_is_disconnected_and_says_how_to_connect() {
    let sim = Sim::agreeing();
    let prospector = pointed_at(&sim);
    let before = prospector.home.contents();
    let status = prospector.run("status --offline").expect(4);
    assert_eq!(status.stdout, "Platform: Freelancer\nStatus: Disconnected\nLast sync: never\n");
    assert!(status.stderr.contains("ghoststack prospector connect freelancer"), "{}", status.stderr);
    assert_eq!(prospector.home.contents(), before, "reading has written something");
}

#[test]
fn a_revoked_access_is_auth_expired_with_the_command_that_repairs_it() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.control("POST", "/freelancer/revoke", &json!({}));
    for line in ["status", "status --offline"] {
        let status = prospector.run(line).expect(4);
        assert!(status.stdout.contains("\nStatus: Auth_expired\n"), "{line}: {}", status.stdout);
        assert!(status.stdout.contains("ghoststack prospector connect freelancer"), "{line}: {}", status.stdout);
    }
    assert_eq!(prospector.run("status --json").expect(4).json()["platforms"][0]["state"], "auth_expired");
    let scan = prospector.run("scan").expect(4);
    assert!(scan.stdout.contains("ghoststack prospector connect freelancer"), "{}", scan.stdout);
    let _again = prospector.connect().ok();
    assert!(prospector.run("status").ok().stdout.contains("Status: Connected"));
}

#[test]
fn a_platform_that_is_down_is_an_error_to_try_again_and_the_connection_is_kept() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    drop(sim);
    let status = prospector.run("status").expect(5);
    assert!(status.stdout.contains("Status: Error\nAccount: wren_codes\n"), "{}", status.stdout);
    assert!(status.stdout.contains("Next: "), "{}", status.stdout);
    assert!(prospector.run("status --offline").ok().stdout.contains("Status: Connected"));
    let scan = prospector.run("scan").expect(5);
    assert!(scan.stdout.contains("failed:") && scan.stdout.contains("next:"), "{}", scan.stdout);
}

#[test]
fn endpoints_changed_after_connecting_are_not_sent_the_credential() {
    let (ours, theirs) = (Sim::agreeing(), Sim::agreeing());
    let prospector = connected(&ours);
    prospector.home.configure(&prospector_e2e::home::configuration(&theirs, "", ""));
    let status = prospector.run("status").expect(4);
    assert!(status.stdout.contains("ghoststack prospector connect freelancer"), "{}", status.stdout);
    for request in theirs.requests("/") {
        assert!(request["headers"].get("freelancer-oauth-v1").is_none(), "{request}");
    }
}

#[test]
fn watching_draws_it_afresh_until_it_is_interrupted() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let before = sim.requests("/").len();
    let mut terminal = Terminal::start(&mut prospector.command(["status", "--watch", "--interval", "1s"]));
    for _ in 0..2 {
        terminal.wait_for("\u{1b}[H\u{1b}[J");
        terminal.wait_for("Status: Connected");
    }
    let asked = sim.requests("/").len() - before;
    terminal.interrupt();
    assert_eq!(terminal.end().0, 130);
    let _once = prospector.run("status").ok();
    let once = sim.requests("/").len() - before - asked;
    assert_eq!(asked, once, "the platform is asked once in five minutes");
    let refused = prospector.run("status --watch --interval 0s").expect(2);
    assert!(refused.stderr.contains("1s at least"), "{}", refused.stderr);
}
