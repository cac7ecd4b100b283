//! Proposals, as they are listed and shown: amounts as decimal numbers in main units beside their currency, times in seconds since 1970.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::problems;
use crate::app::leads::scope;
use crate::app::{App, AppError, Services};
use crate::contract::planning::{Cost, Problem};
use crate::contract::proposals::ProposalStatus;
use crate::contract::types::Money;
use crate::proposal::editing::value_json;
use crate::proposal::{Attempt, Deed, Origin, Proposal, Remote, State, Trouble};
use crate::store::proposals::{Passage, ProposalFilter};

/// Which proposals to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// One platform only.
    pub platform: Option<String>,
    /// In one of these states; any where there are none.
    pub states: Vec<State>,
    /// At most so many.
    pub limit: u32,
}

/// A proposal, as it is listed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProposalRow {
    /// Its number.
    pub number: i64,
    /// How far it is.
    pub state: State,
    /// The platform's id.
    pub platform: String,
    /// The posting's id there.
    pub id: String,
    /// The posting's title.
    pub title: String,
    /// Where the posting is read.
    pub url: String,
    /// The lead's points when it was begun.
    pub score: Option<f64>,
    /// What it asks for.
    pub amount: Option<f64>,
    /// The amount's currency.
    pub currency: Option<String>,
    /// How many days the work takes.
    pub days: Option<u32>,
    /// The template that it was made from.
    pub template: Option<String>,
    /// Who began it.
    pub origin: Origin,
    /// How many problems keep it from review.
    pub blocking: usize,
    /// When it was begun.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
}

/// A proposal, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct ShownRow {
    /// The proposal.
    #[serde(flatten)]
    pub proposal: ProposalRow,
    /// Its text.
    pub text: String,
    /// Characters of the text, and how many the platform takes.
    pub characters: usize,
    /// At most, where the platform was asked.
    pub characters_maximum: Option<u32>,
    /// Parts of the work.
    pub milestones: Vec<MilestoneRow>,
    /// What the client asks, with the answers.
    pub answers: Vec<AnswerRow>,
    /// Terms of the platform's own.
    pub attributes: Map<String, Json>,
    /// What stands against it.
    pub problems: Vec<ProblemRow>,
    /// What its last change at the platform uses up.
    pub costs: Vec<CostRow>,
    /// When a person agreed that it is sent as it is.
    pub approved_at: Option<i64>,
    /// Its last change at the platform.
    pub attempt: Option<AttemptRow>,
    /// What the platform has of it.
    pub remote: Option<RemoteRow>,
    /// What the person should look at.
    pub trouble: Option<Trouble>,
    /// The states that it went through.
    pub story: Vec<PassageRow>,
}

/// A part of the work, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct MilestoneRow {
    /// What is done.
    pub description: String,
    /// Its share.
    pub amount: f64,
    /// The share's currency.
    pub currency: String,
    /// By when.
    pub due_at: Option<i64>,
}

/// A question with its answer, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerRow {
    /// As the client asks it.
    pub question: String,
    /// Whether it has to be answered.
    pub required: bool,
    /// The answer; empty where there is none.
    pub answer: String,
}

/// Something that stands against a proposal, as it is printed.
#[derive(Clone, Debug, Serialize)]
pub struct ProblemRow {
    /// The field: `text`, `answers.0`.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
    /// Whether it keeps the proposal from review.
    pub blocking: bool,
}

/// A cost, as it is printed.
#[derive(Clone, Debug, Serialize)]
pub struct CostRow {
    /// `Connects`.
    pub name: String,
    /// In words.
    pub amount: String,
    /// How many, where that can be counted.
    pub quantity: Option<u32>,
}

/// A change at the platform, as it is printed.
#[derive(Clone, Debug, Serialize)]
pub struct AttemptRow {
    /// What is changed.
    pub deed: Deed,
    /// When it was begun.
    pub begun_at: i64,
    /// When its request left.
    pub sent_at: Option<i64>,
}

/// What the platform has, as it is printed.
#[derive(Clone, Debug, Serialize)]
pub struct RemoteRow {
    /// Its identifier there.
    pub id: String,
    /// Its state there.
    pub status: String,
    /// When it was sent.
    pub submitted_at: Option<i64>,
    /// Where it is read.
    pub url: Option<String>,
}

/// A state that it came into, as it is printed.
#[derive(Clone, Debug, Serialize)]
pub struct PassageRow {
    /// When.
    pub at: i64,
    /// Which.
    pub state: State,
    /// What had happened.
    pub note: String,
}

