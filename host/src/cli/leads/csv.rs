//! Leads as comma-separated values: RFC 4180, for spreadsheets.
//!
//! Texts of platforms are strangers' texts. A spreadsheet takes a cell that begins with `=` and the like for a formula, which may fetch
//! what it likes or tell what is in other cells; such a cell begins with an apostrophe here, which spreadsheets take for "a text".

use jiff::Timestamp;

use crate::cli::output::Output;
use crate::cli::text;
use crate::contract::SIGNALS;
use crate::contract::types::{Payment, Posting};
use crate::store::StoredLead;

/// What a cell must not begin with: what starts a formula in some spreadsheet, and what one skips before looking.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

const HEAD: [&str; 20] = [
    "platform",
    "id",
    "score",
    "confidence",
    "mark",
    "tags",
    "title",
    "url",
    "posted_at",
    "first_seen",
    "last_seen",
    "payment",
    "budget_minimum",
    "budget_maximum",
    "currency",
    "proposals",
    "client_country",
    "client_rating",
    "skills",
    "rule",
];

/// Prints leads, with a line of names before them. Times are in UTC, amounts in main units of their currency.
pub(super) fn leads(leads: &[StoredLead], output: &mut Output) {
    let head = HEAD.iter().copied().chain(SIGNALS);
    record(head.map(str::to_owned), output);
    for stored in leads {
        record(cells(stored), output);
    }
}

/// A record ends with CR and LF.
fn record(cells: impl Iterator<Item = String>, output: &mut Output) {
    let cells: Vec<String> = cells.collect();
    output.line(format_args!("{}\r", cells.join(",")));
}

fn cells(stored: &StoredLead) -> impl Iterator<Item = String> {
    let StoredLead { account, lead, mark, tags, first_seen, last_seen, .. } = stored;
    let (posting, explained) = (&lead.posting, &lead.explained);
    let budget = posting.budget.as_ref();
    let amount =
        |hundredths: Option<i64>| hundredths.map_or_else(String::new, |of| format!("{:.2}", of as f64 / 100.0));
    let number = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    let signal = |name: &str| explained.breakdown.iter().find(|line| line.signal == name).map(|line| line.value);
    let signals: Vec<String> =
        SIGNALS.iter().map(|name| number(signal(name).map(|value| (value * 10_000.0).round() / 10_000.0))).collect();
    [
        cell(&account.platform),
        cell(&posting.id),
        explained.score.to_string(),
        format!("{:.2}", explained.confidence),
        mark.as_str().to_owned(),
        cell(&tags.join(" ")),
        cell(&posting.title),
        cell(&posting.url),
        time(posting.posted_at),
        time(Some(*first_seen)),
        time(Some(*last_seen)),
        cell(payment(posting)),
        amount(budget.and_then(|budget| budget.minimum)),
        amount(budget.and_then(|budget| budget.maximum)),
        cell(budget.map_or("", |budget| budget.currency.as_str())),
        posting.competition.map_or_else(String::new, |of| of.proposals.minimum.to_string()),
        cell(posting.client.country.as_deref().unwrap_or_default()),
        number(posting.client.rating),
        cell(&posting.skills.join("; ")),
        cell(explained.rule.as_ref().map_or("", |rule| rule.name.as_str())),
    ]
    .into_iter()
    .chain(signals)
}

fn payment(posting: &Posting) -> &str {
    match &posting.payment {
        Payment::Fixed => "fixed",
        Payment::Hourly => "hourly",
        Payment::Prize => "prize",
        Payment::Unstated => "unstated",
        Payment::Other(other) => other,
    }
}

fn time(at: Option<i64>) -> String {
    at.and_then(|at| Timestamp::from_second(at).ok()).map_or_else(String::new, |at| at.to_string())
}

/// A text as a cell: on one line, no formula, quoted where it has to be.
fn cell(content: &str) -> String {
    let plain = text::line(content);
    let is_formula = |text: &str| text.starts_with(FORMULA);
    let safe = if is_formula(content) || is_formula(&plain) { format!("'{plain}") } else { plain };
    if safe.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_is_never_a_formula() {
        for (content, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("a, b", "\"a, b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "two lines"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'=1"),
            ("\r=1", "'=1"),
            ("  =1", "'=1"),
            ("\u{200b}=1", "'=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
        ] {
            assert_eq!(cell(content), expected, "{content:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_text_holds_its_cell_is_one_and_no_formula(content in "\\PC*|.*|[=+@\t\r\n\", -]{0,6}") {
            let cell = cell(&content);
            let inner = match cell.strip_prefix('"') {
                Some(quoted) => quoted.strip_suffix('"').expect("ends as it begins").replace("\"\"", "\u{0}"),
                None => cell.clone(),
            };
            prop_assert!(!inner.contains('"') && !inner.contains(['\n', '\r']));
            prop_assert!(cell.starts_with('"') || !cell.contains(','));
            prop_assert!(!inner.starts_with(FORMULA), "{cell:?}");
        }
    }
}
