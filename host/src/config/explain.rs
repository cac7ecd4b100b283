//! What the schema validator found, in plain words and at its place in the file.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::{Map, Value};

use super::diagnostic::{Diagnostic, Place, nearest, printable, quoted};
use super::document::Places;
use super::pointer::{Pointer, dotted};
use super::schema::resolve;

/// One instance, validated by one schema.
pub(super) struct Subject<'a> {
    /// The schema that the validator was compiled from.
    pub schema: &'a Value,
    /// Where the instance stands in the configuration.
    pub base: Pointer,
    /// Where everything stands in the file.
    pub places: &'a Places,
    /// Keys that are valid at the instance's top level beside the schema's own.
    pub more_keys: Vec<&'a str>,
}

impl Subject<'_> {
    /// Explains one error; a choice between alternatives may turn into several.
    pub(super) fn explain(&self, error: &ValidationError<'_>) -> Vec<Diagnostic> {
        let at = self.pointer(error);
        let schema = self.parent_schema(error);
        let found = error.instance().as_ref();
        match error.kind() {
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                unexpected.iter().map(|key| self.unknown_key(&at, key, schema)).collect()
            }
            Kind::Required { property } => vec![self.missing_key(&at, property, schema)],
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => match closest_branch(error, context) {
                Some(branch) if schema.get("oneOf").is_none() => {
                    branch.iter().flat_map(|error| self.explain(error)).collect()
                }
                _ => vec![self.wrong(&at, "wrong-shape", schema, found)],
            },
            Kind::OneOfMultipleValid { .. } | Kind::Not { .. } | Kind::FalseSchema => {
                vec![self.wrong(&at, "wrong-shape", schema, found)]
            }
            Kind::Type { .. } => {
                let help = type_help(schema, found);
                let mut problem = self.wrong(&at, "wrong-type", schema, found);
                problem.help = help.or(problem.help);
                vec![problem]
            }
            Kind::Enum { options } => {
                let words: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let suggestion = found.as_str().and_then(|given| nearest(given, words));
                vec![self.wrong(&at, "unknown-value", schema, found).suggest(suggestion)]
            }
            Kind::Format { format } => {
                let code = match format.as_str() {
                    "duration" => "bad-duration",
                    "origin" => "bad-origin",
                    _ => "bad-format",
                };
                let suggestion = (format == "duration").then(|| repaired_duration(found)).flatten();
                vec![self.wrong(&at, code, schema, found).suggest(suggestion)]
            }
            Kind::Minimum { .. }
            | Kind::Maximum { .. }
            | Kind::ExclusiveMinimum { .. }
            | Kind::ExclusiveMaximum { .. }
            | Kind::Custom { .. } => vec![self.wrong(&at, "out-of-range", schema, found)],
            Kind::MinItems { limit } => vec![self.count(&at, "at least", *limit, "entries")],
            Kind::MaxItems { limit } => vec![self.count(&at, "at most", *limit, "entries")],
            Kind::MinProperties { limit } => vec![self.count(&at, "at least", *limit, "keys")],
            Kind::MaxProperties { limit } => vec![self.count(&at, "at most", *limit, "keys")],
            Kind::MinLength { limit } => vec![self.count(&at, "at least", *limit, "characters")],
            Kind::MaxLength { limit } => vec![self.count(&at, "at most", *limit, "characters")],
            Kind::UniqueItems => vec![self.plain(&at, "repeated", "the same entry appears twice")],
            Kind::MultipleOf { multiple_of } => {
                let message = if (*multiple_of - 0.01).abs() < f64::EPSILON {
                    "expected an amount with at most two decimals".to_owned()
                } else {
                    format!("expected a multiple of {multiple_of}")
                };
                vec![self.plain(&at, "bad-number", message)]
            }
            Kind::PropertyNames { error } => {
                let name = error.instance().as_str().unwrap_or_default().to_owned();
                vec![self.unknown_key(&at, &name, schema)]
            }
            Kind::Pattern { .. } => vec![self.wrong(&at, "bad-format", schema, found)],
            other => {
                let keyword = printable(other.keyword(), 40);
                vec![self.plain(&at, "invalid", format!("the value fails the rule {keyword}"))]
            }
        }
    }

    fn pointer(&self, error: &ValidationError<'_>) -> Pointer {
        let segments: Vec<String> = error.instance_path().iter().map(|segment| segment.to_string()).collect();
        self.base.extend(segments.iter().map(String::as_str))
    }

    /// The schema object that holds the keyword which failed.
    fn parent_schema(&self, error: &ValidationError<'_>) -> &Value {
        let path = error.schema_path().as_str();
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        self.schema.pointer(parent).unwrap_or(&Value::Null)
    }

    fn plain(&self, at: &Pointer, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, value_place(self.places, at), message).at(dotted(at))
    }

    fn count(&self, at: &Pointer, bound: &str, limit: u64, what: &str) -> Diagnostic {
        self.plain(at, "out-of-range", format!("expected {bound} {limit} {what}"))
    }

    fn wrong(&self, at: &Pointer, code: &'static str, schema: &Value, found: &Value) -> Diagnostic {
        let message = format!("expected {}, found {}", expected(self.schema, schema), describe(found));
        let mut problem = self.plain(at, code, message);
        problem.help = description(schema);
        problem
    }

    fn unknown_key(&self, at: &Pointer, key: &str, schema: &Value) -> Diagnostic {
        let path = at.join(key);
        let mut known: Vec<&str> = keys(self.schema, schema);
        if *at == self.base {
            known.extend(&self.more_keys);
        }
        known.sort_unstable();
        let suggestion = nearest(key, known.iter().copied());
        let message = format!("unknown key {}", quoted(key));
        let mut problem = Diagnostic::error("unknown-key", key_place(self.places, &path), message).at(dotted(&path));
        if !known.is_empty() {
            problem.help = Some(format!("keys here: {}", printable(&known.join(", "), 300)));
        }
        problem.suggestion = suggestion;
        problem
    }

    fn missing_key(&self, at: &Pointer, property: &Value, schema: &Value) -> Diagnostic {
        let key = property.as_str().unwrap_or_default();
        let message = format!("the key {} is missing", quoted(key));
        let mut problem = Diagnostic::error("missing-key", key_place(self.places, at), message).at(dotted(at));
        problem.help = schema
            .get("properties")
            .and_then(|properties| properties.get(key))
            .and_then(|property| description(resolve(self.schema, property)))
            .map(|text| format!("add {key}: {text}"))
            .or_else(|| Some(format!("add {}", printable(key, 60))));
        problem
    }
}

