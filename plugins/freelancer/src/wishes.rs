//! What the plugin is and wishes for.

use prospector_plugin::descriptor::{
    Authentication, AutomaticSubmission, ClientAuthentication, Descriptor, Feature, Grant, Oauth2, Pkce, Placement,
    PostingPart, Scope,
};
use prospector_plugin::types::{Error, Method};
use prospector_plugin::wishes::{endpoint, judges_without, origin, parameter, rate_limit, reads, writes};
use prospector_plugin::{Host, error};

use crate::settings;

/// Name of the origin of the API.
pub const API: &str = "api";
/// Name of the origin of the authorization server.
pub const ACCOUNTS: &str = "accounts";
/// Name of the credential.
pub const CREDENTIAL: &str = "account";

/// Where a person registers an application.
pub const REGISTRATION_URL: &str = "https://accounts.freelancer.com/settings/develop";

/// Scope: read postings. The platform's `basic` suffices.
pub const PROJECT_SEARCH: &str = "project_search";
/// Scope: read and place bids.
pub const PROJECT_BID: &str = "project_bid";
/// Scope: follow awarded projects and their milestones.
pub const PROJECT_MANAGE: &str = "project_manage";

/// The platform's number for its advanced scope `fln:project_manage`, which both bidding and managing need.
const MANAGE_NUMBER: &str = "2";

/// Seconds that an access token lives where the answer does not say: 30 days, by the documentation's sample.
const ACCESS_TOKEN_LIFETIME: u32 = 2_592_000;

/// The descriptor.
#[must_use]
pub fn descriptor() -> Descriptor {
    Descriptor {
        id: "freelancer".to_owned(),
        display_name: "Freelancer".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Projects and contests of Freelancer.com".to_owned(),
        origins: vec![origin(API, "https://www.freelancer.com"), origin(ACCOUNTS, "https://accounts.freelancer.com")],
        routes: vec![
            reads(API, "/api/projects/0.1/projects", "read postings"),
            reads(API, "/api/projects/0.1/categories", "know the categories"),
            reads(API, "/api/projects/0.1/jobs", "know the skills of a category"),
            reads(API, "/api/contests/0.1/contests", "read contests"),
            reads(API, "/api/users/0.1/self", "know whose account it is, and its skills and rate"),
            reads(API, "/api/projects/0.1/bids", "follow your bids"),
            reads(API, "/api/projects/0.1/milestones", "follow your milestones"),
            reads(API, "/api/projects/0.1/milestone_requests", "follow the milestones that you asked for"),
            reads(API, "/api/projects/0.1/hourly_contracts", "know the weekly hours of your contracts"),
            writes(
                API,
                "/api/projects/0.1/bids",
                vec![Method::Post, Method::Put],
                "place, change and withdraw the bids that you approve",
            ),
            writes(API, "/api/projects/0.1/milestones", vec![Method::Put], "hand in the milestones that you approve"),
        ],
        authentication: Authentication::Oauth2(oauth2()),
        settings: settings::schema(),
        rate_limits: vec![rate_limit(50, 60), rate_limit(1000, 3600)],
        content_retention: None,
        automatic_submission: AutomaticSubmission::WithApproval,
        judges_without: judges_without(&[
            (PostingPart::Identifiers, &[]),
            (PostingPart::Title, &["keywords"]),
            (PostingPart::Description, &["keywords"]),
            (PostingPart::Url, &[]),
            (PostingPart::Language, &[]),
            (PostingPart::ClientCountry, &["locations"]),
            (PostingPart::Attributes, &[]),
        ]),
    }
}

fn oauth2() -> Oauth2 {
    Oauth2 {
        credential: CREDENTIAL.to_owned(),
        authorize: endpoint(ACCOUNTS, "/oauth/authorise"),
        token: endpoint(ACCOUNTS, "/oauth/token"),
        revoke: None,
        client_authentication: ClientAuthentication::Body,
        pkce: Pkce::Ignored,
        grants: vec![Grant::AuthorizationCode, Grant::RefreshToken, Grant::ClientCredentials],
        scopes: vec![
            scope(PROJECT_SEARCH, "read postings", Feature::Search, None),
            scope(PROJECT_BID, "place bids that you approve", Feature::Proposals, Some(MANAGE_NUMBER)),
            scope(
                PROJECT_MANAGE,
                "follow won work, and hand in milestones that you approve",
                Feature::Contracts,
                Some(MANAGE_NUMBER),
            ),
        ],
        parameters: vec![parameter("prompt", "select_account consent")],
        access_token_lifetime: Some(ACCESS_TOKEN_LIFETIME),
        refresh_token_idle_lifetime: None,
        placement: Placement { header: "Freelancer-OAuth-V1".to_owned(), prefix: String::new() },
        audience: vec![API.to_owned()],
        registration_url: REGISTRATION_URL.to_owned(),
    }
}

fn scope(name: &str, purpose: &str, feature: Feature, advanced: Option<&str>) -> Scope {
    Scope {
        name: name.to_owned(),
        purpose: purpose.to_owned(),
        features: vec![feature],
        wire: vec!["basic".to_owned()],
        parameters: advanced.map(|number| parameter("advanced_scopes", number)).into_iter().collect(),
    }
}

/// The origin of the API that is in force.
///
/// # Errors
/// `internal` if the host does not know the origin that the descriptor declares.
pub fn api(host: &dyn Host) -> Result<String, Error> {
    host.origin(API)
        .ok_or_else(|| error::internal("The host does not know the origin `api`, which the descriptor declares"))
}
