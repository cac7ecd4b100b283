//! Won work, as it is shown.

pub mod handing_in;

use serde::Serialize;

use super::leads::scope;
use super::posting::amount;
use super::{App, AppError, Services};
use crate::contract::contracts::{ContractStatus, Milestone, MilestoneStatus};
use crate::contract::types::{Money, Payment};
use crate::proposal::{Proposal, State};
use crate::store::Scope;
use crate::store::contracts::{StoredContract, is_running};
use crate::store::proposals::ProposalFilter;

/// An amount of money, as it is printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MoneyRow {
    /// In the currency's main unit.
    pub amount: f64,
    /// ISO 4217.
    pub currency: String,
}

impl From<&Money> for MoneyRow {
    fn from(of: &Money) -> MoneyRow {
        MoneyRow { amount: amount(of.amount), currency: of.currency.clone() }
    }
}

/// A milestone, as it is printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MilestoneRow {
    /// The platform's identifier.
    pub id: String,
    /// What it is.
    pub description: String,
    /// What it pays.
    pub amount: Option<MoneyRow>,
    /// In seconds since 1970.
    pub due_at: Option<i64>,
    /// When it was handed in: by the platform's word, or when it was first seen so.
    pub submitted_at: Option<i64>,
    /// One of the contract's words, or the platform's own.
    pub status: String,
}

/// A contract, as it is printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContractRow {
    /// The platform's id.
    pub platform: String,
    /// The platform's identifier.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who pays.
    pub client: Option<String>,
    /// One of the contract's words, or the platform's own.
    pub status: String,
    /// Whether work goes on.
    pub running: bool,
    /// `fixed`, `hourly`...
    pub payment: String,
    /// For the whole, or per hour.
    pub amount: Option<MoneyRow>,
    /// The most hours that are paid in a week.
    pub weekly_hours: Option<u32>,
    /// In seconds since 1970.
    pub starts_at: Option<i64>,
    /// In seconds since 1970.
    pub ends_at: Option<i64>,
    /// The posting's identifier.
    pub posting: Option<String>,
    /// The platform's identifier of the proposal.
    pub proposal: Option<String>,
    /// The number of the proposal that it came of, where Prospector has it.
    pub proposal_number: Option<i64>,
    /// Where it is read.
    pub url: Option<String>,
    /// In the platform's order.
    pub milestones: Vec<MilestoneRow>,
}

/// A contract for people and programs. `sent` are proposals that platforms have.
fn row(of: &StoredContract, sent: &[Proposal]) -> ContractRow {
    let contract = &of.contract;
    let milestone = |milestone: &Milestone| MilestoneRow {
        id: milestone.id.clone(),
        description: milestone.description.clone(),
        amount: milestone.amount.as_ref().map(MoneyRow::from),
        due_at: milestone.due_at,
        submitted_at: milestone.submitted_at.or_else(|| of.handed_in.get(&milestone.id).copied()),
        status: milestone_word(&milestone.status).to_owned(),
    };
    ContractRow {
        platform: of.account.platform.clone(),
        id: contract.id.clone(),
        title: contract.title.clone(),
        client: contract.client.clone(),
        status: contract_word(&contract.status).to_owned(),
        running: is_running(&contract.status),
        payment: payment_word(&contract.payment).to_owned(),
        amount: contract.amount.as_ref().map(MoneyRow::from),
        weekly_hours: contract.weekly_hours,
        starts_at: contract.starts_at,
        ends_at: contract.ends_at,
        posting: contract.posting.clone(),
        proposal: contract.proposal.clone(),
        proposal_number: origin(of, sent).map(|proposal| proposal.number),
        url: contract.url.clone(),
        milestones: contract.milestones.iter().map(milestone).collect(),
    }
}

/// The proposal that a contract came of: the one that it names, else the one to its posting that was won.
fn origin<'p>(of: &StoredContract, sent: &'p [Proposal]) -> Option<&'p Proposal> {
    let own = || sent.iter().filter(|proposal| proposal.account == of.account);
    let named =
        of.contract.proposal.as_ref().and_then(|id| {
            own().find(|proposal| proposal.content.remote.as_ref().is_some_and(|remote| remote.id == *id))
        });
    named.or_else(|| {
        let posting = of.contract.posting.as_ref()?;
        own().find(|proposal| proposal.state == State::Won && proposal.content.draft.posting == *posting)
    })
}

fn contract_word(of: &ContractStatus) -> &str {
    match of {
        ContractStatus::Offered => "offered",
        ContractStatus::Active => "active",
        ContractStatus::Paused => "paused",
        ContractStatus::Completed => "completed",
        ContractStatus::Ended => "ended",
        ContractStatus::Other(word) => word,
    }
}

fn milestone_word(of: &MilestoneStatus) -> &str {
    match of {
        MilestoneStatus::Upcoming => "upcoming",
        MilestoneStatus::InProgress => "in_progress",
        MilestoneStatus::Submitted => "submitted",
        MilestoneStatus::Approved => "approved",
        MilestoneStatus::RevisionRequested => "revision_requested",
        MilestoneStatus::Other(word) => word,
    }
}

fn payment_word(of: &Payment) -> &str {
    match of {
        Payment::Fixed => "fixed",
        Payment::Hourly => "hourly",
        Payment::Prize => "prize",
        Payment::Unstated => "unstated",
        Payment::Other(word) => word,
    }
}

/// Contracts: those that run, or all of them.
///
/// # Errors
/// The store's, or an unknown platform.
pub async fn list(
    app: &App,
    services: &Services,
    platform: Option<&str>,
    all: bool,
) -> Result<Vec<ContractRow>, AppError> {
    let scope = scope(app, platform)?;
    let found = services.store.contracts(&scope).await?;
    let sent = services.store.proposals(&ProposalFilter::all(scope).in_states(&SENT)).await?;
    let wanted =
        |of: &&StoredContract| all || is_running(&of.contract.status) || of.contract.status == ContractStatus::Offered;
    Ok(found.iter().filter(wanted).map(|of| row(of, &sent)).collect())
}

/// The contract that a reference means, as it is shown.
///
/// # Errors
/// The store's.
pub async fn shown(app: &App, services: &Services, reference: &str) -> Result<ContractRow, AppError> {
    let found = find(app, services, reference).await?;
    let sent = ProposalFilter::all(Scope::from(&found.account)).in_states(&SENT);
    Ok(row(&found, &services.store.proposals(&sent).await?))
}

/// States of proposals that a contract may come of.
const SENT: [State; 4] = [State::Submitted, State::Won, State::Lost, State::Withdrawn];

/// The contract that a reference means.
///
/// # Errors
/// The store's.
pub async fn find(app: &App, services: &Services, reference: &str) -> Result<StoredContract, AppError> {
    Ok(services.store.contract(&scope(app, None)?, reference).await?)
}
