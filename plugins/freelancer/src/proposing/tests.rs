use prospector_plugin::planning::{PlannedRequest, Way};
use prospector_plugin::proposals::Revision;
use prospector_plugin::testing::{FakeHost, setting};
use prospector_plugin::types::{Attribute, Delivery, Money};
use serde_json::Value as Json;

use super::*;

const SELF: &str = r#"{"status":"success","result":{"id":42,"account_balances":{"bids_remaining":5}}}"#;
const NONE: &str = r#"{"status":"success","result":{"bids":[]}}"#;
const BID: &str = r#"{"status":"success","result":{"id":77,"bidder_id":42,"project_id":101,"amount":250.5,"award_status":"pending"}}"#;

fn project(changes: Json) -> String {
    let mut project = json!({
        "id": 101, "title": "A shop", "status": "active", "type": "fixed", "currency": {"code": "EUR", "exchange_rate": 1.25},
        "budget": {"minimum": 100, "maximum": 400},
    });
    for (name, value) in changes.as_object().expect("an object") {
        project[name] = value.clone();
    }
    json!({"status": "success", "result": project}).to_string()
}

fn host(project: String) -> FakeHost {
    FakeHost::at(0)
        .origin("api", "https://api.example")
        .answer("/projects/101/bidinfo/", 404, "")
        .answer("/projects/101/", 200, project)
        .answer("/self/", 200, SELF)
        .answer("/bids/?", 200, NONE)
        .answer("/bids/77/", 200, BID)
}

fn draft() -> Draft {
    Draft {
        posting: "101".to_owned(),
        text: "Hello \"you\"".to_owned(),
        amount: Some(Money { amount: 25_050, currency: "EUR".to_owned() }),
        duration_days: Some(7),
        milestones: Vec::new(),
        answers: Vec::new(),
        attributes: Vec::new(),
    }
}

fn planned(plan: &Plan) -> PlannedRequest {
    match &plan.way {
        Way::Send(planned) => planned.clone(),
        Way::HandOver(url) => panic!("{url}"),
    }
}

fn previewed(draft: Draft) -> Plan {
    preview(&host(project(json!({}))), &Settings::default(), &Change::Submit(draft)).expect("a plan")
}

