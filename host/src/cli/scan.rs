//! `scan`.

use std::collections::BTreeMap;

use super::args::Scan;
use super::notify::{News, tell};
use super::output::{Output, Style};
use super::plugins::warn_of_lock;
use super::progress::Bars;
use super::status::warn_of_endings;
use super::{table, text};
use crate::app::keep_alive::keep_alive;
use crate::app::scan::{self, How, PlatformRow, ScanResult, SkippedRow};
use crate::app::{Access, App, AppError};
use crate::pipeline::course::Reach;

/// Fewer leads than this are few: the person is told what would bring more.
const FEW: usize = 5;

/// Scans, and prints the ranked leads.
pub async fn run(args: Scan, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    output.warnings(&app.loaded);
    let (plugins, unusable) = app.asked(args.platform.as_deref())?;
    warn_of_lock(&app.installation, output);
    if plugins.is_empty() && unusable.is_empty() {
        return Err(AppError::Usage(
            "no platform is enabled; list one under `platforms:` in the configuration".to_owned(),
        ));
    }
    let services = app.services(if args.dry_run { Access::Read } else { Access::Write }).await?;
    let reach = if args.new { Reach::News } else { Reach::Everything };
    let how = How { reach, dry_run: args.dry_run };
    let result = scan::scan(&app, &services, &plugins, &unusable, how, &Bars::new()).await;
    if !args.dry_run {
        warn_of_endings(&keep_alive(&app, &services).await, output);
    }
    if let Ok(result) = &result {
        if output.is_json() {
            output.json(result);
        } else {
            print(result, &args, app.config().scoring.thresholds.display_min, output);
        }
        if !args.dry_run {
            tell(&app, &services, &News { plugins: &plugins, scans: Some(result) }, output).await;
        }
    }
    services.close().await;
    Ok(result?.exit_code())
}

fn print(result: &ScanResult, args: &Scan, display_min: u8, output: &mut Output) {
    let limit = args.limit;
    let shown: Vec<_> = result.leads.iter().filter(|lead| lead.score >= f64::from(display_min)).collect();
    if !shown.is_empty() {
        table::leads(&shown[..shown.len().min(limit)], output);
        output.line("");
    }
    for platform in &result.platforms {
        summary(platform, result, output);
    }
    let hidden = result.leads.len() - shown.len();
    if shown.len() > limit {
        let all = if args.dry_run { "a larger --limit shows them" } else { "ghoststack prospector leads list" };
        output.line(format_args!("{} more leads: {all}", shown.len() - limit));
    }
    if hidden > 0 {
        output.line(format_args!(
            "{hidden} leads score below {display_min} and are hidden (scoring.thresholds.display_min)"
        ));
    }
    if shown.is_empty() {
        advise("Nothing to show.", result, args.dry_run, output);
    } else if args.dry_run {
        output
            .line("Nothing was stored. With --json each lead has its breakdown, and each skipped posting its reason.");
    } else if let Some(best) = shown.first() {
        output.line(format_args!("Why the best is best: ghoststack prospector leads explain {}", text::line(&best.id)));
        if shown.len() < FEW && shown.len() < result.skipped.len() {
            advise("Few results.", result, args.dry_run, output);
        }
    }
}

fn summary(platform: &PlatformRow, result: &ScanResult, output: &mut Output) {
    let leads = result.leads.iter().filter(|lead| lead.platform == platform.platform).count();
    let skipped: Vec<&SkippedRow> =
        result.skipped.iter().filter(|skipped| skipped.platform == platform.platform).collect();
    let head = output.style(Style::Bold, &platform.platform);
    output.line(format_args!(
        "{head}: {} postings, {} new, {} changed, in {:.1} s: {leads} leads, {} skipped{}",
        platform.fetched,
        platform.new,
        platform.changed,
        platform.duration_ms as f64 / 1000.0,
        skipped.len(),
        by_filter(&skipped),
    ));
    if let Some(fetched) = platform.resumed_after {
        output.line(format_args!("  gone on with a scan that was cut off after {fetched} postings; those are stored"));
    }
    if let Some(since) = platform.since {
        output.line(format_args!("  what is unchanged since {} was left out", text::time(since)));
    }
    for notice in &platform.notices {
        output.line(format_args!(
            "  {} ({}): {}",
            notice.title,
            text::line(&notice.subject),
            text::line(&notice.message)
        ));
    }
    if let Some(error) = &platform.error {
        let head = output.style(Style::Bad, "failed:");
        output.line(format_args!("  {head} {}", text::line(&error.message)));
        if let Some(remedy) = &error.remedy {
            output.line(format_args!("  next: {}", text::line(remedy)));
        }
    }
}

/// ` (min_employer_rating 7, unreadable 2)`
fn by_filter(skipped: &[&SkippedRow]) -> String {
    let counts = counts(skipped);
    if counts.is_empty() {
        return String::new();
    }
    let parts: Vec<String> = counts.iter().map(|(filter, count)| format!("{} {count}", text::line(filter))).collect();
    format!(" ({})", parts.join(", "))
}

/// Filters with how many postings each has dropped, the most first.
fn counts<'a>(skipped: &[&'a SkippedRow]) -> Vec<(&'a str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in skipped {
        *counts.entry(row.filter.as_str()).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// What to broaden where little or nothing is left to show.
fn advise(head: &str, result: &ScanResult, dry_run: bool, output: &mut Output) {
    if result.platforms.iter().any(|platform| platform.error.is_some()) {
        return;
    }
    let left_out = |of: &PlatformRow| of.since.is_some() || of.resumed_after.is_some();
    if result.platforms.iter().all(|platform| platform.fetched == 0 && left_out(platform)) {
        output.line("Nothing is new, and nothing has changed.");
        return;
    }
    output.line(head);
    let skipped: Vec<&SkippedRow> = result.skipped.iter().collect();
    match counts(&skipped).first() {
        _ if result.platforms.iter().all(|platform| platform.fetched == 0) => {
            output.line("The platforms have no posting for the present settings: broaden `categories` first.");
        }
        Some((filter, count)) => {
            output.line(format_args!(
                "`{}` has dropped the most ({count}): relax it first, or broaden `categories`.",
                text::line(filter)
            ));
            let where_to = if dry_run { "--json" } else { "ghoststack prospector leads skipped" };
            output.line(format_args!("Each with its reason: {where_to}"));
        }
        None => output.line("Lower scoring.thresholds.display_min, or complete `profile:` so that more can match."),
    }
}
