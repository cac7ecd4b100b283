//! One call into a guest: a fresh store, its bounds, and what became of it.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::{Store, Trap, UpdateDeadline};

use super::component::first_line;
use super::engine::{Engine, TICK};
use super::fault::{Cause, Fault};
use super::limits::Budget;
use super::meter::Measured;
use super::session::Session;
use super::timings;
use crate::capability::Capabilities;
use crate::capability::http::gate::Caller;
use crate::contract::types::UtcSeconds;

/// What a call is made with.
pub(super) struct Call {
    pub export: &'static str,
    pub budget: Budget,
    pub caller: Caller,
    pub capabilities: Option<Arc<Capabilities>>,
    pub now: UtcSeconds,
}

impl Call {
    /// Runs `body` in a fresh store, within the budget.
    pub(super) async fn run<R>(
        self,
        engine: &Engine,
        body: impl AsyncFnOnce(&mut Store<Session>) -> wasmtime::Result<R>,
    ) -> Result<R, Fault> {
        let Call { export, budget, caller, capabilities, now } = self;
        let plugin = caller.plugin.clone();
        let _turn = engine.turn().await;
        let ticks = u64::try_from(budget.cpu.as_nanos() / TICK.as_nanos()).unwrap_or(u64::MAX);
        let mut store = Store::new(engine.inner(), Session::new(caller, capabilities, now, &budget, ticks));
        store.limiter(|session| &mut session.limiter);
        store.set_hostcall_fuel(budget.hostcall_bytes);
        store.set_max_component_handles(budget.handles);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut store| {
            let session = store.data_mut();
            session.ticks_left = session.ticks_left.saturating_sub(1);
            Ok(if session.ticks_left == 0 { UpdateDeadline::Interrupt } else { UpdateDeadline::Yield(1) })
        });
        let started = Instant::now();
        let answer = tokio::time::timeout(budget.wall, body(&mut store)).await;
        let took = started.elapsed();
        tracing::debug!(plugin, export, us = took.as_micros(), ticks_left = store.data().ticks_left, "called a plugin");
        timings::note(&plugin, export, matches!(answer, Ok(Ok(_))), took, store.data().limiter.memory_used());
        let stderr = store.data().stderr.text();
        let cause = match answer {
            Ok(Ok(answer)) => {
                report_stderr(&plugin, &stderr);
                if let Some(meter) = engine.meter() {
                    meter.note(Measured { export, took, memory: store.data().limiter.memory_used() });
                }
                return Ok(answer);
            }
            Ok(Err(error)) => cause(&error, store.data(), &budget, &stderr),
            Err(_) => Cause::TimedOut(budget.wall),
        };
        report_stderr(&plugin, &stderr);
        let fault = Fault { plugin, export, cause };
        tracing::debug!(plugin = fault.plugin, export, cause = %fault.cause, "a call into a plugin failed");
        Err(fault)
    }
}

/// What wasmtime says where more is copied out of a guest than a call may hand over.
const TOO_MUCH: &str = "fuel allocated for hostcalls has been exhausted";

fn report_stderr(plugin: &str, stderr: &str) {
    for line in stderr.lines().filter(|line| !line.trim().is_empty()).take(50) {
        tracing::debug!(target: "plugin", plugin, "{}", crate::capability::log::escaped(line, 1000));
    }
}

/// Why a call ended. A guest that was refused memory traps by itself a little later: the refusal is the cause.
fn cause(error: &wasmtime::Error, session: &Session, budget: &Budget, stderr: &str) -> Cause {
    if session.ticks_left == 0 || error.downcast_ref::<Trap>() == Some(&Trap::Interrupt) {
        return Cause::Spun(budget.cpu);
    }
    match session.limiter.refused {
        Some("memory") => return Cause::Exhausted("memory", budget.memory),
        Some(what) => return Cause::Exhausted(what, budget.table_elements),
        None => {}
    }
    // The error's type is wasmtime's own: its words are all that there is.
    if error.root_cause().to_string().contains(TOO_MUCH) {
        return Cause::Handed(budget.hostcall_bytes);
    }
    // Rust's own message stands in the line after the one that says where it was.
    let mut lines = stderr.lines().skip_while(|line| !line.contains("panicked at "));
    let panic = lines.nth(1).filter(|line| !line.trim().is_empty());
    let mut why = first_line(error);
    if let Some(panic) = panic {
        why = format!("{why} ({})", crate::capability::log::escaped(panic.trim(), 200));
    }
    Cause::Trap(why)
}
