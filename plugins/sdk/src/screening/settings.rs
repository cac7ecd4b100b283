//! The settings that filters of all platforms share, and their schema.

use serde::Deserialize;

use crate::countries::{self, Country};
use crate::error::{self, Refine};
use crate::text::{cut, nearest, quoted_list};
use crate::time;
use crate::types::{Attribute, Error};

/// The properties of the schema.
const SHARED: &str = include_str!("filters.json");

/// Where a schema's properties begin.
const PROPERTIES: &str = "\"properties\": {";

/// Filters that all platforms share, by the settings that `strict` may name.
const STRICT: [&str; 6] =
    ["locations", "keywords", "payment_verified", "min_client_hires", "max_proposals", "posted_within"];

/// A platform's own schema with the settings of the shared filters, and with `strict` for those and for the platform's `own_filters`.
///
/// The schema has to begin its properties by `"properties": {`.
#[must_use]
pub fn schema(own: &str, own_filters: &[&str]) -> String {
    let (head, rest) = own.split_once(PROPERTIES).unwrap_or((own, ""));
    let shared = SHARED.trim().trim_start_matches('{').trim_end_matches('}');
    let mut names = String::new();
    for name in own_filters.iter().chain(&STRICT) {
        names.push_str(if names.is_empty() { "\"" } else { ", \"" });
        names.push_str(name);
        names.push('"');
    }
    let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
    format!(
        r#"{head}{PROPERTIES}{shared},
    "strict": {{
      "description": "Filters that drop a posting which does not state what they need, by name; true: all, false: none.",
      "type": ["boolean", "array"],
      "items": {{ "enum": [{names}] }},
      "uniqueItems": true,
      "default": false
    }}{comma}{rest}"#
    )
}

/// Settings of the filters that platforms share; see [`schema`] for what each does.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct FilterSettings {
    /// Countries of clients, by name or code.
    pub locations: Vec<String>,
    /// Words to look for.
    pub keywords: Keywords,
    /// Whether clients need a verified means of payment.
    pub payment_verified: bool,
    /// Hires that a client needs; 0 for no bound.
    pub min_client_hires: u32,
    /// Proposals that a posting may have; 0 for no bound.
    pub max_proposals: u32,
    /// How long ago a posting may have been published, as people write it: `7d`.
    pub posted_within: Option<String>,
    /// Which filters drop what does not state what they need.
    pub strict: Strict,
}

/// Words to look for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Keywords {
    /// One of which a posting has to hold, if there are any.
    pub include: Vec<String>,
    /// None of which it may hold.
    pub exclude: Vec<String>,
}

/// Which filters drop a posting that does not state what they need.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Strict {
    /// All, or none.
    All(bool),
    /// Those of these settings.
    Of(Vec<String>),
}

impl Default for Strict {
    fn default() -> Self {
        Self::All(false)
    }
}

impl Strict {
    /// Whether the filter of a setting does.
    #[must_use]
    pub fn holds(&self, setting: &str) -> bool {
        match self {
            Self::All(all) => *all,
            Self::Of(settings) => settings.iter().any(|name| name == setting),
        }
    }
}

impl FilterSettings {
    /// Reads them among a platform's settings.
    ///
    /// # Errors
    /// `invalid-input` with the name of the setting that is of the wrong type.
    pub fn read(attributes: &[Attribute]) -> Result<Self, Error> {
        crate::settings::read(attributes)
    }

    /// The countries of `locations`.
    ///
    /// # Errors
    /// `invalid-input` for what is no country, with those that it may have meant.
    pub fn countries(&self) -> Result<Vec<Country>, Error> {
        self.locations.iter().map(|text| countries::find(text).ok_or_else(|| no_country(text))).collect()
    }

    /// `posted_within` in seconds.
    ///
    /// # Errors
    /// `invalid-input` for what is no duration.
    pub fn posted_within_seconds(&self) -> Result<Option<i64>, Error> {
        let Some(text) = &self.posted_within else { return Ok(None) };
        time::duration(text).map(Some).ok_or_else(|| {
            error::invalid_setting(
                "posted_within",
                format!("The setting `posted_within` is `{}`, which is no duration", cut(text, 64)),
            )
            .remedy("Write it as `90m`, `36h` or `7d`.")
        })
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
    use super::*;
    use crate::testing::{defaults, setting};
    use crate::types::Value;

    #[test]
    fn the_schema_holds_the_platforms_own_settings_and_the_shared_ones() {
        for (own, count) in [
            (
                r#"{"type": "object", "properties": {"mine": {"description": "Mine.", "type": "boolean", "default": true}}}"#,
                8,
            ),
            (r#"{"type": "object", "properties": {}}"#, 7),
        ] {
            let schema = schema(own, &["mine"]);
            let read: serde_json::Value = serde_json::from_str(&schema).expect(&schema);
            let properties = read["properties"].as_object().expect("an object");
            assert_eq!(properties.len(), count, "{schema}");
            assert_eq!(read["properties"]["strict"]["items"]["enum"][0], "mine");
            for name in STRICT {
                assert!(properties.contains_key(name), "{name}");
            }
            assert_eq!(FilterSettings::read(&defaults(&schema)).expect("valid"), FilterSettings::default());
        }
    }

    #[test]
    fn strict_is_all_none_or_those_that_are_named() {
        for (value, locations, keywords) in [
            (None, false, false),
            (Some(Value::Flag(false)), false, false),
            (Some(Value::Flag(true)), true, true),
            (Some(Value::Texts(vec!["locations".to_owned()])), true, false),
        ] {
            let attributes: Vec<Attribute> = value.into_iter().map(|value| setting("strict", value)).collect();
            let strict = FilterSettings::read(&attributes).expect("valid").strict;
            assert_eq!((strict.holds("locations"), strict.holds("keywords")), (locations, keywords), "{attributes:?}");
        }
    }

    #[test]
    fn countries_are_understood_by_name_and_code_and_others_are_met_with_the_nearest() {
        let of = |names: &[&str]| {
            let locations = names.iter().map(|name| (*name).to_owned()).collect();
            FilterSettings { locations, ..FilterSettings::default() }.countries()
        };
        let codes: Vec<&str> =
            of(&["germany", "USA", "CH"]).expect("known").iter().map(|country| country.alpha2).collect();
        assert_eq!(codes, ["DE", "US", "CH"]);
        let error = of(&["Germoney"]).expect_err("unknown");
        assert_eq!(error.message, "The setting `locations` names `Germoney`, which is no country");
        assert!(error.remedy.is_some_and(|remedy| remedy.contains("`Germany`")));
    }

    #[test]
    fn a_time_that_is_none_is_told() {
        let of = |text: &str| {
            FilterSettings { posted_within: Some(text.to_owned()), ..FilterSettings::default() }.posted_within_seconds()
        };
        assert_eq!(of("36h").expect("a duration"), Some(36 * 3600));
        let error = of("soon").expect_err("no duration");
        assert_eq!(error.code.as_deref(), Some("posted_within"));
    }
}
