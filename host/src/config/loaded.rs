//! What is wrong with a configuration that only others than this room can tell.

use serde_json::Value;

use super::Loaded;
use super::diagnostic::{ConfigErrors, Diagnostic, printable};
use super::explain::value_place;
use super::pointer::{Pointer, dotted};

impl Loaded {
    /// What a platform's plugin refuses of its settings, where it stands: at the setting, or at the element of its list that the message
    /// quotes; at the section where no setting is named.
    #[must_use]
    pub fn refused(&self, platform: &str, setting: Option<&str>, message: &str, remedy: Option<String>) -> Diagnostic {
        let section = Pointer::of(["platforms", platform]);
        let value = |setting: &&str| self.config.platforms.get(platform).and_then(|of| of.settings.get(*setting));
        let at = match setting.and_then(|setting| Some((setting, value(&setting)?))) {
            None => section,
            Some((setting, value)) => {
                let is_meant = |item: &Value| item.as_str().is_some_and(|item| message.contains(&format!("`{item}`")));
                let element = value.as_array().and_then(|items| items.iter().position(is_meant));
                let at = section.join(setting);
                element.map_or(at.clone(), |element| at.join(&element.to_string()))
            }
        };
        let problem = Diagnostic::error("refused-by-plugin", value_place(&self.places, &at), printable(message, 1000));
        let problem = problem.at(dotted(&at));
        match remedy {
            Some(remedy) => problem.help(printable(&remedy, 1000)),
            None => problem,
        }
    }

    /// Its warnings with problems that make it unusable.
    #[must_use]
    pub fn with(&self, problems: Vec<Diagnostic>) -> ConfigErrors {
        ConfigErrors::new(self.source.clone(), self.warnings.iter().cloned().chain(problems).collect())
    }
}
