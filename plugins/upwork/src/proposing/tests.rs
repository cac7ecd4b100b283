use proptest::prelude::*;
use prospector_plugin::graphql::variables;
use prospector_plugin::planning::Way as PlanWay;
use prospector_plugin::proposals::PlannedMilestone;
use prospector_plugin::testing::{FakeHost, replace, setting};
use prospector_plugin::types::{Delivery, Method, Money, Value};
use serde_json::Value as Json;

use super::*;
use crate::operations::DURATION;

const JOB: &str = "2024";
const NO_PROPOSALS: &str = r#"{"data":{"Accepted":{"edges":[]},"Pending":{"edges":[]},"Activated":{"edges":[]},"Offered":{"edges":[]},"Hired":{"edges":[]},"Declined":{"edges":[]},"Withdrawn":{"edges":[]},"Archived":{"edges":[]},"Invalid":{"edges":[]}}}"#;
const PREVIEWED: &str = r#"{"data":{"previewVendorProposal":{"previewId":"p-1","connectsCost":8,"connectsBalance":80,"expiresDateTime":"2026-01-01T00:00:00+0000"}}}"#;
const SENT: &str = r#"{"data":{"submitVendorProposal":{"id":"19","status":{"status":"Accepted"}}}}"#;
const UNDEFINED: &str = r#"{"errors":[{"message":"Field 'x' in type 'Mutation' is undefined","extensions":{"classification":"ValidationError"}}]}"#;

fn job(changes: &Json) -> Json {
    let mut job = json!({
        "id": JOB, "workFlowState": {"status": "ACTIVE", "closeResult": null},
        "contractTerms": {"contractType": "FIXED", "fixedPriceContractTerms": {"amount": {"currency": "EUR"}}},
        "contractorSelection": {"proposalRequirement": {
            "coverLetterRequired": true, "freelancerMilestonesAllowed": true,
            "screeningQuestions": [{"question": "Second?", "sequenceNumber": 2}, {"question": "First?", "sequenceNumber": 1}],
        }},
    });
    for (name, value) in changes.as_object().expect("an object") {
        job[name] = value.clone();
    }
    json!({"data": {"marketplaceJobPosting": job, "marketplaceJobPostingsContents": [{"id": JOB, "ciphertext": "~01abc"}]}})
}

fn bare() -> FakeHost {
    FakeHost::at(0).origin("api", "https://api.example").origin("accounts", "https://www.example")
}

fn host() -> FakeHost {
    bare().answer("/graphql", 200, job(&json!({})).to_string()).answer("/graphql", 200, NO_PROPOSALS)
}

fn settings(proposal_submission: Submission) -> Settings {
    Settings { proposal_submission, ..Settings::default() }
}

fn draft() -> Draft {
    let answer = |question: &str| prospector_plugin::proposals::Answer {
        question: question.to_owned(),
        answer: "So".to_owned(),
    };
    Draft {
        posting: JOB.to_owned(),
        text: "Hello".to_owned(),
        amount: Some(Money { amount: 6_050, currency: "EUR".to_owned() }),
        duration_days: None,
        milestones: Vec::new(),
        answers: vec![answer("First?"), answer("Second?")],
        attributes: Vec::new(),
    }
}

fn to_submit() -> Change {
    Change::Submit(draft())
}

fn to_withdraw() -> Change {
    Change::Withdraw(Withdrawal { proposal: "19".to_owned(), posting: JOB.to_owned(), reason: "No time".to_owned() })
}

fn handed_over(plan: &Plan) -> &str {
    match &plan.way {
        PlanWay::HandOver(url) => url,
        PlanWay::Send(planned) => panic!("{planned:?}"),
    }
}

