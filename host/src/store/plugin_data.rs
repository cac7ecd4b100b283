//! What plugins keep: state, wake-ups, and how much of their daily quotas is used.
//!
//! The bounds are those of `wit/state.wit` and `wit/schedule.wit`.

use std::time::Duration;

use async_trait::async_trait;

use super::{Scope, StoreError};
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;

/// Keys of one plugin's state for one account.
pub const MAX_STATE_KEYS: u32 = 1000;
/// Bytes of all its keys and values.
pub const MAX_STATE_BYTES: usize = 4 << 20;
/// Bytes of one value.
pub const MAX_STATE_VALUE_BYTES: usize = 256 << 10;
/// Bytes of one key.
pub const MAX_STATE_KEY_BYTES: usize = 256;
/// Pending wake-ups of one plugin for one account.
pub const MAX_WAKE_UPS: u32 = 32;
/// Bytes of a wake-up's key.
pub const MAX_WAKE_UP_KEY_BYTES: usize = 128;
/// How often a day a plugin may set a wake-up for one account.
pub const MAX_WAKE_UP_CALLS_A_DAY: u32 = 1000;
/// The soonest that a wake-up may be.
pub const MIN_WAKE_UP_AHEAD: Duration = Duration::from_secs(60);
/// The latest that a wake-up may be.
pub const MAX_WAKE_UP_AHEAD: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// One value of a plugin's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateEntry {
    /// The bytes.
    pub value: Vec<u8>,
    /// When they were set.
    pub set_at: UtcSeconds,
}

/// A wake-up that is to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WakeUp {
    /// The plugin's name for it.
    pub key: String,
    /// Not before this.
    pub at: UtcSeconds,
}

/// A wake-up whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueWakeUp {
    /// Whose.
    pub account: AccountKey,
    /// Which.
    pub wake_up: WakeUp,
}

/// What a count against a daily quota came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Whether this one is still within it.
    pub allowed: bool,
    /// How many more there may be today.
    pub remaining: u32,
}

/// The UTC day of a time, by number since 1970.
#[must_use]
pub fn day_of(at: UtcSeconds) -> i64 {
    at.div_euclid(24 * 60 * 60)
}

/// What plugins keep. The plugin is the one that the account's platform is of.
#[async_trait]
pub trait PluginData: Send + Sync {
    /// A value.
    ///
    /// # Errors
    ///
    /// [`StoreError::Invalid`] for a key that cannot be.
    async fn state_get(&self, account: &AccountKey, key: &str) -> Result<Option<StateEntry>, StoreError>;

    /// Sets a value.
    ///
    /// # Errors
    ///
    /// [`StoreError::Invalid`] for a key that cannot be or a value that is too long; [`StoreError::Exhausted`] when the space is
    /// full: what was there stays.
    async fn state_set(&self, account: &AccountKey, key: &str, value: &[u8], now: UtcSeconds)
    -> Result<(), StoreError>;

    /// Removes a value; `false` when there was none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Invalid`] for a key that cannot be.
    async fn state_delete(&self, account: &AccountKey, key: &str) -> Result<bool, StoreError>;

    /// Keys that begin with `prefix`, in order.
    async fn state_keys(&self, account: &AccountKey, prefix: &str) -> Result<Vec<String>, StoreError>;

    /// Sets or moves a wake-up, and answers when it will be: at least [`MIN_WAKE_UP_AHEAD`] from now.
    ///
    /// # Errors
    ///
    /// [`StoreError::Invalid`] for a key that cannot be or a time beyond [`MAX_WAKE_UP_AHEAD`]; [`StoreError::Exhausted`] beyond
    /// [`MAX_WAKE_UPS`] or [`MAX_WAKE_UP_CALLS_A_DAY`].
    async fn set_wake_up(
        &self,
        account: &AccountKey,
        wake_up: &WakeUp,
        now: UtcSeconds,
    ) -> Result<UtcSeconds, StoreError>;

    /// An account's wake-ups, the soonest first.
    async fn pending_wake_ups(&self, account: &AccountKey) -> Result<Vec<WakeUp>, StoreError>;

    /// Forgets a wake-up; `false` when there was none.
    async fn cancel_wake_up(&self, account: &AccountKey, key: &str) -> Result<bool, StoreError>;

    /// Wake-ups of a scope whose time has come, the longest due first. They stay until cancelled or set anew.
    async fn due_wake_ups(&self, scope: &Scope, now: UtcSeconds, limit: u32) -> Result<Vec<DueWakeUp>, StoreError>;

    /// Counts one request of a plugin's against its quota of `limit` requests on a day (see [`day_of`]).
    async fn count_request(&self, account: &AccountKey, day: i64, limit: u32) -> Result<Quota, StoreError>;
}

/// Printable ASCII, of a bounded length.
pub(super) fn check_key(what: &'static str, key: &str, most: usize) -> Result<(), StoreError> {
    if !key.is_empty() && key.len() <= most && key.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Ok(());
    }
    Err(StoreError::Invalid { what, why: format!("give 1 to {most} bytes of printable ASCII") })
}

/// When a wake-up that is asked for at `at` will be.
pub(super) fn wake_up_time(at: UtcSeconds, now: UtcSeconds) -> Result<UtcSeconds, StoreError> {
    if at > now.saturating_add_unsigned(MAX_WAKE_UP_AHEAD.as_secs()) {
        return Err(StoreError::Invalid {
            what: "the time of a wake-up",
            why: "give one within 400 days from now".to_owned(),
        });
    }
    Ok(at.max(now.saturating_add_unsigned(MIN_WAKE_UP_AHEAD.as_secs())))
}
