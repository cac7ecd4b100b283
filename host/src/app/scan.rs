//! Scanning platforms, side by side: what fails on one never touches another.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::error::{exit, of_failure};
use super::turn::Turn;
use super::{App, AppError, Services, retention};
use crate::config::RuleAction;
use crate::contract::search::Notice;
use crate::lead::{Adjustment, Applied, Explained, Lead, Line, Skipped};
use crate::pipeline::course::Reach;
use crate::pipeline::judge::Customs;
use crate::pipeline::{self, Observer, PluginPlatform, ScanReport, ScanRequest, context};
use crate::plugin::installed::Unusable;
use crate::plugin::platform::PlatformPlugin;
use crate::store::{Page, PageSummary, ScanFailure, StoreError};

/// A lead, as it is printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadRow {
    /// The platform's id.
    pub platform: String,
    /// The posting's id there.
    pub id: String,
    /// Its title, as the platform gave it.
    pub title: String,
    /// Where to read it.
    pub url: String,
    /// When it was posted, in seconds since 1970, if that is known; of two that score alike, the newer comes first, and one of unknown age last.
    #[serde(skip)]
    pub posted_at: Option<i64>,
    /// Points, 0 to 100, in hundredths.
    pub score: f64,
    /// 0 to 1.
    pub confidence: f64,
    /// The weighted signals.
    pub breakdown: Vec<LineRow>,
    /// What was added or taken.
    pub adjustments: Vec<AdjustmentRow>,
    /// What went wrong in judging it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// The rule that decided, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Applied>,
}

impl LeadRow {
    /// Whether a rule ranks it before all others.
    fn is_first(&self) -> bool {
        self.rule.as_ref().is_some_and(|rule| rule.action == RuleAction::Priority)
    }
}

/// A weighted signal, as it is printed: points in hundredths, weight as a share of 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LineRow {
    /// Its name.
    pub signal: String,
    /// What was measured.
    pub raw: String,
    /// 0 to 1.
    pub value: f64,
    /// 0 to 1; those of a breakdown sum to 1.
    pub weight: f64,
    /// What it adds.
    pub points: f64,
    /// Why.
    pub reason: String,
    /// Inputs that were absent.
    pub missing: Vec<String>,
    /// How much of what the signal needs was there: 0 to 1.
    pub confidence: f64,
}

/// An adjustment, as it is printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdjustmentRow {
    /// Its name.
    pub name: String,
    /// What it adds.
    pub points: f64,
    /// Why.
    pub reason: String,
}

/// A skipped posting, as it is printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SkippedRow {
    /// The platform's id.
    pub platform: String,
    /// The posting's id there.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `read`, `screening`...
    pub stage: &'static str,
    /// The filter that dropped it.
    pub filter: String,
    /// Why.
    pub reason: String,
    /// Where to read it, if known.
    pub url: Option<String>,
}

/// What came of a platform's scan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlatformRow {
    /// The platform's id.
    pub platform: String,
    /// Postings that it delivered.
    pub fetched: u64,
    /// Never seen before.
    pub new: u64,
    /// Different from when they were last seen.
    pub changed: u64,
    /// How long it took.
    pub duration_ms: u64,
    /// Why it ended early, if it did.
    pub error: Option<ErrorRow>,
    /// What the person should know.
    pub notices: Vec<NoticeRow>,
    /// What is unchanged since then was left out, in seconds since 1970; none where everything was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// Postings that a scan which was cut off had fetched: this one went on where that ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumed_after: Option<u64>,
}

/// Why a scan ended early.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorRow {
    /// For a program: `rate-limited`.
    pub kind: String,
    /// What happened.
    pub message: String,
    /// What to do.
    pub remedy: Option<String>,
    /// How many seconds the platform asks to be left alone for, where it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// Something about a scan that the person should know.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoticeRow {
    /// In a few words.
    pub title: &'static str,
    /// What it is about.
    pub subject: String,
    /// In a sentence.
    pub message: String,
}

/// What a scan of one or more platforms found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ScanResult {
    /// Best first.
    pub leads: Vec<LeadRow>,
    /// In the order in which they were met.
    pub skipped: Vec<SkippedRow>,
    /// One for each platform.
    pub platforms: Vec<PlatformRow>,
}

impl ScanResult {
    /// The exit code for scripts: that of the first failure.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let failed = self.platforms.iter().find_map(|platform| platform.error.as_ref());
        failed.map_or(exit::OK, |error| {
            of_failure(&ScanFailure { kind: error.kind.clone(), message: String::new(), remedy: None })
        })
    }
}

/// How far a scan is, for a person who waits.
pub trait Progress: Send + Sync {
    /// So many postings of a platform were fetched, of so many in all where it says.
    fn fetched(&self, platform: &str, fetched: u64, total: Option<u64>);
    /// A platform is done.
    fn done(&self, platform: &str);
}

