use std::sync::atomic::Ordering;

use futures_util::future::join_all;

use super::super::testing::Canned;
use super::*;

fn refreshes(bench: &Bench) -> usize {
    bench.server.desk.refreshes.load(Ordering::SeqCst)
}

/// Waits until the server has seen so many refreshes.
async fn until_refreshes(bench: &Bench, count: usize) {
    let seen = async {
        while refreshes(bench) < count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, seen).await.expect("the refresh arrives");
}

#[tokio::test]
async fn eight_that_ask_at_once_cause_one_refresh_and_the_old_token_dies() {
    let bench = Bench::connected().await;
    bench.clock.turn(3590);
    let tokens = join_all((0..8).map(|_| bench.token())).await;
    for token in tokens {
        assert_eq!(token.expect("renewed"), "planted-access-2");
    }
    assert_eq!(refreshes(&bench), 1);
    bench.clock.turn(3590);
    assert_eq!(bench.token().await.expect("the rotated token works"), "planted-access-3");
}

#[tokio::test]
async fn a_token_is_renewed_ahead_of_its_end_and_not_before() {
    let bench = Bench::connected().await;
    bench.clock.turn(3299);
    assert_eq!(bench.token().await.expect("fresh"), "planted-access-1");
    bench.clock.turn(1);
    assert_eq!(bench.token().await.expect("renewed"), "planted-access-2");
}

#[tokio::test]
async fn a_refused_refresh_ends_the_access_once() {
    let bench = Bench::connected().await;
    *bench.server.desk.refresh.lock().expect("no panic") = None;
    bench.clock.turn(3700);
    for _ in 0..3 {
        let error = bench.token().await.expect_err("the grant is gone");
        assert!(matches!(error, AuthError::Expired { .. }), "{error}");
        assert!(error.to_string().contains("`ghoststack prospector connect example`"), "{error}");
        assert_silent(&format!("{error} {error:?}"));
    }
    assert_eq!(refreshes(&bench), 1, "a dead grant is not tried again");
    let info = bench.info().await;
    assert_eq!(info.state, CredentialState::AuthExpired);
    assert_eq!(info.refusal.and_then(|refusal| refusal.code).as_deref(), Some("invalid_grant"));
    bench.connect().await;
    assert_eq!(bench.info().await.state, CredentialState::Connected);
    bench.token().await.expect("connect repairs it");
}

#[tokio::test]
async fn trouble_at_the_platform_never_ends_the_access() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    for canned in [
        Canned::new(500, r#"{"error":"invalid_grant"}"#),
        Canned::new(503, ""),
        Canned::new(429, r#"{"error":"invalid_grant"}"#),
        Canned::new(400, "<html>invalid_grant</html>"),
        Canned::new(200, "{"),
        Canned::new(302, ""),
    ] {
        bench.server.can(canned);
        let error = bench.token().await.expect_err("trouble");
        assert!(error.is_transient(), "{error}");
        assert_eq!(bench.info().await.state, CredentialState::Connected);
    }
    bench.server.uncan();
    bench.token().await.expect("renewed when the trouble is over");
}

#[tokio::test]
async fn a_token_that_still_works_bridges_trouble_and_the_server_is_left_alone_meanwhile() {
    let bench = Bench::connected().await;
    bench.clock.turn(3400);
    bench.server.can(Canned { headers: vec![("retry-after", "60")], ..Canned::new(503, "") });
    for _ in 0..5 {
        assert_eq!(bench.token().await.expect("the old one"), "planted-access-1");
    }
    assert_eq!(bench.server.requests().len(), 2, "the exchange and one refresh");
    bench.server.uncan();
    bench.clock.turn(61);
    assert_eq!(bench.token().await.expect("renewed"), "planted-access-2");
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_stop_the_renewal() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    let gate = bench.server.desk.gate.lock().await;
    let credentials = bench.credentials.clone();
    let caller = tokio::spawn(async move { credentials.access_token(&key()).await });
    until_refreshes(&bench, 1).await;
    caller.abort();
    let _ = caller.await;
    drop(gate);
    assert_eq!(bench.token().await.expect("renewed"), "planted-access-2");
    assert_eq!(refreshes(&bench), 1);
}

#[tokio::test]
async fn a_token_that_another_process_renewed_is_adopted() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    bench.neighbour().access_token(&key()).await.expect("renewed there");
    assert_eq!(bench.token().await.expect("adopted"), "planted-access-2");
    assert_eq!(refreshes(&bench), 1);
}

#[tokio::test]
async fn a_rejected_token_is_replaced_once() {
    let bench = Bench::connected().await;
    let rejected = SecretString::from("planted-access-1");
    for _ in 0..3 {
        let token = bench.credentials.replace_rejected(&key(), &rejected).await.expect("renewed");
        assert_eq!(token.expose_secret(), "planted-access-2");
    }
    assert_eq!(refreshes(&bench), 1);
}

/// Lets a token be renewed into a store that breaks after the turn was taken and before the answer arrives.
async fn renewed_into_a_broken_store(bench: &Bench) -> tokio::task::JoinHandle<Result<SecretString, AuthError>> {
    bench.clock.turn(3700);
    let gate = bench.server.desk.gate.lock().await;
    let credentials = bench.credentials.clone();
    let caller = tokio::spawn(async move { credentials.access_token(&key()).await });
    until_refreshes(bench, 1).await;
    bench.store.is_broken.store(true, Ordering::SeqCst);
    drop(gate);
    caller
}

