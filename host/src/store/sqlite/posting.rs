//! Reading postings.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::row::{account, count, novelty, parsed, stage};
use crate::contract::types::UtcSeconds;
use crate::lead::{AccountKey, Lead, Skipped};
use crate::store::{
    Counts, Found, LeadFilter, PastState, Postings, Scope, SkipCount, SkippedFilter, StoreError, StoredLead, StoredSkip,
};

/// How many candidates an ambiguous reference lists.
const CANDIDATES: usize = 10;

#[async_trait]
impl Postings for SqliteStore {
    async fn leads(&self, filter: &LeadFilter) -> Result<Vec<StoredLead>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM postings
             WHERE kept = 1 AND profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3)
                AND score >= ?4 AND (?5 IS NULL OR first_seen >= ?5)
             ORDER BY score DESC, posted_at DESC, platform, account, id LIMIT ?6",
        )
        .bind(&filter.scope.profile)
        .bind(&filter.scope.platform)
        .bind(&filter.scope.account)
        .bind(filter.min_score.map_or(0, |score| i64::from(score.hundredths())))
        .bind(filter.since)
        .bind(filter.limit)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        readable(rows.iter().map(|row| self.lead(row)))
    }

    async fn skipped(&self, filter: &SkippedFilter) -> Result<Vec<StoredSkip>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM postings
             WHERE kept = 0 AND profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3)
                AND (?4 IS NULL OR stage = ?4) AND (?5 IS NULL OR filter = ?5) AND (?6 IS NULL OR last_seen >= ?6)
             ORDER BY last_seen DESC, platform, account, id LIMIT ?7",
        )
        .bind(&filter.scope.profile)
        .bind(&filter.scope.platform)
        .bind(&filter.scope.account)
        .bind(filter.stage.map(|stage| stage.as_str()))
        .bind(&filter.filter)
        .bind(filter.since)
        .bind(filter.limit)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        readable(rows.iter().map(|row| self.skip(row)))
    }

    async fn find(&self, scope: &Scope, reference: &str) -> Result<Found, StoreError> {
        // An identifier may hold a slash itself, so both readings are looked for.
        let (platform, id) = reference.split_once('/').filter(|(_, id)| !id.is_empty()).unzip();
        let mut reader = self.reader().await?;
        let rows = sqlx::query(
            "SELECT profile, platform, account, id, id = ?4 OR (platform = ?5 AND id = ?6) AS whole FROM postings
             WHERE profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3)
                AND ((id >= ?4 AND id < ?4 || char(1114111) AND ?4 <> '')
                    OR (platform = ?5 AND id >= ?6 AND id < ?6 || char(1114111)))
             ORDER BY whole DESC, platform, account, id LIMIT ?7",
        )
        .bind(&scope.profile)
        .bind(&scope.platform)
        .bind(&scope.account)
        .bind(reference)
        .bind(platform)
        .bind(id)
        .bind(u32::try_from(CANDIDATES + 1).unwrap_or(u32::MAX))
        .fetch_all(&mut *reader)
        .await
        .map_err(self.fault())?;
        let mut candidates = Vec::with_capacity(rows.len());
        for row in &rows {
            // Of no row at all, SQLite's NULL stands for "no".
            let whole: Option<bool> = row.try_get("whole").map_err(self.fault())?;
            let id: String = row.try_get("id").map_err(self.fault())?;
            candidates.push((whole.unwrap_or(false), account(row).map_err(self.fault())?, id));
        }
        if candidates.first().is_some_and(|(whole, ..)| *whole) {
            candidates.retain(|(whole, ..)| *whole);
        }
        match candidates.as_slice() {
            [] => Err(no_such(scope, reference)),
            [(_, account, id)] => {
                let row = sqlx::query(
                    "SELECT * FROM postings WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND id = ?4",
                )
                .bind(&account.profile)
                .bind(&account.platform)
                .bind(&account.account)
                .bind(id)
                .fetch_optional(&mut *reader)
                .await
                .map_err(self.fault())?
                .ok_or_else(|| no_such(scope, reference))?;
                if row.try_get("kept").map_err(self.fault())? {
                    self.lead(&row).map(|lead| Found::Lead(Box::new(lead)))
                } else {
                    self.skip(&row).map(|skip| Found::Skipped(Box::new(skip)))
                }
            }
            several => Err(StoreError::Ambiguous {
                reference: reference.to_owned(),
                candidates: several.iter().take(CANDIDATES).map(|(_, account, id)| name(account, id)).collect(),
                more: several.len() > CANDIDATES,
            }),
        }
    }

    async fn past_states(&self, account: &AccountKey, id: &str) -> Result<Vec<PastState>, StoreError> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT until, facts FROM history WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND id = ?4 ORDER BY revision DESC",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(id)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        let what = || format!("the history of {}", name(account, id));
        readable(
            rows.into_iter().map(|(until, facts)| Ok(PastState { until, facts: parsed(&self.path, what, &facts)? })),
        )
    }

    async fn counts(&self, scope: &Scope, since: Option<UtcSeconds>) -> Result<Counts, StoreError> {
        let rows = sqlx::query(
            "SELECT kept, iif(kept, '', platform) AS platform, stage, filter, count(*) AS n FROM postings
             WHERE profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3) AND (?4 IS NULL OR last_seen >= ?4)
             GROUP BY 1, 2, 3, 4 ORDER BY n DESC, 2, 3, 4",
        )
        .bind(&scope.profile)
        .bind(&scope.platform)
        .bind(&scope.account)
        .bind(since)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        let mut counts = Counts::default();
        for row in &rows {
            let n = count(row.try_get("n").map_err(self.fault())?);
            if row.try_get("kept").map_err(self.fault())? {
                counts.leads = n;
                continue;
            }
            let filter: String = row.try_get("filter").map_err(self.fault())?;
            let text: String = row.try_get("stage").map_err(self.fault())?;
            counts.skipped.push(SkipCount {
                platform: row.try_get("platform").map_err(self.fault())?,
                stage: stage(&self.path, || format!("what {filter} dropped"), &text)?,
                filter,
                count: n,
            });
        }
        Ok(counts)
    }

    async fn prune_postings(&self, scope: &Scope, before: UtcSeconds) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let removed = sqlx::query(
            "DELETE FROM postings WHERE profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3) AND last_seen < ?4",
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

fn no_such(scope: &Scope, reference: &str) -> StoreError {
    StoreError::NoSuchPosting { reference: reference.to_owned(), scope: scope.clone() }
}

/// `platform/id`, and the account where it is not the usual one.
pub(super) fn name(account: &AccountKey, id: &str) -> String {
    let id = id.escape_debug();
    match account.account.as_str() {
        "default" => format!("{}/{id}", account.platform),
        other => format!("{}/{id} (account {other})", account.platform),
    }
}

/// Leaves out what another version of the program wrote, so that one row does not hide the others.
pub(super) fn readable<T>(items: impl Iterator<Item = Result<T, StoreError>>) -> Result<Vec<T>, StoreError> {
    items
        .filter_map(|item| match item {
            Err(error @ StoreError::Unreadable { .. }) => {
                tracing::warn!("{error}");
                None
            }
            other => Some(other),
        })
        .collect()
}

impl SqliteStore {
    fn lead(&self, row: &SqliteRow) -> Result<StoredLead, StoreError> {
        let fault = self.fault();
        let account = account(row).map_err(&fault)?;
        let id: String = row.try_get("id").map_err(&fault)?;
        let what = || name(&account, &id);
        let posting: &str = row.try_get("posting").map_err(&fault)?;
        let explained: &str = row.try_get("explained").map_err(&fault)?;
        Ok(StoredLead {
            lead: Lead { posting: parsed(&self.path, what, posting)?, explained: parsed(&self.path, what, explained)? },
            novelty: novelty(row.try_get("novelty").map_err(&fault)?),
            first_seen: row.try_get("first_seen").map_err(&fault)?,
            last_seen: row.try_get("last_seen").map_err(&fault)?,
            scored_at: row.try_get("scored_at").map_err(&fault)?,
            account,
        })
    }

    fn skip(&self, row: &SqliteRow) -> Result<StoredSkip, StoreError> {
        let fault = self.fault();
        let account = account(row).map_err(&fault)?;
        let id: String = row.try_get("id").map_err(&fault)?;
        let text: &str = row.try_get("stage").map_err(&fault)?;
        let stage = stage(&self.path, || name(&account, &id), text)?;
        Ok(StoredSkip {
            account,
            skipped: Skipped {
                id,
                title: row.try_get("title").map_err(&fault)?,
                url: row.try_get("url").map_err(&fault)?,
                stage,
                filter: row.try_get("filter").map_err(&fault)?,
                reason: row.try_get("reason").map_err(&fault)?,
            },
            novelty: novelty(row.try_get("novelty").map_err(&fault)?),
            first_seen: row.try_get("first_seen").map_err(&fault)?,
            last_seen: row.try_get("last_seen").map_err(&fault)?,
        })
    }
}
