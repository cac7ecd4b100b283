//! Upwork's proposals and contracts. Submitting is assumed: no public operation does it.

mod support;

use platform_sim::Options;
use platform_sim::upwork::ASSUMED_OPERATIONS;
use serde_json::{Value, json};
use support::Sim;

const PREVIEW: &str = "mutation($i: VendorProposalInput!) { previewVendorProposal(input: $i) \
    { previewId connectsCost connectsBalance expiresDateTime } }";
const SUBMIT: &str = "mutation($p: ID!) { submitVendorProposal(previewId: $p) { id status { status } \
    terms { chargeRate { rawValue currency } estimatedDuration { id label } } proposalCoverLetter } }";
const LIST: &str = "query vendorProposals($filter: VendorProposalFilter!, $sortAttribute: VendorProposalSortAttribute!, $pagination: Pagination!) {
  vendorProposals(filter: $filter, sortAttribute: $sortAttribute, pagination: $pagination) {
    totalCount
    edges { cursor node {
      id
      marketplaceJobPosting { id content { title description } canClientReceiveContractProposal }
      terms { chargeRate { rawValue currency displayValue } estimatedDuration { id label } upfrontPaymentPercent }
      coverLetter proposalCoverLetter
      projectPlan { id milestones { description dueDate amount } }
      auditDetails { createdDateTime modifiedDateTime }
      status { status reason { id reason description } }
      annotations } }
    pageInfo { endCursor hasNextPage } } }";

fn message(answer: &Value) -> String {
    answer["errors"][0]["message"].as_str().unwrap_or_else(|| panic!("an error: {answer}")).to_owned()
}

fn first_job(sim: &Sim, filter: Value) -> String {
    let text = "query($f: MarketplaceJobPostingsSearchFilter) { marketplaceJobPostingsSearch(marketPlaceJobFilter: $f) { edges { node { id } } } }";
    let found = sim.data(text, json!({"f": filter}));
    found["marketplaceJobPostingsSearch"]["edges"][0]["node"]["id"].as_str().expect("an id").to_owned()
}

fn input(job: &str) -> Value {
    json!({"i": {"jobPostingId": job, "coverLetter": "Hello", "chargedAmount": 60.5, "estimatedDurationId": "2"}})
}

fn submit(sim: &Sim, job: &str) -> Value {
    let preview = sim.data(PREVIEW, input(job))["previewVendorProposal"]["previewId"].clone();
    sim.data(SUBMIT, json!({"p": preview}))["submitVendorProposal"].clone()
}

fn list(sim: &Sim, status: &str, first: i64) -> Value {
    sim.graphql(
        LIST,
        json!({"filter": {"status_eq": status}, "sortAttribute": {"field": "CREATEDDATETIME", "sortOrder": "DESC"},
            "pagination": {"first": first}}),
    )
}

#[test]
fn a_proposal_is_previewed_submitted_once_listed_and_withdrawn() {
    let sim = Sim::start();
    let job = first_job(&sim, json!({"jobType_eq": "HOURLY"}));
    let preview = sim.data(PREVIEW, input(&job))["previewVendorProposal"].clone();
    assert_eq!((&preview["connectsCost"], &preview["connectsBalance"]), (&json!(8), &json!(80)));
    let submitted = sim.data(SUBMIT, json!({"p": preview["previewId"]}))["submitVendorProposal"].clone();
    assert_eq!(submitted["status"]["status"], "Accepted");
    assert_eq!(submitted["terms"]["chargeRate"]["rawValue"], "60.5");
    assert_eq!(submitted["terms"]["estimatedDuration"]["label"], "1 to 3 months");
    assert!(message(&sim.graphql(SUBMIT, json!({"p": preview["previewId"]}))).starts_with("VJCA-6"));
    assert!(message(&sim.graphql(PREVIEW, input(&job))).starts_with("VJ-JA-10"));

    let listed = list(&sim, "Accepted", 40);
    assert_eq!(listed.get("errors"), None, "{listed}");
    let listed = listed["data"]["vendorProposals"].clone();
    assert_eq!(listed["totalCount"], 1);
    let node = &listed["edges"][0]["node"];
    assert_eq!((&node["id"], &node["marketplaceJobPosting"]["id"]), (&submitted["id"], &json!(job)));
    let applied = sim.data("query($i: ID!) { vendorProposal(id: $i) { id } }", json!({"i": submitted["id"]}));
    assert_eq!(applied["vendorProposal"]["id"], submitted["id"]);
    let found = sim.data("{ marketplaceJobPostingsSearch(marketPlaceJobFilter: {jobType_eq: HOURLY}) { edges { node { id applied } } } }", json!({}));
    assert_eq!(found["marketplaceJobPostingsSearch"]["edges"][0]["node"], json!({"id": job, "applied": true}));

    let withdrawn = sim.data("mutation($i: ID!) { withdrawVendorProposal(id: $i, reason: \"No time\") { status { status reason { description } } } }", json!({"i": submitted["id"]}));
    assert_eq!(
        withdrawn["withdrawVendorProposal"]["status"],
        json!({"status": "Withdrawn", "reason": {"description": "No time"}})
    );
    assert_eq!(list(&sim, "Accepted", 40)["data"]["vendorProposals"]["totalCount"], 0);
}

