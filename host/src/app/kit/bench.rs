//! What calls of a component take: the real host's engine, instances and bounds, over made-up postings.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Map, Value};

use super::sample;
use crate::app::{AppError, Installation};
use crate::contract::descriptor::Descriptor;
use crate::contract::types::{Context, Posting};
use crate::plugin::component::{Inspected, MAX_COMPONENT, World};
use crate::plugin::custom::CustomPlugin;
use crate::plugin::digest::Digest;
use crate::plugin::engine::Engine;
use crate::plugin::fault::CallError;
use crate::plugin::limits::Budget;
use crate::plugin::lock;
use crate::plugin::meter::{Measured, Meter};
use crate::plugin::platform::{LoadError, PlatformPlugin};

/// Postings that are judged in one call.
const BATCHES: [u32; 2] = [1, 1_000];
/// Calls that are measured of each kind at most.
const MOST_CALLS: usize = 100;
/// After so long no further call of a kind is begun.
const LONG_ENOUGH: Duration = Duration::from_secs(4);

/// What was measured of a component.
#[derive(Debug, Serialize)]
pub struct Bench {
    /// Its id.
    pub id: String,
    /// Size of the component in bytes.
    pub size: usize,
    /// Digest of the component.
    pub component_sha256: Digest,
    /// A row for each export and number of postings.
    pub calls: Vec<Row>,
    /// Time on the processor that a call which judges may take, in milliseconds.
    pub judging_time_bound_ms: u128,
    /// Linear memory that it may take, in bytes.
    pub judging_memory_bound: usize,
}

/// Calls of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The export.
    pub export: &'static str,
    /// Postings that it was called with; of `scoring` after `screening` those that were kept among them. 0 where it takes none.
    pub postings: u32,
    /// Calls measured.
    pub calls: usize,
    /// Half of the calls took no longer, in microseconds.
    pub median_us: f64,
    /// 95 of 100 calls took no longer, in microseconds.
    pub p95_us: f64,
    /// The most linear memory that one took, in bytes.
    pub memory: usize,
}

/// Measures a component, or a core module, in a file, with these settings.
///
/// # Errors
/// [`AppError::Plugin`] where it cannot be read or its settings cannot be used; [`AppError::Load`]; [`AppError::Call`] where a call fails.
pub async fn bench(installation: &Installation, file: &Path, settings: &Map<String, Value>) -> Result<Bench, AppError> {
    let shown = file.display().to_string();
    let bytes = lock::read_bounded(file, MAX_COMPONENT as u64)
        .map_err(|e| AppError::Plugin(format!("{shown} cannot be read: {e}")))?;
    let meter = Arc::new(Meter::default());
    let engine = installation.engine.metered(meter.clone());
    let component = |source| LoadError::Component { name: shown.clone(), source };
    let inspected = Inspected::read(&engine, &bytes).map_err(component)?;
    let mut measuring = Measuring { engine, meter, name: shown.clone(), bytes, rows: Vec::new() };
    let id = match inspected.world {
        World::Platform => measuring.platform(settings).await?,
        World::Filter | World::Scorer => {
            let worlds = [World::Filter, World::Scorer].into_iter().filter(|world| inspected.exports_all_of(*world));
            let mut id = String::new();
            for (at, world) in worlds.enumerate() {
                id = measuring.custom(world, at == 0, settings).await?;
            }
            id
        }
    };
    Ok(Bench {
        id,
        size: inspected.size,
        component_sha256: inspected.digest,
        calls: measuring.rows,
        judging_time_bound_ms: Budget::JUDGE.cpu.as_millis(),
        judging_memory_bound: Budget::JUDGE.memory,
    })
}

struct Measuring {
    engine: Engine,
    meter: Arc<Meter>,
    name: String,
    bytes: Vec<u8>,
    rows: Vec<Row>,
}

