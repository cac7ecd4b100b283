//! What guests answer, held to the contract before anybody else sees it.
//!
//! Texts that are too long are cut; a posting that breaks a rule becomes an unreadable one, with the reason; an answer that breaks a rule as a
//! whole is refused, which is the plugin's fault and costs that call.

mod address;
mod found;
mod work;

use std::collections::HashSet;

use crate::contract::account::Identity;
use crate::contract::judgement::{Adjustment, Drop, Evaluation, SignalKind};
use crate::contract::search::{Page, Unreadable};
use crate::contract::types::{
    Attribute, Budget, Client, Error, ExperienceLevel, Payment, Posting, PostingKind, PostingStatus, Value,
};

use address::Addresses;
pub(super) use found::found;
pub(super) use work::{contracts, plan, proposal, proposals, requirements};

const YEAR_1: i64 = -62_135_596_800;
const YEAR_9999: i64 = 253_402_300_799;
const MAX_TITLE: usize = 1024;
const MAX_DESCRIPTION: usize = 64 * 1024;
const MAX_NAME: usize = 128;
const MAX_SKILLS: usize = 100;
const MAX_CATEGORIES: usize = 20;
const MAX_ATTRIBUTES: usize = 50;
/// In hundredths: ten million million of any currency's main unit.
const MAX_AMOUNT: i64 = 1_000_000_000_000_000;

/// Cuts a text at a character's boundary; true if it had to.
pub(super) fn cut(text: &mut String, most: usize) -> bool {
    if text.len() <= most {
        return false;
    }
    let end = (0..=most).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.truncate(end);
    text.shrink_to_fit();
    true
}

/// A page of a search for at most `limit` postings.
///
/// # Errors
/// A sentence, where the page as a whole is not what was asked for.
pub(super) fn page(mut page: Page, limit: u32) -> Result<Page, String> {
    if page.postings.len() > limit as usize {
        return Err(format!("a page of {} postings, where at most {limit} were asked for", page.postings.len()));
    }
    if page.unreadable.len() > 10_000 || page.notices.len() > 100 {
        return Err("a page with more than 10000 unreadable items or 100 notices".to_owned());
    }
    if page.next.as_ref().is_some_and(|next| next.len() > 4096) {
        return Err("a cursor of more than 4 KiB".to_owned());
    }
    let mut addresses = Addresses::default();
    let mut reasons = Vec::new();
    let broken = page.postings.extract_if(.., |candidate| match posting(candidate, &mut addresses) {
        Ok(()) => false,
        Err(reason) => {
            reasons.push(reason);
            true
        }
    });
    let broken: Vec<Posting> = broken.collect();
    page.unreadable.extend(broken.into_iter().zip(reasons).map(|(mut broken, reason)| {
        cut(&mut broken.id, MAX_NAME);
        Unreadable { id: Some(broken.id).filter(|id| !id.is_empty()), title: Some(broken.title), reason }
    }));
    let mut seen = HashSet::with_capacity(page.postings.len());
    let mut is_first = page.postings.iter().map(|posting| seen.insert(&posting.id)).collect::<Vec<_>>().into_iter();
    page.postings.retain(|_| is_first.next() == Some(true));
    for item in &mut page.unreadable {
        item.id.as_mut().map(|id| cut(id, MAX_NAME));
        item.title.as_mut().map(|title| cut(title, MAX_TITLE));
        cut(&mut item.reason, 512);
    }
    for notice in &mut page.notices {
        cut(&mut notice.subject, MAX_NAME);
        cut(&mut notice.message, 1024);
    }
    Ok(page)
}

/// Postings that were asked for by these identifiers.
pub(super) fn looked_up(postings: Vec<Posting>, ids: &[String]) -> Result<Vec<Posting>, String> {
    if postings.len() > ids.len() {
        return Err(format!("{} postings, where {} were asked for", postings.len(), ids.len()));
    }
    let mut addresses = Addresses::default();
    let sound =
        |mut found: Posting| (posting(&mut found, &mut addresses).is_ok() && ids.contains(&found.id)).then_some(found);
    Ok(postings.into_iter().filter_map(sound).collect())
}

