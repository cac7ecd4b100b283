//! Renewing access tokens, once for all who ask.
//!
//! A rotating refresh token is dead the moment it is spent, so what replaces it must not be lost. Within this process one task renews an
//! account's token while others wait for it; it runs to its end whoever stops waiting. Between processes the vault's check-and-set
//! decides: who wrote first has the token, the other adopts it. Two processes can still spend one token at the same time; then the
//! slower is told `invalid_grant`, and the faster one's tokens win, even over an `auth_expired` that the slower has noted meanwhile.

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use secrecy::{ExposeSecret, SecretString};

use super::answer::Tokens;
use super::credential::{Credential, Freshness, Grant, State};
use super::credentials::{ATTEMPTS, Credentials, Inner, contended, is_mismatch, locked, not_connected};
use super::error::AuthError;
use super::server::AuthorizationServer;
use crate::contract::account::{Refusal, Stage};
use crate::lead::AccountKey;
use crate::vault::{Cas, Version};

/// A renewal that several callers wait for.
pub(super) type Flight = Shared<BoxFuture<'static, Result<SecretString, AuthError>>>;

/// Seconds that a failed renewal rests while the present token works, unless the platform says how long to wait.
const REST: i64 = 30;

/// Tokens that the platform gave and the store did not take.
pub(super) struct Unsaved {
    /// What they replace.
    spent: Credential,
    tokens: Tokens,
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
        let task = tokio::spawn(async move {
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
        async move { task.await.unwrap_or(Err(AuthError::ShuttingDown)) }.boxed().shared()
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
    async fn renew(&self, key: &AccountKey, rejected: Option<&SecretString>) -> Result<SecretString, AuthError> {
        let server = self.server(key)?;
        self.save_unsaved(key, &server).await?;
        for _ in 0..ATTEMPTS {
            let (credential, version) = self.load_usable(key, &server).await?;
            let is_rejected =
                rejected.is_some_and(|rejected| rejected.expose_secret() == credential.access.expose_secret());
            if !is_rejected && credential.freshness(self.clock.now()) == Freshness::Fresh {
                return Ok(credential.access);
            }
            let refusal = match self.ask(&server, &credential).await {
                Ok(tokens) => {
                    tracing::info!(platform = key.platform, account = key.account, "access token renewed");
                    return self.settle(key, &server, credential, version, tokens).await;
                }
                Err(AuthError::Refused { refusal, .. }) if ends_the_grant(&refusal) => Some(refusal),
                Err(AuthError::Expired { refusal, .. }) => refusal,
                Err(error) => return Err(error),
            };
            // Who wrote since the read may hold the very token that replaced ours: then look again instead of giving up.
            let ended = Credential { state: State::AuthExpired, refusal: refusal.clone(), ..credential };
            match self.write(key, &ended, Cas::Current(version)).await {
                Ok(_) => {
                    tracing::warn!(platform = key.platform, account = key.account, "the platform ended the access");
                    return Err(AuthError::Expired { platform: key.platform.clone(), refusal });
                }
                Err(AuthError::Store(error)) if is_mismatch(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(contended(key))
    }

    async fn ask(&self, server: &AuthorizationServer, credential: &Credential) -> Result<Tokens, AuthError> {
        let exchange = self.exchange(server, &credential.client);
        match (&credential.refresh, credential.grant) {
            (Some(token), _) => exchange.refresh(token).await,
            (None, Grant::ClientCredentials) => {
                exchange.client_credentials(&credential.scope_words, Stage::Refresh).await
            }
            (None, Grant::AuthorizationCode | Grant::ApiKey) => {
                Err(AuthError::Expired { platform: server.platform.clone(), refusal: None })
            }
        }
    }

    /// Stores new tokens over the ones they replace; gives the token that is stored in the end.
    async fn settle(
        &self,
        key: &AccountKey,
        server: &AuthorizationServer,
        spent: Credential,
        version: Version,
        tokens: Tokens,
    ) -> Result<SecretString, AuthError> {
        let (mut base, mut version) = (spent.clone(), version);
        for _ in 0..ATTEMPTS {
            let renewed = base.with_tokens(&tokens, server.oauth.access_token_lifetime);
            let failure = match self.write(key, &renewed, Cas::Current(version)).await {
                Ok(_) => return Ok(renewed.access),
                Err(AuthError::Store(error)) if is_mismatch(&error) => match self.load(key).await {
                    Ok(None) => return Err(not_connected(key)),
                    Ok(Some((stored, _))) if !stored.has_tokens_of(&spent) => return Ok(stored.access),
                    Ok(Some(stored)) => {
                        (base, version) = stored;
                        continue;
                    }
                    Err(error) => error,
                },
                Err(error) => error,
            };
            return Err(self.keep(key, spent, tokens, failure));
        }
        Err(self.keep(key, spent, tokens, contended(key)))
    }

    /// Keeps tokens that could not be stored: the old refresh token may be dead, so these are all there is.
    fn keep(&self, key: &AccountKey, spent: Credential, tokens: Tokens, failure: AuthError) -> AuthError {
        tracing::error!(platform = key.platform, error = %failure, "new tokens could not be stored; they are kept in memory and tried again");
        locked(&self.unsaved).insert(key.clone(), Unsaved { spent, tokens });
        failure
    }

    async fn save_unsaved(&self, key: &AccountKey, server: &AuthorizationServer) -> Result<(), AuthError> {
        let Some(Unsaved { spent, tokens }) = locked(&self.unsaved).remove(key) else {
            return Ok(());
        };
        match self.load(key).await {
            Ok(Some((stored, version))) if stored.has_tokens_of(&spent) => {
                self.settle(key, server, stored, version, tokens).await.map(drop)
            }
            Ok(_) => Ok(()),
            Err(error) => Err(self.keep(key, spent, tokens, error)),
        }
    }
}

/// Whether a refusal says that only the person can help. Other refusals (a bad request, an unknown code) are reported and not believed
/// for good.
fn ends_the_grant(refusal: &Refusal) -> bool {
    matches!(refusal.code.as_deref(), Some("invalid_grant" | "invalid_client" | "unauthorized_client"))
}
