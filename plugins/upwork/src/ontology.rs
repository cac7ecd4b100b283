//! Categories, subcategories and services by label, and what is below them.
//!
//! The platform's own list (`ontologyCategories`) has no confirmed shape, so its labels and ids are data here, as the site
//! showed them in February 2026: `ontology.txt`, in which two blanks lead one level down.

use prospector_plugin::error::{self, Refine};
use prospector_plugin::names;
use prospector_plugin::types::Error;

const DATA: &str = include_str!("ontology.txt");

/// The setting that names them.
const SETTING: &str = "categories";

/// Digits of an id that are believed.
const LONGEST_ID: usize = 20;

/// What an id stands for: each kind has a filter of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Category,
    Subcategory,
    Service,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Category, Self::Subcategory, Self::Service];

    fn of_depth(depth: usize) -> Self {
        match depth {
            0 => Self::Category,
            1 => Self::Subcategory,
            _ => Self::Service,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: Kind,
    id: &'static str,
    label: &'static str,
}

fn entries() -> impl Iterator<Item = Entry> {
    DATA.lines().filter_map(|line| {
        let text = line.trim_start();
        let (id, label) = text.split_once(' ')?;
        Some(Entry { kind: Kind::of_depth((line.len() - text.len()) / 2), id, label })
    })
}

/// The ids of labels, by kind, each once.
///
/// A numeric id is taken as it is; one that is not in the list counts as a subcategory's (assumed: those are what changes most).
///
/// # Errors
/// `invalid-input` for a label that is not known, with the nearest that are.
pub(crate) fn resolve(wanted: &[String]) -> Result<Vec<(Kind, String)>, Error> {
    let all: Vec<Entry> = if wanted.is_empty() { Vec::new() } else { entries().collect() };
    let labels: Vec<&str> = all.iter().map(|entry| entry.label).collect();
    let mut found: Vec<(Kind, String)> = Vec::new();
    for text in wanted {
        let text = text.trim();
        let pair = if is_id(text) {
            let kind = all.iter().find(|entry| entry.id == text).map_or(Kind::Subcategory, |entry| entry.kind);
            (kind, text.to_owned())
        } else if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(error::invalid_setting(SETTING, format!("The category `{text}` is no id of Upwork's"))
                .remedy("Ids have at most 20 digits. Give the category's label instead."));
        } else {
            let at = names::find("Upwork", ("category, subcategory or service", "Categories"), &labels, text)
                .map_err(|error| error.code(Some(SETTING.to_owned())))?;
            (all[at].kind, all[at].id.to_owned())
        };
        if !found.contains(&pair) {
            found.push(pair);
        }
    }
    Ok(found)
}

/// Whether a text has the shape of an id.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The ids of all categories.
pub(crate) fn categories() -> Vec<&'static str> {
    entries().filter(|entry| entry.kind == Kind::Category).map(|entry| entry.id).collect()
}

/// The ids of a category's subcategories; none if it is not known.
pub(crate) fn subcategories(category: &str) -> Vec<&'static str> {
    entries()
        .skip_while(|entry| entry.id != category || entry.kind != Kind::Category)
        .skip(1)
        .take_while(|entry| entry.kind != Kind::Category)
        .filter(|entry| entry.kind == Kind::Subcategory)
        .map(|entry| entry.id)
        .collect()
}

/// The label of a slug, in which the old fields name a category: `web_mobile_design`.
pub(crate) fn label_of_slug(slug: &str) -> Option<&'static str> {
    entries().map(|entry| entry.label).find(|label| is_slug_of(slug, label))
}

/// Whether `slug` is the words of `label` in lower case, joined by underscores.
fn is_slug_of(slug: &str, label: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    words(slug) == words(label)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prospector_plugin::testing::data;
    use prospector_plugin::types::ErrorKind;

    use super::*;

    fn ids(wanted: &[&str]) -> Result<Vec<(Kind, String)>, Error> {
        resolve(&wanted.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_list_is_whole_and_each_label_means_one_thing() {
        let count = |kind| entries().filter(|entry| entry.kind == kind).count();
        assert_eq!(Kind::ALL.map(count), [12, 64, 204]);
        assert_eq!(entries().count(), DATA.lines().count());
        let labels: BTreeSet<String> = entries().map(|entry| names::folded(entry.label)).collect();
        assert_eq!(labels.len(), 280);
        assert!(entries().all(|entry| is_id(entry.id)));
        let below: usize = categories().into_iter().map(|category| subcategories(category).len()).sum();
        assert_eq!((categories().len(), below), (12, 64));
        assert!(subcategories("531770282584862733").is_empty());
    }

    #[test]
    fn labels_of_any_level_and_ids_are_resolved() {
        let id = |text: &str| text.to_owned();
        assert_eq!(
            ids(&[
                "Web Development",
                "mobile  DEVELOPMENT",
                "Writing",
                "Back-End Development",
                "531770282584862733",
                "42"
            ]),
            Ok(vec![
                (Kind::Subcategory, id("531770282584862733")),
                (Kind::Subcategory, id("531770282589057024")),
                (Kind::Category, id("531770282580668423")),
                (Kind::Service, id("1110580748673863680")),
                (Kind::Subcategory, id("42")),
            ])
        );
        assert_eq!(ids(&[]), Ok(vec![]));
    }

    #[test]
    fn an_unknown_label_is_met_with_the_nearest() {
        let error = ids(&["Web Developement"]).expect_err("misspelt");
        assert_eq!(error.kind, ErrorKind::InvalidInput);
        assert_eq!(error.message, "Upwork has no category, subcategory or service `Web Developement`");
        assert!(error.remedy.is_some_and(|remedy| remedy.starts_with("Did you mean `Web Development`")));
        assert!(ids(&["123456789012345678901"]).expect_err("too long").message.contains("no id"));
    }

    #[test]
    fn a_slug_leads_to_its_label() {
        for (slug, label) in [
            ("web_mobile_software_dev", Some("Web, Mobile & Software Dev")),
            ("web_mobile_design", Some("Web & Mobile Design")),
            ("basket_weaving", None),
        ] {
            assert_eq!(label_of_slug(slug), label);
        }
    }

    #[test]
    fn the_list_is_the_recorded_one() {
        let Some(text) = data("upwork-categories.json") else {
            return;
        };
        let recorded: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let below = |json: &serde_json::Value, name: &str| json[name].as_array().cloned().unwrap_or_default();
        let mut listed = Vec::new();
        for category in recorded.as_array().expect("a list") {
            listed.push(category.clone());
            for subcategory in below(category, "subcategories") {
                listed.push(subcategory.clone());
                listed.extend(below(&subcategory, "services"));
            }
        }
        let recorded: Vec<(&str, &str)> = listed
            .iter()
            .map(|json| (json["id"].as_str().expect("an id"), json["prefLabel"].as_str().expect("a label")))
            .collect();
        assert_eq!(entries().map(|entry| (entry.id, entry.label)).collect::<Vec<_>>(), recorded);
    }
}
