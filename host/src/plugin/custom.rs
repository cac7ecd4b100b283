//! A filter or scorer of the person's own: what the host asks of it, with every answer checked.
//!
//! It is given no capability at all: its store refuses every import of the contract's, and its clock and chance are fixed. So its answers
//! depend on what it is asked, and what it does wrong costs that call alone.

use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use super::call::Call;
use super::check;
use super::component::{ComponentError, Inspected, World};
use super::engine::Engine;
use super::fault::{CallError, Cause, Fault};
use super::grant;
use super::limits::Budget;
use super::platform::{LoadError, nobody, refused};
use super::session::Session;
use super::withheld::Withheld;
use crate::capability::http::gate::Caller;
use crate::capability::http::policy::Phase;
use crate::contract::descriptor::{Authentication, Descriptor};
use crate::contract::judgement::{Evaluation, SignalKind, Verdict};
use crate::contract::types::{Context, Posting};
use crate::contract::{descriptor, scoring, screening};

/// Postings that cross into a guest in one call: the contract's bound.
const JUDGED_AT_ONCE: usize = 1000;

/// What it is asked for.
enum Export {
    /// Of a filter.
    Screening(screening::GuestIndices),
    /// Of a scorer.
    Scoring(scoring::GuestIndices),
}

/// A filter or scorer, ready to be called.
pub struct CustomPlugin {
    engine: Engine,
    pre: InstancePre<Session>,
    export: Export,
    /// What it says of itself, checked.
    pub descriptor: Descriptor,
    /// What was read off its component.
    pub inspected: Inspected,
}

impl std::fmt::Debug for CustomPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CustomPlugin")
            .field("id", &self.descriptor.id)
            .field("digest", &self.inspected.digest)
            .finish_non_exhaustive()
    }
}

impl CustomPlugin {
    /// Loads a component, or a core module of a pure world, as a filter or a scorer, and asks what it is. `name` is what errors call it until
    /// then.
    ///
    /// # Errors
    /// See [`LoadError`]. One that exports both worlds serves as either.
    pub async fn load(engine: &Engine, name: &str, bytes: &[u8], wanted: World) -> Result<CustomPlugin, LoadError> {
        let unusable = |source| LoadError::Component { name: name.to_owned(), source };
        let inspected = Inspected::read(engine, bytes).map_err(unusable)?;
        if wanted == World::Platform || inspected.world == World::Platform || !inspected.exports_all_of(wanted) {
            return Err(LoadError::World { name: name.to_owned(), world: inspected.world, wanted });
        }
        let import = |e: wasmtime::Error| {
            unusable(ComponentError::Import(format!("an import or export is not of the contract's type: {e:#}")))
        };
        let pre = inspected.linker.instantiate_pre(&inspected.component).map_err(import)?;
        let about = descriptor::GuestIndices::new(&pre).map_err(import)?;
        let export = match wanted {
            World::Scorer => Export::Scoring(scoring::GuestIndices::new(&pre).map_err(import)?),
            _ => Export::Screening(screening::GuestIndices::new(&pre).map_err(import)?),
        };
        let descriptor = describe(engine, &pre, &about, &export, name).await.map_err(LoadError::Fault)?;
        let bad = |why| LoadError::Descriptor { name: name.to_owned(), why };
        grant::check(&descriptor).map_err(bad)?;
        asks_for_nothing(&descriptor, wanted).map_err(bad)?;
        Ok(CustomPlugin { engine: engine.clone(), pre, export, descriptor, inspected })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.descriptor.id
    }

