//! What every backend must do, as tests over `&dyn Store`.
//!
//! A backend's tests call [`upholds_the_contract`] once with an empty store, and [`agrees_with_the_model`] from a property test. Each
//! rule keeps to a profile of its own, so that a shared server serves as well as a fresh file.

mod attempts;
mod contracts;
mod marks;
mod news;
pub(super) mod outbox;
mod pacing;
mod progress;
mod proposals;

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::config::RuleAction;
use crate::contract::types::{Budget, Client, Competition, Payment, Posting, PostingKind, PostingStatus, Span};
use crate::lead::{Applied, Explained, Lead, Mark, Novelty, Score, Skipped, Stage};

const MINUTE: Duration = Duration::from_secs(60);
const NOON: i64 = 1_780_000_000;

pub(crate) fn key(profile: &str, platform: &str, account: &str) -> AccountKey {
    AccountKey { profile: profile.to_owned(), platform: platform.to_owned(), account: account.to_owned() }
}

pub(crate) fn lead(id: &str, score: i64) -> Lead {
    Lead {
        posting: Posting {
            id: id.to_owned(),
            kind: PostingKind::Project,
            title: format!("Work {id}"),
            url: format!("https://work.example/{id}"),
            description: "A shop for bicycles".to_owned(),
            status: PostingStatus::Open,
            payment: Payment::Fixed,
            budget: Some(Budget {
                minimum: Some(25_000),
                maximum: None,
                currency: "EUR".to_owned(),
                usd_rate: Some(1.125),
            }),
            skills: vec!["Rust".to_owned(), "SQL".to_owned()],
            categories: Vec::new(),
            experience: None,
            duration: None,
            workload: None,
            language: None,
            posted_at: Some(NOON - 600),
            updated_at: None,
            closes_at: None,
            competition: Some(Competition { proposals: Span { minimum: 3, maximum: Some(3) }, average: None }),
            client: Client {
                id: None,
                country: None,
                country_code: None,
                rating: Some(4.5),
                reviews: None,
                posted: None,
                hires: None,
                hire_rate: None,
                spent_usd: None,
                payment_verified: None,
                member_since: None,
            },
            attributes: Vec::new(),
        },
        explained: Explained {
            score: Score::clamped(score),
            confidence: 0.75,
            breakdown: Vec::new(),
            adjustments: Vec::new(),
            faults: Vec::new(),
            rule: None,
            passed: Vec::new(),
        },
    }
}

pub(super) fn skip(id: &str, filter: &str) -> Skipped {
    Skipped {
        id: id.to_owned(),
        title: format!("Work {id}"),
        url: None,
        stage: Stage::Screening,
        filter: filter.to_owned(),
        reason: "the client's rating is too low".to_owned(),
    }
}

pub(super) fn page(leads: Vec<Lead>, skipped: Vec<Skipped>) -> Page {
    Page { leads, skipped }
}

/// Takes the turn, scans the pages, ends.
pub(super) async fn scan(store: &dyn Store, account: &AccountKey, now: i64, pages: &[Page]) -> ScanCounts {
    let lease = store.acquire_scan_lease(account, "a test", now, MINUTE).await.expect("nobody else scans");
    let id = store.begin_scan(&lease, now).await.expect("begins");
    for page in pages {
        store.record_page(&id, now, page).await.expect("records");
    }
    let counts = store.finish_scan(&id, now.saturating_add(1), &ScanOutcome::default()).await.expect("ends");
    store.release_scan_lease(&lease).await.expect("releases");
    counts
}

async fn all_leads(store: &dyn Store, scope: &Scope) -> Vec<StoredLead> {
    store.leads(&LeadFilter::all(scope.clone(), 10_000)).await.expect("lists")
}

async fn all_skipped(store: &dyn Store, scope: &Scope) -> Vec<StoredSkip> {
    store
        .skipped(&SkippedFilter {
            scope: scope.clone(),
            stage: None,
            filter: None,
            since: None,
            skip: 0,
            limit: 10_000,
        })
        .await
        .expect("lists")
}

fn ids(leads: &[StoredLead]) -> Vec<&str> {
    leads.iter().map(|l| l.lead.posting.id.as_str()).collect()
}

/// Runs every rule.
pub(super) async fn upholds_the_contract(store: &dyn Store) {
    a_second_scan_of_unchanged_data_has_nothing_new(store).await;
    what_moves_by_itself_is_stored_but_is_no_change(store).await;
    what_one_decides_on_is_a_change(store).await;
    a_repeated_posting_counts_once(store).await;
    a_posting_is_never_both_lead_and_skipped(store).await;
    a_dry_run_compares_and_stores_nothing(store).await;
    past_figures_are_remembered_up_to_a_bound(store).await;
    only_one_scans_an_account_at_a_time(store).await;
    a_scan_that_lost_its_turn_records_nothing(store).await;
    scans_tell_how_they_ended(store).await;
    pruning_scans_keeps_the_last_sync(store).await;
    leads_are_listed_best_first_and_filtered(store).await;
    skipped_postings_are_filtered_and_counted(store).await;
    a_reference_finds_one_posting_or_says_which_it_could_be(store).await;
    odd_texts_and_times_come_back_whole(store).await;
    state_is_kept_within_its_bounds(store).await;
    wake_ups_are_kept_within_their_bounds(store).await;
    requests_are_counted_by_the_day(store).await;
    the_audit_is_listed_and_pruned(store).await;
    accounts_do_not_see_each_other(store).await;
    a_purge_removes_what_it_names_and_no_more(store).await;
    old_postings_are_forgotten(store).await;
    marks::upholds_the_contract(store).await;
    outbox::upholds_the_contract(store).await;
    progress::is_kept_as_it_was_for_each_account_and_purged_with_it(store).await;
    news::upholds_the_contract(store).await;
    pacing::upholds_the_contract(store).await;
    proposals::upholds_the_contract(store).await;
    contracts::upholds_the_contract(store).await;
}

