//! `connect` and `disconnect`.

use std::fs;
use std::net::TcpListener;

use prospector_e2e::browser::{self, Answer};
use prospector_e2e::home::{configuration, free_port};
use prospector_e2e::http::{self, Body};
use prospector_e2e::prospector::finish;
use prospector_e2e::sim::TOKEN;
use prospector_e2e::{Home, Prospector, Sim, Terminal};
use serde_json::json;
use url::Url;

use crate::support::{at, connected, pointed_at};

const HOSTED: &str = "https://app.ghoststack.dev/auth/freelancer/callback";
const CONNECT: &str = "connect freelancer --client-id sim-client";

#[test]
fn without_a_terminal_it_prints_two_lines_and_its_hints_go_to_standard_error() {
    let sim = Sim::asking();
    let done = pointed_at(&sim).connect().ok();
    assert_eq!(
        done.stdout,
        "Opening browser for authorization...\nAuthorization successful. Tokens stored in Vault.\n"
    );
    for hint in ["/auth/freelancer/callback", "project_search", "open this address: http://127.0.0.1:"] {
        assert!(done.stderr.contains(hint), "{hint}: {}", done.stderr);
    }
}

#[test]
fn at_a_terminal_it_asks_in_the_documented_words_and_shows_a_dot_for_each_character_of_the_secret() {
    let sim = Sim::asking();
    let prospector = pointed_at(&sim);
    let mut terminal = Terminal::start(&mut prospector.command(["connect", "freelancer"]));
    terminal.wait_for("\nEnter Freelancer Client ID: ");
    terminal.type_in("sim-client\r");
    terminal.wait_for("\nEnter Freelancer Client Secret: ");
    terminal.type_in("sim-sxcret\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}ecret\r");
    terminal.wait_for("\u{2022}\u{2022}\u{2022}\r\n");
    terminal.wait_for("Opening browser for authorization...\r\n");
    terminal.wait_for("Authorization successful. Tokens stored in Vault.\r\n");
    let (code, shown) = terminal.end();
    assert_eq!(code, 0);
    assert!(!shown.contains("ecret\r") && !shown.contains("sim-s"), "the secret was echoed: {shown}");
}

#[test]
fn ctrl_c_ends_it_at_each_of_its_questions() {
    let sim = Sim::asking();
    let prospector = pointed_at(&sim);
    for answered in ["", "sim-client\r"] {
        let mut terminal = Terminal::start(&mut prospector.command(["connect", "freelancer"]));
        terminal.wait_for("\nEnter Freelancer Client ID: ");
        if !answered.is_empty() {
            terminal.type_in(answered);
            terminal.wait_for("\nEnter Freelancer Client Secret: ");
        }
        terminal.interrupt();
        let (code, _) = terminal.end();
        assert_eq!(code, 130, "after {answered:?}");
    }
}

