//! From the configuration to what plugins are given: flat settings, the profile, the parameters of scoring.

use serde_json::{Map, Value as Json};

use crate::config;
use crate::contract::types::{Attribute, Availability, Profile, ProfileSkill, Rates, Value};
use crate::pipeline::score::Weighing;

/// Flattens settings into attributes, as `types.attribute` of the contract documents.
#[must_use]
pub fn attributes(settings: &Map<String, Json>) -> Vec<Attribute> {
    let mut flat = Vec::new();
    for (key, value) in settings {
        flatten(&escape(key), value, &mut flat);
    }
    flat
}

fn flatten(name: &str, value: &Json, flat: &mut Vec<Attribute>) {
    let value = match value {
        Json::Null => return,
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => Value::Number(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => {
            let texts: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            match texts {
                Some(texts) => Value::Texts(texts),
                None => {
                    for (index, item) in items.iter().enumerate() {
                        flatten(&format!("{name}.{index}"), item, flat);
                    }
                    return;
                }
            }
        }
        Json::Object(entries) => {
            for (key, value) in entries {
                flatten(&format!("{name}.{}", escape(key)), value, flat);
            }
            return;
        }
    };
    flat.push(Attribute { name: name.to_owned(), value });
}

fn escape(key: &str) -> String {
    key.replace('\\', "\\\\").replace('.', "\\.")
}

/// The profile, as a platform's plugin is given it: names that the person gave for that platform are aliases.
#[must_use]
pub fn profile(of: &config::Profile, platform: &str) -> Profile {
    let amount = |amount: Option<config::Hundredths>| amount.map(|amount| amount.0);
    Profile {
        skills: of
            .skills
            .iter()
            .map(|skill| ProfileSkill {
                name: skill.name.clone(),
                aliases: skill.aliases.get(platform).cloned().into_iter().collect(),
                years: skill.years.filter(|years| years.is_finite()).map(|years| years.clamp(0.0, 100.0) as u32),
            })
            .collect(),
        rates: Rates {
            currency: of.rates.currency.clone(),
            usd_rate: if of.rates.currency == "USD" { Some(1.0) } else { of.rates.usd_rate },
            hourly_minimum: amount(of.rates.hourly.minimum),
            hourly_preferred: amount(of.rates.hourly.preferred),
            fixed_minimum: amount(of.rates.fixed.minimum),
            fixed_preferred: amount(of.rates.fixed.preferred),
        },
        availability: Availability {
            hours_per_week: Some(u32::from(of.availability.hours_per_week)),
            starts_at: of.availability.start.as_deref().and_then(midnight),
            longest_days: of
                .availability
                .max_duration
                .map(|longest| u32::try_from(longest.as_secs() / 86_400).unwrap_or(u32::MAX)),
        },
        languages: of.languages.iter().map(|language| language.to_ascii_lowercase()).collect(),
        country_code: of.country.as_ref().map(|country| country.to_ascii_uppercase()),
    }
}

/// A date's first second, UTC.
fn midnight(date: &str) -> Option<i64> {
    let date: jiff::civil::Date = date.parse().ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

/// The `scoring` section without the weights, as plugins are given it.
#[must_use]
pub fn parameters(of: &config::Scoring) -> Vec<Attribute> {
    let integer = |name: &str, value: u8| Attribute { name: name.to_owned(), value: Value::Integer(i64::from(value)) };
    vec![
        integer("skill_match.exact_match_bonus", of.skill_match.exact_match_bonus),
        Attribute {
            name: "skill_match.semantic_threshold".to_owned(),
            value: Value::Number(of.skill_match.semantic_threshold),
        },
        integer("skill_match.missing_penalty", of.skill_match.missing_penalty),
        Attribute { name: "contest_penalty".to_owned(), value: Value::Number(f64::from(of.contest_penalty)) },
    ]
}

/// The person's weights.
#[must_use]
pub fn weighing(of: &config::Scoring) -> Weighing {
    Weighing {
        weights: of.weights.iter().map(|(name, weight)| (name.to_owned(), weight)).collect(),
        adjustment_max: i32::from(of.adjustment_max) * 100,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_settings_are_flattened_as_the_contract_says() {
        let Json::Object(settings) = serde_json::json!({
            "limits": {"daily": 3, "a.b\\c": true}, "days": ["mon"], "none": [], "mixed": ["x", 1], "deep": [{"k": 1.5}], "null": null,
        }) else {
            unreachable!()
        };
        let mut flat: Vec<(String, Value)> = attributes(&settings).into_iter().map(|a| (a.name, a.value)).collect();
        flat.sort_by(|a, b| a.0.cmp(&b.0));
        let expected = [
            ("days", Value::Texts(vec!["mon".to_owned()])),
            ("deep.0.k", Value::Number(1.5)),
            ("limits.a\\.b\\\\c", Value::Flag(true)),
            ("limits.daily", Value::Integer(3)),
            ("mixed.0", Value::Text("x".to_owned())),
            ("mixed.1", Value::Integer(1)),
            ("none", Value::Texts(vec![])),
        ];
        assert_eq!(flat, expected.map(|(name, value)| (name.to_owned(), value)));
    }

    #[test]
    fn a_platform_is_given_the_names_that_it_uses_and_no_others() {
        let text = "profile:\n  skills:\n    - { name: Web shops, years: 4.5, aliases: { guild: E-Commerce, bazaar: Shops } }\n    - Rust\n";
        let loaded = config::validate_str("p.yaml", text, &[]).unwrap();
        let skill = |name: &str, alias: Option<&str>, years| ProfileSkill {
            name: name.to_owned(),
            aliases: alias.into_iter().map(str::to_owned).collect(),
            years,
        };
        for (platform, alias) in [("guild", Some("E-Commerce")), ("bazaar", Some("Shops")), ("other", None)] {
            let given = profile(&loaded.config.profile, platform);
            assert_eq!(given.skills, [skill("Web shops", alias, Some(4)), skill("Rust", None, None)]);
        }
    }
}