async fn a_second_scan_of_unchanged_data_has_nothing_new(store: &dyn Store) {
    let account = key("twice", "workbazaar", "default");
    let pages =
        [page(vec![lead("1", 5000), lead("2", 4000)], vec![skip("3", "rating")]), page(vec![lead("4", 100)], vec![])];
    let first = scan(store, &account, NOON, &pages).await;
    assert_eq!((first.new, first.changed, first.unchanged), (4, 0, 0));
    assert_eq!((first.kept, first.skipped), (3, 1));
    let second = scan(store, &account, NOON + 100, &pages).await;
    assert_eq!((second.new, second.changed, second.unchanged), (0, 0, 4));
    let leads = all_leads(store, &(&account).into()).await;
    assert_eq!(ids(&leads), ["1", "2", "4"]);
    for stored in leads {
        assert_eq!((stored.first_seen, stored.last_seen), (NOON, NOON + 100));
        assert_eq!(stored.scored_at, NOON + 100);
        assert_eq!(stored.novelty, Novelty::Unchanged);
    }
}

async fn what_moves_by_itself_is_stored_but_is_no_change(store: &dyn Store) {
    let account = key("moves", "workbazaar", "default");
    scan(store, &account, NOON, &[page(vec![lead("1", 5000)], vec![])]).await;
    let mut later = lead("1", 4800);
    later.posting.competition = None;
    later.posting.updated_at = Some(NOON);
    later.posting.client.reviews = Some(7);
    later.posting.budget.as_mut().expect("has one").usd_rate = Some(1.25);
    later.posting.skills.reverse();
    let pages = [page(vec![later.clone()], vec![])];
    let counts = scan(store, &account, NOON + 1, &pages).await;
    assert_eq!((counts.changed, counts.unchanged), (0, 1));
    assert_eq!(all_leads(store, &(&account).into()).await[0].lead, later);
}

async fn what_one_decides_on_is_a_change(store: &dyn Store) {
    let account = key("changes", "workbazaar", "default");
    let mut current = lead("1", 5000);
    let changes: [fn(&mut Posting); 7] = [
        |p| p.title.push('!'),
        |p| p.description.push('!'),
        |p| p.status = PostingStatus::Closed,
        |p| p.budget.as_mut().expect("has one").maximum = Some(90_000),
        |p| p.budget = None,
        |p| p.skills.push("Go".to_owned()),
        |p| p.closes_at = Some(NOON),
    ];
    scan(store, &account, NOON, &[page(vec![current.clone()], vec![])]).await;
    for (at, change) in changes.iter().enumerate() {
        change(&mut current.posting);
        let pages = [page(vec![current.clone()], vec![])];
        let counts = scan(store, &account, NOON, &pages).await;
        assert_eq!((counts.changed, counts.unchanged), (1, 0), "change {at}");
    }
}

async fn a_repeated_posting_counts_once(store: &dyn Store) {
    let account = key("repeats", "workbazaar", "default");
    let lease = store.acquire_scan_lease(&account, "a test", NOON, MINUTE).await.expect("free");
    let id = store.begin_scan(&lease, NOON).await.expect("begins");
    let twice = page(vec![lead("1", 1), lead("2", 2), lead("1", 3)], vec![skip("3", "a"), skip("3", "b")]);
    let first = store.record_page(&id, NOON, &twice).await.expect("records");
    assert_eq!(first.counts.new, 3);
    assert_eq!(first.leads, [Novelty::New; 3]);
    let again = store.record_page(&id, NOON, &twice).await.expect("records");
    assert_eq!(again.counts, ScanCounts::default());
    assert_eq!(again.leads, first.leads);
    assert_eq!(again.skipped, first.skipped);
    let counts = store.finish_scan(&id, NOON, &ScanOutcome::default()).await.expect("ends");
    assert_eq!((counts.new, counts.kept, counts.skipped), (3, 2, 1));
    let leads = all_leads(store, &(&account).into()).await;
    assert_eq!(ids(&leads), ["1", "2"], "the last of the page counts");
    assert_eq!(all_skipped(store, &(&account).into()).await[0].skipped.filter, "b");
}

async fn a_posting_is_never_both_lead_and_skipped(store: &dyn Store) {
    let account = key("moves-over", "workbazaar", "default");
    let scope = Scope::from(&account);
    let kept = [page(vec![lead("1", 5000)], vec![])];
    let dropped = [page(vec![], vec![skip("1", "rating")])];
    scan(store, &account, NOON, &kept).await;
    for (pages, now, leads, skipped) in
        [(&dropped, NOON + 1, 0, 1), (&kept, NOON + 2, 1, 0), (&dropped, NOON + 3, 0, 1)]
    {
        let counts = scan(store, &account, now, pages).await;
        assert_eq!((counts.new, counts.changed), (0, 1));
        assert_eq!(all_leads(store, &scope).await.len(), leads);
        assert_eq!(all_skipped(store, &scope).await.len(), skipped);
    }
    assert_eq!(all_skipped(store, &scope).await[0].first_seen, NOON);
}

