//! Renewing access tokens, once for all who ask.
//!
//! A rotating refresh token is dead the moment it is spent, so what replaces it must not be lost. Within this process one task renews an
//! account's token while others wait for it; it runs to its end whoever stops waiting ([`crate::shield`]). Between processes, and between
//! machines that share a store, an [`Intent`] in the credential's record decides: who has written it by check-and-set asks the platform,
//! the others wait and adopt what comes of it.
//!
//! ```text
//! read ─► somebody's intent? ──yes──► wait, read again          (at most PATIENCE; an intent ends by itself)
//!   ▲             │ no
//!   │             ▼
//!   ├─mismatch─ claim: write our intent over the version read
//!   │             ▼
//!   │           ask the platform ──tokens──► settle: write them, the intent gone ─► use them
//!   │             ├─ grant ended ─► note `auth_expired` over the version claimed ──mismatch──► read: somebody has newer tokens
//!   │             └─ trouble ─► release: write the credential without the intent; nothing has ended
//! ```

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use secrecy::{ExposeSecret, SecretString};

use super::answer::Tokens;
use super::credential::{Credential, Freshness, Grant, State};
use super::credentials::{ATTEMPTS, Credentials, Inner, contended, is_mismatch, locked};
use super::error::AuthError;
use super::events::AuthEvent;
use super::intent::{Intent, Interruption, InterruptionCause};
use super::patience::Patience;
use super::server::AuthorizationServer;
use super::shielded::shielded;
use crate::contract::account::{Refusal, Stage};
use crate::fault::{Step, reach};
use crate::lead::AccountKey;
use crate::vault::{Cas, Version};

/// A renewal that several callers wait for.
pub(super) type Flight = Shared<BoxFuture<'static, Result<SecretString, AuthError>>>;

/// Seconds that a failed renewal rests while the present token works, unless the platform says how long to wait.
const REST: i64 = 30;

/// A credential whose record holds our intent, and the version that we have written it as.
pub(super) struct Claim {
    pub(super) credential: Credential,
    pub(super) version: Version,
}

impl Credentials {
    /// Joins the renewal under way, or begins one.
    pub(super) async fn renew_together(
        &self,
        key: &AccountKey,
        rejected: Option<SecretString>,
    ) -> Result<SecretString, AuthError> {
        let flight = {
            let mut flights = locked(&self.inner.flights);
            match flights.get(key) {
                Some(flight) => flight.clone(),
                None => {
                    let flight = self.take_off(key.clone(), rejected);
                    flights.insert(key.clone(), flight.clone());
                    flight
                }
            }
        };
        flight.await
    }

    fn take_off(&self, key: AccountKey, rejected: Option<SecretString>) -> Flight {
        let inner = self.inner.clone();
        let renewing = shielded(async move {
            let _landing = Landing { inner: &inner, key: &key };
            let outcome = inner.renew(&key, rejected.as_ref()).await;
            let mut resting = locked(&inner.resting);
            match &outcome {
                Err(error) if error.is_transient() => {
                    let rest = match error {
                        AuthError::Unavailable { retry_after: Some(seconds), .. } => i64::from(*seconds),
                        _ => REST,
                    };
                    resting.insert(key.clone(), inner.clock.now().saturating_add(rest));
                }
                _ => drop(resting.remove(&key)),
            }
            outcome
        });
        renewing.boxed().shared()
    }
}

/// Makes room for the next renewal when this one ends, be it by a panic.
struct Landing<'a> {
    inner: &'a Inner,
    key: &'a AccountKey,
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        locked(&self.inner.flights).remove(self.key);
    }
}

impl Inner {
    /// Whether a renewal failed so recently that the platform is to be left alone while the present token works.
    pub(super) fn rests(&self, key: &AccountKey, now: i64) -> bool {
        locked(&self.resting).get(key).is_some_and(|until| now < *until)
    }

    async fn renew(&self, key: &AccountKey, rejected: Option<&SecretString>) -> Result<SecretString, AuthError> {
        let server = self.server(key)?;
        self.save_unsaved(key, &server).await?;
        let mut patience = Patience::for_a_turn();
        let mut mismatches = 0;
        while mismatches < ATTEMPTS {
            let (credential, version) = self.load_usable(key, &server).await?;
            let is_rejected =
                rejected.is_some_and(|rejected| rejected.expose_secret() == credential.access.expose_secret());
            if !is_rejected && credential.freshness(self.clock.now(), self.spread) == Freshness::Fresh {
                return Ok(credential.access);
            }
            reach(Step::RenewalBegun);
            let now = self.clock.now();
            if let Some(intent) = credential.intent.as_ref().filter(|intent| intent.is_live(now)) {
                if !patience.pause().await {
                    return Err(renewing(key, intent, now));
                }
                continue;
            }
            if let Some(claim) = self.claim(key, credential, version).await?
                && let Some(token) = self.spend(key, &server, claim).await?
            {
                return Ok(token);
            }
            mismatches += 1;
        }
        Err(contended(key))
    }

