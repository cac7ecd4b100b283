//! What is wrong with a connection, in words for a person: the plugin's where it has any.

use serde::Serialize;

use super::error::exit;
use crate::auth::{CredentialInfo, Interruption};
use crate::contract::account::{Refusal, Stage};
use crate::contract::types::{Error, ErrorKind};
use crate::plugin::fault::CallError;
use crate::plugin::platform::PlatformPlugin;

/// What is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// A few words.
    pub title: String,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub remedy: String,
    #[serde(skip)]
    pub(super) exit_code: u8,
}

fn connect_command(plugin: &PlatformPlugin) -> String {
    format!("Run `ghoststack prospector connect {}`", plugin.id())
}

/// The grant is gone: in the plugin's words for what the platform said, and after a renewal that was cut short with what came of that.
pub(super) async fn ended(plugin: &PlatformPlugin, credential: &CredentialInfo, now: i64) -> Trouble {
    if let Some(interruption) = &credential.interruption {
        return interrupted(plugin, interruption);
    }
    if let Some(refusal) = &credential.refusal
        && let Ok(Some(said)) = plugin.explain(refusal, now).await
    {
        return Trouble { title: said.title, message: said.message, remedy: said.remedy, exit_code: exit::AUTH };
    }
    let message = format!("{} no longer accepts the stored credential", plugin.descriptor.display_name);
    Trouble { title: "Access ended".to_owned(), message, remedy: connect_command(plugin), exit_code: exit::AUTH }
}

/// Nothing was revoked: the product has lost the tokens itself.
fn interrupted(plugin: &PlatformPlugin, what: &Interruption) -> Trouble {
    Trouble {
        title: "Renewal cut short".to_owned(),
        message: format!("{what} (it was {})", what.owner),
        remedy: connect_command(plugin),
        exit_code: exit::AUTH,
    }
}

/// Permissions are missing: the plugin's own words for it.
pub(super) async fn lacking(plugin: &PlatformPlugin, missing: &[&str], now: i64) -> Trouble {
    let refusal = Refusal {
        stage: Stage::Request,
        status: None,
        code: Some("missing-scopes".to_owned()),
        message: Some(missing.join(", ")),
    };
    match plugin.explain(&refusal, now).await {
        Ok(Some(said)) => {
            Trouble { title: said.title, message: said.message, remedy: said.remedy, exit_code: exit::AUTH }
        }
        Ok(None) | Err(_) => {
            let message = format!("The application lacks: {}", missing.join(", "));
            Trouble {
                title: "Missing scopes".to_owned(),
                message,
                remedy: connect_command(plugin),
                exit_code: exit::AUTH,
            }
        }
    }
}

pub(super) fn refused(plugin: &PlatformPlugin, error: &Error) -> Trouble {
    let failure = crate::pipeline::failure(&CallError::Refused(error.clone()));
    Trouble {
        title: "Problem".to_owned(),
        message: failure.message.clone(),
        remedy: if error.kind == ErrorKind::Unauthenticated && error.remedy.is_none() {
            connect_command(plugin)
        } else {
            failure.remedy.clone().unwrap_or_default()
        },
        exit_code: super::error::of_failure(&failure),
    }
}
