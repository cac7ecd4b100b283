//! Sending and withdrawing proposals.
//!
//! Upwork's public API has no operation for either. So a proposal is handed over to the person, on Upwork's own page, unless the setting
//! `proposal_submission` says to use the operations below. **Those are assumed, and no part of Upwork's API**: a preview that states the cost, and its
//! confirmation, after what is reported of Upwork's MCP server.

use prospector_plugin::error::{self, Refine};
use prospector_plugin::graphql::{self, Fault};
use prospector_plugin::http::Request;
use prospector_plugin::lenient::{Flag, Int, Lax, LaxList, Text};
use prospector_plugin::money::main_units;
use prospector_plugin::planning::Plan;
use prospector_plugin::plans::{against, by_hand, cost, given, problem, requirements, sending};
use prospector_plugin::proposals::{Change, Draft, Proposal, ProposalStatus, Question, Requirements, Withdrawal};
use prospector_plugin::request::encode_into;
use prospector_plugin::types::{Error, ErrorKind, Value};
use prospector_plugin::{Host, money, record, text, time};
use serde_json::json;

use crate::document::{NoVariables, request};
use crate::envelope::{Refused, Way, ask, ask_for};
use crate::posting::is_identifier;
use crate::proposals::{is_live, look_up, status};
use crate::settings::{Length, Settings, Submission};
use crate::wishes;

/// The assumed operations. The first changes nothing that lasts: the platform forgets a preview after some minutes.
pub(crate) const PREVIEW: &str = "previewVendorProposal";
const SUBMIT: &str = "submitVendorProposal";
const WITHDRAW: &str = "withdrawVendorProposal";

/// Name of the attribute of a draft that says how long the work lasts, by the platform's identifier.
const DURATION: &str = "estimated_duration_id";

/// Characters of a cover letter at most, as the MCP server has it (assumed for the rest).
const LETTER: u32 = 5_000;

/// Questions that the contract takes, and bytes of each.
const QUESTIONS: usize = 32;
const LONGEST: usize = 1024;

/// Seconds after which a change shows in the lists of proposals (assumed).
const SHOWN_AFTER: u32 = 120;

/// States of a posting that takes no proposals. What the enumeration holds is not documented (assumed).
const CLOSED: [&str; 8] = ["CLOSED", "CANCELLED", "CANCELED", "FILLED", "ARCHIVED", "INACTIVE", "REMOVED", "EXPIRED"];

const POSTING: &str = "query ToPropose($id: ID!, $ids: [ID!]!) {
  marketplaceJobPosting(id: $id) {
    id
    workFlowState { status closeResult }
    contractTerms { contractType fixedPriceContractTerms { amount { currency } } }
    contractorSelection {
      proposalRequirement { coverLetterRequired freelancerMilestonesAllowed screeningQuestions { question sequenceNumber } }
    }
  }
  marketplaceJobPostingsContents(ids: $ids) { id ciphertext }
}";

const ONE: &str = "query Proposal($id: ID!) { vendorProposal(id: $id) { id status { status } } }";

const DURATIONS: &str = "query Durations { proposalMetadata { engagementDurationValues { id label } } }";

const OPERATIONS: &str = "query Operations { __type(name: \"Mutation\") { fields { name } } }";

record! {
    struct Data {
        job: Lax<Job> = "marketplaceJobPosting",
        contents: LaxList<Contents> = "marketplaceJobPostingsContents",
    }

    struct Job {
        id: Text,
        state: Lax<WorkFlow> = "workFlowState",
        terms: Lax<ContractTerms> = "contractTerms",
        selection: Lax<Selection> = "contractorSelection",
    }

    struct Contents {
        id: Text,
        ciphertext: Text,
    }

    struct WorkFlow {
        status: Text,
        close_result: Text = "closeResult",
    }

    struct ContractTerms {
        contract_type: Text = "contractType",
        fixed: Lax<Fixed> = "fixedPriceContractTerms",
    }

    struct Fixed {
        amount: Lax<Amount>,
    }

    struct Amount {
        currency: Text,
    }

    struct Selection {
        requirement: Lax<Requirement> = "proposalRequirement",
    }

