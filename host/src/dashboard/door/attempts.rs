//! How often somebody may try to log in.

use std::sync::{Mutex, PoisonError};

use crate::contract::types::UtcSeconds;

/// So many wrong keys in a minute; then nobody is let in until it is over.
const MOST: u32 = 10;

/// Wrong keys, whoever brought them: on loopback one cannot tell.
#[derive(Default)]
pub struct Attempts(Mutex<(UtcSeconds, u32)>);

impl Attempts {
    /// Counts an attempt before its key is looked at; how many seconds to wait where there were too many.
    pub fn count(&self, now: UtcSeconds) -> Result<(), u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (minute, tried) = *state;
        if now.div_euclid(60) != minute {
            *state = (now.div_euclid(60), 1);
            return Ok(());
        }
        if tried >= MOST {
            return Err((60 - now.rem_euclid(60)).unsigned_abs());
        }
        state.1 += 1;
        Ok(())
    }

    /// The key was right: what was tried before does not count.
    pub fn forgive(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_keys_are_bounded_by_the_minute() {
        let attempts = Attempts::default();
        let minute = 1_780_000_020;
        for _ in 0..MOST {
            assert_eq!(attempts.count(minute), Ok(()));
        }
        assert_eq!(attempts.count(minute + 20), Err(40));
        assert_eq!(attempts.count(minute + 60), Ok(()));
        attempts.forgive();
        for _ in 0..MOST {
            assert_eq!(attempts.count(minute + 61), Ok(()));
        }
        assert!(attempts.count(minute + 61).is_err());
    }
}
