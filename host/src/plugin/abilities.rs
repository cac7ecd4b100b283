//! The optional interfaces of a platform's plugin, found on its component's type.

use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use super::component::Inspected;
use super::session::Session;
use crate::contract::{OptAssessmentIndices, OptProfileIndices};

/// Where those that a plugin exports are in its component.
pub(super) struct Abilities {
    /// `assessment`.
    pub assessment: Option<OptAssessmentIndices>,
    /// `profile`.
    pub profile: Option<OptProfileIndices>,
}

impl Abilities {
    /// Looks for each.
    pub(super) fn of(inspected: &Inspected, instance: &InstancePre<Session>) -> wasmtime::Result<Abilities> {
        let has = |name: &str| inspected.extras.iter().any(|extra| extra == name);
        Ok(Abilities {
            assessment: has("assessment").then(|| OptAssessmentIndices::new(instance)).transpose()?,
            profile: has("profile").then(|| OptProfileIndices::new(instance)).transpose()?,
        })
    }

    /// Binds each to an instance once, which checks its type.
    pub(super) fn load(&self, store: &mut Store<Session>, instance: &Instance) -> wasmtime::Result<()> {
        if let Some(indices) = &self.assessment {
            indices.load(&mut *store, instance)?;
        }
        if let Some(indices) = &self.profile {
            indices.load(&mut *store, instance)?;
        }
        Ok(())
    }
}
