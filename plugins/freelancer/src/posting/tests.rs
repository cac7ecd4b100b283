use proptest::prelude::*;
use prospector_plugin::lenient;
use prospector_plugin::testing::{data, replace};
use prospector_plugin::time::TIMES;
use serde_json::{Value as Json, json};

use super::*;

fn project() -> Json {
    json!({
        "id": 33990001, "owner_id": 60110011, "title": "Rust service to parse PDFs", "status": "active",
        "seo_url": "rust/Rust-service-parse-PDFs",
        "currency": {"id": 8, "code": "EUR", "exchange_rate": 1.1},
        "description": "We need a service.", "preview_description": "We need",
        "jobs": [
            {"id": 1234, "name": "Rust", "category": {"id": 1, "name": "Websites, IT & Software"}},
            {"id": 1235, "name": "PDF", "category": {"id": 1, "name": "Websites, IT & Software"}},
        ],
        "submitdate": 1_700_000_000, "time_submitted": 1_700_000_000, "time_updated": 1_700_000_600,
        "deleted": false, "nonpublic": false, "hidebids": true, "type": "hourly", "bidperiod": 7,
        "budget": {"minimum": 25.0, "maximum": 50.0},
        "hourly_project_info": {"commitment": {"hours": 40, "interval": "week"}, "duration_enum": "unspecified"},
        "featured": false, "urgent": true, "bid_stats": {"bid_count": 12, "bid_avg": 38.505},
        "upgrades": {"sealed": true, "NDA": true, "featured": false}, "language": "en",
    })
}

fn owner() -> Json {
    json!({
        "id": 60110011, "username": "acme", "registration_date": 1_500_000_000,
        "location": {"country": {"name": "Australia", "code": "au"}},
        "status": {"payment_verified": true},
        "employer_reputation": {"entire_history": {"overall": 4.9, "reviews": 10, "all": 12, "complete": 11, "completion_rate": 0.92}},
    })
}

fn read(project: &Json, user: Option<Json>) -> Result<Posting, Unreadable> {
    let user = user.and_then(|user| lenient::read(&user.to_string(), |json| Lax::of(json).0).expect("JSON"));
    lenient::read(&project.to_string(), |json| of_project(json, SITE, |_| user.clone())).expect("JSON")
}

fn names(posting: &Posting) -> Vec<&str> {
    posting.attributes.iter().map(|attribute| attribute.name.as_str()).collect()
}

#[test]
fn a_project_and_its_owner_become_a_posting() {
    let posting = read(&project(), Some(owner())).expect("sound");
    assert_eq!(posting.id, "33990001");
    assert_eq!(posting.url, "https://www.freelancer.com/projects/rust/Rust-service-parse-PDFs");
    assert_eq!((posting.payment, posting.status), (Payment::Hourly, PostingStatus::Open));
    let budget = posting.budget.expect("stated");
    assert_eq!(
        (budget.minimum, budget.maximum, budget.currency.as_str(), budget.usd_rate),
        (Some(2500), Some(5000), "EUR", Some(1.1))
    );
    assert_eq!(
        (posting.skills.join(" "), posting.categories.join(" ")),
        ("Rust PDF".to_owned(), "Websites, IT & Software".to_owned())
    );
    assert_eq!(posting.workload, Some(Span { minimum: 40, maximum: Some(40) }));
    assert_eq!(
        (posting.posted_at, posting.updated_at, posting.closes_at),
        (Some(1_700_000_000), Some(1_700_000_600), Some(1_700_604_800))
    );
    let competition = posting.competition.expect("stated");
    assert_eq!((competition.proposals, competition.average), (Span { minimum: 12, maximum: Some(12) }, Some(3851)));
    let client = posting.client;
    assert_eq!(
        (client.rating, client.reviews, client.hires, client.payment_verified),
        (Some(4.9), Some(10), Some(12), Some(true))
    );
    assert_eq!((client.country.as_deref(), client.country_code.as_deref()), (Some("Australia"), Some("AU")));
    let posting = read(&project(), Some(owner())).expect("sound");
    assert_eq!(names(&posting), ["sealed", "nda", "urgent", "bid_period_days", "client_completion_rate"]);
}

