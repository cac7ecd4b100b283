//! Rules: what they do in a scan, and what they would do to stored leads.

use prospector_e2e::Sim;
use prospector_e2e::home::configuration;
use serde_json::{Value, json};

use crate::support::{connected_with, texts};

const PROFILE: &str = "profile:\n  skills: [Rust, WebAssembly, TypeScript, React, PostgreSQL]\n";
const ALL: &str = "    max_results_per_scan: 300";

const RULES: &str = "rules:
  - name: no-contests-and-cheap
    condition: {field: job.budget.usd, operator: lt, value: 200}
    action: exclude
  - name: rust-first
    condition: {all: [{field: job.skills, operator: contains, value: rust}, {field: score, operator: gte, value: 50}]}
    action: priority
  - name: draft-react
    condition: {any: [{field: job.title, operator: matches, value: '(?i)react'}]}
    action: draft
";

fn by_id<'v>(leads: &'v Value, id: &str) -> &'v Value {
    leads.as_array().into_iter().flatten().find(|lead| lead["id"] == id).expect("a lead of this id")
}

#[test]
fn what_rules_test_foretells_a_scan_does() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, ALL, PROFILE);
    let plain = prospector.run("scan --json").ok().json();
    prospector.home.configure(&configuration(&sim, ALL, &format!("{PROFILE}{RULES}")));
    let trial = prospector.run("rules test --json --limit 1000").ok().json();
    assert_eq!(trial["tried"], json!(plain["leads"].as_array().map(Vec::len)));
    let hits = trial["hits"].as_array().expect("an array");
    for (rule, action) in [("no-contests-and-cheap", "exclude"), ("rust-first", "priority"), ("draft-react", "draft")] {
        let of: Vec<&Value> = hits.iter().filter(|hit| hit["rule"] == rule).collect();
        assert!(!of.is_empty() && of.iter().all(|hit| hit["action"] == action), "{rule}: {trial}");
        let tally =
            trial["rules"].as_array().into_iter().flatten().find(|tally| tally["rule"] == rule).expect("a tally");
        assert_eq!(tally["leads"], json!(of.len()));
    }

    let scan = prospector.run("scan --json").ok().json();
    let excluded: Vec<&Value> =
        scan["skipped"].as_array().into_iter().flatten().filter(|skip| skip["stage"] == "rule").collect();
    for hit in hits {
        let id = hit["id"].as_str().expect("an id");
        if hit["action"] == "exclude" {
            let skip = excluded.iter().find(|skip| skip["id"] == id).expect("it is skipped");
            assert_eq!((&skip["filter"], &skip["reason"]), (&hit["rule"], &hit["reason"]));
        } else {
            let rule = &by_id(&scan["leads"], id)["rule"];
            assert_eq!(
                (&rule["name"], &rule["action"], &rule["reason"]),
                (&hit["rule"], &hit["action"], &hit["reason"])
            );
        }
    }
    assert_eq!(excluded.len(), hits.iter().filter(|hit| hit["action"] == "exclude").count());
    // Those that a rule ranks first come first, whatever others score.
    let ranked = scan["leads"].as_array().expect("an array");
    let first = |lead: &Value| lead["rule"]["action"] == "priority";
    let firsts = ranked.iter().take_while(|lead| first(lead)).count();
    assert!(firsts > 0 && !ranked[firsts..].iter().any(first), "{:?}", texts(&scan["leads"], "id"));
}

#[test]
fn one_rule_can_be_looked_at_alone_and_an_unknown_one_is_named() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, ALL, &format!("{PROFILE}{RULES}"));
    let _scanned = prospector.run("scan").ok();
    let trial = prospector.run("rules test --rule rust-first --json").ok().json();
    assert!(texts(&trial["hits"], "rule").iter().all(|rule| *rule == "rust-first"));
    let told = prospector.run("rules test").ok();
    assert!(told.stdout.contains("rust-first: ") && told.stdout.contains("leads (priority)"), "{}", told.stdout);
    let unknown = prospector.run("rules test --rule rusty").expect(2);
    assert!(unknown.stderr.contains("rust-first"), "{}", unknown.stderr);
}

#[test]
fn the_fields_are_listed_with_their_operators() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", "");
    let listed = prospector.run("rules fields --json").ok().json();
    let fields = texts(&listed["fields"], "field");
    assert!(fields.contains(&"job.budget.amount") && fields.contains(&"client.payment_verified"), "{fields:?}");
    let told = prospector.run("rules fields").ok().stdout;
    assert!(fields.iter().all(|field| told.contains(field)) && told.contains("signals.NAME"), "{told}");
}