    struct Requirement {
        letter: Flag = "coverLetterRequired",
        milestones: Flag = "freelancerMilestonesAllowed",
        questions: LaxList<Screening> = "screeningQuestions",
    }

    struct Screening {
        question: Text,
        number: Int = "sequenceNumber",
    }

    struct One {
        proposal: Lax<Sent> = "vendorProposal" | "submitVendorProposal" | "withdrawVendorProposal",
    }

    struct Sent {
        id: Text,
        status: Lax<StatusOf>,
    }

    struct StatusOf {
        status: Text,
    }

    struct Metadata {
        metadata: Lax<Durations> = "proposalMetadata",
    }

    struct Durations {
        values: LaxList<Labelled> = "engagementDurationValues",
    }

    struct Labelled {
        id: Text,
        label: Text,
    }

    struct Previewed {
        preview: Lax<Preview> = "previewVendorProposal",
    }

    struct Preview {
        id: Text = "previewId",
        cost: Int = "connectsCost",
        balance: Int = "connectsBalance",
        expires: Text = "expiresDateTime",
    }

    struct Schema {
        of: Lax<Type> = "__type",
    }

    struct Type {
        fields: LaxList<Field>,
    }

    struct Field {
        name: Text,
    }
}

/// A posting that takes proposals: what it asks for, and the path of the page to apply.
struct Open {
    required: Requirements,
    path: String,
}

pub(crate) fn requirements_of(host: &dyn Host, settings: &Settings, posting: &str) -> Result<Requirements, Error> {
    open(host, settings, posting).map(|open| open.required)
}

fn open(host: &dyn Host, settings: &Settings, posting: &str) -> Result<Open, Error> {
    let gone = || {
        error::of(ErrorKind::NotFound, format!("Upwork has no job {}, or no longer", posting.escape_debug()))
            .remedy("Leave this job.")
    };
    if !is_identifier(posting) {
        return Err(gone());
    }
    let variables = json!({"id": posting, "ids": [posting]});
    let request = request(&wishes::api(host)?, POSTING, variables, &settings.organization_id)?;
    let (data, faults) = ask_for::<Data>(host, &request, "the job")?;
    let job = data.job.0.filter(|job| job.id.0.as_deref() == Some(posting));
    let job = job.ok_or_else(|| absent(&faults, "the job").unwrap_or_else(gone))?;
    let state = job.state.0.unwrap_or_default();
    let word = state.status.0.unwrap_or_default();
    if CLOSED.contains(&word.to_uppercase().as_str()) || state.close_result.0.is_some() {
        let message = format!("Job {posting} takes no more proposals");
        let code = state.close_result.0.or(Some(word));
        return Err(error::of(ErrorKind::Conflict, message).code(code).remedy("Leave this job."));
    }
    let mut path = "/nx/proposals/job/".to_owned();
    let of_this = |contents: &Contents| contents.id.0.as_deref() == Some(posting);
    match data.contents.0.into_iter().find(of_this).and_then(|contents| contents.ciphertext.0) {
        Some(ciphertext) if is_identifier(&ciphertext) => encode_into(&mut path, &ciphertext),
        // New ones are called so.
        _ => {
            path.push_str("~02");
            encode_into(&mut path, posting);
        }
    }
    path.push_str("/apply/");
    let requirement = job.selection.0.and_then(|selection| selection.requirement.0).unwrap_or_default();
    let required = required(job.terms.0.unwrap_or_default(), requirement);
    Ok(Open { required, path })
}

/// The error for what is null beside errors: whether it is there is not told.
fn absent(faults: &[Fault], what: &str) -> Option<Error> {
    let said = graphql::messages(faults);
    (!faults.is_empty()).then(|| {
        error::unexpected_answer(format!("Upwork did not give {what}: {}", text::excerpt(&said, 300)))
            .remedy("Ask again later.")
    })
}

