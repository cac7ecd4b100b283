//! A platform plugin: what the host asks of it, with every answer checked.

use std::sync::Arc;

use super::bound::{Bound, ask};
use super::call::Call;
use super::check;
use super::component::{ComponentError, Inspected, World};
use super::digest::Digest;
use super::engine::Engine;
use super::fault::{CallError, Cause, Fault};
use super::grant;
use super::limits::Budget;
use super::withheld::Withheld;
use crate::capability::Capabilities;
use crate::capability::http::gate::Caller;
use crate::capability::http::policy::Phase;
use crate::contract::account::{Explanation, Identity, Refusal};
use crate::contract::assessment::Assessed;
use crate::contract::descriptor::Descriptor;
use crate::contract::judgement::{Drop, Evaluation, Verdict};
use crate::contract::search::{Page, Query};
use crate::contract::types::{Attribute, Context, Error, Posting, UtcSeconds};
use crate::lead::AccountKey;

/// Postings that cross into a guest in one call to be judged: the contract's bound.
const JUDGED_AT_ONCE: usize = 1000;

/// What a plugin makes of a posting.
#[derive(Clone, Debug, PartialEq)]
pub enum Judged {
    /// Kept, with its evaluation.
    Keep(Evaluation),
    /// Dropped.
    Drop(Drop),
}

/// A plugin of the world `platform`, ready to be called.
pub struct PlatformPlugin {
    pub(super) bound: Bound,
    /// What it says of itself, checked.
    pub descriptor: Descriptor,
    /// What was read off its component.
    pub inspected: Inspected,
}

impl std::fmt::Debug for PlatformPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlatformPlugin")
            .field("id", &self.descriptor.id)
            .field("digest", &self.inspected.digest)
            .finish_non_exhaustive()
    }
}

/// Why a component cannot serve as a plugin.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LoadError {
    /// Its bytes are not what they should be.
    #[error("the plugin {name} cannot be loaded: {source}")]
    Component {
        /// What it was called.
        name: String,
        /// Why.
        source: ComponentError,
    },
    /// It is of another world than is wanted.
    #[error("the plugin {name} is a {}, and a {} is wanted here", world.as_str(), wanted.as_str())]
    World {
        /// What it was called.
        name: String,
        /// What it is.
        world: World,
        /// What it should be.
        wanted: World,
    },
    /// It failed when it was first called.
    #[error("{0}")]
    Fault(Fault),
    /// What it says of itself breaks the contract.
    #[error("the plugin {name} cannot be used: {why}")]
    Descriptor {
        /// What it was called.
        name: String,
        /// Which rule is broken.
        why: String,
    },
}

/// For whom and with what a plugin works.
#[derive(Clone)]
pub struct Work {
    /// Whose account.
    pub account: AccountKey,
    /// What it is given.
    pub capabilities: Arc<Capabilities>,
}

