//! What a configuration names, read whatever else is wrong with it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::custom::CustomKind;
use super::overrides::Overrides;
use super::schema::PlatformSchema;
use super::source::Source;
use super::{Home, document, read_bounded};

/// The plugins that a configuration names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Platforms that have a section.
    pub sections: BTreeSet<String>,
    /// Installed filters and scorers that are listed: where, and their ids.
    pub listed: Vec<(String, String)>,
}

impl Mentions {
    /// Reads the home's file, with overrides. `installed` are ids that variables may mean, in whose names `-` is written `_`.
    #[must_use]
    pub fn read(home: &Home, installed: &[&str], overrides: &Overrides) -> Mentions {
        Self::of(&read_bounded(&home.config_file()).unwrap_or_default(), installed, overrides)
    }

    fn of(bytes: &[u8], installed: &[&str], overrides: &Overrides) -> Mentions {
        let (source, _) = Source::new("", bytes);
        let Some(mut document) = document::parse(source.text()).0 else { return Mentions::default() };
        let schemas: Vec<PlatformSchema<'_>> = installed.iter().map(|id| PlatformSchema::unread(id)).collect();
        // What is wrong with one is said where the configuration is read.
        let _problems = overrides.apply(&mut document, &schemas);
        let sections = document.value.get("platforms").and_then(Value::as_object);
        let sections = sections.into_iter().flat_map(Map::keys).cloned().collect();
        let mut listed = Vec::new();
        for kind in [CustomKind::Filter, CustomKind::Scorer] {
            let entries = document.value.get("plugins").and_then(|plugins| plugins.get(kind.list())?.as_array());
            for (at, entry) in entries.into_iter().flatten().enumerate() {
                if let Some(id) = entry.get("plugin").and_then(Value::as_str) {
                    listed.push((format!("plugins.{}[{at}]", kind.list()), id.to_owned()));
                }
            }
        }
        Mentions { sections, listed }
    }

    /// Places that name a plugin, such as `platforms.board` and `plugins.filters[0]`.
    #[must_use]
    pub fn places(&self, id: &str) -> Vec<String> {
        let section = self.sections.get(id).map(|id| format!("platforms.{id}"));
        section.into_iter().chain(self.lists(id)).collect()
    }

    /// Of these, those in the lists of filters and scorers.
    #[must_use]
    pub fn lists(&self, id: &str) -> Vec<String> {
        self.listed.iter().filter(|(_, of)| of == id).map(|(place, _)| place.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_found_beside_whatever_is_wrong() {
        let variable = ("GHOSTSTACK_PROSPECTOR_PLATFORMS__NIGHT_OWLS__TAGS".to_owned(), "[rust]".to_owned());
        let overrides = Overrides::from_variables([variable]);
        let text = "platforms:\n  board:\n  other: 7\nnonsense: true\nplugins:\n  filters: [a.wasm, {plugin: red}]\n  scorers: [{plugin: board}, 3]\n";
        let found = Mentions::of(text.as_bytes(), &["night-owls", "idle"], &overrides);
        assert_eq!(found.sections, ["board", "night-owls", "other"].map(str::to_owned).into());
        assert_eq!(found.places("board"), ["platforms.board", "plugins.scorers[0]"]);
        assert_eq!(found.places("red"), ["plugins.filters[1]"]);
        assert!(found.places("idle").is_empty());
        for text in ["", ": [", "platforms: 3\nplugins: [x]\n", "[]", "plugins: {filters: 3}"] {
            assert_eq!(Mentions::of(text.as_bytes(), &[], &Overrides::none()), Mentions::default(), "{text:?}");
        }
    }
}
