//! Leads that somebody is still to be told of: those that are new, and those whose score has risen.
//!
//! Each lead remembers the highest score that it was told of, or passed over, with. So what is news follows from how things stand; telling and
//! remembering are one transaction, and two processes cannot tell the same.

use async_trait::async_trait;

use super::StoreError;
use super::outbox::Event;
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;

/// A lead that is news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// The platform's id of the posting.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where to read it.
    pub url: String,
    /// Its score in hundredths of a point.
    pub score: i64,
    /// The highest score before that somebody was told of, or that was passed over; none for a lead that is new.
    pub before: Option<i64>,
    /// When it was first met.
    pub first_seen: UtcSeconds,
}

/// Finding news, and telling them.
#[async_trait]
pub trait News: Send + Sync {
    /// An account's leads that are news, the best first.
    async fn untold(&self, account: &AccountKey, limit: u32) -> Result<Vec<Untold>, StoreError>;

    /// Posts events about news, each for these channels, and counts the leads as told. False where another process has told of one of them: then
    /// nothing changed.
    ///
    /// # Errors
    /// As [`super::Outbox::post`].
    async fn tell(
        &self,
        account: &AccountKey,
        told: &[Untold],
        events: &[(Event, Vec<String>)],
        now: UtcSeconds,
    ) -> Result<bool, StoreError>;

    /// When [`News::tell`] was last called for the account.
    async fn told_at(&self, account: &AccountKey) -> Result<Option<UtcSeconds>, StoreError>;
}
