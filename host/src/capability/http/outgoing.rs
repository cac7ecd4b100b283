//! A guest's request, parsed once: what is past here is well formed and within bounds.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::denial::Denial;
use crate::contract::http;
use crate::contract::types::Method;
use crate::origin::Origin;

const MAX_URL: usize = 8 * 1024;
const MAX_HEADERS: usize = 32;
const MAX_HEADER_BYTES: usize = 8 * 1024;
/// Bytes of a request's body at most.
pub const MAX_BODY: usize = 1024 * 1024;
const MAX_TIMEOUT: Duration = Duration::from_secs(60);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Headers that are the host's to write; see also [`HOST_PREFIXES`].
const HOST_HEADERS: &[&str] = &[
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
];

/// Beginnings of such headers: a proxy between here and the platform may act on them.
const HOST_PREFIXES: &[&str] = &["proxy-", "sec-", "x-forwarded-", "x-original-", "x-real-", "x-rewrite-"];

/// A request that is well formed; whether it may be sent is the [policy](super::policy)'s to say.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// What it does.
    pub method: Method,
    /// Absolute, without user name and fragment, its path in normal form.
    pub url: Url,
    /// Where it goes.
    pub origin: Origin,
    /// The guest's own headers.
    pub headers: HeaderMap,
    /// The guest's body.
    pub body: Option<Vec<u8>>,
    /// The credential it asks for.
    pub credential: Option<String>,
    /// For the whole exchange.
    pub timeout: Duration,
}

impl Outgoing {
    /// Parses a guest's request.
    ///
    /// # Errors
    /// A [`Denial`] that names the rule: `bad-url`, `bad-header`, `host-header`, `too-large`.
    pub fn parse(request: http::Request) -> Result<Outgoing, Denial> {
        let (url, origin) = parse_url(&request.url)?;
        let body = request.body.filter(|body| !body.is_empty());
        if body.as_ref().is_some_and(|body| body.len() > MAX_BODY) {
            return Err(Denial::new("too-large", format!("the body is larger than {MAX_BODY} bytes")));
        }
        if body.is_some() && matches!(request.method, Method::Get | Method::Head) {
            return Err(Denial::new("bad-request", "GET and HEAD have no body"));
        }
        let timeout = request.timeout_ms.map_or(DEFAULT_TIMEOUT, |ms| Duration::from_millis(u64::from(ms)));
        Ok(Outgoing {
            method: request.method,
            url,
            origin,
            headers: parse_headers(request.headers)?,
            body,
            credential: request.credential,
            timeout: timeout.clamp(Duration::from_millis(1), MAX_TIMEOUT),
        })
    }

    /// The same request to where a redirect points, without a body: only reads follow one.
    ///
    /// # Errors
    /// As [`Outgoing::parse`], for the new URL.
    pub fn redirected(&self, location: &str) -> Result<Outgoing, Denial> {
        let target =
            self.url.join(location).map_err(|_| Denial::new("bad-url", "a redirect points to what is not a URL"))?;
        let (url, origin) = parse_url(target.as_str())?;
        Ok(Outgoing { url, origin, ..self.clone() })
    }
}

/// Reads a URL that may be requested: one that every server reads the same way.
fn parse_url(text: &str) -> Result<(Url, Origin), Denial> {
    let bad = |why: &str| Denial::new("bad-url", why.to_owned());
    if text.len() > MAX_URL {
        return Err(bad("the URL is longer than 8 KiB"));
    }
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(bad("the URL has a space, a backslash or a control character in it; percent-encode them"));
    }
    let mut url = Url::parse(text).map_err(|e| bad(&format!("the URL cannot be read: {e}; it has to be absolute")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("the URL has a user name in it"));
    }
    url.set_fragment(None);
    let path = url.path().to_ascii_lowercase();
    if ["%2f", "%5c", "%00", "%2e", "%3b", "%25", "//", ";"].iter().any(|odd| path.contains(odd)) {
        return Err(bad(
            "the URL's path has an encoded slash, an empty segment or the like, which servers read differently",
        ));
    }
    let origin = Origin::of(&url)
        .ok_or_else(|| bad("requests go to https only, or to http on loopback where that was granted"))?;
    Ok((url, origin))
}

