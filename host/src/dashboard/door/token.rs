//! Random values that prove something by being known.

use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};

use crate::app::AppError;
use crate::plugin::digest::Digest;

/// 256 random bits, as 43 characters that a URL and a cookie take.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// A fresh one.
    ///
    /// # Errors
    /// Where the system gives no random numbers.
    pub fn random() -> Result<Token, AppError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)
            .map_err(|error| AppError::Machine(format!("the system gives no random numbers: {error}")))?;
        Ok(Token(SecretString::from(URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// For where it is handed out.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What it is kept and compared by.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.expose().as_bytes())
    }

    /// Whether it was presented, in a time that says nothing about where they differ.
    #[must_use]
    pub fn matches(&self, candidate: &str) -> bool {
        same(self.digest(), Digest::of(candidate.as_bytes()))
    }
}

/// Whether two digests are the same, in a time that says nothing about where they differ.
#[must_use]
pub fn same(one: Digest, other: Digest) -> bool {
    let pairs = one.bytes().iter().zip(other.bytes());
    pairs.fold(0u8, |sum, (a, b)| black_box(sum | (a ^ b))) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_matches_itself_only() {
        let token = Token::random().unwrap();
        assert!(token.matches(token.expose()));
        assert_eq!(token.expose().len(), 43, "256 bits");
        for other in ["", &token.expose()[1..], Token::random().unwrap().expose()] {
            assert!(!token.matches(other), "{other}");
        }
    }
}
