//! The configuration of the host: `~/.ghoststack/prospector.yaml`.
//!
//! ```text
//! bytes --source--> text --document--> value + places --overrides--> value
//!       --schema + explain--> problems | defaults --types--> Config
//! ```
//!
//! Everything that is wrong is reported at once, each problem with its place, the nearest valid
//! key and what to do. There is one mechanism of validation, JSON Schema: the host's keys are
//! described by `schema.json`, a platform's by the schema that its component declares. An absent
//! or empty file is a valid configuration. Secrets never live in it: keys that look like
//! secrets are refused, and their values are never shown.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that fails says where"))]

mod checks;
mod custom;
mod diagnostic;
mod document;
mod duration;
pub mod edit;
mod explain;
mod filters;
mod home;
mod loaded;
mod matter;
mod mentions;
mod notifications;
mod origin;
mod overrides;
mod pointer;
mod render;
mod replace;
mod rules;
mod schema;
mod scoring;
mod secret;
mod settings;
mod source;
mod template;
mod types;

#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

pub use custom::{CustomEntry, CustomKind, CustomPlace, CustomSource, loose_settings};
pub use diagnostic::{ConfigErrors, Diagnostic, Place, Severity, Span};
pub use document::DEEPEST;
pub use duration::{LONGEST as LONGEST_DURATION, format as format_duration, parse as parse_duration};
pub use home::{HOME_VARIABLE, Home, HomeError};
pub use matter::{Matter, write_keys};
pub use mentions::Mentions;
pub use origin::{is_address, is_origin};
pub use overrides::{Overrides, VARIABLE_PREFIX};
pub use replace::{OwnFile, ReplaceError};
pub use rules::{Comparison, Condition, Field, Kind, Known, Operator, Rule, RuleAction};
pub use schema::{HOST_SCHEMA, LARGEST_SCHEMA, PlatformSchema};
pub use scoring::{Scoring, SkillMatch, Thresholds, WEIGHT_TOTAL, Weights};
pub use secret::looks_secret;
pub use settings::Setting;
pub use source::{LARGEST_FILE, Source};
pub use template::{InitError, template};
pub use types::{
    Availability, Budgets, Config, Connect, Contracts, Daemon, Desktop, Digest, Email, Every, Feature, HashiCorpVault,
    Hundredths, Notifications, NotifyCommand, Ntfy, PlatformSection, Plugins, PortfolioItem, Profile, Proposals,
    QuietHours, RateRange, Rates, Reminders, Skill, SkillLevel, TimeOfDay, Urgent, Vault, VaultAuth, VaultBackend,
    VaultKey, Webhook,
};

use document::Document;
use explain::Subject;
use pointer::Pointer;
use schema::Vetted;
use types::HostKeys;

/// A configuration that can be used, and what to say about it.
#[derive(Debug)]
pub struct Loaded {
    /// What the program works with.
    pub config: Config,
    /// What is allowed but probably not meant, in the order of the file.
    pub warnings: Vec<Diagnostic>,
    /// Every setting in effect with where it comes from, for `config show`.
    pub settings: Vec<Setting>,
    /// The text, for excerpts.
    pub source: Source,
    /// Where everything stands in it.
    places: document::Places,
}

impl Loaded {
    /// Whether the home's file still says what was loaded.
    #[must_use]
    pub fn is_current(&self, home: &Home) -> bool {
        read_bounded(&home.config_file())
            .is_ok_and(|bytes| Source::new(self.source.name(), &bytes).0.text() == self.source.text())
    }

    /// The warnings with their excerpts, for a terminal of `width` columns.
    #[must_use]
    pub fn render_warnings(&self, width: usize) -> String {
        render::all(&self.warnings, &self.source, width)
    }
}

