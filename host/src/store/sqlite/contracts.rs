//! Contracts, and where following left off.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row};

use super::SqliteStore;
use super::posting::readable;
use super::reference::name;
use super::row::{account, json, parameters, parsed};
use crate::contract::contracts::{Contract, MilestoneStatus};
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;
use crate::store::contracts::{
    ContractCounts, Contracts, Followed, MAX_CONTRACT_BYTES, MAX_CONTRACTS, Position, StoredContract,
};
use crate::store::{Scope, StoreError};

#[async_trait]
impl Contracts for SqliteStore {
    async fn record_contracts(
        &self,
        account: &AccountKey,
        page: &[Contract],
        position: &Position,
        now: UtcSeconds,
    ) -> Result<ContractCounts, StoreError> {
        let mut transaction = self.begin().await?;
        let known = self.known_contracts(&mut transaction, account, page).await?;
        let mut counts = ContractCounts::default();
        for contract in page {
            let known = known.get(contract.id.as_str());
            let text = json(contract);
            let changed = known.is_none_or(|known| known.text != text);
            match known {
                None => counts.new += 1,
                Some(_) if changed => counts.changed += 1,
                Some(_) => {
                    counts.unchanged += 1;
                    continue;
                }
            }
            sqlx::query(
                "INSERT INTO contracts VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)
                 ON CONFLICT DO UPDATE SET changed_at = excluded.changed_at, handed_in = excluded.handed_in, contract = excluded.contract",
            )
            .bind(&account.profile)
            .bind(&account.platform)
            .bind(&account.account)
            .bind(&contract.id)
            .bind(now)
            .bind(json(&handed_in(contract, known.map(|known| &known.handed_in), now)))
            .bind(text)
            .execute(&mut *transaction)
            .await
            .map_err(self.fault())?;
        }
        if counts.new + counts.changed > 0 {
            self.check_room(&mut transaction, account).await?;
        }
        self.write_position(&mut transaction, account, Followed::Contracts, position).await?;
        self.commit(transaction).await?;
        Ok(counts)
    }

    async fn contracts(&self, scope: &Scope) -> Result<Vec<StoredContract>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM contracts WHERE profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3)
             ORDER BY changed_at DESC, platform, id LIMIT ?4",
        )
        .bind(&scope.profile)
        .bind(&scope.platform)
        .bind(&scope.account)
        .bind(MAX_CONTRACTS)
        .fetch_all(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        readable(rows.iter().map(|row| self.read_contract(row)))
    }

    async fn contract(&self, scope: &Scope, reference: &str) -> Result<StoredContract, StoreError> {
        let none = || StoreError::NoSuchContract { reference: reference.to_owned(), scope: scope.clone() };
        let mut reader = self.reader().await?;
        let (account, id) = self.referred(&mut reader, "contracts", scope, reference).await?.ok_or_else(none)?;
        let row =
            sqlx::query("SELECT * FROM contracts WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND id = ?4")
                .bind(&account.profile)
                .bind(&account.platform)
                .bind(&account.account)
                .bind(id)
                .fetch_optional(&mut *reader)
                .await
                .map_err(self.fault())?;
        self.read_contract(&row.ok_or_else(none)?)
    }

    async fn position(&self, account: &AccountKey, of: Followed) -> Result<Option<Position>, StoreError> {
        let row: Option<(String, Option<i64>)> = sqlx::query_as(
            "SELECT cursor, done_at FROM positions WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND followed = ?4",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(of.as_str())
        .fetch_optional(&mut *self.reader().await?)
        .await
        .map_err(self.fault())?;
        Ok(row.map(|(cursor, done_at)| Position { cursor, done_at }))
    }

    async fn set_position(
        &self,
        account: &AccountKey,
        of: Followed,
        position: Option<&Position>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        match position {
            Some(position) => self.write_position(&mut transaction, account, of, position).await?,
            None => {
                sqlx::query(
                    "DELETE FROM positions WHERE profile = ?1 AND platform = ?2 AND account = ?3 AND followed = ?4",
                )
                .bind(&account.profile)
                .bind(&account.platform)
                .bind(&account.account)
                .bind(of.as_str())
                .execute(&mut *transaction)
                .await
                .map_err(self.fault())?;
            }
        }
        self.commit(transaction).await
    }
}

