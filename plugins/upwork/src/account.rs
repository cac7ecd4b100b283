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
use crate::wire::Own;
use crate::wishes::{self, CONTRACTS, JOB_SEARCH, PROPOSALS};

/// Asks the platform whose account it is, and tries what it may do: three requests.
///
/// The default organization answers: settings are not known here.
pub(crate) fn identify(host: &dyn Host) -> Result<Identity, Error> {
    let origin = wishes::api(host)?;
    let (own, _) = ask_for::<Own>(host, &request(&origin, OWN, NoVariables {}, "")?, "the account")?;
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
        permissions: permissions(host, &origin),
        attributes: organization.map(|id| attribute("organization_id", Value::Text(id))).into_iter().collect(),
    })
}

/// A search that works proves that searching is allowed. Reading proposals proves nothing about sending them, so success leaves that
/// scope unverified; a refusal shows that it is missing. For contracts there is a permission to write only, and nothing to try
/// without consequence.
fn permissions(host: &dyn Host, origin: &str) -> Vec<Permission> {
    // Without a window, which fails for some: see `search`.
    let search = request(origin, TRY_SEARCH, SearchVariables::default(), "");
    let proposals = request(origin, TRY_PROPOSALS, ProposalVariables::NEWEST, "");
    let of = |scope: &str, holding| Permission { scope: scope.to_owned(), holding };
    vec![
        of(JOB_SEARCH, try_it(host, search, Holding::Held)),
        of(PROPOSALS, try_it(host, proposals, Holding::Unverified)),
        of(CONTRACTS, Holding::Unverified),
    ]
}

record! {
    /// Data that is there, whatever it is.
    struct Nothing {}
}

fn try_it(host: &dyn Host, request: Result<Request, Error>, success: Holding) -> Holding {
    match request.and_then(|request| ask_for::<Nothing>(host, &request, "what the key may do")) {
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
        let mut host = FakeHost::at(0).origin("api", "https://api.example");
        for body in answers {
            host = host.answer("/graphql", 200, body);
        }
        (identify(&host), host)
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
    fn a_key_without_the_common_permission_cannot_be_identified_and_says_so() {
        let (identity, _) = identified([DENIED, FOUND, PROPOSED]);
        let error = identity.expect_err("refused");
        assert_eq!(error.kind, ErrorKind::Forbidden);
        assert!(error.message.starts_with("Insufficient scopes: "), "{}", error.message);
        let (identity, _) = identified([r#"{"data":{"user":null}}"#, FOUND, PROPOSED]);
        assert_eq!(identity.expect_err("nobody").kind, ErrorKind::UnexpectedAnswer);
    }
}
