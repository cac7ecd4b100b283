//! Upwork's plugin against its simulator: what is handed over, what the assumed operations do, and contracts.

mod support;

use prospector_plugin::contracts::{Contract, ContractStatus, MilestoneStatus};
use prospector_plugin::planning::{Plan, Way};
use prospector_plugin::proposals::{
    Answer, Change, Draft, PlannedMilestone, Proposal, ProposalStatus, Revision, Withdrawal,
};
use prospector_plugin::types::{Attribute, Delivery, Error, ErrorKind, Money, Value as Setting};
use prospector_plugin::{FollowContracts as _, Propose as _};
use prospector_upwork::Upwork;
use serde_json::{Value, json};
use support::Sim;
use support::gate::Gate;

const PREVIEW: &str = "mutation($i: VendorProposalInput!) { previewVendorProposal(input: $i) { previewId } }";
const SUBMIT: &str = "mutation($p: ID!) { submitVendorProposal(previewId: $p) { id } }";

fn now() -> i64 {
    std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_secs().cast_signed()
}

fn by_preview() -> Vec<Attribute> {
    vec![Attribute { name: "proposal_submission".to_owned(), value: Setting::Text("preview".to_owned()) }]
}

fn job(sim: &Sim, kind: &str) -> String {
    let text = "query($f: MarketplaceJobPostingsSearchFilter) { marketplaceJobPostingsSearch(marketPlaceJobFilter: $f) { edges { node { id freelancersToHire amount { currency } } } } }";
    let found = sim.data(text, json!({"f": {"jobType_eq": kind}}));
    let edges = found["marketplaceJobPostingsSearch"]["edges"].as_array().expect("edges").clone();
    let is_open = |edge: &&Value| edge["node"]["freelancersToHire"] != 0 && edge["node"]["amount"]["currency"] == "USD";
    edges.iter().find(is_open).expect("an open one")["node"]["id"].as_str().expect("an id").to_owned()
}

fn draft(job: &str) -> Draft {
    Draft {
        posting: job.to_owned(),
        text: "I would start with the importer.".to_owned(),
        amount: Some(Money { amount: 6_050, currency: "USD".to_owned() }),
        duration_days: Some(45),
        milestones: Vec::new(),
        answers: Vec::new(),
        attributes: Vec::new(),
    }
}

fn url(plan: &Plan) -> &str {
    match &plan.way {
        Way::HandOver(url) => url,
        Way::Send(planned) => panic!("{planned:?}"),
    }
}

fn carried_out(gate: &Gate, change: &Change) -> Result<Proposal, Error> {
    let plan = Upwork::preview(gate, &by_preview(), change)?;
    gate.permit(&plan);
    Upwork::perform(gate, &by_preview(), change, plan.reference.as_deref())
}

fn looked_up(gate: &Gate, job: &str) -> Option<Proposal> {
    Upwork::look_up(gate, &[], job).expect("answered")
}

fn live(sim: &Sim, job: &str) -> Value {
    sim.control("GET", &format!("/upwork/live-proposals?posting={job}"), Value::Null)["count"].clone()
}

fn contracts(gate: &Gate, cursor: &mut Option<String>) -> Vec<Contract> {
    let mut all = Vec::new();
    loop {
        let page = Upwork::contracts_changed(gate, &[], cursor.as_deref(), now()).expect("a page");
        assert!(page.contracts.len() <= 100);
        all.extend(page.contracts);
        *cursor = Some(page.cursor);
        if !page.more {
            return all;
        }
    }
}

