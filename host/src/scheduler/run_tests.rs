//! The loop, with scans that are nothing but time.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::testing::TurnedClock;
use super::{Ask, Outcome, Plan, Plans, Scheduler, Work};
use crate::clock::Clock;

const NOON: i64 = 1_780_000_000;
const HALF_AN_HOUR: Duration = Duration::from_secs(1800);

/// A platform: how long a scan takes, and how the scans end (the last word holds for all that follow).
struct Site {
    interval: Duration,
    takes: Duration,
    ends: Vec<Outcome>,
}

/// Scans of sites, with when they began.
struct Sites {
    clock: TurnedClock,
    sites: RefCell<BTreeMap<&'static str, Site>>,
    begun: RefCell<BTreeMap<String, Vec<i64>>>,
    scanning: RefCell<Vec<String>>,
    chores: Cell<u32>,
    stopped: Cell<bool>,
    kept: RefCell<BTreeMap<String, Plan>>,
}

impl Sites {
    fn of(clock: &TurnedClock, sites: impl IntoIterator<Item = (&'static str, Site)>) -> Sites {
        Sites {
            clock: clock.clone(),
            sites: RefCell::new(sites.into_iter().collect()),
            begun: RefCell::default(),
            scanning: RefCell::default(),
            chores: Cell::new(0),
            stopped: Cell::new(false),
            kept: RefCell::default(),
        }
    }

    /// When scans of a site began, in seconds since noon.
    fn begun(&self, platform: &str) -> Vec<i64> {
        self.begun.borrow().get(platform).into_iter().flatten().map(|at| at - NOON).collect()
    }

    /// Runs for so long, and is then killed; `meanwhile` happens beside.
    async fn run_for(&self, span: Duration, meanwhile: impl Future<Output = ()>) {
        let (_ask, mut asks) = mpsc::unbounded_channel();
        let _loop = self.clock.actor();
        let _killer = self.clock.actor();
        let scheduler = Scheduler::new(self, self, &self.clock, || 0.0);
        tokio::select! {
            biased;
            () = scheduler.run(&mut asks) => unreachable!("nobody asks it to stop"),
            () = async { meanwhile.await; self.clock.wait(span).await } => {}
        }
        self.scanning.borrow_mut().clear();
    }
}

#[async_trait(?Send)]
impl Work for Sites {
    fn platforms(&self) -> Vec<(String, Duration)> {
        self.sites.borrow().iter().map(|(name, site)| ((*name).to_owned(), site.interval)).collect()
    }

    async fn look(&self, _wanted: bool) {}

    async fn scan(&self, platform: &str) -> Outcome {
        let _actor = self.clock.actor();
        assert!(!self.scanning.borrow().iter().any(|other| other == platform), "two scans of {platform} at once");
        self.scanning.borrow_mut().push(platform.to_owned());
        let index = {
            let mut begun = self.begun.borrow_mut();
            let begun = begun.entry(platform.to_owned()).or_default();
            begun.push(self.clock.now());
            begun.len() - 1
        };
        let (takes, outcome) = {
            let sites = self.sites.borrow();
            let site = &sites[platform];
            (site.takes, site.ends[index.min(site.ends.len() - 1)])
        };
        let ends = self.clock.now() + i64::try_from(takes.as_secs()).expect("short");
        while self.clock.now() < ends {
            if self.stopped.get() {
                return Outcome::Stopped;
            }
            self.clock.wait(Duration::from_secs(5).min(takes)).await;
        }
        self.scanning.borrow_mut().retain(|other| other != platform);
        outcome
    }

    async fn chores(&self) {
        self.chores.set(self.chores.get() + 1);
    }

    fn stop(&self) {
        self.stopped.set(true);
    }
}

#[async_trait(?Send)]
impl Plans for Sites {
    async fn load(&self, platform: &str) -> Option<Plan> {
        self.kept.borrow().get(platform).copied()
    }

