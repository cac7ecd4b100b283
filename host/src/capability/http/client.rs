//! HTTP clients, which dial vetted addresses only.

use std::collections::HashSet;
use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address;

/// Hosts whose addresses need not be public, because the person granted them by name.
#[derive(Clone, Debug, Default)]
pub struct PrivateHosts(Arc<RwLock<HashSet<String>>>);

impl PrivateHosts {
    /// Adds a host that was granted.
    pub fn grant(&self, host: &str) {
        self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner).insert(host.to_owned());
    }

    fn contains(&self, host: &str) -> bool {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).contains(host)
    }
}

/// A name resolved to addresses of which none may be dialled.
#[derive(Debug, thiserror::Error)]
#[error("{host} resolves to {kind}, which requests do not go to")]
pub struct AddressRefused {
    /// The name.
    pub host: String,
    /// What its address is.
    pub kind: &'static str,
}

/// Resolves names, and hands on only addresses that may be dialled: the connection goes to just those.
struct VettingResolver {
    private: PrivateHosts,
}

impl Resolve for VettingResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let exempt = self.private.contains(name.as_str());
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let refused = found.iter().find_map(|a| address::refusal(a.ip()));
            let allowed: Vec<SocketAddr> =
                found.into_iter().filter(|a| exempt || address::refusal(a.ip()).is_none()).collect();
            match (allowed.is_empty(), refused) {
                (true, Some(kind)) => Err(AddressRefused { host, kind }.into()),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

/// What every client of ours is built on: rustls, vetted addresses, no proxy, no cookies, no redirects, no retries of its own.
pub fn builder(private: &PrivateHosts) -> reqwest::ClientBuilder {
    crate::tls::use_ring();
    reqwest::Client::builder()
        .user_agent(concat!("Prospector/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .dns_resolver(Arc::new(VettingResolver { private: private.clone() }))
}

/// An error of a client's with what caused it, without the URL: whoever asked knows the address, and its query is nobody's business.
pub fn causes(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}

/// Makes the gate's client, which pools connections.
///
/// # Errors
/// A sentence, where the system's certificates cannot be used.
pub fn client(private: &PrivateHosts) -> Result<reqwest::Client, String> {
    builder(private)
        .connect_timeout(Duration::from_secs(10))
        .pool_max_idle_per_host(4)
        .pool_idle_timeout(Duration::from_secs(60))
        .build()
        .map_err(|e| format!("the HTTPS client cannot be set up: {e}"))
}
