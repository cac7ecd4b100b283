//! Proposals, what they have used up, and the switch that stops them.

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row};

use super::SqliteStore;
use super::posting::readable;
use super::row::{account, json, parsed};
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;
use crate::proposal::{Content, Deed, Proposal, State};
use crate::store::proposals::{
    Allowance, MAX_PROPOSAL_BYTES, MAX_PROPOSALS, Passage, ProposalFilter, Proposals, SUBMISSIONS, Spent,
};
use crate::store::{Scope, StoreError};

/// The switch that stops sending.
const PAUSED: &str = "proposals.paused";

#[async_trait]
impl Proposals for SqliteStore {
    async fn add_proposal(
        &self,
        account: &AccountKey,
        state: State,
        content: &Content,
        note: &str,
        now: UtcSeconds,
    ) -> Result<Proposal, StoreError> {
        let text = written(content)?;
        let mut transaction = self.begin().await?;
        let open = self.open_ones(&mut transaction, account, &content.draft.posting).await?;
        if let Some((number, state)) = open {
            return Err(StoreError::ProposalExists { number, state });
        }
        self.make_room(&mut transaction, &account.profile).await?;
        let number: i64 = sqlx::query_scalar(
            "INSERT INTO proposal_numbers (profile, last) VALUES (?1, 1)
             ON CONFLICT (profile) DO UPDATE SET last = last + 1 RETURNING last",
        )
        .bind(&account.profile)
        .fetch_one(&mut *transaction)
        .await
        .map_err(self.fault())?;
        sqlx::query("INSERT INTO proposals VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 1, ?8)")
            .bind(&account.profile)
            .bind(number)
            .bind(&account.platform)
            .bind(&account.account)
            .bind(&content.draft.posting)
            .bind(state.as_str())
            .bind(now)
            .bind(text)
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?;
        let added = Proposal {
            number,
            account: account.clone(),
            state,
            created_at: now,
            updated_at: now,
            revision: 1,
            content: content.clone(),
        };
        self.pass(&mut transaction, &added, note).await?;
        self.commit(transaction).await?;
        Ok(added)
    }

    async fn proposal(&self, profile: &str, number: i64) -> Result<Proposal, StoreError> {
        let row = sqlx::query("SELECT * FROM proposals WHERE profile = ?1 AND number = ?2")
            .bind(profile)
            .bind(number)
            .fetch_optional(&mut *self.reader().await?)
            .await
            .map_err(self.fault())?;
        self.read_proposal(&row.ok_or(StoreError::NoSuchProposal { number })?)
    }

