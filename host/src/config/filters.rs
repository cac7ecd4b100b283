//! Which filters of a platform are set: what its postings are told to have passed.

use serde_json::{Map, Value};

use super::schema::{fill_defaults, resolve};
use super::template::flow;

/// The keyword by which a plugin's schema says that a setting drops postings.
const FILTER: &str = "x-filter";

/// Longest name or value that is told, in characters.
const LONGEST: usize = 200;

/// Filters that are told at most.
const MOST: usize = 32;

/// The settings that drop postings, as their schema says by [`FILTER`], and that are on: set to something else than their default, or a flag or a
/// number that drops some by default. A text or a list that is as its plugin has it (all types, say) drops nothing. Their names, and their values as
/// people write them. `settings` have their defaults filled in.
pub(super) fn set(schema: &Value, settings: &Map<String, Value>) -> Vec<(String, String)> {
    let mut defaults = Value::Object(Map::new());
    fill_defaults(schema, schema, &mut defaults);
    let properties = resolve(schema, schema).get("properties").and_then(Value::as_object);
    let filters = properties.into_iter().flatten().filter(|(_, property)| is_filter(schema, property));
    filters
        .filter_map(|(name, _)| Some((name, settings.get(name)?)))
        .filter(|(name, value)| is_on(value, defaults.get(name.as_str())))
        .map(|(name, value)| (cut(name.clone()), cut(flow(value))))
        .take(MOST)
        .collect()
}

fn is_filter(schema: &Value, property: &Value) -> bool {
    let says = |of: &Value| of.get(FILTER) == Some(&Value::Bool(true));
    says(property) || says(resolve(schema, property))
}

fn is_on(value: &Value, default: Option<&Value>) -> bool {
    let is_as_by_default = || default.is_some_and(|default| is_same(value, default));
    !is_off(value) && (matches!(value, Value::Bool(_) | Value::Number(_)) || !is_as_by_default())
}

fn is_off(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(is_on) => !is_on,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.values().all(is_off),
    }
}

/// Whether two settings ask for the same: the order of a list says nothing.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().all(|item| other.contains(item))
        }
        _ => one == other,
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(schema: &Value, settings: Value) -> Vec<(String, String)> {
        let mut settings = settings;
        fill_defaults(schema, schema, &mut settings);
        let Value::Object(settings) = settings else { panic!("settings are an object") };
        set(schema, &settings)
    }

    #[test]
    fn a_filter_that_is_set_is_told_and_no_other_setting() {
        let schema = json!({
            "$defs": { "amount": { "type": "number", "x-filter": true, "default": 0 } },
            "properties": {
                "min_rating": { "$ref": "#/$defs/amount" },
                "min_spent": { "$ref": "#/$defs/amount" },
                "keywords": {
                    "x-filter": true,
                    "properties": { "include": { "default": [] }, "exclude": { "default": [] } },
                    "default": {}
                },
                "posted_within": { "x-filter": true },
                "types": { "x-filter": true, "default": ["fixed", "hourly"] },
                "remote_only": { "x-filter": true, "default": true },
                "max_proposals": { "x-filter": true, "default": 50 },
                "tenant": { "type": "string" }
            }
        });
        let told = of(&schema, json!({ "tenant": "7" }));
        assert_eq!(
            told.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            ["max_proposals", "remote_only"],
            "as they are by default"
        );
        let set = json!({
            "min_rating": 4, "min_spent": 0, "keywords": { "include": ["rust", "web assembly"] }, "tenant": "7",
            "remote_only": false, "max_proposals": 0, "types": ["hourly", "fixed"],
        });
        let told = of(&schema, set);
        let told: Vec<(&str, &str)> = told.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(told, [("keywords", "{ exclude: [], include: ['rust', 'web assembly'] }"), ("min_rating", "4")]);
    }

    #[test]
    fn filters_of_a_schema_that_refers_to_itself_are_told() {
        let settings = json!({ "properties": { "min": { "x-filter": true, "default": 0 } } });
        let schema = json!({ "$ref": "#/$defs/settings", "$defs": { "settings": settings } });
        assert_eq!(of(&schema, json!({ "min": 3 })), [("min".to_owned(), "3".to_owned())]);
    }

    #[test]
    fn of_many_filters_with_long_names_so_many_are_told_and_no_longer() {
        let many: Map<String, Value> = (0..1000)
            .map(|n| (format!("{n}{}", "a".repeat(1000)), json!({ "x-filter": true, "default": 1 })))
            .collect();
        let told = of(&json!({ "properties": many }), json!({}));
        assert_eq!((told.len(), told.iter().all(|(name, _)| name.chars().count() == LONGEST + 1)), (MOST, true));
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let schema = json!({ "properties": { "words": { "x-filter": true } } });
        let told = of(&schema, json!({ "words": vec!["ä"; 500] }));
        assert_eq!((told[0].1.chars().count(), told[0].1.ends_with('…')), (LONGEST + 1, true));
    }

    #[test]
    fn what_a_plugin_makes_of_the_keyword_harms_nothing() {
        for odd in [json!("yes"), json!(1), json!({}), json!(null)] {
            let schema = json!({ "properties": { "min": { "x-filter": odd } } });
            assert_eq!(of(&schema, json!({ "min": 3 })), []);
        }
        assert_eq!(of(&json!({ "properties": 7 }), json!({ "min": 3 })), []);
        assert_eq!(of(&json!(true), json!({ "min": 3 })), []);
    }
}
