//! An authorization server: a descriptor's OAuth part with its origins as they are in force.

use std::collections::BTreeSet;

use url::Url;

use crate::contract::descriptor::{Endpoint, Oauth2};
use crate::origin::is_loopback;

/// Whether plain HTTP is tolerated anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plaintext {
    /// HTTPS only.
    Never,
    /// On this machine (`127.0.0.0/8`, `::1`, `localhost`): for simulators and tests.
    OnLoopback,
}

impl Plaintext {
    /// Whether a secret may travel to `url`.
    #[must_use]
    pub fn permits(self, url: &Url) -> bool {
        match (url.scheme(), self) {
            ("https", _) => url.host().is_some(),
            ("http", Self::OnLoopback) => url.host().is_some_and(|host| is_loopback(&host)),
            _ => false,
        }
    }
}

/// Where a platform's tokens come from, and where they may go.
#[derive(Clone, Debug)]
pub struct AuthorizationServer {
    pub(super) platform: String,
    pub(super) oauth: Oauth2,
    pub(super) authorize: Url,
    pub(super) token: Url,
    pub(super) revoke: Option<Url>,
    pub(super) audience: BTreeSet<String>,
}

/// Why a descriptor's OAuth part cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// An endpoint or the audience names an origin that there is not.
    #[error(
        "the plugin of {platform} names the origin {origin:?} for {purpose}, which it does not declare; this is a defect of the \
         plugin: report it to its author"
    )]
    UnknownOrigin {
        /// The platform.
        platform: String,
        /// The name.
        origin: String,
        /// What it was to be used for.
        purpose: &'static str,
    },
    /// An endpoint is not HTTPS, or not a URL.
    #[error(
        "the {purpose} of {platform} would be {url}, which is not an https address (http is taken on loopback only); correct the \
         platform's origins in prospector.yaml, or report it to the plugin's author"
    )]
    Insecure {
        /// The platform.
        platform: String,
        /// What it was to be used for.
        purpose: &'static str,
        /// The address.
        url: String,
    },
    /// A descriptor's parameter has the name of one of OAuth's own, or none that can be sent.
    #[error(
        "the plugin of {platform} sets the parameter {name:?} of the authorization request, which it may not; this is a defect of the \
         plugin: report it to its author"
    )]
    Parameter {
        /// The platform.
        platform: String,
        /// The parameter's name.
        name: String,
    },
}

impl AuthorizationServer {
    /// Resolves what the descriptor of `platform` says with `origin`, which gives the origin in force for a declared name
    /// (`https://accounts.example.com`).
    ///
    /// # Errors
    ///
    /// [`ServerError`] if an origin is unknown, an address insecure, or a parameter not the descriptor's to set.
    pub fn resolve(
        platform: &str,
        oauth: &Oauth2,
        origin: impl Fn(&str) -> Option<String>,
        plaintext: Plaintext,
    ) -> Result<Self, ServerError> {
        let base = |name: &str, purpose: &'static str| {
            let text = origin(name).ok_or_else(|| ServerError::UnknownOrigin {
                platform: platform.to_owned(),
                origin: name.to_owned(),
                purpose,
            })?;
            Url::parse(&text).ok().filter(|url| is_bare(url) && plaintext.permits(url)).ok_or_else(|| {
                ServerError::Insecure { platform: platform.to_owned(), purpose, url: text.chars().take(200).collect() }
            })
        };
        let endpoint = |endpoint: &Endpoint, purpose: &'static str| {
            let base = base(&endpoint.origin, purpose)?;
            let refuse = || ServerError::Insecure {
                platform: platform.to_owned(),
                purpose,
                url: format!("{base}{}", endpoint.path).chars().take(200).collect(),
            };
            // `//host` and a backslash would change the host, `?` and `#` the meaning of what is added.
            let plain = endpoint.path.starts_with('/')
                && !endpoint.path.starts_with("//")
                && endpoint.path.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#' | b'\\'));
            if !plain {
                return Err(refuse());
            }
            let mut url = base.clone();
            url.set_path(&endpoint.path);
            Ok(url)
        };
        let server = Self {
            platform: platform.to_owned(),
            authorize: endpoint(&oauth.authorize, "authorization endpoint")?,
            token: endpoint(&oauth.token, "token endpoint")?,
            revoke: oauth.revoke.as_ref().map(|revoke| endpoint(revoke, "revocation endpoint")).transpose()?,
            audience: oauth
                .audience
                .iter()
                .map(|name| Ok(base(name, "credential's audience")?.origin().ascii_serialization()))
                .collect::<Result<_, _>>()?,
            oauth: oauth.clone(),
        };
        super::authorization::vet_parameters(&server)?;
        Ok(server)
    }

    /// The platform: its descriptor's `id`.
    #[must_use]
    pub fn platform(&self) -> &str {
        &self.platform
    }

    /// Origins that the access token may be sent to: `https://api.example.com`.
    #[must_use]
    pub fn audience(&self) -> &BTreeSet<String> {
        &self.audience
    }

    /// Whether an answer that names its issuer (RFC 9207) came from here. A descriptor declares no issuer; its origin must be that
    /// of the authorization or the token endpoint (assumed: every issuer seen so far lies on one of them).
    pub(super) fn is_issuer(&self, issuer: &str) -> bool {
        Url::parse(issuer).is_ok_and(|issuer| {
            issuer.origin().is_tuple()
                && (issuer.origin() == self.authorize.origin() || issuer.origin() == self.token.origin())
        })
    }
}