#[test]
fn a_new_employers_zero_is_no_rating() {
    let mut new = owner();
    new["employer_reputation"]["entire_history"] = json!({"overall": 0, "reviews": 0, "all": 0});
    let client = read(&project(), Some(new)).expect("sound").client;
    assert_eq!((client.rating, client.reviews, client.hires), (None, Some(0), Some(0)));
    let unknown = read(&project(), None).expect("sound").client;
    assert_eq!((unknown.id.as_deref(), unknown.rating, unknown.reviews), (Some("60110011"), None, None));
}

#[test]
fn a_record_with_only_an_identifier_and_a_time_is_a_posting() {
    let posting = read(&json!({"id": "7", "submitdate": "1700000000"}), None).expect("enough");
    assert_eq!((posting.title.as_str(), posting.url.as_str()), ("Project 7", "https://www.freelancer.com/projects/7"));
    assert_eq!((posting.payment, posting.budget, posting.competition), (Payment::Unstated, None, None));
}

#[test]
fn a_record_without_a_date_that_can_be_read_is_a_posting_of_unknown_age() {
    for unreadable in [json!(null), json!("tomorrow"), json!(1_700_000_000_000_000_i64)] {
        let mut record = project();
        for field in ["time_submitted", "submitdate", "time_updated"] {
            record[field] = unreadable.clone();
        }
        let posting = read(&record, None).expect("a posting");
        // When bids end is counted from the time of posting.
        assert_eq!((posting.posted_at, posting.updated_at, posting.closes_at), (None, None, None));
    }
}

#[test]
fn what_cannot_be_a_posting_says_why() {
    for (change, reason) in [(json!({"id": null}), "no identifier"), (json!({"id": -4}), "no identifier")] {
        let mut record = project();
        for (name, value) in change.as_object().expect("an object") {
            record[name] = value.clone();
        }
        let fault = read(&record, None).expect_err(reason);
        assert!(fault.reason.contains(reason), "{}", fault.reason);
        assert_eq!(fault.title.as_deref(), Some("Rust service to parse PDFs"));
    }
}

#[test]
fn absurd_values_cost_their_field_and_nothing_else() {
    let skills: Vec<Json> = (0..5000).map(|number| json!({"id": number, "name": format!("Skill {number}")})).collect();
    let mut record = project();
    for (name, value) in [
        ("budget", json!({"minimum": -5, "maximum": 1e300})),
        ("bid_stats", json!({"bid_count": -1, "bid_avg": 1e300})),
        ("jobs", json!(skills)),
        ("bidperiod", json!(9_000_000_000_i64)),
        ("seo_url", json!("a b/\u{1b}[31m\"><é")),
        ("language", json!("klingon")),
        ("hourly_project_info", json!({"commitment": {"hours": 400, "interval": "week"}})),
        ("status", json!("negotiating")),
        ("time_updated", json!(i64::MAX)),
        ("currency", json!([])),
    ] {
        record[name] = value;
    }
    let posting = read(&record, Some(json!({"location": {"country": {"code": "Australia"}}, "employer_reputation": {"entire_history": {"overall": 17}}})))
        .expect("still a posting");
    assert_eq!((posting.budget, posting.competition, posting.closes_at, posting.updated_at), (None, None, None, None));
    assert_eq!((posting.skills.len(), posting.language, posting.workload), (100, None, None));
    assert_eq!(posting.url, "https://www.freelancer.com/projects/a%20b/%1B%5B31m%22%3E%3C%C3%A9");
    assert_eq!(posting.status, PostingStatus::Other("negotiating".to_owned()));
    assert_eq!((posting.client.rating, posting.client.country_code), (None, None));
}

