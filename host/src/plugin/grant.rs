//! From what a plugin wishes to what it may do: its descriptor, checked, and the policy that the gate holds it to.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::header::HeaderName;

use crate::capability::http::address;
use crate::capability::http::policy::{Attachment, Policy, Route};
use crate::contract::descriptor::{Access, Authentication, Descriptor, Endpoint, Oauth2, Placement};
use crate::contract::types::Method;
use crate::origin::Origin;
use crate::store::pacing::RateLimit;

/// Parameters of the authorization request that are OAuth's own or the host's: a descriptor does not set them.
const OAUTH_PARAMETERS: &[&str] = &[
    "response_type",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "state",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "grant_type",
    "refresh_token",
    "nonce",
    "request",
    "request_uri",
    "response_mode",
];

/// Headers that a credential is never written into.
const NOT_FOR_CREDENTIALS: &[&str] = &[
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "cookie",
    "te",
    "upgrade",
    "user-agent",
    "accept-encoding",
];

/// Checks what a plugin says of itself: nothing of it is shown, granted or stored before.
///
/// # Errors
/// A sentence that says which item breaks which rule of the contract.
pub fn check(descriptor: &Descriptor) -> Result<(), String> {
    let word = |text: &str, most: usize| {
        (1..=most).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && text.as_bytes()[0].is_ascii_alphanumeric()
    };
    let plain = |what: &str, text: &str, most: usize| {
        let good = !text.trim().is_empty() && text.len() <= most && text.chars().all(crate::capability::log::is_plain);
        if good { Ok(()) } else { Err(format!("its {what} has to be 1 to {most} bytes of plain text")) }
    };
    if !is_id(&descriptor.id) {
        return Err("its id has to be 2 to 32 of a-z0-9-, beginning with a letter".to_owned());
    }
    plain("display name", &descriptor.display_name, 64)?;
    plain("version", &descriptor.version, 64)?;
    plain("summary", &descriptor.summary, 256)?;
    if descriptor.settings.len() > 64 * 1024 {
        return Err("its settings' schema is larger than 64 KiB".to_owned());
    }
    if descriptor.origins.len() > 8 || descriptor.routes.len() > 64 || descriptor.rate_limits.len() > 8 {
        return Err("it has more than 8 origins, 64 routes or 8 rate limits".to_owned());
    }
    let settings: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(&descriptor.settings);
    if let Err(error) = settings {
        return Err(format!("its settings are not a JSON Schema of an object: {error}"));
    }
    if !is_version(&descriptor.version) {
        return Err("its version is not three numbers as semver has them, such as 1.2.3".to_owned());
    }
    if descriptor.rate_limits.iter().any(|limit| limit.requests == 0 || limit.window == 0) {
        return Err("it has a rate limit of no requests or no time".to_owned());
    }
    let parts = &descriptor.judges_without;
    if parts.iter().enumerate().any(|(at, unread)| parts[..at].iter().any(|before| before.part == unread.part)) {
        return Err("it judges without a part of postings that is there twice".to_owned());
    }
    if parts.iter().any(|unread| unread.unless.len() > 16) {
        return Err("it names more than 16 settings that make it read a part of postings".to_owned());
    }
    let mut names = BTreeSet::new();
    for origin in &descriptor.origins {
        if !word(&origin.name, 32) || !names.insert(origin.name.as_str()) {
            return Err(format!(
                "the name of its origin {:?} is not 1 to 32 of a-z0-9-, or is there twice",
                origin.name
            ));
        }
        check_default(&origin.default).map_err(|e| format!("its origin {}: {e}", origin.name))?;
    }
    for route in &descriptor.routes {
        let shown = format!("its route {:?} on {:?}", route.path_prefix, route.origin);
        if !names.contains(route.origin.as_str()) {
            return Err(format!("{shown} names an origin that it does not declare"));
        }
        if !route.path_prefix.starts_with('/')
            || route.path_prefix.len() > 256
            || !route.path_prefix.bytes().all(|b| b.is_ascii_graphic() && !b"?#%\\;".contains(&b))
        {
            return Err(format!("{shown} is not a plain path that begins with /"));
        }
        let writes = |m: &Method| matches!(m, Method::Put | Method::Patch | Method::Delete);
        match route.access {
            _ if route.methods.is_empty() => return Err(format!("{shown} has no method")),
            Access::Read if route.methods.iter().any(writes) => {
                return Err(format!("{shown} asks for PUT, PATCH or DELETE as a read"));
            }
            Access::Graphql if route.methods != [Method::Post] => {
                return Err(format!("{shown} is GraphQL by something else than POST"));
            }
            Access::Read | Access::Write | Access::Graphql => {}
        }
        let is_field = |name: &String| name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if route.rehearsals.len() > 8 || !route.rehearsals.iter().all(|name| !name.is_empty() && is_field(name)) {
            return Err(format!("{shown} has more than 8 rehearsals, or one that is no field's name"));
        }
        if !route.rehearsals.is_empty() && route.access != Access::Graphql {
            return Err(format!("{shown} has rehearsals and is not GraphQL"));
        }
        plain("routes' purpose", &route.purpose, 128)?;
    }
    match &descriptor.authentication {
        Authentication::None => Ok(()),
        Authentication::ApiKey(key) => {
            check_registration(&key.registration_url)?;
            check_credential(&key.credential, &key.placement, &key.audience, &names, word)
        }
        Authentication::Oauth2(oauth2) => {
            check_credential(&oauth2.credential, &oauth2.placement, &oauth2.audience, &names, word)?;
            check_oauth2(oauth2, &names)
        }
    }
}

