//! Whole scans over a plugin that never comes to an end, fails half way, or fails on some postings.

use std::sync::Arc;

use ghoststack::contract::SIGNALS;
use ghoststack::lead::Stage;
use ghoststack::pipeline::course::Reach;
use ghoststack::pipeline::judge::Customs;
use ghoststack::pipeline::score::Weighing;
use ghoststack::pipeline::{Observer, PluginPlatform, ScanReport, ScanRequest, scan};
use ghoststack::plugin::platform::PlatformPlugin;
use ghoststack::store::{LeadFilter, Page, PageSummary, Postings, Scope, SkippedFilter, StoredLead};
use prospector_hostile::guest::{self, attributes, nobody};
use prospector_hostile::scene::{Scene, account, clock};

struct Deaf;

impl Observer for Deaf {
    fn page(&mut self, _: &Page, _: &PageSummary) {}
    fn progress(&mut self, _: u64, _: Option<u64>) {}
}

async fn scanned(scene: &Scene, plugin: Arc<PlatformPlugin>, behaviour: &str, limit: u32) -> ScanReport {
    let request = ScanRequest {
        account: account("hostile"),
        settings: attributes(behaviour, &[]),
        filters: Vec::new(),
        profile: nobody(),
        parameters: Vec::new(),
        weights: Weighing { weights: SIGNALS.map(|name| (name.to_owned(), 2000)).into(), adjustment_max: 2_000 },
        customs: Customs::default(),
        rules: Vec::new(),
        limit,
        reach: Reach::Everything,
        dry_run: false,
        owner: "a test".to_owned(),
    };
    let work = scene.work(&plugin, &[]);
    let platform = PluginPlatform { plugin, work };
    scan(&platform, scene.store.as_ref(), &clock(), &request, &mut Deaf).await.expect("the store works")
}

async fn kept(scene: &Scene) -> Vec<StoredLead> {
    let filter = LeadFilter::all(Scope::from(&account("hostile")), 100);
    scene.store.leads(&filter).await.expect("leads can be read")
}

#[tokio::test]
async fn a_platform_that_never_comes_to_an_end_is_left_and_what_was_found_is_kept() {
    for (behaviour, kept) in [("same-cursor", 1), ("two-cursors", 1), ("ever-new-cursors", 0)] {
        let (plugin, scene) = (guest::plugin().await, Scene::open().await);
        let report = scanned(&scene, plugin.clone(), behaviour, 1000).await;
        let failure = report.failure.expect("the scan says that it was left");
        assert!(failure.message.contains("do not come to an end"), "{behaviour}: {}", failure.message);
        assert_eq!((report.fetched, report.kept), (kept, kept), "{behaviour}");
        assert!(
            scanned(&scene, plugin, "", 1000).await.failure.is_none(),
            "the account is free again after {behaviour}"
        );
    }
}

#[tokio::test]
async fn a_platform_with_ever_new_postings_is_read_as_far_as_was_asked() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let report = scanned(&scene, plugin, "ever-new-postings", 250).await;
    assert_eq!((report.fetched, report.failure), (250, None));
}

#[tokio::test]
async fn a_trap_on_the_second_page_leaves_the_first_and_is_told_with_plugin_and_export() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let report = scanned(&scene, plugin, "trap-on-the-second-page", 1000).await;
    let failure = report.failure.expect("the scan failed");
    assert_eq!(failure.kind, "fault");
    assert!(
        failure.message.contains("`hostile`") && failure.message.contains("`search.search`"),
        "{}",
        failure.message
    );
    let leads = kept(&scene).await;
    assert_eq!(leads.iter().map(|lead| lead.lead.posting.id.as_str()).collect::<Vec<_>>(), ["first"]);
}

#[tokio::test]
async fn a_posting_that_makes_the_plugin_trap_is_shown_unjudged_and_hides_no_other() {
    for plugin in [guest::plugin().await, guest::assessing().await] {
        let scene = Scene::open().await;
        let report = scanned(&scene, plugin, "poison", 1000).await;
        assert_eq!((report.fetched, report.kept, report.failure), (8, 8, None));
        let leads = kept(&scene).await;
        let unjudged: Vec<_> = leads.iter().filter(|lead| !lead.lead.explained.faults.is_empty()).collect();
        assert_eq!(unjudged.iter().map(|lead| lead.lead.posting.title.as_str()).collect::<Vec<_>>(), ["poison"]);
        assert!(
            unjudged[0].lead.explained.faults[0].contains("`hostile` trapped"),
            "{:?}",
            unjudged[0].lead.explained.faults
        );
    }
}

#[tokio::test]
async fn an_absurd_posting_is_skipped_with_the_reason() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let report = scanned(&scene, plugin, "budget-negative", 1000).await;
    assert_eq!((report.fetched, report.kept, report.skipped), (2, 1, 1));
    let filter = SkippedFilter {
        scope: Scope::from(&account("hostile")),
        stage: Some(Stage::Read),
        filter: None,
        since: None,
        skip: 0,
        limit: 100,
    };
    let skipped = scene.store.skipped(&filter).await.expect("skipped postings can be read");
    assert_eq!(skipped.len(), 1);
    assert!(skipped[0].skipped.reason.contains("negative"), "{}", skipped[0].skipped.reason);
}
