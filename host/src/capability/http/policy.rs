//! What a plugin may request: a plain value, and a pure question asked of it.
//!
//! A policy is made once for a plugin and an account, from what its descriptor wishes and the person granted; it cannot be changed by a guest.
//! It decides on a request as a whole: the origin, the route, the phase of the call, the credential. The address that a name
//! resolves to, quotas and permits are vetted by the [gate](super::gate) after this.

use std::collections::BTreeMap;

use reqwest::header::HeaderName;

use super::denial::Denial;
use super::graphql::{self, Operation};
use super::outgoing::Outgoing;
use crate::contract::descriptor::Access;
use crate::contract::types::Method;
use crate::origin::Origin;
use crate::store::pacing::RateLimit;

/// On whose behalf a call into a guest runs: what its requests may do follows from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// `descriptor.describe`: nothing at all.
    Describe,
    /// `account`: reads.
    Account,
    /// `search`: reads.
    Search,
    /// `screening`, `scoring`, `assessment`: nothing; judging depends on its input alone.
    Judge,
    /// `contracts`: reads.
    Contracts,
    /// `wake`: reads.
    Wake,
    /// `proposals` and `milestones` but for what changes something: reads, and in previews rehearsals.
    Proposals,
    /// `proposals.perform` and `milestones.submit`, after a person's approval: reads, and one write under a permit.
    Submit,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Phase; 8] = [
        Phase::Describe,
        Phase::Account,
        Phase::Search,
        Phase::Judge,
        Phase::Contracts,
        Phase::Wake,
        Phase::Proposals,
        Phase::Submit,
    ];

    /// As in the audit.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Describe => "describe",
            Phase::Account => "account",
            Phase::Search => "search",
            Phase::Judge => "judge",
            Phase::Contracts => "contracts",
            Phase::Wake => "wake",
            Phase::Proposals => "proposals",
            Phase::Submit => "submit",
        }
    }

    fn allows(self, effect: Effect) -> bool {
        match (self, effect) {
            (Phase::Describe | Phase::Judge, _) => false,
            (Phase::Account | Phase::Search | Phase::Contracts | Phase::Wake, effect) => effect == Effect::Read,
            (Phase::Proposals, effect) => effect != Effect::Write,
            (Phase::Submit, _) => true,
        }
    }
}

/// What a request does at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changes nothing.
    Read,
    /// It changes nothing that lasts, by the descriptor's word that the person agreed to; it is about to be shown to a person.
    Rehearsal,
    /// It may change something: a permit has to be spent on it.
    Write,
}

/// Requests that were granted.
#[derive(Clone, Debug)]
pub struct Route {
    /// Where to.
    pub origin: Origin,
    /// Path, matched by whole segments.
    pub path_prefix: String,
    /// By which methods.
    pub methods: Vec<Method>,
    /// What they may do.
    pub access: Access,
    /// Mutations that change nothing that lasts, by their fields' names.
    pub rehearsals: Vec<String>,
}

impl Route {
    fn covers(&self, request: &Outgoing) -> bool {
        self.origin == request.origin
            && self.methods.contains(&request.method)
            && covers_path(&self.path_prefix, request.url.path())
    }
}

/// Whether a path is a prefix's own or below it.
fn covers_path(prefix: &str, path: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// How a credential is attached, and where it may go.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The header it is written into.
    pub header: HeaderName,
    /// What stands before it: `Bearer `.
    pub prefix: String,
    /// The only origins that it is sent to.
    pub audience: Vec<Origin>,
}

/// What a plugin may request for an account.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Origins in force, by the descriptor's names.
    pub origins: BTreeMap<String, Origin>,
    /// Routes granted.
    pub routes: Vec<Route>,
    /// Credentials, by name.
    pub credentials: BTreeMap<String, Attachment>,
    /// Hosts that the person granted by name although their addresses are not public.
    pub private_hosts: Vec<String>,
    /// How often the platform may be asked, by whoever in this home.
    pub limits: Vec<RateLimit>,
}