#[test]
fn a_list_of_more_than_40_is_refused() {
    let sim = Sim::start();
    assert!(message(&list(&sim, "Accepted", 41)).starts_with("VJCA-6: Input parameter provided has incorrect value"));
    assert_eq!(list(&sim, "Accepted", 40).get("errors"), None);
}

#[test]
fn the_public_schema_has_no_operation_that_submits() {
    let sim = Sim::with(Options { upwork_strict: true, ..Options::default() });
    for name in ASSUMED_OPERATIONS {
        let answer = sim.graphql(&format!("mutation {{ {name}(id: \"1\") {{ id }} }}"), json!({}));
        assert!(message(&answer).contains(&format!("Field '{name}' in type 'Mutation' is undefined")), "{answer}");
    }
}

#[test]
fn a_hired_proposal_becomes_a_contract() {
    let sim = Sim::start();
    let text = "query($v: ID!, $s: [ContractStatus!]) { vendorContracts(filter: {vendorId: $v, contractStatuses: $s}) \
        { paging { limit offset } contracts { id title status startDate offerId job { id } \
          clientOrganization { id } freelancer { id } terms { hourlyTerms { hourlyRate { rawValue } } \
          fixedPriceTerms { fixedAmount { rawValue } milestones { state depositAmount { rawValue } } } } } } }";
    let user = sim.data("{ user { id } }", json!({}))["user"]["id"].clone();
    for kind in ["HOURLY", "FIXED"] {
        let proposal = submit(&sim, &first_job(&sim, json!({"jobType_eq": kind})));
        let id = proposal["id"].as_str().expect("an id");
        assert_eq!(sim.try_control("POST", &format!("/upwork/proposals/{id}/hired"), Value::Null).status, 400);
        sim.control("POST", &format!("/upwork/proposals/{id}/Hired"), Value::Null);
    }
    let found = sim.data(text, json!({"v": user, "s": ["ACTIVE"]}))["vendorContracts"].clone();
    assert_eq!(found["paging"], json!({"limit": 10, "offset": 0}));
    assert_eq!(found["contracts"][0]["terms"]["hourlyTerms"][0]["hourlyRate"]["rawValue"], "60.5");
    assert_eq!(found["contracts"][1]["terms"]["fixedPriceTerms"][0]["milestones"][0]["state"], "ACTIVE");
    let id = found["contracts"][0]["id"].as_str().expect("an id");
    sim.control("PATCH", &format!("/upwork/contracts/{id}"), json!({"status": "CLOSED"}));
    let one = sim.data(
        "query($i: ID!) { contractDetails(id: $i) { status } contractList(ids: [$i]) { contracts { id } } }",
        json!({"i": id}),
    );
    assert_eq!(one["contractDetails"]["status"], "CLOSED");
    assert_eq!(one["contractList"]["contracts"].as_array().map(Vec::len), Some(1));
    sim.upwork_settings(json!({"unknown_status": true}));
    let found = sim.data(text, json!({"v": user}))["vendorContracts"].clone();
    assert_eq!(found["contracts"][1]["status"], "SIMULATED_NEW_STATUS");
}

