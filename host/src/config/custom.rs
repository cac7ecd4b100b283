//! Filters and scorers of the person's own: how the configuration lists them, and what is wrong with one, at its place.

use std::path::PathBuf;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::diagnostic::{Diagnostic, printable};
use super::explain::{self, Subject, value_place};
use super::pointer::{Pointer, dotted};
use super::schema::{self, PlatformSchema};
use super::{Home, Loaded, Plugins};

/// A component in the configuration's list: a path, or `{file, sha256, settings}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomEntry {
    /// The component's file, as it is written; see [`CustomEntry::path`].
    pub file: PathBuf,
    /// The digest that the file has to have, where one is given: `sha256:` and 64 hexadecimal digits.
    pub sha256: Option<String>,
    /// Its own settings, not yet checked against its schema.
    pub settings: Map<String, Value>,
}

impl CustomEntry {
    /// Where the file is: a relative path begins at the home, beside the configuration.
    #[must_use]
    pub fn path(&self, home: &Home) -> PathBuf {
        home.root().join(&self.file)
    }
}

impl<'de> Deserialize<'de> for CustomEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Detailed {
            file: PathBuf,
            sha256: Option<String>,
            #[serde(default)]
            settings: Map<String, Value>,
        }
        let Detailed { file, sha256, settings } = match Value::deserialize(deserializer)? {
            Value::String(file) => Detailed { file: file.into(), sha256: None, settings: Map::new() },
            other => serde_json::from_value(other).map_err(D::Error::custom)?,
        };
        let whole = |digest: String| if digest.contains(':') { digest } else { format!("sha256:{digest}") };
        Ok(Self { file, sha256: sha256.map(whole), settings })
    }
}

/// What an entry is listed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomKind {
    /// Under `filters`.
    Filter,
    /// Under `scorers`.
    Scorer,
}

/// Where in the configuration an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomPlace {
    /// Which list.
    pub kind: CustomKind,
    /// Which of it, from 0.
    pub index: usize,
}

impl CustomPlace {
    fn pointer(self) -> Pointer {
        let list = match self.kind {
            CustomKind::Filter => "filters",
            CustomKind::Scorer => "scorers",
        };
        Pointer::of(["plugins", list, self.index.to_string().as_str()])
    }
}

impl Loaded {
    /// The entries with their places, filters first.
    pub fn customs(&self) -> impl Iterator<Item = (CustomPlace, &CustomEntry)> {
        let Plugins { filters, scorers } = &self.config.plugins;
        let placed =
            |kind, entries: &'_ Vec<CustomEntry>| (0..entries.len()).map(move |index| CustomPlace { kind, index });
        let places = placed(CustomKind::Filter, filters).chain(placed(CustomKind::Scorer, scorers));
        places.zip(filters.iter().chain(scorers))
    }

    /// Says what is wrong with an entry, at one of its keys where there is one.
    #[must_use]
    pub fn unusable_custom(&self, place: CustomPlace, key: &str, message: &str, help: &str) -> Diagnostic {
        let entry = place.pointer();
        let keyed = entry.extend(key.split('.'));
        let at = if self.places.contains_key(&keyed) { keyed } else { entry };
        Diagnostic::error("unusable-plugin", value_place(&self.places, &at), printable(message, 1000))
            .at(dotted(&at))
            .help(printable(help, 1000))
    }

    /// An entry's settings, held to the schema that its component declares, with its defaults filled in.
    ///
    /// # Errors
    /// Every problem, at its place.
    pub fn custom_settings(
        &self,
        place: CustomPlace,
        id: &str,
        schema: &str,
        settings: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Vec<Diagnostic>> {
        let of = PlatformSchema::installed(id, schema);
        let vetted = of.vet().map_err(|problem| vec![*problem])?;
        let validator = of.compile(&vetted).map_err(|problem| vec![*problem])?;
        let mut value = Value::Object(settings.clone());
        let subject = Subject {
            schema: &vetted.schema,
            base: place.pointer().join("settings"),
            places: &self.places,
            more_keys: Vec::new(),
        };
        let problems = explain::check(&subject, &validator, &value);
        if !problems.is_empty() {
            return Err(problems);
        }
        schema::fill_defaults(&vetted.schema, &vetted.schema, &mut value);
        match value {
            Value::Object(filled) => Ok(filled),
            _ => Ok(Map::new()),
        }
    }
}
