//! Marks in a text for what is still to be written: `[[fill in: client.country]]`.
//!
//! A template that uses what a posting does not say leaves one, and so may its author, where only a person can go on. As long as one is there the
//! proposal is not for review.

use std::sync::LazyLock;

use regex::Regex;

/// What is left in the place of something that is not known.
#[must_use]
pub fn marker(what: &str) -> String {
    format!("[[fill in: {what}]]")
}

static MARKERS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\[\[\s*fill in:?\s*([^\[\]\n]{0,200}?)\s*\]\]").expect("it is tested"));
static TAGS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}").expect("it is tested"));

/// What is still to be written in a text, each once.
#[must_use]
pub fn unfilled(text: &str) -> Vec<String> {
    let marked = MARKERS.captures_iter(text).map(|found| match &found[1] {
        "" => "something".to_owned(),
        what => what.to_owned(),
    });
    let tags = TAGS.find_iter(text).map(|found| found.as_str().to_owned());
    let mut all: Vec<String> = Vec::new();
    marked.chain(tags).for_each(|what| {
        if !all.contains(&what) {
            all.push(what)
        }
    });
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_and_tags_that_are_left_are_found_each_once() {
        let text =
            "Hi [[fill in: name]], [[fill in: name]] {{job.title}} {% if x %}\n[[Fill in]] [[fill in]] [1] {a} 50%";
        assert_eq!(unfilled(text), ["name", "something", "{{job.title}}", "{% if x %}"]);
        assert!(unfilled("A matrix is [[1, 2], [3, 4]]; `{}` is a set, 50 %} off").is_empty());
    }

    proptest! {
        #[test]
        fn every_mark_is_found_in_any_text(before in ".{0,40}", after in ".{0,40}", what in "[a-z_.]{1,20}") {
            let text = format!("{before}\n{}\n{after}", marker(&what));
            prop_assert!(unfilled(&text).contains(&what));
        }
    }
}
