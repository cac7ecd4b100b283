//! The person's own filters and scorers: read from the files, or found among the installed plugins, that the configuration lists, each held to its
//! digest, its world and its settings.
//!
//! One that cannot be used is an error of the configuration, at its place: leaving a filter out in silence would show what it was to hide.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{App, AppError, Installation};
use crate::config::{ConfigErrors, CustomEntry, CustomKind, CustomPlace, CustomSource, Diagnostic, Loaded};
use crate::contract::types::{Context, ErrorKind};
use crate::pipeline::context;
use crate::pipeline::judge::{Configured, Customs};
use crate::plugin::component::{MAX_COMPONENT, World};
use crate::plugin::custom::CustomPlugin;
use crate::plugin::digest::Digest;
use crate::plugin::fault::CallError;
use crate::plugin::installed::{self, Reason, Unusable};
use crate::plugin::lock;
use crate::plugin::platform::LoadError;

/// What to do about a component of another world.
const BUILT_FOR: &str = "list a component that was built for this world and this version";

/// One that can be used.
pub struct Custom {
    /// What it is listed as.
    pub kind: CustomKind,
    /// The plugin.
    pub plugin: Arc<CustomPlugin>,
    /// Where it is, as the configuration writes it.
    pub source: CustomSource,
    /// Of the file as it came.
    pub digest: Digest,
    /// Its settings, with defaults.
    pub settings: Map<String, Value>,
}

impl Installation {
    /// Loads all that the configuration lists, filters first, in their order.
    ///
    /// # Errors
    /// What is wrong with each that cannot be used, located.
    pub async fn customs(&self, loaded: &Loaded) -> Result<Vec<Custom>, ConfigErrors> {
        let (mut customs, mut problems) = (Vec::new(), Vec::new());
        for (place, entry) in loaded.customs() {
            match self.custom(loaded, place, entry).await {
                Ok(custom) => customs.push(custom),
                Err(mut found) => problems.append(&mut found),
            }
        }
        if problems.is_empty() { Ok(customs) } else { Err(loaded.with(problems)) }
    }

    async fn custom(
        &self,
        loaded: &Loaded,
        place: CustomPlace,
        entry: &CustomEntry,
    ) -> Result<Custom, Vec<Diagnostic>> {
        let bad = |key, message: &str, help: &str| vec![loaded.unusable_custom(place, key, message, help)];
        let world = match place.kind {
            CustomKind::Filter => World::Filter,
            CustomKind::Scorer => World::Scorer,
        };
        let found = match &entry.source {
            CustomSource::File { file, sha256 } => self.load_file(file, sha256.as_deref(), world).await,
            CustomSource::Installed(id) => self.load_listed(id, world).await,
        };
        let (plugin, digest) = found.map_err(|Unfit { key, message, help }| bad(key, &message, &help))?;
        let settings = loaded.custom_settings(place, plugin.id(), &plugin.descriptor.settings, &entry.settings)?;
        let context = Context {
            now: self.clock.now(),
            profile: context::profile(&loaded.config.profile, ""),
            settings: context::attributes(&settings),
            parameters: context::parameters(&loaded.config.scoring),
        };
        match plugin.check_settings(&context).await {
            Err(CallError::Refused(error)) if error.kind == ErrorKind::InvalidInput => {
                let key = error.code.map_or("settings".to_owned(), |setting| format!("settings.{setting}"));
                let help = error.remedy.unwrap_or_else(|| "correct the setting".to_owned());
                Err(bad(&key, &error.message, &help))
            }
            Err(error) => Err(bad("", &error.to_string(), "report it to the plugin's author, or take it out")),
            Ok(()) => Ok(Custom {
                kind: place.kind,
                plugin: Arc::new(plugin),
                source: entry.source.clone(),
                digest,
                settings,
            }),
        }
    }
}

/// Why one that is listed cannot be used: at which key, what is wrong, and what to do.
struct Unfit {
    key: &'static str,
    message: String,
    help: String,
}