/// Whether a text is an identifier of a platform's.
fn is_identifier(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Whether a time is within the years 1 to 9999.
fn is_time(time: Option<i64>) -> bool {
    time.is_none_or(|time| (YEAR_1..=YEAR_9999).contains(&time))
}

/// Whether an amount is one that somebody may pay.
fn budgeted(amount: i64) -> bool {
    (0..=MAX_AMOUNT).contains(&amount)
}

/// One posting: its texts cut, its figures checked.
fn posting(posting: &mut Posting, addresses: &mut Addresses) -> Result<(), String> {
    if !is_identifier(&posting.id) {
        return Err("its id is not 1 to 128 printable ASCII characters".to_owned());
    }
    addresses.check(&mut posting.url)?;
    for word in others(posting) {
        cut(word, MAX_NAME);
    }
    for (what, time) in [
        ("posted-at", posting.posted_at),
        ("updated-at", posting.updated_at),
        ("closes-at", posting.closes_at),
        ("client.member-since", posting.client.member_since),
    ] {
        if !is_time(time) {
            return Err(format!("its {what} is beyond the years 1 to 9999"));
        }
    }
    posting.budget.as_ref().map_or(Ok(()), budget)?;
    client(&mut posting.client)?;
    if posting.competition.as_ref().and_then(|c| c.average).is_some_and(|a| !(0..=MAX_AMOUNT).contains(&a)) {
        return Err("its average proposal is negative or absurdly large".to_owned());
    }
    for span in [posting.duration, posting.workload, posting.competition.map(|c| c.proposals)].into_iter().flatten() {
        if span.maximum.is_some_and(|maximum| maximum < span.minimum) {
            return Err("a range in it ends before it begins".to_owned());
        }
    }
    cut(&mut posting.title, MAX_TITLE);
    cut(&mut posting.description, MAX_DESCRIPTION);
    posting.skills.truncate(MAX_SKILLS);
    posting.categories.truncate(MAX_CATEGORIES);
    for name in posting.skills.iter_mut().chain(&mut posting.categories).chain(&mut posting.language) {
        cut(name, MAX_NAME);
    }
    attributes(&mut posting.attributes)
}

/// What else a platform says: as much of it as is allowed.
fn attributes(given: &mut Vec<Attribute>) -> Result<(), String> {
    given.truncate(MAX_ATTRIBUTES);
    given.iter_mut().try_for_each(attribute)
}

/// The platform's own words in a posting.
fn others(posting: &mut Posting) -> impl Iterator<Item = &mut String> {
    let kind = match &mut posting.kind {
        PostingKind::Other(word) => Some(word),
        PostingKind::Project | PostingKind::Contest => None,
    };
    let status = match &mut posting.status {
        PostingStatus::Other(word) => Some(word),
        PostingStatus::Open | PostingStatus::Closed => None,
    };
    let payment = match &mut posting.payment {
        Payment::Other(word) => Some(word),
        Payment::Fixed | Payment::Hourly | Payment::Prize | Payment::Unstated => None,
    };
    let experience = match &mut posting.experience {
        Some(ExperienceLevel::Other(word)) => Some(word),
        _ => None,
    };
    [kind, status, payment, experience].into_iter().flatten()
}

/// Who an account is: its texts cut, its lists bounded, attributes that are not what they may be left out.
pub(super) fn identity(mut identity: Identity) -> Identity {
    cut(&mut identity.id, 256);
    cut(&mut identity.username, 256);
    identity.permissions.truncate(64);
    for permission in &mut identity.permissions {
        cut(&mut permission.scope, MAX_NAME);
    }
    identity.attributes.truncate(MAX_ATTRIBUTES);
    identity.attributes.retain_mut(|given| attribute(given).is_ok());
    identity
}

fn budget(budget: &Budget) -> Result<(), String> {
    let in_range = |amount: Option<i64>| amount.is_none_or(|amount| (0..=MAX_AMOUNT).contains(&amount));
    if !in_range(budget.minimum) || !in_range(budget.maximum) {
        return Err("its budget is negative or absurdly large".to_owned());
    }
    if budget.minimum.zip(budget.maximum).is_some_and(|(minimum, maximum)| maximum < minimum) {
        return Err("its budget ends below where it begins".to_owned());
    }
    if budget.currency.len() != 3 || !budget.currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err("its currency is not a code of three capitals".to_owned());
    }
    match budget.usd_rate {
        Some(rate) if !(rate.is_finite() && rate > 0.0) => Err("its exchange rate is not a number above 0".to_owned()),
        _ => Ok(()),
    }
}

