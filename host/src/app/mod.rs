//! What Prospector does, for whoever asks: the command line and the daemon today, the dashboard tomorrow.
//!
//! An [`Installation`] is a home with the plugins that are there; [`App`] adds the configuration; [`Services`] are opened when something is to be
//! read, stored or requested. Nothing here prints.

pub mod api_key;
mod attach;
pub mod audit;
pub mod backtest;
pub mod backup;
pub mod connect;
#[cfg(test)]
mod connect_tests;
pub mod contracts;
pub mod custom;
pub mod doctor;
pub mod dropped;
pub mod editing;
pub mod error;
pub mod following;
pub mod history;
mod installation;
pub mod keep_alive;
pub mod kit;
pub mod leads;
pub mod live;
pub mod notify;
pub mod plugins;
pub mod posting;
pub mod profile;
pub mod proposals;
pub mod retention;
pub mod rules;
pub mod run;
pub mod scan;
pub mod secrets;
pub mod settings;
pub mod stats;
pub mod status;
pub mod trouble;
pub mod turn;
pub mod vault;
pub mod wake;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use error::AppError;
pub use installation::Installation;

use crate::auth::{AuthHttp, AuthorizationServer, Credentials, Plaintext, TimeLimits};
use crate::capability::Capabilities;
use crate::capability::ephemeral::Ephemeral;
use crate::capability::http::client::{self, PrivateHosts};
use crate::capability::http::gate::Gate;
use crate::capability::http::policy::Policy;
use crate::capability::records::{Records, StoreRecords};
use crate::config::{Config, Home, Loaded, PlatformSection};
use crate::contract::descriptor::{Authentication, Oauth2};
use crate::contract::types::Attribute;
use crate::lead::AccountKey;
use crate::origin::Origin;
use crate::pipeline::context;
use crate::plugin::grant;
use crate::plugin::installed::Unusable;
use crate::plugin::lock::Entry;
use crate::plugin::platform::{PlatformPlugin, Work};
use crate::plugin::wishes::OAUTH2;
use crate::store::pacing::RateLimit;
use crate::store::{PluginData, SqliteStore, Store};
use crate::vault::SecretStore;

/// An installation with its configuration.
pub struct App {
    /// The home and the plugins.
    pub installation: Installation,
    /// The configuration, with its warnings.
    pub loaded: Loaded,
}

/// Whether something is to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read only: nothing is created.
    Read,
    /// Read and write.
    Write,
}

impl App {
    /// Opens the home named by the environment, with its configuration.
    ///
    /// # Errors
    /// See [`AppError`].
    pub async fn open() -> Result<App, AppError> {
        Installation::open(Home::from_env()?).await?.configured()
    }

    /// The same for a command that may be about one platform alone, which need not have a section.
    ///
    /// # Errors
    /// See [`AppError`]. What keeps that platform's plugin from being loaded is said by who asks for it.
    pub async fn open_for(platform: Option<&str>) -> Result<App, AppError> {
        let app = App::open().await?;
        if let Some(platform) = platform {
            app.installation.plugins.load(platform).await;
        }
        Ok(app)
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.loaded.config
    }