/// The one alternative whose type fits, if there is just one: its errors say more than "none of
/// the alternatives".
fn closest_branch<'e>(
    error: &ValidationError<'_>,
    branches: &'e [Vec<ValidationError<'static>>],
) -> Option<&'e [ValidationError<'static>]> {
    let mut fitting = branches.iter().filter(|errors| {
        !errors
            .iter()
            .any(|inner| matches!(inner.kind(), Kind::Type { .. }) && inner.instance_path() == error.instance_path())
    });
    let only = fitting.next()?;
    fitting.next().is_none().then_some(only.as_slice())
}

fn keys<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s str> {
    let mut found: Vec<&str> = Vec::new();
    let mut add = |part: &'s Value| {
        let properties = resolve(root, part).get("properties");
        found.extend(properties.and_then(Value::as_object).into_iter().flat_map(Map::keys).map(String::as_str));
    };
    add(schema);
    for keyword in ["allOf", "anyOf", "oneOf"] {
        for part in schema.get(keyword).and_then(Value::as_array).into_iter().flatten() {
            add(part);
        }
    }
    for keyword in ["then", "else"] {
        if let Some(part) = schema.get(keyword) {
            add(part);
        }
    }
    found
}

/// What a schema asks for, after "expected".
pub(super) fn expected(root: &Value, schema: &Value) -> String {
    let schema = resolve(root, schema);
    if let Some(words) = schema.get("x-expected").and_then(Value::as_str) {
        return printable(words, 200);
    }
    if let Some(options) = schema.get("enum").and_then(Value::as_array) {
        let options: Vec<String> = options.iter().map(scalar).collect();
        return format!("one of {}", printable(&options.join(", "), 300));
    }
    if let Some(constant) = schema.get("const") {
        return printable(&scalar(constant), 100);
    }
    let range = |least: &str, most: &str| {
        let bound = |key: &str| schema.get(key).map(scalar);
        match (bound(least), bound(most)) {
            (Some(least), Some(most)) => format!(" from {least} to {most}"),
            (Some(least), None) => format!(" of at least {least}"),
            (None, Some(most)) => format!(" of at most {most}"),
            (None, None) => String::new(),
        }
    };
    match schema.get("format").and_then(Value::as_str) {
        Some("duration") => {
            return format!("a duration such as '30m'{}", range("x-minimum", "x-maximum"));
        }
        Some("origin") => {
            return "an origin such as 'https://api.example.com' (plain http only on loopback)".to_owned();
        }
        Some("address") => {
            return "an address such as 'https://example.com/path' (plain http only on loopback)".to_owned();
        }
        Some("date") => return "a date such as '2026-09-01'".to_owned(),
        Some("email") => return "an e-mail address".to_owned(),
        Some("regex") => return "a regular expression".to_owned(),
        _ => {}
    }
    let one = |kind: &str| match kind {
        "integer" => format!("a whole number{}", range("minimum", "maximum")),
        "number" => format!("a number{}", range("minimum", "maximum")),
        "boolean" => "true or false".to_owned(),
        "array" => "a list".to_owned(),
        "object" => "a section of keys".to_owned(),
        "null" => "nothing".to_owned(),
        _ => "text".to_owned(),
    };
    match schema.get("type") {
        Some(Value::String(kind)) => one(kind),
        Some(Value::Array(kinds)) => {
            let kinds: Vec<String> = kinds.iter().filter_map(Value::as_str).map(one).collect();
            kinds.join(" or ")
        }
        _ => {
            let parts = ["anyOf", "oneOf"].iter().find_map(|keyword| schema.get(keyword)?.as_array());
            match parts {
                Some(parts) if parts.len() <= 8 => {
                    parts.iter().map(|part| shallow(resolve(root, part))).collect::<Vec<_>>().join(" or ")
                }
                _ => "another value".to_owned(),
            }
        }
    }
}

