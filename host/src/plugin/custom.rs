//! A filter or scorer of the person's own: what the host asks of it, with every answer checked.
//!
//! It is given no capability at all: its store refuses every import of the contract's, and its clock and chance are fixed. So its answers
//! depend on what it is asked, and what it does wrong costs that call alone.

use super::bound::{Bound, ask};
use super::call::Call;
use super::check;
use super::component::{Inspected, World};
use super::engine::Engine;
use super::fault::{CallError, Cause, Fault};
use super::grant;
use super::limits::Budget;
use super::platform::{LoadError, nobody, refused};
use super::withheld::Withheld;
use crate::capability::http::gate::Caller;
use crate::capability::http::policy::Phase;
use crate::contract::descriptor::{Authentication, Descriptor};
use crate::contract::judgement::{Evaluation, SignalKind, Verdict};
use crate::contract::types::{Context, Posting};

/// Postings that cross into a guest in one call: the contract's bound.
const JUDGED_AT_ONCE: usize = 1000;

/// A filter or scorer, ready to be called.
pub struct CustomPlugin {
    bound: Bound,
    is_filter: bool,
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
        let bound = Bound::of(engine, &inspected).map_err(unusable)?;
        let descriptor = bound.describe(name).await.map_err(LoadError::Fault)?;
        let bad = |why| LoadError::Descriptor { name: name.to_owned(), why };
        grant::check(&descriptor).map_err(bad)?;
        asks_for_nothing(&descriptor, wanted).map_err(bad)?;
        Ok(CustomPlugin { bound, is_filter: wanted == World::Filter, descriptor, inspected })
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
        match self.is_filter {
            true => self.screen_batch(context, &[]).await.map(drop),
            false => self.score_batch(context, &[]).await.map(drop),
        }
    }

    async fn screen_batch(&self, context: &Context, postings: &[Posting]) -> Result<Vec<Verdict>, CallError> {
        const EXPORT: &str = "screening.screen";
        let call = self.call(EXPORT, context);
        let answer = ask!(self.bound, call, screen(context, postings))?;
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
        let call = self.call(EXPORT, context);
        let answer = ask!(self.bound, call, score(context, postings))?;
        let evaluations = answer.map_err(refused)?;
        self.same_length(EXPORT, evaluations.len(), postings.len())?;
        let checked = evaluations.into_iter().map(|evaluation| check::evaluation(evaluation).and_then(own_signals));
        checked.collect::<Result<_, _>>().map_err(|why| self.absurd(EXPORT, why))
    }

    fn call(&self, export: &'static str, context: &Context) -> Call {
        let account = nobody(self.id());
        let caller = Caller { plugin: self.id().to_owned(), account, phase: Phase::Judge, permission: None };
        Call { export, budget: Budget::JUDGE, caller, capabilities: None, now: context.now }
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