    /// The home.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.installation.home
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.installation.clock.now()
    }

    /// Whose data a platform's is.
    #[must_use]
    pub fn account(&self, platform: &str) -> AccountKey {
        AccountKey {
            profile: self.config().profile.name.clone(),
            platform: platform.to_owned(),
            account: "default".to_owned(),
        }
    }

    /// The platform asked for, or all that are enabled. One that is asked for is loaded before: see [`App::open_for`].
    ///
    /// # Errors
    /// As [`Installation::plugin`].
    pub fn platforms(&self, only: Option<&str>) -> Result<Vec<Arc<PlatformPlugin>>, AppError> {
        match only {
            Some(platform) => Ok(vec![self.installation.plugin(platform)?.clone()]),
            None => {
                let enabled = |id: &str| self.config().platforms.get(id).is_some_and(|section| section.enabled);
                Ok(self.installation.plugins.loaded().filter(|plugin| enabled(plugin.id())).cloned().collect())
            }
        }
    }

    /// The same, with those whose plugin is not loaded beside them, for what has something to say of each.
    ///
    /// # Errors
    /// [`AppError::UnknownPlatform`].
    pub fn asked(&self, only: Option<&str>) -> Result<(Vec<Arc<PlatformPlugin>>, Vec<&Unusable>), AppError> {
        let unusable = self.unusable(only);
        let plugins = if only.is_some() && !unusable.is_empty() { Vec::new() } else { self.platforms(only)? };
        Ok((plugins, unusable))
    }

    fn unusable(&self, only: Option<&str>) -> Vec<&Unusable> {
        let enabled = |id: &str| self.config().platforms.get(id).is_some_and(|section| section.enabled);
        let wanted = |id: &str| only.map_or_else(|| enabled(id), |only| only == id);
        let plugins = &self.installation.plugins;
        plugins.unusable().filter(|of| wanted(&of.id) && plugins.get(&of.id).is_none()).collect()
    }

    /// A platform's section of the configuration.
    ///
    /// # Errors
    /// [`AppError::UnknownPlatform`], where no section and no default belongs to it.
    pub fn section(&self, platform: &str) -> Result<&PlatformSection, AppError> {
        self.config().platforms.get(platform).ok_or_else(|| AppError::UnknownPlatform {
            platform: platform.to_owned(),
            known: self.config().platforms.keys().cloned().collect(),
            nearest: None,
        })
    }

    /// A platform's own settings, as its plugin is given them.
    ///
    /// # Errors
    /// As [`App::section`].
    pub fn settings(&self, platform: &str) -> Result<Vec<Attribute>, AppError> {
        Ok(context::attributes(&self.section(platform)?.settings))
    }

    /// Where the person points a platform's origins.
    fn endpoints(&self, platform: &str) -> Result<BTreeMap<String, Origin>, AppError> {
        let parsed = self.section(platform)?.endpoints.iter().map(|(name, origin)| {
            let parsed = Origin::parse(origin)
                .map_err(|e| AppError::Plugin(format!("`platforms.{platform}.endpoints.{name}`: {e}")))?;
            Ok((name.clone(), parsed))
        });
        parsed.collect()
    }

    /// The secret store that the configuration chooses.
    #[must_use]
    pub fn vault(&self) -> Arc<dyn SecretStore> {
        secrets::open(self.home(), &self.config().vault)
    }

    /// Opens what stores, keeps secrets and sends requests.
    ///
    /// # Errors
    /// The store's, or where the machine's certificates cannot be used.
    pub async fn services(&self, access: Access) -> Result<Services, AppError> {
        let path = self.home().store_db();
        let store: Arc<dyn Store> = Arc::new(match access {
            Access::Read => SqliteStore::open_read_only(&path).await?,
            Access::Write => SqliteStore::open(&path).await?,
        });
        if access == Access::Write {
            retention::purge(self, store.as_ref()).await;
        }
        let using = vault::Using::begin(self, access)?;
        let vault = self.vault();
        let private = PrivateHosts::default();
        for platform in self.installation.plugins.ids() {
            for origin in self.endpoints(platform)?.values() {
                private.grant(origin.host());
            }
        }
        let logs_in = |entry: &&Entry| entry.granted.credential.as_ref().is_some_and(|of| of.kind == OAUTH2);
        let granted = self.installation.installed.values().filter(logs_in).flat_map(|entry| &entry.private_hosts);
        granted.for_each(|host| private.grant(host));
        let http = AuthHttp::new(Plaintext::OnLoopback, TimeLimits::default(), &private)?;
        let dry = (access == Access::Read).then(|| Arc::new(Ephemeral::over(store.clone())));
        let records = StoreRecords::new(store.clone());
        let clock = self.installation.clock.clone();
        let noted: Arc<dyn Records> = match &dry {
            Some(dry) => dry.clone(),
            None => Arc::new(records.clone()),
        };
        let events = Arc::new(attach::AuditedEvents { records: noted, clock: clock.clone() });
        Ok(Services {
            dry,
            records,
            credentials: Credentials::telling(events, vault.clone(), http, clock),
            store,
            vault,
            _using: using,
        })
    }

    /// A platform's authorization server as it is in force.
    ///
    /// # Errors
    /// Where the platform has no OAuth log-in, or the descriptor cannot be used.
    pub fn authorization_server(&self, plugin: &PlatformPlugin) -> Result<AuthorizationServer, AppError> {
        let oauth = oauth2(plugin)?;
        let endpoints = self.endpoints(plugin.id())?;
        let origins = grant::origins(&plugin.descriptor, &endpoints).map_err(AppError::Plugin)?;
        // Plain HTTP is for what the person pointed at this machine; a descriptor's own origins are never served by it.
        let plaintext =
            if endpoints.values().any(Origin::is_loopback) { Plaintext::OnLoopback } else { Plaintext::Never };
        let server = AuthorizationServer::resolve(
            plugin.id(),
            oauth,
            |name| origins.get(name).map(ToString::to_string),
            plaintext,
        );
        Ok(server.map_err(crate::auth::AuthError::from)?)
    }

    /// The origins in force for names of a descriptor's.
    fn audience(&self, plugin: &PlatformPlugin, names: &[String]) -> Result<BTreeSet<String>, AppError> {
        let origins = grant::origins(&plugin.descriptor, &self.endpoints(plugin.id())?).map_err(AppError::Plugin)?;
        Ok(names.iter().filter_map(|name| origins.get(name)).map(ToString::to_string).collect())
    }

    /// What a plugin needs to work for its account, with the credential's server put in force.
    ///
    /// # Errors
    /// As [`App::authorization_server`].
    pub fn work(&self, services: &Services, plugin: &PlatformPlugin) -> Result<Work, AppError> {
        self.put_in_force(services, plugin)?;
        self.work_with(services, plugin, Arc::new(services.credentials.clone()))
    }

    /// Says where a plugin's credential comes from and goes to.
    fn put_in_force(&self, services: &Services, plugin: &PlatformPlugin) -> Result<(), AppError> {
        match &plugin.descriptor.authentication {
            Authentication::Oauth2(_) => services.credentials.put_in_force(self.authorization_server(plugin)?),
            Authentication::ApiKey(key) => {
                services.credentials.put_key_in_force(plugin.id(), self.audience(plugin, &key.audience)?);
            }
            Authentication::None => {}
        }
        Ok(())
    }

    /// The same with credentials from elsewhere than the vault.
    fn work_with(
        &self,
        services: &Services,
        plugin: &PlatformPlugin,
        credentials: Arc<dyn crate::capability::Credentials>,
    ) -> Result<Work, AppError> {
        let policy = self.policy(plugin)?;
        let clock = self.installation.clock.clone();
        let (data, records): (Arc<dyn PluginData>, Arc<dyn Records>) = match &services.dry {
            Some(dry) => (dry.clone(), dry.clone()),
            None => (services.store.clone(), Arc::new(services.records.clone())),
        };
        // A client of its own: what one platform's hosts are exempt from, another's are not.
        let private = PrivateHosts::default();
        let client = client::client(&private).map_err(AppError::Machine)?;
        let gate = Gate::new(policy, client, &private, credentials.clone(), records, clock.clone());
        Ok(Work {
            account: self.account(plugin.id()),
            capabilities: Arc::new(Capabilities { gate, credentials, data, clock }),
        })
    }

    /// What a plugin may request: its wishes, with what the person has granted and set.
    fn policy(&self, plugin: &PlatformPlugin) -> Result<Policy, AppError> {
        let mut policy = grant::policy(&plugin.descriptor, &self.endpoints(plugin.id())?).map_err(AppError::Plugin)?;
        if let Some(entry) = self.installation.installed.get(plugin.id()) {
            policy.private_hosts.extend(entry.private_hosts.iter().cloned());
        }
        if let Some(requests) = self.section(plugin.id())?.requests_per_minute {
            policy.limits = vec![RateLimit { requests, window: 60 }];
        }
        Ok(policy)
    }
}

