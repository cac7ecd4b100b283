//! Paging by offset, and cursors that are numbers.

use crate::error;
use crate::text::push_int;
use crate::types::Error;

/// Where the next page begins, after `received` rows from `offset`; none if that was all.
///
/// A page that is shorter than asked for is not the end: platforms are known to leave out rows after counting them. The
/// end is where the stated total is reached, or an empty page.
#[must_use]
pub fn next_offset(offset: u64, received: usize, total: Option<u64>) -> Option<u64> {
    let next = offset.saturating_add(received as u64);
    let reached = total.is_some_and(|total| next >= total);
    (received > 0 && !reached).then_some(next)
}

/// Numbers as a cursor: `0:1760600000:100`.
#[must_use]
pub fn cursor_of(numbers: &[i64]) -> String {
    let mut cursor = String::with_capacity(numbers.len() * 12);
    for (index, number) in numbers.iter().enumerate() {
        cursor.push_str(if index > 0 { ":" } else { "" });
        push_int(&mut cursor, *number);
    }
    cursor
}

/// The numbers of a cursor, of which there are as many as `numbers` holds.
///
/// # Errors
/// `invalid-input` for a cursor that [`cursor_of`] did not make of so many.
pub fn read_cursor(cursor: &str, numbers: &mut [i64]) -> Result<(), Error> {
    let mut parts = cursor.split(':');
    let all = numbers.iter_mut().all(|number| {
        let read = parts.next().and_then(|part| part.parse().ok());
        read.map(|read| *number = read).is_some()
    });
    if all && parts.next().is_none() {
        return Ok(());
    }
    Err(error::invalid_input("The cursor is none of this plugin's"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_no_other() {
        let numbers = [0, -5, i64::MAX];
        let mut read = [0; 3];
        assert_eq!(read_cursor(&cursor_of(&numbers), &mut read), Ok(()));
        assert_eq!(read, numbers);
        for cursor in ["", "1:2", "1:2:3:4", "1:2:x", "1::3", "1:2:99999999999999999999", " 1:2:3"] {
            assert!(read_cursor(cursor, &mut read).is_err(), "{cursor}");
        }
    }

    #[test]
    fn only_the_total_or_an_empty_page_is_the_end() {
        for (offset, received, total, next) in [
            (0, 100, Some(259), Some(100)),
            (100, 37, Some(259), Some(137)),
            (200, 59, Some(259), None),
            (200, 0, Some(259), None),
            (0, 10, None, Some(10)),
            (10, 0, None, None),
            (0, 10, Some(3), None),
            (u64::MAX, 10, None, Some(u64::MAX)),
        ] {
            assert_eq!(next_offset(offset, received, total), next);
        }
    }
}
