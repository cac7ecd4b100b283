//! Leases and scans.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use super::SqliteStore;
use super::record::Occasion;
use super::row::{account, count, integer, json, parsed};
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;
use crate::store::observed::Observed;
use crate::store::{
    MAX_LEASE, Page, PageSummary, ScanCounts, ScanId, ScanLease, ScanOutcome, ScanRecord, ScanState, Scans, Scope,
    StoreError,
};

/// When a lease that is taken or renewed now ends.
fn end(now: UtcSeconds, lasting: Duration) -> UtcSeconds {
    now.saturating_add_unsigned(lasting.min(MAX_LEASE).as_secs())
}

/// Whether a lease with that end is alive.
fn is_alive(expires_at: UtcSeconds, now: UtcSeconds) -> bool {
    now < expires_at && expires_at <= end(now, MAX_LEASE)
}

/// What no other lease is called.
fn token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(u128::from_ne_bytes(bytes).to_string())
}

#[async_trait]
impl Scans for SqliteStore {
    async fn acquire_scan_lease(
        &self,
        account: &AccountKey,
        owner: &str,
        now: UtcSeconds,
        lasting: Duration,
    ) -> Result<ScanLease, StoreError> {
        let token = token().map_err(|error| StoreError::Unexpected {
            path: self.path.clone(),
            detail: format!("no random number was to be had: {error}"),
        })?;
        let mut transaction = self.begin().await?;
        let held: Option<(String, i64, i64)> = sqlx::query_as(
            "SELECT owner, since, expires_at FROM leases WHERE profile = ?1 AND platform = ?2 AND account = ?3",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(self.fault())?;
        if let Some((owner, since, until)) = held
            && is_alive(until, now)
        {
            return Err(StoreError::ScanRunning { account: Box::new(account.clone()), owner, since, until });
        }
        sqlx::query(
            "INSERT OR REPLACE INTO leases (profile, platform, account, token, owner, since, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(&token)
        .bind(owner)
        .bind(now)
        .bind(end(now, lasting))
        .execute(&mut *transaction)
        .await
        .map_err(self.fault())?;
        self.commit(transaction).await?;
        Ok(ScanLease { account: account.clone(), token })
    }

    async fn renew_scan_lease(&self, lease: &ScanLease, now: UtcSeconds, lasting: Duration) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let renewed = sqlx::query(
            "UPDATE leases SET expires_at = ?5 WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND token = ?4",
        )
        .bind(&lease.account.profile)
        .bind(&lease.account.platform)
        .bind(&lease.account.account)
        .bind(&lease.token)
        .bind(end(now, lasting))
        .execute(&mut *transaction)
        .await
        .map_err(self.fault())?
        .rows_affected();
        if renewed == 0 {
            return Err(lost(&lease.account));
        }
        self.commit(transaction).await
    }

    async fn release_scan_lease(&self, lease: &ScanLease) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM leases WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND token = ?4")
            .bind(&lease.account.profile)
            .bind(&lease.account.platform)
            .bind(&lease.account.account)
            .bind(&lease.token)
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?;
        self.commit(transaction).await
    }