impl Measuring {
    async fn platform(&mut self, settings: &Map<String, Value>) -> Result<String, AppError> {
        let component = crate::plugin::component::encode(self.engine.editions(), &self.bytes)
            .map_err(|source| LoadError::Component { name: self.name.clone(), source })?
            .into_owned();
        // It is asked what it is whenever it is loaded.
        let (engine, name) = (self.engine.clone(), self.name.clone());
        self.repeat(0, async || PlatformPlugin::load(&engine, &name, &component).await.map(drop)).await?;
        let plugin = PlatformPlugin::load(&engine, &name, &component).await?;
        let context = context(&plugin.descriptor, settings)?;
        for count in BATCHES {
            let mut postings = sample::postings(count);
            let both = plugin.inspected.extras.iter().any(|extra| extra == "assessment");
            if both {
                self.judging(count, async |postings| plugin.judge(&context, postings).await.map(drop), &mut postings)
                    .await?;
            }
            self.judging(count, async |postings| plugin.judge_apart(&context, postings).await.map(drop), &mut postings)
                .await?;
        }
        Ok(plugin.id().to_owned())
    }

    async fn custom(
        &mut self,
        world: World,
        describes: bool,
        settings: &Map<String, Value>,
    ) -> Result<String, AppError> {
        let (engine, name, bytes) = (self.engine.clone(), self.name.clone(), self.bytes.clone());
        if describes {
            self.repeat(0, async || CustomPlugin::load(&engine, &name, &bytes, world).await.map(drop)).await?;
        }
        let plugin = CustomPlugin::load(&engine, &name, &bytes, world).await?;
        let context = context(&plugin.descriptor, settings)?;
        for count in BATCHES {
            let judge = async |postings: &mut [Posting]| match world {
                World::Scorer => plugin.score(&context, postings).await.map(drop),
                _ => plugin.screen(&context, postings).await.map(drop),
            };
            self.judging(count, judge, &mut sample::postings(count)).await?;
        }
        Ok(plugin.id().to_owned())
    }

    async fn judging(
        &mut self,
        count: u32,
        judge: impl AsyncFn(&mut [Posting]) -> Result<(), CallError>,
        postings: &mut [Posting],
    ) -> Result<(), AppError> {
        self.repeat(count, async || judge(postings).await).await
    }

    /// Calls until it is enough, after one call that nobody measures: the first touches memory and code that the others find there.
    async fn repeat<E: Into<AppError>>(
        &mut self,
        postings: u32,
        mut call: impl AsyncFnMut() -> Result<(), E>,
    ) -> Result<(), AppError> {
        call().await.map_err(Into::into)?;
        drop(self.meter.take());
        let started = Instant::now();
        for _ in 0..MOST_CALLS {
            call().await.map_err(Into::into)?;
            if started.elapsed() > LONG_ENOUGH {
                break;
            }
        }
        self.rows.append(&mut rows(postings, &self.meter.take()));
        Ok(())
    }
}

fn context(descriptor: &Descriptor, settings: &Map<String, Value>) -> Result<Context, AppError> {
    sample::context(&descriptor.id, &descriptor.settings, settings).map_err(|problems| {
        let told = super::describe(&problems);
        AppError::Plugin(format!("it cannot be tried by these settings (give others by --settings): {told}"))
    })
}

/// A row for each export that was called, in the order of their first calls.
fn rows(postings: u32, calls: &[Measured]) -> Vec<Row> {
    let mut exports: Vec<&'static str> = Vec::new();
    for call in calls {
        if !exports.contains(&call.export) {
            exports.push(call.export);
        }
    }
    let row = |export| {
        let of = calls.iter().filter(|call| call.export == export);
        let mut took: Vec<Duration> = of.clone().map(|call| call.took).collect();
        took.sort_unstable();
        // The least that so many of a hundred calls do not exceed.
        let within = |percent: usize| took[(took.len() * percent).div_ceil(100).max(1) - 1].as_secs_f64() * 1e6;
        Row {
            export,
            postings,
            calls: took.len(),
            median_us: within(50),
            p95_us: within(95),
            memory: of.map(|call| call.memory).max().unwrap_or_default(),
        }
    };
    exports.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_median_and_the_ninety_fifth_of_a_hundred() {
        let call = |export, us, memory| Measured { export, took: Duration::from_micros(us), memory };
        let mut calls: Vec<Measured> = (1..=100).rev().map(|us| call("a", us, us as usize)).collect();
        calls.push(call("b", 7, 3));
        let rows = rows(5, &calls);
        assert_eq!(
            rows.iter().map(|row| (row.export, row.calls, row.memory)).collect::<Vec<_>>(),
            [("a", 100, 100), ("b", 1, 3)]
        );
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(near(rows[0].median_us, 50.0) && near(rows[0].p95_us, 95.0) && near(rows[1].p95_us, 7.0), "{rows:?}");
    }
}
