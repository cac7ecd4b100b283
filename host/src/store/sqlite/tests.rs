//! What is SQLite's own: files, their faults, other processes, and how long it takes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::test_runner::{Config, TestRunner};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Row};
use tempfile::TempDir;

use super::SqliteStore;
use super::open::{APPLICATION_ID, MIGRATIONS, SCHEMA};
use crate::lead::{Explained, Line};
use crate::store::contract::{agrees_with_the_model, key, lead, outbox, page, scan, scans, skip, upholds_the_contract};
use crate::store::{Audit, Found, LeadFilter, Page, PluginData, Postings, ScanState, Scans, Scope, Store, StoreError};

const NOON: i64 = 1_780_000_000;

fn home() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("home/data/prospector.db");
    (folder, path)
}

async fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path).await.expect("opens")
}

async fn lead_count(store: &dyn Store) -> usize {
    store.leads(&LeadFilter::all(Scope::profile("default"), 100_000)).await.expect("lists").len()
}

/// Runs SQL on the store's writing connection.
async fn run(store: &SqliteStore, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(store.writing.as_ref().expect("is open for writing"))
        .await
        .expect("runs");
}

#[tokio::test]
async fn sqlite_upholds_the_contract() {
    let (_folder, path) = home();
    upholds_the_contract(&open(&path).await).await;
}

#[test]
fn scans_agree_with_the_model() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    runner
        .run(&scans(), |scans| {
            runtime.block_on(async {
                let (_folder, path) = home();
                let store = open(&path).await;
                agrees_with_the_model(&store, &scans).await;
                store.close().await;
            });
            Ok(())
        })
        .expect("they agree");
}

#[test]
fn an_outbox_delivers_once_at_a_time_whatever_happens() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    runner
        .run(&outbox::steps(), |steps| {
            runtime.block_on(async {
                let (_folder, path) = home();
                let store = open(&path).await;
                outbox::delivers_once_at_a_time(&store, &steps).await;
                store.close().await;
            });
            Ok(())
        })
        .expect("it does");
}

#[tokio::test]
async fn a_new_file_is_closed_to_others_and_marked_as_ours() {
    let (_folder, path) = home();
    let store = open(&path).await;
    let mode = |path: &Path| fs::metadata(path).expect("is there").permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().expect("has one")), 0o700);
    run(&store, "CREATE TABLE t (x)").await;
    assert_eq!(mode(&path.with_extension("db-wal")), 0o600);
    let row = sqlx::query("SELECT a.application_id, u.user_version, j.journal_mode, s.synchronous, f.foreign_keys, b.timeout FROM pragma_application_id a, pragma_user_version u, pragma_journal_mode j, pragma_synchronous s, pragma_foreign_keys f, pragma_busy_timeout b")
        .fetch_one(store.writing.as_ref().expect("writes"))
        .await
        .expect("reads");
    assert_eq!(row.get::<i64, _>(0), APPLICATION_ID);
    assert_eq!(row.get::<i64, _>(1), SCHEMA);
    assert_eq!(row.get::<String, _>(2), "wal");
    assert_eq!(row.get::<i64, _>(3), 1, "synchronous is NORMAL");
    assert_eq!(row.get::<i64, _>(4), 1);
    assert_eq!(row.get::<i64, _>(5), 5000);
}

#[tokio::test]
async fn what_was_stored_is_there_after_reopening() {
    let (_folder, path) = home();
    let account = key("default", "workbazaar", "default");
    let store = open(&path).await;
    scan(&store, &account, NOON, &[page(vec![lead("1", 1)], vec![])]).await;
    store.close().await;
    assert!(!path.with_extension("db-wal").exists(), "closed tidily");
    assert_eq!(lead_count(&open(&path).await).await, 1);
    let reader = SqliteStore::open_read_only(&path).await.expect("opens");
    assert_eq!(lead_count(&reader).await, 1);
}

