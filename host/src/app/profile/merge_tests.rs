//! Merging: tables, and what never happens.

use proptest::prelude::*;

use super::*;
use crate::config::edit::edit;
use crate::config::{PlatformSchema, validate_str};
use crate::contract::profile::Found;

fn skill(name: &str, alias: Option<&str>) -> ProfileSkill {
    ProfileSkill { name: name.to_owned(), aliases: alias.into_iter().map(str::to_owned).collect(), years: None }
}

fn nothing() -> Found {
    Found {
        title: None,
        skills: vec![],
        hourly_rate: None,
        usd_rate: None,
        hours_per_week: None,
        languages: vec![],
        country_code: None,
        timezone: None,
    }
}

fn told(platform: &str, found: Found) -> Told {
    Told { platform: platform.to_owned(), name: platform.to_uppercase(), found }
}

fn asking(amount: i64, currency: &str, usd_rate: Option<f64>) -> Found {
    Found { hourly_rate: Some(Money { amount, currency: currency.to_owned() }), usd_rate, ..nothing() }
}

/// Actions by key.
fn actions(plan: &Plan) -> Vec<(Action, String)> {
    plan.entries.iter().map(|entry| (entry.action, format!("{} {}", entry.key, entry.value))).collect()
}

fn after(section: Value, plan: &Plan) -> Value {
    let mut whole = json!({ SECTION: section });
    plan.changes.iter().for_each(|change| apply(&mut whole, change));
    whole[SECTION].take()
}

#[test]
fn skills_that_are_there_under_any_name_are_not_added_again() {
    let section = json!({"skills": ["react.JS", "C", {"name": "Shops", "aliases": {"guild": "Web shops"}}]});
    let found = Found {
        skills: vec![
            skill("React JS", None),
            skill("C++", None),
            skill("E-Shops", Some("web-shops")),
            skill("Go", Some("Golang")),
            skill("go", None),
        ],
        ..nothing()
    };
    let other = Found { skills: vec![skill("GO", Some("Go lang")), skill("C#", None)], ..nothing() };
    let plan = merge(&section, &[told("guild", found.clone()), told("bazaar", other)], false);
    assert_eq!(plan.known_skills, 2);
    assert_eq!(
        after(section.clone(), &plan)["skills"],
        json!(["react.JS", "C", {"name": "Shops", "aliases": {"guild": "Web shops"}}, "C++", {"name": "Go", "aliases": {"guild": "Golang", "bazaar": "Go lang"}}, "C#"])
    );
    let again = merge(&after(section, &plan), &[told("guild", found)], false);
    assert_eq!(again.changes, []);
}

#[test]
fn what_the_person_wrote_stands_unless_it_is_to_be_overwritten() {
    use Action::{Keep, Replace, Set};
    let found = Found {
        country_code: Some("NZ".to_owned()),
        languages: vec!["mi".to_owned()],
        hours_per_week: Some(20),
        ..asking(4500, "USD", None)
    };
    let written = json!({"country": "DE", "languages": ["de"], "rates": {"hourly": {"preferred": 60}}});
    let of = |section: &Value, overwrite| actions(&merge(section, &[told("guild", found.clone())], overwrite));
    let entries = |preferred, country| {
        vec![
            (preferred, "rates.hourly.preferred 45".to_owned()),
            (Set, "availability.hours_per_week 20".to_owned()),
            (if preferred == Set { Set } else { Keep }, "languages [\"mi\"]".to_owned()),
            (country, "country \"NZ\"".to_owned()),
        ]
    };
    assert_eq!(of(&Value::Null, false), entries(Set, Set));
    assert_eq!(of(&json!({"languages": []}), false), entries(Set, Set));
    assert_eq!(of(&written, false), entries(Keep, Keep));
    assert_eq!(of(&written, true), entries(Replace, Replace));
    let same = json!({"country": "NZ", "languages": ["mi"], "availability": {"hours_per_week": 20.0}, "rates": {"hourly": {"preferred": 45.0}}});
    assert_eq!(of(&same, false), []);
}

#[test]
fn amounts_of_two_currencies_are_never_mixed() {
    use Action::{Keep, Replace, Set};
    let euros = || [told("guild", asking(4550, "EUR", Some(1.25)))];
    let of = |section: Value, overwrite| {
        let plan = merge(&section, &euros(), overwrite);
        actions(&plan)
            .into_iter()
            .map(|(action, key)| (action, key.trim_start_matches("rates.").to_owned()))
            .collect::<Vec<_>>()
    };
    let all = |currency, factor, hourly| {
        vec![
            (currency, "currency \"EUR\"".to_owned()),
            (factor, "usd_rate 1.25".to_owned()),
            (hourly, "hourly.preferred 45.5".to_owned()),
        ]
    };
    let kept = vec![(Keep, "hourly.preferred 45.5".to_owned())];
    assert_eq!(of(Value::Null, false), all(Set, Set, Set));
    assert_eq!(of(json!({"rates": {"currency": "EUR"}}), false), all(Set, Set, Set)[1..]);
    for overwrite in [false, true] {
        assert_eq!(of(json!({"rates": {"fixed": {"minimum": 500}}}), overwrite), kept, "it would be in EUR");
        assert_eq!(
            of(json!({"rates": {"currency": "EUR", "usd_rate": 1.1, "hourly": {"minimum": 80}}}), overwrite),
            kept,
            "below the minimum"
        );
    }
    assert_eq!(of(json!({"rates": {"hourly": {"preferred": 60}}}), false), kept);
    assert_eq!(of(json!({"rates": {"hourly": {"preferred": 60}}}), true), all(Set, Set, Replace));
    assert_eq!(of(json!({"rates": {"currency": "NZD", "usd_rate": 0.6}}), false), kept);
    assert_eq!(of(json!({"rates": {"currency": "NZD", "usd_rate": 0.6}}), true), all(Replace, Replace, Set));
}

