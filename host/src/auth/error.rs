//! What can go wrong, for a program (the variant) and for a person (the text, which ends in what to do).

use std::sync::Arc;

use super::callback::CallbackError;
use super::intent::Interruption;
use super::server::ServerError;
use crate::contract::account::{Refusal, Stage};
use crate::vault::VaultError;

/// Why there is no token. No text or `Debug` output holds a secret.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AuthError {
    /// The platform said no. Its plugin may know more: `account.explain`.
    #[error(
        "{platform} refused {}: {}; check the application's registration there, then run `ghoststack prospector connect {platform}`",
        stage_words(refusal.stage),
        refusal_words(refusal)
    )]
    Refused {
        /// The platform.
        platform: String,
        /// What it said.
        refusal: Refusal,
    },
    /// The network or the platform is down, slow, failing or asks to wait. Says nothing about the grant.
    #[error(
        "the log-in service of {platform} is not available: {what}; {}, then repeat the command",
        wait_words(*retry_after)
    )]
    Unavailable {
        /// The platform.
        platform: String,
        /// What happened.
        what: String,
        /// Seconds to wait, where the platform says.
        retry_after: Option<u32>,
        /// Whether it may have done what it was asked all the same.
        acted: bool,
    },
    /// The platform answered something that cannot be read as an answer.
    #[error(
        "the log-in service of {platform} answered {what}{}; repeat the command later, and check the platform's origins in \
         prospector.yaml if it persists",
        status.map(|status| format!(" (HTTP {status})")).unwrap_or_default()
    )]
    Unintelligible {
        /// The platform.
        platform: String,
        /// HTTP's status, if it came to that.
        status: Option<u16>,
        /// What it was.
        what: String,
    },
    /// An answer that belongs to another log-in, or was made up.
    #[error(
        "the answer does not belong to this log-in (its state differs), so it was not used; run `ghoststack prospector connect \
         {platform}` again and follow only the address that it opens"
    )]
    StateMismatch {
        /// The platform.
        platform: String,
    },
    /// An answer in the name of another server.
    #[error(
        "the answer names an issuer that is not the log-in service of {platform}, so it was not used; run `ghoststack prospector \
         connect {platform}` again, and report it to the platform if it persists"
    )]
    WrongIssuer {
        /// The platform.
        platform: String,
    },
    /// The descriptor lacks the grant that was asked for.
    #[error(
        "{platform} does not offer the grant {grant}; run `ghoststack prospector connect {platform}` without --grant"
    )]
    GrantNotOffered {
        /// The platform.
        platform: String,
        /// The grant: `client-credentials`.
        grant: &'static str,
    },
    /// What was pasted is no answer.
    #[error(transparent)]
    Callback(#[from] CallbackError),
    /// The descriptor cannot be used.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// No plugin in force describes the platform's authorization server.
    #[error("no plugin in force says how to log in to {platform}; see `ghoststack prospector plugins list`")]
    UnknownPlatform {
        /// The platform.
        platform: String,
    },
    /// There is no credential.
    #[error("{platform} is not connected (account {account}); run `ghoststack prospector connect {platform}`")]
    NotConnected {
        /// The platform.
        platform: String,
        /// The account's name.
        account: String,
    },
    /// The grant is gone.
    #[error(
        "the access to {platform} has ended{}{}; run `ghoststack prospector connect {platform}`",
        refusal.as_ref().map(|refusal| format!(" ({})", refusal_words(refusal))).unwrap_or_default(),
        interruption.as_ref().map(|what| format!(": {what}")).unwrap_or_default()
    )]
    Expired {
        /// The platform.
        platform: String,
        /// What the platform said, if it said anything.
        refusal: Option<Refusal>,
        /// The renewal that is the likely cause, if one was cut short.
        interruption: Option<Interruption>,
    },
    /// Another process is renewing the access token.
    #[error(
        "another process is renewing the access to {platform}; repeat the command in a moment, or, if that process was stopped, in \
         {seconds} s, when its turn is over"
    )]
    Renewing {
        /// The platform.
        platform: String,
        /// Seconds until its turn is over, whatever became of it.
        seconds: u32,
    },
    /// The configuration or the plugin points elsewhere than when the person connected.
    #[error(
        "the credential of {platform} was made for {recorded}, but {what} in force is {present}, so it was not sent there; run \
         `ghoststack prospector connect {platform}`, or undo the change of the platform's origins"
    )]
    EndpointsChanged {
        /// The platform.
        platform: String,
        /// Which of the addresses.
        what: &'static str,
        /// As it was.
        recorded: String,
        /// As it is.
        present: String,
    },
    /// What the vault holds is no credential.
    #[error("the stored credential of {platform} cannot be read: {what}; {remedy}")]
    Unreadable {
        /// The platform.
        platform: String,
        /// What is wrong with it.
        what: &'static str,
        /// What to do.
        remedy: String,
    },
    /// The vault failed.
    #[error("{0}")]
    Store(Arc<VaultError>),
    /// Another process kept changing the credential.
    #[error("other processes keep changing the credential of {platform}; repeat the command when they are done")]
    Contended {
        /// The platform.
        platform: String,
    },
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up ({what}); check the certificates that this machine trusts")]
    NoClient {
        /// Why.
        what: String,
    },
    /// The runtime stopped.
    #[error("the program is shutting down; run the command again")]
    ShuttingDown,
}

impl AuthError {
    /// Whether asking later may help without anybody doing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. }
                | Self::Unintelligible { .. }
                | Self::Renewing { .. }
                | Self::Contended { .. }
                | Self::ShuttingDown
        )
    }

    /// Whether the platform may have done what it was asked although this came of it.
    pub(super) fn leaves_doubt(&self) -> bool {
        match self {
            Self::Unavailable { acted, .. } => *acted,
            Self::Unintelligible { status, .. } => status.is_some_and(|status| (200..300).contains(&status)),
            _ => false,
        }
    }

    /// What the platform said, for its plugin to explain.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            Self::Expired { refusal, .. } => refusal.as_ref(),
            _ => None,
        }
    }
}

impl From<VaultError> for AuthError {
    fn from(error: VaultError) -> Self {
        Self::Store(Arc::new(error))
    }
}

fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Authorization => "the authorization",
        Stage::Exchange => "to exchange the code for tokens",
        Stage::Refresh => "to renew the access token",
        Stage::Request => "a request",
    }
}

fn refusal_words(refusal: &Refusal) -> String {
    match (&refusal.code, &refusal.message, refusal.status) {
        (Some(code), Some(message), _) => format!("{code}: {message}"),
        (Some(words), None, _) | (None, Some(words), _) => words.clone(),
        (None, None, Some(status)) => format!("HTTP {status}, without a reason"),
        (None, None, None) => "without a reason".to_owned(),
    }
}

fn wait_words(retry_after: Option<u32>) -> String {
    match retry_after {
        Some(seconds) => format!("wait {seconds} s, as it asks"),
        None => "wait a little, and check the network".to_owned(),
    }
}
