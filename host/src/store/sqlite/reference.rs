//! Finding a row by what a person types: an identifier or the beginning of one, with the platform before it where that is needed.

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Row};

use super::SqliteStore;
use super::row::account;
use crate::lead::AccountKey;
use crate::store::{Scope, StoreError};

/// Candidates that an ambiguous reference names.
const CANDIDATES: usize = 10;

impl SqliteStore {
    /// Whose row of `table` a reference means, and its identifier; none where there is none. A whole identifier is preferred to the beginning of
    /// another.
    pub(super) async fn referred(
        &self,
        connection: &mut SqliteConnection,
        table: &'static str,
        scope: &Scope,
        reference: &str,
    ) -> Result<Option<(AccountKey, String)>, StoreError> {
        // An identifier may hold a slash itself, so both readings are looked for.
        let (platform, id) = reference.split_once('/').filter(|(_, id)| !id.is_empty()).unzip();
        let sql = format!(
            "SELECT profile, platform, account, id, id = ?4 OR (platform = ?5 AND id = ?6) AS whole FROM {table}
             WHERE profile = ?1 AND (?2 IS NULL OR platform = ?2) AND (?3 IS NULL OR account = ?3)
                AND ((id >= ?4 AND id < ?4 || char(1114111) AND ?4 <> '')
                    OR (platform = ?5 AND id >= ?6 AND id < ?6 || char(1114111)))
             ORDER BY whole DESC, platform, account, id LIMIT ?7"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(&scope.profile)
            .bind(&scope.platform)
            .bind(&scope.account)
            .bind(reference)
            .bind(platform)
            .bind(id)
            .bind(u32::try_from(CANDIDATES + 1).unwrap_or(u32::MAX))
            .fetch_all(connection)
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
        if candidates.len() > 1 {
            return Err(StoreError::Ambiguous {
                reference: reference.to_owned(),
                candidates: candidates.iter().take(CANDIDATES).map(|(_, account, id)| name(account, id)).collect(),
                more: candidates.len() > CANDIDATES,
            });
        }
        Ok(candidates.pop().map(|(_, account, id)| (account, id)))
    }
}

/// `platform/id`, and the account where it is not the usual one.
pub(super) fn name(account: &AccountKey, id: &str) -> String {
    let id = id.escape_debug();
    match account.account.as_str() {
        "default" => format!("{}/{id}", account.platform),
        other => format!("{}/{id} (account {other})", account.platform),
    }
}
