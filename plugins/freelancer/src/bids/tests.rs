use proptest::prelude::*;
use prospector_plugin::testing::FakeHost;
use prospector_plugin::testing::replace;
use prospector_plugin::types::{ErrorKind, Money};
use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_760_600_000;
const SELF: &str = r#"{"status":"success","result":{"id":42}}"#;

fn host() -> FakeHost {
    FakeHost::at(NOW).origin("api", "https://api.example").answer("/self/", 200, SELF)
}

fn bid(id: i64, changes: Value) -> Value {
    let mut bid = json!({
        "id": id, "bidder_id": 42, "project_id": 101, "project_owner_id": 9, "amount": 250.5, "retracted": false,
        "time_submitted": NOW - 100, "award_status": "pending", "complete_status": "pending", "frontend_bid_status": "active",
    });
    for (name, value) in changes.as_object().expect("an object") {
        bid[name] = value.clone();
    }
    bid
}

fn answer(bids: &[Value]) -> String {
    let project =
        json!({"id": 101, "title": "A shop", "seo_url": "php/a-shop", "currency": {"code": "EUR"}, "type": "fixed"});
    json!({"status": "success", "result": {"bids": bids, "projects": {"101": project}, "users": null}}).to_string()
}

#[test]
fn every_status_of_a_bid_is_one_of_a_proposal() {
    use ProposalStatus::{Declined, Other, Submitted, Withdrawn, Won};
    for (changes, wanted) in [
        (json!({}), Submitted),
        (json!({"award_status": null}), Submitted),
        (json!({"award_status": "awarded"}), Won),
        (json!({"award_status": "awarded", "complete_status": "complete"}), Won),
        (json!({"award_status": "awarded", "complete_status": "incomplete"}), Won),
        (json!({"award_status": "rejected"}), Declined),
        (json!({"award_status": "revoked"}), Declined),
        (json!({"award_status": "canceled"}), Declined),
        (json!({"award_status": "pondered"}), Other("pondered".to_owned())),
        (json!({"retracted": true}), Withdrawn),
        (json!({"retracted": 1, "award_status": "rejected"}), Withdrawn),
    ] {
        let host = host().answer("/bids/?", 200, answer(&[bid(77, changes.clone())]));
        let found = look_up(&host, "101").expect("answered").expect("one");
        assert_eq!(found.status, wanted, "{changes}");
        assert_eq!((found.id.as_str(), found.posting.as_str(), found.submitted_at), ("77", "101", Some(NOW - 100)));
        assert_eq!(found.amount, Some(Money { amount: 25_050, currency: "EUR".to_owned() }));
        assert_eq!(found.url.as_deref(), Some("https://api.example/projects/php/a-shop"));
        assert!(host.urls()[1].contains("projects%5B%5D=101&bidders%5B%5D=42&"), "{:?}", host.urls());
    }
}

#[test]
fn the_latest_bid_counts_and_one_that_lives_before_those_taken_back() {
    let taken_back = bid(79, json!({"retracted": true, "time_submitted": NOW}));
    for (bids, wanted) in [
        (vec![bid(77, json!({})), taken_back.clone()], "77"),
        (vec![bid(77, json!({"retracted": true})), taken_back.clone()], "79"),
        (vec![bid(77, json!({})), bid(78, json!({"time_submitted": NOW}))], "78"),
    ] {
        let host = host().answer("/bids/?", 200, answer(&bids));
        assert_eq!(look_up(&host, "101").expect("answered").expect("one").id, wanted);
    }
}

#[test]
fn none_is_only_what_the_platform_shows_none_of() {
    let none = host().answer("/bids/?", 200, answer(&[]));
    assert_eq!(look_up(&none, "101"), Ok(None));
    assert_eq!(look_up(&FakeHost::at(NOW), "contest-5"), Ok(None));
    for body in [
        answer(&[bid(77, json!({"project_id": 102}))]),
        answer(&[bid(77, json!({"bidder_id": 43}))]),
        answer(&[json!("odd")]),
        r#"{"status":"success","result":{"bids":null}}"#.to_owned(),
        r#"{"status":"success","result":[]}"#.to_owned(),
    ] {
        let host = host().answer("/bids/?", 200, body.clone());
        assert_eq!(look_up(&host, "101").expect_err(&body).kind, ErrorKind::UnexpectedAnswer);
    }
}

#[test]
fn a_pass_goes_on_to_an_empty_page_and_the_next_reaches_back() {
    let first = (0..60).map(|id| bid(id, json!({}))).collect::<Vec<_>>();
    let host = host()
        .answer("offset=0", 200, answer(&first))
        .answer("offset=60", 200, answer(&[bid(59, json!({})), bid(60, json!({}))]))
        .answer("offset=62", 200, answer(&[]));
    let page = changed(&host, None, NOW).expect("a page");
    assert_eq!((page.proposals.len(), page.more), (61, false));
    assert!(host.urls().iter().all(|url| !url.contains("from_time")), "all of them without a cursor");
    let next = self::host().answer("/bids/?", 200, answer(&[]));
    let page = changed(&next, Some(&page.cursor), NOW + 5).expect("a page");
    assert!(page.proposals.is_empty() && !page.more);
    assert!(next.urls()[1].contains(&format!("from_time={}", NOW - HORIZON)), "{:?}", next.urls());
    for cursor in ["", "1:2", "x", "1:2:3:4:5:6"] {
        assert_eq!(changed(&self::host(), Some(cursor), NOW).expect_err(cursor).kind, ErrorKind::InvalidInput);
    }
}

#[test]
fn a_full_page_has_another_behind_it_which_needs_no_account() {
    let full = (0..100).map(|id| bid(id, json!({}))).collect::<Vec<_>>();
    let page = changed(&host().answer("/bids/?", 200, answer(&full)), None, NOW).expect("a page");
    assert_eq!((page.proposals.len(), page.more), (100, true));
    let host = FakeHost::at(NOW).origin("api", "https://api.example").answer("offset=100", 200, answer(&[]));
    let page = changed(&host, Some(&page.cursor), NOW + 9).expect("a page");
    assert!(!page.more && host.urls()[0].contains("bidders%5B%5D=42"));
}

proptest! {
    #[test]
    fn any_answer_is_read_or_refused(at in 0usize..40, text in "\\PC{0,12}", number: i64, float: f64, kind in 0u8..6) {
        let odd = match kind {
            0 => json!(text),
            1 => json!(number),
            2 => json!(float),
            3 => json!([text]),
            4 => json!({"a": text}),
            _ => Value::Null,
        };
        let mut json: Value = serde_json::from_str(&answer(&[bid(77, json!({"award_status": "awarded"}))])).expect("JSON");
        replace(&mut json, &mut { at }, &odd);
        let _any = look_up(&host().answer("/bids/?", 200, json.to_string()), "101");
        let host = host().answer("/bids/?", 200, json.to_string()).answer("/bids/?", 200, answer(&[]));
        if let Ok(page) = changed(&host, None, NOW) {
            prop_assert!(page.proposals.len() <= 100 && page.cursor.len() < 200);
        }
    }
}
