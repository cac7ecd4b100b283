//! Giving a credential up: its tokens are revoked where the platform can, and it is deleted in any case.

use super::api_key::Kept;
use super::credential::{Credential, path};
use super::credentials::{Credentials, Inner, locked};
use super::error::AuthError;
use super::events::AuthEvent;
use super::exchange::Revoked;
use super::patience::Patience;
use crate::lead::AccountKey;
use crate::vault::VaultError;

/// What became of a credential that was given up.
#[derive(Debug)]
pub struct Disconnected {
    /// Whether there was one.
    pub existed: bool,
    /// What became of its tokens at the platform.
    pub revocation: Revocation,
}

/// Whether the platform was made to forget tokens.
#[derive(Debug)]
pub enum Revocation {
    /// It confirmed it.
    Done,
    /// There was nothing left to revoke.
    Nothing,
    /// The platform has no way to do it by program: the person ends the access on its site.
    NotOffered,
    /// It did not work, so tokens may stay valid there until they end.
    Failed(AuthError),
}

impl Credentials {
    /// Gives a credential up: revokes its tokens where the platform can, and deletes it in any case.
    ///
    /// # Errors
    ///
    /// [`AuthError::Store`] if it could not be deleted.
    pub async fn disconnect(&self, key: &AccountKey) -> Result<Disconnected, AuthError> {
        // A renewal under way would otherwise bring tokens that nobody revokes.
        let flight = locked(&self.inner.flights).get(key).cloned();
        if let Some(flight) = flight {
            let _ = flight.await;
        }
        self.inner.let_others_finish(key).await;
        locked(&self.inner.unsaved).remove(key);
        let path = path(key).map_err(VaultError::from)?;
        let stored = self.inner.kept(key).await;
        let revocation = match &stored {
            Ok(None) => Revocation::Nothing,
            Ok(Some((Kept::Oauth(credential), _))) => self.revoke(key, credential).await,
            Ok(Some((Kept::Key(_), _))) => Revocation::NotOffered,
            Err(AuthError::Unreadable { .. }) => match &stored {
                Err(error) => Revocation::Failed(error.clone()),
                Ok(_) => Revocation::Nothing,
            },
            Err(error) => return Err(error.clone()),
        };
        let existed = self.inner.store.delete(&path).await?;
        if existed {
            let revoked = matches!(revocation, Revocation::Done);
            self.inner.events.happened(key, &AuthEvent::Disconnected { revoked });
        }
        Ok(Disconnected { existed, revocation })
    }

    async fn revoke(&self, key: &AccountKey, credential: &Credential) -> Revocation {
        let server = match self.inner.server(key) {
            Ok(server) => server,
            Err(error) => return Revocation::Failed(error),
        };
        let Some(endpoint) = &server.revoke else {
            return Revocation::NotOffered;
        };
        if let Some(recorded) = credential.places.revoke.as_ref().filter(|recorded| **recorded != endpoint.to_string())
        {
            return Revocation::Failed(AuthError::EndpointsChanged {
                platform: key.platform.clone(),
                what: "the revocation endpoint",
                recorded: recorded.clone(),
                present: endpoint.to_string(),
            });
        }
        if let Err(changed) = credential.places.check(&server) {
            return Revocation::Failed(changed);
        }
        let exchange = self.inner.exchange(key, &server, &credential.client);
        // The refresh token first: most servers end the whole grant with it.
        let tokens = [(credential.refresh.as_ref(), Revoked::Refresh), (Some(&credential.access), Revoked::Access)];
        for (token, kind) in tokens {
            if let Some(token) = token
                && let Err(error) = exchange.revoke(endpoint, token, kind).await
            {
                return Revocation::Failed(error);
            }
        }
        Revocation::Done
    }
}

impl Inner {
    /// Waits for a renewal of another process's, for a while: else it would bring tokens that nobody revokes.
    async fn let_others_finish(&self, key: &AccountKey) {
        let mut patience = Patience::for_a_turn();
        while let Ok(Some((credential, _))) = self.load(key).await
            && credential.intent.is_some_and(|intent| intent.is_live(self.clock.now()))
        {
            if !patience.pause().await {
                return;
            }
        }
    }
}
