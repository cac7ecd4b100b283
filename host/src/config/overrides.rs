//! Settings from outside the file. Flags beat the environment, the environment beats the file.
//!
//! Any key that is not inside a list can be set by a variable: `GHOSTSTACK_PROSPECTOR_`, then
//! the key path in capitals with two underscores between levels. So
//! `GHOSTSTACK_PROSPECTOR_SCORING__THRESHOLDS__DISPLAY_MIN=40`, or
//! `GHOSTSTACK_PROSPECTOR_PLATFORMS__WORKBAZAAR__CATEGORIES='["Websites, IT & Software"]'`. Values
//! are YAML. A `-` in a platform's id is written `_`.
//!
//! What Vault's own tools read (`VAULT_ADDR` and the like) fills what the file leaves out, and no more: such variables may
//! be set for another program.

use serde_json::{Map, Value};

use super::diagnostic::{Diagnostic, Place, printable};
use super::document::{self, Document, Located};
use super::pointer::{Pointer, dotted};
use super::schema::{self, PlatformSchema};

/// What every variable starts with.
pub const VARIABLE_PREFIX: &str = "GHOSTSTACK_PROSPECTOR_";

/// What Vault's own tools read, and the key of `vault.hashicorp` that it stands for.
const OF_VAULT: [(&str, &str); 4] = [
    ("VAULT_ADDR", "address"),
    ("VAULT_NAMESPACE", "namespace"),
    ("VAULT_CACERT", "ca_file"),
    ("VAULT_ROLE_ID", "role_id"),
];

/// The variable with an AppRole's secret id. Its value never becomes part of the configuration.
pub const SECRET_ID_VARIABLE: &str = "VAULT_SECRET_ID";

/// Longest value of a variable, in bytes.
const LONGEST_VALUE: usize = 16 * 1024;

/// Settings from flags and the environment, weakest first.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    environment: Vec<(String, String)>,
    vault: Vec<(&'static str, &'static str, String)>,
    has_secret_id: bool,
    flags: Vec<(String, Pointer, Value)>,
}

impl Overrides {
    /// None at all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Those of the process's environment.
    #[must_use]
    pub fn from_env() -> Self {
        Self::from_variables(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
                .filter(|(name, _)| name.starts_with(VARIABLE_PREFIX) || name.starts_with("VAULT_"))
                .map(|(name, value)| (name, value.to_string_lossy().into_owned())),
        )
    }

    /// Those of the variables given. Others than `GHOSTSTACK_PROSPECTOR_<SECTION>__...` are
    /// somebody else's, and left alone.
    #[must_use]
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut found = Self::default();
        for (name, value) in variables {
            let of_vault = OF_VAULT.iter().find(|(variable, _)| *variable == name && !value.is_empty());
            if let Some((variable, key)) = of_vault {
                found.vault.push((variable, key, value));
            } else if name == SECRET_ID_VARIABLE {
                found.has_secret_id = !value.is_empty();
            } else if section_of(&name).is_some() {
                found.environment.push((name, value));
            }
        }
        found.environment.sort();
        found
    }

    /// What the process's environment adds to a file that leaves it out, without what beats the file.
    #[must_use]
    pub fn filling() -> Self {
        Self { environment: Vec::new(), ..Self::from_env() }
    }

    /// Whether the environment holds an AppRole's secret id.
    pub(super) fn has_secret_id(&self) -> bool {
        self.has_secret_id
    }

    /// Adds what a flag says. `path` is a list of keys, such as `["scoring", "thresholds",
    /// "display_min"]`; `flag` is its name for messages, such as `--min-score`.
    #[must_use]
    pub fn with_flag(mut self, flag: &str, path: &[&str], value: Value) -> Self {
        self.flags.push((flag.to_owned(), Pointer::of(path.iter().copied()), value));
        self
    }

    pub(super) fn apply(&self, document: &mut Document, platforms: &[PlatformSchema<'_>]) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        for (name, text) in &self.environment {
            let pointer = path_of(name, platforms);
            let place = Place::Environment(printable(name, 200));
            match read(text) {
                Ok(value) => set(document, &pointer, value, &place),
                Err(why) => problems.push(
                    Diagnostic::error("bad-variable", place, why)
                        .at(dotted(&pointer))
                        .help("correct the variable, or unset it"),
                ),
            }
        }
        for (flag, pointer, value) in &self.flags {
            set(document, pointer, value.clone(), &Place::Flag(flag.clone()));
        }
        self.fill_vault(document);
        problems
    }

    /// What the file leaves out about a server that it wants.
    fn fill_vault(&self, document: &mut Document) {
        let vault = document.value.get("vault");
        if vault.and_then(|vault| vault.get("backend")).is_none_or(|backend| backend != "hashicorp") {
            return;
        }
        let has = |key: &str| vault.and_then(|vault| vault.get("hashicorp")?.get(key)).is_some();
        // One of the two is enough, and the file's counts.
        let is_said = |key: &str| has(key) || (key == "role_id" && has("role_id_file"));
        let missing: Vec<_> = self.vault.iter().filter(|(_, key, _)| !is_said(key)).collect();
        for (variable, key, value) in missing {
            let pointer = Pointer::of(["vault", "hashicorp", key]);
            set(document, &pointer, Value::String(value.clone()), &Place::Environment((*variable).to_owned()));
        }
    }
}

fn section_of(name: &str) -> Option<&'static String> {
    let (first, _) = name.strip_prefix(VARIABLE_PREFIX)?.split_once("__")?;
    let first = first.to_lowercase();
    let (section, _) = schema::host()["properties"].as_object()?.get_key_value(&first)?;
    Some(section)
}

fn path_of(name: &str, platforms: &[PlatformSchema<'_>]) -> Pointer {
    let path = name.strip_prefix(VARIABLE_PREFIX).unwrap_or_default();
    let mut segments: Vec<String> = path.split("__").map(str::to_lowercase).collect();
    if let [section, id, ..] = segments.as_mut_slice()
        && section == "platforms"
        && let Some(platform) = platforms.iter().find(|p| p.id.replace('-', "_") == *id)
    {
        platform.id.clone_into(id);
    }
    segments.truncate(document::DEEPEST);
    Pointer::of(segments.iter().map(String::as_str))
}

fn read(text: &str) -> Result<Value, String> {
    if text.len() > LONGEST_VALUE {
        return Err(format!("the value is longer than {LONGEST_VALUE} bytes"));
    }
    match document::parse(text) {
        (Some(document), problems) if problems.is_empty() => Ok(document.value),
        (_, problems) => {
            Err(problems.first().map_or_else(|| "the value is not YAML".to_owned(), |p| p.message.clone()))
        }
    }
}

fn set(document: &mut Document, pointer: &Pointer, value: Value, place: &Place) {
    let located = || Located { key: Some(place.clone()), value: place.clone() };
    let Some((last, sections)) = pointer.segments().split_last() else {
        return;
    };
    let mut here = &mut document.value;
    let mut at = Pointer::root();
    for section in sections {
        let map = section_map(here);
        here = map.entry(section.as_str()).or_insert(Value::Null);
        at.push(section);
        document.places.entry(at.clone()).or_insert_with(located);
    }
    section_map(here).insert(last.clone(), value);
    // What the file said below this key no longer counts.
    document.places.retain(|known, _| !known.segments().starts_with(pointer.segments()));
    document.places.insert(pointer.clone(), located());
}

/// The mapping at `value`; anything else there gives way, since the override is stronger.
fn section_map(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().expect("made an object just above")
}
