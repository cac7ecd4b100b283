//! Looking after the file: whether it is sound, who holds what in it, a copy of it.

use std::path::Path;

use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection};

use super::open::{Content, Marks, SCHEMA, absolute, of, options, use_write_ahead_log};
use super::{SqliteStore, fault};
use crate::store::StoreError;

/// Defects that are named at most.
const MOST_DEFECTS: u32 = 5;

/// How a database file is, found without changing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examination {
    /// Bytes of the file.
    pub bytes: u64,
    /// Its schema.
    pub schema: i64,
    /// The schema of this version. An older one is brought up to date by the next command.
    pub known: i64,
    /// What SQLite's `quick_check` finds wrong, five defects at most.
    pub defects: Vec<String>,
    /// Leases of scans, also those whose time is over.
    pub leases: Vec<HeldLease>,
    /// Scans that have no end, and no lease under which they might still run.
    pub interrupted: u64,
}

/// Who may scan an account, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLease {
    /// The platform's id.
    pub platform: String,
    /// Who scans, as it calls itself.
    pub owner: String,
    /// When it ends unless it is renewed, in seconds since 1970.
    pub expires_at: i64,
}

impl SqliteStore {
    /// Examines a file without changing it; none where there is no file, or an empty one.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotOurs`], [`StoreError::TooNew`], or where it cannot be read.
    pub async fn examine(path: &Path) -> Result<Option<Examination>, StoreError> {
        let path = &absolute(path)?;
        let bytes = match std::fs::metadata(path) {
            Ok(file) => file.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fault::of_io(path, &error)),
        };
        let mut connection = reading(path).await?;
        let marks = Marks::read(&mut connection).await.map_err(of(path))?;
        let examined = match marks.of(path)? {
            Content::Nothing => Ok(None),
            Content::Older | Content::Current => look(&mut connection, bytes, marks.schema).await.map(Some),
        };
        let examined = examined.map_err(of(path));
        connection.close().await.map_err(of(path))?;
        examined
    }

    /// Writes a copy of a file, of one moment, whatever other processes write meanwhile; false where there is no file, or an empty one.
    /// `to` must not exist, or be empty.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::examine`], or where the copy cannot be written.
    pub async fn copy(from: &Path, to: &Path) -> Result<bool, StoreError> {
        let (from, to) = (&absolute(from)?, &absolute(to)?);
        if !from.exists() {
            return Ok(false);
        }
        let mut connection = reading(from).await?;
        let content = Marks::read(&mut connection).await.map_err(of(from))?.of(from)?;
        let there = !matches!(content, Content::Nothing);
        if there {
            let target = to.to_string_lossy().into_owned();
            sqlx::query("VACUUM INTO ?").bind(target).execute(&mut connection).await.map_err(of(from))?;
        }
        connection.close().await.map_err(of(from))?;
        Ok(there)
    }

    /// Sees that a copy is sound, and makes it a file that is worked with: the copying leaves the write-ahead log out.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] with the first defect, and as [`SqliteStore::examine`].
    pub async fn take_up(path: &Path) -> Result<(), StoreError> {
        let examined = SqliteStore::examine(path).await?;
        if let Some(detail) = examined.and_then(|examined| examined.defects.into_iter().next()) {
            return Err(StoreError::Corrupt { path: path.to_owned(), detail });
        }
        let mut connection = options(path).create_if_missing(false).connect().await.map_err(of(path))?;
        use_write_ahead_log(path, &mut connection).await?;
        connection.close().await.map_err(of(path))
    }
}

async fn reading(path: &Path) -> Result<SqliteConnection, StoreError> {
    options(path).read_only(true).connect().await.map_err(of(path))
}

async fn look(connection: &mut SqliteConnection, bytes: u64, schema: i64) -> Result<Examination, sqlx::Error> {
    let check = format!("PRAGMA quick_check({MOST_DEFECTS})");
    let found: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(check)).fetch_all(&mut *connection).await?;
    let leases: Vec<(String, String, i64)> =
        sqlx::query_as("SELECT platform, owner, expires_at FROM leases ORDER BY platform LIMIT 100")
            .fetch_all(&mut *connection)
            .await?;
    let interrupted: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM scans WHERE finished_at IS NULL AND NOT EXISTS (SELECT 1 FROM leases WHERE leases.token = scans.lease)",
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(Examination {
        bytes,
        schema,
        known: SCHEMA,
        defects: found.into_iter().filter(|said| said != "ok").collect(),
        leases: leases
            .into_iter()
            .map(|(platform, owner, expires_at)| HeldLease { platform, owner, expires_at })
            .collect(),
        interrupted: u64::try_from(interrupted).unwrap_or(0),
    })
}
