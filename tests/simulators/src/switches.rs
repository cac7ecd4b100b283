//! Settings that are changed while a platform runs: several groups, shown and patched as one flat object.

use serde::Serialize;
use serde_json::{Map, Value};

/// A group of settings as an object.
#[must_use]
pub fn group(settings: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// All groups in one object.
#[must_use]
pub fn view(groups: &[Map<String, Value>]) -> Value {
    Value::Object(groups.iter().flat_map(|fields| fields.clone()).collect())
}

/// Puts each field of `patch` into the group that has it.
///
/// # Errors
/// A sentence naming a setting that no group has.
pub fn patch(groups: &mut [Map<String, Value>], patch: &Map<String, Value>) -> Result<(), String> {
    for (name, value) in patch {
        match groups.iter_mut().find_map(|group| group.get_mut(name)) {
            Some(place) => *place = value.clone(),
            None => {
                let names: Vec<&str> = groups.iter().flat_map(Map::keys).map(String::as_str).collect();
                return Err(format!("There is no setting `{name}`; the settings are: {}.", names.join(", ")));
            }
        }
    }
    Ok(())
}

/// A group's values in the type that it has.
///
/// # Errors
/// What is wrong with a value.
pub fn read<T: serde::de::DeserializeOwned>(group: Map<String, Value>) -> Result<T, String> {
    serde_json::from_value(Value::Object(group)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_finds_its_group_and_unknown_names_are_told() {
        let object = |value: Value| value.as_object().cloned().expect("an object");
        let mut groups = [object(json!({"a": 1})), object(json!({"b": true}))];
        patch(&mut groups, &object(json!({"b": false}))).expect("known");
        assert_eq!(view(&groups), json!({"a": 1, "b": false}));
        let refused = patch(&mut groups, &object(json!({"c": 1}))).expect_err("unknown");
        assert!(refused.contains("`c`") && refused.contains("a, b"), "{refused}");
    }
}