async fn a_dry_run_compares_and_stores_nothing(store: &dyn Store) {
    let account = key("dry", "workbazaar", "default");
    scan(store, &account, NOON, &[page(vec![lead("1", 1)], vec![])]).await;
    let mut changed = lead("1", 1);
    changed.posting.title.push('!');
    let seen = page(vec![changed, lead("2", 2)], vec![skip("3", "rating")]);
    for _ in 0..2 {
        let summary = store.compare_page(&account, &seen).await.expect("compares");
        assert_eq!(summary.leads, [Novelty::Changed, Novelty::New]);
        assert_eq!(summary.skipped, [Novelty::New]);
        assert_eq!(summary.counts.new, 2);
    }
    assert_eq!(ids(&all_leads(store, &(&account).into()).await), ["1"]);
}

async fn past_figures_are_remembered_up_to_a_bound(store: &dyn Store) {
    let account = key("history", "workbazaar", "default");
    let last = i64::try_from(MAX_PAST_STATES).expect("is small") + 5;
    for bids in 0..=last {
        let mut seen = lead("1", 1);
        let proposals = Span { minimum: u32::try_from(bids).expect("is small"), maximum: None };
        seen.posting.competition.as_mut().expect("has some").proposals = proposals;
        scan(store, &account, NOON + bids, &[page(vec![seen], vec![])]).await;
    }
    let past = store.past_states(&account, "1").await.expect("reads");
    assert_eq!(past.len(), MAX_PAST_STATES);
    let expected: Vec<i64> = (0..last).rev().take(MAX_PAST_STATES).map(|n| NOON + n).collect();
    assert_eq!(past.iter().map(|p| p.until).collect::<Vec<_>>(), expected);
    assert_eq!(past[0].facts.proposals.map(|span| i64::from(span.minimum)), Some(last - 1));
    assert!(store.past_states(&account, "2").await.expect("reads").is_empty());
}

async fn only_one_scans_an_account_at_a_time(store: &dyn Store) {
    let account = key("leases", "workbazaar", "default");
    let first = store.acquire_scan_lease(&account, "process 1", NOON, MINUTE).await.expect("free");
    let refused = store.acquire_scan_lease(&account, "process 2", NOON + 59, MINUTE).await.expect_err("is held");
    assert!(
        matches!(&refused, StoreError::ScanRunning { owner, since, until, .. } if owner == "process 1" && *since == NOON && *until == NOON + 60)
    );
    assert!(refused.to_string().contains("since 2026-"), "{refused} names the time");
    let other = key("leases", "workbazaar", "second");
    store.acquire_scan_lease(&other, "process 2", NOON, MINUTE).await.expect("another account is free");
    store.renew_scan_lease(&first, NOON + 50, MINUTE).await.expect("is held");
    assert!(store.acquire_scan_lease(&account, "process 2", NOON + 109, MINUTE).await.is_err());
    // Silent for too long: it goes to another, and giving back or renewing the old one does not touch the new one.
    let second = store.acquire_scan_lease(&account, "process 2", NOON + 110, MINUTE).await.expect("has expired");
    store.release_scan_lease(&first).await.expect("is no error");
    let lost = store.renew_scan_lease(&first, NOON + 111, MINUTE).await.expect_err("is lost");
    assert!(matches!(lost, StoreError::LeaseLost { .. }));
    assert!(store.acquire_scan_lease(&account, "process 3", NOON + 111, MINUTE).await.is_err());
    store.release_scan_lease(&second).await.expect("releases");
    store.acquire_scan_lease(&account, "process 3", NOON + 111, Duration::from_secs(1 << 40)).await.expect("is free");
    // However long it was asked for, and whatever became of the clock.
    let bound = i64::try_from(MAX_LEASE.as_secs()).expect("is small");
    for now in [NOON + 111 + bound, NOON - 10_000_000] {
        store.acquire_scan_lease(&account, "process 4", now, MINUTE).await.expect("has expired");
    }
}

async fn a_scan_that_lost_its_turn_records_nothing(store: &dyn Store) {
    let account = key("lost", "workbazaar", "default");
    let lease = store.acquire_scan_lease(&account, "asleep", NOON, MINUTE).await.expect("free");
    let id = store.begin_scan(&lease, NOON).await.expect("begins");
    store.acquire_scan_lease(&account, "awake", NOON + 61, MINUTE).await.expect("has expired");
    let seen = page(vec![lead("1", 1)], vec![]);
    let lost = store.record_page(&id, NOON + 62, &seen).await.expect_err("is lost");
    assert!(matches!(lost, StoreError::LeaseLost { .. }));
    assert!(matches!(store.begin_scan(&lease, NOON).await, Err(StoreError::LeaseLost { .. })));
    assert!(all_leads(store, &(&account).into()).await.is_empty());
    store.finish_scan(&id, NOON, &ScanOutcome::default()).await.expect("may still say how it ended");
    for _ in 0..2 {
        assert!(matches!(
            store.finish_scan(&id, NOON, &ScanOutcome::default()).await,
            Err(StoreError::ScanNotOpen { .. })
        ));
        assert!(matches!(store.record_page(&id, NOON, &seen).await, Err(StoreError::ScanNotOpen { .. })));
    }
}

