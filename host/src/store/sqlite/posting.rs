//! Reading postings.

use async_trait::async_trait;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Row, Sqlite};

use super::SqliteStore;
use super::reference::name;
use super::row::{account, count, json, mark, mark_number, novelty, parsed, stage};
use crate::contract::types::{Posting, UtcSeconds};
use crate::lead::{AccountKey, Lead, Mark, Score, Skipped};
use crate::store::{
    Counts, Found, LeadFilter, LeadSort, MAX_PURGED, MAX_TAG_BYTES, MAX_TAGS, PastState, Postings, Scope, SkipCount,
    SkippedFilter, StoreError, StoredLead, StoredSkip, Tally,
};

/// Postings with their tags.
const LEADS: &str = "SELECT *, (SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE tags.profile = postings.profile
    AND tags.platform = postings.platform AND tags.account = postings.account AND tags.id = postings.id ORDER BY tag)) AS tags FROM postings";

/// One posting: see [`of_one`].
const ONE: &str = "profile = ?1 AND platform = ?2 AND account = ?3 AND id = ?4";

#[async_trait]
impl Postings for SqliteStore {
    async fn leads(&self, filter: &LeadFilter) -> Result<Vec<StoredLead>, StoreError> {
        let rows = sqlx::query(AssertSqlSafe(format!(
            "{LEADS}
             WHERE kept = 1 AND profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3)
                AND score >= ?4 AND (?5 IS NULL OR first_seen >= ?5)
                AND (?6 IS NULL OR mark IN (SELECT value FROM json_each(?6)))
                AND NOT EXISTS (SELECT 1 FROM json_each(?7) AS wanted WHERE NOT EXISTS (SELECT 1 FROM tags WHERE tag = wanted.value
                    AND tags.profile = postings.profile AND tags.platform = postings.platform AND tags.account = postings.account
                    AND tags.id = postings.id))
                AND NOT EXISTS (SELECT 1 FROM json_each(?8) AS word WHERE instr(lower(title || char(10) || iif(json_valid(posting),
                    json_extract(posting, '$.description') || char(10) || json_extract(posting, '$.skills'), '')), word.value) = 0)
             ORDER BY {} LIMIT ?9 OFFSET ?10",
            order(filter.sort, filter.reverse)
        )))
        .bind(&filter.scope.profile)
        .bind(&filter.scope.platform)
        .bind(&filter.scope.account)
        .bind(filter.min_score.map_or(0, |score| i64::from(score.hundredths())))
        .bind(filter.since)
        .bind(filter.marks.as_ref().map(|marks| json(&marks.iter().map(|mark| mark_number(*mark)).collect::<Vec<_>>())))
        .bind(json(&filter.tags))
        .bind(json(&filter.words.iter().map(|word| word.to_ascii_lowercase()).collect::<Vec<_>>()))
        .bind(filter.limit)
        .bind(filter.skip)
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
             ORDER BY last_seen DESC, platform, account, id LIMIT ?7 OFFSET ?8",
        )
        .bind(&filter.scope.profile)
        .bind(&filter.scope.platform)
        .bind(&filter.scope.account)
        .bind(filter.stage.map(|stage| stage.as_str()))
        .bind(&filter.filter)
        .bind(filter.since)
        .bind(filter.limit)
        .bind(filter.skip)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        readable(rows.iter().map(|row| self.skip(row)))
    }

    async fn find(&self, scope: &Scope, reference: &str) -> Result<Found, StoreError> {
        let mut reader = self.reader().await?;
        let (account, id) =
            self.referred(&mut reader, "postings", scope, reference).await?.ok_or_else(|| no_such(scope, reference))?;
        let row = sqlx::query(AssertSqlSafe(format!("{LEADS} WHERE {ONE}")))
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

    async fn tally(&self, scope: &Scope, since: Option<UtcSeconds>, least: Score) -> Result<Vec<Tally>, StoreError> {
        let rows: Vec<(String, Option<i64>, i64, i64)> = sqlx::query_as(
            "SELECT platform, score / 1000 AS band, count(*), coalesce(sum(kept = 1 AND score >= ?5), 0) FROM postings
             WHERE profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3) AND (?4 IS NULL OR first_seen >= ?4)
             GROUP BY platform, band ORDER BY platform, band",
        )
        .bind(&scope.profile)
        .bind(&scope.platform)
        .bind(&scope.account)
        .bind(since)
        .bind(i64::from(least.hundredths()))
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        let tally = |(platform, band, discovered, shown): (String, Option<i64>, i64, i64)| Tally {
            platform,
            band: band.and_then(|band| u32::try_from(band).ok()),
            discovered: count(discovered),
            shown: count(shown),
        };
        Ok(rows.into_iter().map(tally).collect())
    }

    async fn mark(&self, account: &AccountKey, id: &str, mark: Mark) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let sql = AssertSqlSafe(format!("UPDATE postings SET mark = ?5 WHERE {ONE}"));
        let marked = of_one(sqlx::query(sql), account, id).bind(mark_number(mark)).execute(&mut *transaction).await;
        if marked.map_err(self.fault())?.rows_affected() == 0 {
            return Err(no_such(&account.into(), id));
        }
        self.commit(transaction).await
    }

    async fn tag(
        &self,
        account: &AccountKey,
        id: &str,
        add: &[String],
        remove: &[String],
    ) -> Result<Vec<String>, StoreError> {
        for tag in add {
            check_tag(tag)?;
        }
        let mut transaction = self.begin().await?;
        let sql = AssertSqlSafe(format!("SELECT 1 FROM postings WHERE {ONE}"));
        let known = of_one(sqlx::query(sql), account, id).fetch_optional(&mut *transaction).await;
        if known.map_err(self.fault())?.is_none() {
            return Err(no_such(&account.into(), id));
        }
        let adding = "INSERT OR IGNORE INTO tags (profile, platform, account, id, tag) SELECT ?1, ?2, ?3, ?4, value FROM json_each(?5)";
        of_one(sqlx::query(adding), account, id)
            .bind(json(&add))
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?;
        let sql = AssertSqlSafe(format!("DELETE FROM tags WHERE {ONE} AND tag IN (SELECT value FROM json_each(?5))"));
        of_one(sqlx::query(sql), account, id)
            .bind(json(&remove))
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?;
        let sql = AssertSqlSafe(format!("SELECT tag FROM tags WHERE {ONE} ORDER BY tag"));
        let rows = of_one(sqlx::query(sql), account, id).fetch_all(&mut *transaction).await.map_err(self.fault())?;
        let tags: Vec<String> =
            rows.iter().map(|row| row.try_get("tag")).collect::<Result<_, _>>().map_err(self.fault())?;
        if tags.len() > MAX_TAGS {
            return Err(StoreError::Invalid { what: "the tags", why: format!("a posting has at most {MAX_TAGS}") });
        }
        self.commit(transaction).await?;
        Ok(tags)
    }

    async fn purge_content(&self, scope: &Scope, before: UtcSeconds, now: UtcSeconds) -> Result<u64, StoreError> {
        let due = sqlx::query(
            "SELECT 1 FROM postings WHERE purged_at IS NULL AND profile = ?1 AND (?2 IS NULL OR platform = ?2)
                AND (?3 IS NULL OR account = ?3) AND fetched_at < ?4 LIMIT 1",
        );
        let due = due.bind(&scope.profile).bind(&scope.platform).bind(&scope.account).bind(before);
        // Mostly there is nothing to do, and then nobody waits for the write lock.
        if due.fetch_optional(&mut *self.reader().await?).await.map_err(self.fault())?.is_none() {
            return Ok(0);
        }
        let mut transaction = self.begin().await?;
        // What is freed is overwritten: else the texts would stay in the file until something else takes their place.
        sqlx::raw_sql("PRAGMA secure_delete = ON").execute(&mut *transaction).await.map_err(self.fault())?;
        let purged = sqlx::query(
            "UPDATE postings SET purged_at = ?5, title = '', posting = CASE
                WHEN posting IS NULL THEN NULL
                WHEN NOT json_valid(posting) THEN '{}'
                ELSE json_remove(json_set(posting, '$.title', '', '$.description', '', '$.skills', json('[]'), '$.categories', json('[]'),
                    '$.attributes', json('[]')), '$.client.id', '$.client.country', '$.client.country_code', '$.language') END
             WHERE rowid IN (SELECT rowid FROM postings WHERE purged_at IS NULL AND profile = ?1 AND (?2 IS NULL OR platform = ?2)
                AND (?3 IS NULL OR account = ?3) AND fetched_at < ?4 ORDER BY fetched_at LIMIT ?6)",
        )
        .bind(&scope.profile)
        .bind(&scope.platform)
        .bind(&scope.account)
        .bind(before)
        .bind(now)
        .bind(MAX_PURGED)
        .execute(&mut *transaction)
        .await
        .map_err(self.fault())?
        .rows_affected();
        sqlx::raw_sql("PRAGMA secure_delete = OFF").execute(&mut *transaction).await.map_err(self.fault())?;
        self.commit(transaction).await?;
        Ok(purged)
    }

    async fn restore_content(
        &self,
        account: &AccountKey,
        posting: &Posting,
        now: UtcSeconds,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let sql = AssertSqlSafe(format!(
            "UPDATE postings SET fetched_at = ?5, purged_at = NULL, title = ?6, posting = ?7 WHERE {ONE} AND kept = 1"
        ));
        let query = of_one(sqlx::query(sql), account, &posting.id).bind(now).bind(&posting.title).bind(json(posting));
        let restored = query.execute(&mut *transaction).await.map_err(self.fault())?.rows_affected();
        if restored == 0 {
            return Err(no_such(&account.into(), &posting.id));
        }
        self.commit(transaction).await
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

/// Binds the first four parameters of a statement about one posting.
fn of_one<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    account: &AccountKey,
    id: &str,
) -> Query<'q, Sqlite, SqliteArguments> {
    query.bind(account.profile.clone()).bind(account.platform.clone()).bind(account.account.clone()).bind(id.to_owned())
}

