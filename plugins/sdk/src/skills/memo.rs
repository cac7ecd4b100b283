//! Remembering what names came to: postings of a batch ask for the same skills over and over.

use std::cell::RefCell;

use super::covered::Cover;

/// Names that are remembered at most; a power of two.
const PLACES: usize = 512;

/// A name and what it came to.
type Known = (Box<str>, Cover);

/// Answers by name. Each name has one place; the first of several that share it keeps it, so that memory is bounded.
#[derive(Debug, Clone, Default)]
pub(super) struct Memo(RefCell<Vec<Option<Known>>>);

impl Memo {
    /// The answer for `name`, from `find` where it is not known yet.
    pub(super) fn get(&self, name: &str, find: impl FnOnce() -> Cover) -> Cover {
        let at = place(name);
        if let Some(Some((known, cover))) = self.0.borrow().get(at)
            && **known == *name
        {
            return *cover;
        }
        let cover = find();
        let mut places = self.0.borrow_mut();
        if places.is_empty() {
            places.resize(PLACES, None);
        }
        if let Some(place @ None) = places.get_mut(at) {
            *place = Some((name.into(), cover));
        }
        cover
    }
}

/// FNV-1a over the first bytes, and the length: names that differ only later share a place, and are compared.
fn place(name: &str) -> usize {
    let hash = name
        .bytes()
        .take(24)
        .fold(0xcbf2_9ce4_u32 ^ name.len() as u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash ^ (hash >> 16)) as usize % PLACES
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_gets_its_own_answer_however_many_there_are(names in proptest::collection::vec("[a-c]{0,6}", 1..2000)) {
            let memo = Memo::default();
            let answer = |name: &str| if name.len().is_multiple_of(2) { Cover::Exact } else { Cover::Near(name.len() as f64 / 10.0) };
            for name in names.iter().chain(&names) {
                prop_assert_eq!(memo.get(name, || answer(name)), answer(name));
            }
        }
    }

    #[test]
    fn an_answer_is_found_once() {
        let memo = Memo::default();
        assert_eq!(memo.get("Rust", || Cover::Exact), Cover::Exact);
        assert_eq!(memo.get("Rust", || unreachable!("it is known")), Cover::Exact);
    }
}