fn changes() -> [(Change, &'static str); 3] {
    let withdrawal = Withdrawal { proposal: "77".to_owned(), posting: "101".to_owned(), reason: "No time".to_owned() };
    [
        (Change::Submit(draft()), BID),
        (Change::Revise(Revision { proposal: "77".to_owned(), draft: draft() }), BID),
        (Change::Withdraw(withdrawal), r#"{"status":"success","request_id":"0"}"#),
    ]
}

#[test]
fn what_is_sent_is_what_was_planned() {
    for (change, answer) in changes() {
        let plan = preview(&host(project(json!({}))), &Settings::default(), &change).expect("a plan");
        let planned = planned(&plan);
        let host = FakeHost::at(0)
            .origin("api", "https://api.example")
            .answer("/self/", 200, SELF)
            .answer("/bids/", 200, answer);
        let done = perform(&host, &Settings::default(), &change).expect("done");
        assert_eq!((done.id.as_str(), done.posting.as_str()), ("77", "101"));
        let sent = host.requests().pop().expect("a request");
        assert_eq!((sent.method, &sent.url), (planned.method, &planned.url));
        assert_eq!(sent.body.map(|body| String::from_utf8(body).expect("text")), planned.body);
        assert_eq!(sent.credential.as_deref(), Some(CREDENTIAL));
        assert_eq!(plan.shown_after, SHOWN_AFTER);
    }
}

#[test]
fn a_bid_is_put_as_the_official_client_puts_it() {
    let planned = planned(&previewed(draft()));
    assert_eq!((planned.method, planned.url.as_str()), (Method::Post, "https://api.example/api/projects/0.1/bids/"));
    let body: Json = serde_json::from_str(&planned.body.expect("a body")).expect("JSON");
    assert_eq!(
        body,
        json!({"project_id": 101, "bidder_id": 42, "amount": 250.5, "period": 7, "milestone_percentage": 50, "description": "Hello \"you\""})
    );
    let [_, (revise, _), (withdraw, _)] = changes();
    let of =
        |change| self::planned(&preview(&host(project(json!({}))), &Settings::default(), &change).expect("a plan"));
    let (revised, withdrawn) = (of(revise), of(withdraw));
    assert_eq!((revised.method, revised.url.as_str()), (Method::Put, "https://api.example/api/projects/0.1/bids/77/"));
    let body: Json = serde_json::from_str(&revised.body.expect("a body")).expect("JSON");
    assert_eq!(body, json!({"amount": 250.5, "period": 7, "milestone_percentage": 50, "description": "Hello \"you\""}));
    let url = "https://api.example/api/projects/0.1/bids/77/?action=retract";
    assert_eq!((withdrawn.method, withdrawn.url.as_str(), withdrawn.body), (Method::Put, url, None));
}

#[test]
fn the_share_of_the_first_milestone_is_the_drafts_or_else_the_settings() {
    let of = |attributes: Vec<Attribute>, default: i64| {
        let settings = Settings { milestone_percentage: default, ..Settings::default() };
        let change = Change::Submit(Draft { attributes, ..draft() });
        let plan = preview(&host(project(json!({}))), &settings, &change).expect("a plan");
        let body: Json = serde_json::from_str(&planned(&plan).body.expect("a body")).expect("JSON");
        (body["milestone_percentage"].clone(), plan.problems.iter().filter(|problem| problem.blocking).count())
    };
    assert_eq!(of(Vec::new(), 30), (json!(30), 0));
    assert_eq!(of(vec![setting(PERCENTAGE, Value::Integer(100))], 30), (json!(100), 0));
    assert_eq!(of(vec![setting(PERCENTAGE, Value::Text("20".to_owned()))], 30), (json!(20), 0));
    assert_eq!(of(vec![setting(PERCENTAGE, Value::Integer(19))], 30), (json!(19), 1));
    assert_eq!(of(vec![setting(PERCENTAGE, Value::Flag(true))], 30), (Json::Null, 1));
}

#[test]
fn costs_and_bounds_are_told() {
    let amount = |amount| Draft { amount: Some(Money { amount, currency: "EUR".to_owned() }), ..draft() };
    let plan = previewed(draft());
    let costs: Vec<_> =
        plan.costs.iter().map(|cost| (cost.name.as_str(), cost.amount.as_str(), cost.quantity)).collect();
    let fee = "25.05 EUR if you win it: 10% of the amount, at least 4 EUR";
    assert_eq!(costs, [("bids", "1 bid of 5 left", Some(1)), ("project fee", fee, None)]);
    assert!(plan.problems.is_empty() && plan.notes[0].contains("known to take"), "{plan:?}");
    for (amount, said) in [
        (amount(799), Some("refuse less than 8 EUR")),
        (amount(900), Some("at least 100 EUR")),
        (amount(50_000), Some("at most 400 EUR")),
        (amount(10_000), None),
    ] {
        let problems = previewed(amount).problems;
        assert_eq!(problems.first().map(|problem| problem.blocking), said.map(|_| false));
        assert!(said.is_none_or(|said| problems[0].message.contains(said)), "{problems:?}");
    }
    let without = Draft { duration_days: None, amount: None, text: " ".to_owned(), ..draft() };
    let fields: Vec<_> = previewed(without).problems.into_iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["text", "amount", "duration_days"]);
    // What the platform states counts before what is known of it.
    let info = r#"{"status":"success","result":{"minimum_bid":120,"maximum_bid":300,"minimum_fee":7.5,"rate":0.15}}"#;
    let host = FakeHost::at(0)
        .origin("api", "https://api.example")
        .answer("/bidinfo/", 200, info)
        .answer("/projects/101/", 200, project(json!({"type": "hourly"})))
        .answer("/self/", 200, SELF)
        .answer("/bids/?", 200, NONE);
    let plan = preview(&host, &Settings::default(), &Change::Submit(amount(11_000))).expect("a plan");
    assert_eq!(plan.costs[1].amount, "15% of what is paid, if you win it");
    assert!(plan.problems[0].message.contains("120 EUR") && plan.notes.is_empty(), "{plan:?}");
}

#[test]
fn what_takes_no_bid_is_told_before() {
    let refused =
        |project: String| requirements_of(&host(project), &Settings::default(), "101").map(drop).expect_err("refused");
    for status in ["closed", "frozen", "rejected"] {
        let error = refused(project(json!({"status": status})));
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Conflict, Some(status)));
        assert!(error.remedy.is_some());
    }
    assert_eq!(refused(project(json!({"id": 102}))).kind, ErrorKind::UnexpectedAnswer);
    let nowhere = FakeHost::at(0).origin("api", "https://api.example");
    let of = |posting: &str| requirements_of(&nowhere, &Settings::default(), posting).expect_err(posting).kind;
    assert_eq!((of("contest-7"), of("odd")), (ErrorKind::Unsupported, ErrorKind::NotFound));
    let taken =
        r#"{"status":"success","result":{"bids":[{"id":5,"bidder_id":42,"project_id":101,"award_status":"pending"}]}}"#;
    let spent = r#"{"status":"success","result":{"id":42,"account_balances":{"bids_remaining":0}}}"#;
    for (own, bids, kind) in [(SELF, taken, ErrorKind::Conflict), (spent, NONE, ErrorKind::Exhausted)] {
        let host = FakeHost::at(0)
            .origin("api", "https://api.example")
            .answer("/projects/101/", 200, project(json!({})))
            .answer("/self/", 200, own)
            .answer("/bids/?", 200, bids);
        let error = preview(&host, &Settings::default(), &Change::Submit(draft())).expect_err("refused");
        assert_eq!((error.kind, error.remedy.is_some()), (kind, true));
    }
    let decided = BID.replace("pending", "awarded");
    for (change, _) in &changes()[1..] {
        let host = FakeHost::at(0).origin("api", "https://api.example").answer("/bids/77/", 200, decided.as_str());
        let error = preview(&host, &Settings::default(), change).expect_err("decided");
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Conflict, Some("awarded")));
    }
}

