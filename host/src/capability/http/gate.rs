//! The gate: the one function through which every request of every guest passes. Nothing else sends.
//!
//! It stops a guest, whatever its code, from reaching what was not granted, from changing anything at a platform without a permit,
//! and from learning a credential. It does not stop a platform that is sent a token from encoding it in its answer in some way of
//! its own: hence the narrow audience of credentials. What may pass is decided by the [policy](super::policy); here are the effects:
//! quota, permit, credential, the sending itself, redirects, bounds, redaction, audit.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, LOCATION};
use secrecy::{ExposeSecret, SecretString};

use super::carrier::{Carrier, Sending, Wire};
use super::client::PrivateHosts;
use super::denial::Denial;
use super::outgoing::Outgoing;
use super::permit::Permission;
use super::policy::{self, Attachment, Effect, Phase, Policy};
use super::{rate, redact};
use crate::capability::Credentials;
use crate::capability::records::Records;
use crate::clock::Clock;
use crate::contract::http;
use crate::contract::types::{Delivery, Error, ErrorKind, Method};
use crate::lead::AccountKey;
use crate::store::AuditRow;

/// Largest answer, after decompression.
pub const MAX_ANSWER: usize = 8 * 1024 * 1024;
/// The longest that a request in the phase `account` may take.
const ACCOUNT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest that a request waits for the platform's limits; one that would wait longer is refused, with the wait.
const MAX_PACE_WAIT: Duration = Duration::from_secs(2);
/// Redirects followed for one request.
const MAX_REDIRECTS: usize = 5;
/// Requests of one plugin under way at once.
const MAX_CONCURRENT: usize = 4;

/// Headers of an answer that a guest is not shown.
const HIDDEN: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "set-cookie",
    "set-cookie2",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Who a request is made for.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The plugin, by its descriptor's id.
    pub plugin: String,
    /// Whose account it works for.
    pub account: AccountKey,
    /// On whose behalf.
    pub phase: Phase,
    /// What allows more than reading in `Phase::Submit` and `Phase::Proposals`.
    pub permission: Option<Arc<Permission>>,
}

/// The gate of one plugin and account.
pub struct Gate {
    policy: Policy,
    carrier: Arc<dyn Carrier>,
    credentials: Arc<dyn Credentials>,
    records: Arc<dyn Records>,
    clock: Arc<dyn Clock>,
    concurrent: tokio::sync::Semaphore,
}

/// The rows of a call's requests in the audit: of the last one it is written when this goes, also where the call that made the request is given up in the middle.
struct Exchange<'a> {
    records: &'a dyn Records,
    started: Instant,
    row: AuditRow,
}

impl<'a> Exchange<'a> {
    /// A request that was not read yet: what cannot be read leaves a row too, without a place.
    fn begun(gate: &'a Gate, caller: &Caller, request: &http::Request) -> Exchange<'a> {
        let row = AuditRow {
            at: gate.clock.now(),
            plugin: caller.plugin.clone(),
            account: caller.account.clone(),
            phase: caller.phase.as_str().to_owned(),
            method: policy::name(request.method).to_owned(),
            host: String::new(),
            path: String::new(),
            status: None,
            bytes_in: 0,
            bytes_out: 0,
            duration_us: 0,
            credential: request.credential.as_ref().map(|name| name.chars().take(64).collect()),
            outcome: "cancelled".to_owned(),
        };
        Exchange { records: gate.records.as_ref(), started: Instant::now(), row }
    }

    /// Where it goes.
    fn leads_to(&mut self, outgoing: &Outgoing) {
        self.row.host = outgoing.origin.authority();
        self.row.path = outgoing.url.path().chars().take(512).collect();
    }

    /// This request is over, and another one follows for the same call: each has a row of its own.
    fn goes_on(&mut self, outcome: &str, now: i64) {
        let next = AuditRow { at: now, status: None, bytes_in: 0, bytes_out: 0, ..self.row.clone() };
        let mut row = std::mem::replace(&mut self.row, next);
        row.outcome = outcome.to_owned();
        self.note(row);
        self.started = Instant::now();
    }

    /// Where a redirect leads, which was granted. The path is the server's word, and may hold what it was sent.
    fn is_redirected(&mut self, outgoing: &Outgoing) {
        self.row.host = outgoing.origin.authority();
        self.row.path = "(redirected)".to_owned();
    }

    fn note(&self, mut row: AuditRow) {
        row.duration_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let AuditRow { plugin, phase, method, host, path, status, outcome, duration_us, .. } = &row;
        tracing::debug!(plugin, phase, method, host, path, status, outcome, us = duration_us, "request");
        self.records.audit(row);
    }

    /// How it ended.
    fn ended<T>(&mut self, answer: &Result<T, Error>) {
        self.row.outcome = match answer {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.code.clone().unwrap_or_else(|| kind_name(error.kind).to_owned()),
        };
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        self.note(self.row.clone());
    }
}

impl Gate {
    /// A gate that holds to `policy`. `private` is what `client` was made with; hosts that the policy exempts are added to it.
    #[must_use]
    pub fn new(
        policy: Policy,
        client: reqwest::Client,
        private: &PrivateHosts,
        credentials: Arc<dyn Credentials>,
        records: Arc<dyn Records>,
        clock: Arc<dyn Clock>,
    ) -> Gate {
        for host in &policy.private_hosts {
            private.grant(host);
        }
        Gate::over(policy, Arc::new(Wire::new(client)), credentials, records, clock)
    }

