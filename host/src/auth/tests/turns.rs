//! Turns to renew: between processes, after one that was stopped, and for refresh tokens that die unused.

use std::sync::atomic::Ordering;

use futures_util::future::join_all;

use super::super::credential::{Credential, path};
use super::super::intent::{Intent, LIFE, SKEW};
use super::super::testing::Canned;
use super::super::{InterruptionCause, KeptAlive};
use super::*;
use crate::vault::{Cas, SecretStore as _};

const DAY: i64 = 86_400;

fn refreshes(bench: &Bench) -> usize {
    bench.server.desk.refreshes.load(Ordering::SeqCst)
}

async fn until_refreshes(bench: &Bench, count: usize) {
    let seen = async {
        while refreshes(bench) < count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, seen).await.expect("the refresh arrives");
}

/// What the store holds, as it is there.
async fn stored(bench: &Bench) -> Credential {
    let versioned = bench.store.read(&path(&key()).expect("a path")).await.expect("reads").expect("there");
    Credential::decode(&key(), &versioned.value).expect("readable")
}

/// Changes what the store holds, as another process would.
async fn store(bench: &Bench, change: impl FnOnce(Credential) -> Credential) {
    let changed = change(stored(bench).await).encode().expect("within bounds");
    bench.store.write(&path(&key()).expect("a path"), changed, Cas::Any).await.expect("writes");
}

/// An intent of a process on another machine, of which nobody here can tell whether it runs.
async fn somebody_claims(bench: &Bench) {
    let intent = Intent::of_elsewhere(bench.clock.now());
    store(bench, |credential| Credential { intent: Some(intent), ..credential }).await;
}

#[tokio::test]
async fn of_many_processes_that_find_the_token_dead_one_asks_and_all_use_what_it_got() {
    let bench = Bench::connected().await;
    let processes: Vec<Credentials> = (0..8).map(|_| bench.neighbour()).collect();
    for round in 2..=5 {
        bench.clock.turn(3700);
        let tokens = join_all(processes.iter().map(|process| process.access_token(key_of()))).await;
        for token in tokens {
            assert_eq!(token.expect("renewed").expose_secret(), format!("planted-access-{round}"));
        }
        assert_eq!(refreshes(&bench), round - 1);
        assert!(stored(&bench).await.intent.is_none(), "the turn is given back with the tokens");
    }
    assert_eq!(bench.heard.count("renewed"), 4);
}

fn key_of() -> &'static AccountKey {
    static KEY: std::sync::LazyLock<AccountKey> = std::sync::LazyLock::new(key);
    &KEY
}

#[tokio::test]
async fn who_waits_for_another_process_adopts_what_it_stores() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    let gate = bench.server.desk.gate.lock().await;
    let theirs = bench.neighbour();
    let theirs = tokio::spawn(async move { theirs.access_token(key_of()).await });
    until_refreshes(&bench, 1).await;
    let ours = bench.credentials.clone();
    let ours = tokio::spawn(async move { ours.access_token(key_of()).await });
    drop(gate);
    for token in [theirs, ours] {
        assert_eq!(token.await.expect("no panic").expect("renewed").expose_secret(), "planted-access-2");
    }
    assert_eq!(refreshes(&bench), 1);
}

#[tokio::test]
async fn a_token_that_works_still_is_used_while_another_process_renews_it() {
    let bench = Bench::connected().await;
    bench.clock.turn(3400);
    somebody_claims(&bench).await;
    assert_eq!(bench.token().await.expect("it works still"), "planted-access-1");
    assert_eq!(refreshes(&bench), 0);
}

#[tokio::test]
async fn a_turn_that_does_not_end_is_waited_for_a_while_and_then_said() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    somebody_claims(&bench).await;
    let error = bench.token().await.expect_err("somebody else's turn");
    assert!(matches!(error, AuthError::Renewing { seconds, .. } if i64::from(seconds) == LIFE + SKEW), "{error}");
    assert!(error.is_transient() && error.to_string().contains("in 70 s"), "{error}");
    assert_eq!((refreshes(&bench), bench.info().await.state), (0, CredentialState::Connected));
}

#[tokio::test]
async fn a_turn_whose_time_is_up_is_taken_over_and_nothing_is_said_if_the_token_was_not_spent() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    somebody_claims(&bench).await;
    bench.clock.turn(LIFE + SKEW);
    assert_eq!(bench.token().await.expect("taken over"), "planted-access-2");
    assert_eq!(bench.info().await.interruption, None);
}

