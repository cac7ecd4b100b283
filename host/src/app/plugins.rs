//! Installing and removing plugins. What a plugin wishes for is shown to a person before anything is kept of it.

use std::collections::BTreeSet;
use std::path::Path;

use super::connect;
use super::turn::Turn as ScanTurn;
use super::{App, AppError, Installation, Services};
use crate::config::PlatformSchema;
use crate::lead::AccountKey;
use crate::origin::Origin;
use crate::plugin::catalog;
use crate::plugin::component::{self, ComponentError, Inspected, MAX_COMPONENT, World};
use crate::plugin::digest::Digest;
use crate::plugin::engine::Engine;
use crate::plugin::lock::{self, Entry, LockError, Turn};
use crate::plugin::platform::PlatformPlugin;
use crate::plugin::wishes::Wishes;
use crate::store::{Purge, Scope};
use crate::vault::SecretPath;

/// A component that was read, and asked in a store where every import is refused what it is. Nothing is kept of it yet.
#[derive(Debug)]
pub struct Candidate {
    /// The plugin.
    pub plugin: PlatformPlugin,
    /// What it wishes for.
    pub wishes: Wishes,
    /// Where it came from.
    pub source: String,
    /// Whether it is installed already, so that this puts it right.
    pub repairs: bool,
    file: String,
    component: Vec<u8>,
    entry: Entry,
}

/// Reads a component from a file, and holds it to the contract.
///
/// # Errors
/// [`AppError::NotInstallable`], with what is wrong with it.
pub async fn read(engine: &Engine, file: &Path) -> Result<(PlatformPlugin, Vec<u8>, Digest), AppError> {
    let shown = file.display().to_string();
    let refused = |why: String| AppError::NotInstallable(shown.clone(), why);
    let bytes =
        lock::read_bounded(file, MAX_COMPONENT as u64).map_err(|e| refused(format!("it cannot be read: {e}")))?;
    let unusable = |error: ComponentError| refused(error.to_string());
    let source_digest = Digest::of(&bytes);
    let component = component::encode(engine.editions(), &bytes).map_err(unusable)?.into_owned();
    let world = Inspected::read(engine, &component).map_err(unusable)?.world;
    if world != World::Platform {
        let world = world.as_str();
        return Err(refused(format!("it is a {world}, and this version runs no {world}s yet: it would do nothing")));
    }
    let plugin = PlatformPlugin::load(engine, &shown, &component).await?;
    PlatformSchema::installed(plugin.id(), &plugin.descriptor.settings)
        .check()
        .map_err(|problem| refused(problem.message.clone()))?;
    Ok((plugin, component, source_digest))
}

/// Reads a component that is to be installed. `private_hosts` are hosts of its origins whose addresses need not be public.
///
/// # Errors
/// [`AppError::NotInstallable`]; [`AppError::Lock`] where it is not known what is installed.
pub async fn propose(
    installation: &Installation,
    file: &Path,
    private_hosts: &[String],
) -> Result<Candidate, AppError> {
    if let Some(error) = &installation.lock_problem {
        return Err(error.clone().into());
    }
    let (plugin, component, source_digest) = read(&installation.engine, file).await?;
    let wishes = Wishes::of(&plugin.descriptor, &plugin.inspected);
    let source = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let entry = Entry {
        version: plugin.descriptor.version.clone(),
        world: plugin.inspected.world,
        source: format!("file:{}", source.display()),
        source_sha256: source_digest,
        component_sha256: plugin.inspected.digest,
        granted_at: installation.clock.now(),
        granted: wishes.clone(),
        private_hosts: vet_hosts(&plugin, private_hosts)?,
    };
    let file = file.display().to_string();
    let repairs = vet_id(&installation.installed, plugin.id(), &entry)
        .map_err(|why| AppError::NotInstallable(file.clone(), why))?;
    Ok(Candidate { plugin, wishes, source: entry.source.clone(), repairs, file, component, entry })
}

/// Whether the very same plugin is installed already; an error where another one has the id.
fn vet_id(entries: &lock::Entries, id: &str, entry: &Entry) -> Result<bool, String> {
    if catalog::is_builtin(id) {
        return Err(format!(
            "it calls itself `{id}`, which is a built-in plugin; a plugin cannot take the id of another"
        ));
    }
    match entries.get(id) {
        None => Ok(false),
        Some(there) if there.source_sha256 == entry.source_sha256 => Ok(true),
        Some(there) => Err(format!(
            "another file is installed as `{id}` ({}, from {}); remove that first: ghoststack prospector plugins remove {id}",
            there.version, there.source
        )),
    }
}

