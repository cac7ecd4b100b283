//! Web origins and addresses as the configuration accepts them.
//!
//! A credential may be sent to what is written here, so the rule is strict: TLS everywhere,
//! except on this very machine, where a developer's simulator or a sandbox may listen.

use url::Url;

use crate::origin::is_loopback;

/// `https://host[:port]`, or `http` on loopback: no path, query, user or fragment.
#[must_use]
pub fn is_origin(text: &str) -> bool {
    let bare = text.strip_suffix('/').unwrap_or(text);
    secure(text).is_some_and(|url| {
        // Compared as text, so that nothing the URL parser quietly repairs gets through.
        url.path() == "/" && url.query().is_none() && bare.eq_ignore_ascii_case(url.as_str().trim_end_matches('/'))
    })
}

/// A whole address under the same rule as [`is_origin`]: path and query are welcome, a user, a
/// password or a fragment are not.
#[must_use]
pub fn is_address(text: &str) -> bool {
    secure(text).is_some()
}

fn secure(text: &str) -> Option<Url> {
    if text.len() > 2_048 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let clean = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let host = url.host()?;
    let allowed = match url.scheme() {
        "https" => true,
        "http" => is_loopback(&host),
        _ => false,
    };
    (clean && allowed).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_https_or_loopback_and_nothing_more() {
        for (text, expected) in [
            ("https://www.example-sandbox.com", true),
            ("https://api.example.com:8443", true),
            ("https://api.example.com/", true),
            ("HTTPS://API.example.com", true),
            ("http://127.0.0.1:9000", true),
            ("http://[::1]:9000", true),
            ("http://localhost:9000", true),
            ("http://api.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("https://api.example.com/v1", false),
            ("https://api.example.com?x", false),
            ("https://user@api.example.com", false),
            ("https:api.example.com", false),
            ("https:\\\\api.example.com", false),
            ("https://api.example.com/..", false),
            ("https://api.exa mple.com", false),
            ("ftp://127.0.0.1", false),
            ("api.example.com", false),
            ("", false),
        ] {
            assert_eq!(is_origin(text), expected, "{text}");
        }
    }

    #[test]
    fn addresses_may_have_a_path_but_no_credentials() {
        for (text, expected) in [
            ("https://app.ghoststack.dev/auth/jobhub/callback", true),
            ("http://127.0.0.1:1/auth/workbazaar/callback?x=1", true),
            ("http://example.com/hook", false),
            ("https://a:b@example.com/hook", false),
            ("https://example.com/hook#part", false),
        ] {
            assert_eq!(is_address(text), expected, "{text}");
        }
    }
}
