//! A random value that proves something by being brought back.

use std::hint::black_box;

use oauth2::CsrfToken;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// How many random bytes it has.
const BYTES: u32 = 32;

/// A fresh random value, as base64url. Comparing it takes a time that says nothing about where two differ.
#[derive(Clone, Debug)]
pub(crate) struct Nonce(SecretString);

impl Nonce {
    pub(crate) fn random() -> Self {
        Self(SecretString::from(CsrfToken::new_random_len(BYTES).into_secret()))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether this very value was brought.
    pub(crate) fn matches(&self, candidate: &[u8]) -> bool {
        // Digests have one length, so that not even the length of the value is told.
        let ours = Sha256::digest(self.expose().as_bytes());
        let theirs = Sha256::digest(candidate);
        let difference = ours.iter().zip(theirs.iter()).fold(0u8, |sum, (a, b)| black_box(sum | (a ^ b)));
        difference == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_matches_itself_only_and_is_not_printed() {
        let nonce = Nonce::random();
        let text = nonce.expose().to_owned();
        assert!(nonce.matches(text.as_bytes()));
        assert!(!nonce.matches(&text.as_bytes()[1..]));
        assert!(!nonce.matches(b""));
        assert!(!nonce.matches(Nonce::random().expose().as_bytes()));
        assert!(text.len() >= 43, "256 bits in base64url");
        assert!(!format!("{nonce:?}").contains(&text));
    }
}
