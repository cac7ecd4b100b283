//! Connecting by an API key: the platform is asked whose it is before it is stored.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use super::{App, AppError, Services};
use crate::auth::{Prepared, parse_api_key};
use crate::capability::Credentials;
use crate::contract::account::Identity;
use crate::contract::descriptor::ApiKey;
use crate::contract::types::Error;
use crate::contract::vault::{Credential, CredentialState};
use crate::lead::AccountKey;
use crate::plugin::platform::PlatformPlugin;

/// A connection about to be made: the store has proved that it takes a credential.
pub struct Connecting<'a> {
    app: &'a App,
    services: &'a Services,
    plugin: &'a PlatformPlugin,
    audience: BTreeSet<String>,
    prepared: Prepared,
}

/// Prepares to connect: nothing is asked of the platform yet.
///
/// # Errors
/// Where the vault does not take a write, or an endpoint is not one of the plugin's.
pub async fn prepare<'a>(
    app: &'a App,
    services: &'a Services,
    plugin: &'a PlatformPlugin,
    wanted: &ApiKey,
) -> Result<Connecting<'a>, AppError> {
    let audience = app.audience(plugin, &wanted.audience)?;
    let prepared = services.credentials.prepare(&app.account(plugin.id())).await?;
    Ok(Connecting { app, services, plugin, audience, prepared })
}

impl Connecting<'_> {
    /// Origins that the key will be sent to.
    #[must_use]
    pub fn audience(&self) -> &BTreeSet<String> {
        &self.audience
    }

    /// Asks the platform whose key this is, and stores it.
    ///
    /// # Errors
    /// The plugin's own words for a key that the platform refuses; nothing is stored then, and what was stored stays.
    pub async fn finish(self, key: &SecretString) -> Result<Identity, AppError> {
        let key = parse_api_key(key).map_err(|e| AppError::Usage(e.to_string()))?;
        let candidate = Arc::new(Candidate(key.clone()));
        let work = self.app.work_with(self.services, self.plugin, candidate)?;
        let identity = self.plugin.identify(&work, &self.app.settings(self.plugin.id())?).await?;
        self.prepared.save_key(&key, self.audience, &identity.username).await?;
        Ok(identity)
    }
}

/// A key that is not stored yet.
struct Candidate(SecretString);

#[async_trait]
impl Credentials for Candidate {
    async fn describe(&self, _: &AccountKey, name: &str) -> Option<Credential> {
        let state = CredentialState::Present;
        Some(Credential { name: name.to_owned(), state, scopes: Vec::new(), expires_at: None, account: None })
    }

    async fn secret(&self, _: &AccountKey, _: &str) -> Result<SecretString, Error> {
        Ok(self.0.clone())
    }

    async fn replacement(&self, _: &AccountKey, _: &str, _: &SecretString) -> Result<Option<SecretString>, Error> {
        Ok(None)
    }
}
