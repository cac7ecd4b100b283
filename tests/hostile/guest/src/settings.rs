//! Settings, by name.

use crate::bindings::ghoststack::prospector::types::{Attribute, Value};

/// A setting's text; empty if there is none.
pub fn text(settings: &[Attribute], name: &str) -> String {
    optional(settings, name).unwrap_or_default()
}

/// A setting's text.
pub fn optional(settings: &[Attribute], name: &str) -> Option<String> {
    settings.iter().find(|of| of.name == name).and_then(|of| match &of.value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    })
}

/// A setting's whole number.
pub fn integer(settings: &[Attribute], name: &str) -> Option<i64> {
    settings.iter().find(|of| of.name == name).and_then(|of| match of.value {
        Value::Integer(number) => Some(number),
        _ => None,
    })
}

/// A setting's texts.
pub fn texts(settings: &[Attribute], name: &str) -> Vec<String> {
    settings
        .iter()
        .find(|of| of.name == name)
        .and_then(|of| match &of.value {
            Value::Texts(texts) => Some(texts.clone()),
            _ => None,
        })
        .unwrap_or_default()
}
