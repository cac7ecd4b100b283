//! Postings as they are stored: leads, what was skipped, and how they changed.

use async_trait::async_trait;

use super::{Facts, Scope, StoreError};
use crate::contract::types::{Posting, UtcSeconds};
use crate::lead::{AccountKey, Lead, Mark, Novelty, Score, Skipped, Stage};

/// How many past states of a posting are remembered; the oldest give way.
pub const MAX_PAST_STATES: usize = 32;

/// How many tags a posting has at most.
pub const MAX_TAGS: usize = 32;

/// Bytes of a tag at most.
pub const MAX_TAG_BYTES: usize = 64;

/// How many postings one call purges the content of at most, so that nobody waits for long.
pub const MAX_PURGED: u32 = 1_000;

/// What leads are sorted by, the largest first; of equals the better score, and then in the order of their keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeadSort {
    /// Those first that a rule ranks before all others, then by score, then the latest posted.
    #[default]
    Score,
    /// When it was posted; what does not say comes last.
    Posted,
    /// When it was first met.
    Seen,
    /// The upper end in USD, of hourly work for 40 hours; what cannot be told comes last.
    Budget,
    /// The score's confidence.
    Confidence,
}

/// Which leads to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadFilter {
    /// Whose.
    pub scope: Scope,
    /// Those with at least this score.
    pub min_score: Option<Score>,
    /// Those first seen then or later.
    pub since: Option<UtcSeconds>,
    /// Those with one of these marks.
    pub marks: Option<Vec<Mark>>,
    /// Those with all of these tags.
    pub tags: Vec<String>,
    /// Those that hold all of these words in title, description or skills, whatever the case of ASCII letters. Words of content that was
    /// purged are not found.
    pub words: Vec<String>,
    /// In which order.
    pub sort: LeadSort,
    /// The smallest first; what has nothing to sort by comes last all the same.
    pub reverse: bool,
    /// So many of the first are left out: a later page.
    pub skip: u32,
    /// At most so many.
    pub limit: u32,
}

impl LeadFilter {
    /// All of a scope, the best first.
    #[must_use]
    pub fn all(scope: Scope, limit: u32) -> LeadFilter {
        LeadFilter {
            scope,
            min_score: None,
            since: None,
            marks: None,
            tags: Vec::new(),
            words: Vec::new(),
            sort: LeadSort::Score,
            reverse: false,
            skip: 0,
            limit,
        }
    }
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
    /// What the person makes of it.
    pub mark: Mark,
    /// The person's tags, in order.
    pub tags: Vec<String>,
    /// When its content came from the platform.
    pub fetched_at: UtcSeconds,
    /// When its content was purged, if it was: titles and other texts are then empty, figures are not.
    pub purged_at: Option<UtcSeconds>,
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
    /// So many of the first are left out: a later page.
    pub skip: u32,
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

/// How many postings of a platform and score there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The platform.
    pub platform: String,
    /// The tens of the score, 0 to 10; none where a posting was dropped before it had one.
    pub band: Option<u32>,
    /// All.
    pub discovered: u64,
    /// Those that were kept with at least a score.
    pub shown: u64,
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
    /// Leads, in the order that the filter asks for.
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

    /// How many postings first seen since a time there are, by platform and score, and how many of those are leads of at least a score.
    async fn tally(&self, scope: &Scope, since: Option<UtcSeconds>, least: Score) -> Result<Vec<Tally>, StoreError>;

    /// Sets what the person makes of a posting.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchPosting`].
    async fn mark(&self, account: &AccountKey, id: &str, mark: Mark) -> Result<(), StoreError>;

    /// Adds tags to a posting and removes others; the tags that it then has. One that is both added and removed is removed.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchPosting`]; [`StoreError::Invalid`] for a tag that is empty, longer than [`MAX_TAG_BYTES`] or has a control character, and
    /// for more than [`MAX_TAGS`].
    async fn tag(
        &self,
        account: &AccountKey,
        id: &str,
        add: &[String],
        remove: &[String],
    ) -> Result<Vec<String>, StoreError>;

    /// Purges the content that came from the platform before a time: titles, descriptions, skills, categories, attributes, and who and where
    /// the client is. Scores with their story, marks, tags, figures and addresses stay. At most [`MAX_PURGED`] a call, the oldest first; how many.
    async fn purge_content(&self, scope: &Scope, before: UtcSeconds, now: UtcSeconds) -> Result<u64, StoreError>;

    /// Stores the content of a lead that was fetched again, in place of what was purged. The rest of the lead stays as it is.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchPosting`] where there is no such lead.
    async fn restore_content(&self, account: &AccountKey, posting: &Posting, now: UtcSeconds)
    -> Result<(), StoreError>;

    /// Forgets postings last seen before a time, with their marks and tags; how many.
    async fn prune_postings(&self, scope: &Scope, before: UtcSeconds) -> Result<u64, StoreError>;
}
