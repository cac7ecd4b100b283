//! The one pass over a text of JSON, which finds where its values are. Nothing is read yet: a platform sends far more than is asked for.

use std::fmt;

use crate::bytes::{self, CHUNK, quote};

/// Bytes of a text that is read: lengths take 29 bits of a token.
const LONGEST: usize = (1 << 29) - 1;

/// Levels of lists and objects that are read; what is deeper is nothing.
const DEEPEST: usize = 32;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `null`, and what is too deep.
    Nothing = 0,
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
    /// Its first byte; of texts the one behind the quote.
    start: u32,
    /// Its kind in the upper three bits. In the others its bytes, without quotes; of lists and objects the tokens in them, which follow.
    extent: u32,
}

impl Token {
    #[inline(always)]
    fn new(kind: Kind, start: usize, length: usize) -> Self {
        // Neither is more than the text is long, which is at most `LONGEST`.
        Self { start: start as u32, extent: (kind as u32) << 29 | length as u32 }
    }

    #[inline(always)]
    pub(super) fn kind(self) -> Kind {
        match self.extent >> 29 {
            0 => Kind::Nothing,
            1 => Kind::True,
            2 => Kind::False,
            3 => Kind::Number,
            4 => Kind::Text,
            5 => Kind::Escaped,
            6 => Kind::List,
            _ => Kind::Object,
        }
    }

    #[inline(always)]
    fn length(self) -> usize {
        self.extent as usize & LONGEST
    }

    /// The token and those in it.
    #[inline(always)]
    pub(super) fn size(self) -> usize {
        match self.kind() {
            Kind::List | Kind::Object => 1 + self.length(),
            _ => 1,
        }
    }

    /// Its part of the text that it is of.
    pub(super) fn text(self, json: &str) -> &str {
        let start = self.start as usize;
        json.get(start..start + self.length()).unwrap_or_default()
    }

