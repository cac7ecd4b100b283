use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::super::testing::Canned;
use super::*;
use crate::capability::http::client::PrivateHosts;
use crate::contract::account::Stage;
use crate::contract::descriptor::{ClientAuthentication, Pkce};

async fn finish(bench: &Bench, flow: Flow, callback: Callback) -> Result<Tokens, AuthError> {
    flow.finish(callback, &http(), bench.clock.as_ref()).await
}

#[tokio::test]
async fn a_code_becomes_tokens_and_pkce_is_proved() {
    let bench = Bench::connected().await;
    assert_eq!(bench.token().await.expect("connected"), "planted-access-1");
    let info = bench.info().await;
    assert_eq!(info.expires_at, Some(START + 3600));
    assert_eq!(info.scopes_asked, ["basic", "project_search"]);
    assert_eq!(info.scopes_granted.as_deref(), Some(&["basic".to_owned()][..]));
    let form = &bench.server.requests()[0].1;
    assert_eq!(form["redirect_uri"], "http://127.0.0.1:7420/auth/example/callback");
    assert!(form["code_verifier"].len() >= 43);
    assert_silent(&format!("{info:?}"));
}

#[tokio::test]
async fn the_authorization_request_is_what_the_descriptor_says() {
    let bench = Bench::new(testing::oauth()).await;
    let flow = bench.begin();
    let url = flow.authorization_url();
    let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(url.query_pairs().count(), asked.len(), "nothing is sent twice");
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", "http://127.0.0.1:7420/auth/example/callback"),
        ("scope", "basic"),
        ("prompt", "select_account consent"),
        ("advanced_scopes", "2"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(asked.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert_silent(&format!("{flow:?} {url}"));
}

#[tokio::test]
async fn pkce_is_left_out_where_the_server_refuses_it() {
    let mut oauth = testing::oauth();
    oauth.pkce = Pkce::Refused;
    let bench = Bench::new(oauth).await;
    assert!(!bench.begin().authorization_url().as_str().contains("code_challenge"));
    bench.connect().await;
    assert!(!bench.server.requests()[0].1.contains_key("code_verifier"));
}

#[tokio::test]
async fn the_client_proves_itself_as_the_descriptor_says() {
    for (way, in_body) in [(ClientAuthentication::Basic, false), (ClientAuthentication::Body, true)] {
        let mut oauth = testing::oauth();
        oauth.client_authentication = way;
        let bench = Bench::new(oauth).await;
        bench.connect().await;
        let (headers, form) = bench.server.requests().remove(0);
        assert_eq!(form.contains_key("client_secret"), in_body);
        assert_eq!(headers.contains_key("authorization"), !in_body);
    }
}

#[tokio::test]
async fn another_state_is_not_ours_and_no_code_is_sent() {
    let bench = Bench::new(testing::oauth()).await;
    let callbacks = [
        Callback::from_query("code=x&state=wrong").expect("an answer"),
        Callback::from_query("code=x").expect("an answer"),
        parse_pasted("https://app.ghoststack.dev/cb?code=x&state=wrong").expect("an answer"),
        Callback::from_query("error=access_denied&state=wrong").expect("an answer"),
    ];
    for callback in callbacks {
        let error = finish(&bench, bench.begin(), callback).await.expect_err("not ours");
        assert!(matches!(error, AuthError::StateMismatch { .. }), "{error}");
    }
    assert!(bench.server.requests().is_empty());
}

#[tokio::test]
async fn a_pasted_code_needs_no_state() {
    let bench = Bench::new(testing::oauth()).await;
    let flow = bench.begin();
    let (code, _) = bench.server.agree(flow.authorization_url());
    finish(&bench, flow, parse_pasted(&code).expect("a code")).await.expect("granted");
}

#[tokio::test]
async fn an_issuer_is_checked_when_given() {
    let bench = Bench::new(testing::oauth()).await;
    for (issuer, good) in [(bench.server.origin.as_str(), true), ("https://evil.example", false)] {
        let flow = bench.begin();
        let (code, state) = bench.server.agree(flow.authorization_url());
        let callback = Callback::from_query(&format!("code={code}&state={state}&iss={issuer}")).expect("an answer");
        let outcome = finish(&bench, flow, callback).await;
        assert_eq!(outcome.is_ok(), good, "{issuer}");
        assert!(good || matches!(outcome, Err(AuthError::WrongIssuer { .. })));
    }
}

#[tokio::test]
async fn a_denial_is_a_refusal_of_the_authorization() {
    let bench = Bench::new(testing::oauth()).await;
    let flow = bench.begin();
    let (_, state) = bench.server.agree(flow.authorization_url());
    let query = format!("error=access_denied&error_description=The+user+said+no%1b%5B31m&state={state}");
    let error = finish(&bench, flow, Callback::from_query(&query).expect("an answer")).await.expect_err("denied");
    let refusal = error.refusal().expect("a refusal");
    assert_eq!(refusal.stage, Stage::Authorization);
    assert_eq!(refusal.code.as_deref(), Some("access_denied"));
    assert_eq!(refusal.message.as_deref(), Some("The user said no [31m"));
    assert!(error.to_string().contains("`ghoststack prospector connect example`"), "{error}");
}

#[tokio::test]
async fn a_code_counts_once() {
    let bench = Bench::new(testing::oauth()).await;
    let flow = bench.begin();
    let (code, state) = bench.server.agree(flow.authorization_url());
    finish(&bench, flow, answer(&code, &state)).await.expect("granted");
    let error = finish(&bench, bench.begin(), parse_pasted(&code).expect("a code")).await.expect_err("reused");
    assert_eq!(error.refusal().and_then(|refusal| refusal.code.as_deref()), Some("invalid_grant"));
    assert_silent(&format!("{error} {error:?}"));
}

#[tokio::test]
async fn every_odd_answer_is_a_typed_error_without_secrets() {
    let bench = Bench::new(testing::oauth()).await;
    let echo = format!(r#"{{"error":"{CLIENT_SECRET}","error_description":"bad secret {CLIENT_SECRET}"}}"#);
    let huge = format!(r#"{{"access_token":"planted-{}"}}"#, "x".repeat(MAX_ANSWER_BYTES));
    let limited = Canned { headers: vec![("retry-after", "17")], ..Canned::new(429, "{}") };
    let redirect = Canned { headers: vec![("location", "https://evil.example/")], ..Canned::new(307, "") };
    for (canned, expected) in [
        (Canned::new(400, r#"{"error":"invalid_client"}"#), "refused"),
        (Canned::new(401, r#"{"message":"planted-code-9 is unknown","error_code":"NOT_FOUND"}"#), "refused"),
        (Canned::new(200, r#"{"error":"bad_code","access_token":"planted-x1"}"#), "refused"),
        (Canned::new(400, echo), "refused"),
        (Canned::new(500, r#"{"error":"invalid_grant"}"#), "unavailable"),
        (Canned::new(503, "<html>planted-1</html>"), "unavailable"),
        (limited, "unavailable"),
        (redirect, "unintelligible"),
        (Canned::new(200, "<html>planted-1</html>"), "unintelligible"),
        (Canned::new(403, "<html>planted-1</html>"), "unintelligible"),
        (Canned::new(200, r#"{"access_token":"planted-tru"#), "unintelligible"),
        (Canned::new(200, ""), "unintelligible"),
        (Canned::new(200, huge), "unintelligible"),
    ] {
        let (status, is_limited) = (canned.status, !canned.headers.is_empty() && canned.status == 429);
        bench.server.can(canned);
        let flow = bench.begin();
        let state = flow.state().expose().to_owned();
        // The long code is among what is looked for in errors.
        let error = finish(&bench, flow, answer("planted-code-9", &state)).await.expect_err("odd");
        let kind = match &error {
            AuthError::Refused { refusal, .. } => {
                assert_eq!((refusal.stage, refusal.status), (Stage::Exchange, Some(status)));
                "refused"
            }
            AuthError::Unavailable { retry_after, .. } => {
                assert_eq!(retry_after.is_some(), is_limited);
                "unavailable"
            }
            AuthError::Unintelligible { .. } => "unintelligible",
            _ => "other",
        };
        assert_eq!(kind, expected, "{status}: {error}");
        assert_silent(&format!("{error} {error:?}"));
    }
}

#[tokio::test]
async fn a_server_that_stays_silent_is_given_up() {
    let bench = Bench::new(testing::oauth()).await;
    bench.server.desk.is_silent.store(true, Ordering::SeqCst);
    let limits = TimeLimits { connect: Duration::from_secs(5), total: Duration::from_millis(200) };
    let impatient = AuthHttp::new(Plaintext::OnLoopback, limits, &PrivateHosts::default()).expect("a client");
    let flow = bench.begin();
    let callback = answer("c", flow.state().expose());
    let began = Instant::now();
    let error = flow.finish(callback, &impatient, bench.clock.as_ref()).await.expect_err("silent");
    assert!(matches!(error, AuthError::Unavailable { .. }), "{error}");
    assert!(began.elapsed() < PATIENCE);
}

#[tokio::test]
async fn plain_http_is_refused_by_a_client_that_was_not_allowed_it() {
    let bench = Bench::new(testing::oauth()).await;
    let strict = AuthHttp::new(Plaintext::Never, TimeLimits::default(), &PrivateHosts::default()).expect("a client");
    let flow = bench.begin();
    let callback = answer("c", flow.state().expose());
    let error = flow.finish(callback, &strict, bench.clock.as_ref()).await.expect_err("insecure");
    assert!(matches!(error, AuthError::Unintelligible { .. }), "{error}");
    assert!(bench.server.requests().is_empty());
}
