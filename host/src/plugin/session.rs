//! What a store carries for one call into a guest: on whose behalf it runs, what it may still use, and what it is given.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::inert::{self, Stderr};
use super::limits::{Budget, Limiter};
use crate::capability::http::gate::Caller;
use crate::capability::http::policy::Phase;
use crate::capability::{self, Capabilities};
use crate::contract::http::{Request, Response};
use crate::contract::log::Level;
use crate::contract::schedule::WakeUp;
use crate::contract::state::Entry;
use crate::contract::types::{Attribute, Delivery, Error, ErrorKind, UtcSeconds};
use crate::contract::vault::Credential;
use crate::contract::{http, judgement, log, planning, schedule, state, types, vault};

/// The state of one store, that is of one call.
pub struct Session {
    caller: Caller,
    /// None where every import is refused.
    capabilities: Option<Arc<Capabilities>>,
    now: UtcSeconds,
    requests_left: u32,
    lines_left: u32,
    pub(super) ticks_left: u64,
    pub(super) limiter: Limiter,
    pub(super) stderr: Stderr,
    table: ResourceTable,
    /// Made when a guest first asks: many never do.
    wasi: Option<Box<WasiCtx>>,
}

impl Session {
    pub(super) fn new(
        caller: Caller,
        capabilities: Option<Arc<Capabilities>>,
        now: UtcSeconds,
        budget: &Budget,
        ticks: u64,
    ) -> Session {
        let mut table = ResourceTable::new();
        table.set_max_capacity(budget.handles);
        Session {
            caller,
            capabilities,
            now,
            requests_left: budget.requests,
            lines_left: capability::log::MAX_LINES,
            ticks_left: ticks,
            limiter: Limiter::new(budget),
            stderr: Stderr::default(),
            table,
            wasi: None,
        }
    }

    /// The capabilities, or the refusal that a guest meets where it has none.
    fn granted(&self) -> Result<Arc<Capabilities>, Error> {
        self.capabilities
            .clone()
            .ok_or_else(|| refusal(ErrorKind::Denied, "gate.phase", "nothing is served in this call"))
    }
}

fn refusal(kind: ErrorKind, code: &str, message: &str) -> Error {
    Error {
        kind,
        code: Some(code.to_owned()),
        message: message.to_owned(),
        remedy: None,
        delivery: Delivery::NotSent,
        retry_after: None,
    }
}

impl WasiView for Session {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let ctx = self.wasi.get_or_insert_with(|| Box::new(inert::context(self.now, self.stderr.clone())));
        WasiCtxView { ctx, table: &mut self.table }
    }
}

impl wasmtime_wasi_io::IoView for Session {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl types::Host for Session {}
impl judgement::Host for Session {}

impl planning::Host for Session {}

impl http::Host for Session {
    fn origin(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        Ok(self.capabilities.as_ref().and_then(|of| of.gate.policy().origins.get(&name)).map(ToString::to_string))
    }

    async fn fetch(&mut self, request: Request) -> wasmtime::Result<Result<Response, Error>> {
        let Some(left) = self.requests_left.checked_sub(1) else {
            return Ok(Err(refusal(
                ErrorKind::Exhausted,
                "gate.quota",
                "this call has made as many requests as it may",
            )));
        };
        self.requests_left = left;
        let of = match self.granted() {
            Ok(of) => of,
            Err(refused) => return Ok(Err(refused)),
        };
        Ok(of.gate.fetch(&self.caller, request).await)
    }
}

impl vault::Host for Session {
    async fn describe(&mut self, name: String) -> wasmtime::Result<Option<Credential>> {
        let Ok(of) = self.granted() else { return Ok(None) };
        if !of.gate.policy().credentials.contains_key(&name) {
            return Ok(None);
        }
        Ok(of.credentials.describe(&self.caller.account, &name).await)
    }
}

impl state::Host for Session {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<Entry>, Error>> {
        Ok(match self.granted() {
            Ok(of) => capability::state::get(&of, &self.caller, &key).await,
            Err(refused) => Err(refused),
        })
    }

    async fn set(&mut self, key: String, value: Vec<u8>) -> wasmtime::Result<Result<(), Error>> {
        Ok(match self.granted() {
            Ok(of) => capability::state::set(&of, &self.caller, &key, &value).await,
            Err(refused) => Err(refused),
        })
    }

    async fn delete(&mut self, key: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(match self.granted() {
            Ok(of) => capability::state::delete(&of, &self.caller, &key).await,
            Err(refused) => Err(refused),
        })
    }

    async fn keys(&mut self, prefix: String) -> wasmtime::Result<Result<Vec<String>, Error>> {
        Ok(match self.granted() {
            Ok(of) => capability::state::keys(&of, &self.caller, &prefix).await,
            Err(refused) => Err(refused),
        })
    }
}

impl schedule::Host for Session {
    async fn set(&mut self, wake_up: WakeUp) -> wasmtime::Result<Result<(), Error>> {
        Ok(match self.granted() {
            Ok(of) => capability::schedule::set(&of, &self.caller, wake_up).await,
            Err(refused) => Err(refused),
        })
    }

    async fn pending(&mut self) -> wasmtime::Result<Result<Vec<WakeUp>, Error>> {
        Ok(match self.granted() {
            Ok(of) => capability::schedule::pending(&of, &self.caller).await,
            Err(refused) => Err(refused),
        })
    }

    async fn cancel(&mut self, key: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(match self.granted() {
            Ok(of) => capability::schedule::cancel(&of, &self.caller, &key).await,
            Err(refused) => Err(refused),
        })
    }
}

impl log::Host for Session {
    fn log(&mut self, level: Level, message: String, fields: Vec<Attribute>) -> wasmtime::Result<()> {
        match self.lines_left {
            _ if self.caller.phase == Phase::Describe => {}
            0 => {}
            1 => {
                self.lines_left = 0;
                tracing::warn!(
                    plugin = self.caller.plugin,
                    "the plugin's log is cut short: more than {} lines in a call",
                    capability::log::MAX_LINES
                );
            }
            _ => {
                self.lines_left -= 1;
                capability::log::line(&self.caller.plugin, level, &message, &fields);
            }
        }
        Ok(())
    }
}
