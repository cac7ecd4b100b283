//! What is wrong with a configuration, where, and what to do about it.
//!
//! Text that comes from the file, the environment or a plugin passes through [`printable`]
//! before it enters a message: a configuration is data and may not drive a terminal.

use std::fmt;

use serde::Serialize;

use super::render;
use super::source::Source;

/// Most problems reported at once; beyond that the first ones matter and the rest is noise.
pub(super) const MOST_DIAGNOSTICS: usize = 100;

/// Whether a problem stops the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The configuration cannot be used.
    Error,
    /// It can, but probably does not do what was meant.
    Warning,
}

/// A stretch of one line in the file. Lines and columns count from 1; columns and lengths are
/// in characters. A value over several lines is marked where it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Span {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Characters to mark; at least 1.
    pub length: u32,
}

impl Span {
    /// A single character.
    #[must_use]
    pub const fn point(line: u32, column: u32) -> Self {
        Self { line, column, length: 1 }
    }
}

/// Where a problem, or the value of a setting, comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A position in the file.
    File(Span),
    /// The file as a whole: it cannot be read.
    WholeFile,
    /// An environment variable, by name.
    Environment(String),
    /// A command-line flag, by name.
    Flag(String),
    /// The settings schema that a plugin declares, by the plugin's id.
    Plugin(String),
    /// Nobody said anything: the default of the schema.
    Default,
}

impl fmt::Display for Place {
    /// In words, for what is listed with where it comes from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(span) => write!(f, "line {}", span.line),
            Place::WholeFile => f.write_str("file"),
            Place::Environment(name) | Place::Flag(name) => f.write_str(name),
            Place::Plugin(id) => write!(f, "default of {id}"),
            Place::Default => f.write_str("default"),
        }
    }
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// A stable name for programs, such as `unknown-key`.
    pub code: &'static str,
    /// Where it is.
    pub place: Place,
    /// The key, such as `platforms.workbazaar.scan_interval` or `rules[0].action`; empty for
    /// the document as a whole.
    pub path: String,
    /// What is wrong, in one plain sentence without a full stop.
    pub message: String,
    /// The nearest valid key or value.
    pub suggestion: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    pub(super) fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            place,
            path: String::new(),
            message: message.into(),
            suggestion: None,
            help: None,
        }
    }

    pub(super) fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    pub(super) fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn suggest(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }
}

/// Everything that is wrong with a configuration, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors {
    source: Source,
    diagnostics: Vec<Diagnostic>,
}

impl ConfigErrors {
    pub(super) fn new(source: Source, mut diagnostics: Vec<Diagnostic>) -> Self {
        sort(&mut diagnostics);
        Self { source, diagnostics }
    }

    /// Errors first come first served by position; warnings are among them.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The file's name as it was given, for the machine form.
    #[must_use]
    pub fn file(&self) -> &str {
        self.source.name()
    }

    /// Every problem with its excerpt, for a terminal of `width` columns. No colours.
    #[must_use]
    pub fn render(&self, width: usize) -> String {
        render::all(&self.diagnostics, &self.source, width)
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(render::DEFAULT_WIDTH))
    }
}

impl std::error::Error for ConfigErrors {}

impl Serialize for ConfigErrors {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            file: &'a str,
            diagnostics: &'a [Diagnostic],
        }
        Form { file: self.file(), diagnostics: &self.diagnostics }.serialize(serializer)
    }
}

pub(super) fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| (&a.place, &a.path, a.code).cmp(&(&b.place, &b.path, b.code)));
    diagnostics.dedup();
    diagnostics.truncate(MOST_DIAGNOSTICS);
}

/// Text made safe to print: control characters and those that reorder or hide text become `�`,
/// and what is longer than `most` characters is cut.
pub(super) fn printable(text: &str, most: usize) -> String {
    let mut safe: String = text.chars().take(most).map(safe_char).collect();
    if text.chars().nth(most).is_some() {
        safe.push('…');
    }
    safe
}

/// A short quotation of a name or a value.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", printable(text, 60))
}

/// Shows a character, or `�` where it would not be seen as itself.
pub(super) fn safe_char(c: char) -> char {
    let hidden = matches!(c,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{061c}' | '\u{e0000}'..='\u{e007f}');
    if c.is_control() || hidden { '\u{fffd}' } else { c }
}

/// The candidate that a mistyped name most likely meant.
pub(super) fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let given: String = given.chars().take(64).collect::<String>().to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(&given, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= 0.55)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate.to_owned())
}
