//! The one mechanism of validation: JSON Schema, for the host's keys and for each platform's.
//!
//! The host's schema is `schema.json` beside this file. A platform's schema comes out of its
//! component, which nobody trusts: it is bounded in size, depth and expansion, may refer only
//! to itself and not in circles, its patterns run in linear time and bounded memory, and it
//! cannot describe, loosen or shadow the keys that belong to the host. Whatever it says, it only
//! ever sees its own keys.

use std::sync::LazyLock;

use jsonschema::{Draft, Keyword, PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value};

use super::diagnostic::{Diagnostic, Place, printable, quoted};
use super::{duration, origin, secret};

/// Largest schema text a plugin may declare, in bytes.
pub const LARGEST_SCHEMA: usize = 64 * 1024;

/// Deepest nesting of a plugin's schema, references followed.
const DEEPEST_SCHEMA: usize = 32;

/// Most values in a plugin's schema, counted again at each reference to them.
const MOST_SCHEMA_NODES: usize = 20_000;

/// Most defaults filled into one section.
const MOST_DEFAULTS: usize = 10_000;

/// Memory for one compiled pattern, in bytes.
const PATTERN_BYTES: usize = 512 * 1024;

/// The text of the host's own schema: for editors, documentation and completions.
pub const HOST_SCHEMA: &str = include_str!("schema.json");

static HOST: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(HOST_SCHEMA).expect("schema.json is part of the program, and tested"));

/// The host's own schema, parsed.
pub(super) fn host() -> &'static Value {
    &HOST
}

/// The schema of what the host understands in every platform's section.
pub(super) fn host_platform() -> &'static Value {
    &HOST["$defs"]["platform"]
}

/// The keys of a platform's section that belong to the host.
pub(super) fn host_platform_keys() -> impl Iterator<Item = &'static str> {
    host_platform()["properties"].as_object().into_iter().flat_map(Map::keys).map(String::as_str)
}

/// What is known of a platform when the configuration is read: taken from its descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlatformSchema<'a> {
    /// The platform's id, as it stands under `platforms:`.
    pub id: &'a str,
    /// The plugin's settings as JSON Schema (draft 2020-12) text. It must describe an object;
    /// a `default` for `scan_interval` or `max_results_per_scan` replaces the host's.
    pub schema: &'a str,
    /// Names that `endpoints` accepts; none given accepts any.
    pub endpoints: &'a [&'a str],
    /// Whether it is scanned without being configured.
    pub built_in: bool,
}

impl<'a> PlatformSchema<'a> {
    /// A platform that ships with the host.
    #[must_use]
    pub const fn built_in(id: &'a str, schema: &'a str) -> Self {
        Self { id, schema, endpoints: &[], built_in: true }
    }

    /// A platform that the user installed: it is scanned once it has a section.
    #[must_use]
    pub const fn installed(id: &'a str, schema: &'a str) -> Self {
        Self { id, schema, endpoints: &[], built_in: false }
    }

    /// A platform that the user installed, and whose plugin is not loaded: its section is left to wait, unread.
    #[must_use]
    pub const fn unread(id: &'a str) -> Self {
        Self { id, schema: r#"{"additionalProperties":{}}"#, endpoints: &[], built_in: false }
    }

    /// With the names of its endpoints.
    #[must_use]
    pub const fn with_endpoints(mut self, names: &'a [&'a str]) -> Self {
        self.endpoints = names;
        self
    }

    /// Checks the schema alone, as `plugins verify` and `plugins install` do.
    ///
    /// # Errors
    /// A diagnostic that names the plugin and what its author must change.
    pub fn check(&self) -> Result<(), Box<Diagnostic>> {
        let vetted = self.vet()?;
        self.compile(&vetted).map(|_| ())
    }

