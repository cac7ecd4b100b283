//! What comes back from the browser: the query of the redirect, received by the listener or pasted by the person.

use std::fmt;

use secrecy::SecretString;
use url::{Url, form_urlencoded};

use super::text;

/// The longest callback that is read, in bytes.
pub const MAX_CALLBACK_BYTES: usize = 8 * 1024;

/// The longest code, in bytes.
const MAX_CODE_BYTES: usize = 4 * 1024;

/// An answer of the authorization endpoint, not yet believed: [`super::Flow::finish`] checks where it comes from.
#[derive(Clone)]
pub struct Callback {
    pub(super) outcome: Outcome,
    pub(super) state: Option<SecretString>,
    pub(super) issuer: Option<String>,
    pub(super) channel: Channel,
}

#[derive(Clone)]
pub(super) enum Outcome {
    Code(SecretString),
    Refused { code: Option<String>, message: Option<String> },
}

/// Who brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// Any program that reaches the port: without `state` it is nobody's.
    Loopback,
    /// The person, who knows what was pasted; a page need not show the state.
    Pasted,
}

/// Why a text is not an answer. Repeats nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// It exceeds [`MAX_CALLBACK_BYTES`].
    #[error(
        "what was given is longer than {MAX_CALLBACK_BYTES} bytes; paste only the address that the browser ended on"
    )]
    TooLong,
    /// Nothing was given.
    #[error("nothing was given; paste the address that the browser ended on, or the code shown there")]
    Empty,
    /// There is neither a code nor an error.
    #[error(
        "the address holds neither a code nor an error; paste the one that the browser ended on after you agreed, not the one that was opened"
    )]
    Neither,
    /// A parameter is there twice, which no server does.
    #[error(
        "the address names one of code, state, error or iss twice; start again and paste the address as the browser shows it"
    )]
    Repeated,
    /// It is not a URL, or has characters that no code has.
    #[error(
        "what was given is neither an address nor a code; paste the whole address that the browser ended on, beginning with https:// or http://"
    )]
    Garbled,
}

impl Callback {
    /// Reads a redirect's query, without its `?`, as the listener received it.
    ///
    /// # Errors
    ///
    /// [`CallbackError`] if it is no answer of an authorization endpoint.
    pub fn from_query(query: &str) -> Result<Self, CallbackError> {
        Self::read(query, Channel::Loopback)
    }

    fn read(query: &str, channel: Channel) -> Result<Self, CallbackError> {
        if query.len() > MAX_CALLBACK_BYTES {
            return Err(CallbackError::TooLong);
        }
        let mut fields: [(&str, Option<String>); 5] =
            [("code", None), ("state", None), ("iss", None), ("error", None), ("error_description", None)];
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if let Some((_, slot)) = fields.iter_mut().find(|(known, _)| *known == name)
                && slot.replace(value.into_owned()).is_some()
            {
                return Err(CallbackError::Repeated);
            }
        }
        let [code, state, issuer, error, description] =
            fields.map(|(_, value)| value.filter(|value| !value.is_empty()));
        let outcome = match (error, code) {
            (Some(error), _) => {
                let state: Vec<SecretString> = state.iter().map(|state| SecretString::from(state.as_str())).collect();
                let known: Vec<&SecretString> = state.iter().collect();
                Outcome::Refused {
                    code: text::code(&error, &known),
                    message: description.and_then(|description| text::message(&description, &known)),
                }
            }
            (None, Some(code)) => Outcome::Code(checked_code(&code)?),
            (None, None) => return Err(CallbackError::Neither),
        };
        Ok(Self { outcome, state: state.map(SecretString::from), issuer, channel })
    }
}

/// Reads what a person pastes: the address that the browser ended on, its query alone, or a bare code.
///
/// # Errors
///
/// [`CallbackError`] says what to paste instead.
pub fn parse_pasted(pasted: &str) -> Result<Callback, CallbackError> {
    let pasted = pasted.trim();
    if pasted.len() > MAX_CALLBACK_BYTES {
        return Err(CallbackError::TooLong);
    }
    if pasted.is_empty() {
        return Err(CallbackError::Empty);
    }
    if pasted.contains("://") {
        let url = Url::parse(pasted).map_err(|_| CallbackError::Garbled)?;
        return Callback::read(url.query().ok_or(CallbackError::Neither)?, Channel::Pasted);
    }
    let query = pasted.strip_prefix('?').unwrap_or(pasted);
    if ["code=", "state=", "error=", "iss="].iter().any(|name| query.starts_with(name)) {
        return Callback::read(query, Channel::Pasted);
    }
    Ok(Callback { outcome: Outcome::Code(checked_code(pasted)?), state: None, issuer: None, channel: Channel::Pasted })
}