/// Whether a text is the id of a plugin.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (2..=32).contains(&text.len())
        && text.as_bytes()[0].is_ascii_lowercase()
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// A descriptor's own origin is a public one; only the person points a plugin at this machine or a private network.
fn check_default(text: &str) -> Result<(), String> {
    let origin = Origin::parse(text).map_err(|e| e.to_string())?;
    if origin.is_loopback() {
        return Err(format!("{origin} is this machine"));
    }
    match origin.literal().and_then(address::refusal) {
        Some(kind) => Err(format!("{origin} is {kind}")),
        None => Ok(()),
    }
}

fn check_credential(
    name: &str,
    placement: &Placement,
    audience: &[String],
    origins: &BTreeSet<&str>,
    word: impl Fn(&str, usize) -> bool,
) -> Result<(), String> {
    if !word(name, 32) {
        return Err("the name of its credential has to be 1 to 32 of a-z0-9-".to_owned());
    }
    let header = HeaderName::from_bytes(placement.header.as_bytes())
        .map_err(|_| "its credential's header is not a header's name".to_owned())?;
    if NOT_FOR_CREDENTIALS.contains(&header.as_str()) || header.as_str().starts_with("proxy-") {
        return Err(format!("its credential cannot go into the header {header}"));
    }
    if placement.prefix.len() > 32 || !placement.prefix.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return Err("what stands before its credential has to be at most 32 printable characters".to_owned());
    }
    match audience.iter().find(|origin| !origins.contains(origin.as_str())) {
        Some(unknown) => Err(format!("its credential is for the origin {unknown:?}, which it does not declare")),
        None => Ok(()),
    }
}

/// Whether an endpoint's path stays on its origin and means just itself.
fn is_path(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_graphic() && !b"?#\\".contains(&b);
    path.starts_with('/') && !path.starts_with("//") && path.len() <= 256 && path.bytes().all(plain)
}

/// Whether a text can be shown to a person as it is.
fn is_shown(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.len() <= most && text.chars().all(crate::capability::log::is_plain)
}

/// The page that `connect` sends a person to.
fn check_registration(url: &str) -> Result<(), String> {
    let good = is_shown(url, 2048)
        && url::Url::parse(url).is_ok_and(|url| url.scheme() == "https" && url.username().is_empty());
    if good { Ok(()) } else { Err("its registration URL is not an https one".to_owned()) }
}

/// Three numbers, with a pre-release or build behind them or not.
fn is_version(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    core.split('.').count() == 3 && core.split('.').all(|number| number.parse::<u32>().is_ok())
}

