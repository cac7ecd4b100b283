//! *Scans*: when each platform was scanned and what came of it, when it is scanned next, and scanning it now, with how far that is as it goes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use futures_util::stream::{Stream, unfold};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::app::AppError;
use crate::app::live::Live;
use crate::dashboard::answer::{Failure, Html};
use crate::dashboard::desk::Desk;
use crate::dashboard::door::session::Visitor;
use crate::dashboard::frame::Frame;
use crate::dashboard::runs::{Latest, Run};
use crate::dashboard::show::Moment;
use crate::plain;
use crate::store::{ScanRecord, ScanState, Scope};

/// Scans of a platform that are shown.
const SHOWN: u32 = 10;
/// News of a scan are not told more often.
const PACE: Duration = Duration::from_millis(150);
/// How long a browser is told; it asks again by itself, and is looked at anew.
const TOLD_FOR: Duration = Duration::from_secs(15 * 60);

/// The page's routes.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new().route("/scans", get(list)).route("/scans/events", get(events)).route("/scans/{platform}", post(scan))
}

struct Row {
    began: Moment,
    took: String,
    state: &'static str,
    is_bad: bool,
    fetched: u64,
    new: u64,
    changed: u64,
    kept: u64,
    skipped: u64,
    told: Vec<String>,
    remedy: Option<String>,
}

struct Platform {
    id: String,
    name: String,
    interval: String,
    next: Option<Moment>,
    failures: u32,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "scans.html")]
struct ScansPage {
    frame: Frame,
    platforms: Vec<Platform>,
    runs: Vec<RunRow>,
    /// Without script the page loads itself again for as long.
    is_running: bool,
}

/// How far a scan is that was begun here.
struct RunRow {
    platform: String,
    fetched: u64,
    total: Option<u64>,
    ended: Option<String>,
    is_bad: bool,
}

#[derive(Template)]
#[template(path = "scan_runs.html")]
struct RunsPart<'a> {
    runs: &'a [RunRow],
}

async fn list(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Failure> {
    let live = desk.live().await;
    let now = desk.now();
    let mut platforms = Vec::new();
    for plugin in live.app.platforms(None)? {
        platforms.push(platform(&live, plugin.id(), &plugin.descriptor.display_name, now).await?);
    }
    let runs = runs(&desk.runs.follow().borrow());
    let is_running = runs.iter().any(|run| run.ended.is_none());
    Ok(Html(ScansPage { frame: Frame::of(&desk, &visitor, "scans"), platforms, runs, is_running }).into_response())
}

async fn platform(live: &Live, id: &str, name: &str, now: i64) -> Result<Platform, AppError> {
    let Live { app, services, .. } = live;
    let account = app.account(id);
    let plan = services.store.plan(&account).await?;
    let scans = services.store.scans(&Scope::from(&account), now, SHOWN).await?;
    Ok(Platform {
        id: id.to_owned(),
        name: plain::line(name),
        interval: crate::config::format_duration(app.section(id)?.scan_interval),
        next: plan.as_ref().map(|plan| Moment::of(plan.due_at, now)),
        failures: plan.map_or(0, |plan| plan.failures),
        rows: scans.into_iter().map(|record| row(record, now)).collect(),
    })
}

fn row(of: ScanRecord, now: i64) -> Row {
    let failure = of.outcome.failure;
    let notices = of.outcome.notices.iter().map(|notice| plain::line(notice));
    let told = failure.iter().map(|failure| plain::paragraphs(&failure.message));
    Row {
        began: Moment::of(of.started_at, now),
        took: match of.state {
            ScanState::Running | ScanState::Interrupted => String::new(),
            _ => format!("{:.1} s", of.outcome.duration.as_secs_f64()),
        },
        state: match of.state {
            ScanState::Running => "running",
            ScanState::Interrupted => "interrupted",
            ScanState::Succeeded => "done",
            ScanState::Failed => "failed",
        },
        is_bad: matches!(of.state, ScanState::Failed | ScanState::Interrupted),
        fetched: of.outcome.fetched,
        new: of.counts.new,
        changed: of.counts.changed,
        kept: of.counts.kept,
        skipped: of.counts.skipped,
        told: told.chain(notices).collect(),
        remedy: failure.and_then(|failure| failure.remedy).map(|remedy| plain::line(&remedy)),
    }
}

fn runs(latest: &Latest) -> Vec<RunRow> {
    let row = |run: &Run| RunRow {
        platform: run.name.clone(),
        fetched: run.fetched,
        total: run.total,
        is_bad: run.ended.as_ref().is_some_and(|row| row.error.is_some()),
        ended: run.ended.as_ref().map(|row| match &row.error {
            None => format!(
                "{} fetched, {} new, {} changed, in {:.1} s",
                row.fetched,
                row.new,
                row.changed,
                row.duration_ms as f64 / 1000.0
            ),
            Some(error) => format!("failed: {}", plain::line(&error.message)),
        }),
    };
    latest.runs.values().map(row).collect()
}

async fn scan(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(platform): Path<String>,
) -> Result<Response, Failure> {
    let live = desk.live().await;
    let name = plain::line(&live.app.installation.plugin(&platform)?.descriptor.display_name);
    if desk.runs.begin(&platform, &name) {
        let at = desk.clone();
        desk.spawn(async move { at.runs.scan(&live, &platform).await });
    } else {
        desk.sessions.say(&visitor, format!("{name} is being scanned already."));
    }
    Ok(Redirect::to("/scans").into_response())
}

/// Tells how far scans are, for as long as somebody looks.
async fn events(State(desk): State<Arc<Desk>>, _: Visitor) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut following = desk.runs.follow();
    let ended = following.borrow_and_update().ended;
    let until = Instant::now() + TOLD_FOR;
    let stream = unfold((following, ended, true), move |(mut following, before, is_first)| async move {
        if !is_first {
            sleep(PACE).await;
            tokio::time::timeout_at(until, following.changed()).await.ok()?.ok()?;
        }
        let (now, event) = told(&following.borrow_and_update(), before);
        Some((Ok(event), (following, now, false)))
    });
    Sse::new(stream).keep_alive(KeepAlive::new())
}

/// What to tell: how far they are; that one has ended, where more have than before.
fn told(latest: &watch::Ref<'_, Latest>, before: u64) -> (u64, Event) {
    let part = RunsPart { runs: &runs(latest) }.render().unwrap_or_default();
    let name = if latest.ended > before { "ended" } else { "part" };
    (latest.ended, Event::default().event(name).data(part))
}
