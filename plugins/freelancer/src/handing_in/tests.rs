use prospector_plugin::planning::Way;
use prospector_plugin::testing::FakeHost;
use prospector_plugin::types::Delivery;
use serde_json::{Value, json};

use super::*;

fn submission(milestone: &str) -> Submission {
    Submission { contract: "77".to_owned(), milestone: milestone.to_owned(), message: String::new(), amount: None }
}

fn previewed(payment: Value, submission: &Submission) -> Result<Plan, Error> {
    let body = json!({"result": payment}).to_string();
    preview(&FakeHost::at(0).origin("api", "https://api.example").answer("/milestones/5/", 200, body), submission)
}

fn payment(status: &str) -> Value {
    json!({"transaction_id": 5, "bid_id": 77, "amount": 100.5, "status": status})
}

#[test]
fn a_milestone_is_handed_in_by_the_request_that_was_planned() {
    for shape in [json!({"milestones": {"5": payment("frozen")}}), payment("pending")] {
        let plan = previewed(shape, &submission("5")).expect("a plan");
        let Way::Send(planned) = plan.way else { panic!("it is sent") };
        let url = "https://api.example/api/projects/0.1/milestones/5/?action=request_release";
        assert_eq!((planned.method, planned.url.as_str(), planned.body), (Method::Put, url, None));
        assert!(plan.problems.is_empty() && plan.notes.is_empty());
        let host = FakeHost::at(0).origin("api", "https://api.example").answer(url, 200, r#"{"status":"success"}"#);
        assert_eq!(submit(&host, &submission("5")), Ok(()));
        assert_eq!(host.requests()[0].method, Method::Put);
    }
}

#[test]
fn a_share_is_refused_and_a_message_is_not_sent() {
    let of = |amount, message: &str| {
        let submission = Submission { amount, message: message.to_owned(), ..submission("5") };
        let plan = previewed(payment("frozen"), &submission).expect("a plan");
        (plan.problems.len(), plan.notes.len())
    };
    assert_eq!((of(Some(10_050), ""), of(Some(5_000), ""), of(None, "Done")), ((0, 0), (1, 0), (0, 1)));
}

#[test]
fn what_cannot_be_handed_in_is_told_before() {
    for (status, said) in [("requested_release", "already"), ("cleared", "is cleared"), ("disputed", "is disputed")] {
        let error = previewed(payment(status), &submission("5")).expect_err(status);
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Conflict, Some(status)));
        assert!(error.message.contains(said), "{}", error.message);
    }
    let other = Submission { contract: "78".to_owned(), ..submission("5") };
    assert_eq!(previewed(payment("frozen"), &other).expect_err("another's").kind, ErrorKind::InvalidInput);
    assert_eq!(previewed(json!({}), &submission("5")).expect_err("none").kind, ErrorKind::UnexpectedAnswer);
    for (id, kind) in [("request-5", ErrorKind::Conflict), ("odd", ErrorKind::InvalidInput)] {
        assert_eq!(previewed(json!({}), &submission(id)).expect_err(id).kind, kind);
    }
    let body = r#"{"status":"error","message":"The milestone is closed.","error_code":"ProjectExceptionCodes.MILESTONE_ACTION_NOT_ALLOWED"}"#;
    let host = FakeHost::at(0).origin("api", "https://api.example").answer("/milestones/5/", 403, body);
    let error = submit(&host, &submission("5")).expect_err("refused");
    assert_eq!((error.kind, error.delivery), (ErrorKind::Conflict, Delivery::Sent));
}
