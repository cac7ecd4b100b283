//! What the gate writes down: the audit, and requests counted against a plugin's day.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;
use crate::store::{AuditRow, Store, day_of};

/// Requests that a plugin may make for an account in a day (UTC).
pub const REQUESTS_A_DAY: u32 = 20_000;
/// Rows kept in memory at most; beyond it the oldest go, with a word in the log, rather than the process.
const MAX_PENDING: usize = 10_000;

/// What the gate writes down.
#[async_trait]
pub trait Records: Send + Sync {
    /// Notes a request.
    fn audit(&self, row: AuditRow);

    /// Counts a request against the plugin's day; false when it is used up.
    ///
    /// # Errors
    /// A sentence, where the store cannot be written.
    async fn admit_request(&self, account: &AccountKey, now: UtcSeconds) -> Result<bool, String>;
}

/// Records in the store; the audit in batches, by [`StoreRecords::flush`].
pub struct StoreRecords {
    store: Arc<dyn Store>,
    pending: Mutex<Vec<AuditRow>>,
}

impl StoreRecords {
    /// Records into a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> StoreRecords {
        StoreRecords { store, pending: Mutex::default() }
    }

    /// Writes what is pending. What cannot be written stays pending, and the log says why.
    pub async fn flush(&self) {
        let rows = std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        if rows.is_empty() {
            return;
        }
        if let Err(error) = self.store.record_audit(&rows).await {
            tracing::warn!(%error, rows = rows.len(), "the audit cannot be written yet");
            self.pending.lock().unwrap_or_else(PoisonError::into_inner).splice(0..0, rows);
        }
    }
}

#[async_trait]
impl Records for StoreRecords {
    fn audit(&self, row: AuditRow) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.len() >= MAX_PENDING {
            tracing::warn!("the audit cannot be written fast enough; its oldest pending row is lost");
            pending.remove(0);
        }
        pending.push(row);
    }

    async fn admit_request(&self, account: &AccountKey, now: UtcSeconds) -> Result<bool, String> {
        let quota = self.store.count_request(account, day_of(now), REQUESTS_A_DAY).await.map_err(|e| e.to_string())?;
        Ok(quota.allowed)
    }
}