/// Hosts that may be private have to be some that the plugin wishes for.
fn vet_hosts(plugin: &PlatformPlugin, hosts: &[String]) -> Result<BTreeSet<String>, AppError> {
    let own: Vec<String> = plugin
        .descriptor
        .origins
        .iter()
        .filter_map(|origin| Some(Origin::parse(&origin.default).ok()?.host().to_owned()))
        .collect();
    let vetted = hosts.iter().map(|host| host.to_ascii_lowercase()).map(|host| match own.contains(&host) {
        true => Ok(host),
        false => Err(AppError::Usage(format!(
            "--allow-host {host}: the plugin has no origin there, but at {}; another place is given by `endpoints:` in its section",
            own.join(", ")
        ))),
    });
    vetted.collect()
}

impl Candidate {
    /// Installs it: the component, then what was granted. A crash in between leaves a file that nothing refers to.
    ///
    /// # Errors
    /// [`AppError::Lock`]; [`AppError::NotInstallable`] where another process took the id meanwhile.
    pub fn install(self, installation: &Installation) -> Result<PlatformPlugin, AppError> {
        let home = &installation.home;
        home.ensure_dir(&home.plugins_dir())?;
        let turn = Turn::take(&home.plugins_turn())?;
        let mut entries = lock::read(&home.plugins_lock())?;
        let id = self.plugin.id().to_owned();
        vet_id(&entries, &id, &self.entry).map_err(|why| AppError::NotInstallable(self.file.clone(), why))?;
        lock::replace(&home.component(&id), &self.component)?;
        entries.insert(id, self.entry);
        turn.write(&home.plugins_lock(), &entries)?;
        Ok(self.plugin)
    }
}

/// What goes when a plugin is removed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Holdings {
    /// The plugin's id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Profiles with a stored credential for it.
    pub credentials: Vec<String>,
    /// Keys of its state.
    pub state_keys: usize,
    /// Pending wake-ups.
    pub wake_ups: usize,
}

/// What an installed plugin holds.
///
/// # Errors
/// [`AppError::NotInstalled`], or [`AppError::Lock`] where it is not known what is installed; the vault's and the store's.
pub async fn holdings(app: &App, services: &Services, id: &str) -> Result<Holdings, AppError> {
    if let Some(error) = &app.installation.lock_problem {
        return Err(error.clone().into());
    }
    let Some(entry) = app.installation.installed.get(id) else {
        return Err(match catalog::is_builtin(id) {
            true => AppError::Usage(format!(
                "`{id}` is built in and cannot be removed; leave it out of `platforms:`, or set `enabled: false` there"
            )),
            false => AppError::NotInstalled(id.to_owned()),
        });
    };
    let mut holdings = Holdings {
        id: id.to_owned(),
        version: entry.version.clone(),
        credentials: Vec::new(),
        state_keys: 0,
        wake_ups: 0,
    };
    // The built-in plugin of this id, which came later, keeps what is there.
    if !catalog::is_builtin(id) {
        let account = app.account(id);
        holdings.credentials = credentials(services, id).await?.into_iter().map(|key| key.profile).collect();
        holdings.state_keys = services.store.state_keys(&account, "").await?.len();
        holdings.wake_ups = services.store.pending_wake_ups(&account).await?.len();
    }
    Ok(holdings)
}

/// Removes an installed plugin with its credentials, state and wake-ups. Leads stay. Gives the accounts whose access could not be revoked at
/// the platform.
///
/// # Errors
/// As [`holdings`]; [`AppError::Busy`] while it is scanned.
pub async fn remove(app: &App, services: &Services, id: &str) -> Result<Vec<String>, AppError> {
    let home = app.home();
    home.ensure_dir(&home.plugins_dir())?;
    let mut unrevoked = Vec::new();
    if !catalog::is_builtin(id) {
        let Some(_scan) = ScanTurn::take(home, id)? else {
            return Err(AppError::Busy(format!("`{id}` is being scanned; wait for it, then repeat the command")));
        };
        unrevoked = purge(app, services, id).await?;
    }
    let turn = Turn::take(&home.plugins_turn())?;
    let mut entries = lock::read(&home.plugins_lock())?;
    entries.remove(id).ok_or_else(|| AppError::NotInstalled(id.to_owned()))?;
    turn.write(&home.plugins_lock(), &entries)?;
    let path = home.component(id);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(LockError::Io { path, doing: "deleted", why: error.to_string() }.into())
        }
        _ => Ok(unrevoked),
    }
}

async fn purge(app: &App, services: &Services, id: &str) -> Result<Vec<String>, AppError> {
    let mut unrevoked = Vec::new();
    if let Some(plugin) = app.installation.plugins.get(id) {
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
