use prospector_plugin::testing::FakeHost;
use serde_json::{Value, json};

use super::*;

fn payment(json: Value) -> Payment {
    prospector_plugin::lenient::read_record(&json.to_string()).expect("JSON")
}

fn of(payments: &[Value], requests: &[Value]) -> Vec<Milestone> {
    let read = |rows: &[Value]| rows.iter().cloned().map(payment).collect::<Vec<_>>();
    of_bid(77, Some(101), &read(payments), &read(requests))
}

#[test]
fn every_status_of_a_payment_or_a_request_is_one_of_a_milestone() {
    use MilestoneStatus::{Approved, InProgress, Other, Submitted, Upcoming};
    let row = |status: &str| json!({"transaction_id": 5, "bid_id": 77, "amount": 100.5, "currency": {"code": "USD"}, "other_reason": "First", "status": status});
    for (status, wanted) in [
        ("pending", InProgress),
        ("frozen", InProgress),
        ("requested_release", Submitted),
        ("cleared", Approved),
        ("disputed", Other("disputed".to_owned())),
        ("canceled", Other("canceled".to_owned())),
        ("anything", Other("anything".to_owned())),
    ] {
        let [milestone] = of(&[row(status)], &[]).try_into().expect("one");
        assert_eq!((milestone.id.as_str(), milestone.description.as_str()), ("5", "First"));
        assert_eq!((milestone.amount.map(|money| money.amount), milestone.status), (Some(10_050), wanted));
    }
    let request = |status: &str| json!({"id": 5, "bid_id": 77, "amount": 1, "description": "Next", "status": status});
    for (status, wanted) in [
        ("pending", Some(Upcoming)),
        ("rejected", Some(Other("rejected".to_owned()))),
        ("created", None),
        ("deleted", None),
    ] {
        let found = of(&[], &[request(status)]);
        assert_eq!(found.first().map(|milestone| milestone.status.clone()), wanted);
        assert!(found.iter().all(|milestone| milestone.id == "request-5" && milestone.description == "Next"));
    }
}

#[test]
fn a_milestone_belongs_to_its_bid_or_without_one_to_its_project() {
    let rows = [
        json!({"transaction_id": 1, "bid_id": 78, "project_id": 101}),
        json!({"transaction_id": 2, "project_id": 101}),
        json!({"transaction_id": 3}),
        json!({"bid_id": 77}),
    ];
    let ids: Vec<String> = of(&rows, &[]).into_iter().map(|milestone| milestone.id).collect();
    assert_eq!(ids, ["2"]);
    let many: Vec<Value> = (0..300).map(|id| json!({"transaction_id": id, "bid_id": 77})).collect();
    assert_eq!(of(&many, &[]).len(), MOST);
}

#[test]
fn a_list_is_read_until_a_page_brings_nothing_new_and_not_for_ever() {
    let page = |ids: std::ops::Range<i64>| {
        let rows: serde_json::Map<String, Value> =
            ids.map(|id| (id.to_string(), json!({"transaction_id": id}))).collect();
        json!({"result": {"milestones": rows}}).to_string()
    };
    let read = |host: &FakeHost| all(host, ("https://api.example", MILESTONES, "milestones"), ("bids[]", &[1, 2]));
    let host = FakeHost::at(0).answer("offset=0", 200, page(0..3)).answer("offset=3", 200, page(0..3));
    assert_eq!(read(&host).expect("rows").len(), 3);
    assert!(host.urls()[0].contains("bids%5B%5D=1&bids%5B%5D=2&limit=100&offset=0"), "{:?}", host.urls());
    let mut endless = FakeHost::at(0);
    for number in 0..MOST_PAGES as i64 {
        endless = endless.answer("/milestones/", 200, page(number..number + 1));
    }
    assert_eq!(read(&endless).expect_err("endless").kind, ErrorKind::TooLarge);
    for body in [r#"{"result":[]}"#, r#"{"result":null}"#] {
        assert_eq!(read(&FakeHost::at(0).answer("/", 200, body)).expect_err(body).kind, ErrorKind::UnexpectedAnswer);
    }
}
