//! Proof keys for code exchange (RFC 7636).

use sha2::{Digest, Sha256};

/// What the client committed to at the authorisation request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// `code_challenge`.
    pub challenge: String,
    /// `code_challenge_method`: `S256` or `plain`.
    pub method: String,
}

impl Challenge {
    /// Whether `verifier` answers the challenge.
    #[must_use]
    pub fn is_met_by(&self, verifier: &str) -> bool {
        match self.method.as_str() {
            "S256" => base64url(&Sha256::digest(verifier.as_bytes())) == self.challenge,
            "plain" => verifier == self.challenge,
            _ => false,
        }
    }
}

/// Base64 with the URL alphabet and no padding (RFC 4648, section 5).
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let padded = [group[0], group.get(1).copied().unwrap_or(0), group.get(2).copied().unwrap_or(0)];
        let bits = u32::from_be_bytes([0, padded[0], padded[1], padded[2]]);
        for sextet in 0..=group.len() {
            let index = (bits >> (18 - 6 * sextet)) & 0x3f;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_is_met() {
        let challenge = Challenge {
            challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
            method: "S256".to_owned(),
        };
        assert!(challenge.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"));
    }
}
