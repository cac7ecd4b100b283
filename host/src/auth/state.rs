//! OAuth's `state`: the proof that an answer belongs to the log-in that this process began.

use super::nonce::Nonce;

/// A fresh random value. [`super::Flow::finish`] consumes the flow that holds it, so that it counts once.
#[derive(Clone)]
pub struct State(Nonce);

impl State {
    pub(super) fn random() -> Self {
        Self(Nonce::random())
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Whether a callback brought this very value, in a time that says nothing about where they differ.
    #[must_use]
    pub fn matches(&self, candidate: &str) -> bool {
        self.0.matches(candidate.as_bytes())
    }
}
