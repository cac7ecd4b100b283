//! OAuth's `state`: the proof that an answer belongs to the log-in that this process began.

use std::hint::black_box;

use oauth2::CsrfToken;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// How many random bytes a state has.
const BYTES: u32 = 32;

/// A fresh random value. [`super::Flow::finish`] consumes the flow that holds it, so that it counts once.
#[derive(Clone)]
pub struct State(SecretString);

impl State {
    pub(super) fn random() -> Self {
        Self(SecretString::from(CsrfToken::new_random_len(BYTES).into_secret()))
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether a callback brought this very value, in a time that says nothing about where they differ.
    #[must_use]
    pub fn matches(&self, candidate: &str) -> bool {
        // Digests have one length, so that not even the length of the state is told.
        let ours = Sha256::digest(self.expose().as_bytes());
        let theirs = Sha256::digest(candidate.as_bytes());
        let difference = ours.iter().zip(theirs.iter()).fold(0u8, |sum, (a, b)| black_box(sum | (a ^ b)));
        difference == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_matches_itself_only() {
        let state = State::random();
        let text = state.expose().to_owned();
        assert!(state.matches(&text));
        assert!(!state.matches(&text[1..]));
        assert!(!state.matches(""));
        assert!(!state.matches(State::random().expose()));
        assert!(text.len() >= 43, "256 bits in base64url");
    }
}