    /// `screening.screen`: a verdict for each posting. The postings are as they were when it is done.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn screen(&self, context: &Context, postings: &mut [Posting]) -> Result<Vec<Verdict>, CallError> {
        let mut verdicts = Vec::with_capacity(postings.len());
        for batch in postings.chunks_mut(JUDGED_AT_ONCE) {
            let batch = Withheld::from(batch, &self.descriptor.judges_without, &context.settings);
            verdicts.append(&mut self.screen_batch(context, batch.postings).await?);
        }
        Ok(verdicts)
    }

    /// `scoring.score`: an evaluation of each posting, whose signals have names of their own. The postings are as they were when it is done.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn score(&self, context: &Context, postings: &mut [Posting]) -> Result<Vec<Evaluation>, CallError> {
        let mut evaluations = Vec::with_capacity(postings.len());
        for batch in postings.chunks_mut(JUDGED_AT_ONCE) {
            let batch = Withheld::from(batch, &self.descriptor.judges_without, &context.settings);
            evaluations.append(&mut self.score_batch(context, batch.postings).await?);
        }
        Ok(evaluations)
    }

    /// Whether it can work with its settings, as far as it can tell: it is asked to judge no posting at all.
    ///
    /// # Errors
    /// See [`CallError`]; `invalid-input` names the setting in its code.
    pub async fn check_settings(&self, context: &Context) -> Result<(), CallError> {
        match self.export {
            Export::Screening(_) => self.screen_batch(context, &[]).await.map(drop),
            Export::Scoring(_) => self.score_batch(context, &[]).await.map(drop),
        }
    }

    async fn screen_batch(&self, context: &Context, postings: &[Posting]) -> Result<Vec<Verdict>, CallError> {
        const EXPORT: &str = "screening.screen";
        let Export::Screening(indices) = &self.export else { return Err(self.absurd(EXPORT, "it is no filter")) };
        let answer = self
            .run(EXPORT, context, async |store, instance| {
                indices.load(&mut *store, instance)?.call_screen(store, context, postings).await
            })
            .await?;
        let verdicts = answer.map_err(refused)?;
        self.same_length(EXPORT, verdicts.len(), postings.len())?;
        let checked = |verdict| match verdict {
            Verdict::Keep => Verdict::Keep,
            Verdict::Drop(drop) => Verdict::Drop(check::drop(drop)),
        };
        Ok(verdicts.into_iter().map(checked).collect())
    }

    async fn score_batch(&self, context: &Context, postings: &[Posting]) -> Result<Vec<Evaluation>, CallError> {
        const EXPORT: &str = "scoring.score";
        let Export::Scoring(indices) = &self.export else { return Err(self.absurd(EXPORT, "it is no scorer")) };
        let answer = self
            .run(EXPORT, context, async |store, instance| {
                indices.load(&mut *store, instance)?.call_score(store, context, postings).await
            })
            .await?;
        let evaluations = answer.map_err(refused)?;
        self.same_length(EXPORT, evaluations.len(), postings.len())?;
        let checked = evaluations.into_iter().map(|evaluation| check::evaluation(evaluation).and_then(own_signals));
        checked.collect::<Result<_, _>>().map_err(|why| self.absurd(EXPORT, why))
    }

    async fn run<R>(
        &self,
        export: &'static str,
        context: &Context,
        body: impl AsyncFnOnce(&mut Store<Session>, &Instance) -> wasmtime::Result<R>,
    ) -> Result<R, Fault> {
        call(self.id(), export, Phase::Judge, Budget::JUDGE, context.now)
            .run(&self.engine, async |store| {
                let instance = self.pre.instantiate_async(&mut *store).await?;
                body(store, &instance).await
            })
            .await
    }

    fn same_length(&self, export: &'static str, answered: usize, asked: usize) -> Result<(), CallError> {
        if answered == asked {
            return Ok(());
        }
        Err(self.absurd(export, format!("{answered} answers to {asked} postings")))
    }

    fn absurd(&self, export: &'static str, why: impl Into<String>) -> CallError {
        CallError::Fault(Fault { plugin: self.id().to_owned(), export, cause: Cause::Absurd(why.into()) })
    }
}

/// The five signals are the platforms': a scorer that gave one would count what is counted already.
fn own_signals(evaluation: Evaluation) -> Result<Evaluation, String> {
    match evaluation.signals.iter().all(|signal| matches!(signal.kind, SignalKind::Custom(_))) {
        true => Ok(evaluation),
        false => Err("a signal that is the platforms': a scorer's own are `custom`".to_owned()),
    }
}

/// What a filter or scorer has no use for is not granted it, and not shown either.
fn asks_for_nothing(descriptor: &Descriptor, world: World) -> Result<(), String> {
    let nothing = descriptor.origins.is_empty()
        && descriptor.routes.is_empty()
        && matches!(descriptor.authentication, Authentication::None);
    match nothing {
        true => Ok(()),
        false => Err(format!("a {} reaches no platform: it has no origin, route or authentication", world.as_str())),
    }
}

fn call(name: &str, export: &'static str, phase: Phase, budget: Budget, now: i64) -> Call {
    let caller = Caller { plugin: name.to_owned(), account: nobody(name), phase, permission: None };
    Call { export, budget, caller, capabilities: None, now }
}

/// Instantiates once, which checks every type, and asks for the descriptor.
async fn describe(
    engine: &Engine,
    pre: &InstancePre<Session>,
    about: &descriptor::GuestIndices,
    export: &Export,
    name: &str,
) -> Result<Descriptor, Fault> {
    call(name, "descriptor.describe", Phase::Describe, Budget::DESCRIBE, 0)
        .run(engine, async |store| {
            let instance = pre.instantiate_async(&mut *store).await?;
            match export {
                Export::Screening(indices) => indices.load(&mut *store, &instance).map(|_| ())?,
                Export::Scoring(indices) => indices.load(&mut *store, &instance).map(|_| ())?,
            }
            about.load(&mut *store, &instance)?.call_describe(store).await
        })
        .await
}