/// All questions are to be answered (assumed). The currency is stated for fixed prices only; rates are in USD (assumed).
fn required(terms: ContractTerms, mut requirement: Requirement) -> Requirements {
    let currency = terms.fixed.0.and_then(|fixed| fixed.amount.0?.currency.0);
    let least = u32::from(requirement.letter.0 != Some(false));
    requirement.questions.0.sort_by_key(|screening| screening.number.0);
    let questions = requirement.questions.0.into_iter().filter_map(|screening| screening.question.0);
    let question = |asked: String| Question { question: text::cut(&asked, LONGEST).to_owned(), required: true };
    Requirements {
        currency: currency.as_deref().and_then(money::currency_code).or_else(|| Some("USD".to_owned())),
        milestones: requirement.milestones.0 == Some(true) && terms.contract_type.0.as_deref() != Some("HOURLY"),
        questions: questions.take(QUESTIONS).map(question).collect(),
        ..requirements(least, LETTER, &[(DURATION, Value::Text(String::new()))])
    }
}

pub(crate) fn preview(host: &dyn Host, settings: &Settings, change: &Change) -> Result<Plan, Error> {
    match change {
        Change::Submit(draft) => to_submit(host, settings, draft),
        Change::Revise(revision) => {
            undecided(host, settings, &revision.proposal)?;
            let mut plan = by_hand(page_of(host, &revision.proposal)?, SHOWN_AFTER);
            plan.notes.push("Upwork's API has no operation that changes a proposal: change it on this page".to_owned());
            Ok(plan)
        }
        Change::Withdraw(withdrawal) => to_withdraw(host, settings, withdrawal),
    }
}

fn to_submit(host: &dyn Host, settings: &Settings, draft: &Draft) -> Result<Plan, Error> {
    let open = open(host, settings, &draft.posting)?;
    let latest = look_up(host, settings, &draft.posting)?;
    if latest.is_some_and(|latest| is_live(&latest.status)) {
        return Err(error::of(ErrorKind::Conflict, "You have a proposal for this job")
            .code(Some("VJ-JA-10".to_owned()))
            .remedy("Look at it on the site; it can be changed or withdrawn there."));
    }
    let mut plan = by_hand(wishes::page(host, &open.path)?, SHOWN_AFTER);
    plan.problems = against(&open.required, draft);
    if settings.proposal_submission == Submission::HandOver {
        plan.notes.push(
            "Upwork's public API has no operation that submits a proposal: send it on this page, which states the Connects that it \
             costs. Prospector recognises it when Upwork lists it"
                .to_owned(),
        );
        return Ok(plan);
    }
    let undated = draft.milestones.iter().enumerate().filter(|(_, milestone)| milestone.due_at.is_none());
    let undated = undated.map(|(index, _)| problem(&format!("milestones.{index}"), "Upwork wants a due date", true));
    plan.problems.extend(undated);
    plan.problems.truncate(prospector_plugin::plans::MOST_PROBLEMS);
    if plan.problems.iter().any(|problem| problem.blocking) {
        plan.notes.push("Upwork was not asked for a preview, as it would refuse this".to_owned());
        return Ok(plan);
    }
    match rehearse(host, settings, draft) {
        Ok(preview) => rehearsed(host, settings, plan, preview),
        Err(refused) if refused.way == Way::Without => {
            plan.notes.push(missing(PREVIEW));
            Ok(plan)
        }
        Err(refused) => Err(refused.error),
    }
}

fn missing(operation: &str) -> String {
    format!("Upwork's API has no operation `{operation}`, which is an assumed one: do it on this page")
}

/// Asks for a preview of a proposal.
fn rehearse(host: &dyn Host, settings: &Settings, draft: &Draft) -> Result<Preview, Refused> {
    let answers: Vec<_> =
        draft.answers.iter().map(|given| json!({"question": given.question, "answer": given.answer})).collect();
    let milestones: Vec<_> = draft
        .milestones
        .iter()
        .map(|milestone| {
            json!({
                "description": milestone.description, "amount": main_units(milestone.amount.amount),
                "dueDate": milestone.due_at.map(time::date),
            })
        })
        .collect();
    let mut input = json!({
        "jobPostingId": draft.posting, "coverLetter": draft.text, "answers": answers,
        "chargedAmount": draft.amount.as_ref().map(|amount| main_units(amount.amount)),
    });
    if !milestones.is_empty() {
        input["milestones"] = milestones.into();
    }
    if let Some(duration) = duration(host, settings, draft) {
        input["estimatedDurationId"] = duration.into();
    }
    let document = format!(
        "mutation PreviewProposal($input: VendorProposalInput!) {{\n  {PREVIEW}(input: $input) {{ previewId connectsCost connectsBalance \
         expiresDateTime }}\n}}"
    );
    let request = request(&wishes::api(host)?, &document, json!({"input": input}), &settings.organization_id)?;
    let read = |data: Previewed| data.preview.0.filter(|preview| preview.id.0.is_some());
    ask(host, &request, "a preview of your proposal", |data, _, _| read(prospector_plugin::lenient::record(data)))
        .map(|(preview, _)| preview)
}

