//! A filter that drops postings which ask for what no client should: free samples, a chat elsewhere, a fee.
//!
//! It is pure: it imports nothing, so the same posting always meets the same verdict.

use prospector_plugin::descriptor::PostingPart;
use prospector_plugin::judgement::{Drop, Verdict};
use prospector_plugin::phrases::Phrases;
use prospector_plugin::types::{Context, Error, Posting};
use prospector_plugin::{About, Screen, Summary};
use serde::Deserialize;

/// The settings, as `settings.json` describes them.
#[derive(Debug, Deserialize)]
struct Settings {
    phrases: Vec<String>,
    max_capitals: f64,
}

/// The settings, ready to screen by: made once for a batch of postings.
#[derive(Debug)]
pub struct RedFlags {
    phrases: Phrases,
    max_capitals: f64,
}

impl About for RedFlags {
    fn about() -> Summary {
        Summary {
            id: "redflags",
            display_name: "Red flags",
            version: "0.1.0",
            summary: "Drops postings that ask for free work, another channel, or a fee.",
            settings: include_str!("settings.json"),
            judges_without: &[
                PostingPart::Identifiers,
                PostingPart::Url,
                PostingPart::Categories,
                PostingPart::Language,
                PostingPart::ClientCountry,
                PostingPart::Attributes,
                PostingPart::Skills,
            ],
        }
    }
}

impl Screen for RedFlags {
    fn prepare(context: &Context) -> Result<Self, Error> {
        let Settings { phrases, max_capitals } = prospector_plugin::settings::read(&context.settings)?;
        Ok(Self { phrases: Phrases::new(phrases), max_capitals })
    }

    fn screen(&self, posting: &Posting) -> Verdict {
        self.phrase(posting).or_else(|| self.capitals(posting)).map_or(Verdict::Keep, Verdict::Drop)
    }
}

impl RedFlags {
    fn phrase(&self, posting: &Posting) -> Option<Drop> {
        let found = [&posting.title, &posting.description].into_iter().find_map(|text| self.phrases.first_in(text))?;
        Some(Drop { filter: "phrases".to_owned(), reason: format!("It says `{found}`") })
    }

    fn capitals(&self, posting: &Posting) -> Option<Drop> {
        let letters = posting.title.chars().filter(|c| c.is_alphabetic());
        let (all, upper) = letters.fold((0u32, 0u32), |(all, upper), c| (all + 1, upper + u32::from(c.is_uppercase())));
        let share = f64::from(upper) / f64::from(all.max(1));
        // A title of one or two abbreviations does not shout.
        (all >= 12 && share > self.max_capitals).then(|| Drop {
            filter: "max_capitals".to_owned(),
            reason: format!(
                "{:.0}% of its title's letters are capitals, more than {:.0}%",
                share * 100.0,
                self.max_capitals * 100.0
            ),
        })
    }
}

prospector_plugin::export_filter!(RedFlags);

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::{context, posting, profile, setting};
    use prospector_plugin::types::Value;

    use super::*;

    fn verdict(title: &str, description: &str) -> Option<String> {
        let settings = vec![
            setting("phrases", Value::Texts(vec!["free sample".to_owned(), "WhatsApp".to_owned()])),
            setting("max_capitals", Value::Number(0.6)),
        ];
        let filter = RedFlags::prepare(&context(0, profile(&[]), settings)).expect("valid");
        let mut posting = posting("1", 0);
        posting.title = title.to_owned();
        posting.description = description.to_owned();
        match filter.screen(&posting) {
            Verdict::Keep => None,
            Verdict::Drop(drop) => Some(format!("{}: {}", drop.filter, drop.reason)),
        }
    }

    #[test]
    fn a_phrase_is_found_as_whole_words_in_any_case_and_spacing() {
        assert_eq!(verdict("A shop", "Send a FREE\n sample!").as_deref(), Some("phrases: It says `free sample`"));
        assert_eq!(verdict("Write me on whatsapp", "").as_deref(), Some("phrases: It says `WhatsApp`"));
        assert_eq!(verdict("A WhatsApper's bot", "sugar-free samples"), None);
    }

    #[test]
    fn a_title_that_shouts_is_dropped_and_one_of_abbreviations_is_not() {
        assert!(verdict("NEED A WEBSITE TODAY", "").is_some_and(|why| why.starts_with("max_capitals: 100%")));
        assert_eq!(verdict("AWS IAM", ""), None);
        assert_eq!(verdict("Need a website for AWS", ""), None);
    }

    #[test]
    fn the_schema_describes_every_setting_that_is_read() {
        let schema: serde_json::Value = serde_json::from_str(RedFlags::about().settings).expect("JSON");
        let keys: Vec<&String> = schema["properties"].as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["max_capitals", "phrases"]);
    }
}
