//! Changing the text of a configuration in place.
//!
//! What a person wrote stays as it is, byte by byte: comments, order, blank lines, quotes, line ends. Only the lines of a changed key are
//! touched. A new key takes the place of its commented-out form, as `config init` writes it, or the end of its section.
//!
//! YAML has more ways to write a thing than are understood here, so nothing is believed: the new text is parsed, and unless its value is
//! the old one with the changes and nothing else, the edit is refused.

mod flow;
mod lines;
mod place;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::diagnostic::{Place, Span};
use super::document::{self, Document};
use super::pointer::Pointer;
use super::template;
use lines::Lines;

/// A change to a document of mappings.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Sets a key to a plain value, in the place of what is there.
    Set {
        /// The key, from the root.
        path: Vec<String>,
        /// A text, number or flag, or a list of them.
        value: Value,
    },
    /// Adds items to the end of a list, which need not be there.
    Append {
        /// The key, from the root.
        path: Vec<String>,
        /// What is added.
        items: Vec<Value>,
    },
}

/// Why a text is not edited. It can be edited by hand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{why}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct Uneditable {
    /// Where, from 1.
    pub line: Option<u32>,
    /// What stands in the way.
    pub why: &'static str,
}

impl Uneditable {
    fn at(place: Option<&Place>, why: &'static str) -> Self {
        let line = match place {
            Some(Place::File(Span { line, .. })) => Some(*line),
            _ => None,
        };
        Self { line, why }
    }
}

const FLOW: &str = "it is written between braces, where comments could be lost";
const ODD: &str =
    "it is written in a way that is not understood well enough to change it (an anchor, an alias, a tag?)";

/// The text with the changes made.
///
/// # Errors
/// Where that cannot be done without touching anything else.
pub fn edit(text: &str, changes: &[Change]) -> Result<String, Uneditable> {
    let (mark, body) = match text.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", text),
    };
    let mut expected = parse(body)?.value;
    let mut edited = body.to_owned();
    for change in changes {
        let document = parse_again(&edited)?;
        let (Change::Set { path, .. } | Change::Append { path, .. }) = change;
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        edited = match change {
            Change::Set { value, .. } if document.places.contains_key(&Pointer::of(path.iter().copied())) => {
                replace(&edited, &document, &path, value)?
            }
            Change::Set { value, .. } => insert(edited, &path, value)?,
            Change::Append { items, .. } if items.is_empty() => continue,
            Change::Append { items, .. } => match document.value.pointer(&pointer(&path)) {
                Some(Value::Array(present)) => append(&edited, &document, &path, present.len(), items)?,
                _ => insert(edited, &path, &Value::Array(items.clone()))?,
            },
        };
        apply(&mut expected, change);
    }
    match parse_again(&edited)?.value == expected {
        true => Ok(format!("{mark}{edited}")),
        false => Err(Uneditable { line: None, why: ODD }),
    }
}

/// A section as it would be written anew, to be pasted.
#[must_use]
pub fn section(key: &str, value: &Value) -> String {
    lines::entry(&[key], value, 0, "\n")
}

/// What a change makes of a value.
pub fn apply(value: &mut Value, change: &Change) {
    let (Change::Set { path, .. } | Change::Append { path, .. }) = change;
    let mut here = value;
    for key in path {
        if !here.is_object() {
            *here = Value::Object(Map::new());
        }
        let Value::Object(map) = here else { return };
        here = map.entry(key.clone()).or_insert(Value::Null);
    }
    match (change, &mut *here) {
        (Change::Set { value, .. }, _) => *here = value.clone(),
        (Change::Append { items, .. }, Value::Array(present)) => present.extend(items.iter().cloned()),
        (Change::Append { items, .. }, _) => *here = Value::Array(items.clone()),
    }
}

fn parse(text: &str) -> Result<Document, Uneditable> {
    match document::parse(text) {
        (Some(document), problems) if problems.is_empty() => Ok(document),
        (_, problems) => {
            Err(Uneditable::at(problems.first().map(|problem| &problem.place), "the file is not valid YAML"))
        }
    }
}

/// Parses what an edit has made of a text that could be parsed.
fn parse_again(text: &str) -> Result<Document, Uneditable> {
    parse(text).map_err(|_| Uneditable { line: None, why: ODD })
}

fn pointer(path: &[&str]) -> String {
    path.iter().map(|key| format!("/{key}")).collect()
}

/// Puts a plain value where one is.
fn replace(text: &str, document: &Document, path: &[&str], value: &Value) -> Result<String, Uneditable> {
    let here = Pointer::of(path.iter().copied());
    let place = document.places.get(&here).map(|located| &located.value);
    let range = place::scalar(text, place).ok_or_else(|| Uneditable::at(place, ODD))?;
    let mut edited = text.to_owned();
    edited.replace_range(range, &template::flow(value));
    Ok(edited)
}

/// Adds items to a list that is there, in the way that it is written.
fn append(
    text: &str,
    document: &Document,
    path: &[&str],
    present: usize,
    items: &[Value],
) -> Result<String, Uneditable> {
    let here = Pointer::of(path.iter().copied());
    let of = |at: usize| document.places.get(&here.join(&at.to_string())).map(|located| &located.value);
    let place = document.places.get(&here).map(|located| &located.value);
    let mut lines = Lines::of(text);
    let dash = of(0).and_then(|first| lines.dash_before(first));
    if let (Some(dash), Some(last)) = (dash, present.checked_sub(1).and_then(of).and_then(place::line)) {
        let after = lines.last_below(last, dash);
        lines.insert(after + 1, &lines::items(items, dash, lines.newline()));
        return Ok(lines.text());
    }
    let open = place::offset(text, place).ok_or_else(|| Uneditable::at(place, ODD))?;
    flow::append(text, open, items).ok_or_else(|| Uneditable::at(place, ODD))
}

/// Adds a key that is not there, with the sections around it that are not there either.
fn insert(mut text: String, path: &[&str], value: &Value) -> Result<String, Uneditable> {
    loop {
        let document = parse_again(&text)?;
        let known = (0..path.len())
            .rev()
            .find(|&depth| depth == 0 || document.places.contains_key(&Pointer::of(path[..depth].iter().copied())))
            .unwrap_or(0);
        let section = place::section(&text, &document, &path[..known])?;
        let mut lines = Lines::of(&text);
        let missing = &path[known..];
        let key = missing.first().copied().unwrap_or_default();
        match lines.commented_out(key, &section) {
            // The section's own line, then once more for what is in it.
            Some(at) if missing.len() > 1 && lines.is_bare(at) => {
                lines.uncomment(at);
                text = lines.text();
                continue;
            }
            Some(at) if missing.len() == 1 => {
                lines.insert(at + 1, &lines::entry(missing, value, section.indent, lines.newline()));
            }
            _ => {
                let at = lines.end_of(&section);
                let gap = if known == 0 { lines.gap(at) } else { "" };
                let entry = lines::entry(missing, value, section.indent, lines.newline());
                lines.insert(at, &format!("{gap}{entry}"));
            }
        }
        return Ok(lines.text());
    }
}
