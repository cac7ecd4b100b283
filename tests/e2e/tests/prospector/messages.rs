//! The messages that users must meet, from what the platforms really answer. Some of the rows are shown at greater length elsewhere:
//! `connecting`, `status`, `scanning` and `upwork/connecting`; here is each of them once.

use platform_sim::Options;
use prospector_e2e::sim::{GRAPHQL, POSTINGS, unlimited};
use prospector_e2e::{Outcome, Prospector, Sim};
use serde_json::{Value, json};

use crate::support::{connected, connected_with, pointed_at, texts};
use crate::upwork;

#[track_caller]
fn says(outcome: &Outcome, words: &[&str]) {
    let shown = format!("{}{}", outcome.stdout, outcome.stderr);
    for words in words {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

/// Connects by another grant, whose refusal comes from the token endpoint.
fn by_client(prospector: &Prospector) -> Outcome {
    prospector.run_with_secret("connect freelancer --grant client-credentials --client-id sim-client", "sim-secret")
}

#[test]
fn an_application_that_is_not_approved_is_pending_at_both_endpoints() {
    let sim = Sim::agreeing();
    sim.freelancer().set(&json!({ "pending": true }));
    let prospector = pointed_at(&sim);
    for refused in [prospector.connect(), by_client(&prospector)] {
        says(&refused.expect(4), &["Application pending", "24 hours", "Developer Dashboard", "\"Active\""]);
    }
}

#[test]
fn an_application_that_loses_its_approval_is_pending_when_its_token_is_to_be_renewed() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.freelancer().set(&json!({ "pending": true }));
    sim.freelancer().expire(false);
    says(&prospector.run("scan").expect(4), &["connect freelancer"]);
    says(&prospector.run("status").expect(4), &["Status: Auth_expired", "Application pending", "Developer Dashboard"]);
}

#[test]
fn a_registration_that_lacks_scopes_is_missing_scopes_wherever_it_comes_out() {
    let sim = Sim::agreeing();
    sim.freelancer().set(&json!({ "missing_scopes": [2], "strict_scopes": true }));
    let words = ["Missing scopes", "project_bid, project_manage", "Edit the application", "re-authorize"];
    says(&pointed_at(&sim).connect().expect(4), &words);
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let message = "This request needs the advanced scope fln:project_manage (2).";
    sim.fault(&json!({"route": POSTINGS, "fault": "status", "status": 403, "error_code": "INSUFFICIENT_SCOPE", "message": message, "count": 9}));
    says(&prospector.run("scan").expect(4), &words);
}

#[test]
fn an_upwork_key_that_lacks_permissions_is_insufficient_scopes() {
    let sim = Sim::agreeing();
    let prospector = upwork::connected(&sim);
    sim.upwork().set(&json!({"permissions": ["pub-commons:read:all"]}));
    let _connected = prospector.connect_to("upwork").ok();
    let words =
        ["Insufficient scopes", "Read marketplace Job Postings", "Delete the key", "create a new one", "re-authorize"];
    for line in ["status", "scan"] {
        says(&prospector.run(line).expect(4), &words);
    }
}

#[test]
fn a_permission_that_the_platform_did_not_give_is_told_at_connect_already() {
    let lacking = vec!["pub-marketplace-job-postings:read:all".to_owned()];
    let sim = Sim::with(Options { auto_consent: true, upwork_missing_permission: lacking, ..unlimited() });
    let connected = upwork::pointed_at(&sim).connect_to("upwork").ok();
    says(&connected, &["warning: Insufficient scopes", "job_search (read)", "Next: Delete the key", "re-authorize"]);
    assert!(connected.stdout.ends_with("Authorization successful. Tokens stored in Vault.\n"), "{}", connected.stdout);
}

#[test]
fn a_scan_that_finds_little_or_nothing_says_what_has_dropped_the_most_and_what_to_broaden() {
    let sim = Sim::agreeing();
    let prospector =
        connected_with(&sim, "    min_employer_rating: 4.0\n    categories: ['Websites, IT & Software']", "");
    let scan = prospector.run("scan --json").ok().json();
    // All leads but two are gone from the platform, then those too; what its employers' ratings have dropped stays.
    let leads = texts(&scan["leads"], "id");
    for (index, id) in leads.iter().enumerate() {
        if index == leads.len() - 2 {
            let words = ["Few results.", "`min_employer_rating` has dropped the most", "broaden `categories`"];
            says(&prospector.run("scan").ok(), &words);
        }
        sim.control("DELETE", &format!("/freelancer/projects/{id}"), &Value::Null);
    }
    let words = ["Nothing to show.", "min_employer_rating ", "relax it first", "broaden `categories`", "leads skipped"];
    says(&prospector.run("scan").ok(), &words);
}

#[test]
fn a_rate_limit_is_honoured_and_its_remedies_are_named_on_both_platforms() {
    let sim = Sim::agreeing();
    for (prospector, route) in [(connected(&sim), POSTINGS), (upwork::connected(&sim), GRAPHQL)] {
        sim.fault(&json!({"route": route, "fault": "status", "status": 429, "retry_after": 417, "count": 9}));
        let scan = prospector.run("scan").expect(5);
        says(&scan, &["Rate limited", "417 s", "scan_interval", "max_results_per_scan", "share the limit"]);
        sim.heal();
    }
}

#[test]
fn access_that_was_revoked_is_auth_expired_with_the_command_that_repairs_it_on_both_platforms() {
    let sim = Sim::agreeing();
    for (prospector, site) in [(connected(&sim), sim.freelancer()), (upwork::connected(&sim), sim.upwork())] {
        site.revoke();
        let repair = format!("ghoststack prospector connect {}", site.id());
        says(&prospector.run("status").expect(4), &["Status: Auth_expired", "Access revoked", &repair]);
        says(&prospector.run("scan").expect(4), &[&repair]);
    }
}
