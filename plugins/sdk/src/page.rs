//! Putting a page of postings together.

use crate::merge::Row;
use crate::search::{Notice, NoticeKind, Page, Unreadable};
use crate::types::Posting;

/// A record of the platform's, read or not.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// Read.
    Posting(Box<Posting>),
    /// Not read, with the reason.
    Unreadable(Unreadable),
}

/// A record as a row of its list, ordered by its last change, or else by when it was posted.
#[must_use]
pub fn row(read: Result<Posting, Unreadable>) -> Row<Item> {
    match read {
        Ok(posting) => Row {
            id: Some(posting.id.clone()),
            time: posting.updated_at.or(posting.posted_at),
            item: Item::Posting(Box::new(posting)),
        },
        Err(record) => Row { id: record.id.clone(), time: None, item: Item::Unreadable(record) },
    }
}

/// A page of these items.
#[must_use]
pub fn of(items: Vec<Item>, notices: Vec<Notice>, next: Option<String>, total: Option<u64>) -> Page {
    let mut page = Page { postings: Vec::with_capacity(items.len()), unreadable: Vec::new(), notices, next, total };
    for item in items {
        match item {
            Item::Posting(posting) => page.postings.push(*posting),
            Item::Unreadable(record) => page.unreadable.push(record),
        }
    }
    page
}

/// A notice about a setting or a thing.
#[must_use]
pub fn notice(kind: NoticeKind, subject: &str, message: impl Into<String>) -> Notice {
    Notice { kind, subject: subject.to_owned(), message: message.into() }
}
