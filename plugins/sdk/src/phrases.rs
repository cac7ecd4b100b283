//! Looking for several words and phrases in long texts at once, in one pass and without copying the text: for filters and scorers that
//! read descriptions.
//!
//! ```
//! use prospector_plugin::phrases::Phrases;
//! let phrases = Phrases::new(["free sample", "WhatsApp"]);
//! assert_eq!(phrases.first_in("Send a FREE\n sample!"), Some("free sample"));
//! assert_eq!(phrases.first_in("sugar-free samples"), None);
//! ```

mod glance;

use self::glance::Glance;
use crate::bytes::CHUNK;

/// Words and phrases, ready to be looked for as whole words in any case; what is no letter or digit parts words, however much of it there is.
#[derive(Debug, Clone)]
pub struct Phrases {
    phrases: Vec<Phrase>,
    glance: Glance,
    /// By what the first byte of a word folds to, what the second one may fold to where a phrase begins so: a bit each, of the fold's last six.
    begins: [u64; 256],
}

#[derive(Debug, Clone)]
struct Phrase {
    written: String,
    /// In lower case.
    words: Vec<String>,
    /// What its first byte folds to; [`NOTHING`] where there is no word.
    first: u8,
}

/// What stands between words.
const NOTHING: u8 = 0;
/// Letters beyond ASCII, or what looks so until it is looked at closely.
const BEYOND: u8 = 1;

/// A byte in lower case if it is a letter or digit of ASCII.
static FOLDED: [u8; 256] = {
    let mut table = [NOTHING; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            letter @ (b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z') => letter.to_ascii_lowercase(),
            0x80..=0xff => BEYOND,
            _ => NOTHING,
        };
        byte += 1;
    }
    table
};

impl Phrases {
    /// Those without a letter or digit are never found.
    pub fn new<P: AsRef<str>>(phrases: impl IntoIterator<Item = P>) -> Self {
        let phrases: Vec<Phrase> = phrases.into_iter().map(|written| Phrase::new(written.as_ref())).collect();
        let mut begins = [0; 256];
        for phrase in &phrases {
            begins[usize::from(phrase.first)] |= phrase.seconds();
        }
        Self { phrases, glance: Glance::by(&begins), begins }
    }

    /// The first of the phrases, in their order, of those that begin first in the text; as it was written.
    #[must_use]
    pub fn first_in(&self, text: &str) -> Option<&str> {
        let mut found = None;
        self.search(text, |phrase| {
            found = Some(phrase);
            false
        });
        found.map(|phrase| self.phrases[phrase].written.as_str())
    }

    /// Tells of each phrase that a text has, by its place among those that are looked for, once for each time; ends where `found` says false. How
    /// many words were passed.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub fn search(&self, text: &str, mut found: impl FnMut(usize) -> bool) -> usize {
        let bytes = text.as_bytes();
        let fold = |at: usize| bytes.get(at).map_or(NOTHING, |byte| FOLDED[usize::from(*byte)]);
        let (whole, rest) = bytes.as_chunks();
        let mut last = [0; CHUNK];
        last[..rest.len()].copy_from_slice(rest);
        let (mut count, mut before) = (0, 0);
        for (index, chunk) in whole.iter().chain([&last]).enumerate() {
            let (in_words, may_begin) = self.glance.at(chunk);
            let starts = in_words & !(in_words << 1 | before);
            before = in_words >> (CHUNK - 1);
            let (mut left, passed) = (starts & may_begin, count);
            while left != 0 {
                let nth = left.trailing_zeros();
                left &= left - 1;
                let at = index * CHUNK + nth as usize;
                let first = fold(at);
                if self.begins[usize::from(first)] & bit(fold(at + 1)) != 0 {
                    for (place, phrase) in self.phrases.iter().enumerate() {
                        // A word's first byte is a character's.
                        if phrase.first == first && phrase.begins(&text[at..]) && !found(place) {
                            // The word itself is passed, and those before it.
                            return passed + (starts & ((2 << nth) - 1)).count_ones() as usize;
                        }
                    }
                }
            }
            count += starts.count_ones() as usize;
        }
        count
    }
}

/// The bit of what a byte folds to.
fn bit(folded: u8) -> u64 {
    1 << (folded & 63)
}

impl Phrase {
    fn new(written: &str) -> Self {
        let words: Vec<String> = words(written).map(str::to_lowercase).collect();
        let first = words.first().and_then(|word| word.bytes().next()).unwrap_or_default();
        Self { written: written.trim().to_owned(), words, first: FOLDED[usize::from(first)] }
    }

    /// What the second byte of a text may fold to that begins with it.
    fn seconds(&self) -> u64 {
        match self.words.first().map(|word| word.as_bytes()) {
            None => 0,
            Some([_]) => bit(NOTHING),
            Some(word) if word.is_ascii() => bit(FOLDED[usize::from(word[1])]),
            // In other scripts letters that are alike may have bytes that are not.
            Some(_) => u64::MAX,
        }
    }

    /// Whether a text begins with it, and a word of the text ends with its last.
    fn begins(&self, text: &str) -> bool {
        // Most that begin alike differ soon: what can be told by bytes is not read by characters.
        let Some(first) = self.words.first() else { return false };
        let alike = |(ours, theirs): (u8, u8)| ours == FOLDED[usize::from(theirs)];
        if first.is_ascii() && !(text.len() >= first.len() && first.bytes().zip(text.bytes()).all(alike)) {
            return false;
        }
        let mut there = words(text);
        self.words.iter().all(|word| there.next().is_some_and(|found| same(found, word)))
    }
}

/// Whether a word is another one that is in lower case.
fn same(word: &str, lower: &str) -> bool {
    if word.is_ascii() {
        return word.eq_ignore_ascii_case(lower);
    }
    word.chars().flat_map(char::to_lowercase).eq(lower.chars())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_ascii() && !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_words_are_found_in_any_case_and_spacing_and_parts_of_words_are_not() {
        for (text, phrase, found) in [
            ("Rust/WASM", "wasm", true),
            ("Send a FREE\n -- sample!", "free sample", true),
            ("sugar-free samples", "free sample", false),
            ("trusted", "rust", false),
            ("rusty rust", "rust", true),
            ("größere ÄNDERUNG", "Änderung", true),
            ("", "rust", false),
        ] {
            assert_eq!(Phrases::new([phrase]).first_in(text).is_some(), found, "{phrase} in {text}");
        }
        assert_eq!(Phrases::new(["--", ""]).first_in("-- anything"), None);
    }

    #[test]
    fn each_phrase_is_told_of_and_the_words_are_counted() {
        let phrases = Phrases::new(["b", "a b", "c"]);
        let mut told = Vec::new();
        let count = phrases.search("A b, c. A", |phrase| {
            told.push(phrase);
            true
        });
        assert_eq!((told, count), (vec![1, 0, 2], 4));
    }

    proptest! {
        #[test]
        fn words_are_counted_as_one_by_one(text in "[a-zA-Z0-9 ,é@\\[`{/:-]{0,40}") {
            prop_assert_eq!(Phrases::new(["a"]).search(&text, |_| true), words(&text).count());
        }

        #[test]
        fn any_text_can_be_searched_and_what_was_put_in_is_found(before in "\\PC{0,40}", phrase in "[a-z]{1,6}( [a-z]{1,6}){0,2}", after in "\\PC{0,40}") {
            let text = format!("{before} {} {after}", phrase.to_uppercase());
            let phrases = Phrases::new(["--", &phrase]);
            prop_assert_eq!(phrases.first_in(&text), Some(phrase.as_str()));
        }
    }
}
