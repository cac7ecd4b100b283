//! Filters and scorers of the person's own, as the configuration lists them: the examples, built as their authors build them.

use std::fs;
use std::path::{Path, PathBuf};

use prospector_e2e::home::configuration;
use prospector_e2e::prospector::finish;
use prospector_e2e::{Prospector, Sim};
use serde_json::{Value, json};

use crate::support::{connected_with, hundredths, texts};

const PROFILE: &str = "profile:\n  skills: [Rust, WebAssembly, TypeScript, React, PostgreSQL]\n";

/// An example's file: a core module of a pure world, or a component.
pub fn built(name: &str) -> PathBuf {
    Path::new(env!("OUT_DIR")).join(name)
}

/// A home beside whose configuration the examples are, with this configuration.
fn listing(sim: &Sim, rest: &str) -> Prospector {
    let prospector = connected_with(sim, "    max_results_per_scan: 300", PROFILE);
    for name in ["redflags.wasm", "taste.wasm", "taste-component.wasm"] {
        fs::copy(built(name), prospector.home.path().join(name)).expect("a copy");
    }
    prospector.home.configure(&configuration(sim, "    max_results_per_scan: 300", &format!("{PROFILE}{rest}")));
    prospector
}

#[test]
fn a_filter_drops_under_its_own_name_and_a_scorer_adds_to_the_breakdown_under_its() {
    let sim = Sim::agreeing();
    let prospector = listing(
        &sim,
        "plugins:
  filters: [redflags.wasm]
  scorers: [{file: taste.wasm, settings: {liked: [rust], dream: [wasm], dream_points: 90}}]
scoring:
  weights: {skill_match: 0.3, budget: 0.2, client_history: 0.2, competition: 0.1, timeline: 0.1, taste: 0.1}
  adjustment_max: 7
",
    );
    let scan = prospector.run("scan --json").ok().json();
    let skipped = scan["skipped"].as_array().expect("an array");
    let by_filter: Vec<&Value> = skipped.iter().filter(|skip| skip["stage"] == "filter").collect();
    assert!(!by_filter.is_empty(), "the samples have a title in capitals");
    for skip in &by_filter {
        assert!(skip["filter"].as_str().is_some_and(|filter| filter.starts_with("redflags/")), "{skip}");
        assert!(skip["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{skip}");
    }
    let (mut liked, mut dreamt) = (0, 0);
    for lead in scan["leads"].as_array().expect("an array") {
        let line = |name: &str| {
            lead["breakdown"].as_array().into_iter().flatten().find(|line| line["signal"] == name).expect("a line")
        };
        assert_eq!(hundredths(&line("taste")["weight"]), 10, "{lead}");
        assert_eq!(hundredths(&line("substance")["points"]), 0, "a signal without a weight adds nothing: {lead}");
        liked += usize::from(line("taste")["value"] == json!(0.75));
        let adjustments = lead["adjustments"].as_array().expect("an array");
        let dream = adjustments.iter().find(|given| given["name"] == "dream");
        dreamt += usize::from(dream.is_some());
        assert!(dream.is_none_or(|dream| hundredths(&dream["points"]) == 700), "it is bounded: {lead}");
        let sum: i64 = lead["breakdown"]
            .as_array()
            .into_iter()
            .flatten()
            .chain(adjustments)
            .map(|part| hundredths(&part["points"]))
            .sum();
        assert_eq!(sum, hundredths(&lead["score"]), "{lead}");
    }
    assert!(liked > 0 && dreamt > 0, "{liked} {dreamt}");
    // What is pure answers the same.
    let again = prospector.run("scan --json").ok().json();
    assert_eq!((&again["platforms"][0]["new"], &again["platforms"][0]["changed"]), (&json!(0), &json!(0)));
}

#[test]
fn a_lead_tells_what_it_has_passed() {
    let sim = Sim::agreeing();
    let rest = "plugins: {filters: [redflags.wasm]}
rules:
  - {name: no-old-ones, condition: {field: job.age_hours, operator: gt, value: 1000000}, action: exclude}
";
    let prospector = listing(&sim, rest);
    let platform = "    max_results_per_scan: 300\n    min_employer_rating: 4\n    keywords: {exclude: [wordpress]}";
    prospector.home.configure(&configuration(&sim, platform, &format!("{PROFILE}{rest}")));
    let scan = prospector.run("scan --json").ok().json();
    let id = scan["leads"][0]["id"].as_str().expect("a lead").to_owned();
    let explained = prospector.run(&format!("leads explain {id} --json")).ok().json();
    assert_eq!(
        explained["passed"],
        json!([
            {"stage": "screening", "filter": "keywords", "set_to": "{ exclude: ['wordpress'], include: [] }"},
            {"stage": "screening", "filter": "min_employer_rating", "set_to": "4"},
            {"stage": "filter", "filter": "redflags"},
            {"stage": "rule", "filter": "no-old-ones"},
        ])
    );
    let told = prospector.run(&format!("leads explain {id}")).ok().stdout;
    let (_, passed) = told.split_once("PASSED\n").expect("a section");
    let passed = passed.split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = "freelancer's filters: keywords { exclude: ['wordpress'], include: [] }; min_employer_rating 4 your filters: redflags \
        your rules: no-old-ones";
    assert!(passed.starts_with(whole), "{told}");
}

#[test]
fn a_module_and_a_component_of_one_scorer_say_the_same() {
    let sim = Sim::agreeing();
    let scores = |file: &str| {
        let rest = format!("plugins: {{scorers: [{{file: {file}, settings: {{liked: [rust, react]}}}}]}}\n");
        let prospector = listing(&sim, &rest);
        let scan = prospector.run("scan --json").ok().json();
        let mut leads = scan["leads"].as_array().cloned().expect("an array");
        leads.sort_by_key(|lead| lead["id"].to_string());
        leads
    };
    assert_eq!(scores("taste.wasm"), scores("taste-component.wasm"));
}

#[test]
fn what_is_listed_is_shown_with_its_digest_and_whether_it_is_pure() {
    let sim = Sim::agreeing();
    let prospector = listing(&sim, "plugins: {filters: [redflags.wasm], scorers: [taste-component.wasm]}\n");
    let listed = prospector.run("plugins list --json").ok().json();
    let custom = &listed["custom"];
    assert_eq!(texts(custom, "id"), ["redflags", "taste"]);
    assert_eq!(texts(custom, "world"), ["filter", "scorer"]);
    assert_eq!((&custom[0]["pure"], &custom[0]["imports"]), (&json!(true), &json!([])));
    // Rust's own start for this target asks for a clock and the like, which are given inertly: it is not pure, and says so.
    assert_eq!(custom[1]["pure"], json!(false), "{custom}");
    let text = prospector.run("plugins list").ok().stdout;
    assert!(text.contains("redflags.wasm, pure, sha256:") && text.contains("taste-component.wasm, not pure"), "{text}");
}

#[test]
fn what_cannot_be_used_is_an_error_at_its_place_and_nothing_is_scanned_without_it() {
    let sim = Sim::agreeing();
    let board = built("jobboard.wasm");
    let cases = [
        ("filters: [missing.wasm]", "plugins.filters[0]", "cannot be read"),
        ("filters: [prospector.yaml]", "plugins.filters[0]", "not WebAssembly"),
        ("filters: [taste.wasm]", "plugins.filters[0]", "is a scorer, and a filter is wanted here"),
        ("scorers: [redflags.wasm]", "plugins.scorers[0]", "is a filter, and a scorer is wanted here"),
        (
            &format!("filters: ['{}']", board.display()),
            "plugins.filters[0]",
            "is a platform, and a filter is wanted here",
        ),
        (
            &format!("filters: [redflags.wasm, {{file: redflags.wasm, sha256: {}}}]", "0".repeat(64)),
            "plugins.filters[1].sha256",
            "its digest is sha256:",
        ),
        ("scorers: [{file: taste.wasm, settings: {likes: [x]}}]", "plugins.scorers[0].settings.likes", "unknown key"),
        (
            "scorers: [{file: taste.wasm, settings: {dream_points: many}}]",
            "plugins.scorers[0].settings.dream_points",
            "many",
        ),
    ];
    for (listed, place, why) in cases {
        let prospector = listing(&sim, &format!("plugins: {{{listed}}}\n"));
        let before = sim.requests("/projects/active").len();
        for line in ["config validate", "scan"] {
            let refused = prospector.run(line).expect(3);
            let told: String = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(told.contains(place) && told.contains(why), "{line} with {listed}: {}", refused.stderr);
        }
        assert_eq!(sim.requests("/projects/active").len(), before, "{listed}");
    }
}

#[test]
fn other_weights_and_candidates_are_tried_on_stored_leads_and_change_nothing() {
    let sim = Sim::agreeing();
    let prospector = listing(&sim, "");
    let _scanned = prospector.run("scan").ok();
    let stored = prospector.run("leads list --json --min-score 0 --limit 1000").ok().json();
    let count = stored["leads"].as_array().expect("an array").len();

    let same = prospector.run("scoring backtest --weights skill_match=0.3 --json").ok().json();
    let listed = prospector.run("leads list --limit 10 --json").ok().json();
    assert_eq!(
        texts(&same["top"], "id"),
        texts(&listed["leads"], "id"),
        "leads of one score too are ranked as they are listed"
    );
    assert_eq!((&same["leads"], &same["changed"], &same["rank_correlation"]), (&json!(count), &json!(0), &json!(1.0)));
    assert_eq!(same["moved"], json!([]));

    let weighed = prospector.run("scoring backtest --weights competition=5 --limit 3 --json").ok().json();
    assert!(weighed["rank_correlation"].as_f64().is_some_and(|of| of < 0.99), "{weighed}");
    assert_eq!(weighed["moved"].as_array().map(Vec::len), Some(3));

    assert_eq!(weighed["ndcg"], Value::Null, "nothing is marked");
    let last = stored["leads"][count - 1]["id"].as_str().expect("a lead");
    let _marked = prospector.run(&format!("leads mark {last} starred")).ok();
    let first = stored["leads"][0]["id"].as_str().expect("a lead");
    let _marked = prospector.run(&format!("leads mark {first} dismissed")).ok();
    let marked = prospector.run("scoring backtest --weights skill_match=0.3 --json").ok().json();
    // Of two, the one that is wanted comes second: 1 / log2(3).
    let ndcg = marked["ndcg"][0].as_f64().expect("marks");
    assert!((ndcg - 1.0 / 3.0_f64.log2()).abs() < 1e-9 && marked["ndcg"][0] == marked["ndcg"][1], "{marked}");
    for id in [first, last] {
        let _marked = prospector.run(&format!("leads mark {id} new")).ok();
    }

    let try_it = |file: &str, more: &[&str]| {
        let mut command = prospector.command(["scoring", "backtest", "--json", "--component"]);
        finish(command.arg(built(file)).args(more)).ok().json()
    };
    let filtered = try_it("redflags.wasm", &[]);
    assert!(filtered["dropped"].as_u64().is_some_and(|dropped| dropped > 0), "{filtered}");
    assert!(
        filtered["moved"][0]["dropped"].as_str().is_some_and(|why| why.starts_with("max_capitals: ")),
        "{filtered}"
    );
    let weightless = try_it("taste.wasm", &["--settings", r#"{"liked":["rust"]}"#]);
    assert_eq!((&weightless["changed"], &weightless["unweighted"]), (&json!(0), &json!(["substance", "taste"])));
    let told = finish(prospector.command(["scoring", "backtest", "--component"]).arg(built("taste.wasm"))).ok();
    assert!(told.stderr.contains("signal `taste` has no weight, so it adds nothing"), "{}", told.stderr);
    let scored = try_it("taste.wasm", &["--weights", "taste=1", "--settings", r#"{"liked":["rust"]}"#]);
    assert_eq!(scored["changed"], json!(count), "{scored}");
    // What is tried weighs as what is listed does: a scan with it gives the scores that the backtest foretold.
    let foretold = &scored["moved"][0];
    prospector.home.configure(&configuration(
        &sim,
        "    max_results_per_scan: 300",
        &format!("{PROFILE}plugins: {{scorers: [{{file: taste.wasm, settings: {{liked: [rust]}}}}]}}\nscoring: {{weights: {{taste: 1}}}}\n"),
    ));
    assert_eq!(
        prospector.run("leads list --json --min-score 0 --limit 1000").ok().json(),
        stored,
        "nothing was stored"
    );
    let scan = prospector.run("scan --json").ok().json();
    let lead = scan["leads"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|lead| lead["id"] == foretold["id"])
        .expect("it is still there");
    assert_eq!(hundredths(&lead["score"]), hundredths(&foretold["candidate_score"]));
}

#[test]
fn stored_leads_are_weighed_anew_by_the_configured_weights() {
    let sim = Sim::agreeing();
    let prospector = listing(&sim, "");
    let _scanned = prospector.run("scan").ok();
    prospector.home.configure(&configuration(
        &sim,
        "    max_results_per_scan: 300",
        &format!("{PROFILE}scoring: {{weights: {{skill_match: 1, budget: 0, client_history: 0, competition: 0, timeline: 0}}}}\n"),
    ));
    let applied = prospector.run("scoring apply --json").ok().json();
    assert!(applied["changed"].as_u64().is_some_and(|changed| changed > 0), "{applied}");
    // All but when each was last met.
    let listed = || {
        let mut list = prospector.run("leads list --json --min-score 0 --limit 1000").ok().json();
        let leads = list["leads"].as_array_mut().into_iter().flatten();
        leads.filter_map(Value::as_object_mut).for_each(|lead| drop(lead.remove("last_seen")));
        list
    };
    let weighed = listed();
    let _scanned = prospector.run("scan").ok();
    assert_eq!(listed(), weighed, "a scan gives the same");
    assert_eq!(prospector.run("scoring apply --json").ok().json()["changed"], json!(0));
}

#[test]
fn a_backtest_says_what_it_needs() {
    let sim = Sim::agreeing();
    let prospector = listing(&sim, "");
    for (line, why) in [
        ("scoring backtest", "--weights, or --component"),
        ("scoring backtest --weights budget", "SIGNAL=SHARE"),
        ("scoring backtest --weights budget=-1", "from 0 to 1000"),
        ("scoring backtest --weights Budget=1", "client_history"),
        ("scoring backtest --component prospector.yaml", "cannot be tried"),
        ("scoring backtest --settings {}", "--component"),
    ] {
        let refused = prospector.run(line).expect(2);
        assert!(refused.stderr.contains(why), "{line}: {}", refused.stderr);
    }
    let none = prospector.run("scoring backtest --weights budget=1").ok();
    assert!(none.stderr.contains("no leads to replay"), "{}", none.stderr);
}
