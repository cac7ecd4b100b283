//! Redirect URIs: where the platform sends the browser back to.

use url::Url;

use crate::origin::is_loopback;

/// The longest redirect URI, in bytes.
const MAX_BYTES: usize = 1024;

/// A redirect URI, kept as it was written: platforms compare it character by character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri(String);

/// Why a text is not a redirect URI.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the redirect URI {shown:?} is not an https address without a fragment (http is taken on loopback only); give --redirect-uri \
     exactly as it is registered with the platform, such as https://app.ghoststack.dev/auth/PLATFORM/callback"
)]
pub struct InvalidRedirect {
    shown: String,
}

impl RedirectUri {
    /// The URI of the listener on this machine.
    #[must_use]
    pub fn loopback(platform: &str, port: u16) -> Self {
        Self(format!("http://127.0.0.1:{port}{}", callback_path(platform)))
    }

    /// One that the person registered: a hosted page that shows the code, say.
    ///
    /// # Errors
    ///
    /// [`InvalidRedirect`] unless it is an `https` URL, or `http` on loopback, without user, password or fragment.
    pub fn parse(text: &str) -> Result<Self, InvalidRedirect> {
        let refuse = || InvalidRedirect { shown: text.chars().take(80).collect() };
        if text.len() > MAX_BYTES || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(refuse());
        }
        let url = Url::parse(text).map_err(|_| refuse())?;
        let clean = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let secure = match url.scheme() {
            "https" => true,
            "http" => url.host().is_some_and(|host| is_loopback(&host)),
            _ => false,
        };
        if !(clean && secure) {
            return Err(refuse());
        }
        Ok(Self(text.to_owned()))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The path that the platform's redirect ends on.
pub(super) fn callback_path(platform: &str) -> String {
    format!("/auth/{platform}/callback")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris_are_taken_or_refused_by_the_table() {
        for (text, good) in [
            ("https://app.ghoststack.dev/auth/jobhub/callback", true),
            ("http://127.0.0.1:7420/auth/jobhub/callback", true),
            ("http://localhost/cb", true),
            ("http://app.ghoststack.dev/cb", false),
            ("https://a@app.ghoststack.dev/cb", false),
            ("https://app.ghoststack.dev/cb#x", false),
            ("urn:ietf:wg:oauth:2.0:oob", false),
            ("javascript:alert(1)", false),
            ("", false),
        ] {
            assert_eq!(RedirectUri::parse(text).is_ok(), good, "{text}");
        }
        assert_eq!(
            RedirectUri::loopback("workbazaar", 7420).as_str(),
            "http://127.0.0.1:7420/auth/workbazaar/callback"
        );
    }

    #[test]
    fn a_redirect_uri_is_kept_character_by_character() {
        let text = "https://App.GhostStack.dev:443/auth/x/callback";
        assert_eq!(RedirectUri::parse(text).expect("good").as_str(), text);
    }
}
