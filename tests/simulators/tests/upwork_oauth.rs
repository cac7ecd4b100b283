//! Upwork's accounts origin.

mod support;

use platform_sim::Options;
use serde_json::{Value, json};
use support::{Answer, Sim};

const REDIRECT: &str = "http://127.0.0.1:9/auth/upwork/callback";
const ASK: &str = "/ab/account-security/oauth2/authorize?response_type=code&client_id=sim-client\
    &redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fauth%2Fupwork%2Fcallback&state=s%261\
    &code_challenge=nonsense&code_challenge_method=S256";
const TOKEN: &str = "/api/v3/oauth2/token";
const BASIC: (&str, &str) = ("authorization", "Basic c2ltLWNsaWVudDpzaW0tc2VjcmV0");
const IN_BODY: [(&str, &str); 2] = [("client_id", "sim-client"), ("client_secret", "sim-secret")];

fn consenting() -> Sim {
    Sim::with(Options { auto_consent: true, ..Options::default() })
}

fn value(pairs: &[(String, String)], name: &str) -> Option<String> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

fn code(sim: &Sim) -> String {
    value(&sim.upwork_accounts("GET", ASK, &[], &[]).redirect(), "code").expect("a code")
}

fn exchange(sim: &Sim, code: &str) -> Answer {
    let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT)];
    sim.upwork_accounts("POST", TOKEN, &[BASIC], &form)
}

fn refresh(sim: &Sim, token: &str) -> Answer {
    // The official Python client sends its GraphQL call along with the refresh.
    let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("json", "{'query': '{ user { id } }'}")];
    sim.upwork_accounts("POST", TOKEN, &[], &[form.as_slice(), IN_BODY.as_slice()].concat())
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")).to_owned()
}

fn is_good(sim: &Sim, token: &str) -> bool {
    sim.graphql_as(token, &[], b"{\"query\":\"{ user { id } }\"}").status == 200
}

#[test]
fn a_code_becomes_tokens_with_either_client_authentication() {
    let sim = consenting();
    let back = sim.upwork_accounts("GET", ASK, &[], &[]).redirect();
    assert_eq!(value(&back, "state").as_deref(), Some("s&1"));
    let form = [("grant_type", "authorization_code"), ("redirect_uri", REDIRECT), ("scope", "ignored")];
    for (headers, more) in [(vec![BASIC], vec![]), (vec![], IN_BODY.to_vec())] {
        let code = code(&sim);
        let all = [form.as_slice(), more.as_slice(), &[("code", code.as_str())]].concat();
        let answer = sim.upwork_accounts("POST", TOKEN, &headers, &all);
        assert_eq!(answer.status, 200);
        let answer = answer.json();
        assert_eq!(answer["expires_in"], 86_400);
        assert_eq!((&answer["token_type"], answer.get("scope")), (&json!("Bearer"), None));
        for name in ["access_token", "refresh_token"] {
            let token = text(&answer, name);
            let digits = token.strip_prefix("oauth2v2_").expect("the prefix");
            assert!(
                digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
                "{token}"
            );
        }
        assert!(is_good(&sim, &text(&answer, "access_token")));
        assert_eq!(sim.upwork_accounts("POST", TOKEN, &headers, &all).status, 400, "a code is used once");
    }
    let wrong = sim.upwork_accounts("POST", TOKEN, &[("authorization", "Basic YTpi")], &form);
    assert_eq!((wrong.status, text(&wrong.json(), "error").as_str()), (401, "invalid_client"));
}

#[test]
fn a_refresh_rotates_both_tokens_and_the_old_one_is_dead() {
    let sim = consenting();
    let first = exchange(&sim, &code(&sim)).json();
    let old = text(&first, "refresh_token");
    let second = refresh(&sim, &old).json();
    assert_ne!(second["access_token"], first["access_token"]);
    assert_ne!(text(&second, "refresh_token"), old);
    assert!(is_good(&sim, &text(&second, "access_token")));
    let dead = refresh(&sim, &old);
    assert_eq!((dead.status, text(&dead.json(), "error").as_str()), (400, "invalid_grant"));
}

#[test]
fn a_refresh_token_lives_two_weeks_from_its_last_use() {
    let sim = consenting();
    let mut token = text(&exchange(&sim, &code(&sim)).json(), "refresh_token");
    for _ in 0..3 {
        sim.control("POST", "/clock", json!({"advance": 13 * 86_400}));
        token = text(&refresh(&sim, &token).json(), "refresh_token");
    }
    sim.control("POST", "/clock", json!({"advance": 14 * 86_400}));
    assert_eq!(text(&refresh(&sim, &token).json(), "error"), "invalid_grant");
}

#[test]
fn own_credentials_are_for_enterprise_keys() {
    let form = [("grant_type", "client_credentials")];
    let sim = Sim::start();
    let refused = sim.upwork_accounts("POST", TOKEN, &[BASIC], &form);
    assert_eq!((refused.status, text(&refused.json(), "error").as_str()), (400, "unauthorized_client"));
    let sim = Sim::with(Options { upwork_enterprise: true, ..Options::default() });
    let given = sim.upwork_accounts("POST", TOKEN, &[BASIC], &form).json();
    assert_eq!(given.get("refresh_token"), None);
    assert!(is_good(&sim, &text(&given, "access_token")));
}

#[test]
fn revoking_a_token_ends_its_consent() {
    let sim = consenting();
    let tokens = exchange(&sim, &code(&sim)).json();
    let access = text(&tokens, "access_token");
    let form = [("token", access.as_str()), ("token_type_hint", "access_token"), ("client_id", "sim-client")];
    assert_eq!(sim.upwork_accounts("POST", "/api/v3/oauth2/token/revoke", &[], &form).status, 200);
    assert!(!is_good(&sim, &access));
    assert_eq!(refresh(&sim, &text(&tokens, "refresh_token")).status, 400);
}

#[test]
fn the_consent_page_names_the_permissions_and_a_refusal_comes_back() {
    let sim = Sim::start();
    let page = String::from_utf8(sim.upwork_accounts("GET", ASK, &[], &[]).body).expect("text");
    assert!(page.contains("pub-marketplace-job-postings:read:all") && page.contains("simulated Upwork"));
    let ticket =
        page.split("name=\"ticket\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a ticket");
    let action = page.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an action");
    let back = sim.upwork_accounts("POST", action, &[], &[("ticket", ticket), ("decision", "deny")]).redirect();
    assert_eq!(value(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(value(&back, "state").as_deref(), Some("s&1"));
    let elsewhere = ASK.replace("%2Fauth%2Fupwork%2Fcallback", "%2Fauth%2Ffreelancer%2Fcallback");
    assert_eq!(sim.upwork_accounts("GET", &elsewhere, &[], &[]).status, 400, "no redirect to an unknown address");
}

#[test]
fn a_fault_refuses_the_grant() {
    let sim = consenting();
    let token = text(&exchange(&sim, &code(&sim)).json(), "refresh_token");
    sim.control("POST", "/faults", json!({"route": TOKEN, "fault": "invalid-grant"}));
    assert_eq!(text(&refresh(&sim, &token).json(), "error"), "invalid_grant");
    assert_eq!(refresh(&sim, &token).status, 200);
}
