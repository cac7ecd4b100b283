//! Postings that real people wrote, where they are at hand.

use platform_sim::Options;
use prospector_e2e::Sim;
use serde_json::{Value, json};

use crate::support::{connected, hundredths, real_data, texts};

#[test]
fn a_recorded_answer_of_the_real_platform_ends_in_leads_or_skipped_to_the_last_project() {
    let Some(file) = real_data("freelancer-projects-search-2022.json") else { return };
    let sim =
        Sim::with(Options { freelancer_data: Some(file), auto_consent: true, rate_limit: 0, ..Default::default() });
    // Some of them are closed by now, and a search gives open ones: they are opened again, all else is as it was recorded.
    for id in sim.control("GET", "/freelancer/projects", &Value::Null)["ids"].as_array().expect("an array") {
        sim.control(
            "PATCH",
            &format!("/freelancer/projects/{id}"),
            &json!({"status": "active", "frontend_project_status": "open"}),
        );
    }
    let prospector = connected(&sim);
    let scan = prospector.run("scan --json").ok().json();
    let row = &scan["platforms"][0];
    assert!(row["error"].is_null(), "{row}");
    let (leads, skipped) = (texts(&scan["leads"], "id"), texts(&scan["skipped"], "id"));
    assert_eq!(leads.len() + skipped.len(), 100, "{row}");
    assert_eq!(row["fetched"], 100);
    for lead in scan["leads"].as_array().expect("an array") {
        let of = |name: &str| {
            lead[name].as_array().into_iter().flatten().map(|line| hundredths(&line["points"])).sum::<i64>()
        };
        assert_eq!(of("breakdown") + of("adjustments"), hundredths(&lead["score"]), "{lead}");
    }
    assert!(!leads.is_empty(), "{}", scan["skipped"]);
    let again = prospector.run("scan --json").ok().json();
    assert_eq!((again["platforms"][0]["new"].as_u64(), again["platforms"][0]["changed"].as_u64()), (Some(0), Some(0)));
}
