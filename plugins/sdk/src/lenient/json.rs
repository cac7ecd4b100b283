//! JSON as it came: values that are read out of its text when they are asked for.
//!
//! One type for every shape keeps components small: readers made for each record by themselves would be a third of a component's code,
//! and a host compiles what it loads. And a list of what is where in the text, in place of a tree, keeps them fast: what nobody asks for
//! is passed over, and nothing is copied before it is wanted.

use std::borrow::Cow;

use super::scan::{Kind, Malformed, Token, tokens};
use crate::bytes::{self, CHUNK, SIMPLE_ESCAPES, append_plain};

/// A value.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Json<'a> {
    /// `null`, what is not there or too deep, and what no number is, such as `1e999`.
    #[default]
    Nothing,
    /// `true` or `false`.
    Flag(bool),
    /// A whole number that fits.
    Int(i64),
    /// Another number; finite.
    Float(f64),
    /// A text; borrowed unless it has escapes in it.
    Text(Cow<'a, str>),
    /// A list.
    List(List<'a>),
    /// An object.
    Object(Object<'a>),
}

/// The elements of a list, or the values of an object, from the first on that was not taken yet.
#[derive(Debug, Clone)]
pub struct List<'a> {
    json: &'a str,
    tokens: &'a [Token],
    /// Whether each has a name before it.
    is_named: bool,
}

/// The fields of an object, in their order.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    json: &'a str,
    /// Name and value of each.
    tokens: &'a [Token],
    /// Where the next field is looked for first: platforms give fields in the order in which they were asked for.
    next: usize,
}

/// Reads a text of JSON, and hands it on.
///
/// # Errors
/// Where it is no JSON.
pub(super) fn read<T>(json: &str, then: impl FnOnce(Json<'_>) -> T) -> Result<T, Malformed> {
    let tokens = tokens(json)?;
    let made = then(Json::of(json, &tokens));
    bytes::give_back(tokens);
    Ok(made)
}

impl<'a> Json<'a> {
    /// The value that these tokens begin with.
    #[inline(always)]
    fn of(json: &'a str, tokens: &'a [Token]) -> Self {
        let Some((&token, rest)) = tokens.split_first() else { return Self::Nothing };
        let inner = || rest.get(..token.size() - 1).unwrap_or_default();
        match token.kind() {
            Kind::Nothing => Self::Nothing,
            Kind::True => Self::Flag(true),
            Kind::False => Self::Flag(false),
            Kind::Number => number(token.text(json)),
            Kind::Text | Kind::Escaped => Self::Text(text(json, token)),
            Kind::List => Self::List(List { json, tokens: inner(), is_named: false }),
            Kind::Object => Self::Object(Object { json, tokens: inner(), next: 0 }),
        }
    }

    /// The elements of a list or the values of an object; none of anything else.
    #[must_use]
    pub fn elements(self) -> List<'a> {
        match self {
            Self::List(list) => list,
            Self::Object(Object { json, tokens, .. }) => List { json, tokens, is_named: true },
            _ => List { json: "", tokens: &[], is_named: false },
        }
    }
}

impl List<'_> {
    /// How many there are; they are counted one by one.
    #[must_use]
    pub fn len(&self) -> usize {
        let mut list = self.clone();
        std::iter::from_fn(|| list.skip_one()).count()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Goes behind the next.
    fn skip_one(&mut self) -> Option<()> {
        let name = usize::from(self.is_named);
        let size = self.tokens.get(name)?.size();
        self.tokens = self.tokens.get(name + size..).unwrap_or_default();
        Some(())
    }
}

/// Of the same elements.
impl PartialEq for List<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.clone().eq(other.clone())
    }
}

/// Of the same fields in the same order.
impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.clone().fields().eq(other.clone().fields())
    }
}

impl<'a> Iterator for List<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        let from = self.tokens.get(usize::from(self.is_named)..)?;
        self.skip_one()?;
        Some(Json::of(self.json, from))
    }
}

