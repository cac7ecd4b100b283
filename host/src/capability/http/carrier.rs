//! What carries the requests that the gate lets pass: the network, or what stands in its place.
//!
//! Nothing but the [gate](super::gate) hands a carrier anything: what reaches it was permitted, counted and approved.

use std::error::Error as _;

use async_trait::async_trait;
use reqwest::header::HeaderMap;

use super::client::AddressRefused;
use super::denial::Denial;
use super::gate::failure;
use super::outgoing::Outgoing;
use super::policy::Phase;
use crate::contract::types::{Delivery, Error, ErrorKind, Method};

/// A request that is to be sent.
pub struct Sending<'a> {
    /// On whose behalf.
    pub phase: Phase,
    /// As the guest asked for it.
    pub outgoing: &'a Outgoing,
    /// The guest's headers with the credential's, whose value is marked as sensitive.
    pub headers: HeaderMap,
    /// As it is sent: what was understood of the guest's.
    pub body: Option<Vec<u8>>,
}

/// Carries requests.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Sends one request, once, and gives the answer to it; a redirect is an answer.
    ///
    /// # Errors
    /// `unavailable` where no answer came, `denied` where the address must not be dialled.
    async fn carry(&self, sending: Sending<'_>) -> Result<reqwest::Response, Error>;
}

/// The network.
pub struct Wire(reqwest::Client);

impl Wire {
    /// By this client, which was made by [`super::client`].
    #[must_use]
    pub fn new(client: reqwest::Client) -> Wire {
        Wire(client)
    }
}

#[async_trait]
impl Carrier for Wire {
    async fn carry(&self, sending: Sending<'_>) -> Result<reqwest::Response, Error> {
        let Sending { outgoing, headers, body, .. } = sending;
        let method = match outgoing.method {
            Method::Get => reqwest::Method::GET,
            Method::Head => reqwest::Method::HEAD,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut request = self.0.request(method, outgoing.url.clone()).headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        request.send().await.map_err(|error| unreached(outgoing, &error))
    }
}

/// Why no answer came. The URL is not part of it: it may have a query that says more than a log should.
fn unreached(outgoing: &Outgoing, error: &reqwest::Error) -> Error {
    let mut source = error.source();
    let mut innermost = None;
    while let Some(cause) = source {
        if let Some(refused) = cause.downcast_ref::<AddressRefused>() {
            return Denial::new("address", refused.to_string())
                .with_remedy("name the host under `endpoints:` in the platform's section to allow it")
                .into();
        }
        innermost = Some(cause);
        source = cause.source();
    }
    let why = if error.is_timeout() {
        "no connection in time".to_owned()
    } else {
        innermost.map_or_else(|| "the connection failed".to_owned(), ToString::to_string)
    };
    let delivery = if error.is_connect() { Delivery::NotSent } else { Delivery::Unknown };
    failure(ErrorKind::Unavailable, format!("{} cannot be reached: {why}", outgoing.origin), delivery)
}
