//! Calls into components, against the same code compiled natively.

use std::time::{Duration, Instant};

use ghoststack::contract::types as host;
use ghoststack::plugin::cache::CodeCache;
use ghoststack::plugin::engine::Engine;
use ghoststack::plugin::platform::{Judged, PlatformPlugin};
use prospector_plugin::{Platform, assess_all, types as guest};
use tokio::runtime::Runtime;

use crate::component;
use crate::harness::{Report, Samples, timed, timed_keeping, us};
use crate::postings::{context, posting};

const POSTINGS: u64 = 1_000;

/// Judging in each plugin's component against judging natively, and what a call costs by itself.
pub fn rows(report: &mut Report, runtime: &Runtime) {
    let home = tempfile::tempdir().expect("a folder");
    let engine = Engine::new(CodeCache::at(home.path().join("cache"))).expect("an engine");
    judging::<prospector_freelancer::Freelancer>(report, runtime, &engine, "freelancer");
    judging::<prospector_upwork::Upwork>(report, runtime, &engine, "upwork");
    empty(report, runtime, &engine);
}

fn judging<P: Platform>(report: &mut Report, runtime: &Runtime, engine: &Engine, id: &str) {
    let plugin = runtime.block_on(PlatformPlugin::load(engine, id, component(id))).expect("a plugin");
    let mut ours: Vec<host::Posting> = (0..POSTINGS).map(|n| posting!(host, n)).collect();
    let theirs: Vec<guest::Posting> = (0..POSTINGS).map(|n| posting!(guest, n)).collect();
    let (our_context, their_context) = (context!(host, id), context!(guest, id));
    let judged = runtime.block_on(plugin.judge(&our_context, &mut ours)).expect("judged");
    let kept = judged.iter().filter(|judged| matches!(judged, Judged::Keep(_))).count();
    let mut one = ours[..1].to_vec();
    let mut bare = ours.clone();
    bare.iter_mut().for_each(|posting| posting.skills.clear());
    // Dropping what came back is timed on neither side.
    let [native, component, without_skills, single] = Samples::in_turn(
        60,
        [
            &mut || timed_keeping(|| assess_all::<P::Screen, P::Score>(&their_context, &theirs).expect("judged")),
            &mut || timed_keeping(|| runtime.block_on(plugin.judge(&our_context, &mut ours)).expect("judged")),
            &mut || timed_keeping(|| runtime.block_on(plugin.judge(&our_context, &mut bare)).expect("judged")),
            &mut || timed_keeping(|| runtime.block_on(plugin.judge(&our_context, &mut one)).expect("judged")),
        ],
    );
    let each = |duration: Duration| us(duration) / POSTINGS as f64;
    let over = each(component.median()) - each(native.median());
    let what = format!("judging in {id}'s component, over native");
    report.figure(&what, format!("{over:.2} us a posting"), "at most 2 us", over <= 2.0);
    let both = |samples: &Samples| {
        format!("{:.2} us a posting (fastest {:.2})", each(samples.median()), each(samples.fastest()))
    };
    report.note("native", format!("{}, {kept} of {POSTINGS} kept", both(&native)));
    report.note("component, one crossing", both(&component));
    report.note("component, postings without skills", both(&without_skills));
    report.note("component, one posting", format!("{:.1} us a call", us(single.median())));
}

/// The engine's own cost: a component that does nothing.
fn empty(report: &mut Report, runtime: &Runtime, engine: &Engine) {
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
    report.figure(
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
    report.note("native call of a function pointer", format!("{:.4} us", us(function_call)));
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
    report.figure(
        "fresh pooled store, instance and call",
        format!("{:.1} us", us(whole.median())),
        "under 25 us",
        whole.median() < Duration::from_micros(25),
    );
}
