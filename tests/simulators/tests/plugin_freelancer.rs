//! Freelancer's plugin against its simulator: bids, contracts and milestones, each write exactly as it was planned.

mod support;

use prospector_freelancer::Freelancer;
use prospector_plugin::contracts::{Contract, ContractStatus, MilestoneStatus};
use prospector_plugin::milestones::Submission;
use prospector_plugin::proposals::{Change, Draft, Proposal, ProposalStatus, Revision, Withdrawal};
use prospector_plugin::types::{Delivery, Error, ErrorKind, Money};
use prospector_plugin::{FollowContracts as _, HandIn as _, Propose as _};
use serde_json::{Value, json};
use support::Sim;
use support::gate::Gate;

fn now() -> i64 {
    std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_secs().cast_signed()
}

fn project(sim: &Sim) -> Value {
    sim.get("/projects/0.1/projects/active?project_types[]=fixed&limit=1").result()["projects"][0].clone()
}

fn draft(project: &Value) -> Draft {
    let currency = project["currency"]["code"].as_str().expect("a currency").to_owned();
    Draft {
        posting: project["id"].to_string(),
        text: "I would start with the importer.".to_owned(),
        amount: Some(Money { amount: 2_500_050, currency }),
        duration_days: Some(7),
        milestones: Vec::new(),
        answers: Vec::new(),
        attributes: Vec::new(),
    }
}

fn carried_out(gate: &Gate, change: &Change) -> Result<Proposal, Error> {
    let plan = Freelancer::preview(gate, &[], change)?;
    assert!(plan.problems.iter().all(|problem| !problem.blocking), "{plan:?}");
    gate.permit(&plan);
    Freelancer::perform(gate, &[], change, plan.reference.as_deref())
}

fn live(sim: &Sim, project: &Value) -> Value {
    sim.control("GET", &format!("/freelancer/live-bids?project={}", project["id"]), Value::Null)["count"].clone()
}

fn looked_up(gate: &Gate, project: &Value) -> Option<Proposal> {
    Freelancer::look_up(gate, &[], &project["id"].to_string()).expect("answered")
}

fn contracts(gate: &Gate, cursor: &mut Option<String>) -> Vec<Contract> {
    let mut all = Vec::new();
    loop {
        let page = Freelancer::contracts_changed(gate, &[], cursor.as_deref(), now()).expect("a page");
        assert!(page.contracts.len() <= 100);
        all.extend(page.contracts);
        *cursor = Some(page.cursor);
        if !page.more {
            return all;
        }
    }
}

#[test]
fn a_bid_is_planned_placed_changed_and_taken_back() {
    let sim = Sim::start();
    let gate = Gate::of_freelancer(&sim);
    let project = project(&sim);
    let posting = project["id"].to_string();
    let asked = Freelancer::requirements_of(&gate, &[], &posting).expect("open");
    assert_eq!(asked.currency.as_deref(), project["currency"]["code"].as_str());
    assert_eq!(looked_up(&gate, &project), None);

    let submit = Change::Submit(draft(&project));
    let plan = Freelancer::preview(&gate, &[], &submit).expect("a plan");
    assert_eq!((plan.costs[0].name.as_str(), plan.costs[0].quantity), ("bids", Some(1)));
    assert_eq!((plan.costs[0].amount.as_str(), plan.costs[1].name.as_str()), ("1 bid of 6 left", "project fee"));
    assert_eq!(live(&sim, &project), 0, "a preview changes nothing");
    let denied = Freelancer::perform(&gate, &[], &submit, None).expect_err("no permit");
    assert_eq!(denied.kind, ErrorKind::Denied);
    let placed = carried_out(&gate, &submit).expect("placed");
    assert_eq!((placed.status.clone(), live(&sim, &project)), (ProposalStatus::Submitted, json!(1)));
    let found = looked_up(&gate, &project).expect("it is there");
    assert_eq!((&found.id, &found.amount), (&placed.id, &placed.amount));
    assert_eq!(Freelancer::preview(&gate, &[], &submit).expect_err("twice").kind, ErrorKind::Conflict);

    let cheaper =
        Draft { amount: draft(&project).amount.map(|money| Money { amount: 2_000_000, ..money }), ..draft(&project) };
    let revise = Change::Revise(Revision { proposal: placed.id.clone(), draft: cheaper.clone() });
    assert_eq!(carried_out(&gate, &revise).expect("changed").amount, cheaper.amount);
    assert_eq!(looked_up(&gate, &project).expect("it is there").amount, cheaper.amount);
    let withdraw = Change::Withdraw(Withdrawal { proposal: placed.id.clone(), posting, reason: String::new() });
    assert_eq!(carried_out(&gate, &withdraw).expect("taken back").status, ProposalStatus::Withdrawn);
    assert_eq!(
        (looked_up(&gate, &project).expect("it was there").status, live(&sim, &project)),
        (ProposalStatus::Withdrawn, json!(0))
    );
    assert_eq!(Freelancer::preview(&gate, &[], &withdraw).expect_err("twice").kind, ErrorKind::Conflict);
}

