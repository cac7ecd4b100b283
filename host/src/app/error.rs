//! What can keep a command from doing its work, with the exit code that a script decides on.

use std::path::PathBuf;

use super::backup::BackupError;
use crate::auth::AuthError;
use crate::auth::loopback::LoopbackError;
use crate::config::{ConfigErrors, HomeError, InitError, ReplaceError};
use crate::plugin::fault::CallError;
use crate::plugin::installed::Unusable;
use crate::plugin::lock::LockError;
use crate::plugin::platform::LoadError;
use crate::registry::RegistryError;
use crate::store::{ScanFailure, StoreError};
use crate::vault::VaultError;

/// Exit codes. They are part of the interface: scripts decide on them.
pub mod exit {
    /// It was done.
    pub const OK: u8 = 0;
    /// It failed in a way that no other code names.
    pub const FAILURE: u8 = 1;
    /// The command line was wrong.
    pub const USAGE: u8 = 2;
    /// The configuration was wrong.
    pub const CONFIG: u8 = 3;
    /// A platform is not connected, or its access has ended: run `connect`.
    pub const AUTH: u8 = 4;
    /// A platform or the network did not serve: try again later.
    pub const UNAVAILABLE: u8 = 5;
    /// A plugin failed or cannot be used.
    pub const PLUGIN: u8 = 6;
    /// The home, the vault or the store could not be read or written.
    pub const STORAGE: u8 = 7;
    /// Another process is doing it.
    pub const BUSY: u8 = 8;
    /// What was asked for is not there.
    pub const NOT_FOUND: u8 = 9;
}

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No plugin serves the platform.
    #[error("there is no platform `{platform}`{}; there are: {}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default(), known.join(", "))]
    UnknownPlatform {
        /// What was asked for.
        platform: String,
        /// What there is.
        known: Vec<String>,
        /// What was likely meant.
        nearest: Option<String>,
    },
    /// The configuration cannot be used.
    #[error("{0}")]
    Config(#[from] ConfigErrors),
    /// The configuration cannot be written.
    #[error("{0}")]
    Init(#[from] InitError),
    /// The configuration cannot be replaced.
    #[error("{0}")]
    Replace(#[from] ReplaceError),
    /// The configuration cannot be edited by program.
    #[error("{} cannot be edited safely: {why}", path.display())]
    Uneditable {
        /// The file.
        path: PathBuf,
        /// What stands in the way.
        why: String,
        /// The section as it would be, to be pasted.
        paste: String,
    },
    /// No channel is configured that could notify anybody.
    #[error("no channel for notifications is configured")]
    NoChannel,
    /// None of several platforms is connected.
    #[error("no platform is connected; run `ghoststack prospector connect <platform>` with one of: {0}")]
    NotConnected(String),
    /// A platform's failure, with what to do about it.
    #[error("{message}")]
    Failed {
        /// What happened.
        message: String,
        /// What to do next.
        remedy: Option<String>,
        /// The exit code that belongs to it.
        exit_code: u8,
    },
    /// The home cannot be used.
    #[error("{0}")]
    Home(#[from] HomeError),
    /// The store.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// Credentials.
    #[error("{0}")]
    Auth(#[from] AuthError),
    /// A refusal of the platform's, in its plugin's words.
    #[error("{title}: {message}")]
    Explained {
        /// A few words: `Application pending`.
        title: String,
        /// What it means.
        message: String,
        /// What to do next.
        remedy: String,
    },
    /// The secret store.
    #[error("{0}")]
    Vault(#[from] VaultError),
    /// The callback listener.
    #[error("{0}")]
    Loopback(#[from] LoopbackError),
    /// A plugin cannot be loaded.
    #[error("{0}")]
    Load(#[from] LoadError),
    /// A plugin cannot be used as it is configured.
    #[error("{0}")]
    Plugin(String),
    /// An installed plugin is not loaded.
    #[error("{0}")]
    Unusable(Box<Unusable>),
    /// An installed plugin that nothing has named.
    #[error("`{0}` is installed, and has no section `platforms.{0}` in the configuration")]
    Idle(String),
    /// The record of installed plugins.
    #[error("{0}")]
    Lock(#[from] LockError),
    /// A component cannot be installed.
    #[error("cannot install {0}: {1}")]
    NotInstallable(String, String),
    /// Another version of an installed plugin cannot take its place.
    #[error("`{id}` cannot be updated from {shown}: {why}")]
    NoUpdate {
        /// The plugin's id.
        id: String,
        /// Where the other version is.
        shown: String,
        /// What is wrong with it.
        why: String,
    },
    /// A registry does not give what was asked for.
    #[error("{0}")]
    Registry(#[from] RegistryError),
    /// No installed plugin has the id.
    #[error("no installed plugin has the id `{0}`; `ghoststack prospector plugins list` shows what there is")]
    NotInstalled(String),
    /// No installed plugin has the id, which the configuration names.
    #[error("no installed plugin has the id `{id}`; {} in {} still names it: delete that", places.join(" and "), file.display())]
    StillNamed {
        /// The id.
        id: String,
        /// Where.
        places: Vec<String>,
        /// The configuration.
        file: PathBuf,
    },
    /// A backup was not made or not restored.
    #[error("{0}")]
    Backup(#[from] BackupError),
    /// Another process is at it.
    #[error("{0}")]
    Busy(String),
    /// A call into a plugin.
    #[error("{0}")]
    Call(#[from] CallError),
    /// The platform, or this version, does not offer it.
    #[error("{0}")]
    Unsupported(String),
    /// What was given on the command line or in the environment.
    #[error("{0}")]
    Usage(String),
    /// This machine.
    #[error("{0}")]
    Machine(String),
}

impl AppError {
    /// What to do next, where the message does not say so itself.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        match self {
            AppError::Explained { remedy, .. } => Some(remedy),
            AppError::Call(CallError::Refused(error)) => error.remedy.as_deref(),
            AppError::Failed { remedy, .. } => remedy.as_deref(),
            AppError::Uneditable { .. } => {
                Some("Put the section printed above in the place of yours, then run the command again")
            }
            AppError::Unusable(unusable) => Some(&unusable.remedy),
            AppError::UnknownPlatform { .. } => Some(
                "Another marketplace needs its plugin first: `ghoststack prospector plugins install` with its file or its place in a registry",
            ),
            AppError::NoChannel => Some(super::notify::HOW_TO_CONFIGURE),
            _ => None,
        }
    }

    /// A call's failure, with the host's words for what to do where the plugin has none.
    #[must_use]
    pub fn from_call(error: &CallError) -> AppError {
        let failure = crate::pipeline::failure(error);
        let exit_code = of_failure(&failure);
        AppError::Failed { message: failure.message, remedy: failure.remedy, exit_code }
    }

    /// The exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            AppError::UnknownPlatform { .. } | AppError::Usage(_) => exit::USAGE,
            AppError::Config(_) | AppError::Idle(_) => exit::CONFIG,
            AppError::Uneditable { .. } | AppError::NoChannel => exit::CONFIG,
            AppError::Failed { exit_code, .. } => *exit_code,
            AppError::Replace(ReplaceError::Changed { .. }) => exit::BUSY,
            AppError::Init(_) | AppError::Home(_) | AppError::Replace(_) => exit::STORAGE,
            AppError::Store(
                StoreError::ScanRunning { .. } | StoreError::Busy { .. } | StoreError::LeaseLost { .. },
            ) => exit::BUSY,
            AppError::Store(
                StoreError::NoSuchPosting { .. }
                | StoreError::Ambiguous { .. }
                | StoreError::NoSuchProposal { .. }
                | StoreError::NoSuchContract { .. },
            ) => exit::NOT_FOUND,
            AppError::Store(StoreError::ProposalChanged { .. }) => exit::BUSY,
            AppError::Store(StoreError::ProposalExists { .. }) => exit::FAILURE,
            AppError::Store(_) => exit::STORAGE,
            AppError::Auth(AuthError::Store(_) | AuthError::Unreadable { .. }) | AppError::Vault(_) => exit::STORAGE,
            AppError::Auth(error) if error.is_transient() => exit::UNAVAILABLE,
            AppError::Auth(_) | AppError::Explained { .. } | AppError::Loopback(_) | AppError::NotConnected(_) => {
                exit::AUTH
            }
            AppError::Backup(
                BackupError::Exists { .. } | BackupError::NotEmpty { .. } | BackupError::ShortPassphrase,
            ) => exit::USAGE,
            AppError::Backup(BackupError::NoHome { .. }) => exit::NOT_FOUND,
            AppError::Backup(BackupError::InUse { .. }) => exit::BUSY,
            AppError::Backup(_) => exit::STORAGE,
            AppError::Lock(LockError::Busy) | AppError::Busy(_) => exit::BUSY,
            AppError::Lock(_) => exit::STORAGE,
            AppError::NotInstalled(_) | AppError::StillNamed { .. } => exit::NOT_FOUND,
            AppError::Registry(error) => of_registry(error),
            AppError::Load(_)
            | AppError::Plugin(_)
            | AppError::Unusable(_)
            | AppError::NotInstallable(..)
            | AppError::NoUpdate { .. }
            | AppError::Call(CallError::Fault(_)) => exit::PLUGIN,
            AppError::Call(CallError::Refused(error)) => of_kind(crate::capability::http::gate::kind_name(error.kind)),
            AppError::Unsupported(_) | AppError::Machine(_) => exit::FAILURE,
        }
    }
}

fn of_registry(error: &RegistryError) -> u8 {
    match error {
        RegistryError::Unreachable { .. }
        | RegistryError::Tls { .. }
        | RegistryError::RateLimited { .. }
        | RegistryError::Status { .. } => exit::UNAVAILABLE,
        RegistryError::Refused { .. } | RegistryError::Credentials(_) => exit::AUTH,
        RegistryError::NotFound { .. } => exit::NOT_FOUND,
        RegistryError::Nonsense { .. }
        | RegistryError::Elsewhere { .. }
        | RegistryError::TooLarge { .. }
        | RegistryError::Digest { .. }
        | RegistryError::Manifest { .. } => exit::PLUGIN,
    }
}

/// The exit code of a scan's failure.
#[must_use]
pub fn of_failure(failure: &ScanFailure) -> u8 {
    of_kind(&failure.kind)
}

/// The exit code of a kind of failure.
#[must_use]
pub fn of_kind(kind: &str) -> u8 {
    match kind {
        "unauthenticated" | "forbidden" => exit::AUTH,
        "unavailable" | "rate-limited" | "unexpected-answer" | "exhausted" | "too-large" => exit::UNAVAILABLE,
        "fault" | "internal" | "denied" => exit::PLUGIN,
        "invalid-input" => exit::CONFIG,
        "not-found" => exit::NOT_FOUND,
        "storage" => exit::STORAGE,
        "busy" => exit::BUSY,
        _ => exit::FAILURE,
    }
}
