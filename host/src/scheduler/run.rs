//! The loop.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

use super::plan::{Outcome, Plan};
use crate::clock::Clock;
use crate::contract::types::UtcSeconds;

/// The longest that the loop does not look at the clock.
pub const LONGEST_SLEEP: Duration = Duration::from_secs(10);
/// How often the chores are done where nothing else calls for them.
const CHORES_EVERY: Duration = Duration::from_secs(60);
/// How long work that is under way may take to come to a stop.
const GRACE: Duration = Duration::from_secs(20);

/// What is asked of a running daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// To read the configuration again.
    Reload,
    /// To stop; a second time: at once.
    Stop,
}

/// What is to be done, by whoever knows how.
#[async_trait(?Send)]
pub trait Work {
    /// The platforms to be scanned, with their intervals, as they are configured now.
    fn platforms(&self) -> Vec<(String, Duration)>;

    /// Sees to it that what has changed outside counts from now on, wanted or not. Called at each turn of the loop: where nothing has changed it
    /// is to be quick.
    async fn look(&self, wanted: bool);

    /// Scans a platform. It is not called again for a platform before it is done with it.
    async fn scan(&self, platform: &str) -> Outcome;

    /// Does what is due beside scans: wake-ups, tokens, news, deliveries.
    async fn chores(&self);

    /// Is told of a plan, and whether the platform is being scanned.
    fn planned(&self, _platform: &str, _plan: &Plan, _scanning: bool) {}

    /// Has scans come to a stop, each with the page that it is at.
    fn stop(&self) {}
}

/// Where plans are kept. What cannot be read or written is theirs to report.
#[async_trait(?Send)]
pub trait Plans {
    /// A platform's plan, if there is one.
    async fn load(&self, platform: &str) -> Option<Plan>;

    /// Keeps it.
    async fn keep(&self, platform: &str, plan: &Plan);
}

/// Does work when it is time.
pub struct Scheduler<'s> {
    work: &'s dyn Work,
    plans: &'s dyn Plans,
    clock: &'s dyn Clock,
    chance: fn() -> f64,
    longest_sleep: Duration,
}

enum Ended {
    Scan { platform: String, plan: Plan, started: UtcSeconds, outcome: Outcome },
    Chores,
}

/// What the loop knows.
#[derive(Default)]
struct State<'s> {
    plans: BTreeMap<String, Plan>,
    scanning: BTreeSet<String>,
    /// When chores are done next; none while they are done.
    chores_at: Option<UtcSeconds>,
    /// Whether something calls for chores that those under way may have passed already.
    chores_again: bool,
    jobs: FuturesUnordered<LocalBoxFuture<'s, Ended>>,
    /// Jobs that have ended while something else was waited for.
    ended: VecDeque<Ended>,
}

impl State<'_> {
    /// Waits for something while jobs go on: one of them may hold what it waits for, such as the store's one writer.
    async fn meanwhile<R>(&mut self, something: impl Future<Output = R>) -> R {
        let mut something = std::pin::pin!(something);
        loop {
            tokio::select! {
                biased;
                Some(ended) = self.jobs.next() => self.ended.push_back(ended),
                done = &mut something => return done,
            }
        }
    }

    /// The next job that ends; none where none is under way.
    async fn next(&mut self) -> Option<Ended> {
        match self.ended.pop_front() {
            Some(ended) => Some(ended),
            None => self.jobs.next().await,
        }
    }

    fn is_idle(&self) -> bool {
        self.jobs.is_empty() && self.ended.is_empty()
    }
}

impl<'s> Scheduler<'s> {
    /// One that draws its chances, from 0 to 1, by `chance`.
    #[must_use]
    pub fn new(work: &'s dyn Work, plans: &'s dyn Plans, clock: &'s dyn Clock, chance: fn() -> f64) -> Scheduler<'s> {
        Scheduler { work, plans, clock, chance, longest_sleep: LONGEST_SLEEP }
    }

    /// The same that looks at the clock at least so often, where that is more often.
    #[must_use]
    pub fn sleeping_at_most(self, span: Duration) -> Scheduler<'s> {
        Scheduler { longest_sleep: self.longest_sleep.min(span), ..self }
    }

