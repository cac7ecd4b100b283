//! The allocator of components: a bump arena.
//!
//! A store lives for one batch and the host caps its memory, so freeing buys nothing, while lowering a batch makes some
//! forty allocations a posting. The newest block grows and shrinks in place, which is what strings and vectors that
//! are being filled do. Large blocks alone can be given back, for the next of about their size: answers of platforms, of
//! which a batch reads several, each as large as all that is made of it. Memory that was not touched need not be wiped.
//! A component that needs more for one batch than the host allows is stopped by the host.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32;
use std::cell::{Cell, UnsafeCell};
use std::mem::MaybeUninit;
use std::ptr;

const PAGE: usize = 64 * 1024;
/// Pages are asked for in steps, as each asking is a call into the host.
const STEP: usize = 64;

/// Zeroes that the component begins with, which take no room in its file. A host that keeps pages for the next guest can leave
/// the initial memory mapped as it is; what a guest grows by, it has to unmap and map anew for each.
const FIRST: usize = 4 * 1024 * 1024;

/// Bytes from which on a block can be given back.
const LARGE: usize = 32 * 1024;

/// Blocks that were given back and are kept for reuse.
const SPARE: usize = 2;

#[repr(C, align(16))]
struct First(UnsafeCell<[MaybeUninit<u8>; FIRST]>);

// SAFETY: touched through the arena alone, which is single-threaded like every component.
unsafe impl Sync for First {}

static FIRST_BLOCK: First = First(UnsafeCell::new([const { MaybeUninit::uninit() }; FIRST]));

/// Memory from `next` to `end` is free and this arena's own.
struct Arena {
    next: Cell<usize>,
    end: Cell<usize>,
    /// Start and bytes of what was given back; no bytes where there is none.
    spare: [Cell<(usize, usize)>; SPARE],
}

// SAFETY: components are single-threaded: without atomics there is no second thread to share with.
unsafe impl Sync for Arena {}

#[global_allocator]
static ARENA: Arena = Arena { next: Cell::new(0), end: Cell::new(0), spare: [const { Cell::new((0, 0)) }; SPARE] };

/// Gives back the block of a list.
pub(crate) fn give_back<T: Copy>(list: Vec<T>) {
    let (start, bytes) = (list.as_ptr().expose_provenance(), list.capacity() * size_of::<T>());
    // Its end, by which it may be handed out again.
    drop(list);
    ARENA.keep(start, room(bytes));
}

/// Bytes that a block of a size takes. Large ones take a little more, so that the next of about their size fits.
#[inline]
fn room(size: usize) -> usize {
    if size < LARGE { size } else { size.checked_next_multiple_of(LARGE).unwrap_or(size) }
}

impl Arena {
    /// Asks for `bytes` more. They follow `end` unless somebody else (libc) has grown the memory in between; what was
    /// left before the gap is then given up.
    #[cold]
    #[inline(never)]
    fn grow(&self, bytes: usize) -> bool {
        if self.end.get() == 0 {
            let start = FIRST_BLOCK.0.get().expose_provenance();
            self.next.set(start);
            self.end.set(start + FIRST);
            if bytes <= FIRST {
                return true;
            }
        }
        let pages = bytes.div_ceil(PAGE);
        for wanted in [pages.max(STEP), pages] {
            let before = wasm32::memory_grow(0, wanted);
            if before != usize::MAX {
                let start = before * PAGE;
                if start != self.end.get() {
                    self.next.set(start);
                }
                self.end.set((before + wanted).saturating_mul(PAGE));
                return true;
            }
        }
        false
    }

    /// Keeps a block for reuse, unless those that are kept are larger.
    fn keep(&self, start: usize, bytes: usize) {
        let smallest = self.spare.iter().min_by_key(|kept| kept.get().1);
        if let Some(slot) = smallest.filter(|slot| bytes >= LARGE && slot.get().1 < bytes) {
            slot.set((start, bytes));
        }
    }

