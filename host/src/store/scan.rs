//! Scans: one at a time for an account, recorded page by page, recognisable when they were cut off.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Scope, StoreError};
use crate::contract::types::UtcSeconds;
use crate::lead::{AccountKey, Lead, Novelty, Skipped};

/// The longest that a lease may last without being renewed. It also bounds what a clock that was turned back can do: a lease
/// that claims to last longer counts as expired.
pub const MAX_LEASE: Duration = Duration::from_secs(15 * 60);

/// The right to scan an account: one holder at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanLease {
    pub(super) account: AccountKey,
    pub(super) token: String,
}

impl ScanLease {
    /// Which account.
    #[must_use]
    pub fn account(&self) -> &AccountKey {
        &self.account
    }
}

/// One scan of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanId {
    pub(super) account: AccountKey,
    pub(super) number: i64,
}

impl ScanId {
    /// Which account.
    #[must_use]
    pub fn account(&self) -> &AccountKey {
        &self.account
    }

    /// Counts up from 1 within the account.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.number
    }
}

/// What became of one page of postings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Those that were kept.
    pub leads: Vec<Lead>,
    /// Those that were dropped.
    pub skipped: Vec<Skipped>,
}

/// How a page compares with what was stored before its scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageSummary {
    /// For each of [`Page::leads`], in order.
    pub leads: Vec<Novelty>,
    /// For each of [`Page::skipped`], in order.
    pub skipped: Vec<Novelty>,
    /// How many there were of each kind; a posting that the scan has met before is not counted again.
    pub counts: ScanCounts,
}

/// Distinct postings of a page or a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanCounts {
    /// Never seen before.
    pub new: u64,
    /// Seen before, and different now; see [`crate::store`] for what counts.
    pub changed: u64,
    /// Seen before, and the same.
    pub unchanged: u64,
    /// Of those three, how many were kept when first met in the scan.
    pub kept: u64,
    /// Of those three, how many were dropped.
    pub skipped: u64,
}

impl ScanCounts {
    /// Counts one posting more.
    pub(super) fn add(&mut self, novelty: Novelty, kept: bool) {
        match novelty {
            Novelty::New => self.new += 1,
            Novelty::Changed => self.changed += 1,
            Novelty::Unchanged => self.unchanged += 1,
        }
        if kept {
            self.kept += 1;
        } else {
            self.skipped += 1;
        }
    }
}

/// How a scan ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanOutcome {
    /// Postings that the platform delivered, repeats included.
    pub fetched: u64,
    /// What the person should know of it, a sentence each.
    pub notices: Vec<String>,
    /// Why it failed; what was recorded until then is kept.
    pub failure: Option<ScanFailure>,
    /// How long it took.
    pub duration: Duration,
}

/// Why a scan failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanFailure {
    /// For a program: `rate-limited`, `unauthenticated`, `trap`...
    pub kind: String,
    /// What happened and where, in a sentence, without secrets.
    pub message: String,
    /// What to do next.
    pub remedy: Option<String>,
}

/// How far a scan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanState {
    /// It has not ended, and its lease is alive.
    Running,
    /// It never ended: its process crashed or was killed.
    Interrupted,
    /// It ended well.
    Succeeded,
    /// It ended with a failure.
    Failed,
}

/// A scan as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanRecord {
    /// Which.
    pub id: ScanId,
    /// How far it is.
    pub state: ScanState,
    /// When it began.
    pub started_at: UtcSeconds,
    /// When it ended.
    pub finished_at: Option<UtcSeconds>,
    /// What it met.
    pub counts: ScanCounts,
    /// How it ended; all zero and empty until then.
    pub outcome: ScanOutcome,
}

/// Running and remembering scans.
#[async_trait]
pub trait Scans: Send + Sync {
    /// Takes the account's turn to scan, for `lasting` (at most [`MAX_LEASE`]) from `now` unless renewed. `owner` is what the
    /// holder is called in the error that others get: `process 4242`.
    ///
    /// # Errors
    ///
    /// [`StoreError::ScanRunning`] while somebody else's lease is alive.
    async fn acquire_scan_lease(
        &self,
        account: &AccountKey,
        owner: &str,
        now: UtcSeconds,
        lasting: Duration,
    ) -> Result<ScanLease, StoreError>;

    /// Makes the lease last for `lasting` from `now`. One that has expired can be renewed while nobody else has taken it.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`] when somebody else has it now.
    async fn renew_scan_lease(&self, lease: &ScanLease, now: UtcSeconds, lasting: Duration) -> Result<(), StoreError>;

    /// Gives the turn back. One that is no longer held is no error.
    async fn release_scan_lease(&self, lease: &ScanLease) -> Result<(), StoreError>;

    /// Ends a lease whose holder is known to be gone; `false` when there was none.
    async fn end_scan_lease(&self, account: &AccountKey) -> Result<bool, StoreError>;

    /// Begins a scan under a lease.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`] when somebody else has the lease now.
    async fn begin_scan(&self, lease: &ScanLease, now: UtcSeconds) -> Result<ScanId, StoreError>;

    /// Stores a page: every posting becomes what the page says it is, kept or skipped. All of the page is stored or, with an
    /// error, none.
    ///
    /// Recording a page twice, or a posting on two pages, changes and counts nothing but the data as last seen. Of a posting
    /// that is in one page several times, the last one counts, skipped ones after leads.
    ///
    /// # Errors
    ///
    /// [`StoreError::ScanNotOpen`] after the end of the scan, [`StoreError::LeaseLost`] when somebody else scans now.
    async fn record_page(&self, scan: &ScanId, now: UtcSeconds, page: &Page) -> Result<PageSummary, StoreError>;

    /// What [`Scans::record_page`] would answer in a new scan; stores nothing. This is `--dry-run`: it needs no lease.
    async fn compare_page(&self, account: &AccountKey, page: &Page) -> Result<PageSummary, StoreError>;

    /// Ends a scan, and answers what it met in all. The lease stays until it is released.
    ///
    /// # Errors
    ///
    /// [`StoreError::ScanNotOpen`] when it has ended already.
    async fn finish_scan(
        &self,
        scan: &ScanId,
        now: UtcSeconds,
        outcome: &ScanOutcome,
    ) -> Result<ScanCounts, StoreError>;

    /// The scans of a scope, the latest first.
    async fn scans(&self, scope: &Scope, now: UtcSeconds, limit: u32) -> Result<Vec<ScanRecord>, StoreError>;

    /// When a scan of the account last ended well; `None` is "never".
    async fn last_sync(&self, account: &AccountKey) -> Result<Option<UtcSeconds>, StoreError>;

    /// Forgets scans that ended or were interrupted before a time, except each account's latest; how many those were.
    async fn prune_scans(&self, scope: &Scope, before: UtcSeconds) -> Result<u64, StoreError>;
}
