//! Following what was sent and won: asking platforms what became of proposals, and what has changed of contracts.

use std::sync::Arc;

use serde::Serialize;

use super::{App, AppError, Services};
use crate::contract::types::ErrorKind;
use crate::lead::AccountKey;
use crate::notify::{Courier, work};
use crate::pipeline::failure;
use crate::plugin::fault::CallError;
use crate::plugin::platform::{PlatformPlugin, Work};
use crate::proposal::{Proposal, State};
use crate::store::contracts::{ContractCounts, Followed, Position};
use crate::store::proposals::ProposalFilter;
use crate::store::{Scope, StoreError};
use crate::submission::desk::PluginDesk;
use crate::submission::{Pursued, Submission, SubmissionError};

/// Pages of contracts that one round reads.
const MAX_PAGES: u32 = 1_000;

/// What a round found out about a platform.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Round {
    /// The platform's id.
    pub platform: String,
    /// Proposals that stand otherwise than before.
    pub proposals: Vec<Outcome>,
    /// Proposals of which it is not known yet what became of them.
    pub waiting: Vec<Waiting>,
    /// Contracts that were read.
    pub contracts_read: u64,
    /// Contracts never met before.
    pub contracts_new: u64,
    /// Contracts otherwise than before.
    pub contracts_changed: u64,
    /// What could not be done.
    pub errors: Vec<Hindrance>,
}

/// How a proposal stands now.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Which.
    pub number: i64,
    /// Its posting's title.
    pub title: String,
    /// How far it is.
    pub state: State,
}

/// A proposal whose end is awaited.
#[derive(Clone, Debug, Serialize)]
pub struct Waiting {
    /// Which.
    pub number: i64,
    /// When the platform is asked again, in seconds since 1970.
    pub ask_at: i64,
}

/// Something that could not be done.
#[derive(Clone, Debug, Serialize)]
pub struct Hindrance {
    /// `proposals` or `contracts`.
    pub what: &'static str,
    /// For a program.
    pub kind: String,
    /// In a sentence.
    pub message: String,
    /// What to do.
    pub remedy: Option<String>,
}

/// The desk of a platform's account.
///
/// # Errors
/// As [`App::work`].
pub fn desk(app: &App, services: &Services, plugin: &Arc<PlatformPlugin>) -> Result<PluginDesk, AppError> {
    Ok(PluginDesk { plugin: plugin.clone(), work: app.work(services, plugin)?, settings: app.settings(plugin.id())? })
}

/// Proposals of an account, ready to be changed.
#[must_use]
pub fn submission<'d>(app: &App, services: &Services, desk: &'d PluginDesk) -> Submission<'d> {
    Submission { store: services.store.clone(), desk, clock: app.installation.clock.clone() }
}

/// One round for a platform: what was sent and has not come to an end, what has changed at the platform, contracts. What fails is told in the
/// round, and keeps nothing else from being done.
///
/// # Errors
/// The store's.
pub async fn follow(app: &App, services: &Services, plugin: &Arc<PlatformPlugin>) -> Result<Round, AppError> {
    let mut round = Round { platform: plugin.id().to_owned(), ..Round::default() };
    if !plugin.proposes() && !plugin.follows_contracts() {
        return Ok(round);
    }
    let account = app.account(plugin.id());
    let desk = desk(app, services, plugin)?;
    if plugin.proposes() {
        pursue(app, services, &desk, &account, &mut round).await?;
        track(app, services, &desk, &account, &mut round).await?;
    }
    if plugin.follows_contracts() {
        follow_contracts(app, services, plugin, &desk.work, &account, &mut round).await?;
    }
    Ok(round)
}

/// Goes on with what is being submitted, where that is due.
///
/// # Errors
/// The store's.
pub async fn pursue(
    app: &App,
    services: &Services,
    desk: &PluginDesk,
    account: &AccountKey,
    round: &mut Round,
) -> Result<(), AppError> {
    let under_way = ProposalFilter::all(Scope::from(account)).in_states(&[State::Submitting]);
    for proposal in services.store.proposals(&under_way).await? {
        match submission(app, services, desk).pursue(&proposal).await {
            Ok(Pursued::Settled(proposal)) => round.proposals.push(outcome(&proposal)),
            Ok(Pursued::Waits(ask_at)) => round.waiting.push(Waiting { number: proposal.number, ask_at }),
            Err(error) => told("proposals", error, round)?,
        }
    }
    Ok(())
}

