//! Texts that begin with keys: YAML between two lines of `---`, then whatever is written below. The keys are held to a schema as the configuration
//! is, and what is wrong with them, or with the text below, is told with its place in the file.

use serde_json::{Map, Value};

use super::diagnostic::{ConfigErrors, Diagnostic, Place, Span, nearest};
use super::document::{self, Places};
use super::explain::{self, Subject, value_place};
use super::pointer::{Pointer, dotted};
use super::source::Source;
use super::{empty_matter, schema};

/// The line before the keys, and after them.
const FENCE: &str = "---";

/// A text with its keys.
#[derive(Debug)]
pub struct Matter {
    source: Source,
    value: Value,
    places: Places,
    /// Where the text begins, in bytes.
    body: usize,
    /// Lines before it.
    above: usize,
}

impl Matter {
    /// Reads bytes under a name. A text that does not begin with `---` has no keys, which the schema may mind.
    ///
    /// # Errors
    /// Everything that is wrong with the keys, located.
    pub fn read(name: &str, bytes: &[u8], schema: &Value) -> Result<Matter, ConfigErrors> {
        let (source, problems) = Source::new(name, bytes);
        if !problems.is_empty() {
            return Err(ConfigErrors::new(source, problems));
        }
        let (keys, body, above) = match split(source.text()) {
            Split::Plain => (String::new(), 0, 0),
            Split::Keys { keys, body, above } => (keys, body, above),
            Split::Open => {
                let problem = Diagnostic::error("unclosed", Place::File(Span::point(1, 1)), "the keys do not end")
                    .help("write a line `---` after the last key, and the text below it");
                return Err(ConfigErrors::new(source, vec![problem]));
            }
        };
        let (document, mut problems) = document::parse(&keys);
        let Some(mut document) = document else { return Err(ConfigErrors::new(source, problems)) };
        empty_matter(&mut document.value);
        let validator = schema::compile(schema).expect("the schemas of this program are tested");
        let subject = Subject { schema, base: Pointer::root(), places: &document.places, more_keys: Vec::new() };
        problems.extend(explain::check(&subject, &validator, &document.value));
        if !problems.is_empty() {
            return Err(ConfigErrors::new(source, problems));
        }
        schema::fill_defaults(schema, schema, &mut document.value);
        Ok(Matter { source, value: document.value, places: document.places, body, above })
    }

    /// What keeps a file as a whole from being read.
    #[must_use]
    pub fn unreadable(name: &str, message: String, help: &str) -> ConfigErrors {
        let (source, _) = Source::new(name, b"");
        ConfigErrors::new(source, vec![Diagnostic::error("unreadable", Place::WholeFile, message).help(help)])
    }

    /// The keys, with the schema's defaults.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// What is written below them.
    #[must_use]
    pub fn body(&self) -> &str {
        self.source.text().get(self.body..).unwrap_or_default()
    }

    /// The same with a line break for each line above it, so that lines count as in the file.
    #[must_use]
    pub fn body_in_place(&self) -> String {
        format!("{}{}", "\n".repeat(self.above), self.body())
    }

    /// Something that is wrong with the value of a key, by the path to it.
    #[must_use]
    pub fn wrong_key(&self, path: &[&str], code: &'static str, message: String, help: &str) -> Diagnostic {
        let at = Pointer::of(path.iter().copied());
        Diagnostic::error(code, value_place(&self.places, &at), message).at(dotted(&at)).help(help)
    }

    /// Something that is wrong with a line of the file, counted from 1; with the nearest of what would be right.
    #[must_use]
    pub fn wrong_line<'k>(
        &self,
        line: usize,
        code: &'static str,
        message: String,
        given: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> Diagnostic {
        let number = u32::try_from(line).unwrap_or(u32::MAX).max(1);
        let text = self.source.text().lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let found = text.find(given).filter(|_| !given.is_empty());
        let column = found.map_or(1, |at| text[..at].chars().count() + 1);
        let length = if found.is_some() { given.chars().count() } else { 1 };
        let [column, length] = [column, length].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        Diagnostic::error(code, Place::File(Span { line: number, column, length }), message)
            .suggest(nearest(given, known).filter(|_| !given.is_empty()))
    }

    /// The errors, with the text for excerpts.
    #[must_use]
    pub fn refused(&self, problems: Vec<Diagnostic>) -> ConfigErrors {
        ConfigErrors::new(self.source.clone(), problems)
    }
}

enum Split {
    /// There are no keys.
    Plain,
    /// The keys do not end.
    Open,
    /// The keys, on the lines that they have in the file.
    Keys { keys: String, body: usize, above: usize },
}

