//! The one pass over a text of JSON, which finds where its values are. Nothing is read yet: a platform sends far more than is asked for.

use std::fmt;

use crate::bytes::before_quote;

/// Levels of lists and objects that are read; what is deeper is nothing.
const DEEPEST: usize = 32;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `null`, and what is too deep.
    Nothing,
    True,
    False,
    Number,
    /// A text, or the name of a field.
    Text,
    /// The same with escapes in it.
    Escaped,
    List,
    /// Its fields are a name and a value each.
    Object,
}

/// Where a value is, or the name of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Its first byte; of texts the one behind the quote.
    start: u32,
    /// Its bytes, without quotes. Of lists and objects: the tokens in them, which follow.
    length: u32,
}

impl Token {
    /// The token and those in it.
    pub(super) fn size(self) -> usize {
        match self.kind {
            Kind::List | Kind::Object => 1 + self.length as usize,
            _ => 1,
        }
    }

    /// Its part of the text that it is of.
    pub(super) fn text(self, json: &str) -> &str {
        let start = self.start as usize;
        json.get(start..start + self.length as usize).unwrap_or_default()
    }

    /// Whether that part is just this.
    #[inline(always)]
    pub(super) fn is(self, json: &str, word: &str) -> bool {
        let start = self.start as usize;
        let bytes = |length| json.as_bytes().get(start..start + length);
        self.length as usize == word.len() && bytes(word.len()).is_some_and(|bytes| same(bytes, word.as_bytes()))
    }
}

/// What is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// The byte that cannot stand where it stands, counted from 0; behind the last where the text ends too early.
    pub at: usize,
    /// Whether the text ends too early.
    pub ends_early: bool,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ends_early {
            true => write!(f, "the JSON ends early, after {} bytes", self.at),
            false => write!(f, "this is no JSON from byte {} on", self.at),
        }
    }
}

impl std::error::Error for Malformed {}

