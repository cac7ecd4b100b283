//! Going through all leads by their keys, for what weighs them anew or tries something on them.

use async_trait::async_trait;

use super::{Scope, StoreError};
use crate::contract::types::{Posting, UtcSeconds};
use crate::lead::{AccountKey, Explained, Mark};

/// Which lead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeadKey {
    /// Whose.
    pub account: AccountKey,
    /// Its identifier at the platform.
    pub id: String,
}

/// A lead as far as its score goes.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredLead {
    /// Which.
    pub key: LeadKey,
    /// Its title.
    pub title: String,
    /// When it was posted, if that is known.
    pub posted_at: Option<UtcSeconds>,
    /// What the person makes of it.
    pub mark: Mark,
    /// Its score.
    pub explained: Explained,
    /// The posting, where it was asked for.
    pub posting: Option<Posting>,
}

/// Reading scores in bulk, and replacing them.
#[async_trait]
pub trait ScoredLeads: Send + Sync {
    /// Leads in the order of their keys, from the one after `after` on: at most `limit`. A row that cannot be read is left out, with a
    /// warning in the log. Where postings are asked for, those whose content was purged are left out: they cannot be judged.
    async fn scored(
        &self,
        scope: &Scope,
        after: Option<&LeadKey>,
        with_postings: bool,
        limit: u32,
    ) -> Result<Vec<ScoredLead>, StoreError>;

    /// How many leads there are whose content was purged.
    async fn purged(&self, scope: &Scope) -> Result<u64, StoreError>;

    /// Replaces scores, all or none; how many leads were still there. When they are from stays as it was: nothing was judged anew.
    async fn rescore(&self, leads: &[(LeadKey, Explained)]) -> Result<u64, StoreError>;
}
