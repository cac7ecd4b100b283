//! Reducing a name to its key.

/// Longest key, in bytes; the contract's bound for names.
pub(super) const LONGEST: usize = 128;

/// The key of an ASCII name.
pub(super) struct Folded {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Folded {
    /// Folds `text[from..to]`, as far as a key goes. `const`, as the table is indexed at compile time.
    pub(super) const fn new(text: &[u8], from: usize, to: usize) -> Self {
        let mut bytes = [0; LONGEST];
        let (mut length, mut at) = (0, from);
        while at < to && length < LONGEST {
            let byte = KEPT[text[at] as usize];
            if byte == b'a' && is_and(text, from, at, to) {
                at += 3;
                continue;
            }
            if byte != 0 {
                bytes[length] = byte;
                length += 1;
            }
            at += 1;
        }
        let mut folded = Self { bytes, length };
        folded.drop_js();
        folded
    }

    /// `React.js`, `ReactJS` and `React JS` are React.
    const fn drop_js(&mut self) {
        let length = self.length;
        if length >= 4 && matches!((self.bytes[length - 2], self.bytes[length - 1]), (b'j', b's')) && !self.keeps_js() {
            self.length -= 2;
        }
    }

    /// What is something else without its ending: AngularJS and Angular are two frameworks.
    const fn keeps_js(&self) -> bool {
        matches!(self.bytes.split_at(self.length).0, b"angularjs" | b"animejs" | b"chartjs")
    }

    /// Adds bytes of a key, as far as there is room.
    pub(super) fn push(&mut self, more: &[u8]) {
        let end = (self.length + more.len()).min(LONGEST);
        let added = end - self.length;
        self.bytes[self.length..end].copy_from_slice(&more[..added]);
        self.length = end;
    }

    pub(super) const fn bytes(&self) -> &[u8] {
        self.bytes.split_at(self.length).0
    }
}

/// What a key keeps of each byte; 0 for nothing.
///
/// A table, as this runs at compile time for each name of the table, where each call counts.
static KEPT: [u8; 256] = {
    let mut kept = [0; 256];
    let mut byte = 0u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'#') {
            kept[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    kept
};

/// Whether the word of which `at` has the "a" is "and", between other words, which is the same as `&`.
const fn is_and(text: &[u8], from: usize, at: usize, to: usize) -> bool {
    at > from
        && at + 3 < to
        && !text[at - 1].is_ascii_alphanumeric()
        && text[at + 1].eq_ignore_ascii_case(&b'n')
        && text[at + 2].eq_ignore_ascii_case(&b'd')
        && !text[at + 3].is_ascii_alphanumeric()
}

/// Calls `then` with a name's key, which needs no allocation for ASCII.
pub(super) fn with_key<T>(name: &str, then: impl FnOnce(&[u8]) -> T) -> T {
    if name.is_ascii() {
        return then(Folded::new(name.as_bytes(), 0, name.len()).bytes());
    }
    let folded: String = name
        .chars()
        .take(LONGEST)
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric() || matches!(c, '+' | '#'))
        .collect();
    then(folded.strip_suffix("js").filter(|rest| rest.len() >= 2).unwrap_or(&folded).as_bytes())
}
