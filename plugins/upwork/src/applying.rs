//! What a posting asks of a proposal, and the page to apply.

use prospector_plugin::error::{self, Refine};
use prospector_plugin::graphql::{self, Fault};
use prospector_plugin::lenient::{Flag, Int, Lax, LaxList, Text};
use prospector_plugin::plans::requirements;
use prospector_plugin::proposals::{Question, Requirements};
use prospector_plugin::request::encode_into;
use prospector_plugin::types::{Error, ErrorKind, Value};
use prospector_plugin::{Host, money, record, text};
use serde_json::json;

use crate::document::request;
use crate::envelope::ask_for;
use crate::operations::DURATION;
use crate::posting::is_identifier;
use crate::settings::Settings;
use crate::wishes;

/// Characters of a cover letter at most, as the MCP server has it (assumed for the rest).
const LETTER: u32 = 5_000;

/// Questions that the contract takes, and bytes of each.
const QUESTIONS: usize = 32;
const LONGEST: usize = 1024;

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
}

/// A posting that takes proposals: what it asks for, and the path of the page to apply.
pub(crate) struct Open {
    pub(crate) required: Requirements,
    pub(crate) path: String,
}

pub(crate) fn open(host: &dyn Host, settings: &Settings, posting: &str) -> Result<Open, Error> {
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
pub(crate) fn absent(faults: &[Fault], what: &str) -> Option<Error> {
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