impl Config {
    /// Loads the home's `prospector.yaml` and the process's environment. A file that does not
    /// exist counts as empty; nothing is created.
    ///
    /// # Errors
    /// Every problem found, located.
    pub fn load(home: &Home, platforms: &[PlatformSchema<'_>]) -> Result<Loaded, ConfigErrors> {
        Self::load_with(home, platforms, &Overrides::from_env())
    }

    /// As [`Config::load`], with overrides of the caller's choice.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_with(
        home: &Home,
        platforms: &[PlatformSchema<'_>],
        overrides: &Overrides,
    ) -> Result<Loaded, ConfigErrors> {
        let path = home.config_file();
        let name = path.display().to_string();
        match read_bounded(&path) {
            Ok(bytes) => validate(&name, &bytes, platforms, overrides),
            Err(error) => {
                let (source, _) = Source::new(&name, b"");
                let message = format!("the file cannot be read: {error}");
                let problem = Diagnostic::error("unreadable", Place::WholeFile, message)
                    .help("check that it is a plain file that you own and may read");
                Err(ConfigErrors::new(source, vec![problem]))
            }
        }
    }

    /// Writes a commented configuration for these platforms to a new file (0600) in the home.
    ///
    /// # Errors
    /// When the file exists, which is never overwritten, or cannot be written.
    pub fn init(home: &Home, platforms: &[PlatformSchema<'_>]) -> Result<std::path::PathBuf, InitError> {
        template::write(home, platforms)
    }
}

/// Validates a text under a name of the caller's choice; the environment plays no part.
///
/// # Errors
/// Every problem found, located.
pub fn validate_str(name: &str, text: &str, platforms: &[PlatformSchema<'_>]) -> Result<Loaded, ConfigErrors> {
    validate(name, text.as_bytes(), platforms, &Overrides::none())
}

/// Validates bytes under a name, with overrides.
///
/// # Errors
/// Every problem found, located.
pub fn validate(
    name: &str,
    bytes: &[u8],
    platforms: &[PlatformSchema<'_>],
    overrides: &Overrides,
) -> Result<Loaded, ConfigErrors> {
    let (source, mut problems) = Source::new(name, bytes);
    let mut document = if problems.is_empty() {
        let (document, found) = document::parse(source.text());
        problems.extend(found);
        document
    } else {
        None
    };
    let Some(document) = document.as_mut() else {
        return Err(ConfigErrors::new(source, problems));
    };
    problems.extend(overrides.apply(document, platforms));
    empty_sections(&mut document.value);
    problems.extend(checks::secrets(document));

    let mut written: Vec<(&PlatformSchema<'_>, Vetted)> = Vec::with_capacity(platforms.len());
    for platform in platforms {
        match platform.vet() {
            Ok(vetted) => written.push((platform, vetted)),
            Err(problem) => problems.push(*problem),
        }
    }
    problems.extend(against_schemas(document, &written));
    problems.extend(checks::platforms(document, platforms));
    problems.extend(custom::check(document));

    let broken = |problems: &[Diagnostic]| problems.iter().any(|problem| problem.severity == Severity::Error);
    if broken(&problems) {
        return Err(ConfigErrors::new(source, problems));
    }

    let mut value = document.value.clone();
    fill(&mut value, &written);
    problems.extend(checks::meaning(&value, &document.places, overrides));
    if broken(&problems) {
        return Err(ConfigErrors::new(source, problems));
    }
    let settings = settings::list(&value, &document.places);
    match build(value, &written) {
        Ok(config) => {
            diagnostic::sort(&mut problems);
            let places = std::mem::take(&mut document.places);
            Ok(Loaded { config, warnings: problems, settings, source, places })
        }
        // The schema has let something through that the types refuse: a fault of this program,
        // but still better told than hidden.
        Err(error) => {
            let message = format!("the configuration cannot be understood: {error}");
            problems.push(Diagnostic::error("inconsistent", Place::WholeFile, message).help("please report this"));
            Err(ConfigErrors::new(source, problems))
        }
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        // A directory or a pipe would block or mislead.
        Ok(_) => return Err(io::Error::other("it is not a plain file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST_FILE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `workbazaar:` with nothing below it is an empty section, not a mistake.
fn empty_sections(value: &mut Value) {
    let empty = |value: &mut Value| {
        if value.is_null() {
            *value = Value::Object(Map::new());
        }
    };
    empty(value);
    let Value::Object(root) = value else { return };
    for (key, section) in root {
        if key == "rules" {
            if section.is_null() {
                *section = Value::Array(Vec::new());
            }
            continue;
        }
        empty(section);
        let Value::Object(inner) = section else {
            continue;
        };
        let sections = match key.as_str() {
            "platforms" => inner.values_mut().collect::<Vec<_>>(),
            _ => {
                let properties =
                    &schema::resolve(schema::host(), &schema::host()["properties"][key.as_str()])["properties"];
                inner
                    .iter_mut()
                    .filter(|(key, _)| properties[key.as_str()]["type"] == "object")
                    .map(|(_, value)| value)
                    .collect()
            }
        };
        sections.into_iter().for_each(empty);
    }
}

/// Keys of which there are none are no mistake either.
fn empty_matter(value: &mut Value) {
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
}

fn against_schemas(document: &Document, platforms: &[(&PlatformSchema<'_>, Vetted)]) -> Vec<Diagnostic> {
    // An empty document is valid, and the most common one for a command that only looks.
    if document.value.as_object().is_some_and(Map::is_empty) {
        return Vec::new();
    }
    let subject =
        Subject { schema: schema::host(), base: Pointer::root(), places: &document.places, more_keys: Vec::new() };
    let mut problems = explain::check(&subject, &schema::host_validator(&document.value), &document.value);
    for (platform, vetted) in platforms {
        let Some(Value::Object(section)) =
            document.value.get("platforms").and_then(|sections| sections.get(platform.id))
        else {
            continue;
        };
        let settings = Value::Object(plugin_keys(section));
        let subject = Subject {
            schema: &vetted.schema,
            base: Pointer::of(["platforms", platform.id]),
            places: &document.places,
            more_keys: schema::host_platform_keys().collect(),
        };
        match platform.compile(vetted) {
            Ok(validator) => problems.extend(explain::check(&subject, &validator, &settings)),
            Err(problem) => problems.push(*problem),
        }
    }
    problems
}

fn plugin_keys(section: &Map<String, Value>) -> Map<String, Value> {
    section
        .iter()
        .filter(|(key, _)| !schema::host_platform_keys().any(|host| host == key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Fills every default in; each known platform gets its section.
fn fill(value: &mut Value, platforms: &[(&PlatformSchema<'_>, Vetted)]) {
    let Value::Object(root) = value else { return };
    let sections = root.entry("platforms").or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(sections) = sections {
        let nothing_listed = sections.is_empty();
        for (platform, vetted) in platforms {
            let section = sections.entry(platform.id).or_insert_with(|| {
                let mut absent = Map::new();
                if !(nothing_listed && platform.built_in) {
                    absent.insert("enabled".to_owned(), Value::Bool(false));
                }
                Value::Object(absent)
            });
            if let Value::Object(section) = section {
                fill_platform(section, vetted);
            }
        }
    }
    schema::fill_defaults(schema::host(), schema::host(), value);
}

fn fill_platform(section: &mut Map<String, Value>, vetted: &Vetted) {
    for (key, default) in &vetted.suggested {
        section.entry(key.as_str()).or_insert_with(|| default.clone());
    }
    let mut own = Value::Object(plugin_keys(section));
    schema::fill_defaults(&vetted.schema, &vetted.schema, &mut own);
    if let Value::Object(own) = own {
        section.extend(own);
    }
}

fn build(value: Value, platforms: &[(&PlatformSchema<'_>, Vetted)]) -> Result<Config, serde_json::Error> {
    #[derive(Deserialize)]
    struct Sections {
        platforms: Map<String, Value>,
        profile: Profile,
        scoring: Scoring,
        rules: Vec<Rule>,
        contracts: Contracts,
        daemon: Daemon,
        vault: Vault,
        proposals: Proposals,
        notifications: Notifications,
        plugins: Plugins,
    }
    let sections: Sections = serde_json::from_value(value)?;
    let mut known = std::collections::BTreeMap::new();
    for (id, section) in sections.platforms {
        let Value::Object(section) = section else {
            continue;
        };
        let Some((_, vetted)) = platforms.iter().find(|(platform, _)| platform.id == id) else {
            continue;
        };
        let settings = plugin_keys(&section);
        let mut host = section;
        host.retain(|key, _| schema::host_platform_keys().any(|known| known == key.as_str()));
        let keys: HostKeys = serde_json::from_value(Value::Object(host))?;
        let section = PlatformSection {
            enabled: keys.enabled,
            scan_interval: keys.scan_interval,
            max_results_per_scan: keys.max_results_per_scan,
            requests_per_minute: keys.requests_per_minute,
            endpoints: keys.endpoints,
            connect: keys.connect,
            filters: filters::set(&vetted.schema, &settings),
            settings,
        };
        known.insert(id, section);
    }
    Ok(Config {
        platforms: known,
        profile: sections.profile,
        scoring: sections.scoring,
        rules: sections.rules,
        contracts: sections.contracts,
        daemon: sections.daemon,
        vault: sections.vault,
        proposals: sections.proposals,
        notifications: sections.notifications,
        plugins: sections.plugins,
    })
}
