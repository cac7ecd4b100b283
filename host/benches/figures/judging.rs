//! Judging by a platform's component, a filter and a scorer, against the same code compiled natively; and what the host does with stored leads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ghoststack::config::{self, Rule};
use ghoststack::contract::search::{Page as FoundPage, Query};
use ghoststack::contract::types as host;
use ghoststack::lead::AccountKey;
use ghoststack::pipeline::judge::{Configured, Customs, Outcome, Patiences, judge};
use ghoststack::pipeline::rules::first_match;
use ghoststack::pipeline::score::Weighing;
use ghoststack::pipeline::{Platform, context};
use ghoststack::plugin::cache::CodeCache;
use ghoststack::plugin::component::World;
use ghoststack::plugin::custom::CustomPlugin;
use ghoststack::plugin::engine::Engine;
use ghoststack::plugin::fault::CallError;
use ghoststack::plugin::platform::{Judged, PlatformPlugin};
use ghoststack::store::{Page, Scans, Scope, ScoredLeads, SqliteStore};
use ghoststack::subject::Subject;
use prospector_plugin::{assess_all, assessment::Assessed, score_all, screen_all, types as guest};
use prospector_redflags_example::RedFlags;
use prospector_taste_example::Taste;
use tokio::runtime::Runtime;

use crate::component;
use crate::harness::{Report, Samples, timed_keeping, us};
use crate::postings::{context as judged_by, posting};

const POSTINGS: u64 = 10_000;
/// As many as a page of the pipeline's.
const AT_ONCE: usize = 1_000;
const PLUGIN: &str = "freelancer";
const STORED: usize = 100_000;

/// A platform whose postings are judged by its component, and never asked for.
struct Judging(PlatformPlugin);

#[async_trait]
impl Platform for Judging {
    async fn search(&self, _: &Query) -> Result<FoundPage, CallError> {
        unreachable!("nothing is searched here")
    }

    async fn judge(&self, context: &host::Context, postings: &mut [host::Posting]) -> Result<Vec<Judged>, CallError> {
        self.0.judge(context, postings).await
    }
}

/// The pipeline of judging with one filter and one scorer, and what comes after it.
pub fn rows(report: &mut Report, runtime: &Runtime) {
    let home = tempfile::tempdir().expect("a folder");
    let engine = Engine::new(CodeCache::at(home.path().join("cache"))).expect("an engine");
    let platform =
        Judging(runtime.block_on(PlatformPlugin::load(&engine, PLUGIN, component(PLUGIN))).expect("a plugin"));
    let filter = example(&engine, runtime, "redflags", World::Filter);
    let scorer = example(&engine, runtime, "taste", World::Scorer);
    let customs = Customs { filters: vec![filter], scorers: vec![scorer] };
    judging(report, runtime, &platform, &customs);
    throughput(report, runtime, home.path(), &platform, &customs);
    weighing_anew(report, runtime, &home.path().join("leads.db"));
}

