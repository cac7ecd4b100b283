//! Storing a page with few statements: one that reads what is known of its postings, one that writes them all.

use std::collections::HashMap;

use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Row, Sqlite};

use super::SqliteStore;
use super::row::{ROWS, json, novelty, novelty_number, parameters};
use crate::contract::types::{Payment, Posting, UtcSeconds};
use crate::lead::AccountKey;
use crate::store::observed::{Comparison, Known, Observation, Observed, Verdict, compare};
use crate::store::{MAX_PAST_STATES, StoreError};

type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// The scan that stores, and when.
#[derive(Clone, Copy)]
pub(super) struct Occasion {
    pub scan: i64,
    pub now: UtcSeconds,
}

/// Hours that an hourly budget is taken for, so that it can be sorted among others.
const HOURS: f64 = 40.0;

/// What a posting offers at best, in USD hundredths; none where it does not say, or not in a currency with a known rate.
fn budget_usd(posting: &Posting) -> Option<i64> {
    let budget = posting.budget.as_ref()?;
    let best = budget.maximum.or(budget.minimum)? as f64;
    let rate = if budget.currency == "USD" { 1.0 } else { budget.usd_rate? };
    let hours = if posting.payment == Payment::Hourly { HOURS } else { 1.0 };
    // A conversion from float saturates.
    Some((best * rate * hours).round() as i64)
}

/// A statement that begins with an account's three parameters.
fn query_of(sql: String, account: &AccountKey) -> Query<'static> {
    sqlx::query(AssertSqlSafe(sql))
        .bind(account.profile.clone())
        .bind(account.platform.clone())
        .bind(account.account.clone())
}

impl SqliteStore {
    /// Compares each of the page's postings with what is known; with an occasion, stores them as well.
    pub(super) async fn compare_and_store(
        &self,
        connection: &mut SqliteConnection,
        account: &AccountKey,
        observed: &Observed<'_>,
        occasion: Option<Occasion>,
    ) -> Result<Vec<Comparison>, StoreError> {
        let mut comparisons = Vec::with_capacity(observed.distinct.len());
        for chunk in observed.distinct.chunks(ROWS) {
            let known = self.known(connection, account, chunk).await?;
            let begin = comparisons.len();
            comparisons.extend(chunk.iter().map(|seen| compare(known.get(seen.id), seen, occasion.map(|o| o.scan))));
            if let Some(occasion) = occasion {
                self.write(connection, account, chunk, &comparisons[begin..], &known, occasion).await?;
            }
        }
        Ok(comparisons)
    }

