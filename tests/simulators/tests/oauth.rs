//! The accounts origin.

mod support;

use platform_sim::Options;
use serde_json::{Value, json};
use support::{Answer, Sim, send};

const REDIRECT: &str = "http://127.0.0.1:9/cb";
const ASK: &str = "/oauth/authorise?response_type=code&client_id=sim-client\
    &redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcb&scope=basic&advanced_scopes=1%202&state=a%26b%20%C3%BC";

fn consenting() -> Sim {
    Sim::with(Options { auto_consent: true, rate_limit: 0, ..Options::default() })
}

fn value(pairs: &[(String, String)], name: &str) -> Option<String> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

fn code(sim: &Sim) -> String {
    value(&sim.accounts("GET", ASK, &[]).redirect(), "code").expect("a code")
}

fn exchange(sim: &Sim, code: &str, changes: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", "sim-client"),
        ("client_secret", "sim-secret"),
        ("redirect_uri", REDIRECT),
        ("something_unknown", "ignored"),
    ];
    for (name, value) in changes {
        form.retain(|(known, _)| known != name);
        form.push((name, value));
    }
    sim.accounts("POST", "/oauth/token", &form)
}

fn refresh(sim: &Sim, token: &str) -> Answer {
    exchange(sim, "", &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")).to_owned()
}

fn error(answer: &Answer) -> (u16, String) {
    (answer.status, text(&answer.json(), "error"))
}

#[test]
fn the_consent_page_is_real_html_and_both_its_buttons_work() {
    let sim = Sim::start();
    for (decision, expected) in [("allow", "code"), ("deny", "error")] {
        let page = sim.accounts("GET", ASK, &[]);
        assert_eq!(page.status, 200);
        let html = String::from_utf8(page.body).expect("text");
        let ticket =
            html.split("name=\"ticket\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a ticket");
        let form = [("ticket", ticket), ("decision", decision)];
        let back = sim.accounts("POST", "/oauth/consent", &form).redirect();
        assert!(value(&back, expected).is_some(), "{back:?}");
        assert_eq!(value(&back, "state").as_deref(), Some("a&b ü"), "state is echoed");
        let again = sim.accounts("POST", "/oauth/consent", &form);
        assert_eq!(again.status, 400, "a page is answered once");
    }
}

#[test]
fn a_code_gives_tokens_that_work_until_they_expire() {
    let sim = consenting();
    let answer = exchange(&sim, &code(&sim), &[]);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let tokens = answer.json();
    assert_eq!(tokens["expires_in"], 2_592_000);
    assert_eq!(tokens["scope"], "basic");
    assert_eq!(tokens["token_type"], "Bearer");
    let access = text(&tokens, "access_token");
    assert!(access.len() == 30 && access.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let me = |sim: &Sim| sim.api_as(&access, "GET", "/users/0.1/self/", Value::Null);
    assert_eq!(me(&sim).result()["username"], "wren_codes");
    sim.control("POST", "/clock", json!({"advance": 2_591_990}));
    assert_eq!(me(&sim).status, 200);
    sim.control("POST", "/clock", json!({"advance": 20}));
    assert_eq!(me(&sim).status, 401);
}

#[test]
fn a_code_is_single_use_short_lived_and_bound_to_client_and_redirect() {
    let sim = consenting();
    for changes in
        [("redirect_uri", "http://127.0.0.1:9/auth/freelancer/callback"), ("code", "000000000000000000000000000000")]
    {
        let refused = exchange(&sim, &code(&sim), &[changes]);
        assert_eq!(error(&refused), (400, "invalid_grant".to_owned()), "{changes:?}");
    }
    let wrong_secret = exchange(&sim, &code(&sim), &[("client_secret", "x")]);
    assert_eq!(error(&wrong_secret), (401, "invalid_client".to_owned()));
    let odd_grant = exchange(&sim, &code(&sim), &[("grant_type", "password")]);
    assert_eq!(error(&odd_grant), (400, "unsupported_grant_type".to_owned()));

    let old = code(&sim);
    sim.control("POST", "/clock", json!({"advance": 601}));
    assert_eq!(error(&exchange(&sim, &old, &[])).1, "invalid_grant");

    let twice = code(&sim);
    let access = text(&exchange(&sim, &twice, &[]).json(), "access_token");
    assert_eq!(error(&exchange(&sim, &twice, &[])).1, "invalid_grant");
    let call = sim.api_as(&access, "GET", "/users/0.1/self/", Value::Null);
    assert_eq!(call.status, 401, "a code used twice ends the tokens it gave");
}

#[test]
fn an_unknown_client_or_redirect_is_told_on_a_page_and_never_redirected() {
    let sim = consenting();
    for asked in
        [ASK.replace("sim-client", "other"), ASK.replace("127.0.0.1", "example.com"), ASK.replace("%2Fcb", "%2Fcb%2F")]
    {
        let answer = sim.accounts("GET", &asked, &[]);
        assert_eq!((answer.status, answer.header("location")), (400, None), "{asked}");
    }
    let implicit = ASK.replace("response_type=code", "response_type=token");
    let back = sim.accounts("GET", &implicit, &[]).redirect();
    assert_eq!(value(&back, "error").as_deref(), Some("unsupported_response_type"));
    let american = ASK.replace("authorise", "authorize");
    assert!(value(&sim.accounts("GET", &american, &[]).redirect(), "code").is_some());
}

#[test]
fn a_refresh_rotates_keeps_or_omits_as_it_is_switched() {
    let sim = consenting();
    let first = text(&exchange(&sim, &code(&sim), &[]).json(), "refresh_token");
    let second = text(&refresh(&sim, &first).json(), "refresh_token");
    assert_ne!(first, second);
    assert_eq!(error(&refresh(&sim, &first)), (400, "invalid_grant".to_owned()));

    sim.control("POST", "/freelancer/settings", json!({"refresh": "keep"}));
    assert_eq!(text(&refresh(&sim, &second).json(), "refresh_token"), second);
    sim.control("POST", "/freelancer/settings", json!({"refresh": "omit"}));
    let answer = refresh(&sim, &second).json();
    assert!(answer.get("refresh_token").is_none() && answer["access_token"].is_string());
    assert_eq!(refresh(&sim, &second).status, 200, "the old one stays good");
}

#[test]
fn a_refresh_token_that_is_used_again_ends_the_whole_grant_where_it_is_switched_so() {
    for (reuse, survives) in [("refuse", true), ("end-grant", false)] {
        let sim = consenting();
        sim.control("POST", "/freelancer/settings", json!({"reuse": reuse}));
        let first = text(&exchange(&sim, &code(&sim), &[]).json(), "refresh_token");
        let second = refresh(&sim, &first).json();
        assert_eq!(error(&refresh(&sim, &first)), (400, "invalid_grant".to_owned()));
        let call = sim.api_as(&text(&second, "access_token"), "GET", "/users/0.1/self/", Value::Null);
        assert_eq!(call.status == 200, survives, "{reuse}");
        assert_eq!(refresh(&sim, &text(&second, "refresh_token")).status == 200, survives, "{reuse}");
    }
}

#[test]
fn client_credentials_give_no_refresh_token() {
    let sim = consenting();
    let answer = exchange(&sim, "", &[("grant_type", "client_credentials")]).json();
    assert!(answer.get("refresh_token").is_none());
    let access = text(&answer, "access_token");
    assert_eq!(sim.api_as(&access, "GET", "/users/0.1/self", Value::Null).status, 200);
}

#[test]
fn revoking_ends_all_tokens_of_the_user_at_once() {
    let sim = consenting();
    for by_control in [true, false] {
        let one = exchange(&sim, &code(&sim), &[]).json();
        let two = exchange(&sim, &code(&sim), &[]).json();
        if by_control {
            sim.control("POST", "/freelancer/revoke", Value::Null);
        } else {
            let form = [
                ("client_id", "sim-client"),
                ("client_secret", "sim-secret"),
                ("token", one["refresh_token"].as_str().expect("a token")),
            ];
            assert_eq!(sim.accounts("POST", "/oauth/revoke", &form).status, 200);
        }
        for tokens in [&one, &two] {
            let call = sim.api_as(&text(tokens, "access_token"), "GET", "/users/0.1/self/", Value::Null);
            assert_eq!(call.status, 401);
            assert_eq!(error(&refresh(&sim, &text(tokens, "refresh_token"))).1, "invalid_grant");
        }
    }
}

#[test]
fn a_pending_application_is_refused_on_both_channels() {
    let sim = consenting();
    let early = code(&sim);
    sim.control("POST", "/freelancer/settings", json!({"pending": true}));
    let back = sim.accounts("GET", ASK, &[]).redirect();
    assert_eq!(value(&back, "error").as_deref(), Some("unauthorized_client"));
    assert!(value(&back, "error_description").expect("text").contains("pending approval"));
    assert_eq!(error(&exchange(&sim, &early, &[])), (400, "unauthorized_client".to_owned()));
}

#[test]
fn a_missing_scope_shows_at_the_calls_that_need_it_or_at_the_authorisation() {
    let sim = Sim::with(Options { auto_consent: true, missing_scope: vec![2], ..Options::default() });
    let access = text(&exchange(&sim, &code(&sim), &[]).json(), "access_token");
    assert_eq!(sim.api_as(&access, "GET", "/users/0.1/self/", Value::Null).status, 200);
    let bid = sim.api_as(&access, "POST", "/projects/0.1/bids/", json!({}));
    assert_eq!(bid.status, 403);
    assert!(text(&bid.json(), "message").contains("fln:project_manage (2)"));

    sim.control("POST", "/freelancer/settings", json!({"strict_scopes": true}));
    let back = sim.accounts("GET", ASK, &[]).redirect();
    assert_eq!(value(&back, "error").as_deref(), Some("invalid_scope"));
    assert_eq!(value(&back, "state").as_deref(), Some("a&b ü"));
}

#[test]
fn a_proof_key_is_checked_only_when_that_is_switched_on() {
    // RFC 7636, appendix B.
    let challenge = "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let sim = consenting();
    let ask = |sim: &Sim| {
        let back = sim.accounts("GET", &format!("{ASK}{challenge}"), &[]).redirect();
        value(&back, "code").expect("a code")
    };
    assert_eq!(exchange(&sim, &ask(&sim), &[("code_verifier", "wrong")]).status, 200);
    sim.control("POST", "/freelancer/settings", json!({"pkce": true}));
    assert_eq!(error(&exchange(&sim, &ask(&sim), &[("code_verifier", "wrong")])).1, "invalid_grant");
    assert_eq!(error(&exchange(&sim, &ask(&sim), &[])).1, "invalid_grant");
    assert_eq!(exchange(&sim, &ask(&sim), &[("code_verifier", verifier)]).status, 200);
    assert_eq!(exchange(&sim, &code(&sim), &[]).status, 200, "no challenge, nothing to check");
}

#[test]
fn the_resource_owner_is_told_to_a_token_only() {
    let sim = consenting();
    let url = format!("{}/oauth/me", sim.running.freelancer.accounts);
    assert_eq!(send("GET", &url, &[], b"").status, 401);
    let me = send("GET", &url, &[("freelancer-oauth-v1", &sim.token)], b"");
    assert_eq!(me.json()["username"], "wren_codes");
}
