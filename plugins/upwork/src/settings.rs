//! The settings, typed. Their schema, which the host validates against, is `settings.json`.

use prospector_plugin::countries::{self, Country};
use prospector_plugin::error::{self, Refine};
use prospector_plugin::text::{cut, nearest, quoted_list};
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

/// What the rating cut-off does with clients without a review.
///
/// The platform says 0 for them, which is no rating: dropping them by default would hide every new client.
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
    pub(crate) search: String,
    pub(crate) job_type: Vec<JobType>,
    pub(crate) experience_level: Vec<Level>,
    pub(crate) locations: Vec<String>,
    pub(crate) durations: Vec<Length>,
    pub(crate) max_days_posted: u32,
    pub(crate) verified_payment_only: bool,
    pub(crate) min_client_rating: f64,
    pub(crate) unrated_clients: Unrated,
    pub(crate) min_hire_rate: f64,
    pub(crate) organization_id: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            categories: Vec::new(),
            search: String::new(),
            job_type: vec![JobType::Fixed, JobType::Hourly],
            experience_level: Level::ALL.to_vec(),
            locations: Vec::new(),
            durations: Vec::new(),
            max_days_posted: 0,
            verified_payment_only: false,
            min_client_rating: 0.0,
            unrated_clients: Unrated::Keep,
            min_hire_rate: 0.0,
            organization_id: String::new(),
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

    /// The countries wanted.
    ///
    /// # Errors
    /// `invalid-input` for what is no country, with those that it may have meant.
    pub(crate) fn countries(&self) -> Result<Vec<Country>, Error> {
        self.locations.iter().map(|text| countries::find(text).ok_or_else(|| no_country(text))).collect()
    }
}

fn no_country(text: &str) -> Error {
    let near = nearest(text, countries::names());
    let remedy = if near.is_empty() {
        "Give countries by their English name or their ISO code of two or three letters: `Germany`, `DEU`, `DE`."
            .to_owned()
    } else {
        format!("Did you mean {}?", quoted_list(&near))
    };
    error::invalid_setting(
        "locations",
        format!("The setting `locations` names `{}`, which is no country", cut(text, 64)),
    )
    .remedy(remedy)
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
                    serde_json::Value::Number(number) if property["type"] == "integer" => {
                        Value::Integer(number.as_i64().expect("whole"))
                    }
                    serde_json::Value::Number(number) => Value::Number(number.as_f64().expect("finite")),
                    serde_json::Value::Array(items) => {
                        Value::Texts(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
                    }
                    other => panic!("{name} has the default {other}"),
                };
                setting(name, value)
            })
            .collect();
        assert_eq!(attributes.len(), 12);
        assert_eq!(Settings::read(&attributes).expect("valid"), Settings::default());
        assert_eq!(Settings::read(&[]).expect("valid"), Settings::default());
    }

    #[test]
    fn countries_are_understood_by_name_and_code_and_others_are_met_with_the_nearest() {
        let of = |names: &[&str]| {
            let locations = names.iter().map(|name| (*name).to_owned()).collect();
            Settings { locations, ..Settings::default() }.countries()
        };
        let codes: Vec<&str> =
            of(&["germany", "USA", "CH"]).expect("known").iter().map(|country| country.alpha2).collect();
        assert_eq!(codes, ["DE", "US", "CH"]);
        let error = of(&["Germoney"]).expect_err("unknown");
        assert_eq!(error.message, "The setting `locations` names `Germoney`, which is no country");
        assert!(error.remedy.is_some_and(|remedy| remedy.contains("`Germany`")));
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