fn judging(report: &mut Report, runtime: &Runtime, platform: &Judging, customs: &Customs) {
    let ours: Vec<host::Posting> = (0..POSTINGS).map(|n| posting!(host, n)).collect();
    let theirs: Vec<guest::Posting> = (0..POSTINGS).map(|n| posting!(guest, n)).collect();
    let (our_context, their_context) = (judged_by!(host, PLUGIN), judged_by!(guest, PLUGIN));
    let natively = || {
        let mut kept = 0;
        for batch in theirs.chunks(AT_ONCE) {
            let assessed = assess_all::<
                <prospector_freelancer::Freelancer as prospector_plugin::Platform>::Screen,
                <prospector_freelancer::Freelancer as prospector_plugin::Platform>::Score,
            >(&their_context, batch)
            .expect("judged");
            let left: Vec<guest::Posting> = batch
                .iter()
                .zip(&assessed)
                .filter(|(_, of)| matches!(of, Assessed::Keep(_)))
                .map(|(posting, _)| posting.clone())
                .collect();
            let verdicts = screen_all::<RedFlags>(&settings(&their_context, "redflags"), &left).expect("screened");
            let scored = score_all::<Taste>(&settings(&their_context, "taste"), &left).expect("scored");
            kept += verdicts.len().min(scored.len());
            std::hint::black_box((assessed, verdicts, scored));
        }
        kept
    };
    // Handing postings over is no part of what is compared: they are copied beforehand here, and by `natively` for what is left.
    let copying = || ours.clone();
    let in_components = || {
        let batches: Vec<Vec<host::Posting>> = copying().chunks(AT_ONCE).map(<[host::Posting]>::to_vec).collect();
        let started = Instant::now();
        let pages = batches
            .into_iter()
            .map(|batch| runtime.block_on(judge(platform, customs, &our_context, batch, &mut Patiences::with(customs))))
            .collect::<Vec<_>>();
        (started.elapsed(), pages)
    };
    let kept = natively();
    let (_, pages) = in_components();
    let same = pages.iter().flat_map(|page| &page.postings).filter(|(_, of)| matches!(of, Outcome::Keep(_))).count();
    assert_eq!(same, kept, "components and native code keep the same");
    let [native, components] = Samples::in_turn(
        15,
        [&mut || timed_keeping(natively), &mut || {
            let (took, pages) = in_components();
            drop(pages);
            took
        }],
    );
    let each = |duration: Duration| us(duration) / POSTINGS as f64;
    let over = (each(components.median()) - each(native.median())) / 3.0;
    report.figure(
        "judging 10,000 postings by a platform, a filter and a scorer, over native",
        format!("{over:.2} us a posting and component"),
        "at most 1.5 us",
        over <= 1.5,
    );
    report.note("native", format!("{:.2} us a posting, {kept} kept", each(native.median())));
    report.note("components", format!("{:.2} us a posting", each(components.median())));
    let (weighing, rules) = weighing_and_rules();
    let (_, pages) = in_components();
    let weighed = timed_keeping(|| {
        let mut met = 0;
        for (posting, outcome) in pages.into_iter().flat_map(|page| page.postings) {
            if let Outcome::Keep(said) = outcome {
                let explained = weighing.compose(said);
                let subject =
                    Subject { platform: PLUGIN, posting: &posting, explained: &explained, now: our_context.now };
                met += usize::from(first_match(&rules, &subject).is_some());
            }
        }
        met
    });
    report.note("weighing, and three rules", format!("{:.2} us a posting", each(weighed)));
}

/// What the examples' schemas have for defaults is filled in by the host; here by hand.
fn settings(context: &guest::Context, of: &str) -> guest::Context {
    let text = |name: &str, value| guest::Attribute { name: name.to_owned(), value };
    let settings = match of {
        "redflags" => vec![
            text("phrases", guest::Value::Texts(["free sample", "whatsapp", "telegram"].map(str::to_owned).into())),
            text("max_capitals", guest::Value::Number(0.7)),
        ],
        _ => vec![
            text("liked", guest::Value::Texts(["rust", "summaries"].map(str::to_owned).into())),
            text("disliked", guest::Value::Texts(vec!["wordpress".to_owned()])),
            text("dream", guest::Value::Texts(vec!["wasm".to_owned()])),
            text("dream_points", guest::Value::Integer(10)),
        ],
    };
    guest::Context { settings, ..context.clone() }
}

fn weighing_and_rules() -> (Weighing, Vec<Rule>) {
    let text = "rules:
  - {name: cheap, action: exclude, condition: {field: job.budget.usd, operator: lt, value: 100}}
  - {name: words, action: exclude, condition: {field: job.description, operator: contains, value: blockchain}}
  - {name: rusty, action: priority, condition: {all: [{field: job.skills, operator: contains, value: rust}, {field: score, operator: gte, value: 60}]}}
scoring: {weights: {skill_match: 0.3, budget: 0.2, client_history: 0.2, competition: 0.1, timeline: 0.1, taste: 0.1}}
";
    let loaded = config::validate_str("bench.yaml", text, &[]).expect("valid");
    (context::weighing(&loaded.config.scoring), loaded.config.rules)
}

