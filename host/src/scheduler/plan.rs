//! When a platform is scanned next: plain values and pure functions, with the time and the chance given.

use std::time::Duration;

use crate::contract::types::UtcSeconds;
pub use crate::store::pacing::Plan;

/// The share of an interval by which a scan may come later than it, so that what was started together does not stay together.
pub const JITTER: f64 = 0.1;
/// The wait after the first failure, where the interval is not shorter.
pub const FIRST_RETRY: Duration = Duration::from_secs(5 * 60);
/// The longest wait after failures, where the interval is not longer.
pub const LONGEST_RETRY: Duration = Duration::from_secs(6 * 3600);
/// The longest wait that a platform's own word is believed for.
pub const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3600);

/// How a scan ended, as far as the next one depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Well.
    Done,
    /// With a failure that may be gone at the next attempt. The platform may have said how long to leave it alone.
    Failed(Option<Duration>),
    /// With a failure that only a person repairs. Trying costs the platform nothing, and its repair should be noticed.
    Blocked,
    /// Another process was at it.
    Busy,
    /// It was cut short by the end of the program.
    Stopped,
}

impl Plan {
    /// For a platform that was never scanned: at once.
    #[must_use]
    pub fn first(now: UtcSeconds, interval: Duration) -> Plan {
        Plan { planned_at: now, due_at: now, failures: 0, interval }
    }

    /// While a scan runs: what holds if nobody hears of its end. A program that dies of a scan does not begin with another one at each start.
    #[must_use]
    pub fn begun(self, now: UtcSeconds, chance: f64) -> Plan {
        self.ended(now, now, Outcome::Failed(None), chance)
    }

    /// After a scan from `started` until `now`. `chance` is from 0 to 1. The interval counts from the beginning of a scan; one that took
    /// longer is followed by the next at once.
    #[must_use]
    pub fn ended(self, started: UtcSeconds, now: UtcSeconds, outcome: Outcome, chance: f64) -> Plan {
        let failures = match outcome {
            Outcome::Failed(_) => self.failures.saturating_add(1),
            Outcome::Busy | Outcome::Stopped => self.failures,
            Outcome::Done | Outcome::Blocked => 0,
        };
        let (from, wait) = match outcome {
            Outcome::Done | Outcome::Blocked => (started.min(now), later(self.interval, chance)),
            Outcome::Failed(asked) => {
                (now, self.retry(failures, chance).max(asked.unwrap_or_default().min(LONGEST_ASKED)))
            }
            Outcome::Busy => (now, later(FIRST_RETRY.min(self.interval), chance)),
            Outcome::Stopped => (now, Duration::ZERO),
        };
        Plan { planned_at: now, due_at: plus(from, wait).max(now), failures, interval: self.interval }
    }

    /// Twice as long after each failure; a tenth at most is added by chance.
    fn retry(self, failures: u32, chance: f64) -> Duration {
        let first = FIRST_RETRY.min(self.interval);
        let doubled = first.saturating_mul(1 << failures.saturating_sub(1).min(20));
        later(doubled.min(LONGEST_RETRY.max(self.interval)), chance)
    }

    /// The plan at a time and for an interval that may be others than those it was made for.
    ///
    /// A clock that was turned back postpones nothing: what was left of the wait stays at most what it was. A new interval counts from when the
    /// old one did; a wait after failures stays.
    #[must_use]
    pub fn held(mut self, now: UtcSeconds, interval: Duration) -> Plan {
        if now < self.planned_at {
            self.due_at = now.saturating_add(self.due_at.saturating_sub(self.planned_at));
            self.planned_at = now;
        }
        if interval != self.interval {
            if self.failures == 0 {
                self.due_at = self.due_at.saturating_sub(seconds(self.interval)).saturating_add(seconds(interval));
            }
            self.interval = interval;
        }
        self
    }

    /// Whether it is time.
    #[must_use]
    pub fn is_due(&self, now: UtcSeconds) -> bool {
        self.due_at <= now
    }

    /// How long until it is time.
    #[must_use]
    pub fn wait(&self, now: UtcSeconds) -> Duration {
        Duration::from_secs(u64::try_from(self.due_at.saturating_sub(now)).unwrap_or(0))
    }
}

fn later(span: Duration, chance: f64) -> Duration {
    span.mul_f64(1.0 + JITTER * chance.clamp(0.0, 1.0))
}

fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}

