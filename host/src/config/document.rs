//! YAML text to a plain JSON value plus the place of every key and value in it.
//!
//! The file is the user's own, but it may have been downloaded or generated: nesting, aliases
//! and size are bounded, so that no text can exhaust memory or the stack. The parser stops at
//! the first mistake in the notation itself; what it accepts is then checked in full.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::Spanned;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};

use super::diagnostic::{Diagnostic, Place, Span, quoted};
use super::pointer::{Pointer, dotted};

/// Deepest nesting of lists and mappings.
pub const DEEPEST: usize = 32;

/// Most values in a document, those that aliases repeat included.
const MOST_NODES: usize = 50_000;

/// Most uses of `*alias`.
const MOST_ALIASES: usize = 1_000;

/// Where a key and its value stand. List items and the document have no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Located {
    pub key: Option<Place>,
    pub value: Place,
}

/// Places by JSON pointer.
pub(super) type Places = BTreeMap<Pointer, Located>;

/// A document that is well-formed: its value, and where each part of it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    pub value: Value,
    pub places: Places,
}

/// Parses one document. The problems returned beside it are those of its shape (duplicate keys
/// and the like); without a document the notation itself is wrong.
pub(super) fn parse(text: &str) -> (Option<Document>, Vec<Diagnostic>) {
    let options = serde_saphyr::options! {
        // Duplicates and merge keys pass through, to be reported with everything else.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_depth: DEEPEST,
            max_nodes: MOST_NODES,
            max_aliases: MOST_ALIASES,
            max_documents: 2
        }
    };
    let root = match serde_saphyr::from_str_with_options::<Spanned<Node>>(text, options) {
        Ok(root) => root,
        Err(error) => return (None, vec![explain(&error, text)]),
    };
    let mut builder = Builder { text, places: Places::new(), problems: Vec::new() };
    let value = builder.value(&root, &mut Pointer::root(), None);
    let document = Document { value, places: builder.places };
    (Some(document), builder.problems)
}

enum Node {
    Null,
    Bool(bool),
    Number(Number),
    /// A number that JSON has no word for, as a person would write it.
    Beyond(String),
    Text(String),
    List(Vec<Spanned<Node>>),
    Mapping(Vec<(Spanned<Node>, Spanned<Node>)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
        Ok(Number::from_i128(value).map_or_else(|| Node::Beyond(value.to_string()), Node::Number))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Node, E> {
        Ok(Number::from_u128(value).map_or_else(|| Node::Beyond(value.to_string()), Node::Number))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Number::from_f64(value).map_or_else(|| Node::Beyond(value.to_string()), Node::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut mapping = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            mapping.push(entry);
        }
        Ok(Node::Mapping(mapping))
    }
}

struct Builder<'a> {
    text: &'a str,
    places: Places,
    problems: Vec<Diagnostic>,
}

impl Builder<'_> {
    fn value(&mut self, node: &Spanned<Node>, at: &mut Pointer, key: Option<Place>) -> Value {
        let place = self.place(node);
        let located = Located { key, value: place.clone() };
        self.places.insert(at.clone(), located);
        match &node.value {
            Node::Null => Value::Null,
            Node::Bool(value) => Value::Bool(*value),
            Node::Number(value) => Value::Number(value.clone()),
            Node::Text(value) => Value::String(value.clone()),
            Node::Beyond(value) => {
                let message = format!("{} is not a number that can be used here", quoted(value));
                self.problems.push(Diagnostic::error("bad-number", place, message).at(dotted(at)));
                // Zero would pass a later check, null fails it where a number is wanted; either
                // way the document is refused.
                Value::Null
            }
            Node::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    at.push(&index.to_string());
                    list.push(self.value(item, at, None));
                    at.pop();
                }
                Value::Array(list)
            }
            Node::Mapping(entries) => self.mapping(entries, at),
        }
    }

    fn mapping(&mut self, entries: &[(Spanned<Node>, Spanned<Node>)], at: &mut Pointer) -> Value {
        let mut map = Map::new();
        for (key, value) in entries {
            let place = self.place(key);
            let Node::Text(name) = &key.value else {
                let problem = Diagnostic::error("bad-key", place, "a key here must be a plain name")
                    .at(dotted(at))
                    .help("put quotes around a key that is a number, `true` or `null`");
                self.problems.push(problem);
                continue;
            };
            at.push(name);
            if name == "<<" {
                let problem = Diagnostic::error("merge-key", place, "merge keys (`<<`) are not supported")
                    .at(dotted(at))
                    .help("write the keys out, or use an alias for a whole value");
                self.problems.push(problem);
            } else if map.contains_key(name) {
                let first = match self.places.get(at).and_then(|place| place.key.as_ref()) {
                    Some(Place::File(span)) => format!("; it is first on line {}", span.line),
                    _ => String::new(),
                };
                let message = format!("the key {} appears twice{first}", quoted(name));
                let problem =
                    Diagnostic::error("duplicate-key", place, message).at(dotted(at)).help("keep one of them");
                self.problems.push(problem);
            } else {
                let value = self.value(value, at, Some(place));
                map.insert(name.clone(), value);
            }
            at.pop();
        }
        Value::Object(map)
    }

    fn place<T>(&self, node: &Spanned<T>) -> Place {
        let location = node.referenced;
        let length = location.span().len();
        Place::File(Span {
            line: number(location.line()),
            column: number(location.column()),
            length: number(length.min(self.rest_of_line(location.span()))),
        })
    }

    /// Characters from a span's start to the end of its line: a value of several lines is
    /// marked on its first.
    fn rest_of_line(&self, span: serde_saphyr::Span) -> u64 {
        let start = span.byte_offset().and_then(|at| usize::try_from(at).ok());
        start
            .and_then(|at| self.text.get(at..))
            .and_then(|rest| rest.lines().next())
            .map_or(1, |line| line.chars().take(10_000).count() as u64)
    }
}

