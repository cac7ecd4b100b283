//! What the gate writes down: the audit, and requests counted against a plugin's day.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;
use crate::shield::Shields;
use crate::store::pacing::{RateLimit, SLOT_LIFE, Slots};
use crate::store::{AuditRow, Store, day_of};

/// Requests that a plugin may make for an account in a day (UTC).
pub const REQUESTS_A_DAY: u32 = 20_000;
/// Rows kept in memory at most; beyond it the oldest go, with a word in the log, rather than the process.
const MAX_PENDING: usize = 10_000;
/// Slots for requests that a process takes ahead at most.
const MAX_BLOCK: u32 = 16;

/// What the gate writes down.
#[async_trait]
pub trait Records: Send + Sync {
    /// Notes a request.
    fn audit(&self, row: AuditRow);

    /// Notes by how many seconds a host's clock is ahead of this machine's, as an answer's `Date` has it.
    fn dated(&self, _host: &str, _ahead: i64) {}

    /// Takes a slot for a request that is sent at once; none if it may be sent, or after how many seconds one may be.
    ///
    /// # Errors
    /// A sentence, where the store cannot be written.
    async fn take_slot(&self, _platform: &str, _limits: &[RateLimit], _now: UtcSeconds) -> Result<Option<u32>, String> {
        Ok(None)
    }

    /// Has nobody ask a platform for so many seconds, by its own word.
    async fn pause(&self, _platform: &str, _seconds: u32, _now: UtcSeconds) {}

    /// Counts a request against the plugin's day; false when it is used up.
    ///
    /// # Errors
    /// A sentence, where the store cannot be written.
    async fn admit_request(&self, account: &AccountKey, now: UtcSeconds) -> Result<bool, String>;
}

/// How long a row is kept, in seconds: 90 days.
pub const AUDIT_AGE: i64 = 90 * 86_400;
/// Rows that are kept at most, of all profiles together: some 20 MB.
pub const AUDIT_ROWS: u32 = 100_000;

/// Rows of the audit that are being written, for whoever ends the process.
static WRITING: Shields = Shields::new();

/// Waits until all rows of the audit are written, at most `limit`; whether it came to that.
pub async fn written(limit: Duration) -> bool {
    WRITING.down(limit).await
}

/// Records in the store. A row of the audit is written as soon as it is there, beside what made it, so that no way out of a command loses
/// it: whoever ends the process waits for [`written`].
#[derive(Clone)]
pub struct StoreRecords(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    pending: Mutex<Pending>,
    /// Held by the one who writes, so that rows stay in order.
    writing: tokio::sync::Mutex<()>,
    /// The day on which this process has last forgotten what is too old.
    pruned: AtomicI64,
    clocks: Mutex<BTreeMap<String, i64>>,
    /// Slots that this process has taken ahead, by platform.
    blocks: tokio::sync::Mutex<BTreeMap<String, Block>>,
}

/// Slots taken ahead: one, and twice as many each time they were used up while they were good. So a burst of requests seldom asks the store, and
/// a single request takes no other's slot away.
#[derive(Clone, Copy, Debug)]
struct Block {
    left: u32,
    size: u32,
    taken_at: UtcSeconds,
}

#[derive(Default)]
struct Pending {
    rows: Vec<AuditRow>,
    /// Whether a task is about to write them.
    expected: bool,
}

impl StoreRecords {
    /// Records into a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> StoreRecords {
        StoreRecords(Arc::new(Inner {
            store,
            pending: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            pruned: AtomicI64::new(i64::MIN),
            clocks: Mutex::default(),
            blocks: tokio::sync::Mutex::default(),
        }))
    }

    /// Writes what is pending. What cannot be written stays pending, and the log says why.
    pub async fn flush(&self) {
        self.0.flush().await;
    }

    /// By how many seconds hosts' clocks are ahead of this machine's, by their latest answers.
    #[must_use]
    pub fn clocks(&self) -> BTreeMap<String, i64> {
        self.0.clocks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has what is pending written by a task of its own, unless one is about to.
    fn write_soon(&self) {
        // Where there is no runtime, whoever has made the row flushes.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if std::mem::replace(&mut self.0.pending().expected, true) {
            return;
        }
        let (inner, shield) = (self.0.clone(), WRITING.raise());
        runtime.spawn(async move {
            let _shield = shield;
            inner.flush().await;
        });
    }
}

impl Inner {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn flush(&self) {
        let _turn = self.writing.lock().await;
        let rows = {
            let mut pending = self.pending();
            pending.expected = false;
            std::mem::take(&mut pending.rows)
        };
        let Some(latest) = rows.last().map(|row| row.at) else { return };
        if let Err(error) = self.store.record_audit(&rows).await {
            tracing::warn!(%error, rows = rows.len(), "the audit cannot be written yet");
            self.pending().rows.splice(0..0, rows);
            return;
        }
        if self.pruned.swap(day_of(latest), Ordering::Relaxed) != day_of(latest)
            && let Err(error) = self.store.prune_audit(latest.saturating_sub(AUDIT_AGE), AUDIT_ROWS).await
        {
            tracing::warn!(%error, "old rows of the audit cannot be removed yet");
        }
    }
}

