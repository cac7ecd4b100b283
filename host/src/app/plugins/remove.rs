//! Removing an installed plugin with all that it holds.

use crate::app::connect;
use crate::app::turn::Turn as ScanTurn;
use crate::app::{App, AppError, Installation, Services};
use crate::lead::AccountKey;
use crate::plugin::component::World;
use crate::plugin::lock::Entry;
use crate::plugin::{catalog, kept};
use crate::store::{Purge, Scope};
use crate::vault::SecretPath;

/// What goes when a plugin is removed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Holdings {
    /// The plugin's id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its world.
    pub world: World,
    /// Where the configuration names it: `platforms.board`, `plugins.filters[0]`.
    pub named_at: Vec<String>,
    /// Profiles with a stored credential for it.
    pub credentials: Vec<String>,
    /// Keys of its state.
    pub state_keys: usize,
    /// Pending wake-ups.
    pub wake_ups: usize,
}

/// The record of a plugin that can be removed. The configuration may be wrong.
///
/// # Errors
/// [`AppError::NotInstalled`], [`AppError::StillNamed`] where the configuration names it all the same, [`AppError::Lock`] where it is not known
/// what is installed, [`AppError::Usage`] of a built-in one.
pub fn removable<'i>(installation: &'i Installation, id: &str) -> Result<&'i Entry, AppError> {
    if let Some(error) = &installation.lock_problem {
        return Err(error.clone().into());
    }
    if let Some(entry) = installation.installed.get(id) {
        return Ok(entry);
    }
    if catalog::is_builtin(id) {
        return Err(AppError::Usage(format!(
            "`{id}` is built in and cannot be removed; leave it out of `platforms:`, or set `enabled: false` there"
        )));
    }
    let places = installation.mentions().places(id);
    if places.is_empty() {
        return Err(AppError::NotInstalled(id.to_owned()));
    }
    Err(AppError::StillNamed { id: id.to_owned(), places, file: installation.home.config_file() })
}

/// What an installed plugin holds.
///
/// # Errors
/// As [`removable`]; the vault's and the store's.
pub async fn holdings(app: &App, services: &Services, id: &str) -> Result<Holdings, AppError> {
    let entry = removable(&app.installation, id)?;
    let mut holdings = Holdings {
        id: id.to_owned(),
        version: entry.version.clone(),
        world: entry.world,
        named_at: app.installation.mentions().places(id),
        credentials: Vec::new(),
        state_keys: 0,
        wake_ups: 0,
    };
    // The built-in plugin of this id, which came later, keeps what is there; a filter or scorer holds nothing.
    if !catalog::is_builtin(id) && entry.world == World::Platform {
        let account = app.account(id);
        holdings.credentials = credentials(services, id).await?.into_iter().map(|key| key.profile).collect();
        holdings.state_keys = services.store.state_keys(&account, "").await?.len();
        holdings.wake_ups = services.store.pending_wake_ups(&account).await?.len();
    }
    Ok(holdings)
}

/// Removes an installed plugin with its credentials, state, wake-ups and compiled code. Leads stay. Gives the accounts whose access could not be revoked at
/// the platform.
///
/// # Errors
/// As [`holdings`]; [`AppError::Busy`] while it is scanned.
pub async fn remove(app: &App, services: &Services, id: &str) -> Result<Vec<String>, AppError> {
    let home = app.home();
    home.ensure_dir(&home.plugins_dir())?;
    let mut unrevoked = Vec::new();
    let is_platform = app.installation.installed.get(id).is_some_and(|entry| entry.world == World::Platform);
    if !catalog::is_builtin(id) && is_platform {
        let Some(_scan) = ScanTurn::take(home, id)? else {
            return Err(AppError::Busy(format!("`{id}` is being scanned; wait for it, then repeat the command")));
        };
        unrevoked = purge(app, services, id).await?;
    }
    let (turn, mut entries) = kept::settled(home)?;
    let entry = entries.remove(id).ok_or_else(|| AppError::NotInstalled(id.to_owned()))?;
    turn.write(&home.plugins_lock(), &entries)?;
    kept::delete(home, id)?;
    app.installation.engine.cache().forget(entry.component_sha256);
    Ok(unrevoked)
}

async fn purge(app: &App, services: &Services, id: &str) -> Result<Vec<String>, AppError> {
    let mut unrevoked = Vec::new();
    if let Some(plugin) = app.installation.plugins.load(id).await {
        // With its plugin, access can be revoked where the platform offers it.
        let done = connect::disconnect(app, services, plugin).await?;
        if done.existed && !matches!(done.revocation, crate::auth::Revocation::Done) {
            unrevoked.push(app.account(id).profile);
        }
    }
    for account in credentials(services, id).await? {
        services.credentials.disconnect(&account).await?;
        services.store.purge(&Scope::from(&account), Purge::PluginData).await?;
        unrevoked.push(account.profile);
    }
    let own = Scope { account: None, ..Scope::from(&app.account(id)) };
    services.store.purge(&own, Purge::PluginData).await?;
    Ok(unrevoked)
}

/// Accounts of a platform with a stored credential, of any profile.
async fn credentials(services: &Services, id: &str) -> Result<Vec<AccountKey>, AppError> {
    let stored = |error: crate::vault::VaultError| AppError::Auth(error.into());
    let under = SecretPath::from_segments(["credentials"]).map_err(|e| stored(e.into()))?;
    let paths = services.vault.list(Some(&under)).await.map_err(stored)?;
    let of = |path: &SecretPath| match <[String; 4]>::try_from(path.segments().collect::<Vec<_>>()) {
        Ok([_, profile, platform, account]) if platform == id => Some(AccountKey { profile, platform, account }),
        _ => None,
    };
    Ok(paths.iter().filter_map(of).collect())
}
