//! One lead: what it is, how its score came about, what has changed.

use jiff::Timestamp;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::app::error::exit;
use crate::app::history::{ChangeRow, history};
use crate::app::leads::{self, StoredRow, stored_row};
use crate::app::posting::{self, PostingRow, posting_row};
use crate::app::retention::{self, Fetched};
use crate::app::scan::{LeadRow, LineRow, skipped_row};
use crate::app::{Access, App, AppError, Services};
use crate::cli::output::{Output, Style};
use crate::cli::table::{shade, title};
use crate::cli::text;
use crate::contract::types::Posting;
use crate::lead::{Mark, Passed};
use crate::store::{Found, StoredLead, StoredSkip};

/// Columns of a breakdown's figures, with the blanks around them.
const FIGURES: usize = 27;
/// Columns that a reason needs beside them; else it goes below.
const REASON: usize = 20;

#[derive(Serialize)]
struct ExplainedDocument<'a> {
    #[serde(flatten)]
    lead: StoredRow,
    passed: &'a [Passed],
    history: Vec<ChangeRow>,
}

#[derive(Serialize)]
struct ShownDocument<'a> {
    #[serde(flatten)]
    lead: StoredRow,
    posting: PostingRow<'a>,
    history: Vec<ChangeRow>,
}

pub(super) async fn explain(
    app: &App,
    services: &Services,
    reference: &str,
    output: &mut Output,
) -> Result<u8, AppError> {
    let stored = match leads::find(app, services, reference).await? {
        Found::Lead(stored) => *stored,
        Found::Skipped(stored) => return Ok(skipped(&stored, output)),
    };
    let row = stored_row(&stored);
    let history = history(services, &stored).await?;
    if output.is_json() {
        output.json(&ExplainedDocument { lead: row, passed: &stored.lead.explained.passed, history });
    } else {
        headline(&row, output);
        breakdown(&row.lead, true, output);
        passed(&stored, output);
        changes(&history, output);
    }
    Ok(exit::OK)
}

fn skipped(stored: &StoredSkip, output: &mut Output) -> u8 {
    let row = skipped_row(&stored.account.platform, &stored.skipped);
    if output.is_json() {
        output.json(&row);
    } else {
        let title = if row.title.is_empty() { &row.id } else { &row.title };
        output.line(format_args!("{}  was skipped", output.style(Style::Bold, text::line(title))));
        output.line(format_args!("by {} ({}): {}", text::line(&row.filter), row.stage, text::line(&row.reason)));
    }
    exit::OK
}

/// What was on when a lead was judged, and has not dropped it.
fn passed(of: &StoredLead, output: &mut Output) {
    let passed = leads::passed(of);
    if passed.is_empty() {
        return;
    }
    output.line("");
    output.line(output.style(Style::Dim, "PASSED"));
    for (whose, filters) in passed {
        let told = format!("{whose}: {}", filters.join("; "));
        output.line(text::wrap(&told, output.width().saturating_sub(4), 4));
    }
}

/// What has changed, the latest first.
fn changes(history: &[ChangeRow], output: &mut Output) {
    if history.is_empty() {
        return;
    }
    output.line("");
    output.line(output.style(Style::Dim, "CHANGED"));
    for ChangeRow { until, what, before, after } in history {
        let at = Timestamp::from_second(*until).map_or_else(|_| until.to_string(), |at| at.to_string());
        let told = format!("{what}: {} until {at}, then {}", text::line(before), text::line(after));
        output.line(text::wrap(&told, output.width().saturating_sub(4), 4));
    }
}

fn headline(row: &StoredRow, output: &mut Output) {
    let StoredRow { lead, mark, tags, .. } = row;
    let score = output.style(shade(lead.score), format_args!("{:.2}", lead.score));
    output.line(format_args!("{score}  {}", output.style(Style::Bold, text::fit(&title(row), 200))));
    output.line(output.style(Style::Dim, text::line(&lead.url)));
    if *mark != Mark::New || !tags.is_empty() {
        let tags = if tags.is_empty() { String::new() } else { format!(", tags: {}", text::line(&tags.join(", "))) };
        output.line(format_args!("{}{tags}", mark.as_str()));
    }
}