#[test]
fn the_first_account_says_the_rate_and_the_second_is_told_of() {
    let two = [told("guild", asking(4500, "USD", None)), told("bazaar", asking(6500, "USD", None))];
    for overwrite in [false, true] {
        let plan = merge(&Value::Null, &two, overwrite);
        assert_eq!(after(Value::Null, &plan), json!({"rates": {"hourly": {"preferred": 45}}}));
        assert_eq!(
            (plan.entries.len(), plan.entries[1].action, plan.entries[1].present.clone()),
            (2, Action::Keep, Some(json!(45)))
        );
    }
}

prop_compose! {
    fn any_found()(
        names in proptest::collection::vec(("[ -~é]{0,8}[a-zA-Z#+]", proptest::option::of("[ -~]{0,8}[a-z]")), 0..6),
        rate in proptest::option::of((1i64..100_000_000, "USD|EUR|INR")), usd_rate in proptest::option::of(0.001f64..1000.0),
        hours in proptest::option::of(1u32..=168), languages in proptest::collection::vec("[a-z]{2}", 0..3), country in proptest::option::of("[A-Z]{2}"), title in proptest::option::of("\\PC{0,20}[a-z]")
    ) -> Found {
        Found {
            title,
            skills: names.iter().map(|(name, alias)| skill(name.trim(), alias.as_deref().map(str::trim))).collect(),
            hourly_rate: rate.map(|(amount, currency)| Money { amount, currency }),
            usd_rate,
            hours_per_week: hours,
            languages,
            country_code: country,
            timezone: None,
        }
    }
}

prop_compose! {
    fn any_section()(
        skills in proptest::collection::vec("[A-Za-z+#. ]{0,6}[a-z]", 0..5), currency in proptest::option::of("USD|EUR|NZD"),
        amounts in proptest::collection::vec(proptest::option::of(1u32..1000), 4), country in proptest::option::of("[A-Z]{2}"), some in any::<bool>()
    ) -> Value {
        let mut section = json!({"rates": {"hourly": {}, "fixed": {}}});
        if some { section["skills"] = json!(skills); }
        if let Some(currency) = currency { section["rates"]["currency"] = json!(currency); }
        if let Some(country) = country { section["country"] = json!(country); }
        for (kind, range) in ["hourly", "fixed"].into_iter().zip(amounts.chunks(2)) {
            let (low, high) = (range[0].min(range[1].or(range[0])), range[1].max(range[0]));
            if let Some(low) = low { section["rates"][kind]["minimum"] = json!(low); }
            if let Some(high) = high { section["rates"][kind]["preferred"] = json!(high); }
        }
        section
    }
}

proptest! {
    #[test]
    fn an_import_gives_a_valid_file_loses_nothing_and_a_second_one_changes_nothing(
        section in any_section(), found in proptest::collection::vec(any_found(), 1..3), overwrite: bool
    ) {
        let told: Vec<Told> = ["guild", "bazaar"].iter().zip(found).map(|(id, found)| told(id, found)).collect();
        // Written as JSON's section would be in a file.
        let empty = ["hourly", "fixed"].map(|kind| section["rates"][kind].as_object().is_none_or(serde_json::Map::is_empty));
        let mut written = section.clone();
        for (kind, empty) in ["hourly", "fixed"].iter().zip(empty) {
            if empty { written["rates"].as_object_mut().unwrap().remove(*kind); }
        }
        if written["rates"].as_object().unwrap().is_empty() { written.as_object_mut().unwrap().remove("rates"); }
        let text = if written.as_object().unwrap().is_empty() { "profile:\n".to_owned() } else { crate::config::edit::section(SECTION, &written) };
        let text = format!("# mine\n{text}\nscoring:\n  contest_penalty: 3\n");
        let plan = merge(&written, &told, overwrite);
        let new = edit(&text, &plan.changes).map_err(|e| TestCaseError::fail(format!("{e} in\n{text}")))?;
        let schemas: [PlatformSchema<'static>; 0] = [];
        let loaded = validate_str("p.yaml", &new, &schemas).map_err(|e| TestCaseError::fail(format!("{e}")))?;
        let old = validate_str("p.yaml", &text, &schemas).map_err(|e| TestCaseError::fail(format!("{e}")))?;
        let (before, after_it) = (&old.config.profile, &loaded.config.profile);
        prop_assert!(after_it.skills.starts_with(&before.skills));
        prop_assert_eq!(after_it.rates.fixed, before.rates.fixed);
        prop_assert_eq!(after_it.rates.hourly.minimum, before.rates.hourly.minimum);
        if !overwrite {
            prop_assert!(before.rates.hourly.preferred.is_none() || before.rates.hourly.preferred == after_it.rates.hourly.preferred);
            prop_assert!(before.country.is_none() || before.country == after_it.country);
        }
        if before.rates.hourly.minimum.is_some() || before.rates.fixed != crate::config::RateRange::default() {
            prop_assert_eq!(&after_it.rates.currency, &before.rates.currency);
        }
        prop_assert_eq!(loaded.config.scoring, old.config.scoring);
        // Once more, without overwriting: nothing.
        let again = merge(&after(written, &plan), &told, false);
        prop_assert_eq!(again.changes, vec![]);
    }
}
