//! When platforms are asked: what the daemon has planned, and how many requests a platform has been sent of late by all processes together.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;

/// How long slots that were taken may be used, in seconds. The windows are counted longer by this.
pub const SLOT_LIFE: i64 = 2;
/// The longest pause that is believed, in seconds: a day. One that ends later was made by a clock that has been turned back since.
pub const MAX_PAUSE: i64 = 86_400;
/// Parts of a window that requests are counted by; one shorter than this is counted by the second.
pub const PARTS: i64 = 60;

/// When a platform is to be scanned, and why then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// When this was decided. A clock that shows less was turned back.
    pub planned_at: UtcSeconds,
    /// Not before this.
    pub due_at: UtcSeconds,
    /// Scans in a row that failed.
    pub failures: u32,
    /// The interval that it was decided by, in whole seconds.
    pub interval: Duration,
}

/// How many requests a platform may be sent in any stretch of time of a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// So many requests, at least 1.
    pub requests: u32,
    /// The stretch, in seconds, at least 1.
    pub window: u32,
}

/// Answer to a wish for slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slots {
    /// So many requests may be sent within [`SLOT_LIFE`]; at least 1.
    Taken(u32),
    /// None may be sent before so many seconds have passed; at least 1.
    Wait(u32),
}

/// Keeping plans, and the pace of requests. A limit holds for a platform, whoever asks it: platforms count by address or by application, and
/// profiles share both.
#[async_trait]
pub trait Pacing: Send + Sync {
    /// An account's plan.
    async fn plan(&self, account: &AccountKey) -> Result<Option<Plan>, StoreError>;

    /// Keeps it.
    async fn keep_plan(&self, account: &AccountKey, plan: &Plan) -> Result<(), StoreError>;

    /// Takes up to `wanted` (at least 1) slots for requests to a platform, as far as all limits and pauses allow. Processes that come at once never
    /// pass a limit together.
    async fn take_slots(
        &self,
        platform: &str,
        limits: &[RateLimit],
        wanted: u32,
        now: UtcSeconds,
    ) -> Result<Slots, StoreError>;

    /// Has nobody ask a platform until then, at most for [`MAX_PAUSE`]. An earlier end of a pause that is there changes nothing.
    async fn pause_requests(&self, platform: &str, until: UtcSeconds, now: UtcSeconds) -> Result<(), StoreError>;
}

/// Length of the parts that a window is counted by, in seconds.
pub(super) fn part(window: u32) -> i64 {
    (i64::from(window) / PARTS).max(1)
}

/// When requests that were counted in the part that begins then count no more.
pub(super) fn counts_until(part_begins: UtcSeconds, window: u32) -> UtcSeconds {
    part_begins.saturating_add(part(window) + SLOT_LIFE + i64::from(window))
}
