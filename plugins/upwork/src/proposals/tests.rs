use proptest::prelude::*;
use prospector_plugin::graphql::variables;
use prospector_plugin::testing::{FakeHost, replace};
use prospector_plugin::types::ErrorKind;
use serde_json::{Map, Value};

use super::*;

const NOW: i64 = 1_760_600_000;
const JOB: &str = "2024";

fn host() -> FakeHost {
    FakeHost::at(NOW).origin("api", "https://api.example").origin("accounts", "https://www.example")
}

fn node(id: &str, status: &str, modified: &Value) -> Value {
    json!({
        "id": id, "marketplaceJobPosting": {"id": JOB}, "terms": {"chargeRate": {"rawValue": "60.5", "currency": "USD"}},
        "auditDetails": {"createdDateTime": modified, "modifiedDateTime": modified}, "status": {"status": status},
    })
}

/// An answer in which the lists that are not named are empty.
fn answer(lists: &[(&str, Vec<Value>, bool)]) -> String {
    let empty = json!({"edges": [], "pageInfo": {"hasNextPage": false}});
    let mut data: Map<String, Value> = STATUSES.iter().map(|status| ((*status).to_owned(), empty.clone())).collect();
    for (status, nodes, has_next) in lists {
        let edges: Vec<Value> = nodes.iter().map(|node| json!({"node": node})).collect();
        data.insert((*status).to_owned(), json!({"edges": edges, "pageInfo": {"hasNextPage": has_next}}));
    }
    json!({"data": data}).to_string()
}

fn settings() -> Settings {
    Settings::default()
}

#[test]
fn every_status_is_one_of_the_contracts() {
    use ProposalStatus::{Declined, Other, Submitted, Withdrawn, Won};
    for (word, wanted) in [
        ("Accepted", Submitted),
        ("Pending", Submitted),
        ("Activated", Submitted),
        ("Offered", Won),
        ("Hired", Won),
        ("Declined", Declined),
        ("Archived", Declined),
        ("Withdrawn", Withdrawn),
        ("Invalid", Other("Invalid".to_owned())),
        ("Pondered", Other("Pondered".to_owned())),
        ("", Other("unknown".to_owned())),
    ] {
        assert_eq!(status(word), wanted, "{word}");
    }
}

#[test]
fn times_are_read_as_texts_and_as_objects() {
    for shape in [
        json!("2025-10-16T06:06:47+0000"),
        json!({"rawValue": "1760594807000", "displayValue": "2025"}),
        json!({"rawValue": 1_760_594_807_000_i64}),
        json!({"displayValue": "2025-10-16T06:06:47+0000"}),
    ] {
        let host = host().answer("/graphql", 200, answer(&[("Accepted", vec![node("7", "Accepted", &shape)], false)]));
        let found = look_up(&host, &settings(), JOB).expect("answered").expect("one");
        assert_eq!(found.submitted_at, Some(1_760_594_807), "{shape}");
        assert_eq!(found.url.as_deref(), Some("https://www.example/nx/proposals/7"));
    }
    let refusal = r#"{"errors":[{"message":"Sub selection required for field createdDateTime","extensions":{"classification":"ValidationError"}}]}"#;
    let host = host().answer("/graphql", 200, refusal).answer("/graphql", 200, answer(&[]));
    assert_eq!(look_up(&host, &settings(), JOB), Ok(None));
    let asked = |at: usize| String::from_utf8(host.requests()[at].body.clone().expect("a body")).expect("text");
    assert!(!asked(0).contains("createdDateTime {") && asked(1).contains("createdDateTime { rawValue"));
    assert_eq!(variables(&host.requests()[0]), json!({"first": 10, "after": "0", "jobs": [JOB]}));
}

