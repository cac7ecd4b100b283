//! Thirty days of the daemon in a few seconds: the real loop, pipeline, store, digests and courier; platforms that are lists and fail now and then, a
//! channel that fails too, and a process that is killed at any moment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::tz::TimeZone;
use serde_json::Value;
use tokio::sync::mpsc;

use super::testing::TurnedClock;
use super::{Outcome, Plan, Plans, Scheduler, Work};
use crate::app::notify::scan_failed;
use crate::app::scan::ErrorRow;
use crate::clock::Clock;
use crate::config::{self, Every, TimeOfDay, Urgent};
use crate::contract::judgement::{Evaluation, Signal, SignalKind};
use crate::contract::search::{Page as FoundPage, Query};
use crate::contract::types::{Context, Delivery, Error, ErrorKind, Posting};
use crate::lead::AccountKey;
use crate::notify::channel::{Channel, Failure, Sender};
use crate::notify::digest::{self, Digest};
use crate::notify::event::Message;
use crate::notify::hours::QuietHours;
use crate::notify::{Courier, EventKind};
use crate::pipeline::course::Reach;
use crate::pipeline::judge::Customs;
use crate::pipeline::{Observer, Platform, ScanRequest, context, scan};
use crate::plugin::fault::CallError;
use crate::plugin::platform::Judged;
use crate::store::contract::{key, lead};
use crate::store::{LeadFilter, Pacing, Page, PageSummary, Postings, Scans, Scope, SqliteStore, Store};

const NOON: i64 = 1_780_000_000;
const DAY: i64 = 86_400;
/// How long a posting can be found.
const SHOWN: i64 = 2 * DAY;
const PLATFORMS: [(&str, u64); 2] = [("bazaar", 1800), ("guild", 3600)];

/// Chances that are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// All that outlives the process: the platforms, the person's mailbox.
struct World {
    clock: TurnedClock,
    dice: Mutex<Dice>,
    /// Of each platform: when a posting appears, oldest first.
    postings: BTreeMap<&'static str, Vec<(i64, String)>>,
    /// What was delivered, in its order.
    mailbox: Mutex<Vec<Message>>,
    faults: Mutex<u32>,
}

impl World {
    fn new(clock: &TurnedClock) -> World {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let postings = PLATFORMS.map(|(platform, _)| {
            let mut at = NOON - DAY;
            let mut postings = Vec::new();
            while at < NOON + 30 * DAY {
                at += 60 + dice.roll(3600) as i64;
                postings.push((at, format!("{platform}-{}", postings.len())));
            }
            (platform, postings)
        });
        World {
            clock: clock.clone(),
            dice: Mutex::new(dice),
            postings: BTreeMap::from(postings),
            mailbox: Mutex::default(),
            faults: Mutex::default(),
        }
    }

    /// How much was delivered so far.
    fn delivered(&self) -> usize {
        self.mailbox.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn roll(&self, sides: u64) -> u64 {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).roll(sides)
    }

    /// One request in twenty fails.
    fn fails(&self) -> bool {
        let fails = self.roll(20) == 0;
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) += u32::from(fails);
        fails
    }

    /// The postings that a platform shows now, newest first.
    fn shown(&self, platform: &str) -> Vec<&(i64, String)> {
        let now = self.clock.now();
        self.postings[platform].iter().rev().filter(|(at, _)| (now - SHOWN..=now).contains(at)).collect()
    }
}

struct Site<'w> {
    world: &'w World,
    name: &'static str,
}

#[async_trait]
impl Platform for Site<'_> {
    async fn search(&self, query: &Query) -> Result<FoundPage, CallError> {
        self.world.clock.wait(Duration::from_secs(1 + self.world.roll(5))).await;
        if self.world.fails() {
            let limited = self.world.roll(2) == 0;
            return Err(CallError::Refused(Error {
                kind: if limited { ErrorKind::RateLimited } else { ErrorKind::Unavailable },
                code: None,
                message: "not now".to_owned(),
                remedy: None,
                delivery: Delivery::Sent,
                retry_after: limited.then(|| 1 + self.world.roll(400) as u32),
            }));
        }
        let from: usize = query.cursor.as_deref().map_or(0, |cursor| cursor.parse().expect("our own"));
        let mut shown = self.world.shown(self.name);
        shown.retain(|(at, _)| query.since.is_none_or(|since| *at >= since));
        let to = shown.len().min(from + 25);
        let posting = |(at, id): &&(i64, String)| Posting { posted_at: Some(*at), ..lead(id, 0).posting };
        Ok(FoundPage {
            postings: shown[from.min(to)..to].iter().map(posting).collect(),
            unreadable: Vec::new(),
            notices: Vec::new(),
            total: None,
            next: (to < shown.len()).then(|| to.to_string()),
        })
    }

    async fn judge(&self, _: &Context, postings: &mut [Posting]) -> Result<Vec<Judged>, CallError> {
        Ok(postings.iter().map(|posting| Judged::Keep(judged(&posting.id))).collect())
    }
}

