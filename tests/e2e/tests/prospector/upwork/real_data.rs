//! Postings that real people wrote, mapped to the API's search nodes, where they are at hand.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use super::data::{money, node, write};
use super::{connected_with, ids, scanned, serving, skipped_by};
use crate::support::{real_data, texts};

/// A filter for each thing that is read off the nodes, so that each of them is looked at.
const LINES: &str = "    max_results_per_scan: 10000\n    locations: [US, IND, 'United Kingdom']\n    durations: [under_1_month, \
                     1_to_3_months]\n    min_client_rating: 4.0\n    min_hire_rate: 0.3";
const PROFILE: &str = "profile:\n  skills: [Python, SQL, Data Analysis, Tableau, Web Design]\n  rates:\n    currency: USD\n    \
                       hourly: { minimum: 15, preferred: 40 }\n    fixed: { minimum: 100, preferred: 800 }\n";

/// The records of a CSV file after its heading, by the names in it; RFC 4180.
fn records(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut rows: Vec<Vec<String>> = vec![vec![String::new()]];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let row = rows.last_mut().expect("there is one");
        let field = row.last_mut().expect("there is one");
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\n' if !quoted => rows.push(vec![String::new()]),
            '\r' if !quoted => {}
            other => field.push(other),
        }
    }
    let mut rows = rows.into_iter().filter(|row| row.len() > 1);
    let names = rows.next().expect("a heading");
    rows.map(|row| names.iter().cloned().zip(row).collect()).collect()
}

/// One of the platform's values by the label beside it; nothing for labels that have none.
fn value(label: &str, values: &[(&str, &str)]) -> Value {
    values.iter().find(|(known, _)| *known == label).map_or(Value::Null, |(_, value)| (*value).into())
}

const LEVELS: [(&str, &str); 3] =
    [("Entry level", "ENTRY_LEVEL"), ("Intermediate", "INTERMEDIATE"), ("Expert", "EXPERT")];
const DURATIONS: [(&str, &str); 8] = [
    ("Less than 1 month", "WEEK"),
    ("1 to 3 months", "MONTH"),
    ("3 to 6 months", "SEMESTER"),
    ("More than 6 months", "ONGOING"),
    ("< 1 month", "WEEK"),
    ("1-3 months", "MONTH"),
    ("3-6 months", "SEMESTER"),
    ("6+ months", "ONGOING"),
];
/// A number inside each band.
const PROPOSALS: [(&str, u32); 6] =
    [("Less than 5", 3), ("5 to 10", 7), ("10 to 15", 12), ("15 to 20", 17), ("20 to 50", 33), ("50+", 61)];

/// A record of the recorded search pages.
fn of_record(record: &BTreeMap<String, String>) -> Value {
    let text = |name: &str| record.get(name).map(String::as_str).unwrap_or_default();
    let number = |name: &str| text(name).parse::<u64>().unwrap_or_default();
    let mut node = node(number("uid"), text("title"), text("published_on"));
    node["createdDateTime"] = text("created_on").into();
    node["renewedDateTime"] = Some(text("renewed_on")).filter(|time| !time.is_empty()).into();
    node["experienceLevel"] = value(text("tier"), &LEVELS);
    node["duration"] = value(text("duration"), &DURATIONS);
    node["durationLabel"] = text("duration").into();
    node["engagement"] = text("engagement").into();
    node["freelancersToHire"] = number("freelancers_to_hire").into();
    node["totalApplicants"] =
        PROPOSALS.iter().find(|(band, _)| *band == text("proposals_tier")).map(|(_, count)| *count).into();
    match text("type") {
        "fixed_budget" => node["amount"] = money(text("amount_amount")),
        "hourly" => {
            node["hourlyBudgetMin"] = money(text("hourly_rate"));
            node["hourlyBudgetMax"] = money(text("hourly_rate"));
        }
        _ => {}
    }
    let reviews = number("client_total_reviews");
    let client = &mut node["client"];
    client["companyRid"] = text("client_company_org_uid").into();
    // At least so many were hired as have reviewed; what else was posted is not recorded.
    (client["totalHires"], client["totalPostedJobs"]) = (reviews.into(), (reviews + 1).into());
    client["totalReviews"] = reviews.into();
    client["totalFeedback"] = text("client_total_feedback").parse::<f64>().unwrap_or_default().into();
    client["totalSpent"] = money(text("client_total_spent"));
    client["verificationStatus"] = (text("client_payment_verification_status") == "1").then_some("VERIFIED").into();
    client["location"] = json!({"country": text("client_location_country")});
    node["occupations"] = json!({
        "category": {"id": "1", "prefLabel": text("occupations_category_pref_label")}, "subCategories": [],
        "occupationService": {"id": "2", "prefLabel": text("occupations_oservice_pref_label")},
    });
    node
}