fn checked_code(code: &str) -> Result<SecretString, CallbackError> {
    // RFC 6749, appendix A.11: visible characters and spaces; no platform uses a space, and a pasted sentence has some.
    if code.len() > MAX_CODE_BYTES {
        return Err(CallbackError::TooLong);
    }
    if !code.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(CallbackError::Garbled);
    }
    Ok(SecretString::from(code))
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match &self.outcome {
            Outcome::Code(_) => "a code",
            Outcome::Refused { .. } => "a refusal",
        };
        write!(f, "Callback({outcome} by {:?}, redacted)", self.channel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    fn code(callback: &Callback) -> Option<&str> {
        match &callback.outcome {
            Outcome::Code(code) => Some(code.expose_secret()),
            Outcome::Refused { .. } => None,
        }
    }

    #[test]
    fn pasted_texts_are_read_by_the_table() {
        for (pasted, expected) in [
            ("https://app.ghoststack.dev/auth/x/callback?code=abc&state=s", Ok((Some("abc"), Some("s")))),
            ("  http://127.0.0.1:7420/auth/x/callback?state=s&code=a%2Fb \n", Ok((Some("a/b"), Some("s")))),
            ("https://app.ghoststack.dev/cb?code=abc", Ok((Some("abc"), None))),
            ("?code=abc&state=s", Ok((Some("abc"), Some("s")))),
            ("code=abc", Ok((Some("abc"), None))),
            ("abc-123_x", Ok((Some("abc-123_x"), None))),
            ("https://x.example/?error=access_denied&state=s", Ok((None, Some("s")))),
            ("https://x.example/?error=access_denied&code=abc", Ok((None, None))),
            ("https://x.example/", Err(CallbackError::Neither)),
            ("https://x.example/?state=s", Err(CallbackError::Neither)),
            ("https://x.example/?code=", Err(CallbackError::Neither)),
            ("https://x.example/?code=a&code=b", Err(CallbackError::Repeated)),
            ("https://x.example/?code=a&state=b&state=c", Err(CallbackError::Repeated)),
            ("https://[bad/?code=a", Err(CallbackError::Garbled)),
            ("please help me", Err(CallbackError::Garbled)),
            ("https://x.example/?code=a%0d%0ab", Err(CallbackError::Garbled)),
            ("", Err(CallbackError::Empty)),
        ] {
            let read = parse_pasted(pasted);
            let seen = read
                .as_ref()
                .map_err(|error| *error)
                .map(|callback| (code(callback), callback.state.as_ref().map(ExposeSecret::expose_secret)));
            assert_eq!(seen, expected, "{pasted}");
        }
        assert_eq!(parse_pasted(&"x".repeat(MAX_CALLBACK_BYTES + 1)).err(), Some(CallbackError::TooLong));
    }

    proptest! {
        #[test]
        fn arbitrary_callbacks_never_panic(text in "\\PC{0,300}", bytes in "[ -~]{0,200}") {
            for text in [&text, &bytes] {
                let _ = Callback::from_query(text);
                let _ = parse_pasted(text);
                let _ = parse_pasted(&format!("https://x.example/?{text}"));
            }
        }

        #[test]
        fn a_callbacks_secrets_are_never_printed(secret in "[A-Za-z0-9]{12,40}", field in "(code|state|iss|error|error_description|x)", junk in "[ -~]{0,20}") {
            for query in [format!("{field}={secret}"), format!("state={secret}&error={junk}&error_description={junk}+{secret}"), format!("{field}={secret}&{field}={secret}")] {
                let printed = match Callback::from_query(&query) {
                    Ok(callback) => format!("{callback:?}"),
                    Err(error) => format!("{error:?} {error}"),
                };
                prop_assert!(!printed.contains(&secret), "{printed}");
            }
        }
    }
}