    /// Parses and bounds the schema, and takes the host's keys out of it. Cheap: nothing is
    /// compiled.
    pub(super) fn vet(&self) -> Result<Vetted, Box<Diagnostic>> {
        if self.schema.len() > LARGEST_SCHEMA {
            return Err(self.bad(format!("it is larger than {} KiB", LARGEST_SCHEMA / 1024)));
        }
        let parsed: Value =
            serde_json::from_str(self.schema).map_err(|error| self.bad(format!("it is not JSON: {error}")))?;
        let mut left = MOST_SCHEMA_NODES;
        self.walk(&parsed, &parsed, 0, &mut Vec::new(), &mut left)?;
        let Value::Object(mut schema) = parsed else {
            return Err(self.bad("it is not a JSON object".to_owned()));
        };
        match schema.get("type") {
            None => {
                schema.insert("type".to_owned(), Value::from("object"));
            }
            Some(kind) if kind == "object" => {}
            Some(_) => return Err(self.bad("settings must be of type object".to_owned())),
        }
        let suggested = self.take_host_keys(&mut schema)?;
        close(&mut schema);
        Ok(Vetted { schema: Value::Object(schema), suggested })
    }

    /// Compiles what [`Self::vet`] returned.
    pub(super) fn compile(&self, vetted: &Vetted) -> Result<Validator, Box<Diagnostic>> {
        compile(&vetted.schema).map_err(|error| {
            let error = error.masked().to_string();
            self.bad(printable(&error, 200))
        })
    }

    fn bad(&self, why: String) -> Box<Diagnostic> {
        let place = Place::Plugin(printable(self.id, 80));
        let message = format!("the plugin declares settings that cannot be used: {why}");
        Box::new(
            Diagnostic::error("bad-plugin-schema", place, message)
                .at(format!("platforms.{}", printable(self.id, 80)))
                .help("this is for the plugin's author to correct; remove or update the plugin"),
        )
    }