/// How platforms are scanned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// What is looked at.
    pub reach: Reach,
    /// Store nothing.
    pub dry_run: bool,
}

/// Scans platforms side by side. Those whose plugin is not loaded get a row that says so.
///
/// # Errors
/// Only what keeps every platform from being scanned; what one of them fails on is in its row.
pub async fn scan(
    app: &App,
    services: &Services,
    plugins: &[Arc<PlatformPlugin>],
    unusable: &[&Unusable],
    how: How,
    progress: &dyn Progress,
) -> Result<ScanResult, AppError> {
    // Before any platform is asked: leads that a filter was to hide are not to be shown because it is missing.
    let customs = app.customs().await?;
    let scans = plugins.iter().map(|plugin| scan_one(app, services, plugin, &customs, how, progress));
    let mut result = ScanResult::default();
    result.platforms.extend(unusable.iter().map(|plugin| not_loaded(plugin)));
    for scanned in futures_util::future::join_all(scans).await {
        result.leads.extend(scanned.leads);
        result.skipped.extend(scanned.skipped);
        result.platforms.extend(scanned.platforms);
    }
    result.leads.sort_by(|a, b| {
        b.is_first().cmp(&a.is_first()).then(b.score.total_cmp(&a.score)).then(b.posted_at.cmp(&a.posted_at))
    });
    Ok(result)
}

fn not_loaded(plugin: &Unusable) -> PlatformRow {
    let error = ErrorRow {
        kind: "fault".to_owned(),
        message: plugin.to_string(),
        remedy: Some(plugin.remedy.clone()),
        retry_after: None,
    };
    PlatformRow {
        platform: plugin.id.clone(),
        fetched: 0,
        new: 0,
        changed: 0,
        duration_ms: 0,
        error: Some(error),
        notices: Vec::new(),
        since: None,
        resumed_after: None,
    }
}

async fn scan_one(
    app: &App,
    services: &Services,
    plugin: &Arc<PlatformPlugin>,
    customs: &Customs,
    how: How,
    progress: &dyn Progress,
) -> ScanResult {
    let platform = plugin.id().to_owned();
    let mut collector = Collector { platform: &platform, progress, leads: Vec::new(), skipped: Vec::new() };
    let mut row = scan_watched(app, services, plugin, customs, how, &mut collector).await;
    progress.done(&platform);
    row.fetched = row.fetched.max((collector.leads.len() + collector.skipped.len()) as u64);
    ScanResult { leads: collector.leads, skipped: collector.skipped, platforms: vec![row] }
}

/// Scans a platform and tells an observer of each page.
pub async fn scan_watched(
    app: &App,
    services: &Services,
    plugin: &Arc<PlatformPlugin>,
    customs: &Customs,
    how: How,
    observer: &mut dyn Observer,
) -> PlatformRow {
    let platform = plugin.id().to_owned();
    match run(app, services, plugin, customs, how, observer).await {
        Ok(report) => PlatformRow {
            platform: platform.clone(),
            fetched: report.fetched,
            new: report.new,
            changed: report.changed,
            duration_ms: u64::try_from(report.duration.as_millis()).unwrap_or(u64::MAX),
            error: report.failure.map(|f| ErrorRow {
                kind: f.kind,
                message: f.message,
                remedy: f.remedy,
                retry_after: report.retry_after.map(|wait| wait.as_secs()),
            }),
            notices: report.notices.iter().map(notice).collect(),
            since: report.since,
            resumed_after: Some(report.resumed_after).filter(|fetched| *fetched > 0),
        },
        Err(error) => not_scanned(platform, &error),
    }
}

/// The row of a platform whose scan could not be begun, or whose pages could not be stored.
#[must_use]
pub fn not_scanned(platform: String, error: &AppError) -> PlatformRow {
    PlatformRow {
        platform,
        fetched: 0,
        new: 0,
        changed: 0,
        duration_ms: 0,
        error: Some(ErrorRow {
            kind: kind(error).to_owned(),
            message: error.to_string(),
            remedy: error.remedy().map(str::to_owned),
            retry_after: None,
        }),
        notices: Vec::new(),
        since: None,
        resumed_after: None,
    }
}

fn kind(error: &AppError) -> &'static str {
    match error {
        AppError::Store(StoreError::ScanRunning { .. } | StoreError::Busy { .. } | StoreError::LeaseLost { .. }) => {
            "busy"
        }
        AppError::Store(_) => "storage",
        AppError::Auth(_) | AppError::Explained { .. } => "unauthenticated",
        _ => "fault",
    }
}

fn notice(notice: &Notice) -> NoticeRow {
    NoticeRow {
        title: pipeline::notice_title(notice.kind),
        subject: notice.subject.clone(),
        message: notice.message.clone(),
    }
}

