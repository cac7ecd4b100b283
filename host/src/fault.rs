//! Where tests end the process, and how they turn its clock. A build for people (without debug assertions) has none of it: [`reach`] is nothing
//! there, [`ahead`] is 0, and no variable of the environment is looked at.
//!
//! What a process leaves that dies between two steps can be shown only by letting it die at each of them. In a debug build
//! `GHOSTSTACK_TEST_DIE_AT=renewal.claimed` kills the process there as `kill -9` would, without unwinding; `GHOSTSTACK_TEST_PANIC_AT` panics
//! there, and `GHOSTSTACK_TEST_CLOCK_AHEAD=60` puts the clock forward by so many seconds. Neither can make the program do anything that it
//! would not do by itself at a worse moment.

/// The steps of connecting, renewing, notifying, submitting and updating plugins at which it matters what has been stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The store has taken a write; nothing has been asked of the platform.
    ConnectPrepared,
    /// The listener listens, and the address is about to be shown.
    ConnectBegun,
    /// The browser has brought the code, which has not been sent.
    ConnectAnswered,
    /// The platform has given tokens, which are not stored.
    ConnectExchanged,
    /// The tokens are stored.
    ConnectStored,
    /// The platform has told whose they are.
    ConnectIdentified,
    /// The account's name is stored.
    ConnectNamed,
    /// The credential has been read, and is to be renewed.
    RenewalBegun,
    /// The intent to renew is stored; nothing has been asked of the platform.
    RenewalClaimed,
    /// The platform has given new tokens, which are not stored.
    RenewalAnswered,
    /// The new tokens are stored; nobody has used them.
    RenewalStored,
    /// The platform has ended the grant, which is not noted.
    RenewalRefused,
    /// That the grant has ended is noted; nobody has been told.
    RenewalNoted,
    /// The platform did not serve, and the intent is to be given back.
    RenewalFailed,
    /// The intent has been given back.
    RenewalReleased,
    /// A channel has taken a notification, which is not noted.
    DeliverySent,
    /// The intent to send a proposal is stored; nothing has left.
    SubmissionBegun,
    /// That a proposal leaves is stored, and it has not left.
    SubmissionSent,
    /// The platform has answered to a proposal, which is not stored.
    SubmissionAnswered,
    /// The new component of a plugin is stored beside the old one, which is still the one that is recorded.
    UpdateStaged,
    /// The new component is recorded, and has not taken the place of the old one.
    UpdateRecorded,
}

impl Step {
    /// All of them, those of connecting first.
    pub const ALL: [Step; 21] = [
        Step::ConnectPrepared,
        Step::ConnectBegun,
        Step::ConnectAnswered,
        Step::ConnectExchanged,
        Step::ConnectStored,
        Step::ConnectIdentified,
        Step::ConnectNamed,
        Step::RenewalBegun,
        Step::RenewalClaimed,
        Step::RenewalAnswered,
        Step::RenewalStored,
        Step::RenewalRefused,
        Step::RenewalNoted,
        Step::RenewalFailed,
        Step::RenewalReleased,
        Step::DeliverySent,
        Step::SubmissionBegun,
        Step::SubmissionSent,
        Step::SubmissionAnswered,
        Step::UpdateStaged,
        Step::UpdateRecorded,
    ];

    /// What the environment calls it: `renewal.claimed`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Step::ConnectPrepared => "connect.prepared",
            Step::ConnectBegun => "connect.begun",
            Step::ConnectAnswered => "connect.answered",
            Step::ConnectExchanged => "connect.exchanged",
            Step::ConnectStored => "connect.stored",
            Step::ConnectIdentified => "connect.identified",
            Step::ConnectNamed => "connect.named",
            Step::RenewalBegun => "renewal.begun",
            Step::RenewalClaimed => "renewal.claimed",
            Step::RenewalAnswered => "renewal.answered",
            Step::RenewalStored => "renewal.stored",
            Step::RenewalRefused => "renewal.refused",
            Step::RenewalNoted => "renewal.noted",
            Step::RenewalFailed => "renewal.failed",
            Step::RenewalReleased => "renewal.released",
            Step::DeliverySent => "delivery.sent",
            Step::SubmissionBegun => "submission.begun",
            Step::SubmissionSent => "submission.sent",
            Step::SubmissionAnswered => "submission.answered",
            Step::UpdateStaged => "update.staged",
            Step::UpdateRecorded => "update.recorded",
        }
    }
}

/// Ends the process if a test wants it to end here.
#[cfg(not(debug_assertions))]
#[inline]
pub fn reach(_: Step) {}

/// Seconds that the clock is put forward by.
#[cfg(not(debug_assertions))]
#[inline]
#[must_use]
pub fn ahead() -> i64 {
    0
}

#[cfg(debug_assertions)]
pub use injected::{ahead, reach};

#[cfg(debug_assertions)]
mod injected {
    use std::sync::LazyLock;

    use super::Step;

    static DIE_AT: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("GHOSTSTACK_TEST_DIE_AT").ok());
    static PANIC_AT: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("GHOSTSTACK_TEST_PANIC_AT").ok());
    static AHEAD: LazyLock<i64> = LazyLock::new(|| {
        std::env::var("GHOSTSTACK_TEST_CLOCK_AHEAD").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(0)
    });

    /// Ends the process if a test wants it to end here.
    ///
    /// # Panics
    /// If a test wants that.
    pub fn reach(step: Step) {
        if DIE_AT.as_deref() == Some(step.name()) {
            // As `kill -9`: no destructor runs, nothing is flushed.
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
        assert!(PANIC_AT.as_deref() != Some(step.name()), "a test wants a panic at {}", step.name());
    }

    /// Seconds that the clock is put forward by.
    #[must_use]
    pub fn ahead() -> i64 {
        *AHEAD
    }
}
