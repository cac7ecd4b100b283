//! A component that is linked, with what it exports: what both platforms' plugins and the person's own components are.

use wasmtime::component::InstancePre;

use super::call::Call;
use super::component::{ComponentError, Inspected};
use super::edition::{Exports, Guest};
use super::engine::Engine;
use super::fault::Fault;
use super::limits::Budget;
use super::platform::nobody;
use super::session::Session;
use crate::capability::http::gate::Caller;
use crate::capability::http::policy::Phase;
use crate::contract::descriptor::Descriptor;

/// Ready to be called.
pub(super) struct Bound {
    pub engine: Engine,
    pub component: InstancePre<Session>,
    pub exports: Box<dyn Exports>,
}

impl Bound {
    /// Links a component to what it imports, and finds what it exports.
    pub fn of(engine: &Engine, inspected: &Inspected) -> Result<Bound, ComponentError> {
        let import = |e: wasmtime::Error| {
            ComponentError::Import(format!("an import or export is not of the contract's type: {e:#}"))
        };
        let component = inspected.linker.instantiate_pre(&inspected.component).map_err(import)?;
        let exports = inspected.edition.exports(&component, &|name| inspected.has(name)).map_err(import)?;
        Ok(Bound { engine: engine.clone(), component, exports })
    }

    /// Instantiates once, which checks every type, and asks for the descriptor, in a store where every import is refused. `name` is what errors call it.
    pub async fn describe(&self, name: &str) -> Result<Descriptor, Fault> {
        let caller =
            Caller { plugin: name.to_owned(), account: nobody(name), phase: Phase::Describe, permission: None };
        let call = Call { export: "descriptor.describe", budget: Budget::DESCRIBE, caller, capabilities: None, now: 0 };
        call.run(&self.engine, async |store| {
            let instance = self.component.instantiate_async(&mut *store).await?;
            self.exports.check(Guest { store: &mut *store, instance: &instance })?;
            self.exports.describe(Guest { store, instance: &instance }).await
        })
        .await
    }
}

/// Calls an export of a fresh instance, within the call's budget. No function, as closures whose futures are `Send` for every lifetime cannot be asked for.
macro_rules! ask {
    ($bound:expr, $call:expr, $function:ident($($argument:expr),*)) => {
        $call
            .run(&$bound.engine, async |store| {
                let instance = $bound.component.instantiate_async(&mut *store).await?;
                let guest = $crate::plugin::edition::Guest { store, instance: &instance };
                $bound.exports.$function(guest, $($argument),*).await
            })
            .await
    };
}
pub(super) use ask;
