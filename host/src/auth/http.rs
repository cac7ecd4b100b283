//! The HTTP client of the token endpoint: one POST, one bounded answer, nothing followed, nobody in between.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Request, StatusCode};

use super::error::AuthError;
use super::events::{Asked, AuthEvents};
use super::server::Plaintext;
use super::text;
use crate::capability::http::client::{self, PrivateHosts};
use crate::lead::AccountKey;
use crate::origin::Origin;

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
    told: Option<Told>,
}

/// Who is told of each request, and on whose behalf it is made.
#[derive(Clone)]
struct Told {
    events: Arc<dyn AuthEvents>,
    account: AccountKey,
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Told({})", self.account.platform)
    }
}

/// A request under way, told of when this goes: also where whoever asked has given it up in the middle.
struct UnderWay {
    told: Option<Told>,
    started: Instant,
    asked: Asked,
}

impl UnderWay {
    fn begun(told: Option<Told>, request: &Request, credential: &'static str) -> UnderWay {
        let url = request.url();
        let body = request.body().and_then(|body| body.as_bytes()).map_or(0, <[u8]>::len);
        let asked = Asked {
            method: request.method().to_string(),
            host: Origin::parse(&url.origin().ascii_serialization()).map_or_else(|_| String::new(), |o| o.authority()),
            path: url.path().chars().take(512).collect(),
            status: None,
            bytes_in: 0,
            bytes_out: (url.as_str().len() + body) as u64,
            duration: Duration::ZERO,
            credential,
            outcome: "cancelled",
        };
        UnderWay { told, started: Instant::now(), asked }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.asked.duration = self.started.elapsed();
        if let Some(told) = &self.told {
            told.events.asked(&told.account, &self.asked);
        }
    }
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
        Ok(Self { client, plaintext, limits, told: None })
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The same, where somebody is told of each request that is made for an account.
    pub(super) fn telling(&self, events: &Arc<dyn AuthEvents>, account: &AccountKey) -> AuthHttp {
        let told = Told { events: events.clone(), account: account.clone() };
        AuthHttp { told: Some(told), ..self.clone() }
    }

    /// Sends a request that carries what `credential` names, and reads the answer to its end.
    pub(super) async fn send(&self, request: Request, credential: &'static str) -> Result<Answer, Fault> {
        let mut under_way = UnderWay::begun(self.told.clone(), &request, credential);
        let answer = self.exchange(request, &mut under_way.asked).await;
        under_way.asked.outcome = match &answer {
            Ok(_) => "ok",
            Err(Fault::Network { .. }) => "unavailable",
            Err(Fault::TooLarge(_)) => "too-large",
            Err(Fault::Insecure) => "insecure",
        };
        answer
    }

    async fn exchange(&self, request: Request, asked: &mut Asked) -> Result<Answer, Fault> {
        if !self.plaintext.permits(request.url()) {
            return Err(Fault::Insecure);
        }
        let mut response = self.client.execute(request).await.map_err(|error| self.fault(error))?;
        let status = response.status();
        asked.status = Some(status.as_u16());
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse::<u32>().ok())
            .map(|seconds| seconds.min(LONGEST_WAIT));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.fault(error))? {
            asked.bytes_in += chunk.len() as u64;
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
