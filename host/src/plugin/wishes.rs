//! What a plugin wishes for, as it is granted: the part of its descriptor that a person agrees to, in a form that is kept and compared.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::component::{Inspected, World};
use crate::capability::http::policy;
use crate::contract::descriptor::{Access, Authentication, Descriptor, Endpoint, Placement};

/// The export that is called when a time has come which a plugin has set. One without it may set times, and never hears of them.
const WAKE: &str = "wake";

/// [`CredentialWish::kind`] of an access token that a log-in gives.
pub const OAUTH2: &str = "oauth2";
/// [`CredentialWish::kind`] of an API key.
pub const API_KEY: &str = "api-key";

/// What a plugin may do. Two are the same if a person who agreed to one has agreed to the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wishes {
    /// Origins by their names.
    pub origins: BTreeMap<String, String>,
    /// Requests that it makes.
    pub routes: BTreeSet<RouteWish>,
    /// The credential that is attached for it, if any.
    pub credential: Option<CredentialWish>,
    /// Whether it wakes itself up.
    pub schedule: bool,
}

/// Requests to a path and what is below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteWish {
    /// The origin's name.
    pub origin: String,
    /// Begins with `/`.
    pub path_prefix: String,
    /// `GET`...
    pub methods: BTreeSet<String>,
    /// `read`, `write` or `graphql`.
    pub access: String,
    /// Mutations that change nothing that lasts.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub rehearsals: BTreeSet<String>,
}

/// Where a credential goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialWish {
    /// The plugin's name for it.
    pub name: String,
    /// [`API_KEY`] or [`OAUTH2`].
    pub kind: String,
    /// The header that carries it.
    pub header: String,
    /// What stands before it there.
    pub prefix: String,
    /// Names of the origins that it is sent to.
    pub audience: BTreeSet<String>,
    /// Where a log-in sends the application's id and secret: name of the origin and path.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub endpoints: BTreeSet<String>,
    /// Permissions that a log-in asks for.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub scopes: BTreeSet<String>,
}

impl Wishes {
    /// What a component wishes for, by its descriptor and by what it exports.
    #[must_use]
    pub fn of(descriptor: &Descriptor, inspected: &Inspected) -> Wishes {
        let routes = descriptor.routes.iter().map(|route| RouteWish {
            origin: route.origin.clone(),
            path_prefix: route.path_prefix.clone(),
            methods: route.methods.iter().map(|method| policy::name(*method).to_owned()).collect(),
            access: access(route.access).to_owned(),
            rehearsals: route.rehearsals.iter().cloned().collect(),
        });
        Wishes {
            origins: descriptor.origins.iter().map(|o| (o.name.clone(), o.default.clone())).collect(),
            routes: routes.collect(),
            credential: credential(&descriptor.authentication),
            schedule: inspected.world == World::Platform && inspected.extras.iter().any(|export| export == WAKE),
        }
    }

    /// What differs between what was granted and what is wished for, one plain line each; nothing if they are the same.
    #[must_use]
    pub fn differences(granted: &Wishes, wished: &Wishes) -> Vec<String> {
        let (before, after) = (granted.lines(), wished.lines());
        let more = after.difference(&before).map(|line| format!("it wishes, and was not granted, to {line}"));
        more.chain(before.difference(&after).map(|line| format!("it was granted, and does not wish, to {line}")))
            .collect()
    }

    /// Each wish as what follows `to`.
    #[must_use]
    pub fn lines(&self) -> BTreeSet<String> {
        self.subjects().into_iter().map(|(_, line)| line).collect()
    }