#[tokio::test]
async fn tokens_that_could_not_be_stored_are_not_used_and_not_lost() {
    let bench = Bench::connected().await;
    let error = renewed_into_a_broken_store(&bench).await.await.expect("no panic").expect_err("not stored");
    assert!(matches!(error, AuthError::Store(_)), "{error}");
    bench.store.is_broken.store(false, Ordering::SeqCst);
    assert_eq!(bench.token().await.expect("stored now"), "planted-access-2");
    assert_eq!(refreshes(&bench), 1);
}

#[tokio::test]
async fn a_store_that_recovers_in_time_is_given_the_tokens_and_nobody_notices() {
    let bench = Bench::connected().await;
    let caller = renewed_into_a_broken_store(&bench).await;
    let refused = async {
        while bench.store.refused.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, refused).await.expect("it is tried");
    bench.store.is_broken.store(false, Ordering::SeqCst);
    assert_eq!(caller.await.expect("no panic").expect("stored").expose_secret(), "planted-access-2");
    assert_eq!(refreshes(&bench), 1);
}

#[tokio::test]
async fn a_refresh_token_is_not_spent_when_the_store_takes_no_write() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    bench.store.is_broken.store(true, Ordering::SeqCst);
    assert!(matches!(bench.token().await, Err(AuthError::Store(_))));
    assert_eq!(refreshes(&bench), 0);
}

#[tokio::test]
async fn no_log_in_begins_when_the_store_takes_no_write() {
    let bench = Bench::new(testing::oauth()).await;
    bench.store.is_broken.store(true, Ordering::SeqCst);
    assert!(matches!(bench.credentials.prepare(&key()).await.err(), Some(AuthError::Store(_))));
}

#[tokio::test]
async fn a_credential_is_not_used_with_other_endpoints_than_it_was_made_for() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    for name in ["accounts", "api"] {
        let moved = AuthorizationServer::resolve(
            "example",
            &bench.oauth,
            |origin| Some(if origin == name { "https://evil.example".to_owned() } else { bench.server.origin.clone() }),
            Plaintext::OnLoopback,
        )
        .expect("a good descriptor");
        bench.credentials.put_in_force(moved);
        let error = bench.token().await.expect_err("moved");
        assert!(matches!(error, AuthError::EndpointsChanged { .. }), "{error}");
        assert!(
            error.to_string().contains("connect example") && error.to_string().contains("https://evil.example"),
            "{error}"
        );
        let rejected = SecretString::from("planted-access-1");
        bench.credentials.replace_rejected(&key(), &rejected).await.expect_err("moved");
    }
    let gone = bench.credentials.disconnect(&key()).await.expect("deleted");
    assert!(matches!(gone.revocation, Revocation::Failed(AuthError::EndpointsChanged { .. })));
    assert_eq!(bench.server.requests().len(), 1, "only the exchange");
}

#[tokio::test]
async fn client_credentials_are_asked_for_again_when_they_end() {
    let bench = Bench::new(testing::oauth()).await;
    let prepared = bench.credentials.prepare(&key()).await.expect("the store takes a write");
    let (server, scopes, clock) = (bench.resolved(), bench.scopes(), bench.clock.clone());
    let asking = {
        let (server, scopes) = (server.clone(), scopes.clone());
        async move {
            let scopes: Vec<&Scope> = scopes.iter().collect();
            client_credentials(&server, &client(), &scopes, &http(), clock.as_ref()).await
        }
    };
    let info = prepared.obtain(server, client(), Grant::ClientCredentials, scopes, asking).await.expect("saved");
    assert!(info.renewable);
    bench.clock.turn(3700);
    assert_eq!(bench.token().await.expect("renewed"), "planted-access-1");
    let form = bench.server.requests()[1].1.clone();
    assert_eq!((form["grant_type"].as_str(), form["scope"].as_str()), ("client_credentials", "basic"));
}

#[tokio::test]
async fn disconnecting_revokes_deletes_and_says_what_was_not_revoked() {
    let bench = Bench::connected().await;
    let gone = bench.credentials.disconnect(&key()).await.expect("deleted");
    assert!(gone.existed && matches!(gone.revocation, Revocation::Done), "{gone:?}");
    let hints: Vec<String> =
        bench.server.requests()[1..].iter().map(|(_, form)| form["token_type_hint"].clone()).collect();
    assert_eq!(hints, ["refresh_token", "access_token"]);
    assert!(matches!(bench.token().await, Err(AuthError::NotConnected { .. })));
    let again = bench.credentials.disconnect(&key()).await.expect("nothing to do");
    assert!(!again.existed && matches!(again.revocation, Revocation::Nothing));

    bench.connect().await;
    bench.server.can(Canned::new(500, "planted"));
    let gone = bench.credentials.disconnect(&key()).await.expect("deleted all the same");
    assert!(gone.existed && matches!(gone.revocation, Revocation::Failed(_)));
    assert_silent(&format!("{gone:?}"));

    let mut oauth = testing::oauth();
    oauth.revoke = None;
    let bench = Bench::new(oauth).await;
    bench.connect().await;
    let gone = bench.credentials.disconnect(&key()).await.expect("deleted");
    assert!(gone.existed && matches!(gone.revocation, Revocation::NotOffered));
}

#[tokio::test]
async fn the_accounts_name_survives_a_renewal() {
    let bench = Bench::connected().await;
    bench.credentials.set_username(&key(), "ada\u{7}").await.expect("kept");
    bench.clock.turn(3700);
    bench.token().await.expect("renewed");
    assert_eq!(bench.info().await.username.as_deref(), Some("ada"));
}
