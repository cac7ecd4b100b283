//! A host that counts what it hands in.

use std::cell::Cell;

use crate::Host;
use crate::http::{Request, Response};
use crate::log::Level;
use crate::schedule::WakeUp;
use crate::state::Entry;
use crate::types::{Attribute, Error, UtcSeconds};
use crate::vault::Credential;

/// A host that counts the bytes of its answers.
pub struct Metered<'a> {
    host: &'a dyn Host,
    bytes: Cell<usize>,
}

impl std::fmt::Debug for Metered<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Metered").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl<'a> Metered<'a> {
    /// One around another.
    #[must_use]
    pub fn new(host: &'a dyn Host) -> Self {
        Self { host, bytes: Cell::new(0) }
    }

    /// Bytes of the answers since this was last asked.
    pub fn taken(&self) -> usize {
        self.bytes.take()
    }
}

impl Host for Metered<'_> {
    fn fetch(&self, request: &Request) -> Result<Response, Error> {
        let response = self.host.fetch(request)?;
        self.bytes.set(self.bytes.get().saturating_add(response.body.len()));
        Ok(response)
    }

    fn origin(&self, name: &str) -> Option<String> {
        self.host.origin(name)
    }

    fn describe(&self, credential: &str) -> Option<Credential> {
        self.host.describe(credential)
    }

    fn get(&self, key: &str) -> Result<Option<Entry>, Error> {
        self.host.get(key)
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.host.set(key, value)
    }

    fn delete(&self, key: &str) -> Result<(), Error> {
        self.host.delete(key)
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, Error> {
        self.host.keys(prefix)
    }

    fn wake_at(&self, key: &str, at: UtcSeconds) -> Result<(), Error> {
        self.host.wake_at(key, at)
    }

    fn pending(&self) -> Result<Vec<WakeUp>, Error> {
        self.host.pending()
    }

    fn cancel(&self, key: &str) -> Result<(), Error> {
        self.host.cancel(key)
    }

    fn log(&self, level: Level, message: &str, fields: &[Attribute]) {
        self.host.log(level, message, fields);
    }
}
