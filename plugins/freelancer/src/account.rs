//! Who the credential belongs to, and what it may do.

use prospector_plugin::Host;
use prospector_plugin::account::{Holding, Identity, Permission};
use prospector_plugin::error::{self, Refine};
use prospector_plugin::lenient::{Flag, Int, Text};
use prospector_plugin::record;
use prospector_plugin::request::Call;
use prospector_plugin::types::{Attribute, Error, ErrorKind, Value};
use prospector_plugin::vault::Credential;

use crate::envelope::{ask, ask_for};
use crate::wishes::{self, CREDENTIAL, PROJECT_BID, PROJECT_MANAGE, PROJECT_SEARCH};

record! {
    struct Own {
        id: Int,
        username: Text,
        display_name: Text,
        public_name: Text,
        limited_account: Flag,
    }
}

/// Asks the platform whose account it is: one request, and one more where it does not say what was granted.
pub(crate) fn identify(host: &dyn Host) -> Result<Identity, Error> {
    let origin = wishes::api(host)?;
    let request = Call::get(&origin, "/api/users/0.1/self/").flag("compact", true).credential(CREDENTIAL).build();
    let own: Own = ask_for(host, &request, "the account")?;
    let username = own.username.0.or(own.display_name.0.clone()).or(own.public_name.0);
    let (Some(id), Some(username)) = (own.id.0, username) else {
        return Err(error::unexpected_answer("Freelancer's answer for the account names neither identifier nor user")
            .remedy("Ask again later. If it stays, look for an update of this plugin."));
    };
    let permissions = permissions(host, &origin, id);
    let attribute = |name: &str, value| Attribute { name: name.to_owned(), value };
    let mut attributes = Vec::new();
    attributes.extend(own.display_name.0.map(|name| attribute("display_name", Value::Text(name))));
    attributes.extend(own.limited_account.0.map(|limited| attribute("limited_account", Value::Flag(limited))));
    Ok(Identity { id: id.to_string(), username, permissions, attributes })
}

/// Searching needs no more than a token that works. Bidding and managing are one advanced scope at the platform: where the
/// token answer did not name the scopes, reading the account's own bids is tried. A refusal shows that it is missing;
/// success proves nothing about writing, so it stays unverified.
fn permissions(host: &dyn Host, origin: &str, id: i64) -> Vec<Permission> {
    let granted = host.describe(CREDENTIAL).map(|credential: Credential| credential.scopes).unwrap_or_default();
    let stated = |scope: &str| granted.iter().any(|name| name == scope);
    let tried = if granted.is_empty() { try_bids(host, origin, id) } else { Holding::Missing };
    let of = |scope: &str| Permission {
        scope: scope.to_owned(),
        holding: if stated(scope) { Holding::Held } else { tried },
    };
    let search = Permission { scope: PROJECT_SEARCH.to_owned(), holding: Holding::Held };
    vec![search, of(PROJECT_BID), of(PROJECT_MANAGE)]
}

fn try_bids(host: &dyn Host, origin: &str, id: i64) -> Holding {
    let request = Call::get(origin, "/api/projects/0.1/bids/")
        .list("bidders[]", [id])
        .number("limit", 1)
        .credential(CREDENTIAL)
        .build();
    match ask(host, &request, "your bids", |_, _| Some(())) {
        Err(refused) if refused.kind == ErrorKind::Forbidden => Holding::Missing,
        Ok(()) | Err(_) => Holding::Unverified,
    }
}

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::FakeHost;
    use prospector_plugin::vault::CredentialState;

    use super::*;

    const SELF: &str = r#"{"status":"success","result":{"id":60110042,"username":"ada-works","display_name":"Ada W."},"request_id":"0"}"#;
    const BIDS: &str = r#"{"status":"success","result":{"bids":[],"users":null},"request_id":"0"}"#;

    fn host() -> FakeHost {
        FakeHost::at(0).origin("api", "https://api.example")
    }

    fn holdings(host: &FakeHost) -> Vec<(String, Holding)> {
        let identity = identify(host).expect("answered");
        identity.permissions.into_iter().map(|permission| (permission.scope, permission.holding)).collect()
    }

    fn granted(scopes: &[&str]) -> Credential {
        Credential {
            name: "account".to_owned(),
            state: CredentialState::Present,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            expires_at: None,
            account: None,
        }
    }

    #[test]
    fn what_cannot_be_tried_is_unverified() {
        let host = host().answer("/users/0.1/self/", 200, SELF).answer("/bids/?bidders%5B%5D=60110042", 200, BIDS);
        assert_eq!(
            holdings(&host),
            [
                ("project_search".to_owned(), Holding::Held),
                ("project_bid".to_owned(), Holding::Unverified),
                ("project_manage".to_owned(), Holding::Unverified),
            ]
        );
        assert!(host.requests().iter().all(|request| request.credential.as_deref() == Some("account")));
    }

    #[test]
    fn a_refused_trial_shows_that_the_scope_is_missing() {
        let refusal = r#"{"status":"error","message":"needs 2","error_code":"AuthorisationExceptionCodes.INSUFFICIENT_SCOPE","request_id":"0"}"#;
        let host = host().answer("/self/", 200, SELF).answer("/bids/", 403, refusal);
        assert_eq!(
            holdings(&host)[1..],
            [("project_bid".to_owned(), Holding::Missing), ("project_manage".to_owned(), Holding::Missing)]
        );
    }

    #[test]
    fn what_the_token_answer_stated_is_not_tried() {
        let host = host().credential(granted(&["project_search", "project_bid"])).answer("/self/", 200, SELF);
        assert_eq!(
            holdings(&host)[1..],
            [("project_bid".to_owned(), Holding::Held), ("project_manage".to_owned(), Holding::Missing)]
        );
        assert_eq!(host.requests().len(), 1);
    }

    #[test]
    fn an_answer_without_an_account_is_not_one() {
        let host = host().answer("/self/", 200, r#"{"status":"success","result":{"id":null}}"#);
        assert_eq!(identify(&host).expect_err("nobody").kind, ErrorKind::UnexpectedAnswer);
    }
}
