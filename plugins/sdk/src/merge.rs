//! Several lists, each newest first, as one.
//!
//! Platforms take one value where a person may give several, or bound the length of a request; then one search is several,
//! whose answers may overlap. Read one after the other, a scan that stops at 40 postings would never reach the second list.
//! So a page takes the newest of all lists, and its cursor says how far each was read.

use crate::error::{self, Refine};
use crate::paging::next_offset;
use crate::types::Error;

/// How far each list was read: an offset, or none at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress(pub Vec<Option<u64>>);

impl Progress {
    /// The beginning of `lists` lists.
    #[must_use]
    pub fn start(lists: usize) -> Self {
        Self(vec![Some(0); lists])
    }

    /// Reads a cursor for `lists` lists.
    ///
    /// # Errors
    /// `invalid-input` if it is none, or one of other lists.
    pub fn parse(cursor: &str, lists: usize) -> Result<Self, Error> {
        let offsets: Option<Vec<Option<u64>>> = cursor
            .split(',')
            .map(|offset| if offset == "-" { Some(None) } else { offset.parse().ok().map(Some) })
            .collect();
        match offsets {
            Some(offsets) if offsets.len() == lists => Ok(Self(offsets)),
            Some(_) | None => Err(error::invalid_input("The cursor does not belong to this search")
                .remedy("Begin again with the first page: the settings were changed in between.")),
        }
    }

    /// The cursor; none at the end of all lists.
    #[must_use]
    pub fn cursor(&self) -> Option<String> {
        if self.0.iter().all(Option::is_none) {
            return None;
        }
        let offsets: Vec<String> =
            self.0.iter().map(|offset| offset.map_or_else(|| "-".to_owned(), |offset| offset.to_string())).collect();
        Some(offsets.join(","))
    }
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<T> {
    /// What makes it the same item in another list; none if it cannot be told.
    pub id: Option<String>,
    /// What the lists are ordered by; none if it cannot be told.
    pub time: Option<i64>,
    /// What is given on.
    pub item: T,
}

/// What was read of a list from the offset it had in [`Progress`].
#[derive(Debug, Clone, PartialEq)]
pub struct Window<T> {
    /// In the list's order.
    pub rows: Vec<Row<T>>,
    /// How many the list has in all, where that is known.
    pub total: Option<u64>,
}

/// How strictly the newest come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Where a window runs out while its list goes on, the page ends: what comes next there could be newer than the rest.
    /// What is left of the other windows is asked for again.
    Exact,
    /// All that was read is given, so that no request is made twice: across pages the order is as good as the caller's choice
    /// of which list to read on.
    Near,
}

/// Takes at most `most` items off the windows, newest first and each once, and moves `progress` on.
///
/// `windows` has none for a list at its end, or one that failed and is given up.
pub fn take<T>(progress: &mut Progress, windows: Vec<Option<Window<T>>>, most: usize, order: Order) -> Vec<T> {
    let mut lists: Vec<List<T>> =
        windows.into_iter().zip(&progress.0).map(|(window, offset)| List::new(window, *offset)).collect();
    let mut taken = Vec::new();
    let mut met: Vec<String> = Vec::new();
    let overlapping = lists.len() > 1;
    while taken.len() < most && !(order == Order::Exact && lists.iter().any(List::waits)) {
        let newest = lists
            .iter()
            .enumerate()
            .filter_map(|(at, list)| list.head().map(|row| (row.time.unwrap_or(i64::MAX), std::cmp::Reverse(at))))
            .max();
        let Some((_, std::cmp::Reverse(at))) = newest else {
            break;
        };
        let Some(row) = lists[at].next() else {
            break;
        };
        if let Some(id) = row.id.filter(|_| overlapping) {
            for list in &mut lists {
                // Else it would come again after the end of this page.
                if list.head().is_some_and(|head| head.id.as_deref() == Some(&id)) {
                    list.next();
                }
            }
            match met.binary_search(&id) {
                Ok(_) => continue,
                Err(at) => met.insert(at, id),
            }
        }
        taken.push(row.item);
    }
    progress.0 = lists.iter().map(List::offset).collect();
    taken
}

struct List<T> {
    rows: std::vec::IntoIter<Row<T>>,
    /// None for a list at its end.
    offset: Option<u64>,
    /// Where the list goes on behind the window.
    behind: Option<u64>,
    consumed: u64,
}

impl<T> List<T> {
    fn new(window: Option<Window<T>>, offset: Option<u64>) -> Self {
        let window = window.unwrap_or(Window { rows: Vec::new(), total: None });
        Self {
            behind: offset.and_then(|offset| next_offset(offset, window.rows.len(), window.total)),
            offset: offset.filter(|_| !window.rows.is_empty()),
            rows: window.rows.into_iter(),
            consumed: 0,
        }
    }