#[test]
fn a_person_who_says_no_is_told_so_and_nothing_is_stored() {
    let sim = Sim::asking();
    let prospector = pointed_at(&sim);
    let mut command = prospector.command(CONNECT.split(' '));
    command
        .env("GHOSTSTACK_CLIENT_SECRET", "sim-secret")
        .env("BROWSER", format!("{} --deny %s", prospector.browser().display()));
    let refused = finish(&mut command).expect(4);
    assert!(
        refused.stderr.contains("Access denied") && refused.stderr.contains("connect freelancer"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stdout.contains("successful"));
    let status = prospector.run("status --offline").expect(4);
    assert!(status.stdout.contains("Status: Disconnected"), "{}", status.stdout);
}

#[test]
fn a_wrong_secret_is_named_as_the_likely_cause() {
    let sim = Sim::agreeing();
    let refused = pointed_at(&sim).run_with_secret(CONNECT, "not-the-secret").expect(4);
    assert!(refused.stderr.contains("Client Secret does not belong"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("not-the-secret"), "{}", refused.stderr);
}

#[test]
fn an_application_that_waits_for_approval_is_application_pending() {
    let sim = Sim::agreeing();
    sim.freelancer().set(&json!({ "pending": true }));
    let refused = pointed_at(&sim).connect().expect(4);
    for words in ["Application pending", "24 hours", "Developer Dashboard", "\"Active\""] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
}

#[test]
fn a_registration_without_a_scope_is_missing_scopes_at_connect() {
    let sim = Sim::agreeing();
    sim.freelancer().set(&json!({ "missing_scopes": [2], "strict_scopes": true }));
    let refused = pointed_at(&sim).connect().expect(4);
    for words in ["Missing scopes", "project_bid, project_manage", "Edit the application", "re-authorize"] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
}

#[test]
fn without_a_browser_the_address_is_printed_and_the_one_it_ends_on_is_pasted() {
    let sim = Sim::asking();
    let prospector = pointed_at(&sim);
    let (code, shown) = paste(&prospector, "", |ended| ended.to_string());
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("Authorization successful. Tokens stored in Vault."), "{shown}");
    let _status = prospector.run("status").ok();
}

#[test]
fn without_a_browser_the_bare_code_will_do() {
    let sim = Sim::asking();
    let (code, shown) = paste(&pointed_at(&sim), "", |ended| parameter(ended, "code"));
    assert_eq!(code, 0, "{shown}");
}

#[test]
fn a_pasted_address_of_another_log_in_is_refused_before_its_code_is_used() {
    let sim = Sim::asking();
    let (code, shown) = paste(&pointed_at(&sim), "", |ended| ended.to_string().replace("state=", "state=x"));
    assert_eq!(code, 4, "{shown}");
    assert!(shown.contains("state") || shown.contains("another log-in"), "{shown}");
    assert!(sim.requests(TOKEN).is_empty(), "the code of a stranger was exchanged");
}

#[test]
fn an_issuer_is_checked_where_the_answer_names_one() {
    let sim = Sim::asking();
    let accounts = &sim.freelancer().origins().accounts;
    let (code, shown) = paste(&pointed_at(&sim), "", |ended| format!("{ended}&iss=https%3A%2F%2Fevil.example"));
    assert_eq!(code, 4, "{shown}");
    assert!(shown.contains("names an issuer that is not the log-in service of freelancer"), "{shown}");
    assert!(sim.requests(TOKEN).is_empty(), "a code of another server was exchanged");
    let (code, shown) = paste(&pointed_at(&sim), "", |ended| format!("{ended}&iss={accounts}"));
    assert_eq!(code, 0, "{shown}");
}

#[test]
fn something_pasted_that_is_neither_address_nor_code_is_refused_with_what_is_wanted() {
    let sim = Sim::asking();
    for nonsense in ["https://example.com/", "two words", "?state=abc", ""] {
        let (code, shown) = paste(&pointed_at(&sim), "", |_| nonsense.to_owned());
        assert!(code == 2 || code == 4, "{nonsense}: {code} {shown}");
        assert!(shown.contains("code"), "{nonsense}: {shown}");
    }
    assert!(sim.requests(TOKEN).is_empty());
}

#[test]
fn the_hosted_redirect_uri_is_pasted_back() {
    let sim = Sim::with(platform_sim::Options { redirect_uri: vec![HOSTED.to_owned()], ..Default::default() });
    let prospector = pointed_at(&sim);
    let (code, shown) = paste(&prospector, &format!("--redirect-uri {HOSTED}"), |ended| {
        assert!(ended.as_str().starts_with(HOSTED), "{ended}");
        ended.to_string()
    });
    assert_eq!(code, 0, "{shown}");
    let _status = prospector.run("status").ok();
}

#[test]
fn an_answer_with_another_state_does_not_end_the_wait() {
    let sim = Sim::asking();
    let prospector = pointed_at(&sim);
    let mut command = prospector.command(CONNECT.split(' '));
    let mut terminal =
        Terminal::start(command.env("GHOSTSTACK_CLIENT_SECRET", "sim-secret").env("BROWSER", "/bin/true"));
    terminal.wait_for("open this address: ");
    let url = address(&terminal.wait_for("\r\n"));
    let forged = Url::parse(&parameter(&url, "redirect_uri")).expect("an address");
    let page = http::send("GET", &forged.join("?code=stolen&state=guessed").expect("an address"), Body::Empty)
        .expect("a page");
    assert_ne!(page.status, 200, "{}", page.body);
    assert!(sim.requests(TOKEN).is_empty(), "a forged answer was believed");
    let page = browser::visit(&url, Answer::Allow).expect("a page");
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn a_port_in_use_is_said_before_anything_is_asked() {
    let sim = Sim::asking();
    let port = free_port();
    let _taken = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
    let text = configuration(&sim, "", "")
        .lines()
        .map(|line| {
            if line.contains("callback_port") {
                format!("    connect: {{ callback_port: {port} }}\n")
            } else {
                format!("{line}\n")
            }
        })
        .collect::<String>();
    let refused = at(Home::configured(&text)).run("connect freelancer --no-input").expect(4);
    assert!(
        refused.stderr.contains(&format!("ort {port} of 127.0.0.1 is in use"))
            && refused.stderr.contains("callback_port"),
        "{}",
        refused.stderr
    );
    assert!(sim.requests("/oauth").is_empty());
}

#[test]
fn a_vault_that_takes_no_write_is_said_before_the_browser_opens() {
    let sim = Sim::agreeing();
    let prospector = pointed_at(&sim);
    let in_the_way = prospector.home.path().join("prospector/vault");
    fs::create_dir_all(in_the_way.parent().expect("a parent")).expect("a directory");
    fs::write(&in_the_way, "no directory").expect("a file");
    let refused = prospector.connect().expect(7);
    assert!(refused.stderr.contains("prospector/vault"), "{}", refused.stderr);
    assert!(!refused.stdout.contains("Opening browser"));
    assert!(sim.requests("/oauth").is_empty());
    assert_eq!(fs::read_to_string(in_the_way).expect("still there"), "no directory");
}

#[test]
fn with_nobody_to_ask_each_missing_part_is_named_with_how_to_give_it() {
    let sim = Sim::asking();
    let prospector = pointed_at(&sim);
    let id = prospector.run("connect freelancer --no-input").expect(2);
    assert!(id.stderr.contains("--client-id"), "{}", id.stderr);
    let secret = prospector.run("connect freelancer --client-id sim-client --no-input").expect(2);
    assert!(
        secret.stderr.contains("GHOSTSTACK_CLIENT_SECRET") && secret.stderr.contains("--client-secret-file"),
        "{}",
        secret.stderr
    );
    let platform = prospector.run("connect frelancer --no-input").expect(2);
    assert!(platform.stderr.contains("did you mean `freelancer`"), "{}", platform.stderr);
    assert!(sim.requests("/oauth").is_empty());
}

#[test]
fn the_secret_may_come_from_a_file_but_not_from_an_argument() {
    let sim = Sim::agreeing();
    let prospector = pointed_at(&sim);
    let file = prospector.home.beside("secret");
    fs::write(&file, "sim-secret\n").expect("a file");
    let _connected = prospector.run(&format!("{CONNECT} --client-secret-file {}", file.display())).ok();
    let _refused = prospector.run(&format!("{CONNECT} --client-secret sim-secret")).expect(2);
    let absent = prospector.run(&format!("{CONNECT} --client-secret-file /nonexistent/secret")).expect(2);
    assert!(absent.stderr.contains("/nonexistent/secret"), "{}", absent.stderr);
}

#[test]
fn disconnecting_forgets_the_credential_and_keeps_the_leads() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let _scanned = prospector.run("scan").ok();
    let before = prospector.run("leads list --json --min-score 0 --limit 1000").ok().json();
    let gone = prospector.run("disconnect freelancer").ok();
    assert!(gone.stdout.contains("Freelancer is disconnected."), "{}", gone.stdout);
    // The platform documents no way to revoke by program: the person is told where to do it.
    assert!(
        sim.requests("/oauth/revoke").is_empty() && gone.stderr.contains("your account's settings"),
        "{}",
        gone.stderr
    );
    assert!(prospector.run("status").expect(4).stdout.contains("Status: Disconnected"));
    assert_eq!(prospector.run("leads list --json --min-score 0 --limit 1000").ok().json(), before);
    let again = prospector.run("disconnect freelancer").ok();
    assert!(again.stdout.contains("was not connected"), "{}", again.stdout);
    let scan = prospector.run("scan").expect(4);
    assert!(scan.stdout.contains("ghoststack prospector connect freelancer"), "{}{}", scan.stdout, scan.stderr);
}

/// Connects with `--no-browser`: a person answers the consent page in a browser elsewhere, and pastes what `pasted` makes of the address
/// that it ends on.
fn paste(prospector: &Prospector, more: &str, pasted: impl Fn(&Url) -> String) -> (i32, String) {
    let line = format!("{CONNECT} --no-browser {more}");
    let mut command = prospector.command(line.split_whitespace());
    let mut terminal = Terminal::start(command.env("GHOSTSTACK_CLIENT_SECRET", "sim-secret"));
    terminal.wait_for("Open this address in a browser:\r\n");
    let ended = browser::answer(&address(&terminal.wait_for("\r\n")), Answer::Allow).expect("the person agrees");
    terminal.wait_for("Paste the address that the browser ended on, or the code shown there: ");
    terminal.type_in(&format!("{}\r", pasted(&ended)));
    terminal.end()
}

fn address(shown: &str) -> Url {
    Url::parse(shown.trim()).unwrap_or_else(|e| panic!("no address is shown ({e}): {shown}"))
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).unwrap_or_else(|| panic!("{url} has no {name}")).1.into_owned()
}
