//! What an account says of its owner, held to the contract.
//!
//! It goes into a file that a person reads and edits, so its texts are cleaned here: white space is folded, and characters that a terminal
//! or an editor might act on are left out.

use super::cut;
use crate::capability::log::is_plain;
use crate::contract::profile::Found;
use crate::contract::types::Money;

const MAX_TITLE: usize = 200;
const MAX_SKILLS: usize = 500;
const MAX_SKILL_NAME: usize = 100;
const MAX_ALIASES: usize = 8;
/// Years that a person may have of practice.
const MAX_YEARS: u32 = 70;
const MAX_LANGUAGES: usize = 32;
/// A million main units, in hundredths.
const MAX_RATE: i64 = 100_000_000;

/// A profile: its texts clean and cut, its lists bounded, skills without a name left out.
///
/// # Errors
/// A sentence, where a figure or a code is not what the contract says.
pub(in crate::plugin) fn found(mut found: Found) -> Result<Found, String> {
    found.title = found.title.map(|title| clean(&title, MAX_TITLE)).filter(|title| !title.is_empty());
    for skill in &mut found.skills {
        skill.name = clean(&skill.name, MAX_SKILL_NAME);
        for alias in &mut skill.aliases {
            *alias = clean(alias, MAX_SKILL_NAME);
        }
        skill.aliases.retain(|alias| !alias.is_empty());
        skill.aliases.truncate(MAX_ALIASES);
        skill.years = skill.years.map(|years| years.min(MAX_YEARS));
    }
    found.skills.retain(|skill| !skill.name.is_empty());
    found.skills.truncate(MAX_SKILLS);
    if let Some(Money { amount, currency }) = &found.hourly_rate {
        if !(1..=MAX_RATE).contains(amount) {
            return Err("an hourly rate that is not above 0 and at most a million".to_owned());
        }
        if !is_code(currency, 3, u8::is_ascii_uppercase) {
            return Err("a currency that is not a code of three capitals".to_owned());
        }
    }
    if found.usd_rate.is_some_and(|rate| !(rate.is_finite() && rate > 0.0 && rate <= 1e6)) {
        return Err("an exchange rate that is not a number above 0 and at most a million".to_owned());
    }
    if found.hours_per_week.is_some_and(|hours| !(1..=168).contains(&hours)) {
        return Err("hours of a week that are not 1 to 168".to_owned());
    }
    found.languages.truncate(MAX_LANGUAGES);
    if !found.languages.iter().all(|language| is_code(language, 2, u8::is_ascii_lowercase)) {
        return Err("a language that is not a code of two small letters".to_owned());
    }
    if found.country_code.as_ref().is_some_and(|country| !is_code(country, 2, u8::is_ascii_uppercase)) {
        return Err("a country that is not a code of two capitals".to_owned());
    }
    if found.timezone.as_ref().is_some_and(|zone| !is_zone(zone)) {
        return Err("a time zone that is not a name of the IANA database".to_owned());
    }
    Ok(found)
}

fn clean(text: &str, most: usize) -> String {
    let spaced: String =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| is_plain(*c)).collect();
    let mut clean = spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if cut(&mut clean, most) {
        clean.truncate(clean.trim_end().len());
    }
    clean
}

fn is_code(text: &str, length: usize, letter: impl Fn(&u8) -> bool) -> bool {
    text.len() == length && text.bytes().all(|byte| letter(&byte))
}

fn is_zone(zone: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b));
    (1..=64).contains(&zone.len()) && zone.starts_with(|c: char| c.is_ascii_uppercase()) && zone.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::contract::types::ProfileSkill;

    fn sample() -> Found {
        Found {
            title: None,
            skills: vec![],
            hourly_rate: Some(Money { amount: 4500, currency: "EUR".to_owned() }),
            usd_rate: Some(1.25),
            hours_per_week: Some(30),
            languages: vec!["en".to_owned()],
            country_code: Some("NZ".to_owned()),
            timezone: Some("America/Argentina/Buenos_Aires".to_owned()),
        }
    }

    fn skill(name: &str, aliases: &[&str]) -> ProfileSkill {
        let aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
        ProfileSkill { name: name.to_owned(), aliases, years: Some(900) }
    }

    #[test]
    fn a_figure_or_a_code_that_the_contract_does_not_allow_is_refused_by_name() {
        assert_eq!(found(sample()), Ok(sample()));
        type Break = fn(&mut Found);
        let breaks: [(&str, Break); 12] = [
            ("rate", |f| f.hourly_rate.as_mut().unwrap().amount = 0),
            ("rate", |f| f.hourly_rate.as_mut().unwrap().amount = i64::MAX),
            ("currency", |f| f.hourly_rate.as_mut().unwrap().currency = "eur".to_owned()),
            ("currency", |f| f.hourly_rate.as_mut().unwrap().currency = "€".to_owned()),
            ("exchange", |f| f.usd_rate = Some(f64::NAN)),
            ("exchange", |f| f.usd_rate = Some(-1.0)),
            ("hours", |f| f.hours_per_week = Some(0)),
            ("hours", |f| f.hours_per_week = Some(169)),
            ("language", |f| f.languages = vec!["english".to_owned()]),
            ("country", |f| f.country_code = Some("nz".to_owned())),
            ("time zone", |f| f.timezone = Some("../etc/passwd".to_owned())),
            ("time zone", |f| f.timezone = Some("Europe/Berlin\n".to_owned())),
        ];
        for (why, spoil) in breaks {
            let mut bad = sample();
            spoil(&mut bad);
            let refused = found(bad).unwrap_err();
            assert!(refused.contains(why), "{why}: {refused}");
        }
    }

    #[test]
    fn texts_are_cleaned_and_cut_and_lists_are_bounded() {
        let mut long = sample();
        long.title = Some(format!("\u{1b}]0;owned\u{7} {}", "é".repeat(1000)));
        long.skills = vec![skill(" Rust\u{202e}\n lang ", &["\0", "a"]), skill("\u{200b}", &[])];
        long.skills.extend((0..5000).map(|n| skill(&format!("{n} {}", "s".repeat(300)), &["x"; 50])));
        let told = found(long).unwrap();
        assert!(
            told.title.as_ref().is_some_and(|title| title.len() <= 200 && title.starts_with("]0;owned é")),
            "{:?}",
            told.title
        );
        assert_eq!(
            told.skills[0],
            ProfileSkill { name: "Rust lang".to_owned(), aliases: vec!["a".to_owned()], years: Some(70) }
        );
        assert_eq!((told.skills.len(), told.skills[1].name.len(), told.skills[1].aliases.len()), (500, 100, 8));
    }

    proptest! {
        #[test]
        fn no_text_that_passes_can_drive_a_terminal(name in "\\PC*|.*", title in ".*") {
            let mut odd = sample();
            odd.title = Some(title);
            odd.skills = vec![skill(&name, &[&name])];
            let told = found(odd).unwrap();
            for text in told.skills.iter().flat_map(|s| s.aliases.iter().chain([&s.name])).chain(&told.title) {
                prop_assert!(text.chars().all(is_plain) && text.trim() == text && !text.is_empty());
            }
        }
    }
}
