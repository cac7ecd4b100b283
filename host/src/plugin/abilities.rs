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

/// The optional interfaces, each with where its functions are in a component that exports it.
macro_rules! abilities {
    ($($interface:ident: $indices:ident),+ $(,)?) => {
        /// Where those that a plugin exports are in its component, by the interfaces' names.
        pub(super) struct Abilities {
            $(#[doc = concat!("`", stringify!($interface), "`.")] pub $interface: Option<$indices>,)+
        }

        impl Abilities {
            /// Looks for each.
            pub(super) fn of(inspected: &Inspected, instance: &InstancePre<Session>) -> wasmtime::Result<Abilities> {
                let has = |name: &str| inspected.extras.iter().any(|extra| extra == name);
                Ok(Abilities {
                    $($interface: has(stringify!($interface)).then(|| $indices::new(instance)).transpose()?,)+
                })
            }

            /// Binds each to an instance once, which checks its type.
            pub(super) fn load(&self, store: &mut Store<Session>, instance: &Instance) -> wasmtime::Result<()> {
                $(if let Some(indices) = &self.$interface {
                    indices.load(&mut *store, instance)?;
                })+
                Ok(())
            }
        }
    };
}

abilities! {
    assessment: OptAssessmentIndices,
    contracts: OptContractsIndices,
    lookup: OptLookupIndices,
    milestones: OptMilestonesIndices,
    profile: OptProfileIndices,
    proposals: OptProposalsIndices,
    wake: OptWakeIndices,
}

/// Calls a function of an optional interface: instantiates the component, binds the interface, and makes the call.
macro_rules! ask {
    ($plugin:ident, $call:expr, $indices:expr, $interface:ident, |$store:ident, $bound:ident| $body:expr) => {
        $call
            .run(&$plugin.engine, async |$store| {
                let instance = $plugin.pre.instance_pre().instantiate_async(&mut *$store).await?;
                let loaded = $indices.load(&mut *$store, &instance)?;
                let $bound = loaded.$interface();
                $body.await
            })
            .await
    };
}
pub(super) use ask;

impl PlatformPlugin {
    /// `profile.read`: what the account says of its owner, for the plugin's settings; none where the plugin does not offer it.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn read_profile(&self, work: &Work, settings: &[Attribute]) -> Result<Option<Found>, CallError> {
        const EXPORT: &str = "profile.read";
        let Some(indices) = &self.abilities.profile else { return Ok(None) };
        let call = self.call(EXPORT, Phase::Account, Budget::SHORT, Some(work), work.capabilities.clock.now());
        let answer = ask!(self, call, indices, ghoststack_prospector_profile, |store, bound| {
            bound.call_read(store, settings)
        })?;
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
        let answer =
            ask!(self, call, indices, ghoststack_prospector_wake, |store, bound| { bound.call_wake(store, key, now) })?;
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
        let answer = ask!(self, call, indices, ghoststack_prospector_lookup, |store, bound| {
            bound.call_find(store, settings, ids)
        })?;
        check::looked_up(answer.map_err(refused)?, ids).map(Some).map_err(|why| self.absurd(EXPORT, why))
    }
}
