//! Calls that do not come to an answer.

use std::time::{Duration, Instant};

use ghoststack::plugin::component::Inspected;
use ghoststack::plugin::engine::TICK;
use ghoststack::plugin::fault::{Cause, Fault};
use ghoststack::plugin::limits::Budget;
use ghoststack::plugin::platform::Judged;
use prospector_hostile::guest::{self, ASSESSING, PLATFORM, context, query, refusal};
use prospector_hostile::posting::plain;
use prospector_hostile::scene::{NOW, Scene};

use crate::fault;

/// Has the guest misbehave in `account.explain`, which has the smallest budget, and sees that it answers again.
async fn explaining(behaviour: &str) -> Fault {
    let plugin = guest::plugin().await;
    let fault = plugin.explain(&refusal(behaviour), NOW).await.expect_err("the call fails");
    assert_eq!((fault.plugin.as_str(), fault.export), ("hostile", "account.explain"));
    let again = plugin.explain(&refusal(""), NOW).await.expect("the next call is a fresh one");
    assert_eq!(again.map(|said| said.title).as_deref(), Some("Title"));
    fault
}

fn trapped(fault: &Fault) -> &str {
    match &fault.cause {
        Cause::Trap(why) => why,
        other => panic!("another cause than a trap: {other}"),
    }
}

#[tokio::test]
async fn a_trap_costs_its_call_and_names_plugin_export_and_cause() {
    let fault = explaining("trap").await;
    assert!(trapped(&fault).contains("unreachable"), "{fault}");
    assert_eq!(fault.to_string().matches("`hostile`").count(), 1, "{fault}");
    assert!(fault.to_string().contains("`account.explain`"), "{fault}");
}

#[tokio::test]
async fn a_panics_message_reaches_the_fault_escaped() {
    let fault = explaining("panic").await;
    let why = trapped(&fault);
    assert!(why.contains("the cupboard is bare \\u{1b}[31mand red"), "{why}");
    assert!(!why.contains('\u{1b}'), "{why}");
}

#[tokio::test]
async fn a_panics_message_is_told_from_what_was_written_before_it() {
    let fault = explaining("panic-after-talk").await;
    assert!(trapped(&fault).contains("the last word"), "{fault}");
}

#[tokio::test]
async fn a_guest_that_exits_ends_its_call_and_not_the_program() {
    let fault = explaining("exit").await;
    assert!(trapped(&fault).contains("exit"), "{fault}");
}

#[tokio::test]
async fn a_recursion_without_end_traps_on_the_guests_own_stack() {
    let light = explaining("recurse-lightly").await;
    assert!(trapped(&light).contains("call stack exhausted"), "{light}");
    // A Rust guest's variables have a stack of their own, at the bottom of its memory.
    let heavy = explaining("recurse").await;
    assert!(trapped(&heavy).contains("out of bounds"), "{heavy}");
}

#[tokio::test]
async fn an_allocation_without_end_is_refused_and_named() {
    let fault = explaining("allocate").await;
    assert!(matches!(fault.cause, Cause::Exhausted("memory", bound) if bound == Budget::DESCRIBE.memory), "{fault}");
}

#[tokio::test]
async fn a_guest_that_bears_to_be_refused_memory_may_answer() {
    let plugin = guest::plugin().await;
    assert!(plugin.explain(&refusal("allocate-and-answer"), NOW).await.is_ok());
}

#[tokio::test]
async fn a_sleep_without_end_is_over_with_the_calls_time() {
    let began = Instant::now();
    let fault = explaining("sleep").await;
    assert!(matches!(fault.cause, Cause::TimedOut(wall) if wall == Budget::DESCRIBE.wall), "{fault}");
    assert!(began.elapsed() >= Budget::DESCRIBE.wall);
}

#[tokio::test]
async fn naps_without_end_are_over_with_the_calls_time_too() {
    let fault = explaining("sleep-in-naps").await;
    assert!(matches!(fault.cause, Cause::TimedOut(_) | Cause::Spun(_)), "{fault}");
}

/// Nanoseconds that this thread has run on a processor.
fn on_processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells");
    Duration::from_nanos(stat.split(' ').next().and_then(|first| first.parse().ok()).expect("a number comes first"))
}

