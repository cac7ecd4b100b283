//! Editions of the contract: its versions, which are served side by side.
//!
//! The rest of the program knows one form of the contract, today's ([`crate::contract`]). An edition serves the components that were made for one version: it
//! links the host's functions by that version's names and types, and calls their exports, giving and taking today's types. So a version that breaks
//! with the one before it adds an edition here, in which what has changed is translated, and changes nothing for plugins that exist.
//!
//! A component is of one edition. Within one, versions are compatible: a component made for 0.1.0 is served by an edition of 0.1.3, not the other way
//! round.

use std::sync::Arc;

use async_trait::async_trait;
use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre, Linker};

use super::session::Session;
use super::version::{AnotherVersion, PACKAGE, is_served};
use crate::contract::account::{Explanation, Identity, Refusal};
use crate::contract::assessment::Assessed;
use crate::contract::contracts::ContractPage;
use crate::contract::descriptor::Descriptor;
use crate::contract::judgement::{Evaluation, Verdict};
use crate::contract::milestones::Submission;
use crate::contract::planning::Plan;
use crate::contract::profile::Found;
use crate::contract::proposals::{Change, Proposal, ProposalPage, Requirements};
use crate::contract::search::{Page, Query};
use crate::contract::types::{Attribute, Context, Error, Posting, UtcSeconds};

mod current;

pub use current::Current;

/// What a guest answers, or refuses; a trap outside.
pub type Answer<T> = wasmtime::Result<Result<T, Error>>;

/// How components made for one version of the contract are served.
pub trait Edition: Send + Sync {
    /// The version: `0.1.0`.
    fn version(&self) -> &'static str;

    /// The contract's files, in order: their names and texts. What core modules are encoded by.
    fn wit(&self) -> &'static [(&'static str, &'static str)];

    /// Links the host's functions, by the names and types of this version. For components of the world `platform` only: others are given none.
    ///
    /// # Errors
    /// wasmtime's.
    fn link(&self, linker: &mut Linker<Session>) -> wasmtime::Result<()>;

    /// Finds the exports of a component, of which `has` tells by an interface's name which are there.
    ///
    /// # Errors
    /// wasmtime's, where one is not of this version's type.
    fn exports(
        &self,
        component: &InstancePre<Session>,
        has: &dyn Fn(&str) -> bool,
    ) -> wasmtime::Result<Box<dyn Exports>>;
}

/// An instance of a component in the store that it lives in.
pub struct Guest<'s> {
    /// The store.
    pub store: &'s mut Store<Session>,
    /// The instance.
    pub instance: &'s Instance,
}

