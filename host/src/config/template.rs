//! The file that `config init` writes: every key there is, explained and commented out.
//!
//! It is generated from the same schemas that validate it, so it cannot go stale. Explanations
//! start with `# `, settings that are not in effect with `#` alone: removing that one character
//! makes any of them effective, and the file stays valid.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::{fs, io};

use serde_json::{Value, json};

use super::diagnostic::{Diagnostic, printable};
use super::home::{Home, HomeError};
use super::schema::{self, PlatformSchema, Vetted, default_of, resolve};

/// Columns of the generated comments.
const COLUMNS: usize = 96;

/// Why `config init` wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is one already.
    #[error(
        "{} exists already and is never overwritten; edit it, or move it away first",
        path.display()
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The directory could not be made.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The file could not be written.
    #[error("cannot write {}: {source}; check the directory's permissions and free space", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A plugin's schema cannot be used.
    #[error("platform {}: {}", .0.path, .0.message)]
    Plugin(Box<Diagnostic>),
}

/// The text of a new configuration for these platforms.
///
/// # Errors
/// When a platform declares a schema that cannot be used.
pub fn template(platforms: &[PlatformSchema<'_>]) -> Result<String, Box<Diagnostic>> {
    let mut out = String::from(
        "# Configuration of Prospector.\n\
         #\n\
         # Every key is optional. What is commented out shows the default, or an example where\n\
         # there is none: remove the `#` before a key, and before the section that it is in, to\n\
         # change it. `ghoststack prospector config validate` checks the file, and\n\
         # `ghoststack prospector config show` prints what is in effect and why.\n\
         #\n\
         # Secrets do not belong here: `ghoststack prospector connect <platform>` stores them.\n",
    );
    let root = schema::host();
    let order = root["x-order"].as_array().into_iter().flatten();
    for key in order.filter_map(Value::as_str) {
        let section = &root["properties"][key];
        out.push('\n');
        if key == "profile" {
            let root = with_alias(root, platforms);
            entry(&mut out, &root, key, &root["properties"][key], 0);
            continue;
        }
        if key != "platforms" {
            entry(&mut out, root, key, section, 0);
            continue;
        }
        comment(&mut out, 0, section, None);
        let live = platforms.iter().any(|platform| platform.built_in);
        let _ = writeln!(out, "{}platforms:", if live { "" } else { "#" });
        for platform in platforms {
            platform_section(&mut out, platform, &platform.vet()?);
        }
    }
    Ok(out)
}

/// The schema with an example of a skill that a platform calls otherwise.
fn with_alias(root: &Value, platforms: &[PlatformSchema<'_>]) -> Value {
    let mut root = root.clone();
    let example = root.pointer_mut("/$defs/profile/properties/skills/examples/0/1");
    if let (Some(example), Some(platform)) = (example, platforms.first()) {
        example["aliases"] = json!({ platform.id: "Typescript" });
    }
    root
}

pub(super) fn write(home: &Home, platforms: &[PlatformSchema<'_>]) -> Result<PathBuf, InitError> {
    let text = template(platforms).map_err(InitError::Plugin)?;
    home.ensure_dir(home.root())?;
    let path = home.config_file();
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let mut file = match file {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(InitError::Exists { path });
        }
        Err(source) => return Err(InitError::Write { path, source }),
    };
    if let Err(source) = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()) {
        // Half a file would be in the way of the next attempt, and it is ours.
        let _ = fs::remove_file(&path);
        return Err(InitError::Write { path, source });
    }
    Ok(path)
}

fn platform_section(out: &mut String, platform: &PlatformSchema<'_>, vetted: &Vetted) {
    let off = if platform.built_in { "" } else { "#" };
    let _ = writeln!(out, "{off}  {}:", plain_key(platform.id));
    let mut shared = schema::host_platform()["properties"].clone();
    for (key, default) in &vetted.suggested {
        shared[key]["default"] = default.clone();
    }
    if let Some(name) = platform.endpoints.first() {
        shared["endpoints"]["examples"] = json!([{ *name: "https://sandbox.example.com" }]);
    }
    shared["connect"]["properties"]["redirect_uri"]["examples"] =
        json!([format!("https://app.ghoststack.dev/auth/{}/callback", platform.id)]);
    comment(out, 4, &shared["enabled"], None);
    let _ = writeln!(out, "{off}    enabled: true");
    for (key, property) in shared.as_object().into_iter().flatten() {
        if key != "enabled" {
            entry(out, schema::host(), key, property, 4);
        }
    }
    let own = vetted.schema.get("properties").and_then(Value::as_object);
    for (key, property) in own.into_iter().flatten() {
        entry(out, &vetted.schema, key, property, 4);
    }
}

/// One key with its explanation, commented out, at its default or an example; a section with
/// its keys. A key that has neither is only explained.
fn entry(out: &mut String, root: &Value, key: &str, property: &Value, indent: usize) {
    let schema = resolve(root, property);
    let name = plain_key(key);
    // Only a plugin nests deeper than this, and it may nest a good deal deeper.
    let properties = schema.get("properties").and_then(Value::as_object);
    if let Some(properties) = properties.filter(|_| indent <= 8) {
        comment(out, indent, schema, None);
        let _ = writeln!(out, "#{:indent$}{name}:", "");
        for (key, inner) in properties {
            entry(out, root, key, inner, indent + 2);
        }
        return;
    }
    let default = default_of(root, property);
    let value =
        default.filter(|value| !is_empty(value)).or_else(|| schema.get("examples")?.as_array()?.first()).or(default);
    match value {
        Some(value) => {
            comment(out, indent, schema, None);
            let _ = writeln!(out, "#{:indent$}{name}: {}", "", flow(value));
        }
        None => comment(out, indent, schema, Some(&name)),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Null => true,
        _ => false,
    }
}

fn comment(out: &mut String, indent: usize, schema: &Value, name: Option<&str>) {
    let text = schema.get("description").and_then(Value::as_str);
    let mut text = match (name, text) {
        (None, None) => return,
        (None, Some(text)) => printable(text, 600),
        (Some(name), text) => format!("{name}: {}", printable(text.unwrap_or_default(), 600)),
    };
    if let Some(options) = schema.get("enum").and_then(Value::as_array) {
        let options: Vec<&str> = options.iter().filter_map(Value::as_str).collect();
        let _ = write!(text, " One of: {}.", printable(&options.join(", "), 300));
    }
    let width = COLUMNS.saturating_sub(indent + 2);
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            let _ = writeln!(out, "{:indent$}# {line}", "");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        let _ = writeln!(out, "{:indent$}# {line}", "");
    }
}

pub(super) fn plain_key(key: &str) -> String {
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        && !matches!(key.to_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no");
    if plain { key.to_owned() } else { text(key) }
}

/// A value on one line, as YAML.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::String(words) => text(words),
        Value::Array(list) => {
            let items: Vec<String> = list.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            // A thing's name is what a person looks for first.
            let (named, rest): (Vec<_>, Vec<_>) = map.iter().partition(|(key, _)| *key == "name");
            let entries = named.into_iter().chain(rest);
            let entries: Vec<String> =
                entries.map(|(key, value)| format!("{}: {}", plain_key(key), flow(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// Single quotes, as in the documentation; JSON's where a character needs an escape.
fn text(words: &str) -> String {
    if words.chars().all(|c| super::diagnostic::safe_char(c) == c && c != '\u{fffd}') {
        format!("'{}'", words.replace('\'', "''"))
    } else {
        // JSON leaves some control characters as they are, which YAML does not allow.
        let json = Value::from(words).to_string();
        json.chars().map(|c| if c.is_control() { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
    }
}
