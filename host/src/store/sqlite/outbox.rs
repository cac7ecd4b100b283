//! The outbox. A claim is one statement, so that two processes cannot take the same delivery.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use super::SqliteStore;
use super::row::account;
use crate::store::StoreError;
use crate::store::outbox::{
    Claim, ClaimWish, Delivery, DeliveryState, Event, MAX_DELIVERY_ATTEMPTS, MAX_EVENTS, MAX_KEPT, MAX_WAITING, Outbox,
    OutboxFilter, Settled, check, kept_reason,
};

#[async_trait]
impl Outbox for SqliteStore {
    async fn post(&self, event: &Event, channels: &[String]) -> Result<bool, StoreError> {
        check(event, channels)?;
        let mut transaction = self.begin().await?;
        let taken = self.insert(&mut transaction, event, channels).await?;
        if taken {
            self.commit(transaction).await?;
        }
        Ok(taken)
    }

    async fn claim_delivery(&self, wish: &ClaimWish<'_>) -> Result<Option<Claim>, StoreError> {
        let mut transaction = self.begin().await?;
        let claimed: Option<(String, u32)> = sqlx::query_as(
            "UPDATE deliveries SET attempts = attempts + 1, claimed_until = ?4, changed_at = ?3 WHERE (profile, event, channel) = (
                 SELECT d.profile, d.event, d.channel FROM deliveries d JOIN events e ON e.profile = d.profile AND e.id = d.event
                 WHERE d.profile = ?1 AND d.channel = ?2 AND d.state = 0 AND d.due_at <= ?3 AND d.attempts < ?5
                     AND (d.claimed_until IS NULL OR d.claimed_until <= ?3) AND e.created_at > ?6
                     AND (?7 IS NULL OR e.kind IN (SELECT value FROM json_each(?7)))
                 ORDER BY e.created_at, e.rowid LIMIT 1)
             RETURNING event, attempts",
        )
        .bind(wish.profile)
        .bind(wish.channel)
        .bind(wish.now)
        .bind(wish.until)
        .bind(MAX_DELIVERY_ATTEMPTS)
        .bind(wish.now.saturating_sub(MAX_WAITING))
        .bind(wish.kinds.map(|kinds| serde_json::json!(kinds).to_string()))
        .fetch_optional(&mut *transaction)
        .await
        .map_err(self.fault())?;
        let Some((id, attempt)) = claimed else { return Ok(None) };
        let row = sqlx::query("SELECT * FROM events WHERE profile = ?1 AND id = ?2")
            .bind(wish.profile)
            .bind(&id)
            .fetch_one(&mut *transaction)
            .await
            .map_err(self.fault())?;
        let event = event(&row).map_err(self.fault())?;
        self.commit(transaction).await?;
        Ok(Some(Claim { event, channel: wish.channel.to_owned(), attempt }))
    }

    async fn settle_delivery(&self, claim: &Claim, now: i64, settled: &Settled) -> Result<bool, StoreError> {
        let (state, due_at, reason) = match settled {
            Settled::Delivered => (DeliveryState::Delivered, now, None),
            Settled::Failed { reason, .. } if claim.attempt >= MAX_DELIVERY_ATTEMPTS => {
                (DeliveryState::GivenUp, now, Some(reason))
            }
            Settled::Failed { reason, again_at } => (DeliveryState::Waiting, *again_at, Some(reason)),
        };
        let mut transaction = self.begin().await?;
        // The attempt's number is what tells this claim from a later one.
        let changed = sqlx::query(
            "UPDATE deliveries SET state = ?5, due_at = ?6, reason = ?7, changed_at = ?8, claimed_until = NULL
             WHERE profile = ?1 AND event = ?2 AND channel = ?3 AND attempts = ?4 AND state = 0 AND claimed_until IS NOT NULL",
        )
        .bind(&claim.event.account.profile)
        .bind(&claim.event.id)
        .bind(&claim.channel)
        .bind(claim.attempt)
        .bind(number(state))
        .bind(due_at)
        .bind(reason.map(|reason| kept_reason(reason)))
        .bind(now)
        .execute(&mut *transaction)
        .await
        .map_err(self.fault())?
        .rows_affected();
        self.commit(transaction).await?;
        Ok(changed > 0)
    }

    async fn deliveries(&self, filter: &OutboxFilter) -> Result<Vec<Delivery>, StoreError> {
        let rows = sqlx::query(
            "SELECT e.*, d.channel, d.state, d.attempts, d.due_at, d.claimed_until, d.changed_at, d.reason
             FROM events e JOIN deliveries d ON d.profile = e.profile AND d.event = e.id
             WHERE e.profile = ?1 AND (?2 IS NULL OR d.state = ?2) ORDER BY e.created_at DESC, e.rowid DESC, d.channel LIMIT ?3",
        )
        .bind(&filter.profile)
        .bind(filter.state.map(number))
        .bind(filter.limit)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        rows.iter().map(delivery).collect::<Result<_, _>>().map_err(self.fault())
    }

    async fn tidy_outbox(&self, profile: &str, now: i64) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let given_up = sqlx::query(
            "UPDATE deliveries SET state = 2, changed_at = ?2, claimed_until = NULL, reason = coalesce(reason, CASE WHEN attempts >= ?3 THEN 'it was cut short at each attempt' ELSE 'nobody tried in time' END)
             WHERE profile = ?1 AND state = 0 AND (claimed_until IS NULL OR claimed_until <= ?2)
                 AND (attempts >= ?3 OR event IN (SELECT id FROM events WHERE profile = ?1 AND created_at <= ?4))",
        )
        .bind(profile)
        .bind(now)
        .bind(MAX_DELIVERY_ATTEMPTS)
        .bind(now.saturating_sub(MAX_WAITING))
        .execute(&mut *transaction)
        .await
        .map_err(self.fault())?
        .rows_affected();
        let forgotten = sqlx::query("DELETE FROM events WHERE profile = ?1 AND created_at <= ?2")
            .bind(profile)
            .bind(now.saturating_sub(MAX_KEPT))
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?
            .rows_affected();
        self.commit(transaction).await?;
        Ok(given_up + forgotten)
    }
}