#[test]
fn a_contest_pays_a_prize_and_is_numbered_apart() {
    let contest = json!({
        "id": 7, "owner_id": 60110011, "title": "A logo", "seo_url": "contest/logo-7", "status": "active", "prize": 120.0,
        "currency": {"code": "usd", "exchange_rate": 1}, "jobs": [{"id": 1, "name": "Logo Design"}], "duration": 7,
        "time_submitted": 1_700_000_000, "entry_count": 33,
    });
    let read = lenient::read(&contest.to_string(), |json| of_contest(json, SITE, |_| None));
    let posting = read.expect("JSON").expect("sound");
    assert_eq!(
        (posting.id.as_str(), posting.kind, posting.payment),
        ("contest-7", PostingKind::Contest, Payment::Prize)
    );
    assert_eq!(posting.url, "https://www.freelancer.com/contest/logo-7");
    let budget = posting.budget.expect("the prize");
    assert_eq!((budget.minimum, budget.maximum, budget.currency.as_str()), (Some(12_000), Some(12_000), "USD"));
    assert_eq!(posting.closes_at, Some(1_700_604_800));
    assert_eq!(posting.competition.expect("stated").proposals.minimum, 33);
}

#[test]
fn postings_of_a_simulator_point_to_the_public_site_and_those_of_the_sandbox_to_the_sandbox() {
    assert_eq!(site("http://127.0.0.1:4000"), "https://www.freelancer.com");
    assert_eq!(site("https://www.freelancer-sandbox.com"), "https://www.freelancer-sandbox.com");
}

#[test]
fn every_recorded_project_is_read() {
    let Some(text) = data("freelancer-projects-search-2022.json") else {
        return;
    };
    let answer: Json = serde_json::from_str(&text).expect("JSON");
    let projects = answer["result"]["projects"].as_array().expect("a search's result");
    assert_eq!(projects.len(), 100);
    for record in projects {
        let posting = read(record, None).unwrap_or_else(|fault| panic!("{}: {record}", fault.reason));
        assert!(posting.budget.is_some() && posting.competition.is_some() && !posting.skills.is_empty(), "{record}");
        assert!(!posting.description.is_empty() && posting.url.len() < 300 && posting.closes_at.is_some());
        assert_ne!(posting.payment, Payment::Unstated);
        assert!(!matches!(posting.status, PostingStatus::Other(_)), "{:?}", posting.status);
    }
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        prop_oneof![Just(1e300), Just(-1e300), Just(5e-324)].prop_map(Into::into),
        ".{0,40}".prop_map(Into::into),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("id|name|minimum|maximum|code|hours|overall|x", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_in_place_of_any_field_makes_a_sound_posting_or_a_reason(place in 1usize..60, owner_place in 1usize..25, json in any_json()) {
        let (mut record, mut user) = (project(), owner());
        replace(&mut record, &mut { place }, &json);
        replace(&mut user, &mut { owner_place }, &json);
        match read(&record, Some(user)) {
            Ok(posting) => {
                prop_assert!(!posting.id.is_empty() && posting.id.len() <= 128 && posting.id.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert!(posting.url.is_ascii() && posting.url.starts_with("https://www.freelancer.com/projects/") && posting.url.len() <= 2048);
                prop_assert!(posting.posted_at.is_none_or(|time| TIMES.contains(&time)));
                prop_assert!(posting.client.rating.is_none_or(|rating| rating > 0.0 && rating <= 5.0));
                prop_assert!(posting.skills.len() <= 100 && posting.categories.len() <= 20 && posting.attributes.len() <= 50);
            }
            Err(fault) => prop_assert!(!fault.reason.is_empty()),
        }
    }

    #[test]
    fn any_text_in_place_of_a_record_is_survived(text in ".{0,200}") {
        let _ = lenient::read(&text, |json| of_project(json, SITE, |_| None));
        let _ = lenient::read(&text, |json| of_contest(json, SITE, |_| None));
    }
}
