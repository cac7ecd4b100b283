//! Sending proposals, changing them at the platform, and taking them back: each after a person's approval.

use std::sync::Arc;

use jiff::Timestamp;

use super::{find, problems, written};
use crate::app::error::exit;
use crate::app::following::{Round, desk, pursue, submission};
use crate::app::{App, AppError, Services};
use crate::contract::proposals::Change;
use crate::contract::types::UtcSeconds;
use crate::notify::hours::zone;
use crate::plugin::platform::PlatformPlugin;
use crate::proposal::state::Event;
use crate::proposal::{Content, Proposal, State};
use crate::store::StoreError;
use crate::store::proposals::{Allowance, Spent};
use crate::submission::desk::PluginDesk;
use crate::submission::{Prepared, SubmissionError, Wish};

/// How long a command waits for a platform to show what it was sent, in seconds.
const PATIENCE: i64 = 180;

/// A proposal that is about to be changed at its platform.
pub struct Sending {
    /// What would be done, to be shown to a person.
    pub prepared: Prepared,
    desk: PluginDesk,
}

/// Asks the platform what a wish comes to. Nothing is changed there.
///
/// # Errors
/// Where something stands against it; see [`SubmissionError`].
pub async fn prepare(app: &App, services: &Services, number: i64, wish: Wish) -> Result<Sending, AppError> {
    let mut proposal = find(app, services, number).await?;
    let plugin = plugin(app, &proposal).await?;
    if matches!(wish, Wish::Submit) {
        proposal = ready(app, services, proposal).await?;
    }
    let desk = desk(app, services, plugin)?;
    let prepared = submission(app, services, &desk).prepare(proposal, wish).await.map_err(told)?;
    Ok(Sending { prepared, desk })
}

/// Carries out what a person has agreed to, by the digest of what was shown. What came of it is in the proposal.
///
/// # Errors
/// Where sending is paused, a budget would be passed, or what would be done is not what was agreed to.
pub async fn carry_out(
    app: &App,
    services: &Services,
    sending: Sending,
    agreed_to: &str,
) -> Result<Proposal, AppError> {
    let Sending { prepared, desk } = sending;
    let number = prepared.proposal.number;
    if prepared.digest != agreed_to {
        let approved = agreed_to.to_owned();
        return Err(told(SubmissionError::OtherThanApproved { number, approved }));
    }
    // As with the switch in the store: what was sent can be changed and taken back.
    if app.config().proposals.paused && matches!(prepared.change, Change::Submit(_)) {
        return Err(AppError::Failed {
            message: "sending proposals is paused by `proposals.paused` in the configuration".to_owned(),
            remedy: Some("Take that out; `ghoststack prospector config path` says which file it is in".to_owned()),
            exit_code: exit::FAILURE,
        });
    }
    let submission = submission(app, services, &desk);
    let prepared = if prepared.is_approved() { prepared } else { submission.approve(prepared).await.map_err(told)? };
    submission.carry_out(&prepared, &allowances(app)).await.map_err(told)
}

/// Waits until it is known what became of a proposal, as long as that is worth waiting for.
///
/// # Errors
/// The store's.
pub async fn awaited(app: &App, services: &Services, sent: Proposal) -> Result<Proposal, AppError> {
    let plugin = plugin(app, &sent).await?;
    let desk = desk(app, services, plugin)?;
    let clock = &app.installation.clock;
    let until = app.now().saturating_add(PATIENCE);
    loop {
        let now = find(app, services, sent.number).await?;
        let Some(attempt) = now.content.attempt.as_ref().filter(|_| now.state == State::Submitting) else {
            return Ok(now);
        };
        if attempt.deed == crate::proposal::Deed::HandOver || attempt.ask_at > until {
            return Ok(now);
        }
        let wait = attempt.ask_at.saturating_sub(app.now()).clamp(1, PATIENCE);
        clock.wait(std::time::Duration::from_secs(wait.unsigned_abs())).await;
        let mut round = Round::default();
        pursue(app, services, &desk, &now.account, &mut round).await?;
        if app.now() >= until {
            return find(app, services, sent.number).await;
        }
    }
}

/// The person's word on whether a proposal was sent.
///
/// # Errors
/// Where nobody asked for it; the store's.
pub async fn resolve(app: &App, services: &Services, number: i64, was_sent: bool) -> Result<Proposal, AppError> {
    let proposal = find(app, services, number).await?;
    let desk = desk(app, services, plugin(app, &proposal).await?)?;
    submission(app, services, &desk).resolve(&proposal, was_sent).await.map_err(told)
}

/// A draft for a proposal that the platform has, with single terms changed.
///
/// # Errors
/// As [`super::edit::changed`]; where something stands against it.
pub fn revised(of: &Proposal, changes: &super::edit::Changes) -> Result<Wish, AppError> {
    let draft = super::edit::changed(&of.content, changes)?;
    let content = Content { draft: draft.clone(), ..of.content.clone() };
    if let Some(problem) = problems(&content).into_iter().find(|problem| problem.blocking) {
        return Err(AppError::Usage(format!("{}: {}", problem.field, problem.message)));
    }
    Ok(Wish::Revise(Box::new(draft)))
}