impl Installation {
    /// A component in a file, with the file's digest.
    async fn load_file(
        &self,
        file: &Path,
        sha256: Option<&str>,
        world: World,
    ) -> Result<(CustomPlugin, Digest), Unfit> {
        // A relative path begins beside the configuration.
        let path = self.home.root().join(file);
        let unfit = |key, message: String, help: &str| Unfit { key, message, help: help.to_owned() };
        let bytes = lock::read_bounded(&path, MAX_COMPONENT as u64).map_err(|error| {
            let message = format!("{} cannot be read: {error}", path.display());
            unfit("file", message, "a relative path begins at the folder of this file")
        })?;
        let digest = Digest::of(&bytes);
        if sha256.is_some_and(|wanted| *wanted != digest.to_string()) {
            let message = format!("{} is another file than is listed: its digest is {digest}", path.display());
            let help = "put the file back; or look what has changed, and list the new digest";
            return Err(unfit("sha256", message, help));
        }
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let loaded = CustomPlugin::load(&self.engine, &name, &bytes, world).await;
        let plugin = loaded.map_err(|error| unfit("file", error.to_string(), BUILT_FOR))?;
        Ok((plugin, digest))
    }

    /// An installed one, with the digest of the file as it came.
    async fn load_listed(&self, id: &str, world: World) -> Result<(CustomPlugin, Digest), Unfit> {
        let unfit = |message: String, help: String| Unfit { key: "plugin", message, help };
        if let Some(error) = &self.lock_problem {
            return Err(unfit(
                format!("it is not known what is installed: {error}"),
                "put that right first".to_owned(),
            ));
        }
        let Some(entry) = self.installed.get(id) else {
            let fit = self.installed.iter().filter(|(_, entry)| entry.world == world).map(|(id, _)| id.as_str());
            let there = match fit.collect::<Vec<_>>().join(", ") {
                none if none.is_empty() => format!("no {} is installed", world.as_str()),
                ids => format!("installed {}s: {ids}", world.as_str()),
            };
            let help = format!("install it: `ghoststack prospector plugins install FILE`; {there}");
            return Err(unfit(format!("no installed plugin has the id `{id}`"), help));
        };
        match installed::custom(&self.engine, &self.home, id, entry, world).await {
            Ok(plugin) => Ok((plugin, entry.source_sha256)),
            Err(Unusable { why: Reason::Load(error @ LoadError::World { .. }), .. }) => {
                Err(unfit(error.to_string(), BUILT_FOR.to_owned()))
            }
            Err(unusable) => Err(unfit(unusable.to_string(), unusable.remedy)),
        }
    }

    /// The installed filters and scorers that run, and those that do not, by id.
    pub async fn installed_customs(&self) -> (Vec<CustomPlugin>, Vec<Unusable>) {
        let (mut customs, mut unusable) = (Vec::new(), Vec::new());
        for (id, entry) in self.installed.iter().filter(|(_, entry)| entry.world != World::Platform) {
            match installed::custom(&self.engine, &self.home, id, entry, entry.world).await {
                Ok(plugin) => customs.push(plugin),
                Err(why) => unusable.push(why),
            }
        }
        (customs, unusable)
    }

    /// An installed filter or scorer, as what it is recorded as; none where no such has the id.
    ///
    /// # Errors
    /// [`AppError::Unusable`].
    pub async fn installed_custom(&self, id: &str) -> Result<Option<CustomPlugin>, AppError> {
        match self.installed.get(id) {
            Some(entry) => self.installed_custom_as(id, entry.world).await,
            None => Ok(None),
        }
    }

    /// The same, as a filter or as a scorer: a component may be both.
    ///
    /// # Errors
    /// [`AppError::Unusable`].
    pub async fn installed_custom_as(&self, id: &str, world: World) -> Result<Option<CustomPlugin>, AppError> {
        let Some(entry) = self.installed.get(id).filter(|entry| entry.world != World::Platform) else {
            return Ok(None);
        };
        match installed::custom(&self.engine, &self.home, id, entry, world).await {
            Ok(plugin) => Ok(Some(plugin)),
            Err(unusable) => Err(AppError::Unusable(Box::new(unusable))),
        }
    }
}

impl App {
    /// The person's own filters and scorers, as a scan runs them.
    ///
    /// # Errors
    /// As [`Installation::customs`].
    pub async fn customs(&self) -> Result<Customs, ConfigErrors> {
        let mut customs = Customs::default();
        for custom in self.installation.customs(&self.loaded).await? {
            let configured = Configured { plugin: custom.plugin, settings: context::attributes(&custom.settings) };
            match custom.kind {
                CustomKind::Filter => customs.filters.push(configured),
                CustomKind::Scorer => customs.scorers.push(configured),
            }
        }
        Ok(customs)
    }
}
