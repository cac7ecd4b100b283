//! Whole scans: postings that cost nothing to ask for, through the pipeline into SQLite.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Instant;

use async_trait::async_trait;
use ghoststack::clock::SystemClock;
use ghoststack::contract::search::{Page as FoundPage, Query};
use ghoststack::contract::types as host;
use ghoststack::lead::AccountKey;
use ghoststack::pipeline::course::Reach;
use ghoststack::pipeline::judge::Customs;
use ghoststack::pipeline::score::Weighing;
use ghoststack::pipeline::{self, Observer, Platform, ScanRequest};
use ghoststack::plugin::cache::CodeCache;
use ghoststack::plugin::engine::Engine;
use ghoststack::plugin::fault::CallError;
use ghoststack::plugin::platform::{Judged, PlatformPlugin};
use ghoststack::store::{Page, PageSummary, SqliteStore};

use crate::component;
use crate::harness::{Report, timed};
use crate::postings::{context, posting};

/// Who judges.
const PLUGIN: &str = "freelancer";

/// Ten thousand postings through the pipeline into SQLite, judged natively: the host's side alone.
pub fn rows(report: &mut Report) {
    // In processes of their own, so that a peak of memory is this scan's alone.
    for (postings, judged_by) in [(1_000, "component"), (10_000, "component"), (10_000, "nobody")] {
        let said = Command::new(std::env::current_exe().expect("this program"))
            .args(["--scan", &postings.to_string(), judged_by])
            .output()
            .expect("a process");
        if !said.status.success() {
            report.figure("scan into SQLite", String::from_utf8_lossy(&said.stderr).into_owned(), "", false);
            continue;
        }
        let said = String::from_utf8_lossy(&said.stdout);
        let (ms, mb) = said.trim().split_once(' ').expect("two numbers");
        let (ms, mb): (f64, f64) = (ms.parse().expect("milliseconds"), mb.parse().expect("megabytes"));
        let what = format!("scan of {postings} postings into SQLite, judged by the {judged_by}")
            .replace("the nobody", "nobody");
        let measured = format!("{ms:.0} ms, peak {mb:.0} MB");
        if postings == 10_000 && judged_by == "component" {
            report.figure(&what, measured, "under 1 s, 80 MB", ms < 1_000.0 && mb < 80.0);
        } else {
            report.note(&what, measured);
        }
    }
}

/// A platform that costs nothing to ask: its postings are made up on the spot.
struct MadeUp {
    postings: u64,
    plugin: Option<PlatformPlugin>,
}

#[async_trait]
impl Platform for MadeUp {
    async fn search(&self, query: &Query) -> Result<FoundPage, CallError> {
        let from: u64 = query.cursor.as_deref().map_or(0, |cursor| cursor.parse().expect("a number"));
        let to = (from + u64::from(query.limit)).min(self.postings);
        Ok(FoundPage {
            postings: (from..to).map(|n| posting!(host, n)).collect(),
            unreadable: vec![],
            notices: vec![],
            next: (to < self.postings).then(|| to.to_string()),
            total: Some(self.postings),
        })
    }

    async fn judge(&self, context: &host::Context, postings: &mut [host::Posting]) -> Result<Vec<Judged>, CallError> {
        match &self.plugin {
            Some(plugin) => plugin.judge(context, postings).await,
            None => Ok(postings
                .iter()
                .map(|_| {
                    Judged::Keep(ghoststack::contract::judgement::Evaluation { signals: vec![], adjustments: vec![] })
                })
                .collect()),
        }
    }
}

/// Lets everything pass by: what a command would print is not the pipeline's.
struct Nobody;

impl Observer for Nobody {
    fn page(&mut self, _: &Page, _: &PageSummary) {}
    fn progress(&mut self, _: u64, _: Option<u64>) {}
}

/// One scan in a process of its own: prints milliseconds and the peak of resident memory in megabytes.
pub async fn alone(postings: u64, by_component: bool) {
    let home = tempfile::tempdir().expect("a folder");
    let engine = Engine::new(CodeCache::at(home.path().join("cache"))).expect("an engine");
    let load = async || PlatformPlugin::load(&engine, PLUGIN, component(PLUGIN)).await.expect("a plugin");
    let platform = MadeUp { postings, plugin: if by_component { Some(load().await) } else { None } };
    let store = SqliteStore::open(&home.path().join("store.db")).await.expect("a store");
    let context = context!(host, PLUGIN);
    let request = ScanRequest {
        account: AccountKey {
            profile: "default".to_owned(),
            platform: PLUGIN.to_owned(),
            account: "default".to_owned(),
        },
        settings: context.settings,
        filters: Vec::new(),
        profile: context.profile,
        parameters: context.parameters,
        weights: Weighing {
            weights: BTreeMap::from(
                [
                    ("skill_match", 3000),
                    ("budget", 2000),
                    ("client_history", 2500),
                    ("competition", 1500),
                    ("timeline", 1000),
                ]
                .map(|(n, w)| (n.to_owned(), w)),
            ),
            adjustment_max: 2_000,
        },
        customs: Customs::default(),
        rules: Vec::new(),
        limit: u32::try_from(postings).expect("few enough"),
        reach: Reach::Everything,
        dry_run: false,
        owner: "bench".to_owned(),
    };
    // What the made-up platform itself takes is not the host's.
    let made_up = timed(|| (0..postings).map(|n| posting!(host, n)).for_each(drop));
    let started = Instant::now();
    let report = pipeline::scan(&platform, &store, &SystemClock, &request, &mut Nobody).await.expect("a scan");
    let took = started.elapsed().saturating_sub(made_up);
    assert_eq!((report.fetched, report.new, report.failure), (postings, postings, None));
    println!("{} {}", took.as_secs_f64() * 1e3, peak_memory_mb());
}

/// The peak of this process's resident memory, from the kernel.
fn peak_memory_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .and_then(|kb| kb.trim().parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
}
