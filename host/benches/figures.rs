//! The figures that the design asks for, each beside a baseline of the same run: `cargo bench -p ghoststack`, or `just bench`.
//! `-- calls`, `loading`, `status` or `scan` measures those alone.

#[allow(clippy::unwrap_used)]
mod harness;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ghoststack::clock::SystemClock;
use ghoststack::contract::search::{Page as FoundPage, Query};
use ghoststack::contract::types as host;
use ghoststack::lead::AccountKey;
use ghoststack::pipeline::score::Weighing;
use ghoststack::pipeline::{self, Observer, Platform, ScanRequest};
use ghoststack::plugin::cache::CodeCache;
use ghoststack::plugin::catalog::BUILTIN;
use ghoststack::plugin::engine::Engine;
use ghoststack::plugin::fault::CallError;
use ghoststack::plugin::platform::{Judged, PlatformPlugin};
use ghoststack::store::{Page, PageSummary, SqliteStore};
use harness::{Report, Samples, timed, us};
use prospector_plugin::types as guest;

const POSTINGS: u64 = 1_000;
const NOW: i64 = 1_790_000_000;

/// A posting of about 2 KB and 20 fields, in whichever of the two languages' types. The same number gives the same posting.
macro_rules! posting {
    ($types:ident, $n:expr) => {{
        let n: u64 = $n;
        let skill = |k: u64| {
            ["Rust", "TypeScript", "React", "PostgreSQL", "Python", "Docker", "GraphQL", "Figma", "WordPress"]
                [((n / 3 + k * 7) % 9) as usize]
        };
        $types::Posting {
            id: format!("{}", 39_000_000 + n),
            kind: $types::PostingKind::Project,
            title: format!("Service number {n} that reads reports and writes summaries"),
            url: format!("https://www.freelancer.com/projects/rust/service-number-{n}"),
            description: "We need somebody who has done this before and can show it. ".repeat(33),
            status: $types::PostingStatus::Open,
            payment: if n % 3 == 0 { $types::Payment::Hourly } else { $types::Payment::Fixed },
            budget: Some($types::Budget {
                minimum: Some(25_000 + n as i64),
                maximum: Some(75_000 + n as i64),
                currency: "EUR".to_owned(),
                usd_rate: Some(1.08),
            }),
            skills: (0..5).map(|k| skill(k).to_owned()).collect(),
            categories: vec!["Websites, IT & Software".to_owned()],
            experience: None,
            duration: Some($types::Span { minimum: 7, maximum: Some(30) }),
            workload: Some($types::Span { minimum: 20, maximum: Some(40) }),
            language: Some("en".to_owned()),
            posted_at: NOW - (n as i64) * 60,
            updated_at: Some(NOW - (n as i64) * 30),
            closes_at: Some(NOW + 86_400),
            competition: Some($types::Competition {
                proposals: $types::Span { minimum: (n % 60) as u32, maximum: Some((n % 60) as u32) },
                average: Some(50_000),
            }),
            client: $types::Client {
                id: Some(format!("{}", 8_000_000 + n)),
                country: Some("Germany".to_owned()),
                country_code: Some("DE".to_owned()),
                rating: if n % 4 == 0 { None } else { Some(3.0 + (n % 20) as f64 / 10.0) },
                reviews: Some((n % 40) as u32),
                posted: Some(20),
                hires: Some(12),
                hire_rate: Some(0.6),
                spent_usd: Some(1_000_000),
                payment_verified: Some(true),
                member_since: Some(1_500_000_000),
            },
            attributes: vec![$types::Attribute { name: "sealed".to_owned(), value: $types::Value::Flag(n % 7 == 0) }],
        }
    }};
}