fn shallow(schema: &Value) -> String {
    match schema.get("type").and_then(Value::as_str) {
        Some(_) => expected(&Value::Null, schema),
        None => "another value".to_owned(),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What was found, after "found".
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Number(value) => format!("the number {value}"),
        Value::String(text) => format!("the text {}", quoted(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a section of keys".to_owned(),
    }
}

fn description(schema: &Value) -> Option<String> {
    let text = schema.get("description")?.as_str()?;
    Some(printable(text, 200))
}

fn type_help(schema: &Value, found: &Value) -> Option<String> {
    let wanted = schema.get("type").and_then(Value::as_str)?;
    match (wanted, found) {
        ("boolean", Value::String(text)) => {
            let meant = match text.to_lowercase().as_str() {
                "yes" | "on" | "y" | "true" => "true",
                "no" | "off" | "n" | "false" => "false",
                _ => return None,
            };
            Some(format!("write {meant}, without quotes"))
        }
        ("array", Value::String(text)) => {
            let text = printable(text, 40).replace('\'', "''");
            Some(format!("write a list, even of one: ['{text}']"))
        }
        ("string", Value::Number(_) | Value::Bool(_))
            if schema.get("format").and_then(Value::as_str) == Some("duration") =>
        {
            Some("give the unit: '30m', '2h', '1h30m', '90s' or '7d'".to_owned())
        }
        ("string", Value::Number(_) | Value::Bool(_)) => Some("put it in quotes".to_owned()),
        ("integer" | "number", Value::String(text)) if text.trim().parse::<f64>().is_ok() => {
            Some(format!("write {} without quotes", printable(text.trim(), 40)))
        }
        _ => None,
    }
}

/// `30 min` and the like, as it would have to be written.
fn repaired_duration(found: &Value) -> Option<String> {
    let text: String =
        found.as_str()?.chars().filter(|c| !c.is_whitespace()).take(40).collect::<String>().to_lowercase();
    let mut repaired = text;
    for (word, unit) in [
        ("minutes", "m"),
        ("minute", "m"),
        ("mins", "m"),
        ("min", "m"),
        ("hours", "h"),
        ("hour", "h"),
        ("hrs", "h"),
        ("hr", "h"),
        ("seconds", "s"),
        ("second", "s"),
        ("secs", "s"),
        ("sec", "s"),
        ("days", "d"),
        ("day", "d"),
        ("weeks", "w"),
        ("week", "w"),
    ] {
        repaired = repaired.replace(word, unit);
    }
    super::duration::parse(&repaired).map(|_| repaired)
}

/// Where a value stands, or the nearest section around it.
pub(super) fn value_place(places: &Places, at: &Pointer) -> Place {
    let mut pointer = Some(at.clone());
    while let Some(here) = pointer {
        if let Some(located) = places.get(&here) {
            return located.value.clone();
        }
        pointer = here.parent();
    }
    Place::Default
}

/// Where a key stands; for what has no key, its value.
pub(super) fn key_place(places: &Places, at: &Pointer) -> Place {
    match places.get(at) {
        Some(located) => located.key.clone().unwrap_or_else(|| located.value.clone()),
        None => value_place(places, at),
    }
}

/// Validates and explains, leaving out what only repeats a plainer problem at the same place.
pub(super) fn check(subject: &Subject<'_>, validator: &jsonschema::Validator, instance: &Value) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = validator
        .iter_errors(instance)
        .take(super::diagnostic::MOST_DIAGNOSTICS)
        .flat_map(|error| subject.explain(&error))
        .collect();
    let plainer: Vec<String> = problems
        .iter()
        .filter_map(|problem| match problem.code {
            "wrong-type" => Some(problem.path.clone()),
            "unknown-key" => problem.path.rsplit_once('.').map(|(parent, _)| parent.to_owned()),
            _ => None,
        })
        .collect();
    problems.retain(|problem| problem.code != "wrong-shape" || !plainer.contains(&problem.path));
    problems
}
