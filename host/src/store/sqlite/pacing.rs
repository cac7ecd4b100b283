//! Plans, and the pace of requests. Counting and taking are one transaction that holds the write lock from its beginning.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{Sqlite, Transaction};

use super::SqliteStore;
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;
use crate::store::StoreError;
use crate::store::pacing::{MAX_PAUSE, Pacing, Plan, RateLimit, Slots, counts_until, part};

#[async_trait]
impl Pacing for SqliteStore {
    async fn plan(&self, account: &AccountKey) -> Result<Option<Plan>, StoreError> {
        let row: Option<(i64, i64, u32, i64)> = sqlx::query_as(
            "SELECT planned_at, due_at, failures, interval FROM plans WHERE profile = ?1 AND platform = ?2 AND account = ?3",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .fetch_optional(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        Ok(row.map(|(planned_at, due_at, failures, interval)| Plan {
            planned_at,
            due_at,
            failures,
            interval: Duration::from_secs(interval.unsigned_abs()),
        }))
    }

    async fn keep_plan(&self, account: &AccountKey, plan: &Plan) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT OR REPLACE INTO plans (profile, platform, account, planned_at, due_at, failures, interval) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(plan.planned_at)
        .bind(plan.due_at)
        .bind(plan.failures)
        .bind(i64::try_from(plan.interval.as_secs()).unwrap_or(i64::MAX))
        .execute(&mut *transaction)
        .await
        .map_err(self.fault())?;
        self.commit(transaction).await
    }

    async fn take_slots(
        &self,
        platform: &str,
        limits: &[RateLimit],
        wanted: u32,
        now: UtcSeconds,
    ) -> Result<Slots, StoreError> {
        let mut transaction = self.begin().await?;
        let mut wait = self.pause(&mut transaction, platform, now).await?;
        let mut granted = wanted.max(1);
        for limit in limits {
            let (room, frees_at) = self.room(&mut transaction, platform, *limit, now).await?;
            granted = granted.min(room);
            if room == 0 {
                wait = wait.max(frees_at.saturating_sub(now).max(1));
            }
        }
        if wait > 0 {
            // What was read is left as it is.
            return Ok(Slots::Wait(u32::try_from(wait).unwrap_or(u32::MAX)));
        }
        for limit in limits {
            let begins = now.div_euclid(part(limit.window)) * part(limit.window);
            sqlx::query(
                "INSERT INTO request_counts (platform, length, begins, used) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (platform, length, begins) DO UPDATE SET used = used + excluded.used",
            )
            .bind(platform)
            .bind(limit.window)
            .bind(begins)
            .bind(granted)
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?;
        }
        self.commit(transaction).await?;
        Ok(Slots::Taken(granted))
    }

    async fn pause_requests(&self, platform: &str, until: UtcSeconds, now: UtcSeconds) -> Result<(), StoreError> {
        let until = until.min(now.saturating_add(MAX_PAUSE));
        if until <= now {
            return Ok(());
        }
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO pauses (platform, until) VALUES (?1, ?2)
             ON CONFLICT (platform) DO UPDATE SET until = excluded.until WHERE excluded.until > until OR until > ?3",
        )
        .bind(platform)
        .bind(until)
        .bind(now.saturating_add(MAX_PAUSE))
        .execute(&mut *transaction)
        .await
        .map_err(self.fault())?;
        self.commit(transaction).await
    }
}

impl SqliteStore {
    /// Seconds that a platform is to be left alone for.
    async fn pause(
        &self,
        transaction: &mut Transaction<'static, Sqlite>,
        platform: &str,
        now: UtcSeconds,
    ) -> Result<i64, StoreError> {
        let until: Option<(i64,)> = sqlx::query_as("SELECT until FROM pauses WHERE platform = ?1")
            .bind(platform)
            .fetch_optional(&mut **transaction)
            .await
            .map_err(self.fault())?;
        let left = until.map_or(0, |(until,)| until.saturating_sub(now));
        Ok(if left > MAX_PAUSE { 0 } else { left.max(0) })
    }

    /// How many requests a limit still allows, and when it allows one more.
    async fn room(
        &self,
        transaction: &mut Transaction<'static, Sqlite>,
        platform: &str,
        limit: RateLimit,
        now: UtcSeconds,
    ) -> Result<(u32, UtcSeconds), StoreError> {
        // Parts that count no more, and those of a clock that has been turned back since.
        sqlx::query("DELETE FROM request_counts WHERE platform = ?1 AND length = ?2 AND (begins <= ?3 OR begins > ?4)")
            .bind(platform)
            .bind(limit.window)
            .bind(now.saturating_sub(counts_until(0, limit.window)))
            .bind(now)
            .execute(&mut **transaction)
            .await
            .map_err(self.fault())?;
        let (used, first): (i64, Option<i64>) = sqlx::query_as(
            "SELECT coalesce(sum(used), 0), min(begins) FROM request_counts WHERE platform = ?1 AND length = ?2",
        )
        .bind(platform)
        .bind(limit.window)
        .fetch_one(&mut **transaction)
        .await
        .map_err(self.fault())?;
        let used = u32::try_from(used).unwrap_or(u32::MAX);
        let frees_at = counts_until(first.unwrap_or(now), limit.window);
        Ok((limit.requests.saturating_sub(used), frees_at))
    }
}
