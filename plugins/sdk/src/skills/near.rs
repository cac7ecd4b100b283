//! Skills that are near each other.

use super::fold::Folded;
use super::index::line_of;

/// One line a likeness and a skill, then those that it stands in for that far, and they for it.
const TEXT: &str = include_str!("near.txt");

/// Two related skills.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    /// The lines of both in the table.
    pub(super) skills: [u32; 2],
    /// How far one stands in for the other, in hundredths.
    pub(super) likeness: u8,
}

/// What [`Pair::skills`] has for a name that the table lacks; a test sees to it that there is none.
pub(super) const UNKNOWN: u32 = u32::MAX;

/// All pairs, their names looked up at compile time.
pub(super) static PAIRS: [Pair; COUNT] = pairs();

const COUNT: usize = {
    let (mut count, mut at) = (0, 0);
    while at < TEXT.len() {
        count += matches!(TEXT.as_bytes()[at], b':' | b',') as usize;
        at += 1;
    }
    count
};

const fn pairs() -> [Pair; COUNT] {
    /// What stands before a line's first name, as in `0.85 `.
    const LIKENESS: usize = 5;
    let text = TEXT.as_bytes();
    let mut pairs = [Pair { skills: [UNKNOWN; 2], likeness: 0 }; COUNT];
    let (mut count, mut at) = (0, 0);
    while at < text.len() {
        let likeness = (text[at + 2] - b'0') * 10 + text[at + 3] - b'0';
        let mut end = end_of_name(at + LIKENESS);
        let one = line(at + LIKENESS, end);
        while text[end] != b'\n' {
            let from = end + 1;
            end = end_of_name(from);
            pairs[count] = Pair { skills: [one, line(from, end)], likeness };
            count += 1;
        }
        at = end + 1;
    }
    pairs
}

const fn line(from: usize, to: usize) -> u32 {
    match line_of(Folded::new(TEXT.as_bytes(), from, to).bytes()) {
        Some(line) => line,
        None => UNKNOWN,
    }
}

const fn end_of_name(mut at: usize) -> usize {
    while !matches!(TEXT.as_bytes()[at], b':' | b',' | b'\n') {
        at += 1;
    }
    at
}