    /// The same gate, in front of another carrier than the network.
    #[must_use]
    pub fn over(
        policy: Policy,
        carrier: Arc<dyn Carrier>,
        credentials: Arc<dyn Credentials>,
        records: Arc<dyn Records>,
        clock: Arc<dyn Clock>,
    ) -> Gate {
        Gate { policy, carrier, credentials, records, clock, concurrent: tokio::sync::Semaphore::new(MAX_CONCURRENT) }
    }

    /// What it holds to.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Sends a guest's request if it may pass, and returns the platform's answer.
    ///
    /// # Errors
    /// As `http.fetch` of the contract documents.
    pub async fn fetch(&self, caller: &Caller, request: http::Request) -> Result<http::Response, Error> {
        let mut exchange = Exchange::begun(self, caller, &request);
        let mut outgoing = match Outgoing::parse(request).map_err(Error::from) {
            Ok(outgoing) => outgoing,
            Err(denied) => {
                let answer = Err(denied);
                exchange.ended(&answer);
                return answer;
            }
        };
        exchange.leads_to(&outgoing);
        if caller.phase == Phase::Account {
            // Somebody waits for it before the screen.
            outgoing.timeout = outgoing.timeout.min(ACCOUNT_TIMEOUT);
        }
        let deadline = tokio::time::Instant::now() + outgoing.timeout;
        let answer = match tokio::time::timeout_at(deadline, self.exchange(caller, &outgoing, &mut exchange)).await {
            Ok(answer) => answer,
            Err(_) => Err(failure(
                ErrorKind::Unavailable,
                format!("{} did not answer within {} s", outgoing.origin, outgoing.timeout.as_secs_f32()),
                if exchange.row.bytes_out > 0 { Delivery::Unknown } else { Delivery::NotSent },
            )),
        };
        exchange.ended(&answer);
        answer
    }

    async fn exchange(
        &self,
        caller: &Caller,
        outgoing: &Outgoing,
        exchange: &mut Exchange<'_>,
    ) -> Result<http::Response, Error> {
        let _turn = self
            .concurrent
            .acquire()
            .await
            .map_err(|_| failure(ErrorKind::Unavailable, "the host is shutting down", Delivery::NotSent))?;
        let mut outgoing = std::borrow::Cow::Borrowed(outgoing);
        // Every secret that was sent: any of them may be repeated.
        let mut secrets: Vec<SecretString> = Vec::new();
        let mut replaced = false;
        for _ in 0..=MAX_REDIRECTS {
            // Where a redirect leads is the server's word, and may hold what it was sent: it is not repeated.
            let redirected = matches!(outgoing, std::borrow::Cow::Owned(_));
            let hidden = |denial: Denial| if redirected { redirect_denied(denial) } else { denial };
            let permitted = self.policy.permits(&outgoing, caller.phase).map_err(hidden)?;
            if redirected {
                exchange.is_redirected(&outgoing);
            }
            self.admit(caller).await?;
            let secret = match permitted.attachment {
                Some(_) if replaced => secrets.last().cloned(),
                Some((name, _)) => Some(self.credentials.secret(&caller.account, name).await?),
                None => None,
            };
            secrets.extend(secret.iter().filter(|_| !replaced).cloned());
            let headers = attach(&outgoing, permitted.attachment.map(|(_, a)| a), secret.as_ref())?;
            let (effect, attachment) = (permitted.effect, permitted.attachment);
            approve(caller, effect, &outgoing, permitted.body.as_deref()).await?;
            let sent = self.send(caller.phase, &outgoing, headers, permitted.body, exchange).await;
            if let (true, Some(Permission::Write(permit))) = (effect != Effect::Read, caller.permission.as_deref()) {
                permit.ended(sent.as_ref().map(|response| response.status().as_u16()).map_err(|error| error.delivery));
            }
            let response = sent?;
            let now = self.clock.now();
            let (retry_after, rate) = (rate::retry_after(response.headers(), now), rate::rate(response.headers(), now));
            self.heed(caller, response.status().as_u16(), retry_after, rate.as_ref()).await;
            if let Some(next) = followable(&outgoing, effect, &response) {
                outgoing = std::borrow::Cow::Owned(outgoing.redirected(&next).map_err(redirect_denied)?);
                exchange.goes_on("redirected", self.clock.now());
                continue;
            }
            // A token may end before its time. A read is asked once more with another; a write is not.
            let unauthorized = response.status() == reqwest::StatusCode::UNAUTHORIZED;
            match (attachment, &secret) {
                (Some((name, _)), Some(secret)) if unauthorized && effect == Effect::Read && !replaced => {
                    match self.credentials.replacement(&caller.account, name, secret).await? {
                        Some(other) => {
                            secrets.push(other);
                            exchange.goes_on("unauthorized", self.clock.now());
                        }
                        None => return self.read(&outgoing, response, &secrets, exchange).await,
                    }
                    replaced = true;
                }
                _ => {
                    let answer = self.read(&outgoing, response, &secrets, exchange).await?;
                    if let (Effect::Rehearsal, Some(Permission::Rehearse(of))) = (effect, caller.permission.as_deref())
                    {
                        of.answered(&answer.body);
                    }
                    return Ok(answer);
                }
            }
        }
        Err(failure(
            ErrorKind::UnexpectedAnswer,
            format!("{} redirected more than {MAX_REDIRECTS} times", outgoing.origin),
            Delivery::Sent,
        ))
    }

