//! What calls into plugins took in this process, for whoever looks after them: a few numbers for each plugin and export, whatever engine ran them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// So many plugins' exports are told apart at most.
const MOST: usize = 4096;

/// What the calls of one export took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// Calls that came to an answer.
    pub answered: u64,
    /// Calls that did not: traps, limits, time-outs.
    pub failed: u64,
    /// All of them together.
    pub took: Duration,
    /// The longest.
    pub longest: Duration,
    /// The most linear memory that one had at its end, in bytes.
    pub memory: usize,
}

impl Timing {
    /// The average of a call.
    #[must_use]
    pub fn average(&self) -> Duration {
        let calls = u32::try_from(self.answered + self.failed).unwrap_or(u32::MAX);
        self.took.checked_div(calls).unwrap_or_default()
    }
}

/// By plugin and export.
type Timings = BTreeMap<(String, &'static str), Timing>;

static TIMINGS: Mutex<Timings> = Mutex::new(Timings::new());

/// Notes a call.
pub(super) fn note(plugin: &str, export: &'static str, is_answered: bool, took: Duration, memory: usize) {
    let mut timings = TIMINGS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (plugin.to_owned(), export);
    if timings.len() >= MOST && !timings.contains_key(&key) {
        return;
    }
    let of = timings.entry(key).or_default();
    if is_answered {
        of.answered += 1;
    } else {
        of.failed += 1;
    }
    of.took += took;
    of.longest = of.longest.max(took);
    of.memory = of.memory.max(memory);
}

/// What a plugin's calls took since the process began, by export.
#[must_use]
pub fn of(plugin: &str) -> Vec<(&'static str, Timing)> {
    let timings = TIMINGS.lock().unwrap_or_else(PoisonError::into_inner);
    let own = timings.iter().filter(|((id, _), _)| id == plugin);
    own.map(|((_, export), timing)| (*export, *timing)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_for_each_plugin_and_export() {
        let ms = Duration::from_millis;
        note("timed-a", "search.search", true, ms(2), 100);
        note("timed-a", "search.search", false, ms(6), 50);
        note("timed-a", "scoring.score", true, ms(1), 7);
        note("timed-b", "scoring.score", true, ms(9), 7);
        let search = Timing { answered: 1, failed: 1, took: ms(8), longest: ms(6), memory: 100 };
        let score = Timing { answered: 1, failed: 0, took: ms(1), longest: ms(1), memory: 7 };
        assert_eq!(of("timed-a"), [("scoring.score", score), ("search.search", search)]);
        assert_eq!((search.average(), Timing::default().average()), (ms(4), Duration::ZERO));
        assert!(of("timed-c").is_empty());
    }
}
