//! What a plugin says of itself, and what it does while it is asked.

use ghoststack::contract::descriptor::{
    Access, Authentication, ClientAuthentication, Descriptor, Endpoint, Oauth2, Parameter, Pkce, Placement,
    PostingPart, Scope, Unread,
};
use ghoststack::contract::types::Method;
use ghoststack::plugin::fault::Cause;
use ghoststack::plugin::grant;
use ghoststack::plugin::platform::LoadError;
use prospector_hostile::ear::Ear;
use prospector_hostile::guest::{self, load, that_describes};

async fn refused(behaviour: &str) -> LoadError {
    load(&that_describes(behaviour)).await.expect_err("it does not load")
}

#[tokio::test]
async fn a_descriptor_that_traps_panics_spins_or_hoards_is_reported_by_the_files_name() {
    for (behaviour, cause) in
        [("trap", "unreachable"), ("panic", "cupboard"), ("spin", "processor"), ("allocate", "64 MiB")]
    {
        let error = refused(behaviour).await;
        let LoadError::Fault(fault) = &error else { panic!("{behaviour}: {error}") };
        assert_eq!((fault.plugin.as_str(), fault.export), ("test", "descriptor.describe"));
        assert!(error.to_string().contains(cause), "{behaviour}: {error}");
    }
}

#[tokio::test]
async fn a_descriptor_of_many_megabytes_is_not_even_copied() {
    for behaviour in ["huge", "many"] {
        let error = refused(behaviour).await;
        assert!(
            matches!(&error, LoadError::Fault(fault) if matches!(fault.cause, Cause::Handed(_))),
            "{behaviour}: {error}"
        );
    }
}

#[tokio::test]
async fn nothing_is_served_while_a_plugin_says_what_it_is() {
    let plugin = load(&that_describes("call")).await.expect("it loads");
    assert_eq!(plugin.descriptor.summary, "served: nothing");
}

#[tokio::test]
async fn a_plugin_does_not_write_to_the_log_before_anybody_agreed_to_it() {
    let (ear, _listening) = Ear::listen();
    load(&that_describes("call")).await.expect("it loads");
    assert!(!ear.lines().iter().any(|line| line.contains("said while describing")));
}

#[tokio::test]
async fn an_absurd_id_is_refused_by_the_rule_it_breaks() {
    let error = refused("absurd-id").await;
    assert!(matches!(error, LoadError::Descriptor { .. }), "{error}");
    assert!(error.to_string().contains("2 to 32 of a-z0-9-"), "{error}");
    assert!(!error.to_string().contains('\u{1b}'), "{error:?}");
}

#[tokio::test]
async fn an_origin_on_this_machine_is_refused_when_the_plugin_is_loaded() {
    assert!(refused("this-machine").await.to_string().contains("this machine"));
}

/// A descriptor that passes, to be spoilt.
async fn plain() -> Descriptor {
    let mut descriptor = guest::plugin().await.descriptor.clone();
    let at = |path: &str| Endpoint { origin: "api".to_owned(), path: path.to_owned() };
    descriptor.authentication = Authentication::Oauth2(Oauth2 {
        credential: "account".to_owned(),
        authorize: at("/authorize"),
        token: at("/token"),
        revoke: None,
        client_authentication: ClientAuthentication::Basic,
        pkce: Pkce::Enforced,
        grants: vec![],
        scopes: vec![Scope {
            name: "read".to_owned(),
            purpose: "to read".to_owned(),
            features: vec![],
            wire: vec![],
            parameters: vec![],
        }],
        parameters: vec![],
        access_token_lifetime: None,
        refresh_token_idle_lifetime: None,
        placement: Placement { header: "Authorization".to_owned(), prefix: "Bearer ".to_owned() },
        audience: vec!["api".to_owned()],
        registration_url: "https://hostile.example/apps".to_owned(),
    });
    assert_eq!(grant::check(&descriptor), Ok(()));
    descriptor
}

fn oauth(descriptor: &mut Descriptor) -> &mut Oauth2 {
    match &mut descriptor.authentication {
        Authentication::Oauth2(oauth) => oauth,
        Authentication::None | Authentication::ApiKey(_) => unreachable!("the plain descriptor has OAuth"),
    }
}