    /// Counts the request against the plugin's day.
    async fn admit(&self, caller: &Caller) -> Result<(), Error> {
        match self.records.admit_request(&caller.account, self.clock.now()).await {
            Ok(true) => self.keep_pace(caller).await,
            Ok(false) => {
                Err(Denial::new("quota", format!("`{}` has used up its requests for today", caller.plugin)).into())
            }
            Err(why) => Err(failure(ErrorKind::Unavailable, why, Delivery::NotSent)),
        }
    }

    /// Waits until the platform's limits allow a request, where that is soon.
    async fn keep_pace(&self, caller: &Caller) -> Result<(), Error> {
        let mut waited = Duration::ZERO;
        loop {
            let platform = &caller.account.platform;
            let slot = self.records.take_slot(platform, &self.policy.limits, self.clock.now()).await;
            let Some(seconds) = slot.map_err(|why| failure(ErrorKind::Unavailable, why, Delivery::NotSent))? else {
                return Ok(());
            };
            let wait = Duration::from_secs(seconds.into());
            if waited + wait > MAX_PACE_WAIT {
                return Err(Error {
                    code: Some("gate.rate".to_owned()),
                    retry_after: Some(seconds),
                    ..failure(ErrorKind::RateLimited, "The platform's limit of requests is used up", Delivery::NotSent)
                });
            }
            waited += wait;
            self.clock.wait(wait).await;
        }
    }

    /// The platform's own word on when it may be asked again counts for every process.
    async fn heed(&self, caller: &Caller, status: u16, retry_after: Option<u32>, rate: Option<&http::Rate>) {
        let refused = matches!(status, 429 | 503).then_some(retry_after).flatten();
        let spent = rate.filter(|rate| rate.remaining == Some(0)).and_then(|rate| rate.reset_after);
        if let Some(seconds) = refused.max(spent).filter(|seconds| *seconds > 0) {
            self.records.pause(&caller.account.platform, seconds, self.clock.now()).await;
        }
    }

    async fn send(
        &self,
        phase: Phase,
        outgoing: &Outgoing,
        headers: HeaderMap,
        body: Option<Vec<u8>>,
        exchange: &mut Exchange<'_>,
    ) -> Result<reqwest::Response, Error> {
        exchange.row.bytes_out += (outgoing.url.as_str().len() + body.as_ref().map_or(0, Vec::len)) as u64;
        let response = self.carrier.carry(Sending { phase, outgoing, headers, body }).await?;
        exchange.row.status = Some(response.status().as_u16());
        if let Some(date) = rate::date(response.headers()) {
            self.records.dated(&outgoing.origin.authority(), date.saturating_sub(self.clock.now()));
        }
        Ok(response)
    }