/// The identifier of how long the work lasts: the draft's own, or the one of its days. Without one the proposal says nothing of it.
fn duration(host: &dyn Host, settings: &Settings, draft: &Draft) -> Option<String> {
    if let Some(Value::Text(id)) = given(draft, DURATION)
        && !id.trim().is_empty()
    {
        return Some(id.trim().to_owned());
    }
    let days = draft.duration_days?;
    let request = request(&wishes::api(host).ok()?, DURATIONS, NoVariables {}, &settings.organization_id).ok()?;
    let (data, _) = ask_for::<Metadata>(host, &request, "the durations").ok()?;
    let holds = |label: &str| {
        let span = Length::of(label).map(Length::days);
        span.is_some_and(|span| days >= span.minimum && span.maximum.is_none_or(|most| days < most))
    };
    data.metadata.0?.values.0.into_iter().find(|value| value.label.0.as_deref().is_some_and(holds))?.id.0
}

fn rehearsed(host: &dyn Host, settings: &Settings, plan: Plan, preview: Preview) -> Result<Plan, Error> {
    let cost_of_it = preview.cost.unsigned();
    if preview.cost.0 > preview.balance.0.or(preview.cost.0) {
        return Err(error::of(ErrorKind::Exhausted, "You have fewer Connects than this proposal costs")
            .remedy("Buy Connects on the site, or wait until Upwork refills them."));
    }
    let id = preview.id.0.unwrap_or_default();
    let mut sent = sending(&submitting(host, settings, &id)?, SHOWN_AFTER);
    sent.problems = plan.problems;
    let connects = match (cost_of_it, preview.balance.unsigned()) {
        (Some(cost), Some(balance)) => format!("{cost} Connects of {balance} left"),
        (Some(cost), None) => format!("{cost} Connects"),
        _ => "Connects, of a number that Upwork does not say".to_owned(),
    };
    sent.costs.push(cost("connects", connects, cost_of_it));
    sent.notes.push(format!("`{PREVIEW}` and `{SUBMIT}` are assumed operations, and no part of Upwork's public API"));
    sent.notes
        .extend(preview.expires.0.map(|at| format!("Upwork keeps this preview until {}", text::excerpt(&at, 64))));
    sent.reference = Some(id);
    Ok(sent)
}

fn submitting(host: &dyn Host, settings: &Settings, preview: &str) -> Result<Request, Error> {
    let document = format!(
        "mutation SubmitProposal($previewId: ID!) {{\n  {SUBMIT}(previewId: $previewId) {{ id status {{ status }} }}\n}}"
    );
    request(&wishes::api(host)?, &document, json!({"previewId": preview}), &settings.organization_id)
}

fn withdrawing(host: &dyn Host, settings: &Settings, withdrawal: &Withdrawal) -> Result<Request, Error> {
    let document = format!(
        "mutation WithdrawProposal($id: ID!, $reason: String) {{\n  {WITHDRAW}(id: $id, reason: $reason) {{ id status {{ status }} }}\n}}"
    );
    let variables = json!({"id": withdrawal.proposal, "reason": withdrawal.reason});
    request(&wishes::api(host)?, &document, variables, &settings.organization_id)
}