#[test]
fn what_the_platform_did_though_its_answer_failed_is_found_by_looking() {
    for (fault, kind) in [
        (json!({"fault": "accepted-then", "status": 500}), ErrorKind::Unavailable),
        (json!({"fault": "cut-off"}), ErrorKind::UnexpectedAnswer),
        (
            json!({"fault": "accepted-then", "status": 500, "error_code": "UserExceptionCodes.GAF_EXCEPTION"}),
            ErrorKind::Unavailable,
        ),
    ] {
        let sim = Sim::start();
        let gate = Gate::of_freelancer(&sim);
        let project = project(&sim);
        sim.control("POST", "/freelancer/settings", json!({"bids_shown_after_seconds": 60, "duplicate_bids": true}));
        let mut rule = fault.clone();
        rule["route"] = "/api/projects/0.1/bids".into();
        rule["method"] = "POST".into();
        sim.control("POST", "/faults", rule);
        let failed = carried_out(&gate, &Change::Submit(draft(&project))).expect_err("a failure");
        assert_eq!((failed.kind, failed.delivery), (kind, Delivery::Sent), "{fault} {}", failed.message);
        assert_eq!(live(&sim, &project), 1);
        assert_eq!(looked_up(&gate, &project), None, "not shown yet");
        sim.control("POST", "/clock", json!({"advance": 60}));
        assert_eq!(looked_up(&gate, &project).expect("shown").status, ProposalStatus::Submitted);
    }
}

#[test]
fn a_posting_that_takes_no_bids_and_bids_that_are_used_up_are_told_before() {
    let sim = Sim::start();
    let gate = Gate::of_freelancer(&sim);
    let project = project(&sim);
    let posting = project["id"].to_string();
    sim.control("POST", "/freelancer/settings", json!({"bid_quota": 0}));
    let used_up = Freelancer::preview(&gate, &[], &Change::Submit(draft(&project))).expect_err("no bids");
    assert_eq!((used_up.kind, used_up.remedy.is_some()), (ErrorKind::Exhausted, true));
    sim.control("PATCH", &format!("/freelancer/projects/{posting}"), json!({"status": "closed"}));
    for refused in [
        Freelancer::requirements_of(&gate, &[], &posting).map(drop),
        Freelancer::preview(&gate, &[], &Change::Submit(draft(&project))).map(drop),
    ] {
        assert_eq!(refused.expect_err("closed").kind, ErrorKind::Conflict);
    }
    sim.control("DELETE", &format!("/freelancer/projects/{posting}"), Value::Null);
    assert_eq!(Freelancer::requirements_of(&gate, &[], &posting).expect_err("gone").kind, ErrorKind::NotFound);
}

#[test]
fn proposals_follow_what_the_employer_does() {
    let sim = Sim::start();
    let gate = Gate::of_freelancer(&sim);
    let project = project(&sim);
    let placed = carried_out(&gate, &Change::Submit(draft(&project))).expect("placed");
    let mut cursor = None;
    let mut status = || {
        let page = Freelancer::proposals_changed(&gate, &[], cursor.as_deref(), now()).expect("a page");
        assert!(!page.more);
        cursor = Some(page.cursor);
        page.proposals.into_iter().find(|proposal| proposal.id == placed.id).map(|proposal| proposal.status)
    };
    assert_eq!(status(), Some(ProposalStatus::Submitted));
    for (action, wanted) in [("award", ProposalStatus::Won), ("revoke", ProposalStatus::Declined)] {
        sim.control("POST", &format!("/freelancer/bids/{}/{action}", placed.id), Value::Null);
        assert_eq!(status(), Some(wanted), "{action}");
    }
    sim.control("PATCH", &format!("/freelancer/bids/{}", placed.id), json!({"award_status": "pondered"}));
    assert_eq!(status(), Some(ProposalStatus::Other("pondered".to_owned())));
}