impl<'a> Object<'a> {
    /// The value of a field; nothing if it is not there. It is looked for behind the field that was found last, and then from the beginning: of several of
    /// one name, each is found in turn.
    pub fn get(&mut self, key: &str) -> Json<'a> {
        self.find(key).map_or(Json::Nothing, |value| Json::of(self.json, value))
    }

    /// The text of a field, as it stands or without its escapes; else its value. Most fields are texts, of which a value is made in vain.
    pub(super) fn text(&mut self, key: &str) -> Result<Cow<'a, str>, Json<'a>> {
        match self.find(key) {
            Some(value) => match value.first() {
                Some(token) if matches!(token.kind(), Kind::Text | Kind::Escaped) => Ok(text(self.json, *token)),
                _ => Err(Json::of(self.json, value)),
            },
            None => Err(Json::Nothing),
        }
    }

    /// The tokens that the value of a field begins with.
    #[inline(always)]
    fn find(&mut self, key: &str) -> Option<&'a [Token]> {
        let next = self.tokens.get(self.next..)?;
        if let Some(&[name, value]) = next.first_chunk()
            && name.kind() == Kind::Text
            && name.is(self.json, key)
        {
            self.next += 1 + value.size();
            return next.get(1..);
        }
        self.search(key)
    }

    /// The same, wherever it is.
    #[inline(never)]
    fn search(&mut self, key: &str) -> Option<&'a [Token]> {
        // What is before the place is looked at last.
        for (mut at, end) in [(self.next, self.tokens.len()), (0, self.next)] {
            while at < end
                && let Some(&[name, value]) = self.tokens.get(at..).and_then(<[Token]>::first_chunk)
            {
                let after = at + 1 + value.size();
                let is_it = match name.kind() {
                    Kind::Escaped => says(name.text(self.json), key),
                    _ => name.is(self.json, key),
                };
                if is_it {
                    self.next = after;
                    return self.tokens.get(at + 1..);
                }
                at = after;
            }
        }
        None
    }

    /// The first of these fields that holds something.
    pub fn get_first(&mut self, keys: &[&str]) -> Json<'a> {
        keys.iter().map(|key| self.get(key)).find(|value| !matches!(value, Json::Nothing)).unwrap_or_default()
    }

    /// The fields with their names.
    pub fn fields(self) -> impl Iterator<Item = (Cow<'a, str>, Json<'a>)> {
        let Self { json, mut tokens, .. } = self;
        std::iter::from_fn(move || {
            let (name, value) = tokens.split_first()?;
            tokens = value.get(value.first()?.size()..).unwrap_or_default();
            Some((text(json, *name), Json::of(json, value)))
        })
    }
}

fn number(digits: &str) -> Json<'static> {
    match digits.parse() {
        Ok(whole) => Json::Int(whole),
        Err(_) => digits.parse().ok().filter(|number: &f64| number.is_finite()).map_or(Json::Nothing, Json::Float),
    }
}

#[inline(always)]
fn text<'a>(json: &'a str, token: Token) -> Cow<'a, str> {
    let text = token.text(json);
    if token.kind() == Kind::Escaped { Cow::Owned(unescaped(text)) } else { Cow::Borrowed(text) }
}

/// What a text with escapes says. Halves of surrogate pairs, which platforms make by cutting texts, and escapes that are none become a sign
/// that something is missing.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn unescaped(text: &str) -> String {
    let mut whole = String::with_capacity(text.len() + CHUNK);
    let mut rest = text;
    loop {
        let from = rest.get(append_plain(&mut whole, rest)..).unwrap_or_default();
        if from.is_empty() {
            return whole;
        }
        let (character, length) = escape(from.as_bytes());
        whole.push(character);
        rest = from.get(length..).unwrap_or_default();
    }
}

/// Whether a text with escapes says this. Nothing is made of it: names that nobody asks for would fill a component's memory.
fn says(text: &str, wanted: &str) -> bool {
    let (mut rest, mut wanted) = (text, wanted);
    loop {
        let (plain, from) = rest.split_at(rest.find('\\').unwrap_or(rest.len()));
        let Some(left) = wanted.strip_prefix(plain) else { return false };
        if from.is_empty() {
            return left.is_empty();
        }
        let (character, length) = escape(from.as_bytes());
        let Some(left) = left.strip_prefix(character) else { return false };
        (rest, wanted) = (from.get(length..).unwrap_or_default(), left);
    }
}

/// The character of the escape that a text begins with, and the bytes of the escape.
fn escape(text: &[u8]) -> (char, usize) {
    match text.get(1).map(|byte| (*byte, SIMPLE_ESCAPES[usize::from(*byte)])) {
        Some((b'u', _)) => unicode(text),
        Some((_, simple @ 1..)) => (char::from(simple), 2),
        // The backslash alone: what follows it stays.
        _ => (char::REPLACEMENT_CHARACTER, 1),
    }
}

fn unicode(text: &[u8]) -> (char, usize) {
    let first = unit(text);
    if let Some(high @ 0xd800..=0xdbff) = first
        && let Some(low @ 0xdc00..=0xdfff) = text.get(6..).and_then(unit)
    {
        let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
    }
    let length = if first.is_some() { 6 } else { 2 };
    (first.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER), length)
}

/// The unit of UTF-16 whose escape a text begins with.
fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}