/// A request that may be sent.
#[derive(Debug)]
pub struct Permitted<'a> {
    /// What it does; a write still needs a permit.
    pub effect: Effect,
    /// How to attach the credential that it asks for.
    pub attachment: Option<(&'a str, &'a Attachment)>,
    /// The body to send in place of the guest's.
    pub body: Option<Vec<u8>>,
}

impl Policy {
    /// Whether a request may be sent in a phase, and how.
    ///
    /// # Errors
    /// The [`Denial`] of the first rule that forbids it.
    pub fn permits(&self, request: &Outgoing, phase: Phase) -> Result<Permitted<'_>, Denial> {
        if !phase.allows(Effect::Read) {
            return Err(Denial::new("phase", format!("nothing may be requested in `{}`", phase.as_str())));
        }
        self.permits_origin(&request.origin)?;
        let route = self.route(request)?;
        let (effect, body) = effect(route, request)?;
        if !phase.allows(effect) {
            return Err(Denial::new(
                "write-without-approval",
                format!(
                    "{} {} would change something, and only reads pass in `{}`",
                    name(request.method),
                    place(request),
                    phase.as_str()
                ),
            ));
        }
        let attachment = match &request.credential {
            Some(credential) => Some(self.attachment(credential, request)?),
            None => None,
        };
        if let Some(owned) = self.credentials.values().find(|a| request.headers.contains_key(&a.header)) {
            return Err(Denial::new(
                "host-header",
                format!("the header `{}` carries the credential and is the host's to write", owned.header),
            ));
        }
        Ok(Permitted { effect, attachment, body })
    }

    fn permits_origin(&self, origin: &Origin) -> Result<(), Denial> {
        if !self.routes.iter().any(|route| route.origin == *origin) {
            return Err(Denial::new("origin-not-granted", format!("requests to {origin} were not granted")));
        }
        let kind = match origin.literal() {
            Some(address) => super::address::refusal(address),
            None => origin.is_loopback().then_some("this machine"),
        };
        match kind {
            Some(kind) if !self.private_hosts.iter().any(|host| host == origin.host()) => {
                Err(Denial::new("address", format!("{origin} is {kind}"))
                    .with_remedy("name it under `endpoints:` in the platform's section to allow it"))
            }
            _ => Ok(()),
        }
    }

    /// The granted route that fits most closely; of two equal ones, the one that allows less.
    fn route(&self, request: &Outgoing) -> Result<&Route, Denial> {
        let strictness = |route: &Route| match route.access {
            Access::Read => 0,
            Access::Graphql => 1,
            Access::Write => 2,
        };
        self.routes
            .iter()
            .filter(|route| route.covers(request))
            .max_by_key(|route| (route.path_prefix.trim_end_matches('/').len(), strictness(route)))
            .ok_or_else(|| {
                Denial::new("route-not-granted", format!("{} {} was not granted", name(request.method), place(request)))
            })
    }

    fn attachment(&self, credential: &str, request: &Outgoing) -> Result<(&str, &Attachment), Denial> {
        let (name, attachment) = self.credentials.get_key_value(credential).ok_or_else(|| {
            let shown: String = credential.escape_debug().take(40).collect();
            Denial::new("unknown-credential", format!("no credential `{shown}` is declared"))
        })?;
        if !attachment.audience.contains(&request.origin) {
            return Err(Denial::new("audience", format!("the credential `{name}` is not for {}", request.origin)));
        }
        Ok((name, attachment))
    }
}

