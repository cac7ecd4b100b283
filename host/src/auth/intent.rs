//! The intent to renew: what keeps processes, on one machine or on several that share a store, from spending one refresh token twice.
//!
//! It stands in the credential's own record, so that one check-and-set decides about both: who has written it may ask the platform,
//! others wait for what comes of it. It ends by itself, since its owner may have been killed; whoever finds one that has ended over the
//! tokens that it was about takes it over, and knows that the platform may have been asked already ([`Interruption`]).

use std::fmt;

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};

/// Seconds that an intent lives: what the platform may take to answer ([`super::TimeLimits`]), and as much again to store the answer.
pub(super) const LIFE: i64 = 60;

/// Seconds that must be left of an intent for its owner to ask the platform: the longest that an answer may take.
pub(super) const LEFT_TO_ASK: i64 = 30;

/// Seconds by which the clocks of machines that share a store may differ without anybody noticing.
pub(super) const SKEW: i64 = 10;

/// Seconds by which a clock may be behind the one that wrote an intent, for it to be believed still.
const FUTURE: i64 = 900;

/// The longest name of a host that is kept, in characters.
const MAX_HOST: usize = 64;

/// Who is about to renew. Says nothing secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Intent {
    /// Random, one for each attempt.
    id: String,
    /// The machine's name.
    host: String,
    /// The process there.
    process: u32,
    /// Where that number means something: the run of the kernel and the namespace of processes. None where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    room: Option<String>,
    /// When it was written, in seconds since 1970.
    pub(super) since: i64,
}

impl Intent {
    /// An intent of this process.
    pub(super) fn declare(now: i64) -> Self {
        let id = getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()));
        Self { id: format!("{id:016x}"), host: host(), process: std::process::id(), room: room(), since: now }
    }

    /// An intent of a process on another machine.
    #[cfg(test)]
    pub(super) fn of_elsewhere(now: i64) -> Self {
        Self { host: "elsewhere".to_owned(), process: 4711, room: None, ..Self::declare(now) }
    }

    /// Whether its owner may still act on it.
    pub(super) fn is_live(&self, now: i64) -> bool {
        self.has_time(now) && !self.is_abandoned()
    }

    /// Whether its owner is known to be gone: a process of this machine that no longer runs. Another that has been given its number since
    /// is taken for it; then the intent ends by its time.
    fn is_abandoned(&self) -> bool {
        let pid = i32::try_from(self.process).ok().and_then(Pid::from_raw);
        let here = self.room.is_some() && self.room == room();
        here && pid.is_some_and(|pid| test_kill_process(pid) == Err(Errno::SRCH))
    }

    /// Whether its time is not up. One that was written far in the future, by a clock that is wrong, is over: else it might never end.
    fn has_time(&self, now: i64) -> bool {
        (self.since.saturating_sub(FUTURE)..self.since.saturating_add(LIFE + SKEW)).contains(&now)
    }

    /// Whether enough is left of it to ask the platform.
    pub(super) fn permits_asking(&self, now: i64) -> bool {
        (self.since..=self.since.saturating_add(LIFE - LEFT_TO_ASK)).contains(&now)
    }

    /// Seconds until it is over.
    pub(super) fn seconds_left(&self, now: i64) -> u32 {
        u32::try_from(self.since.saturating_add(LIFE + SKEW).saturating_sub(now)).unwrap_or(0)
    }

    /// Its owner, for a person: `process 4711 on laptop`.
    pub(super) fn owner(&self) -> String {
        format!("process {} on {}", self.process, self.host)
    }
}

/// A renewal of which nobody knows whether the platform carried it out. If it did, the refresh token is spent and what replaced it is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interruption {
    /// Who had begun it: `process 4711 on laptop`.
    pub owner: String,
    /// When it was begun, in seconds since 1970.
    pub at: i64,
    /// What came in between.
    pub cause: InterruptionCause,
}

/// What came between the question for new tokens and storing them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterruptionCause {
    /// The process was stopped.
    Stopped,
    /// The platform's answer did not arrive, or could not be read.
    NoAnswer,
}

impl Interruption {
    pub(super) fn of(intent: &Intent, cause: InterruptionCause) -> Self {
        Self { owner: intent.owner(), at: intent.since, cause }
    }
}

/// Without the owner: guests may be told it, and the machine's name is none of their business.
impl fmt::Display for Interruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = jiff::Timestamp::from_second(self.at).map_or_else(|_| self.at.to_string(), |at| at.to_string());
        let (what, lost) = match self.cause {
            InterruptionCause::Stopped => {
                ("a process of Prospector was stopped while it renewed the access at", "the new one is lost")
            }
            InterruptionCause::NoAnswer => {
                ("no readable answer came back when the access was renewed at", "the new one did not arrive")
            }
        };
        write!(f, "{what} {at}: the refresh token was most likely spent then, and {lost}")
    }
}

/// This machine's name, made fit to be shown.
fn host() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let name: String = name.chars().filter(|c| c.is_ascii_graphic()).take(MAX_HOST).collect();
    if name.is_empty() { "an unnamed host".to_owned() } else { name }
}

/// What tells this kernel's run and this namespace of processes from all others (Linux).
fn room() -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = std::fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), namespace.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intent_lives_and_permits_by_the_table() {
        let intent = Intent::declare(1_000);
        for (now, live, permits) in [
            (99, false, false),
            (101, true, false),
            (1_000, true, true),
            (1_000 + LIFE - LEFT_TO_ASK, true, true),
            (1_001 + LIFE - LEFT_TO_ASK, true, false),
            (999 + LIFE + SKEW, true, false),
            (1_000 + LIFE + SKEW, false, false),
            (i64::MAX, false, false),
            (i64::MIN, false, false),
        ] {
            assert_eq!((intent.has_time(now), intent.permits_asking(now)), (live, permits), "at {now}");
        }
        assert_eq!((intent.seconds_left(1_000), intent.seconds_left(2_000)), (70, 0));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_intent_of_a_process_that_is_gone_is_over_at_once_and_one_of_another_machine_is_not() {
        let mut child = std::process::Command::new("/bin/true").spawn().expect("it starts");
        let mut intent = Intent { process: child.id(), ..Intent::declare(1_000) };
        child.wait().expect("it ends");
        assert!(!intent.is_live(1_001), "its owner is gone");
        intent.room = Some("another boot pid:[1]".to_owned());
        assert!(intent.is_live(1_001), "who knows what that number is there");
        intent.room = None;
        assert!(intent.is_live(1_001));
        assert!(Intent::declare(1_000).is_live(1_001), "this process runs");
    }

    #[test]
    fn two_intents_of_one_process_differ_and_both_name_it() {
        let (one, other) = (Intent::declare(1), Intent::declare(1));
        assert_ne!(one, other);
        assert!(one.owner().starts_with(&format!("process {} on ", std::process::id())));
    }

    #[test]
    fn an_interruption_says_what_happened() {
        for (cause, words) in [
            (InterruptionCause::Stopped, "was stopped while it renewed the access at 2023-11-14T22:13:20Z"),
            (InterruptionCause::NoAnswer, "no readable answer"),
        ] {
            let told = Interruption::of(&Intent::declare(1_700_000_000), cause).to_string();
            assert!(told.contains(words) && told.contains("most likely spent"), "{told}");
            assert!(!told.contains("process 1"), "guests may be told it: {told}");
        }
    }
}