/// What a plugin's descriptor says of OAuth.
///
/// # Errors
/// Where it says something else.
pub fn oauth2(plugin: &PlatformPlugin) -> Result<&Oauth2, AppError> {
    match &plugin.descriptor.authentication {
        Authentication::Oauth2(oauth) => Ok(oauth),
        Authentication::ApiKey(_) => {
            Err(AppError::Unsupported(format!("{} takes an API key, and no log-in", plugin.descriptor.display_name)))
        }
        Authentication::None => {
            Err(AppError::Unsupported(format!("{} needs no log-in", plugin.descriptor.display_name)))
        }
    }
}

/// What stores, keeps secrets and sends requests.
pub struct Services {
    /// Leads, scans, plugins' state.
    pub store: Arc<dyn Store>,
    /// Secrets.
    pub vault: Arc<dyn SecretStore>,
    /// Credentials in the vault.
    pub credentials: Credentials,
    records: StoreRecords,
    /// Where nothing is to be written: what plugins are given instead.
    dry: Option<Arc<Ephemeral>>,
    _using: vault::Using,
}

impl Services {
    /// By how many seconds hosts' clocks are ahead of this machine's, as far as they were asked.
    #[must_use]
    pub fn clocks(&self) -> BTreeMap<String, i64> {
        self.records.clocks()
    }

    /// Writes what is pending and closes the store.
    pub async fn close(self) {
        self.records.flush().await;
        self.store.close().await;
    }
}
