//! What can be switched at the simulated Upwork while it runs, beside the OAuth settings.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{RATE_LIMIT, State, schema};
use crate::graphql::Introspection;
use crate::switches;

/// Permissions that a key can have and that something here asks for, by their documented ids.
pub const PERMISSIONS: [&str; 5] = [
    "pub-commons:read:all",
    "pub-marketplace-job-postings:read:all",
    "pub-contract:write:all",
    "pub-offer:write:all",
    "pub-submit-proposal:write:all",
];

/// Switches of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiSettings {
    /// The key's permissions. Changing them ends all tokens of the key.
    pub permissions: Vec<String>,
    /// Whether the schema is the public one alone, without the assumed operations.
    pub strict: bool,
    /// Whether the key is an enterprise's, which may use its own credentials as a grant.
    pub enterprise: bool,
    /// Fields that the search filter lacks, as `daysPosted_eq` and `duration_any` have been missing.
    pub absent_filters: Vec<String>,
    /// Whether every search with `pagination_eq` fails with "Exception occurred", as it has been seen to.
    pub pagination_fails: bool,
    /// Whether such a search fails if its page comes from a variable, and not from the document, as a client has reported.
    pub pagination_variable_fails: bool,
    /// Whether the newest contract and proposal have a status that nobody knows.
    pub unknown_status: bool,
    /// Whether every field of a search result may be null. On from the start with a data file, as recorded postings lack fields that the
    /// platform always has: they are given as they are. Else such a field makes its whole result null, as live.
    pub nullable_results: bool,
    /// Connects that the account has at the start.
    pub connects: i64,
    /// Whether a second proposal for a posting is taken: the platform's own check is off.
    pub duplicate_proposals: bool,
    /// Seconds until a new proposal is in the lists of proposals.
    pub proposals_shown_after_seconds: i64,
    /// How freely the schema may be asked for.
    pub introspection: Introspection,
    /// Requests a minute for each address; 0 for no limit.
    pub rate_limit: u32,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            permissions: PERMISSIONS.map(str::to_owned).to_vec(),
            strict: false,
            enterprise: false,
            absent_filters: Vec::new(),
            pagination_fails: false,
            pagination_variable_fails: false,
            unknown_status: false,
            nullable_results: false,
            connects: 80,
            duplicate_proposals: false,
            proposals_shown_after_seconds: 0,
            introspection: Introspection::GoodFaith,
            rate_limit: RATE_LIMIT,
        }
    }
}

/// All settings, API and OAuth, as one flat JSON object.
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
    let api: ApiSettings = switches::read(api)?;
    schema::check(&api)?;
    state.oauth.settings = switches::read(oauth)?;
    if api.permissions != state.settings.permissions {
        state.oauth.forget_all();
        state.oauth.own_scopes = api.permissions.clone();
    }
    state.schema = schema::build(&api);
    state.settings = api;
    Ok(())
}
