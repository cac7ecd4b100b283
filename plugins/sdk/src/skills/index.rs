//! The table's text and its index, made at compile time.
//!
//! Both are data of the component, not code: nothing is parsed or allocated when it starts. A look-up hashes the key and
//! folds the one to three names of its bucket to compare them.

use super::fold::Folded;

/// Languages, frameworks, tools, and what is done with them: the lines to which a word such as "development" adds nothing.
const TECHNOLOGIES: &str = include_str!("technologies.txt");

/// One line a skill: its name, then separated by `|` the names on Freelancer, on Upwork, and elsewhere; within a column
/// by `;`, the one to ask for first. `=` stands for the first name, no name for "not there", and a line without any
/// column for a skill that both platforms call by its name.
pub(super) const TABLE: &str = concat!(include_str!("technologies.txt"), include_str!("trades.txt"));

const BUCKETS: usize = 4096;

static INDEX: Index = Index::new();

const NAMES: usize = {
    let (mut names, mut at) = (0, 0);
    while at < TABLE.len() {
        let end = end_of_name(at);
        names += is_name(at, end) as usize;
        at = end + 1;
    }
    names
};

struct Index {
    /// Where in `names` each bucket starts; one more tells where the last one ends.
    buckets: [u16; BUCKETS + 1],
    /// Where in the table each name starts, by bucket.
    names: [u32; NAMES],
}

impl Index {
    #[allow(long_running_const_eval, reason = "it ends with the table, in some seconds")]
    const fn new() -> Self {
        let mut index = Self { buckets: [0; BUCKETS + 1], names: [0; NAMES] };
        // A counting sort: each name's bucket first, then the starts of the buckets, then the names into their places.
        let mut places = [(0u32, 0u16); NAMES];
        let (mut count, mut at) = (0, 0);
        while at < TABLE.len() {
            let end = end_of_name(at);
            if is_name(at, end) {
                let bucket = bucket(Folded::new(TABLE.as_bytes(), at, end).bytes());
                places[count] = (at as u32, bucket as u16);
                index.buckets[bucket + 1] += 1;
                count += 1;
            }
            at = end + 1;
        }
        let mut bucket = 0;
        while bucket < BUCKETS {
            index.buckets[bucket + 1] += index.buckets[bucket];
            bucket += 1;
        }
        let mut free = index.buckets;
        let mut name = 0;
        while name < NAMES {
            let (at, bucket) = places[name];
            index.names[free[bucket as usize] as usize] = at;
            free[bucket as usize] += 1;
            name += 1;
        }
        index
    }
}

/// Where a skill's line starts in the table, by the key of one of its names.
pub(super) const fn line_of(key: &[u8]) -> Option<u32> {
    let bucket = bucket(key);
    let mut place = INDEX.buckets[bucket] as usize;
    while place < INDEX.buckets[bucket + 1] as usize {
        let at = INDEX.names[place] as usize;
        if starts_like(at, key) && same(Folded::new(TABLE.as_bytes(), at, end_of_name(at)).bytes(), key) {
            return Some(start_of_line(at) as u32);
        }
        place += 1;
    }
    None
}

/// Whether the line that starts at `line` is one of a technology.
pub(super) const fn is_technology(line: u32) -> bool {
    (line as usize) < TECHNOLOGIES.len()
}

/// The line that starts at `line`.
pub(super) fn line(line: u32) -> &'static str {
    let rest = TABLE.get(line as usize..).unwrap_or_default();
    rest.split_once('\n').map_or(rest, |(line, _)| line)
}

/// Bytes that the table and its index take.
#[cfg(test)]
pub(super) const fn bytes() -> (usize, usize) {
    (TABLE.len(), size_of::<Index>())
}

const fn end_of_name(mut at: usize) -> usize {
    let (text, end) = (TABLE.as_bytes(), TABLE.len());
    while at < end && !matches!(text[at], b'|' | b';' | b'\n') {
        at += 1;
    }
    at
}

const fn is_name(from: usize, to: usize) -> bool {
    to > from && !(to == from + 1 && TABLE.as_bytes()[from] == b'=')
}

const fn start_of_line(mut at: usize) -> usize {
    while at > 0 && TABLE.as_bytes()[at - 1] != b'\n' {
        at -= 1;
    }
    at
}

/// FNV-1a, whose low bits are good enough for this.
const fn bucket(key: &[u8]) -> usize {
    let mut hash = 0x811c_9dc5_u32;
    let mut at = 0;
    while at < key.len() {
        hash = (hash ^ key[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    (hash ^ (hash >> 15)) as usize % BUCKETS
}

/// Whether the key of the name at `at` may be `key`, for what is seen at once.
const fn starts_like(mut at: usize, key: &[u8]) -> bool {
    let text = TABLE.as_bytes();
    while !text[at].is_ascii_alphanumeric() {
        at += 1;
    }
    !key.is_empty() && text[at].to_ascii_lowercase() == key[0]
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
