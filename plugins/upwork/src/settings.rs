//! The settings, typed. Their schema, which the host validates against, is `settings.json` and the shared filters'.

use prospector_plugin::screening;
use prospector_plugin::types::{Attribute, Error, Span};
use serde::Deserialize;

/// How a posting pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobType {
    Fixed,
    Hourly,
}

impl JobType {
    /// `ContractType` of the API.
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Fixed => "FIXED",
            Self::Hourly => "HOURLY",
        }
    }
}

/// The experience that a posting asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    Entry,
    Intermediate,
    Expert,
}

impl Level {
    pub(crate) const ALL: [Self; 3] = [Self::Entry, Self::Intermediate, Self::Expert];

    /// `ExperienceLevel` of the API.
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Entry => "ENTRY_LEVEL",
            Self::Intermediate => "INTERMEDIATE",
            Self::Expert => "EXPERT",
        }
    }
}

/// How long the work lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Length {
    #[serde(rename = "under_1_month")]
    UnderMonth,
    #[serde(rename = "1_to_3_months")]
    ToQuarter,
    #[serde(rename = "3_to_6_months")]
    ToHalfYear,
    #[serde(rename = "over_6_months")]
    Longer,
}

impl Length {
    const ALL: [Self; 4] = [Self::UnderMonth, Self::ToQuarter, Self::ToHalfYear, Self::Longer];

    /// `JobDuration` of the API. Its relation to the labels is inferred; that `QUARTER` is up to three months is assumed.
    pub(crate) fn wire(self) -> &'static [&'static str] {
        match self {
            Self::UnderMonth => &["WEEK"],
            Self::ToQuarter => &["MONTH", "QUARTER"],
            Self::ToHalfYear => &["SEMESTER"],
            Self::Longer => &["ONGOING"],
        }
    }

    /// The site's label, as recorded.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::UnderMonth => "Less than 1 month",
            Self::ToQuarter => "1 to 3 months",
            Self::ToHalfYear => "3 to 6 months",
            Self::Longer => "More than 6 months",
        }
    }

    /// In days.
    pub(crate) fn days(self) -> Span {
        let (minimum, maximum) = match self {
            Self::UnderMonth => (1, Some(30)),
            Self::ToQuarter => (30, Some(90)),
            Self::ToHalfYear => (90, Some(180)),
            Self::Longer => (180, None),
        };
        Span { minimum, maximum }
    }

    /// By the site's label or the API's value.
    pub(crate) fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|length| length.label() == text || length.wire().contains(&text))
    }

    /// By its days.
    pub(crate) fn of_days(days: Span) -> Option<Self> {
        Self::ALL.into_iter().find(|length| length.days() == days)
    }
}

/// How an approved proposal reaches the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Submission {
    /// The person sends it on the platform's page.
    #[serde(rename = "hand-over")]
    HandOver,
    /// By the assumed operations.
    #[serde(rename = "preview")]
    Preview,
}

/// The schema of all settings.
pub(crate) fn schema() -> String {
    let filters = ["job_type", "experience_level", "durations", "min_client_rating", "min_hire_rate"];
    screening::schema(include_str!("settings.json"), &filters)
}

/// The settings of Upwork alone; see the schema for what each does. Those of the shared filters are read beside them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    pub(crate) categories: Vec<String>,
    pub(crate) search: String,
    pub(crate) job_type: Vec<JobType>,
    pub(crate) experience_level: Vec<Level>,
    pub(crate) durations: Vec<Length>,
    pub(crate) min_client_rating: f64,
    pub(crate) min_hire_rate: f64,
    pub(crate) organization_id: String,
    pub(crate) proposal_submission: Submission,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            categories: Vec::new(),
            search: String::new(),
            job_type: vec![JobType::Fixed, JobType::Hourly],
            experience_level: Level::ALL.to_vec(),
            durations: Vec::new(),
            min_client_rating: 0.0,
            min_hire_rate: 0.0,
            organization_id: String::new(),
            proposal_submission: Submission::HandOver,
        }
    }
}

impl Settings {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self, Error> {
        prospector_plugin::settings::read(attributes)
    }

    /// The one job type that is wanted; none if both are.
    pub(crate) fn one_job_type(&self) -> Option<JobType> {
        match self.job_type.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::defaults;

    use super::*;

    #[test]
    fn the_schemas_defaults_are_the_typed_ones() {
        let attributes = defaults(&schema());
        assert_eq!(attributes.len(), 16);
        assert_eq!(Settings::read(&attributes).expect("valid"), Settings::default());
        assert_eq!(Settings::read(&[]).expect("valid"), Settings::default());
    }

    #[test]
    fn a_length_is_known_by_label_value_and_days() {
        for (text, length) in [
            ("Less than 1 month", Some(Length::UnderMonth)),
            ("WEEK", Some(Length::UnderMonth)),
            ("MONTH", Some(Length::ToQuarter)),
            ("QUARTER", Some(Length::ToQuarter)),
            ("SEMESTER", Some(Length::ToHalfYear)),
            ("ONGOING", Some(Length::Longer)),
            ("DECADE", None),
        ] {
            assert_eq!(Length::of(text), length, "{text}");
            assert_eq!(length.and_then(|length| Length::of_days(length.days())), length);
        }
    }
}
