//! How far an account's postings are known, so that a scan fetches what is new and goes on where another was cut off.

use async_trait::async_trait;

use super::StoreError;
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;

/// Longest cursor that is kept, in bytes: the contract's bound.
pub const MAX_CURSOR_BYTES: usize = 4096;

/// How far the postings of an account are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What was asked for, and what it was judged by: progress with another one is worth nothing.
    pub fingerprint: String,
    /// All that was there until then is known: when the last scan that came to its end began.
    pub known_until: Option<UtcSeconds>,
    /// When the last scan began that looked at everything and came to its end.
    pub everything_at: Option<UtcSeconds>,
    /// A scan that has not come to its end.
    pub open: Option<OpenScan>,
}

/// How far a scan is that has not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenScan {
    /// When it began.
    pub began_at: UtcSeconds,
    /// It leaves out what has not changed since; none where it looks at everything.
    pub since: Option<UtcSeconds>,
    /// Where its next page begins; at most [`MAX_CURSOR_BYTES`].
    pub cursor: String,
    /// Postings that it has fetched.
    pub fetched: u64,
}

/// Reading and keeping progress.
#[async_trait]
pub trait ScanProgress: Send + Sync {
    /// An account's.
    async fn progress(&self, account: &AccountKey) -> Result<Option<Progress>, StoreError>;

    /// Replaces it.
    async fn set_progress(&self, account: &AccountKey, progress: &Progress) -> Result<(), StoreError>;
}
