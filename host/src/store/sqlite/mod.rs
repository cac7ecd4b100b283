//! The embedded store: one SQLite file.
//!
//! **Writers** queue for one connection, so that tasks of one process never see "busy"; other processes are waited for, within
//! [`BUSY_TIMEOUT`]. Every write transaction takes the write lock at its beginning, since a lock that is taken halfway
//! cannot be waited for. **Readers** have connections of their own, opened when first needed, and are never blocked (WAL).
//!
//! **`synchronous = NORMAL`**: a commit reaches the disk with the next checkpoint. A crash of the program loses nothing, a power failure at
//! most the last moments, and the file is whole either way. What scans store can be fetched again, and waiting for the disk
//! at every page would be most of a scan's time. Changes of proposals are committed with `FULL`: that one is about to be sent must not be forgotten.

mod audit;
mod contracts;
mod fault;
mod news;
mod open;
mod outbox;
mod pacing;
mod plugin_data;
mod posting;
mod progress;
mod proposals;
mod record;
mod reference;
mod row;
mod scan;
mod scored;
#[cfg(test)]
mod tests;
mod upkeep;

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqlitePool;
use sqlx::{Sqlite, Transaction};

pub use upkeep::{Examination, HeldLease};

use super::{Purge, Scope, Store, StoreError};

/// How long another process's write is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long tasks of this process wait for each other: a few of another process's writes.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(15);

/// The store in one SQLite file.
///
/// Several processes may have the file open. Cloning is not needed: share it in an `Arc`.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    reading: SqlitePool,
    /// None where the store was opened for reading.
    writing: Option<SqlitePool>,
}

impl SqliteStore {
    /// Begins a transaction that may write. Dropped without a commit, it is undone.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        let Some(pool) = &self.writing else {
            return Err(StoreError::OpenedForReading { path: self.path.clone() });
        };
        pool.begin_with("PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE").await.map_err(self.fault())
    }

    /// The same for what must be on the disk when the commit returns. (There is one connection that writes, so the setting is nobody else's; the next
    /// transaction puts it back.)
    async fn begin_durably(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        let Some(pool) = &self.writing else {
            return Err(StoreError::OpenedForReading { path: self.path.clone() });
        };
        pool.begin_with("PRAGMA synchronous = FULL; BEGIN IMMEDIATE").await.map_err(self.fault())
    }

    /// Commits what [`SqliteStore::begin`] began.
    async fn commit(&self, transaction: Transaction<'static, Sqlite>) -> Result<(), StoreError> {
        transaction.commit().await.map_err(self.fault())
    }

    /// A connection for reading.
    async fn reader(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.reading.acquire().await.map_err(self.fault())
    }

    /// Makes a database's error one of ours.
    fn fault(&self) -> impl Fn(sqlx::Error) -> StoreError + use<'_> {
        |error| fault::of(&self.path, &error)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn purge(&self, scope: &Scope, what: Purge) -> Result<u64, StoreError> {
        if scope.platform.is_none() {
            return Err(StoreError::Invalid { what: "the scope of a purge", why: "name a platform".to_owned() });
        }
        // `history` goes with the postings it is of, `deliveries` with the events.
        let statements: &[&'static str] = match what {
            Purge::PluginData => &[
                "DELETE FROM state WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
                "DELETE FROM wake_ups WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
            ],
            Purge::Everything => &[
                "DELETE FROM state WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
                "DELETE FROM wake_ups WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
                "DELETE FROM postings WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
                "DELETE FROM progress WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
                "DELETE FROM scans WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
                "DELETE FROM leases WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
                "DELETE FROM events WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
                "DELETE FROM plans WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
                "DELETE FROM digests WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
                "DELETE FROM contracts WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
                "DELETE FROM positions WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
                "DELETE FROM proposals WHERE profile = ?1 AND platform = ?2 AND (?3 IS NULL OR account = ?3)",
            ],
        };
        let mut transaction = self.begin().await?;
        let mut removed = 0;
        for &statement in statements {
            removed += sqlx::query(statement)
                .bind(&scope.profile)
                .bind(&scope.platform)
                .bind(&scope.account)
                .execute(&mut *transaction)
                .await
                .map_err(self.fault())?
                .rows_affected();
        }
        self.commit(transaction).await?;
        Ok(removed)
    }

    async fn close(&self) {
        // Readers first: the last writer to leave merges the write-ahead log into the file.
        self.reading.close().await;
        if let Some(pool) = &self.writing {
            pool.close().await;
        }
    }
}