#[test]
fn a_refused_write_says_what_it_means_and_one_of_no_known_end_is_left_to_be_looked_up() {
    use ErrorKind::{
        Conflict, Exhausted, Forbidden, InvalidInput, NotFound, RateLimited, Unavailable, UnexpectedAnswer,
    };
    let flat = |code: &str| {
        json!({"status": "error", "message": "Said so.", "error_code": code, "request_id": "0"}).to_string()
    };
    for (status, body, kind, remedy) in [
        (403, flat("ProjectExceptionCodes.DUPLICATE_BID"), Conflict, "Revise"),
        (200, flat("ProjectExceptionCodes.DUPLICATE_BID"), Conflict, "Revise"),
        (403, flat("ProjectExceptionCodes.BID_LIMIT_EXCEEDED"), Exhausted, "membership"),
        (403, flat("ProjectExceptionCodes.BID_TOO_EARLY"), RateLimited, "Wait"),
        (403, flat("ProjectExceptionCodes.BID_MINIMUM_REQUIREMENT_NOT_MET"), Forbidden, "Deposit"),
        (403, flat("ProjectExceptionCodes.RESTRICTED_FROM_BIDDING_PREMIUM_VERIFIED"), Forbidden, "verified"),
        (403, flat("ProjectExceptionCodes.RESTRICTED_FROM_BIDDING_ON_FEATURED"), Forbidden, "site"),
        (400, flat("UserExceptionCodes.PROFILE_DESCRIPTION_TOO_SHORT"), Forbidden, "site"),
        (400, flat("RestExceptionCodes.BAD_FORM"), InvalidInput, "Change"),
        (400, flat("ProjectExceptionCodes.BID_AMOUNT_TOO_LOW"), InvalidInput, "Raise"),
        (404, flat("ProjectExceptionCodes.PROJECT_NOT_FOUND"), NotFound, "Leave"),
        (403, flat("ProjectExceptionCodes.PROJECT_NOT_ACTIVE"), Conflict, "Leave"),
        (403, flat("AuthorisationExceptionCodes.INSUFFICIENT_SCOPE"), Forbidden, "Edit the application"),
        (500, flat("ExceptionCodes.UNKNOWN_ERROR"), Unavailable, "later"),
        (400, flat("UserExceptionCodes.GAF_EXCEPTION"), Unavailable, "later"),
        (502, "<html>Bad gateway</html>".to_owned(), Unavailable, "later"),
        (200, "<html>Welcome</html>".to_owned(), UnexpectedAnswer, "later"),
        (200, r#"{"status":"success","result":{"id":77,"proj"#.to_owned(), UnexpectedAnswer, "later"),
        (200, r#"{"status":"success","result":{}}"#.to_owned(), UnexpectedAnswer, "later"),
        (200, BID.replace("101", "102"), UnexpectedAnswer, "later"),
    ] {
        let host = FakeHost::at(0).origin("api", "https://api.example").answer("/self/", 200, SELF).answer(
            "/bids/",
            status,
            body.clone(),
        );
        let error = perform(&host, &Settings::default(), &Change::Submit(draft())).expect_err(&body);
        assert_eq!((error.kind, error.delivery), (kind, Delivery::Sent), "{body}: {}", error.message);
        assert!(error.remedy.as_deref().unwrap_or_default().contains(remedy), "{body}: {:?}", error.remedy);
        assert_eq!(error.code.is_some(), body.contains("error_code"), "{body}");
        assert_eq!(error.retry_after, (kind == RateLimited).then_some(60), "{body}");
    }
    let lost = error::of(Unavailable, "Timed out").delivery(Delivery::Unknown);
    for (part, delivery) in [("/self/", Delivery::NotSent), ("/bids/", Delivery::Unknown)] {
        let host = FakeHost::at(0).origin("api", "https://api.example").respond(part, Err(lost.clone()));
        let host = host.answer("/self/", 200, SELF);
        let error = perform(&host, &Settings::default(), &Change::Submit(draft())).expect_err("lost");
        assert_eq!((error.kind, error.delivery), (Unavailable, delivery));
    }
}
