//! What the plugin is and wishes for.

use prospector_plugin::descriptor::{
    Authentication, AutomaticSubmission, ClientAuthentication, Descriptor, Feature, Grant, Oauth2, Pkce, Placement,
    PostingPart, Scope,
};
use prospector_plugin::types::Error;
use prospector_plugin::wishes::{endpoint, graphql_with_rehearsals, judges_without, origin, rate_limit};
use prospector_plugin::{Host, error};

use crate::operations::PREVIEW;
use crate::settings;

/// Name of the origin of the API.
pub(crate) const API: &str = "api";
/// Name of the origin of the authorization server.
pub(crate) const ACCOUNTS: &str = "accounts";
/// Name of the credential.
pub(crate) const CREDENTIAL: &str = "account";
/// Path of the one endpoint of the API.
pub(crate) const GRAPHQL: &str = "/graphql";

/// Where a person makes an API key.
pub(crate) const REGISTRATION_URL: &str = "https://www.upwork.com/developer/keys/";

/// Scope: search postings.
pub(crate) const JOB_SEARCH: &str = "job_search (read)";
/// Scope: read and send proposals.
pub(crate) const PROPOSALS: &str = "proposals (read/write)";
/// Scope: follow contracts and their milestones.
pub(crate) const CONTRACTS: &str = "contracts (read/write)";

/// Seconds that an access token lives where the answer does not say: 24 hours, by Upwork's documentation.
const ACCESS_TOKEN_LIFETIME: u32 = 86_400;

/// Seconds after which an unused refresh token dies: two weeks, by Upwork's documentation (older pages say 90 days).
const REFRESH_TOKEN_IDLE_LIFETIME: u32 = 14 * 86_400;

/// Seconds that results may be cached, by Upwork's API terms: 24 hours.
const CONTENT_RETENTION: u32 = 86_400;

/// The descriptor.
#[must_use]
pub(crate) fn descriptor() -> Descriptor {
    Descriptor {
        id: "upwork".to_owned(),
        display_name: "Upwork".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Job postings of Upwork".to_owned(),
        origins: vec![origin(API, "https://api.upwork.com"), origin(ACCOUNTS, "https://www.upwork.com")],
        routes: vec![graphql_with_rehearsals(
            API,
            GRAPHQL,
            &[PREVIEW],
            "read postings, your account, your proposals and contracts; send and withdraw the proposals that you approve",
        )],
        authentication: Authentication::Oauth2(oauth2()),
        settings: settings::schema(),
        // Per IP address, by Upwork's documentation.
        rate_limits: vec![rate_limit(300, 60)],
        content_retention: Some(CONTENT_RETENTION),
        automatic_submission: AutomaticSubmission::WithApproval,
        judges_without: judges_without(&[
            (PostingPart::Identifiers, &[]),
            (PostingPart::Title, &["keywords"]),
            (PostingPart::Description, &["keywords"]),
            (PostingPart::Url, &[]),
            (PostingPart::Categories, &[]),
            (PostingPart::Language, &[]),
            (PostingPart::ClientCountry, &["locations"]),
        ]),
    }
}

/// Client authentication goes into the form, as one official SDK does for everything and the other for each renewal; the
/// server takes HTTP Basic too. What a key may do is chosen where it is made, so no scope has words on the wire.
fn oauth2() -> Oauth2 {
    Oauth2 {
        credential: CREDENTIAL.to_owned(),
        authorize: endpoint(ACCOUNTS, "/ab/account-security/oauth2/authorize"),
        token: endpoint(ACCOUNTS, "/api/v3/oauth2/token"),
        // Assumed: third parties quote it from the server's metadata; neither official SDK uses it.
        revoke: Some(endpoint(ACCOUNTS, "/api/v3/oauth2/token/revoke")),
        client_authentication: ClientAuthentication::Body,
        pkce: Pkce::Ignored,
        // Client credentials: for enterprise keys only.
        grants: vec![Grant::AuthorizationCode, Grant::RefreshToken, Grant::ClientCredentials],
        scopes: vec![
            scope(JOB_SEARCH, "search postings", Feature::Search),
            scope(PROPOSALS, "follow proposals, and send those that you approve", Feature::Proposals),
            scope(CONTRACTS, "follow won work", Feature::Contracts),
        ],
        parameters: Vec::new(),
        access_token_lifetime: Some(ACCESS_TOKEN_LIFETIME),
        refresh_token_idle_lifetime: Some(REFRESH_TOKEN_IDLE_LIFETIME),
        placement: Placement { header: "Authorization".to_owned(), prefix: "Bearer ".to_owned() },
        audience: vec![API.to_owned()],
        registration_url: REGISTRATION_URL.to_owned(),
    }
}

fn scope(name: &str, purpose: &str, feature: Feature) -> Scope {
    Scope {
        name: name.to_owned(),
        purpose: purpose.to_owned(),
        features: vec![feature],
        wire: Vec::new(),
        parameters: Vec::new(),
    }
}

/// The origin of the API that is in force.
///
/// # Errors
/// `internal` if the host does not know the origin that the descriptor declares.
pub(crate) fn api(host: &dyn Host) -> Result<String, Error> {
    host.origin(API)
        .ok_or_else(|| error::internal("The host does not know the origin `api`, which the descriptor declares"))
}

/// An address on the platform's site, for a person: the site is where the log-in is.
///
/// # Errors
/// `internal` if the host does not know the origin that the descriptor declares.
pub(crate) fn page(host: &dyn Host, path: &str) -> Result<String, Error> {
    let site = host.origin(ACCOUNTS).ok_or_else(|| {
        error::internal("The host does not know the origin `accounts`, which the descriptor declares")
    })?;
    Ok(format!("{site}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_scope_has_words_on_the_wire_and_all_requests_go_to_one_route() {
        let descriptor = descriptor();
        let Authentication::Oauth2(oauth2) = descriptor.authentication else { panic!("no OAuth") };
        assert!(oauth2.scopes.iter().all(|scope| scope.wire.is_empty() && scope.parameters.is_empty()));
        let names: Vec<&str> = oauth2.scopes.iter().map(|scope| scope.name.as_str()).collect();
        assert_eq!(names.join(", "), "job_search (read), proposals (read/write), contracts (read/write)");
        let routes: Vec<&str> = descriptor.routes.iter().map(|route| route.path_prefix.as_str()).collect();
        assert_eq!(routes, ["/graphql"]);
    }
}
