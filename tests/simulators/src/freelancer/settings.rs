//! What can be switched at the simulated Freelancer while it runs, beside the OAuth settings.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::State;
use super::scope::Scope;
use crate::switches;

/// Switches of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiSettings {
    /// Advanced scopes that the application's registration lacks, by number.
    pub missing_scopes: Vec<u8>,
    /// Whether asking for a missing scope fails at the authorisation with `invalid_scope`. Off, consent
    /// is given without it and the calls that need it answer 403. Which of them is real is unconfirmed.
    pub strict_scopes: bool,
    /// Whether the token answer's `scope` names the advanced scopes too; recorded is only `basic`.
    pub scope_names: bool,
    /// Whether `Authorization: Bearer` alone authenticates; unconfirmed, so off.
    pub accept_bearer: bool,
    /// Whether searches and look-ups answer without any token, as they have been seen to.
    pub anonymous_search: bool,
    /// Whether errors come in the newer, nested envelope.
    pub nested_errors: bool,
    /// Requests a minute for each token; 0 for no limit.
    pub rate_limit: u32,
    /// Requests an hour for each token; 0 for no limit.
    pub rate_limit_hour: u32,
    /// Bids that the account's plan gives.
    pub bid_quota: u32,
    /// Seconds that must lie between two bids; 0 for none.
    pub bid_pause_seconds: i64,
    /// Whether the account is verified and reviewed enough for featured and large projects.
    pub account_verified: bool,
    /// Whether a bid text with an e-mail address or web address is refused.
    pub contact_details_refused: bool,
    /// Whether a second bid on a project is taken: the platform's own check is off.
    pub duplicate_bids: bool,
    /// Seconds until a new bid is in the lists of bids.
    pub bids_shown_after_seconds: i64,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            missing_scopes: Vec::new(),
            strict_scopes: false,
            scope_names: false,
            accept_bearer: false,
            anonymous_search: true,
            nested_errors: false,
            rate_limit: 50,
            rate_limit_hour: 1000,
            bid_quota: 6,
            bid_pause_seconds: 0,
            account_verified: true,
            contact_details_refused: true,
            duplicate_bids: false,
            bids_shown_after_seconds: 0,
        }
    }
}

impl ApiSettings {
    /// The scopes that the registration has.
    #[must_use]
    pub fn registered_scopes(&self) -> Vec<String> {
        Scope::ALL
            .iter()
            .filter(|scope| !self.missing_scopes.contains(&scope.number()))
            .map(|scope| scope.name().to_owned())
            .collect()
    }
}

/// All settings, API and OAuth, as one flat JSON object.
#[must_use]
pub(super) fn view(state: &State) -> Value {
    switches::view(&[switches::group(&state.settings), switches::group(&state.oauth.settings)])
}

/// Changes the settings named in `patch`, all or none of them.
///
/// # Errors
/// A sentence naming the unknown setting or what is wrong with the value.
pub(super) fn apply(state: &mut State, patch: &Map<String, Value>) -> Result<(), String> {
    let mut groups = [switches::group(&state.settings), switches::group(&state.oauth.settings)];
    switches::patch(&mut groups, patch)?;
    let [api, oauth] = groups;
    let api = switches::read(api)?;
    state.oauth.settings = switches::read(oauth)?;
    state.settings = api;
    state.oauth.own_scopes = state.settings.registered_scopes();
    Ok(())
}
