//! The log-in: a token, renewed ahead of its end, and a new one where a role can give it.
//!
//! A token's life is known from its log-in or from the server. When two thirds of it are over, whoever asks next renews it; a
//! task does so in a process that lives on without asking. One log-in or renewal runs at a time, and the others wait for it. A role logs in
//! again when its token cannot be renewed for long enough; a token from a file or a variable is read again from there, since somebody may have put a new
//! one in its place.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tokio::time::Instant;
use vaultrs::api::auth::approle::requests::LoginWithApproleRequest;
use vaultrs::api::token::requests::{LookupTokenSelfRequest, RenewTokenSelfRequest};
use vaultrs::api::{AuthInfo, EndpointResult};

use super::HashiCorpError;
use super::settings::{LogIn, Wanted};
use super::wire::{Answer, Wire};

/// How long a renewal that failed rests.
const REST: Duration = Duration::from_secs(5);

/// A log-in at a server.
pub(super) struct Session {
    wire: Arc<Wire>,
    held: Mutex<Option<Held>>,
    kept: AtomicBool,
}

/// A token that works, as far as is known.
struct Held {
    token: SecretString,
    /// Where it is from.
    origin: String,
    /// `None` where it has no end, or none that we may know.
    lease: Option<Lease>,
}

#[derive(Clone, Copy)]
struct Lease {
    renew_at: Instant,
    ends_at: Instant,
    renewable: bool,
}

impl Lease {
    fn of(ttl: u64, renewable: bool) -> Option<Self> {
        let (now, ttl) = (Instant::now(), Duration::from_secs(ttl));
        (!ttl.is_zero()).then(|| Self { renew_at: now + ttl * 2 / 3, ends_at: now + ttl, renewable })
    }
}

/// What a refusal turns out to be, once the server was asked about the token.
pub(super) enum Refusal {
    /// The token is sound: a policy does not allow it.
    Policy,
    /// The token was none any more, and there is another one now.
    Replaced(SecretString),
}

impl Session {
    pub(super) fn new(wire: Arc<Wire>) -> Self {
        Self { wire, held: Mutex::new(None), kept: AtomicBool::new(false) }
    }

    /// A token that works, logging in or renewing where that is due.
    pub(super) async fn token(self: &Arc<Self>) -> Result<SecretString, HashiCorpError> {
        let mut held = self.held.lock().await;
        let present = match held.take() {
            Some(present) => self.refreshed(present).await,
            None => self.log_in().await,
        }?;
        let token = present.token.clone();
        let ends = present.lease.is_some();
        *held = Some(present);
        drop(held);
        if ends && !self.kept.swap(true, Ordering::Relaxed) {
            tokio::spawn(keep(Arc::downgrade(self)));
        }
        Ok(token)
    }

    /// Why `token` was refused; logs in anew where that helps.
    pub(super) async fn refused(self: &Arc<Self>, token: &SecretString) -> Result<Refusal, HashiCorpError> {
        let mut held = self.held.lock().await;
        if let Some(present) = held.as_ref()
            && present.token.expose_secret() != token.expose_secret()
        {
            return Ok(Refusal::Replaced(present.token.clone()));
        }
        let answer = self.wire.ask(LookupTokenSelfRequest {}, Some(token)).await?;
        if answer.status != 403 {
            return Ok(Refusal::Policy);
        }
        let (token_before, origin) = match held.take() {
            Some(present) => (present.token, present.origin),
            None => (token.clone(), String::new()),
        };
        let renewed = self.log_in().await?;
        if renewed.token.expose_secret() == token_before.expose_secret() {
            return Err(HashiCorpError::TokenExpired { address: self.wire.address().to_owned(), origin });
        }
        let token = renewed.token.clone();
        *held = Some(renewed);
        Ok(Refusal::Replaced(token))
    }

    async fn log_in(&self) -> Result<Held, HashiCorpError> {
        match &self.wire.settings().log_in {
            LogIn::Token(wanted) => {
                let (token, origin) = wanted.read()?;
                let lease = self.life_of(&token).await?;
                let held = Held { token, origin, lease };
                // A short command may be all that ever uses it, so what is left of its life counts, not our own.
                self.refreshed(held).await
            }
            LogIn::AppRole { mount, role_id, secret_id } => self.log_in_with_role(mount, role_id, secret_id).await,
        }
    }

    /// What is left of a token, with its renewal two thirds into its whole life.
    async fn life_of(&self, token: &SecretString) -> Result<Option<Lease>, HashiCorpError> {
        #[derive(serde::Deserialize)]
        struct Lookup {
            data: Life,
        }
        #[derive(serde::Deserialize)]
        struct Life {
            ttl: u64,
            #[serde(default)]
            creation_ttl: u64,
            #[serde(default)]
            period: u64,
            #[serde(default)]
            renewable: bool,
        }
        let answer = self.wire.ask(LookupTokenSelfRequest {}, Some(token)).await?;
        // A policy may forbid the question; then the token is used for as long as it works.
        let Ok(Lookup { data }) = (match answer.is_success() {
            true => answer.parse::<Lookup>(),
            false => return Ok(None),
        }) else {
            return Ok(None);
        };
        let whole = data.creation_ttl.max(data.period).max(data.ttl);
        let left = Lease::of(data.ttl, data.renewable);
        Ok(left.map(|lease| {
            let before_end = Duration::from_secs(whole) / 3;
            Lease { renew_at: lease.ends_at.checked_sub(before_end).unwrap_or_else(Instant::now), ..lease }
        }))
    }

