//! The text of a configuration, vetted before any parser sees it.

use super::diagnostic::{Diagnostic, Place, Span};

/// Largest accepted file. Real ones are a few kilobytes.
pub const LARGEST_FILE: usize = 1024 * 1024;

/// A named text. Kept for excerpts, which never show the values of secret-looking keys.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The text may hold a secret that belongs elsewhere.
        f.debug_struct("Source").field("name", &self.name).field("bytes", &self.text.len()).finish()
    }
}

impl Source {
    /// Vets bytes: size, UTF-8, line ends and characters that YAML does not allow.
    pub(super) fn new(name: &str, bytes: &[u8]) -> (Self, Vec<Diagnostic>) {
        let mut source = Self { name: name.to_owned(), text: String::new() };
        if bytes.len() > LARGEST_FILE {
            let problem = Diagnostic::error(
                "too-large",
                Place::WholeFile,
                format!("the file is larger than {} KiB", LARGEST_FILE / 1024),
            )
            .help("a configuration has a few kilobytes: check that this is the right file");
            return (source, vec![problem]);
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => text.clone_into(&mut source.text),
            Err(error) => {
                source.text = String::from_utf8_lossy(bytes).into_owned();
                let place = Place::File(position(&source.text, error.valid_up_to()));
                let help = if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
                    "the file is UTF-16: save it as UTF-8"
                } else {
                    "save the file as UTF-8"
                };
                let problem = Diagnostic::error("not-utf8", place, "the file is not UTF-8 text").help(help);
                return (source, vec![problem]);
            }
        }
        let problem = forbidden_character(&source.text);
        (source, problem.into_iter().collect())
    }

    /// The file's name as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, without a byte-order mark. It may hold secrets that belong elsewhere: print
    /// excerpts instead.
    #[must_use]
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

fn forbidden_character(text: &str) -> Option<Diagnostic> {
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let (what, help) = match c {
            '\r' if characters.peek().is_none_or(|(_, next)| *next != '\n') => {
                ("a carriage return without a line feed".to_owned(), "save the file with Unix or Windows line ends")
            }
            '\0' => ("a NUL byte".to_owned(), "remove it: the file may be damaged, or not be text at all"),
            '\n' | '\r' | '\t' => continue,
            c if c.is_control() => (
                format!("the control character U+{:04X}", u32::from(c)),
                "remove it, or write it as an escape in double quotes",
            ),
            _ => continue,
        };
        let place = Place::File(position(text, at));
        let message = format!("the file contains {what}");
        return Some(Diagnostic::error("bad-character", place, message).help(help));
    }
    None
}

fn position(text: &str, byte: usize) -> Span {
    let before = &text[..text.floor_char_boundary(byte)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.matches('\n').count() + 1;
    let column = before[line_start..].chars().count() + 1;
    // The file is at most LARGEST_FILE bytes, so both fit.
    Span::point(u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}