fn to_withdraw(host: &dyn Host, settings: &Settings, withdrawal: &Withdrawal) -> Result<Plan, Error> {
    undecided(host, settings, &withdrawal.proposal)?;
    let mut plan = by_hand(page_of(host, &withdrawal.proposal)?, SHOWN_AFTER);
    if settings.proposal_submission == Submission::HandOver {
        let note = "Upwork's public API has no operation that withdraws a proposal: withdraw it on this page";
        plan.notes.push(note.to_owned());
        return Ok(plan);
    }
    // Where the schema may not be asked, carrying it out finds out: a document that does not fit is not executed.
    let asked = request(&wishes::api(host)?, OPERATIONS, NoVariables {}, &settings.organization_id)?;
    let operations = ask_for::<Schema>(host, &asked, "the operations").ok().and_then(|(schema, _)| schema.of.0);
    let has_none = |of: &Type| of.fields.0.iter().all(|field| field.name.0.as_deref() != Some(WITHDRAW));
    if operations.as_ref().is_some_and(has_none) {
        plan.notes.push(missing(WITHDRAW));
        return Ok(plan);
    }
    let mut plan = sending(&withdrawing(host, settings, withdrawal)?, SHOWN_AFTER);
    plan.notes.push(format!("`{WITHDRAW}` is an assumed operation, and no part of Upwork's public API"));
    plan.notes.push("Connects are not given back for it".to_owned());
    Ok(plan)
}

/// Checks that a proposal is there and has not ended.
fn undecided(host: &dyn Host, settings: &Settings, id: &str) -> Result<(), Error> {
    let request = request(&wishes::api(host)?, ONE, json!({"id": id}), &settings.organization_id)?;
    let (data, faults) = ask_for::<One>(host, &request, "your proposal")?;
    let gone = || {
        error::of(ErrorKind::NotFound, format!("Upwork has no proposal {} of yours", id.escape_debug()))
            .remedy("Look at your proposals on the site.")
    };
    let found = data.proposal.0.filter(|found| found.id.0.as_deref() == Some(id));
    let found = found.ok_or_else(|| absent(&faults, "your proposal").unwrap_or_else(gone))?;
    let word = found.status.0.and_then(|status| status.status.0).unwrap_or_default();
    if matches!(status(&word), ProposalStatus::Submitted | ProposalStatus::Other(_)) {
        return Ok(());
    }
    let message = format!("Proposal {id} is {word}: it can neither be changed nor withdrawn");
    Err(error::of(ErrorKind::Conflict, message).code(Some(word)).remedy("Look at the proposal on the site."))
}

/// The page of a proposal (assumed).
fn page_of(host: &dyn Host, id: &str) -> Result<String, Error> {
    let mut path = "/nx/proposals/".to_owned();
    encode_into(&mut path, id);
    wishes::page(host, &path)
}

pub(crate) fn perform(
    host: &dyn Host,
    settings: &Settings,
    change: &Change,
    reference: Option<&str>,
) -> Result<Proposal, Error> {
    let (request, posting, amount, what) = match (change, reference) {
        (Change::Submit(draft), Some(preview)) => {
            (submitting(host, settings, preview)?, &draft.posting, draft.amount.clone(), "your proposal")
        }
        (Change::Withdraw(withdrawal), _) => {
            (withdrawing(host, settings, withdrawal)?, &withdrawal.posting, None, "withdrawing your proposal")
        }
        (Change::Submit(_), None) | (Change::Revise(_), _) => {
            let message = "Upwork's public API has no operation for this";
            return Err(error::of(ErrorKind::Unsupported, message).remedy("Do it on the page that the plan names."));
        }
    };
    let sent = ask(host, &request, what, |data, _, _| {
        let found: One = prospector_plugin::lenient::record(data);
        found.proposal.0.filter(|sent| sent.id.0.as_deref().is_some_and(is_identifier))
    });
    let (sent, _) = sent.map_err(|refused| match refused.way {
        // What does not fit the schema is not executed.
        Way::Without => Error { kind: ErrorKind::Unsupported, ..refused.error }
            .remedy("Set `proposal_submission: hand-over`, and do it on Upwork's own page."),
        _ => refused.error,
    })?;
    let id = sent.id.0.unwrap_or_default();
    let word = sent.status.0.and_then(|status| status.status.0).unwrap_or_default();
    let url = Some(page_of(host, &id)?);
    Ok(Proposal { id, posting: posting.clone(), status: status(&word), submitted_at: None, amount, url })
}

#[cfg(test)]
mod tests;
