//! The person's own filters and scorers: read from the files that the configuration lists, each held to its digest, its world and its settings.
//!
//! One that cannot be used is an error of the configuration, at its place: leaving a filter out in silence would show what it was to hide.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{App, Installation};
use crate::config::{ConfigErrors, CustomEntry, CustomKind, CustomPlace, Diagnostic, Loaded};
use crate::contract::types::{Context, ErrorKind};
use crate::pipeline::context;
use crate::pipeline::judge::{Configured, Customs};
use crate::plugin::component::{MAX_COMPONENT, World};
use crate::plugin::custom::CustomPlugin;
use crate::plugin::digest::Digest;
use crate::plugin::fault::CallError;
use crate::plugin::lock;

/// One that can be used.
pub struct Custom {
    /// What it is listed as.
    pub kind: CustomKind,
    /// The plugin.
    pub plugin: Arc<CustomPlugin>,
    /// Its file, as the configuration writes it.
    pub file: String,
    /// Of the file.
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
        let path = entry.path(&self.home);
        let bytes = lock::read_bounded(&path, MAX_COMPONENT as u64).map_err(|error| {
            let message = format!("{} cannot be read: {error}", path.display());
            bad("file", &message, "a relative path begins at the folder of this file")
        })?;
        let digest = Digest::of(&bytes);
        if entry.sha256.as_ref().is_some_and(|wanted| *wanted != digest.to_string()) {
            let message = format!("{} is another file than is listed: its digest is {digest}", path.display());
            return Err(bad(
                "sha256",
                &message,
                "put the file back; or look what has changed, and list the new digest",
            ));
        }
        let world = match place.kind {
            CustomKind::Filter => World::Filter,
            CustomKind::Scorer => World::Scorer,
        };
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let plugin = CustomPlugin::load(&self.engine, &name, &bytes, world).await.map_err(|error| {
            bad("file", &error.to_string(), "list a component that was built for this world and this version")
        })?;
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
            Err(error) => Err(bad("file", &error.to_string(), "report it to the plugin's author, or take it out")),
            Ok(()) => Ok(Custom {
                kind: place.kind,
                plugin: Arc::new(plugin),
                file: entry.file.display().to_string(),
                digest,
                settings,
            }),
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
