//! What can be switched at an authorisation server while it runs.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How the consent page is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// A page asks the person.
    Ask,
    /// At once, with yes.
    Allow,
    /// At once, with no.
    Deny,
}

/// What a refresh answers with. Which of them the platform does is unconfirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum RefreshAnswer {
    /// A new refresh token; the old one is dead.
    Rotate,
    /// The same refresh token again.
    Keep,
    /// No refresh token; the old one stays good.
    Omit,
}

/// What a refresh token comes to that is used again after a rotation. Which of them a platform does is unconfirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ReuseAnswer {
    /// It is refused, and nothing else happens.
    Refuse,
    /// It is refused, and all tokens that followed from the same agreement end: somebody must have stolen it (RFC 9700, 4.14.2).
    EndGrant,
}

/// Switches and lifetimes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuthSettings {
    /// The application has not been approved by the platform yet.
    pub pending: bool,
    /// How the consent page is answered.
    pub consent: Consent,
    /// What a refresh answers with.
    pub refresh: RefreshAnswer,
    /// What a refresh token comes to that is used again after a rotation.
    pub reuse: ReuseAnswer,
    /// Whether `code_verifier` is checked where a `code_challenge` was sent. Off, both are ignored.
    pub pkce: bool,
    /// Life of an authorisation code, seconds.
    pub code_seconds: i64,
    /// Life of an access token, seconds.
    pub access_seconds: i64,
    /// Life of a refresh token since its last use, seconds; 0 means that it does not end.
    pub refresh_seconds: i64,
}