/// A posting with its text and skills. Its number stands for the identifier, which was shortened when it was recorded.
fn of_posting(number: u64, posting: &Value) -> Value {
    let text = |name: &str| posting[name].as_str().unwrap_or_default();
    let published =
        format!("2026-02-{:02}T{:02}:{:02}:00+0000", 20 - number / 1440, 23 - number / 60 % 24, number % 60);
    let mut node = node(2_040_000_000_000_000_000 + number, text("title"), &published);
    node["description"] = text("description").into();
    node["experienceLevel"] = value(text("experience_level"), &LEVELS);
    node["duration"] = value(text("duration"), &DURATIONS);
    let names = posting["skills"].as_array().into_iter().flatten().filter_map(Value::as_str);
    node["skills"] = names.map(|name| json!({"name": name.to_lowercase(), "prettyName": name})).collect();
    for (from, to) in
        [("fixed_price", "amount"), ("min_hourly_rate", "hourlyBudgetMin"), ("max_hourly_rate", "hourlyBudgetMax")]
    {
        if let Some(amount) = posting[from].as_f64() {
            node[to] = money(&format!("{amount:?}"));
        }
    }
    if text("domestic_label") == "U.S. only" {
        node["preferredFreelancerLocation"] = json!(["United States"]);
        node["preferredFreelancerLocationMandatory"] = true.into();
    }
    node
}

/// Scans nodes with and without settings: each is a lead, or skipped for a reason that is not that it could not be read.
fn all_are_read(nodes: &[Value], distinct: usize) -> Value {
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("nodes.jsonl");
    write(nodes, &file);
    let sim = serving(&file);
    let plain = scanned(&connected_with(&sim, "    max_results_per_scan: 10000", PROFILE));
    assert_eq!((ids(&plain).len(), skipped_by(&plain, "unreadable")), (distinct, 0), "{}", plain["platforms"]);
    let prospector = connected_with(&sim, LINES, PROFILE);
    let filtered = scanned(&prospector);
    assert_eq!(skipped_by(&filtered, "unreadable"), 0);
    // Nobody knows where the clients of some records are: asked for countries, the platform leaves those out.
    let placed = nodes.iter().any(|node| node["client"]["location"]["country"].is_string());
    assert_eq!(texts(&filtered["leads"], "id").is_empty(), !placed);
    let again = scanned(&prospector);
    assert_eq!((&again["platforms"][0]["new"], &again["platforms"][0]["changed"]), (&json!(0), &json!(0)));
    plain
}

#[test]
fn five_thousand_recorded_postings_end_in_leads_or_skipped_with_a_reason() {
    let Some(file) = real_data("upwork-postings-2023-01.csv") else { return };
    let records = records(&fs::read_to_string(file).expect("text"));
    let nodes: Vec<Value> = records.iter().map(of_record).collect();
    let distinct: BTreeMap<String, &Value> = nodes.iter().map(|node| (node["id"].to_string(), node)).collect();
    assert!(distinct.len() > 4_900, "{}", distinct.len());
    let scan = all_are_read(&nodes, distinct.len());
    // Those with nobody left to hire are closed; of all others there is a score.
    let closed = distinct.values().filter(|node| node["freelancersToHire"] == 0).count();
    assert_eq!((skipped_by(&scan, "status"), texts(&scan["skipped"], "id").len()), (closed, closed));
}

#[test]
fn recorded_postings_with_text_and_skills_are_all_leads() {
    let Some(file) = real_data("upwork-postings-with-skills.json") else { return };
    let postings: Vec<Value> = serde_json::from_slice(&fs::read(file).expect("bytes")).expect("JSON");
    let nodes: Vec<Value> = (0..).zip(&postings).map(|(number, posting)| of_posting(number, posting)).collect();
    let scan = all_are_read(&nodes, postings.len());
    assert_eq!(texts(&scan["leads"], "id").len(), postings.len());
    let matched = |lead: &&Value| lead["breakdown"][0]["value"].as_f64() > Some(0.5);
    let leads = scan["leads"].as_array().expect("an array");
    assert!(leads.iter().filter(matched).count() > 50, "the profile's skills are found in few");
}

#[test]
fn nodes_that_lack_fields_are_read_all_the_same_and_live_are_skipped_and_say_what_is_missing() {
    let Some(file) = real_data("upwork-postings-2023-01.csv") else { return };
    let records = records(&fs::read_to_string(file).expect("text"));
    let nodes: Vec<Value> = records.iter().take(120).map(of_record).collect();
    let bare: Vec<Value> = nodes
        .iter()
        .enumerate()
        .map(|(number, node)| {
            let mut node = node.clone();
            let absent = ["amount", "client", "totalApplicants", "skills", "experienceLevel", "publishedDateTime"];
            node.as_object_mut().expect("an object").remove(absent[number % absent.len()]);
            node
        })
        .collect();
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("nodes.jsonl");
    write(&bare, &file);
    let sim = serving(&file);
    let scan = scanned(&connected_with(&sim, "", PROFILE));
    // Without a time of publishing, that of creating serves; without either its age is unknown.
    assert_eq!((ids(&scan).len(), skipped_by(&scan, "unreadable")), (120, 0));

    sim.upwork().set(&serde_json::json!({ "nullable_results": false }));
    let scan = scanned(&connected_with(&sim, "", PROFILE));
    assert_eq!((ids(&scan).len(), skipped_by(&scan, "unreadable")), (120, 120));
    for reason in texts(&scan["skipped"], "reason") {
        assert!(reason.starts_with("Upwork gave nothing in place ") && reason.contains("null"), "{reason}");
    }
}
