//! Drafts that make themselves: for leads of at least `scoring.thresholds.auto_pipeline_min` points, and those of a rule with the action `draft`.
//!
//! What is drafted follows from how leads stand in the store, not from the scan that has just ended: what a process that died has left undone, the
//! next one does, and a lead that has a proposal already, of whatever state, gets none. They stop at review.

use std::cmp::Reverse;

use serde::Serialize;
use tokio::sync::Mutex;

use super::draft::{Outcome, Wishes, draft, is_taking};
use super::templates;
use super::{Asking, Plugins};
use crate::app::scan::ErrorRow;
use crate::app::turn::Turn;
use crate::app::{App, AppError, Services, error};
use crate::config::RuleAction;
use crate::contract::types::Payment;
use crate::lead::{Mark, Score};
use crate::plugin::platform::PlatformPlugin;
use crate::proposal::template::Templates;
use crate::proposal::{Origin, State};
use crate::store::proposals::ProposalFilter;
use crate::store::{LeadFilter, Scope, StoreError, StoredLead};

/// A lead is drafted by itself within so many seconds of being found.
const FRESH: i64 = 7 * 86_400;
/// What `proposals.auto_drafts_per_day` counts in.
const DAY: i64 = 86_400;
/// Leads that are tried in vain, at most, beside as many as are drafted.
const PASSED_BY: usize = 10;
/// Leads of a platform that are looked at, at most.
const LOOKED_AT: u32 = 1000;

/// What came of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Made {
    /// New proposals, the best lead first.
    pub drafted: Vec<DraftedRow>,
    /// Leads for which none could be made.
    pub failed: Vec<FailedRow>,
    /// Leads that wait for the next day, since `proposals.auto_drafts_per_day` are made.
    pub waiting: usize,
    /// Templates that cannot be used, with what is wrong.
    #[serde(skip)]
    pub broken: Vec<crate::config::ConfigErrors>,
}

impl Made {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.drafted.is_empty() && self.failed.is_empty() && self.waiting == 0
    }
}

/// A proposal that was made, as it is printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DraftedRow {
    /// Its number.
    pub number: i64,
    /// The platform's id.
    pub platform: String,
    /// The posting's id there.
    pub id: String,
    /// The posting's title.
    pub title: String,
    /// The lead's points.
    pub score: f64,
    /// `review`, or `draft` where something stands against it.
    pub state: State,
    /// The template that it was made from.
    pub template: Option<String>,
}

/// A lead for which no draft could be made, as it is printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FailedRow {
    /// The platform's id.
    pub platform: String,
    /// The posting's id there.
    pub id: String,
    /// Why.
    pub error: ErrorRow,
}

/// Platforms are scanned side by side: who drafts counts what is left of the day alone.
static DRAFTING: Mutex<()> = Mutex::const_new(());

/// Drafts what is due of these platforms. While another process drafts, nothing is: what it leaves, the next scan drafts.
///
/// # Errors
/// The store's, and where the folder of templates cannot be read.
pub async fn draft_due(
    app: &App,
    services: &Services,
    platforms: impl IntoIterator<Item = &PlatformPlugin>,
) -> Result<Made, AppError> {
    let _alone = DRAFTING.lock().await;
    let Some(_turn) = Turn::take_at(app.home(), &app.home().drafts_lock())? else { return Ok(Made::default()) };
    let mut due = Vec::new();
    for plugin in platforms {
        due.extend(candidates(app, services, plugin.id()).await?);
    }
    due.sort_by_key(|(stored, _)| Reverse(stored.lead.explained.score));
    let mut made = Made::default();
    if due.is_empty() {
        return Ok(made);
    }
    let templates = templates::load(app)?;
    let mut left = left(app, services).await?;
    // Of those that turn out to take none any more, so many are passed by: each has cost a request.
    let mut tries = left.saturating_mul(2).saturating_add(PASSED_BY);
    let asking = Plugins { app, services };
    for (stored, origin) in due {
        if left == 0 || tries == 0 {
            made.waiting += 1;
            continue;
        }
        tries -= 1;
        let before = made.drafted.len();
        one(app, services, &asking, &templates, &stored, origin, &mut made).await?;
        left -= made.drafted.len() - before;
    }
    made.broken = templates.broken.into_iter().map(|broken| broken.problems).collect();
    Ok(made)
}