#[test]
fn a_proposal_is_handed_over_and_recognised() {
    let sim = Sim::start();
    let gate = Gate::of_upwork(&sim);
    let job = job(&sim, "HOURLY");
    let plan = Upwork::preview(&gate, &[], &Change::Submit(draft(&job))).expect("a plan");
    let accounts = &sim.running.upwork.accounts;
    assert!(
        url(&plan).starts_with(&format!("{accounts}/nx/proposals/job/~0")) && url(&plan).ends_with("/apply/"),
        "{plan:?}"
    );
    assert!(plan.problems.is_empty() && plan.notes[0].contains("public API"), "{plan:?}");
    assert_eq!(looked_up(&gate, &job), None);
    // The person sends it on the site.
    let input = json!({"i": {"jobPostingId": job, "coverLetter": "Hello", "chargedAmount": 60.5}});
    let preview = sim.data(PREVIEW, input)["previewVendorProposal"]["previewId"].clone();
    let id = sim.data(SUBMIT, json!({"p": preview}))["submitVendorProposal"]["id"].clone();
    let found = looked_up(&gate, &job).expect("recognised");
    assert_eq!((json!(found.id), found.status), (id, ProposalStatus::Submitted));
    assert_eq!(found.amount, draft(&job).amount);
    assert_eq!(Upwork::preview(&gate, &[], &Change::Submit(draft(&job))).expect_err("twice").kind, ErrorKind::Conflict);
    let changed = Upwork::proposals_changed(&gate, &[], None, now()).expect("a page");
    assert_eq!((changed.proposals.len(), changed.more), (1, false));
    let withdraw =
        Change::Withdraw(Withdrawal { proposal: found.id.clone(), posting: job.clone(), reason: String::new() });
    let revise = Change::Revise(Revision { proposal: found.id.clone(), draft: draft(&job) });
    for change in [withdraw, revise] {
        let plan = Upwork::preview(&gate, &[], &change).expect("a plan");
        assert_eq!(url(&plan), format!("{accounts}/nx/proposals/{}", found.id));
    }
}

#[test]
fn with_the_setting_a_proposal_is_previewed_sent_and_withdrawn() {
    let sim = Sim::start();
    let gate = Gate::of_upwork(&sim);
    let job = job(&sim, "FIXED");
    let question = json!({"question": "Why you?", "sequenceNumber": 1});
    let requirement =
        json!({"coverLetterRequired": true, "freelancerMilestonesAllowed": true, "screeningQuestions": [question]});
    sim.control(
        "PATCH",
        &format!("/upwork/postings/{job}"),
        json!({"job": {"contractorSelection": {"proposalRequirement": requirement}}}),
    );
    let asked = Upwork::requirements_of(&gate, &[], &job).expect("open");
    assert!(asked.milestones && asked.questions[0].question == "Why you?" && asked.text_maximum == 5000);

    let step = PlannedMilestone {
        description: "All".to_owned(),
        amount: Money { amount: 6_050, currency: "USD".to_owned() },
        due_at: Some(1_800_000_000),
    };
    let answers = vec![Answer { question: "Why you?".to_owned(), answer: "I did it before".to_owned() }];
    let submit = Change::Submit(Draft { answers, milestones: vec![step], ..draft(&job) });
    let unanswered = Upwork::preview(&gate, &by_preview(), &Change::Submit(draft(&job))).expect("a plan");
    assert!(unanswered.problems.iter().any(|problem| problem.blocking && problem.field == "answers"));
    let plan = Upwork::preview(&gate, &by_preview(), &submit).expect("a plan");
    assert_eq!((plan.costs[0].name.as_str(), plan.costs[0].quantity), ("connects", Some(8)));
    assert_eq!(plan.costs[0].amount, "8 Connects of 80 left");
    assert!(plan.reference.is_some() && plan.notes[0].contains("assumed"));
    assert_eq!(live(&sim, &job), 0, "a preview changes nothing");
    let sent = carried_out(&gate, &submit).expect("sent");
    assert_eq!((looked_up(&gate, &job).map(|found| found.id), live(&sim, &job)), (Some(sent.id.clone()), json!(1)));
    let shown = sim.control("GET", "/upwork/proposals", Value::Null)["proposals"][0].clone();
    assert_eq!(shown["answers"], json!([["Why you?", "I did it before"]]));
    assert_eq!(shown["projectPlan"]["milestones"][0]["dueDate"], "2027-01-15");
    assert_eq!(shown["terms"]["estimatedDuration"]["label"], "1 to 3 months");

    let withdraw =
        Change::Withdraw(Withdrawal { proposal: sent.id, posting: job.clone(), reason: "No time".to_owned() });
    assert_eq!(carried_out(&gate, &withdraw).expect("withdrawn").status, ProposalStatus::Withdrawn);
    assert_eq!(
        (looked_up(&gate, &job).map(|found| found.status), live(&sim, &job)),
        (Some(ProposalStatus::Withdrawn), json!(0))
    );
    assert_eq!(Upwork::preview(&gate, &by_preview(), &withdraw).expect_err("twice").kind, ErrorKind::Conflict);
}