/// Every third is a poor one.
fn judged(id: &str) -> Evaluation {
    let number: u32 = id.rsplit('-').next().and_then(|number| number.parse().ok()).expect("our own");
    let value = if number.is_multiple_of(3) { 0.2 } else { 0.9 };
    let signal =
        |kind| Signal { kind, value, raw: String::new(), reason: String::new(), missing: Vec::new(), confidence: 1.0 };
    let kinds = [
        SignalKind::SkillMatch,
        SignalKind::Budget,
        SignalKind::ClientHistory,
        SignalKind::Competition,
        SignalKind::Timeline,
    ];
    Evaluation { signals: kinds.map(signal).to_vec(), adjustments: Vec::new() }
}

/// The person's mailbox, which is out of order now and then.
struct Mailbox(Arc<World>);

#[async_trait]
impl Sender for Mailbox {
    async fn send(&self, message: &Message) -> Result<(), Failure> {
        if self.0.fails() {
            return Err(Failure::new("no answer"));
        }
        self.0.mailbox.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
        Ok(())
    }
}

struct Silent;

impl Observer for Silent {
    fn page(&mut self, _: &Page, _: &PageSummary) {}
    fn progress(&mut self, _: u64, _: Option<u64>) {}
}

/// One life of the process.
struct Process {
    world: Arc<World>,
    store: Arc<SqliteStore>,
    courier: Courier,
}

impl Process {
    async fn start(world: &Arc<World>, path: &Path) -> Process {
        let store = Arc::new(SqliteStore::open(path).await.expect("opens"));
        let events = [EventKind::LeadDiscovered, EventKind::ScanFailed].map(|kind| kind.as_str().to_owned());
        let channel = Channel::new("mailbox", &events, Arc::new(Mailbox(world.clone())));
        let time = |text| TimeOfDay::parse(text).expect("a time of day");
        let quiet = config::QuietHours { from: time("22:00"), to: time("07:00"), urgent: Urgent::Pass };
        let courier = Courier::new(store.clone(), "month", vec![channel], Arc::new(world.clock.clone()))
            .with_chance(|| 0.5)
            .with_quiet_hours(Some(QuietHours::of(&quiet, TimeZone::UTC)));
        Process { world: world.clone(), store, courier }
    }
}

/// A future that is dropped after so many steps.
struct Killed<F>(u64, std::pin::Pin<Box<F>>);

impl<F: Future<Output = ()>> Killed<F> {
    fn after(polls: u64, future: F) -> Killed<F> {
        Killed(polls, Box::pin(future))
    }
}

impl<F: Future<Output = ()>> Future for Killed<F> {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        if self.0 == 0 {
            return std::task::Poll::Ready(());
        }
        self.0 -= 1;
        self.1.as_mut().poll(context)
    }
}

fn account(platform: &str) -> AccountKey {
    key("month", platform, "default")
}

#[async_trait(?Send)]
impl Work for Process {
    fn platforms(&self) -> Vec<(String, Duration)> {
        PLATFORMS.map(|(name, seconds)| (name.to_owned(), Duration::from_secs(seconds))).to_vec()
    }

    async fn look(&self, _wanted: bool) {}

    async fn scan(&self, platform: &str) -> Outcome {
        let _actor = self.world.clock.actor();
        let name = PLATFORMS.iter().map(|(name, _)| *name).find(|name| *name == platform).expect("ours");
        let site = Site { world: &self.world, name };
        let config = config::validate_str("month", "", &[]).expect("the defaults are valid").config;
        let request = ScanRequest {
            account: account(platform),
            settings: Vec::new(),
            filters: Vec::new(),
            profile: context::profile(&config.profile, platform),
            parameters: context::parameters(&config.scoring),
            weights: context::weighing(&config.scoring),
            customs: Customs::default(),
            rules: Vec::new(),
            limit: 10_000,
            reach: Reach::News,
            dry_run: false,
            owner: "a process".to_owned(),
        };
        // As `app::scan` does: the lock of the machine says that nobody else is at it.
        self.store.end_scan_lease(&request.account).await.expect("ends");
        let report = scan(&site, self.store.as_ref(), &self.world.clock, &request, &mut Silent).await.expect("stores");
        let Some(failure) = report.failure else { return Outcome::Done };
        let error = ErrorRow { kind: failure.kind, message: failure.message, remedy: None, retry_after: None };
        let last_sync = self.store.last_sync(&request.account).await.expect("reads");
        self.courier.post(scan_failed(request.account, &error, last_sync)).await.expect("posts");
        Outcome::Failed(report.retry_after)
    }

    async fn chores(&self) {
        let _actor = self.world.clock.actor();
        let configured = config::Digest {
            every: Every::Hourly,
            at: TimeOfDay::parse("08:00").expect("a time"),
            min_score: 50,
            most: 50,
        };
        let digest = Digest { configured, zone: TimeZone::UTC };
        for (platform, _) in PLATFORMS {
            if !self.courier.is_quiet() {
                let now = self.world.clock.now();
                let (store, account) = (self.store.as_ref(), account(platform));
                digest::post(store, &self.courier, &account, platform, &digest, now).await.expect("posts");
            }
        }
        if self.courier.is_due().await.expect("reads") {
            self.courier.deliver_due(Duration::from_secs(60)).await.expect("delivers");
        }
    }
}

