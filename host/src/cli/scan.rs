//! `scan`.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::args::Scan;
use super::notify::{News, tell};
use super::output::{Output, Style};
use super::plugins::warn_of_lock;
use super::progress::Bars;
use super::status::warn_of_endings;
use super::{table, text};
use crate::app::dropped::{self, DroppedRow};
use crate::app::keep_alive::keep_alive;
use crate::app::leads;
use crate::app::proposals::auto::{self, Made};
use crate::app::scan::{self, How, LeadRow, PlatformRow, ScanResult};
use crate::app::{Access, App, AppError, Services};
use crate::pipeline::course::Reach;
use crate::plugin::platform::PlatformPlugin;
use crate::proposal::State;

/// What is left out of the table.
struct Hidden {
    /// Leads that score less.
    below: u8,
    /// Leads that the person has dismissed, by platform and id.
    dismissed: BTreeSet<(String, String)>,
}

#[derive(Serialize)]
struct ScanDocument<'a> {
    #[serde(flatten)]
    result: &'a ScanResult,
    /// What each filter dropped, the most first.
    dropped: &'a [DroppedRow],
    /// Where few or no leads are left to show.
    relax_first: Option<&'a DroppedRow>,
    /// Proposals that were drafted by themselves; none of a dry run.
    drafts: Option<&'a Made>,
}

/// Scans, and prints the ranked leads.
pub async fn run(args: Scan, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open_for(args.platform.as_deref()).await?;
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
        let dropped = dropped::dropped(&result.skipped);
        let relax_first = dropped::relax_first(&app, result, &dropped);
        if output.is_json() {
            let made = if args.dry_run { None } else { drafts(&app, &services, &plugins, output).await };
            output.json(&ScanDocument { result, dropped: &dropped, relax_first, drafts: made.as_ref() });
        } else {
            let hidden = Hidden {
                below: app.config().scoring.thresholds.display_min,
                dismissed: leads::dismissed(&app, &services).await?,
            };
            let advice = Advice { relax_first, broaden: dropped::broaden(&app, result, relax_first) };
            print(result, &args, &hidden, &dropped, &advice, output);
            if !args.dry_run {
                // Platforms are asked what they take: the leads are not to wait for that.
                output.flush();
                let made = drafts(&app, &services, &plugins, output).await;
                made.iter().for_each(|made| tell_of_drafts(made, output));
            }
        }
        if !args.dry_run {
            tell(&app, &services, &News { plugins: &plugins, scans: Some(result) }, output).await;
        }
    }
    services.close().await;
    Ok(result?.exit_code())
}

/// Makes the drafts that are due. What keeps them from being made is told, and changes nothing of the scan.
async fn drafts(app: &App, services: &Services, plugins: &[Arc<PlatformPlugin>], output: &mut Output) -> Option<Made> {
    match auto::draft_due(app, services, plugins.iter().map(Arc::as_ref)).await {
        Ok(made) => {
            for problems in &made.broken {
                output.message(problems.render(output.width()).trim_end());
            }
            Some(made)
        }
        Err(error) => {
            output.message(format_args!("warning: drafts were not made: {}", text::line(&error.to_string())));
            None
        }
    }
}

fn tell_of_drafts(made: &Made, output: &mut Output) {
    let ready = made.drafted.iter().filter(|row| row.state == State::Review).count();
    if let [first, ..] = made.drafted.as_slice() {
        let many = made.drafted.len();
        let proposals = if many == 1 { "1 proposal was".to_owned() } else { format!("{many} proposals were") };
        output.line(format_args!(
            "{proposals} drafted, {ready} ready for review: ghoststack prospector proposals show {}{}",
            first.number,
            if many == 1 { "" } else { ", or proposals list" }
        ));
    }
    if made.waiting > 0 {
        output.line(format_args!("{} leads wait for a draft (proposals.auto_drafts_per_day)", made.waiting));
    }
    for row in &made.failed {
        let (id, message) = (text::line(&row.id), text::line(&row.error.message));
        output.message(format_args!("warning: {}/{id} has no draft: {message}", row.platform));
    }
}

