//! JSON as it came, borrowed from its text: what records are read from.
//!
//! One type for every shape keeps components small: readers made for each record by themselves would be a third of a component's code,
//! and a host compiles what it loads.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::mem;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Levels of lists and objects that are read; what is deeper is nothing.
const DEEPEST: u8 = 32;

/// A value.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Json<'a> {
    /// `null`, and what is not there.
    #[default]
    Nothing,
    /// `true` or `false`.
    Flag(bool),
    /// A whole number that fits.
    Int(i64),
    /// Another number; finite.
    Float(f64),
    /// A text; borrowed unless it has escapes in it.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Json<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// The fields of an object, in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object<'a> {
    fields: Vec<(Cow<'a, str>, Json<'a>)>,
    /// Where the next field is looked for first: platforms give fields in the order in which they were asked for.
    next: usize,
}

impl<'a> Json<'a> {
    /// Reads a text of JSON.
    ///
    /// # Errors
    /// serde_json's, for what is no JSON. Numbers beyond a float's and halves of surrogate pairs are among that; see
    /// [`super::read`].
    pub fn parse(json: &'a str) -> Result<Self, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let value = Reader { depth: 0, fields: &[const { Cell::new(0) }; DEEPEST as usize + 1] }
            .deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(value)
    }

    /// The elements of a list or the values of an object; none of anything else.
    #[must_use]
    pub fn elements(self) -> Vec<Self> {
        match self {
            Self::List(elements) => elements,
            Self::Object(object) => object.fields.into_iter().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        }
    }
}

impl<'a> Object<'a> {
    /// Takes a field out of the object; nothing if it is not there, or has been taken.
    pub fn take(&mut self, key: &str) -> Json<'a> {
        let (before, from) = self.fields.split_at(self.next.min(self.fields.len()));
        let found = from.iter().chain(before).position(|(name, _)| same(name, key));
        let Some(steps) = found else { return Json::Nothing };
        let at = if steps < from.len() { before.len() + steps } else { steps - from.len() };
        self.next = at + 1;
        mem::take(&mut self.fields[at].1)
    }

    /// Takes the first of these fields that holds something.
    pub fn take_first(&mut self, keys: &[&str]) -> Json<'a> {
        keys.iter().map(|key| self.take(key)).find(|value| *value != Json::Nothing).unwrap_or_default()
    }

    /// The fields with their keys.
    #[must_use]
    pub fn into_fields(self) -> Vec<(Cow<'a, str>, Json<'a>)> {
        self.fields
    }
}

impl<'a> FromIterator<(Cow<'a, str>, Json<'a>)> for Object<'a> {
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, Json<'a>)>>(fields: I) -> Self {
        Self { fields: fields.into_iter().collect(), next: 0 }
    }
}

/// Whether two texts are the same, eight bytes at a time: a component's C library compares byte by byte.
fn same(one: &str, other: &str) -> bool {
    let (one, one_left) = one.as_bytes().as_chunks::<8>();
    let (other, other_left) = other.as_bytes().as_chunks::<8>();
    let number = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    one.len() == other.len()
        && one_left.len() == other_left.len()
        && one.iter().zip(other).all(|(one, other)| number(one) == number(other))
        && one_left.iter().zip(other_left).all(|(one, other)| one == other)
}

/// Fields of the object that was read last, at each depth. The objects of a list have as many: room for all is made at once, where it would
/// grow by moving what was read.
type Fields = [Cell<u8>; DEEPEST as usize + 1];

/// Reads any value at a depth.
#[derive(Clone, Copy)]
struct Reader<'r> {
    depth: u8,
    fields: &'r Fields,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.depth > DEEPEST {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(|_| Json::Nothing);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Json<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Json::Nothing)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Json::Flag(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Json::Float(value as f64), Json::Int))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Json::Float(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.deeper())? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        // What is deeper than the last is not read.
        let before = &self.fields[usize::from(self.depth.min(DEEPEST))];
        let mut fields = Vec::with_capacity(before.get().into());
        while let Some(key) = entries.next_key_seed(Key)? {
            fields.push((key, entries.next_value_seed(self.deeper())?));
        }
        before.set(u8::try_from(fields.len()).unwrap_or(u8::MAX));
        Ok(Json::Object(Object { fields, next: 0 }))
    }
}

impl Reader<'_> {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

/// Reads the name of a field.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a field")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }
}