#[tokio::test]
async fn a_process_that_was_stopped_between_spending_and_storing_is_explained() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    somebody_claims(&bench).await;
    // It asked, and was stopped before it stored the answer.
    *bench.server.desk.refresh.lock().expect("no panic") = Some("planted-successor".to_owned());
    bench.clock.turn(LIFE + SKEW);
    let error = bench.token().await.expect_err("the token was spent");
    assert!(matches!(error, AuthError::Expired { interruption: Some(_), .. }), "{error}");
    let words = ["a process of Prospector was stopped", "the new one is lost", "connect example"];
    assert!(words.iter().all(|words| error.to_string().contains(words)), "{error}");
    assert_silent(&format!("{error} {error:?}"));
    let told = bench.info().await.interruption.expect("on record");
    assert_eq!((told.cause, told.owner.as_str()), (InterruptionCause::Stopped, "process 4711 on elsewhere"));
    for _ in 0..3 {
        bench.token().await.expect_err("it stays ended");
    }
    assert_eq!((refreshes(&bench), bench.heard.count("auth_expired")), (1, 1), "tried once, told once");
    bench.connect().await;
    assert_eq!(bench.info().await.interruption, None);
}

#[tokio::test]
async fn an_answer_that_did_not_arrive_is_remembered_until_it_is_known_what_came_of_it() {
    for (spent, told) in [(true, Some(InterruptionCause::NoAnswer)), (false, None)] {
        let bench = Bench::connected().await;
        bench.clock.turn(3700);
        bench.server.can(Canned::new(502, "planted"));
        bench.token().await.expect_err("no answer");
        assert_eq!(stored(&bench).await.intent, None, "others need not wait");
        bench.server.uncan();
        if spent {
            *bench.server.desk.refresh.lock().expect("no panic") = None;
        }
        assert_eq!(bench.token().await.is_err(), spent);
        assert_eq!(bench.info().await.interruption.map(|what| what.cause), told);
    }
}

#[tokio::test]
async fn a_refusal_or_a_server_that_was_not_reached_leaves_no_doubt() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    for canned in [Canned::new(429, ""), Canned::new(400, r#"{"error":"invalid_request"}"#)] {
        bench.server.can(canned);
        bench.token().await.expect_err("refused");
        assert_eq!(stored(&bench).await.interruption, None);
    }
    bench.server.uncan();
    bench.token().await.expect("renewed");
}

#[tokio::test]
async fn a_client_that_is_refused_is_not_blamed_on_a_renewal() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    somebody_claims(&bench).await;
    bench.clock.turn(LIFE + SKEW);
    bench.server.can(Canned::new(401, r#"{"error":"invalid_client"}"#));
    let error = bench.token().await.expect_err("refused");
    assert!(matches!(error, AuthError::Expired { interruption: None, .. }), "{error}");
}

#[tokio::test]
async fn the_end_of_the_access_is_told_once_however_many_processes_meet_it() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    *bench.server.desk.refresh.lock().expect("no panic") = None;
    let processes: Vec<Credentials> = (0..8).map(|_| bench.neighbour()).collect();
    for outcome in join_all(processes.iter().map(|process| process.access_token(key_of()))).await {
        assert!(matches!(outcome, Err(AuthError::Expired { .. })));
    }
    assert_eq!((refreshes(&bench), bench.heard.count("auth_expired")), (1, 1));
}

#[tokio::test]
async fn newer_tokens_are_adopted_even_where_the_platform_has_refused_the_older_ones() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    *bench.server.desk.refresh.lock().expect("no panic") = None;
    let gate = bench.server.desk.gate.lock().await;
    let ours = bench.credentials.clone();
    let ours = tokio::spawn(async move { ours.access_token(key_of()).await });
    until_refreshes(&bench, 1).await;
    // A process that knows nothing of turns has connected meanwhile.
    let now = bench.clock.now();
    store(&bench, |credential| Credential {
        access: SecretString::from("planted-newer"),
        refresh: Some(SecretString::from("planted-newer-refresh")),
        obtained_at: now,
        expires_at: Some(now + 3600),
        intent: None,
        ..credential
    })
    .await;
    drop(gate);
    assert_eq!(ours.await.expect("no panic").expect("adopted").expose_secret(), "planted-newer");
    assert_eq!((bench.info().await.state, bench.heard.count("auth_expired")), (CredentialState::Connected, 0));
}

#[tokio::test]
async fn the_accounts_name_may_be_stored_in_the_middle_of_a_renewal() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    let gate = bench.server.desk.gate.lock().await;
    let ours = bench.credentials.clone();
    let ours = tokio::spawn(async move { ours.access_token(key_of()).await });
    until_refreshes(&bench, 1).await;
    bench.neighbour().set_username(&key(), "ada").await.expect("stored");
    assert!(stored(&bench).await.intent.is_some(), "the turn is not lost by it");
    drop(gate);
    ours.await.expect("no panic").expect("renewed");
    let info = bench.info().await;
    assert_eq!(
        (info.username.as_deref(), bench.token().await.expect("stored").as_str()),
        (Some("ada"), "planted-access-2")
    );
}