fn parse_headers(given: Vec<http::Header>) -> Result<HeaderMap, Denial> {
    let bytes: usize = given.iter().map(|h| h.name.len() + h.value.len()).sum();
    if given.len() > MAX_HEADERS || bytes > MAX_HEADER_BYTES {
        return Err(Denial::new("too-large", "more than 32 headers, or more than 8 KiB of them"));
    }
    let mut headers = HeaderMap::with_capacity(given.len());
    for header in given {
        let odd = || {
            Denial::new(
                "bad-header",
                format!(
                    "`{}` is not a header that can be sent",
                    header.name.escape_debug().take(60).collect::<String>()
                ),
            )
        };
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| odd())?;
        if HOST_HEADERS.contains(&name.as_str()) || HOST_PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix))
        {
            return Err(Denial::new("host-header", format!("the header `{name}` is the host's to write")));
        }
        if !header.value.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return Err(odd());
        }
        let value = HeaderValue::from_str(&header.value).map_err(|_| odd())?;
        headers.append(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str, headers: &[(&str, &str)]) -> http::Request {
        http::Request {
            method: Method::Get,
            url: url.to_owned(),
            headers: headers
                .iter()
                .map(|(n, v)| http::Header { name: (*n).to_owned(), value: (*v).to_owned() })
                .collect(),
            body: None,
            credential: None,
            timeout_ms: None,
        }
    }

    fn rule(request: http::Request) -> Option<&'static str> {
        Outgoing::parse(request).err().map(|d| d.rule)
    }

    #[test]
    fn urls_that_two_readers_may_read_differently_are_refused() {
        for url in [
            "relative/path",
            "https://user@host/",
            "https://user:pw@host/",
            "http://example.com/",
            "ftp://example.com/",
            "https://host/a%2fb",
            "https://host/a%5Cb",
            "https://host/a%2e%2e/b%2E",
            "https://host/a\\b",
            "https://host/a b",
            "https://host/a\nb",
            "https://host//b",
            "https://host/a;b",
            "https://host/a%3Bb",
            "https://host/a/%252e%252e/b",
            "https://host/\u{0}",
        ] {
            assert_eq!(rule(request(url, &[])), Some("bad-url"), "{url:?}");
        }
        let long = format!("https://host/{}", "a".repeat(9000));
        assert_eq!(rule(request(&long, &[])), Some("bad-url"));
        let parsed = Outgoing::parse(request("https://HOST:443/a/../b?c=%2F%0a#frag", &[])).unwrap();
        assert_eq!(parsed.url.as_str(), "https://host/b?c=%2F%0a");
    }

    #[test]
    fn headers_of_the_hosts_and_smuggled_ones_are_refused() {
        for name in [
            "Host",
            "AUTHORIZATION",
            "cookie",
            "Content-Length",
            "Transfer-Encoding",
            "Connection",
            "proxy-authorization",
            "Sec-Fetch-Site",
            "X-HTTP-Method-Override",
        ] {
            assert_eq!(rule(request("https://h/", &[(name, "x")])), Some("host-header"), "{name}");
        }
        for (name, value) in [
            ("x", "a\r\nHost: evil"),
            ("x", "a\nb"),
            ("x", "\u{0}"),
            ("x", "é"),
            ("x y", "a"),
            ("", "a"),
            ("x\r\ny", "a"),
            ("x:", "a"),
        ] {
            assert_eq!(rule(request("https://h/", &[(name, value)])), Some("bad-header"), "{name:?} {value:?}");
        }
        assert_eq!(rule(request("https://h/", &[("accept", "application/json"), ("X-Tenant", "1")])), None);
        assert_eq!(rule(request("https://h/", &vec![("x", "y"); 33])), Some("too-large"));
    }

    #[test]
    fn a_redirect_is_read_like_a_request() {
        let first = Outgoing::parse(request("https://host/a/b?c", &[])).unwrap();
        assert_eq!(first.redirected("../d").unwrap().url.as_str(), "https://host/d");
        assert_eq!(first.redirected("//other/x").unwrap().origin.to_string(), "https://other");
        for location in ["http://host/", "https://u@host/", "javascript:alert(1)", "https://", "/a%2fb"] {
            assert!(first.redirected(location).is_err(), "{location}");
        }
    }
}
