//! What guests may import, one file each: HTTP behind the gate, credential metadata, wake-ups, state, log.
//!
//! A capability knows nothing of WebAssembly: it answers calls made for a [`http::gate::Caller`], and [`crate::plugin`] binds it to guests.

pub mod ephemeral;
pub mod http;
pub mod log;
pub mod records;
pub mod schedule;
pub mod state;

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::clock::Clock;
use crate::contract::types::{Delivery, Error, ErrorKind};
use crate::contract::vault::Credential;
use crate::lead::AccountKey;
use crate::store::{PluginData, StoreError};

/// Where the gate gets a credential from, and `vault` what may be told of it.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// What is known of an account's credential; none if the plugin declares no such name.
    async fn describe(&self, account: &AccountKey, name: &str) -> Option<Credential>;

    /// The secret to attach, renewed first if it is about to end.
    ///
    /// # Errors
    /// `unauthenticated` if there is none or it could not be renewed, `unavailable` if the vault or the platform cannot be reached now.
    async fn secret(&self, account: &AccountKey, name: &str) -> Result<SecretString, Error>;

    /// Another secret than `rejected`, which the platform did not accept although it should be good; none where there can be no other, so
    /// that the guest is to read the refusal itself.
    ///
    /// # Errors
    /// As [`Credentials::secret`]; that the grant is gone is then on record.
    async fn replacement(
        &self,
        account: &AccountKey,
        name: &str,
        rejected: &SecretString,
    ) -> Result<Option<SecretString>, Error>;
}

/// What a plugin is given for an account, beside what judging needs.
pub struct Capabilities {
    /// The way out.
    pub gate: http::gate::Gate,
    /// What may be told of credentials, and nothing more.
    pub credentials: Arc<dyn Credentials>,
    /// State and wake-ups.
    pub data: Arc<dyn PluginData>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A store's failure, as a guest is told of it.
fn refused(error: &StoreError) -> Error {
    let kind = match error {
        StoreError::Invalid { .. } => ErrorKind::InvalidInput,
        StoreError::Exhausted { .. } => ErrorKind::Exhausted,
        _ => ErrorKind::Unavailable,
    };
    Error { kind, code: None, message: error.to_string(), remedy: None, delivery: Delivery::NotSent, retry_after: None }
}