/// The story of a score: it adds up. The `whole` of it has what each signal was measured from, and how sure it is.
fn breakdown(row: &LeadRow, whole: bool, output: &mut Output) {
    let signals = row.breakdown.iter().map(|line| line.signal.width());
    let names = signals.chain(row.adjustments.iter().map(|of| of.name.width())).max().unwrap_or(6).max(14);
    let beside = output.width().saturating_sub(names + FIGURES);
    let why = |reason: &str, output: &Output| match beside < REASON {
        true => format!("\n    {}", text::wrap(&text::line(reason), output.width().saturating_sub(4), 4)),
        false => format!("  {}", text::wrap(&text::line(reason), beside, names + FIGURES)),
    };
    let head = format!("{}  VALUE  WEIGHT  POINTS", text::pad("SIGNAL", names));
    output.line("");
    output.line(output.style(Style::Dim, if beside < REASON { head } else { format!("{head}  WHY") }));
    for line in &row.breakdown {
        output.line(format_args!(
            "{}  {:5.2}  {:5.1}%  {:6.2}{}",
            text::pad(&line.signal, names),
            line.value,
            line.weight * 100.0,
            line.points,
            why(&line.reason, output)
        ));
        if whole {
            let indent = if beside < REASON { 4 } else { names + FIGURES };
            let from = text::wrap(&measured(line), output.width().saturating_sub(indent), indent);
            output.line(format_args!("{:indent$}{}", "", output.style(Style::Dim, from)));
        }
    }
    for adjustment in &row.adjustments {
        output.line(format_args!(
            "{}                 {:+6.2}{}",
            text::pad(&adjustment.name, names),
            adjustment.points,
            why(&adjustment.reason, output)
        ));
    }
    output.line(format_args!(
        "{}                 {}",
        text::pad("total", names),
        output.style(Style::Bold, format_args!("{:6.2}", row.score))
    ));
    let missing: Vec<String> =
        row.breakdown.iter().flat_map(|line| &line.missing).map(|name| text::line(name)).collect();
    let missing = if missing.is_empty() { String::new() } else { format!("; not stated: {}", missing.join(", ")) };
    output.line(format_args!("confidence {:.2}{missing}", row.confidence));
    if let Some(rule) = &row.rule {
        let told = format!("rule {} ({}): {}", text::line(&rule.name), rule.action.name(), text::line(&rule.reason));
        output.line(text::wrap(&told, output.width().saturating_sub(4), 4));
    }
    for fault in &row.faults {
        output.line(format_args!("{} {}", output.style(Style::Bad, "fault:"), text::line(fault)));
    }
}

/// Says why a lead's texts are missing, if they are.
pub(in crate::cli) fn tell_fetched(fetched: &Fetched, output: &mut Output) {
    const HEAD: &str = "The texts were purged, as the platform's terms do not let them be kept";
    match fetched {
        Fetched::Again => {}
        Fetched::Gone => output.message(format_args!("{HEAD}, and the platform no longer has the posting.")),
        Fetched::Unsupported => {
            output.message(format_args!("{HEAD}, and its plugin cannot fetch them again: read them at the address."));
        }
        Fetched::Failed(error) => {
            output.message(format_args!("{HEAD}, and could not be fetched again: {}", text::line(&error.to_string())));
        }
    }
}

/// What a signal was measured from.
fn measured(line: &LineRow) -> String {
    let missing: Vec<String> = line.missing.iter().map(|name| text::line(name)).collect();
    let missing = if missing.is_empty() { String::new() } else { format!("; not stated: {}", missing.join(", ")) };
    format!("measured: {}; confidence {:.2}{missing}", text::line(&line.raw), line.confidence)
}

/// Shows a lead. To be shown to a person is to be seen, and what was purged is fetched again; both need the store for writing, which is
/// opened only then.
pub(super) async fn show(app: &App, reference: &str, output: &mut Output) -> Result<u8, AppError> {
    let reading = app.services(Access::Read).await?;
    let mut stored = match leads::find(app, &reading, reference).await? {
        Found::Lead(stored) => *stored,
        Found::Skipped(stored) => {
            let code = skipped(&stored, output);
            reading.close().await;
            return Ok(code);
        }
    };
    let history = history(&reading, &stored).await?;
    reading.close().await;
    let is_seen = stored.mark == Mark::New && !output.is_json();
    if is_seen || stored.purged_at.is_some() {
        let writing = app.services(Access::Write).await?;
        if stored.purged_at.is_some() {
            tell_fetched(&retention::fetch_again(app, &writing, &mut stored).await?, output);
        }
        if is_seen {
            leads::mark(&writing, &stored, Mark::Seen).await?;
            stored.mark = Mark::Seen;
        }
        writing.close().await;
    }
    let row = stored_row(&stored);
    if output.is_json() {
        output.json(&ShownDocument { lead: row, posting: posting_row(&stored.lead.posting), history });
        return Ok(exit::OK);
    }
    headline(&row, output);
    facts(&stored.lead.posting, output);
    output.line("");
    output.line(text::paragraphs(&stored.lead.posting.description));
    breakdown(&row.lead, false, output);
    changes(&history, output);
    Ok(exit::OK)
}

fn facts(posting: &Posting, output: &mut Output) {
    output.line("");
    for (name, value) in posting::facts(posting) {
        output.line(format_args!("{}{}", text::pad(name, 14), text::line(&value)));
    }
}
