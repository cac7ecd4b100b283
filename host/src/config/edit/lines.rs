//! A text as lines, which are inserted and uncommented but never changed otherwise.

use serde_json::Value;

use super::place::{self, Section};
use crate::config::diagnostic::Place;
use crate::config::template;

/// Lines, each with its end.
pub(super) struct Lines {
    lines: Vec<String>,
    newline: &'static str,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { lines: text.split_inclusive('\n').map(str::to_owned).collect(), newline }
    }

    pub(super) fn newline(&self) -> &'static str {
        self.newline
    }

    pub(super) fn text(&self) -> String {
        self.lines.concat()
    }

    /// Puts whole lines before the line `at`.
    pub(super) fn insert(&mut self, at: usize, text: &str) {
        if let Some(before) = at.checked_sub(1).and_then(|before| self.lines.get_mut(before))
            && !before.ends_with('\n')
        {
            before.push_str(self.newline);
        }
        self.lines.insert(at.min(self.lines.len()), text.to_owned());
    }

    /// What parts something new at a line from what is before it: a blank line, unless there is one.
    pub(super) fn gap(&self, at: usize) -> &'static str {
        let before = at.checked_sub(1).and_then(|before| self.lines.get(before));
        if before.is_some_and(|line| !line.trim().is_empty()) { self.newline } else { "" }
    }

    /// Makes a commented-out key effective.
    pub(super) fn uncomment(&mut self, at: usize) {
        if let Some(line) = self.lines.get_mut(at) {
            *line = line.replacen('#', "", 1);
        }
    }

    /// Whether a commented-out key has nothing behind it, as a section's.
    pub(super) fn is_bare(&self, at: usize) -> bool {
        self.lines.get(at).is_some_and(|line| line.trim_end().ends_with(':'))
    }

    /// Columns before the dash of an item, if it stands behind one alone.
    pub(super) fn dash_before(&self, item: &Place) -> Option<usize> {
        let (line, column) = place::position(item)?;
        let before: String = self.lines.get(line)?.chars().take(column).collect();
        (before.trim() == "-").then(|| indent(&before))
    }

    /// The last line that belongs to what begins in the line `at` with so many columns before it.
    pub(super) fn last_below(&self, at: usize, columns: usize) -> usize {
        let below = |(_, line): &(usize, &String)| !is_content(line) || indent(line) > columns;
        let block = self.lines.iter().enumerate().skip(at + 1).take_while(below);
        block.filter(|(_, line)| is_content(line)).last().map_or(at, |(last, _)| last)
    }

    /// The line of a key that is commented out in a section: `#  key: ...`, aligned with the section's other keys.
    pub(super) fn commented_out(&self, key: &str, section: &Section) -> Option<usize> {
        let inside = |line: &String| match section.line {
            None => true,
            Some((_, columns)) => match commented_key(line) {
                Some((depth, _)) => depth > columns,
                None => !is_content(line) || indent(line) > columns,
            },
        };
        let from = section.line.map_or(0, |(line, _)| line + 1);
        self.lines
            .iter()
            .enumerate()
            .skip(from)
            .take_while(|(_, line)| inside(line))
            .find(|(_, line)| commented_key(line) == Some((section.indent, key)))
            .map(|(at, _)| at)
    }

    /// Where a section's next line would be.
    pub(super) fn end_of(&self, section: &Section) -> usize {
        match section.line {
            None => self.lines.len(),
            Some((line, columns)) => self.last_below(line, columns) + 1,
        }
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_content(line: &str) -> bool {
    let text = line.trim();
    !text.is_empty() && !text.starts_with('#')
}

/// The columns and the name of a key that is commented out as `config init` does it.
fn commented_key(line: &str) -> Option<(usize, &str)> {
    let rest = line.strip_prefix('#')?;
    let (name, value) = rest.trim_start_matches(' ').split_once(':')?;
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    (plain && (value.trim().is_empty() || value.starts_with(' '))).then(|| (indent(rest), name))
}

/// A key in sections of its own, as lines.
pub(super) fn entry(path: &[&str], value: &Value, indent: usize, newline: &str) -> String {
    let Some((key, inner)) = path.split_first() else { return String::new() };
    let head = format!("{:indent$}{key}:", "");
    let deeper = indent + 2;
    match value {
        _ if !inner.is_empty() => format!("{head}{newline}{}", entry(inner, value, deeper, newline)),
        Value::Object(map) if !map.is_empty() => {
            let inner: String = map.iter().map(|(key, value)| entry(&[key], value, deeper, newline)).collect();
            format!("{head}{newline}{inner}")
        }
        // Of plain codes: they are short.
        Value::Array(list) if list.len() > 1 || list.iter().any(|item| !is_short(item)) => {
            format!("{head}{newline}{}", items(list, deeper, newline))
        }
        value => format!("{head} {}{newline}", template::flow(value)),
    }
}

fn is_short(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() <= 3)
}

/// Items of a list, as lines.
pub(super) fn items(list: &[Value], indent: usize, newline: &str) -> String {
    list.iter().map(|item| format!("{:indent$}- {}{newline}", "", template::flow(item))).collect()
}