    fn walk<'s>(
        &self,
        root: &'s Value,
        node: &'s Value,
        depth: usize,
        following: &mut Vec<&'s str>,
        left: &mut usize,
    ) -> Result<(), Box<Diagnostic>> {
        *left = left.checked_sub(1).ok_or_else(|| self.bad(format!("it has more than {MOST_SCHEMA_NODES} parts")))?;
        if depth > DEEPEST_SCHEMA {
            return Err(self.bad(format!("it is nested deeper than {DEEPEST_SCHEMA} levels")));
        }
        match node {
            Value::Array(items) => {
                for item in items {
                    self.walk(root, item, depth + 1, following, left)?;
                }
            }
            Value::Object(map) => {
                for (key, value) in map {
                    self.keyword(key, value)?;
                    self.walk(root, value, depth + 1, following, left)?;
                }
                if let Some(reference) = map.get("$ref") {
                    self.follow(root, reference, depth, following, left)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn keyword(&self, key: &str, value: &Value) -> Result<(), Box<Diagnostic>> {
        match key {
            "$schema" if value != "https://json-schema.org/draft/2020-12/schema" => {
                Err(self.bad("its $schema is not JSON Schema draft 2020-12".to_owned()))
            }
            "$id" | "$anchor" | "$dynamicRef" | "$dynamicAnchor" | "$recursiveRef" | "$vocabulary" => {
                Err(self.bad(format!("it uses {key}")))
            }
            "properties" => match value.as_object().into_iter().flat_map(Map::keys).find(|k| secret::looks_secret(k)) {
                Some(name) => Err(self.bad(format!(
                    "{} is a secret, and secrets are not settings: they are declared as \
                     authentication",
                    quoted(name)
                ))),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Follows a reference, so that circles and explosive nesting are found before a validator
    /// would recurse into them.
    fn follow<'s>(
        &self,
        root: &'s Value,
        reference: &'s Value,
        depth: usize,
        following: &mut Vec<&'s str>,
        left: &mut usize,
    ) -> Result<(), Box<Diagnostic>> {
        let Some(target) = reference.as_str() else {
            return Err(self.bad("a $ref is not text".to_owned()));
        };
        let local = target.strip_prefix('#').filter(|p| p.starts_with('/') && !p.contains('%'));
        let Some(found) = local.and_then(|pointer| root.pointer(pointer)) else {
            return Err(self.bad(format!("the $ref {} is not within the schema", quoted(target))));
        };
        if following.contains(&target) {
            return Err(self.bad(format!("the $ref {} leads back to itself", quoted(target))));
        }
        following.push(target);
        self.walk(root, found, depth + 1, following, left)?;
        following.pop();
        Ok(())
    }

    fn take_host_keys(&self, schema: &mut Map<String, Value>) -> Result<Map<String, Value>, Box<Diagnostic>> {
        let mut suggested = Map::new();
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            for key in host_platform_keys() {
                let Some(property) = properties.remove(key) else {
                    continue;
                };
                if !matches!(key, "scan_interval" | "max_results_per_scan") {
                    return Err(self.bad(format!("the key {} belongs to the host", quoted(key))));
                }
                let Some(default) = property.get("default") else {
                    continue;
                };
                let fits =
                    compile(&host_platform()["properties"][key]).is_ok_and(|validator| validator.is_valid(default));
                if !fits {
                    return Err(self.bad(format!("its default for {} cannot be used", quoted(key))));
                }
                suggested.insert(key.to_owned(), default.clone());
            }
        }
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            required.retain(|name| !host_platform_keys().any(|key| name == key));
        }
        Ok(suggested)
    }
}

/// A plugin's schema after the checks, without the host's keys.
#[derive(Debug)]
pub(super) struct Vetted {
    pub schema: Value,
    /// The plugin's own defaults for keys of the host.
    pub suggested: Map<String, Value>,
}

/// Unknown keys are errors in every section, whatever the author forgot to say.
fn close(schema: &mut Map<String, Value>) {
    let composed = ["allOf", "anyOf", "oneOf", "if", "$ref", "dependentSchemas"]
        .iter()
        .any(|keyword| schema.contains_key(*keyword));
    let open = |value: Option<&Value>| value.is_none_or(|v| v == &Value::Bool(true));
    if composed {
        if open(schema.get("additionalProperties")) {
            schema.remove("additionalProperties");
        }
        if open(schema.get("unevaluatedProperties")) {
            schema.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
        }
    } else if open(schema.get("additionalProperties")) && open(schema.get("unevaluatedProperties")) {
        schema.remove("unevaluatedProperties");
        schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
}

/// Compiles a schema with the formats and keywords of this product: the formats `duration`
/// (`30m`), `origin` and `address`, and the keywords `x-minimum` and `x-maximum`, which bound a
/// duration.
pub(super) fn compile(schema: &Value) -> Result<Validator, ValidationError<'static>> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .offline()
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES))
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_format("duration", |text: &str| duration::parse(text).is_some())
        .with_format("origin", origin::is_origin)
        .with_format("address", origin::is_address)
        .with_keyword("x-minimum", |_, limit, _| duration_bound(limit, true))
        .with_keyword("x-maximum", |_, limit, _| duration_bound(limit, false))
        .build(schema)
}

/// A validator of the host's keys for this document. Only the sections that the document has
/// are compiled: most files have a few, and compiling them all is the larger part of start-up.
pub(super) fn host_validator(document: &Value) -> Validator {
    compile(&host_part(document)).expect("schema.json is part of the program, and tested")
}

/// The host's schema without the sections that the document lacks, every other part at its
/// place: pointers into it hold for the whole schema too.
fn host_part(document: &Value) -> Value {
    let mut part: Map<String, Value> = Map::new();
    let mut sections = Map::new();
    let mut definitions = Map::new();
    for (key, value) in host().as_object().into_iter().flatten() {
        if key != "properties" && key != "$defs" {
            part.insert(key.clone(), value.clone());
        }
    }
    for (key, section) in host()["properties"].as_object().into_iter().flatten() {
        if document.get(key).is_some() {
            take_definitions(section, &mut definitions);
            sections.insert(key.clone(), section.clone());
        }
    }
    part.insert("properties".to_owned(), Value::Object(sections));
    part.insert("$defs".to_owned(), Value::Object(definitions));
    Value::Object(part)
}

fn take_definitions(schema: &Value, taken: &mut Map<String, Value>) {
    match schema {
        Value::Array(list) => list.iter().for_each(|part| take_definitions(part, taken)),
        Value::Object(map) => {
            let name = map
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| reference.strip_prefix("#/$defs/"))
                .filter(|name| !taken.contains_key(*name));
            if let Some((name, found)) = name.and_then(|name| Some((name, HOST["$defs"].get(name)?))) {
                taken.insert(name.to_owned(), found.clone());
                take_definitions(found, taken);
            }
            map.values().for_each(|part| take_definitions(part, taken));
        }
        _ => {}
    }
}

