//! The capability `log`: a guest's lines into the host's tracing, escaped and bounded.

use std::fmt::Write as _;

use crate::contract::log::Level;
use crate::contract::types::{Attribute, Value};

/// Lines that one call may write.
pub const MAX_LINES: u32 = 200;
/// Longest message, in bytes.
const MAX_MESSAGE: usize = 4 * 1024;
/// Longest value of a field, in bytes.
const MAX_VALUE: usize = 1024;
/// Fields of a line.
const MAX_FIELDS: usize = 16;

/// Writes a guest's line. What would move a terminal's cursor or forge a line of the log is escaped.
pub fn line(plugin: &str, level: Level, message: &str, fields: &[Attribute]) {
    let message = escaped(message, MAX_MESSAGE);
    let mut text = String::new();
    for field in fields.iter().take(MAX_FIELDS) {
        let _ = write!(text, "{}={} ", escaped(&field.name, 128), escaped(&shown(&field.value), MAX_VALUE));
    }
    let fields = text.trim_end();
    match level {
        Level::Trace => tracing::trace!(target: "plugin", plugin, fields, "{message}"),
        Level::Debug => tracing::debug!(target: "plugin", plugin, fields, "{message}"),
        Level::Info => tracing::info!(target: "plugin", plugin, fields, "{message}"),
        Level::Warn => tracing::warn!(target: "plugin", plugin, fields, "{message}"),
        Level::Error => tracing::error!(target: "plugin", plugin, fields, "{message}"),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Texts(texts) => texts.join(", "),
    }
}

/// A text on one line: control and formatting characters as `\u{..}`, cut at `most` bytes.
#[must_use]
pub fn escaped(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len().min(most));
    for c in text.chars() {
        if out.len() >= most {
            out.push('…');
            break;
        }
        if is_plain(c) {
            out.push(c);
        } else {
            out.extend(c.escape_unicode());
        }
    }
    out
}

/// Whether a character only shows itself: no control, no invisible reordering of what is around it. The joiners that scripts and emoji
/// are written with stay.
#[must_use]
pub fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_cursor_or_forges_a_line_gets_through() {
        assert_eq!(escaped("a\u{1b}[2Jb\nc\u{202e}d\0", 100), "a\\u{1b}[2Jb\\u{a}c\\u{202e}d\\u{0}");
        assert_eq!(escaped("Zürich 日本 👍", 100), "Zürich 日本 👍");
        assert_eq!(escaped(&"x".repeat(10), 4), "xxxx…");
    }
}
