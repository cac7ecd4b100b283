//! Refresh tokens that die unused are used in time: the host's own work, from the lifetime that a descriptor states.

use super::credential::Grant;
use super::credentials::Credentials;
use super::error::AuthError;
use super::events::AuthEvent;
use super::{CredentialInfo, CredentialState};
use crate::lead::AccountKey;

/// What keeping a credential alive came to.
#[derive(Debug)]
pub enum KeptAlive {
    /// It need not be done, or not yet.
    NotNeeded,
    /// The refresh token was used, and counts from now again.
    Renewed,
    /// It was time, and did not work for a passing reason.
    Failed {
        /// Why.
        error: AuthError,
        /// When the refresh token dies if nothing works until then, in seconds since 1970.
        ends_at: i64,
    },
}

impl Credentials {
    /// Uses a refresh token of which `share` (0 to 1) of its idle lifetime has passed. To be called now and then: at every scan and
    /// status, and by the daemon.
    ///
    /// # Errors
    /// [`AuthError::Expired`] if the platform has ended the access; the store's. That the platform cannot be reached now is no error, but
    /// [`KeptAlive::Failed`].
    pub async fn keep_alive(&self, key: &AccountKey, share: f64) -> Result<KeptAlive, AuthError> {
        if self.takes_key(&key.platform) {
            return Ok(KeptAlive::NotNeeded);
        }
        let server = self.inner.server(key)?;
        let Some((credential, _)) = self.inner.load(key).await? else { return Ok(KeptAlive::NotNeeded) };
        let lifetime = server.oauth.refresh_token_idle_lifetime;
        let Some(ends_at) = unused_end(&credential.info(), lifetime) else { return Ok(KeptAlive::NotNeeded) };
        let now = self.inner.clock.now();
        let due = credential.obtained_at.saturating_add(share_of(lifetime.unwrap_or_default(), share));
        if now < due || self.inner.rests(key, now) {
            return Ok(KeptAlive::NotNeeded);
        }
        match self.renew_together(key, Some(credential.access)).await {
            Ok(_) => Ok(KeptAlive::Renewed),
            Err(error) if error.is_transient() => {
                tracing::warn!(platform = key.platform, %error, "the refresh token could not be used to keep it alive");
                self.inner.events.happened(key, &AuthEvent::Expiring { ends_at });
                Ok(KeptAlive::Failed { error, ends_at })
            }
            Err(error) => Err(error),
        }
    }
}

/// When a credential's refresh token dies if nobody uses it, in seconds since 1970; none if it does not, or if there is none that lives.
#[must_use]
pub fn unused_end(credential: &CredentialInfo, idle_lifetime: Option<u32>) -> Option<i64> {
    let lives = credential.state == CredentialState::Connected
        && credential.renewable
        && credential.grant == Grant::AuthorizationCode;
    idle_lifetime.filter(|_| lives).map(|seconds| credential.obtained_at.saturating_add(i64::from(seconds)))
}

/// A share of so many seconds.
#[expect(clippy::cast_possible_truncation, reason = "a share of 32 bits fits")]
fn share_of(seconds: u32, share: f64) -> i64 {
    (f64::from(seconds) * share.clamp(0.0, 1.0)) as i64
}
