//! Scans over a platform whose pages, faults and time the test sets, into a real store.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use super::*;
use crate::contract::judgement::Evaluation;
use crate::contract::types::{Delivery, Error};
use crate::store::{Postings, ScanProgress as _, Scope, SqliteStore};

const NOON: i64 = 1_780_000_000;

/// A market of postings `0..`, the newest last; each minute one more is posted. Pages are the newest first, ten at a time.
#[derive(Default)]
struct Market {
    postings: AtomicI64,
    /// What the next answers are instead of a page, in their order; none lets one through.
    faults: Mutex<VecDeque<Option<ErrorKind>>>,
    asked: Mutex<Vec<(Option<UtcSeconds>, Option<String>)>>,
}

impl Market {
    fn of(postings: i64) -> Market {
        Market { postings: AtomicI64::new(postings), ..Market::default() }
    }

    fn fails(&self, faults: &[Option<ErrorKind>]) {
        self.faults.lock().expect("no panic").extend(faults);
    }

    fn asked(&self) -> Vec<(Option<UtcSeconds>, Option<String>)> {
        std::mem::take(&mut self.asked.lock().expect("no panic"))
    }
}

/// When a posting was posted.
fn posted_at(id: i64) -> i64 {
    NOON - 100_000 + id * 60
}

#[async_trait]
impl Platform for Market {
    async fn search(&self, query: &Query) -> Result<FoundPage, CallError> {
        self.asked.lock().expect("no panic").push((query.since, query.cursor.clone()));
        if let Some(Some(kind)) = self.faults.lock().expect("no panic").pop_front() {
            let message = "not now".to_owned();
            let delivery = Delivery::Sent;
            return Err(CallError::Refused(Error {
                kind,
                code: None,
                message,
                remedy: None,
                delivery,
                retry_after: None,
            }));
        }
        let offset: i64 = query.cursor.as_deref().unwrap_or("0").parse().expect("our own");
        let newest = self.postings.load(Ordering::SeqCst);
        let wanted = |id: &i64| query.since.is_none_or(|since| posted_at(*id) >= since);
        let all: Vec<i64> = (0..newest).rev().filter(wanted).collect();
        let page = all.iter().skip(offset as usize).take(10.min(query.limit as usize));
        let postings: Vec<Posting> = page
            .map(|id| {
                let mut posting = crate::testing::posting(&id.to_string());
                posting.posted_at = Some(posted_at(*id));
                posting
            })
            .collect();
        let end = offset + postings.len() as i64;
        let next = (end < all.len() as i64).then(|| end.to_string());
        Ok(FoundPage { postings, unreadable: vec![], notices: vec![], next, total: None })
    }

    async fn judge(&self, _: &Context, postings: &mut [Posting]) -> Result<Vec<Judged>, CallError> {
        Ok(postings.iter().map(|_| Judged::Keep(Evaluation { signals: vec![], adjustments: vec![] })).collect())
    }
}

struct HandClock(AtomicI64);

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> UtcSeconds {
        self.0.load(Ordering::SeqCst)
    }

    async fn wait(&self, span: Duration) {
        self.0.fetch_add(span.as_secs() as i64, Ordering::SeqCst);
    }
}

struct Nobody;

impl Observer for Nobody {
    fn page(&mut self, _: &Page, _: &PageSummary) {}
    fn progress(&mut self, _: u64, _: Option<u64>) {}
}

struct Bench {
    market: Market,
    store: SqliteStore,
    clock: HandClock,
    request: ScanRequest,
    _home: tempfile::TempDir,
}

impl Bench {
    async fn of(market: Market) -> Bench {
        let home = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(&home.path().join("store.db")).await.expect("a store");
        let config = crate::config::validate_str("p.yaml", "", &[]).expect("valid").config;
        let request = ScanRequest {
            account: AccountKey { profile: "p".to_owned(), platform: "market".to_owned(), account: "a".to_owned() },
            settings: vec![],
            filters: Vec::new(),
            profile: context::profile(&config.profile, "market"),
            parameters: context::parameters(&config.scoring),
            weights: context::weighing(&config.scoring),
            customs: judge::Customs::default(),
            rules: vec![],
            limit: 1_000,
            reach: Reach::News,
            dry_run: false,
            owner: "a test".to_owned(),
        };
        Bench { market, store, clock: HandClock(AtomicI64::new(NOON)), request, _home: home }
    }

    async fn scan(&self) -> ScanReport {
        scan(&self.market, &self.store, &self.clock, &self.request, &mut Nobody).await.expect("the store works")
    }

