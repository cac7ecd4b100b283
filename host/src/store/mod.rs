//! The store: what scans found, and what plugins keep, between runs.
//!
//! Each concern is a trait of its own ([`Scans`], [`ScanProgress`], [`Postings`], [`ScoredLeads`], [`PluginData`], [`Audit`], [`Outbox`],
//! [`News`], [`Pacing`], [`Proposals`], [`Contracts`]), so that a room is handed no more than
//! it uses; [`Store`] is all of them. [`SqliteStore`] is the one that is embedded. A second backend implements the traits and runs
//! the same tests (`contract`); the bounds, the question what makes a posting new or changed, and the texts of errors are
//! here, outside any backend.
//!
//! Whose data it is ([`AccountKey`]) is the beginning of every key: no call tells anything over profiles. (The
//! audit's bound is the file's, so its oldest rows go whosever they are.)
//! Time is an argument everywhere: the store has no clock.
//!
//! # Threat model
//!
//! Secrets are not kept here; the rest is still nobody else's business: a file of mode 0600 in a folder of mode 0700. What
//! plugins store is bounded in number and size within the transaction that stores it, so that two calls at once cannot
//! pass a bound together. Texts of platforms are kept as they came, escapes and NUL included, and only ever bound as parameters.
//! Another program of the same user can read and change the file: nothing here is authenticated.

mod audit;
mod content;
#[cfg(test)]
pub(crate) mod contract;
pub mod contracts;
mod error;
pub mod news;
mod observed;
pub mod outbox;
pub mod pacing;
mod plugin_data;
mod posting;
pub mod progress;
pub mod proposals;
mod scan;
mod scored;
mod sqlite;

use std::fmt;

use async_trait::async_trait;

pub use audit::{Audit, AuditFilter, AuditRow, MAX_PRUNED};
pub use content::Facts;
pub use contracts::Contracts;
pub use error::StoreError;
pub use news::News;
pub use outbox::Outbox;
pub use pacing::Pacing;
pub use plugin_data::{
    DueWakeUp, MAX_STATE_BYTES, MAX_STATE_KEY_BYTES, MAX_STATE_KEYS, MAX_STATE_VALUE_BYTES, MAX_WAKE_UP_AHEAD,
    MAX_WAKE_UP_CALLS_A_DAY, MAX_WAKE_UP_KEY_BYTES, MAX_WAKE_UPS, MIN_WAKE_UP_AHEAD, PluginData, Quota, StateEntry,
    WakeUp, day_of,
};
pub use posting::{
    Counts, Found, LeadFilter, LeadSort, MAX_PAST_STATES, MAX_PURGED, MAX_TAG_BYTES, MAX_TAGS, PastState, Postings,
    SkipCount, SkippedFilter, StoredLead, StoredSkip, Tally,
};
pub use progress::{OpenScan, Progress, ScanProgress};
pub use proposals::Proposals;
pub use scan::{
    MAX_LEASE, Page, PageSummary, ScanCounts, ScanFailure, ScanId, ScanLease, ScanOutcome, ScanRecord, ScanState, Scans,
};
pub use scored::{LeadKey, ScoredLead, ScoredLeads};
pub use sqlite::{Examination, HeldLease, SqliteStore};

use crate::lead::AccountKey;

/// All that is stored, in one place.
///
/// **Cancellation.** Dropping a future undoes what it had begun: each call is one transaction.
///
/// **Durability.** What a call has stored survives the end of the process, however it ends. After a power failure the last
/// moments may be missing, never half there.
#[async_trait]
pub trait Store:
    Scans + ScanProgress + Postings + ScoredLeads + PluginData + Audit + Outbox + News + Pacing + Proposals + Contracts
{
    /// Removes what is stored of an account, or of all accounts of a platform; how many rows that were.
    ///
    /// Two things stay: the audit, which is there to outlive what it tells of, and the daily counts, since removing and adding
    /// a plugin must not renew its quotas. A scan that runs meanwhile ends with [`StoreError::LeaseLost`].
    ///
    /// # Errors
    ///
    /// [`StoreError::Invalid`] for a scope without a platform: emptying a whole profile is asked for platform by platform.
    async fn purge(&self, scope: &Scope, what: Purge) -> Result<u64, StoreError>;

    /// Finishes what is under way and closes the file tidily. Without it nothing is lost; the next opening takes a little longer.
    async fn close(&self);
}

/// How much [`Store::purge`] removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purge {
    /// The plugin's own state and wake-ups.
    PluginData,
    /// That, and leads, skipped postings, their history, scans, proposals, contracts, and events in the outbox.
    Everything,
}

/// Whose data a question is about: a profile's, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The profile.
    pub profile: String,
    /// One platform only.
    pub platform: Option<String>,
    /// One account only.
    pub account: Option<String>,
}

impl Scope {
    /// All of a profile's.
    #[must_use]
    pub fn profile(profile: impl Into<String>) -> Scope {
        Scope { profile: profile.into(), platform: None, account: None }
    }

    /// Narrowed to a platform.
    #[must_use]
    pub fn on(mut self, platform: impl Into<String>) -> Scope {
        self.platform = Some(platform.into());
        self
    }
}

impl From<&AccountKey> for Scope {
    fn from(key: &AccountKey) -> Scope {
        Scope { profile: key.profile.clone(), platform: Some(key.platform.clone()), account: Some(key.account.clone()) }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "profile {}", self.profile)?;
        if let Some(platform) = &self.platform {
            write!(f, ", platform {platform}")?;
        }
        if let Some(account) = &self.account {
            write!(f, ", account {account}")?;
        }
        Ok(())
    }
}
