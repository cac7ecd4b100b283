//! `connect --grant client-credentials`, and asking for no more than is needed.

use platform_sim::Options;
use prospector_e2e::sim::{TOKEN, UPWORK_TOKEN, unlimited};
use prospector_e2e::{Prospector, Sim};
use serde_json::json;

use crate::support::{connected_with, pointed_at, pointed_at_with};
use crate::upwork;

fn connect(prospector: &Prospector, platform: &str) -> prospector_e2e::Outcome {
    let line = format!("connect {platform} --grant client-credentials --client-id sim-client");
    prospector.run_with_secret(&line, "sim-secret")
}

#[test]
fn an_application_connects_for_its_owner_without_a_browser() {
    let sim = Sim::asking();
    let prospector = pointed_at(&sim);
    let done = connect(&prospector, "freelancer").ok();
    assert_eq!(done.stdout, "Authorization successful. Tokens stored in Vault.\n");
    assert!(done.stderr.contains("project_search: read postings"), "purposes are shown: {}", done.stderr);
    let asked = &sim.requests(TOKEN)[0];
    assert!(asked["body"].as_str().is_some_and(|body| body.contains("grant_type=client_credentials")), "{asked}");
    assert!(sim.requests("/oauth/authorise").is_empty());
    let status = prospector.run("status").ok();
    assert!(status.stdout.contains("Status: Connected\nAccount: wren_codes\n"), "{}", status.stdout);
    assert!(prospector.run("scan --json").ok().json()["platforms"][0]["fetched"].as_u64() > Some(50));
}

#[test]
fn there_is_no_refresh_token_so_the_application_asks_anew_when_its_token_ends() {
    let sim = Sim::asking();
    let prospector = pointed_at(&sim);
    let _connected = connect(&prospector, "freelancer").ok();
    for asked in 2..=3 {
        sim.freelancer().expire(false);
        assert!(prospector.run("status").ok().stdout.contains("Status: Connected"));
        let requests = sim.requests(TOKEN);
        assert_eq!(requests.len(), asked);
        assert!(requests.iter().all(|of| of["body"].as_str().is_some_and(|body| body.contains("client_credentials"))));
    }
    let status = prospector.run("status --json").ok().json();
    assert!(status["platforms"][0]["refresh_token_unused_until"].is_null());
}

#[test]
fn upwork_gives_it_to_enterprise_keys_and_the_refusal_of_others_is_explained() {
    let sim = Sim::with(Options { upwork_enterprise: true, ..unlimited() });
    let prospector = upwork::pointed_at(&sim);
    let _connected = connect(&prospector, "upwork").ok();
    assert!(prospector.run("status").ok().stdout.contains("Account: wren_codes"));
    assert_eq!(sim.requests(UPWORK_TOKEN).len(), 1);

    let sim = Sim::asking();
    let prospector = upwork::pointed_at(&sim);
    let refused = connect(&prospector, "upwork").expect(4);
    for words in ["API key not allowed", "client credentials", "not an enterprise's"] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    assert!(prospector.run("status --offline").expect(4).stdout.contains("Status: Disconnected"));
}

#[test]
fn what_belongs_to_a_browser_is_refused_with_it() {
    let sim = Sim::asking();
    let prospector = pointed_at(&sim);
    for more in ["--no-browser", "--redirect-uri https://app.ghoststack.dev/auth/freelancer/callback"] {
        let refused = prospector.run(&format!("connect freelancer --grant client-credentials {more}")).expect(2);
        assert!(refused.stderr.contains("leave out --no-browser and --redirect-uri"), "{}", refused.stderr);
    }
    let unknown = prospector.run("connect freelancer --grant implicit").expect(2);
    assert!(unknown.stderr.contains("client-credentials"), "{}", unknown.stderr);
    assert!(sim.requests("/oauth").is_empty());
}

#[test]
fn a_wrong_secret_is_explained_and_the_former_connection_stays() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", "");
    let line = "connect freelancer --grant client-credentials --client-id sim-client";
    let refused = prospector.run_with_secret(line, "not-the-secret").expect(4);
    assert!(refused.stderr.contains("Client Secret does not belong"), "{}", refused.stderr);
    assert!(prospector.run("status").ok().stdout.contains("Status: Connected"));
}

#[test]
fn only_what_the_enabled_features_need_is_asked_for() {
    let sim = Sim::agreeing();
    for (features, advanced, shown) in [
        ("[search]", None, "Scopes: project_search\n"),
        ("[search, contracts]", Some("advanced_scopes=2"), "Scopes: project_search, project_manage\n"),
    ] {
        let prospector = pointed_at_with(&sim, "");
        let text = std::fs::read_to_string(prospector.home.configuration_file()).expect("it is there");
        prospector.home.configure(&text.replace("connect: {", &format!("connect: {{ features: {features},")));
        sim.control("DELETE", "/requests", &json!({}));
        let connected = prospector.connect().ok();
        assert!(!connected.stderr.contains("project_bid"), "{}", connected.stderr);
        let query = sim.requests("/oauth/authorise")[0]["query"].as_str().expect("a query").to_owned();
        assert_eq!(query.contains("advanced_scopes"), advanced.is_some(), "{query}");
        assert!(advanced.is_none_or(|advanced| query.contains(advanced)), "{query}");
        let status = prospector.run("status").ok();
        assert!(status.stdout.contains(shown), "{}", status.stdout);
    }
}