    async fn end_scan_lease(&self, account: &AccountKey) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let ended = sqlx::query("DELETE FROM leases WHERE profile = ?1 AND platform = ?2 AND account = ?3")
            .bind(&account.profile)
            .bind(&account.platform)
            .bind(&account.account)
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?;
        self.commit(transaction).await?;
        Ok(ended.rows_affected() > 0)
    }

    async fn begin_scan(&self, lease: &ScanLease, now: UtcSeconds) -> Result<ScanId, StoreError> {
        let mut transaction = self.begin().await?;
        let begun: Option<(i64,)> = sqlx::query_as(
            "INSERT INTO scans (profile, platform, account, number, lease, started_at)
             SELECT profile, platform, account,
                1 + coalesce((SELECT max(number) FROM scans s WHERE s.profile = ?1 AND s.platform = ?2 AND s.account = ?3), 0), token, ?5
             FROM leases WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND token = ?4
             RETURNING number",
        )
        .bind(&lease.account.profile)
        .bind(&lease.account.platform)
        .bind(&lease.account.account)
        .bind(&lease.token)
        .bind(now)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(self.fault())?;
        let Some((number,)) = begun else {
            return Err(lost(&lease.account));
        };
        self.commit(transaction).await?;
        Ok(ScanId { account: lease.account.clone(), number })
    }

    async fn record_page(&self, scan: &ScanId, now: UtcSeconds, page: &Page) -> Result<PageSummary, StoreError> {
        // Before the transaction: digests and texts are made without keeping others from writing.
        let observed = Observed::of(page);
        let mut transaction = self.begin().await?;
        self.require_open(&mut transaction, scan).await?;
        let occasion = Occasion { scan: scan.number, now };
        let comparisons = self.compare_and_store(&mut transaction, &scan.account, &observed, Some(occasion)).await?;
        let summary = observed.summary(&comparisons);
        sqlx::query(
            "UPDATE scans SET new = new + ?5, changed = changed + ?6, unchanged = unchanged + ?7, kept = kept + ?8, skipped = skipped + ?9
             WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND number = ?4",
        )
        .bind(&scan.account.profile)
        .bind(&scan.account.platform)
        .bind(&scan.account.account)
        .bind(scan.number)
        .bind(integer(summary.counts.new))
        .bind(integer(summary.counts.changed))
        .bind(integer(summary.counts.unchanged))
        .bind(integer(summary.counts.kept))
        .bind(integer(summary.counts.skipped))
        .execute(&mut *transaction)
        .await
        .map_err(self.fault())?;
        self.commit(transaction).await?;
        Ok(summary)
    }

    async fn compare_page(&self, account: &AccountKey, page: &Page) -> Result<PageSummary, StoreError> {
        let observed = Observed::of(page);
        let mut reader = self.reader().await?;
        let comparisons = self.compare_and_store(&mut reader, account, &observed, None).await?;
        Ok(observed.summary(&comparisons))
    }

    async fn finish_scan(
        &self,
        scan: &ScanId,
        now: UtcSeconds,
        outcome: &ScanOutcome,
    ) -> Result<ScanCounts, StoreError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "UPDATE scans SET finished_at = ?5, duration_ms = ?6, fetched = ?7, notices = ?8, failure = ?9
             WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND number = ?4 AND finished_at IS NULL
             RETURNING new, changed, unchanged, kept, skipped",
        )
        .bind(&scan.account.profile)
        .bind(&scan.account.platform)
        .bind(&scan.account.account)
        .bind(scan.number)
        .bind(now)
        .bind(i64::try_from(outcome.duration.as_millis()).unwrap_or(i64::MAX))
        .bind(integer(outcome.fetched))
        .bind(json(&outcome.notices))
        .bind(outcome.failure.as_ref().map(json))
        .fetch_optional(&mut *transaction)
        .await
        .map_err(self.fault())?;
        let Some(row) = row else {
            return Err(not_open(scan));
        };
        let counts = counts(&row).map_err(self.fault())?;
        self.commit(transaction).await?;
        Ok(counts)
    }

    async fn scans(&self, scope: &Scope, now: UtcSeconds, limit: u32) -> Result<Vec<ScanRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT s.*, l.expires_at FROM scans s LEFT JOIN leases l
                ON l.profile = s.profile AND l.platform = s.platform AND l.account = s.account AND l.token = s.lease
             WHERE s.profile = ?1 AND (?2 IS NULL OR s.platform = ?2) AND (?3 IS NULL OR s.account = ?3)
             ORDER BY s.started_at DESC, s.platform, s.account, s.number DESC LIMIT ?4",
        )
        .bind(&scope.profile)
        .bind(&scope.platform)
        .bind(&scope.account)
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        rows.iter().map(|row| self.record(row, now)).collect()
    }

    async fn last_sync(&self, account: &AccountKey) -> Result<Option<UtcSeconds>, StoreError> {
        let row: Option<(i64,)> = sqlx::query_as(
            "SELECT finished_at FROM scans
             WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND finished_at IS NOT NULL AND failure IS NULL
             ORDER BY number DESC LIMIT 1",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .fetch_optional(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        Ok(row.map(|(at,)| at))
    }

    async fn prune_scans(&self, scope: &Scope, before: UtcSeconds) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        // The latest keeps the numbers rising and may be running; the latest that ended well is the "last sync".
        let removed = sqlx::query(
            "DELETE FROM scans WHERE profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3) AND started_at < ?4
                AND coalesce(finished_at, started_at) < ?4
                AND EXISTS (SELECT 1 FROM scans l WHERE l.profile = scans.profile AND l.platform = scans.platform
                    AND l.account = scans.account AND l.number > scans.number)
                AND (finished_at IS NULL OR failure IS NOT NULL
                    OR EXISTS (SELECT 1 FROM scans l WHERE l.profile = scans.profile AND l.platform = scans.platform
                        AND l.account = scans.account AND l.number > scans.number AND l.finished_at IS NOT NULL AND l.failure IS NULL))",
        )
        .bind(&scope.profile)
        .bind(&scope.platform)
        .bind(&scope.account)
        .bind(before)
        .execute(&mut *transaction)
        .await
        .map_err(self.fault())?
        .rows_affected();
        self.commit(transaction).await?;
        Ok(removed)
    }
}