/// What a request to a granted route does, and the body to send if not the guest's own.
fn effect(route: &Route, request: &Outgoing) -> Result<(Effect, Option<Vec<u8>>), Denial> {
    match (route.access, request.method) {
        (Access::Write, _) => Ok((Effect::Write, request.body.clone())),
        (Access::Read, Method::Get | Method::Head | Method::Post) => Ok((Effect::Read, request.body.clone())),
        (Access::Read, Method::Put | Method::Patch | Method::Delete) => Err(Denial::new(
            "route-not-granted",
            format!("{} {} was granted for reading", name(request.method), place(request)),
        )),
        // Some servers prefer a document in the URL to the one in the body, which is the one that is read here.
        (Access::Graphql, Method::Post) if request.url.query().is_some() => {
            Err(Denial::new("graphql", "GraphQL is asked by a body, not by a query string"))
        }
        (Access::Graphql, Method::Post) => {
            let body = request.body.as_deref().unwrap_or_default();
            let (operation, body) = graphql::judge(body).map_err(|why| Denial::new("graphql", why))?;
            let effect = match operation {
                Operation::Query => Effect::Read,
                Operation::Mutation(fields) if fields.iter().all(|field| route.rehearsals.contains(field)) => {
                    Effect::Rehearsal
                }
                Operation::Mutation(_) | Operation::Write => Effect::Write,
            };
            Ok((effect, Some(body)))
        }
        (Access::Graphql, _) => Err(Denial::new("graphql", "GraphQL is asked by POST only")),
    }
}

/// A method as it is written.
#[must_use]
pub fn name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