fn split(text: &str) -> Split {
    let mut lines = text.split_inclusive('\n');
    let is_fence = |line: &str| line.trim_end() == FENCE;
    let Some(first) = lines.next().filter(|line| is_fence(line)) else { return Split::Plain };
    let mut at = first.len();
    for (above, line) in (2..).zip(lines) {
        if is_fence(line) {
            let keys = format!("\n{}", &text[first.len()..at]);
            return Split::Keys { keys, body: at + line.len(), above };
        }
        at += line.len();
    }
    Split::Open
}

/// Keys as they are written between the fences, with a comment before each that has one.
#[must_use]
pub fn write_keys(keys: &[(&str, Value, &str)]) -> String {
    let mut out = format!("{FENCE}\n");
    for (key, value, comment) in keys {
        for line in comment.lines() {
            out.push_str(&format!("# {line}\n"));
        }
        match value {
            Value::Array(items) if items.iter().any(Value::is_object) => {
                out.push_str(&format!("{key}:\n"));
                for item in items {
                    out.push_str(&entry(item));
                }
            }
            Value::Object(map) if !map.is_empty() => {
                out.push_str(&format!("{key}:\n"));
                for (key, value) in map {
                    out.push_str(&format!("  {}: {}\n", super::template::plain_key(key), super::template::flow(value)));
                }
            }
            Value::Null => out.push_str(&format!("#{key}:\n")),
            other => out.push_str(&format!("{key}: {}\n", super::template::flow(other))),
        }
    }
    out.push_str(FENCE);
    out.push('\n');
    out
}

/// An entry of a list, a line for each of its keys.
fn entry(item: &Value) -> String {
    let empty = Map::new();
    let map = item.as_object().unwrap_or(&empty);
    let line = |(index, (key, value)): (usize, (&String, &Value))| {
        format!("  {} {key}: {}\n", if index == 0 { '-' } else { ' ' }, super::template::flow(value))
    };
    // `question` before `answer`.
    map.iter().rev().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({"type": "object", "additionalProperties": false, "properties": {
            "name": {"type": "string"}, "count": {"type": "integer", "default": 3}, "list": {"type": "array"},
        }})
    }

    #[test]
    fn keys_and_text_are_told_apart() {
        let read = |text: &str| {
            let matter = Matter::read("t.md", text.as_bytes(), &schema()).expect(text);
            (matter.value().clone(), matter.body().to_owned(), matter.body_in_place().matches('\n').count())
        };
        assert_eq!(read("---\nname: a\n---\nb\n"), (json!({"name": "a", "count": 3}), "b\n".to_owned(), 4));
        assert_eq!(read("just text\n"), (json!({"count": 3}), "just text\n".to_owned(), 1));
        assert_eq!(read("---\n---\n"), (json!({"count": 3}), String::new(), 2));
        assert_eq!(read("---\r\nname: a\r\n---\r\nb"), (json!({"name": "a", "count": 3}), "b".to_owned(), 3));
        assert_eq!(read("--- \n# nothing\n---\n---\nb").1, "---\nb");
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let refused = |text: &str| Matter::read("t.md", text.as_bytes(), &schema()).expect_err(text).to_string();
        let unknown = refused("---\ncount: 1\nnam: a\n---\nb\n");
        assert!(unknown.contains("t.md:3:1") && unknown.contains("did you mean `name`?"), "{unknown}");
        assert!(refused("---\nname: a\n").contains("t.md:1:1"));
        assert!(refused("---\ncount: x\n---\n").contains("t.md:2:8"));
        assert!(refused("---\n- a\n---\n").contains("a section of keys"));
    }

    proptest! {
        #[test]
        fn no_text_is_too_much(text in "(-{3}\n)?([a-z]{1,5}: ?.{0,8}\n){0,4}(-{3}\n)?.{0,20}") {
            if let Ok(matter) = Matter::read("t.md", text.as_bytes(), &schema()) {
                prop_assert!(text.ends_with(matter.body()));
                let _told = matter.wrong_line(2, "x", "wrong".to_owned(), "a", ["ab"]);
            }
        }

        #[test]
        fn what_is_written_is_read_again(name in ".{0,30}", list in prop::collection::vec("[ -~]{0,20}", 0..4), count in 0..9) {
            let entries: Vec<Value> = list.iter().map(|text| json!({"k": text, "n": count})).collect();
            let keys = [("name", json!(name), "What\nit is"), ("list", json!(entries), ""), ("count", json!(count), "")];
            let text = format!("{}below\n", write_keys(&keys));
            let read = Matter::read("t.md", text.as_bytes(), &schema());
            let read = read.unwrap_or_else(|error| panic!("{error}\n{text}"));
            prop_assert_eq!(read.value(), &json!({"name": name, "list": entries, "count": count}));
            prop_assert_eq!(read.body(), "below\n");
        }
    }
}