#[test]
fn one_that_lives_counts_and_none_is_only_what_is_shown_none_of() {
    let old = json!("2025-10-16T06:06:47+0000");
    let new = json!("2025-10-17T06:06:47+0000");
    let both = answer(&[
        ("Withdrawn", vec![node("8", "Withdrawn", &new)], false),
        ("Accepted", vec![node("7", "Accepted", &old)], false),
    ]);
    let found = look_up(&host().answer("/graphql", 200, both), &settings(), JOB).expect("answered");
    assert_eq!(found.expect("one").id, "7");
    assert_eq!(look_up(&host().answer("/graphql", 200, answer(&[])), &settings(), JOB), Ok(None));
    let mut foreign = node("7", "Accepted", &old);
    foreign["marketplaceJobPosting"]["id"] = "2025".into();
    let partly = json!({"data": {"Accepted": null}, "errors": [{"message": "Exception occurred"}]}).to_string();
    for (body, kind) in [
        (answer(&[("Accepted", vec![foreign], false)]), ErrorKind::UnexpectedAnswer),
        (answer(&[("Accepted", vec![Value::Null], false)]), ErrorKind::UnexpectedAnswer),
        (partly, ErrorKind::Unavailable),
        (r#"{"data":{}}"#.to_owned(), ErrorKind::Unavailable),
    ] {
        let error = look_up(&host().answer("/graphql", 200, body.clone()), &settings(), JOB).expect_err(&body);
        assert_eq!(error.kind, kind, "{body}");
    }
}

#[test]
fn what_is_longer_is_asked_for_by_itself_and_only_what_changed_comes_again() {
    let at = |age: i64| json!({"rawValue": (NOW - age) * 1000});
    let nodes = |from: usize, count: usize, age: i64| -> Vec<Value> {
        (from..from + count).map(|id| node(&id.to_string(), "Declined", &at(age))).collect()
    };
    let host = host()
        .answer("/graphql", 200, answer(&[("Declined", nodes(0, 10, 60), true), ("Hired", nodes(90, 10, 60), true)]))
        .answer("/graphql", 200, answer(&[("Hired", nodes(100, 40, 60), false)]))
        .answer("/graphql", 200, answer(&[("Declined", nodes(10, 40, 60), true)]))
        .answer("/graphql", 200, answer(&[("Declined", nodes(50, 5, 60), false)]));
    let first = changed(&host, &settings(), None, NOW).expect("a page");
    assert_eq!((first.proposals.len(), first.more), (100, true));
    let second = changed(&host, &settings(), Some(&first.cursor), NOW + 9).expect("a page");
    assert_eq!((second.proposals.len(), second.more, host.unused()), (5, false, 0));
    let offsets: Vec<Value> = host.requests().iter().map(|request| variables(request)["after"].clone()).collect();
    assert_eq!(offsets, ["0", "10", "10", "50"]);
    assert!(host.requests().iter().all(|request| variables(request)["first"].as_i64() <= Some(40)));
    // Of what was changed before the last pass nothing comes, and nothing behind it is asked for.
    let later = self::host().answer("/graphql", 200, answer(&[("Declined", nodes(0, 10, 9_000), true)]));
    let page = changed(&later, &settings(), Some(&second.cursor), NOW + 99).expect("a page");
    assert_eq!((page.proposals.len(), page.more), (0, false));
    for cursor in ["", "x", "1:2:3"] {
        let error = changed(&self::host(), &settings(), Some(cursor), NOW).expect_err(cursor);
        assert_eq!(error.kind, ErrorKind::InvalidInput);
    }
}

proptest! {
    #[test]
    fn any_answer_is_read_or_refused(at in 0usize..60, text in "\\PC{0,12}", number: i64, kind in 0u8..5) {
        let odd = [json!(text), json!(number), json!([text]), json!({"rawValue": number}), Value::Null][usize::from(kind)].clone();
        let whole = answer(&[("Accepted", vec![node("7", "Accepted", &json!("2025-10-16T06:06:47+0000"))], false)]);
        let mut json: Value = serde_json::from_str(&whole).expect("JSON");
        replace(&mut json, &mut { at }, &odd);
        let _any = look_up(&host().answer("/graphql", 200, json.to_string()), &settings(), JOB);
        if let Ok(page) = changed(&host().answer("/graphql", 200, json.to_string()), &settings(), None, NOW) {
            prop_assert!(page.proposals.iter().all(|found| is_identifier(&found.id) && is_identifier(&found.posting)));
        }
    }
}
