//! Looking for whole words and phrases.

use crate::types::Posting;

/// A word or a phrase, ready to be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keyword {
    /// As the person wrote it.
    pub(super) written: String,
    folded: String,
}

impl Keyword {
    /// None for blanks.
    pub(super) fn new(written: &str) -> Option<Self> {
        let mut folded = String::with_capacity(written.len());
        fold_into(&mut folded, written);
        (!folded.is_empty()).then(|| Self { written: written.trim().to_owned(), folded })
    }

    /// Whether the text holds it as a whole: no letter or digit joins it on either side, and `C` is not in `C++` or `C#`.
    pub(super) fn is_in(&self, text: &Searched) -> bool {
        let joins = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        let (first, last) = (self.folded.chars().next(), self.folded.chars().next_back());
        text.0.match_indices(&self.folded).any(|(at, _)| {
            let (before, after) = (&text.0[..at], &text.0[at + self.folded.len()..]);
            let joined_before = joins(first) && joins(before.chars().next_back());
            let joined_after =
                joins(last) && (joins(after.chars().next()) || after.starts_with("++") || after.starts_with('#'));
            !joined_before && !joined_after
        })
    }
}

/// Title, description and skills of a posting, in lower case and with single blanks: each on a line, so that no phrase reaches from one
/// into another.
#[derive(Debug)]
pub(super) struct Searched(String);

impl Searched {
    pub(super) fn of(posting: &Posting) -> Self {
        let skills: usize = posting.skills.iter().map(|skill| skill.len() + 1).sum();
        let mut text = String::with_capacity(posting.title.len() + posting.description.len() + skills + 2);
        for part in [&posting.title, &posting.description].into_iter().chain(&posting.skills) {
            fold_into(&mut text, part);
            text.push('\n');
        }
        Self(text)
    }
}

/// Appends a text in lower case, with one blank for each run of them and none at its ends.
fn fold_into(folded: &mut String, text: &str) {
    let mut pending = false;
    let start = folded.len();
    for letter in text.chars() {
        if letter.is_whitespace() {
            pending = folded.len() > start;
            continue;
        }
        if std::mem::take(&mut pending) {
            folded.push(' ');
        }
        if letter.is_ascii() {
            folded.push(letter.to_ascii_lowercase());
        } else {
            folded.extend(letter.to_lowercase());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holds(description: &str, keyword: &str) -> bool {
        let posting = Posting { description: description.to_owned(), ..crate::testing::posting("1", 0) };
        Keyword::new(keyword).expect("a word").is_in(&Searched::of(&posting))
    }

    #[test]
    fn whole_words_are_found_in_any_case_and_parts_of_words_are_not() {
        for (text, keyword, found) in [
            ("We use Rust.", "rust", true),
            ("trusted people", "rust", false),
            ("rusty", "RUST", false),
            ("Rust/WASM", "wasm", true),
            ("web \n assembly", "Web Assembly", true),
            ("webassembly", "web assembly", false),
            ("C++ and C#", "c", false),
            ("C++ and C#", "c++", true),
            ("C++ and C#", "C#", true),
            ("plain C, please", "c", true),
            ("node.js", "node", true),
            (".NET 8", ".net", true),
            ("ASP.NET", ".net", true),
            ("größere Änderung", "änderung", true),
            ("wordpress2", "wordpress", false),
            ("rusty rust", "rust", true),
            ("", "rust", false),
        ] {
            assert_eq!(holds(text, keyword), found, "{keyword} in {text}");
        }
        assert_eq!(Keyword::new(" \n "), None);
    }

    #[test]
    fn titles_and_skills_count_and_no_phrase_reaches_across() {
        let mut posting = crate::testing::posting("1", 0);
        posting.title = "Move our web".to_owned();
        posting.description = "assembly line".to_owned();
        posting.skills = vec!["Rust".to_owned(), "SQL".to_owned()];
        let text = Searched::of(&posting);
        let found = |keyword: &str| Keyword::new(keyword).expect("a word").is_in(&text);
        assert!(found("move") && found("rust") && found("sql"));
        assert!(!found("web assembly") && !found("rust sql"));
    }

    proptest! {
        #[test]
        fn any_text_can_be_searched_for_any_keyword(text in "\\PC{0,40}", keyword in "\\PC{1,8}") {
            let posting = Posting { description: format!("{text} {keyword} {text}"), ..crate::testing::posting("1", 0) };
            if let Some(keyword) = Keyword::new(&keyword) {
                prop_assert!(keyword.is_in(&Searched::of(&posting)));
            }
        }
    }
}
