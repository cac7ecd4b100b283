//! What a store carries for one call into a guest: on whose behalf it runs, what it may still use, and what it is given.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::inert::{self, Stderr};
use super::limits::{Budget, Limiter};
use super::requests::Requests;
use super::wasi_http;
use crate::capability::http::gate::Caller;
use crate::capability::http::policy::Phase;
use crate::capability::{self, Capabilities};
use crate::contract::http::{Request, Response};
use crate::contract::log::Level;
use crate::contract::schedule::WakeUp;
use crate::contract::state::Entry;
use crate::contract::types::{Attribute, Error, UtcSeconds};
use crate::contract::vault::Credential;
use crate::contract::{http, judgement, log, planning, schedule, state, types, vault};

/// The state of one store, that is of one call.
pub struct Session {
    requests: Requests,
    now: UtcSeconds,
    lines_left: u32,
    pub(super) ticks_left: u64,
    pub(super) limiter: Limiter,
    pub(super) stderr: Stderr,
    table: ResourceTable,
    wasi_http: WasiHttpCtx,
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
            requests: Requests::of(caller, capabilities, budget.requests),
            now,
            lines_left: capability::log::MAX_LINES,
            ticks_left: ticks,
            limiter: Limiter::new(budget),
            stderr: Stderr::default(),
            table,
            wasi_http: wasi_http::context(),
            wasi: None,
        }
    }
}

impl WasiView for Session {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let ctx = self.wasi.get_or_insert_with(|| Box::new(inert::context(self.now, self.stderr.clone())));
        WasiCtxView { ctx, table: &mut self.table }
    }
}

impl WasiHttpView for Session {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let Session { requests, table, wasi_http, .. } = self;
        WasiHttpCtxView { ctx: wasi_http, table, hooks: requests }
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
        Ok(self
            .requests
            .capabilities
            .as_ref()
            .and_then(|of| of.gate.policy().origins.get(&name))
            .map(ToString::to_string))
    }

    async fn fetch(&mut self, request: Request) -> wasmtime::Result<Result<Response, Error>> {
        Ok(self.requests.fetch(request).await)
    }
}

impl vault::Host for Session {
    async fn describe(&mut self, name: String) -> wasmtime::Result<Option<Credential>> {
        let Ok(of) = self.requests.granted() else { return Ok(None) };
        if !of.gate.policy().credentials.contains_key(&name) {
            return Ok(None);
        }
        Ok(of.credentials.describe(&self.requests.caller.account, &name).await)
    }
}

impl state::Host for Session {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<Entry>, Error>> {
        Ok(match self.requests.granted() {
            Ok(of) => capability::state::get(&of, &self.requests.caller, &key).await,
            Err(refused) => Err(refused),
        })
    }

    async fn set(&mut self, key: String, value: Vec<u8>) -> wasmtime::Result<Result<(), Error>> {
        Ok(match self.requests.granted() {
            Ok(of) => capability::state::set(&of, &self.requests.caller, &key, &value).await,
            Err(refused) => Err(refused),
        })
    }

    async fn delete(&mut self, key: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(match self.requests.granted() {
            Ok(of) => capability::state::delete(&of, &self.requests.caller, &key).await,
            Err(refused) => Err(refused),
        })
    }

    async fn keys(&mut self, prefix: String) -> wasmtime::Result<Result<Vec<String>, Error>> {
        Ok(match self.requests.granted() {
            Ok(of) => capability::state::keys(&of, &self.requests.caller, &prefix).await,
            Err(refused) => Err(refused),
        })
    }
}

impl schedule::Host for Session {
    async fn set(&mut self, wake_up: WakeUp) -> wasmtime::Result<Result<(), Error>> {
        Ok(match self.requests.granted() {
            Ok(of) => capability::schedule::set(&of, &self.requests.caller, wake_up).await,
            Err(refused) => Err(refused),
        })
    }

    async fn pending(&mut self) -> wasmtime::Result<Result<Vec<WakeUp>, Error>> {
        Ok(match self.requests.granted() {
            Ok(of) => capability::schedule::pending(&of, &self.requests.caller).await,
            Err(refused) => Err(refused),
        })
    }

    async fn cancel(&mut self, key: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(match self.requests.granted() {
            Ok(of) => capability::schedule::cancel(&of, &self.requests.caller, &key).await,
            Err(refused) => Err(refused),
        })
    }
}

impl log::Host for Session {
    fn log(&mut self, level: Level, message: String, fields: Vec<Attribute>) -> wasmtime::Result<()> {
        match self.lines_left {
            _ if self.requests.caller.phase == Phase::Describe => {}
            0 => {}
            1 => {
                self.lines_left = 0;
                tracing::warn!(
                    plugin = self.requests.caller.plugin,
                    "the plugin's log is cut short: more than {} lines in a call",
                    capability::log::MAX_LINES
                );
            }
            _ => {
                self.lines_left -= 1;
                capability::log::line(&self.requests.caller.plugin, level, &message, &fields);
            }
        }
        Ok(())
    }
}