async fn scans_tell_how_they_ended(store: &dyn Store) {
    let account = key("scans", "workbazaar", "default");
    let scope = Scope::from(&account);
    assert_eq!(store.last_sync(&account).await.expect("reads"), None);
    let counts = scan(store, &account, NOON, &[page(vec![lead("1", 1)], vec![skip("2", "x")])]).await;
    let lease = store.acquire_scan_lease(&account, "a test", NOON + 10, MINUTE).await.expect("free");
    let id = store.begin_scan(&lease, NOON + 10).await.expect("begins");
    let outcome = ScanOutcome {
        fetched: 40,
        notices: vec!["rated \u{0} \u{1b}[31m".to_owned()],
        failure: Some(ScanFailure {
            kind: "rate-limited".to_owned(),
            message: "too many requests".to_owned(),
            remedy: None,
        }),
        duration: Duration::from_millis(1234),
    };
    store.finish_scan(&id, NOON + 12, &outcome).await.expect("ends");
    let cut_off = store.begin_scan(&lease, NOON + 20).await.expect("begins");
    assert_eq!(cut_off.number(), 3);
    let scans = store.scans(&scope, NOON + 21, 10).await.expect("lists");
    let states: Vec<ScanState> = scans.iter().map(|scan| scan.state).collect();
    assert_eq!(states, [ScanState::Running, ScanState::Failed, ScanState::Succeeded]);
    assert_eq!((scans[1].finished_at, &scans[1].outcome), (Some(NOON + 12), &outcome));
    assert_eq!(scans[2].counts, counts);
    // Its process is gone: the lease runs out.
    let scans = store.scans(&scope, NOON + 70, 1).await.expect("lists");
    assert_eq!((scans.len(), scans[0].state), (1, ScanState::Interrupted));
    assert_eq!(store.last_sync(&account).await.expect("reads"), Some(NOON + 1));
}

async fn pruning_scans_keeps_the_last_sync(store: &dyn Store) {
    let account = key("prune-scans", "workbazaar", "default");
    for at in [0, 10, 20] {
        scan(store, &account, NOON + at, &[]).await;
    }
    let lease = store.acquire_scan_lease(&account, "a test", NOON + 30, MINUTE).await.expect("free");
    for at in [30, 40] {
        store.begin_scan(&lease, NOON + at).await.expect("begins");
    }
    let scope = Scope::from(&account);
    assert_eq!(store.prune_scans(&scope, NOON + 5).await.expect("prunes"), 1);
    let removed = store.prune_scans(&scope, NOON + 1000).await.expect("prunes");
    assert_eq!(removed, 2, "one that succeeded, one that was interrupted");
    let left = store.scans(&scope, NOON + 1000, 10).await.expect("lists");
    let numbers: Vec<i64> = left.iter().map(|scan| scan.id.number()).collect();
    assert_eq!(numbers, [5, 3]);
    assert_eq!(store.last_sync(&account).await.expect("reads"), Some(NOON + 21));
}

async fn leads_are_listed_best_first_and_filtered(store: &dyn Store) {
    let one = key("lists", "workbazaar", "default");
    let two = key("lists", "jobhub", "default");
    let mut latest = lead("b", 5000);
    latest.posting.posted_at = Some(NOON);
    let mut undated = lead("0", 5000);
    undated.posting.posted_at = None;
    scan(store, &one, NOON, &[page(vec![undated, lead("a", 5000), latest, lead("c", 100)], vec![])]).await;
    scan(store, &two, NOON + 10, &[page(vec![lead("d", 9000), lead("e", 0)], vec![])]).await;
    let scope = Scope::profile("lists");
    let base = LeadFilter::all(scope.clone(), 100);
    let on = |platform: &str| scope.clone().on(platform);
    let table: [(LeadFilter, &[&str]); 8] = [
        (base.clone(), &["d", "b", "a", "0", "c", "e"]),
        (LeadFilter { scope: on("workbazaar"), ..base.clone() }, &["b", "a", "0", "c"]),
        (LeadFilter { min_score: Some(Score::clamped(5000)), ..base.clone() }, &["d", "b", "a", "0"]),
        (LeadFilter { since: Some(NOON + 10), ..base.clone() }, &["d", "e"]),
        (LeadFilter { limit: 2, ..base.clone() }, &["d", "b"]),
        (LeadFilter { skip: 2, limit: 3, ..base.clone() }, &["a", "0", "c"]),
        (LeadFilter { skip: 6, ..base.clone() }, &[]),
        (LeadFilter { scope: on("nowhere"), ..base }, &[]),
    ];
    for (filter, expected) in table {
        let leads = store.leads(&filter).await.expect("lists");
        assert_eq!(ids(&leads), expected, "{filter:?}");
    }
}