impl PlatformPlugin {
    /// Loads a component and asks what it is, in a store where every import is refused. `name` is what errors call it until then.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub async fn load(engine: &Engine, name: &str, bytes: &[u8]) -> Result<PlatformPlugin, LoadError> {
        PlatformPlugin::load_digested(engine, name, bytes, Digest::of(bytes)).await
    }

    /// The same for bytes whose digest is known.
    pub(super) async fn load_digested(
        engine: &Engine,
        name: &str,
        bytes: &[u8],
        digest: Digest,
    ) -> Result<PlatformPlugin, LoadError> {
        let unusable = |source| LoadError::Component { name: name.to_owned(), source };
        let inspected = Inspected::read_digested(engine, bytes, digest).map_err(unusable)?;
        if inspected.world != World::Platform {
            return Err(LoadError::World { name: name.to_owned(), world: inspected.world, wanted: World::Platform });
        }
        let bound = Bound::of(engine, &inspected).map_err(unusable)?;
        let descriptor = bound.describe(name).await.map_err(LoadError::Fault)?;
        grant::check(&descriptor).map_err(|why| LoadError::Descriptor { name: name.to_owned(), why })?;
        Ok(PlatformPlugin { bound, descriptor, inspected })
    }

    /// Its id, which is the platform's.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.descriptor.id
    }

    /// The digest of the component that runs.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.inspected.digest
    }

    /// `account.identify`: who the credential belongs to, for the plugin's settings.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn identify(&self, work: &Work, settings: &[Attribute]) -> Result<Identity, CallError> {
        let call =
            self.call("account.identify", Phase::Account, Budget::SHORT, Some(work), work.capabilities.clock.now());
        let answer = ask!(self.bound, call, identify(settings))?;
        Ok(check::identity(answer.map_err(refused)?))
    }

    /// `account.explain`: what a refusal of the platform's means, in its own words.
    ///
    /// # Errors
    /// Only by the plugin's fault.
    pub async fn explain(&self, refusal: &Refusal, now: UtcSeconds) -> Result<Option<Explanation>, Fault> {
        let call = self.call("account.explain", Phase::Judge, Budget::DESCRIBE, None, now);
        let answer = ask!(self.bound, call, explain(refusal))?;
        Ok(answer.map(|mut said| {
            check::cut(&mut said.title, 128);
            check::cut(&mut said.message, 1024);
            check::cut(&mut said.remedy, 1024);
            said
        }))
    }

    /// `search.search`: a page of postings.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn search(&self, work: &Work, query: &Query) -> Result<Page, CallError> {
        let call = self.call("search.search", Phase::Search, Budget::SEARCH, Some(work), query.now);
        let answer = ask!(self.bound, call, search(query))?;
        check::page(answer.map_err(refused)?, query.limit).map_err(|why| self.absurd("search.search", why))
    }

    /// Keeps or drops each posting, and evaluates those that are kept; in one call where the plugin offers it. The postings are as they
    /// were when it is done: parts that the plugin judges without are taken out meanwhile.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn judge(&self, context: &Context, postings: &mut [Posting]) -> Result<Vec<Judged>, CallError> {
        let mut judged = Vec::with_capacity(postings.len());
        for batch in postings.chunks_mut(JUDGED_AT_ONCE) {
            let batch = Withheld::from(batch, &self.descriptor.judges_without, &context.settings);
            judged.append(&mut self.judge_batch(context, batch.postings).await?);
        }
        Ok(judged)
    }

    /// The same by `screening` and `scoring` one after the other, also where the plugin offers both in one call: for measuring.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn judge_apart(&self, context: &Context, postings: &mut [Posting]) -> Result<Vec<Judged>, CallError> {
        let mut judged = Vec::with_capacity(postings.len());
        for batch in postings.chunks_mut(JUDGED_AT_ONCE) {
            let batch = Withheld::from(batch, &self.descriptor.judges_without, &context.settings);
            judged.append(&mut self.screen_and_score(context, batch.postings).await?);
        }
        Ok(judged)
    }

    /// Whether the plugin can work with its settings, as far as it can tell without the platform: it is asked to judge no posting at all.
    ///
    /// # Errors
    /// See [`CallError`]; `invalid-input` names the setting in its code.
    pub async fn check_settings(&self, context: &Context) -> Result<(), CallError> {
        let judged = self.judge_batch(context, &[]).await?;
        debug_assert!(judged.is_empty(), "the number of answers is checked");
        Ok(())
    }

    async fn judge_batch(&self, context: &Context, postings: &[Posting]) -> Result<Vec<Judged>, CallError> {
        match self.offers("assessment") {
            true => self.assess(context, postings).await,
            false => self.screen_and_score(context, postings).await,
        }
    }

    async fn assess(&self, context: &Context, postings: &[Posting]) -> Result<Vec<Judged>, CallError> {
        const EXPORT: &str = "assessment.assess";
        let call = self.call(EXPORT, Phase::Judge, Budget::JUDGE, None, context.now);
        let answer = ask!(self.bound, call, assess(context, postings))?;
        let assessed = answer.map_err(refused)?;
        self.same_length(EXPORT, assessed.len(), postings.len())?;
        assessed
            .into_iter()
            .map(|assessed| match assessed {
                Assessed::Keep(evaluation) => check::evaluation(evaluation).map(Judged::Keep),
                Assessed::Drop(drop) => Ok(Judged::Drop(check::drop(drop))),
            })
            .collect::<Result<_, _>>()
            .map_err(|why| self.absurd(EXPORT, why))
    }

    async fn screen_and_score(&self, context: &Context, postings: &[Posting]) -> Result<Vec<Judged>, CallError> {
        let call = self.call("screening.screen", Phase::Judge, Budget::JUDGE, None, context.now);
        let answer = ask!(self.bound, call, screen(context, postings))?;
        let verdicts = answer.map_err(refused)?;
        self.same_length("screening.screen", verdicts.len(), postings.len())?;
        let kept: Vec<Posting> = postings
            .iter()
            .zip(&verdicts)
            .filter(|(_, verdict)| **verdict == Verdict::Keep)
            .map(|(posting, _)| posting.clone())
            .collect();
        let mut evaluations = match kept.is_empty() {
            true => Vec::new(),
            false => self.score(context, &kept).await?,
        }
        .into_iter();
        let judged = verdicts.into_iter().map(|verdict| match verdict {
            Verdict::Keep => evaluations.next().map(Judged::Keep),
            Verdict::Drop(drop) => Some(Judged::Drop(check::drop(drop))),
        });
        // As many evaluations as were kept: `score` has seen to that.
        Ok(judged.flatten().collect())
    }

    async fn score(&self, context: &Context, postings: &[Posting]) -> Result<Vec<Evaluation>, CallError> {
        const EXPORT: &str = "scoring.score";
        let call = self.call(EXPORT, Phase::Judge, Budget::JUDGE, None, context.now);
        let answer = ask!(self.bound, call, score(context, postings))?;
        let evaluations = answer.map_err(refused)?;
        self.same_length(EXPORT, evaluations.len(), postings.len())?;
        evaluations.into_iter().map(check::evaluation).collect::<Result<_, _>>().map_err(|why| self.absurd(EXPORT, why))
    }

    pub(super) fn call(
        &self,
        export: &'static str,
        phase: Phase,
        budget: Budget,
        work: Option<&Work>,
        now: UtcSeconds,
    ) -> Call {
        let account = work.map_or_else(|| nobody(self.id()), |work| work.account.clone());
        let caller = Caller { plugin: self.id().to_owned(), account, phase, permission: None };
        Call { export, budget, caller, capabilities: work.map(|work| work.capabilities.clone()), now }
    }

    fn same_length(&self, export: &'static str, answered: usize, asked: usize) -> Result<(), CallError> {
        if answered == asked {
            return Ok(());
        }
        Err(self.absurd(export, format!("{answered} answers to {asked} postings")))
    }

    pub(super) fn absurd(&self, export: &'static str, why: String) -> CallError {
        CallError::Fault(Fault { plugin: self.id().to_owned(), export, cause: Cause::Absurd(why) })
    }
}

pub(super) fn refused(error: Error) -> CallError {
    CallError::Refused(check::error(error))
}

/// The account of a call that is for nobody.
pub(super) fn nobody(platform: &str) -> AccountKey {
    AccountKey { profile: String::new(), platform: platform.to_owned(), account: String::new() }
}