type Spoil = fn(&mut Descriptor);

async fn passing(spoilers: &[(&str, Spoil)]) -> Vec<String> {
    let plain = plain().await;
    let mut passed = Vec::new();
    for (what, spoil) in spoilers {
        let mut spoilt = plain.clone();
        spoil(&mut spoilt);
        match grant::check(&spoilt) {
            Ok(()) => passed.push((*what).to_owned()),
            Err(why) => assert!(!why.chars().any(char::is_control), "{what}: {why:?}"),
        }
    }
    passed
}

fn parameter(name: &str) -> Parameter {
    Parameter { name: name.to_owned(), value: "x".to_owned() }
}

#[tokio::test]
async fn wishes_that_break_a_rule_are_refused_before_anything_is_granted() {
    let spoilers: &[(&str, Spoil)] = &[
        ("an id of one letter", |d| d.id = "a".to_owned()),
        ("an id with capitals", |d| d.id = "Hostile".to_owned()),
        ("an id that begins with a figure", |d| d.id = "1hostile".to_owned()),
        ("an id that is a path", |d| d.id = "../vault".to_owned()),
        ("an id in other letters", |d| d.id = "h\u{43e}stile".to_owned()),
        ("an id without end", |d| d.id = "h".repeat(33)),
        ("a name with an escape", |d| d.display_name = "\u{1b}[2J".to_owned()),
        ("a name that turns the text around", |d| d.display_name = "a\u{202e}b".to_owned()),
        ("a summary of two lines", |d| d.summary = "a\nb".to_owned()),
        ("no version", |d| d.version = " ".to_owned()),
        ("a schema of a megabyte", |d| d.settings = " ".repeat(1 << 20)),
        ("an origin in clear", |d| d.origins[0].default = "http://hostile.example".to_owned()),
        ("an origin on this machine", |d| d.origins[0].default = "http://127.0.0.1:8080".to_owned()),
        ("an origin on this machine, by name", |d| d.origins[0].default = "https://localhost".to_owned()),
        ("an origin on a private network", |d| d.origins[0].default = "https://192.168.0.1".to_owned()),
        ("an origin of metadata", |d| d.origins[0].default = "https://169.254.169.254".to_owned()),
        ("an origin mapped into IPv6", |d| d.origins[0].default = "https://[::ffff:10.0.0.1]".to_owned()),
        ("an origin in octal", |d| d.origins[0].default = "https://0177.0.0.1".to_owned()),
        ("an origin with a path", |d| d.origins[0].default = "https://hostile.example/x".to_owned()),
        ("an origin with a user", |d| d.origins[0].default = "https://good.example@hostile.example".to_owned()),
        ("an origin that is none", |d| d.origins[0].default = "file:///etc/passwd".to_owned()),
        ("an origin's name twice", |d| d.origins[1].name = "api".to_owned()),
        ("a route on an undeclared origin", |d| d.routes[0].origin = "nowhere".to_owned()),
        ("a route without a slash", |d| d.routes[0].path_prefix = "read".to_owned()),
        ("a route with a query", |d| d.routes[0].path_prefix = "/read?x".to_owned()),
        ("a route with an escape", |d| d.routes[0].path_prefix = "/%2e%2e".to_owned()),
        ("a route without a method", |d| d.routes[0].methods.clear()),
        ("PUT as a read", |d| d.routes[0].methods = vec![Method::Put]),
        ("PATCH as a read", |d| d.routes[0].methods = vec![Method::Get, Method::Patch]),
        ("DELETE as a read", |d| d.routes[0].methods = vec![Method::Delete]),
        ("GraphQL by GET", |d| {
            d.routes[0].access = Access::Graphql;
            d.routes[0].methods = vec![Method::Get];
        }),
        ("a purpose with an escape", |d| d.routes[0].purpose = "\u{1b}]8;;".to_owned()),
        ("routes without end", |d| d.routes = vec![d.routes[0].clone(); 65]),
        ("a credential's name with a slash", |d| oauth(d).credential = "a/b".to_owned()),
        ("a credential as Host", |d| oauth(d).placement.header = "Host".to_owned()),
        ("a credential as Cookie", |d| oauth(d).placement.header = "cookie".to_owned()),
        ("a credential as Content-Length", |d| oauth(d).placement.header = "Content-Length".to_owned()),
        ("a credential as Proxy-Authorization", |d| oauth(d).placement.header = "Proxy-Authorization".to_owned()),
        ("a credential in no header", |d| oauth(d).placement.header = "X\r\nHost: evil".to_owned()),
        ("a prefix with a line break", |d| oauth(d).placement.prefix = "Bearer\r\nX: ".to_owned()),
        ("an audience that is not declared", |d| oauth(d).audience.push("nowhere".to_owned())),
        ("an endpoint on an undeclared origin", |d| oauth(d).token.origin = "nowhere".to_owned()),
        ("an endpoint without a slash", |d| oauth(d).token.path = "token".to_owned()),
        ("a client id of its own", |d| oauth(d).parameters.push(parameter("client_id"))),
        ("a part of postings twice", |d| {
            let unread = |unless| Unread { part: PostingPart::Url, unless };
            d.judges_without = vec![unread(vec![]), unread(vec!["keywords".to_owned()])];
        }),
        ("settings without end that make it read a part", |d| {
            d.judges_without = vec![Unread { part: PostingPart::Url, unless: vec!["a".to_owned(); 17] }];
        }),
        ("a redirect of its own", |d| oauth(d).parameters.push(parameter("redirect_uri"))),
        ("a state of its own, in capitals", |d| oauth(d).parameters.push(parameter("STATE"))),
        ("a challenge of its own, in a scope", |d| oauth(d).scopes[0].parameters.push(parameter("code_challenge"))),
        ("the implicit grant", |d| oauth(d).parameters.push(parameter("response_type"))),
    ];
    assert_eq!(passing(spoilers).await, Vec::<String>::new());
}

