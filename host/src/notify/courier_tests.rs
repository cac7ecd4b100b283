//! The courier against a real outbox, with channels and a clock of the tests' own.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;

use super::super::channel::{Failure, Sender};
use super::super::event::tests::notice;
use super::*;
use crate::store::SqliteStore;
use crate::store::outbox::{DeliveryState, MAX_DELIVERY_ATTEMPTS, OutboxFilter};

const NOON: i64 = 1_780_000_000;
const BUDGET: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Takes messages, or fails, or never ends.
#[derive(Default)]
struct Receiver {
    taken: Mutex<Vec<String>>,
    fails: Mutex<Option<Failure>>,
    hangs: bool,
}

#[async_trait]
impl Sender for Receiver {
    async fn send(&self, message: &Message) -> Result<(), Failure> {
        if self.hangs {
            std::future::pending::<()>().await;
        }
        if let Some(failure) = self.fails.lock().expect("ours").clone() {
            return Err(failure);
        }
        self.taken.lock().expect("ours").push(message.id.clone());
        Ok(())
    }
}

impl Receiver {
    fn failing(reason: &str) -> Arc<Receiver> {
        Arc::new(Receiver { fails: Mutex::new(Some(Failure::new(reason))), ..Receiver::default() })
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().expect("ours").clone()
    }
}

struct Scene {
    _folder: tempfile::TempDir,
    store: Arc<SqliteStore>,
    clock: Arc<Hand>,
}

impl Scene {
    async fn new() -> Scene {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(SqliteStore::open(&folder.path().join("store.db")).await.expect("opens"));
        Scene { _folder: folder, store, clock: Arc::new(Hand(AtomicI64::new(NOON))) }
    }

    fn courier(&self, receivers: &[(&str, Arc<Receiver>)]) -> Courier {
        let events = [EventKind::ScanFailed.as_str().to_owned()];
        let channel = |(name, receiver): &(&str, Arc<Receiver>)| Channel::new(*name, &events, receiver.clone());
        let channels = receivers.iter().map(channel).collect();
        Courier::new(self.store.clone(), "default", channels, self.clock.clone()).with_chance(|| 1.0)
    }

    async fn states(&self) -> Vec<(String, DeliveryState, u32)> {
        let filter = OutboxFilter { profile: "default".to_owned(), state: None, limit: 100 };
        let all = self.store.deliveries(&filter).await.expect("lists");
        all.into_iter().map(|of| (of.channel, of.state, of.attempts)).collect()
    }
}

async fn deliver(courier: &Courier) -> Vec<(String, Option<String>)> {
    let tried = courier.deliver_due(BUDGET).await.expect("the outbox works");
    tried.into_iter().map(|of| (of.channel, of.error)).collect()
}

#[tokio::test]
async fn an_event_goes_once_to_each_channel_that_wants_it() {
    let scene = Scene::new().await;
    let (one, two) = (Arc::new(Receiver::default()), Arc::new(Receiver::default()));
    let courier = scene.courier(&[("one", one.clone()), ("two", two.clone())]);
    assert!(courier.post(notice("workbazaar", "1", "down")).await.expect("posts"));
    assert!(!courier.post(notice("workbazaar", "1", "down still")).await.expect("posts"));
    let unwanted = Notice { kind: EventKind::AuthExpired, ..notice("workbazaar", "1", "") };
    assert!(!courier.post(unwanted).await.expect("posts"), "no channel is for it");
    assert_eq!(deliver(&courier).await, [("one".to_owned(), None), ("two".to_owned(), None)]);
    assert_eq!(deliver(&courier).await, []);
    assert_eq!((one.taken().len(), one.taken()), (1, two.taken()));
}

