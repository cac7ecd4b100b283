//! The simulator's clock: real time plus an offset that tests turn.
//!
//! Everything that ages here (tokens, codes, rate-limit windows, samples) asks this clock, so that a
//! thirty-day expiry takes a test no time at all.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Furthest that the clock may be turned either way, in seconds: about 3,000 years.
const MAX_OFFSET: i64 = 100_000_000_000;

/// A clock that runs at the speed of real time, from wherever it was put.
#[derive(Debug, Default)]
pub struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// The present moment in Unix seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        real_now().saturating_add(self.offset())
    }

    /// How far this clock is ahead of real time, in seconds; negative when behind.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.offset.load(Ordering::SeqCst)
    }

    /// Turns the clock by `seconds`, backwards when negative. The total offset stays within
    /// about 3,000 years.
    pub fn advance(&self, seconds: i64) {
        self.put(self.offset().saturating_add(seconds));
    }

    /// Puts the clock at `unix_seconds`.
    pub fn set(&self, unix_seconds: i64) {
        self.put(unix_seconds.saturating_sub(real_now()));
    }

    /// Puts the clock back to real time.
    pub fn reset(&self) {
        self.put(0);
    }

    fn put(&self, offset: i64) {
        self.offset.store(offset.clamp(-MAX_OFFSET, MAX_OFFSET), Ordering::SeqCst);
    }
}

fn real_now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_turned_set_and_put_back() {
        let clock = Clock::default();
        clock.advance(3600);
        assert_eq!(clock.offset(), 3600);
        clock.set(1_000);
        assert!((1_000..1_010).contains(&clock.now()));
        clock.reset();
        assert_eq!(clock.offset(), 0);
    }

    #[test]
    fn absurd_turns_do_not_overflow() {
        let clock = Clock::default();
        clock.advance(i64::MAX);
        clock.advance(i64::MAX);
        assert_eq!(clock.offset(), MAX_OFFSET);
        clock.set(i64::MIN);
        assert_eq!(clock.offset(), -MAX_OFFSET);
    }
}