    async fn read(
        &self,
        outgoing: &Outgoing,
        mut response: reqwest::Response,
        secrets: &[SecretString],
        exchange: &mut Exchange<'_>,
    ) -> Result<http::Response, Error> {
        let status = response.status().as_u16();
        let now = self.clock.now();
        let retry_after = rate::retry_after(response.headers(), now);
        let rate = rate::rate(response.headers(), now);
        let mut headers = shown(response.headers());
        let too_large = || {
            let why = format!("the answer of {} is larger than {} MiB", outgoing.origin, MAX_ANSWER >> 20);
            Err(failure(ErrorKind::TooLarge, why, Delivery::Sent))
        };
        // What says so itself need not be waited for.
        if response.content_length().is_some_and(|length| length > MAX_ANSWER as u64) {
            return too_large();
        }
        let mut body = Vec::new();
        loop {
            let chunk = response.chunk().await.map_err(|error| {
                let why = if error.is_timeout() { "took too long" } else { "broke off" };
                failure(
                    ErrorKind::Unavailable,
                    format!("the answer of {} {why} after {} bytes", outgoing.origin, body.len()),
                    Delivery::Sent,
                )
            })?;
            let Some(chunk) = chunk else { break };
            exchange.row.bytes_in += chunk.len() as u64;
            if body.len() + chunk.len() > MAX_ANSWER {
                return too_large();
            }
            body.extend_from_slice(&chunk);
        }
        let mut found = false;
        for secret in secrets {
            let secret = secret.expose_secret();
            found |= redact::redact(&mut body, secret.as_bytes());
            headers.retain(|header| {
                // Names of headers arrive in lower case.
                let clean = !header.value.contains(secret) && !header.name.contains(&secret.to_ascii_lowercase());
                found |= !clean;
                clean
            });
        }
        if found {
            tracing::warn!(origin = %outgoing.origin, "an answer repeated a credential that was attached; it was redacted");
        }
        Ok(http::Response { status, headers, body, retry_after, rate })
    }
}

/// The guest's headers, with the credential where one is attached.
fn attach(
    outgoing: &Outgoing,
    attachment: Option<&Attachment>,
    secret: Option<&SecretString>,
) -> Result<HeaderMap, Error> {
    let mut headers = outgoing.headers.clone();
    if let (Some(attachment), Some(secret)) = (attachment, secret) {
        let mut value =
            HeaderValue::from_str(&format!("{}{}", attachment.prefix, secret.expose_secret())).map_err(|_| {
                failure(
                    ErrorKind::Unauthenticated,
                    "the stored credential has characters that no header can carry; run `connect` again",
                    Delivery::NotSent,
                )
            })?;
        value.set_sensitive(true);
        headers.insert(HeaderName::clone(&attachment.header), value);
    }
    Ok(headers)
}

/// A redirect that is not followed, without what the server made of its address.
fn redirect_denied(denial: Denial) -> Denial {
    Denial::new(denial.rule, "the server redirects to where requests were not granted")
}

/// Whether a request that is more than a read may be sent: a permit is spent on a write.
async fn approve(caller: &Caller, effect: Effect, outgoing: &Outgoing, body: Option<&[u8]>) -> Result<(), Error> {
    let approved = match (effect, caller.permission.as_deref()) {
        (Effect::Read, _) => Ok(()),
        (Effect::Rehearsal, Some(Permission::Rehearse(rehearsals))) => rehearsals.permits(outgoing, body),
        (Effect::Rehearsal | Effect::Write, Some(Permission::Write(permit))) => permit.spend(outgoing, body).await,
        (Effect::Rehearsal, None) => Err("nothing is previewed".to_owned()),
        (Effect::Write, None | Some(Permission::Rehearse(_))) => Err("nobody approved a write".to_owned()),
    };
    approved.map_err(|why| Denial::new("no-permit", why).into())
}

/// Where a redirect leads, if it is one that may be followed: of a read, by GET or HEAD.
fn followable(outgoing: &Outgoing, effect: Effect, response: &reqwest::Response) -> Option<String> {
    let redirect = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let safe = effect == Effect::Read && matches!(outgoing.method, Method::Get | Method::Head);
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    (redirect && safe).then(|| location.to_owned())
}

/// Headers that a guest is shown: text, without cookies and hop-by-hop ones.
fn shown(headers: &HeaderMap) -> Vec<http::Header> {
    headers
        .iter()
        .filter(|(name, _)| !HIDDEN.contains(&name.as_str()))
        .filter_map(|(name, value)| {
            Some(http::Header { name: name.as_str().to_owned(), value: value.to_str().ok()?.to_owned() })
        })
        .take(100)
        .collect()
}

/// A kind of failure as the contract spells it.
#[must_use]
pub fn kind_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidInput => "invalid-input",
        ErrorKind::Unauthenticated => "unauthenticated",
        ErrorKind::Forbidden => "forbidden",
        ErrorKind::NotFound => "not-found",
        ErrorKind::Conflict => "conflict",
        ErrorKind::RateLimited => "rate-limited",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::UnexpectedAnswer => "unexpected-answer",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::Denied => "denied",
        ErrorKind::Exhausted => "exhausted",
        ErrorKind::TooLarge => "too-large",
        ErrorKind::Internal => "internal",
    }
}

/// A failure of the gate's own, in a sentence.
pub(crate) fn failure(kind: ErrorKind, message: impl Into<String>, delivery: Delivery) -> Error {
    Error { kind, code: None, message: message.into(), remedy: None, delivery, retry_after: None }
}