    /// Whether that part is just this.
    #[inline(always)]
    pub(super) fn is(self, json: &str, word: &str) -> bool {
        let start = self.start as usize;
        let bytes = |length| json.as_bytes().get(start..start + length);
        self.length() == word.len() && bytes(word.len()).is_some_and(|bytes| same(bytes, word.as_bytes()))
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

impl Malformed {
    #[cold]
    fn at(bytes: &[u8], at: usize) -> Self {
        Self { at: at.min(bytes.len()), ends_early: at >= bytes.len() }
    }
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
///
/// It is written for what a component makes of it: all that changes stays in local variables, and what is usual takes no loop and no call, as each costs a
/// look at the clock.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
pub(super) fn tokens(json: &str) -> Result<Vec<Token>, Malformed> {
    let bytes = json.as_bytes();
    if bytes.len() > LONGEST {
        return Err(Malformed { at: LONGEST, ends_early: false });
    }
    // A guess; platforms' names and texts are about as long. Those behind `found` are no tokens yet.
    let mut tokens = Vec::with_capacity(bytes.len() / 16 + MORE);
    let mut found = 0;
    // The lists and objects around, by their tokens, and whether the innermost is an object.
    let (mut open, mut depth, mut in_object) = ([0_usize; DEEPEST], 0, false);
    let mut at = 0;
    loop {
        // There is a name and a value at most.
        if tokens.len() < found + 2 {
            tokens = longer(tokens);
        }
        if in_object {
            at = past_space(bytes, at);
            if peek(bytes, at) != b'"' {
                return Err(Malformed::at(bytes, at));
            }
            let (kind, end) = end_of_text(bytes, at + 1).told(bytes)?;
            tokens[found] = Token::new(kind, at + 1, end - at - 1);
            found += 1;
            at = past_space(bytes, end + 1);
            if peek(bytes, at) != b':' {
                return Err(Malformed::at(bytes, at));
            }
            at += 1;
        }
        at = past_space(bytes, at);
        let start = at;
        let value = match peek(bytes, at) {
            b'"' => {
                let (kind, end) = end_of_text(bytes, at + 1).told(bytes)?;
                at = end + 1;
                Token::new(kind, start + 1, end - start - 1)
            }
            byte @ (b'{' | b'[') if depth < DEEPEST => {
                let (kind, end) = if byte == b'{' { (Kind::Object, b'}') } else { (Kind::List, b']') };
                at = past_space(bytes, at + 1);
                if peek(bytes, at) != end {
                    tokens[found] = Token::new(kind, start, 0);
                    open[depth] = found;
                    found += 1;
                    depth += 1;
                    in_object = kind == Kind::Object;
                    continue;
                }
                at += 1;
                Token::new(kind, start, 0)
            }
            b'{' | b'[' => {
                at = past_nested(bytes, at)?;
                Token::new(Kind::Nothing, start, 0)
            }
            b'-' | b'0'..=b'9' => {
                at = end_of_number(bytes, at);
                Token::new(Kind::Number, start, at - start)
            }
            byte @ (b'n' | b't' | b'f') => {
                let (word, kind): (&[u8], _) = match byte {
                    b'n' => (b"null", Kind::Nothing),
                    b't' => (b"true", Kind::True),
                    _ => (b"false", Kind::False),
                };
                at = past_word(bytes, at, word)?;
                Token::new(kind, start, word.len())
            }
            _ => return Err(Malformed::at(bytes, at)),
        };
        tokens[found] = value;
        found += 1;
        // Behind a value, and behind as many ends of lists and objects as follow it.
        loop {
            at = past_space(bytes, at);
            if depth == 0 {
                if at < bytes.len() {
                    return Err(Malformed::at(bytes, at));
                }
                tokens.truncate(found);
                return Ok(tokens);
            }
            let byte = peek(bytes, at);
            at += 1;
            if byte == b',' {
                break;
            }
            if byte != if in_object { b'}' } else { b']' } {
                return Err(Malformed::at(bytes, at - 1));
            }
            depth -= 1;
            let of = open[depth];
            tokens[of].extent |= (found - of - 1) as u32;
            in_object = depth > 0 && tokens[open[depth - 1]].kind() == Kind::Object;
        }
    }
}

/// Tokens by which a list grows.
const MORE: usize = 256;

/// The list with room for more, which are no tokens yet. It is taken and given by value: what is lent would have to be in memory.
#[cold]
#[inline(never)]
fn longer(mut tokens: Vec<Token>) -> Vec<Token> {
    tokens.extend_from_slice(&[Token { start: 0, extent: 0 }; MORE]);
    tokens
}

/// A byte of the text; behind its end zero, which stands nowhere outside of texts.
#[inline(always)]
fn peek(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or_default()
}

/// From here on the first byte that is no white space.
#[inline(always)]
fn past_space(bytes: &[u8], at: usize) -> usize {
    if peek(bytes, at) <= b' ' { past_more_space(bytes, at) } else { at }
}

#[inline(never)]
fn past_more_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count()
}

/// Where the quote behind a text is, twice, and 1 more if there are escapes in it: in one number, as a component hands over several by its memory. All ones
/// where there is no quote.
#[derive(Clone, Copy)]
struct TextEnd(usize);

impl TextEnd {
    #[inline(always)]
    fn told(self, bytes: &[u8]) -> Result<(Kind, usize), Malformed> {
        if self.0 == usize::MAX {
            return Err(Malformed::at(bytes, bytes.len()));
        }
        Ok((if self.0 & 1 == 0 { Kind::Text } else { Kind::Escaped }, self.0 >> 1))
    }
}

/// The end of a text, which begins here.
#[inline]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn end_of_text(bytes: &[u8], start: usize) -> TextEnd {
    // Most are short.
    if let Some(chunks) = bytes.get(start..).and_then(<[u8]>::first_chunk::<{ 2 * CHUNK }>)
        && let [one, two] = chunks.as_chunks().0
        && let Some(length) = quote(one).or_else(|| quote(two).map(|at| CHUNK + at))
        && chunks.get(length) == Some(&b'"')
    {
        return TextEnd((start + length) * 2);
    }
    end_of_long_text(bytes, start)
}

#[inline(never)]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn end_of_long_text(bytes: &[u8], start: usize) -> TextEnd {
    TextEnd(bytes::closing_quote(bytes, start).map_or(usize::MAX, |(end, escaped)| end * 2 + usize::from(escaped)))
}

/// Behind a number, which begins here.
#[inline(always)]
fn end_of_number(bytes: &[u8], at: usize) -> usize {
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    at + bytes.get(at..).unwrap_or_default().iter().take_while(|byte| is_part(byte)).count()
}

/// Behind a word, which should stand here.
#[inline(always)]
fn past_word(bytes: &[u8], at: usize, word: &[u8]) -> Result<usize, Malformed> {
    let rest = bytes.get(at..).unwrap_or_default();
    if rest.starts_with(word) {
        return Ok(at + word.len());
    }
    Err(Malformed::at(bytes, at + word.iter().zip(rest).take_while(|(one, other)| one == other).count()))
}

/// Behind the end of a list or an object, which begins here, whatever is in it.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn past_nested(bytes: &[u8], start: usize) -> Result<usize, Malformed> {
    let (mut at, mut depth) = (start, 0_usize);
    loop {
        match bytes.get(at) {
            Some(b'"') => at = end_of_long_text(bytes, at + 1).told(bytes)?.1,
            Some(b'{' | b'[') => depth += 1,
            Some(b'}' | b']') => depth -= 1,
            Some(_) => {}
            None => return Err(Malformed::at(bytes, at)),
        }
        at += 1;
        if depth == 0 {
            return Ok(at);
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
