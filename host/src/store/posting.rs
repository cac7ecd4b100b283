//! Postings as they are stored: leads, what was skipped, and how they changed.

use async_trait::async_trait;

use super::{Facts, Scope, StoreError};
use crate::contract::types::UtcSeconds;
use crate::lead::{AccountKey, Lead, Novelty, Score, Skipped, Stage};

/// How many past states of a posting are remembered; the oldest give way.
pub const MAX_PAST_STATES: usize = 32;

/// Which leads to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadFilter {
    /// Whose.
    pub scope: Scope,
    /// Those with at least this score.
    pub min_score: Option<Score>,
    /// Those first seen then or later.
    pub since: Option<UtcSeconds>,
    /// At most so many.
    pub limit: u32,
}

/// A lead, with when it was met.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredLead {
    /// Whose.
    pub account: AccountKey,
    /// The lead.
    pub lead: Lead,
    /// What it was to the last scan that met it.
    pub novelty: Novelty,
    /// When it was first met, kept or not.
    pub first_seen: UtcSeconds,
    /// When it was last met.
    pub last_seen: UtcSeconds,
    /// When its score is from.
    pub scored_at: UtcSeconds,
}

/// Which skipped postings to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedFilter {
    /// Whose.
    pub scope: Scope,
    /// Those dropped at this stage.
    pub stage: Option<Stage>,
    /// Those dropped by this filter or rule.
    pub filter: Option<String>,
    /// Those last seen then or later.
    pub since: Option<UtcSeconds>,
    /// At most so many.
    pub limit: u32,
}

/// A skipped posting, with when it was met.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSkip {
    /// Whose.
    pub account: AccountKey,
    /// What was dropped, and why.
    pub skipped: Skipped,
    /// What it was to the last scan that met it.
    pub novelty: Novelty,
    /// When it was first met, kept or not.
    pub first_seen: UtcSeconds,
    /// When it was last met.
    pub last_seen: UtcSeconds,
}

/// What an identifier leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A posting that was kept.
    Lead(Box<StoredLead>),
    /// One that was dropped.
    Skipped(Box<StoredSkip>),
}

/// How many postings there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Kept.
    pub leads: u64,
    /// Dropped, by what dropped them: the largest first.
    pub skipped: Vec<SkipCount>,
}

/// How many postings one filter of one platform dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkipCount {
    /// The platform.
    pub platform: String,
    /// Where.
    pub stage: Stage,
    /// Which filter or rule.
    pub filter: String,
    /// How many.
    pub count: u64,
}

/// What a posting's figures were.
#[derive(Clone, Debug, PartialEq)]
pub struct PastState {
    /// When it was last seen so.
    pub until: UtcSeconds,
    /// The figures.
    pub facts: Facts,
}

/// Reading postings, and forgetting them. Writing them is [`super::Scans::record_page`].
///
/// A row that cannot be read, for another version of the program wrote it, is left out of lists with a warning in the log, and is
/// an error where it was asked for by its identifier.
#[async_trait]
pub trait Postings: Send + Sync {
    /// Leads, the best first, then the latest posted.
    async fn leads(&self, filter: &LeadFilter) -> Result<Vec<StoredLead>, StoreError>;

    /// Skipped postings, the latest seen first.
    async fn skipped(&self, filter: &SkippedFilter) -> Result<Vec<StoredSkip>, StoreError>;

    /// The posting that `reference` means: its identifier or the beginning of one, with the platform before it where that is
    /// needed: `40123`, `401`, `workbazaar/40123`. A whole identifier is preferred to the beginning of another.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchPosting`]; [`StoreError::Ambiguous`] with the candidates.
    async fn find(&self, scope: &Scope, reference: &str) -> Result<Found, StoreError>;

    /// What the posting's status, budget and number of proposals were before, the latest first: at most [`MAX_PAST_STATES`].
    async fn past_states(&self, account: &AccountKey, id: &str) -> Result<Vec<PastState>, StoreError>;

    /// How many postings there are, and what dropped those that were dropped. `since`: those last seen then or later.
    async fn counts(&self, scope: &Scope, since: Option<UtcSeconds>) -> Result<Counts, StoreError>;

    /// Forgets postings last seen before a time, for platforms that limit how long their content may be kept; how many.
    async fn prune_postings(&self, scope: &Scope, before: UtcSeconds) -> Result<u64, StoreError>;
}