    fn head(&self) -> Option<&Row<T>> {
        self.rows.as_slice().first()
    }

    fn next(&mut self) -> Option<Row<T>> {
        let row = self.rows.next()?;
        self.consumed += 1;
        Some(row)
    }

    /// Whether the window has run out before the list.
    fn waits(&self) -> bool {
        self.head().is_none() && self.behind.is_some()
    }

    fn offset(&self) -> Option<u64> {
        match self.head() {
            Some(_) => self.offset.map(|offset| offset.saturating_add(self.consumed)),
            None => self.behind,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(id: u32, time: i64) -> Row<u32> {
        Row { id: Some(id.to_string()), time: Some(time), item: id }
    }

    /// Reads whole lists by pages, as a scan does.
    fn read_all(lists: &[Vec<Row<u32>>], window: usize, most: usize, totals: bool, order: Order) -> Vec<u32> {
        let mut progress = Progress::start(lists.len());
        let mut read = Vec::new();
        for _ in 0..10_000 {
            let windows = lists
                .iter()
                .zip(&progress.0)
                .map(|(list, offset)| {
                    offset.map(|offset| Window {
                        rows: list.iter().skip(offset as usize).take(window).cloned().collect(),
                        total: totals.then_some(list.len() as u64),
                    })
                })
                .collect();
            read.extend(take(&mut progress, windows, most, order));
            let Some(cursor) = progress.cursor() else {
                return read;
            };
            assert_eq!(Progress::parse(&cursor, lists.len()), Ok(progress.clone()));
        }
        panic!("the pages do not end");
    }

    #[test]
    fn the_newest_of_all_lists_come_first_and_each_once() {
        let lists = [vec![row(9, 90), row(5, 50), row(1, 10)], vec![row(7, 70), row(5, 50)], vec![]];
        assert_eq!(read_all(&lists, 100, 100, true, Order::Exact), [9, 7, 5, 1]);
        assert_eq!(read_all(&lists, 1, 100, false, Order::Exact), [9, 7, 5, 1]);
        assert_eq!(read_all(&lists, 2, 2, true, Order::Exact), [9, 7, 5, 1]);
    }

    #[test]
    fn near_order_gives_all_that_was_read_and_asks_for_nothing_twice() {
        let lists = [vec![row(9, 90), row(8, 80), row(7, 70)], vec![row(5, 50), row(1, 10)]];
        let windows = || lists.iter().map(|list| Some(Window { rows: list[..2].to_vec(), total: None })).collect();
        let mut progress = Progress::start(2);
        assert_eq!(take(&mut progress, windows(), 10, Order::Near), [9, 8, 5, 1]);
        assert_eq!(progress, Progress(vec![Some(2), Some(2)]));
        let mut progress = Progress::start(2);
        assert_eq!(take(&mut progress, windows(), 3, Order::Near), [9, 8, 5]);
        assert_eq!(progress, Progress(vec![Some(2), Some(1)]));
    }

    #[test]
    fn a_cursor_of_another_search_is_refused() {
        assert_eq!(Progress::parse("40,-,0", 3), Ok(Progress(vec![Some(40), None, Some(0)])));
        for cursor in ["", "40", "40,-,0,1", "a,b,c", "-1,0,0", "1,,2", "99999999999999999999,0,0"] {
            assert!(Progress::parse(cursor, 3).is_err(), "{cursor}");
        }
        assert_eq!(Progress(vec![None, None]).cursor(), None);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_order_is_kept_however_the_pages_fall(
            times in prop::collection::vec(prop::collection::btree_set(0i64..60, 0..20), 1..4),
            window in 1usize..8,
            most in 1usize..12,
            totals: bool,
        ) {
            // The same time means the same item, so the lists overlap.
            let lists: Vec<Vec<Row<u32>>> =
                times.iter().map(|times| times.iter().rev().map(|time| row(*time as u32, *time)).collect()).collect();
            let read = read_all(&lists, window, most, totals, Order::Exact);
            let mut near = read_all(&lists, window, most, totals, Order::Near);
            near.sort_unstable_by(|a, b| b.cmp(a));
            near.dedup();
            let mut all: Vec<u32> = times.iter().flatten().map(|time| *time as u32).collect();
            all.sort_unstable_by(|a, b| b.cmp(a));
            all.dedup();
            prop_assert_eq!(read, all.clone());
            prop_assert_eq!(near, all);
        }
    }
}
