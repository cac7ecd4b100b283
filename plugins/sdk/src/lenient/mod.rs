//! JSON fields of platforms that do not keep their own word: numbers as strings, floats for integers, nulls anywhere, a
//! list where an object belongs.
//!
//! The field types here take any JSON and hold a value or none, so that one odd field never costs a record, nor one odd
//! record a page. [`record!`](crate::record) makes structs of them.
//!
//! ```
//! use prospector_plugin::lenient::{self, Int, Lax, Text};
//! prospector_plugin::record! {
//!     struct Project { id: Int, title: Text, budget: Lax<Budget> }
//!     struct Budget { minimum: Int }
//! }
//!
//! let project: Project = lenient::read_record(r#"{"id":"17","title":null,"budget":[]}"#).unwrap();
//! assert_eq!((project.id.0, project.title.0, project.budget.0.is_none()), (Some(17), None, true));
//! ```

mod json;
mod record;
mod scan;

use std::borrow::Cow;
use std::marker::PhantomData;

pub use self::json::{Json, List, Object};
pub use self::scan::Malformed;

/// What can be read from any JSON; none, or an empty one, from what cannot be meant by it.
pub trait Field<'a>: Sized {
    /// Reads it.
    fn of(json: Json<'a>) -> Self;

    /// Reads the field of this name.
    fn get(object: &mut Object<'a>, key: &str) -> Self {
        Self::of(object.get(key))
    }
}

/// A struct of fields. [`record!`](crate::record) implements it.
pub trait Record<'a>: Default {
    /// Reads its fields from an object.
    fn of(object: &mut Object<'a>) -> Self;
}

/// A whole number: also `"17"`, `17.0` and `17.9`, which counts as 17.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Int(pub Option<i64>);

/// A finite number: also `"17.5"`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Float(pub Option<f64>);

/// A text: also a number, as its digits, unless they were many. Not an empty one.
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

/// A list of objects that keeps its places: what is no object in it is none, and anything else is an empty list. Each is read when it is reached, so that of
/// a long list there is one at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Slots<'a, T> {
    rest: List<'a>,
    of: PhantomData<T>,
}

/// The objects of an object by their keys; what is no object in it is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed<'a, T>(pub Vec<(Cow<'a, str>, T)>);

impl<T> Default for Lax<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Default for Slots<'_, T> {
    fn default() -> Self {
        Self { rest: Json::Nothing.elements(), of: PhantomData }
    }
}

impl<T> Default for LaxList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for Keyed<'_, T> {
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
}

/// Reads JSON, and hands it on as it came. Numbers that JSON cannot hold become null, and halves of surrogate pairs a sign that something
/// is missing. What is nested deeper than 32 levels is nothing, whatever it is.
///
/// # Errors
/// Where it is no JSON.
pub fn read<T>(json: &str, then: impl FnOnce(Json<'_>) -> T) -> Result<T, Malformed> {
    json::read(json, then)
}

/// Reads JSON as a record that borrows nothing; an empty one where it is no object.
///
/// # Errors
/// Where it is no JSON.
pub fn read_record<T: for<'a> Record<'a>>(json: &str) -> Result<T, Malformed> {
    read(json, |json| record(json))
}

/// An object as a record; an empty one of anything else.
#[must_use]
pub fn record<'a, T: Record<'a>>(json: Json<'a>) -> T {
    Lax::of(json).0.unwrap_or_default()
}

/// Whole part of a float that an `i64` holds for sure.
fn whole(number: f64) -> Option<i64> {
    (number.abs() < 9.0e15).then_some(number as i64)
}

impl<'a> Field<'a> for Json<'a> {
    fn of(json: Json<'a>) -> Self {
        json
    }
}

impl<'a> Field<'a> for Int {
    fn of(json: Json<'a>) -> Self {
        Self(match json {
            Json::Int(number) => Some(number),
            Json::Float(number) => whole(number),
            Json::Text(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| text.parse().ok().and_then(whole))
            }
            _ => None,
        })
    }
}

impl<'a> Field<'a> for Float {
    fn of(json: Json<'a>) -> Self {
        let number = match json {
            Json::Int(number) => Some(number as f64),
            Json::Float(number) => Some(number),
            Json::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        Self(number.filter(|number: &f64| number.is_finite()))
    }
}

impl<'a> Field<'a> for Word<'a> {
    fn of(json: Json<'a>) -> Self {
        let text = match json {
            Json::Text(text) => Some(text),
            Json::Int(number) => Some(Cow::Owned(number.to_string())),
            // All digits of 1e308, or of 1e-308, would be sixty times what came.
            Json::Float(number) if number == 0.0 || (1e-9..1e17).contains(&number.abs()) => {
                Some(Cow::Owned(number.to_string()))
            }
            _ => None,
        };
        Self(text.filter(|text| !text.is_empty()))
    }

    #[inline(never)]
    fn get(object: &mut Object<'a>, key: &str) -> Self {
        match object.text(key) {
            Ok(text) => Self(Some(text).filter(|text| !text.is_empty())),
            Err(other) => Self::of(other),
        }
    }
}

impl<'a> Field<'a> for Text {
    fn of(json: Json<'a>) -> Self {
        Self(Word::of(json).0.map(Cow::into_owned))
    }

    fn get(object: &mut Object<'a>, key: &str) -> Self {
        Self(Word::get(object, key).0.map(Cow::into_owned))
    }
}

impl<'a> Field<'a> for Texts {
    fn of(json: Json<'a>) -> Self {
        Self(json.elements().filter_map(|text| Text::of(text).0).collect())
    }
}

impl<'a> Field<'a> for Flag {
    fn of(json: Json<'a>) -> Self {
        Self(match json {
            Json::Flag(flag) => Some(flag),
            Json::Int(0) => Some(false),
            Json::Int(1) => Some(true),
            Json::Text(text) => match text.trim() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        })
    }
}

impl<'a, T: Record<'a>> Field<'a> for Lax<T> {
    fn of(json: Json<'a>) -> Self {
        Self(match json {
            Json::Object(mut object) => Some(T::of(&mut object)),
            _ => None,
        })
    }
}

impl<'a, T: Record<'a>> Field<'a> for LaxList<T> {
    fn of(json: Json<'a>) -> Self {
        Self(json.elements().filter_map(|item| Lax::of(item).0).collect())
    }
}

impl<'a, T> Field<'a> for Slots<'a, T> {
    fn of(json: Json<'a>) -> Self {
        Self { rest: json.elements(), of: PhantomData }
    }
}

impl<'a, T: Record<'a>> Iterator for Slots<'a, T> {
    type Item = Option<T>;

    fn next(&mut self) -> Option<Option<T>> {
        self.rest.next().map(|item| Lax::of(item).0)
    }
}

impl<'a, T: Record<'a>> Field<'a> for Keyed<'a, T> {
    fn of(json: Json<'a>) -> Self {
        let Json::Object(object) = json else { return Self::default() };
        Self(object.fields().filter_map(|(key, value)| Some((key, Lax::of(value).0?))).collect())
    }
}

#[cfg(test)]
mod tests;
