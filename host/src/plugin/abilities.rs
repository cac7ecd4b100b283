//! The optional interfaces of a platform's plugin, found on its component's type.

use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use super::check;
use super::component::Inspected;
use super::fault::CallError;
use super::limits::Budget;
use super::platform::{PlatformPlugin, Work, refused};
use super::session::Session;
use crate::capability::http::policy::Phase;
use crate::contract::profile::Found;
use crate::contract::types::{Attribute, Posting};
use crate::contract::{
    OptAssessmentIndices, OptContractsIndices, OptLookupIndices, OptMilestonesIndices, OptProfileIndices,
    OptProposalsIndices, OptWakeIndices,
};

/// Postings that are looked up at once: the contract's bound.
pub const MAX_LOOKED_UP: usize = 20;

/// Where those that a plugin exports are in its component.
pub(super) struct Abilities {
    /// `assessment`.
    pub assessment: Option<OptAssessmentIndices>,
    /// `contracts`.
    pub contracts: Option<OptContractsIndices>,
    /// `lookup`.
    pub lookup: Option<OptLookupIndices>,
    /// `milestones`.
    pub milestones: Option<OptMilestonesIndices>,
    /// `profile`.
    pub profile: Option<OptProfileIndices>,
    /// `proposals`.
    pub proposals: Option<OptProposalsIndices>,
    /// `wake`.
    pub wake: Option<OptWakeIndices>,
}

impl Abilities {
    /// Looks for each.
    pub(super) fn of(inspected: &Inspected, instance: &InstancePre<Session>) -> wasmtime::Result<Abilities> {
        let has = |name: &str| inspected.extras.iter().any(|extra| extra == name);
        Ok(Abilities {
            assessment: has("assessment").then(|| OptAssessmentIndices::new(instance)).transpose()?,
            contracts: has("contracts").then(|| OptContractsIndices::new(instance)).transpose()?,
            lookup: has("lookup").then(|| OptLookupIndices::new(instance)).transpose()?,
            milestones: has("milestones").then(|| OptMilestonesIndices::new(instance)).transpose()?,
            profile: has("profile").then(|| OptProfileIndices::new(instance)).transpose()?,
            proposals: has("proposals").then(|| OptProposalsIndices::new(instance)).transpose()?,
            wake: has("wake").then(|| OptWakeIndices::new(instance)).transpose()?,
        })
    }

    /// Binds each to an instance once, which checks its type.
    pub(super) fn load(&self, store: &mut Store<Session>, instance: &Instance) -> wasmtime::Result<()> {
        if let Some(indices) = &self.assessment {
            indices.load(&mut *store, instance)?;
        }
        if let Some(indices) = &self.lookup {
            indices.load(&mut *store, instance)?;
        }
        if let Some(indices) = &self.profile {
            indices.load(&mut *store, instance)?;
        }
        if let Some(indices) = &self.contracts {
            indices.load(&mut *store, instance)?;
        }
        if let Some(indices) = &self.milestones {
            indices.load(&mut *store, instance)?;
        }
        if let Some(indices) = &self.proposals {
            indices.load(&mut *store, instance)?;
        }
        if let Some(indices) = &self.wake {
            indices.load(&mut *store, instance)?;
        }
        Ok(())
    }
}

impl PlatformPlugin {
    /// `profile.read`: what the account says of its owner, for the plugin's settings; none where the plugin does not offer it.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn read_profile(&self, work: &Work, settings: &[Attribute]) -> Result<Option<Found>, CallError> {
        const EXPORT: &str = "profile.read";
        let Some(indices) = &self.abilities.profile else { return Ok(None) };
        let call = self.call(EXPORT, Phase::Account, Budget::SHORT, Some(work), work.capabilities.clock.now());
        let answer = call
            .run(&self.engine, async |store| {
                let instance = self.pre.instance_pre().instantiate_async(&mut *store).await?;
                let bound = indices.load(&mut *store, &instance)?;
                bound.ghoststack_prospector_profile().call_read(store, settings).await
            })
            .await?;
        check::found(answer.map_err(refused)?).map(Some).map_err(|why| self.absurd(EXPORT, why))
    }

    /// `wake.wake`: what the plugin does at a time that it has set, under the key that it has set it by. Nothing where it does not offer it.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn wake(&self, work: &Work, key: &str) -> Result<(), CallError> {
        let Some(indices) = &self.abilities.wake else { return Ok(()) };
        let now = work.capabilities.clock.now();
        let call = self.call("wake.wake", Phase::Wake, Budget::SHORT, Some(work), now);
        let answer = call
            .run(&self.engine, async |store| {
                let instance = self.pre.instance_pre().instantiate_async(&mut *store).await?;
                let bound = indices.load(&mut *store, &instance)?;
                bound.ghoststack_prospector_wake().call_wake(store, key, now).await
            })
            .await?;
        answer.map_err(refused)
    }

    /// Whether the plugin offers [`wake`](Self::wake).
    #[must_use]
    pub fn wakes(&self) -> bool {
        self.abilities.wake.is_some()
    }

    /// Whether the plugin offers [`read_profile`](Self::read_profile).
    #[must_use]
    pub fn reads_profiles(&self) -> bool {
        self.abilities.profile.is_some()
    }

    /// `lookup.find`: the postings of these identifiers that are still to be had, at most [`MAX_LOOKED_UP`] of them; none where the plugin does not offer
    /// it. A posting that breaks the contract counts as not to be had.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn find(
        &self,
        work: &Work,
        settings: &[Attribute],
        ids: &[String],
    ) -> Result<Option<Vec<Posting>>, CallError> {
        const EXPORT: &str = "lookup.find";
        let Some(indices) = &self.abilities.lookup else { return Ok(None) };
        let ids = &ids[..ids.len().min(MAX_LOOKED_UP)];
        let call = self.call(EXPORT, Phase::Search, Budget::SEARCH, Some(work), work.capabilities.clock.now());
        let answer = call
            .run(&self.engine, async |store| {
                let instance = self.pre.instance_pre().instantiate_async(&mut *store).await?;
                let bound = indices.load(&mut *store, &instance)?;
                bound.ghoststack_prospector_lookup().call_find(store, settings, ids).await
            })
            .await?;
        check::looked_up(answer.map_err(refused)?, ids).map(Some).map_err(|why| self.absurd(EXPORT, why))
    }
}