    /// Works until it is asked to stop. Work that is under way then has [`GRACE`] to come to a stop; a scan that has not is dropped, with what it has
    /// stored.
    pub async fn run(&self, asks: &mut mpsc::UnboundedReceiver<Ask>) {
        let mut state = State { chores_at: Some(self.clock.now()), ..State::default() };
        let mut wanted = false;
        loop {
            state.meanwhile(self.work.look(std::mem::take(&mut wanted))).await;
            let sleep = self.begin_what_is_due(&mut state).await;
            tokio::select! {
                biased;
                asked = asks.recv() => match asked {
                    Some(Ask::Reload) => wanted = true,
                    Some(Ask::Stop) | None => break,
                },
                Some(ended) = state.next() => self.note(&mut state, ended).await,
                () = self.clock.wait(sleep) => {}
            }
        }
        self.wind_up(state, asks).await;
    }

    /// Does what is due now, and the chores after it.
    pub async fn run_once(&self, asks: &mut mpsc::UnboundedReceiver<Ask>) {
        let mut state = State::default();
        self.work.look(false).await;
        self.begin_what_is_due(&mut state).await;
        while !state.is_idle() {
            tokio::select! {
                biased;
                asked = asks.recv() => if asked != Some(Ask::Reload) { return self.wind_up(state, asks).await },
                Some(ended) = state.next() => self.note(&mut state, ended).await,
            }
        }
        self.work.chores().await;
    }

    /// Begins what is due, and says how long nothing more will be.
    async fn begin_what_is_due(&self, state: &mut State<'s>) -> Duration {
        let now = self.clock.now();
        let mut sleep = self.longest_sleep;
        let platforms = self.work.platforms();
        state.plans.retain(|id, _| platforms.iter().any(|(platform, _)| platform == id));
        for (platform, interval) in platforms {
            if state.scanning.contains(&platform) {
                continue;
            }
            let known = match state.plans.get(&platform) {
                Some(plan) => Some(*plan),
                None => state.meanwhile(self.plans.load(&platform)).await,
            };
            let plan = known.unwrap_or(Plan::first(now, interval)).held(now, interval);
            if plan.is_due(now) {
                self.begin(state, platform, plan).await;
                continue;
            }
            if state.plans.get(&platform) != Some(&plan) {
                if known != Some(plan) {
                    state.meanwhile(self.plans.keep(&platform, &plan)).await;
                }
                self.work.planned(&platform, &plan, false);
                state.plans.insert(platform, plan);
            }
            sleep = sleep.min(plan.wait(now));
        }
        match state.chores_at {
            Some(at) if at <= now || at > now.saturating_add_unsigned(CHORES_EVERY.as_secs()) => {
                state.chores_at = None;
                let work = self.work;
                state.jobs.push(Box::pin(async move {
                    work.chores().await;
                    Ended::Chores
                }));
            }
            Some(at) => sleep = sleep.min(Duration::from_secs(at.abs_diff(now))),
            None => {}
        }
        sleep
    }

    async fn begin(&self, state: &mut State<'s>, platform: String, plan: Plan) {
        let started = self.clock.now();
        let begun = plan.begun(started, (self.chance)());
        state.meanwhile(self.plans.keep(&platform, &begun)).await;
        self.work.planned(&platform, &begun, true);
        state.plans.insert(platform.clone(), begun);
        state.scanning.insert(platform.clone());
        let work = self.work;
        state.jobs.push(Box::pin(async move {
            let outcome = work.scan(&platform).await;
            Ended::Scan { platform, plan, started, outcome }
        }));
    }

    async fn note(&self, state: &mut State<'s>, ended: Ended) {
        let now = self.clock.now();
        match ended {
            Ended::Scan { platform, plan, started, outcome } => {
                let plan = plan.ended(started, now, outcome, (self.chance)());
                state.meanwhile(self.plans.keep(&platform, &plan)).await;
                self.work.planned(&platform, &plan, false);
                state.scanning.remove(&platform);
                state.plans.insert(platform, plan);
                // What it has found is to be told.
                state.chores_again = state.chores_at.is_none();
                state.chores_at = state.chores_at.map(|_| now);
            }
            Ended::Chores => {
                let wait = if std::mem::take(&mut state.chores_again) { 0 } else { CHORES_EVERY.as_secs() };
                state.chores_at = Some(now.saturating_add_unsigned(wait));
            }
        }
    }

    async fn wind_up(&self, mut state: State<'s>, asks: &mut mpsc::UnboundedReceiver<Ask>) {
        self.work.stop();
        let over = self.clock.wait(GRACE);
        tokio::pin!(over);
        while !state.is_idle() {
            tokio::select! {
                biased;
                asked = asks.recv() => if asked != Some(Ask::Reload) { return },
                Some(ended) = state.next() => self.note(&mut state, ended).await,
                () = &mut over => return,
            }
        }
    }
}
