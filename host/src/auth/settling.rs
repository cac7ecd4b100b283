//! How a renewal ends in the store: new tokens over those they replace, or the turn given back.

use secrecy::SecretString;

use super::answer::Tokens;
use super::credential::Credential;
use super::credentials::{ATTEMPTS, Inner, contended, is_mismatch, locked, not_connected};
use super::error::AuthError;
use super::intent::{Interruption, InterruptionCause};
use super::patience::Patience;
use super::renewal::Claim;
use super::server::AuthorizationServer;
use crate::lead::AccountKey;
use crate::vault::{Cas, Version};

/// Tokens that the platform gave and the store did not take.
pub(super) struct Unsaved {
    /// What they replace.
    spent: Credential,
    tokens: Tokens,
}

impl Inner {
    /// Takes our intent away again, for others need not wait until it is over. What cannot be written now ends by itself.
    pub(super) async fn release(&self, key: &AccountKey, claim: Claim, doubt: Option<InterruptionCause>) {
        let Claim { mut credential, mut version } = claim;
        let ours = credential.intent.clone();
        for _ in 0..ATTEMPTS {
            let doubt = doubt.filter(|_| credential.refresh.is_some()).zip(ours.as_ref());
            let released = Credential {
                interruption: doubt
                    .map(|(cause, intent)| Interruption::of(intent, cause))
                    .or_else(|| credential.interruption.clone()),
                intent: None,
                ..credential
            };
            match self.write(key, &released, Cas::Current(version)).await {
                Err(AuthError::Store(error)) if is_mismatch(&error) => match self.load(key).await {
                    Ok(Some((stored, stored_as))) if stored.intent == ours => {
                        (credential, version) = (stored, stored_as)
                    }
                    _ => return,
                },
                Err(error) => {
                    tracing::warn!(platform = key.platform, %error, "the turn to renew could not be given back; it ends by itself");
                    return;
                }
                Ok(_) => return,
            }
        }
    }

    /// Stores new tokens over the ones they replace; gives the token that is stored in the end. A store that fails is asked again for a
    /// while: the tokens are all there is.
    pub(super) async fn settle(
        &self,
        key: &AccountKey,
        server: &AuthorizationServer,
        spent: Credential,
        version: Version,
        tokens: Tokens,
    ) -> Result<SecretString, AuthError> {
        let (mut base, mut version) = (spent.clone(), version);
        let mut patience = Patience::of(self.store_patience);
        let mut mismatches = 0;
        loop {
            let renewed = base.with_tokens(&tokens, server.oauth.access_token_lifetime);
            let failure = match self.write(key, &renewed, Cas::Current(version)).await {
                Ok(_) => return Ok(renewed.access),
                Err(AuthError::Store(error)) if is_mismatch(&error) => {
                    mismatches += 1;
                    match self.load(key).await {
                        Ok(None) => return Err(not_connected(key)),
                        Ok(Some((stored, _))) if !stored.has_tokens_of(&spent) => return Ok(stored.access),
                        Ok(Some(stored)) if mismatches < ATTEMPTS => {
                            (base, version) = stored;
                            continue;
                        }
                        Ok(Some(_)) => contended(key),
                        Err(error) => error,
                    }
                }
                Err(error) => error,
            };
            tracing::warn!(platform = key.platform, error = %failure, "new tokens could not be stored yet");
            if !patience.pause().await {
                return Err(self.keep(key, spent, tokens, failure));
            }
        }
    }

    /// Keeps tokens that could not be stored: the old refresh token may be dead, so these are all there is.
    fn keep(&self, key: &AccountKey, spent: Credential, tokens: Tokens, failure: AuthError) -> AuthError {
        tracing::error!(platform = key.platform, error = %failure, "new tokens could not be stored; they are kept in memory while the program runs, and tried again");
        locked(&self.unsaved).insert(key.clone(), Unsaved { spent, tokens });
        failure
    }

    pub(super) async fn save_unsaved(&self, key: &AccountKey, server: &AuthorizationServer) -> Result<(), AuthError> {
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
