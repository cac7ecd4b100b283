use proptest::prelude::*;
use prospector_plugin::lenient::{self, Field as _};
use prospector_plugin::testing::{data, replace};
use prospector_plugin::time::TIMES;
use serde_json::{Value as Json, json};

use super::*;

fn node() -> Json {
    json!({
        "id": "2024000000000000001", "ciphertext": "~022024000000000000001", "title": "Rust backend for PDF tool",
        "description": "We need a service.", "createdDateTime": "2026-02-21T08:41:35+0000",
        "publishedDateTime": "2026-02-21T08:54:04+0000", "renewedDateTime": null,
        "amount": {"rawValue": "0.0", "currency": "USD", "displayValue": "0.0"},
        "hourlyBudgetMin": {"rawValue": "35.0", "currency": "USD"}, "hourlyBudgetMax": {"rawValue": "80.0", "currency": "USD"},
        "experienceLevel": "EXPERT", "duration": "MONTH", "durationLabel": "1 to 3 months", "engagement": "Less than 30 hrs/week",
        "skills": [{"name": "rust", "prettyName": "Rust"}, {"name": "pdf", "prettyName": null}, {"name": "rust", "prettyName": "Rust"}],
        "occupations": {
            "category": {"prefLabel": "Web, Mobile & Software Dev"}, "subCategories": [{"prefLabel": "Web Development"}],
            "occupationService": {"prefLabel": "Back-End Development"},
        },
        "category": "web_mobile_software_dev", "subcategory": "web_development", "totalApplicants": 7, "applied": false,
        "freelancersToHire": 1, "premium": true, "enterprise": false,
        "preferredFreelancerLocation": ["Germany"], "preferredFreelancerLocationMandatory": true,
        "client": {
            "companyRid": "17", "totalHires": 12, "totalPostedJobs": 20, "totalReviews": 10, "totalFeedback": 4.92,
            "totalSpent": {"rawValue": "3817.42", "currency": "USD"}, "verificationStatus": "VERIFIED",
            "memberSinceDateTime": "2019-03-01T00:00:00+0000", "location": {"country": "DEU"},
        },
    })
}

fn changed(changes: Json) -> Json {
    let mut node = node();
    for (name, value) in changes.as_object().expect("an object") {
        node[name] = value.clone();
    }
    node
}

/// A result from its JSON.
fn of_json(json: &str, asked: Option<JobType>) -> Result<Posting, Unreadable> {
    let no_object = || Unreadable { id: None, title: None, reason: "It is no object".to_owned() };
    let read = lenient::read(json, |json| of_node(Lax::of(json).0.ok_or_else(no_object)?, asked));
    read.unwrap_or_else(|fault| Err(Unreadable { reason: fault.to_string(), ..no_object() }))
}

fn read(node: &Json) -> Posting {
    of_json(&node.to_string(), None).expect("a posting")
}

#[test]
fn a_result_becomes_a_posting() {
    let posting = read(&node());
    assert_eq!((posting.id.as_str(), posting.title.as_str()), ("2024000000000000001", "Rust backend for PDF tool"));
    assert_eq!(posting.url, "https://www.upwork.com/jobs/~022024000000000000001");
    assert_eq!(
        (posting.payment, posting.status, posting.experience),
        (Payment::Hourly, PostingStatus::Open, Some(ExperienceLevel::Expert))
    );
    let budget = posting.budget.expect("stated");
    assert_eq!(
        (budget.minimum, budget.maximum, budget.currency.as_str(), budget.usd_rate),
        (Some(3500), Some(8000), "USD", Some(1.0))
    );
    assert_eq!(posting.skills, ["Rust", "pdf"]);
    assert_eq!(posting.categories, ["Web, Mobile & Software Dev", "Web Development", "Back-End Development"]);
    assert_eq!(posting.duration, Some(Span { minimum: 30, maximum: Some(90) }));
    assert_eq!(posting.workload, Some(Span { minimum: 1, maximum: Some(29) }));
    assert_eq!((posting.posted_at, posting.updated_at), (Some(1_771_664_044), None));
    assert_eq!(posting.competition.expect("stated").proposals, Span { minimum: 5, maximum: Some(10) });
    let client = posting.client;
    assert_eq!((client.country.as_deref(), client.country_code.as_deref()), (Some("Germany"), Some("DE")));
    assert_eq!(
        (client.rating, client.reviews, client.hires, client.posted),
        (Some(4.92), Some(10), Some(12), Some(20))
    );
    assert_eq!((client.hire_rate, client.spent_usd, client.payment_verified), (Some(0.6), Some(381_742), Some(true)));
    assert_eq!((client.id.as_deref(), client.member_since), (Some("17"), Some(1_551_398_400)));
    let names: Vec<_> = posting.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    let wanted = [
        "premium",
        "total_applicants",
        "freelancers_to_hire",
        "preferred_freelancer_location",
        "preferred_freelancer_location_mandatory",
    ];
    assert_eq!(names, wanted);
}

