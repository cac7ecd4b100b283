//! A simulated Upwork: OAuth on the accounts origin, one GraphQL endpoint on the other.
//!
//! ```text
//! accounts  /ab/account-security/oauth2/authorize  /api/v3/oauth2/token[/revoke]             accounts.rs
//! api       /graphql   rate limit -> token -> tenant -> document -> permissions -> resolvers  server.rs
//!             schema.graphql what Upwork publishes     assumed.graphql what it does not (off: strict)
//! ```
//!
//! Where the platform's behaviour is not documented, the choice made here is called "assumed" beside it.

mod accounts;
mod catalog;
mod contracts;
mod control;
mod details;
mod expression;
mod filter;
mod ontology;
mod places;
mod profile;
mod proposals;
mod recorded;
mod root;
mod samples;
mod schema;
mod search;
mod server;
mod settings;
mod times;
mod writing;

use std::path::Path;
use std::sync::Mutex;

pub use schema::ASSUMED_OPERATIONS;
pub use settings::{ApiSettings, PERMISSIONS};

use crate::control::ControlRoom;
use crate::data::DataError;
use crate::exchange::{Reply, Request, Site};
use crate::faults::Failure;
use crate::graphql::Contract;
use crate::oauth::{AuthorizationServer, OAuthSettings, Registration, TokenForm};
use crate::rate_limit::RateLimiter;
use crate::sync::locked;
use catalog::Catalog;

/// Name of the API's origin.
pub const API: &str = "api";
/// Name of the OAuth origin.
pub const ACCOUNTS: &str = "accounts";
/// Life of an access token, seconds: 24 hours.
pub const ACCESS_SECONDS: i64 = 86_400;
/// Life of a refresh token since its last use, seconds: two weeks.
pub const REFRESH_SECONDS: i64 = 1_209_600;
/// Life of an authorisation code, seconds. Assumed.
pub const CODE_SECONDS: i64 = 600;
/// Requests a minute and address.
pub const RATE_LIMIT: u32 = 300;

/// What tokens look like; that codes look the same is assumed.
const TOKEN_FORM: TokenForm = TokenForm::PrefixedHex("oauth2v2_", 32);

/// The simulated platform.
#[derive(Debug)]
pub struct Upwork {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    settings: ApiSettings,
    oauth: AuthorizationServer,
    limiter: RateLimiter,
    schema: Contract,
    catalog: Catalog,
    proposals: proposals::Proposals,
    contracts: contracts::Contracts,
    /// What a reset goes back to.
    start: Start,
}

#[derive(Debug, Clone)]
struct Start {
    settings: ApiSettings,
    oauth: OAuthSettings,
    catalog: Catalog,
}

impl Upwork {
    /// A platform with the samples, or with the search nodes of a file in their place.
    ///
    /// # Errors
    /// The data file cannot be read or is not what it should be.
    pub fn new(
        registration: Registration,
        mut settings: ApiSettings,
        oauth: OAuthSettings,
        data: Option<&Path>,
        now: i64,
    ) -> Result<Self, DataError> {
        settings.nullable_results |= data.is_some();
        let catalog = match data {
            Some(path) => recorded::read(path)?,
            None => samples::catalog(now),
        };
        Ok(Self { state: Mutex::new(State::new(registration, Start { settings, oauth, catalog })) })
    }
}

impl State {
    fn new(registration: Registration, start: Start) -> Self {
        Self {
            oauth: AuthorizationServer::new(
                "Upwork",
                registration,
                start.oauth.clone(),
                profile::account(),
                start.settings.permissions.clone(),
                TOKEN_FORM,
            ),
            schema: schema::build(&start.settings),
            settings: start.settings.clone(),
            limiter: RateLimiter::default(),
            catalog: start.catalog.clone(),
            proposals: proposals::Proposals::default(),
            contracts: contracts::Contracts::default(),
            start,
        }
    }

    fn reset(&mut self) {
        *self = Self::new(self.oauth.registration.clone(), self.start.clone());
    }
}

impl Site for Upwork {
    fn answer(&self, request: &Request) -> Reply {
        let mut state = locked(&self.state);
        if request.origin == ACCOUNTS {
            accounts::answer(&mut state, request)
        } else {
            server::answer(&mut state, request)
        }
    }

    fn failure(&self, request: &Request, failure: &Failure) -> Reply {
        if request.origin == ACCOUNTS { accounts::failure(failure) } else { server::failure(failure) }
    }
}

impl ControlRoom for Upwork {
    fn reset(&self) {
        locked(&self.state).reset();
    }

    fn control(&self, request: &Request) -> Option<Reply> {
        control::answer(&mut locked(&self.state), request)
    }
}
