//! Whether Prospector can reach an account, and what it may do there.

use serde::Serialize;

use super::error::exit;
use super::trouble::{Trouble, ended, lacking, refused};
use super::{App, AppError, Services, oauth2};
use crate::auth::{CredentialInfo, CredentialState, unused_end};
use crate::contract::account::{Holding, Identity};
use crate::contract::descriptor::Authentication;
use crate::contract::types::ErrorKind;
use crate::plugin::fault::CallError;
use crate::plugin::installed::Unusable;
use crate::plugin::platform::PlatformPlugin;

/// The states of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There is no credential.
    Disconnected,
    /// The credential works, as far as was asked.
    Connected,
    /// The platform no longer accepts it; only `connect` repairs that.
    AuthExpired,
    /// Something else is wrong; the error says what.
    Error,
}

/// How one connects to a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogIn {
    /// Not at all.
    None,
    /// In the browser.
    #[serde(rename = "oauth2")]
    Oauth2,
    /// By a key, which does not end.
    ApiKey,
    /// Its plugin is not loaded.
    Unknown,
}

/// A permission, as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Permission {
    /// As the descriptor has it.
    pub name: String,
    /// False where the platform says, or a call showed, that it is missing.
    pub granted: bool,
    /// Whether the platform states it or a call proved it.
    pub verified: bool,
}

/// One platform's connection.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlatformStatus {
    /// The platform's id.
    pub platform: String,
    /// Its name for people.
    pub name: String,
    /// How one connects to it.
    pub authentication: LogIn,
    /// How it stands.
    pub state: State,
    /// Who the credential belongs to, by the name the platform gave.
    pub account: Option<String>,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// When the present access token ends, in seconds since 1970; it is renewed ahead of that.
    pub token_expires_at: Option<i64>,
    /// When the refresh token dies if it is not used until then, in seconds since 1970; none where it does not. It is used in time.
    pub refresh_token_unused_until: Option<i64>,
    /// When a scan last ended well, in seconds since 1970.
    pub last_sync_at: Option<i64>,
    /// Whether the platform was asked just now.
    pub checked: bool,
    /// What is wrong, if anything is.
    pub error: Option<Trouble>,
}

impl PlatformStatus {
    /// The exit code for scripts: 0 if connected.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match (&self.error, self.state) {
            (Some(trouble), _) => trouble.exit_code,
            (None, State::Disconnected | State::AuthExpired) => exit::AUTH,
            (None, _) => exit::OK,
        }
    }
}

/// How a platform's connection stands. Asks the platform unless `offline`.
///
/// # Errors
/// The vault's and the store's. That the platform cannot be reached is no error here but part of the answer.
pub async fn status(
    app: &App,
    services: &Services,
    plugin: &PlatformPlugin,
    offline: bool,
) -> Result<PlatformStatus, AppError> {
    let account = app.account(plugin.id());
    let mut status = PlatformStatus {
        platform: plugin.id().to_owned(),
        name: plugin.descriptor.display_name.clone(),
        authentication: log_in(plugin),
        state: State::Disconnected,
        account: None,
        scopes: Vec::new(),
        token_expires_at: None,
        refresh_token_unused_until: None,
        last_sync_at: services.store.last_sync(&account).await?,
        checked: false,
        error: None,
    };
    if matches!(plugin.descriptor.authentication, Authentication::None) {
        status.state = State::Connected;
        return Ok(status);
    }
    let Some(credential) = services.credentials.describe(&account).await? else { return Ok(status) };
    status.take(plugin, &credential);
    status.scopes = permissions(plugin, &credential, None)?;
    if status.state == State::AuthExpired {
        status.error = Some(ended(plugin, &credential, app.now()).await);
        return Ok(status);
    }
    if offline {
        return Ok(status);
    }
    let work = app.work(services, plugin)?;
    let told = plugin.identify(&work, &app.settings(plugin.id())?).await;
    status.checked = true;
    // It may have been renewed, or have turned out to be dead, while the platform was asked.
    let credential = services.credentials.describe(&account).await?.unwrap_or(credential);
    status.take(plugin, &credential);
    match told {
        Ok(identity) => {
            services.credentials.set_username(&account, &identity.username).await?;
            status.scopes = permissions(plugin, &credential, Some(&identity))?;
            status.account = Some(identity.username);
            let missing: Vec<&str> =
                status.scopes.iter().filter(|scope| !scope.granted).map(|scope| scope.name.as_str()).collect();
            if !missing.is_empty() {
                status.error = Some(lacking(plugin, &missing, app.now()).await);
            }
        }
        Err(CallError::Refused(error)) if error.kind == ErrorKind::Unauthenticated => {
            status.error = Some(match status.state {
                State::AuthExpired => ended(plugin, &credential, app.now()).await,
                _ => refused(plugin, &error),
            });
            status.state = State::AuthExpired;
        }
        Err(CallError::Refused(error)) => {
            status.state = State::Error;
            status.error = Some(refused(plugin, &error));
        }
        Err(CallError::Fault(fault)) => {
            status.state = State::Error;
            let remedy = "Run it again with -v for the plugin's log, and report it to the plugin's author".to_owned();
            status.error = Some(Trouble {
                title: "Plugin failed".to_owned(),
                message: fault.to_string(),
                remedy,
                exit_code: exit::PLUGIN,
            });
        }
    }
    Ok(status)
}

