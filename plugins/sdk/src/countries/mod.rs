//! Countries by any of their names or codes.
//!
//! Platforms name a country in full or by a code of two or three letters, and people do too.

mod table;

use table::{ALIASES, COUNTRIES};

/// A country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-2, upper case.
    pub alpha2: &'static str,
    /// ISO 3166-1 alpha-3, upper case.
    pub alpha3: &'static str,
    /// Its English name, as sites show it.
    pub name: &'static str,
}

/// The country of a name or a code, in any case.
///
/// ```
/// use prospector_plugin::countries;
/// for text in ["United States", "usa", "US", " united states of america "] {
///     assert_eq!(countries::find(text).map(|country| country.alpha2), Some("US"));
/// }
/// ```
#[must_use]
pub fn find(text: &str) -> Option<Country> {
    let text = text.trim();
    let same = |name: &str| name.len() == text.len() && name.eq_ignore_ascii_case(text);
    let by_code = |code: &str| COUNTRIES.iter().find(|(alpha2, ..)| *alpha2 == code);
    let found = match text.len() {
        0 | 1 => None,
        2 => COUNTRIES.iter().find(|(alpha2, ..)| same(alpha2)),
        3 => COUNTRIES.iter().find(|(_, alpha3, _)| same(alpha3)),
        _ => {
            let at = COUNTRIES.binary_search_by(|(.., name)| in_lower_case(name).cmp(in_lower_case(text)));
            at.ok().map(|at| &COUNTRIES[at])
        }
    };
    let found = found.or_else(|| by_code(ALIASES.iter().find(|(name, _)| same(name))?.1));
    found.map(|&(alpha2, alpha3, name)| Country { alpha2, alpha3, name })
}

fn in_lower_case(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|byte| byte.to_ascii_lowercase())
}

/// The names of all countries, for saying what a mistaken one may have meant.
pub fn names() -> impl Iterator<Item = &'static str> {
    COUNTRIES.iter().map(|(.., name)| *name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::testing::data;

    #[test]
    fn every_code_and_name_leads_to_its_country_and_no_other() {
        let mut met = BTreeSet::new();
        for &(alpha2, alpha3, name) in COUNTRIES {
            for text in [alpha2, alpha3, name, &name.to_uppercase(), &alpha3.to_lowercase()] {
                assert_eq!(find(text), Some(Country { alpha2, alpha3, name }), "{text}");
            }
            assert!(met.insert(alpha2) && met.insert(alpha3) && met.insert(name), "{name} is there twice");
        }
        for (alias, code) in ALIASES {
            assert!(find(alias).is_some_and(|country| country.alpha2 == *code), "{alias}");
            assert!(met.insert(alias), "{alias} is there twice");
        }
        for text in ["", " ", "X", "ZZ", "ZZZ", "Atlantis", "États-Unis"] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn names_are_in_the_order_in_which_they_are_looked_up() {
        assert!(COUNTRIES.is_sorted_by(|(.., one), (.., other)| in_lower_case(one).lt(in_lower_case(other))));
    }

    #[test]
    fn every_recorded_country_of_a_client_is_known() {
        let Some(text) = data("upwork-postings-2023-01.csv") else {
            return;
        };
        let mut lines = text.lines();
        let at = lines.next().and_then(|head| head.split(',').position(|name| name == "client_location_country"));
        let from_the_end = text.lines().next().expect("a head").split(',').count() - at.expect("a column");
        // Only the title, before it, holds commas; the columns behind may be quoted for theirs.
        let plain = lines.filter(|line| !line.contains('"'));
        let countries: BTreeSet<&str> = plain.filter_map(|line| line.rsplit(',').nth(from_the_end - 1)).collect();
        assert!(countries.len() > 100);
        let unknown: Vec<_> = countries.into_iter().filter(|name| !name.is_empty() && find(name).is_none()).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
