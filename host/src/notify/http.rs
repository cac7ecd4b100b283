//! One request to a receiver: nothing followed, nobody in between, nothing read of the answer but how it was taken.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Request, StatusCode};
use url::Url;

use super::channel::Failure;
use crate::capability::http::client::{self, PrivateHosts, causes};
use crate::origin::Origin;

/// How long a connection may take to be made, TLS included.
const CONNECT: Duration = Duration::from_secs(10);

/// A client for one receiver. Its host was named by the person, so its address may be private.
pub(super) fn client_for(url: &Url) -> Result<Client, Failure> {
    let Some(origin) = Origin::of(url) else {
        return Err(Failure::new("its address is neither HTTPS nor HTTP to this machine"));
    };
    let private = PrivateHosts::default();
    private.grant(origin.host());
    let built = client::builder(&private).connect_timeout(CONNECT).pool_max_idle_per_host(0).build();
    built.map_err(|error| Failure::new(format!("the HTTPS client cannot be set up: {}", causes(error))))
}

/// Sends, and takes any 2xx for a receipt.
pub(super) async fn send(client: &Client, request: Request) -> Result<(), Failure> {
    // The path of a receiver's address may be a secret.
    let host = request.url().host_str().unwrap_or_default().to_owned();
    let answer = client.execute(request).await;
    let answer = answer.map_err(|error| Failure::new(format!("{host} cannot be reached: {}", causes(error))))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let asked = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
    Err(Failure { reason: refusal(&host, status), retry_after: asked.map(Duration::from_secs) })
}

fn refusal(host: &str, status: StatusCode) -> String {
    let hint = match status.as_u16() {
        300..=399 => "; it points elsewhere, and redirects are not followed: configure the address it has moved to",
        401 | 403 => "; check the secret and what it may do there",
        404 | 410 => "; check the address",
        413 => "; the message is too large for it",
        429 => "; it asks for fewer messages",
        _ => "",
    };
    format!("{host} answered with status {}{hint}", status.as_u16())
}
