//! What happens to credentials, for whoever wants to know: the audit today, notifications tomorrow.

use std::time::Duration;

use crate::contract::account::Refusal;
use crate::lead::AccountKey;

/// Something that has happened to an account's credential. Holds no secret.
#[derive(Clone, Debug, PartialEq)]
pub enum AuthEvent {
    /// A log-in has yielded a credential, and it is stored.
    Connected,
    /// The access token was renewed, and the new one is stored.
    Renewed,
    /// The platform has ended the access. Told once for each credential, by the process whose write has noted it.
    Expired {
        /// What the platform said, if it said anything.
        refusal: Option<Refusal>,
    },
    /// The refresh token will die unused, and could not be used. Told at each attempt: who notifies leaves repetitions out.
    Expiring {
        /// When, in seconds since 1970.
        ends_at: i64,
    },
    /// The credential was given up and deleted.
    Disconnected {
        /// Whether the platform has confirmed that it has forgotten the tokens.
        revoked: bool,
    },
}

impl AuthEvent {
    /// What programs call it: `auth_expired`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            AuthEvent::Connected => "connected",
            AuthEvent::Renewed => "renewed",
            AuthEvent::Expired { .. } => "auth_expired",
            AuthEvent::Expiring { .. } => "token_expiring",
            AuthEvent::Disconnected { .. } => "disconnected",
        }
    }
}

/// A request to an authorization server, without what it carried: no query, no body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The method, upper case.
    pub method: String,
    /// Host, with the port where it is not the scheme's own.
    pub host: String,
    /// Path, without the query; of a long one the beginning.
    pub path: String,
    /// HTTP status; none where there was no answer.
    pub status: Option<u16>,
    /// Bytes of the answer's body.
    pub bytes_in: u64,
    /// Bytes of the URL and the body that were sent.
    pub bytes_out: u64,
    /// From the beginning to the last byte of the answer.
    pub duration: Duration,
    /// What it spent: `refresh-token`, `authorization-code`, `client-secret`, `access-token`. The name, never the value.
    pub credential: &'static str,
    /// `ok` where there was an answer, whatever its status; else `unavailable`, `too-large`, `insecure`, `cancelled`.
    pub outcome: &'static str,
}

/// Who is told of events. Called in the middle of things: it notes the event and returns.
pub trait AuthEvents: Send + Sync {
    /// Something has happened.
    fn happened(&self, account: &AccountKey, event: &AuthEvent);

    /// The account's authorization server was asked.
    fn asked(&self, _account: &AccountKey, _request: &Asked) {}
}

/// Nobody.
pub(super) struct Unheard;

impl AuthEvents for Unheard {
    fn happened(&self, _: &AccountKey, _: &AuthEvent) {}
}
