//! Who the credential belongs to, and what it may do.

use prospector_plugin::Host;
use prospector_plugin::account::{Holding, Identity, Permission};
use prospector_plugin::error::{self, Refine};
use prospector_plugin::http::Request;
use prospector_plugin::posting::attribute;
use prospector_plugin::record;
use prospector_plugin::types::{Error, ErrorKind, Value};

use crate::document::{NoVariables, OWN, ProposalVariables, SearchVariables, TRY_PROPOSALS, TRY_SEARCH, request};
use crate::envelope::ask_for;
use crate::refusals::is_about_permissions;
use crate::settings::Settings;
use crate::wire::Own;
use crate::wishes::{self, CONTRACTS, JOB_SEARCH, PROPOSALS};

/// Asks the platform whose account it is, and tries what it may do: three requests.
///
/// The organization of the settings answers, else the default one: what one may do, another may not.
pub(crate) fn identify(host: &dyn Host, settings: &Settings) -> Result<Identity, Error> {
    let origin = wishes::api(host)?;
    let acting = &settings.organization_id;
    let (own, _) = ask_for::<Own>(host, &request(&origin, OWN, NoVariables {}, acting)?, "the account")?;
    let user = own.user.0.unwrap_or_default();
    let id = user.id.0.or_else(|| user.rid.0.clone());
    let (Some(username), Some(id)) = (user.nid.0.or(user.rid.0).or_else(|| id.clone()), id) else {
        return Err(error::unexpected_answer("Upwork's answer for the account names neither identifier nor user")
            .remedy("Ask again later. If it stays, look for an update of this plugin."));
    };
    let organization = own.organization.0.and_then(|organization| organization.id.0);
    Ok(Identity {
        id,
        username,
        permissions: permissions(host, &origin, acting),
        attributes: organization.map(|id| attribute("organization_id", Value::Text(id))).into_iter().collect(),
    })
}

/// A search that works proves that searching is allowed. Reading proposals proves nothing about sending them, so success leaves that
/// scope unverified; a refusal shows that it is missing. For contracts there is a permission to write only, and nothing to try
/// without consequence.
fn permissions(host: &dyn Host, origin: &str, acting: &str) -> Vec<Permission> {
    // Without a window, which fails for some: see `search`.
    let search = request(origin, TRY_SEARCH, SearchVariables::default(), acting);
    let proposals = request(origin, TRY_PROPOSALS, ProposalVariables::NEWEST, acting);
    let of = |scope: &str, holding| Permission { scope: scope.to_owned(), holding };
    vec![
        of(JOB_SEARCH, try_it(host, search, Holding::Held)),
        of(PROPOSALS, try_it(host, proposals, Holding::Unverified)),
        of(CONTRACTS, Holding::Unverified),
    ]
}

record! {
    /// Data that is there, whatever it is.
    struct Anything {}
}

fn try_it(host: &dyn Host, request: Result<Request, Error>, success: Holding) -> Holding {
    match request.and_then(|request| ask_for::<Anything>(host, &request, "what the key may do")) {
        Ok((_, faults)) if faults.iter().any(|fault| is_about_permissions(fault.says())) => Holding::Missing,
        Ok(_) => success,
        Err(refused) if refused.kind == ErrorKind::Forbidden => Holding::Missing,
        Err(_) => Holding::Unverified,
    }
}

#[cfg(test)]
mod tests {
    use prospector_plugin::graphql::variables;
    use prospector_plugin::testing::FakeHost;

    use super::*;

    const SELF: &str = r#"{"data":{"user":{"id":"1543210987654321","nid":"ada-works","rid":"2366358"},"organization":{"id":"470000000000000097"}}}"#;
    const FOUND: &str = r#"{"data":{"marketplaceJobPostingsSearch":{"totalCount":0,"edges":[]}}}"#;
    const PROPOSED: &str = r#"{"data":{"vendorProposals":{"totalCount":0,"edges":[]}}}"#;
    const DENIED: &str = r#"{"data":null,"errors":[{"message":"The client or authentication token doesn't have enough oauth2 permissions/scopes to access: [Money.currency]."}]}"#;
    const BROKEN: &str = r#"{"data":null,"errors":[{"message":"Exception occurred"}]}"#;

    fn identified(answers: [&str; 3]) -> (Result<Identity, Error>, FakeHost) {
        identified_for("", answers)
    }

    fn identified_for(organization: &str, answers: [&str; 3]) -> (Result<Identity, Error>, FakeHost) {
        let mut host = FakeHost::at(0).origin("api", "https://api.example");
        for body in answers {
            host = host.answer("/graphql", 200, body);
        }
        let settings = Settings { organization_id: organization.to_owned(), ..Settings::default() };
        (identify(&host, &settings), host)
    }

    #[test]
    fn the_account_is_known_by_its_login_name_and_its_permissions_by_trying() {
        use Holding::{Held, Missing, Unverified};
        for (answers, search, proposals) in [
            ([SELF, FOUND, PROPOSED], Held, Unverified),
            ([SELF, DENIED, DENIED], Missing, Missing),
            ([SELF, BROKEN, BROKEN], Unverified, Unverified),
        ] {
            let (identity, host) = identified(answers);
            let identity = identity.expect("an account");
            assert_eq!((identity.id.as_str(), identity.username.as_str()), ("1543210987654321", "ada-works"));
            assert_eq!(
                identity.attributes,
                [attribute("organization_id", Value::Text("470000000000000097".to_owned()))]
            );
            let holdings: Vec<_> =
                identity.permissions.iter().map(|held| (held.scope.as_str(), held.holding)).collect();
            assert_eq!(holdings, [(JOB_SEARCH, search), (PROPOSALS, proposals), (CONTRACTS, Unverified)]);
            assert_eq!(host.requests().len(), 3);
            assert!(host.requests().iter().all(|request| request.credential.as_deref() == Some("account")));
            assert_eq!(variables(&host.requests()[2])["page"]["first"], 1);
        }
    }

    #[test]
    fn the_organization_of_the_settings_is_asked_about_and_none_is_named_without() {
        for (named, header) in [("470000000000000098", Some("470000000000000098")), (" ", None)] {
            let (identity, host) = identified_for(named, [SELF, FOUND, PROPOSED]);
            assert!(identity.is_ok());
            assert_eq!(host.requests().len(), 3);
            for request in host.requests() {
                let sent = request.headers.iter().find(|header| header.name == "X-Upwork-API-TenantId");
                assert_eq!(sent.map(|header| header.value.as_str()), header);
            }
        }
    }

    #[test]
    fn a_key_without_the_common_permission_cannot_be_identified_and_says_so() {
        let (identity, _) = identified([DENIED, FOUND, PROPOSED]);
        let error = identity.expect_err("refused");
        assert_eq!(error.kind, ErrorKind::Forbidden);
        assert!(error.message.starts_with("Insufficient scopes: "), "{}", error.message);
        let (identity, _) = identified([r#"{"data":{"user":null}}"#, FOUND, PROPOSED]);
        assert_eq!(identity.expect_err("nobody").kind, ErrorKind::UnexpectedAnswer);
    }
}
