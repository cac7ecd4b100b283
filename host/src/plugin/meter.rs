//! What calls into guests took, for whoever measures them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A call that came to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The export called: `scoring.score`.
    pub export: &'static str,
    /// From instantiating to the answer, without waiting for a turn.
    pub took: Duration,
    /// Linear memory that the guest had at the end, in bytes: it never gives any back.
    pub memory: usize,
}

/// Gathers what calls take. See [`Engine::metered`](super::engine::Engine::metered).
#[derive(Debug, Default)]
pub struct Meter(Mutex<Vec<Measured>>);

impl Meter {
    pub(super) fn note(&self, measured: Measured) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(measured);
    }

    /// The calls since this was last asked, in their order.
    #[must_use]
    pub fn take(&self) -> Vec<Measured> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
