//! The outside as a plugin sees it.

use crate::http::{Request, Response};
use crate::log::Level;
use crate::schedule::WakeUp;
use crate::state::Entry;
use crate::types::{Attribute, Error, UtcSeconds};
use crate::vault::Credential;
use crate::{http, log, schedule, state, vault};

/// What the host gives a platform. The methods are the contract's functions; see `wit/` for their bounds and errors.
///
/// In a component it is the [`Sandbox`]; in unit tests a [`FakeHost`](crate::testing::FakeHost).
pub trait Host {
    /// `http.origin`: where requests to a declared origin go, without a trailing slash.
    fn origin(&self, name: &str) -> Option<String>;

    /// `http.fetch`: sends a request and waits for the answer, whatever its status.
    ///
    /// # Errors
    /// What kept an answer from coming.
    fn fetch(&self, request: &Request) -> Result<Response, Error>;

    /// `vault.describe`: what is known of a credential, never its value.
    fn describe(&self, credential: &str) -> Option<Credential>;

    /// `state.get`.
    ///
    /// # Errors
    /// A key that is none, or a store that fails.
    fn get(&self, key: &str) -> Result<Option<Entry>, Error>;

    /// `state.set`.
    ///
    /// # Errors
    /// As `get`, and `exhausted` when the space is full.
    fn set(&self, key: &str, value: &[u8]) -> Result<(), Error>;

    /// `state.delete`.
    ///
    /// # Errors
    /// As `get`.
    fn delete(&self, key: &str) -> Result<(), Error>;

    /// `state.keys`.
    ///
    /// # Errors
    /// As `get`.
    fn keys(&self, prefix: &str) -> Result<Vec<String>, Error>;

    /// `schedule.set`.
    ///
    /// # Errors
    /// `exhausted` beyond what the host allows.
    fn wake_at(&self, key: &str, at: UtcSeconds) -> Result<(), Error>;

    /// `schedule.pending`.
    ///
    /// # Errors
    /// A store that fails.
    fn pending(&self) -> Result<Vec<WakeUp>, Error>;

    /// `schedule.cancel`.
    ///
    /// # Errors
    /// A store that fails.
    fn cancel(&self, key: &str) -> Result<(), Error>;

    /// `log.log`.
    fn log(&self, level: Level, message: &str, fields: &[Attribute]);
}

/// The host around a component. Outside wasm its functions do not exist, and calling one panics.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sandbox;

impl Host for Sandbox {
    fn origin(&self, name: &str) -> Option<String> {
        http::origin(name)
    }

    fn fetch(&self, request: &Request) -> Result<Response, Error> {
        http::fetch(request)
    }

    fn describe(&self, credential: &str) -> Option<Credential> {
        vault::describe(credential)
    }

    fn get(&self, key: &str) -> Result<Option<Entry>, Error> {
        state::get(key)
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        state::set(key, value)
    }

    fn delete(&self, key: &str) -> Result<(), Error> {
        state::delete(key)
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, Error> {
        state::keys(prefix)
    }

    fn wake_at(&self, key: &str, at: UtcSeconds) -> Result<(), Error> {
        schedule::set(&WakeUp { key: key.to_owned(), at })
    }

    fn pending(&self) -> Result<Vec<WakeUp>, Error> {
        schedule::pending()
    }

    fn cancel(&self, key: &str) -> Result<(), Error> {
        schedule::cancel(key)
    }

    fn log(&self, level: Level, message: &str, fields: &[Attribute]) {
        log::log(level, message, fields);
    }
}