    /// Each wish as what follows `to`, behind what it is about: of two sets, those about the same are one wish that has changed.
    pub(super) fn subjects(&self) -> Vec<(String, String)> {
        let words = |set: &BTreeSet<String>| set.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let origin =
            |(name, origin): (&String, &String)| (format!("origin {name}"), format!("reach {origin} as `{name}`"));
        let mut lines: Vec<(String, String)> = self.origins.iter().map(origin).collect();
        lines.extend(self.routes.iter().map(|route| {
            let RouteWish { origin, path_prefix, methods, access, rehearsals } = route;
            let rehearsing = match words(rehearsals) {
                none if none.is_empty() => none,
                names => format!(", and rehearse by {names}"),
            };
            let line = format!("{access} `{origin}` {path_prefix} by {}{rehearsing}", words(methods));
            (format!("route {access} {origin} {path_prefix}"), line)
        }));
        if let Some(of) = &self.credential {
            let kind = match of.kind.as_str() {
                API_KEY => "an API key",
                _ => "an access token",
            };
            let sent = format!("have {kind} sent as `{}: {}…` to {}", of.header, of.prefix, words(&of.audience));
            lines.push(("credential".to_owned(), sent));
            let log_in = |endpoint: &String| (format!("endpoint {endpoint}"), format!("log in at {endpoint}"));
            lines.extend(of.endpoints.iter().map(log_in));
            let ask = |scope: &String| (format!("scope {scope}"), format!("ask for the permission {scope}"));
            lines.extend(of.scopes.iter().map(ask));
        }
        if self.schedule {
            lines.push(("schedule".to_owned(), "wake itself up".to_owned()));
        }
        lines
    }
}

/// A route's access, as the contract spells it.
#[must_use]
pub fn access(access: Access) -> &'static str {
    match access {
        Access::Read => "read",
        Access::Write => "write",
        Access::Graphql => "graphql",
    }
}

fn credential(authentication: &Authentication) -> Option<CredentialWish> {
    let wish = |kind: &str, name: &str, placement: &Placement, audience: &[String]| CredentialWish {
        name: name.to_owned(),
        kind: kind.to_owned(),
        header: placement.header.clone(),
        prefix: placement.prefix.clone(),
        audience: audience.iter().cloned().collect(),
        endpoints: BTreeSet::new(),
        scopes: BTreeSet::new(),
    };
    match authentication {
        Authentication::None => None,
        Authentication::ApiKey(key) => Some(wish(API_KEY, &key.credential, &key.placement, &key.audience)),
        Authentication::Oauth2(oauth) => {
            let endpoints = [Some(&oauth.authorize), Some(&oauth.token), oauth.revoke.as_ref()];
            let spelt = |endpoint: &Endpoint| format!("{}{}", endpoint.origin, endpoint.path);
            Some(CredentialWish {
                endpoints: endpoints.into_iter().flatten().map(spelt).collect(),
                scopes: oauth.scopes.iter().map(|scope| scope.name.clone()).collect(),
                ..wish(OAUTH2, &oauth.credential, &oauth.placement, &oauth.audience)
            })
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub fn sample() -> Wishes {
        let route = RouteWish {
            origin: "api".to_owned(),
            path_prefix: "/v1".to_owned(),
            methods: BTreeSet::from(["GET".to_owned()]),
            access: "read".to_owned(),
            rehearsals: BTreeSet::new(),
        };
        let credential = CredentialWish {
            name: "key".to_owned(),
            kind: "api-key".to_owned(),
            header: "X-Key".to_owned(),
            prefix: String::new(),
            audience: BTreeSet::from(["api".to_owned()]),
            endpoints: BTreeSet::new(),
            scopes: BTreeSet::new(),
        };
        Wishes {
            origins: BTreeMap::from([("api".to_owned(), "https://api.example".to_owned())]),
            routes: BTreeSet::from([route]),
            credential: Some(credential),
            schedule: false,
        }
    }

    #[test]
    fn every_difference_is_a_line_and_sameness_is_none() {
        type Change = fn(&mut Wishes);
        let granted = sample();
        assert!(Wishes::differences(&granted, &granted).is_empty());
        let table: [(Change, &str); 6] = [
            (|w| w.schedule = true, "it wishes, and was not granted, to wake itself up"),
            (
                |w| w.credential = None,
                "it was granted, and does not wish, to have an API key sent as `X-Key: …` to api",
            ),
            (|w| w.origins.extend([("api".into(), "https://b.example".into())]), "reach https://b.example as `api`"),
            (|w| w.origins.extend([("b".into(), "https://b.example".into())]), "reach https://b.example as `b`"),
            (|w| w.routes.clear(), "read `api` /v1 by GET"),
            (
                |w| w.credential.iter_mut().for_each(|c| c.audience.extend(["cdn".into()])),
                "sent as `X-Key: …` to api, cdn",
            ),
        ];
        for (change, said) in table {
            let mut wished = granted.clone();
            change(&mut wished);
            assert_ne!(wished, granted);
            let differences = Wishes::differences(&granted, &wished);
            assert!(differences.iter().any(|line| line.contains(said)), "{said}: {differences:?}");
        }
    }
}
