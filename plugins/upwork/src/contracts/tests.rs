use proptest::prelude::*;
use prospector_plugin::graphql::variables;
use prospector_plugin::testing::{FakeHost, replace};
use prospector_plugin::types::ErrorKind;
use serde_json::Value as Json;

use super::*;

const NOW: i64 = 1_760_600_000;
const SELF: &str = r#"{"data":{"user":{"id":"1543210987654321098","nid":"ada"}}}"#;
const EMPTY: &str = r#"{"data":{"vendorContracts":{"contracts":[]}}}"#;

fn details(id: usize, changes: Json) -> Json {
    let mut details = json!({
        "id": id.to_string(), "title": "A shop", "status": "ACTIVE", "modifyDate": "2025-10-16T06:06:47+0000",
        "startDate": "2025-10-01", "offerId": "5", "job": {"id": "2024"}, "clientOrganization": {"name": "Acme"},
        "terms": {"fixedPriceTerms": [{"fixedAmount": {"rawValue": "500.0", "currency": "USD"}, "milestones": [
            {"id": "1", "state": "ACTIVE", "description": "First", "dueDateTime": "2025-11-01", "depositAmount": {"rawValue": "100", "currency": "USD"}},
        ]}]},
    });
    for (name, value) in changes.as_object().expect("an object") {
        details[name] = value.clone();
    }
    details
}

fn answer(contracts: &[Json]) -> String {
    json!({"data": {"vendorContracts": {"contracts": contracts}}}).to_string()
}

fn bare() -> FakeHost {
    FakeHost::at(NOW).origin("api", "https://api.example").origin("accounts", "https://www.example")
}

fn of(contracts: &[Json], cursor: Option<&str>) -> ContractPage {
    let host =
        bare().answer("/graphql", 200, SELF).answer("/graphql", 200, answer(contracts)).answer("/graphql", 200, EMPTY);
    changed(&host, &Settings::default(), cursor, NOW).expect("a page")
}

#[test]
fn a_contract_is_told_with_its_milestones() {
    let page = of(&[details(7, json!({})), json!("odd"), json!({"id": null})], None);
    let [contract] = page.contracts.as_slice() else { panic!("{page:?}") };
    assert_eq!(
        (contract.id.as_str(), contract.posting.as_deref(), contract.proposal.as_deref()),
        ("7", Some("2024"), None)
    );
    assert_eq!(
        (contract.payment.clone(), contract.amount.as_ref().map(|money| money.amount)),
        (Payment::Fixed, Some(50_000))
    );
    assert_eq!((contract.client.as_deref(), contract.starts_at), (Some("Acme"), parse("2025-10-01")));
    assert_eq!(contract.url.as_deref(), Some("https://www.example/nx/wm/workroom/7"));
    let [milestone] = contract.milestones.as_slice() else { panic!("{contract:?}") };
    assert_eq!((milestone.description.as_str(), milestone.due_at), ("First", parse("2025-11-01")));
    assert_eq!(
        (milestone.amount.as_ref().map(|money| money.amount), &milestone.status),
        (Some(10_000), &MilestoneStatus::InProgress)
    );
    let terms = json!({"terms": {"hourlyTerms": [{"hourlyRate": {"rawValue": "60.5", "currency": "USD"}}]}, "hourlyLimits": [{"weeklyLimit": 999}, {"weeklyLimit": 20}]});
    let hourly = of(&[details(8, terms)], None).contracts.remove(0);
    assert_eq!(
        (hourly.payment, hourly.amount.map(|money| money.amount), hourly.weekly_hours),
        (Payment::Hourly, Some(6_050), Some(20))
    );
}

#[test]
fn states_are_known_or_passed_on() {
    use ContractStatus::{Active, Completed, Ended, Offered, Other, Paused};
    for (word, wanted) in [
        ("ACTIVE", Active),
        ("Active", Active),
        ("PAUSED", Paused),
        ("CLOSED", Completed),
        ("TERMINATED", Ended),
        ("PENDING", Offered),
        ("SIMULATED", Other("SIMULATED".to_owned())),
        ("", Other("unknown".to_owned())),
    ] {
        assert_eq!(status(word), wanted, "{word}");
    }
    for (word, submissions, wanted) in [
        ("NOT_FUNDED", None, MilestoneStatus::Upcoming),
        ("ACTIVE", Some(0), MilestoneStatus::InProgress),
        ("ACTIVE", Some(1), MilestoneStatus::RevisionRequested),
        ("SUBMITTED", Some(1), MilestoneStatus::Submitted),
        ("PAID", Some(1), MilestoneStatus::Approved),
        ("Simulated", None, MilestoneStatus::Other("Simulated".to_owned())),
        ("", None, MilestoneStatus::Other("unknown".to_owned())),
    ] {
        assert_eq!(state(word, Int(submissions)), wanted, "{word}");
    }
}

#[test]
fn pages_go_on_to_an_empty_one_and_what_is_over_comes_once() {
    let full: Vec<Json> = (0..100).map(|id| details(id, json!({}))).collect();
    let host =
        bare().answer("/graphql", 200, SELF).answer("/graphql", 200, answer(&full)).answer("/graphql", 200, EMPTY);
    let page = changed(&host, &Settings::default(), None, NOW).expect("a page");
    assert_eq!((page.contracts.len(), page.more), (100, true));
    assert_eq!(variables(&host.requests()[1])["filter"]["vendorId"], "1543210987654321098");
    let last = changed(&host, &Settings::default(), Some(&page.cursor), NOW + 9).expect("a page");
    assert_eq!((last.contracts.len(), last.more), (0, false));
    assert_eq!(variables(&host.requests()[2])["paging"], json!({"limit": 100, "offset": 100}));
    let closed = |modified: &str| details(7, json!({"status": "CLOSED", "modifyDate": modified}));
    let over = [closed("2025-01-01T00:00:00+0000"), closed("2026-01-01T00:00:00+0000"), closed("no time")];
    assert_eq!(of(&over, None).contracts.len(), 3);
    assert_eq!(of(&over, Some(&last.cursor)).contracts.len(), 2);
    let refused = changed(&bare(), &Settings::default(), Some("1"), NOW).expect_err("no cursor");
    assert_eq!(refused.kind, ErrorKind::InvalidInput);
    let nobody = bare().answer("/graphql", 200, r#"{"data":{"user":{"id":"odd"}}}"#);
    assert_eq!(
        changed(&nobody, &Settings::default(), None, NOW).expect_err("nobody").kind,
        ErrorKind::UnexpectedAnswer
    );
}

proptest! {
    #[test]
    fn any_answer_is_read_or_refused(at in 0usize..50, text in "\\PC{0,12}", number: i64, kind in 0u8..5) {
        let odd = [json!(text), json!(number), json!([text]), json!({"a": text}), Json::Null][usize::from(kind)].clone();
        let mut json: Json = serde_json::from_str(&answer(&[details(7, json!({}))])).expect("JSON");
        replace(&mut json, &mut { at }, &odd);
        let host = bare().answer("/graphql", 200, SELF).answer("/graphql", 200, json.to_string()).answer("/graphql", 200, EMPTY);
        if let Ok(page) = changed(&host, &Settings::default(), None, NOW) {
            prop_assert!(page.contracts.iter().all(|contract| is_identifier(&contract.id) && contract.title.len() <= 1024));
        }
    }
}
