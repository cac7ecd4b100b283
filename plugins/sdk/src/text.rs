//! Texts: building short ones fast, cutting long ones well.

use std::fmt;

use crate::money::rounded;

/// A text that is being written, without the cost of formatting: judgements write ten for each posting.
#[derive(Debug, Clone, Default)]
pub struct Line(String);

impl Line {
    /// An empty one, with room for most reasons.
    #[must_use]
    pub fn new() -> Self {
        Self(String::with_capacity(96))
    }

    /// Appends a text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.push_str(text);
        self
    }

    /// Appends a whole number.
    #[must_use]
    pub fn int(mut self, number: impl Into<i64>) -> Self {
        push_int(&mut self.0, number.into());
        self
    }

    /// Appends a number with one digit behind the point: `4.9`.
    #[must_use]
    pub fn tenths(mut self, number: f64) -> Self {
        push_fixed(&mut self.0, number, 10.0, 1);
        self
    }

    /// Appends an amount of hundredths, with the digits behind the point only if they are not zero: `250`, `12.50`.
    #[must_use]
    pub fn amount(mut self, hundredths: i64) -> Self {
        if hundredths < 0 {
            self.0.push('-');
        }
        let size = hundredths.unsigned_abs();
        push_unsigned(&mut self.0, size / 100);
        if !size.is_multiple_of(100) {
            self.0.push('.');
            push_padded(&mut self.0, size % 100, 2);
        }
        self
    }

    /// The text.
    #[must_use]
    pub fn done(mut self) -> String {
        // In a component that gives the room back to the next text at once; elsewhere it would cost more than it saves.
        if cfg!(target_arch = "wasm32") {
            self.0.shrink_to_fit();
        }
        self.0
    }
}

/// Appends a whole number in decimal.
pub fn push_int(text: &mut String, number: i64) {
    if number < 0 {
        text.push('-');
    }
    push_unsigned(text, number.unsigned_abs());
}

fn push_unsigned(text: &mut String, mut number: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    for &digit in &digits[at..] {
        text.push(char::from(digit));
    }
}

fn push_padded(text: &mut String, number: u64, width: u32) {
    for place in (0..width).rev() {
        text.push(char::from(b'0' + (number / 10u64.pow(place) % 10) as u8));
    }
}

fn push_fixed(text: &mut String, number: f64, scale: f64, width: u32) {
    if !number.is_finite() {
        text.push('?');
        return;
    }
    let scaled = rounded(number.abs() * scale);
    if number < 0.0 && scaled > 0.0 {
        text.push('-');
    }
    // A conversion from float saturates.
    let scaled = scaled as u64;
    push_unsigned(text, scaled / scale as u64);
    text.push('.');
    push_padded(text, scaled % scale as u64, width);
}

/// The first `most` characters that print; control characters and those that change the direction of writing are left out.
#[must_use]
pub fn excerpt(text: &str, most: usize) -> String {
    text.chars().filter(|c| prints(*c)).take(most).collect()
}

fn prints(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The longest beginning of at most `most` bytes that ends between characters.
#[must_use]
pub fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// The `names` that look most like `wanted`, best first: at most three, and none that has little to do with it.
///
/// Compared are lower-case words and letters in order, so that `web` finds `Websites, IT & Software`.
#[must_use]
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let mut found: Vec<(f64, &str)> = Vec::with_capacity(4);
    for name in names {
        let likeness = likeness(&wanted, &name.to_lowercase());
        if likeness >= 0.3 {
            let at = found.partition_point(|(other, _)| *other >= likeness);
            found.insert(at, (likeness, name));
            found.truncate(3);
        }
    }
    found.into_iter().map(|(_, name)| name).collect()
}

/// Share of pairs of neighbouring letters that two texts have in common (Dice's coefficient), or more if one holds the other.
fn likeness(a: &str, b: &str) -> f64 {
    let pairs = |text: &str| -> Vec<(char, char)> {
        let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
    };
    let (left, mut right) = (pairs(a), pairs(b));
    let all = left.len() + right.len();
    let common = left
        .iter()
        .filter(|pair| right.iter().position(|other| other == *pair).map(|at| right.swap_remove(at)).is_some())
        .count();
    let share = if all == 0 { 0.0 } else { 2.0 * common as f64 / all as f64 };
    let holds = a.chars().count() >= 3 && (b.contains(a) || (b.chars().count() >= 3 && a.contains(b)));
    if holds { share.max(0.6) } else { share }
}

/// Names for a sentence: `` `a`, `b` or `c` ``.
#[must_use]
pub fn quoted_list<T: fmt::Display>(names: &[T]) -> String {
    let mut list = String::new();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            list.push_str(if index + 1 == names.len() { " or " } else { ", " });
        }
        list.push('`');
        list.push_str(&name.to_string());
        list.push('`');
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        for (amount, text) in [(0, "0"), (25_000, "250"), (1250, "12.50"), (5, "0.05"), (-1250, "-12.50")] {
            assert_eq!(Line::new().amount(amount).done(), text);
        }
        for (number, text) in
            [(4.94, "4.9"), (0.0, "0.0"), (-0.04, "0.0"), (-1.25, "-1.3"), (f64::NAN, "?"), (4.96, "5.0")]
        {
            assert_eq!(Line::new().tenths(number).done(), text);
        }
        for number in [0, 7, -7, 1000, i64::MAX, i64::MIN] {
            assert_eq!(Line::new().int(number).done(), number.to_string());
        }
        assert_eq!(Line::new().tenths(f64::MAX).done(), "1844674407370955161.5");
    }

    #[test]
    fn an_excerpt_holds_nothing_that_steers_a_terminal() {
        assert_eq!(excerpt("a\u{1b}[2Jb\u{202e}c\r\nd", 6), "a[2Jbc");
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(cut("aéb", 2), "a");
        assert_eq!(cut("aéb", 3), "aé");
        assert_eq!(cut("aéb", 99), "aéb");
    }

    #[test]
    fn the_nearest_names_come_first_and_strangers_not_at_all() {
        let names = ["Websites, IT & Software", "Mobile Phones & Computing", "Writing & Content"];
        assert_eq!(nearest("website, it and software", names), ["Websites, IT & Software"]);
        assert_eq!(nearest("mobile", names), ["Mobile Phones & Computing"]);
        assert!(nearest("zzz", names).is_empty());
        assert!(nearest("", names).is_empty());
    }
}
