//! A limit that stays: how long a scan waits for its end, by a clock that is turned instead of waited for.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ghoststack::app::scan::{How, Progress, ScanResult, scan};
use ghoststack::app::{Access, Installation};
use ghoststack::clock::{Clock, SystemClock};
use ghoststack::config::Home;
use prospector_e2e::sim::GRAPHQL;
use prospector_e2e::{Prospector, Sim};
use serde_json::json;

use super::connected;
use crate::faults::stored;
use crate::support::texts;

/// The machine's clock, on which waits are over at once.
#[derive(Default)]
struct Hurried(Mutex<Vec<Duration>>);

impl Hurried {
    fn waits(&self) -> Vec<Duration> {
        self.0.lock().expect("nobody panicked").clone()
    }
}

#[async_trait]
impl Clock for Hurried {
    fn now(&self) -> i64 {
        let passed: Duration = self.waits().iter().sum();
        SystemClock.now() + i64::try_from(passed.as_secs()).expect("not so long")
    }

    async fn wait(&self, span: Duration) {
        self.0.lock().expect("nobody panicked").push(span);
    }
}

struct Silent;

impl Progress for Silent {
    fn fetched(&self, _: &str, _: u64, _: Option<u64>) {}
    fn done(&self, _: &str) {}
}

/// Scans as the program does, in this process and by a hurried clock: what came of it, and its waits.
fn scanned_hurriedly(prospector: &Prospector) -> (ScanResult, Vec<Duration>) {
    let clock = Arc::new(Hurried::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let result = runtime.block_on(async {
        let mut installation = Installation::open(Home::at(prospector.home.path())).await.expect("a home");
        installation.clock = clock.clone();
        let app = installation.configured().expect("a configuration");
        let services = app.services(Access::Write).await.expect("a store");
        let platforms = app.platforms(Some("upwork")).expect("it is built in");
        let result = scan(&app, &services, &platforms, &[], How::default(), &Silent).await.expect("a result");
        services.close().await;
        result
    });
    (result, clock.waits())
}

#[test]
fn a_limit_that_names_no_wait_and_stays_ends_the_scan_after_two_waits_of_a_minute() {
    const MINUTE: Duration = Duration::from_secs(60);
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.fault(&json!({"route": GRAPHQL, "fault": "status", "status": 429, "skip": 4, "count": 100}));
    let (result, waits) = scanned_hurriedly(&prospector);
    assert_eq!(waits, [MINUTE, MINUTE]);
    // A page's worth of requests, and three tries at the next.
    assert_eq!(sim.requests(GRAPHQL).len(), 4 + 3);
    let row = &result.platforms[0];
    let error = row.error.as_ref().expect("it ended early");
    assert_eq!((error.kind.as_str(), result.exit_code(), row.fetched), ("rate-limited", 5, 200));
    assert!(error.message.contains("Rate limited") && error.message.contains("again in 60 s"), "{}", error.message);
    assert!(error.remedy.is_some());
    let (leads, skipped) = stored(&prospector);
    let kept = texts(&leads["leads"], "id").len() + texts(&skipped["skipped"], "id").len();
    assert_eq!(kept, 200, "what was found before the limit is kept");
    // The account is free for the next scan, which needs no wait.
    sim.heal();
    let (result, waits) = scanned_hurriedly(&prospector);
    assert_eq!((result.exit_code(), waits.len()), (0, 0));
}

#[test]
fn a_limit_that_is_over_after_a_minute_costs_the_scan_a_minute_and_nothing_else() {
    // At the beginning of a page; and within one, which is given as far as it was read: the next then meets the limit again.
    for (skip, count) in [(4, 1), (2, 2)] {
        let sim = Sim::agreeing();
        let prospector = connected(&sim);
        sim.fault(&json!({"route": GRAPHQL, "fault": "status", "status": 429, "skip": skip, "count": count}));
        let (result, waits) = scanned_hurriedly(&prospector);
        assert_eq!(waits, [Duration::from_secs(60)], "{skip}");
        assert_eq!((result.exit_code(), result.leads.len() + result.skipped.len()), (0, 320), "{skip}");
    }
}