#[tokio::test]
async fn the_end_of_the_program_can_wait_for_a_renewal() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    let gate = bench.server.desk.gate.lock().await;
    let caller = bench.credentials.clone();
    let caller = tokio::spawn(async move { caller.access_token(key_of()).await });
    until_refreshes(&bench, 1).await;
    caller.abort();
    assert!(!finished(Duration::from_millis(20)).await, "it is under way");
    drop(gate);
    let ended = async {
        while stored(&bench).await.intent.is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("it ends");
    assert_eq!(bench.token().await.expect("stored"), "planted-access-2");
}

#[tokio::test]
async fn a_log_in_that_nobody_waits_for_any_more_is_stored_all_the_same() {
    let bench = Bench::new(testing::oauth()).await;
    let gate = bench.server.desk.gate.lock().await;
    let connecting = tokio::spawn(bench.connecting().await);
    let asked = async {
        while bench.server.requests().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.expect("the code is sent");
    connecting.abort();
    assert!(!finished(Duration::from_millis(20)).await, "it is under way");
    drop(gate);
    let stored = async {
        while bench.credentials.describe(&key()).await.expect("readable").is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, stored).await.expect("it ends");
    assert_eq!(bench.token().await.expect("stored"), "planted-access-1");
}

/// A server that says that refresh tokens die after two weeks without use.
async fn forgetful() -> Bench {
    let mut oauth = testing::oauth();
    oauth.refresh_token_idle_lifetime = Some(14 * 86_400);
    let bench = Bench::new(oauth).await;
    bench.connect().await;
    bench
}

#[tokio::test]
async fn a_refresh_token_that_dies_unused_is_used_when_its_share_of_the_time_has_passed() {
    let bench = forgetful().await;
    for (day, due) in [(6, false), (7, true), (8, false), (13, false), (14, true)] {
        bench.clock.turn(START + day * DAY - bench.clock.now());
        let kept = bench.credentials.keep_alive(&key(), 0.5).await.expect("asked");
        assert_eq!(matches!(kept, KeptAlive::Renewed), due, "day {day}: {kept:?}");
    }
    assert_eq!(refreshes(&bench), 2);
}

#[tokio::test]
async fn one_that_could_not_be_used_in_time_is_told_with_its_end_and_nothing_has_ended() {
    let bench = forgetful().await;
    bench.clock.turn(8 * DAY);
    bench.server.can(Canned::new(503, ""));
    let kept = bench.credentials.keep_alive(&key(), 0.5).await.expect("no error");
    assert!(matches!(kept, KeptAlive::Failed { ends_at, .. } if ends_at == START + 14 * DAY), "{kept:?}");
    let again = bench.credentials.keep_alive(&key(), 0.5).await.expect("no error");
    assert!(matches!(again, KeptAlive::NotNeeded), "the platform is left alone for a while: {again:?}");
    assert_eq!((bench.heard.count("token_expiring"), bench.info().await.state), (1, CredentialState::Connected));
}

#[tokio::test]
async fn nothing_is_kept_alive_that_does_not_die() {
    let bench = Bench::connected().await;
    bench.clock.turn(400 * DAY);
    assert!(matches!(bench.credentials.keep_alive(&key(), 0.5).await, Ok(KeptAlive::NotNeeded)));
    let other = AccountKey { account: "another".into(), ..key() };
    let forgetful = forgetful().await;
    assert!(matches!(forgetful.credentials.keep_alive(&other, 0.5).await, Ok(KeptAlive::NotNeeded)));
    assert_eq!(refreshes(&bench), 0);
}

#[tokio::test]
async fn disconnecting_waits_for_a_renewal_of_another_process_and_revokes_what_it_brought() {
    let bench = Bench::connected().await;
    bench.clock.turn(3700);
    let gate = bench.server.desk.gate.lock().await;
    let theirs = bench.neighbour();
    let theirs = tokio::spawn(async move { theirs.access_token(key_of()).await });
    until_refreshes(&bench, 1).await;
    let ours = bench.credentials.clone();
    let ours = tokio::spawn(async move { ours.disconnect(key_of()).await });
    drop(gate);
    theirs.await.expect("no panic").expect("renewed");
    assert!(ours.await.expect("no panic").expect("deleted").existed);
    let revoked: Vec<String> =
        bench.server.requests().iter().filter_map(|(_, form)| form.get("token").cloned()).collect();
    assert_eq!(revoked, ["planted-refresh-2", "planted-access-2"]);
    assert_eq!(bench.heard.count("disconnected"), 1);
}