    async fn keep(&self, platform: &str, plan: &Plan) {
        self.kept.borrow_mut().insert(platform.to_owned(), *plan);
    }
}

fn site(takes: u64, ends: &[Outcome]) -> Site {
    Site { interval: HALF_AN_HOUR, takes: Duration::from_secs(takes), ends: ends.to_vec() }
}

#[tokio::test]
async fn each_platform_keeps_its_own_rhythm_whatever_another_does() {
    let clock = TurnedClock::at(NOON);
    let good = || site(60, &[Outcome::Done]);
    let failing = site(20, &[Outcome::Failed(None)]);
    let endless = site(40_000, &[Outcome::Done]);
    let sites = Sites::of(&clock, [("good", good()), ("failing", failing), ("endless", endless)]);
    sites.run_for(Duration::from_secs(7190), async {}).await;
    assert_eq!(sites.begun("good"), [0, 1800, 3600, 5400]);
    assert_eq!(sites.begun("failing"), [0, 320, 940, 2160, 4580]);
    assert_eq!(sites.begun("endless"), [0], "a scan that is under way is not begun again");
    assert!((120..=140).contains(&sites.chores.get()), "each minute, and after scans: {}", sites.chores.get());
}

#[tokio::test]
async fn what_was_due_during_a_sleep_is_done_once() {
    let clock = TurnedClock::at(NOON);
    let sites = Sites::of(&clock, [("good", site(60, &[Outcome::Done]))]);
    let sleeping = async {
        clock.wait(Duration::from_secs(600)).await;
        clock.jump(6 * 3600);
    };
    sites.run_for(Duration::from_secs(3000), sleeping).await;
    let begun = sites.begun("good");
    assert_eq!((begun.len(), begun[0]), (3, 0), "{begun:?}");
    assert!((6 * 3600 + 600..=6 * 3600 + 610).contains(&begun[1]), "within a look at the clock: {begun:?}");
    assert_eq!(begun[2], begun[1] + 1800);
}

#[tokio::test]
async fn a_clock_turned_back_by_a_year_delays_nothing_by_more_than_the_interval() {
    let clock = TurnedClock::at(NOON);
    let sites = Sites::of(&clock, [("good", site(60, &[Outcome::Done]))]);
    let year = 365 * 86_400;
    let turning = async {
        clock.wait(Duration::from_secs(600)).await;
        clock.jump(-year);
    };
    sites.run_for(Duration::from_secs(3600), turning).await;
    let begun = sites.begun("good");
    assert!(begun.len() == 3 && begun[1] + year <= 600 + 1810, "{begun:?}");
    assert_eq!(begun[2], begun[1] + 1800);
}

#[tokio::test]
async fn a_restart_keeps_the_rhythm_and_a_killed_scan_is_not_begun_at_once() {
    let clock = TurnedClock::at(NOON);
    let sites = Sites::of(&clock, [("good", site(60, &[Outcome::Done])), ("killer", site(30, &[Outcome::Done]))]);
    sites.run_for(Duration::from_secs(10), async {}).await;
    sites.run_for(Duration::from_secs(280), async {}).await;
    assert_eq!((sites.begun("good"), sites.begun("killer")), (vec![0], vec![0]), "both were killed in the middle");
    sites.run_for(Duration::from_secs(310), async {}).await;
    assert_eq!(sites.begun("good"), [0, 300]);
    sites.run_for(Duration::from_secs(1500), async {}).await;
    sites.run_for(Duration::from_secs(100), async {}).await;
    assert_eq!(sites.begun("good"), [0, 300, 2100]);
}

#[tokio::test]
async fn another_interval_counts_from_the_last_scan() {
    let clock = TurnedClock::at(NOON);
    let sites = Sites::of(&clock, [("good", site(0, &[Outcome::Done]))]);
    let changing = async {
        clock.wait(Duration::from_secs(100)).await;
        sites.sites.borrow_mut().get_mut("good").expect("it is there").interval = Duration::from_secs(900);
    };
    sites.run_for(Duration::from_secs(2000), changing).await;
    assert_eq!(sites.begun("good"), [0, 900, 1800]);
}

#[tokio::test]
async fn a_stop_lets_what_is_under_way_come_to_an_end_and_it_goes_on_with_the_next_start() {
    let clock = TurnedClock::at(NOON);
    let sites = Sites::of(&clock, [("good", site(600, &[Outcome::Done]))]);
    let (ask, mut asks) = mpsc::unbounded_channel();
    {
        let _loop = clock.actor();
        let asker = clock.actor();
        let scheduler = Scheduler::new(&sites, &sites, &clock, || 0.0);
        let stopping = async {
            clock.wait(Duration::from_secs(302)).await;
            ask.send(Ask::Stop).expect("it listens");
            drop(asker);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = scheduler.run(&mut asks) => {}
            () = stopping => {}
        }
    }
    assert!(clock.now() <= NOON + 310, "it stopped at once: {}", clock.now() - NOON);
    assert!(sites.kept.borrow()["good"].is_due(clock.now()));
}
