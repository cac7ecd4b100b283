//! The requests that a guest makes in one call, by whichever interface: counted, bounded, and sent through the gate.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::capability::Capabilities;
use crate::capability::http::gate::Caller;
use crate::contract::http::{Request, Response};
use crate::contract::types::{Delivery, Error, ErrorKind};

/// KiB that the requests of one call hold together at most.
const MAX_HELD: u32 = 24 * 1024;

/// The requests of one call, by whichever interface they are made.
pub(super) struct Requests {
    /// On whose behalf.
    pub caller: Caller,
    /// None where every import is refused.
    pub capabilities: Option<Arc<Capabilities>>,
    left: u32,
    /// KiB that may yet be held: by `wasi:http` a guest can begin several, and leave answers unread.
    held: Arc<Semaphore>,
}

impl Requests {
    /// Of a call that may make so many.
    pub fn of(caller: Caller, capabilities: Option<Arc<Capabilities>>, left: u32) -> Requests {
        Requests { caller, capabilities, left, held: Arc::new(Semaphore::new(MAX_HELD as usize)) }
    }

    /// The capabilities, or the refusal that a guest meets where it has none.
    pub fn granted(&self) -> Result<Arc<Capabilities>, Error> {
        self.capabilities
            .clone()
            .ok_or_else(|| refusal(ErrorKind::Denied, "gate.phase", "nothing is served in this call"))
    }

    /// So many KiB of what requests that run side by side may hold, once others have let go of them.
    pub fn room(&self, kib: u32) -> impl Future<Output = Option<OwnedSemaphorePermit>> + Send + use<> {
        let held = self.held.clone();
        async move { held.acquire_many_owned(kib).await.ok() }
    }

    /// Counts one more.
    pub fn begin(&mut self) -> Result<Arc<Capabilities>, Error> {
        let exhausted = || refusal(ErrorKind::Exhausted, "gate.quota", "this call has made as many requests as it may");
        self.left = self.left.checked_sub(1).ok_or_else(exhausted)?;
        self.granted()
    }

    /// Sends one through the gate.
    pub async fn fetch(&mut self, request: Request) -> Result<Response, Error> {
        self.begin()?.gate.fetch(&self.caller, request).await
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