async fn run(
    app: &App,
    services: &Services,
    plugin: &Arc<PlatformPlugin>,
    customs: &Customs,
    How { reach, dry_run }: How,
    observer: &mut dyn Observer,
) -> Result<ScanReport, AppError> {
    let section = app.section(plugin.id())?;
    let _turn = if dry_run { None } else { take_turn(app, services, plugin.id()).await? };
    if !dry_run {
        // A process that runs for long opens the store once.
        retention::purge(app, services.store.as_ref()).await;
    }
    let request = ScanRequest {
        account: app.account(plugin.id()),
        settings: app.settings(plugin.id())?,
        filters: section.filters.clone(),
        profile: context::profile(&app.config().profile, plugin.id()),
        parameters: context::parameters(&app.config().scoring),
        weights: context::weighing(&app.config().scoring),
        customs: customs.clone(),
        rules: app.config().rules.clone(),
        limit: section.max_results_per_scan,
        reach,
        dry_run,
        owner: format!("process {}", std::process::id()),
    };
    let platform = PluginPlatform { plugin: plugin.clone(), work: app.work(services, plugin)? };
    Ok(pipeline::scan(&platform, services.store.as_ref(), app.installation.clock.as_ref(), &request, observer).await?)
}

/// How often the turn is asked for, where the lease is free already and the lock not yet.
const TRIES: u32 = 50;

/// Takes the turn on this machine, and ends a lease that a process which is gone has left. Where another process has the turn, the
/// store's lease says who.
async fn take_turn(app: &App, services: &Services, platform: &str) -> Result<Option<Turn>, AppError> {
    let account = app.account(platform);
    for _ in 0..TRIES {
        if let Some(turn) = Turn::take(app.home(), platform)? {
            services.store.end_scan_lease(&account).await?;
            return Ok(Some(turn));
        }
        let owner = format!("process {}", std::process::id());
        let lease = services.store.acquire_scan_lease(&account, &owner, app.now(), Duration::from_secs(1)).await?;
        services.store.release_scan_lease(&lease).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(None)
}

/// Keeps what is printed of each page, and lets the rest of it go.
struct Collector<'a> {
    platform: &'a str,
    progress: &'a dyn Progress,
    leads: Vec<LeadRow>,
    skipped: Vec<SkippedRow>,
}

impl Observer for Collector<'_> {
    fn page(&mut self, page: &Page, _known: &PageSummary) {
        self.leads.extend(page.leads.iter().map(|lead| lead_row(self.platform, lead)));
        self.skipped.extend(page.skipped.iter().map(|skipped| skipped_row(self.platform, skipped)));
    }

    fn progress(&mut self, fetched: u64, total: Option<u64>) {
        self.progress.fetched(self.platform, fetched, total);
    }
}

/// A lead, as it is printed.
#[must_use]
pub fn lead_row(platform: &str, lead: &Lead) -> LeadRow {
    let Explained { score, confidence, breakdown, adjustments, faults, rule, passed: _ } = &lead.explained;
    LeadRow {
        platform: platform.to_owned(),
        id: lead.posting.id.clone(),
        title: lead.posting.title.clone(),
        url: lead.posting.url.clone(),
        posted_at: lead.posting.posted_at,
        score: score.points(),
        confidence: (confidence * 100.0).round() / 100.0,
        breakdown: breakdown.iter().map(line_row).collect(),
        adjustments: adjustments.iter().map(adjustment_row).collect(),
        faults: faults.clone(),
        rule: rule.clone(),
    }
}

fn line_row(line: &Line) -> LineRow {
    LineRow {
        signal: line.signal.clone(),
        raw: line.raw.clone(),
        value: (line.value * 10_000.0).round() / 10_000.0,
        weight: f64::from(line.weight) / 10_000.0,
        points: f64::from(line.points) / 100.0,
        reason: line.reason.clone(),
        missing: line.missing.clone(),
        confidence: (line.confidence * 100.0).round() / 100.0,
    }
}

fn adjustment_row(adjustment: &Adjustment) -> AdjustmentRow {
    AdjustmentRow {
        name: adjustment.name.clone(),
        points: f64::from(adjustment.points) / 100.0,
        reason: adjustment.reason.clone(),
    }
}

/// A skipped posting, as it is printed.
#[must_use]
pub fn skipped_row(platform: &str, skipped: &Skipped) -> SkippedRow {
    SkippedRow {
        platform: platform.to_owned(),
        id: skipped.id.clone(),
        title: skipped.title.clone(),
        stage: skipped.stage.as_str(),
        filter: skipped.filter.clone(),
        reason: skipped.reason.clone(),
        url: skipped.url.clone(),
    }
}
