//! Won work, as it is shown, and handing in milestones.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Serialize;

use super::following::desk;
use super::leads::scope;
use super::posting::amount;
use super::{App, AppError, Services};
use crate::capability::http::permit::{Outcome, Permission, SentLedger};
use crate::contract::contracts::{ContractStatus, Milestone, MilestoneStatus};
use crate::contract::milestones::Submission as HandIn;
use crate::contract::planning::{Plan, Way};
use crate::contract::types::{Money, Payment};
use crate::plugin::proposals::{Previewed, permit};
use crate::store::contracts::{StoredContract, is_running};

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
    /// Where it is read.
    pub url: Option<String>,
    /// In the platform's order.
    pub milestones: Vec<MilestoneRow>,
}

/// A contract for people and programs.
#[must_use]
pub fn row(of: &StoredContract) -> ContractRow {
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
        url: contract.url.clone(),
        milestones: contract.milestones.iter().map(milestone).collect(),
    }
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
    let found = services.store.contracts(&scope(app, platform)?).await?;
    let wanted =
        |of: &&StoredContract| all || is_running(&of.contract.status) || of.contract.status == ContractStatus::Offered;
    Ok(found.iter().filter(wanted).map(row).collect())
}

/// The contract that a reference means.
///
/// # Errors
/// The store's.
pub async fn find(app: &App, services: &Services, reference: &str) -> Result<StoredContract, AppError> {
    Ok(services.store.contract(&scope(app, None)?, reference).await?)
}

/// A milestone that is about to be handed in.
#[derive(Debug)]
pub struct Prepared {
    /// The contract.
    pub contract: StoredContract,
    /// Which, and what the client is told.
    pub hand_in: HandIn,
    previewed: Previewed,
}

impl Prepared {
    /// What would be done.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.previewed.plan
    }
}

/// Asks what handing in a milestone comes to. Nothing is changed.
///
/// # Errors
/// An unknown contract or milestone, or one that cannot be handed in; the platform's and the plugin's.
pub async fn prepare(
    app: &App,
    services: &Services,
    reference: &str,
    milestone: &str,
    message: String,
) -> Result<Prepared, AppError> {
    let contract = find(app, services, reference).await?;
    let of = &contract.contract;
    let Some(found) = of.milestones.iter().find(|candidate| candidate.id == milestone) else {
        let known: Vec<&str> = of.milestones.iter().map(|milestone| milestone.id.as_str()).collect();
        return Err(AppError::Usage(format!(
            "the contract {} has no milestone {milestone}; it has: {}",
            of.id,
            if known.is_empty() { "none".to_owned() } else { known.join(", ") }
        )));
    };
    if matches!(found.status, MilestoneStatus::Submitted | MilestoneStatus::Approved) {
        let word = milestone_word(&found.status);
        return Err(AppError::Usage(format!(
            "the milestone {milestone} is {word} already; `ghoststack prospector contracts sync` asks again"
        )));
    }
    let plugin = app.installation.plugin(&contract.account.platform)?;
    if !plugin.hands_in() {
        let name = &plugin.descriptor.display_name;
        let place = of.url.as_ref().map_or_else(String::new, |url| format!(": {url}"));
        return Err(AppError::Unsupported(format!(
            "{name} offers no way of handing in milestones but its own page{place}"
        )));
    }
    let desk = desk(app, services, plugin)?;
    let hand_in = HandIn { contract: of.id.clone(), milestone: milestone.to_owned(), message, amount: None };
    let previewed = plugin.preview_milestone(&desk.work, &desk.settings, &hand_in).await.map_err(AppError::Call)?;
    if let Some(problem) = previewed.plan.problems.iter().find(|problem| problem.blocking) {
        return Err(AppError::Usage(format!("it cannot be handed in: {}: {}", problem.field, problem.message)));
    }
    Ok(Prepared { contract, hand_in, previewed })
}

/// Hands in what was prepared, and a person has approved: at most one request leaves. The page to go to, where the platform leaves it to the person.
///
/// # Errors
/// The platform's and the plugin's. Where no answer came, the next sync tells what became of it; to hand in again does no harm.
pub async fn hand_in(app: &App, services: &Services, prepared: &Prepared) -> Result<Option<String>, AppError> {
    let planned = match (&prepared.previewed.plan.way, &prepared.previewed.planned) {
        (Way::Send(_), Some(planned)) => planned.clone(),
        (Way::HandOver(url), _) => return Ok(Some(url.clone())),
        (Way::Send(_), None) => return Err(AppError::Plugin("the plan has no request".to_owned())),
    };
    let plugin: &Arc<_> = app.installation.plugin(&prepared.contract.account.platform)?;
    let desk = desk(app, services, plugin)?;
    let permit = permit(planned, Box::new(Audited));
    let reference = prepared.previewed.plan.reference.as_deref();
    plugin
        .submit_milestone(&desk.work, &desk.settings, &prepared.hand_in, reference, &permit)
        .await
        .map_err(AppError::Call)?;
    match permit.as_ref() {
        Permission::Write(permit) if permit.outcome() != Outcome::Unspent => Ok(None),
        _ => Err(AppError::Plugin(format!("{} says that it is done, and sent nothing", plugin.id()))),
    }
}

/// The audit has the request, and handing in twice does no harm: nothing else has to be kept.
struct Audited;

#[async_trait]
impl SentLedger for Audited {
    async fn record_sent(&self) -> Result<(), String> {
        Ok(())
    }
}
