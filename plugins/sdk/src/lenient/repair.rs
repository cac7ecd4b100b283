//! What platforms send that no reader of JSON takes.

use std::borrow::Cow;

/// `json` with every `\uD8xx` that has no other half as `\ufffd`, which platforms make by cutting texts, and every number beyond a
/// float's, `1e999`, as null.
pub(super) fn repaired(json: &str) -> Cow<'_, str> {
    let mut repair = Repair { json, whole: String::new(), copied: 0 };
    let bytes = json.as_bytes();
    let (mut at, mut is_text) = (0, false);
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b'"' => {
                is_text = !is_text;
                1
            }
            b'\\' => repair.escape(at),
            b'-' | b'0'..=b'9' if !is_text => repair.number(at),
            _ => 1,
        };
    }
    repair.done()
}

struct Repair<'a> {
    json: &'a str,
    whole: String,
    /// Bytes of `json` that are in `whole`, or are replaced there.
    copied: usize,
}

impl<'a> Repair<'a> {
    /// Bytes of the escape at a place.
    fn escape(&mut self, at: usize) -> usize {
        match self.unit(at) {
            Some(0xd800..=0xdbff) if matches!(self.unit(at + 6), Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => {
                self.replace(at, 6, "\\ufffd");
                6
            }
            _ => 2,
        }
    }

    /// The unit of UTF-16 that is escaped at a place.
    fn unit(&self, at: usize) -> Option<u16> {
        let digits = self.json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    }

    /// Bytes of the number at a place.
    fn number(&mut self, at: usize) -> usize {
        let rest = &self.json[at..];
        let is_part = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.bytes().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        if rest[..length].parse().is_ok_and(f64::is_infinite) {
            self.replace(at, length, "null");
        }
        length
    }

    fn replace(&mut self, at: usize, length: usize, with: &str) {
        self.whole.push_str(&self.json[self.copied..at]);
        self.whole.push_str(with);
        self.copied = at + length;
    }

    fn done(mut self) -> Cow<'a, str> {
        if self.copied == 0 {
            return Cow::Borrowed(self.json);
        }
        self.whole.push_str(&self.json[self.copied..]);
        Cow::Owned(self.whole)
    }
}
