//! Values of templates that the engine does not have: what is not known, and groups of names.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use crate::proposal::marker::marker;

/// Something that a posting does not say, by its name. It counts as false and as an empty list, and is printed as a mark for the person.
#[derive(Debug)]
pub struct Gap(String);

impl Gap {
    /// For a template.
    #[must_use]
    pub fn value(name: &str) -> Value {
        Value::from_object(Gap(name.to_owned()))
    }

    /// Whether a value is one.
    #[must_use]
    pub fn is(value: &Value) -> bool {
        value.downcast_object_ref::<Gap>().is_some()
    }
}

impl Object for Gap {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&marker(&self.0))
    }
}

/// A group of names. It counts as true if anything of it is known, and cannot be printed itself.
#[derive(Debug)]
pub struct Section {
    path: String,
    values: BTreeMap<String, Value>,
    /// Whether a name that is not there is unknown rather than wrong.
    open: bool,
}

impl Section {
    /// One in which every name is known beforehand.
    #[must_use]
    pub fn closed(path: &str, values: BTreeMap<String, Value>) -> Value {
        Value::from_object(Section { path: path.to_owned(), values, open: false })
    }

    /// One in which there may be other names.
    #[must_use]
    pub fn open(path: &str, values: BTreeMap<String, Value>) -> Value {
        Value::from_object(Section { path: path.to_owned(), values, open: true })
    }

    /// An entry of a list.
    #[must_use]
    pub fn value<const N: usize>(path: &str, values: [(&str, Value); N]) -> Value {
        Section::closed(path, values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The path of a value that is one, and a name in it.
    #[must_use]
    pub fn of(value: &Value) -> Option<(String, String)> {
        let section = value.downcast_object_ref::<Section>()?;
        let example = section.values.keys().next().cloned().unwrap_or_default();
        Some((section.path.clone(), example))
    }
}

impl Object for Section {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let gap = || self.open.then(|| Gap::value(&format!("{}.{name}", self.path)));
        self.values.get(name).cloned().or_else(gap)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.values.keys().map(|name| Value::from(name.clone())).collect())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.values.values().any(|value| !Gap::is(value) && (Section::of(value).is_none() || value.is_true()))
    }
}

/// A number; a whole one as such, so that it is printed without decimals.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "it is whole, and within what is exact")]
pub fn number(of: f64) -> Value {
    if of.fract() == 0.0 && of.abs() < 9e15 { Value::from(of as i64) } else { Value::from(of) }
}