/// A file as the first schema had it, with a lead that was changed once.
async fn first_schema(path: &Path, kept: &crate::lead::Lead) {
    fs::create_dir_all(path.parent().expect("has one")).expect("creates");
    let mut file = SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.expect("opens");
    let marks = format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1;");
    sqlx::raw_sql(AssertSqlSafe(format!("{}{marks}", MIGRATIONS[0]))).execute(&mut file).await.expect("makes it");
    let facts = r#"{"status":"Open","budget":null,"proposals":null}"#;
    sqlx::query(
        "INSERT INTO postings VALUES ('default', 'workbazaar', 'default', ?1, 1, 1, 0, 1, ?2, ?2, x'00', ?3, ?2, ?2, NULL, NULL, 't', 'u', NULL, ?4, ?5, ?6)",
    )
    .bind(&kept.posting.id)
    .bind(NOON)
    .bind(i64::from(kept.explained.score.hundredths()))
    .bind(facts)
    .bind(serde_json::to_string(&kept.explained).expect("JSON"))
    .bind(serde_json::to_string(&kept.posting).expect("JSON"))
    .execute(&mut file)
    .await
    .expect("inserts");
    sqlx::query("INSERT INTO history VALUES ('default', 'workbazaar', 'default', ?1, 0, 0, ?2, ?3)")
        .bind(&kept.posting.id)
        .bind(NOON)
        .bind(facts)
        .execute(&mut file)
        .await
        .expect("inserts");
}

#[tokio::test]
async fn a_file_of_the_first_schema_keeps_what_it_has_and_takes_leads_without_a_date() {
    let (_folder, path) = home();
    let known = lead("1", 5000);
    first_schema(&path, &known).await;
    let store = open(&path).await;
    let mut undated = lead("2", 5000);
    undated.posting.posted_at = None;
    let account = key("default", "workbazaar", "default");
    scan(&store, &account, NOON, &[page(vec![undated.clone()], vec![])]).await;
    let filter = LeadFilter::all(Scope::profile("default"), 10);
    let leads: Vec<_> = store.leads(&filter).await.expect("lists").into_iter().map(|stored| stored.lead).collect();
    assert_eq!(leads, [known, undated]);
    assert_eq!(store.past_states(&account, "1").await.expect("reads").len(), 1);
}

#[tokio::test]
async fn reading_where_there_is_no_file_finds_nothing_and_makes_nothing() {
    let (folder, path) = home();
    let account = key("default", "workbazaar", "default");
    for _ in 0..2 {
        let store = SqliteStore::open_read_only(&path).await.expect("opens");
        assert_eq!(lead_count(&store).await, 0);
        assert_eq!(store.last_sync(&account).await.expect("reads"), None);
        assert!(matches!(store.find(&Scope::profile("default"), "1").await, Err(StoreError::NoSuchPosting { .. })));
        assert!(matches!(store.state_set(&account, "k", b"v", NOON).await, Err(StoreError::OpenedForReading { .. })));
        assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 0, "nothing was created");
        // An empty file is what a crash at the very beginning leaves.
        let folder = path.parent().expect("has one");
        fs::create_dir_all(folder).expect("creates");
        fs::write(&path, b"").expect("writes");
        let store = SqliteStore::open_read_only(&path).await.expect("opens");
        assert_eq!(lead_count(&store).await, 0);
        assert_eq!(fs::metadata(&path).expect("is there").len(), 0);
        fs::remove_dir_all(folder.parent().expect("has one")).expect("removes");
    }
}

#[tokio::test]
async fn a_store_opened_for_reading_sees_what_others_write() {
    let (_folder, path) = home();
    let writer = open(&path).await;
    let reader = SqliteStore::open_read_only(&path).await.expect("opens");
    let account = key("default", "workbazaar", "default");
    scan(&writer, &account, NOON, &[page(vec![lead("1", 1)], vec![])]).await;
    assert_eq!(lead_count(&reader).await, 1);
    assert!(matches!(reader.record_audit(&[]).await, Ok(()),));
    assert!(matches!(
        reader.prune_postings(&Scope::profile("default"), NOON).await,
        Err(StoreError::OpenedForReading { .. })
    ));
}

