//! Webhooks: the event as JSON, signed.
//!
//! `X-GhostStack-Signature: sha256=<hex>` is the HMAC-SHA256 of the raw body under the bytes of the secret's file (white space around them left out).
//! The event's id and time are in the body, so that the signature covers them: a receiver that remembers ids cannot be played the same event twice.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use url::Url;

use super::channel::{Failure, Sender};
use super::event::Message;
use super::{http, secret_file};
use crate::config::Webhook;

/// The header of the signature.
const SIGNATURE: &str = "X-GhostStack-Signature";
/// The header of the event's id, the same at every attempt.
const ID: &str = "X-GhostStack-Id";
/// The header of the event's kind.
const KIND: &str = "X-GhostStack-Event";
/// The header of the event's time, in seconds since 1970.
const TIMESTAMP: &str = "X-GhostStack-Timestamp";

/// The shortest key that signs, in bytes.
const SHORTEST_KEY: usize = 16;

/// An address that receives signed events.
pub(super) struct WebhookChannel {
    url: String,
    secret: PathBuf,
}

impl WebhookChannel {
    pub(super) fn new(webhook: Webhook, base: &Path) -> Self {
        Self { url: webhook.url, secret: base.join(webhook.secret_file) }
    }
}

#[async_trait]
impl Sender for WebhookChannel {
    async fn send(&self, message: &Message) -> Result<(), Failure> {
        let key = secret_file::read(&self.secret).map_err(Failure::new)?;
        if key.expose_secret().len() < SHORTEST_KEY {
            let file = self.secret.display();
            return Err(Failure::new(format!(
                "the key in {file} is too short to sign with; at least {SHORTEST_KEY} characters: `openssl rand -hex 32` makes one"
            )));
        }
        let url = Url::parse(&self.url).map_err(|_| Failure::new("its address is not a URL"))?;
        let client = http::client_for(&url)?;
        let request = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(SIGNATURE, signature(&key, message.envelope.as_bytes()))
            .header(ID, &message.id)
            .header(KIND, &message.kind)
            .header(TIMESTAMP, message.created_at)
            .body(message.envelope.clone())
            .build()
            .map_err(|_| Failure::new("the request cannot be made"))?;
        http::send(&client, request).await
    }
}

/// `sha256=<hex HMAC-SHA256 of the body>`
fn signature(key: &SecretString, body: &[u8]) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first is test case 2 of RFC 4231; the second, with a key longer than a block, is from Python's `hmac`.
    #[test]
    fn signatures_are_hmac_sha256() {
        let long = "A".repeat(131);
        for (key, body, hex) in [
            (
                "Jefe",
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&long, "Zurich", "9e32a6950cb64b161c2c9c652a00bfd9d239fa42d53f9959181624fe312cbe0e"),
        ] {
            assert_eq!(signature(&SecretString::from(key), body.as_bytes()), format!("sha256={hex}"));
        }
    }
}
