//! The settings, typed. Their schema, which the host validates against, is `settings.json`.

use prospector_plugin::types::{Attribute, Error};
use serde::Deserialize;

/// How a project pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProjectType {
    Fixed,
    Hourly,
}

impl ProjectType {
    /// The platform's word.
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Hourly => "hourly",
        }
    }
}

/// What the rating cut-off does with employers without a review.
///
/// The platform says 0 for them, which is no rating: dropping them by default would hide every new employer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unrated {
    #[default]
    Keep,
    Drop,
}

/// All settings; see the schema for what each does.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    pub(crate) categories: Vec<String>,
    pub(crate) project_types: Vec<ProjectType>,
    pub(crate) min_employer_rating: f64,
    pub(crate) unrated_employers: Unrated,
    pub(crate) include_contests: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            categories: Vec::new(),
            project_types: vec![ProjectType::Fixed, ProjectType::Hourly],
            min_employer_rating: 0.0,
            unrated_employers: Unrated::Keep,
            include_contests: false,
        }
    }
}

impl Settings {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self, Error> {
        prospector_plugin::settings::read(attributes)
    }
}

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::setting;
    use prospector_plugin::types::Value;

    use super::*;

    #[test]
    fn the_schemas_defaults_are_the_typed_ones() {
        let schema: serde_json::Value = serde_json::from_str(include_str!("settings.json")).expect("JSON");
        let properties = schema["properties"].as_object().expect("an object");
        let attributes: Vec<Attribute> = properties
            .iter()
            .map(|(name, property)| {
                assert!(property["description"].is_string(), "{name} is not described");
                let value = match &property["default"] {
                    serde_json::Value::Bool(flag) => Value::Flag(*flag),
                    serde_json::Value::String(text) => Value::Text(text.clone()),
                    serde_json::Value::Number(number) => Value::Number(number.as_f64().expect("finite")),
                    serde_json::Value::Array(items) => {
                        Value::Texts(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
                    }
                    other => panic!("{name} has the default {other}"),
                };
                setting(name, value)
            })
            .collect();
        assert_eq!(attributes.len(), 5);
        assert_eq!(Settings::read(&attributes).expect("valid"), Settings::default());
        assert_eq!(Settings::read(&[]).expect("valid"), Settings::default());
    }

    #[test]
    fn a_setting_that_is_not_offered_is_named() {
        let wrong = [setting("project_types", Value::Texts(vec!["barter".to_owned()]))];
        let error = Settings::read(&wrong).expect_err("no such type");
        assert!(error.message.contains("`project_types`") && error.message.contains("barter"), "{}", error.message);
    }
}
