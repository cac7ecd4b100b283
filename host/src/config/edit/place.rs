//! From the places of a parsed document to its text.

use std::ops::Range;

use super::{FLOW, ODD, Uneditable};
use crate::config::diagnostic::{Place, Span};
use crate::config::document::Document;
use crate::config::pointer::Pointer;
use serde_json::Value;

/// A mapping in block style.
pub(super) struct Section {
    /// The line of its key, from 0, and the columns before it; none for the document.
    pub line: Option<(usize, usize)>,
    /// Columns before its keys.
    pub indent: usize,
}

/// Line and column of a place, both from 0.
pub(super) fn position(place: &Place) -> Option<(usize, usize)> {
    match place {
        Place::File(Span { line, column, .. }) => Some((*line as usize - 1, *column as usize - 1)),
        _ => None,
    }
}

/// Line of a place, from 0.
pub(super) fn line(place: &Place) -> Option<usize> {
    position(place).map(|(line, _)| line)
}

/// Byte of a place in the text.
pub(super) fn offset(text: &str, place: Option<&Place>) -> Option<usize> {
    let (line, column) = place.and_then(position)?;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let within = text.get(start..)?.char_indices().nth(column)?.0;
    Some(start + within)
}

/// Bytes of a plain value on one line.
pub(super) fn scalar(text: &str, place: Option<&Place>) -> Option<Range<usize>> {
    let start = offset(text, place)?;
    let line = text.get(start..)?.lines().next()?;
    let length = match line.chars().next()? {
        '[' | '{' | '&' | '*' | '!' | '|' | '>' => return None,
        quote @ ('\'' | '"') => quoted(line, quote)?,
        _ => {
            let ends = [line.find(" #"), line.find(['\t', ',', '}', ']'])];
            let end = ends.into_iter().flatten().min().unwrap_or(line.len());
            line.get(..end)?.trim_end().len()
        }
    };
    Some(start..start + length)
}

/// Bytes of a quoted text, the quotes included, that ends on this line.
fn quoted(line: &str, quote: char) -> Option<usize> {
    let mut characters = line.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' if quote == '"' => {
                characters.next();
            }
            '\'' if quote == '\'' && characters.next_if(|(_, next)| *next == '\'').is_some() => {}
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The mapping at a path, which is there.
///
/// # Errors
/// Where it is not a mapping in block style.
pub(super) fn section(text: &str, document: &Document, path: &[&str]) -> Result<Section, Uneditable> {
    let here = Pointer::of(path.iter().copied());
    let located = document.places.get(&here);
    let place = located.map(|located| &located.value);
    let value = document.value.pointer(&super::pointer(path));
    let first = match value {
        Some(Value::Object(map)) => {
            let open = offset(text, place).and_then(|at| text.get(at..)?.chars().next());
            if map.is_empty() || open == Some('{') {
                return Err(Uneditable::at(place, FLOW));
            }
            let keys = map.keys().filter_map(|key| document.places.get(&here.join(key))?.key.as_ref());
            // An alias's keys are where its anchor is.
            Some(keys.filter_map(position).min().ok_or_else(|| Uneditable::at(place, ODD))?)
        }
        Some(Value::Null) | None => None,
        Some(_) => return Err(Uneditable::at(place, ODD)),
    };
    if path.is_empty() {
        let indent = first.map_or(0, |(_, column)| column);
        return if indent == 0 { Ok(Section { line: None, indent }) } else { Err(Uneditable::at(place, ODD)) };
    }
    let key = located.and_then(|located| located.key.as_ref()).and_then(position);
    let (line, column) = key.ok_or_else(|| Uneditable::at(place, ODD))?;
    match first {
        Some((below, indent)) if below > line && indent > column => Ok(Section { line: Some((line, column)), indent }),
        Some(_) => Err(Uneditable::at(place, ODD)),
        None => Ok(Section { line: Some((line, column)), indent: column + 2 }),
    }
}
