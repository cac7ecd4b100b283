//! Credentials as the gate and the capability `vault` take them, and what happens to them as the audit has it.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::auth::{Asked, AuthError, AuthEvent, AuthEvents, CredentialInfo, CredentialState, Credentials};
use crate::capability;
use crate::capability::records::Records;
use crate::clock::Clock;
use crate::contract::types::{Delivery, Error, ErrorKind};
use crate::contract::vault;
use crate::lead::AccountKey;
use crate::store::AuditRow;

#[async_trait]
impl capability::Credentials for Credentials {
    async fn describe(&self, account: &AccountKey, name: &str) -> Option<vault::Credential> {
        let absent = || vault::Credential {
            name: name.to_owned(),
            state: vault::CredentialState::Absent,
            scopes: Vec::new(),
            expires_at: None,
            account: None,
        };
        match Credentials::describe(self, account).await {
            Ok(Some(info)) => Some(told(name, info)),
            Ok(None) => Some(absent()),
            Err(error) => {
                tracing::warn!(platform = account.platform, %error, "a plugin asked for a credential that cannot be read");
                Some(absent())
            }
        }
    }

    async fn secret(&self, account: &AccountKey, _name: &str) -> Result<SecretString, Error> {
        self.access_token(account).await.map_err(|error| refused(&error))
    }

    async fn replacement(
        &self,
        account: &AccountKey,
        _name: &str,
        rejected: &SecretString,
    ) -> Result<Option<SecretString>, Error> {
        // A key that is refused is refused: its plugin says what that means.
        if self.takes_key(&account.platform) {
            return Ok(None);
        }
        self.replace_rejected(account, rejected).await.map(Some).map_err(|error| refused(&error))
    }
}

fn told(name: &str, info: CredentialInfo) -> vault::Credential {
    vault::Credential {
        name: name.to_owned(),
        state: match info.state {
            CredentialState::Connected => vault::CredentialState::Present,
            CredentialState::AuthExpired => vault::CredentialState::Expired,
        },
        scopes: stated(&info),
        expires_at: info.expires_at,
        account: info.username,
    }
}

/// Scopes that the platform granted by the descriptor's very names. Words of its own that are none of these tell nothing for certain: a scope
/// may also hang on a parameter that the answer does not mention.
fn stated(info: &CredentialInfo) -> Vec<String> {
    let granted = info.scopes_granted.as_deref().unwrap_or_default();
    info.scopes_asked.iter().filter(|name| granted.contains(name)).cloned().collect()
}

fn refused(error: &AuthError) -> Error {
    let (kind, remedy) = match error {
        // A vault that does not serve says nothing about the account: connecting again would not help.
        AuthError::Store(_) => (ErrorKind::Unavailable, Some("Run `ghoststack prospector vault status`".to_owned())),
        error if error.is_transient() => (ErrorKind::Unavailable, None),
        _ => (ErrorKind::Unauthenticated, None),
    };
    Error { kind, code: None, message: error.to_string(), remedy, delivery: Delivery::NotSent, retry_after: None }
}

/// Writes events and requests to authorization servers into the audit: rows of the host's own, in the phase `auth`. An event's row has no
/// method, and the event's name for its outcome.
pub struct AuditedEvents {
    /// Where rows go.
    pub records: Arc<dyn Records>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl AuthEvents for AuditedEvents {
    fn happened(&self, account: &AccountKey, event: &AuthEvent) {
        self.records.audit(AuditRow { outcome: event.name().to_owned(), ..self.row(account) });
    }

    fn asked(&self, account: &AccountKey, request: &Asked) {
        let duration_us = u64::try_from(request.duration.as_micros()).unwrap_or(u64::MAX);
        let Asked { method, host, path, status, bytes_in, bytes_out, credential, outcome, .. } = request.clone();
        let took = i64::try_from(request.duration.as_secs()).unwrap_or(i64::MAX);
        let row = self.row(account);
        self.records.audit(AuditRow {
            at: row.at.saturating_sub(took),
            method,
            host,
            path,
            status,
            bytes_in,
            bytes_out,
            duration_us,
            credential: Some(credential.to_owned()),
            outcome: outcome.to_owned(),
            ..row
        });
    }
}

impl AuditedEvents {
    /// A row of the host's own, with nothing in it yet.
    fn row(&self, account: &AccountKey) -> AuditRow {
        AuditRow {
            at: self.clock.now(),
            plugin: "host".to_owned(),
            account: account.clone(),
            phase: "auth".to_owned(),
            method: String::new(),
            host: String::new(),
            path: String::new(),
            status: None,
            bytes_in: 0,
            bytes_out: 0,
            duration_us: 0,
            credential: None,
            outcome: String::new(),
        }
    }
}
