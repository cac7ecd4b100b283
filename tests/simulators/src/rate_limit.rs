//! Request limits over sliding windows, on the simulator's clock.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

/// Callers that are remembered; beyond that the longest silent one is forgotten.
const MAX_CALLERS: usize = 1_000;

/// How many requests are allowed in how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Requests allowed; 0 means no limit.
    pub limit: u32,
    /// Length in seconds.
    pub seconds: i64,
}

/// What a caller may still do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether this request is within the limits.
    pub allowed: bool,
    /// Requests left in the first window after this one; `u32::MAX` without a limit.
    pub remaining: u32,
}

/// Remembers when each caller asked.
#[derive(Debug, Default)]
pub struct RateLimiter {
    asked: HashMap<String, VecDeque<i64>>,
}

impl RateLimiter {
    /// Counts a request of `caller` at `now`, unless it is over a limit.
    pub fn count(&mut self, caller: &str, now: i64, windows: &[Window]) -> Standing {
        let longest = windows.iter().map(|window| window.seconds).max().unwrap_or(0);
        if !self.asked.contains_key(caller) && self.asked.len() >= MAX_CALLERS {
            let silent = self.asked.iter().min_by_key(|(_, times)| times.back().copied()).map(|(name, _)| name.clone());
            if let Some(name) = silent {
                self.asked.remove(&name);
            }
        }
        let times = self.asked.entry(caller.to_owned()).or_default();
        // A clock that was turned back leaves times in the future: they no longer count.
        times.retain(|&at| at > now.saturating_sub(longest) && at <= now);
        let left = |window: &Window| {
            if window.limit == 0 {
                return u32::MAX;
            }
            let used = times.iter().filter(|&&at| at > now.saturating_sub(window.seconds)).count();
            window.limit.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
        };
        let allowed = windows.iter().all(|window| left(window) > 0);
        let first = windows.first().map_or(u32::MAX, left);
        if allowed {
            times.push_back(now);
        }
        Standing {
            allowed,
            remaining: match first {
                u32::MAX => u32::MAX,
                left => left.saturating_sub(u32::from(allowed)),
            },
        }
    }

    /// Forgets all callers.
    pub fn clear(&mut self) {
        self.asked.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_per_caller_and_ends_with_its_window() {
        let windows = [Window { limit: 2, seconds: 60 }, Window { limit: 3, seconds: 3600 }];
        let mut limiter = RateLimiter::default();
        assert_eq!(limiter.count("a", 0, &windows), Standing { allowed: true, remaining: 1 });
        assert_eq!(limiter.count("a", 0, &windows), Standing { allowed: true, remaining: 0 });
        assert!(!limiter.count("a", 59, &windows).allowed);
        assert!(limiter.count("b", 59, &windows).allowed);
        assert!(limiter.count("a", 60, &windows).allowed);
        assert!(!limiter.count("a", 200, &windows).allowed, "the hour's limit is used up");
        assert!(limiter.count("a", 3600, &windows).allowed);
    }

    #[test]
    fn a_limit_of_zero_is_no_limit() {
        let mut limiter = RateLimiter::default();
        for _ in 0..1000 {
            assert!(limiter.count("a", 0, &[Window { limit: 0, seconds: 60 }]).allowed);
        }
    }
}
