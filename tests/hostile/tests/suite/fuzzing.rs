//! Bytes that nobody meant: answers of token endpoints, queries of callbacks, vault files. No panic, no hang, no secret in any message.
//!
//! Each runs for a moment here, and for `FUZZ_SECONDS` where that is set: `just fuzz` gives the figure of ten minutes each.

use std::fmt::Debug;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderValue, Response as Answer};
use axum::response::Response;
use ghoststack::auth::{
    AuthHttp, AuthorizationServer, Callback, ClientIdentity, Plaintext, TimeLimits, client_credentials, parse_pasted,
};
use ghoststack::capability::http::client::PrivateHosts;
use ghoststack::clock::SystemClock;
use ghoststack::contract::descriptor::{ClientAuthentication, Endpoint, Grant, Oauth2, Pkce, Placement};
use ghoststack::vault::{Cas, EmbeddedStore, Protection, Secret, SecretPath, SecretStore};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use prospector_hostile::server::Server;
use secrecy::{ExposeSecret, SecretString};

/// Looks like a token, so that a server's words are cleaned of it even where the host has not sent it.
const PLANTED: &str = "planted5ecret0fTheClient";

/// No input may take longer than this.
const HANG: Duration = Duration::from_secs(5);

/// How long each test looks for something.
fn budget() -> Duration {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    seconds.map_or(Duration::from_millis(1500), Duration::from_secs)
}

/// Draws inputs until time is up; a panic or a hang is told with the input that led to it.
fn fuzz<S: Strategy>(what: &str, strategy: S, mut check: impl FnMut(&S::Value))
where
    S::Value: Debug,
{
    let (began, mut runner, mut count) = (Instant::now(), TestRunner::default(), 0_u64);
    while began.elapsed() < budget() {
        let input = strategy.new_tree(&mut runner).expect("a value").current();
        let started = Instant::now();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(&input))) {
            eprintln!("{what}: {input:?}");
            resume_unwind(panic);
        }
        assert!(started.elapsed() < HANG, "{what} took {:?}: {input:?}", started.elapsed());
        count += 1;
    }
    println!("{what}: {count} inputs in {:.1} s, no panic, no hang, no secret", began.elapsed().as_secs_f32());
    assert!(count > 10, "{what}: only {count}");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// Any JSON, a few levels deep, in whose texts the secret may stand.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let text = prop_oneof![
        "\\PC{0,12}",
        Just(PLANTED.to_owned()),
        ".{0,6}".prop_map(|around| format!("{around}{PLANTED}{around}")),
        Just("error".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        text.prop_map(serde_json::Value::String),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let name = prop_oneof![field(), "\\PC{0,8}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::Array),
            prop::collection::vec((name, inner), 0..6).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

fn field() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "access_token",
        "refresh_token",
        "expires_in",
        "scope",
        "token_type",
        "error",
        "error_description",
        "message",
        "error_code",
        "status",
        "code",
        "detail",
    ])
    .prop_map(str::to_owned)
}

/// An answer: status, headers, body.
type Given = (u16, Vec<(String, String)>, Vec<u8>);

