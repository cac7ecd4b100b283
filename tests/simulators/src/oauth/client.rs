//! Who a back-channel request says it is (RFC 6749, section 2.3.1).

use crate::exchange::Request;
use crate::params::Params;

use super::{AuthorizationServer, OAuthError};

/// A client id and secret as they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientCredentials {
    /// `client_id`.
    pub id: String,
    /// `client_secret`.
    pub secret: String,
}

impl ClientCredentials {
    /// Those in a form body.
    #[must_use]
    pub fn of_form(form: &Params) -> Self {
        let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
        Self { id: text("client_id"), secret: text("client_secret") }
    }

    /// Those of a request: its Basic authentication where it has one, else those in its form body.
    #[must_use]
    pub fn of_request(request: &Request, form: &Params) -> Self {
        request.header("authorization").and_then(basic).unwrap_or_else(|| Self::of_form(form))
    }
}

impl AuthorizationServer {
    /// Checks that a back-channel request comes from the registered application.
    ///
    /// # Errors
    /// `invalid_client`.
    pub fn authenticate(&self, client: &ClientCredentials) -> Result<(), OAuthError> {
        if client.id == self.registration.client_id && client.secret == self.registration.client_secret {
            Ok(())
        } else {
            Err(OAuthError::new("invalid_client", "Unknown client_id or wrong client_secret."))
        }
    }
}

/// Reads `Basic base64(id:secret)`, where both parts are form-encoded (RFC 6749, section 2.3.1).
fn basic(header: &str) -> Option<ClientCredentials> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(base64(encoded.trim())?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |part: &str| {
        let pair = format!("x={part}");
        Params::from_urlencoded(pair.as_bytes()).get("x").unwrap_or_default().to_owned()
    };
    Some(ClientCredentials { id: decoded(id), secret: decoded(secret) })
}

/// Base64 with the standard alphabet (RFC 4648, section 4), padded or not.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for character in text.trim_end_matches('=').bytes() {
        let sextet = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(sextet)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap_or_default());
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_authentication_is_decoded() {
        for (header, id, secret) in [
            ("Basic c2ltLWNsaWVudDpzaW0tc2VjcmV0", "sim-client", "sim-secret"),
            ("basic YTpiOmM=", "a", "b:c"),
            ("Basic YSUyMGI6YyUyQiU=", "a b", "c+%"),
        ] {
            let expected = ClientCredentials { id: id.to_owned(), secret: secret.to_owned() };
            assert_eq!(basic(header), Some(expected), "{header}");
        }
        for header in ["Bearer YTpi", "Basic", "Basic ???", "Basic YQ==", "Basic /w=="] {
            assert_eq!(basic(header), None, "{header}");
        }
    }
}
