//! Tables of leads and skipped postings, as wide as the terminal. Where that is too narrow for cells, a row has a line for each of its texts.

use unicode_width::UnicodeWidthStr;

use super::output::{Output, Style};
use super::text;
use crate::app::leads::StoredRow;
use crate::app::scan::{LeadRow, SkippedRow};
use crate::lead::Mark;

/// Columns that a row's two long texts need together to stand beside the others.
pub const LEAST: usize = 24;

/// What stands for the title of a lead whose texts are no longer kept.
const PURGED: &str = "(text no longer kept; `leads show` fetches it again)";

/// A lead's title.
pub fn title(row: &StoredRow) -> String {
    if row.purged_at.is_some() { PURGED.to_owned() } else { text::line(&row.lead.title) }
}

/// Stored leads, as they come, with a sign for their mark: `*` is starred, `x` dismissed, `.` new.
pub fn stored(rows: &[StoredRow], output: &mut Output) {
    let sign = |mark: Mark| match mark {
        Mark::New => '.',
        Mark::Seen => ' ',
        Mark::Starred => '*',
        Mark::Dismissed => 'x',
    };
    let titled: Vec<LeadRow> = rows
        .iter()
        .map(|row| {
            let tags: String = row.tags.iter().map(|tag| format!("[{tag}] ")).collect();
            LeadRow { title: format!("{} {tags}{}", sign(row.mark), title(row)), ..row.lead.clone() }
        })
        .collect();
    leads(&titled.iter().collect::<Vec<_>>(), output);
}

/// Leads, with what was measured for the signals that count most.
pub fn leads(rows: &[&LeadRow], output: &mut Output) {
    let ids = widest(rows.iter().map(|row| row.id.as_str()), 2, 20);
    let platform = platform_column(rows.iter().map(|row| row.platform.as_str()));
    let rest = output.width().saturating_sub(6 + ids + 6 + platform("").width());
    let titles = rest / 2;
    if rest >= LEAST {
        let head = format!(" SCORE  {}{}  {}  WHY", platform("PLATFORM"), cell("ID", ids), cell("TITLE", titles));
        output.line(output.style(Style::Dim, head));
    }
    for row in rows {
        let score = output.style(shade(row.score), format_args!("{:6.2}", row.score));
        if rest < LEAST {
            let of = format!("{}{}", platform(&row.platform), text::line(&row.id));
            output.line(format_args!("{score}  {}", text::fit(&of, output.width() - 8)));
            below(8, [&row.title, &why(row)], output);
            continue;
        }
        let cells = [cell(&row.id, ids), cell(&row.title, titles), text::fit(&why(row), rest - titles)];
        output.line(format_args!("{score}  {}{}", platform(&row.platform), cells.join("  ")));
    }
}

/// Skipped postings, with the filter that dropped each and its reason.
pub fn skipped(rows: &[SkippedRow], output: &mut Output) {
    let ids = widest(rows.iter().map(|row| row.id.as_str()), 2, 20);
    let filters = widest(rows.iter().map(|row| row.filter.as_str()), 6, 24);
    let platform = platform_column(rows.iter().map(|row| row.platform.as_str()));
    let rest = output.width().saturating_sub(ids + filters + 6 + platform("").width());
    let titles = rest * 2 / 5;
    let line = |[name, id, filter, title]: [&str; 4], reason: &str| {
        format!("{}{}  {}  {}  {reason}", platform(name), cell(id, ids), cell(filter, filters), cell(title, titles))
    };
    if rest >= LEAST {
        output.line(output.style(Style::Dim, line(["PLATFORM", "ID", "FILTER", "TITLE"], "REASON")));
    }
    for row in rows {
        if rest < LEAST {
            let of = format!("{}{}  {}", platform(&row.platform), text::line(&row.id), text::line(&row.filter));
            output.line(text::fit(&of, output.width()));
            below(2, [&row.title, &row.reason], output);
            continue;
        }
        let reason = text::fit(&text::line(&row.reason), rest - titles);
        output.line(line([&row.platform, &row.id, &row.filter, &row.title], &reason));
    }
}

/// The colour of a score.
pub fn shade(score: f64) -> Style {
    match score {
        75.0.. => Style::Good,
        50.0.. => Style::Fair,
        _ => Style::Dim,
    }
}

/// Texts on lines of their own, so far from the left.
pub fn below(indent: usize, texts: [&str; 2], output: &mut Output) {
    let columns = output.width().saturating_sub(indent);
    for words in texts.map(text::line).iter().filter(|words| !words.is_empty()) {
        output.line(format_args!("{:indent$}{}", "", text::fit(words, columns)));
    }
}

/// Tells of leads that something could not be tried on.
pub fn left_out(count: u64, output: &mut Output) {
    if count > 0 {
        let leads = if count == 1 { "lead was" } else { "leads were" };
        output.message(format_args!(
            "{count} {leads} left out: the platform's terms do not let their texts be kept for longer; the next scan fetches those that are still open"
        ));
    }
}

pub fn widest<'t>(texts: impl Iterator<Item = &'t str>, least: usize, most: usize) -> usize {
    texts.map(|words| text::line(words).width()).max().unwrap_or(least).clamp(least, most)
}

/// The cell of a platform in a table of these rows' platforms. Where all are of one, it goes without saying.
pub fn platform_column<'n>(names: impl Iterator<Item = &'n str>) -> impl Fn(&str) -> String {
    let names: Vec<&str> = names.collect();
    let several = names.windows(2).any(|pair| pair[0] != pair[1]);
    let columns = widest(names.into_iter(), 8, 16);
    move |name| if several { format!("{}  ", cell(name, columns)) } else { String::new() }
}

/// A text on one line, in just so many columns.
pub fn cell(content: &str, columns: usize) -> String {
    text::pad(&text::fit(&text::line(content), columns), columns)
}

/// What was measured for the signals that weigh most.
fn why(row: &LeadRow) -> String {
    if let Some(fault) = row.faults.first() {
        return text::line(fault);
    }
    let mut lines: Vec<_> = row.breakdown.iter().filter(|line| line.missing.is_empty() && line.weight > 0.0).collect();
    lines.sort_by(|a, b| b.points.total_cmp(&a.points));
    lines.iter().take(3).map(|line| text::line(&line.raw)).collect::<Vec<_>>().join(" · ")
}