fn plus(at: UtcSeconds, span: Duration) -> UtcSeconds {
    at.saturating_add(seconds(span))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: i64 = 1_780_000_000;
    const HALF_AN_HOUR: Duration = Duration::from_secs(1800);

    fn waits(interval: Duration, outcomes: &[Outcome]) -> Vec<u64> {
        let mut plan = Plan::first(NOON, interval);
        let mut now = NOON;
        outcomes
            .iter()
            .map(|outcome| {
                plan = plan.ended(now, now, *outcome, 0.0);
                let wait = plan.wait(now).as_secs();
                now = plan.due_at;
                wait
            })
            .collect()
    }

    #[test]
    fn failures_are_met_with_longer_and_longer_waits_until_one_scan_ends_well() {
        use Outcome::{Blocked, Busy, Done, Failed};
        let failed = Failed(None);
        assert_eq!(
            waits(HALF_AN_HOUR, &[Done, failed, failed, failed, failed, failed, Done, failed]),
            [1800, 300, 600, 1200, 2400, 4800, 1800, 300]
        );
        assert_eq!(waits(HALF_AN_HOUR, &[failed; 12])[8..], [21_600; 4]);
        assert_eq!(waits(Duration::from_secs(86_400), &[failed; 12])[11], 86_400);
        assert_eq!(waits(Duration::from_secs(60), &[failed, failed, Busy, failed]), [60, 120, 60, 240]);
        assert_eq!(waits(HALF_AN_HOUR, &[Blocked, Busy, Blocked]), [1800, 300, 1800]);
    }

    #[test]
    fn the_platforms_own_word_is_kept_within_a_day() {
        let after = |asked| waits(HALF_AN_HOUR, &[Outcome::Failed(Some(Duration::from_secs(asked)))])[0];
        assert_eq!([after(10), after(3600), after(1 << 40)], [300, 3600, 86_400]);
    }

    #[test]
    fn the_interval_counts_from_the_beginning_and_nothing_is_made_up_for() {
        let plan = Plan::first(NOON, HALF_AN_HOUR);
        assert_eq!(plan.ended(NOON, NOON + 600, Outcome::Done, 0.0).due_at, NOON + 1800);
        assert_eq!(plan.ended(NOON, NOON + 6000, Outcome::Done, 0.0).due_at, NOON + 6000, "it took longer");
        assert_eq!(plan.ended(NOON, NOON + 600, Outcome::Done, 1.0).due_at, NOON + 1980, "a tenth by chance");
        // Two days of sleep: due once, and the next half an hour after that.
        let plan = plan.ended(NOON, NOON, Outcome::Done, 0.0).held(NOON + 172_800, HALF_AN_HOUR);
        assert!(plan.is_due(NOON + 172_800));
        assert_eq!(plan.ended(NOON + 172_800, NOON + 172_810, Outcome::Done, 0.0).due_at, NOON + 174_600);
    }

    #[test]
    fn a_clock_that_is_turned_back_postpones_nothing() {
        let plan = Plan::first(NOON, HALF_AN_HOUR).ended(NOON, NOON, Outcome::Done, 0.0);
        assert_eq!(plan.held(NOON - 1_000_000, HALF_AN_HOUR).wait(NOON - 1_000_000), HALF_AN_HOUR);
        assert_eq!(plan.held(NOON + 60, HALF_AN_HOUR), plan);
    }

    #[test]
    fn a_new_interval_counts_at_once_and_a_wait_after_failures_stays() {
        let plan = Plan::first(NOON, HALF_AN_HOUR).ended(NOON, NOON, Outcome::Done, 0.0);
        let hour = Duration::from_secs(3600);
        assert_eq!(plan.held(NOON, hour).due_at, NOON + 3600);
        assert_eq!(plan.held(NOON, hour).held(NOON, HALF_AN_HOUR), plan);
        let failed = plan.ended(NOON, NOON, Outcome::Failed(Some(hour)), 0.0);
        assert_eq!(failed.held(NOON, HALF_AN_HOUR / 2).due_at, NOON + 3600);
    }

    #[test]
    fn a_scan_whose_end_nobody_hears_of_counts_as_a_failure() {
        let begun = Plan::first(NOON, HALF_AN_HOUR).begun(NOON, 0.0);
        assert_eq!((begun.failures, begun.due_at), (1, NOON + 300));
        assert_eq!(begun.begun(NOON + 300, 0.0).due_at, NOON + 900);
    }

    proptest! {
        #[test]
        fn a_wait_is_never_longer_than_a_day_a_tenth_or_the_interval(
            failures in 0_u32..60, asked: Option<u32>, interval in 60_u64..2_592_000, chance in -1.0..2.0_f64, kind in 0..5,
        ) {
            let plan = Plan { failures, ..Plan::first(NOON, Duration::from_secs(interval)) };
            let outcome = match kind {
                0 => Outcome::Done,
                1 => Outcome::Failed(asked.map(|asked| Duration::from_secs(asked.into()))),
                2 => Outcome::Blocked,
                3 => Outcome::Busy,
                _ => Outcome::Stopped,
            };
            let wait = plan.ended(NOON, NOON, outcome, chance).wait(NOON);
            prop_assert!(wait <= Duration::from_secs(interval.max(86_400)).mul_f64(1.0 + JITTER));
        }
    }
}
