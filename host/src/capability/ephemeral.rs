//! What a dry run is given in place of the store's own: it reads what is there, and keeps in memory what would be written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::records::{REQUESTS_A_DAY, Records};
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;
use crate::store::{AuditRow, DueWakeUp, PluginData, Quota, Scope, StateEntry, Store, StoreError, WakeUp};

/// Plugins' state over a store that is not written to.
pub struct Ephemeral {
    under: Arc<dyn Store>,
    /// What was set, and none for what was removed.
    written: Mutex<BTreeMap<(AccountKey, String), Option<StateEntry>>>,
    requests: AtomicU32,
}

impl Ephemeral {
    /// Over a store.
    #[must_use]
    pub fn over(under: Arc<dyn Store>) -> Ephemeral {
        Ephemeral { under, written: Mutex::default(), requests: AtomicU32::new(0) }
    }

    fn write(&self, account: &AccountKey, key: &str, entry: Option<StateEntry>) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert((account.clone(), key.to_owned()), entry);
    }

    fn written(&self, account: &AccountKey, key: &str) -> Option<Option<StateEntry>> {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.get(&(account.clone(), key.to_owned())).cloned()
    }
}

#[async_trait]
impl Records for Ephemeral {
    fn audit(&self, _: AuditRow) {}

    async fn admit_request(&self, _: &AccountKey, _: UtcSeconds) -> Result<bool, String> {
        Ok(self.requests.fetch_add(1, Ordering::Relaxed) < REQUESTS_A_DAY)
    }
}

#[async_trait]
impl PluginData for Ephemeral {
    async fn state_get(&self, account: &AccountKey, key: &str) -> Result<Option<StateEntry>, StoreError> {
        match self.written(account, key) {
            Some(written) => Ok(written),
            None => self.under.state_get(account, key).await,
        }
    }

    async fn state_set(
        &self,
        account: &AccountKey,
        key: &str,
        value: &[u8],
        now: UtcSeconds,
    ) -> Result<(), StoreError> {
        self.write(account, key, Some(StateEntry { value: value.to_vec(), set_at: now }));
        Ok(())
    }

    async fn state_delete(&self, account: &AccountKey, key: &str) -> Result<bool, StoreError> {
        let existed = self.state_get(account, key).await?.is_some();
        self.write(account, key, None);
        Ok(existed)
    }

    async fn state_keys(&self, account: &AccountKey, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut keys: BTreeSet<String> = self.under.state_keys(account, prefix).await?.into_iter().collect();
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        for ((of, key), entry) in written.iter().filter(|((of, key), _)| of == account && key.starts_with(prefix)) {
            debug_assert_eq!(of, account);
            if entry.is_some() {
                keys.insert(key.clone())
            } else {
                keys.remove(key)
            };
        }
        Ok(keys.into_iter().collect())
    }

    async fn set_wake_up(&self, _: &AccountKey, wake_up: &WakeUp, _: UtcSeconds) -> Result<UtcSeconds, StoreError> {
        Ok(wake_up.at)
    }

    async fn pending_wake_ups(&self, account: &AccountKey) -> Result<Vec<WakeUp>, StoreError> {
        self.under.pending_wake_ups(account).await
    }

    async fn cancel_wake_up(&self, _: &AccountKey, _: &str) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn due_wake_ups(&self, scope: &Scope, now: UtcSeconds, limit: u32) -> Result<Vec<DueWakeUp>, StoreError> {
        self.under.due_wake_ups(scope, now, limit).await
    }

    async fn count_request(&self, _: &AccountKey, _: i64, limit: u32) -> Result<Quota, StoreError> {
        let used = self.requests.fetch_add(1, Ordering::Relaxed);
        Ok(Quota { allowed: used < limit, remaining: limit.saturating_sub(used.saturating_add(1)) })
    }
}
