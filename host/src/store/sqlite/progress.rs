//! Progress of scans.

use async_trait::async_trait;
use sqlx::Row;

use super::SqliteStore;
use super::row::{count, integer};
use crate::lead::AccountKey;
use crate::store::StoreError;
use crate::store::progress::{MAX_CURSOR_BYTES, OpenScan, Progress, ScanProgress};

#[async_trait]
impl ScanProgress for SqliteStore {
    async fn progress(&self, account: &AccountKey) -> Result<Option<Progress>, StoreError> {
        let row = sqlx::query("SELECT * FROM progress WHERE profile = ?1 AND platform = ?2 AND account = ?3")
            .bind(&account.profile)
            .bind(&account.platform)
            .bind(&account.account)
            .fetch_optional(&mut *self.reader().await?)
            .await
            .map_err(self.fault())?;
        let Some(row) = row else { return Ok(None) };
        let read = || -> Result<Progress, sqlx::Error> {
            let cursor: Option<String> = row.try_get("cursor")?;
            let open = match cursor {
                None => None,
                Some(cursor) => Some(OpenScan {
                    began_at: row.try_get("began_at")?,
                    since: row.try_get("since")?,
                    fetched: count(row.try_get("fetched")?),
                    cursor,
                }),
            };
            Ok(Progress {
                fingerprint: row.try_get("fingerprint")?,
                known_until: row.try_get("known_until")?,
                everything_at: row.try_get("everything_at")?,
                open,
            })
        };
        read().map(Some).map_err(self.fault())
    }

    async fn set_progress(&self, account: &AccountKey, progress: &Progress) -> Result<(), StoreError> {
        let open = progress.open.as_ref();
        if open.is_some_and(|open| open.cursor.len() > MAX_CURSOR_BYTES) {
            let why = format!("it is longer than {MAX_CURSOR_BYTES} bytes");
            return Err(StoreError::Invalid { what: "a cursor", why });
        }
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT OR REPLACE INTO progress (profile, platform, account, fingerprint, known_until, everything_at, began_at, since, cursor, fetched)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(&progress.fingerprint)
        .bind(progress.known_until)
        .bind(progress.everything_at)
        .bind(open.map(|open| open.began_at))
        .bind(open.and_then(|open| open.since))
        .bind(open.map(|open| open.cursor.as_str()))
        .bind(open.map(|open| integer(open.fetched)))
        .execute(&mut *transaction)
        .await
        .map_err(self.fault())?;
        self.commit(transaction).await
    }
}
