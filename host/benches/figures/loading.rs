//! Compiling the built-in components, and loading them from the cache.

use std::path::Path;
use std::time::Duration;

use ghoststack::plugin::cache::CodeCache;
use ghoststack::plugin::catalog::{BUILTIN, Builtin};
use ghoststack::plugin::component::Inspected;
use ghoststack::plugin::engine::Engine;
use ghoststack::plugin::platform::PlatformPlugin;
use tokio::runtime::Runtime;

use crate::harness::{Report, Samples, timed, us};

/// Each of the built-in components.
pub fn rows(report: &mut Report, runtime: &Runtime) {
    for builtin in BUILTIN {
        loading(report, runtime, builtin);
    }
}

fn loading(report: &mut Report, runtime: &Runtime, builtin: &Builtin) {
    let load = |home: &Path| {
        let engine = Engine::new(CodeCache::at(home.to_owned())).expect("an engine");
        timed(|| Inspected::read(&engine, builtin.bytes).expect("a component"))
    };
    let home = tempfile::tempdir().expect("a folder");
    let mut compiling = || {
        let home = tempfile::tempdir().expect("a folder");
        load(&home.path().join("cache"))
    };
    let [first] = Samples::in_turn(5, [&mut compiling]);
    load(&home.path().join("cache"));
    let [cached] = Samples::in_turn(30, [&mut || load(&home.path().join("cache"))]);
    let ms = |duration: Duration| us(duration) / 1e3;
    let id = builtin.id;
    report.figure(
        &format!("load of {id}'s cached component"),
        format!("{:.2} ms", ms(cached.median())),
        "under 2 ms",
        cached.median() < Duration::from_millis(2),
    );
    report.figure(
        &format!("first compile of {id}'s component"),
        format!(
            "{:.0} ms (fastest {:.0}), {} KiB",
            ms(first.median()),
            ms(first.fastest()),
            builtin.bytes.len() / 1024
        ),
        "under 300 ms",
        first.median() < Duration::from_millis(300),
    );
    let engine = Engine::new(CodeCache::at(home.path().join("cache"))).expect("an engine");
    let [ready] = Samples::in_turn(
        30,
        [&mut || timed(|| runtime.block_on(PlatformPlugin::load(&engine, id, builtin.bytes)).expect("a plugin"))],
    );
    report.note("load with its descriptor asked", format!("{:.2} ms", ms(ready.median())));
}