/// Proposals, those changed last first.
///
/// # Errors
/// [`AppError::UnknownPlatform`]; the store's.
pub async fn list(app: &App, services: &Services, listing: &Listing) -> Result<Vec<Proposal>, AppError> {
    let filter =
        ProposalFilter { limit: listing.limit, ..ProposalFilter::all(scope(app, listing.platform.as_deref())?) };
    let filter = if listing.states.is_empty() { filter } else { filter.in_states(&listing.states) };
    Ok(services.store.proposals(&filter).await?)
}

/// A proposal, as it is listed.
#[must_use]
pub fn row(of: &Proposal) -> ProposalRow {
    let content = &of.content;
    let amount = content.draft.amount.as_ref();
    ProposalRow {
        number: of.number,
        state: of.state,
        platform: of.account.platform.clone(),
        id: content.draft.posting.clone(),
        title: content.title.clone(),
        url: content.url.clone(),
        score: content.score.map(crate::lead::Score::points),
        amount: amount.map(units),
        currency: amount.map(|money| money.currency.clone()),
        days: content.draft.duration_days,
        template: content.template.clone(),
        origin: content.origin,
        blocking: problems(content).iter().filter(|problem| problem.blocking).count(),
        created_at: of.created_at,
        updated_at: of.updated_at,
    }
}

/// A proposal, as it is shown.
///
/// # Errors
/// The store's.
pub async fn shown(app: &App, services: &Services, of: &Proposal) -> Result<ShownRow, AppError> {
    let story = services.store.passages(&app.config().profile.name, of.number).await?;
    let content = &of.content;
    let draft = &content.draft;
    let milestones = draft.milestones.iter().map(|of| MilestoneRow {
        description: of.description.clone(),
        amount: units(&of.amount),
        currency: of.amount.currency.clone(),
        due_at: of.due_at,
    });
    Ok(ShownRow {
        proposal: row(of),
        text: draft.text.clone(),
        characters: draft.text.chars().count(),
        characters_maximum: content.requirements.as_ref().map(|of| of.text_maximum),
        milestones: milestones.collect(),
        answers: answers(of),
        attributes: draft.attributes.iter().map(|of| (of.name.clone(), value_json(&of.value))).collect(),
        problems: problems(content).into_iter().map(problem_row).collect(),
        costs: content.attempt.iter().flat_map(|of| &of.costs).map(cost_row).collect(),
        approved_at: content.approval.as_ref().map(|of| of.at),
        attempt: content.attempt.as_ref().map(attempt_row),
        remote: content.remote.as_ref().map(remote_row),
        trouble: content.trouble.clone(),
        story: story.into_iter().map(|Passage { at, state, note }| PassageRow { at, state, note }).collect(),
    })
}

/// The client's questions in their order, then whatever else was answered.
fn answers(of: &Proposal) -> Vec<AnswerRow> {
    let content = &of.content;
    let given = &content.draft.answers;
    let asked = content.requirements.as_ref().map(|of| of.questions.as_slice()).unwrap_or_default();
    let questions = asked.iter().map(|of| AnswerRow {
        question: of.question.clone(),
        required: of.required,
        answer: given
            .iter()
            .find(|given| given.question == of.question)
            .map(|of| of.answer.clone())
            .unwrap_or_default(),
    });
    let others = given.iter().filter(|given| !asked.iter().any(|of| of.question == given.question));
    let others =
        others.map(|of| AnswerRow { question: of.question.clone(), required: false, answer: of.answer.clone() });
    questions.chain(others).collect()
}

/// A problem, as it is printed.
#[must_use]
pub fn problem_row(of: Problem) -> ProblemRow {
    ProblemRow { field: of.field, message: of.message, blocking: of.blocking }
}

fn cost_row(of: &Cost) -> CostRow {
    CostRow { name: of.name.clone(), amount: of.amount.clone(), quantity: of.quantity }
}

fn attempt_row(of: &Attempt) -> AttemptRow {
    AttemptRow { deed: of.deed, begun_at: of.begun_at, sent_at: of.sent_at }
}

fn remote_row(of: &Remote) -> RemoteRow {
    let status = match &of.status {
        ProposalStatus::Submitted => "submitted",
        ProposalStatus::Withdrawn => "withdrawn",
        ProposalStatus::Declined => "declined",
        ProposalStatus::Won => "won",
        ProposalStatus::Other(word) => word,
    };
    RemoteRow { id: of.id.clone(), status: status.to_owned(), submitted_at: of.submitted_at, url: of.url.clone() }
}

/// Hundredths in main units.
fn units(money: &Money) -> f64 {
    money.amount as f64 / 100.0
}
