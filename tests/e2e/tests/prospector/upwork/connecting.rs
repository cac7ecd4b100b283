//! `connect` and `status`, and the life of Upwork's tokens.

use platform_sim::Options;
use prospector_e2e::prospector::finish;
use prospector_e2e::sim::{GRAPHQL, UPWORK_TOKEN, unlimited};
use prospector_e2e::{Prospector, Sim, Terminal};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{connected, pointed_at, scanned};
use crate::support::scanning_at;

const SCOPES: &str = "Scopes: job_search (read), proposals (read/write), contracts (read/write)";

/// The forms that the token endpoint received, as pairs in their order.
fn token_forms(sim: &Sim) -> Vec<Vec<(String, String)>> {
    let body = |request: &Value| request["body"].as_str().unwrap_or_default().to_owned();
    sim.requests(UPWORK_TOKEN)
        .iter()
        .map(|request| form_urlencoded::parse(body(request).as_bytes()).into_owned().collect())
        .collect()
}

fn field<'f>(form: &'f [(String, String)], name: &str) -> Option<&'f str> {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The forms that asked for a renewal.
fn renewals(sim: &Sim) -> Vec<Vec<(String, String)>> {
    let mut forms = token_forms(sim);
    forms.retain(|form| field(form, "grant_type") == Some("refresh_token"));
    forms
}

#[test]
fn at_a_terminal_it_asks_opens_the_browser_and_says_that_the_tokens_are_stored() {
    let sim = Sim::asking();
    let prospector = pointed_at(&sim);
    let mut terminal = Terminal::start(&mut prospector.command(["connect", "upwork"]));
    terminal.wait_for("/auth/upwork/callback");
    terminal.wait_for("\nEnter Upwork Client ID: ");
    terminal.type_in("sim-client\r");
    terminal.wait_for("\nEnter Upwork Client Secret: ");
    terminal.type_in("sim-secret\r");
    terminal.wait_for("Opening browser for authorization...\r\n");
    terminal.wait_for("Authorization successful. Tokens stored in Vault.\r\n");
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains("sim-secret"), "{shown}");
}

#[test]
fn the_token_endpoint_is_given_id_and_secret_in_the_form_and_nothing_it_does_not_know() {
    let sim = Sim::asking();
    let done = pointed_at(&sim).connect_to("upwork").ok();
    assert_eq!(
        done.stdout,
        "Opening browser for authorization...\nAuthorization successful. Tokens stored in Vault.\n"
    );
    let [form] = token_forms(&sim).try_into().expect("one request for tokens");
    assert_eq!((field(&form, "client_id"), field(&form, "client_secret")), (Some("sim-client"), Some("sim-secret")));
    assert_eq!(field(&form, "grant_type"), Some("authorization_code"));
    let request = &sim.requests(UPWORK_TOKEN)[0];
    assert!(request["headers"].get("authorization").is_none(), "the secret is sent twice: {request}");
    let asked = &sim.requests("/ab/account-security/oauth2/authorize")[0];
    let query = asked["query"].as_str().expect("a query");
    assert!(query.contains("response_type=code") && query.contains("state="), "{query}");
    assert!(!query.contains("secret") && !query.contains("scope="), "{query}");
}

#[test]
fn a_person_who_says_no_is_told_so_and_nothing_is_stored() {
    let sim = Sim::asking();
    let prospector = pointed_at(&sim);
    let mut command = prospector.command("connect upwork --client-id sim-client".split(' '));
    command
        .env("GHOSTSTACK_CLIENT_SECRET", "sim-secret")
        .env("BROWSER", format!("{} --deny %s", prospector.browser().display()));
    let refused = finish(&mut command).expect(4);
    for words in ["Access denied", "connect upwork"] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    assert!(!refused.stdout.contains("successful"));
    assert!(prospector.run("status --offline").expect(4).stdout.contains("Status: Disconnected"));
}

#[test]
fn a_wrong_secret_is_named_as_the_likely_cause() {
    let sim = Sim::agreeing();
    let refused = pointed_at(&sim).run_with_secret("connect upwork --client-id sim-client", "not-the-secret").expect(4);
    assert!(refused.stderr.contains("Client Secret does not belong"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("not-the-secret"), "{}", refused.stderr);
}

#[test]
fn status_prints_literally_what_the_product_promises() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    for line in ["status", "status --platform upwork", "status --offline"] {
        let status = prospector.run(line).ok();
        let lines: Vec<&str> = status.stdout.lines().collect();
        let [platform, state, account, scopes, expires, sync] = lines.as_slice() else {
            panic!("{line}: {}", status.stdout)
        };
        assert_eq!([*platform, *state, *account], ["Platform: Upwork", "Status: Connected", "Account: wren_codes"]);
        assert_eq!(*scopes, SCOPES);
        assert!(expires.starts_with("Token expires: 20") && expires.ends_with('Z'), "{expires}");
        assert_eq!(*sync, "Last sync: never");
    }
    let _scan = scanned(&prospector);
    assert!(prospector.run("status").ok().stdout.contains("\nLast sync: 20"));
}

#[test]
fn what_cannot_be_tried_without_consequence_is_not_called_verified() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let scopes = |line: &str| prospector.run(line).ok().json()["platforms"][0]["scopes"].clone();
    let of = |name: &str, verified: bool| json!({"name": name, "granted": true, "verified": verified});
    assert_eq!(
        scopes("status --json"),
        json!([
            of("job_search (read)", true),
            of("proposals (read/write)", false),
            of("contracts (read/write)", false)
        ])
    );
    assert_eq!(scopes("status --offline --json")[0]["verified"], false, "nobody was asked");
}