    /// Writes our intent over the version that was read; none if somebody else has written since.
    async fn claim(
        &self,
        key: &AccountKey,
        credential: Credential,
        version: Version,
    ) -> Result<Option<Claim>, AuthError> {
        // An intent that is over, and the tokens are still those that it was about: its owner may have spent them.
        let stopped = credential.intent.as_ref().filter(|_| credential.refresh.is_some());
        let stopped = stopped.map(|intent| Interruption::of(intent, InterruptionCause::Stopped));
        let credential = Credential {
            interruption: stopped.or_else(|| credential.interruption.clone()),
            intent: Some(Intent::declare(self.clock.now())),
            ..credential
        };
        match self.write(key, &credential, Cas::Current(version)).await {
            Ok(version) => {
                reach(Step::RenewalClaimed);
                Ok(Some(Claim { credential, version }))
            }
            Err(AuthError::Store(error)) if is_mismatch(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Asks the platform, and stores what comes of it; the token to use, or none where it is to be looked at again.
    async fn spend(
        &self,
        key: &AccountKey,
        server: &AuthorizationServer,
        claim: Claim,
    ) -> Result<Option<SecretString>, AuthError> {
        let in_time = claim.credential.intent.as_ref().is_some_and(|intent| intent.permits_asking(self.clock.now()));
        if !in_time {
            // The write took so long, or the machine slept, that somebody else may be about to take over.
            self.release(key, claim, None).await;
            return Ok(None);
        }
        let refusal = match self.ask(key, server, &claim.credential).await {
            Ok(tokens) => {
                reach(Step::RenewalAnswered);
                let token = self.settle(key, server, claim.credential, claim.version, tokens).await?;
                reach(Step::RenewalStored);
                tracing::info!(platform = key.platform, account = key.account, "access token renewed");
                self.events.happened(key, &AuthEvent::Renewed);
                return Ok(Some(token));
            }
            Err(AuthError::Refused { refusal, .. }) if ends_the_grant(&refusal) => Some(refusal),
            Err(AuthError::Expired { refusal, .. }) => refusal,
            Err(error) => {
                reach(Step::RenewalFailed);
                let cause = error.leaves_doubt().then_some(InterruptionCause::NoAnswer);
                self.release(key, claim, cause).await;
                reach(Step::RenewalReleased);
                return Err(error);
            }
        };
        reach(Step::RenewalRefused);
        self.note_the_end(key, claim, refusal).await
    }

    /// Notes that the platform has ended the grant, unless somebody has written since: they may hold the very token that replaced ours.
    async fn note_the_end(
        &self,
        key: &AccountKey,
        claim: Claim,
        refusal: Option<Refusal>,
    ) -> Result<Option<SecretString>, AuthError> {
        // A client that is refused has nothing to do with a token that was spent.
        let is_spent = refusal.as_ref().is_some_and(|refusal| refusal.code.as_deref() == Some("invalid_grant"));
        let interruption = claim.credential.interruption.clone().filter(|_| is_spent);
        let ended = Credential {
            state: State::AuthExpired,
            refusal: refusal.clone(),
            interruption: interruption.clone(),
            intent: None,
            ..claim.credential
        };
        match self.write(key, &ended, Cas::Current(claim.version)).await {
            Ok(_) => {
                reach(Step::RenewalNoted);
                tracing::warn!(platform = key.platform, account = key.account, "the platform ended the access");
                self.events.happened(key, &AuthEvent::Expired { refusal: refusal.clone() });
                Err(AuthError::Expired { platform: key.platform.clone(), refusal, interruption })
            }
            Err(AuthError::Store(error)) if is_mismatch(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn ask(
        &self,
        key: &AccountKey,
        server: &AuthorizationServer,
        credential: &Credential,
    ) -> Result<Tokens, AuthError> {
        let exchange = self.exchange(key, server, &credential.client);
        match (&credential.refresh, credential.grant) {
            (Some(token), _) => exchange.refresh(token).await,
            (None, Grant::ClientCredentials) => {
                exchange.client_credentials(&credential.scope_words, Stage::Refresh).await
            }
            (None, Grant::AuthorizationCode | Grant::ApiKey) => {
                Err(AuthError::Expired { platform: server.platform.clone(), refusal: None, interruption: None })
            }
        }
    }
}

fn renewing(key: &AccountKey, intent: &Intent, now: i64) -> AuthError {
    // Not in the error, which guests may be told: the machine's name is none of their business.
    tracing::warn!(
        platform = key.platform,
        owner = intent.owner(),
        "waited in vain for a renewal of another process's"
    );
    AuthError::Renewing { platform: key.platform.clone(), seconds: intent.seconds_left(now) }
}

/// Whether a refusal says that only the person can help. Other refusals (a bad request, an unknown code) are reported and not believed
/// for good.
fn ends_the_grant(refusal: &Refusal) -> bool {
    matches!(refusal.code.as_deref(), Some("invalid_grant" | "invalid_client" | "unauthorized_client"))
}
