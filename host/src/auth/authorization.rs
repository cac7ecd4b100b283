//! The authorization request's own content: which scopes are asked, and how a descriptor's parameters join OAuth's.

use std::collections::BTreeSet;

use super::server::{AuthorizationServer, ServerError};
use crate::contract::descriptor::{Feature, Oauth2, Parameter, Scope};

/// The longest name or merged value of a further parameter, in bytes.
pub const MAX_PARAMETER_BYTES: usize = 1024;

/// What the protocol or this host decides. A descriptor that could set one of these could have the code sent elsewhere, take PKCE out,
/// or switch to another flow.
const RESERVED: [&str; 17] = [
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "grant_type",
    "iss",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

/// The scopes to ask for: those that an enabled feature needs, and those tied to no feature (assumed: a scope without features is needed
/// by everything).
#[must_use]
pub fn scopes_for<'a>(oauth: &'a Oauth2, enabled: &[Feature]) -> Vec<&'a Scope> {
    oauth
        .scopes
        .iter()
        .filter(|scope| scope.features.is_empty() || scope.features.iter().any(|feature| enabled.contains(feature)))
        .collect()
}

/// Words for the `scope` parameter, each once, in order of first mention.
pub(super) fn wire_words(scopes: &[&Scope]) -> Vec<String> {
    distinct(scopes.iter().flat_map(|scope| scope.wire.iter()).flat_map(|wire| wire.split_whitespace()))
}

/// Further parameters of the request, values of one name merged: `advanced_scopes=2` and `advanced_scopes=6` give `2 6`.
pub(super) fn merged_parameters(oauth: &Oauth2, scopes: &[&Scope]) -> Vec<(String, String)> {
    let mut merged: Vec<(String, String)> = Vec::new();
    let all = oauth.parameters.iter().chain(scopes.iter().flat_map(|scope| scope.parameters.iter()));
    for Parameter { name, value } in all {
        match merged.iter_mut().find(|(known, _)| known == name) {
            Some((_, present)) => {
                *present = distinct(present.split(' ').chain(value.split(' '))).join(" ");
            }
            None => merged.push((name.clone(), value.clone())),
        }
    }
    merged
}

/// Refuses parameters that are not a descriptor's to set, in whatever case they are written.
pub(super) fn vet_parameters(server: &AuthorizationServer) -> Result<(), ServerError> {
    let oauth = &server.oauth;
    let all = oauth.parameters.iter().chain(oauth.scopes.iter().flat_map(|scope| scope.parameters.iter()));
    for Parameter { name, value } in all {
        let sendable = (1..=MAX_PARAMETER_BYTES).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
            && value.len() <= MAX_PARAMETER_BYTES
            && !value.chars().any(char::is_control);
        if !sendable || RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(ServerError::Parameter {
                platform: server.platform.clone(),
                name: name.chars().take(64).collect(),
            });
        }
    }
    Ok(())
}

fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    words.filter(|word| seen.insert(*word)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::server::Plaintext;
    use super::super::testing::{oauth, parameter};
    use super::*;

    #[test]
    fn only_scopes_of_enabled_features_are_asked() {
        let oauth = oauth();
        let names = |features: &[Feature]| -> Vec<String> {
            scopes_for(&oauth, features).iter().map(|scope| scope.name.clone()).collect()
        };
        assert_eq!(names(&[]), ["basic"]);
        assert_eq!(names(&[Feature::Search]), ["basic", "project_search"]);
        assert_eq!(names(&[Feature::Search, Feature::Proposals]), ["basic", "project_search", "project_bid"]);
    }

    #[test]
    fn words_and_values_are_merged_without_repetition() {
        let oauth = oauth();
        let scopes = scopes_for(&oauth, &[Feature::Search, Feature::Proposals]);
        assert_eq!(wire_words(&scopes), ["basic", "write"]);
        assert_eq!(
            merged_parameters(&oauth, &scopes),
            [
                ("prompt".to_owned(), "select_account consent".to_owned()),
                ("advanced_scopes".to_owned(), "2 6".to_owned())
            ]
        );
    }

    #[test]
    fn a_descriptor_cannot_set_oauths_own_parameters() {
        let names = RESERVED.iter().copied().chain(["State", "REDIRECT_URI", "", "a b", "x&state"]);
        for name in names {
            for on_a_scope in [false, true] {
                let mut oauth = oauth();
                let holder = if on_a_scope { &mut oauth.scopes[0].parameters } else { &mut oauth.parameters };
                holder.push(parameter(name, "1"));
                let resolved = AuthorizationServer::resolve(
                    "example",
                    &oauth,
                    |_| Some("https://a.example".to_owned()),
                    Plaintext::Never,
                );
                assert!(matches!(resolved, Err(ServerError::Parameter { .. })), "{name}");
            }
        }
    }
}
