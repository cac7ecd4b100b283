//! Settings as typed values.
//!
//! The contract hands settings over as flat attributes, `limits.daily` = 3; here they become a struct again by serde.
//!
//! ```
//! use prospector_plugin::{settings, types::{Attribute, Value}};
//! #[derive(serde::Deserialize)]
//! struct Settings { limits: Limits, days: Vec<String> }
//! #[derive(serde::Deserialize)]
//! struct Limits { daily: u32 }
//!
//! let settings: Settings = settings::read(&[
//!     Attribute { name: "limits.daily".into(), value: Value::Integer(3) },
//!     Attribute { name: "days".into(), value: Value::Texts(vec!["mon".into()]) },
//! ]).unwrap();
//! assert_eq!((settings.limits.daily, settings.days.len()), (3, 1));
//! ```

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::error::{self, Refine};
use crate::types::{Attribute, Error, Value};

/// Reads attributes as `T`. A struct's absent fields need `#[serde(default)]` or `Option`, as everywhere in serde.
///
/// # Errors
/// `invalid-input` with the name of the setting that is not as `T` has it.
pub fn read<T: DeserializeOwned>(attributes: &[Attribute]) -> Result<T, Error> {
    T::deserialize(&Node::of(attributes)).map_err(|fault| {
        let place = if fault.path.is_empty() { String::new() } else { format!(" `{}`", fault.path) };
        let error = error::invalid_input(format!("The setting{place} cannot be used: {}", fault.message));
        error.code(Some(fault.path).filter(|path| !path.is_empty()))
    })
}

/// A setting: a value, or what is below a name.
enum Node<'a> {
    Leaf(&'a Value),
    Branch(Vec<(String, Node<'a>)>),
}

impl<'a> Node<'a> {
    fn of(attributes: &'a [Attribute]) -> Self {
        let mut root = Vec::new();
        for attribute in attributes {
            insert(&mut root, &parts(&attribute.name), &attribute.value);
        }
        Node::Branch(root)
    }

    /// The elements, if the names below are the indices of a list.
    fn is_list(&self) -> bool {
        match self {
            Node::Leaf(value) => matches!(value, Value::Texts(_)),
            Node::Branch(entries) => {
                !entries.is_empty()
                    && (0..entries.len()).all(|at| entries.iter().any(|(name, _)| index(name) == Some(at)))
            }
        }
    }
}

fn insert<'a>(branch: &mut Vec<(String, Node<'a>)>, path: &[String], value: &'a Value) {
    let Some((name, below)) = path.split_first() else {
        return;
    };
    let at = branch.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
        branch.push((name.clone(), Node::Branch(Vec::new())));
        branch.len() - 1
    });
    let node = &mut branch[at].1;
    if below.is_empty() {
        *node = Node::Leaf(value);
        return;
    }
    if matches!(node, Node::Leaf(_)) {
        *node = Node::Branch(Vec::new());
    }
    if let Node::Branch(entries) = node {
        insert(entries, below, value);
    }
}

/// A flattened name's keys: parted by `.`, of which `\` takes the meaning.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = name.chars();
    while let Some(letter) = letters.next() {
        let part = parts.last_mut().expect("begins with one part and never loses one");
        match letter {
            '\\' => part.extend(letters.next()),
            '.' => parts.push(String::new()),
            _ => part.push(letter),
        }
    }
    parts
}

fn index(name: &str) -> Option<usize> {
    name.parse().ok()
}

/// What is wrong, and at which setting.
#[derive(Debug)]
struct Fault {
    path: String,
    message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path, self.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { path: String::new(), message: message.to_string() }
    }
}

impl Fault {
    fn below(mut self, name: &str) -> Self {
        self.path = if self.path.is_empty() { name.to_owned() } else { format!("{name}.{}", self.path) };
        self
    }
}

