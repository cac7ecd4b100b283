//! Settings that only their plugin can judge: a country that is none, a category that the platform does not have.

use super::Installation;
use crate::config::{ConfigErrors, Loaded};
use crate::contract::types::{Context, ErrorKind};
use crate::pipeline::context;
use crate::plugin::fault::CallError;

impl Installation {
    /// Asks the plugin of each enabled platform, and each filter and scorer, whether it can work with its settings. Nothing is asked of a platform, so what only that
    /// knows shows in a scan.
    ///
    /// # Errors
    /// What plugins refuse, located.
    pub async fn check_settings(&self, loaded: &Loaded) -> Result<(), ConfigErrors> {
        let mut problems = Vec::new();
        for (id, section) in loaded.config.platforms.iter().filter(|(_, section)| section.enabled) {
            let Some(plugin) = self.plugins.load(id).await else { continue };
            let context = Context {
                now: self.clock.now(),
                profile: context::profile(&loaded.config.profile, id),
                settings: context::attributes(&section.settings),
                parameters: context::parameters(&loaded.config.scoring),
            };
            match plugin.check_settings(&context).await {
                Err(CallError::Refused(error)) if error.kind == ErrorKind::InvalidInput => {
                    problems.push(loaded.refused(id, error.code.as_deref(), &error.message, error.remedy));
                }
                Err(error) => {
                    tracing::warn!(platform = id, %error, "the plugin did not say whether its settings can be used")
                }
                Ok(()) => {}
            }
        }
        if !problems.is_empty() {
            return Err(loaded.with(problems));
        }
        self.customs(loaded).await.map(drop)
    }
}