async fn skipped_postings_are_filtered_and_counted(store: &dyn Store) {
    let account = key("skips", "workbazaar", "default");
    let mut by_rule = skip("3", "low-budget");
    by_rule.stage = Stage::Rule;
    let seen = [page(vec![lead("9", 1)], vec![skip("1", "rating"), skip("2", "rating"), by_rule])];
    scan(store, &account, NOON, &seen).await;
    let scope = Scope::from(&account);
    let base = SkippedFilter { scope: scope.clone(), stage: None, filter: None, since: None, skip: 0, limit: 10 };
    let table: [(SkippedFilter, &[&str]); 5] = [
        (base.clone(), &["1", "2", "3"]),
        (SkippedFilter { stage: Some(Stage::Rule), ..base.clone() }, &["3"]),
        (SkippedFilter { filter: Some("rating".to_owned()), limit: 1, ..base.clone() }, &["1"]),
        (SkippedFilter { skip: 1, limit: 1, ..base.clone() }, &["2"]),
        (SkippedFilter { since: Some(NOON + 1), ..base }, &[]),
    ];
    for (filter, expected) in table {
        let listed = store.skipped(&filter).await.expect("lists");
        let listed: Vec<&str> = listed.iter().map(|s| s.skipped.id.as_str()).collect();
        assert_eq!(listed, expected, "{filter:?}");
    }
    let counts = store.counts(&scope, None).await.expect("counts");
    assert_eq!(counts.leads, 1);
    let by: Vec<(Stage, &str, u64)> = counts.skipped.iter().map(|c| (c.stage, c.filter.as_str(), c.count)).collect();
    assert_eq!(by, [(Stage::Screening, "rating", 2), (Stage::Rule, "low-budget", 1)]);
    assert_eq!(store.counts(&scope, Some(NOON + 1)).await.expect("counts"), Counts::default());
}

async fn a_reference_finds_one_posting_or_says_which_it_could_be(store: &dyn Store) {
    let one = key("finds", "workbazaar", "default");
    let two = key("finds", "jobhub", "work");
    let seen =
        [page(vec![lead("401", 1), lead("4012", 1), lead("a/b", 1), lead("7%_", 1)], vec![skip("502", "rating")])];
    scan(store, &one, NOON, &seen).await;
    scan(store, &two, NOON, &[page(vec![lead("401", 1)], vec![])]).await;
    let scope = Scope::profile("finds");
    for (reference, platform, id) in [
        ("4012", "workbazaar", "4012"),
        ("workbazaar/401", "workbazaar", "401"),
        ("jobhub/4", "jobhub", "401"),
        ("a/b", "workbazaar", "a/b"),
        ("a/", "workbazaar", "a/b"),
        ("workbazaar/a/b", "workbazaar", "a/b"),
        ("5", "workbazaar", "502"),
        ("7%", "workbazaar", "7%_"),
    ] {
        let found = store.find(&scope, reference).await.expect(reference);
        let (account, found) = match found {
            Found::Lead(lead) => (lead.account, lead.lead.posting.id),
            Found::Skipped(skip) => (skip.account, skip.skipped.id),
        };
        assert_eq!((account.platform.as_str(), found.as_str()), (platform, id));
    }
    for (reference, expected) in [
        ("401", ["jobhub/401 (account work)", "workbazaar/401"]),
        ("workbazaar/4", ["workbazaar/401", "workbazaar/4012"]),
    ] {
        match store.find(&scope, reference).await {
            Err(StoreError::Ambiguous { candidates, more, .. }) => {
                assert_eq!((candidates, more), (expected.map(str::to_owned).into(), false));
            }
            other => panic!("{reference}: {other:?}"),
        }
    }
    for reference in ["", "/", "9", "workbazaar/", "jobhub/5", "4_1", "%"] {
        let found = store.find(&scope, reference).await;
        assert!(matches!(found, Err(StoreError::NoSuchPosting { .. })), "{reference}: {found:?}");
    }
}

async fn odd_texts_and_times_come_back_whole(store: &dyn Store) {
    let account = key("odd \u{0}'\"; --", "plat\u{202e}form", "\u{1f600}");
    let odd = "NUL \u{0} and after, \u{1b}[31m, e\u{301}, \u{fffe}\u{ffff}\u{10ffff}, \u{202e}, '\"\\;--";
    let mut kept = lead("1", 77);
    kept.posting.title = odd.to_owned();
    kept.posting.description = format!("{odd}{}", "\u{e000}x".repeat(2_500_000));
    kept.posting.posted_at = Some(i64::MAX);
    kept.posting.closes_at = Some(i64::MIN);
    kept.posting.budget.as_mut().expect("has one").minimum = Some(i64::MAX);
    let mut earlier = lead("2", 77);
    earlier.posting.posted_at = Some(i64::MIN);
    let mut dropped = skip("x\u{0}y", odd);
    dropped.title = odd.to_owned();
    dropped.url = Some(odd.to_owned());
    dropped.reason = odd.to_owned();
    let pages = [page(vec![earlier.clone(), kept.clone()], vec![dropped.clone(), skip("x\u{0}z", "other")])];
    scan(store, &account, i64::MAX - 1, &pages).await;
    let scope = Scope::from(&account);
    let leads = all_leads(store, &scope).await;
    assert!(leads[0].lead == kept, "the texts come back whole");
    assert!(leads[1].lead == earlier);
    assert_eq!(leads[0].account, account);
    let listed = all_skipped(store, &scope).await;
    assert_eq!(listed.len(), 2, "a NUL does not end an identifier");
    assert_eq!(listed[0].skipped, dropped);
    let again = scan(store, &account, i64::MAX, &pages).await;
    assert_eq!(again.unchanged, 4);
    let row = AuditRow { path: odd.to_owned(), bytes_in: u64::MAX, ..audit_row(&account, i64::MIN) };
    store.record_audit(std::slice::from_ref(&row)).await.expect("records");
    let rows = store.audit(&AuditFilter { scope, since: None, limit: 9 }).await.expect("lists");
    assert_eq!(rows, [AuditRow { bytes_in: i64::MAX as u64, ..row }]);
}