#[async_trait(?Send)]
impl Plans for Process {
    async fn load(&self, platform: &str) -> Option<Plan> {
        self.store.plan(&account(platform)).await.expect("reads")
    }

    async fn keep(&self, platform: &str, plan: &Plan) {
        self.store.keep_plan(&account(platform), plan).await.expect("keeps");
    }
}

#[tokio::test]
async fn thirty_days_of_faults_and_restarts_lose_no_posting_and_tell_nothing_twice() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("store.db");
    let clock = TurnedClock::at(NOON);
    let world = Arc::new(World::new(&clock));
    let (mut lives, mut deaths) = (0, BTreeSet::new());
    while clock.now() < NOON + 30 * DAY {
        lives += 1;
        let process = Process::start(&world, &path).await;
        let _loop = clock.actor();
        let _killer = clock.actor();
        let (_ask, mut asks) = mpsc::unbounded_channel();
        let scheduler = Scheduler::new(&process, &process, &clock, || 0.5);
        // Some die after a while; some in the middle of anything, between any two steps.
        let polls = if world.roll(2) == 0 { 1 + world.roll(3000) } else { u64::MAX };
        let life = Duration::from_secs(30 + world.roll(12 * 3600));
        tokio::select! {
            biased;
            () = Killed::after(polls, scheduler.run(&mut asks)) => {}
            () = clock.wait(life) => {}
        }
        deaths.insert(world.delivered());
        // It is killed here, whatever it was doing; the machine sleeps now and then before the next start.
        process.store.close().await;
        if world.roll(5) == 0 {
            clock.jump(world.roll(8 * 3600) as i64);
        }
    }

    let store = SqliteStore::open(&path).await.expect("opens");
    let faults = *world.faults.lock().unwrap_or_else(PoisonError::into_inner);
    let mut good = BTreeSet::new();
    for (platform, postings) in &world.postings {
        let ended = store.last_sync(&account(platform)).await.expect("reads").expect("a scan has ended well");
        let scope = Scope::from(&account(platform));
        let filter = LeadFilter::all(scope.clone(), 100_000);
        let stored: Vec<String> =
            store.leads(&filter).await.expect("lists").into_iter().map(|lead| lead.lead.posting.id).collect();
        let distinct: BTreeSet<&String> = stored.iter().collect();
        assert_eq!(distinct.len(), stored.len(), "{platform}: one is stored twice");
        // The last good scan began a little before it ended.
        let due: Vec<&String> = postings.iter().filter(|(at, _)| *at < ended - 600).map(|(_, id)| id).collect();
        let lost: Vec<_> = due.iter().filter(|id| !distinct.contains(**id)).collect();
        assert!(lost.is_empty(), "{platform}: {lost:?} of {} were shown and are not stored", due.len());
        assert!(due.len() > 1000, "{platform}: {}", due.len());
        let scans = store.scans(&scope, clock.now(), 10_000).await.expect("lists");
        let new: u64 = scans.iter().map(|scan| scan.counts.new).sum();
        assert_eq!(new, stored.len() as u64, "{platform}: each was new once");
        good.extend(stored.into_iter().filter(|id| judged(id).signals[0].value > 0.5));
    }

    let mailbox = std::mem::take(&mut *world.mailbox.lock().unwrap_or_else(PoisonError::into_inner));
    let mut seen = BTreeMap::new();
    let (mut told, mut failures, mut repeats) = (BTreeSet::new(), BTreeSet::new(), 0);
    for (at, message) in mailbox.iter().enumerate() {
        if let Some(before) = seen.insert(&message.id, at) {
            // Killed between handing it over and noting that, so that it was the last thing in that life: the mailbox knows it by its id.
            assert!(deaths.contains(&(before + 1)), "handed over again without a death: {message:?}");
            repeats += 1;
            continue;
        }
        let envelope: Value = serde_json::from_str(&message.envelope).expect("JSON");
        let data = &envelope["data"];
        for row in data["leads"].as_array().into_iter().flatten() {
            let id = row["id"].as_str().expect("an id").to_owned();
            assert!(told.insert(id.clone()), "{id} was told of twice");
        }
        if message.kind == "scan.failed" {
            let which = format!("{} {} {}", data["platform"], data["kind"], data["last_sync_at"]);
            assert!(failures.insert(which), "told of twice: {message:?}");
        }
    }
    assert!(told.is_subset(&good), "a poor lead was told of");
    assert!(told.len() * 10 > good.len() * 7, "{} of {} were listed, the rest counted", told.len(), good.len());
    assert!(lives > 60 && faults > 100, "{lives} lives, {faults} faults");
    println!("{lives} lives, {faults} faults, {} good leads, {} messages, {repeats} again", good.len(), mailbox.len());
    store.close().await;
}