/// The order of a list. What has nothing to sort by comes last whichever way.
fn order(sort: LeadSort, reverse: bool) -> String {
    let keys: &[&str] = match sort {
        LeadSort::Score => &["ranked_first", "score", "posted_at"],
        LeadSort::Posted => &["posted_at"],
        LeadSort::Seen => &["first_seen"],
        LeadSort::Budget => &["budget_usd"],
        LeadSort::Confidence => &["confidence"],
    };
    let way = if reverse { "ASC NULLS LAST" } else { "DESC" };
    let keys: Vec<String> = keys.iter().map(|key| format!("{key} {way}")).collect();
    let then = if sort == LeadSort::Score { "" } else { ", score DESC" };
    format!("{}{then}, platform, account, id", keys.join(", "))
}

fn check_tag(tag: &str) -> Result<(), StoreError> {
    let why = match tag {
        "" => "it is empty".to_owned(),
        tag if tag.len() > MAX_TAG_BYTES => format!("it has more than {MAX_TAG_BYTES} bytes"),
        tag if tag.chars().any(char::is_control) => "it has a control character".to_owned(),
        _ => return Ok(()),
    };
    Err(StoreError::Invalid { what: "the tag", why })
}

fn no_such(scope: &Scope, reference: &str) -> StoreError {
    StoreError::NoSuchPosting { reference: reference.to_owned(), scope: scope.clone() }
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
            mark: mark(row.try_get("mark").map_err(&fault)?),
            tags: parsed(&self.path, what, row.try_get("tags").map_err(&fault)?)?,
            fetched_at: row.try_get("fetched_at").map_err(&fault)?,
            purged_at: row.try_get("purged_at").map_err(&fault)?,
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