/// Objects with the fields that are looked for, whole or damaged, and bytes of no sense at all.
fn answers() -> impl Strategy<Value = Given> {
    let fields = prop::collection::vec((field(), json()), 0..7).prop_map(|fields| {
        let object: serde_json::Map<String, serde_json::Value> = fields.into_iter().collect();
        serde_json::to_vec(&object).expect("JSON")
    });
    let fields = fields.boxed();
    let damaged = (fields.clone(), any::<prop::sample::Index>(), any::<u8>(), any::<prop::sample::Index>()).prop_map(
        |(mut bytes, at, byte, cut)| {
            let (at, cut) = (at.index(bytes.len()), cut.index(bytes.len()) + 1);
            bytes[at] = byte;
            bytes.truncate(cut);
            bytes
        },
    );
    let nested = (1_usize..4_000).prop_map(|depth| [vec![b'['; depth], vec![b']'; depth]].concat());
    let huge = (0_usize..90_000)
        .prop_map(|size| format!(r#"{{"error":"{}","access_token":"{PLANTED}"}}"#, "x".repeat(size)).into_bytes());
    let any_bytes = prop::collection::vec(any::<u8>(), 0..300);
    let body = prop_oneof![8 => fields, 4 => damaged, 2 => any_bytes, 1 => nested, 1 => huge];
    let status = prop::sample::select(vec![200_u16, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503]);
    let header = prop::sample::select(vec![
        ("content-encoding", "gzip"),
        ("content-encoding", "identity"),
        ("retry-after", "999999999999999999999"),
        ("retry-after", "-1"),
        ("retry-after", PLANTED),
        ("location", "https://evil.example/?planted5ecret0fTheClient"),
        ("content-type", "text/html; charset=utf-7"),
        ("www-authenticate", PLANTED),
    ]);
    let headers = prop::collection::vec(header, 0..3)
        .prop_map(|headers| headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
    (status, headers, body)
}

fn oauth() -> Oauth2 {
    let endpoint = |path: &str| Endpoint { origin: "accounts".to_owned(), path: path.to_owned() };
    Oauth2 {
        credential: "account".to_owned(),
        authorize: endpoint("/authorize"),
        token: endpoint("/token"),
        revoke: None,
        client_authentication: ClientAuthentication::Body,
        pkce: Pkce::Ignored,
        grants: vec![Grant::ClientCredentials],
        scopes: Vec::new(),
        parameters: Vec::new(),
        access_token_lifetime: None,
        refresh_token_idle_lifetime: None,
        placement: Placement { header: "X-Token".to_owned(), prefix: "Bearer ".to_owned() },
        audience: Vec::new(),
        registration_url: "https://hostile.example/keys".to_owned(),
    }
}

#[test]
fn whatever_a_token_endpoint_answers_is_read_or_refused() {
    let runtime = runtime();
    let next: Arc<Mutex<Given>> = Arc::default();
    let given = next.clone();
    let server = runtime.block_on(Server::start(move |_| -> Response {
        let (status, headers, body) = given.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut answer = Answer::new(Body::from(body));
        *answer.status_mut() = status.try_into().expect("a status");
        for (name, value) in headers {
            let name: axum::http::HeaderName = name.parse().expect("a name");
            answer.headers_mut().append(name, HeaderValue::from_str(&value).expect("a value"));
        }
        answer
    }));
    let limits = TimeLimits { connect: Duration::from_secs(2), total: Duration::from_secs(3) };
    let http = AuthHttp::new(Plaintext::OnLoopback, limits, &PrivateHosts::default()).expect("TLS");
    let origin = |_: &str| Some(server.origin());
    let of = AuthorizationServer::resolve("example", &oauth(), origin, Plaintext::OnLoopback).expect("a server");
    let client = ClientIdentity::new("client", Some(&SecretString::from(PLANTED))).expect("a client");
    fuzz("answers of token endpoints", answers(), |answer| {
        next.lock().unwrap_or_else(PoisonError::into_inner).clone_from(answer);
        let outcome = runtime.block_on(client_credentials(&of, &client, &[], &http, &SystemClock));
        server.forget();
        let shown = match outcome {
            Ok(tokens) => format!("{tokens:?}"),
            Err(error) => format!("{error} {error:?} {:?}", error.refusal()),
        };
        assert!(!shown.contains(PLANTED), "{shown}");
        assert!(!shown.contains('\u{1b}') && shown.len() < 8_000, "{shown}");
    });
}

#[test]
fn whatever_a_browser_brings_or_a_person_pastes_is_read_or_refused() {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "code=",
            "state=",
            "iss=",
            "error=",
            "error_description=",
            "&",
            "?",
            "#",
            "://",
            "https://x.example/",
            "%",
            "%0d%0a",
            "%00",
            "+",
            "=",
            ";",
            PLANTED
        ])
        .prop_map(str::to_owned),
        "\\PC{0,10}",
        ".{0,10}",
        (0_usize..9_000).prop_map(|size| "x".repeat(size)),
    ];
    let query = prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    fuzz("queries of callbacks", query, |query| {
        for read in
            [Callback::from_query(query), parse_pasted(query), parse_pasted(&format!("https://x.example/?{query}"))]
        {
            let shown = match read {
                Ok(callback) => format!("{callback:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(!shown.contains(PLANTED) && shown.len() < 2_000, "{shown}");
        }
    });
}

/// What is done to a file.
#[derive(Clone, Debug)]
enum Damage {
    Byte(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Grow(Vec<u8>),
    Replace(Vec<u8>),
    Swap(prop::sample::Index, prop::sample::Index),
}

fn damages() -> impl Strategy<Value = Vec<(bool, Damage)>> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..64);
    let damage = prop_oneof![
        8 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        4 => any::<prop::sample::Index>().prop_map(Damage::Cut),
        2 => bytes().prop_map(Damage::Grow),
        1 => bytes().prop_map(Damage::Replace),
        2 => (any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(|(a, b)| Damage::Swap(a, b)),
    ];
    // True: the vault's file; false: the key's.
    prop::collection::vec((prop::bool::weighted(0.8), damage), 1..4)
}

fn damaged(bytes: &mut Vec<u8>, damage: &Damage) {
    if bytes.is_empty() {
        return;
    }
    match damage {
        Damage::Byte(at, byte) => {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Damage::Grow(more) => bytes.extend_from_slice(more),
        Damage::Replace(other) => bytes.clone_from(other),
        Damage::Swap(a, b) => {
            let (a, b) = (a.index(bytes.len()), b.index(bytes.len()));
            bytes.swap(a, b);
        }
    }
}

fn write_private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("permissions");
}

#[test]
fn a_damaged_vault_file_or_key_is_never_read_as_something_else() {
    let runtime = runtime();
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("vault");
    let store = EmbeddedStore::new(folder.clone(), Protection::KeyFile);
    let path = SecretPath::parse("credentials/default/example/default").expect("a path");
    let secret = || Secret::from_fields([("access_token", SecretString::from(PLANTED))]).expect("a secret");
    runtime.block_on(async {
        for _ in 0..3 {
            store.write(&path, secret(), Cas::Any).await.expect("written");
        }
    });
    let files: Vec<_> = ["secrets.vault", "secrets.key"].map(|name| folder.join(name)).to_vec();
    let whole: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).expect("it is there")).collect();
    fuzz("vault files", damages(), |damages| {
        let mut bytes = whole.clone();
        for (of_vault, damage) in damages {
            damaged(&mut bytes[usize::from(!of_vault)], damage);
        }
        let is_whole = bytes == whole;
        files.iter().zip(&bytes).for_each(|(file, bytes)| write_private(file, bytes));
        match runtime.block_on(store.read(&path)) {
            Ok(Some(read)) => {
                // Damage that the format does not look at (a line's end in the key, say) may change nothing; never the value.
                assert_eq!(read.value.get("access_token").map(ExposeSecret::expose_secret), Some(PLANTED));
            }
            Ok(None) => panic!("a damaged vault is not an empty one"),
            Err(error) => {
                let shown = format!("{error} {error:?}");
                assert!(!is_whole && !shown.contains(PLANTED), "{shown}");
            }
        }
    });
    files.iter().zip(&whole).for_each(|(file, bytes)| write_private(file, bytes));
    assert!(runtime.block_on(store.read(&path)).expect("whole again").is_some());
}
