//! What the statements of several concerns share: rows of keys, and values in the form that columns have.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Error, Row};

use crate::lead::{AccountKey, Mark, Novelty, Stage};
use crate::store::StoreError;

/// Rows of one statement that inserts several: enough to make the statement's own cost small, few enough for SQLite's
/// bound of 32766 parameters.
pub(super) const ROWS: usize = 200;

/// The account that a row begins with.
pub(super) fn account(row: &SqliteRow) -> Result<AccountKey, Error> {
    Ok(AccountKey {
        profile: row.try_get("profile")?,
        platform: row.try_get("platform")?,
        account: row.try_get("account")?,
    })
}

/// `(?,?),(?,?),(?,?)`: parameters for rows of so many columns.
///
/// They are anonymous, for SQLite looks a numbered one up in a list: with thousands of them that is most of a statement's time.
/// sqlx counts anonymous ones by themselves, so a statement has one kind or the other.
pub(super) fn parameters(rows: usize, columns: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(","));
    vec![row.as_str(); rows].join(",")
}

pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data has a JSON form")
}

pub(super) fn parsed<T: DeserializeOwned>(path: &Path, what: impl Fn() -> String, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Unreadable {
        path: path.to_owned(),
        what: what(),
        detail: error.to_string(),
    })
}

pub(super) fn novelty_number(novelty: Novelty) -> i64 {
    match novelty {
        Novelty::New => 0,
        Novelty::Changed => 1,
        Novelty::Unchanged => 2,
    }
}

pub(super) fn novelty(number: i64) -> Novelty {
    match number {
        0 => Novelty::New,
        1 => Novelty::Changed,
        _ => Novelty::Unchanged,
    }
}

pub(super) fn mark_number(mark: Mark) -> i64 {
    match mark {
        Mark::New => 0,
        Mark::Seen => 1,
        Mark::Starred => 2,
        Mark::Dismissed => 3,
    }
}

pub(super) fn mark(number: i64) -> Mark {
    match number {
        0 => Mark::New,
        1 => Mark::Seen,
        2 => Mark::Starred,
        _ => Mark::Dismissed,
    }
}

pub(super) fn stage(path: &Path, what: impl Fn() -> String, text: &str) -> Result<Stage, StoreError> {
    match text {
        "read" => Ok(Stage::Read),
        "screening" => Ok(Stage::Screening),
        "filter" => Ok(Stage::Filter),
        "rule" => Ok(Stage::Rule),
        _ => Err(StoreError::Unreadable {
            path: path.to_owned(),
            what: what(),
            detail: format!("the stage {text:?} is unknown"),
        }),
    }
}

/// A count as a column holds it. None comes near the bound.
pub(super) fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A column's count.
pub(super) fn count(integer: i64) -> u64 {
    u64::try_from(integer).unwrap_or(0)
}