/// What is stored of a contract.
struct Known {
    text: String,
    handed_in: BTreeMap<String, UtcSeconds>,
}

/// When each milestone that is handed in was first seen so.
fn handed_in(
    contract: &Contract,
    before: Option<&BTreeMap<String, UtcSeconds>>,
    now: UtcSeconds,
) -> BTreeMap<String, UtcSeconds> {
    let since = |id: &String| before.and_then(|before| before.get(id)).copied().unwrap_or(now);
    let waiting = contract.milestones.iter().filter(|milestone| milestone.status == MilestoneStatus::Submitted);
    waiting.map(|milestone| (milestone.id.clone(), since(&milestone.id))).collect()
}

impl SqliteStore {
    async fn known_contracts(
        &self,
        connection: &mut SqliteConnection,
        account: &AccountKey,
        page: &[Contract],
    ) -> Result<HashMap<String, Known>, StoreError> {
        if page.is_empty() {
            return Ok(HashMap::new());
        }
        let sql = format!(
            "SELECT id, contract, handed_in FROM contracts WHERE profile = ? AND platform = ? AND account = ? AND id IN {}",
            parameters(1, page.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(sql))
            .bind(account.profile.clone())
            .bind(account.platform.clone())
            .bind(account.account.clone());
        for contract in page {
            query = query.bind(contract.id.clone());
        }
        let rows = query.fetch_all(connection).await.map_err(self.fault())?;
        rows.iter()
            .map(|row| {
                let handed_in: &str = row.try_get("handed_in")?;
                let handed_in = serde_json::from_str(handed_in).unwrap_or_default();
                Ok((row.try_get("id")?, Known { text: row.try_get("contract")?, handed_in }))
            })
            .collect::<Result<_, _>>()
            .map_err(self.fault())
    }

    /// Whether an account has no more contracts than it may.
    async fn check_room(&self, connection: &mut SqliteConnection, account: &AccountKey) -> Result<(), StoreError> {
        let (count, bytes): (u32, i64) = sqlx::query_as(
            "SELECT count(*), coalesce(sum(octet_length(contract)), 0) FROM contracts WHERE profile = ?1 AND platform = ?2 AND account = ?3",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .fetch_one(connection)
        .await
        .map_err(self.fault())?;
        let limit = if count > MAX_CONTRACTS {
            format!("{MAX_CONTRACTS} contracts")
        } else if bytes.unsigned_abs() > MAX_CONTRACT_BYTES {
            format!("{} MiB", MAX_CONTRACT_BYTES >> 20)
        } else {
            return Ok(());
        };
        Err(StoreError::Exhausted {
            account: Box::new(account.clone()),
            what: "the room for contracts",
            limit,
            remedy: "no account has as many; tell the author of the plugin",
        })
    }

    async fn write_position(
        &self,
        connection: &mut SqliteConnection,
        account: &AccountKey,
        of: Followed,
        position: &Position,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO positions VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET cursor = excluded.cursor, done_at = coalesce(excluded.done_at, done_at)",
        )
        .bind(&account.profile)
        .bind(&account.platform)
        .bind(&account.account)
        .bind(of.as_str())
        .bind(&position.cursor)
        .bind(position.done_at)
        .execute(connection)
        .await
        .map_err(self.fault())?;
        Ok(())
    }

    fn read_contract(&self, row: &SqliteRow) -> Result<StoredContract, StoreError> {
        let fault = self.fault();
        let account = account(row).map_err(&fault)?;
        let id: String = row.try_get("id").map_err(&fault)?;
        let what = || format!("the contract {}", name(&account, &id));
        Ok(StoredContract {
            contract: parsed(&self.path, what, row.try_get("contract").map_err(&fault)?)?,
            handed_in: parsed(&self.path, what, row.try_get("handed_in").map_err(&fault)?)?,
            first_seen: row.try_get("first_seen").map_err(&fault)?,
            changed_at: row.try_get("changed_at").map_err(&fault)?,
            account,
        })
    }
}
