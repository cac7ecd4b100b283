//! Parts of a posting that are made alike for all platforms.

use crate::lenient::Flag;
use crate::text::cut;
use crate::types::{Attribute, Posting, Value};

/// Skills that the contract takes of a posting.
pub const MOST_SKILLS: usize = 100;

/// Categories that the contract takes of a posting.
pub const MOST_CATEGORIES: usize = 20;

/// Bytes that the contract takes of a title.
const LONGEST_TITLE: usize = 1024;

/// Bytes that the contract takes of a name.
const LONGEST_NAME: usize = 128;

/// Bytes that the contract takes of a description.
const LONGEST_DESCRIPTION: usize = 64 * 1024;

/// Name of the attribute that says that a description was left out.
pub const DESCRIPTION_LEFT_OUT: &str = "description_left_out";

/// Bytes of a platform's own word that are kept.
const LONGEST_WORD: usize = 64;

/// The names, each once and in their order, at most as many as the contract takes, and as much of each.
#[must_use]
pub fn names(names: impl Iterator<Item = String>, most: usize) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::with_capacity(names.size_hint().0.min(most));
    for mut name in names {
        if distinct.len() == most {
            break;
        }
        shorten(&mut name, LONGEST_NAME);
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}

/// The title, as much of it as the contract takes; one of kind and identifier where there is none.
#[must_use]
pub fn title(title: Option<String>, kind: &str, id: &str) -> String {
    let mut title = title.filter(|title| !title.trim().is_empty()).unwrap_or_else(|| format!("{kind} {id}"));
    shorten(&mut title, LONGEST_TITLE);
    title
}

/// The description, as much of it as the contract takes.
#[must_use]
pub fn description(text: Option<String>) -> String {
    let mut text = text.unwrap_or_default();
    shorten(&mut text, LONGEST_DESCRIPTION);
    text
}

/// Cuts a text between characters. What the host would cut anyway still counts in what a call may hand over.
#[inline]
fn shorten(text: &mut String, most: usize) {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
    }
}

/// Says in a posting that its description was not asked for, as the platform's answer would be too large with it. What there is of one, a
/// preview, stays.
pub fn leave_description_out(posting: &mut Posting) {
    const NOTE: &str = "[The description was left out: with it, the platform's answer is too large]";
    let gap = if posting.description.is_empty() { "" } else { "\n\n" };
    posting.description = format!("{}{gap}{NOTE}", posting.description);
    flag(&mut posting.attributes, DESCRIPTION_LEFT_OUT, Flag(Some(true)));
}

/// A platform's own word, for the cases `other`.
#[must_use]
pub fn word(word: &str) -> String {
    cut(word, LONGEST_WORD).to_owned()
}

/// An attribute.
#[must_use]
pub fn attribute(name: &str, value: Value) -> Attribute {
    Attribute { name: name.to_owned(), value }
}

/// Notes a flag that is set, once.
pub fn flag(attributes: &mut Vec<Attribute>, name: &str, flag: Flag) {
    if flag.0 == Some(true) && !attributes.iter().any(|attribute| attribute.name == name) {
        attributes.push(attribute(name, Value::Flag(true)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_once_and_bounded() {
        let given = ["b", "a", "b", "c"].map(str::to_owned);
        assert_eq!(names(given.clone().into_iter(), 10), ["b", "a", "c"]);
        assert_eq!(names(given.into_iter(), 2), ["b", "a"]);
        assert_eq!(names(["é".repeat(100)].into_iter(), 2), ["é".repeat(LONGEST_NAME / 2)]);
    }

    #[test]
    fn a_title_is_cut_and_made_up_where_there_is_none() {
        for (given, kept) in [(None, "Job 7"), (Some(" "), "Job 7"), (Some("Rust"), "Rust")] {
            assert_eq!(title(given.map(str::to_owned), "Job", "7"), kept);
        }
        assert_eq!(title(Some(format!("x{}", "é".repeat(1_000))), "Job", "7").len(), LONGEST_TITLE - 1);
    }

    #[test]
    fn a_description_is_cut_between_characters_and_one_left_out_says_so() {
        assert_eq!(description(None), "");
        assert_eq!(description(Some("é".repeat(40_000))).len(), LONGEST_DESCRIPTION);
        assert_eq!(description(Some(format!("x{}", "é".repeat(40_000)))).len(), LONGEST_DESCRIPTION - 1);
        let mut posting = crate::testing::posting("1", 0);
        for (given, kept) in [("", "[The"), ("A preview", "A preview\n\n[The")] {
            posting.description = given.to_owned();
            leave_description_out(&mut posting);
            assert!(posting.description.starts_with(kept), "{}", posting.description);
        }
        assert_eq!(posting.attributes, [attribute(DESCRIPTION_LEFT_OUT, Value::Flag(true))]);
    }

    #[test]
    fn a_flag_is_noted_once_and_only_if_it_is_set() {
        let mut attributes = Vec::new();
        for (name, set) in [("nda", Some(true)), ("nda", Some(true)), ("urgent", Some(false)), ("sealed", None)] {
            flag(&mut attributes, name, Flag(set));
        }
        assert_eq!(attributes, [attribute("nda", Value::Flag(true))]);
    }
}