async fn one(
    app: &App,
    services: &Services,
    asking: &dyn Asking,
    templates: &Templates,
    stored: &StoredLead,
    origin: Origin,
    made: &mut Made,
) -> Result<(), AppError> {
    let platform = stored.account.platform.clone();
    let posting = &stored.lead.posting;
    match draft(app, services, asking, stored, templates, &Wishes::default(), origin).await {
        Ok(Outcome::Over(said)) => tracing::info!(platform, id = posting.id, "no draft is made: {said}"),
        Ok(Outcome::Drafted(drafted)) => made.drafted.push(DraftedRow {
            number: drafted.proposal.number,
            platform,
            id: posting.id.clone(),
            title: posting.title.clone(),
            score: stored.lead.explained.score.points(),
            state: drafted.proposal.state,
            template: drafted.proposal.content.template,
        }),
        // Another process was first.
        Err(AppError::Store(StoreError::ProposalExists { .. })) => {}
        Err(AppError::Store(error)) => return Err(error.into()),
        Err(error) => {
            let row = ErrorRow {
                kind: if error.exit_code() == error::exit::CONFIG { "invalid-input" } else { "fault" }.to_owned(),
                message: error.to_string(),
                remedy: error.remedy().map(str::to_owned),
                retry_after: None,
            };
            made.failed.push(FailedRow { platform, id: posting.id.clone(), error: row });
        }
    }
    Ok(())
}

/// How many more may be made now.
async fn left(app: &App, services: &Services) -> Result<usize, AppError> {
    let most = app.config().proposals.auto_drafts_per_day;
    let since = app.now().saturating_sub(DAY);
    // What was created since then was changed since then: they come first.
    let filter = ProposalFilter { limit: 1000, ..ProposalFilter::all(Scope::profile(&app.config().profile.name)) };
    let made = services.store.proposals(&filter).await?;
    let made = made.iter().filter(|of| of.content.origin != Origin::Person && of.created_at > since).count();
    Ok((most as usize).saturating_sub(made))
}

/// Leads of a platform that are to be drafted, with what calls for it.
async fn candidates(app: &App, services: &Services, platform: &str) -> Result<Vec<(StoredLead, Origin)>, AppError> {
    let config = app.config();
    let least = Score::clamped(i64::from(config.scoring.thresholds.auto_pipeline_min) * 100);
    let has_rule = config.rules.iter().any(|rule| rule.action == RuleAction::Draft);
    if !config.proposals.auto_draft && !has_rule {
        return Ok(Vec::new());
    }
    let account = app.account(platform);
    let filter = LeadFilter {
        min_score: (!has_rule).then_some(least),
        since: Some(app.now().saturating_sub(FRESH)),
        marks: Some(Mark::ALL.into_iter().filter(|mark| *mark != Mark::Dismissed).collect()),
        ..LeadFilter::all((&account).into(), LOOKED_AT)
    };
    let mut due = Vec::new();
    for stored in services.store.leads(&filter).await? {
        let explained = &stored.lead.explained;
        let by_rule = explained.rule.as_ref().is_some_and(|rule| rule.action == RuleAction::Draft);
        let by_score = config.proposals.auto_draft && explained.score >= least;
        // A prize is not for a proposal.
        let pays = stored.lead.posting.payment != Payment::Prize;
        let whole = explained.faults.is_empty() && stored.purged_at.is_none() && is_taking(&stored, app.now()) && pays;
        if !whole || !(by_rule || by_score) {
            continue;
        }
        let posting = Some(stored.lead.posting.id.clone());
        let filter = ProposalFilter { posting, limit: 1, ..ProposalFilter::all((&account).into()) };
        if services.store.proposals(&filter).await?.is_empty() {
            due.push((stored, if by_rule { Origin::Rule } else { Origin::Score }));
        }
    }
    Ok(due)
}
