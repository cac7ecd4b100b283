//! The HTTP client of the token endpoint: one POST, one bounded answer, nothing followed, nobody in between.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Request, StatusCode};

use super::error::AuthError;
use super::server::Plaintext;
use super::text;
use crate::capability::http::client::{self, PrivateHosts};

/// The most bytes of an answer that are read, after decompression.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The longest wait that a server is believed to mean, in seconds: a day.
const LONGEST_WAIT: u32 = 86_400;

/// How long a server may take.
#[derive(Clone, Copy, Debug)]
pub struct TimeLimits {
    /// To accept a connection, TLS included.
    pub connect: Duration,
    /// For everything, to the last byte of the answer.
    pub total: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_secs(30) }
    }
}

/// A client for authorization servers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AuthHttp {
    client: Client,
    plaintext: Plaintext,
    limits: TimeLimits,
}

/// An answer that was read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<u32>,
    pub(super) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Fault {
    /// The network, or the server's slowness.
    Network {
        /// What happened.
        what: String,
        /// Whether the request may have arrived.
        sent: bool,
    },
    /// More than [`MAX_ANSWER_BYTES`].
    TooLarge(u16),
    /// The address is one that no secret may be sent to.
    Insecure,
}

impl AuthHttp {
    /// Sets up the client. `private` are hosts that the person granted although their addresses are not public.
    ///
    /// # Errors
    ///
    /// [`AuthError::NoClient`] if TLS cannot be set up.
    pub fn new(plaintext: Plaintext, limits: TimeLimits, private: &PrivateHosts) -> Result<Self, AuthError> {
        let client = client::builder(private)
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| AuthError::NoClient { what: causes(error) })?;
        Ok(Self { client, plaintext, limits })
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) async fn send(&self, request: Request) -> Result<Answer, Fault> {
        if !self.plaintext.permits(request.url()) {
            return Err(Fault::Insecure);
        }
        let mut response = self.client.execute(request).await.map_err(|error| self.fault(error))?;
        let status = response.status();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse::<u32>().ok())
            .map(|seconds| seconds.min(LONGEST_WAIT));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.fault(error))? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(Fault::TooLarge(status.as_u16()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status: status.as_u16(), retry_after, body })
    }

    fn fault(&self, error: reqwest::Error) -> Fault {
        let sent = !error.is_connect();
        let what = if error.is_timeout() {
            format!("it did not answer within {:?}", self.limits.total)
        } else {
            causes(error)
        };
        Fault::Network { what, sent }
    }
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the server is in trouble or asks to wait, whatever its words.
    pub(super) fn is_trouble(&self) -> bool {
        self.status >= 500
            || self.status == StatusCode::TOO_MANY_REQUESTS.as_u16()
            || self.status == StatusCode::REQUEST_TIMEOUT.as_u16()
    }
}

/// What a failure was, in words that can be shown.
fn causes(error: reqwest::Error) -> String {
    text::message(&client::causes(error), &[]).unwrap_or_else(|| "the network failed".to_owned())
}