macro_rules! context {
    ($types:ident) => {{
        let text = |name: &str, value: $types::Value| $types::Attribute { name: name.to_owned(), value };
        $types::Context {
            now: NOW,
            profile: $types::Profile {
                skills: ["Rust", "TypeScript", "React.js", "Postgres", "GraphQL"]
                    .into_iter()
                    .map(|name| $types::ProfileSkill { name: name.to_owned(), aliases: vec![], years: Some(5) })
                    .collect(),
                rates: $types::Rates {
                    currency: "USD".to_owned(),
                    usd_rate: Some(1.0),
                    hourly_minimum: Some(4_000),
                    hourly_preferred: Some(8_000),
                    fixed_minimum: Some(30_000),
                    fixed_preferred: Some(200_000),
                },
                availability: $types::Availability {
                    hours_per_week: Some(30),
                    starts_at: None,
                    longest_days: Some(90),
                },
                languages: vec!["en".to_owned()],
                country_code: None,
            },
            settings: vec![
                text("categories", $types::Value::Texts(vec!["Websites, IT & Software".to_owned()])),
                text("project_types", $types::Value::Texts(vec!["fixed".to_owned(), "hourly".to_owned()])),
                text("min_employer_rating", $types::Value::Number(4.0)),
                text("include_contests", $types::Value::Flag(false)),
            ],
            parameters: vec![
                text("skill_match.exact_match_bonus", $types::Value::Integer(15)),
                text("skill_match.semantic_threshold", $types::Value::Number(0.7)),
                text("skill_match.missing_penalty", $types::Value::Integer(10)),
                text("contest_penalty", $types::Value::Integer(15)),
            ],
        }
    }};
}

fn main() {
    // `cargo test --benches` and the like: there is nothing to test here.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, postings, judged_by] = arguments.as_slice()
        && flag == "--scan"
    {
        runtime.block_on(scan_alone(postings.parse().expect("a number"), judged_by == "component"));
        return;
    }
    let asked: Vec<&str> = arguments.iter().skip(1).map(String::as_str).filter(|a| !a.starts_with('-')).collect();
    let wanted = |rows: &str| asked.is_empty() || asked.contains(&rows);
    let mut report = Report::default();
    if wanted("calls") {
        report.rows_for_calls(&runtime);
    }
    if wanted("loading") {
        report.rows_for_loading(&runtime);
    }
    if wanted("status") {
        report.rows_for_status();
    }
    if wanted("scan") {
        report.rows_for_scan();
    }
    if !report.print() {
        std::process::exit(1);
    }
}

impl Report {
    /// Judging in the component against judging natively, and what a call costs by itself.
    fn rows_for_calls(&mut self, runtime: &tokio::runtime::Runtime) {
        let home = tempfile::tempdir().expect("a folder");
        let engine = Engine::new(CodeCache::at(home.path().join("cache"))).expect("an engine");
        let plugin =
            runtime.block_on(PlatformPlugin::load(&engine, BUILTIN[0].id, BUILTIN[0].bytes)).expect("a plugin");
        let mut ours: Vec<host::Posting> = (0..POSTINGS).map(|n| posting!(host, n)).collect();
        let theirs: Vec<guest::Posting> = (0..POSTINGS).map(|n| posting!(guest, n)).collect();
        let (our_context, their_context) = (context!(host), context!(guest));
        let kept = runtime.block_on(plugin.judge(&our_context, &mut ours)).expect("judged");
        let kept = kept.iter().filter(|judged| matches!(judged, Judged::Keep(_))).count();
        let mut one = ours[..1].to_vec();
        let mut bare: Vec<host::Posting> = ours
            .iter()
            .map(|posting| host::Posting { skills: Vec::new(), attributes: Vec::new(), ..posting.clone() })
            .collect();
        // Dropping what came back is timed on neither side.
        let [native, component, without_text, nothing] = Samples::in_turn(
            60,
            [
                &mut || {
                    timed_keeping(|| prospector_freelancer::judge_natively(&their_context, &theirs).expect("judged"))
                },
                &mut || timed_keeping(|| runtime.block_on(plugin.judge(&our_context, &mut ours)).expect("judged")),
                &mut || timed_keeping(|| runtime.block_on(plugin.judge(&our_context, &mut bare)).expect("judged")),
                &mut || timed_keeping(|| runtime.block_on(plugin.judge(&our_context, &mut one)).expect("judged")),
            ],
        );
        let per_posting = |samples: &Samples| us(samples.median()) / POSTINGS as f64;
        let over = per_posting(&component) - per_posting(&native);
        self.figure(
            "judging in the component, over native",
            format!("{over:.2} us a posting"),
            "at most 2 us",
            over <= 2.0,
        );
        self.note(
            "native",
            format!(
                "{:.2} us a posting (fastest {:.2}), {kept} of {POSTINGS} kept",
                per_posting(&native),
                us(native.fastest()) / POSTINGS as f64
            ),
        );
        self.note(
            "component, one crossing",
            format!(
                "{:.2} us a posting (fastest {:.2})",
                per_posting(&component),
                us(component.fastest()) / POSTINGS as f64
            ),
        );
        self.note("component, postings without skills", format!("{:.2} us a posting", per_posting(&without_text)));
        self.note("component, one posting", format!("{:.1} us a call", us(nothing.median())));
        self.rows_for_empty_calls(runtime, &engine);
    }

