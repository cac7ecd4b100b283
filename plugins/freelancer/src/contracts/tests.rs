use proptest::prelude::*;
use prospector_plugin::testing::{FakeHost, replace};
use serde_json::{Value as Json, json};

use super::*;

const NOW: i64 = 1_760_600_000;
const SELF: &str = r#"{"status":"success","result":{"id":42}}"#;
const EMPTY: &str = r#"{"result":{"milestones":{},"milestone_requests":[],"bids":[]}}"#;

fn answer(changes: &Json) -> Json {
    let mut bid = json!({
        "id": 77, "bidder_id": 42, "project_id": 101, "project_owner_id": 9, "amount": 250.5, "time_submitted": 1_700_000_000,
        "time_awarded": 1_700_000_500, "award_status": "awarded", "complete_status": "pending", "frontend_bid_status": "in_progress",
        "paid_status": "unpaid",
    });
    for (name, value) in changes.as_object().expect("an object") {
        bid[name] = value.clone();
    }
    let project =
        json!({"id": 101, "title": "A shop", "seo_url": "php/a-shop", "currency": {"code": "EUR"}, "type": "hourly"});
    let user = json!({"id": 9, "username": "acme", "public_name": "Acme"});
    json!({"result": {"bids": [bid], "projects": {"101": project}, "users": {"9": user}}})
}

fn host(bids: &Json, hourly: &str) -> FakeHost {
    let payments =
        json!({"result": {"milestones": {"5": {"transaction_id": 5, "bid_id": 77, "status": "frozen", "amount": 10}}}});
    FakeHost::at(NOW)
        .origin("api", "https://api.example")
        .answer("/self/", 200, SELF)
        .answer("/bids/?", 200, bids.to_string())
        .answer("/bids/?", 200, EMPTY)
        .answer("/milestones/?", 200, payments.to_string())
        .answer("/milestones/?", 200, EMPTY)
        .answer("/milestone_requests/?", 200, EMPTY)
        .answer("/hourly_contracts/?", 200, hourly)
}

#[test]
fn a_bid_that_was_rejected_and_never_awarded_is_no_contract() {
    let never = answer(&json!({"award_status": "rejected", "time_awarded": null}));
    let page = changed(&host(&never, EMPTY), None, NOW).expect("a page");
    assert_eq!((page.contracts.len(), page.more), (0, false));
}

#[test]
fn every_state_of_an_awarded_bid_is_one_of_a_contract() {
    use ContractStatus::{Active, Completed, Ended, Offered, Other};
    for (changes, wanted) in [
        (json!({"frontend_bid_status": "active"}), Offered),
        (json!({"frontend_bid_status": null}), Offered),
        (json!({"frontend_bid_status": "active", "time_accepted": 1_700_000_900}), Active),
        (json!({}), Active),
        (json!({"complete_status": null}), Active),
        (json!({"complete_status": "complete"}), Completed),
        (json!({"frontend_bid_status": "complete"}), Completed),
        (json!({"complete_status": "incomplete"}), Ended),
        (json!({"award_status": "revoked"}), Ended),
        (json!({"award_status": "canceled"}), Ended),
        (json!({"award_status": "rejected"}), Ended),
        (json!({"award_status": "pondered"}), Other("pondered".to_owned())),
        (json!({"complete_status": "half"}), Other("half".to_owned())),
        (json!({"frontend_bid_status": "asleep"}), Other("asleep".to_owned())),
    ] {
        let page = changed(&host(&answer(&changes), EMPTY), None, NOW).expect("a page");
        assert_eq!(page.contracts[0].status, wanted, "{changes}");
        assert_eq!((page.contracts[0].milestones.len(), page.more), (1, false));
    }
}

#[test]
fn a_contract_is_told_with_its_hours_and_one_that_goes_on_is_read_again() {
    let hourly = json!({"result": {"hourly_contracts": [
        {"id": 3, "bid_id": 77, "active": false, "current_hourly_rate": 10, "current_work_limit": 10},
        {"id": 4, "bid_id": 77, "active": true, "current_hourly_rate": 12.5, "current_work_limit": 20},
        {"id": 5, "bid_id": 78, "active": true, "current_work_limit": 30},
    ]}});
    let host = host(&answer(&json!({})), &hourly.to_string());
    let page = changed(&host, None, NOW).expect("a page");
    let contract = &page.contracts[0];
    assert_eq!(
        (contract.id.as_str(), contract.posting.as_deref(), contract.proposal.as_deref()),
        ("77", Some("101"), Some("77"))
    );
    assert_eq!((contract.title.as_str(), contract.client.as_deref()), ("A shop", Some("Acme")));
    assert_eq!((contract.weekly_hours, contract.amount.as_ref().map(|money| money.amount)), (Some(20), Some(1250)));
    assert_eq!(
        (contract.starts_at, contract.url.as_deref()),
        (Some(1_700_000_500), Some("https://api.example/projects/php/a-shop"))
    );
    assert!(host.urls()[1].contains("award_statuses%5B%5D=awarded"), "{:?}", host.urls());
    let next = FakeHost::at(NOW)
        .origin("api", "https://api.example")
        .answer("/self/", 200, SELF)
        .answer("/bids/?", 200, EMPTY);
    changed(&next, Some(&page.cursor), NOW).expect("a page");
    assert!(next.urls()[1].contains("from_time=1700000000"), "{:?}", next.urls());
}

#[test]
fn without_the_records_of_hourly_contracts_only_the_hours_are_missing() {
    let host = host(&answer(&json!({})), "<html>");
    let page = changed(&host, None, NOW).expect("a page");
    assert_eq!((page.contracts[0].weekly_hours, host.lines().len()), (None, 1));
}

proptest! {
    #[test]
    fn any_answer_is_read_or_refused(at in 0usize..50, text in "\\PC{0,12}", number: i64, float: f64, kind in 0u8..6) {
        let odd = match kind {
            0 => json!(text),
            1 => json!(number),
            2 => json!(float),
            3 => json!([text]),
            4 => json!({"a": text}),
            _ => Json::Null,
        };
        let mut bids = answer(&json!({}));
        replace(&mut bids, &mut { at }, &odd);
        if let Ok(page) = changed(&host(&bids, &bids.to_string()), None, NOW) {
            prop_assert!(page.contracts.iter().all(|contract| contract.title.len() <= 1024 && !contract.id.is_empty()));
        }
        let payments = json!({"result": {"milestones": [{"transaction_id": odd, "bid_id": odd, "amount": odd, "currency": odd, "status": odd}, odd]}});
        let host = FakeHost::at(NOW)
            .origin("api", "https://api.example")
            .answer("/self/", 200, SELF)
            .answer("/bids/?", 200, answer(&json!({})).to_string())
            .answer("/bids/?", 200, EMPTY)
            .answer("/milestones/?", 200, payments.to_string())
            .answer("/milestones/?", 200, EMPTY)
            .answer("/milestone_requests/?", 200, EMPTY);
        let _any = changed(&host, None, NOW);
    }
}