fn print(
    result: &ScanResult,
    args: &Scan,
    hide: &Hidden,
    dropped: &[DroppedRow],
    advice: &Advice<'_>,
    output: &mut Output,
) {
    let limit = args.limit;
    let below = |lead: &&LeadRow| lead.score < f64::from(hide.below);
    let is_dismissed = |lead: &&LeadRow| hide.dismissed.contains(&(lead.platform.clone(), lead.id.clone()));
    let (low, high): (Vec<&LeadRow>, Vec<&LeadRow>) = result.leads.iter().partition(below);
    let (dismissed, shown): (Vec<&LeadRow>, Vec<&LeadRow>) = high.into_iter().partition(is_dismissed);
    if !shown.is_empty() {
        table::leads(&shown[..shown.len().min(limit)], output);
        output.line("");
    }
    for platform in &result.platforms {
        summary(platform, result, dropped, output);
    }
    if shown.len() > limit {
        let all = if args.dry_run { "a larger --limit shows them" } else { "ghoststack prospector leads list" };
        output.line(format_args!("{} more leads: {all}", shown.len() - limit));
    }
    if !low.is_empty() {
        output.line(format_args!(
            "{} leads score below {} and are hidden (scoring.thresholds.display_min)",
            low.len(),
            hide.below
        ));
    }
    if !dismissed.is_empty() {
        output.line(format_args!(
            "{} dismissed leads are hidden: ghoststack prospector leads list --mark dismissed",
            dismissed.len()
        ));
    }
    if shown.is_empty() {
        advise("Nothing to show.", result, advice, args.dry_run, output);
    } else if args.dry_run {
        output
            .line("Nothing was stored. With --json each lead has its breakdown, and each skipped posting its reason.");
    } else if let Some(best) = shown.first() {
        output.line(format_args!("Why the best is best: ghoststack prospector leads explain {}", text::line(&best.id)));
        if advice.relax_first.is_some() {
            advise("Few results.", result, advice, args.dry_run, output);
        }
    }
}

fn summary(platform: &PlatformRow, result: &ScanResult, dropped: &[DroppedRow], output: &mut Output) {
    let leads = result.leads.iter().filter(|lead| lead.platform == platform.platform).count();
    let dropped: Vec<&DroppedRow> = dropped.iter().filter(|row| row.platform == platform.platform).collect();
    let head = output.style(Style::Bold, &platform.platform);
    output.line(format_args!(
        "{head}: {} postings, {} new, {} changed, in {:.1} s: {leads} leads, {} skipped{}",
        platform.fetched,
        platform.new,
        platform.changed,
        platform.duration_ms as f64 / 1000.0,
        dropped.iter().map(|row| row.count).sum::<usize>(),
        by_filter(&dropped),
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
fn by_filter(dropped: &[&DroppedRow]) -> String {
    if dropped.is_empty() {
        return String::new();
    }
    let parts: Vec<String> = dropped.iter().map(|row| format!("{} {}", text::line(&row.filter), row.count)).collect();
    format!(" ({})", parts.join(", "))
}

/// What would bring more.
struct Advice<'a> {
    relax_first: Option<&'a DroppedRow>,
    broaden: Option<String>,
}

/// What to broaden where little or nothing is left to show.
fn advise(head: &str, result: &ScanResult, advice: &Advice<'_>, dry_run: bool, output: &mut Output) {
    if result.platforms.iter().any(|platform| platform.error.is_some()) {
        return;
    }
    let left_out = |of: &PlatformRow| of.since.is_some() || of.resumed_after.is_some();
    if result.platforms.iter().all(|platform| platform.fetched == 0 && left_out(platform)) {
        output.line("Nothing is new, and nothing has changed.");
        return;
    }
    output.line(head);
    if result.platforms.iter().all(|platform| platform.fetched == 0) {
        match &advice.broaden {
            Some(names) => output
                .line(format_args!("The platforms have no posting for the present settings: broaden {names} first.")),
            None => {
                output.line("The platforms have no posting at all, and no setting narrows what they are asked for.")
            }
        }
        return;
    }
    match advice.relax_first {
        Some(DroppedRow { platform, filter, count, .. }) => {
            let broaden = advice.broaden.as_ref().map_or_else(String::new, |names| format!(", or broaden {names}"));
            output.line(format_args!(
                "`{}` has dropped the most ({platform}: {count} of {}): relax it first{broaden}.",
                text::line(filter),
                result.platforms.iter().map(|platform| platform.fetched).sum::<u64>(),
            ));
        }
        None => output.line("Lower scoring.thresholds.display_min, or complete `profile:` so that more can match."),
    }
    if !result.skipped.is_empty() {
        let where_to = if dry_run { "--json" } else { "ghoststack prospector leads skipped" };
        output.line(format_args!("What was skipped, each with its reason: {where_to}"));
    }
}