#[test]
fn a_key_that_may_not_search_is_insufficient_scopes_with_what_is_missing_and_what_to_do() {
    let lacking = vec!["pub-marketplace-job-postings:read:all".to_owned()];
    let sim = Sim::with(Options { auto_consent: true, upwork_missing_permission: lacking, ..unlimited() });
    let prospector = connected(&sim);
    let status = prospector.run("status").expect(4);
    for words in [
        "\nInsufficient scopes: ",
        "job_search (read)",
        "\nNext: Delete the key",
        "create a new one",
        "Read marketplace Job Postings",
        "connect upwork",
        "re-authorize",
    ] {
        assert!(status.stdout.contains(words), "{words}: {}", status.stdout);
    }
    assert!(status.stdout.contains("\nScopes: proposals (read/write), contracts (read/write)\n"), "{}", status.stdout);
    let told = prospector.run("status --json").expect(4).json();
    assert_eq!(
        told["platforms"][0]["scopes"][0],
        json!({"name": "job_search (read)", "granted": false, "verified": true})
    );
    let scan = prospector.run("scan").expect(4);
    for words in ["Insufficient scopes", "Read marketplace Job Postings", "Delete the key", "re-authorize"] {
        assert!(scan.stdout.contains(words), "{words}: {}", scan.stdout);
    }
}

#[test]
fn a_key_that_may_read_nothing_at_all_says_so_too() {
    let sim = Sim::agreeing();
    sim.upwork().set(&json!({"permissions": ["pub-marketplace-job-postings:read:all"]}));
    let prospector = pointed_at(&sim);
    let _connected = prospector.connect_to("upwork").ok();
    for line in ["status", "scan"] {
        let refused = prospector.run(line).expect(4);
        for words in ["Insufficient scopes", "Common Entities - Read-Only Access", "Delete the key"] {
            assert!(refused.stdout.contains(words), "{line}: {words}: {}", refused.stdout);
        }
    }
}

#[test]
fn access_that_was_revoked_is_auth_expired_with_the_command_that_repairs_it() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.upwork().revoke();
    repaired_by_connecting(&prospector);
}

#[test]
fn a_refresh_token_that_was_left_for_two_weeks_is_auth_expired() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.advance(13 * 86_400);
    let _scan = scanned(&prospector);
    sim.advance(13 * 86_400);
    let _scan = scanned(&prospector);
    assert_eq!(renewals(&sim).len(), 2, "its use keeps it alive");
    sim.advance(15 * 86_400);
    repaired_by_connecting(&prospector);
}

fn repaired_by_connecting(prospector: &Prospector) {
    let scan = prospector.run("scan").expect(4);
    assert!(scan.stdout.contains("ghoststack prospector connect upwork"), "{}", scan.stdout);
    for line in ["status", "status --offline"] {
        let status = prospector.run(line).expect(4);
        for words in ["\nStatus: Auth_expired\n", "ghoststack prospector connect upwork"] {
            assert!(status.stdout.contains(words), "{line}: {words}: {}", status.stdout);
        }
    }
    assert_eq!(prospector.run("status --json").expect(4).json()["platforms"][0]["state"], "auth_expired");
    let _connected = prospector.connect_to("upwork").ok();
    assert!(prospector.run("status").ok().stdout.contains("Status: Connected"));
}

#[test]
fn each_renewal_sends_the_refresh_token_of_the_one_before_with_the_secret_in_the_form() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    for _ in 0..3 {
        sim.upwork().expire(false);
        let _scan = scanned(&prospector);
    }
    let forms = renewals(&sim);
    assert_eq!(forms.len(), 3);
    let sent: Vec<&str> = forms.iter().filter_map(|form| field(form, "refresh_token")).collect();
    assert!(sent[0] != sent[1] && sent[1] != sent[2], "a dead refresh token was sent again");
    for form in &forms {
        assert_eq!((field(form, "client_id"), field(form, "client_secret")), (Some("sim-client"), Some("sim-secret")));
    }
    let retried: Vec<Value> = sim.requests(GRAPHQL).into_iter().filter(|request| request["status"] == 401).collect();
    assert_eq!(retried.len(), 3, "each end of a token costs one refused request");
}

#[test]
fn a_new_refresh_token_is_stored_before_the_request_that_it_was_got_for() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.upwork().expire(false);
    // The renewal succeeds, and then nothing does: what was given in exchange for the old refresh token must be there.
    sim.fault(&json!({"route": GRAPHQL, "fault": "cut-off", "skip": 1, "count": 100}));
    let _failed = prospector.run("scan").expect(5);
    assert_eq!(renewals(&sim).len(), 1);
    sim.heal();
    sim.upwork().expire(false);
    let _scan = scanned(&prospector);
    assert_eq!(renewals(&sim).len(), 2);
}

#[test]
fn a_process_that_is_killed_after_the_renewal_leaves_a_refresh_token_that_works() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.upwork().expire(false);
    // The first answer refuses the old token.
    let mut scan = scanning_at(&sim, &prospector, GRAPHQL, 1, 30_000);
    scan.kill().expect("it runs");
    scan.wait().expect("it ended");
    sim.upwork().expire(false);
    let _scan = scanned(&prospector);
    assert_eq!(renewals(&sim).len(), 2);
}

#[test]
fn disconnecting_revokes_the_grant_at_the_platform() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let gone = prospector.run("disconnect upwork").ok();
    assert!(gone.stdout.contains("Upwork is disconnected."), "{}", gone.stdout);
    let left = sim.upwork().control("GET", "tokens", &Value::Null);
    assert_eq!(left, json!({"access": [], "refresh": []}));
    assert!(prospector.run("status").expect(4).stdout.contains("Status: Disconnected"));
}
