//! Every setting in effect, with where it comes from: what `config show` prints.

use serde::Serialize;
use serde_json::Value;

use super::diagnostic::Place;
use super::document::Places;
use super::pointer::{Pointer, dotted};

/// One setting in effect. Lists are one setting.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// Such as `platforms.workbazaar.scan_interval`.
    pub path: String,
    /// The value in effect.
    pub value: Value,
    /// Where it comes from; [`Place::Default`] when nobody set it.
    pub origin: Place,
}

/// Lists the leaves of a complete value in the order of their paths.
pub(super) fn list(value: &Value, places: &Places) -> Vec<Setting> {
    let mut settings = Vec::new();
    leaves(value, &mut Pointer::root(), &Place::Default, places, &mut settings);
    settings
}

fn leaves(value: &Value, at: &mut Pointer, around: &Place, places: &Places, out: &mut Vec<Setting>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            // A section that a flag or a variable set as a whole has no places inside.
            let outside = places
                .get(at)
                .map(|located| &located.value)
                .filter(|place| matches!(place, Place::Environment(_) | Place::Flag(_)))
                .filter(|_| !places.keys().any(|key| is_below(key, at)))
                .unwrap_or(around)
                .clone();
            for (key, inner) in map {
                at.push(key);
                leaves(inner, at, &outside, places, out);
                at.pop();
            }
        }
        leaf => out.push(Setting {
            path: dotted(at),
            value: leaf.clone(),
            origin: places.get(at).map_or_else(|| around.clone(), |located| located.value.clone()),
        }),
    }
}

fn is_below(key: &Pointer, section: &Pointer) -> bool {
    key.segments().len() > section.segments().len() && key.segments().starts_with(section.segments())
}
