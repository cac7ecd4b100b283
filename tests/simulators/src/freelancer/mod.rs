//! A simulated Freelancer.com: OAuth on the accounts origin, the REST API on the other.
//!
//! ```text
//! accounts  /oauth/authorise  /oauth/consent  /oauth/token  /oauth/me  /oauth/revoke     accounts.rs
//! api       /api/{projects,users,contests}/0.1/…                                         routes.rs
//!             token -> rate limit -> route -> rule -> projection -> compact -> envelope
//! ```
//!
//! Where the platform's behaviour is not documented, the choice made here is called "assumed" beside it.

mod accounts;
mod bids;
mod call;
mod catalog;
mod contests;
mod control;
mod envelope;
mod facets;
mod hourly;
mod milestones;
mod projection;
mod projects;
mod recorded;
mod reference;
mod routes;
mod samples;
mod scope;
mod search;
mod seeding;
mod settings;
mod skills;
mod users;

use std::path::Path;
use std::sync::Mutex;

pub use envelope::ApiError;
pub use scope::Scope;
pub use settings::ApiSettings;

use crate::control::ControlRoom;
use crate::data::DataError;
use crate::exchange::{Reply, Request, Site};
use crate::faults::Failure;
use crate::oauth::{AuthorizationServer, OAuthSettings, Registration, TokenForm};
use crate::rate_limit::RateLimiter;
use crate::sync::locked;
use catalog::Catalog;

/// Name of the API's origin.
pub const API: &str = "api";
/// Name of the OAuth origin.
pub const ACCOUNTS: &str = "accounts";
/// Life of an access token, seconds: 30 days.
pub const ACCESS_SECONDS: i64 = 2_592_000;
/// Life of an authorisation code, seconds. Assumed.
pub const CODE_SECONDS: i64 = 600;

/// What codes and tokens look like: 30 letters and digits, as observed.
const TOKEN_FORM: TokenForm = TokenForm::Alphanumeric(30);

/// The simulated platform.
#[derive(Debug)]
pub struct Freelancer {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    settings: ApiSettings,
    oauth: AuthorizationServer,
    limiter: RateLimiter,
    catalog: Catalog,
    bids: bids::Bids,
    milestones: milestones::Milestones,
    /// What a reset goes back to.
    start: Start,
}

#[derive(Debug, Clone)]
struct Start {
    settings: ApiSettings,
    oauth: OAuthSettings,
    catalog: Catalog,
}

impl Freelancer {
    /// A platform with the samples, or with the recorded data of a file in place of the sample projects.
    ///
    /// # Errors
    /// The data file cannot be read or is not what it should be.
    pub fn new(
        registration: Registration,
        settings: ApiSettings,
        oauth: OAuthSettings,
        data: Option<&Path>,
        now: i64,
    ) -> Result<Self, DataError> {
        let mut catalog = samples::catalog(now);
        if let Some(path) = data {
            let recorded = recorded::read(path)?;
            catalog.projects = recorded.projects;
            catalog.users.retain(|id, _| *id == samples::ACCOUNT_ID);
            catalog.users.extend(recorded.users);
            catalog.contests.clear();
            catalog.learn_skills();
        }
        let start = Start { settings, oauth, catalog };
        Ok(Self { state: Mutex::new(State::new(registration, start)) })
    }
}

impl State {
    fn new(registration: Registration, start: Start) -> Self {
        Self {
            oauth: AuthorizationServer::new(
                "Freelancer",
                registration,
                start.oauth.clone(),
                samples::account(&start.catalog),
                start.settings.registered_scopes(),
                TOKEN_FORM,
            ),
            settings: start.settings.clone(),
            limiter: RateLimiter::default(),
            catalog: start.catalog.clone(),
            bids: bids::Bids::default(),
            milestones: milestones::Milestones::default(),
            start,
        }
    }

    fn reset(&mut self) {
        *self = Self::new(self.oauth.registration.clone(), self.start.clone());
    }
}

impl Site for Freelancer {
    fn answer(&self, request: &Request) -> Reply {
        let mut state = locked(&self.state);
        if request.origin == ACCOUNTS {
            accounts::answer(&mut state, request)
        } else {
            routes::answer(&mut state, request)
        }
    }

    fn failure(&self, request: &Request, failure: &Failure) -> Reply {
        let state = locked(&self.state);
        if request.origin == ACCOUNTS {
            accounts::failure(failure)
        } else {
            ApiError::of_failure(failure).reply(failure.status, state.settings.nested_errors)
        }
    }
}

impl ControlRoom for Freelancer {
    fn reset(&self) {
        locked(&self.state).reset();
    }

    fn control(&self, request: &Request) -> Option<Reply> {
        control::answer(&mut locked(&self.state), request)
    }
}