async fn track(
    app: &App,
    services: &Services,
    desk: &PluginDesk,
    account: &AccountKey,
    round: &mut Round,
) -> Result<(), AppError> {
    let scope = Scope::from(account);
    // Without a proposal of ours there is nothing to follow, and no reason to ask.
    if services.store.proposals(&ProposalFilter { limit: 1, ..ProposalFilter::all(scope.clone()) }).await?.is_empty() {
        return Ok(());
    }
    let from = services.store.position(account, Followed::Proposals).await?.map(|position| position.cursor);
    let submission = submission(app, services, desk);
    let tracked = match submission.track(&scope, from.clone()).await {
        // A cursor that the plugin does not know any more: from the beginning.
        Err(SubmissionError::Call(CallError::Refused(error)))
            if error.kind == ErrorKind::InvalidInput && from.is_some() =>
        {
            submission.track(&scope, None).await
        }
        tracked => tracked,
    };
    match tracked {
        Ok(tracked) => {
            if let Some(cursor) = tracked.cursor {
                let position = Position { cursor, done_at: Some(app.now()) };
                services.store.set_position(account, Followed::Proposals, Some(&position)).await?;
            }
            // What the platform did not tell of one, it may have told of all.
            round.waiting.retain(|of| !tracked.changed.iter().any(|changed| changed.number == of.number));
            round.proposals.extend(tracked.changed.iter().map(outcome));
            Ok(())
        }
        Err(error) => told("proposals", error, round),
    }
}

async fn follow_contracts(
    app: &App,
    services: &Services,
    plugin: &PlatformPlugin,
    work: &Work,
    account: &AccountKey,
    round: &mut Round,
) -> Result<(), AppError> {
    let settings = app.settings(plugin.id())?;
    let mut cursor = services.store.position(account, Followed::Contracts).await?.map(|position| position.cursor);
    let mut begun_anew = false;
    for _ in 0..MAX_PAGES {
        let page = match plugin.contracts_changed(work, &settings, cursor.as_deref(), app.now()).await {
            Ok(page) => page,
            Err(CallError::Refused(error))
                if error.kind == ErrorKind::InvalidInput && cursor.is_some() && !begun_anew =>
            {
                (cursor, begun_anew) = (None, true);
                continue;
            }
            Err(error) => return told("contracts", error.into(), round),
        };
        let stuck = page.more && cursor.as_ref() == Some(&page.cursor);
        let position = Position { cursor: page.cursor.clone(), done_at: (!page.more).then(|| app.now()) };
        let counts = services.store.record_contracts(account, &page.contracts, &position, app.now()).await;
        let ContractCounts { new, changed, .. } = match counts {
            Ok(counts) => counts,
            Err(error @ StoreError::Exhausted { .. }) => {
                let (kind, message) = ("exhausted".to_owned(), error.to_string());
                round.errors.push(Hindrance { what: "contracts", kind, message, remedy: None });
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        round.contracts_read += page.contracts.len() as u64;
        round.contracts_new += new;
        round.contracts_changed += changed;
        if !page.more || stuck {
            break;
        }
        cursor = Some(page.cursor);
    }
    Ok(())
}

fn outcome(of: &Proposal) -> Outcome {
    Outcome { number: of.number, title: of.content.title.clone(), state: of.state }
}

/// Keeps an error in the round; the store's ends it.
fn told(what: &'static str, error: SubmissionError, round: &mut Round) -> Result<(), AppError> {
    let hindrance = match error {
        // Somebody else goes on with it.
        SubmissionError::Store(StoreError::ProposalChanged { .. }) => return Ok(()),
        SubmissionError::Store(error) => return Err(error.into()),
        SubmissionError::Call(error) => {
            let said = failure(&error);
            Hindrance { what, kind: said.kind, message: said.message, remedy: said.remedy }
        }
        other => Hindrance { what, kind: "state".to_owned(), message: other.to_string(), remedy: None },
    };
    round.errors.push(hindrance);
    Ok(())
}

/// Posts what there is to tell of proposals and contracts, and reminders that are due.
///
/// # Errors
/// The store's.
pub async fn post(app: &App, services: &Services, courier: &Courier) -> Result<(), AppError> {
    if courier.channels().is_empty() {
        return Ok(());
    }
    let (scope, now) = (Scope::profile(app.config().profile.name.clone()), app.now());
    for proposal in services.store.proposals(&ProposalFilter::all(scope.clone())).await? {
        if let Some(notice) = work::of_proposal(&proposal, now) {
            courier.post(notice).await?;
        }
    }
    for contract in services.store.contracts(&scope).await? {
        for notice in work::of_contract(&contract, &app.config().contracts.reminders, now) {
            courier.post(notice).await?;
        }
    }
    Ok(())
}

/// Forgets where following a platform left off, so that the next round reads everything.
///
/// # Errors
/// The store's.
pub async fn forget_positions(app: &App, services: &Services, platform: &str) -> Result<(), AppError> {
    let account = app.account(platform);
    for followed in [Followed::Proposals, Followed::Contracts] {
        services.store.set_position(&account, followed, None).await?;
    }
    Ok(())
}