    async fn proposals(&self, filter: &ProposalFilter) -> Result<Vec<Proposal>, StoreError> {
        let Scope { profile, platform, account } = &filter.scope;
        // Names of states are ours: nothing in them has to be escaped.
        let states = filter.states.as_ref().map_or_else(String::new, |states| {
            let names: Vec<String> = states.iter().map(|state| format!("'{state}'")).collect();
            format!("AND state IN ({})", names.join(", "))
        });
        let sql = format!(
            "SELECT * FROM proposals WHERE profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3)
             AND (?4 IS NULL OR posting = ?4) {states} ORDER BY updated_at DESC, number DESC LIMIT ?5"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(profile)
            .bind(platform)
            .bind(account)
            .bind(&filter.posting)
            .bind(filter.limit)
            .fetch_all(&mut *self.reader().await?)
            .await
            .map_err(self.fault())?;
        readable(rows.iter().map(|row| self.read_proposal(row)))
    }

    async fn change_proposal(
        &self,
        read: &Proposal,
        state: State,
        content: &Content,
        note: &str,
        now: UtcSeconds,
    ) -> Result<Proposal, StoreError> {
        let mut transaction = self.begin_durably().await?;
        if let Some(attempt) =
            read.content.attempt.as_ref().filter(|_| matches!(state, State::Failed | State::Approved))
        {
            sqlx::query("DELETE FROM spending WHERE profile = ?1 AND attempt = ?2")
                .bind(&read.account.profile)
                .bind(&attempt.id)
                .execute(&mut *transaction)
                .await
                .map_err(self.fault())?;
        }
        let changed = self.write_proposal(&mut transaction, read, state, content, note, now).await?;
        self.commit(transaction).await?;
        Ok(changed)
    }

    async fn begin_attempt(
        &self,
        read: &Proposal,
        state: State,
        content: &Content,
        allowances: &[Allowance],
        now: UtcSeconds,
    ) -> Result<Proposal, StoreError> {
        let Some(attempt) = &content.attempt else {
            return Err(StoreError::Invalid { what: "the attempt", why: "it has to be there".to_owned() });
        };
        let mut transaction = self.begin_durably().await?;
        let profile = &read.account.profile;
        let submits = matches!(attempt.deed, Deed::Submit | Deed::HandOver);
        if submits && let Some(since) = self.switched(&mut transaction, profile, PAUSED).await? {
            return Err(StoreError::Paused { since });
        }
        let counted = attempt.costs.iter().filter_map(|cost| Some((cost.name.as_str(), cost.quantity?)));
        let costs: Vec<(&str, u32)> = counted.chain(submits.then_some((SUBMISSIONS, 1))).collect();
        for allowance in allowances {
            let Some((_, wanted)) = costs.iter().find(|(name, _)| name.eq_ignore_ascii_case(&allowance.name)) else {
                continue;
            };
            let spent: i64 = sqlx::query_scalar(
                "SELECT coalesce(sum(quantity), 0) FROM spending WHERE profile = ?1 AND at >= ?2 AND name = ?3 COLLATE NOCASE",
            )
            .bind(profile)
            .bind(allowance.since)
            .bind(&allowance.name)
            .fetch_one(&mut *transaction)
            .await
            .map_err(self.fault())?;
            if spent.saturating_add(i64::from(*wanted)) > i64::from(allowance.most) {
                return Err(StoreError::OverBudget {
                    name: allowance.name.clone(),
                    period: allowance.period,
                    most: allowance.most,
                    spent: u64::try_from(spent).unwrap_or(0),
                    wanted: *wanted,
                });
            }
        }
        for (name, quantity) in costs {
            sqlx::query("INSERT OR REPLACE INTO spending VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
                .bind(profile)
                .bind(&attempt.id)
                .bind(name)
                .bind(&read.account.platform)
                .bind(now)
                .bind(quantity)
                .execute(&mut *transaction)
                .await
                .map_err(self.fault())?;
        }
        let begun = self.write_proposal(&mut transaction, read, state, content, "begun", now).await?;
        self.commit(transaction).await?;
        Ok(begun)
    }

    async fn record_sent(
        &self,
        profile: &str,
        number: i64,
        attempt: &str,
        now: UtcSeconds,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin_durably().await?;
        let row = sqlx::query("SELECT * FROM proposals WHERE profile = ?1 AND number = ?2")
            .bind(profile)
            .bind(number)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(self.fault())?;
        let read = self.read_proposal(&row.ok_or(StoreError::NoSuchProposal { number })?)?;
        let mut content = read.content.clone();
        let Some(under_way) = content.attempt.as_mut().filter(|of| of.id == attempt && of.sent_at.is_none()) else {
            return Ok(false);
        };
        under_way.sent_at = Some(now);
        // What is submitted is no longer `submitting` once the platform's word has come by another way.
        if matches!(under_way.deed, Deed::Submit) && read.state != State::Submitting {
            return Ok(false);
        }
        self.write_proposal(&mut transaction, &read, read.state, &content, "sent", now).await?;
        self.commit(transaction).await?;
        Ok(true)
    }

    async fn remove_proposal(&self, read: &Proposal) -> Result<(), StoreError> {
        let (profile, number) = (&read.account.profile, read.number);
        let mut transaction = self.begin_durably().await?;
        let removed = sqlx::query("DELETE FROM proposals WHERE profile = ?1 AND number = ?2 AND revision = ?3")
            .bind(profile)
            .bind(number)
            .bind(read.revision)
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?;
        if removed.rows_affected() == 0 {
            let there: Option<i64> =
                sqlx::query_scalar("SELECT number FROM proposals WHERE profile = ?1 AND number = ?2")
                    .bind(profile)
                    .bind(number)
                    .fetch_optional(&mut *transaction)
                    .await
                    .map_err(self.fault())?;
            return Err(
                there.map_or(StoreError::NoSuchProposal { number }, |number| StoreError::ProposalChanged { number })
            );
        }
        self.commit(transaction).await
    }

    async fn passages(&self, profile: &str, number: i64) -> Result<Vec<Passage>, StoreError> {
        let rows: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT at, state, note FROM passages WHERE profile = ?1 AND number = ?2 ORDER BY revision LIMIT 1000",
        )
        .bind(profile)
        .bind(number)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        Ok(rows
            .into_iter()
            .filter_map(|(at, state, note)| Some(Passage { at, state: State::of(&state)?, note }))
            .collect())
    }

    async fn spent(&self, profile: &str, since: UtcSeconds) -> Result<Vec<Spent>, StoreError> {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "SELECT platform, name, sum(quantity) FROM spending WHERE profile = ?1 AND at >= ?2 GROUP BY platform, name ORDER BY platform, name",
        )
        .bind(profile)
        .bind(since)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        Ok(rows
            .into_iter()
            .map(|(platform, name, quantity)| Spent { platform, name, quantity: u64::try_from(quantity).unwrap_or(0) })
            .collect())
    }

