//! Leads by their keys.

use async_trait::async_trait;
use sqlx::Row;

use super::SqliteStore;
use super::posting::readable;
use super::reference::name;
use super::row::{account, count, json, mark, parsed};
use crate::lead::Explained;
use crate::store::{LeadKey, Scope, ScoredLead, ScoredLeads, StoreError};

#[async_trait]
impl ScoredLeads for SqliteStore {
    async fn scored(
        &self,
        scope: &Scope,
        after: Option<&LeadKey>,
        with_postings: bool,
        limit: u32,
    ) -> Result<Vec<ScoredLead>, StoreError> {
        // Before the first key there is an empty one.
        let (platform, account_of, id) =
            after.map_or(("", "", ""), |key| (&key.account.platform, &key.account.account, &key.id));
        let rows = sqlx::query(
            "SELECT profile, platform, account, id, title, posted_at, mark, explained, iif(?8, posting, NULL) AS posting FROM postings
             WHERE kept = 1 AND profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3)
                AND (platform, account, id) > (?4, ?5, ?6) AND (NOT ?8 OR purged_at IS NULL)
             ORDER BY platform, account, id LIMIT ?7",
        )
        .bind(&scope.profile)
        .bind(&scope.platform)
        .bind(&scope.account)
        .bind(platform)
        .bind(account_of)
        .bind(id)
        .bind(limit)
        .bind(with_postings)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        let fault = self.fault();
        readable(rows.iter().map(|row| {
            let key = LeadKey { account: account(row).map_err(&fault)?, id: row.try_get("id").map_err(&fault)? };
            let what = || name(&key.account, &key.id);
            let explained: &str = row.try_get("explained").map_err(&fault)?;
            let posting: Option<&str> = row.try_get("posting").map_err(&fault)?;
            Ok(ScoredLead {
                title: row.try_get("title").map_err(&fault)?,
                posted_at: row.try_get("posted_at").map_err(&fault)?,
                mark: mark(row.try_get("mark").map_err(&fault)?),
                explained: parsed(&self.path, what, explained)?,
                posting: posting.map(|posting| parsed(&self.path, what, posting)).transpose()?,
                key,
            })
        }))
    }

    async fn purged(&self, scope: &Scope) -> Result<u64, StoreError> {
        let purged: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM postings WHERE kept = 1 AND purged_at IS NOT NULL AND profile = ?1
                AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3)",
        )
        .bind(&scope.profile)
        .bind(&scope.platform)
        .bind(&scope.account)
        .fetch_one(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        Ok(count(purged))
    }

    async fn rescore(&self, leads: &[(LeadKey, Explained)]) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let mut changed = 0;
        for (LeadKey { account, id }, explained) in leads {
            changed += sqlx::query(
                "UPDATE postings SET score = ?5, explained = ?6, confidence = ?7, ranked_first = ?8
                 WHERE kept = 1 AND profile = ?1 AND platform = ?2 AND account = ?3 AND id = ?4",
            )
            .bind(&account.profile)
            .bind(&account.platform)
            .bind(&account.account)
            .bind(id)
            .bind(i64::from(explained.score.hundredths()))
            .bind(json(explained))
            .bind(explained.confidence)
            .bind(explained.is_first())
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?
            .rows_affected();
        }
        self.commit(transaction).await?;
        Ok(changed)
    }
}