async fn state_is_kept_within_its_bounds(store: &dyn Store) {
    let account = key("state", "workbazaar", "default");
    assert_eq!(store.state_get(&account, "k").await.expect("reads"), None);
    let value = b"\x00\xff\x01".to_vec();
    store.state_set(&account, "k", &value, NOON).await.expect("sets");
    let entry = StateEntry { value, set_at: NOON };
    assert_eq!(store.state_get(&account, "k").await.expect("reads"), Some(entry));
    assert!(store.state_delete(&account, "k").await.expect("deletes"));
    assert!(!store.state_delete(&account, "k").await.expect("deletes"));

    let long = "k".repeat(MAX_STATE_KEY_BYTES + 1);
    for bad in ["", "caf\u{e9}", "a\u{0}b", "tab\t", long.as_str()] {
        for refused in [
            store.state_set(&account, bad, b"", NOON).await,
            store.state_get(&account, bad).await.map(drop),
            store.state_delete(&account, bad).await.map(drop),
        ] {
            assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{bad:?}");
        }
    }
    let largest = vec![7; MAX_STATE_VALUE_BYTES];
    let larger = vec![7; MAX_STATE_VALUE_BYTES + 1];
    assert!(matches!(store.state_set(&account, "large", &larger, NOON).await, Err(StoreError::Invalid { .. })));
    // 15 of the largest fit; the 16th does not, as keys count too. What was there stays, and may be replaced.
    for number in 0..15 {
        store.state_set(&account, &format!("large-{number:02}"), &largest, NOON).await.expect("fits");
    }
    assert!(matches!(store.state_set(&account, "large-15", &largest, NOON).await, Err(StoreError::Exhausted { .. })));
    let left = MAX_STATE_BYTES - 15 * (MAX_STATE_VALUE_BYTES + "large-00".len()) - "r".len();
    store.state_set(&account, "r", &vec![1; left], NOON).await.expect("fills it to the byte");
    assert!(matches!(store.state_set(&account, "s", b"", NOON).await, Err(StoreError::Exhausted { .. })));
    store.state_set(&account, "large-07", &largest, NOON + 1).await.expect("replaces");
    assert_eq!(
        store.state_keys(&account, "large-1").await.expect("lists"),
        ["large-10", "large-11", "large-12", "large-13", "large-14"]
    );
    assert_eq!(store.state_keys(&account, "").await.expect("lists").len(), 16);
    assert!(store.state_keys(&account, "%").await.expect("lists").is_empty());

    let many = key("state", "workbazaar", "many");
    for number in 0..MAX_STATE_KEYS {
        store.state_set(&many, &number.to_string(), b"v", NOON).await.expect("fits");
    }
    assert!(matches!(store.state_set(&many, "more", b"v", NOON).await, Err(StoreError::Exhausted { .. })));
    store.state_set(&many, "7", b"w", NOON).await.expect("replaces");
}

async fn wake_ups_are_kept_within_their_bounds(store: &dyn Store) {
    let account = key("wake", "workbazaar", "default");
    let wake = |key: &str, at: i64| WakeUp { key: key.to_owned(), at };
    let set = |key: &str, at: i64| {
        let wake_up = wake(key, at);
        let account = &account;
        async move { store.set_wake_up(account, &wake_up, NOON).await }
    };
    for (key, at, becomes) in [
        ("soon", NOON - 5, NOON + 60),
        ("past", i64::MIN, NOON + 60),
        ("later", NOON + 61, NOON + 61),
        ("latest", NOON + 400 * 86_400, NOON + 400 * 86_400),
    ] {
        assert_eq!(set(key, at).await.expect("sets"), becomes, "{key}");
    }
    let long = "k".repeat(MAX_WAKE_UP_KEY_BYTES + 1);
    for (key, at) in [("far", NOON + 400 * 86_400 + 1), ("far", i64::MAX), ("", NOON), (long.as_str(), NOON)] {
        assert!(matches!(set(key, at).await, Err(StoreError::Invalid { .. })), "{key} {at}");
    }
    assert_eq!(
        store.pending_wake_ups(&account).await.expect("lists"),
        [
            wake("past", NOON + 60),
            wake("soon", NOON + 60),
            wake("later", NOON + 61),
            wake("latest", NOON + 400 * 86_400)
        ]
    );
    let scope = Scope::profile("wake");
    assert!(store.due_wake_ups(&scope, NOON + 59, 9).await.expect("lists").is_empty());
    let due = store.due_wake_ups(&scope, NOON + 61, 2).await.expect("lists");
    assert_eq!(due.len(), 2);
    assert_eq!((&due[0].account, &due[0].wake_up), (&account, &wake("past", NOON + 60)));
    assert!(store.cancel_wake_up(&account, "past").await.expect("cancels"));
    assert!(!store.cancel_wake_up(&account, "past").await.expect("cancels"));
    for number in 3..MAX_WAKE_UPS {
        set(&number.to_string(), NOON).await.expect("fits");
    }
    assert!(matches!(set("more", NOON).await, Err(StoreError::Exhausted { .. })));
    // Calls so far: 4, 29 and the refused one.
    for _ in 34..MAX_WAKE_UP_CALLS_A_DAY {
        set("soon", NOON).await.expect("moves");
    }
    let refused = set("soon", NOON).await.expect_err("too many calls");
    assert!(refused.to_string().contains("1000 calls a day"), "{refused}");
    store.set_wake_up(&account, &wake("soon", NOON), NOON + 86_400).await.expect("another day");
}