/// Positions count from 1; a bounded file keeps them far below the limit.
fn number(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX).max(1)
}

fn explain(error: &serde_saphyr::Error, text: &str) -> Diagnostic {
    use serde_saphyr::Error;

    let location = error.location();
    if let Error::AliasError { error, .. } = error {
        // The reason, at the place where the alias is used.
        let mut problem = explain(error, text);
        if let Some(at) = location {
            problem.place = Place::File(Span::point(number(at.line()), number(at.column())));
        }
        return problem;
    }
    let place =
        location.map_or(Place::WholeFile, |at| Place::File(Span::point(number(at.line()), number(at.column()))));
    let line = location.and_then(|at| text.lines().nth(number(at.line()) as usize - 1)).unwrap_or_default();
    let (code, message, help) = match error {
        Error::MultipleDocuments { .. } => (
            "several-documents",
            "a second document starts here".to_owned(),
            "keep one document: remove the `---` line",
        ),
        Error::UnknownAnchor { .. } => (
            "unknown-anchor",
            "this alias refers to an anchor that does not exist".to_owned(),
            "define it earlier with `&name`, or put quotes around text that starts with `*`",
        ),
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            ("recursive-alias", "this alias refers to a value that contains it".to_owned(), "write the value out")
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => (
            "too-complex",
            format!(
                "the document is too complex: at most {DEEPEST} levels, {MOST_NODES} values and \
                 {MOST_ALIASES} aliases are read"
            ),
            "write it flatter, and without nested aliases",
        ),
        other => {
            let raw = other.to_string();
            let message = match raw.rfind(" at line ") {
                Some(end) => &raw[..end],
                None => &raw,
            };
            let help = if line.trim_start_matches(' ').starts_with('\t') {
                "indent with spaces: YAML does not allow tabs there"
            } else if message.contains("mapping values are not allowed") {
                "put quotes around text that contains `: `"
            } else if message.contains("did not find expected key") || message.contains("indentation") {
                "align the keys of a section in the same column, and close every quote"
            } else if message.contains("unclosed") {
                "close the bracket, brace or quote"
            } else if message.contains("expected ':'") {
                "write `key: value`, with a space after the colon"
            } else {
                "put quotes around text that starts with one of @ ` % & * ! | > [ { or #"
            };
            ("bad-yaml", super::diagnostic::printable(message, 200), help)
        }
    };
    let place = match place {
        Place::File(span) if code == "several-documents" => Place::File(document_marker(text, span).unwrap_or(span)),
        place => place,
    };
    Diagnostic::error(code, place, message).help(help)
}

/// The `---` line before what the second document begins with.
fn document_marker(text: &str, before: Span) -> Option<Span> {
    let lines = text.lines().take(before.line as usize).enumerate();
    let (index, _) = lines.filter(|(_, line)| line.starts_with("---")).last()?;
    Some(Span { line: number(index as u64 + 1), column: 1, length: 3 })
}