fn is_bare(url: &Url) -> bool {
    url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::super::testing::oauth;
    use super::*;

    fn resolve(origin: &str, plaintext: Plaintext) -> Result<AuthorizationServer, ServerError> {
        AuthorizationServer::resolve("example", &oauth(), |_| Some(origin.to_owned()), plaintext)
    }

    #[test]
    fn endpoints_are_https_unless_loopback_is_allowed() {
        for (origin, plaintext, good) in [
            ("https://accounts.example.com", Plaintext::Never, true),
            ("http://127.0.0.1:9000", Plaintext::OnLoopback, true),
            ("http://127.0.0.1:9000", Plaintext::Never, false),
            ("http://accounts.example.com", Plaintext::OnLoopback, false),
            ("http://127.0.0.1.example.com", Plaintext::OnLoopback, false),
            ("https://user@accounts.example.com", Plaintext::Never, false),
            ("https://accounts.example.com/path", Plaintext::Never, false),
            ("file:///etc", Plaintext::OnLoopback, false),
            ("", Plaintext::Never, false),
        ] {
            assert_eq!(resolve(origin, plaintext).is_ok(), good, "{origin}");
        }
    }

    #[test]
    fn a_path_cannot_leave_its_origin() {
        for path in ["//evil.example/token", "/\\evil.example", "token", "/token?x=1", "/token#x", "", "/to ken"] {
            let mut oauth = oauth();
            oauth.token.path = path.to_owned();
            let resolved = AuthorizationServer::resolve(
                "example",
                &oauth,
                |_| Some("https://accounts.example.com".to_owned()),
                Plaintext::Never,
            );
            assert!(matches!(resolved, Err(ServerError::Insecure { .. })), "{path}");
        }
    }

    #[test]
    fn an_undeclared_origin_is_named() {
        let error = AuthorizationServer::resolve("example", &oauth(), |_| None, Plaintext::Never).expect_err("unknown");
        assert!(error.to_string().contains("\"accounts\""), "{error}");
    }

    #[test]
    fn an_issuer_must_lie_on_the_servers_origin() {
        let server = resolve("https://accounts.example.com", Plaintext::Never).expect("good");
        for (issuer, good) in [
            ("https://accounts.example.com", true),
            ("https://accounts.example.com/realm", true),
            ("https://evil.example", false),
            ("https://accounts.example.com.evil.example", false),
            ("http://accounts.example.com", false),
            ("nonsense", false),
            ("", false),
        ] {
            assert_eq!(server.is_issuer(issuer), good, "{issuer}");
        }
    }
}