async fn requests_are_counted_by_the_day(store: &dyn Store) {
    let account = key("quota", "workbazaar", "default");
    let day = day_of(NOON);
    for remaining in [2, 1, 0] {
        let quota = store.count_request(&account, day, 3).await.expect("counts");
        let expected = Quota { allowed: true, remaining };
        assert_eq!(quota, expected);
    }
    let refused = Quota { allowed: false, remaining: 0 };
    for (day, limit) in [(day, 3), (day, 1), (day + 1, 0)] {
        assert_eq!(store.count_request(&account, day, limit).await.expect("counts"), refused);
    }
    let other = key("quota", "workbazaar", "second");
    for (account, day, limit) in [(&account, day, 4), (&account, day + 1, 3), (&other, day, 3)] {
        assert!(store.count_request(account, day, limit).await.expect("counts").allowed);
    }
    assert_eq!((day_of(0), day_of(-1), day_of(86_400)), (0, -1, 1));
}

fn audit_row(account: &AccountKey, at: i64) -> AuditRow {
    AuditRow {
        at,
        plugin: account.platform.clone(),
        account: account.clone(),
        phase: "search".to_owned(),
        method: "GET".to_owned(),
        host: "api.example".to_owned(),
        path: "/projects".to_owned(),
        status: Some(200),
        bytes_in: 2048,
        bytes_out: 0,
        duration_us: 1500,
        credential: Some("oauth".to_owned()),
        outcome: "ok".to_owned(),
    }
}

async fn the_audit_is_listed_and_pruned(store: &dyn Store) {
    let account = key("audit", "workbazaar", "default");
    store.record_audit(&[]).await.expect("is no error");
    let mut rows: Vec<AuditRow> = (0..450).map(|n| audit_row(&account, NOON + n)).collect();
    rows[449].status = None;
    rows[449].credential = None;
    store.record_audit(&rows).await.expect("records");
    let filter = |since, limit| AuditFilter { scope: Scope::profile("audit"), since, limit };
    let listed = store.audit(&filter(None, 1000)).await.expect("lists");
    assert!(listed.iter().eq(rows.iter().rev()));
    let listed = store.audit(&filter(Some(NOON + 440), 3)).await.expect("lists");
    assert!(listed.iter().eq(rows.iter().rev().take(3)));
    // Others' rows may be there, and go as ours do.
    assert!(store.prune_audit(NOON + 440, 1_000_000).await.expect("prunes") >= 440);
    let left = store.audit(&filter(None, 1000)).await.expect("lists");
    assert!(left.iter().eq(rows.iter().rev().take(10)));
    store.prune_audit(0, 2).await.expect("prunes");
    let left = store.audit(&filter(None, 1000)).await.expect("lists");
    assert!(left.iter().eq(rows.iter().rev().take(2)));
    assert_eq!(store.prune_audit(0, 2).await.expect("prunes"), 0);
}

async fn accounts_do_not_see_each_other(store: &dyn Store) {
    let keys = [
        key("apart", "workbazaar", "default"),
        key("apart", "workbazaar", "second"),
        key("apart", "jobhub", "default"),
        key("apart-2", "workbazaar", "default"),
    ];
    for (number, account) in keys.iter().enumerate() {
        let mut own = lead("1", 1);
        own.posting.title = format!("for {number}");
        let counts = scan(store, account, NOON, &[page(vec![own], vec![])]).await;
        assert_eq!(counts.new, 1);
        store.state_set(account, "k", number.to_string().as_bytes(), NOON).await.expect("sets");
    }
    for (number, account) in keys.iter().enumerate() {
        let leads = all_leads(store, &account.into()).await;
        assert_eq!(leads.len(), 1);
        assert_eq!(leads[0].lead.posting.title, format!("for {number}"));
        let entry = store.state_get(account, "k").await.expect("reads");
        assert_eq!(entry.expect("is there").value, number.to_string().as_bytes());
    }
    assert_eq!(all_leads(store, &Scope::profile("apart")).await.len(), 3);
}

async fn a_purge_removes_what_it_names_and_no_more(store: &dyn Store) {
    let gone = key("purge", "workbazaar", "default");
    let stays = key("purge", "jobhub", "default");
    for account in [&gone, &stays] {
        for bids in [1, 2] {
            let mut seen = lead("1", 1);
            seen.posting.competition.as_mut().expect("has some").proposals.minimum = bids;
            scan(store, account, NOON, &[page(vec![seen], vec![skip("2", "x")])]).await;
        }
        store.state_set(account, "k", b"v", NOON).await.expect("sets");
        let wake_up = WakeUp { key: "k".to_owned(), at: NOON };
        store.set_wake_up(account, &wake_up, NOON).await.expect("sets");
        store.count_request(account, 1, 1).await.expect("counts");
        store.record_audit(&[audit_row(account, NOON)]).await.expect("records");
    }
    assert!(matches!(store.purge(&Scope::profile("purge"), Purge::Everything).await, Err(StoreError::Invalid { .. })));
    let scope = Scope::profile("purge").on("workbazaar");
    let removed = store.purge(&scope, Purge::PluginData).await.expect("purges");
    assert_eq!(removed, 2);
    assert_eq!(all_leads(store, &scope).await.len(), 1);
    assert!(store.pending_wake_ups(&gone).await.expect("lists").is_empty());
    let lease = store.acquire_scan_lease(&gone, "a test", NOON, MINUTE).await.expect("free");
    let running = store.begin_scan(&lease, NOON).await.expect("begins");
    store.purge(&(&gone).into(), Purge::Everything).await.expect("purges");
    assert!(all_leads(store, &scope).await.is_empty());
    assert!(all_skipped(store, &scope).await.is_empty());
    assert!(store.past_states(&gone, "1").await.expect("reads").is_empty());
    assert!(store.scans(&scope, NOON, 9).await.expect("lists").is_empty());
    assert!(matches!(store.record_page(&running, NOON, &Page::default()).await, Err(StoreError::LeaseLost { .. })));
    assert!(!store.count_request(&gone, 1, 1).await.expect("counts").allowed, "a quota is not renewed");
    let audit = store.audit(&AuditFilter { scope: scope.clone(), since: None, limit: 9 }).await.expect("lists");
    assert_eq!(audit.len(), 1, "the audit stays");
    let scope = Scope::from(&stays);
    assert_eq!(all_leads(store, &scope).await.len(), 1);
    assert_eq!(store.past_states(&stays, "1").await.expect("reads").len(), 1);
    assert!(store.state_get(&stays, "k").await.expect("reads").is_some());
}