#[test]
fn checks_can_be_switched_off_and_a_new_proposal_shows_after_a_while() {
    let sim = Sim::start();
    let job = first_job(&sim, json!({"jobType_eq": "HOURLY"}));
    let live =
        |sim: &Sim, of: &str| sim.control("GET", &format!("/upwork/live-proposals{of}"), Value::Null)["count"].clone();
    sim.upwork_settings(json!({"duplicate_proposals": true, "proposals_shown_after_seconds": 60, "connects": 16}));
    submit(&sim, &job);
    submit(&sim, &job);
    assert_eq!(
        (live(&sim, &format!("?posting={job}")), live(&sim, ""), live(&sim, "?posting=1")),
        (json!(2), json!(2), json!(0))
    );
    assert_eq!(message(&sim.graphql(PREVIEW, input(&job))), "Not enough Connects.");
    assert_eq!(list(&sim, "Accepted", 40)["data"]["vendorProposals"]["totalCount"], 0);
    sim.control("POST", "/clock", json!({"advance": 60}));
    assert_eq!(list(&sim, "Accepted", 40)["data"]["vendorProposals"]["totalCount"], 2);
}

#[test]
fn a_job_that_is_over_and_a_question_without_an_answer_are_refused() {
    let sim = Sim::start();
    let job = first_job(&sim, json!({"jobType_eq": "HOURLY"}));
    let patch = |job: Value, path: &str| sim.control("PATCH", &format!("/upwork/postings/{path}"), job);
    let asked =
        json!({"proposalRequirement": {"coverLetterRequired": true, "screeningQuestions": [{"question": "Why?"}]}});
    patch(json!({"job": {"contractorSelection": asked}}), &job);
    assert!(message(&sim.graphql(PREVIEW, input(&job))).starts_with("VJ-JA-4"));
    let mut answered = input(&job);
    answered["i"]["answers"] = json!([{"question": "Why?", "answer": "So"}]);
    assert_eq!(sim.data(PREVIEW, answered.clone())["previewVendorProposal"]["connectsCost"], 8);
    for over in [
        json!({"freelancersToHire": 0}),
        json!({"freelancersToHire": 1, "job": {"workFlowState": {"status": "CLOSED"}}}),
    ] {
        patch(over, &job);
        assert!(message(&sim.graphql(PREVIEW, answered.clone())).starts_with("VJ-JA-3"));
    }
}

#[test]
fn a_fault_hits_the_one_operation_that_it_names() {
    let sim = Sim::start();
    let job = first_job(&sim, json!({"jobType_eq": "HOURLY"}));
    let preview = sim.data(PREVIEW, input(&job))["previewVendorProposal"]["previewId"].clone();
    let fault = json!({"route": "/graphql", "body": "submitVendorProposal", "fault": "accepted-then", "status": 503});
    sim.control("POST", "/faults", fault);
    assert_eq!(list(&sim, "Accepted", 40)["data"]["vendorProposals"]["totalCount"], 0);
    let body = json!({"query": SUBMIT, "variables": {"p": preview}}).to_string();
    assert_eq!(sim.graphql_as(&sim.upwork_token(Value::Null), &[], body.as_bytes()).status, 503);
    assert_eq!(list(&sim, "Accepted", 40)["data"]["vendorProposals"]["totalCount"], 1);
}

#[test]
fn contracts_are_made_by_the_hundred_and_their_milestones_changed() {
    let sim = Sim::start();
    assert_eq!(sim.control("POST", "/upwork/contracts", json!({"count": 120, "milestones": 2}))["count"], 120);
    assert_eq!(sim.try_control("POST", "/upwork/contracts", json!({"count": "many"})).status, 400);
    let all = sim.control("GET", "/upwork/contracts", Value::Null)["contracts"].clone();
    let (id, milestone) =
        (all[0]["id"].as_str().expect("an id"), all[0]["terms"]["fixedPriceTerms"][0]["milestones"][1]["id"].clone());
    let path = format!("/upwork/contracts/{id}/milestones/{}", milestone.as_str().expect("an id"));
    assert_eq!(sim.control("PATCH", &path, json!({"state": "PAID"}))["state"], "PAID");
    assert_eq!(sim.try_control("PATCH", "/upwork/contracts/1/milestones/1", json!({})).status, 404);
    let text = "query($i: ID!) { contractDetails(id: $i) { hourlyLimits { weeklyLimit } terms { fixedPriceTerms { milestones { state } } } } }";
    let told = sim.data(text, json!({"i": id}))["contractDetails"].clone();
    assert_eq!(told["terms"]["fixedPriceTerms"][0]["milestones"], json!([{"state": "ACTIVE"}, {"state": "PAID"}]));
    assert_eq!(told["hourlyLimits"], json!([]));
}
