//! The client: the application that the person registered with the platform.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// The longest client id or secret, in bytes.
const MAX_BYTES: usize = 1024;

/// Client id and secret, as the platform gave them at registration.
#[derive(Clone)]
pub struct ClientIdentity {
    id: String,
    secret: Option<SecretString>,
}

/// Why what was typed is not a client id or secret. Repeats neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the {what} must have 1 to {MAX_BYTES} printable ASCII characters without spaces; copy it again from the page where the \
     application is registered"
)]
pub struct InvalidClient {
    what: &'static str,
}

impl ClientIdentity {
    /// Takes an id and, unless the application is a public one, its secret. White space around them is dropped: it comes along
    /// when one pastes.
    ///
    /// # Errors
    ///
    /// [`InvalidClient`] if one is empty, too long, or has characters that no platform issues.
    pub fn new(id: &str, secret: Option<&SecretString>) -> Result<Self, InvalidClient> {
        let id = id.trim();
        if !is_plain(id) {
            return Err(InvalidClient { what: "Client ID" });
        }
        let secret = match secret.map(|secret| secret.expose_secret().trim()) {
            Some(secret) if is_plain(secret) => Some(SecretString::from(secret)),
            Some(_) => {
                return Err(InvalidClient { what: "Client Secret" });
            }
            None => None,
        };
        Ok(Self { id: id.to_owned(), secret })
    }

    /// The client id. Not a secret: it is part of the URL that the browser opens.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn secret(&self) -> Option<&SecretString> {
        self.secret.as_ref()
    }
}

impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientIdentity({}, secret redacted)", self.id)
    }
}

fn is_plain(text: &str) -> bool {
    (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_taken_or_refused_by_the_table() {
        for (id, secret, good) in [
            ("fln_abc", Some("s3cret"), true),
            (" fln_abc\n", Some(" s3cret "), true),
            ("fln_abc", None, true),
            ("", Some("s"), false),
            ("a b", Some("s"), false),
            ("a", Some(""), false),
            ("a", Some("s\u{7}x"), false),
        ] {
            let secret = secret.map(SecretString::from);
            assert_eq!(ClientIdentity::new(id, secret.as_ref()).is_ok(), good, "{id:?}");
        }
    }
}