impl<'de> Deserializer<'de> for &Node<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Node::Leaf(Value::Text(text)) => visitor.visit_str(text),
            Node::Leaf(Value::Integer(number)) => visitor.visit_i64(*number),
            Node::Leaf(Value::Number(number)) => visitor.visit_f64(*number),
            Node::Leaf(Value::Flag(flag)) => visitor.visit_bool(*flag),
            Node::Leaf(Value::Texts(texts)) => {
                de::value::SeqDeserializer::new(texts.iter().map(String::as_str)).deserialize_seq(visitor)
            }
            Node::Branch(_) if self.is_list() => self.deserialize_seq(visitor),
            Node::Branch(entries) => {
                MapAccessDeserializer::new(Entries { entries: entries.iter(), value: None }).deserialize_map(visitor)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Node::Branch(entries) => {
                let mut items: Vec<&(String, Node<'_>)> = Vec::with_capacity(entries.len());
                for entry in entries {
                    let at = items.partition_point(|(name, _)| index(name) <= index(&entry.0));
                    items.insert(at, entry);
                }
                SeqAccessDeserializer::new(Items(items.into_iter())).deserialize_seq(visitor)
            }
            Node::Leaf(_) => self.deserialize_any(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Node::Branch(entries) => {
                MapAccessDeserializer::new(Entries { entries: entries.iter(), value: None }).deserialize_map(visitor)
            }
            Node::Leaf(_) => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self {
            Node::Leaf(Value::Text(text)) => {
                let word: StrDeserializer<'_, Fault> = text.as_str().into_deserializer();
                visitor.visit_enum(word)
            }
            Node::Leaf(_) | Node::Branch(_) => Err(de::Error::custom("it is no text")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        tuple tuple_struct identifier ignored_any
    }
}

struct Entries<'n, 'a> {
    entries: std::slice::Iter<'n, (String, Node<'a>)>,
    value: Option<&'n (String, Node<'a>)>,
}

impl<'de> MapAccess<'de> for Entries<'_, '_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.value = self.entries.next();
        self.value
            .map(|(name, _)| {
                let name: StrDeserializer<'_, Fault> = name.as_str().into_deserializer();
                seed.deserialize(name)
            })
            .transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let (name, node) = self.value.take().ok_or_else(|| de::Error::custom("a value without a name"))?;
        seed.deserialize(node).map_err(|fault| fault.below(name))
    }
}

struct Items<'n, 'a>(std::vec::IntoIter<&'n (String, Node<'a>)>);

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        self.0.next().map(|(name, node)| seed.deserialize(node).map_err(|fault| fault.below(name))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    fn attribute(name: &str, value: Value) -> Attribute {
        Attribute { name: name.to_owned(), value }
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Mode {
        Fast,
        Slow,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Sample {
        mode: Mode,
        share: f64,
        #[serde(default)]
        absent: Option<u8>,
        steps: Vec<Step>,
        labels: BTreeMap<String, bool>,
        empty: Vec<Step>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Step {
        at: u32,
    }

    fn sample() -> Vec<Attribute> {
        vec![
            attribute("mode", Value::Text("slow".into())),
            attribute("share", Value::Integer(1)),
            attribute("steps.1.at", Value::Integer(20)),
            attribute("steps.0.at", Value::Integer(10)),
            attribute(r"labels.a\.b\\c", Value::Flag(true)),
            attribute("labels.0", Value::Flag(false)),
            attribute("empty", Value::Texts(Vec::new())),
        ]
    }

    #[test]
    fn flat_names_become_the_nested_values_they_came_from() {
        let read: Sample = read(&sample()).expect("as declared");
        assert_eq!((read.mode, read.share, read.absent), (Mode::Slow, 1.0, None));
        assert_eq!(read.steps, [Step { at: 10 }, Step { at: 20 }]);
        assert_eq!(read.labels.into_iter().collect::<Vec<_>>(), [("0".to_owned(), false), (r"a.b\c".to_owned(), true)]);
        assert_eq!(read.empty, []);
    }

    #[test]
    fn a_wrong_setting_is_named() {
        for (name, value, place) in [
            ("steps.1.at", Value::Text("x".into()), "`steps.1.at`"),
            ("mode", Value::Text("x".into()), "`mode`"),
            ("mode", Value::Integer(1), "`mode`"),
            ("share", Value::Flag(true), "`share`"),
            ("steps", Value::Integer(3), "`steps`"),
            ("labels.x", Value::Texts(vec!["y".into()]), "`labels.x`"),
        ] {
            let mut attributes = sample();
            attributes.push(attribute(name, value));
            let fault = read::<Sample>(&attributes).expect_err(name);
            assert!(fault.message.contains(place), "{}", fault.message);
            assert_eq!(fault.code.as_deref(), Some(place.trim_matches('`')));
        }
    }

    #[test]
    fn nothing_at_all_is_an_empty_struct() {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Empty {
            a: u8,
        }
        assert_eq!(read::<Empty>(&[]).expect("defaults").a, 0);
    }
}
