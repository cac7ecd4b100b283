//! What the filters of a scan dropped, and which of them to relax first where little is left.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::App;
use super::scan::{ScanResult, SkippedRow};
use crate::lead::Stage;
use crate::plain;

/// Fewer leads than this are few: the person is told what would bring more.
pub const FEW: usize = 5;

/// How many postings of a scan a filter dropped. A posting that several filters would drop counts for the first that did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DroppedRow {
    /// The platform's id.
    pub platform: String,
    /// `read`, `screening`...
    pub stage: &'static str,
    /// The filter: a setting, a filter of the person's own, a rule.
    pub filter: String,
    /// How many.
    pub count: usize,
}

/// What each filter dropped, the most first.
#[must_use]
pub fn dropped(skipped: &[SkippedRow]) -> Vec<DroppedRow> {
    let mut counts: BTreeMap<(&str, &'static str, &str), usize> = BTreeMap::new();
    for row in skipped {
        *counts.entry((&row.platform, row.stage, &row.filter)).or_default() += 1;
    }
    let row = |((platform, stage, filter), count): ((&str, &'static str, &str), usize)| DroppedRow {
        platform: platform.to_owned(),
        stage,
        filter: filter.to_owned(),
        count,
    };
    let mut rows: Vec<DroppedRow> = counts.into_iter().map(row).collect();
    rows.sort_by_key(|row| Reverse(row.count));
    rows
}

/// The filter to relax first: of those that the person can change, the one that dropped the most. None where a scan leaves enough to
/// show, or where no filter is behind it.
#[must_use]
pub fn relax_first<'r>(app: &App, result: &ScanResult, dropped: &'r [DroppedRow]) -> Option<&'r DroppedRow> {
    let display_min = f64::from(app.config().scoring.thresholds.display_min);
    let shown = result.leads.iter().filter(|lead| lead.score >= display_min).count();
    if shown >= FEW || shown >= result.skipped.len() {
        return None;
    }
    dropped.iter().find(|row| is_the_persons(app, &row.platform, row.stage, &row.filter))
}

/// The most settings that [`broaden`] names.
const NAMED: usize = 3;

/// What to broaden where platforms have little for a person: the filters that are on, but for the one that is to be relaxed first. Quoted, for a sentence;
/// none where nothing narrows what is asked for.
#[must_use]
pub fn broaden(app: &App, result: &ScanResult, relax_first: Option<&DroppedRow>) -> Option<String> {
    let sections = result.platforms.iter().filter_map(|platform| app.section(&platform.platform).ok());
    let names: BTreeSet<&str> = sections.flat_map(|section| &section.filters).map(|(name, _)| name.as_str()).collect();
    // `keywords.include` is of `keywords`.
    let first = relax_first.map(|row| row.filter.split_once('.').map_or(row.filter.as_str(), |(section, _)| section));
    let others = names.into_iter().filter(|name| first != Some(name));
    let quoted: Vec<String> = others.take(NAMED).map(|name| format!("`{}`", plain::line(name))).collect();
    (!quoted.is_empty()).then(|| quoted.join(" or "))
}

/// Whether a filter is one that the person sets: that a posting was read badly or is closed, nobody can relax.
#[must_use]
pub fn is_the_persons(app: &App, platform: &str, stage: &str, filter: &str) -> bool {
    let set = || app.settings(platform).unwrap_or_default().iter().any(|setting| setting.name == filter);
    match stage {
        stage if stage == Stage::Screening.as_str() => set(),
        stage => stage == Stage::Filter.as_str() || stage == Stage::Rule.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_counted_for_each_platform_and_the_most_comes_first() {
        let skipped = |platform: &str, filter: &str| SkippedRow {
            platform: platform.to_owned(),
            id: "1".to_owned(),
            title: String::new(),
            stage: "screening",
            filter: filter.to_owned(),
            reason: String::new(),
            url: None,
        };
        let rows = dropped(&[skipped("a", "x"), skipped("b", "x"), skipped("b", "y"), skipped("b", "y")]);
        let rows: Vec<_> = rows.iter().map(|row| (row.platform.as_str(), row.filter.as_str(), row.count)).collect();
        assert_eq!(rows, [("b", "y", 2), ("a", "x", 1), ("b", "x", 1)]);
    }
}
