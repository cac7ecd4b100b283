//! The errors of RFC 6749, sections 4.1.2.1 and 5.2.

use serde_json::json;

use crate::exchange::Reply;
use crate::faults::Failure;

/// An OAuth error: code and description.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub struct OAuthError {
    /// RFC 6749's code, such as `invalid_grant`.
    pub code: &'static str,
    /// A sentence for people.
    pub description: String,
}

impl OAuthError {
    /// An error.
    #[must_use]
    pub fn new(code: &'static str, description: impl Into<String>) -> Self {
        Self { code, description: description.into() }
    }

    /// The application waits for the platform's approval. The wire form is assumed.
    #[must_use]
    pub fn pending() -> Self {
        Self::new("unauthorized_client", "This application is pending approval and cannot be used yet.")
    }

    /// The grant (code or refresh token) is gone, spent, expired or somebody else's.
    #[must_use]
    pub fn invalid_grant(description: impl Into<String>) -> Self {
        Self::new("invalid_grant", description)
    }

    /// The answer of the token endpoint: 401 for a client that is not who it says, else 400.
    #[must_use]
    pub fn reply(&self) -> Reply {
        let status = if self.code == "invalid_client" { 401 } else { 400 };
        Reply::json(status, &json!({"error": self.code, "error_description": self.description}))
            .with_header("cache-control", "no-store")
    }
}

/// A failure that a fault asks for, at an OAuth endpoint. `message` is the platform's usual one.
#[must_use]
pub fn failure(failure: &Failure, message: &str) -> Reply {
    let code = failure.error_code.as_deref().unwrap_or(match failure.status {
        401 => "invalid_client",
        403 => "access_denied",
        429 => "temporarily_unavailable",
        500..=599 => "server_error",
        _ => "invalid_request",
    });
    let description = failure.message.as_deref().unwrap_or(message);
    Reply::json(failure.status, &json!({"error": code, "error_description": description}))
}
