//! Parts of postings that a plugin judges without: they stay with the host, for handing them over costs time.

use std::mem;

use crate::contract::descriptor::{PostingPart, Unread};
use crate::contract::types::{Attribute, Posting, Value};

/// Postings without the parts that a plugin judges without, which are put back when this goes.
pub(super) struct Withheld<'a> {
    pub(super) postings: &'a mut [Posting],
    fields: Vec<PutBack>,
}

/// Puts a field that was taken out of each posting back into them.
type PutBack = Box<dyn FnOnce(&mut [Posting]) + Send>;

/// Takes a field out of each posting. One field after the other, each by code of its own, costs less than half of asking for each posting what is to
/// be taken out of it.
fn take<T, F>(postings: &mut [Posting], field: F) -> PutBack
where
    T: Default + Send + 'static,
    F: Fn(&mut Posting) -> &mut T + Send + 'static,
{
    let taken: Vec<T> = postings.iter_mut().map(|posting| mem::take(field(posting))).collect();
    Box::new(move |postings| {
        for (posting, taken) in postings.iter_mut().zip(taken) {
            *field(posting) = taken;
        }
    })
}

/// Takes the fields of a part out of each posting.
fn take_part(part: PostingPart, postings: &mut [Posting]) -> Vec<PutBack> {
    match part {
        PostingPart::Identifiers => vec![take(postings, |of| &mut of.id), take(postings, |of| &mut of.client.id)],
        PostingPart::Title => vec![take(postings, |of| &mut of.title)],
        PostingPart::Description => vec![take(postings, |of| &mut of.description)],
        PostingPart::Url => vec![take(postings, |of| &mut of.url)],
        PostingPart::Categories => vec![take(postings, |of| &mut of.categories)],
        PostingPart::Language => vec![take(postings, |of| &mut of.language)],
        PostingPart::ClientCountry => {
            vec![take(postings, |of| &mut of.client.country), take(postings, |of| &mut of.client.country_code)]
        }
        PostingPart::Attributes => vec![take(postings, |of| &mut of.attributes)],
        PostingPart::Skills => vec![take(postings, |of| &mut of.skills)],
    }
}

impl<'a> Withheld<'a> {
    /// `unread` is what the plugin says it judges without, `settings` what it judges by.
    pub(super) fn from(postings: &'a mut [Posting], unread: &[Unread], settings: &[Attribute]) -> Withheld<'a> {
        let is_read = |unread: &&Unread| unread.unless.iter().any(|name| is_set(settings, name));
        let fields = unread
            .iter()
            .filter(|unread| !is_read(unread))
            .flat_map(|unread| take_part(unread.part, postings))
            .collect();
        Withheld { postings, fields }
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
        for put_back in self.fields.drain(..) {
            put_back(self.postings);
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
            PostingPart::Skills,
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
