//! The daemon's rhythm: when each platform is scanned, and when the rest is looked after.
//!
//! ```text
//!             ┌──────── a job for each platform that is due, never two of one ────────┐
//!  loop ──────┤                                                                       ├──► its end: a new plan, kept in the store
//!    ▲        └──────── the chores: wake-ups, tokens, news, deliveries ───────────────┘
//!    └── sleeps until something is due, ends, or is asked for; never longer than [`LONGEST_SLEEP`]
//! ```
//!
//! The loop knows neither platforms nor the store, but [`Work`] and [`Plans`]; time comes from a [`Clock`], so that tests
//! turn months in seconds. It looks at the clock again at least every [`LONGEST_SLEEP`]: a machine's sleep, in which timers may stand still, delays what
//! is due by no more than that, and what was due several times meanwhile is done once. A clock that is turned back postpones nothing
//! ([`plan`]).

#[cfg(test)]
mod month_tests;
pub mod plan;
mod run;
#[cfg(test)]
mod run_tests;
#[cfg(test)]
pub mod testing;

pub use plan::{Outcome, Plan};
pub use run::{Ask, LONGEST_SLEEP, Plans, Scheduler, Work};