/// The tokens of a value, in the order of the text.
///
/// What JSON does not allow within texts and numbers is let through, and becomes what it can when it is read.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
pub(super) fn tokens(json: &str) -> Result<Vec<Token>, Malformed> {
    let bytes = json.as_bytes();
    // Places are told in 32 bits, as they are in a component.
    if u32::try_from(bytes.len()).is_err() {
        return Err(Malformed { at: u32::MAX as usize, ends_early: false });
    }
    // A guess; platforms' names and texts are about as long.
    let mut scan = Scan { bytes, at: 0, tokens: Vec::with_capacity(bytes.len() / 16) };
    // The lists and objects around, by their tokens.
    let mut open: Vec<usize> = Vec::with_capacity(DEEPEST);
    let mut awaits_name = false;
    loop {
        match scan.next() {
            Some(b'"') => {
                scan.text()?;
                if awaits_name {
                    scan.colon()?;
                    awaits_name = false;
                    continue;
                }
            }
            _ if awaits_name => return Err(scan.malformed()),
            Some(byte @ (b'{' | b'[')) if open.len() < DEEPEST => {
                let (kind, end) = if byte == b'{' { (Kind::Object, b'}') } else { (Kind::List, b']') };
                scan.push(kind, scan.at, 0);
                scan.at += 1;
                if scan.next() == Some(end) {
                    scan.at += 1;
                } else {
                    open.push(scan.tokens.len() - 1);
                    awaits_name = kind == Kind::Object;
                    continue;
                }
            }
            Some(b'{' | b'[') => scan.pass_over()?,
            Some(b'-' | b'0'..=b'9') => scan.number(),
            Some(b'n') => scan.word(b"null", Kind::Nothing)?,
            Some(b't') => scan.word(b"true", Kind::True)?,
            Some(b'f') => scan.word(b"false", Kind::False)?,
            _ => return Err(scan.malformed()),
        }
        // Behind a value, and behind as many ends of lists and objects as follow it.
        loop {
            let behind = scan.next();
            let Some(of) = open.last().copied() else {
                return if behind.is_none() { Ok(scan.tokens) } else { Err(scan.malformed()) };
            };
            let is_object = scan.tokens[of].kind == Kind::Object;
            match behind {
                Some(b',') => {
                    scan.at += 1;
                    awaits_name = is_object;
                    break;
                }
                Some(b'}') if is_object => {}
                Some(b']') if !is_object => {}
                _ => return Err(scan.malformed()),
            }
            scan.at += 1;
            open.pop();
            // There are fewer tokens than bytes.
            scan.tokens[of].length = (scan.tokens.len() - of - 1) as u32;
        }
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    tokens: Vec<Token>,
}

impl Scan<'_> {
    fn malformed(&self) -> Malformed {
        Malformed { at: self.at, ends_early: self.at >= self.bytes.len() }
    }

    /// The next byte that is no white space, which is where the scan is then.
    #[inline(always)]
    fn next(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at).copied() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                byte => return byte,
            }
        }
    }

    #[inline(always)]
    fn push(&mut self, kind: Kind, start: usize, length: usize) {
        // Neither is more than the text is long.
        let (start, length) = (start as u32, length as u32);
        self.tokens.push(Token { kind, start, length });
    }

    /// Takes a text, or the name of a field.
    #[inline(always)]
    fn text(&mut self) -> Result<(), Malformed> {
        let start = self.at + 1;
        let (end, escaped) = self.end_of_text()?;
        self.push(if escaped { Kind::Escaped } else { Kind::Text }, start, end - start);
        Ok(())
    }

    /// From the quote before a text to behind the one after it. Where that is, and whether there are escapes between them.
    #[inline(always)]
    fn end_of_text(&mut self) -> Result<(usize, bool), Malformed> {
        let (mut at, mut escaped) = (self.at + 1, false);
        loop {
            at += before_quote(self.bytes.get(at..).unwrap_or_default());
            match self.bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok((at, escaped));
                }
                Some(_) => (at, escaped) = (at + 2, true),
                None => {
                    self.at = self.bytes.len();
                    return Err(self.malformed());
                }
            }
        }
    }

    /// Takes the colon behind a name.
    #[inline(always)]
    fn colon(&mut self) -> Result<(), Malformed> {
        if self.next() != Some(b':') {
            return Err(self.malformed());
        }
        self.at += 1;
        Ok(())
    }

    fn number(&mut self) {
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let start = self.at;
        self.at += self.bytes[start..].iter().take_while(|byte| is_part(byte)).count();
        self.push(Kind::Number, start, self.at - start);
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<(), Malformed> {
        let start = self.at;
        let rest = &self.bytes[start..];
        self.at += word.iter().zip(rest).take_while(|(one, other)| one == other).count();
        if self.at < start + word.len() {
            return Err(self.malformed());
        }
        self.push(kind, start, word.len());
        Ok(())
    }

    /// Goes behind the end of a list or an object, whatever is in it: nothing.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    fn pass_over(&mut self) -> Result<(), Malformed> {
        self.push(Kind::Nothing, self.at, 0);
        let mut depth = 0_usize;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.end_of_text()?;
                    continue;
                }
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') => depth -= 1,
                Some(_) => {}
                None => return Err(self.malformed()),
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

/// Whether two texts of one length are the same, eight bytes at a time: a component's C library compares byte by byte.
#[inline(always)]
fn same(one: &[u8], other: &[u8]) -> bool {
    let (Some(one_last), Some(other_last)) = (one.last_chunk::<8>(), other.last_chunk::<8>()) else {
        return one.iter().zip(other).all(|(one, other)| one == other);
    };
    // The last eight may have been compared already, in part.
    let (one, other) = (one.as_chunks::<8>().0, other.as_chunks::<8>().0);
    let number = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    number(one_last) == number(other_last) && one.iter().zip(other).all(|(one, other)| number(one) == number(other))
}
