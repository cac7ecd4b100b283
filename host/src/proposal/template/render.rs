//! A template and what it speaks of become a text, within bounds: work, depth and length. A template cannot reach a file, another template or the
//! network: the engine is built without any of it.

use std::collections::BTreeSet;
use std::io;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};

use super::filters::{self, FILTERS};
use super::value::{Gap, Section};
use crate::proposal::context::{Context, names};
use crate::proposal::skills::Names;

/// The longest text that a template may make, in bytes.
pub const MAX_RENDERED: usize = 64 * 1024;
/// Work that a template may be, in the engine's units: one for each step and for each 64 bytes made.
const FUEL: u64 = 200_000;
/// How deep a template may be nested.
const DEPTH: usize = 50;

/// What is wrong with a template, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1, of the text as it was given.
    pub line: usize,
    /// What it is.
    pub message: String,
    /// The word at fault, where there is one.
    pub word: String,
    /// Words of which one may be meant.
    pub known: Vec<String>,
}

fn engine(names: &Names) -> Environment<'static> {
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(DEPTH);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_formatter(print);
    filters::add_to(&mut env, names);
    env
}

/// Prints a value: lists of texts between commas, and no groups of names.
fn print(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if let Some((path, example)) = Section::of(value) {
        let detail = format!("`{path}` is a group of names: say which, such as `{path}.{example}`");
        return Err(Error::new(ErrorKind::InvalidOperation, detail));
    }
    let is_list = value.kind() == minijinja::value::ValueKind::Seq && !Gap::is(value);
    let joined = if is_list { Some(filters::join(value, ", ")?) } else { None };
    minijinja::escape_formatter(out, state, joined.as_ref().unwrap_or(value))
}

/// Looks at a template without rendering it: its grammar, its filters, and every name in it, also where it would not get to.
///
/// # Errors
/// The first thing that is wrong.
pub fn look_at(body: &str) -> Result<(), Fault> {
    let env = engine(&Names::default());
    let template = env.template_from_str(body).map_err(|error| fault(&error, body))?;
    unknown_filter(body)?;
    let known: BTreeSet<&str> = names().map(|(name, _)| name).collect();
    let is_known = |name: &str| {
        let group = format!("{name}.");
        known.contains(name) || name.starts_with("signals.") || known.iter().any(|known| known.starts_with(&group))
    };
    let used: BTreeSet<String> = template.undeclared_variables(true).into_iter().collect();
    let Some(wrong) = used.iter().find(|name| !is_known(name)) else { return Ok(()) };
    Err(Fault {
        line: line_of(body, wrong),
        message: format!("nothing is called `{wrong}`"),
        word: wrong.clone(),
        known: known.into_iter().map(str::to_owned).collect(),
    })
}

/// Looks for filters that there are not. The engine itself says so only where it gets to one.
fn unknown_filter(body: &str) -> Result<(), Fault> {
    for (at, inside) in tags(body) {
        let mut quote = None;
        let mut letters = inside.char_indices();
        while let Some((index, c)) = letters.next() {
            match (quote, c) {
                (Some(_), '\\') => drop(letters.next()),
                (Some(open), c) if open == c => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, '|') => {
                    let rest = inside[index + 1..].trim_start();
                    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                    let word = &rest[..end];
                    if !FILTERS.iter().any(|(name, ..)| *name == word) {
                        let line = body[..at + index].matches('\n').count() + 1;
                        return Err(no_filter(word, line));
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn no_filter(word: &str, line: usize) -> Fault {
    let known = FILTERS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    Fault { line, message: format!("there is no filter `{word}`"), word: word.to_owned(), known }
}

/// What stands in tags, and where. Remarks are none, and neither is what is to be taken literally.
fn tags(body: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = body[at..].find('{').map(|open| at + open) {
        let end = match body.as_bytes().get(open + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                at = open + 1;
                continue;
            }
        };
        let Some(close) = body[open + 2..].find(end).map(|close| open + 2 + close) else { break };
        let inside = &body[open + 2..close];
        at = close + 2;
        match (end, inside.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '+'))) {
            ("#}", _) => {}
            ("%}", "raw") => at = body[at..].find("endraw").map_or(body.len(), |raw| at + raw),
            _ => found.push((open + 2, inside)),
        }
    }
    found
}

/// The first line with a tag in which a word stands.
fn line_of(body: &str, word: &str) -> usize {
    let found = tags(body).into_iter().find_map(|(at, inside)| Some(at + inside.find(word)?));
    found.map_or(1, |at| body[..at].matches('\n').count() + 1)
}

/// Renders a template. White space around the text is taken off.
///
/// # Errors
/// What is wrong with it.
pub fn render(body: &str, context: &Context) -> Result<String, Fault> {
    let env = engine(&context.names);
    let template = env.template_from_str(body).map_err(|error| fault(&error, body))?;
    let mut written = Bounded(Vec::new());
    match template.render_captured_to(context.root.clone(), &mut written) {
        Ok(_) => {}
        Err(error) if written.0.len() >= MAX_RENDERED => {
            let message = format!("the text becomes longer than {} KiB", MAX_RENDERED / 1024);
            return Err(Fault { message, ..fault(&error, body) });
        }
        Err(error) => return Err(fault(&error, body)),
    }
    Ok(String::from_utf8_lossy(&written.0).trim().to_owned())
}

/// Takes so many bytes, and no more.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = MAX_RENDERED - self.0.len();
        if room == 0 && !bytes.is_empty() {
            return Err(io::Error::other("full"));
        }
        let taken = bytes.len().min(room);
        self.0.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An error of the engine's, in words for the person.
fn fault(error: &Error, body: &str) -> Fault {
    let line = error.line().unwrap_or(1).max(1);
    let detail = error.detail().unwrap_or_default();
    let detail = detail.chars().take(300).collect::<String>();
    let message = match error.kind() {
        ErrorKind::UnknownFunction | ErrorKind::UnknownMethod | ErrorKind::UnknownTest => {
            "templates have no functions, methods or tests; there are filters: `| join(\", \")`".to_owned()
        }
        ErrorKind::UndefinedError => {
            if detail.is_empty() {
                "something here has no such name".to_owned()
            } else {
                detail
            }
        }
        ErrorKind::OutOfFuel => "it takes too much work: a list is gone through too often".to_owned(),
        ErrorKind::SyntaxError if detail.is_empty() => "it cannot be read".to_owned(),
        _ if detail.is_empty() => error.kind().to_string(),
        _ => detail,
    };
    let line = line.min(body.lines().count().max(1));
    Fault { line, message, word: String::new(), known: Vec::new() }
}
