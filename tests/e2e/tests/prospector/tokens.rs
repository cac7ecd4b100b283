//! The life of a token: renewed by itself, with the refresh token that came last.

use ghoststack::store::{Audit, AuditFilter, Scope, SqliteStore};
use prospector_e2e::sim::TOKEN;
use prospector_e2e::{Prospector, Sim};
use serde_json::{Value, json};

use crate::support::connected;

/// How often a token was renewed.
fn renewals(sim: &Sim) -> usize {
    sim.requests(TOKEN)
        .iter()
        .filter(|request| request["body"].as_str().is_some_and(|body| body.contains("grant_type=refresh_token")))
        .count()
}

#[test]
fn a_token_that_the_platform_holds_to_be_expired_is_renewed_and_the_request_repeated() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let mut seen = 0;
    for month in 1..=3 {
        sim.advance(31 * 86_400);
        let scan = prospector.run("scan --json").ok().json();
        assert!(
            scan["platforms"][0]["error"].is_null() && scan["platforms"][0]["fetched"].as_u64() > Some(0),
            "month {month}: {}",
            scan["platforms"]
        );
        // Each renewal needs the refresh token of the one before: the old ones are dead.
        let now = renewals(&sim);
        assert_eq!(now, seen + 1, "month {month}");
        seen = now;
    }
}

#[test]
fn a_token_whose_time_has_come_is_renewed_before_it_is_sent() {
    let sim = Sim::agreeing();
    sim.freelancer().set(&json!({ "access_seconds": 1 }));
    let prospector = connected(&sim);
    sim.freelancer().set(&json!({ "access_seconds": 3600 }));
    let end = prospector.run("status --offline --json").ok().json()["platforms"][0]["token_expires_at"].as_i64();
    while sim.control("GET", "/clock", &Value::Null)["now"].as_i64() <= end {
        std::thread::yield_now();
    }
    sim.control("DELETE", "/requests", &json!({}));
    assert!(prospector.run("status").ok().stdout.contains("Status: Connected"));
    assert_eq!(renewals(&sim), 1);
    assert!(sim.requests("/api").iter().all(|request| request["status"] != 401), "an expired token was sent");
}

#[test]
fn a_platform_that_sends_no_new_refresh_token_leaves_the_old_one_good() {
    for refresh in ["keep", "omit"] {
        let sim = Sim::agreeing();
        sim.freelancer().set(&json!({ "refresh": refresh }));
        let prospector = connected(&sim);
        for _ in 0..2 {
            sim.control("POST", "/freelancer/expire", &json!({"access": true}));
            assert!(prospector.run("status").ok().stdout.contains("Status: Connected"), "{refresh}");
        }
        assert_eq!(renewals(&sim), 2, "{refresh}");
    }
}

#[test]
fn a_renewal_that_fails_because_the_platform_is_down_is_tried_again_later() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.control("POST", "/freelancer/expire", &json!({"access": true}));
    for rule in [
        json!({"fault": "status", "status": 500}),
        json!({"fault": "cut-off"}),
        json!({"fault": "not-json"}),
        json!({"fault": "status", "status": 429, "retry_after": 3}),
    ] {
        let mut rule = rule;
        rule["route"] = TOKEN.into();
        rule["count"] = 100.into();
        sim.fault(&rule);
        let status = prospector.run("status");
        assert_eq!(status.code, 5, "{rule}: {}{}", status.stdout, status.stderr);
        assert!(!status.stdout.contains("Auth_expired"), "{rule}: {}", status.stdout);
        sim.heal();
        assert!(prospector.run("status --offline").ok().stdout.contains("Status: Connected"), "{rule}");
        // A cut-off answer may have carried the new token: only where the old one is still good can it work.
        if rule["fault"] == "cut-off" {
            let _connected = prospector.connect().ok();
            sim.control("POST", "/freelancer/expire", &json!({"access": true}));
        }
    }
    assert!(prospector.run("status").ok().stdout.contains("Status: Connected"));
}

#[test]
fn a_grant_that_is_gone_is_auth_expired_until_somebody_connects() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.control("POST", "/freelancer/expire", &json!({"access": true, "refresh": true}));
    let scan = prospector.run("scan").expect(4);
    assert!(scan.stdout.contains("ghoststack prospector connect freelancer"), "{}", scan.stdout);
    let status = prospector.run("status").expect(4);
    assert!(status.stdout.contains("Status: Auth_expired"), "{}", status.stdout);
    let _connected = prospector.connect().ok();
    let _scan = prospector.run("scan").ok();
}

/// Events of authentication that are in the audit, oldest first.
fn noted(prospector: &Prospector) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let path = prospector.home.path().join("prospector/store.db");
    let rows = runtime.block_on(async {
        let store = SqliteStore::open_read_only(&path).await.expect("the store opens");
        let filter = AuditFilter { scope: Scope::profile("default"), since: None, limit: 1000 };
        store.audit(&filter).await.expect("the audit can be read")
    });
    let of_auth = rows.into_iter().rev().filter(|row| row.phase == "auth" && row.method.is_empty());
    of_auth.map(|row| row.outcome).collect()
}

#[test]
fn what_happens_to_a_credential_is_in_the_audit_and_the_end_of_the_access_once() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.freelancer().expire(false);
    let _status = prospector.run("status").ok();
    sim.freelancer().revoke();
    for _ in 0..3 {
        let _ended = prospector.run("scan").expect(4);
        let _ended = prospector.run("status").expect(4);
    }
    let _gone = prospector.run("disconnect freelancer").ok();
    assert_eq!(noted(&prospector), ["connected", "renewed", "auth_expired", "disconnected"]);
}
