//! The audit: a row for every request that the gate let through or refused.

use async_trait::async_trait;

use super::{Scope, StoreError};
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;

/// One request, without anything secret: no query, no header, no body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// When it began.
    pub at: UtcSeconds,
    /// The plugin that asked, or the host's own part.
    pub plugin: String,
    /// On whose behalf.
    pub account: AccountKey,
    /// During which export or phase: `search`.
    pub phase: String,
    /// The method, upper case.
    pub method: String,
    /// Host, with the port where it is not the scheme's own.
    pub host: String,
    /// Path, without the query.
    pub path: String,
    /// HTTP status; none where there was no answer.
    pub status: Option<u16>,
    /// Bytes of the answer's body.
    pub bytes_in: u64,
    /// Bytes of the request's body.
    pub bytes_out: u64,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// The name of the credential that was attached; never its value.
    pub credential: Option<String>,
    /// `ok`, or what became of it: the gate's rule that refused it, `timeout`, `cut-off`...
    pub outcome: String,
}

/// Which rows to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditFilter {
    /// Whose.
    pub scope: Scope,
    /// Those from then on.
    pub since: Option<UtcSeconds>,
    /// At most so many.
    pub limit: u32,
}

/// Rows that one call of [`Audit::prune_audit`] forgets at most.
pub const MAX_PRUNED: u32 = 20_000;

/// Recording and reading the audit.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Adds rows: all, or with an error none. Meant for batches.
    async fn record_audit(&self, rows: &[AuditRow]) -> Result<(), StoreError>;

    /// Rows, the latest first.
    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, StoreError>;

    /// Forgets the oldest rows, of whatever profile: those from before a time, and those beyond so many; how many. At most
    /// [`MAX_PRUNED`] go at once, so that no command waits for it.
    async fn prune_audit(&self, before: UtcSeconds, most: u32) -> Result<u64, StoreError>;
}