#[tokio::test]
async fn files_that_are_not_whole_or_not_ours_are_refused_and_left_alone() {
    let (_folder, path) = home();
    let account = key("default", "workbazaar", "default");
    let store = open(&path).await;
    let many = (0..200).map(|n| lead(&n.to_string(), n)).collect();
    scan(&store, &account, NOON, &[page(many, vec![])]).await;
    store.close().await;
    let whole = fs::read(&path).expect("reads");

    let other = path.with_file_name("other.db");
    let other = {
        let store = open(&other).await;
        run(&store, "PRAGMA application_id = 7; PRAGMA user_version = 3").await;
        store.close().await;
        fs::read(&other).expect("reads")
    };
    let newer = {
        let newer = path.with_file_name("newer.db");
        let store = open(&newer).await;
        run(&store, "PRAGMA user_version = 999").await;
        store.close().await;
        fs::read(&newer).expect("reads")
    };
    let mut scrambled = whole.clone();
    for byte in scrambled.iter_mut().skip(100).step_by(3) {
        *byte ^= 0x5a;
    }
    let cut = whole[..5000].to_vec();
    type Expected = fn(&StoreError) -> bool;
    let table: [(&str, Vec<u8>, Expected); 6] = [
        ("text", b"profile: none\n".repeat(100), |e| matches!(e, StoreError::NotOurs { .. })),
        ("short text", b"hello".to_vec(), |e| matches!(e, StoreError::NotOurs { .. })),
        ("another program's", other, |e| matches!(e, StoreError::NotOurs { .. })),
        ("a newer version's", newer, |e| matches!(e, StoreError::TooNew { found: 999, .. })),
        ("scrambled", scrambled, |e| matches!(e, StoreError::Corrupt { .. })),
        ("cut off", cut, |e| matches!(e, StoreError::Corrupt { .. })),
    ];
    for (what, bytes, expected) in table {
        for read_only in [false, true] {
            let path = path.with_file_name("bad.db");
            fs::write(&path, &bytes).expect("writes");
            let error = fault_of_using(&path, read_only).await;
            assert!(expected(&error), "{what}: {error:?}");
            let text = error.to_string();
            assert!(text.contains("bad.db"), "{what}: {text}");
            assert!(text.contains("left as it is") || text.contains("left as it was"), "{what}: {text}");
            assert!(fs::read(&path).expect("reads") == bytes, "{what}: changed");
        }
    }
}

/// The error that opening and then listing gives: damage in the middle shows only when it is read.
async fn fault_of_using(path: &Path, read_only: bool) -> StoreError {
    let opened = if read_only { SqliteStore::open_read_only(path).await } else { SqliteStore::open(path).await };
    let store = match opened {
        Ok(store) => store,
        Err(error) => return error,
    };
    let filter = LeadFilter::all(Scope::profile("default"), 1000);
    let error = store.leads(&filter).await.expect_err("is damaged");
    store.close().await;
    error
}

#[tokio::test]
async fn paths_that_cannot_be_are_explained() {
    let (folder, path) = home();
    let file = folder.path().join("file");
    fs::write(&file, b"").expect("writes");
    for bad in [file.join("below/it.db"), folder.path().to_owned()] {
        let error = SqliteStore::open(&bad).await.expect_err("cannot be");
        assert!(matches!(error, StoreError::Inaccessible { .. }), "{error:?}");
        assert!(error.to_string().contains("GHOSTSTACK_HOME"), "{error}");
    }
    // Names that SQLite could take for something else.
    for odd in ["file:x?mode=memory", "a%20b?c#d", ":memory:"] {
        let path = path.with_file_name(odd);
        let store = open(&path).await;
        let account = key("default", "workbazaar", "default");
        scan(&store, &account, NOON, &[page(vec![lead("1", 1)], vec![])]).await;
        store.close().await;
        let reader = SqliteStore::open_read_only(&path).await.expect("opens");
        assert_eq!(lead_count(&reader).await, 1, "{odd}");
    }
}

