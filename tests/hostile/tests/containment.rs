//! What a hostile component costs the host: its own budget, and nobody else's time. A process of its own, so that its memory can be measured.
#![cfg(target_os = "linux")]

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ghoststack::plugin::engine::TICK;
use ghoststack::plugin::limits::Budget;
use prospector_hostile::guest;
use prospector_hostile::scene::{NOW, Scene};

/// What the host may need beside the guest's own memory, in bytes.
const BESIDE: u64 = 10 << 20;

/// A figure of this process, in bytes: `VmRSS`, or `VmHWM`, the most since it was last reset.
fn memory(what: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix(what)).expect("the figure is there");
    let kilobytes: u64 = line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().expect("a number");
    kilobytes << 10
}

/// Time that this thread has spent on a processor. The test's own, on which the hostile call runs: the neighbour has others.
fn on_processor() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells");
    Duration::from_nanos(stat.split(' ').next().and_then(|first| first.parse().ok()).expect("a number comes first"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_contained_in_its_budget_while_a_well_behaved_plugin_misses_no_deadline() {
    let (hostile, neighbour, scene) = (guest::plugin().await, guest::assessing().await, Scene::open().await);
    let work = scene.work(&hostile, &[]);
    let question = guest::refusal("");
    // Both are warm: code, pool and store are there.
    for _ in 0..20 {
        let _answered = hostile.search(&work, &guest::query("")).await;
        let _answered = neighbour.explain(&question, NOW).await.expect("answers");
    }
    println!("{:24} {:>9} {:>9} {:>12} {:>10}", "behaviour", "took", "memory", "neighbour", "answers");
    for behaviour in [
        "spin",
        "allocate",
        "allocate-and-answer",
        "recurse",
        "trap",
        "panic",
        "exit",
        "flood-stderr",
        "flood-log",
        "flood-state",
        "flood-wake-ups",
        "flood-requests",
        "crowd",
        "two-giants",
        "many-empty-texts",
        "many-unreadable",
        "long-texts",
        "refuse-at-length",
    ] {
        fs::write("/proc/self/clear_refs", "5").expect("the most so far is forgotten");
        let before = memory("VmRSS");
        let over = Arc::new(AtomicBool::new(false));
        let beside = tokio::spawn({
            let (neighbour, over, question) = (neighbour.clone(), over.clone(), question.clone());
            async move {
                let (mut worst, mut answers) = (Duration::ZERO, 0u32);
                while !over.load(Ordering::SeqCst) {
                    let asked = Instant::now();
                    let _said = neighbour.explain(&question, NOW).await.expect("the neighbour answers");
                    (worst, answers) = (worst.max(asked.elapsed()), answers + 1);
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                (worst, answers)
            }
        });
        let (started, used) = (Instant::now(), on_processor());
        let _outcome = tokio::time::timeout(Budget::SEARCH.wall * 2, hostile.search(&work, &guest::query(behaviour)))
            .await
            .unwrap_or_else(|_| panic!("{behaviour} is not contained"));
        let (took, used) = (started.elapsed(), on_processor().saturating_sub(used));
        over.store(true, Ordering::SeqCst);
        let (worst, answers) = beside.await.expect("the neighbour goes on");
        let more = memory("VmHWM").saturating_sub(before);
        println!("{behaviour:24} {took:>9.1?} {:>6} MB {worst:>12.1?} {answers:>10}", more >> 20);

        assert!(worst < Budget::DESCRIBE.wall, "{behaviour}: the neighbour waited for {worst:?}");
        assert!(more <= Budget::SEARCH.memory as u64 + BESIDE, "{behaviour} took {} MB", more >> 20);
        // The beat is that of a thread which sleeps between two ticks, and a little longer each time.
        let late = Budget::SEARCH.cpu / 50 + Duration::from_millis(200);
        assert!(used <= Budget::SEARCH.cpu + 2 * TICK + late, "{behaviour} ran for {used:?}");
    }
}
