//! Clients for places that were looked up and vetted: each dials just the addresses that were.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::Client;

use crate::capability::http::address;
use crate::capability::http::client::{self, PrivateHosts, causes};
use crate::origin::Origin;

/// How long a connection may take to be made, TLS included.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a server may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// How long a request may take to its end: 64 MiB over a slow line.
const TOTAL: Duration = Duration::from_secs(600);

/// What kind of addresses may be dialled beside public ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// Any: the person named the host.
    Any,
    /// This kind; none where there is none.
    Kind(Option<&'static str>),
}

/// Why a place is not dialled.
pub(super) enum Undialled {
    /// Its name leads nowhere, or no client can be made.
    Failed(String),
    /// Its addresses are not of those that may be.
    Refused(&'static str),
}

/// A client for an origin, and what kind of address it has where that is not a public one.
pub(super) async fn dial(origin: &Origin, beside: Beside) -> Result<(Client, Option<&'static str>), Undialled> {
    let found = addresses(origin).await.map_err(|e| Undialled::Failed(e.to_string()))?;
    let may = |of: &IpAddr| match (beside, address::refusal(*of)) {
        (Beside::Any, _) | (_, None) => true,
        (Beside::Kind(near), kind) => near == kind,
    };
    let vetted: Vec<SocketAddr> = found.iter().filter(|of| may(of)).map(|of| SocketAddr::new(*of, 0)).collect();
    let kind = found.iter().find_map(|of| address::refusal(*of));
    if vetted.is_empty() {
        return Err(match kind {
            Some(kind) => Undialled::Refused(kind),
            None => Undialled::Failed("its name leads to no address".to_owned()),
        });
    }
    let mut builder = client::builder(&PrivateHosts::default())
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .timeout(TOTAL)
        .gzip(false)
        .resolve_to_addrs(origin.host(), &vetted);
    if origin.is_loopback() && origin.to_string().starts_with("http:") {
        // No certificate will be asked for; reading the system's costs more than a request.
        builder = builder.tls_certs_only([]);
    }
    let client = builder.build().map_err(|e| Undialled::Failed(causes(e)))?;
    Ok((client, kind))
}

async fn addresses(origin: &Origin) -> std::io::Result<Vec<IpAddr>> {
    if let Some(literal) = origin.literal() {
        return Ok(vec![literal]);
    }
    Ok(tokio::net::lookup_host((origin.host(), origin.port())).await?.map(|of| of.ip()).collect())
}
