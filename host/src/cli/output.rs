//! Where commands print: data on standard output, messages on standard error.

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

use super::args::Globals;
use super::text;
use crate::app::AppError;
use crate::capability::log::is_plain;
use crate::config::Loaded;

/// The narrowest and the widest that tables are made.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=160;
/// Where the output is no terminal.
const DEFAULT_WIDTH: usize = 110;

/// Standard output, gathered and written at the end of each step, so that a command that fails halfway has not printed half a table.
pub struct Output {
    json: bool,
    colour: bool,
    colour_on_stderr: bool,
    data: String,
    broken: Option<io::Error>,
}

/// How a piece of text stands out.
#[derive(Clone, Copy)]
pub enum Style {
    Bold,
    Dim,
    Good,
    Fair,
    Bad,
}

impl Output {
    pub fn new(globals: &Globals) -> Output {
        Output {
            json: globals.json,
            colour: globals.colour_on_stdout(),
            colour_on_stderr: globals.colour_on_stderr(),
            data: String::new(),
            broken: None,
        }
    }

    /// Whether data is printed as JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Columns of the terminal.
    pub fn width(&self) -> usize {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let columns = columns.or_else(|| {
            let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
            (size.ws_col > 0).then_some(usize::from(size.ws_col))
        });
        columns.unwrap_or(DEFAULT_WIDTH).clamp(*WIDTHS.start(), *WIDTHS.end())
    }

    /// A line of data.
    pub fn line(&mut self, line: impl Display) {
        self.data.push_str(&line.to_string());
        self.data.push('\n');
    }

    /// What tells the terminal what to do, where there is one.
    pub fn raw(&mut self, code: &'static str) {
        self.data.push_str(code);
    }

    /// Whether nobody reads along any more.
    pub fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// Data as JSON. Characters that a terminal might act on are escaped, which JSON's readers undo.
    pub fn json(&mut self, data: &impl Serialize) {
        match serde_json::to_string_pretty(data) {
            Ok(text) => {
                for c in text.chars() {
                    if c == '\n' || is_plain(c) {
                        self.data.push(c);
                    } else {
                        for unit in c.encode_utf16(&mut [0; 2]) {
                            self.data.push_str(&format!("\\u{unit:04x}"));
                        }
                    }
                }
                self.data.push('\n');
            }
            Err(error) => self.message(format_args!("error: the result cannot be written as JSON: {error}")),
        }
    }

    /// Data as JSON on one line, for what goes on and on.
    pub fn json_line(&mut self, data: &impl Serialize) {
        let before = self.data.len();
        self.json(data);
        // A line break within a text is escaped: those that are there are between the parts.
        let line: Vec<&str> = self.data[before..].lines().map(str::trim_start).collect();
        let line = line.concat();
        self.data.truncate(before);
        self.line(line);
    }

    /// A message for the person: progress, hints.
    pub fn message(&mut self, message: impl Display) {
        self.flush();
        // Nothing can be said of it where nothing can be written.
        let _ = writeln!(io::stderr(), "{message}");
    }

    /// What the configuration says that is probably not meant.
    pub fn warnings(&mut self, loaded: &Loaded) {
        let warnings = loaded.render_warnings(self.width());
        if !warnings.trim().is_empty() {
            self.message(warnings.trim_end());
        }
    }

    /// Why the command failed.
    pub fn error(&mut self, error: &AppError) {
        self.data.clear();
        self.problem(error);
    }

    /// What went wrong, where the command goes on.
    pub fn problem(&mut self, error: &AppError) {
        if let AppError::Config(problems) = error {
            let _ = writeln!(io::stderr(), "{}", problems.render(self.width()).trim_end());
            return;
        }
        if let AppError::Uneditable { paste, .. } = error {
            self.line(paste.trim_end());
            self.flush();
        }
        let head = paint(self.colour_on_stderr, Style::Bad, "error:");
        let _ = writeln!(io::stderr(), "{head} {}", text::line(&text::sentence(&error.to_string())));
        if let Some(remedy) = error.remedy() {
            let _ = writeln!(
                io::stderr(),
                "  {} {}",
                paint(self.colour_on_stderr, Style::Good, "next:"),
                text::line(remedy)
            );
        }
    }

    /// A piece of data that stands out.
    pub fn style(&self, style: Style, piece: impl Display) -> String {
        paint(self.colour, style, piece)
    }

    /// Writes what was gathered.
    pub fn flush(&mut self) {
        let mut stdout = io::stdout().lock();
        if let Err(error) = stdout.write_all(self.data.as_bytes()).and_then(|()| stdout.flush()) {
            self.broken.get_or_insert(error);
        }
        self.data.clear();
    }

    /// Writes what is left, and says whether everything could be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush();
        self.broken.map_or(Ok(()), Err)
    }
}

fn paint(colour: bool, style: Style, piece: impl Display) -> String {
    if !colour {
        return piece.to_string();
    }
    let code = match style {
        Style::Bold => "1",
        Style::Dim => "2",
        Style::Good => "32",
        Style::Fair => "33",
        Style::Bad => "31",
    };
    format!("\u{1b}[{code}m{piece}\u{1b}[0m")
}
