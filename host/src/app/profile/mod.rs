//! The person's profile: what it is, and filling it from connected accounts.
//!
//! ```text
//! account --profile.read--> Told --merge--> Plan { entries for a person, changes } --edit--> text --validate--> the file, replaced
//! ```

pub mod draft;
mod merge;

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::editing::uneditable;
use super::{App, AppError, Services};
use crate::auth::{AuthError, CredentialState};
use crate::config::OwnFile;
use crate::contract::descriptor::Authentication;
use crate::contract::profile::Found;
use crate::plugin::fault::CallError;
use crate::plugin::platform::PlatformPlugin;

pub use merge::{Action, Entry, Plan, merge};

/// The section of the configuration.
pub(super) const SECTION: &str = "profile";

/// What an account says.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The platform's id.
    pub platform: String,
    /// Its name for people.
    pub name: String,
    /// What it says.
    pub found: Found,
}

/// What became of asking the accounts.
#[derive(Debug, Default)]
pub struct Asked {
    /// What they say, in order.
    pub told: Vec<Told>,
    /// Names of platforms that tell nothing.
    pub mute: Vec<String>,
    /// Platforms that could not be asked, by name, and why.
    pub failed: Vec<(String, CallError)>,
}

/// The platforms to import from: the one asked for, or all enabled ones that are connected, in order.
///
/// # Errors
/// Where none is connected, with the command that connects one, or where the one asked for tells nothing.
pub async fn sources(app: &App, services: &Services, only: Option<&str>) -> Result<Vec<Arc<PlatformPlugin>>, AppError> {
    let candidates = app.platforms(only)?;
    let mut connected = Vec::new();
    for plugin in &candidates {
        if only.is_some() && !plugin.reads_profiles() {
            return Err(mute(&plugin.descriptor.display_name));
        }
        let has = match plugin.descriptor.authentication {
            Authentication::None => true,
            Authentication::Oauth2(_) | Authentication::ApiKey(_) => {
                services.credentials.describe(&app.account(plugin.id())).await?.is_some_and(|credential| {
                    // One that has ended is asked where it alone is meant: the plugin says what to do.
                    only.is_some() || credential.state == CredentialState::Connected
                })
            }
        };
        if has {
            connected.push(plugin.clone());
        }
    }
    if !connected.is_empty() {
        return Ok(connected);
    }
    match candidates.as_slice() {
        [plugin] => {
            let account = app.account(plugin.id());
            Err(AuthError::NotConnected { platform: account.platform, account: account.account }.into())
        }
        [] => {
            Err(AppError::Usage("no platform is enabled; list one under `platforms:` in the configuration".to_owned()))
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|plugin| plugin.id()).collect();
            Err(AppError::NotConnected(ids.join(", ")))
        }
    }
}

/// Asks the accounts, one after the other. That one of them fails does not keep the others from telling.
///
/// # Errors
/// The first failure where none has told anything, or where none can.
pub async fn ask(app: &App, services: &Services, plugins: &[Arc<PlatformPlugin>]) -> Result<Asked, AppError> {
    let mut asked = Asked::default();
    for plugin in plugins {
        let name = plugin.descriptor.display_name.clone();
        let work = app.work(services, plugin)?;
        match plugin.read_profile(&work, &app.settings(plugin.id())?).await {
            Ok(Some(found)) => asked.told.push(Told { platform: plugin.id().to_owned(), name, found }),
            Ok(None) => asked.mute.push(name),
            Err(error) => asked.failed.push((name, error)),
        }
    }
    if asked.told.is_empty() {
        return Err(match asked.failed.into_iter().next() {
            Some((_, error)) => AppError::from_call(&error),
            None => mute(&asked.mute.join(", ")),
        });
    }
    Ok(asked)
}

fn mute(name: &str) -> AppError {
    AppError::Unsupported(format!(
        "{name} does not tell skills and rates to a program; enter them yourself: `ghoststack prospector profile edit`"
    ))
}

/// What an import is about to do.
#[derive(Debug)]
pub struct Import {
    file: OwnFile,
    /// What changes and what is kept.
    pub plan: Plan,
    text: Option<String>,
}

impl Import {
    /// Merges what accounts say into the home's file. Nothing is written yet.
    ///
    /// # Errors
    /// Where the file cannot be read or used, or not be edited: then with the section to paste.
    pub fn prepare(app: &App, told: &[Told], overwrite: bool) -> Result<Import, AppError> {
        let file = OwnFile::read(app.home())?;
        let section = app.installation.with_schemas(|schemas| file.section(SECTION, schemas))?;
        let plan = merge(&section, told, overwrite);
        if plan.changes.is_empty() {
            return Ok(Import { file, plan, text: None });
        }
        let edited = file.edited(&plan.changes);
        let text = edited.map_err(|why| uneditable(&file, SECTION, section, &plan.changes, &why.to_string()))?;
        app.installation.with_schemas(|schemas| file.check(text.as_bytes(), schemas))?;
        Ok(Import { file, plan, text: Some(text) })
    }

    /// The file that it is about.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        self.file.path()
    }

    /// Whether there is anything to change.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.text.is_some()
    }

    /// Writes the file.
    ///
    /// # Errors
    /// Where it was changed meanwhile, or cannot be written.
    pub fn apply(&self, app: &App) -> Result<(), AppError> {
        match &self.text {
            Some(text) => Ok(self.file.replace(app.home(), text.as_bytes())?),
            None => Ok(()),
        }
    }
}

/// The profile in effect, and where each part comes from.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// The configuration file.
    pub file: std::path::PathBuf,
    /// Whether it says nothing that postings can be judged by.
    pub empty: bool,
    /// Each key in effect, without its section's name, with its origin.
    pub settings: Vec<crate::config::Setting>,
}

/// The profile that judging uses.
#[must_use]
pub fn show(app: &App) -> Shown {
    let profile = &app.config().profile;
    let rates = &profile.rates;
    let priced = [&rates.hourly, &rates.fixed].iter().any(|range| range.minimum.or(range.preferred).is_some());
    let of_profile = |setting: &&crate::config::Setting| setting.path.starts_with("profile.");
    Shown {
        file: app.home().config_file(),
        empty: profile.skills.is_empty() && !priced,
        settings: app.loaded.settings.iter().filter(of_profile).cloned().collect(),
    }
}

impl Shown {
    /// A key's value, and where it comes from.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&crate::config::Setting> {
        self.settings.iter().find(|setting| setting.path.strip_prefix("profile.") == Some(key))
    }

    /// Several keys as one object, as the file would have them.
    #[must_use]
    pub fn value(&self) -> Value {
        let mut value = Value::Object(serde_json::Map::new());
        for setting in &self.settings {
            let mut here = &mut value;
            for key in setting.path.split('.').skip(1) {
                if !here.is_object() {
                    *here = Value::Object(serde_json::Map::new());
                }
                here = &mut here[key];
            }
            *here = setting.value.clone();
        }
        value
    }
}
