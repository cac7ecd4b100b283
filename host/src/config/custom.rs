//! Filters and scorers of the person's own: how the configuration lists them, and what is wrong with one, at its place.

use std::path::PathBuf;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::diagnostic::{Diagnostic, printable};
use super::document::{Document, Places};
use super::explain::{self, Subject, value_place};
use super::pointer::{Pointer, dotted};
use super::schema::{self, PlatformSchema};
use super::{Loaded, Plugins};

/// A component in the configuration's list: a path, `{file, sha256, settings}` or `{plugin, settings}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomEntry {
    /// Where the component is.
    pub source: CustomSource,
    /// Its own settings, not yet checked against its schema.
    pub settings: Map<String, Value>,
}

/// Where a listed component is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomSource {
    /// In a file of the person's.
    File {
        /// As it is written: a relative path begins at the home, beside the configuration.
        file: PathBuf,
        /// The digest that the file has to have, where one is given: `sha256:` and 64 hexadecimal digits.
        sha256: Option<String>,
    },
    /// Among the installed plugins, by its id.
    Installed(String),
}

impl<'de> Deserialize<'de> for CustomEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Detailed {
            file: Option<PathBuf>,
            plugin: Option<String>,
            sha256: Option<String>,
            #[serde(default)]
            settings: Map<String, Value>,
        }
        let Detailed { file, plugin, sha256, settings } = match Value::deserialize(deserializer)? {
            Value::String(file) => {
                Detailed { file: Some(file.into()), plugin: None, sha256: None, settings: Map::new() }
            }
            other => serde_json::from_value(other).map_err(D::Error::custom)?,
        };
        let whole = |digest: String| if digest.contains(':') { digest } else { format!("sha256:{digest}") };
        let source = match (file, plugin) {
            (Some(file), None) => CustomSource::File { file, sha256: sha256.map(whole) },
            (None, Some(id)) => CustomSource::Installed(id),
            _ => return Err(D::Error::custom("an entry has either `file` or `plugin`")),
        };
        Ok(Self { source, settings })
    }
}

/// What no schema says well of an entry: it has either `file` or `plugin`, and only a file has its digest here.
pub(super) fn check(Document { value, places }: &Document) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for kind in [CustomKind::Filter, CustomKind::Scorer] {
        let entries = value["plugins"][kind.list()].as_array();
        for (index, entry) in entries.into_iter().flatten().enumerate().filter(|(_, entry)| entry.is_object()) {
            let at = CustomPlace { kind, index }.pointer();
            let has = |key| entry.get(key).is_some();
            let (key, code, message, help) = match (has("file"), has("plugin")) {
                (false, false) => (
                    None,
                    "missing-key",
                    "it says neither which file nor which installed plugin",
                    "add `file`, or `plugin` with the id of an installed one (`ghoststack prospector plugins list`)",
                ),
                (true, true) => {
                    (Some("plugin"), "contradiction", "it has both `file` and `plugin`", "keep one of them")
                }
                (false, true) if has("sha256") => (
                    Some("sha256"),
                    "no-effect",
                    "an installed plugin is held to the digest in plugins.lock",
                    "remove this line",
                ),
                _ => continue,
            };
            let place = key.map_or_else(|| at.clone(), |key| at.join(key));
            problems.push(Diagnostic::error(code, value_place(places, &place), message).at(dotted(&place)).help(help));
        }
    }
    problems
}

/// What an entry is listed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomKind {
    /// Under `filters`.
    Filter,
    /// Under `scorers`.
    Scorer,
}

impl CustomKind {
    /// As in WIT.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Scorer => "scorer",
        }
    }

    /// The list that it stands in.
    #[must_use]
    pub fn list(self) -> &'static str {
        match self {
            Self::Filter => "filters",
            Self::Scorer => "scorers",
        }
    }
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
        Pointer::of(["plugins", self.kind.list(), self.index.to_string().as_str()])
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
        settings_by(&self.places, place.pointer().join("settings"), id, schema, settings)
    }
}

/// Settings that stand in no file, held to the schema that a component declares, with its defaults filled in.
///
/// # Errors
/// Every problem, with the setting's path.
pub fn loose_settings(
    id: &str,
    schema: &str,
    settings: &Map<String, Value>,
) -> Result<Map<String, Value>, Vec<Diagnostic>> {
    settings_by(&Places::default(), Pointer::root(), id, schema, settings)
}

fn settings_by(
    places: &Places,
    base: Pointer,
    id: &str,
    schema: &str,
    settings: &Map<String, Value>,
) -> Result<Map<String, Value>, Vec<Diagnostic>> {
    let of = PlatformSchema::installed(id, schema);
    let vetted = of.vet().map_err(|problem| vec![*problem])?;
    let validator = of.compile(&vetted).map_err(|problem| vec![*problem])?;
    let mut value = Value::Object(settings.clone());
    let subject = Subject { schema: &vetted.schema, base, places, more_keys: Vec::new() };
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
