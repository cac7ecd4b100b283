//! What there is to say of the secret store.

use serde::Serialize;

use super::copying;
use super::journal::{Journal, Place, Stage};
use crate::app::{Access, App, AppError, secrets};
use crate::config::VaultBackend;
use crate::vault::{EmbeddedError, HashiCorpError, VaultError};

/// Whether the store serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It gives secrets out.
    Ok,
    /// A server that waits for its keys.
    Sealed,
    /// A server that was never set up.
    NotInitialised,
    /// A server that cannot be reached.
    Unreachable,
    /// The log-in is refused, or may not do what is needed.
    Denied,
    /// The key cannot be had: a passphrase, a keyring, a file.
    Locked,
    /// Anything else.
    Error,
}

/// What there is to say.
#[derive(Debug, Serialize)]
pub struct Status {
    /// Which store.
    pub backend: &'static str,
    /// Where it is.
    pub location: String,
    /// What protects it.
    pub protection: String,
    /// Whether it serves.
    pub state: State,
    /// Why it does not, with what to do.
    pub error: Option<String>,
    /// The server's version, as it says.
    pub version: Option<String>,
    /// How many secrets it holds for us.
    pub secrets: Option<usize>,
    /// What an earlier `vault migrate` left to do.
    pub migration: Option<Unfinished>,
}

/// What an earlier migration left to do.
#[derive(Debug, Serialize)]
pub struct Unfinished {
    /// Whether it was interrupted; else only copies are left.
    pub interrupted: bool,
    /// Where secrets were before.
    pub from: Place,
    /// Where they were to be.
    pub to: Place,
    /// What finishes it.
    pub next: String,
}

/// Asks the store.
///
/// # Errors
/// Where secrets are being moved, or the home cannot be read. What is wrong with the store itself is in the answer.
pub async fn status(app: &App) -> Result<Status, AppError> {
    let _using = super::Using::begin(app, Access::Read)?;
    let vault = &app.config().vault;
    let store = secrets::open(app.home(), vault);
    let description = store.describe();
    let version = match (vault.backend, secrets::server(vault)) {
        (VaultBackend::HashiCorp, Some(server)) => server.health().await.ok().and_then(|health| health.version),
        _ => None,
    };
    let found = copying::paths(&*store).await;
    let migration = Journal::read(app.home())?.map(|journal| unfinished(journal, description.backend));
    Ok(Status {
        backend: description.backend,
        location: description.location,
        protection: description.protection,
        state: found.as_ref().err().map_or(State::Ok, state),
        error: found.as_ref().err().map(ToString::to_string),
        version,
        secrets: found.ok().map(|paths| paths.len()),
        migration,
    })
}

fn unfinished(journal: Journal, in_force: &str) -> Unfinished {
    let Journal { stage, from, to, .. } = journal;
    let switched = stage == Stage::Moved || in_force == to.backend;
    let purge = if switched { " --purge" } else { "" };
    let next = format!("ghoststack prospector vault migrate --to {}{purge}", to.backend);
    Unfinished { interrupted: !switched, from, to, next }
}

fn state(error: &VaultError) -> State {
    match error {
        VaultError::HashiCorp(error) => of_server(error),
        VaultError::Embedded(
            EmbeddedError::NoPassphrase { .. }
            | EmbeddedError::WrongPassphrase { .. }
            | EmbeddedError::Keyring { .. }
            | EmbeddedError::NotInKeyring { .. }
            | EmbeddedError::KeySource { .. }
            | EmbeddedError::KeyMissing { .. },
        ) => State::Locked,
        _ => State::Error,
    }
}

fn of_server(error: &HashiCorpError) -> State {
    match error {
        HashiCorpError::Sealed { .. } => State::Sealed,
        HashiCorpError::NotInitialised { .. } => State::NotInitialised,
        HashiCorpError::Unreachable { .. } | HashiCorpError::TimedOut { .. } | HashiCorpError::Unavailable { .. } => {
            State::Unreachable
        }
        HashiCorpError::Denied { .. }
        | HashiCorpError::LogInRefused { .. }
        | HashiCorpError::TokenExpired { .. }
        | HashiCorpError::NothingToLogInWith { .. }
        | HashiCorpError::UnusableCredential { .. } => State::Denied,
        _ => State::Error,
    }
}
