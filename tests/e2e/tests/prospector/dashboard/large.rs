//! The leads page of a home with many leads, while a scan stores more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ghoststack::lead::{AccountKey, Explained, Lead, Line, Score};
use ghoststack::store::{Page, Scans, SqliteStore, Store};
use prospector_e2e::{Dashboard, Prospector, Sim, Visitor};
use serde_json::{Value, json};

use crate::support::connected_with;

/// Postings that a page of a scan stores.
const AT_ONCE: usize = 1000;
/// What a description has, about as much as a real one.
const WORDS: &str = "We are looking for somebody who takes over a service that has grown for years. ";

/// Texts that are older than a platform allows would be purged.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs().cast_signed()
}

fn lead(number: usize) -> Lead {
    let skills: Vec<String> = (0..8).map(|n| format!("Skill {}", (number + n) % 50)).collect();
    let posting = json!({
        "id": format!("{}", 10_000_000 + number), "kind": "Project", "title": format!("Work number {number} on a service"),
        "url": format!("https://work.example/{number}"), "description": WORDS.repeat(12), "status": "Open", "payment": "Fixed",
        "budget": {"minimum": 25_000, "maximum": 75_000, "currency": "EUR", "usd_rate": 1.125}, "skills": skills,
        "categories": [], "posted_at": now() - number as i64, "competition": {"proposals": {"minimum": 3, "maximum": 5}},
        "client": {"country": "Norway", "rating": 4.5, "reviews": 12, "payment_verified": true}, "attributes": [],
    });
    let line = |(signal, weight): (&str, u32)| Line {
        signal: signal.to_owned(),
        raw: "3 of 4 skills".to_owned(),
        value: 0.8,
        weight,
        points: i32::try_from(weight).unwrap_or_default() * 8 / 10,
        reason: "You cover 3 of 4 skills exactly".to_owned(),
        missing: Vec::new(),
        confidence: 1.0,
    };
    let signals =
        [("skill_match", 3000), ("budget", 2000), ("client_history", 2500), ("competition", 1500), ("timeline", 1000)];
    Lead {
        posting: serde_json::from_value(posting).expect("a posting"),
        explained: Explained {
            score: Score::clamped(i64::try_from(3000 + number % 7000).unwrap_or_default()),
            confidence: 0.8,
            breakdown: signals.into_iter().map(line).collect(),
            adjustments: Vec::new(),
            faults: Vec::new(),
            rule: None,
            passed: Vec::new(),
        },
    }
}

async fn store(prospector: &Prospector, count: usize) {
    let store = SqliteStore::open(&prospector.home.path().join("prospector/store.db")).await.expect("opens");
    let account =
        AccountKey { profile: "default".to_owned(), platform: "freelancer".to_owned(), account: "default".to_owned() };
    let lease = store.acquire_scan_lease(&account, "a test", now(), Duration::from_secs(600)).await.expect("free");
    let scan = store.begin_scan(&lease, now()).await.expect("begins");
    for from in (0..count).step_by(AT_ONCE) {
        let leads = (from..count.min(from + AT_ONCE)).map(lead).collect();
        store.record_page(&scan, now(), &Page { leads, skipped: Vec::new() }).await.expect("recorded");
    }
    store.finish_scan(&scan, now(), &Default::default()).await.expect("ends");
    store.release_scan_lease(&lease).await.expect("releases");
    store.close().await;
}

/// How long the page takes, from the request to its last byte, so many times.
fn times(visitor: &Visitor, path: &str, count: usize) -> (Vec<Duration>, usize) {
    let mut size = 0;
    let mut times: Vec<Duration> = (0..count)
        .map(|_| {
            let began = Instant::now();
            let page = visitor.get(path);
            assert_eq!(page.status, 200);
            size = page.body.len();
            began.elapsed()
        })
        .collect();
    times.sort();
    (times, size)
}

fn measured(count: usize, requests: usize) -> (Duration, usize, bool) {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    requests_per_minute: 100000\n", "profile: { skills: [Rust] }\n");
    tokio::runtime::Runtime::new().expect("a runtime").block_on(store(&prospector, count));
    let began = Instant::now();
    let dashboard = Dashboard::of(&prospector);
    let start = began.elapsed();
    let visitor = dashboard.enter();
    let (at_rest, _) = times(&visitor, "/leads", requests);
    let stop = Arc::new(AtomicBool::new(false));
    let scanning = std::thread::spawn({
        let (stop, visitor) = (stop.clone(), visitor.clone());
        move || {
            let mut scans = 0;
            while !stop.load(Ordering::Relaxed) {
                let _begun = visitor.post("/scans/freelancer", &[]);
                scans += 1;
                while !stop.load(Ordering::Relaxed) && visitor.get("/scans").body.contains("is being scanned") {}
            }
            scans
        }
    });
    let (during, size) = times(&visitor, "/leads", requests);
    stop.store(true, Ordering::Relaxed);
    let scans: usize = scanning.join().expect("it ends");
    let p95 = |times: &[Duration]| times[times.len() * 95 / 100];
    eprintln!(
        "{count} leads: start {start:?}; /leads {} KB; at rest p50 {:?}, p95 {:?}; during {scans} scans p50 {:?}, p95 {:?}",
        size / 1000,
        at_rest[requests / 2],
        p95(&at_rest),
        during[requests / 2],
        p95(&during),
    );
    let found = prospector.run("leads list --json --limit 1").ok().json();
    (p95(&during), size, found["leads"].as_array().is_some_and(|leads| leads.len() == 1) && found != Value::Null)
}

#[test]
fn a_page_of_leads_is_small_however_many_there_are() {
    let (_, size, is_listed) = measured(3_000, 10);
    assert!(size < 200_000 && is_listed, "{size} bytes");
}

#[test]
#[ignore = "prints figures"]
fn the_leads_page_of_a_hundred_thousand_leads_during_scans() {
    let (p95, size, _) = measured(100_000, 200);
    assert!(size < 200_000, "{size} bytes");
    assert!(p95 < Duration::from_millis(50), "{p95:?}");
}
