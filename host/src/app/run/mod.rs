//! The daemon: scans when it is time, and looks after tokens, wake-ups and notifications meanwhile. One for a home.
//!
//! When is [`crate::scheduler`]'s to say; here is what is done then. The configuration in force is a [`Live`], which is replaced as a whole: what
//! was begun with one ends with it.

mod chores;
pub mod health;
pub mod supervisor;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::keep_alive::Ending;
use super::live::Live;
use super::proposals::auto::{self, Made};
use super::scan::{How, PlatformRow, not_scanned, scan_watched};
use super::turn::Turn;
use super::{App, AppError, following, notify};
use crate::config::Home;
use crate::lead::AccountKey;
use crate::notify::Attempted;
use crate::pipeline::course::Reach;
use crate::pipeline::{Observer, STOPPED};
use crate::scheduler::{Ask, Outcome, Plan, Plans, Scheduler, Work};
use crate::store::{Page, PageSummary};
use chores::Chores;
use health::Health;
use supervisor::Supervisor;

/// Is told what a person who reads the log should know.
pub trait Reporter {
    /// The daemon begins its work.
    fn started(&self, app: &App);
    /// A scan has ended.
    fn scanned(&self, row: &PlatformRow);
    /// Proposals were drafted by themselves, or could not be.
    fn drafted(&self, made: &Made);
    /// Another configuration is in force.
    fn reloaded(&self, app: &App);
    /// What was configured anew cannot be used, and what was in force before is kept.
    fn not_reloaded(&self, error: &AppError);
    /// Connections that will end unless something works until then.
    fn endings(&self, endings: &[Ending]);
    /// Deliveries that were tried.
    fn delivered(&self, tried: &[Attempted]);
    /// Proposals and contracts of a platform were looked at.
    fn followed(&self, platform: &str, round: &following::Round);
    /// Something that failed beside scans, and is tried again.
    fn troubled(&self, what: &str, error: &dyn std::fmt::Display);
    /// The daemon has come to a stop.
    fn stopped(&self);
}

/// A daemon fetches what is new or changed; everything once a day.
const NEWS: How = How { reach: Reach::News, dry_run: false };

/// What a daemon is started with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// Do what is due, and end.
    pub once: bool,
    /// Answer `GET /health` on this port of 127.0.0.1, in place of `daemon.health_port`.
    pub health_port: Option<u16>,
}

/// Runs until it is asked to stop.
///
/// # Errors
/// [`AppError::Busy`] where another daemon serves the home; what keeps this one from starting.
pub async fn run(
    home: Home,
    wishes: Wishes,
    reporter: &dyn Reporter,
    asks: &mut mpsc::UnboundedReceiver<Ask>,
) -> Result<(), AppError> {
    let _turn = only_one(&home)?;
    let live = Live::open(home.clone()).await?;
    let clock = live.app.installation.clock.clone();
    let health = Health::new(clock.clone());
    let _server = match wishes.health_port.or(live.app.config().daemon.health_port) {
        Some(port) => Some(health::serve(port, health.clone()).await?),
        None => None,
    };
    let supervisor = Supervisor::from_env();
    let daemon = Daemon::new(home, live, reporter, health, supervisor);
    reporter.started(&daemon.live().app);
    daemon.supervisor.tell("READY=1");
    let scheduler = Scheduler::new(&daemon, &daemon, clock.as_ref(), chance);
    let scheduler = match daemon.supervisor.watchdog() {
        Some(every) => scheduler.sleeping_at_most(every / 2),
        None => scheduler,
    };
    match wishes.once {
        true => scheduler.run_once(asks).await,
        false => scheduler.run(asks).await,
    }
    daemon.close().await;
    reporter.stopped();
    Ok(())
}

/// The lock ends with the process that holds it, however that ends.
fn only_one(home: &Home) -> Result<Turn, AppError> {
    Turn::take_at(home, &home.daemon_lock())?.ok_or_else(|| {
        AppError::Busy(format!("another `ghoststack prospector run` serves {} already", home.root().display()))
    })
}

fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX))
}

struct Daemon<'r> {
    home: Home,
    live: RefCell<Rc<Live>>,
    /// Those whose last work has not ended yet.
    retired: RefCell<Vec<Rc<Live>>>,
    reporter: &'r dyn Reporter,
    chores: RefCell<Chores>,
    stopping: AtomicBool,
    health: Health,
    supervisor: Supervisor,
}