/// Two scans at once, as two platforms are scanned: judged, weighed, put to the rules, and with and without being stored.
fn throughput(report: &mut Report, runtime: &Runtime, home: &Path, platform: &Judging, customs: &Customs) {
    let (weighing, rules) = weighing_and_rules();
    let our_context = judged_by!(host, PLUGIN);
    let store = Arc::new(runtime.block_on(SqliteStore::open(&home.join("throughput.db"))).expect("a store"));
    let run = |stored: bool| {
        let halves: Vec<Vec<Vec<host::Posting>>> = (0..2)
            .map(|half| {
                let all: Vec<host::Posting> = (0..POSTINGS).map(|n| posting!(host, n + half * POSTINGS)).collect();
                all.chunks(AT_ONCE).map(<[host::Posting]>::to_vec).collect()
            })
            .collect();
        let started = Instant::now();
        std::thread::scope(|scope| {
            for (half, batches) in halves.into_iter().enumerate() {
                let (store, weighing, rules, our_context) = (&store, &weighing, &rules, &our_context);
                scope.spawn(move || {
                    runtime.block_on(async move {
                        let account = AccountKey {
                            profile: "bench".to_owned(),
                            platform: format!("platform-{half}"),
                            account: "default".to_owned(),
                        };
                        let lease = store
                            .acquire_scan_lease(&account, "bench", our_context.now, Duration::from_secs(60))
                            .await
                            .expect("free");
                        let scan = store.begin_scan(&lease, our_context.now).await.expect("begun");
                        for batch in batches {
                            let judged =
                                judge(platform, customs, our_context, batch, &mut Patiences::with(customs)).await;
                            let mut page = Page::default();
                            for (posting, outcome) in judged.postings {
                                let Outcome::Keep(said) = outcome else { continue };
                                let explained = weighing.compose(said);
                                let subject = Subject {
                                    platform: PLUGIN,
                                    posting: &posting,
                                    explained: &explained,
                                    now: our_context.now,
                                };
                                std::hint::black_box(first_match(rules, &subject));
                                page.leads.push(ghoststack::lead::Lead { posting, explained });
                            }
                            if stored {
                                store.record_page(&scan, our_context.now, &page).await.expect("recorded");
                            }
                            std::hint::black_box(page);
                        }
                        store.release_scan_lease(&lease).await.expect("released");
                    });
                });
            }
        });
        2.0 * POSTINGS as f64 / started.elapsed().as_secs_f64()
    };
    let best = |stored: bool| (0..3).map(|_| run(stored)).fold(0.0, f64::max);
    let (scored, stored) = (best(false), best(true));
    report.figure(
        "judged, weighed and put to rules on two cores",
        format!("{scored:.0} postings a second"),
        "over 50,000",
        scored > 50_000.0,
    );
    report.figure(
        "the same, and those kept stored in SQLite",
        format!("{stored:.0} postings a second"),
        "over 20,000",
        stored > 20_000.0,
    );
}

