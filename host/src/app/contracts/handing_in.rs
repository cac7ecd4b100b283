//! Handing in milestones, each after a person's approval.

use std::sync::Arc;

use async_trait::async_trait;

use super::{find, milestone_word};
use crate::app::following::desk;
use crate::app::{App, AppError, Services};
use crate::capability::http::permit::{Outcome, Permission, SentLedger};
use crate::contract::contracts::MilestoneStatus;
use crate::contract::milestones::Submission;
use crate::contract::planning::{Plan, Way};
use crate::plugin::proposals::{Previewed, permit};
use crate::store::contracts::StoredContract;

/// A milestone that is about to be handed in.
#[derive(Debug)]
pub struct Prepared {
    /// The contract.
    pub contract: StoredContract,
    /// Which, and what the client is told.
    pub hand_in: Submission,
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
    let plugin = app.installation.named(&contract.account.platform).await?;
    if !plugin.hands_in() {
        let name = &plugin.descriptor.display_name;
        let place = of.url.as_ref().map_or_else(String::new, |url| format!(": {url}"));
        return Err(AppError::Unsupported(format!(
            "{name} offers no way of handing in milestones but its own page{place}"
        )));
    }
    let desk = desk(app, services, plugin)?;
    let hand_in = Submission { contract: of.id.clone(), milestone: milestone.to_owned(), message, amount: None };
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
    let plugin: &Arc<_> = app.installation.named(&prepared.contract.account.platform).await?;
    let desk = desk(app, services, plugin)?;
    let permit = permit(planned, Box::new(Audited));
    let reference = prepared.previewed.plan.reference.as_deref();
    plugin
        .submit_milestone(&desk.work, &desk.settings, &prepared.hand_in, reference, &permit)
        .await
        .map_err(AppError::Call)?;
    match permit.as_ref() {
        Permission::Write(permit) if permit.settle() != Outcome::Unspent => Ok(None),
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