    fn after(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    async fn stored(&self) -> u64 {
        self.store.counts(&Scope::from(&self.request.account), None).await.expect("counts").leads
    }
}

#[tokio::test]
async fn after_a_scan_that_came_to_its_end_only_news_are_asked_for_until_a_day_has_passed() {
    let bench = Bench::of(Market::of(35)).await;
    let first = bench.scan().await;
    assert_eq!((first.fetched, first.new, first.since), (35, 35, None));
    let _ = bench.market.asked();

    bench.after(1_800);
    bench.market.postings.fetch_add(3, Ordering::SeqCst);
    let news = bench.scan().await;
    let since = NOON - 600;
    assert_eq!((news.since, news.failure.is_none()), (Some(since), true));
    assert_eq!(bench.market.asked(), [(Some(since), None)]);

    bench.after(86_400);
    let all = bench.scan().await;
    assert_eq!((all.since, all.fetched, bench.stored().await), (None, 38, 38));
}

#[tokio::test]
async fn a_scan_that_was_cut_off_is_gone_on_with_and_loses_nothing_that_came_meanwhile() {
    let bench = Bench::of(Market::of(35)).await;
    bench.market.fails(&[None, None, Some(ErrorKind::Unavailable)]);
    let cut = bench.scan().await;
    assert_eq!((cut.fetched, cut.failure.map(|failure| failure.kind)), (20, Some("unavailable".to_owned())));
    let _ = bench.market.asked();

    // Five come before what was read; the pages shift by them.
    bench.after(300);
    bench.market.postings.fetch_add(5, Ordering::SeqCst);
    let on = bench.scan().await;
    assert_eq!((on.resumed_after, on.failure.is_none()), (20, true));
    assert_eq!(bench.market.asked()[0], (None, Some("20".to_owned())));
    assert_eq!(bench.stored().await, 35, "all that was there when it began");

    bench.after(300);
    let next = bench.scan().await;
    assert_eq!(next.since, Some(NOON - 600), "since the beginning of the one that was cut off");
    // The market dates them long ago; what counts is that all is asked for that came after that beginning.
    let everything = ScanRequest { reach: Reach::Everything, ..bench.request.clone() };
    scan(&bench.market, &bench.store, &bench.clock, &everything, &mut Nobody).await.expect("scans");
    assert_eq!(bench.stored().await, 40);
}

#[tokio::test]
async fn a_cursor_that_the_plugin_no_longer_takes_begins_the_scan_anew() {
    let bench = Bench::of(Market::of(35)).await;
    bench.market.fails(&[None, Some(ErrorKind::Unavailable), Some(ErrorKind::InvalidInput)]);
    let _cut = bench.scan().await;
    let _ = bench.market.asked();
    let anew = bench.scan().await;
    assert_eq!((anew.resumed_after, anew.fetched, anew.failure.is_none()), (0, 35, true));
    let cursors: Vec<Option<String>> = bench.market.asked().into_iter().map(|(_, cursor)| cursor).collect();
    assert_eq!(cursors[..2], [Some("10".to_owned()), None]);
}

#[tokio::test]
async fn what_is_asked_for_or_judged_by_otherwise_is_looked_at_whole() {
    let mut bench = Bench::of(Market::of(15)).await;
    let _first = bench.scan().await;
    bench.request.weights.adjustment_max = 1;
    assert_eq!(bench.scan().await.since, None);
    assert!(bench.scan().await.since.is_some());
    let rules = "rules: [{name: r, action: pass, condition: {field: score, operator: gt, value: 1}}]";
    bench.request.rules = crate::config::validate_str("p.yaml", rules, &[]).expect("valid").config.rules;
    assert_eq!(bench.scan().await.since, None);
}

#[tokio::test]
async fn the_limit_holds_over_a_scan_and_the_one_that_goes_on_with_it_and_a_dry_run_keeps_nothing() {
    let mut bench = Bench::of(Market::of(100)).await;
    bench.request.limit = 25;
    bench.market.fails(&[None, Some(ErrorKind::Unavailable)]);
    assert_eq!(bench.scan().await.fetched, 10);
    let before = bench.store.progress(&bench.request.account).await.expect("reads");
    let dry = ScanRequest { dry_run: true, ..bench.request.clone() };
    let tried = scan(&bench.market, &bench.store, &bench.clock, &dry, &mut Nobody).await.expect("scans");
    assert_eq!((tried.fetched, tried.resumed_after), (25, 0));
    assert_eq!(bench.store.progress(&bench.request.account).await.expect("reads"), before);
    assert_eq!((bench.scan().await.fetched, bench.stored().await), (15, 25));
}