#[async_trait]
impl Records for StoreRecords {
    fn audit(&self, row: AuditRow) {
        {
            let rows = &mut self.0.pending().rows;
            if rows.len() >= MAX_PENDING {
                tracing::warn!("the audit cannot be written fast enough; its oldest pending row is lost");
                rows.remove(0);
            }
            rows.push(row);
        }
        self.write_soon();
    }

    fn dated(&self, host: &str, ahead: i64) {
        self.0.clocks.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned(), ahead);
    }

    async fn take_slot(&self, platform: &str, limits: &[RateLimit], now: UtcSeconds) -> Result<Option<u32>, String> {
        let mut blocks = self.0.blocks.lock().await;
        let good = |block: &Block| (block.taken_at..block.taken_at + SLOT_LIFE).contains(&now);
        let last = blocks.get(platform).copied().filter(good);
        if let Some(block) = last.filter(|block| block.left > 0) {
            blocks.insert(platform.to_owned(), Block { left: block.left - 1, ..block });
            return Ok(None);
        }
        let tightest = limits.iter().map(|limit| limit.requests).min().unwrap_or(u32::MAX);
        let most = (tightest / 16).clamp(1, MAX_BLOCK);
        let wanted = last.map_or(1, |block| block.size.saturating_mul(2)).min(most);
        match self.0.store.take_slots(platform, limits, wanted, now).await.map_err(|e| e.to_string())? {
            Slots::Taken(taken) => {
                blocks.insert(platform.to_owned(), Block { left: taken - 1, size: wanted, taken_at: now });
                Ok(None)
            }
            Slots::Wait(seconds) => {
                blocks.remove(platform);
                Ok(Some(seconds))
            }
        }
    }

    async fn pause(&self, platform: &str, seconds: u32, now: UtcSeconds) {
        self.0.blocks.lock().await.remove(platform);
        let paused = self.0.store.pause_requests(platform, now.saturating_add(seconds.into()), now).await;
        if let Err(error) = paused {
            tracing::warn!(%error, platform, "that the platform asks to be left alone cannot be noted");
        }
    }

    async fn admit_request(&self, account: &AccountKey, now: UtcSeconds) -> Result<bool, String> {
        let quota =
            self.0.store.count_request(account, day_of(now), REQUESTS_A_DAY).await.map_err(|e| e.to_string())?;
        Ok(quota.allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SqliteStore;

    const NOON: i64 = 1_780_000_000;
    const A_MINUTE: RateLimit = RateLimit { requests: 50, window: 60 };

    async fn process(path: &std::path::Path) -> StoreRecords {
        StoreRecords::new(Arc::new(SqliteStore::open(path).await.expect("opens")))
    }

    #[tokio::test]
    async fn processes_that_ask_at_once_do_not_pass_a_limit_together() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("store.db");
        // Two stores on one file are to each other as those of two processes.
        let (one, other) = (process(&path).await, process(&path).await);
        let asking = |records: StoreRecords| async move {
            let mut sent = 0;
            while records.take_slot("workbazaar", &[A_MINUTE], NOON).await.expect("answers").is_none() {
                sent += 1;
            }
            sent
        };
        let (a, b) = tokio::join!(tokio::spawn(asking(one.clone())), tokio::spawn(asking(other)));
        let (a, b) = (a.expect("runs"), b.expect("runs"));
        // A slot that one process has taken ahead is not the other's.
        assert!(a + b <= 50 && a + b > 40, "{a} and {b}");
        assert_eq!(one.take_slot("guild", &[A_MINUTE], NOON).await, Ok(None), "another platform is another matter");
    }

    #[tokio::test]
    async fn slots_that_were_not_used_in_time_are_not_used_later() {
        let home = tempfile::tempdir().expect("a directory");
        let records = process(&home.path().join("store.db")).await;
        let limit = [RateLimit { requests: 320, window: 60 }];
        for second in 0..240 {
            // Bursts that leave something of each block.
            for _ in 0..5 {
                let _ = records.take_slot("workbazaar", &limit, NOON + second).await.expect("answers");
            }
            let blocks = records.0.blocks.lock().await;
            assert!(blocks.values().all(|block| block.taken_at > NOON + second - SLOT_LIFE && block.size <= MAX_BLOCK));
        }
    }

    #[tokio::test]
    async fn a_pause_holds_for_slots_that_were_taken_ahead_too() {
        let home = tempfile::tempdir().expect("a directory");
        let records = process(&home.path().join("store.db")).await;
        let limit = [RateLimit { requests: 1000, window: 60 }];
        for _ in 0..4 {
            assert_eq!(records.take_slot("workbazaar", &limit, NOON).await, Ok(None));
        }
        assert!(records.0.blocks.lock().await["workbazaar"].left > 0);
        records.pause("workbazaar", 30, NOON).await;
        assert_eq!(records.take_slot("workbazaar", &limit, NOON).await, Ok(Some(30)));
        assert_eq!(records.take_slot("workbazaar", &limit, NOON + 30).await, Ok(None));
    }
}
