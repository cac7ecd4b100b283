use proptest::prelude::*;

use super::*;
use crate::error;
use crate::page::row;
use crate::testing::posting;

/// Bytes that an answer may have, as it were.
const BOUND: usize = 80;

/// A list of rows: bytes with and without the description.
struct List {
    rows: Vec<(usize, usize)>,
    asked: Vec<Part>,
}

impl List {
    fn ask(&mut self, part: Part) -> Result<Answer, Error> {
        self.asked.push(part);
        let first = usize::try_from(part.offset).expect("small");
        let end = (first + part.rows as usize).min(self.rows.len());
        let wanted = self.rows.get(first..end).unwrap_or_default();
        let bytes = wanted.iter().map(|(full, bare)| if part.bare { bare } else { full }).sum();
        if bytes > BOUND {
            return Err(error::of(ErrorKind::TooLarge, "too large"));
        }
        let rows = (first..end).map(|at| row(Ok(posting(&at.to_string(), 0)))).collect();
        Ok(Answer { window: Window { rows, total: Some(self.rows.len() as u64) }, bytes })
    }

    /// Reads it by pages as a scan does: the identifiers, with `-` behind those without a description and `?` for what was skipped.
    fn read(&mut self, page: u32) -> Result<Vec<String>, Error> {
        let mut read = Vec::new();
        while read.len() < self.rows.len() {
            let asked = self.asked.len();
            let mut fitting = Fitting::new("Guild");
            let window = fitting.read(read.len() as u64, page, |part| self.ask(part))?;
            assert!(!window.rows.is_empty(), "no page is barren");
            assert!(self.asked.len() - asked <= 2 + 2 * HALVINGS as usize, "{}", self.asked.len() - asked);
            read.extend(window.rows.into_iter().map(|row| match row.item {
                Item::Posting(posting) if posting.description.is_empty() => posting.id,
                Item::Posting(posting) => format!("{}-", posting.id),
                Item::Unreadable(_) => "?".to_owned(),
            }));
        }
        Ok(read)
    }
}

fn list(count: usize, odd: &[(usize, (usize, usize))]) -> List {
    let mut rows = vec![(0, 0); count];
    odd.iter().for_each(|(at, sizes)| rows[*at] = *sizes);
    List { rows, asked: Vec::new() }
}

#[test]
fn one_posting_that_is_too_large_costs_its_description_and_a_few_requests() {
    for at in [0, 1, 37, 49, 50, 98, 99] {
        let mut list = list(250, &[(at, (1000, 5))]);
        let read = list.read(100).expect("read");
        let expected: Vec<String> =
            (0..250).map(|id| if id == at { format!("{id}-") } else { id.to_string() }).collect();
        assert_eq!(read, expected);
        // Three pages, and what finds one in a hundred.
        assert!(list.asked.len() <= 3 + 2 * 8, "{}", list.asked.len());
        let last = list.asked.last().expect("asked");
        assert_eq!((last.offset, last.rows, last.bare), (200, 100, false), "back to the page's size");
    }
}

#[test]
fn what_is_too_large_together_comes_whole_in_halves() {
    let mut list = list(100, &[(10, (60, 0)), (80, (60, 0))]);
    let read = list.read(100).expect("read");
    assert_eq!(read, (0..100).map(|id| id.to_string()).collect::<Vec<_>>());
    assert_eq!(list.asked.len(), 3);
}

#[test]
fn a_row_that_is_too_large_in_any_way_is_skipped_and_its_place_is_named() {
    let mut list = list(3, &[(1, (1000, 1000))]);
    let mut fitting = Fitting::new("Guild");
    let window = fitting.read(0, 3, |part| list.ask(part)).expect("read");
    let Item::Unreadable(skipped) = &window.rows[1].item else { panic!("{window:?}") };
    assert!(skipped.reason.contains("Guild's answer for place 2 "), "{}", skipped.reason);
    assert_eq!((window.rows.len(), window.total, fitting.notice()), (3, Some(3), None));
}

#[test]
fn many_that_are_too_large_are_read_without_descriptions_at_once() {
    let mut list = list(100, &(0..100).map(|at| (at, (1000, 0))).collect::<Vec<_>>());
    let mut fitting = Fitting::new("Guild");
    let window = fitting.read(0, 100, |part| list.ask(part)).expect("read");
    assert_eq!(window.rows.len(), 100);
    assert!(list.asked.len() <= 2 + 2 * HALVINGS as usize, "{}", list.asked.len());
    let said = fitting.notice().expect("said").message;
    assert!(said.ends_with("left out: 0, 1, 2, 3, 4 and 95 more"), "{said}");
}

#[test]
fn a_platform_whose_every_answer_is_too_large_is_at_fault() {
    let mut list = list(100, &(0..100).map(|at| (at, (1000, 1000))).collect::<Vec<_>>());
    assert_eq!(list.read(100).expect_err("nothing can be read").kind, ErrorKind::TooLarge);
    assert!(list.asked.len() < 20, "{}", list.asked.len());
}

#[test]
fn another_failure_ends_the_page_after_what_was_read_or_is_the_answer() {
    let mut list = list(8, &[(0, (50, 0)), (7, (50, 0))]);
    let mut refusing = |from: u64| {
        let mut fitting = Fitting::new("Guild");
        fitting.read(0, 8, |part| {
            if part.offset >= from && part.rows < 8 {
                Err(error::of(ErrorKind::RateLimited, "later"))
            } else {
                list.ask(part)
            }
        })
    };
    assert_eq!(refusing(4).expect("the first half").rows.len(), 4);
    assert_eq!(refusing(0).expect_err("nothing was read").kind, ErrorKind::RateLimited);
}

#[test]
fn a_call_that_has_enough_leaves_the_rest_to_the_next() {
    let mut fitting = Fitting::new("Guild");
    let window = fitting.read(0, 8, |part| {
        if part.rows > 2 {
            return Err(error::of(ErrorKind::TooLarge, "too large"));
        }
        let rows = (0..part.rows).map(|at| row(Ok(posting(&at.to_string(), 0)))).collect();
        Ok(Answer { window: Window { rows, total: None }, bytes: ENOUGH / 2 })
    });
    assert_eq!(window.expect("read").rows.len(), 4);
    assert!(fitting.is_full());
}

proptest! {
    #[test]
    fn each_row_comes_once_and_in_order_whatever_the_sizes(
        rows in prop::collection::vec(prop_oneof![6 => Just((1usize, 0usize)), 1 => (0usize..200, 0usize..30)], 0..150),
        page in 1u32..120,
    ) {
        let mut list = List { rows, asked: Vec::new() };
        let read = list.read(page).expect("none is too large without its description");
        let ids: Vec<String> = read.iter().map(|id| id.trim_end_matches('-').to_owned()).collect();
        prop_assert_eq!(ids, (0..list.rows.len()).map(|id| id.to_string()).collect::<Vec<_>>());
    }
}