impl SqliteStore {
    /// Takes an event in; false where one of its key is there already.
    pub(super) async fn insert(
        &self,
        transaction: &mut Transaction<'static, Sqlite>,
        event: &Event,
        channels: &[String],
    ) -> Result<bool, StoreError> {
        let taken = sqlx::query(
            "INSERT INTO events (profile, id, key, platform, account, kind, created_at, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT DO NOTHING",
        )
        .bind(&event.account.profile)
        .bind(&event.id)
        .bind(&event.key)
        .bind(&event.account.platform)
        .bind(&event.account.account)
        .bind(&event.kind)
        .bind(event.created_at)
        .bind(&event.data)
        .execute(&mut **transaction)
        .await
        .map_err(self.fault())?
        .rows_affected();
        if taken == 0 {
            return Ok(false);
        }
        for channel in channels {
            sqlx::query(
                "INSERT INTO deliveries (profile, event, channel, due_at, changed_at) VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT DO NOTHING",
            )
            .bind(&event.account.profile)
            .bind(&event.id)
            .bind(channel)
            .bind(event.created_at)
            .execute(&mut **transaction)
            .await
            .map_err(self.fault())?;
        }
        self.drop_the_oldest(transaction, event).await?;
        Ok(true)
    }

    /// Keeps the bound on events of a kind: the oldest go, those that wait for a delivery last.
    async fn drop_the_oldest(
        &self,
        transaction: &mut Transaction<'static, Sqlite>,
        latest: &Event,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM events WHERE profile = ?1 AND rowid IN (
                 SELECT e.rowid FROM events e WHERE e.profile = ?1 AND e.kind = ?4 AND e.id <> ?2
                 ORDER BY EXISTS (SELECT 1 FROM deliveries d WHERE d.profile = e.profile AND d.event = e.id AND d.state = 0), e.created_at, e.rowid
                 LIMIT max(0, (SELECT count(*) FROM events WHERE profile = ?1 AND kind = ?4) - ?3))",
        )
        .bind(&latest.account.profile)
        .bind(&latest.id)
        .bind(MAX_EVENTS)
        .bind(&latest.kind)
        .execute(&mut **transaction)
        .await
        .map_err(self.fault())?;
        Ok(())
    }
}

fn event(row: &SqliteRow) -> Result<Event, sqlx::Error> {
    Ok(Event {
        id: row.try_get("id")?,
        key: row.try_get("key")?,
        account: account(row)?,
        kind: row.try_get("kind")?,
        created_at: row.try_get("created_at")?,
        data: row.try_get("data")?,
    })
}

fn delivery(row: &SqliteRow) -> Result<Delivery, sqlx::Error> {
    Ok(Delivery {
        event: event(row)?,
        channel: row.try_get("channel")?,
        state: state(row.try_get("state")?),
        attempts: row.try_get("attempts")?,
        due_at: row.try_get("due_at")?,
        claimed_until: row.try_get("claimed_until")?,
        changed_at: row.try_get("changed_at")?,
        reason: row.try_get("reason")?,
    })
}

fn number(state: DeliveryState) -> i64 {
    match state {
        DeliveryState::Waiting => 0,
        DeliveryState::Delivered => 1,
        DeliveryState::GivenUp => 2,
    }
}

/// The table's check leaves no other number.
fn state(number: i64) -> DeliveryState {
    match number {
        0 => DeliveryState::Waiting,
        1 => DeliveryState::Delivered,
        _ => DeliveryState::GivenUp,
    }
}