    /// The smallest of the blocks that were given back which holds so much.
    #[cold]
    #[inline(never)]
    fn reuse(&self, layout: Layout) -> Option<usize> {
        let (bytes, mask) = (room(layout.size()), layout.align() - 1);
        let fits = |kept: &&Cell<(usize, usize)>| kept.get().1 >= bytes && kept.get().0 & mask == 0;
        let slot = self.spare.iter().filter(fits).min_by_key(|kept| kept.get().1)?;
        Some(slot.replace((0, 0)).0)
    }

    #[inline]
    fn cut(&self, layout: Layout) -> Option<usize> {
        // Alignments are powers of two.
        let mask = layout.align() - 1;
        let start = self.next.get().checked_add(mask)? & !mask;
        let next = start.checked_add(room(layout.size()))?;
        if next > self.end.get() {
            return None;
        }
        self.next.set(next);
        Some(start)
    }
}

// SAFETY: blocks are cut one behind the other from memory that only this arena asked for; the newest alone changes its
// size in place, so no two overlap. Who gives a block back had it alone, and it is handed out once.
unsafe impl GlobalAlloc for Arena {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let spare = if layout.size() < LARGE { None } else { self.reuse(layout) };
        let start = spare.or_else(|| self.cut(layout)).or_else(|| {
            let bytes = room(layout.size()).checked_add(layout.align())?;
            self.grow(bytes).then(|| self.cut(layout)).flatten()
        });
        start.map_or(ptr::null_mut(), ptr::with_exposed_provenance_mut)
    }

    #[inline]
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let start = block.expose_provenance();
        let (taken, wanted) = (room(layout.size()), room(size));
        let is_newest = || start + taken == self.next.get();
        if is_newest() {
            let fits = || start.checked_add(wanted).is_some_and(|next| next <= self.end.get());
            if fits() || (self.grow(wanted) && is_newest() && fits()) {
                self.next.set(start + wanted);
                return block;
            }
        } else if wanted <= taken {
            return block;
        }
        // SAFETY: the caller vouches for `block`, `layout` and `size`; the new block lies apart from the old.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
            }
            moved
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        /// A new list of so many numbers, behind so many bytes.
        Make(usize, usize),
        /// A list becomes so long.
        Resize(prop::sample::Index, usize),
        /// A list's room is given back.
        GiveBack(prop::sample::Index),
    }

    fn step() -> impl Strategy<Value = Step> {
        let large = LARGE / size_of::<u64>();
        let length = move || prop_oneof![0..50usize, large - 2..large + 2, 2 * large - 2..2 * large + 2, 0..3 * large];
        prop_oneof![
            3 => (length(), 0..20usize).prop_map(|(length, bytes)| Step::Make(length, bytes)),
            2 => (any::<prop::sample::Index>(), length()).prop_map(|(which, length)| Step::Resize(which, length)),
            2 => any::<prop::sample::Index>().prop_map(Step::GiveBack),
        ]
    }

    proptest! {
        // Nothing is freed: all that these take adds up.
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn each_list_keeps_what_is_in_it_until_it_is_given_back(steps in prop::collection::vec(step(), 1..40)) {
            let mut lists: Vec<(u64, Vec<u64>)> = Vec::new();
            for (number, step) in (0..).zip(steps) {
                match step {
                    Step::Make(length, bytes) => {
                        std::hint::black_box(vec![0xaa_u8; bytes]);
                        lists.push((number, vec![number; length]));
                    }
                    Step::Resize(which, length) if !lists.is_empty() => {
                        let (number, list) = which.get_mut(&mut lists[..]);
                        list.resize(length, *number);
                        list.shrink_to(length);
                    }
                    Step::GiveBack(which) if !lists.is_empty() => give_back(lists.swap_remove(which.index(lists.len())).1),
                    _ => {}
                }
                for (number, list) in &lists {
                    prop_assert!(list.as_ptr().is_aligned());
                    prop_assert!(list.iter().all(|held| held == number), "{number} holds another's");
                }
            }
        }
    }
}
