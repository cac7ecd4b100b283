//! A home with the plugins that are there.

use std::sync::Arc;

use super::{App, AppError};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Home, Mentions, Overrides, PlatformSchema};
use crate::plugin::cache::CodeCache;
use crate::plugin::catalog;
use crate::plugin::engine::Engine;
use crate::plugin::lock::{self, LockError};
use crate::plugin::platform::PlatformPlugin;
use crate::plugin::shelf::{Shelf, Standing};

/// A home and the plugins there are. Enough for what must work while the configuration does not.
pub struct Installation {
    /// Where everything is.
    pub home: Home,
    /// What runs plugins.
    pub engine: Engine,
    /// The platforms' plugins: built in and installed.
    pub plugins: Shelf,
    /// What is recorded of installed plugins, by id.
    pub installed: lock::Entries,
    /// Why it is not known what is installed, where that is so.
    pub lock_problem: Option<LockError>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Installation {
    /// Opens a home with the built-in plugins, and those installed ones that its configuration names. Nothing is written but compiled code.
    ///
    /// # Errors
    /// Where the engine cannot be set up or a built-in plugin not be loaded. An installed one that cannot be loaded is among `plugins` all the same.
    pub async fn open(home: Home) -> Result<Installation, AppError> {
        let engine = Engine::new(CodeCache::at(home.component_cache_dir())).map_err(AppError::Machine)?;
        let recorded = lock::read(&home.plugins_lock());
        let plugins = Shelf::fill(&engine, &home, recorded.as_ref()).await?;
        let (installed, lock_problem) = match recorded {
            Ok(entries) => (entries, None),
            Err(error) => (lock::Entries::new(), Some(error)),
        };
        let installation =
            Installation { home, engine, plugins, installed, lock_problem, clock: Arc::new(SystemClock) };
        // Most homes have none, and are spared a look at the configuration.
        if !installation.installed.is_empty() {
            let mentioned = installation.mentions().sections;
            for (id, entry) in &installation.installed {
                if mentioned.contains(id) || entry.described.is_none() {
                    installation.plugins.load(id).await;
                }
            }
        }
        Ok(installation)
    }

    /// The plugins that the configuration names, which may be wrong otherwise.
    #[must_use]
    pub fn mentions(&self) -> Mentions {
        let ids: Vec<&str> = self.installed.keys().map(String::as_str).collect();
        Mentions::read(&self.home, &ids, &Overrides::from_env())
    }

    /// The plugin of a platform that is built in or has a section in the configuration.
    ///
    /// # Errors
    /// [`AppError::UnknownPlatform`], with the nearest there is; [`AppError::Unusable`]; [`AppError::Idle`].
    pub fn plugin(&self, platform: &str) -> Result<&Arc<PlatformPlugin>, AppError> {
        match self.plugins.standing(platform) {
            Some(Standing::Loaded(plugin)) => Ok(plugin),
            Some(Standing::Unusable(unusable)) => Err(AppError::Unusable(Box::new(unusable.clone()))),
            Some(Standing::Idle(_)) => Err(AppError::Idle(platform.to_owned())),
            None => {
                let known: Vec<String> = self.plugins.ids().map(str::to_owned).collect();
                let nearest = known
                    .iter()
                    .max_by(|a, b| strsim::jaro_winkler(a, platform).total_cmp(&strsim::jaro_winkler(b, platform)));
                let nearest = nearest.filter(|name| strsim::jaro_winkler(name, platform) > 0.7).cloned();
                Err(AppError::UnknownPlatform { platform: platform.to_owned(), known, nearest })
            }
        }
    }

    /// The id of a platform whose plugin there is, whether it runs or not: what it found can be read all the same.
    ///
    /// # Errors
    /// [`AppError::UnknownPlatform`].
    pub fn known<'p>(&self, platform: &'p str) -> Result<&'p str, AppError> {
        match self.plugin(platform) {
            Err(unknown @ AppError::UnknownPlatform { .. }) => Err(unknown),
            _ => Ok(platform),
        }
    }

    /// The plugin of a platform that somebody names, or that stored data are of: the configuration need not have a section for it.
    ///
    /// # Errors
    /// As [`Installation::plugin`].
    pub async fn named(&self, platform: &str) -> Result<&Arc<PlatformPlugin>, AppError> {
        self.plugins.load(platform).await;
        self.plugin(platform)
    }

    /// What the configuration is validated against: each platform's own schema. `with` is given them while they are alive.
    pub fn with_schemas<R>(&self, with: impl FnOnce(&[PlatformSchema<'_>]) -> R) -> R {
        let endpoints = |standing: &Standing<'_>| match standing {
            Standing::Loaded(plugin) => plugin.descriptor.origins.iter().map(|o| o.name.clone()).collect(),
            Standing::Idle(entry) => entry.granted.origins.keys().cloned().collect(),
            Standing::Unusable(_) => Vec::new(),
        };
        let all: Vec<(&str, Standing<'_>, Vec<String>)> = self
            .plugins
            .all()
            .map(|(id, standing)| {
                let endpoints = endpoints(&standing);
                (id, standing, endpoints)
            })
            .collect();
        let endpoints: Vec<Vec<&str>> =
            all.iter().map(|(_, _, names)| names.iter().map(String::as_str).collect()).collect();
        let schemas = all.iter().zip(&endpoints).map(|((id, standing, _), endpoints)| {
            let settings = match standing {
                Standing::Loaded(plugin) => Some(plugin.descriptor.settings.as_str()),
                Standing::Idle(entry) => entry.described.as_ref().map(|described| described.settings.as_str()),
                Standing::Unusable(_) => None,
            };
            let schema = match settings {
                Some(settings) if catalog::is_builtin(id) => PlatformSchema::built_in(id, settings),
                Some(settings) => PlatformSchema::installed(id, settings),
                None => PlatformSchema::unread(id),
            };
            schema.with_endpoints(endpoints)
        });
        let schemas: Vec<PlatformSchema<'_>> = schemas.collect();
        with(&schemas)
    }

    /// With the home's configuration, the environment's overrides included.
    ///
    /// # Errors
    /// [`AppError::Config`] with every problem, located.
    pub fn configured(self) -> Result<App, AppError> {
        let loaded = self.with_schemas(|schemas| Config::load_with(&self.home, schemas, &Overrides::from_env()))?;
        Ok(App { installation: self, loaded })
    }
}
