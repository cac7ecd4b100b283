//! Whatever the bytes and whatever the answer: no panic, and nothing beyond the contract's bounds gets through.

use std::sync::LazyLock;

use ghoststack::capability::http::outgoing::Outgoing;
use ghoststack::contract::http::{Header, Request};
use ghoststack::contract::types::Method;
use ghoststack::plugin::component::Inspected;
use ghoststack::plugin::grant;
use proptest::prelude::*;
use prospector_hostile::guest::ENGINE;

use crate::bytes::{component, core_module};

static MODULE: LazyLock<Vec<u8>> = LazyLock::new(|| core_module("", "filter"));
static FILTER: LazyLock<Vec<u8>> = LazyLock::new(|| component("", "filter"));

fn request(url: String, headers: Vec<(String, String)>) -> Request {
    Request {
        method: Method::Get,
        url,
        headers: headers.into_iter().map(|(name, value)| Header { name, value }).collect(),
        body: None,
        credential: None,
        timeout_ms: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_component_is_read_or_refused_and_never_a_panic(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = FILTER.clone();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = Inspected::read(&ENGINE, &bytes);
        bytes.truncate(cut.index(FILTER.len()));
        prop_assert!(Inspected::read(&ENGINE, &bytes).is_err());
    }

    #[test]
    fn a_damaged_module_is_made_into_a_component_or_refused_and_never_a_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = MODULE.clone();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = Inspected::read(&ENGINE, &bytes);
    }

    #[test]
    fn any_text_after_the_magic_is_read_or_refused_and_never_a_panic(rest in proptest::collection::vec(any::<u8>(), 0..200), component in any::<bool>()) {
        let magic: &[u8] = if component { b"\0asm\x0d\0\x01\0" } else { b"\0asm\x01\0\0\0" };
        let _ = Inspected::read(&ENGINE, &[magic, &rest].concat());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_request_that_is_read_has_a_path_without_tricks_and_headers_without_breaks(
        url in prop_oneof![any::<String>(), "https://[a-z.@:/%\\\\;\\.0-9eEfF?#]{0,60}", "https://a\\.b(/|%2[eEfF5]|%5[cC]|\\.|a|;|%00){0,12}"],
        name in "[a-zA-Z\r\n: -]{0,12}",
        value in any::<String>(),
    ) {
        if let Ok(outgoing) = Outgoing::parse(request(url, vec![(name, value)])) {
            let path = outgoing.url.path().to_ascii_lowercase();
            for trick in ["/../", "/./", "//", "\\", "%2e", "%2f", "%5c", "%00", "%3b", "%25", ";"] {
                prop_assert!(!path.contains(trick), "{}", path);
            }
            prop_assert!(outgoing.url.username().is_empty() && outgoing.url.password().is_none());
            prop_assert!(outgoing.url.scheme() == "https" || outgoing.origin.is_loopback());
            for value in outgoing.headers.values() {
                prop_assert!(value.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte)));
            }
        }
    }

    #[test]
    fn a_descriptor_is_granted_or_refused_and_never_a_panic(id in any::<String>(), origin in any::<String>(), path in any::<String>(), name in any::<String>()) {
        use ghoststack::contract::descriptor::{Access, Authentication, AutomaticSubmission, Descriptor, Origin, Route};
        let descriptor = Descriptor {
            id,
            display_name: name.clone(),
            version: "1.0.0".to_owned(),
            summary: name,
            origins: vec![Origin { name: "api".to_owned(), default: origin }],
            routes: vec![Route {
                origin: "api".to_owned(),
                path_prefix: path,
                methods: vec![Method::Get],
                access: Access::Read,
                rehearsals: vec![],
                purpose: "p".to_owned(),
            }],
            authentication: Authentication::None,
            settings: "{}".to_owned(),
            rate_limits: vec![],
            content_retention: None,
            automatic_submission: AutomaticSubmission::Forbidden,
            judges_without: vec![],
        };
        match grant::check(&descriptor) {
            Err(why) => prop_assert!(!why.chars().any(char::is_control), "{why:?}"),
            Ok(()) => prop_assert!(grant::policy(&descriptor, &Default::default()).is_ok()),
        }
    }
}