impl<'r> Daemon<'r> {
    fn new(home: Home, live: Live, reporter: &'r dyn Reporter, health: Health, supervisor: Supervisor) -> Daemon<'r> {
        Daemon {
            home,
            live: RefCell::new(Rc::new(live)),
            retired: RefCell::default(),
            reporter,
            chores: RefCell::default(),
            stopping: AtomicBool::new(false),
            health,
            supervisor,
        }
    }

    fn live(&self) -> Rc<Live> {
        self.live.borrow().clone()
    }

    fn account(&self, platform: &str) -> AccountKey {
        self.live.borrow().app.account(platform)
    }

    /// Closes those that nobody works with any more.
    async fn bury(&self) {
        let (done, rest): (Vec<_>, Vec<_>) =
            self.retired.take().into_iter().partition(|live| Rc::strong_count(live) == 1);
        self.retired.replace(rest);
        for live in done.into_iter().filter_map(Rc::into_inner) {
            live.services.close().await;
        }
    }

    async fn reload(&self) {
        self.supervisor.reloading();
        match Live::open(self.home.clone()).await {
            Ok(live) => {
                let former = self.live.replace(Rc::new(live));
                self.retired.borrow_mut().push(former);
                self.health.keep_only(&self.platforms());
                self.health.configuration(None);
                self.reporter.reloaded(&self.live().app);
            }
            Err(error) => {
                // Tried again when it changes again.
                self.live.borrow().refused();
                self.health.configuration(Some(error.to_string()));
                self.reporter.not_reloaded(&error);
            }
        }
        self.supervisor.tell("READY=1");
        self.supervisor.status(self.health.line());
    }

    async fn close(self) {
        self.bury().await;
        let live = self.live.into_inner();
        // A scan that was dropped has let go of it.
        if let Some(live) = Rc::into_inner(live) {
            live.services.close().await;
        }
    }

    /// Drafts what a scan has left to be drafted.
    async fn draft(&self, live: &Live, platform: &str) {
        let Ok(plugin) = live.app.installation.plugin(platform) else { return };
        match auto::draft_due(&live.app, &live.services, [plugin.as_ref()]).await {
            Ok(made) if made.is_empty() => {}
            Ok(made) => self.reporter.drafted(&made),
            Err(error) => self.reporter.troubled("drafts were not made", &error),
        }
    }

    async fn tell_of(&self, live: &Live, row: PlatformRow) {
        if let Err(error) = notify::post_scan(&live.app, &live.services, row).await {
            self.reporter.troubled("notifications were not posted", &error);
        }
    }
}

/// Lets a scan go on until the daemon is to stop; what it finds is in the store.
struct Watched<'d>(&'d AtomicBool);

impl Observer for Watched<'_> {
    fn page(&mut self, _page: &Page, _known: &PageSummary) {}

    fn progress(&mut self, _fetched: u64, _total: Option<u64>) {}

    fn goes_on(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

#[async_trait(?Send)]
impl Work for Daemon<'_> {
    fn platforms(&self) -> Vec<(String, Duration)> {
        let live = self.live.borrow();
        // One that is not loaded has its turn as well: its scan fails, and says what would put it right.
        let (plugins, unusable) = live.app.asked(None).unwrap_or_default();
        let ids = plugins.iter().map(|plugin| plugin.id()).chain(unusable.iter().map(|plugin| plugin.id.as_str()));
        let interval = |id: &str| live.app.section(id).map(|section| section.scan_interval);
        ids.filter_map(|id| Some((id.to_owned(), interval(id).ok()?))).collect()
    }

    async fn look(&self, wanted: bool) {
        self.health.beat();
        self.supervisor.tell("WATCHDOG=1");
        self.bury().await;
        let live = self.live();
        if wanted || live.has_changed().await {
            drop(live);
            self.reload().await;
        }
    }

    async fn scan(&self, platform: &str) -> Outcome {
        let live = self.live();
        let begun = Instant::now();
        let row = match live.app.installation.plugin(platform) {
            Ok(plugin) => {
                let mut watched = Watched(&self.stopping);
                scan_watched(&live.app, &live.services, plugin, &live.customs, NEWS, &mut watched).await
            }
            Err(error) => not_scanned(platform.to_owned(), &error),
        };
        tracing::debug!(platform, seconds = begun.elapsed().as_secs_f64(), "a scan has ended");
        let outcome = outcome(&row);
        self.health.scanned(&row);
        self.supervisor.status(self.health.line());
        self.reporter.scanned(&row);
        self.chores.borrow_mut().connections_changed();
        if row.error.is_none() {
            self.draft(&live, platform).await;
        }
        self.tell_of(&live, row).await;
        outcome
    }

    async fn chores(&self) {
        let live = self.live();
        chores::run(self, &live).await;
    }

    fn planned(&self, platform: &str, plan: &Plan, scanning: bool) {
        self.health.planned(platform, plan, scanning);
        self.supervisor.status(self.health.line());
    }

    fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.supervisor.tell("STOPPING=1");
    }
}

#[async_trait(?Send)]
impl Plans for Daemon<'_> {
    async fn load(&self, platform: &str) -> Option<Plan> {
        let live = self.live();
        live.services.store.plan(&self.account(platform)).await.unwrap_or_else(|error| {
            self.reporter.troubled("the time of the next scan cannot be read", &error);
            None
        })
    }

    async fn keep(&self, platform: &str, plan: &Plan) {
        let live = self.live();
        if let Err(error) = live.services.store.keep_plan(&self.account(platform), plan).await {
            self.reporter.troubled("the time of the next scan cannot be kept", &error);
        }
    }
}

/// What the next scan's time depends on.
fn outcome(row: &PlatformRow) -> Outcome {
    let Some(error) = &row.error else { return Outcome::Done };
    match error.kind.as_str() {
        "busy" => Outcome::Busy,
        STOPPED => Outcome::Stopped,
        "unauthenticated" | "forbidden" => Outcome::Blocked,
        _ => Outcome::Failed(error.retry_after.map(Duration::from_secs)),
    }
}
