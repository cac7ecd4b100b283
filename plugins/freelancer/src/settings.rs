//! The settings, typed. Their schema, which the host validates against, is `settings.json` and the shared filters'.

use prospector_plugin::screening;
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

/// The settings of Freelancer alone; see the schema for what each does. Those of the shared filters are read beside them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    pub(crate) categories: Vec<String>,
    pub(crate) project_types: Vec<ProjectType>,
    pub(crate) min_employer_rating: f64,
    pub(crate) include_contests: bool,
    pub(crate) milestone_percentage: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            categories: Vec::new(),
            project_types: vec![ProjectType::Fixed, ProjectType::Hourly],
            min_employer_rating: 0.0,
            include_contests: false,
            milestone_percentage: 50,
        }
    }
}

/// The schema of all settings.
pub(crate) fn schema() -> String {
    screening::schema(include_str!("settings.json"), &["categories", "project_types", "min_employer_rating"])
}

impl Settings {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self, Error> {
        prospector_plugin::settings::read(attributes)
    }
}

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::{defaults, setting};
    use prospector_plugin::types::Value;

    use super::*;

    #[test]
    fn the_schemas_defaults_are_the_typed_ones() {
        let attributes = defaults(&schema());
        assert_eq!(attributes.len(), 12);
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