/// The exports of a component, in today's types. Each is called only where its interface is there.
#[async_trait]
pub trait Exports: Send + Sync {
    /// Binds each to an instance, which checks its type.
    ///
    /// # Errors
    /// wasmtime's.
    fn check(&self, guest: Guest<'_>) -> wasmtime::Result<()>;

    /// `descriptor.describe`.
    async fn describe(&self, guest: Guest<'_>) -> wasmtime::Result<Descriptor>;

    /// `account.identify`.
    async fn identify(&self, _: Guest<'_>, _settings: &[Attribute]) -> Answer<Identity> {
        absent("account")
    }

    /// `account.explain`.
    async fn explain(&self, _: Guest<'_>, _refusal: &Refusal) -> wasmtime::Result<Option<Explanation>> {
        absent("account")
    }

    /// `search.search`.
    async fn search(&self, _: Guest<'_>, _query: &Query) -> Answer<Page> {
        absent("search")
    }

    /// `screening.screen`.
    async fn screen(&self, _: Guest<'_>, _context: &Context, _postings: &[Posting]) -> Answer<Vec<Verdict>> {
        absent("screening")
    }

    /// `scoring.score`.
    async fn score(&self, _: Guest<'_>, _context: &Context, _postings: &[Posting]) -> Answer<Vec<Evaluation>> {
        absent("scoring")
    }

    /// `assessment.assess`.
    async fn assess(&self, _: Guest<'_>, _context: &Context, _postings: &[Posting]) -> Answer<Vec<Assessed>> {
        absent("assessment")
    }

    /// `profile.read`.
    async fn read_profile(&self, _: Guest<'_>, _settings: &[Attribute]) -> Answer<Found> {
        absent("profile")
    }

    /// `lookup.find`.
    async fn find(&self, _: Guest<'_>, _settings: &[Attribute], _ids: &[String]) -> Answer<Vec<Posting>> {
        absent("lookup")
    }

    /// `wake.wake`.
    async fn wake(&self, _: Guest<'_>, _key: &str, _now: UtcSeconds) -> Answer<()> {
        absent("wake")
    }

    /// `proposals.requirements-of`.
    async fn requirements_of(&self, _: Guest<'_>, _settings: &[Attribute], _posting: &str) -> Answer<Requirements> {
        absent("proposals")
    }

    /// `proposals.preview`.
    async fn preview(&self, _: Guest<'_>, _settings: &[Attribute], _change: &Change) -> Answer<Plan> {
        absent("proposals")
    }

    /// `proposals.perform`.
    async fn perform(
        &self,
        _: Guest<'_>,
        _settings: &[Attribute],
        _change: &Change,
        _reference: Option<&str>,
    ) -> Answer<Proposal> {
        absent("proposals")
    }

    /// `proposals.look-up`.
    async fn look_up(&self, _: Guest<'_>, _settings: &[Attribute], _posting: &str) -> Answer<Option<Proposal>> {
        absent("proposals")
    }

    /// `proposals.changes`.
    async fn proposals_changed(
        &self,
        _: Guest<'_>,
        _settings: &[Attribute],
        _cursor: Option<&str>,
        _now: UtcSeconds,
    ) -> Answer<ProposalPage> {
        absent("proposals")
    }

    /// `contracts.changes`.
    async fn contracts_changed(
        &self,
        _: Guest<'_>,
        _settings: &[Attribute],
        _cursor: Option<&str>,
        _now: UtcSeconds,
    ) -> Answer<ContractPage> {
        absent("contracts")
    }

    /// `milestones.preview`.
    async fn preview_milestone(&self, _: Guest<'_>, _settings: &[Attribute], _submission: &Submission) -> Answer<Plan> {
        absent("milestones")
    }

    /// `milestones.submit`.
    async fn submit_milestone(
        &self,
        _: Guest<'_>,
        _settings: &[Attribute],
        _submission: &Submission,
        _reference: Option<&str>,
    ) -> Answer<()> {
        absent("milestones")
    }
}

/// What is said where an export is called that is not there.
fn absent<T>(interface: &str) -> wasmtime::Result<T> {
    Err(wasmtime::Error::msg(format!("the component does not export `{interface}`")))
}

/// The name of an interface of the contract, without package and version, and the edition that serves it; none for a name of another package.
type Served<'n, 'e> = Option<(&'n str, &'e Arc<dyn Edition>)>;

/// The editions that are served, today's first.
#[derive(Clone)]
pub struct Editions(Arc<[Arc<dyn Edition>]>);

impl Default for Editions {
    fn default() -> Editions {
        Editions(Arc::new([Arc::new(Current)]))
    }
}

impl Editions {
    /// These and another one, of a version that none of them serves.
    #[must_use]
    pub fn and(&self, edition: Arc<dyn Edition>) -> Editions {
        Editions(self.0.iter().cloned().chain([edition]).collect())
    }

    /// Their versions, as a person reads them: `0.1.0`.
    #[must_use]
    pub fn versions(&self) -> String {
        self.0.iter().map(|edition| edition.version()).collect::<Vec<_>>().join(", ")
    }

    /// The name of an interface of the contract, without package and version, and the edition that serves it; none for a name of another package.
    ///
    /// # Errors
    /// Where it is of a version that none serves.
    pub(super) fn serving<'n>(&self, name: &'n str) -> Result<Served<'n, '_>, AnotherVersion> {
        let Some(own) = name.strip_prefix(PACKAGE) else { return Ok(None) };
        let (interface, found) = match own.split_once('@') {
            Some((interface, version)) => (interface, Some(version)),
            None => (own, None),
        };
        let serving = found.and_then(|found| self.0.iter().find(|edition| is_served(found, edition.version())));
        serving.map(|edition| Some((interface, edition))).ok_or_else(|| {
            let cut = |text: &str| text.chars().take(64).collect::<String>();
            let served = self.0.iter().map(|edition| edition.version()).collect();
            AnotherVersion { interface: cut(interface), found: found.map(cut), served }
        })
    }

    /// The one edition that serves all these names; today's where none is of the contract.
    ///
    /// # Errors
    /// As [`serving`](Self::serving); where they are of several.
    pub(super) fn of<'n>(
        &self,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<Result<Arc<dyn Edition>, [&'static str; 2]>, AnotherVersion> {
        let mut chosen: Option<&Arc<dyn Edition>> = None;
        for name in names {
            let Some((_, edition)) = self.serving(name)? else { continue };
            match chosen {
                Some(chosen) if chosen.version() != edition.version() => {
                    return Ok(Err([chosen.version(), edition.version()]));
                }
                _ => chosen = Some(edition),
            }
        }
        Ok(Ok(chosen.unwrap_or(&self.0[0]).clone()))
    }
}