#[test]
fn an_amount_makes_it_fixed_and_without_any_figure_there_is_no_budget() {
    let money = |value: &str, currency: &str| json!({"rawValue": value, "currency": currency});
    let fixed =
        read(&changed(json!({"amount": money("500.0", "EUR"), "hourlyBudgetMin": null, "hourlyBudgetMax": null})));
    let budget = fixed.budget.expect("stated");
    assert_eq!(
        (fixed.payment, budget.minimum, budget.maximum, budget.usd_rate),
        (Payment::Fixed, Some(50_000), Some(50_000), None)
    );
    assert_eq!(budget.currency, "EUR");
    let bare = changed(json!({"hourlyBudgetMin": null, "hourlyBudgetMax": null}));
    assert_eq!((read(&bare).payment, read(&bare).budget), (Payment::Hourly, None));
    let asked = of_json(&bare.to_string(), Some(JobType::Fixed)).expect("a posting");
    assert_eq!((asked.payment, asked.budget), (Payment::Fixed, None));
    let open = read(&changed(json!({"hourlyBudgetMax": null})));
    assert_eq!(open.budget.map(|budget| (budget.minimum, budget.maximum)), Some((Some(3500), None)));
    let odd = read(&changed(json!({"hourlyBudgetMin": money("-3", "USD"), "hourlyBudgetMax": money("1e300", "USD")})));
    assert_eq!(odd.budget, None);
}

#[test]
fn proposals_are_estimated_by_the_sites_bands() {
    for (count, minimum, maximum) in [
        (0, 0, Some(4)),
        (4, 0, Some(4)),
        (5, 5, Some(10)),
        (9, 5, Some(10)),
        (10, 10, Some(15)),
        (15, 15, Some(20)),
        (20, 20, Some(50)),
        (49, 20, Some(50)),
        (50, 50, None),
        (180, 180, None),
    ] {
        assert_eq!(estimated(count), Span { minimum, maximum }, "{count}");
    }
}

#[test]
fn a_new_clients_zero_is_no_rating_and_a_filled_posting_is_closed() {
    let new = json!({"totalHires": 0, "totalPostedJobs": 1, "totalReviews": 0, "totalFeedback": 0, "totalSpent": null, "verificationStatus": null});
    let posting =
        read(&changed(json!({"client": new, "freelancersToHire": 0, "applied": true, "experienceLevel": "NONE"})));
    let client = &posting.client;
    assert_eq!((client.rating, client.reviews, client.hire_rate, client.spent_usd), (None, Some(0), Some(0.0), None));
    assert_eq!((client.payment_verified, client.country_code.as_deref()), (Some(false), None));
    assert_eq!((posting.status, posting.experience), (PostingStatus::Closed, None));
    assert!(posting.attributes.contains(&attribute(APPLIED, Value::Flag(true))));
    let busy = json!({"totalHires": 30, "totalPostedJobs": 20, "location": {"country": "Atlantis"}});
    let client = read(&changed(json!({"client": busy}))).client;
    assert_eq!((client.hire_rate, client.country.as_deref(), client.country_code), (Some(1.0), Some("Atlantis"), None));
    assert_eq!(read(&changed(json!({"client": null}))).client.payment_verified, None);
}

#[test]
fn a_result_with_only_an_identifier_and_a_time_is_a_posting() {
    let posting = read(
        &json!({"id": 2_024_000_000_000_000_001_i64, "createdDateTime": "2026-02-21T08:41:35Z", "subcategory": "web_mobile_design"}),
    );
    assert_eq!(posting.url, "https://www.upwork.com/jobs/~022024000000000000001");
    assert_eq!(
        (posting.title.as_str(), posting.budget, posting.competition),
        ("Posting 2024000000000000001", None, None)
    );
    assert_eq!(posting.categories, ["Web & Mobile Design"]);
}

#[test]
fn a_result_without_a_date_that_can_be_read_is_a_posting_of_unknown_age() {
    let renewed = "2026-02-22T08:41:35Z";
    for (change, updated) in [
        (json!({"publishedDateTime": null, "createdDateTime": null}), None),
        (
            json!({"publishedDateTime": "tomorrow", "createdDateTime": [], "renewedDateTime": renewed}),
            Some(1_771_749_695),
        ),
    ] {
        let posting = read(&changed(change));
        assert_eq!((posting.posted_at, posting.updated_at), (None, updated));
    }
}