fn client(client: &mut Client) -> Result<(), String> {
    let within =
        |value: Option<f64>, most: f64| value.is_none_or(|value| value.is_finite() && (0.0..=most).contains(&value));
    if !within(client.rating, 5.0) || !within(client.hire_rate, 1.0) {
        return Err("its client's rating or hire rate is out of range".to_owned());
    }
    if client.spent_usd.is_some_and(|spent| !(0..=MAX_AMOUNT).contains(&spent)) {
        return Err("what its client has spent is negative or absurdly large".to_owned());
    }
    for text in [&mut client.id, &mut client.country, &mut client.country_code].into_iter().flatten() {
        cut(text, MAX_NAME);
    }
    Ok(())
}

fn attribute(attribute: &mut Attribute) -> Result<(), String> {
    cut(&mut attribute.name, MAX_NAME);
    match &mut attribute.value {
        Value::Number(number) if !number.is_finite() => {
            return Err(format!("its attribute {} is not a finite number", attribute.name));
        }
        Value::Text(text) => {
            cut(text, 64 * 1024);
        }
        Value::Texts(texts) => {
            texts.truncate(1000);
            texts.iter_mut().for_each(|text| {
                cut(text, MAX_NAME);
            });
        }
        Value::Number(_) | Value::Integer(_) | Value::Flag(_) => {}
    }
    Ok(())
}

/// An error's texts, cut.
pub(super) fn error(mut error: Error) -> Error {
    cut(&mut error.message, 4096);
    error.code.as_mut().map(|code| cut(code, 256));
    error.remedy.as_mut().map(|remedy| cut(remedy, 1024));
    error
}

/// A drop's texts, cut.
pub(super) fn drop(mut drop: Drop) -> Drop {
    cut(&mut drop.filter, 64);
    cut(&mut drop.reason, 512);
    drop
}

/// An evaluation, its texts cut.
///
/// # Errors
/// A sentence, where a figure is out of its range or a signal is there twice.
pub(super) fn evaluation(mut evaluation: Evaluation) -> Result<Evaluation, String> {
    if evaluation.signals.len() > 32 || evaluation.adjustments.len() > 16 {
        return Err("more than 32 signals or 16 adjustments".to_owned());
    }
    for index in 0..evaluation.signals.len() {
        let (before, rest) = evaluation.signals.split_at_mut(index);
        let signal = &mut rest[0];
        let unit = 0.0..=1.0;
        if !unit.contains(&signal.value) || !unit.contains(&signal.confidence) {
            return Err("a signal or its confidence that is not from 0 to 1".to_owned());
        }
        if before.iter().any(|other| other.kind == signal.kind) {
            return Err("a signal that is there twice".to_owned());
        }
        match &signal.kind {
            SignalKind::Custom(name) if crate::contract::SIGNALS.contains(&name.as_str()) => {
                return Err(format!("a signal of its own that is called {name}, as one of the five is"));
            }
            SignalKind::Custom(name) if !is_name(name, 32) => {
                return Err("a signal's name that is not 1 to 32 of a-z0-9_".to_owned());
            }
            _ => {}
        }
        cut(&mut signal.raw, 128);
        cut(&mut signal.reason, 512);
        signal.missing.truncate(32);
        signal.missing.iter_mut().for_each(|name| {
            cut(name, 64);
        });
    }
    for Adjustment { name, points, reason } in &mut evaluation.adjustments {
        if !(-10_000..=10_000).contains(points) {
            return Err("an adjustment of more than 100 points".to_owned());
        }
        if !is_name(&name.replace('-', "_"), 64) {
            return Err("an adjustment's name that is not 1 to 64 of a-z0-9_-".to_owned());
        }
        cut(reason, 512);
    }
    Ok(evaluation)
}