#[test]
fn requirements_are_those_of_the_posting() {
    let asked = requirements_of(&host(), &settings(Submission::HandOver), JOB).expect("open");
    let questions: Vec<_> = asked.questions.iter().map(|asked| (asked.question.as_str(), asked.required)).collect();
    assert_eq!(questions, [("First?", true), ("Second?", true)]);
    assert_eq!((asked.text_minimum, asked.text_maximum, asked.milestones), (1, 5000, true));
    assert_eq!((asked.currency.as_deref(), asked.attributes[0].name.as_str()), (Some("EUR"), DURATION));
    let plain = json!({"contractTerms": {"contractType": "HOURLY"}, "contractorSelection": {"proposalRequirement": {"coverLetterRequired": false, "freelancerMilestonesAllowed": true}}});
    let host = bare().answer("/graphql", 200, job(&plain).to_string());
    let asked = requirements_of(&host, &settings(Submission::HandOver), JOB).expect("open");
    assert_eq!((asked.text_minimum, asked.milestones, asked.currency.as_deref()), (0, false, Some("USD")));
}

#[test]
fn a_posting_that_is_closed_or_gone_is_told() {
    let of = |body: String| {
        requirements_of(&bare().answer("/graphql", 200, body), &settings(Submission::HandOver), JOB)
            .expect_err("refused")
    };
    for state in [
        json!({"status": "CLOSED"}),
        json!({"status": "cancelled"}),
        json!({"status": "ACTIVE", "closeResult": "FILLED"}),
    ] {
        let error = of(job(&json!({"workFlowState": state})).to_string());
        assert_eq!((error.kind, error.code.is_some(), error.remedy.is_some()), (ErrorKind::Conflict, true, true));
    }
    assert_eq!(of(r#"{"data":{"marketplaceJobPosting":null}}"#.to_owned()).kind, ErrorKind::NotFound);
    let failed = r#"{"data":{"marketplaceJobPosting":null},"errors":[{"message":"Exception"}]}"#;
    assert_eq!(of(failed.to_owned()).kind, ErrorKind::UnexpectedAnswer);
    let odd = requirements_of(&bare(), &settings(Submission::HandOver), "not an id").expect_err("none");
    assert_eq!(odd.kind, ErrorKind::NotFound);
}

#[test]
fn by_default_the_person_sends_it_on_the_platforms_page() {
    let host = host();
    let plan = preview(&host, &settings(Submission::HandOver), &to_submit()).expect("a plan");
    assert_eq!(handed_over(&plan), "https://www.example/nx/proposals/job/~01abc/apply/");
    assert!(plan.reference.is_none() && plan.problems.is_empty() && plan.notes[0].contains("public API"), "{plan:?}");
    assert!(
        host.requests()
            .iter()
            .all(|request| !String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()).contains("mutation"))
    );
    let error = perform(&host, &settings(Submission::HandOver), &to_submit(), None).expect_err("nothing to send");
    assert_eq!((error.kind, error.delivery), (ErrorKind::Unsupported, Delivery::NotSent));
    let gone = json!({"data": {"marketplaceJobPosting": job(&json!({}))["data"]["marketplaceJobPosting"]}}).to_string();
    let host = bare().answer("/graphql", 200, gone).answer("/graphql", 200, NO_PROPOSALS);
    let plan = preview(&host, &settings(Submission::HandOver), &to_submit()).expect("a plan");
    assert_eq!(handed_over(&plan), "https://www.example/nx/proposals/job/~022024/apply/");
}

#[test]
fn with_the_setting_the_preview_is_the_plans_reference_and_its_confirmation_is_what_is_sent() {
    let host = host().answer("/graphql", 200, PREVIEWED);
    let plan = preview(&host, &settings(Submission::Preview), &to_submit()).expect("a plan");
    let PlanWay::Send(planned) = &plan.way else { panic!("{plan:?}") };
    assert_eq!(plan.reference.as_deref(), Some("p-1"));
    assert_eq!(
        (plan.costs[0].name.as_str(), plan.costs[0].amount.as_str(), plan.costs[0].quantity),
        ("connects", "8 Connects of 80 left", Some(8))
    );
    assert!(plan.notes[0].contains("assumed") && plan.notes[1].contains("2026"), "{:?}", plan.notes);
    let rehearsal = host.requests().pop().expect("a rehearsal");
    assert_eq!(
        variables(&rehearsal)["input"],
        json!({"jobPostingId": JOB, "coverLetter": "Hello", "chargedAmount": 60.5,
            "answers": [{"question": "First?", "answer": "So"}, {"question": "Second?", "answer": "So"}]})
    );
    let host = bare().answer("/graphql", 200, SENT);
    let sent = perform(&host, &settings(Submission::Preview), &to_submit(), plan.reference.as_deref()).expect("sent");
    assert_eq!((sent.id.as_str(), sent.status, sent.amount), ("19", ProposalStatus::Submitted, draft().amount));
    let request = host.requests().pop().expect("a request");
    assert_eq!((request.method, &request.url), (Method::Post, &planned.url));
    assert_eq!(request.body.map(|body| String::from_utf8(body).expect("text")), planned.body);
    assert_eq!(request.credential.as_deref(), Some("account"));
    assert!(planned.body.as_deref().is_some_and(|body| body.contains(r#""previewId":"p-1""#)));
}

#[test]
fn milestones_and_durations_are_part_of_the_preview() {
    let step = |due_at| PlannedMilestone {
        description: "All".to_owned(),
        amount: Money { amount: 6_050, currency: "EUR".to_owned() },
        due_at,
    };
    let durations = r#"{"data":{"proposalMetadata":{"engagementDurationValues":[{"id":"1","label":"Less than 1 month"},{"id":"2","label":"1 to 3 months"}]}}}"#;
    let change =
        Change::Submit(Draft { milestones: vec![step(Some(1_800_000_000))], duration_days: Some(45), ..draft() });
    let host = host().answer("/graphql", 200, durations).answer("/graphql", 200, PREVIEWED);
    preview(&host, &settings(Submission::Preview), &change).expect("a plan");
    let input = variables(&host.requests().pop().expect("a rehearsal"))["input"].clone();
    assert_eq!(input["milestones"], json!([{"description": "All", "amount": 60.5, "dueDate": "2027-01-15"}]));
    assert_eq!(input["estimatedDurationId"], "2");
    let named = vec![setting(DURATION, Value::Text("4".to_owned()))];
    let change = Change::Submit(Draft { attributes: named, duration_days: Some(45), ..draft() });
    let host = self::host().answer("/graphql", 200, PREVIEWED);
    preview(&host, &settings(Submission::Preview), &change).expect("a plan");
    assert_eq!(variables(&host.requests().pop().expect("a rehearsal"))["input"]["estimatedDurationId"], "4");
    // What would be refused is not rehearsed.
    let change = Change::Submit(Draft { milestones: vec![step(None)], answers: Vec::new(), ..draft() });
    let host = self::host();
    let plan = preview(&host, &settings(Submission::Preview), &change).expect("a plan");
    let fields: Vec<_> = plan.problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!((fields, host.requests().len()), (vec!["answers", "answers", "milestones.0"], 2));
}

#[test]
fn where_an_operation_is_missing_it_is_handed_over() {
    let host = host().answer("/graphql", 200, UNDEFINED);
    let plan = preview(&host, &settings(Submission::Preview), &to_submit()).expect("a plan");
    assert!(handed_over(&plan).ends_with("/apply/") && plan.notes[0].contains(PREVIEW), "{plan:?}");
    let one = r#"{"data":{"vendorProposal":{"id":"19","status":{"status":"Accepted"}}}}"#;
    let operations =
        |name: &str| json!({"data": {"__type": {"fields": [{"name": "other"}, {"name": name}]}}}).to_string();
    let of = |operations: String, submission| {
        let host = bare().answer("/graphql", 200, one).answer("/graphql", 200, operations);
        preview(&host, &settings(submission), &to_withdraw()).expect("a plan")
    };
    for plan in [of(operations("x"), Submission::Preview), of(operations(WITHDRAW), Submission::HandOver)] {
        assert_eq!(handed_over(&plan), "https://www.example/nx/proposals/19");
    }
    for known in [operations(WITHDRAW), UNDEFINED.to_owned()] {
        let plan = of(known, Submission::Preview);
        let PlanWay::Send(planned) = plan.way else { panic!("it is sent") };
        assert!(planned.body.is_some_and(|body| body.contains(WITHDRAW) && body.contains("\"19\"")));
    }
    let revise = Change::Revise(prospector_plugin::proposals::Revision { proposal: "19".to_owned(), draft: draft() });
    let plan = preview(&bare().answer("/graphql", 200, one), &settings(Submission::Preview), &revise).expect("a plan");
    assert_eq!(handed_over(&plan), "https://www.example/nx/proposals/19");
    for (body, kind) in [
        (one.replace("Accepted", "Withdrawn"), ErrorKind::Conflict),
        (r#"{"data":{"vendorProposal":null}}"#.to_owned(), ErrorKind::NotFound),
    ] {
        let error = preview(&bare().answer("/graphql", 200, body), &settings(Submission::Preview), &to_withdraw())
            .expect_err("ended");
        assert_eq!(error.kind, kind);
    }
}

#[test]
fn a_refusal_is_told_with_its_code_and_a_failure_of_no_known_end_is_left_to_be_looked_up() {
    use ErrorKind::{Conflict, Exhausted, Forbidden, InvalidInput, Unavailable, Unsupported};
    let said = |message: &str| {
        json!({"data": null, "errors": [{"message": message, "extensions": {"classification": "DataFetchingException"}}]}).to_string()
    };
    let denied = "The client or authentication token doesn't have enough oauth2 permissions/scopes to access: [VendorProposal.id].";
    for (status, body, kind, code) in [
        (200, said("VJ-JA-10: You have already submitted a proposal for this job."), Conflict, Some("VJ-JA-10")),
        (200, said("VJ-JA-3: The job is not accepting proposals."), Conflict, Some("VJ-JA-3")),
        (200, said("Not enough Connects."), Exhausted, Some("DataFetchingException")),
        (
            200,
            said("VJCA-6: Input parameter provided has incorrect value: the preview is unknown, used or expired."),
            InvalidInput,
            Some("VJCA-6"),
        ),
        (200, said(denied), Forbidden, Some("DataFetchingException")),
        (200, UNDEFINED.to_owned(), Unsupported, Some("ValidationError")),
        (200, said("Something new"), Unavailable, Some("DataFetchingException")),
        (500, said("Exception occurred"), Unavailable, Some("DataFetchingException")),
        (502, "<html>".to_owned(), Unavailable, None),
        (200, "<html>".to_owned(), ErrorKind::UnexpectedAnswer, None),
        (200, r#"{"data":{"submitVendorProposal":null}}"#.to_owned(), Unavailable, None),
    ] {
        for (change, reference) in [(to_submit(), Some("p-1")), (to_withdraw(), None)] {
            let host = bare().answer("/graphql", status, body.clone());
            let error = perform(&host, &settings(Submission::Preview), &change, reference).expect_err(&body);
            assert_eq!((error.kind, error.delivery), (kind, Delivery::Sent), "{body}: {}", error.message);
            assert_eq!(error.code.as_deref(), code, "{body}");
            let decided = matches!(kind, Conflict | Exhausted | Forbidden | Unsupported);
            assert!(!decided || error.remedy.is_some(), "{body}");
        }
    }
    let poor = PREVIEWED.replace("80", "7");
    let error = preview(&host().answer("/graphql", 200, poor), &settings(Submission::Preview), &to_submit())
        .expect_err("7 of 8");
    assert_eq!(error.kind, Exhausted);
    let lost = error::of(Unavailable, "Timed out").delivery(Delivery::Unknown);
    let host = bare().respond("/graphql", Err(lost.clone()));
    assert_eq!(perform(&host, &settings(Submission::Preview), &to_submit(), Some("p-1")), Err(lost));
}

proptest! {
    #[test]
    fn any_answer_makes_a_plan_or_an_error(at in 0usize..40, text in "\\PC{0,12}", number: i64, kind in 0u8..5) {
        let odd = [json!(text), json!(number), json!([text]), json!({"a": text}), Json::Null][usize::from(kind)].clone();
        let mut posting = job(&json!({}));
        replace(&mut posting, &mut { at }, &odd);
        let mut previewed: Json = serde_json::from_str(PREVIEWED).expect("JSON");
        replace(&mut previewed, &mut { at % 8 }, &odd);
        let host = bare()
            .answer("/graphql", 200, posting.to_string())
            .answer("/graphql", 200, NO_PROPOSALS)
            .answer("/graphql", 200, previewed.to_string());
        if let Ok(plan) = preview(&host, &settings(Submission::Preview), &to_submit()) {
            prop_assert!(plan.problems.len() <= 32 && plan.notes.len() <= 8);
        }
    }
}
