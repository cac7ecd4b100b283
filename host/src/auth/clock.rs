//! The time.

pub use crate::clock::{Clock, SystemClock};