impl PlatformStatus {
    fn take(&mut self, plugin: &PlatformPlugin, credential: &CredentialInfo) {
        self.state = match credential.state {
            CredentialState::Connected => State::Connected,
            CredentialState::AuthExpired => State::AuthExpired,
        };
        self.account.clone_from(&credential.username);
        self.token_expires_at = credential.expires_at;
        self.refresh_token_unused_until = match &plugin.descriptor.authentication {
            Authentication::Oauth2(oauth) => unused_end(credential, oauth.refresh_token_idle_lifetime),
            Authentication::ApiKey(_) | Authentication::None => None,
        };
    }
}

/// The permissions that were asked for, as the platform holds them.
fn permissions(
    plugin: &PlatformPlugin,
    credential: &CredentialInfo,
    identity: Option<&Identity>,
) -> Result<Vec<Permission>, AppError> {
    let Authentication::Oauth2(_) = &plugin.descriptor.authentication else {
        // What a key allows is between the person and the platform; its plugin may know.
        let known = identity.map(|identity| identity.permissions.as_slice()).unwrap_or_default();
        let known = known.iter().map(|permission| Permission {
            name: permission.scope.clone(),
            granted: permission.holding != Holding::Missing,
            verified: permission.holding != Holding::Unverified,
        });
        return Ok(known.collect());
    };
    let holding = |name: &str| {
        identity.and_then(|identity| identity.permissions.iter().find(|p| p.scope == name)).map(|p| p.holding)
    };
    let declared = oauth2(plugin)?.scopes.iter().filter(|scope| credential.scopes_asked.contains(&scope.name));
    Ok(declared
        .map(|scope| {
            let holding = holding(&scope.name);
            Permission {
                name: scope.name.clone(),
                granted: holding != Some(Holding::Missing),
                verified: matches!(holding, Some(Holding::Held | Holding::Missing)),
            }
        })
        .collect())
}

/// How one connects, by the descriptor.
#[must_use]
pub fn log_in(plugin: &PlatformPlugin) -> LogIn {
    match &plugin.descriptor.authentication {
        Authentication::None => LogIn::None,
        Authentication::Oauth2(_) => LogIn::Oauth2,
        Authentication::ApiKey(_) => LogIn::ApiKey,
    }
}

/// How an installed platform stands whose plugin is not loaded.
///
/// # Errors
/// The store's.
pub async fn not_loaded(app: &App, services: &Services, plugin: &Unusable) -> Result<PlatformStatus, AppError> {
    Ok(PlatformStatus {
        platform: plugin.id.clone(),
        name: plugin.id.clone(),
        authentication: LogIn::Unknown,
        state: State::Error,
        account: None,
        scopes: Vec::new(),
        token_expires_at: None,
        refresh_token_unused_until: None,
        last_sync_at: services.store.last_sync(&app.account(&plugin.id)).await?,
        checked: false,
        error: Some(Trouble {
            title: "Plugin not loaded".to_owned(),
            message: plugin.to_string(),
            remedy: plugin.remedy.clone(),
            exit_code: exit::PLUGIN,
        }),
    })
}