    async fn known(
        &self,
        connection: &mut SqliteConnection,
        account: &AccountKey,
        chunk: &[Observation<'_>],
    ) -> Result<HashMap<String, Known>, StoreError> {
        let sql = format!(
            "SELECT id, kept, content, facts, scan, novelty, revision, last_seen FROM postings
             WHERE profile = ? AND platform = ? AND account = ? AND id IN {}",
            parameters(1, chunk.len())
        );
        let mut query = query_of(sql, account);
        for seen in chunk {
            query = query.bind(seen.id);
        }
        let rows = query.fetch_all(&mut *connection).await.map_err(self.fault())?;
        rows.iter()
            .map(|row| {
                let facts: Option<String> = row.try_get("facts")?;
                Ok((
                    row.try_get("id")?,
                    Known {
                        kept: row.try_get("kept")?,
                        content: row.try_get("content")?,
                        // Unreadable figures of another version are as good as none.
                        facts: facts.and_then(|facts| serde_json::from_str(&facts).ok()),
                        scan: row.try_get("scan")?,
                        novelty: novelty(row.try_get("novelty")?),
                        revision: row.try_get("revision")?,
                        last_seen: row.try_get("last_seen")?,
                    },
                ))
            })
            .collect::<Result<_, _>>()
            .map_err(self.fault())
    }

    async fn write(
        &self,
        connection: &mut SqliteConnection,
        account: &AccountKey,
        chunk: &[Observation<'_>],
        comparisons: &[Comparison],
        known: &HashMap<String, Known>,
        occasion: Occasion,
    ) -> Result<(), StoreError> {
        const COLUMNS: usize = 19;
        let sql = format!(
            "WITH at (profile, platform, account, scan, now) AS (VALUES (?,?,?,?,?)),
                seen (id, kept, novelty, revision, content, title, url, ranked_first, score, confidence, budget_usd, posted_at, scored_at,
                    facts, explained, posting, stage, filter, reason) AS (VALUES {})
             INSERT INTO postings (profile, platform, account, scan, first_seen, last_seen, fetched_at, id, kept, novelty, revision, content,
                title, url, ranked_first, score, confidence, budget_usd, posted_at, scored_at, facts, explained, posting, stage, filter,
                reason)
             SELECT profile, platform, account, scan, now, now, now, seen.* FROM at, seen WHERE true
             ON CONFLICT (profile, platform, account, id) DO UPDATE SET
                scan = excluded.scan, last_seen = excluded.last_seen, kept = excluded.kept, novelty = excluded.novelty,
                fetched_at = excluded.fetched_at, purged_at = NULL,
                revision = excluded.revision, content = excluded.content, title = excluded.title, url = excluded.url,
                ranked_first = excluded.ranked_first, confidence = excluded.confidence, budget_usd = excluded.budget_usd,
                score = excluded.score, posted_at = excluded.posted_at, scored_at = excluded.scored_at,
                facts = coalesce(excluded.facts, facts), explained = excluded.explained, posting = excluded.posting,
                stage = excluded.stage, filter = excluded.filter, reason = excluded.reason",
            parameters(chunk.len(), COLUMNS)
        );
        let mut query = query_of(sql, account).bind(occasion.scan).bind(occasion.now);
        let mut past = Vec::new();
        for (seen, comparison) in chunk.iter().zip(comparisons) {
            let known = known.get(seen.id);
            let revision = known.map_or(0, |known| known.revision);
            if let (Some(facts), Some(known)) = (&comparison.past, known) {
                past.push((seen.id, revision, known.last_seen, json(facts)));
            }
            query = query
                .bind(seen.id)
                .bind(seen.is_kept())
                .bind(novelty_number(comparison.novelty))
                .bind(revision + i64::from(comparison.past.is_some()))
                .bind(seen.content.0.to_vec())
                .bind(seen.title)
                .bind(seen.url);
            query = match &seen.verdict {
                Verdict::Kept { lead, facts } => query
                    .bind(lead.explained.is_first())
                    .bind(i64::from(lead.explained.score.hundredths()))
                    .bind(lead.explained.confidence)
                    .bind(budget_usd(&lead.posting))
                    .bind(lead.posting.posted_at)
                    .bind(occasion.now)
                    .bind(json(facts))
                    .bind(json(&lead.explained))
                    .bind(json(&lead.posting))
                    .bind(None::<&str>)
                    .bind(None::<&str>)
                    .bind(None::<&str>),
                Verdict::Skipped(skipped) => query
                    .bind(false)
                    .bind(None::<i64>)
                    .bind(None::<f64>)
                    .bind(None::<i64>)
                    .bind(None::<i64>)
                    .bind(None::<i64>)
                    .bind(None::<&str>)
                    .bind(None::<&str>)
                    .bind(None::<&str>)
                    .bind(skipped.stage.as_str())
                    .bind(&skipped.filter)
                    .bind(&skipped.reason),
            };
        }
        query.execute(&mut *connection).await.map_err(self.fault())?;
        self.write_past(connection, account, &past).await
    }

    async fn write_past(
        &self,
        connection: &mut SqliteConnection,
        account: &AccountKey,
        past: &[(&str, i64, UtcSeconds, String)],
    ) -> Result<(), StoreError> {
        if past.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "WITH at (profile, platform, account) AS (VALUES (?,?,?)), past (id, slot, revision, until, facts) AS (VALUES {})
             INSERT OR REPLACE INTO history (profile, platform, account, id, slot, revision, until, facts)
             SELECT at.*, past.* FROM at, past",
            parameters(past.len(), 5)
        );
        let mut query = query_of(sql, account);
        for (id, revision, until, facts) in past {
            query = query
                .bind(*id)
                .bind(revision.rem_euclid(MAX_PAST_STATES as i64))
                .bind(*revision)
                .bind(*until)
                .bind(facts);
        }
        query.execute(&mut *connection).await.map_err(self.fault())?;
        Ok(())
    }
}