#[tokio::test]
async fn a_failing_channel_is_tried_again_later_and_stops_nobody() {
    let scene = Scene::new().await;
    let (bad, good) = (Receiver::failing("it is down"), Arc::new(Receiver::default()));
    let courier = scene.courier(&[("bad", bad.clone()), ("good", good.clone())]);
    for epoch in ["1", "2"] {
        courier.post(notice("workbazaar", epoch, "down")).await.expect("posts");
    }
    let tried = deliver(&courier).await;
    assert_eq!(tried[0], ("bad".to_owned(), Some("it is down".to_owned())));
    assert_eq!((tried.len(), good.taken().len()), (3, 2), "one failure is enough to leave a channel alone");
    scene.clock.0.fetch_add(29, Ordering::SeqCst);
    *bad.fails.lock().expect("ours") = None;
    assert_eq!(deliver(&courier).await, [("bad".to_owned(), None)], "the second, which had not been tried");
    scene.clock.0.fetch_add(1, Ordering::SeqCst);
    assert_eq!(deliver(&courier).await, [("bad".to_owned(), None)], "and the first when its wait is over");
    let mut arrived = bad.taken();
    arrived.sort();
    let mut sent = good.taken();
    sent.sort();
    assert_eq!(arrived, sent);
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_is_given_it() {
    let scene = Scene::new().await;
    let asking = Failure { reason: "busy".to_owned(), retry_after: Some(Duration::from_secs(600)) };
    let receiver = Arc::new(Receiver { fails: Mutex::new(Some(asking)), ..Receiver::default() });
    let courier = scene.courier(&[("one", receiver.clone())]);
    courier.post(notice("workbazaar", "1", "")).await.expect("posts");
    deliver(&courier).await;
    scene.clock.0.fetch_add(599, Ordering::SeqCst);
    assert_eq!(deliver(&courier).await, []);
    scene.clock.0.fetch_add(1, Ordering::SeqCst);
    assert_eq!(deliver(&courier).await.len(), 1);
}

#[tokio::test]
async fn a_channel_that_never_takes_anything_is_given_up() {
    let scene = Scene::new().await;
    let courier = scene.courier(&[("bad", Receiver::failing("no"))]);
    courier.post(notice("workbazaar", "1", "")).await.expect("posts");
    for _ in 0..MAX_DELIVERY_ATTEMPTS {
        assert_eq!(deliver(&courier).await.len(), 1);
        scene.clock.0.fetch_add(6 * 3600, Ordering::SeqCst);
    }
    assert_eq!(deliver(&courier).await, []);
    assert_eq!(scene.states().await, [("bad".to_owned(), DeliveryState::GivenUp, MAX_DELIVERY_ATTEMPTS)]);
}

#[tokio::test]
async fn a_hanging_channel_costs_its_time_and_no_more() {
    let scene = Scene::new().await;
    let (hanging, good) = (Arc::new(Receiver { hangs: true, ..Receiver::default() }), Arc::new(Receiver::default()));
    let courier = scene.courier(&[("hanging", hanging), ("good", good.clone())]);
    courier.post(notice("workbazaar", "1", "")).await.expect("posts");
    let tried = courier.deliver_due(LEAST * 2).await.expect("the outbox works");
    let told: Vec<_> = tried.iter().map(|of| (of.channel.as_str(), of.error.as_deref())).collect();
    assert_eq!(told, [("hanging", Some("it was not done within 1 s")), ("good", None)]);
    assert_eq!(good.taken().len(), 1);
    let waiting = ("hanging".to_owned(), DeliveryState::Waiting, 1);
    assert!(scene.states().await.contains(&waiting), "it comes again");
}

#[tokio::test]
async fn a_test_passes_the_outbox_and_the_wishes_of_channels() {
    let scene = Scene::new().await;
    let (good, bad) = (Arc::new(Receiver::default()), Receiver::failing("no"));
    let courier = scene.courier(&[("good", good.clone()), ("bad", bad)]);
    let all: Vec<&Channel> = courier.channels().iter().collect();
    let told = courier.test(&all, Notice { kind: EventKind::Test, ..notice("", "", "") }).await.expect("tests");
    let told: Vec<_> = told.iter().map(|of| (of.channel.as_str(), of.error.as_deref())).collect();
    assert_eq!(told, [("good", None), ("bad", Some("no"))]);
    assert_eq!((good.taken().len(), scene.states().await), (1, vec![]));
}
