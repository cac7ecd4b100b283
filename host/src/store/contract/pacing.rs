//! What every backend must do about plans and the pace of requests.

use std::time::Duration;

use super::{NOON, key};
use crate::store::pacing::{Plan, RateLimit, SLOT_LIFE, Slots};
use crate::store::{Purge, Store};

const A_MINUTE: RateLimit = RateLimit { requests: 5, window: 60 };

/// Runs every rule.
pub(super) async fn upholds_the_contract(store: &dyn Store) {
    plans_are_kept_for_each_account(store).await;
    no_window_ever_has_more_than_its_limit(store).await;
    the_tightest_limit_decides(store).await;
    many_at_once_do_not_pass_a_limit_together(store).await;
    a_pause_holds_for_all_and_ends(store).await;
    a_clock_that_was_turned_back_locks_nobody_out(store).await;
}

async fn take(store: &dyn Store, platform: &str, limits: &[RateLimit], wanted: u32, now: i64) -> Slots {
    store.take_slots(platform, limits, wanted, now).await.expect("answers")
}

async fn plans_are_kept_for_each_account(store: &dyn Store) {
    let account = key("plans", "workbazaar", "default");
    assert_eq!(store.plan(&account).await.expect("reads"), None);
    let plan = Plan { planned_at: NOON, due_at: NOON + 1800, failures: 2, interval: Duration::from_secs(1800) };
    store.keep_plan(&account, &plan).await.expect("keeps");
    let later = Plan { due_at: NOON + 3600, failures: 0, ..plan };
    store.keep_plan(&account, &later).await.expect("keeps");
    assert_eq!(store.plan(&account).await.expect("reads"), Some(later));
    assert_eq!(store.plan(&key("plans-2", "workbazaar", "default")).await.expect("reads"), None);
    store.purge(&(&account).into(), Purge::Everything).await.expect("purges");
    assert_eq!(store.plan(&account).await.expect("reads"), None);
}

async fn no_window_ever_has_more_than_its_limit(store: &dyn Store) {
    let mut taken: Vec<i64> = Vec::new();
    for second in 0..400 {
        let now = NOON + second;
        while let Slots::Taken(count) = take(store, "pace", &[A_MINUTE], 2, now).await {
            assert!((1..=2).contains(&count));
            // At the worst they are used as late as may be.
            taken.extend((0..count).map(|_| now + SLOT_LIFE * (second % 2)));
        }
        let Slots::Wait(wait) = take(store, "pace", &[A_MINUTE], 1, now).await else { unreachable!("just asked") };
        assert!(wait >= 1 && i64::from(wait) <= 60 + SLOT_LIFE + 1, "{wait}");
    }
    for at in &taken {
        let within = taken.iter().filter(|other| (*at..*at + 60).contains(*other)).count();
        assert!(within <= 5, "{within} requests in a minute");
    }
    assert!(taken.len() >= 30, "the limit is made use of: {}", taken.len());
}

async fn the_tightest_limit_decides(store: &dyn Store) {
    let limits = [A_MINUTE, RateLimit { requests: 7, window: 3600 }];
    assert_eq!(take(store, "tight", &limits, 9, NOON).await, Slots::Taken(5));
    assert_eq!(take(store, "tight", &limits, 9, NOON + 100).await, Slots::Taken(2));
    let Slots::Wait(wait) = take(store, "tight", &limits, 1, NOON + 200).await else { panic!("the hour is used up") };
    assert!((3300..=3600).contains(&wait), "{wait}");
    assert_eq!(take(store, "tight", &limits, 1, NOON + 200 + i64::from(wait)).await, Slots::Taken(1));
    assert_eq!(take(store, "unlimited", &[], 9, NOON).await, Slots::Taken(9));
}

async fn many_at_once_do_not_pass_a_limit_together(store: &dyn Store) {
    let limit = [RateLimit { requests: 20, window: 60 }];
    let all = (0..50).map(|_| take(store, "burst", &limit, 3, NOON));
    let taken = futures_util::future::join_all(all).await;
    let sum: u32 = taken.iter().map(|slots| if let Slots::Taken(count) = slots { *count } else { 0 }).sum();
    assert_eq!(sum, 20);
}

async fn a_pause_holds_for_all_and_ends(store: &dyn Store) {
    store.pause_requests("paused", NOON + 30, NOON).await.expect("pauses");
    store.pause_requests("paused", NOON + 10, NOON).await.expect("an earlier end changes nothing");
    assert_eq!(take(store, "paused", &[], 1, NOON + 20).await, Slots::Wait(10));
    assert_eq!(take(store, "paused", &[A_MINUTE], 1, NOON + 30).await, Slots::Taken(1));
    store.pause_requests("paused", i64::MAX, NOON).await.expect("pauses");
    assert_eq!(take(store, "paused", &[], 1, NOON).await, Slots::Wait(86_400));
}

async fn a_clock_that_was_turned_back_locks_nobody_out(store: &dyn Store) {
    let year = 365 * 86_400;
    assert_eq!(take(store, "turned", &[A_MINUTE], 9, NOON + year).await, Slots::Taken(5));
    store.pause_requests("turned", NOON + year + 60, NOON + year).await.expect("pauses");
    assert_eq!(take(store, "turned", &[A_MINUTE], 1, NOON).await, Slots::Taken(1));
    store.pause_requests("turned", NOON + 5, NOON).await.expect("pauses");
    assert_eq!(take(store, "turned", &[A_MINUTE], 1, NOON).await, Slots::Wait(5), "the one of the future is replaced");
}