    /// The engine's own cost: a component that does nothing.
    fn rows_for_empty_calls(&mut self, runtime: &tokio::runtime::Runtime, engine: &Engine) {
        const CALLS: u32 = 2_000;
        let bytes = wat::parse_str(
            r#"(component
                (core module $m (memory (export "memory") 1) (func (export "run")))
                (core instance $i (instantiate $m))
                (func (export "run") (canon lift (core func $i "run"))))"#,
        )
        .expect("a component's text");
        let component = wasmtime::component::Component::new(engine.inner(), bytes).expect("a component");
        let linker = wasmtime::component::Linker::<()>::new(engine.inner());
        let pre = linker.instantiate_pre(&component).expect("linked");
        let fresh = || wasmtime::Store::new(engine.inner(), ());
        let mut store = fresh();
        store.set_epoch_deadline(u64::MAX / 2);
        let warm_call = runtime.block_on(async {
            let instance = pre.instantiate_async(&mut store).await.expect("an instance");
            let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("a function");
            let mut best = Duration::MAX;
            for _ in 0..30 {
                let started = Instant::now();
                for _ in 0..CALLS {
                    run.call_async(&mut store, ()).await.expect("a call");
                }
                best = best.min(started.elapsed() / CALLS);
            }
            best
        });
        self.figure(
            "warm call of an empty export",
            format!("{:.2} us", us(warm_call)),
            "under 1 us",
            warm_call < Duration::from_micros(1),
        );
        let mut function_call = Duration::MAX;
        let empty: fn() = || {};
        for _ in 0..30 {
            let started = Instant::now();
            for _ in 0..CALLS {
                std::hint::black_box(empty)();
            }
            function_call = function_call.min(started.elapsed() / CALLS);
        }
        self.note("native call of a function pointer", format!("{:.4} us", us(function_call)));
        let mut whole = || {
            timed(|| {
                runtime.block_on(async {
                    let mut store = fresh();
                    store.set_epoch_deadline(u64::MAX / 2);
                    let instance = pre.instantiate_async(&mut store).await.expect("an instance");
                    let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("a function");
                    run.call_async(&mut store, ()).await.expect("a call");
                });
            })
        };
        let [whole] = Samples::in_turn(500, [&mut whole]);
        self.figure(
            "fresh pooled store, instance and call",
            format!("{:.1} us", us(whole.median())),
            "under 25 us",
            whole.median() < Duration::from_micros(25),
        );
    }

    /// Compiling the built-in component, and loading it from the cache.
    fn rows_for_loading(&mut self, runtime: &tokio::runtime::Runtime) {
        let load = |home: &Path| {
            let engine = Engine::new(CodeCache::at(home.to_owned())).expect("an engine");
            timed(|| ghoststack::plugin::component::Inspected::read(&engine, BUILTIN[0].bytes).expect("a component"))
        };
        let home = tempfile::tempdir().expect("a folder");
        let mut compiling = || {
            let home = tempfile::tempdir().expect("a folder");
            load(&home.path().join("cache"))
        };
        let [first] = Samples::in_turn(3, [&mut compiling]);
        load(&home.path().join("cache"));
        let [cached] = Samples::in_turn(30, [&mut || load(&home.path().join("cache"))]);
        self.figure(
            "load of a cached component",
            format!("{:.2} ms", us(cached.median()) / 1e3),
            "under 2 ms",
            cached.median() < Duration::from_millis(2),
        );
        self.figure(
            "first compile of it",
            format!("{:.0} ms", us(first.median()) / 1e3),
            "under 300 ms",
            first.median() < Duration::from_millis(300),
        );
        self.note("its size", format!("{} KiB", BUILTIN[0].bytes.len() / 1024));
        let engine = Engine::new(CodeCache::at(home.path().join("cache"))).expect("an engine");
        let [ready] = Samples::in_turn(
            30,
            [&mut || {
                timed(|| runtime.block_on(PlatformPlugin::load(&engine, "p", BUILTIN[0].bytes)).expect("a plugin"))
            }],
        );
        self.note("the same with its descriptor asked", format!("{:.2} ms", us(ready.median()) / 1e3));
    }

    /// A whole process.
    fn rows_for_status(&mut self) {
        let home = tempfile::tempdir().expect("a folder");
        let run = |arguments: &[&str]| {
            timed(|| {
                Command::new(env!("CARGO_BIN_EXE_ghoststack"))
                    .args(arguments)
                    .env("GHOSTSTACK_HOME", home.path())
                    .output()
                    .expect("a process")
            })
        };
        run(&["prospector", "config", "init"]);
        run(&["prospector", "status", "--offline"]);
        let [status, version] =
            Samples::in_turn(40, [&mut || run(&["prospector", "status", "--offline"]), &mut || run(&["--version"])]);
        self.figure(
            "status --offline, the whole process",
            format!("{:.1} ms", us(status.median()) / 1e3),
            "under 30 ms",
            status.median() < Duration::from_millis(30),
        );
        self.note("--version, the whole process", format!("{:.1} ms", us(version.median()) / 1e3));
    }

    /// Ten thousand postings through the pipeline into SQLite, judged natively: the host's side alone.
    fn rows_for_scan(&mut self) {
        // In processes of their own, so that a peak of memory is this scan's alone.
        for (postings, judged_by) in [(1_000, "component"), (10_000, "component"), (10_000, "nobody")] {
            let said = Command::new(std::env::current_exe().expect("this program"))
                .args(["--scan", &postings.to_string(), judged_by])
                .output()
                .expect("a process");
            if !said.status.success() {
                self.figure("scan into SQLite", String::from_utf8_lossy(&said.stderr).into_owned(), "", false);
                continue;
            }
            let said = String::from_utf8_lossy(&said.stdout);
            let (ms, mb) = said.trim().split_once(' ').expect("two numbers");
            let (ms, mb): (f64, f64) = (ms.parse().expect("milliseconds"), mb.parse().expect("megabytes"));
            let what = format!("scan of {postings} postings into SQLite, judged by the {judged_by}")
                .replace("the nobody", "nobody");
            let measured = format!("{ms:.0} ms, peak {mb:.0} MB");
            if postings == 10_000 && judged_by == "component" {
                self.figure(&what, measured, "under 1 s, 80 MB", ms < 1_000.0 && mb < 80.0);
            } else {
                self.note(&what, measured);
            }
        }
    }
}

/// Times a closure without the dropping of what it returns.
fn timed_keeping<R>(run: impl FnOnce() -> R) -> Duration {
    let started = Instant::now();
    let kept = run();
    let took = started.elapsed();
    drop(kept);
    took
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
async fn scan_alone(postings: u64, by_component: bool) {
    let home = tempfile::tempdir().expect("a folder");
    let engine = Engine::new(CodeCache::at(home.path().join("cache"))).expect("an engine");
    let load = async || PlatformPlugin::load(&engine, BUILTIN[0].id, BUILTIN[0].bytes).await.expect("a plugin");
    let platform = MadeUp { postings, plugin: if by_component { Some(load().await) } else { None } };
    let store = SqliteStore::open(&home.path().join("store.db")).await.expect("a store");
    let context = context!(host);
    let request = ScanRequest {
        account: AccountKey {
            profile: "default".to_owned(),
            platform: BUILTIN[0].id.to_owned(),
            account: "default".to_owned(),
        },
        settings: context.settings,
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
            adjustment_bound: 10_000,
        },
        limit: u32::try_from(postings).expect("few enough"),
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
