//! A scorer by a person's taste: words that they like or dislike to read, and how much a client has to say.
//!
//! Its signals weigh what `scoring.weights` gives them, nothing unless they are named there. It is pure: it imports nothing.

use prospector_plugin::descriptor::PostingPart;
use prospector_plugin::judgement::{Adjustment, Evaluation, Signal, SignalKind};
use prospector_plugin::phrases::Phrases;
use prospector_plugin::types::{Context, Error, Posting};
use prospector_plugin::{About, Score, Summary};
use serde::Deserialize;

/// The settings, as `settings.json` describes them.
#[derive(Debug, Deserialize)]
struct Settings {
    liked: Vec<String>,
    disliked: Vec<String>,
    dream: Vec<String>,
    dream_points: i32,
}

/// The settings, ready to score by: made once for a batch of postings.
#[derive(Debug)]
pub struct Taste {
    /// Liked, disliked, dreamt of, in this order.
    words: Phrases,
    settings: Settings,
}

/// Words from which a description says as much as one can wish.
const WORDS_ENOUGH: f64 = 120.0;

impl About for Taste {
    fn about() -> Summary {
        Summary {
            id: "taste",
            display_name: "Taste",
            version: "0.1.0",
            summary: "Scores postings by words that you like or dislike, and by how much the client says.",
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

impl Score for Taste {
    fn prepare(context: &Context) -> Result<Self, Error> {
        let settings: Settings = prospector_plugin::settings::read(&context.settings)?;
        let words = Phrases::new(settings.liked.iter().chain(&settings.disliked).chain(&settings.dream));
        Ok(Self { words, settings })
    }

    fn score(&self, posting: &Posting) -> Evaluation {
        let Settings { liked, disliked, dream, dream_points } = &self.settings;
        let mut found = vec![false; liked.len() + disliked.len() + dream.len()];
        let count = [&posting.title, &posting.description]
            .into_iter()
            .map(|text| {
                self.words.search(text, |word| {
                    found[word] = true;
                    true
                })
            })
            .sum();
        let (found_liked, rest) = found.split_at(liked.len());
        let (found_disliked, found_dream) = rest.split_at(disliked.len());
        let adjustment = of(dream, found_dream).first().map(|word| Adjustment {
            name: "dream".to_owned(),
            points: dream_points * 100,
            reason: format!("It is about {word}"),
        });
        Evaluation {
            signals: vec![taste(&of(liked, found_liked), &of(disliked, found_disliked)), substance(count)],
            adjustments: adjustment.into_iter().collect(),
        }
    }
}

/// Those that were found.
fn of<'w>(words: &'w [String], found: &[bool]) -> Vec<&'w str> {
    words.iter().zip(found).filter(|(_, found)| **found).map(|(word, _)| word.as_str()).collect()
}

/// 0.5 without a word of either kind; each further word moves it half of what is left.
fn taste(liked: &[&str], disliked: &[&str]) -> Signal {
    let balance = liked.len() as f64 - disliked.len() as f64;
    let value = 0.5 + 0.5 * balance.signum() * (1.0 - 0.5_f64.powf(balance.abs()));
    let told = |words: &[&str], how: &str| match words {
        [] => None,
        words => Some(format!("{how} {}", words.join(", "))),
    };
    let reasons: Vec<String> = told(liked, "you like").into_iter().chain(told(disliked, "you dislike")).collect();
    Signal {
        kind: SignalKind::Custom("taste".to_owned()),
        value,
        raw: format!("{} liked, {} disliked", liked.len(), disliked.len()),
        reason: if reasons.is_empty() { "No word that you like or dislike".to_owned() } else { reasons.join("; ") },
        missing: Vec::new(),
        confidence: 1.0,
    }
}

/// Grows with every word, and less with each.
fn substance(words: usize) -> Signal {
    let share = words as f64 / WORDS_ENOUGH;
    Signal {
        kind: SignalKind::Custom("substance".to_owned()),
        value: (1.0 - (-2.0 * share).exp()).clamp(0.0, 1.0),
        raw: format!("{words} words"),
        reason: "The more a client says, the better it can be judged".to_owned(),
        missing: Vec::new(),
        confidence: 1.0,
    }
}

prospector_plugin::export_scorer!(Taste);

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::{context, posting, profile, setting};
    use prospector_plugin::types::Value;

    use super::*;

    fn evaluation(title: &str) -> Evaluation {
        let texts = |words: &[&str]| Value::Texts(words.iter().map(|word| (*word).to_owned()).collect());
        let settings = vec![
            setting("liked", texts(&["Rust", "compiler"])),
            setting("disliked", texts(&["WordPress"])),
            setting("dream", texts(&["wasm"])),
            setting("dream_points", Value::Integer(5)),
        ];
        let scorer = Taste::prepare(&context(0, profile(&[]), settings)).expect("valid");
        let mut posting = posting("1", 0);
        posting.title = title.to_owned();
        posting.description = String::new();
        scorer.score(&posting)
    }

    #[test]
    fn words_that_are_liked_raise_the_signal_and_disliked_ones_lower_it() {
        let value = |title| evaluation(title).signals[0].value;
        assert_eq!(value("A shop"), 0.5);
        assert_eq!(value("A shop in RUST"), 0.75);
        assert_eq!(value("A Rust compiler"), 0.875);
        assert_eq!(value("A WordPress shop"), 0.25);
        assert_eq!(value("Rust for WordPress"), 0.5);
        assert_eq!(evaluation("Rust for WordPress").signals[0].reason, "you like Rust; you dislike WordPress");
    }

    #[test]
    fn substance_grows_with_every_word_and_ends_below_one() {
        let values: Vec<f64> = [0, 1, 60, 120, 10_000].map(|words| substance(words).value).into();
        assert!(values.is_sorted() && values[0] == 0.0 && values[4] <= 1.0, "{values:?}");
    }

    #[test]
    fn a_dream_is_an_adjustment_once() {
        let points = |title| evaluation(title).adjustments.iter().map(|given| given.points).collect::<Vec<_>>();
        assert_eq!(points("Wasm, wasm and wasm"), [500]);
        assert!(points("A wasmtime").is_empty());
    }

    #[test]
    fn the_schema_describes_every_setting_that_is_read() {
        let schema: serde_json::Value = serde_json::from_str(Taste::about().settings).expect("JSON");
        let keys: Vec<&String> = schema["properties"].as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["disliked", "dream", "dream_points", "liked"]);
    }
}
