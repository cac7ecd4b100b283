//! The application as it is registered with the platform.

use url::{Host, Url};

/// Which redirect addresses are registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedirectRule {
    /// Exactly these texts.
    Exactly(Vec<String>),
    /// Any loopback `http` address with the path `/auth/<platform>/callback` or `/cb`: the simulator's
    /// convenience for tests, which listen on whatever port is free. A platform allows none of it.
    AnyLoopback {
        /// The platform's identifier inside the path.
        platform: &'static str,
    },
}

impl RedirectRule {
    /// Whether `address` is registered.
    #[must_use]
    pub fn permits(&self, address: &str) -> bool {
        match self {
            Self::Exactly(addresses) => addresses.iter().any(|known| known == address),
            Self::AnyLoopback { platform } => {
                let Ok(url) = Url::parse(address) else {
                    return false;
                };
                let loopback = match url.host() {
                    Some(Host::Domain(name)) => name == "localhost",
                    Some(Host::Ipv4(ip)) => ip.is_loopback(),
                    Some(Host::Ipv6(ip)) => ip.is_loopback(),
                    None => false,
                };
                loopback
                    && url.scheme() == "http"
                    && url.fragment().is_none()
                    && url.query().is_none()
                    && url.username().is_empty()
                    && (url.path() == "/cb" || url.path() == format!("/auth/{platform}/callback"))
            }
        }
    }
}

/// The one application that the simulated platform knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// `client_id`.
    pub client_id: String,
    /// `client_secret`; made up, so it needs no guarding.
    pub client_secret: String,
    /// Registered redirect addresses.
    pub redirects: RedirectRule,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_registered_redirect_addresses_are_permitted() {
        let loopback = RedirectRule::AnyLoopback { platform: "freelancer" };
        let exactly = RedirectRule::Exactly(vec!["https://app.example/cb".to_owned()]);
        for (rule, address, permitted) in [
            (&loopback, "http://127.0.0.1:8976/auth/freelancer/callback", true),
            (&loopback, "http://[::1]:1/cb", true),
            (&loopback, "http://localhost:9/cb", true),
            (&loopback, "https://127.0.0.1:9/cb", false),
            (&loopback, "http://127.0.0.1:9/cb#x", false),
            (&loopback, "http://127.0.0.1:9/auth/upwork/callback", false),
            (&loopback, "http://example.com/cb", false),
            (&loopback, "http://127.0.0.1.example.com/cb", false),
            (&loopback, "cb", false),
            (&exactly, "https://app.example/cb", true),
            (&exactly, "https://app.example/cb/", false),
            (&exactly, "https://app.example/cb?x=1", false),
        ] {
            assert_eq!(rule.permits(address), permitted, "{address}");
        }
    }
}