fn is_name(name: &str, most: usize) -> bool {
    (1..=most).contains(&name.len()) && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::judgement::Signal;
    use crate::contract::types::Span;
    use crate::testing::posting as sample;

    fn checked(postings: Vec<Posting>) -> Page {
        page(Page { postings, unreadable: vec![], notices: vec![], next: None, total: None }, 100).unwrap()
    }

    #[test]
    fn a_posting_that_breaks_a_rule_is_unreadable_with_the_reason_and_spares_the_others() {
        type Break = fn(&mut Posting);
        let breaks: [(&str, Break); 14] = [
            ("id", |p| p.id = "a b".to_owned()),
            ("id", |p| p.id = String::new()),
            ("url", |p| p.url = "javascript:alert(1)".to_owned()),
            ("url", |p| p.url = "http://example.com/".to_owned()),
            ("posted-at", |p| p.posted_at = Some(i64::MAX)),
            ("budget", |p| p.budget.as_mut().unwrap().minimum = Some(-1)),
            ("below", |p| p.budget.as_mut().unwrap().maximum = Some(0)),
            ("currency", |p| p.budget.as_mut().unwrap().currency = "usd".to_owned()),
            ("rate", |p| p.budget.as_mut().unwrap().usd_rate = Some(f64::NAN)),
            ("rating", |p| p.client.rating = Some(5.1)),
            ("rating", |p| p.client.hire_rate = Some(f64::INFINITY)),
            ("spent", |p| p.client.spent_usd = Some(i64::MIN)),
            ("range", |p| p.duration = Some(Span { minimum: 2, maximum: Some(1) })),
            ("finite", |p| p.attributes = vec![Attribute { name: "x".to_owned(), value: Value::Number(f64::NAN) }]),
        ];
        for (why, spoil) in breaks {
            let mut bad = sample("bad");
            spoil(&mut bad);
            let page = checked(vec![sample("good"), bad]);
            assert_eq!(page.postings.len(), 1, "{why}");
            assert!(page.unreadable[0].reason.contains(why), "{why}: {}", page.unreadable[0].reason);
        }
    }

    #[test]
    fn texts_are_cut_between_characters_and_repeats_are_taken_once() {
        let mut long = sample("long");
        long.title = "é".repeat(1000);
        long.description = "x".repeat(10 << 20);
        long.skills = vec!["s".to_owned(); 5000];
        let page = checked(vec![long, sample("a"), sample("a")]);
        assert_eq!(page.postings.len(), 2);
        assert_eq!(
            (page.postings[0].title.len(), page.postings[0].description.len(), page.postings[0].skills.len()),
            (1024, 64 << 10, 100)
        );
    }

    #[test]
    fn an_evaluation_out_of_range_is_refused() {
        let signal = |kind: SignalKind, value: f64| Signal {
            kind,
            value,
            raw: String::new(),
            reason: String::new(),
            missing: vec![],
            confidence: 1.0,
        };
        let with = |signals: Vec<Signal>, points: i32, name: &str| {
            evaluation(Evaluation {
                signals,
                adjustments: vec![Adjustment { name: name.to_owned(), points, reason: String::new() }],
            })
            .is_ok()
        };
        assert!(with(vec![signal(SignalKind::Budget, 0.5)], -100, "contest"));
        assert!(!with(vec![signal(SignalKind::Budget, f64::NAN)], 0, "a"));
        assert!(!with(vec![signal(SignalKind::Budget, 1.01)], 0, "a"));
        assert!(!with(vec![signal(SignalKind::Budget, 0.5), signal(SignalKind::Budget, 0.5)], 0, "a"));
        assert!(!with(vec![signal(SignalKind::Custom("A b".to_owned()), 0.5)], 0, "a"));
        assert!(!with(vec![], 10_001, "a"));
        assert!(!with(vec![], 0, "A\u{1b}"));
    }
}
