//! Origins: where a request may go, parsed once.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// A scheme, host and port, as in RFC 6454: `https` anywhere, `http` on loopback only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

/// Why a text is not an origin that may be granted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// It is not an absolute URL with a host.
    #[error("`{0}` is not an origin; write it as https://host or https://host:port")]
    Malformed(String),
    /// It has a path, query, fragment or user name.
    #[error("`{0}` has more than scheme, host and port; leave out what follows the host")]
    Extra(String),
    /// It is `http` to somewhere else than this machine.
    #[error("`{0}` is not encrypted; use https (http is for loopback only)")]
    Insecure(String),
}

impl Origin {
    /// Parses `https://host[:port]`, a trailing slash allowed.
    ///
    /// # Errors
    /// See [`OriginError`]; the text itself is part of the message, cut to a line.
    pub fn parse(text: &str) -> Result<Origin, OriginError> {
        let shown = || text.chars().filter(|c| !c.is_control()).take(100).collect::<String>();
        let url = Url::parse(text).map_err(|_| OriginError::Malformed(shown()))?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::Extra(shown()));
        }
        Origin::of(&url).ok_or_else(|| match url.scheme() {
            "http" => OriginError::Insecure(shown()),
            _ => OriginError::Malformed(shown()),
        })
    }

    /// The origin of a URL; none if requests to it are never allowed (another scheme, no host, plain `http` off this machine).
    #[must_use]
    pub fn of(url: &Url) -> Option<Origin> {
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let origin = Origin {
            secure,
            host: url.host_str()?.trim_end_matches('.').to_owned(),
            port: url.port_or_known_default()?,
        };
        (!origin.host.is_empty() && (secure || origin.is_loopback())).then_some(origin)
    }

    /// Host name or address, lower case, an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Port, the scheme's default filled in.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host, with the port where it is not the scheme's own.
    #[must_use]
    pub fn authority(&self) -> String {
        let default = if self.secure { 443 } else { 80 };
        if self.port == default { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// The address, where the host is written as one.
    #[must_use]
    pub fn literal(&self) -> Option<IpAddr> {
        match Host::parse(&self.host) {
            Ok(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
            Ok(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
            _ => None,
        }
    }

    /// Whether it names this machine: see [`is_loopback`].
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match Host::parse(&self.host) {
            Ok(Host::Domain(name)) => is_loopback(&Host::Domain(name.as_str())),
            Ok(Host::Ipv4(address)) => is_loopback(&Host::Ipv4(address)),
            Ok(Host::Ipv6(address)) => is_loopback(&Host::Ipv6(address)),
            Err(_) => false,
        }
    }
}

/// Whether a host is this machine: `localhost`, 127.0.0.0/8 or `[::1]`. Names are not resolved.
#[must_use]
pub fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.secure { "https" } else { "http" }, self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_parsed_and_printed_in_one_form() {
        for (text, printed) in [
            ("https://www.example.com", "https://www.example.com"),
            ("https://WWW.Example.com:443/", "https://www.example.com"),
            ("https://www.example.com./", "https://www.example.com"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://2130706433:80", "http://127.0.0.1"),
            ("http://[::1]:9", "http://[::1]:9"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(Origin::parse(text).map(|o| o.to_string()).as_deref(), Ok(printed), "{text}");
        }
    }

    #[test]
    fn what_is_more_less_or_unencrypted_is_refused() {
        for text in [
            "",
            "www.example.com",
            "https://",
            "https://a/b",
            "https://a?x",
            "https://a#x",
            "https://u@a",
            "https://u:p@a",
        ] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
        for text in [
            "http://example.com",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://[::ffff:127.0.0.1]",
            "ftp://a",
            "file:///etc/passwd",
        ] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }
}
