//! When a failed delivery is tried again.

use std::time::Duration;

/// The wait after the first failure.
const FIRST: Duration = Duration::from_secs(30);
/// The longest wait that is chosen here.
pub const LONGEST: Duration = Duration::from_secs(6 * 3600);
/// The longest wait that a receiver's own word is believed for.
pub const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3600);

/// How long to wait after the attempt of this number, from 1: twice as long each time, half of it by `chance` (0 to 1), so that what failed
/// together does not come again together. Not shorter than the receiver `asked` for.
#[must_use]
pub fn wait(attempt: u32, chance: f64, asked: Option<Duration>) -> Duration {
    let doublings = attempt.saturating_sub(1).min(20);
    let full = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    let own = full.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0);
    asked.map_or(own, |asked| own.max(asked.min(LONGEST_ASKED)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_up_to_a_bound() {
        let seconds: Vec<u64> = (1..=12).map(|attempt| wait(attempt, 1.0, None).as_secs()).collect();
        assert_eq!(seconds, [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600, 21600]);
        assert_eq!(wait(1, 0.0, None), Duration::from_secs(15));
        assert_eq!(wait(1, 0.0, Some(Duration::from_secs(90))), Duration::from_secs(90));
        assert_eq!(wait(1, 1.0, Some(Duration::from_secs(1))), Duration::from_secs(30));
        assert_eq!(wait(1, 1.0, Some(Duration::MAX)), LONGEST_ASKED);
    }

    proptest! {
        #[test]
        fn a_wait_is_within_its_bounds(attempt: u32, chance in -1.0..2.0_f64, asked: Option<u32>) {
            let found = wait(attempt, chance, asked.map(|seconds| Duration::from_secs(seconds.into())));
            prop_assert!(found >= FIRST / 2 && found <= LONGEST_ASKED);
        }
    }
}