#[test]
fn an_award_becomes_a_contract_whose_milestones_are_handed_in() {
    let sim = Sim::start();
    let gate = Gate::of_freelancer(&sim);
    let project = project(&sim);
    let placed = carried_out(&gate, &Change::Submit(draft(&project))).expect("placed");
    let (bid, mut cursor) = (placed.id.clone(), None);
    assert_eq!(contracts(&gate, &mut cursor), []);
    sim.control("POST", &format!("/freelancer/bids/{bid}/award"), Value::Null);
    let [offered] = contracts(&gate, &mut cursor).try_into().expect("one");
    assert_eq!(
        (offered.status, offered.proposal.as_ref(), offered.amount),
        (ContractStatus::Offered, Some(&bid), placed.amount)
    );
    assert!(offered.client.is_some() && offered.url.is_some());
    sim.control("POST", &format!("/freelancer/bids/{bid}/accept"), Value::Null);
    let ask = json!({"project_id": project["id"], "bid_id": bid.parse::<i64>().expect("a number"), "description": "second", "amount": 100});
    assert_eq!(sim.api("POST", "/projects/0.1/milestone_requests/", ask).status, 200);
    let paid = json!({"bid_id": bid.parse::<i64>().expect("a number"), "amount": 250.5, "description": "first"});
    sim.control("POST", "/freelancer/milestones", paid);
    let steps = |contract: &Contract| -> Vec<(String, MilestoneStatus)> {
        contract.milestones.iter().map(|step| (step.description.clone(), step.status.clone())).collect()
    };
    let [active] = contracts(&gate, &mut cursor).try_into().expect("one");
    assert_eq!(active.status, ContractStatus::Active);
    assert_eq!(
        steps(&active),
        [("first".to_owned(), MilestoneStatus::InProgress), ("second".to_owned(), MilestoneStatus::Upcoming)]
    );
    let submission = |milestone: &str| Submission {
        contract: bid.clone(),
        milestone: milestone.to_owned(),
        message: "Done".to_owned(),
        amount: None,
    };
    let first = submission(&active.milestones[0].id);
    let plan = Freelancer::preview_milestone(&gate, &[], &first).expect("a plan");
    assert_eq!(plan.notes.len(), 1, "there is no message");
    gate.permit(&plan);
    Freelancer::submit_milestone(&gate, &[], &first, None).expect("handed in");
    assert_eq!(Freelancer::preview_milestone(&gate, &[], &first).expect_err("twice").kind, ErrorKind::Conflict);
    let second = submission(&active.milestones[1].id);
    assert_eq!(Freelancer::preview_milestone(&gate, &[], &second).expect_err("not created").kind, ErrorKind::Conflict);
    let [handed_in] = contracts(&gate, &mut cursor).try_into().expect("one");
    assert_eq!(handed_in.milestones[0].status, MilestoneStatus::Submitted);
    let path = format!("/freelancer/milestones/{}", active.milestones[0].id);
    for (method, path, body, wanted) in [
        ("POST", format!("{path}/release"), Value::Null, MilestoneStatus::Approved),
        ("PATCH", path.clone(), json!({"status": "disputed"}), MilestoneStatus::Other("disputed".to_owned())),
        ("PATCH", path, json!({"status": "on the moon"}), MilestoneStatus::Other("on the moon".to_owned())),
    ] {
        sim.control(method, &path, body);
        assert_eq!(contracts(&gate, &mut cursor)[0].milestones[0].status, wanted);
    }
    sim.control("POST", &format!("/freelancer/bids/{bid}/complete"), Value::Null);
    assert_eq!(contracts(&gate, &mut cursor)[0].status, ContractStatus::Completed);
}

#[test]
fn a_thousand_contracts_with_five_milestones_each_are_one_pass_of_pages() {
    let sim = Sim::start();
    sim.control("POST", "/freelancer/contracts", json!({"count": 1000, "milestones": 5}));
    let gate = Gate::of_freelancer(&sim);
    let mut cursor = None;
    let all = contracts(&gate, &mut cursor);
    assert_eq!(all.len(), 1000);
    assert!(all.iter().all(|contract| contract.milestones.len() == 5 && contract.status == ContractStatus::Active));
    let mut ids: Vec<&str> = all.iter().map(|contract| contract.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 1000);
    // One for the account; for a hundred contracts one, six for milestones, one for requests; and the end.
    assert_eq!(gate.count(), 1 + 10 * 8 + 1);
}

#[test]
fn hourly_contracts_state_their_hours() {
    let sim = Sim::start();
    sim.control("POST", "/freelancer/contracts", json!({"count": 2, "milestones": 0, "type": "hourly"}));
    let all = contracts(&Gate::of_freelancer(&sim), &mut None);
    let told: Vec<_> = all
        .iter()
        .map(|contract| (contract.weekly_hours, contract.amount.as_ref().map(|money| money.amount)))
        .collect();
    assert_eq!(told, [(Some(40), Some(4000)), (Some(40), Some(4000))]);
}