#[tokio::test]
async fn a_full_disk_undoes_the_page_and_keeps_the_rest() {
    let (_folder, path) = home();
    let store = open(&path).await;
    let account = key("default", "workbazaar", "default");
    scan(&store, &account, NOON, &[page(vec![lead("1", 1)], vec![])]).await;
    let lease = store.acquire_scan_lease(&account, "a test", NOON, Duration::from_secs(60)).await.expect("free");
    let id = store.begin_scan(&lease, NOON).await.expect("begins");
    // SQLite's own bound answers as a disk without room does.
    run(&store, "PRAGMA max_page_count = 1").await;
    let many: Vec<_> = (0..2000).map(|n| lead(&n.to_string(), n)).collect();
    let large = page(many, vec![]);
    let error = store.record_page(&id, NOON, &large).await.expect_err("is full");
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert_eq!(lead_count(&store).await, 1, "what was there is there");
    // Once there is room the same store goes on.
    let pool = store.writing.as_ref().expect("writes");
    let _ = sqlx::raw_sql("PRAGMA max_page_count = 1073741823").execute(pool).await;
    let summary = store.record_page(&id, NOON, &large).await.expect("fits");
    assert_eq!((summary.counts.new, summary.counts.unchanged), (1999, 1));
}

#[tokio::test]
async fn a_dropped_call_leaves_nothing_behind() {
    let (_folder, path) = home();
    let store = open(&path).await;
    for _ in 0..20 {
        let transaction = store.begin().await.expect("begins");
        drop(transaction);
    }
    let account = key("default", "workbazaar", "default");
    scan(&store, &account, NOON, &[page(vec![lead("1", 1)], vec![])]).await;
    assert_eq!(lead_count(&store).await, 1);
}

#[tokio::test]
async fn two_that_open_a_new_file_at_once_agree() {
    for _ in 0..10 {
        let (_folder, path) = home();
        let opened = futures_util::future::join_all((0..4).map(|_| SqliteStore::open(&path))).await;
        for store in opened {
            assert_eq!(lead_count(&store.expect("opens")).await, 0);
        }
    }
}

#[tokio::test]
async fn two_stores_on_one_file_write_side_by_side() {
    let (_folder, path) = home();
    let stores = [open(&path).await, open(&path).await];
    let work = stores.iter().enumerate().map(|(number, store)| async move {
        let account = key("default", "workbazaar", &number.to_string());
        for round in 0..20_i64 {
            let leads = (0..20).map(|n| lead(&n.to_string(), n)).collect();
            scan(store, &account, NOON + round, &[page(leads, vec![])]).await;
            store.count_request(&key("default", "workbazaar", "both"), 1, 1000).await.expect("counts");
        }
    });
    futures_util::future::join_all(work).await;
    let quota = stores[0].count_request(&key("default", "workbazaar", "both"), 1, 1000).await.expect("counts");
    assert_eq!(quota.remaining, 1000 - 41, "no count was lost");
    for store in &stores {
        assert_eq!(lead_count(store).await, 40);
    }
}

#[tokio::test]
async fn a_file_that_stays_locked_is_reported_within_the_bound() {
    let (_folder, path) = home();
    let store = open(&path).await;
    let other = open(&path).await;
    let hold = other.begin().await.expect("begins");
    run(&store, "PRAGMA busy_timeout = 20").await;
    let account = key("default", "workbazaar", "default");
    let error = store.state_set(&account, "k", b"v", NOON).await.expect_err("is locked");
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    assert_eq!(lead_count(&store).await, 0, "reading goes on");
    drop(hold);
    run(&other, "SELECT 1").await;
    store.state_set(&account, "k", b"v", NOON).await.expect("is free");
}