#[test]
fn what_cannot_be_a_posting_says_why_and_keeps_its_name() {
    for (change, reason) in [(json!({"id": null}), "no identifier"), (json!({"id": "a b"}), "identifier is none")] {
        let fault = of_json(&changed(change).to_string(), None).expect_err(reason);
        assert!(fault.reason.contains(reason), "{}", fault.reason);
        assert_eq!(fault.title.as_deref(), Some("Rust backend for PDF tool"));
    }
    let too_big = node().to_string().replace("4.92", "1e999");
    assert_eq!(of_json(&too_big, None).expect("a posting").client.rating, None);
    let half = node().to_string().replace("We need", "We \\ud83d need");
    assert_eq!(of_json(&half, None).expect("a posting").description, "We \u{fffd} need a service.");
}

#[test]
fn every_recorded_posting_is_read() {
    let Some(text) = data("upwork-postings-with-skills.json") else {
        return;
    };
    let recorded: Vec<Json> = serde_json::from_str(&text).expect("JSON");
    for (number, job) in recorded.iter().enumerate() {
        let money =
            |name: &str| json!({"rawValue": job[name].as_f64().unwrap_or_default().to_string(), "currency": "USD"});
        let skills: Vec<Json> =
            job["skills"].as_array().into_iter().flatten().map(|name| json!({"prettyName": name})).collect();
        let posting = read(&json!({
            "id": format!("19780000000000{number:05}"), "title": job["title"], "description": job["description"],
            "publishedDateTime": "2023-09-01T00:00:00+0000", "amount": money("fixed_price"), "hourlyBudgetMin": money("min_hourly_rate"),
            "hourlyBudgetMax": money("max_hourly_rate"), "skills": skills, "experienceLevel": job["experience_level"],
        }));
        assert_eq!(posting.skills.len(), skills.len().min(MOST_SKILLS), "{}", posting.title);
        let stated =
            ["fixed_price", "min_hourly_rate"].iter().any(|name| job[*name].as_f64().is_some_and(|rate| rate > 0.0));
        assert!(!stated || posting.budget.is_some());
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
        prop_oneof![Just("1e300"), Just("-5"), Just("NaN"), Just("USD"), Just("9999-12-31T23:59:59-1200")]
            .prop_map(Into::into),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("id|name|rawValue|currency|country|prettyName|prefLabel|x", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_in_place_of_any_field_makes_a_sound_posting_or_a_reason(place in 0usize..70, json in any_json()) {
        let mut node = node();
        replace(&mut node, &mut { place }, &json);
        match of_json(&node.to_string(), None) {
            Ok(posting) => {
                prop_assert!(!posting.id.is_empty() && posting.id.len() <= 128 && posting.id.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert!(posting.url.is_ascii() && posting.url.starts_with(SITE) && posting.url.len() <= 2048);
                prop_assert!([posting.posted_at, posting.updated_at].into_iter().flatten().all(|time| TIMES.contains(&time)));
                prop_assert!(posting.client.rating.is_none_or(|rating| rating > 0.0 && rating <= 5.0));
                prop_assert!(posting.client.hire_rate.is_none_or(|rate| (0.0..=1.0).contains(&rate)));
                prop_assert!(posting.client.spent_usd.is_none_or(|spent| (0..=money::LARGEST).contains(&spent)));
                prop_assert!(posting.client.country_code.as_ref().is_none_or(|code| code.len() == 2));
                prop_assert!(posting.skills.len() <= MOST_SKILLS && posting.categories.len() <= MOST_CATEGORIES && posting.attributes.len() <= 50);
                for span in [posting.duration, posting.workload, posting.competition.map(|of| of.proposals)].into_iter().flatten() {
                    prop_assert!(span.maximum.is_none_or(|maximum| maximum >= span.minimum));
                }
                if let Some(budget) = posting.budget {
                    let (low, high) = (budget.minimum.unwrap_or(0), budget.maximum.unwrap_or(money::LARGEST));
                    prop_assert!(0 <= low && low <= high && high <= money::LARGEST && budget.currency.len() == 3);
                }
            }
            Err(record) => prop_assert!(!record.reason.is_empty()),
        }
    }

    #[test]
    fn any_text_in_place_of_a_result_is_survived(text in ".{0,200}") {
        let _ = of_json(&text, None);
    }
}
