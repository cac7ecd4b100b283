//! What happens to credentials, for whoever wants to know: the audit today, notifications tomorrow.

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

/// Who is told of events. Called in the middle of things: it notes the event and returns.
pub trait AuthEvents: Send + Sync {
    /// Something has happened.
    fn happened(&self, account: &AccountKey, event: &AuthEvent);
}

/// Nobody.
pub(super) struct Unheard;

impl AuthEvents for Unheard {
    fn happened(&self, _: &AccountKey, _: &AuthEvent) {}
}