#[tokio::test]
async fn a_scan_whose_process_died_is_recognised() {
    let (_folder, path) = home();
    let account = key("default", "workbazaar", "default");
    let store = open(&path).await;
    let lease = store.acquire_scan_lease(&account, "process 1", NOON, Duration::from_secs(60)).await.expect("free");
    let id = store.begin_scan(&lease, NOON).await.expect("begins");
    store.record_page(&id, NOON, &page(vec![lead("1", 1)], vec![])).await.expect("records");
    drop(store);
    let store = open(&path).await;
    let scope = Scope::from(&account);
    let state = store.scans(&scope, NOON + 60, 1).await.expect("lists")[0].state;
    assert_eq!(state, ScanState::Interrupted);
    assert_eq!(lead_count(&store).await, 1, "its pages are kept");
}

#[tokio::test]
async fn a_row_of_another_version_hides_no_other() {
    let (_folder, path) = home();
    let store = open(&path).await;
    let account = key("default", "workbazaar", "default");
    let pages = [page(vec![lead("1", 1), lead("2", 2)], vec![skip("3", "x"), skip("4", "x")])];
    scan(&store, &account, NOON, &pages).await;
    run(&store, "UPDATE postings SET posting = '{}', facts = '{}' WHERE id = '1'; UPDATE postings SET stage = 'later' WHERE id = '3'").await;
    assert_eq!(lead_count(&store).await, 1);
    let scope = Scope::from(&account);
    for id in ["1", "3"] {
        let error = store.find(&scope, id).await.expect_err("is unreadable");
        assert!(matches!(error, StoreError::Unreadable { .. }), "{id}: {error:?}");
    }
    scan(&store, &account, NOON + 1, &pages).await;
    for id in ["1", "3"] {
        store.find(&scope, id).await.expect("a scan replaces it");
    }
    assert!(matches!(store.find(&scope, "4").await, Ok(Found::Skipped(_))));
}

/// A posting of about 2 KB with a breakdown of the usual size.
fn large_lead(number: i64) -> crate::lead::Lead {
    let mut large = lead(&format!("{number}"), number % 10_000);
    large.posting.description = "We need a shop, quickly. ".repeat(70);
    large.explained = Explained {
        breakdown: (0..5)
            .map(|signal| Line {
                signal: format!("signal_{signal}"),
                raw: "3 of 4 skills".to_owned(),
                value: 0.75,
                weight: 2000,
                points: 1500,
                reason: "three of the four skills asked for are yours".to_owned(),
                missing: Vec::new(),
                confidence: 1.0,
            })
            .collect(),
        ..large.explained
    };
    large
}

#[tokio::test]
async fn ten_thousand_postings_are_recorded_and_recognised() {
    let (_folder, path) = home();
    let store = open(&path).await;
    let account = key("default", "workbazaar", "default");
    let pages: Vec<Page> =
        (0..100).map(|number| page((0..100).map(|n| large_lead(number * 100 + n)).collect(), vec![])).collect();
    for (round, expected) in [(0, (10_000, 0)), (1, (0, 10_000))] {
        let begun = Instant::now();
        let counts = scan(&store, &account, NOON + round, &pages).await;
        println!("10,000 postings, scan {}: {:?}", round + 1, begun.elapsed());
        assert_eq!((counts.new, counts.unchanged), expected);
    }
    let begun = Instant::now();
    let best = store.leads(&LeadFilter::all(Scope::profile("default"), 50)).await.expect("lists");
    println!("best 50 of 10,000: {:?}", begun.elapsed());
    assert_eq!(best[0].lead.posting.id, "9999");
    let begun = Instant::now();
    for n in 0..100 {
        store.count_request(&account, 1, 1000 + n).await.expect("counts");
    }
    println!("counting a request: {:?}", begun.elapsed() / 100);
    store.close().await;
    for read_only in [false, true] {
        let begun = Instant::now();
        let store = if read_only { SqliteStore::open_read_only(&path).await } else { SqliteStore::open(&path).await }
            .expect("opens");
        let opened = begun.elapsed();
        store.last_sync(&account).await.expect("reads");
        println!("opening (read-only: {read_only}): {opened:?}, with a query: {:?}", begun.elapsed());
        store.close().await;
    }
    let log = fs::metadata(path.with_extension("db-wal")).map_or(0, |log| log.len());
    assert!(log < 64 << 20, "the log is bounded: {log}");
}
