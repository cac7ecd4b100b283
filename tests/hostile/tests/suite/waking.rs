//! Wake-ups: what a plugin does at a time that it has set, and what the host makes of it.

use ghoststack::app::wake::{Woken, fire};
use ghoststack::plugin::fault::CallError;
use ghoststack::plugin::platform::{PlatformPlugin, Work};
use ghoststack::store::{MAX_WAKE_UP_CALLS_A_DAY, PluginData, WakeUp};
use prospector_hostile::guest;
use prospector_hostile::scene::{NOW, Scene};

/// Sets a wake-up that is due now.
async fn set(scene: &Scene, work: &Work, key: &str) {
    let due = WakeUp { key: key.to_owned(), at: NOW };
    scene.store.set_wake_up(&work.account, &due, NOW - 3600).await.expect("there is room");
}

async fn pending(scene: &Scene, work: &Work) -> Vec<(String, i64)> {
    let pending = scene.store.pending_wake_ups(&work.account).await.expect("reads");
    pending.into_iter().map(|wake_up| (wake_up.key, wake_up.at - NOW)).collect()
}

async fn fired(plugin: &PlatformPlugin, work: &Work) -> Vec<(String, bool)> {
    let woken = fire(plugin, work).await.expect("the store serves");
    woken.into_iter().map(|Woken { key, error }| (key, error.is_none())).collect()
}

/// How often the guest was called for a key, by its own count.
async fn calls(scene: &Scene, work: &Work, key: &str) -> u8 {
    scene.store.state_get(&work.account, key).await.expect("reads").map_or(0, |entry| entry.value[0])
}

fn entry(key: &str, ahead: i64) -> (String, i64) {
    (key.to_owned(), ahead)
}

#[tokio::test]
async fn a_wake_up_fires_once_and_is_forgotten() {
    let (plugin, scene) = (guest::assessing().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    set(&scene, &work, "contracts").await;
    let ahead = WakeUp { key: "tomorrow".to_owned(), at: NOW + 86_400 };
    scene.store.set_wake_up(&work.account, &ahead, NOW).await.expect("there is room");
    assert_eq!(fired(&plugin, &work).await, [("contracts".to_owned(), true)]);
    assert_eq!(calls(&scene, &work, "contracts").await, 1);
    assert_eq!(pending(&scene, &work).await, [entry("tomorrow", 86_400)]);
    assert_eq!(fired(&plugin, &work).await, []);
}

#[tokio::test]
async fn one_that_the_plugin_sets_anew_stays_as_it_was_set() {
    let (plugin, scene) = (guest::assessing().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    set(&scene, &work, "anew").await;
    assert_eq!(fired(&plugin, &work).await, [("anew".to_owned(), true)]);
    assert_eq!(pending(&scene, &work).await, [entry("anew", 7200)]);
}

#[tokio::test]
async fn what_fails_or_traps_comes_again_later_and_keeps_no_other_from_firing() {
    let (plugin, scene) = (guest::assessing().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    for key in ["later", "soon", "trap", "well"] {
        set(&scene, &work, key).await;
    }
    let told = fired(&plugin, &work).await;
    let expected = [("later", false), ("soon", false), ("trap", false), ("well", true)];
    assert_eq!(told, expected.map(|(key, ok)| (key.to_owned(), ok)));
    assert_eq!(pending(&scene, &work).await, [entry("soon", 900), entry("trap", 900), entry("later", 10_000)]);
}

#[tokio::test]
async fn a_wake_up_may_read_and_not_write() {
    let (plugin, scene) = (guest::assessing().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    set(&scene, &work, "write").await;
    let woken = fire(&plugin, &work).await.expect("the store serves");
    let Some(CallError::Refused(error)) = &woken[0].error else { panic!("it was let pass: {woken:?}") };
    assert!(error.code.as_deref().is_some_and(|code| code.starts_with("gate.")), "{error:?}");
}

#[tokio::test]
async fn what_always_fails_ends_with_the_bound_of_the_day() {
    let (plugin, scene) = (guest::assessing().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    for _ in 0..MAX_WAKE_UP_CALLS_A_DAY {
        let due = WakeUp { key: "soon".to_owned(), at: NOW };
        scene.store.set_wake_up(&work.account, &due, NOW - 60).await.expect("within the bound");
    }
    assert_eq!(fired(&plugin, &work).await, []);
    assert_eq!((calls(&scene, &work, "soon").await, pending(&scene, &work).await), (0, vec![entry("soon", 0)]));
}

#[tokio::test]
async fn those_of_a_plugin_that_has_no_wake_are_forgotten() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    assert!(!plugin.wakes());
    set(&scene, &work, "contracts").await;
    assert_eq!(fired(&plugin, &work).await, []);
    assert_eq!(pending(&scene, &work).await, []);
}