/// A hundred thousand stored leads, read and weighed by other weights.
fn weighing_anew(report: &mut Report, runtime: &Runtime, path: &Path) {
    let (weighing, _) = weighing_and_rules();
    let account =
        AccountKey { profile: "bench".to_owned(), platform: PLUGIN.to_owned(), account: "default".to_owned() };
    let took = runtime.block_on(async {
        let store = SqliteStore::open(path).await.expect("a store");
        let plugin = {
            let home = path.parent().expect("a folder");
            let engine = Engine::new(CodeCache::at(home.join("cache"))).expect("an engine");
            PlatformPlugin::load(&engine, PLUGIN, component(PLUGIN)).await.expect("a plugin")
        };
        let lease = store.acquire_scan_lease(&account, "bench", 0, Duration::from_secs(60)).await.expect("free");
        let scan = store.begin_scan(&lease, 0).await.expect("begun");
        let mut unscreened = judged_by!(host, PLUGIN);
        unscreened.settings.retain(|setting| setting.name != "min_employer_rating");
        unscreened
            .settings
            .push(host::Attribute { name: "min_employer_rating".to_owned(), value: host::Value::Number(0.0) });
        let platform = Judging(plugin);
        for from in (0..STORED as u64).step_by(AT_ONCE) {
            let batch = (from..from + AT_ONCE as u64).map(|n| posting!(host, n)).collect();
            let judged = judge(&platform, &Customs::default(), &unscreened, batch, &mut Patiences::default()).await;
            let leads = judged.postings.into_iter().filter_map(|(posting, outcome)| match outcome {
                Outcome::Keep(said) => Some(ghoststack::lead::Lead { posting, explained: weighing.compose(said) }),
                Outcome::Drop { .. } => None,
            });
            store.record_page(&scan, 0, &Page { leads: leads.collect(), skipped: vec![] }).await.expect("recorded");
        }
        let others = Weighing {
            weights: BTreeMap::from([("skill_match".to_owned(), 7_000), ("budget".to_owned(), 3_000)]),
            adjustment_max: 2_000,
        };
        let scope = Scope::from(&account);
        let mut best = Duration::MAX;
        for _ in 0..3 {
            let (started, mut after, mut seen) = (Instant::now(), None, 0);
            loop {
                let leads = store.scored(&scope, after.as_ref(), false, 1_000).await.expect("read");
                let Some(last) = leads.last() else { break };
                after = Some(last.key.clone());
                seen += leads.len();
                leads.into_iter().for_each(|lead| {
                    std::hint::black_box(others.reweigh(lead.explained));
                });
            }
            assert!(seen * 10 > STORED * 9, "nearly all are leads: {seen}");
            best = best.min(started.elapsed());
        }
        best
    });
    report.figure(
        "weighing 100,000 stored leads anew, reading them included",
        format!("{:.0} ms", took.as_secs_f64() * 1e3),
        "under 1 s",
        took < Duration::from_secs(1),
    );
}

/// An example, built as its author would, with its defaults.
fn example(engine: &Engine, runtime: &Runtime, name: &str, world: World) -> Configured {
    const TARGET: &str = "wasm32-unknown-unknown";
    let package = format!("prospector-{name}-example");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = root.join("target").join("guests");
    let built = Command::new(env!("CARGO"))
        .current_dir(&root)
        .args([
            "build",
            "--locked",
            "--quiet",
            "--profile",
            "guest",
            "--target",
            TARGET,
            "-p",
            &package,
            "--target-dir",
        ])
        .arg(&folder)
        .status();
    assert!(built.is_ok_and(|status| status.success()), "{package} builds");
    let file: PathBuf = folder.join(TARGET).join("guest").join(format!("{}.wasm", package.replace('-', "_")));
    let bytes = std::fs::read(&file).expect("it was built");
    let plugin = runtime.block_on(CustomPlugin::load(engine, name, &bytes, world)).expect("it loads");
    let context = judged_by!(guest, PLUGIN);
    let settings = settings(&context, name).settings.into_iter().map(|setting| host::Attribute {
        name: setting.name,
        value: match setting.value {
            guest::Value::Text(text) => host::Value::Text(text),
            guest::Value::Integer(number) => host::Value::Integer(number),
            guest::Value::Number(number) => host::Value::Number(number),
            guest::Value::Flag(flag) => host::Value::Flag(flag),
            guest::Value::Texts(texts) => host::Value::Texts(texts),
        },
    });
    Configured { plugin: Arc::new(plugin), settings: settings.collect() }
}