#[tokio::test]
async fn a_spinning_guest_is_ended_within_its_budget_and_two_ticks() {
    let plugin = guest::plugin().await;
    // The ticks are those of a thread that sleeps between them, and sleeps a little longer each time.
    let late = Duration::from_micros(200) * u32::try_from(Budget::DESCRIBE.cpu.as_millis() / TICK.as_millis()).unwrap();
    let most = Budget::DESCRIBE.cpu + 2 * TICK + late;
    // Where the machine is busy that thread may wait for its turn: then it is tried again.
    let mut used = Vec::new();
    while used.last().is_none_or(|used| *used > most) && used.len() < 5 {
        let before = on_processor();
        let fault = plugin.explain(&refusal("spin"), NOW).await.expect_err("the call fails");
        used.push(on_processor() - before);
        assert!(matches!(fault.cause, Cause::Spun(cpu) if cpu == Budget::DESCRIBE.cpu), "{fault}");
    }
    assert!(used.last().is_some_and(|used| *used <= most), "it ran for {used:?}, never within {most:?}");
}

#[tokio::test]
async fn others_keep_answering_beside_a_spinning_guest_on_the_same_thread() {
    let (spinning, well_behaved) = (guest::plugin().await, guest::assessing().await);
    let spin_request = refusal("spin");
    let spin = spinning.explain(&spin_request, NOW);
    tokio::pin!(spin);
    let (mut answered, question) = (0u32, refusal(""));
    let fault = loop {
        tokio::select! {
            biased;
            over = &mut spin => break over.expect_err("the spinning call fails"),
            said = well_behaved.explain(&question, NOW) => {
                assert!(said.is_ok());
                answered += 1;
            }
        }
    };
    assert!(matches!(fault.cause, Cause::Spun(_)), "{fault}");
    assert!(answered >= 10, "only {answered} calls were answered meanwhile");
}

#[tokio::test]
async fn each_export_is_named_where_it_fails() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    assert_eq!(fault(plugin.search(&work, &query("trap")).await).export, "search.search");
    assert_eq!(fault(plugin.judge(&context("screen-trap"), &mut [plain("p")]).await).export, "screening.screen");
    assert_eq!(fault(plugin.judge(&context("score-trap"), &mut [plain("p")]).await).export, "scoring.score");
    let assessing = guest::assessing().await;
    assert_eq!(fault(assessing.judge(&context("assess-trap"), &mut [plain("p")]).await).export, "assessment.assess");
    assert_eq!(fault(plugin.identify(&work, &guest::attributes("trap", &[])).await).export, "account.identify");
}

#[tokio::test]
async fn what_a_guest_hoards_is_gone_with_its_call() {
    let plugin = guest::load(ASSESSING).await.expect("the guest loads");
    for _ in 0..40 {
        let fault = fault(plugin.judge(&context("assess-allocate"), &mut [plain("p")]).await);
        assert!(matches!(fault.cause, Cause::Exhausted("memory", _)), "{fault}");
    }
    let judged = plugin.judge(&context(""), &mut [plain("p")]).await.expect("it judges");
    assert!(matches!(judged[..], [Judged::Keep(_)]));
}

/// A component that has seven memories more than it needs.
fn with_many_memories(component: &[u8]) -> Vec<u8> {
    use wasm_encoder::{ComponentSection, InstanceSection, MemorySection, MemoryType, Module, ModuleSection};
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut module = Module::new();
    module.section(&memories);
    // Modules are numbered as they come: of the numbers that there are, ours is the last.
    let numbered = (0..64).rev().map(|number| {
        let mut instances = InstanceSection::new();
        for _ in 0..7 {
            instances.instantiate::<_, &str>(number, []);
        }
        let mut bytes = component.to_vec();
        ModuleSection(&module).append_to_component(&mut bytes);
        instances.append_to_component(&mut bytes);
        bytes
    });
    numbered
        .into_iter()
        .find(|bytes| Inspected::read(&guest::ENGINE, bytes).is_ok())
        .expect("a component that can be read")
}

#[tokio::test]
async fn guests_with_many_memories_leave_room_for_others() {
    let (greedy, other) = (guest::load(&with_many_memories(PLATFORM)).await.expect("it loads"), guest::plugin().await);
    let greedy = std::sync::Arc::new(greedy);
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let greedy = greedy.clone();
            tokio::spawn(
                async move { greedy.explain(&refusal("sleep"), NOW).await.expect_err("it sleeps").to_string() },
            )
        })
        .collect();
    // Lets the eight begin: each comes to its sleep without waiting for anything before.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let said = other.explain(&refusal(""), NOW).await;
    assert!(said.is_ok(), "{}", said.expect_err("it is an error"));
    for call in calls {
        let fault = call.await.expect("no panic");
        assert!(fault.contains("did not return"), "{fault}");
    }
}

#[tokio::test]
async fn more_guests_at_once_than_there_is_room_for_wait_for_their_turn() {
    let plugin = guest::plugin().await;
    let calls = (0..64).map(|_| {
        let plugin = plugin.clone();
        tokio::spawn(async move { plugin.explain(&refusal(""), NOW).await.is_ok() })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.expect("no panic"));
    }
}
