//! What every outbox must do.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::store::outbox::{
    Claim, ClaimWish, Delivery, DeliveryState, Event, MAX_DELIVERY_ATTEMPTS, MAX_EVENT_BYTES, MAX_EVENTS, MAX_KEPT,
    MAX_WAITING, OutboxFilter, Settled,
};

/// How long the tests' claims last, in seconds.
const CLAIM: i64 = 60;

fn event(profile: &str, name: &str, at: i64) -> Event {
    Event {
        id: format!("evt_{name}"),
        key: format!("scan.failed/{name}"),
        account: key(profile, "workbazaar", "default"),
        kind: "scan.failed".to_owned(),
        created_at: at,
        data: r#"{"message":"Zürich \u0000"}"#.to_owned(),
    }
}

fn channels(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

async fn post(store: &dyn Store, event: &Event, to: &[&str]) -> bool {
    store.post(event, &channels(to)).await.expect("posts")
}

async fn claim(store: &dyn Store, profile: &str, channel: &str, now: i64) -> Option<Claim> {
    let wish = ClaimWish { profile, channel, kinds: None, now, until: now + CLAIM };
    store.claim_delivery(&wish).await.expect("claims")
}

async fn all(store: &dyn Store, profile: &str) -> Vec<Delivery> {
    let filter = OutboxFilter { profile: profile.to_owned(), state: None, limit: 10_000 };
    store.deliveries(&filter).await.expect("lists")
}

fn failed(again_at: i64) -> Settled {
    Settled::Failed { reason: "the server does not answer".to_owned(), again_at }
}

/// Runs every rule.
pub(super) async fn upholds_the_contract(store: &dyn Store) {
    an_event_of_a_key_is_taken_once(store).await;
    each_channel_gets_each_event_by_itself(store).await;
    a_claim_keeps_others_away_until_it_ends(store).await;
    what_failed_comes_again_when_it_is_due(store).await;
    attempts_are_bounded_however_they_end(store).await;
    old_news_are_given_up_and_then_forgotten(store).await;
    events_are_bounded_in_number_and_size(store).await;
    a_purge_takes_a_platforms_events(store).await;
}

async fn an_event_of_a_key_is_taken_once(store: &dyn Store) {
    let first = event("outbox-key", "a", NOON);
    assert!(post(store, &first, &["ntfy"]).await);
    let again = Event { id: "evt_other".to_owned(), created_at: NOON + 9, ..first.clone() };
    assert!(!post(store, &again, &["ntfy", "email"]).await);
    let held = all(store, "outbox-key").await;
    assert_eq!((held.len(), &held[0].event), (1, &first), "the first one stays, whole");
    let taken = claim(store, "outbox-key", "ntfy", NOON).await.expect("is due");
    assert!(store.settle_delivery(&taken, NOON, &Settled::Delivered).await.expect("settles"));
    assert!(!post(store, &again, &["ntfy"]).await, "it is known after its delivery too");
    let elsewhere = Event { account: key("outbox-key-2", "workbazaar", "default"), ..first };
    assert!(post(store, &elsewhere, &["ntfy"]).await, "profiles do not know of each other");
}

async fn each_channel_gets_each_event_by_itself(store: &dyn Store) {
    let profile = "outbox-channels";
    for (name, at) in [("a", NOON + 1), ("b", NOON)] {
        post(store, &event(profile, name, at), &["ntfy", "email", "ntfy"]).await;
    }
    assert_eq!(claim(store, profile, "desktop", NOON + 9).await, None, "nothing was meant for it");
    assert_eq!(claim(store, profile, "ntfy", NOON - 1).await, None, "nothing is due");
    for channel in ["ntfy", "email"] {
        for id in ["evt_b", "evt_a"] {
            let taken = claim(store, profile, channel, NOON + 9).await.expect("is due");
            assert_eq!((taken.event.id.as_str(), taken.attempt), (id, 1), "the oldest first");
            assert!(store.settle_delivery(&taken, NOON + 9, &Settled::Delivered).await.expect("settles"));
        }
        assert_eq!(claim(store, profile, channel, NOON + 9).await, None, "each once");
    }
    let held = all(store, profile).await;
    let listed: Vec<_> = held.iter().map(|of| (of.event.id.as_str(), of.channel.as_str())).collect();
    assert_eq!(listed, [("evt_a", "email"), ("evt_a", "ntfy"), ("evt_b", "email"), ("evt_b", "ntfy")]);
    assert!(held.iter().all(|of| of.state == DeliveryState::Delivered && of.reason.is_none()));
}

async fn a_claim_keeps_others_away_until_it_ends(store: &dyn Store) {
    let profile = "outbox-claims";
    post(store, &event(profile, "a", NOON), &["ntfy"]).await;
    let dead = claim(store, profile, "ntfy", NOON).await.expect("is due");
    assert_eq!(claim(store, profile, "ntfy", NOON + CLAIM - 1).await, None);
    // The first process has died, or is slow.
    let second = claim(store, profile, "ntfy", NOON + CLAIM).await.expect("the claim has ended");
    assert_eq!((second.attempt, &second.event.id), (2, &dead.event.id), "it is the same event to its receiver");
    assert!(!store.settle_delivery(&dead, NOON + CLAIM, &failed(NOON)).await.expect("settles"), "it came too late");
    assert!(store.settle_delivery(&second, NOON + CLAIM, &Settled::Delivered).await.expect("settles"));
    assert!(!store.settle_delivery(&second, NOON + CLAIM, &failed(NOON)).await.expect("settles"), "it is over");
    assert_eq!(all(store, profile).await[0].state, DeliveryState::Delivered);
}

async fn what_failed_comes_again_when_it_is_due(store: &dyn Store) {
    let profile = "outbox-again";
    post(store, &event(profile, "a", NOON), &["ntfy"]).await;
    post(store, &event(profile, "b", NOON + 1), &["ntfy"]).await;
    let taken = claim(store, profile, "ntfy", NOON + 1).await.expect("is due");
    assert!(store.settle_delivery(&taken, NOON + 1, &failed(NOON + 31)).await.expect("settles"));
    let next = claim(store, profile, "ntfy", NOON + 30).await.expect("another one is due");
    assert_eq!(next.event.id, "evt_b", "one that has to wait is in nobody's way");
    let again = claim(store, profile, "ntfy", NOON + 31).await.expect("is due again");
    assert_eq!((again.event.id.as_str(), again.attempt), ("evt_a", 2));
    let waiting = OutboxFilter { profile: profile.to_owned(), state: Some(DeliveryState::Waiting), limit: 1 };
    let listed = store.deliveries(&waiting).await.expect("lists");
    assert_eq!((listed.len(), listed[0].claimed_until), (1, Some(NOON + 30 + CLAIM)));
}

async fn attempts_are_bounded_however_they_end(store: &dyn Store) {
    let profile = "outbox-attempts";
    post(store, &event(profile, "failing", NOON), &["ntfy"]).await;
    post(store, &event(profile, "killing", NOON), &["command"]).await;
    let mut now = NOON;
    for attempt in 1..=MAX_DELIVERY_ATTEMPTS {
        let taken = claim(store, profile, "ntfy", now).await.expect("is due");
        assert_eq!(taken.attempt, attempt);
        let long = Settled::Failed { reason: "ü".repeat(1_000), again_at: now };
        assert!(store.settle_delivery(&taken, now, &long).await.expect("settles"));
        claim(store, profile, "command", now).await.expect("is due");
        now += CLAIM;
    }
    for channel in ["ntfy", "command"] {
        assert_eq!(claim(store, profile, channel, now).await, None, "{channel}");
    }
    assert_eq!(store.tidy_outbox(profile, now).await.expect("tidies"), 1, "the one that was cut short each time");
    for of in all(store, profile).await {
        assert_eq!((of.state, of.attempts), (DeliveryState::GivenUp, MAX_DELIVERY_ATTEMPTS), "{}", of.channel);
        assert!(of.reason.is_some_and(|reason| reason.len() <= 500));
    }
}

async fn old_news_are_given_up_and_then_forgotten(store: &dyn Store) {
    let profile = "outbox-age";
    let late = NOON + MAX_WAITING;
    post(store, &event(profile, "old", NOON), &["ntfy", "email"]).await;
    post(store, &event(profile, "young", NOON + 1), &["ntfy"]).await;
    claim(store, profile, "email", late - 1).await.expect("is just young enough");
    let taken = claim(store, profile, "ntfy", late).await.expect("is due");
    assert_eq!(taken.event.id, "evt_young", "an old one is not even tried");
    assert_eq!(store.tidy_outbox(profile, late).await.expect("tidies"), 1, "one that is being tried is left");
    let given_up: Vec<String> = all(store, profile)
        .await
        .into_iter()
        .filter(|of| of.state == DeliveryState::GivenUp)
        .map(|of| of.event.id + &of.channel)
        .collect();
    assert_eq!(given_up, ["evt_oldntfy"]);
    store.tidy_outbox(profile, NOON + MAX_KEPT).await.expect("tidies");
    let kept: BTreeSet<String> = all(store, profile).await.into_iter().map(|of| of.event.id).collect();
    assert_eq!(kept, BTreeSet::from(["evt_young".to_owned()]));
    assert!(post(store, &event(profile, "old", NOON + MAX_KEPT), &["ntfy"]).await, "it may be told of again");
}

async fn events_are_bounded_in_number_and_size(store: &dyn Store) {
    let profile = "outbox-bounds";
    let large = Event { data: "x".repeat(MAX_EVENT_BYTES + 1), ..event(profile, "large", NOON) };
    let to = channels(&["ntfy"]);
    for (event, to) in [
        (&large, to.as_slice()),
        (&event(profile, "none", NOON), &[]),
        (&event(profile, "many", NOON), &vec!["x".to_owned(); 65]),
    ] {
        assert!(matches!(store.post(event, to).await, Err(StoreError::Invalid { .. })), "{}", event.id);
    }
    // The oldest waits, and the others are settled: it outlives them.
    post(store, &event(profile, "waiting", NOON), &["email"]).await;
    for number in 0..MAX_EVENTS {
        post(store, &event(profile, &number.to_string(), NOON + 1 + i64::from(number)), &["ntfy"]).await;
        let taken = claim(store, profile, "ntfy", NOON + 1 + i64::from(number)).await.expect("is due");
        store.settle_delivery(&taken, NOON, &Settled::Delivered).await.expect("settles");
    }
    let kept = all(store, profile).await;
    assert_eq!(kept.len(), MAX_EVENTS as usize);
    assert_eq!(kept.last().map(|of| of.event.id.as_str()), Some("evt_waiting"));
    assert!(!kept.iter().any(|of| of.event.id == "evt_0"), "the oldest of those that nobody waits for has gone");
}

async fn a_purge_takes_a_platforms_events(store: &dyn Store) {
    let profile = "outbox-purge";
    post(store, &event(profile, "a", NOON), &["ntfy"]).await;
    let other = Event { account: key(profile, "jobhub", "default"), ..event(profile, "b", NOON) };
    post(store, &other, &["ntfy"]).await;
    store.purge(&Scope::profile(profile).on("workbazaar"), Purge::PluginData).await.expect("purges");
    assert_eq!(all(store, profile).await.len(), 2);
    store.purge(&Scope::profile(profile).on("workbazaar"), Purge::Everything).await.expect("purges");
    let left = all(store, profile).await;
    assert_eq!((left.len(), &left[0].event), (1, &other));
}

/// Something that happens to an outbox.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Step {
    /// An event of one of a few keys.
    Post(u8),
    /// A process takes a delivery of one of two channels.
    Claim(bool),
    /// A claim, the oldest or the latest, is settled: well or not.
    Settle(bool, bool),
    /// Seconds go by.
    Pass(i64),
    /// Somebody tidies up.
    Tidy,
}