    async fn log_in_with_role(
        &self,
        mount: &str,
        role_id: &Wanted,
        secret_id: &Wanted,
    ) -> Result<Held, HashiCorpError> {
        let ((role, _), (secret, origin)) = (role_id.read()?, secret_id.read()?);
        let endpoint = LoginWithApproleRequest {
            mount: mount.to_owned(),
            role_id: role.expose_secret().to_owned(),
            secret_id: secret.expose_secret().to_owned(),
        };
        let answer = self.wire.ask(endpoint, None).await?;
        match answer.status {
            200 => {}
            400..=404 => {
                return Err(HashiCorpError::LogInRefused {
                    address: self.wire.address().to_owned(),
                    mount: mount.to_owned(),
                    said: answer.said(),
                    origin,
                });
            }
            _ => return Err(super::trouble::of(&self.wire, &answer).await),
        }
        let auth = self.auth_of(&answer, "the AppRole log-in")?;
        tracing::debug!(lease = auth.lease_duration, "logged in to Vault");
        let lease = Lease::of(auth.lease_duration, auth.renewable);
        Ok(Held {
            token: SecretString::from(auth.client_token),
            origin: format!("the AppRole log-in at auth/{mount}"),
            lease,
        })
    }

    fn auth_of(&self, answer: &Answer, asked: &str) -> Result<AuthInfo, HashiCorpError> {
        let result: EndpointResult<serde::de::IgnoredAny> =
            answer.parse().map_err(|problem| self.wire.unexpected(asked, problem))?;
        result.auth.ok_or_else(|| self.wire.unexpected(asked, "it grants no token".to_owned()))
    }

    /// The same token with a longer life, or a new one; as it is where nothing is due.
    async fn refreshed(&self, held: Held) -> Result<Held, HashiCorpError> {
        let Some(lease) = held.lease.filter(|lease| lease.renew_at <= Instant::now()) else {
            return Ok(held);
        };
        if lease.renewable {
            let answer = self.wire.ask(RenewTokenSelfRequest { increment: None }, Some(&held.token)).await;
            if let Some(auth) = answer.ok().filter(Answer::is_success).and_then(|answer| self.auth_of(&answer, "a renewal").ok())
                && let Some(renewed) = Lease::of(auth.lease_duration, auth.renewable)
                // A token near its longest life is renewed in name only.
                && renewed.ends_at > lease.ends_at + Duration::from_secs(1)
            {
                tracing::debug!(lease = auth.lease_duration, "the token for Vault was renewed");
                return Ok(Held { lease: Some(renewed), ..held });
            }
        }
        match self.successor(&held).await {
            Ok(Some(successor)) => return Ok(successor),
            Ok(None) => {
                let left = lease.ends_at.saturating_duration_since(Instant::now());
                tracing::warn!(
                    seconds_left = left.as_secs(),
                    "the token for Vault from {} cannot be renewed; put a new one there before it ends",
                    held.origin
                );
            }
            // The present token may outlive the trouble.
            Err(error) if lease.ends_at <= Instant::now() => return Err(error),
            Err(error) => tracing::warn!(%error, "could not log in to Vault again; trying once more soon"),
        }
        // After its end the server's refusal leads to a new log-in.
        Ok(Held { lease: Some(Lease { renew_at: Instant::now() + REST, ..lease }), ..held })
    }

    /// Another token in the place of one that ends, where there is one.
    async fn successor(&self, held: &Held) -> Result<Option<Held>, HashiCorpError> {
        match &self.wire.settings().log_in {
            LogIn::AppRole { mount, role_id, secret_id } => {
                self.log_in_with_role(mount, role_id, secret_id).await.map(Some)
            }
            LogIn::Token(wanted) => {
                let (token, origin) = wanted.read()?;
                if token.expose_secret() == held.token.expose_secret() {
                    return Ok(None);
                }
                let lease = self.life_of(&token).await?;
                Ok(Some(Held { token, origin, lease }))
            }
        }
    }

    async fn next_renewal(&self) -> Option<Instant> {
        self.held.lock().await.as_ref()?.lease.map(|lease| lease.renew_at)
    }
}

/// Renews while somebody uses the session. Boxed, since what it calls may start it.
fn keep(session: Weak<Session>) -> BoxFuture<'static, ()> {
    renew_while_used(session).boxed()
}

async fn renew_while_used(session: Weak<Session>) {
    loop {
        let Some(due) = (match session.upgrade() {
            Some(session) => session.next_renewal().await,
            None => return,
        }) else {
            // Whoever asks next logs in.
            if let Some(session) = session.upgrade() {
                session.kept.store(false, Ordering::Relaxed);
            }
            return;
        };
        tokio::time::sleep_until(due).await;
        let Some(session) = session.upgrade() else { return };
        if let Err(error) = session.token().await {
            tracing::warn!(%error, "the log-in at Vault could not be kept");
            tokio::time::sleep(REST).await;
        }
    }
}