#[test]
fn where_the_schema_has_no_such_operation_it_is_handed_over_all_the_same() {
    let sim = Sim::start();
    let gate = Gate::of_upwork(&sim);
    let job = job(&sim, "HOURLY");
    let sent = carried_out(&gate, &Change::Submit(draft(&job))).expect("sent");
    let withdraw = Change::Withdraw(Withdrawal { proposal: sent.id, posting: job.clone(), reason: String::new() });
    let planned = Upwork::preview(&gate, &by_preview(), &withdraw).expect("a plan");
    sim.upwork_settings(json!({"strict": true}));
    gate.permit(&planned);
    let refused = Upwork::perform(&gate, &by_preview(), &withdraw, None).expect_err("no such operation");
    assert_eq!(refused.kind, ErrorKind::Unsupported);
    let plan = Upwork::preview(&gate, &by_preview(), &withdraw).expect("a plan");
    assert!(url(&plan).contains("/nx/proposals/") && plan.notes[0].contains("withdrawVendorProposal"), "{plan:?}");
    let other = draft(&self::job(&sim, "FIXED"));
    let plan = Upwork::preview(&gate, &by_preview(), &Change::Submit(other)).expect("a plan");
    assert!(url(&plan).ends_with("/apply/") && plan.notes[0].contains("previewVendorProposal"), "{plan:?}");
}

#[test]
fn what_the_platform_did_though_its_answer_failed_is_found_by_looking() {
    for (fault, kind) in [
        (json!({"fault": "accepted-then", "status": 500}), ErrorKind::Unavailable),
        (json!({"fault": "cut-off"}), ErrorKind::UnexpectedAnswer),
    ] {
        let sim = Sim::start();
        let gate = Gate::of_upwork(&sim);
        let job = job(&sim, "HOURLY");
        sim.upwork_settings(json!({"proposals_shown_after_seconds": 60, "duplicate_proposals": true}));
        let mut rule = fault.clone();
        rule["route"] = "/graphql".into();
        rule["body"] = "submitVendorProposal".into();
        sim.control("POST", "/faults", rule);
        let failed = carried_out(&gate, &Change::Submit(draft(&job))).expect_err("a failure");
        assert_eq!((failed.kind, failed.delivery), (kind, Delivery::Sent), "{fault} {}", failed.message);
        assert_eq!(live(&sim, &job), 1);
        assert_eq!(looked_up(&gate, &job), None, "not shown yet");
        sim.control("POST", "/clock", json!({"advance": 60}));
        assert_eq!(looked_up(&gate, &job).expect("shown").status, ProposalStatus::Submitted);
    }
}

#[test]
fn a_closed_posting_and_a_lack_of_connects_are_told_before() {
    let sim = Sim::start();
    let gate = Gate::of_upwork(&sim);
    let job = job(&sim, "HOURLY");
    sim.upwork_settings(json!({"connects": 7}));
    let lacking = Upwork::preview(&gate, &by_preview(), &Change::Submit(draft(&job))).expect_err("7 of 8");
    assert_eq!((lacking.kind, lacking.remedy.is_some()), (ErrorKind::Exhausted, true));
    sim.upwork_settings(json!({"connects": 80}));
    let submit = Change::Submit(draft(&job));
    let plan = Upwork::preview(&gate, &by_preview(), &submit).expect("a plan");
    let closed = json!({"job": {"workFlowState": {"status": "CLOSED", "closeResult": "FILLED"}}});
    sim.control("PATCH", &format!("/upwork/postings/{job}"), closed);
    gate.permit(&plan);
    let refused = Upwork::perform(&gate, &by_preview(), &submit, plan.reference.as_deref()).expect_err("closed");
    assert_eq!((refused.kind, refused.code.as_deref()), (ErrorKind::Conflict, Some("VJ-JA-3")));
    for refused in
        [Upwork::requirements_of(&gate, &[], &job).map(drop), Upwork::preview(&gate, &by_preview(), &submit).map(drop)]
    {
        assert_eq!(refused.expect_err("closed").kind, ErrorKind::Conflict);
    }
    sim.control("DELETE", &format!("/upwork/postings/{job}"), Value::Null);
    assert_eq!(Upwork::requirements_of(&gate, &[], &job).expect_err("gone").kind, ErrorKind::NotFound);
}