async fn plugin<'a>(app: &'a App, of: &Proposal) -> Result<&'a Arc<PlatformPlugin>, AppError> {
    let plugin = app.installation.named(&of.account.platform).await?;
    if plugin.proposes() {
        return Ok(plugin);
    }
    let name = &plugin.descriptor.display_name;
    Err(AppError::Unsupported(format!(
        "the plugin of {name} cannot send proposals; send it yourself at {}",
        of.content.url
    )))
}

/// The proposal as it can be prepared: one that failed is checked once more, and waits for review again.
async fn ready(app: &App, services: &Services, of: Proposal) -> Result<Proposal, AppError> {
    let found = problems(&of.content);
    let number = of.number;
    if matches!(of.state, State::Draft | State::Failed | State::Review | State::Approved)
        && found.iter().any(|problem| problem.blocking)
    {
        let problems = found.into_iter().filter(|problem| problem.blocking).collect();
        return Err(told(SubmissionError::Problems { number, problems }));
    }
    let anew = match of.state {
        State::Failed => of.state.next(Event::Edited).map(|_| written(&found)),
        State::Draft => Some(written(&found)),
        _ => None,
    };
    let Some(state) = anew.filter(|state| *state == State::Review) else { return Ok(of) };
    let content = Content { approval: None, trouble: None, attempt: None, ..of.content.clone() };
    Ok(services.store.change_proposal(&of, state, &content, "checked again", app.now()).await?)
}

/// What may be used up, by the configuration, since the day and the month began in the person's zone.
fn allowances(app: &App) -> Vec<Allowance> {
    let budget = &app.config().proposals.budget;
    let (day, month) = beginnings(app);
    let each = [("day", day, &budget.day), ("month", month, &budget.month)];
    each.into_iter()
        .flat_map(|(period, since, names)| {
            names.iter().map(move |(name, most)| Allowance { period, since, name: name.clone(), most: *most })
        })
        .collect()
}

/// When this day and this month began.
fn beginnings(app: &App) -> (UtcSeconds, UtcSeconds) {
    let zone = zone(&app.config().profile.timezone);
    let here = Timestamp::from_second(app.now()).unwrap_or_default().to_zoned(zone);
    let start = |at: Result<jiff::Zoned, jiff::Error>| at.map_or(0, |at| at.timestamp().as_second());
    let day = here.start_of_day();
    (start(day.clone()), start(day.and_then(|day| day.first_of_month())))
}

/// What is used up of a budget.
#[derive(Clone, Debug, serde::Serialize)]
pub struct BudgetRow {
    /// `day` or `month`.
    pub period: &'static str,
    /// What is counted.
    pub name: String,
    /// Used up.
    pub spent: u64,
    /// At most.
    pub most: u32,
}

/// How budgets stand, and since when sending is paused.
///
/// # Errors
/// The store's.
pub async fn budgets(app: &App, services: &Services) -> Result<(Vec<BudgetRow>, Option<UtcSeconds>), AppError> {
    let profile = &app.config().profile.name;
    let mut rows = Vec::new();
    for Allowance { period, since, name, most } in allowances(app) {
        let spent = services.store.spent(profile, since).await?;
        let of_this = |spent: &&Spent| spent.name.eq_ignore_ascii_case(&name);
        let spent = spent.iter().filter(of_this).map(|spent| spent.quantity).sum();
        rows.push(BudgetRow { period, name, spent, most });
    }
    Ok((rows, services.store.paused_since(profile).await?))
}

/// Stops sending, or lets it go on.
///
/// # Errors
/// The store's.
pub async fn pause(app: &App, services: &Services, paused: bool) -> Result<(), AppError> {
    Ok(services.store.pause_proposals(&app.config().profile.name, paused, app.now()).await?)
}

/// What an error is to whoever asked, with what to do.
fn told(error: SubmissionError) -> AppError {
    let (remedy, exit_code) = match &error {
        SubmissionError::Store(_) | SubmissionError::Call(_) => (None, exit::FAILURE),
        SubmissionError::Problems { number, .. } => {
            (Some(format!("Run `ghoststack prospector proposals edit {number}`")), exit::USAGE)
        }
        SubmissionError::State { number, .. } => {
            (Some(format!("See `ghoststack prospector proposals show {number}`")), exit::USAGE)
        }
        SubmissionError::AlreadyThere(of) => {
            (Some(format!("See `ghoststack prospector proposals show {}`", of.number)), exit::OK)
        }
        SubmissionError::OtherThanApproved { .. } => (None, exit::USAGE),
    };
    match error {
        SubmissionError::Store(StoreError::ProposalChanged { number }) => {
            AppError::Busy(StoreError::ProposalChanged { number }.to_string())
        }
        SubmissionError::Store(error @ (StoreError::Paused { .. } | StoreError::OverBudget { .. })) => {
            AppError::Failed { message: error.to_string(), remedy: None, exit_code: exit::FAILURE }
        }
        SubmissionError::Store(error) => error.into(),
        SubmissionError::Call(error) => AppError::from_call(&error),
        other => AppError::Failed { message: other.to_string(), remedy, exit_code },
    }
}