fn lost(account: &AccountKey) -> StoreError {
    StoreError::LeaseLost { account: Box::new(account.clone()) }
}

fn not_open(scan: &ScanId) -> StoreError {
    StoreError::ScanNotOpen { account: Box::new(scan.account.clone()), number: scan.number }
}

fn counts(row: &SqliteRow) -> Result<ScanCounts, sqlx::Error> {
    Ok(ScanCounts {
        new: count(row.try_get("new")?),
        changed: count(row.try_get("changed")?),
        unchanged: count(row.try_get("unchanged")?),
        kept: count(row.try_get("kept")?),
        skipped: count(row.try_get("skipped")?),
    })
}

impl SqliteStore {
    /// That the scan has not ended, and nobody else has taken its turn.
    async fn require_open(
        &self,
        transaction: &mut Transaction<'static, Sqlite>,
        scan: &ScanId,
    ) -> Result<(), StoreError> {
        let row: Option<(bool, bool)> = sqlx::query_as(
            "SELECT finished_at IS NOT NULL, EXISTS (SELECT 1 FROM leases l
                WHERE l.profile = ?1 AND l.platform = ?2 AND l.account = ?3 AND l.token = s.lease)
             FROM scans s WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND number = ?4",
        )
        .bind(&scan.account.profile)
        .bind(&scan.account.platform)
        .bind(&scan.account.account)
        .bind(scan.number)
        .fetch_optional(&mut **transaction)
        .await
        .map_err(self.fault())?;
        match row {
            Some((false, true)) => Ok(()),
            Some((true, _)) => Err(not_open(scan)),
            Some((false, false)) | None => Err(lost(&scan.account)),
        }
    }

    fn record(&self, row: &SqliteRow, now: UtcSeconds) -> Result<ScanRecord, StoreError> {
        let fault = self.fault();
        let id = ScanId { account: account(row).map_err(&fault)?, number: row.try_get("number").map_err(&fault)? };
        let what = || format!("scan {} of {}/{}", id.number, id.account.platform, id.account.account);
        let finished_at: Option<i64> = row.try_get("finished_at").map_err(&fault)?;
        let lease_ends: Option<i64> = row.try_get("expires_at").map_err(&fault)?;
        let notices: String = row.try_get("notices").map_err(&fault)?;
        let failure: Option<String> = row.try_get("failure").map_err(&fault)?;
        let duration: Option<i64> = row.try_get("duration_ms").map_err(&fault)?;
        let state = match (finished_at, &failure) {
            (Some(_), None) => ScanState::Succeeded,
            (Some(_), Some(_)) => ScanState::Failed,
            (None, _) if lease_ends.is_some_and(|end| is_alive(end, now)) => ScanState::Running,
            (None, _) => ScanState::Interrupted,
        };
        Ok(ScanRecord {
            state,
            started_at: row.try_get("started_at").map_err(&fault)?,
            finished_at,
            counts: counts(row).map_err(&fault)?,
            outcome: ScanOutcome {
                fetched: count(row.try_get("fetched").map_err(&fault)?),
                notices: parsed(&self.path, what, &notices)?,
                failure: failure.map(|text| parsed(&self.path, what, &text)).transpose()?,
                duration: Duration::from_millis(count(duration.unwrap_or(0))),
            },
            id,
        })
    }
}