async fn old_postings_are_forgotten(store: &dyn Store) {
    let account = key("old", "jobhub", "default");
    let scope = Scope::from(&account);
    scan(store, &account, NOON, &[page(vec![lead("1", 1)], vec![skip("2", "x")])]).await;
    scan(store, &account, NOON + 9, &[page(vec![lead("3", 1)], vec![])]).await;
    assert_eq!(store.prune_postings(&scope, NOON + 9).await.expect("prunes"), 2);
    assert_eq!(ids(&all_leads(store, &scope).await), ["3"]);
    assert!(all_skipped(store, &scope).await.is_empty());
}

/// One entry of a generated page: a posting, one of two contents, kept or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    id: u8,
    content: bool,
    kept: bool,
}

/// Scans of pages of entries, few identifiers so that they meet again.
pub(super) fn scans() -> impl Strategy<Value = Vec<Vec<Vec<Entry>>>> {
    let entry = (0..6_u8, any::<bool>(), any::<bool>()).prop_map(|(id, content, kept)| Entry { id, content, kept });
    let page = prop::collection::vec(entry, 0..6);
    prop::collection::vec(prop::collection::vec(page, 0..4), 1..5)
}

/// Runs scans against a store and against the plainest description of what it should do.
pub(super) async fn agrees_with_the_model(store: &dyn Store, scans: &[Vec<Vec<Entry>>]) {
    let account = key("model", "workbazaar", "default");
    let scope = Scope::from(&account);
    // What is stored of each posting: kept, content, first seen.
    let mut model: BTreeMap<u8, (bool, bool, i64)> = BTreeMap::new();
    for (number, pages) in scans.iter().enumerate() {
        let now = NOON + i64::try_from(number).expect("is small");
        let mut met: BTreeMap<u8, Novelty> = BTreeMap::new();
        let mut expected = ScanCounts::default();
        let lease = store.acquire_scan_lease(&account, "a test", now, MINUTE).await.expect("free");
        let id = store.begin_scan(&lease, now).await.expect("begins");
        for entries in pages {
            let (kept, dropped): (Vec<Entry>, Vec<Entry>) = entries.iter().partition(|entry| entry.kept);
            let seen = Page {
                leads: kept
                    .iter()
                    .map(|entry| {
                        let mut lead = lead(&entry.id.to_string(), 1);
                        lead.posting.title = entry.content.to_string();
                        lead
                    })
                    .collect(),
                skipped: dropped.iter().map(|entry| skip(&entry.id.to_string(), &entry.content.to_string())).collect(),
            };
            let mut last: BTreeMap<u8, Entry> = BTreeMap::new();
            for entry in kept.iter().chain(&dropped) {
                last.insert(entry.id, *entry);
            }
            for (id, entry) in &last {
                let before = model.get(id).copied();
                let novelty = *met.entry(*id).or_insert_with(|| {
                    let novelty = match before {
                        None => Novelty::New,
                        Some((kept, content, _)) if (kept, content) == (entry.kept, entry.content) => {
                            Novelty::Unchanged
                        }
                        Some(_) => Novelty::Changed,
                    };
                    expected.add(novelty, entry.kept);
                    novelty
                });
                met.insert(*id, novelty);
                let first_seen = before.map_or(now, |(_, _, first)| first);
                model.insert(*id, (entry.kept, entry.content, first_seen));
            }
            let summary = store.record_page(&id, now, &seen).await.expect("records");
            let novelty = |entries: &[Entry]| -> Vec<Novelty> { entries.iter().map(|entry| met[&entry.id]).collect() };
            assert_eq!(summary.leads, novelty(&kept));
            assert_eq!(summary.skipped, novelty(&dropped));
        }
        let counts = store.finish_scan(&id, now, &ScanOutcome::default()).await.expect("ends");
        assert_eq!(counts, expected);
        store.release_scan_lease(&lease).await.expect("releases");
        let mut stored: BTreeMap<u8, (bool, bool, i64)> = BTreeMap::new();
        for lead in all_leads(store, &scope).await {
            let posting = lead.lead.posting;
            let content = posting.title == "true";
            stored.insert(posting.id.parse().expect("is a number"), (true, content, lead.first_seen));
        }
        for skip in all_skipped(store, &scope).await {
            let content = skip.skipped.filter == "true";
            let id = skip.skipped.id.parse().expect("is a number");
            let both = stored.insert(id, (false, content, skip.first_seen));
            assert!(both.is_none(), "{id} is a lead and skipped");
        }
        assert_eq!(stored, model);
    }
}