/// Origin and path, without the query: what may be shown.
fn place(request: &Outgoing) -> String {
    format!("{}{}", request.origin, request.url.path().chars().take(200).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::http::Request;

    fn origin(text: &str) -> Origin {
        Origin::parse(text).unwrap()
    }

    fn route(at: &str, path: &str, methods: &[Method], access: Access) -> Route {
        Route {
            origin: origin(at),
            path_prefix: path.to_owned(),
            methods: methods.to_vec(),
            access,
            rehearsals: Vec::new(),
        }
    }

    fn policy() -> Policy {
        use Method::{Delete, Get, Post, Put};
        let attachment = Attachment {
            header: HeaderName::from_static("x-token"),
            prefix: String::new(),
            audience: vec![origin("https://api.example")],
        };
        Policy {
            limits: Vec::new(),
            origins: BTreeMap::new(),
            routes: vec![
                route("https://api.example", "/api/projects/", &[Get, Post], Access::Read),
                route("https://api.example", "/api/bids", &[Get], Access::Read),
                route("https://api.example", "/api/bids", &[Post, Put], Access::Write),
                route("https://api.example", "/api/odd", &[Delete], Access::Read),
                Route {
                    rehearsals: vec!["preview".to_owned()],
                    ..route("https://api.example", "/graphql", &[Get, Post], Access::Graphql)
                },
                route("https://open.example", "/", &[Get], Access::Read),
                route("http://127.0.0.1:8080", "/", &[Get], Access::Read),
                route("http://127.0.0.1:9090", "/", &[Get], Access::Read),
                route("https://10.0.0.1", "/", &[Get], Access::Read),
            ],
            credentials: BTreeMap::from([("account".to_owned(), attachment)]),
            private_hosts: vec!["127.0.0.1".to_owned()],
        }
    }

    fn ask(method: Method, url: &str, credential: Option<&str>, body: Option<&str>) -> Outgoing {
        Outgoing::parse(Request {
            method,
            url: url.to_owned(),
            headers: vec![],
            body: body.map(|b| b.as_bytes().to_vec()),
            credential: credential.map(str::to_owned),
            timeout_ms: None,
        })
        .unwrap()
    }

    #[test]
    fn requests_pass_by_route_phase_and_audience_or_are_denied_by_a_named_rule() {
        use Method::{Delete, Get, Head, Patch, Post, Put};
        use Phase::{Account, Describe, Judge, Proposals, Search, Submit};
        let read = Ok(Effect::Read);
        let write = Ok(Effect::Write);
        let table = [
            (Search, Get, "https://api.example/api/projects/0.1/x?y", None, None, read),
            (Account, Get, "https://api.example/api/projects", None, None, read),
            (Search, Get, "https://api.example/api/projects/", Some("account"), None, read),
            (Search, Get, "https://api.example/api/projectsx", None, None, Err("route-not-granted")),
            (Search, Get, "https://api.example/api/projects/../bidsx", None, None, Err("route-not-granted")),
            (Search, Get, "https://api.example/", None, None, Err("route-not-granted")),
            (Search, Head, "https://api.example/api/projects/", None, None, Err("route-not-granted")),
            (Search, Post, "https://api.example/api/projects/", None, Some("{}"), read),
            (Search, Get, "https://api.example:444/api/projects/", None, None, Err("origin-not-granted")),
            (Search, Get, "https://evil.example/api/projects/", Some("account"), None, Err("origin-not-granted")),
            (Search, Get, "https://api.example.evil.example/api/projects/", None, None, Err("origin-not-granted")),
            (Search, Get, "https://open.example/", Some("account"), None, Err("audience")),
            (Search, Get, "https://open.example/", Some("other"), None, Err("unknown-credential")),
            (Search, Get, "https://open.example/", None, None, read),
            (Search, Post, "https://api.example/api/bids/", Some("account"), Some("{}"), Err("write-without-approval")),
            (Submit, Post, "https://api.example/api/bids/", Some("account"), Some("{}"), write),
            (Submit, Put, "https://api.example/api/bids/7", Some("account"), None, write),
            (Submit, Get, "https://api.example/api/bids/7", Some("account"), None, read),
            (Submit, Patch, "https://api.example/api/bids/7", Some("account"), None, Err("route-not-granted")),
            (Submit, Delete, "https://api.example/api/odd", None, None, Err("route-not-granted")),
            (Search, Post, "https://api.example/graphql", None, Some(r#"{"query":"{a}"}"#), read),
            (
                Search,
                Post,
                "https://api.example/graphql",
                None,
                Some(r#"{"query":"mutation{a}"}"#),
                Err("write-without-approval"),
            ),
            (Submit, Post, "https://api.example/graphql", None, Some(r#"{"query":"mutation{a}"}"#), write),
            (
                Proposals,
                Post,
                "https://api.example/graphql",
                None,
                Some(r#"{"query":"mutation{p:preview(a:1){id}}"}"#),
                Ok(Effect::Rehearsal),
            ),
            (
                Proposals,
                Post,
                "https://api.example/graphql",
                None,
                Some(r#"{"query":"mutation{preview:a}"}"#),
                Err("write-without-approval"),
            ),
            (
                Search,
                Post,
                "https://api.example/graphql",
                None,
                Some(r#"{"query":"mutation{preview}"}"#),
                Err("write-without-approval"),
            ),
            (Search, Post, "https://api.example/graphql", None, Some("mutation{a}"), Err("graphql")),
            (Search, Post, "https://api.example/graphql", None, None, Err("graphql")),
            (Search, Get, "https://api.example/graphql?query=mutation{a}", None, None, Err("graphql")),
            (Describe, Get, "https://open.example/", None, None, Err("phase")),
            (Judge, Get, "https://open.example/", None, None, Err("phase")),
            (Search, Get, "http://127.0.0.1:8080/x", None, None, read),
            (Search, Get, "http://127.0.0.1:8081/x", None, None, Err("origin-not-granted")),
            (Search, Get, "https://10.0.0.1/", None, None, Err("address")),
        ];
        let policy = policy();
        for (phase, method, url, credential, body, expected) in table {
            let said = policy.permits(&ask(method, url, credential, body), phase);
            assert_eq!(
                said.as_ref().map(|p| p.effect).map_err(|d| d.rule),
                expected,
                "{phase:?} {} {url} {credential:?} {body:?}",
                name(method)
            );
        }
    }

    #[test]
    fn no_phase_but_submit_ever_lets_a_write_pass() {
        for phase in Phase::ALL {
            let policy = policy();
            let said = policy.permits(&ask(Method::Post, "https://api.example/api/bids", None, Some("{}")), phase);
            assert_eq!(said.is_ok(), phase == Phase::Submit, "{phase:?}");
        }
    }

    #[test]
    fn a_guest_does_not_write_the_credentials_header() {
        let mut request = ask(Method::Get, "https://open.example/", None, None);
        request.headers.insert("x-token", "guess".parse().unwrap());
        assert_eq!(policy().permits(&request, Phase::Search).map(|_| ()).map_err(|d| d.rule), Err("host-header"));
    }

    #[test]
    fn an_empty_policy_permits_nothing() {
        for phase in Phase::ALL {
            assert!(Policy::default().permits(&ask(Method::Get, "https://open.example/", None, None), phase).is_err());
        }
    }
}
