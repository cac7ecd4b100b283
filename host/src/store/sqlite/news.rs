//! News: leads that are new or have risen, and telling of them once.

use async_trait::async_trait;
use sqlx::Row;

use super::SqliteStore;
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;
use crate::store::StoreError;
use crate::store::news::{News, Untold};
use crate::store::outbox::{Event, check};

#[async_trait]
impl News for SqliteStore {
    async fn untold(&self, account: &AccountKey, limit: u32) -> Result<Vec<Untold>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, title, url, score, told, first_seen FROM postings
             WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND kept = 1 AND mark <> 3 AND (told IS NULL OR told < score)
             ORDER BY score DESC, posted_at DESC, id LIMIT ?4",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        rows.iter()
            .map(|row| {
                Ok(Untold {
                    id: row.try_get("id")?,
                    title: row.try_get("title")?,
                    url: row.try_get::<Option<String>, _>("url")?.unwrap_or_default(),
                    score: row.try_get("score")?,
                    before: row.try_get("told")?,
                    first_seen: row.try_get("first_seen")?,
                })
            })
            .collect::<Result<_, _>>()
            .map_err(self.fault())
    }

    async fn tell(
        &self,
        account: &AccountKey,
        told: &[Untold],
        events: &[(Event, Vec<String>)],
        now: UtcSeconds,
    ) -> Result<bool, StoreError> {
        for (event, channels) in events {
            check(event, channels)?;
        }
        let mut transaction = self.begin().await?;
        for lead in told {
            let changed = sqlx::query(
                "UPDATE postings SET told = ?5 WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND id = ?4 AND told IS ?6",
            )
            .bind(&account.profile)
            .bind(&account.platform)
            .bind(&account.account)
            .bind(&lead.id)
            .bind(lead.score)
            .bind(lead.before)
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?;
            if changed.rows_affected() == 0 {
                return Ok(false);
            }
        }
        for (event, channels) in events {
            self.insert(&mut transaction, event, channels).await?;
        }
        sqlx::query("INSERT OR REPLACE INTO digests (profile, platform, account, at) VALUES (?1, ?2, ?3, ?4)")
            .bind(&account.profile)
            .bind(&account.platform)
            .bind(&account.account)
            .bind(now)
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?;
        self.commit(transaction).await?;
        Ok(true)
    }

    async fn told_at(&self, account: &AccountKey) -> Result<Option<UtcSeconds>, StoreError> {
        let row: Option<(i64,)> =
            sqlx::query_as("SELECT at FROM digests WHERE profile = ?1 AND platform = ?2 AND account = ?3")
                .bind(&account.profile)
                .bind(&account.platform)
                .bind(&account.account)
                .fetch_optional(&mut *self.reader().await?)
                .await
                .map_err(self.fault())?;
        Ok(row.map(|(at,)| at))
    }
}
