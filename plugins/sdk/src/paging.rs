//! Paging by offset.

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

#[cfg(test)]
mod tests {
    use super::*;

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
