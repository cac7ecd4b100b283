//! Diagnostics for people: the problem, the line it is on, and a caret under the spot.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

use super::diagnostic::{Diagnostic, Place, Severity, Span, printable, safe_char};
use super::secret;
use super::source::Source;

/// Columns when the terminal's width is unknown.
pub(super) const DEFAULT_WIDTH: usize = 100;

/// Narrower terminals get lines of this width, and wrap.
const LEAST_WIDTH: usize = 40;

/// Renders problems one after the other, each followed by an empty line.
#[must_use]
pub(super) fn all(diagnostics: &[Diagnostic], source: &Source, width: usize) -> String {
    let lines = secret::redacted(source.text());
    let mut out = String::new();
    for diagnostic in diagnostics {
        one(&mut out, diagnostic, source.name(), &lines, width.max(LEAST_WIDTH));
        out.push('\n');
    }
    out
}

fn one(out: &mut String, diagnostic: &Diagnostic, file: &str, lines: &[String], width: usize) {
    let label = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    // Writing to a String cannot fail.
    let _ = write!(out, "{label}: ");
    if !diagnostic.path.is_empty() {
        let _ = write!(out, "{}: ", diagnostic.path);
    }
    let _ = writeln!(out, "{}", diagnostic.message);
    let file = printable(file, 4_096);
    let margin = match &diagnostic.place {
        Place::File(span) => {
            let margin = span.line.to_string().len();
            let _ = writeln!(out, "{:margin$}--> {file}:{}:{}", "", span.line, span.column);
            excerpt(out, *span, lines, width, margin);
            margin
        }
        Place::WholeFile => {
            let _ = writeln!(out, " --> {file}");
            1
        }
        Place::Environment(name) => {
            let _ = writeln!(out, " --> environment variable {name}");
            1
        }
        Place::Flag(name) => {
            let _ = writeln!(out, " --> flag {name}");
            1
        }
        Place::Plugin(id) => {
            let _ = writeln!(out, " --> the settings schema of the plugin {id}");
            1
        }
        Place::Default => 1,
    };
    if let Some(suggestion) = &diagnostic.suggestion {
        let _ = writeln!(out, "{:margin$} = did you mean `{suggestion}`?", "");
    }
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "{:margin$} = help: {help}", "");
    }
}

fn excerpt(out: &mut String, span: Span, lines: &[String], width: usize, margin: usize) {
    let empty = String::new();
    let line = lines.get(span.line as usize - 1).unwrap_or(&empty);
    let shown = Window::new(line, span, width.saturating_sub(margin + 4));
    let _ = writeln!(out, "{:margin$} |", "");
    let _ = writeln!(out, "{} | {}", span.line, shown.text);
    let _ = writeln!(out, "{:margin$} | {:pad$}{}", "", "", "^".repeat(shown.marked), pad = shown.offset);
}

/// The part of a line that fits, with the marked spot in it.
struct Window {
    text: String,
    /// Terminal columns before the mark.
    offset: usize,
    /// Terminal columns under the mark, at least 1.
    marked: usize,
}

impl Window {
    fn new(line: &str, span: Span, width: usize) -> Self {
        // Tabs are shown as one visible column: where they are is often the very problem.
        let cells: Vec<(char, usize)> = line
            .chars()
            .map(|c| if c == '\t' { '→' } else { safe_char(c) })
            .map(|c| (c, c.width().unwrap_or(1)))
            .collect();
        let mark = (span.column as usize).saturating_sub(1).min(cells.len());
        let columns = |part: &[(char, usize)]| part.iter().map(|(_, width)| width).sum::<usize>();

        // A third of the line, at most, is spent on what precedes the mark when it does not fit.
        let mut start = 0;
        if columns(&cells) > width {
            while start < mark && columns(&cells[start..mark]) > width / 3 {
                start += 1;
            }
        }
        let mut text = String::new();
        let mut used = 0;
        if start > 0 {
            text.push('…');
            used = 1;
        }
        let offset = used + columns(&cells[start..mark]);
        let mut end = start;
        while end < cells.len() && used + cells[end].1 < width {
            used += cells[end].1;
            text.push(cells[end].0);
            end += 1;
        }
        if end < cells.len() {
            text.push('…');
        }
        let mark_end = (mark + span.length as usize).min(end).max(mark);
        Self { text, offset, marked: columns(&cells[mark..mark_end]).max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rendered(text: &str, span: Span, width: usize) -> String {
        let (source, _) = Source::new("p.yaml", text.as_bytes());
        let problem = Diagnostic::error("x", Place::File(span), "something is wrong")
            .at("a.b")
            .suggest(Some("c".to_owned()))
            .help("do this");
        all(&[problem], &source, width)
    }

    #[test]
    fn a_problem_shows_its_place_its_line_and_what_to_do() {
        let span = Span { line: 2, column: 3, length: 4 };
        assert_eq!(
            rendered("x: 1\n  pric: 3\n", span, 80),
            "error: a.b: something is wrong\n\
             \x20--> p.yaml:2:3\n  |\n2 |   pric: 3\n  |   ^^^^\n\
             \x20 = did you mean `c`?\n  = help: do this\n\n"
        );
    }

    #[test]
    fn carets_stand_under_wide_characters() {
        let span = Span { line: 1, column: 3, length: 2 };
        let shown = rendered("日本語文: 1", span, 80);
        assert!(shown.contains("\n  |     ^^^^\n"), "{shown}");
    }

    #[test]
    fn nothing_of_the_file_drives_the_terminal() {
        let span = Span::point(1, 1);
        let shown = rendered("a: \u{1b}]0;x\u{7}\u{202e}\tz", span, 80);
        assert!(shown.contains("a: �]0;x��→z"), "{shown}");
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let text = format!("{}HERE{}", "a".repeat(500), "b".repeat(500));
        let shown = rendered(&text, Span { line: 1, column: 501, length: 4 }, 60);
        assert!(shown.contains("HERE"), "{shown}");
        let lines: Vec<&str> = shown.lines().collect();
        let caret = lines[4].chars().position(|c| c == '^');
        let here = lines[3].chars().position(|c| c == 'H');
        assert_eq!(caret, here);
        assert!(lines.iter().all(|line| line.chars().count() <= 60), "{shown}");
    }

    proptest! {
        #[test]
        fn any_line_at_any_place_is_rendered_within_the_width(
            text in "\\PC{0,300}", line in 1u32..4, column in 1u32..400,
            length in 1u32..400, width in 0usize..200,
        ) {
            let shown = rendered(&text, Span { line, column, length }, width);
            let excerpt = shown.lines().nth(3).unwrap_or_default();
            let columns: usize = excerpt.chars().filter_map(char::width).sum();
            prop_assert!(columns <= width.max(LEAST_WIDTH), "{}", excerpt);
        }
    }
}