fn check_oauth2(oauth2: &Oauth2, origins: &BTreeSet<&str>) -> Result<(), String> {
    let endpoints = [Some(&oauth2.authorize), Some(&oauth2.token), oauth2.revoke.as_ref()];
    for Endpoint { origin, path } in endpoints.into_iter().flatten() {
        if !origins.contains(origin.as_str()) || !is_path(path) {
            return Err(format!("its endpoint {path:?} is not a path on an origin that it declares"));
        }
    }
    check_registration(&oauth2.registration_url)?;
    if oauth2.scopes.len() > 32 || oauth2.parameters.len() > 32 {
        return Err("it has more than 32 scopes or parameters".to_owned());
    }
    for scope in &oauth2.scopes {
        if ![(&scope.name, 64), (&scope.purpose, 128)].into_iter().all(|(text, most)| is_shown(text, most)) {
            return Err("a scope's name or purpose is not plain text of at most 64 and 128 bytes".to_owned());
        }
    }
    let own = oauth2.parameters.iter().chain(oauth2.scopes.iter().flat_map(|scope| &scope.parameters));
    let mut own_names = own.clone().map(|parameter| parameter.name.as_str());
    match own.into_iter().find(|p| OAUTH_PARAMETERS.contains(&p.name.to_ascii_lowercase().as_str())) {
        Some(parameter) => Err(format!("it sets {:?}, which is OAuth's own parameter", parameter.name)),
        None if own_names.any(|name| !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))) => {
            Err("a parameter's name is not plain".to_owned())
        }
        None => Ok(()),
    }
}

/// The origins in force: the descriptor's own, or where the person's `endpoints` point them.
///
/// # Errors
/// A sentence that names an endpoint which the plugin does not have.
pub fn origins(
    descriptor: &Descriptor,
    endpoints: &BTreeMap<String, Origin>,
) -> Result<BTreeMap<String, Origin>, String> {
    let names = || descriptor.origins.iter().map(|o| o.name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(unknown) = endpoints.keys().find(|name| !descriptor.origins.iter().any(|o| o.name == **name)) {
        return Err(format!(
            "`endpoints.{unknown}`: {} has no such endpoint; it has: {}",
            descriptor.display_name,
            names()
        ));
    }
    descriptor
        .origins
        .iter()
        .map(|origin| {
            let in_force = match endpoints.get(&origin.name) {
                Some(configured) => configured.clone(),
                None => Origin::parse(&origin.default).map_err(|e| e.to_string())?,
            };
            Ok((origin.name.clone(), in_force))
        })
        .collect()
}

/// The policy that holds a plugin to its descriptor, with origins where the person points them. A host that is not public is
/// granted by being configured, never by the descriptor.
///
/// # Errors
/// As [`origins`].
pub fn policy(descriptor: &Descriptor, endpoints: &BTreeMap<String, Origin>) -> Result<Policy, String> {
    let origins = origins(descriptor, endpoints)?;
    let routes = descriptor
        .routes
        .iter()
        .filter_map(|route| {
            Some(Route {
                origin: origins.get(&route.origin)?.clone(),
                path_prefix: route.path_prefix.clone(),
                methods: route.methods.clone(),
                access: route.access,
                rehearsals: route.rehearsals.clone(),
            })
        })
        .collect();
    let credential = match &descriptor.authentication {
        Authentication::None => None,
        Authentication::ApiKey(key) => Some((&key.credential, &key.placement, &key.audience)),
        Authentication::Oauth2(oauth2) => Some((&oauth2.credential, &oauth2.placement, &oauth2.audience)),
    };
    let credentials = credential
        .into_iter()
        .filter_map(|(name, placement, audience)| {
            let header = HeaderName::from_bytes(placement.header.as_bytes()).ok()?;
            let audience = audience.iter().filter_map(|origin| origins.get(origin).cloned()).collect();
            Some((name.clone(), Attachment { header, prefix: placement.prefix.clone(), audience }))
        })
        .collect();
    let private_hosts = endpoints.values().map(|origin| origin.host().to_owned()).collect();
    let limits = descriptor.rate_limits.iter();
    let limits = limits.map(|limit| RateLimit { requests: limit.requests, window: limit.window }).collect();
    Ok(Policy { origins, routes, credentials, private_hosts, limits })
}
