//! The WebAssembly engine: one for the process, with a clock that interrupts guests and a cache of compiled code.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use super::cache::CodeCache;
use super::edition::Editions;
use super::meter::Meter;

/// How often the engine's epoch advances: guests are interrupted, and others get their turn, on this beat.
pub const TICK: Duration = Duration::from_millis(10);

/// Beats that go on without a guest: waking the thread for each call would cost the call more than the call itself.
const LINGERS: u32 = 100;

/// Guests that run at once. More wait for their turn; the pool is never exhausted.
const CONCURRENT_GUESTS: u32 = 16;
/// The most memory that any budget may allow a guest, in bytes.
pub const MAX_GUEST_MEMORY: usize = 256 * 1024 * 1024;

/// Core modules that a component may consist of: one of Rust's has a main module and up to three small ones, one of Python's, whose runtime and
/// libraries are modules of their own, close to forty.
pub(super) const CORE_INSTANCES: u32 = 64;

/// The engine that runs every guest.
#[derive(Clone)]
pub struct Engine {
    inner: wasmtime::Engine,
    slots: Arc<Semaphore>,
    cache: Arc<CodeCache>,
    beat: Arc<Beat>,
    meter: Option<Arc<Meter>>,
    editions: Editions,
}

/// Whether the epoch advances: only while guests run, so that a daemon at rest does nothing. Dropped with the last clone of the engine, which ends it.
#[derive(Default)]
struct Beat(Arc<(Mutex<Running>, Condvar)>);

#[derive(Default)]
struct Running {
    guests: usize,
    is_over: bool,
}

impl Beat {
    fn change(&self, change: impl FnOnce(&mut Running)) {
        let (running, changed) = &*self.0;
        change(&mut running.lock().unwrap_or_else(PoisonError::into_inner));
        changed.notify_all();
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        self.change(|running| running.is_over = true);
    }
}

/// The turn of a guest, which ends when this is dropped.
pub struct GuestTurn {
    _slot: OwnedSemaphorePermit,
    beat: Arc<Beat>,
}

impl Drop for GuestTurn {
    fn drop(&mut self) {
        self.beat.change(|running| running.guests -= 1);
    }
}

impl Engine {
    /// Sets up the engine and starts the thread that advances its epoch while guests run, which ends with the last clone of the engine.
    ///
    /// # Errors
    /// A sentence, where this machine does not allow what the engine needs.
    pub fn new(cache: CodeCache) -> Result<Engine, String> {
        let inner = wasmtime::Engine::new(&configuration(true))
            // A machine that limits address space cannot reserve the pool; guests are then allocated one by one.
            .or_else(|_| wasmtime::Engine::new(&configuration(false)))
            .map_err(|e| format!("the WebAssembly engine cannot be set up: {e:#}"))?;
        let (weak, beat) = (inner.weak(), Beat::default());
        let heard = beat.0.clone();
        thread::Builder::new()
            .name("guest-epoch".to_owned())
            .spawn(move || {
                let (running, changed) = &*heard;
                let mut idle = 0;
                loop {
                    let mut now = running.lock().unwrap_or_else(PoisonError::into_inner);
                    idle = if now.guests == 0 { idle + 1 } else { 0 };
                    if idle > LINGERS {
                        let waited = changed.wait_while(now, |running| running.guests == 0 && !running.is_over);
                        now = waited.unwrap_or_else(PoisonError::into_inner);
                        idle = 0;
                    }
                    if now.is_over {
                        return;
                    }
                    drop(now);
                    let Some(engine) = weak.upgrade() else { return };
                    engine.increment_epoch();
                    drop(engine);
                    thread::sleep(TICK);
                }
            })
            .map_err(|e| format!("the thread that interrupts guests cannot be started: {e}"))?;
        Ok(Engine {
            inner,
            slots: Arc::new(Semaphore::new(CONCURRENT_GUESTS as usize)),
            cache: Arc::new(cache),
            beat: Arc::new(beat),
            meter: None,
            editions: Editions::default(),
        })
    }

    /// wasmtime's own engine.
    #[must_use]
    pub fn inner(&self) -> &wasmtime::Engine {
        &self.inner
    }

    /// The same engine, which tells a meter of each call that comes to an answer.
    #[must_use]
    pub fn metered(&self, meter: Arc<Meter>) -> Engine {
        Engine { meter: Some(meter), ..self.clone() }
    }

    /// The same engine, which serves other editions of the contract.
    #[must_use]
    pub fn serving(&self, editions: Editions) -> Engine {
        Engine { editions, ..self.clone() }
    }

    /// The editions of the contract that are served.
    #[must_use]
    pub fn editions(&self) -> &Editions {
        &self.editions
    }

    pub(super) fn meter(&self) -> Option<&Meter> {
        self.meter.as_deref()
    }

    /// Where compiled code is kept.
    #[must_use]
    pub fn cache(&self) -> &CodeCache {
        &self.cache
    }

    /// Waits for the turn of a guest, which ends when it is dropped.
    ///
    /// # Panics
    /// Never: the semaphore is never closed.
    pub async fn turn(&self) -> GuestTurn {
        let slot = Arc::clone(&self.slots).acquire_owned().await.expect("the semaphore of guests is never closed");
        self.beat.change(|running| running.guests += 1);
        GuestTurn { _slot: slot, beat: self.beat.clone() }
    }
}

fn configuration(pooling: bool) -> Config {
    let mut config = Config::new();
    // Components come optimised by what compiled them: optimising again takes a fifth of the time of compiling, and makes judging by a twentieth
    // faster. docs/figures.md has the figures.
    config
        .generate_address_map(false)
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .cranelift_opt_level(OptLevel::None)
        .concurrency_support(false)
        .wasm_component_model(true)
        .wasm_relaxed_simd(false)
        .max_wasm_stack(512 * 1024)
        .async_stack_size(2 * 1024 * 1024);
    if pooling {
        // Where the kernel tells which pages a guest has touched, those are wiped and kept: the next guest meets no page fault. Elsewhere the
        // lowest part is wiped as a whole, which pays only while it is small.
        let tells = PoolingAllocationConfig::is_pagemap_scan_available();
        let kept = if tells { 8 * 1024 * 1024 } else { 1024 * 1024 };
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(CONCURRENT_GUESTS)
            .max_core_instances_per_component(CORE_INSTANCES)
            .total_core_instances(CONCURRENT_GUESTS * CORE_INSTANCES)
            .max_memories_per_component(8)
            .total_memories(CONCURRENT_GUESTS * 8)
            .max_tables_per_component(16)
            .total_tables(CONCURRENT_GUESTS * 16)
            .table_elements(32 * 1024)
            .max_component_instance_size(1024 * 1024)
            .max_core_instance_size(1024 * 1024)
            .total_stacks(CONCURRENT_GUESTS)
            .max_memory_size(MAX_GUEST_MEMORY)
            .pagemap_scan(Enabled::Auto)
            .linear_memory_keep_resident(kept)
            .table_keep_resident(64 * 1024);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    config
}