struct DurationBound {
    limit: std::time::Duration,
    least: bool,
}

fn duration_bound(limit: &Value, least: bool) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'static>> {
    limit
        .as_str()
        .and_then(duration::parse)
        .map(|limit| -> Box<dyn for<'i> Keyword<'i>> { Box::new(DurationBound { limit, least }) })
        .ok_or_else(|| ValidationError::schema("x-minimum and x-maximum are durations"))
}

impl<'i> Keyword<'i> for DurationBound {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if Keyword::<'i>::is_valid(self, instance) { Ok(()) } else { Err(ValidationError::custom("out of range")) }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        // What is not a duration is `format`'s to report.
        instance
            .as_str()
            .and_then(duration::parse)
            .is_none_or(|value| if self.least { value >= self.limit } else { value <= self.limit })
    }
}

/// A schema, or what it refers to within `root`.
pub(super) fn resolve<'s>(root: &'s Value, mut schema: &'s Value) -> &'s Value {
    for _ in 0..DEEPEST_SCHEMA {
        let target = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| reference.strip_prefix('#'))
            .and_then(|pointer| root.pointer(pointer));
        match target {
            Some(found) => schema = found,
            None => break,
        }
    }
    schema
}

/// The default that a schema states, beside a reference or behind it.
pub(super) fn default_of<'s>(root: &'s Value, schema: &'s Value) -> Option<&'s Value> {
    schema.get("default").or_else(|| resolve(root, schema).get("default"))
}

/// Fills the defaults of `schema` into `value`, as deep as sections go.
pub(super) fn fill_defaults(root: &Value, schema: &Value, value: &mut Value) {
    let mut left = MOST_DEFAULTS;
    fill(root, schema, value, 0, &mut left);
}

fn fill(root: &Value, schema: &Value, value: &mut Value, depth: usize, left: &mut usize) {
    if depth > DEEPEST_SCHEMA {
        return;
    }
    let schema = resolve(root, schema);
    match value {
        Value::Object(map) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            for (key, property) in properties.into_iter().flatten() {
                if let (false, Some(default)) = (map.contains_key(key), default_of(root, property)) {
                    if *left == 0 {
                        return;
                    }
                    *left -= 1;
                    map.insert(key.clone(), default.clone());
                }
                if let Some(inner) = map.get_mut(key) {
                    fill(root, property, inner, depth + 1, left);
                }
            }
            if let Some(others @ Value::Object(_)) = schema.get("additionalProperties") {
                for (key, inner) in map {
                    if properties.is_none_or(|known| !known.contains_key(key)) {
                        fill(root, others, inner, depth + 1, left);
                    }
                }
            }
        }
        Value::Array(list) => {
            if let Some(items) = schema.get("items") {
                for inner in list {
                    fill(root, items, inner, depth + 1, left);
                }
            }
        }
        _ => {}
    }
}