#[test]
fn proposals_follow_what_the_client_does_and_only_what_changed_comes_again() {
    let sim = Sim::start();
    let gate = Gate::of_upwork(&sim);
    let job = job(&sim, "HOURLY");
    let sent = carried_out(&gate, &Change::Submit(draft(&job))).expect("sent");
    for (status, wanted) in [
        ("Activated", ProposalStatus::Submitted),
        ("Offered", ProposalStatus::Won),
        ("Hired", ProposalStatus::Won),
        ("Declined", ProposalStatus::Declined),
        ("Archived", ProposalStatus::Declined),
        ("Invalid", ProposalStatus::Other("Invalid".to_owned())),
    ] {
        sim.control("POST", &format!("/upwork/proposals/{}/{status}", sent.id), Value::Null);
        assert_eq!(looked_up(&gate, &job).map(|found| found.status), Some(wanted), "{status}");
    }
    let page = Upwork::proposals_changed(&gate, &[], None, now() + 7200).expect("a page");
    assert_eq!(page.proposals.len(), 1);
    let later = Upwork::proposals_changed(&gate, &[], Some(&page.cursor), now() + 7200).expect("a page");
    assert_eq!((later.proposals.len(), later.more), (0, false));
    sim.upwork_settings(json!({"unknown_status": true}));
    sim.control("POST", &format!("/upwork/proposals/{}/SIMULATED_NEW_STATUS", sent.id), Value::Null);
    assert_eq!(
        looked_up(&gate, &job).map(|found| found.status),
        Some(ProposalStatus::Other("SIMULATED_NEW_STATUS".to_owned()))
    );
}

#[test]
fn a_hired_proposal_becomes_a_contract_with_milestones() {
    let sim = Sim::start();
    let gate = Gate::of_upwork(&sim);
    for kind in ["HOURLY", "FIXED"] {
        let sent = carried_out(&gate, &Change::Submit(draft(&job(&sim, kind)))).expect("sent");
        sim.control("POST", &format!("/upwork/proposals/{}/Hired", sent.id), Value::Null);
    }
    sim.upwork_settings(json!({"unknown_status": true}));
    let mut cursor = None;
    let [hourly, fixed] = contracts(&gate, &mut cursor).try_into().expect("two");
    assert_eq!(hourly.status, ContractStatus::Active);
    assert_eq!(hourly.amount.map(|money| money.amount), Some(6_050));
    assert_eq!(fixed.status, ContractStatus::Other("SIMULATED_NEW_STATUS".to_owned()));
    assert_eq!(fixed.milestones[0].status, MilestoneStatus::InProgress);
    let path = format!("/upwork/contracts/{}/milestones/{}", fixed.id, fixed.milestones[0].id);
    for (change, wanted) in [
        (json!({"state": "SUBMITTED", "submissionCount": 1}), MilestoneStatus::Submitted),
        (json!({"state": "ACTIVE"}), MilestoneStatus::RevisionRequested),
        (json!({"state": "PAID"}), MilestoneStatus::Approved),
        (json!({"state": "NOT_FUNDED"}), MilestoneStatus::Upcoming),
        (json!({"state": "SIMULATED_NEW_STATUS"}), MilestoneStatus::Other("SIMULATED_NEW_STATUS".to_owned())),
    ] {
        sim.control("PATCH", &path, change);
        assert_eq!(contracts(&gate, &mut cursor)[1].milestones[0].status, wanted);
    }
    let limits = json!({"status": "PAUSED", "hourlyLimits": [{"id": "1", "weeklyLimit": 20}]});
    sim.control("PATCH", &format!("/upwork/contracts/{}", hourly.id), limits);
    let paused = contracts(&gate, &mut cursor).swap_remove(0);
    assert_eq!((paused.status, paused.weekly_hours), (ContractStatus::Paused, Some(20)));
}

#[test]
fn a_thousand_contracts_with_five_milestones_each_are_one_pass_of_pages() {
    let sim = Sim::start();
    sim.control("POST", "/upwork/contracts", json!({"count": 1000, "milestones": 5}));
    let gate = Gate::of_upwork(&sim);
    let all = contracts(&gate, &mut None);
    assert_eq!(all.len(), 1000);
    assert!(all.iter().all(|contract| contract.milestones.len() == 5 && contract.status == ContractStatus::Active));
    // One for the account, one for a hundred contracts, and the end.
    assert_eq!(gate.count(), 1 + 10 + 1);
}
