//! Parts of postings that a plugin judges without: they stay with the host, for handing them over costs time.

use std::mem;

use crate::contract::descriptor::{PostingPart, Unread};
use crate::contract::types::{Attribute, Posting, Value};

/// Postings without the parts that a plugin judges without, which are put back when this goes.
pub(super) struct Withheld<'a> {
    pub(super) postings: &'a mut [Posting],
    parts: Vec<PostingPart>,
    kept: Vec<Parts>,
}

/// What was taken out of a posting; empty where it was not.
#[derive(Default)]
struct Parts {
    id: String,
    client: Option<String>,
    title: String,
    description: String,
    url: String,
    categories: Vec<String>,
    language: Option<String>,
    country: Option<String>,
    country_code: Option<String>,
    attributes: Vec<Attribute>,
}

impl Parts {
    /// Exchanges them with the posting's, as far as they are among `parts`.
    fn exchange(&mut self, posting: &mut Posting, parts: &[PostingPart]) {
        for part in parts {
            match part {
                PostingPart::Identifiers => {
                    mem::swap(&mut self.id, &mut posting.id);
                    mem::swap(&mut self.client, &mut posting.client.id);
                }
                PostingPart::Title => mem::swap(&mut self.title, &mut posting.title),
                PostingPart::Description => mem::swap(&mut self.description, &mut posting.description),
                PostingPart::Url => mem::swap(&mut self.url, &mut posting.url),
                PostingPart::Categories => mem::swap(&mut self.categories, &mut posting.categories),
                PostingPart::Language => mem::swap(&mut self.language, &mut posting.language),
                PostingPart::ClientCountry => {
                    mem::swap(&mut self.country, &mut posting.client.country);
                    mem::swap(&mut self.country_code, &mut posting.client.country_code);
                }
                PostingPart::Attributes => mem::swap(&mut self.attributes, &mut posting.attributes),
            }
        }
    }
}

impl<'a> Withheld<'a> {
    /// `unread` is what the plugin says it judges without, `settings` what it judges by.
    pub(super) fn from(postings: &'a mut [Posting], unread: &[Unread], settings: &[Attribute]) -> Withheld<'a> {
        let is_read = |unread: &&Unread| unread.unless.iter().any(|name| is_set(settings, name));
        let parts: Vec<PostingPart> =
            unread.iter().filter(|unread| !is_read(unread)).map(|unread| unread.part).collect();
        let take = |posting: &mut Posting| {
            let mut taken = Parts::default();
            taken.exchange(posting, &parts);
            taken
        };
        let kept = if parts.is_empty() { Vec::new() } else { postings.iter_mut().map(take).collect() };
        Withheld { postings, parts, kept }
    }
}

/// Whether a setting, or one below its name, is anything but off, zero or empty.
fn is_set(settings: &[Attribute], name: &str) -> bool {
    let is_there = |setting: &Attribute| {
        setting.name.strip_prefix(name).is_some_and(|below| below.is_empty() || below.starts_with('.'))
    };
    settings.iter().any(|setting| {
        is_there(setting)
            && match &setting.value {
                Value::Text(text) => !text.is_empty(),
                Value::Integer(number) => *number != 0,
                Value::Number(number) => *number != 0.0,
                Value::Flag(flag) => *flag,
                Value::Texts(texts) => !texts.is_empty(),
            }
    })
}

impl std::ops::Drop for Withheld<'_> {
    fn drop(&mut self) {
        for (posting, taken) in self.postings.iter_mut().zip(&mut self.kept) {
            taken.exchange(posting, &self.parts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::posting as sample;

    #[test]
    fn parts_that_a_plugin_judges_without_are_taken_out_and_put_back() {
        let mut postings = vec![sample("1"), sample("2")];
        let before = postings.clone();
        let always = |part| Unread { part, unless: Vec::new() };
        let withheld = Withheld::from(&mut postings, &[always(PostingPart::Description)], &[]);
        assert!(withheld.postings.iter().all(|posting| posting.description.is_empty() && !posting.url.is_empty()));
        drop(withheld);
        assert_eq!(postings, before);
        let all = [
            PostingPart::Identifiers,
            PostingPart::Title,
            PostingPart::Description,
            PostingPart::Url,
            PostingPart::Categories,
            PostingPart::Language,
            PostingPart::ClientCountry,
            PostingPart::Attributes,
        ];
        drop(Withheld::from(&mut postings, &all.map(always), &[]));
        assert_eq!(postings, before);
    }

    #[test]
    fn a_part_is_handed_over_where_a_setting_asks_for_it() {
        let unread = [Unread { part: PostingPart::Description, unless: vec!["keywords".to_owned()] }];
        let texts = |texts: &[&str]| Value::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
        for (name, value, handed_over) in [
            ("keywords", Value::Flag(true), true),
            ("keywords.include", texts(&["rust"]), true),
            ("keywords.include", texts(&[]), false),
            ("keywords", Value::Text(String::new()), false),
            ("keywords", Value::Integer(0), false),
            ("keywords", Value::Number(0.5), true),
            ("keywords_of_mine", Value::Flag(true), false),
        ] {
            let mut postings = vec![sample("1")];
            let settings = [Attribute { name: name.to_owned(), value }];
            let withheld = Withheld::from(&mut postings, &unread, &settings);
            assert_eq!(!withheld.postings[0].description.is_empty(), handed_over, "{settings:?}");
        }
    }
}
