//! JSON fields of platforms that do not keep their own word: numbers as strings, floats for integers, nulls anywhere, a
//! list where an object belongs.
//!
//! The field types here take any JSON and hold a value or none, so that one odd field never costs a record, nor one odd
//! record a page. Give structs `#[serde(default)]`, so that absent fields are none too.
//!
//! ```
//! use prospector_plugin::lenient::{self, Int, Lax, Text};
//! #[derive(Default, serde::Deserialize)]
//! #[serde(default)]
//! struct Project { id: Int, title: Text, budget: Lax<Budget> }
//! #[derive(Default, serde::Deserialize)]
//! #[serde(default)]
//! struct Budget { minimum: Int }
//!
//! let project: Project = lenient::record(r#"{"id":"17","title":null,"budget":[]}"#).unwrap();
//! assert_eq!((project.id.0, project.title.0, project.budget.0.is_none()), (Some(17), None, true));
//! ```

mod surrogates;
mod visitors;

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

use self::visitors::{LaxVisitor, Scalar, entries};

pub use self::surrogates::whole_surrogates;

/// A whole number: also `"17"`, `17.0` and `17.9`, which counts as 17.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Int(pub Option<i64>);

/// A finite number: also `"17.5"`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Float(pub Option<f64>);

/// A text: also a number, as its digits. Not an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub Option<String>);

/// A text that is only looked at, so it is not copied if the JSON holds it as it is: also a number. Not an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word<'a>(pub Option<Cow<'a, str>>);

/// A list of texts; what is no text in it is left out, and anything else is an empty list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<String>);

/// Yes or no: also `0`, `1`, `"true"`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flag(pub Option<bool>);

/// An object that is read as `T`; anything else is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lax<T>(pub Option<T>);

/// A list of objects; what is no object in it is left out, and anything else is an empty list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaxList<T>(pub Vec<T>);

/// A list of objects that keeps its places: what is no object in it is none, and anything else is an empty list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots<T>(pub Vec<Option<T>>);

/// Records that are not read yet: the elements of a list, or the values of an object.
#[derive(Debug, Clone, Default)]
pub struct Records<'a>(pub Vec<&'a RawValue>);

/// Records that are not read yet, by their keys.
#[derive(Debug, Clone, Default)]
pub struct Keyed<'a>(pub Vec<(String, &'a RawValue)>);

impl<T> Default for Lax<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for LaxList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl Int {
    /// The number, if it is one that fits.
    #[must_use]
    pub fn unsigned(self) -> Option<u32> {
        self.0.and_then(|number| u32::try_from(number).ok())
    }
}

impl Word<'_> {
    /// The text; an empty one if there is none.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// The finite number that it spells.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        self.text().trim().parse().ok().filter(|number: &f64| number.is_finite())
    }
}

/// Reads one record. Halves of surrogate pairs, which platforms make by cutting texts, are replaced.
///
/// # Errors
/// Why it cannot be read, in a sentence.
pub fn record<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json)
        .or_else(|fault| match whole_surrogates(json) {
            Cow::Owned(repaired) => serde_json::from_str(&repaired),
            Cow::Borrowed(_) => Err(fault),
        })
        .map_err(|fault| format!("It is not readable as JSON: {fault}"))
}

/// Whole part of a float that an `i64` holds for sure.
fn whole(number: f64) -> Option<i64> {
    (number.abs() < 9.0e15).then_some(number as i64)
}

impl<'de> Deserialize<'de> for Int {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Scalar::deserialize(deserializer)? {
            Scalar::Int(number) => Some(number),
            Scalar::Float(number) => whole(number),
            Scalar::Text(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| text.parse().ok().and_then(whole))
            }
            Scalar::Nothing | Scalar::Flag(_) => None,
        }))
    }
}

impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = match Scalar::deserialize(deserializer)? {
            Scalar::Int(number) => Some(number as f64),
            Scalar::Float(number) => Some(number),
            Scalar::Text(text) => text.trim().parse().ok(),
            Scalar::Nothing | Scalar::Flag(_) => None,
        };
        Ok(Self(number.filter(|number| number.is_finite())))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Scalar::deserialize(deserializer)? {
            Scalar::Text(text) => Some(text.into_owned()),
            Scalar::Int(number) => Some(number.to_string()),
            Scalar::Float(number) => Some(number.to_string()),
            Scalar::Nothing | Scalar::Flag(_) => None,
        };
        Ok(Self(text.filter(|text| !text.is_empty())))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Scalar::deserialize(deserializer)? {
            Scalar::Text(text) => Some(text),
            Scalar::Int(number) => Some(Cow::Owned(number.to_string())),
            Scalar::Float(number) => Some(Cow::Owned(number.to_string())),
            Scalar::Nothing | Scalar::Flag(_) => None,
        };
        Ok(Self(text.filter(|text| !text.is_empty())))
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = entries::<Text, D>(deserializer)?;
        Ok(Self(entries.into_iter().filter_map(|(_, text)| text.0).collect()))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Scalar::deserialize(deserializer)? {
            Scalar::Flag(flag) => Some(flag),
            Scalar::Int(0) => Some(false),
            Scalar::Int(1) => Some(true),
            Scalar::Text(text) => match text.trim() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            Scalar::Nothing | Scalar::Int(_) | Scalar::Float(_) => None,
        }))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lax<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LaxVisitor(PhantomData)).map(Self)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for LaxList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = entries::<Lax<T>, D>(deserializer)?;
        Ok(Self(entries.into_iter().filter_map(|(_, item)| item.0).collect()))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Slots<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = entries::<Lax<T>, D>(deserializer)?;
        Ok(Self(entries.into_iter().map(|(_, item)| item.0).collect()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Records<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = entries::<&'de RawValue, D>(deserializer)?;
        Ok(Self(entries.into_iter().map(|(_, record)| record).collect()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Keyed<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        entries::<&'de RawValue, D>(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests;