#[tokio::test]
async fn every_text_that_a_person_is_shown_is_plain() {
    let spoilers: &[(&str, Spoil)] = &[
        ("a registration URL with an escape", |d| {
            oauth(d).registration_url = "https://a.example/\u{1b}]0;x\u{7}".to_owned()
        }),
        ("a registration URL that is a script", |d| oauth(d).registration_url = "javascript:alert(1)".to_owned()),
        ("a scope's name with an escape", |d| oauth(d).scopes[0].name = "read\u{1b}[2J".to_owned()),
        ("a scope's purpose with an escape", |d| oauth(d).scopes[0].purpose = "to\u{1b}[2J".to_owned()),
        ("a parameter with a line break", |d| oauth(d).parameters.push(parameter("x\r\ny"))),
        ("scopes without end", |d| oauth(d).scopes = vec![oauth(d).scopes[0].clone(); 5000]),
    ];
    assert_eq!(passing(spoilers).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_endpoint_that_leaves_its_origin_is_refused_when_the_plugin_is_loaded() {
    let spoilers: &[(&str, Spoil)] = &[
        ("an endpoint on another host", |d| oauth(d).token.path = "//evil.example/token".to_owned()),
        ("an endpoint with a backslash", |d| oauth(d).authorize.path = "/\\evil.example".to_owned()),
        ("an endpoint with a query", |d| oauth(d).authorize.path = "/authorize?client_id=x".to_owned()),
    ];
    assert_eq!(passing(spoilers).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_schema_a_version_and_a_rate_limit_that_are_none_are_refused_when_the_plugin_is_loaded() {
    let spoilers: &[(&str, Spoil)] = &[
        ("settings that are not JSON", |d| d.settings = "settings".to_owned()),
        ("a version that is none", |d| d.version = "the latest".to_owned()),
        ("a rate limit of nothing", |d| {
            d.rate_limits = vec![ghoststack::contract::descriptor::RateLimit { requests: 0, window: 0 }];
        }),
    ];
    assert_eq!(passing(spoilers).await, Vec::<String>::new());
}