pub(in crate::store) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => (0..4_u8).prop_map(Step::Post),
        4 => any::<bool>().prop_map(Step::Claim),
        4 => any::<(bool, bool)>().prop_map(|(latest, well)| Step::Settle(latest, well)),
        2 => (1..100_i64).prop_map(Step::Pass),
        1 => Just(Step::Tidy),
    ];
    prop::collection::vec(step, 0..60)
}

/// Whatever happens: a delivery is in one pair of hands at a time, a delivered one is never made again, and none is tried too often.
pub(in crate::store) async fn delivers_once_at_a_time(store: &dyn Store, steps: &[Step]) {
    let profile = "outbox-model";
    let mut now = NOON;
    let mut held: Vec<(Claim, i64)> = Vec::new();
    let mut delivered = BTreeSet::new();
    let mut tried: BTreeMap<(String, String), u32> = BTreeMap::new();
    for step in steps {
        match *step {
            Step::Post(key) => {
                let known = all(store, profile).await.iter().any(|of| of.event.key == format!("scan.failed/{key}"));
                assert_eq!(post(store, &event(profile, &key.to_string(), now), &["one", "two"]).await, !known);
            }
            Step::Claim(second) => {
                let channel = if second { "two" } else { "one" };
                let Some(taken) = claim(store, profile, channel, now).await else { continue };
                let place = (taken.event.id.clone(), channel.to_owned());
                assert!(!delivered.contains(&place), "{place:?} was delivered already");
                let live = |(other, until): &&(Claim, i64)| {
                    *until > now && other.event.id == place.0 && other.channel == channel
                };
                assert!(held.iter().find(live).is_none(), "{place:?} is in other hands");
                let count = tried.entry(place).or_default();
                *count += 1;
                assert_eq!(taken.attempt, *count);
                assert!(*count <= MAX_DELIVERY_ATTEMPTS);
                held.push((taken, now + CLAIM));
            }
            Step::Settle(latest, well) => {
                if held.is_empty() {
                    continue;
                }
                let (taken, _) = held.remove(if latest { held.len() - 1 } else { 0 });
                let place = (taken.event.id.clone(), taken.channel.clone());
                let is_current = tried[&place] == taken.attempt;
                let settled = if well { Settled::Delivered } else { failed(now + 10) };
                let counted = store.settle_delivery(&taken, now, &settled).await.expect("settles");
                assert!(!counted || is_current, "an old claim has no say");
                if counted && well {
                    delivered.insert(place);
                }
            }
            Step::Pass(seconds) => now += seconds,
            Step::Tidy => {
                store.tidy_outbox(profile, now).await.expect("tidies");
            }
        }
    }
    for of in all(store, profile).await {
        let is_delivered = delivered.contains(&(of.event.id.clone(), of.channel.clone()));
        assert_eq!(of.state == DeliveryState::Delivered, is_delivered, "{of:?}");
    }
}