    async fn pause_proposals(&self, profile: &str, paused: bool, now: UtcSeconds) -> Result<(), StoreError> {
        let statement = if paused {
            "INSERT OR IGNORE INTO switches (profile, name, since) VALUES (?1, ?2, ?3)"
        } else {
            "DELETE FROM switches WHERE profile = ?1 AND name = ?2 AND ?3 IS NOT NULL"
        };
        let mut transaction = self.begin_durably().await?;
        sqlx::query(statement)
            .bind(profile)
            .bind(PAUSED)
            .bind(now)
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?;
        self.commit(transaction).await
    }

    async fn paused_since(&self, profile: &str) -> Result<Option<UtcSeconds>, StoreError> {
        self.switched(&mut *self.reader().await?, profile, PAUSED).await
    }
}

fn written(content: &Content) -> Result<String, StoreError> {
    let text = json(content);
    if text.len() <= MAX_PROPOSAL_BYTES {
        return Ok(text);
    }
    let why = format!("it has more than {MAX_PROPOSAL_BYTES} bytes: make its text shorter");
    Err(StoreError::Invalid { what: "the proposal", why })
}

impl SqliteStore {
    async fn switched(
        &self,
        connection: &mut SqliteConnection,
        profile: &str,
        name: &str,
    ) -> Result<Option<UtcSeconds>, StoreError> {
        sqlx::query_scalar("SELECT since FROM switches WHERE profile = ?1 AND name = ?2")
            .bind(profile)
            .bind(name)
            .fetch_optional(connection)
            .await
            .map_err(self.fault())
    }

    /// The proposal to a posting that is open, if there is one.
    async fn open_ones(
        &self,
        connection: &mut SqliteConnection,
        account: &AccountKey,
        posting: &str,
    ) -> Result<Option<(i64, State)>, StoreError> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT number, state FROM proposals WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND posting = ?4 ORDER BY number",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(posting)
        .fetch_all(connection)
        .await
        .map_err(self.fault())?;
        let known = rows.into_iter().filter_map(|(number, state)| Some((number, State::of(&state)?)));
        Ok(known.into_iter().find(|(_, state)| state.is_open()))
    }

    /// Removes the oldest proposals that have ended, where there are too many.
    async fn make_room(&self, connection: &mut SqliteConnection, profile: &str) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM proposals WHERE profile = ?1 AND number IN (
                SELECT number FROM proposals WHERE profile = ?1 AND state IN ('withdrawn', 'lost', 'failed') ORDER BY updated_at
                LIMIT max(0, (SELECT count(*) FROM proposals WHERE profile = ?1) - ?2))",
        )
        .bind(profile)
        .bind(MAX_PROPOSALS - 1)
        .execute(connection)
        .await
        .map_err(self.fault())?;
        Ok(())
    }

    async fn write_proposal(
        &self,
        connection: &mut SqliteConnection,
        read: &Proposal,
        state: State,
        content: &Content,
        note: &str,
        now: UtcSeconds,
    ) -> Result<Proposal, StoreError> {
        let changed = sqlx::query(
            "UPDATE proposals SET state = ?4, content = ?5, updated_at = ?6, revision = revision + 1
             WHERE profile = ?1 AND number = ?2 AND revision = ?3",
        )
        .bind(&read.account.profile)
        .bind(read.number)
        .bind(read.revision)
        .bind(state.as_str())
        .bind(written(content)?)
        .bind(now)
        .execute(&mut *connection)
        .await
        .map_err(self.fault())?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::ProposalChanged { number: read.number });
        }
        let revision = read.revision + 1;
        let written = Proposal { state, updated_at: now, revision, content: content.clone(), ..read.clone() };
        self.pass(connection, &written, note).await?;
        Ok(written)
    }

    async fn pass(&self, connection: &mut SqliteConnection, now: &Proposal, note: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO passages (profile, number, revision, at, state, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .bind(&now.account.profile)
        .bind(now.number)
        .bind(now.revision)
        .bind(now.updated_at)
        .bind(now.state.as_str())
        .bind(note)
        .execute(connection)
        .await
        .map_err(self.fault())?;
        Ok(())
    }

    fn read_proposal(&self, row: &SqliteRow) -> Result<Proposal, StoreError> {
        let fault = self.fault();
        let number: i64 = row.try_get("number").map_err(&fault)?;
        let what = || format!("proposal {number}");
        let state: &str = row.try_get("state").map_err(&fault)?;
        Ok(Proposal {
            number,
            account: account(row).map_err(&fault)?,
            state: State::of(state).ok_or_else(|| StoreError::Unreadable {
                path: self.path.clone(),
                what: what(),
                detail: format!("its state is {state:?}"),
            })?,
            created_at: row.try_get("created_at").map_err(&fault)?,
            updated_at: row.try_get("updated_at").map_err(&fault)?,
            revision: row.try_get("revision").map_err(&fault)?,
            content: parsed(&self.path, what, row.try_get("content").map_err(&fault)?)?,
        })
    }
}
