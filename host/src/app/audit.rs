//! What was asked of platforms, and what happened to credentials: the audit.

use serde::Serialize;

use super::{App, AppError, Services};
use crate::store::{AuditFilter, AuditRow, Scope};

/// A row of the audit, as it is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// When it began, in seconds since 1970.
    pub at: i64,
    /// The platform's id.
    pub platform: String,
    /// The account at it.
    pub account: String,
    /// Who asked: a plugin's id, or `host`.
    pub plugin: String,
    /// During what: `search`, `account`, `auth`...
    pub phase: String,
    /// What happened to the credential, where the row is no request: `connected`, `renewed`, `auth_expired`, `token_expiring`, `disconnected`.
    pub event: Option<String>,
    /// What was asked, where the row is a request.
    #[serde(flatten)]
    pub request: Option<Request>,
}

/// A request, as it is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Host, with the port where it is not the scheme's own; empty where the request could not be read.
    pub host: String,
    /// Path, without the query.
    pub path: String,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Bytes of the answer's body.
    pub bytes_in: u64,
    /// Bytes that were sent.
    pub bytes_out: u64,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// The name of the credential that went with it; never its value.
    pub credential: Option<String>,
    /// `ok` where there was an answer, else what became of it: the rule that refused it, `unavailable`, `cancelled`...
    pub outcome: String,
}

/// Which rows to list.
#[derive(Clone, Debug)]
pub struct Listing {
    /// One platform only.
    pub platform: Option<String>,
    /// Those from then on, in seconds since 1970.
    pub since: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// Rows of the audit, the latest first.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, services: &Services, listing: &Listing) -> Result<Vec<Row>, AppError> {
    let scope = Scope { platform: listing.platform.clone(), ..Scope::profile(&app.config().profile.name) };
    let filter = AuditFilter { scope, since: listing.since, limit: listing.limit };
    Ok(services.store.audit(&filter).await?.into_iter().map(row).collect())
}

fn row(row: AuditRow) -> Row {
    let AuditRow { at, plugin, account, phase, method, host, path, status, bytes_in, bytes_out, .. } = row;
    let AuditRow { duration_us, credential, outcome, .. } = row;
    // Every request has a method, also one that could not be read.
    let (event, request) = if method.is_empty() {
        (Some(outcome), None)
    } else {
        let request = Request { method, host, path, status, bytes_in, bytes_out, duration_us, credential, outcome };
        (None, Some(request))
    };
    Row { at, platform: account.platform, account: account.account, plugin, phase, event, request }
}
