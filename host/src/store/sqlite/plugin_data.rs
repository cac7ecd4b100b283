//! Plugins' state, wake-ups and daily counts. Bounds are checked within the transaction that writes.

use async_trait::async_trait;
use sqlx::{Row, Sqlite, Transaction};

use super::SqliteStore;
use super::row::account;
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;
use crate::store::plugin_data::{check_key, wake_up_time};
use crate::store::{
    DueWakeUp, MAX_STATE_BYTES, MAX_STATE_KEY_BYTES, MAX_STATE_KEYS, MAX_STATE_VALUE_BYTES, MAX_WAKE_UP_CALLS_A_DAY,
    MAX_WAKE_UP_KEY_BYTES, MAX_WAKE_UPS, PluginData, Quota, Scope, StateEntry, StoreError, WakeUp, day_of,
};

const REQUESTS: &str = "requests";
const WAKE_UP_CALLS: &str = "wake-ups";

/// Days of counts that are kept: a request that began before midnight may be counted after it.
const DAYS_KEPT: i64 = 2;

const STATE_KEY: &str = "a key of the state";
const WAKE_UP_KEY: &str = "the key of a wake-up";

#[async_trait]
impl PluginData for SqliteStore {
    async fn state_get(&self, account: &AccountKey, key: &str) -> Result<Option<StateEntry>, StoreError> {
        check_key(STATE_KEY, key, MAX_STATE_KEY_BYTES)?;
        let row: Option<(Vec<u8>, i64)> = sqlx::query_as(
            "SELECT value, set_at FROM state WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND key = ?4",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(key)
        .fetch_optional(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        Ok(row.map(|(value, set_at)| StateEntry { value, set_at }))
    }

    async fn state_set(
        &self,
        account: &AccountKey,
        key: &str,
        value: &[u8],
        now: UtcSeconds,
    ) -> Result<(), StoreError> {
        check_key(STATE_KEY, key, MAX_STATE_KEY_BYTES)?;
        if value.len() > MAX_STATE_VALUE_BYTES {
            return Err(StoreError::Invalid {
                what: "a value of the state",
                why: format!("it has {} bytes; give at most {MAX_STATE_VALUE_BYTES}", value.len()),
            });
        }
        let exhausted = |limit: String| StoreError::Exhausted {
            account: Box::new(account.clone()),
            what: "the state of the plugin",
            limit,
            remedy: "the plugin must delete keys that it no longer needs",
        };
        let mut transaction = self.begin().await?;
        let (others, bytes): (i64, i64) = sqlx::query_as(
            "SELECT count(*), coalesce(sum(length(key) + length(value)), 0) FROM state WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND key <> ?4",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(key)
        .fetch_one(&mut *transaction)
        .await
        .map_err(self.fault())?;
        if others >= i64::from(MAX_STATE_KEYS) {
            return Err(exhausted(format!("{MAX_STATE_KEYS} keys")));
        }
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        if bytes.saturating_add(key.len() + value.len()) > MAX_STATE_BYTES {
            return Err(exhausted(format!("{MAX_STATE_BYTES} bytes of keys and values")));
        }
        sqlx::query(
            "INSERT INTO state (profile, platform, account, key, set_at, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (profile, platform, account, key) DO UPDATE SET set_at = excluded.set_at, value = excluded.value",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(key)
        .bind(now)
        .bind(value)
        .execute(&mut *transaction)
        .await
        .map_err(self.fault())?;
        self.commit(transaction).await
    }

    async fn state_delete(&self, account: &AccountKey, key: &str) -> Result<bool, StoreError> {
        check_key(STATE_KEY, key, MAX_STATE_KEY_BYTES)?;
        let mut transaction = self.begin().await?;
        let removed =
            sqlx::query("DELETE FROM state WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND key = ?4")
                .bind(&account.profile)
                .bind(&account.platform)
                .bind(&account.account)
                .bind(key)
                .execute(&mut *transaction)
                .await
                .map_err(self.fault())?
                .rows_affected();
        self.commit(transaction).await?;
        Ok(removed > 0)
    }

    async fn state_keys(&self, account: &AccountKey, prefix: &str) -> Result<Vec<String>, StoreError> {
        // At most a thousand keys: comparing them here needs no escaping.
        let keys: Vec<(String,)> = sqlx::query_as(
            "SELECT key FROM state WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND key >= ?4 ORDER BY key",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(prefix)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        Ok(keys.into_iter().map(|(key,)| key).take_while(|key| key.starts_with(prefix)).collect())
    }

    async fn set_wake_up(
        &self,
        account: &AccountKey,
        wake_up: &WakeUp,
        now: UtcSeconds,
    ) -> Result<UtcSeconds, StoreError> {
        check_key(WAKE_UP_KEY, &wake_up.key, MAX_WAKE_UP_KEY_BYTES)?;
        let at = wake_up_time(wake_up.at, now)?;
        let mut transaction = self.begin().await?;
        let used =
            self.count_up(&mut transaction, account, WAKE_UP_CALLS, day_of(now), MAX_WAKE_UP_CALLS_A_DAY).await?;
        if used.is_none() {
            return Err(StoreError::Exhausted {
                account: Box::new(account.clone()),
                what: "the plugin's right to set wake-ups today",
                limit: format!("{MAX_WAKE_UP_CALLS_A_DAY} calls a day"),
                remedy: "it begins anew at midnight UTC",
            });
        }
        let (others,): (i64,) = sqlx::query_as(
            "SELECT count(*) FROM wake_ups WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND key <> ?4",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(&wake_up.key)
        .fetch_one(&mut *transaction)
        .await
        .map_err(self.fault())?;
        let room = others < i64::from(MAX_WAKE_UPS);
        if room {
            sqlx::query(
                "INSERT INTO wake_ups (profile, platform, account, key, at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (profile, platform, account, key) DO UPDATE SET at = excluded.at",
            )
            .bind(&account.profile)
            .bind(&account.platform)
            .bind(&account.account)
            .bind(&wake_up.key)
            .bind(at)
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?;
        }
        // A refused call counts as well.
        self.commit(transaction).await?;
        if room {
            return Ok(at);
        }
        Err(StoreError::Exhausted {
            account: Box::new(account.clone()),
            what: "the plugin's room for wake-ups",
            limit: format!("{MAX_WAKE_UPS} keys"),
            remedy: "the plugin must cancel one, or use a key again",
        })
    }

    async fn pending_wake_ups(&self, account: &AccountKey) -> Result<Vec<WakeUp>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT key, at FROM wake_ups WHERE profile = ?1 AND platform = ?2 AND account = ?3 ORDER BY at, key",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        Ok(rows.into_iter().map(|(key, at)| WakeUp { key, at }).collect())
    }

    async fn cancel_wake_up(&self, account: &AccountKey, key: &str) -> Result<bool, StoreError> {
        check_key(WAKE_UP_KEY, key, MAX_WAKE_UP_KEY_BYTES)?;
        let mut transaction = self.begin().await?;
        let removed =
            sqlx::query("DELETE FROM wake_ups WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND key = ?4")
                .bind(&account.profile)
                .bind(&account.platform)
                .bind(&account.account)
                .bind(key)
                .execute(&mut *transaction)
                .await
                .map_err(self.fault())?
                .rows_affected();
        self.commit(transaction).await?;
        Ok(removed > 0)
    }

    async fn due_wake_ups(&self, scope: &Scope, now: UtcSeconds, limit: u32) -> Result<Vec<DueWakeUp>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM wake_ups WHERE profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3) AND at <= ?4
             ORDER BY at, platform, account, key LIMIT ?5",
        )
        .bind(&scope.profile)
        .bind(&scope.platform)
        .bind(&scope.account)
        .bind(now)
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        rows.iter()
            .map(|row| {
                Ok(DueWakeUp {
                    account: account(row)?,
                    wake_up: WakeUp { key: row.try_get("key")?, at: row.try_get("at")? },
                })
            })
            .collect::<Result<_, _>>()
            .map_err(self.fault())
    }

    async fn count_request(&self, account: &AccountKey, day: i64, limit: u32) -> Result<Quota, StoreError> {
        let mut transaction = self.begin().await?;
        let used = self.count_up(&mut transaction, account, REQUESTS, day, limit).await?;
        self.commit(transaction).await?;
        Ok(Quota { allowed: used.is_some(), remaining: used.map_or(0, |used| limit.saturating_sub(used)) })
    }
}

impl SqliteStore {
    /// Counts one more of something a day has at most `limit` of, and answers how many that makes; `None` where it is used up.
    async fn count_up(
        &self,
        transaction: &mut Transaction<'static, Sqlite>,
        account: &AccountKey,
        what: &str,
        day: i64,
        limit: u32,
    ) -> Result<Option<u32>, StoreError> {
        if limit == 0 {
            return Ok(None);
        }
        let used: Option<(u32,)> = sqlx::query_as(
            "INSERT INTO daily_counts (profile, platform, account, what, day, used) VALUES (?1, ?2, ?3, ?4, ?5, 1)
             ON CONFLICT (profile, platform, account, what, day) DO UPDATE SET used = used + 1 WHERE used < ?6
             RETURNING used",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(what)
        .bind(day)
        .bind(limit)
        .fetch_optional(&mut **transaction)
        .await
        .map_err(self.fault())?;
        if used == Some((1,)) {
            sqlx::query(
                "DELETE FROM daily_counts WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND what = ?4 AND day <= ?5",
            )
            .bind(&account.profile)
            .bind(&account.platform)
            .bind(&account.account)
            .bind(what)
            .bind(day.saturating_sub(DAYS_KEPT))
            .execute(&mut **transaction)
            .await
            .map_err(self.fault())?;
        }
        Ok(used.map(|(used,)| used))
    }
}
