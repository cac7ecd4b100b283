//! The audit, in batches.

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Row};

use super::SqliteStore;
use super::row::{ROWS, account, count, integer, parameters};
use crate::store::{Audit, AuditFilter, AuditRow, MAX_PRUNED, StoreError};

#[async_trait]
impl Audit for SqliteStore {
    async fn record_audit(&self, rows: &[AuditRow]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut transaction = self.begin().await?;
        for chunk in rows.chunks(ROWS) {
            let sql = format!(
                "INSERT INTO audit (profile, platform, account, plugin, at, phase, method, host, path, status, bytes_in, bytes_out, duration_us, credential, outcome) VALUES {}",
                parameters(chunk.len(), 15)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for row in chunk {
                query = query
                    .bind(&row.account.profile)
                    .bind(&row.account.platform)
                    .bind(&row.account.account)
                    .bind(&row.plugin)
                    .bind(row.at)
                    .bind(&row.phase)
                    .bind(&row.method)
                    .bind(&row.host)
                    .bind(&row.path)
                    .bind(row.status)
                    .bind(integer(row.bytes_in))
                    .bind(integer(row.bytes_out))
                    .bind(integer(row.duration_us))
                    .bind(&row.credential)
                    .bind(&row.outcome);
            }
            query.execute(&mut *transaction).await.map_err(self.fault())?;
        }
        self.commit(transaction).await
    }

    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM audit WHERE profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3) AND (?4 IS NULL OR at >= ?4) ORDER BY at DESC, rowid DESC LIMIT ?5",
        )
        .bind(&filter.scope.profile)
        .bind(&filter.scope.platform)
        .bind(&filter.scope.account)
        .bind(filter.since)
        .bind(filter.limit)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        rows.iter()
            .map(|row| {
                Ok(AuditRow {
                    at: row.try_get("at")?,
                    plugin: row.try_get("plugin")?,
                    account: account(row)?,
                    phase: row.try_get("phase")?,
                    method: row.try_get("method")?,
                    host: row.try_get("host")?,
                    path: row.try_get("path")?,
                    status: row.try_get("status")?,
                    bytes_in: count(row.try_get("bytes_in")?),
                    bytes_out: count(row.try_get("bytes_out")?),
                    duration_us: count(row.try_get("duration_us")?),
                    credential: row.try_get("credential")?,
                    outcome: row.try_get("outcome")?,
                })
            })
            .collect::<Result<_, _>>()
            .map_err(self.fault())
    }

    async fn prune_audit(&self, before: i64, most: u32) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        // Rows are numbered as they come, and go from the beginning: the last number less the first is how many there are at most.
        let removed = sqlx::query(
            "DELETE FROM audit WHERE rowid IN (SELECT rowid FROM audit ORDER BY rowid LIMIT ?3) AND (at < ?1 OR rowid <= (SELECT max(rowid) FROM audit) - ?2)",
        )
        .bind(before)
        .bind(most)
        .bind(MAX_PRUNED)
        .execute(&mut *transaction)
        .await
        .map_err(self.fault())?
        .rows_affected();
        self.commit(transaction).await?;
        Ok(removed)
    }
}
