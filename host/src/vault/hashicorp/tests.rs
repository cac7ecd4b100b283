//! The store at a real OpenBao server: what it upholds, and what it says when the server does not serve.

use std::path::PathBuf;

use openbao_server::{OpenBao, ROOT};
use proptest::prelude::*;

use super::*;
use crate::vault::contract::{PLANTED, agrees_with_a_model, histories, path, secret, text, upholds_the_contract};

/// The policy that the documentation gives, which has to do for everything.
fn documented_policy() -> String {
    let page = include_str!("../../../../docs/vault.md");
    let (_, rest) = page.split_once("```hcl\n").expect("the page holds a policy");
    rest.split_once("```").expect("it ends").0.to_owned()
}

fn held(what: &'static str, value: &str) -> Wanted {
    let source = Source::Held { origin: format!("the test's {what}"), value: SecretString::from(value) };
    Wanted { what, sources: vec![source], remedy: "set one" }
}

fn settings(server: &OpenBao, token: &str) -> Settings {
    Settings {
        address: server.address(),
        namespace: None,
        mount: "secret".to_owned(),
        prefix: "ghoststack/prospector".to_owned(),
        ca_file: None,
        log_in: LogIn::Token(held("token", token)),
    }
}

fn as_root(server: &OpenBao) -> HashiCorpStore {
    HashiCorpStore::new(settings(server, &server.root_token()))
}

fn by_role(server: &OpenBao, role_settings: &[&str]) -> HashiCorpStore {
    server.policy("prospector", &documented_policy());
    let (role, proof) = server.role(role_settings);
    let log_in = LogIn::AppRole {
        mount: "approle".to_owned(),
        role_id: held("role id", &role),
        secret_id: held("secret id", &proof),
    };
    HashiCorpStore::new(Settings { log_in, ..settings(server, "") })
}

/// The error of a read, once it has been seen to hold no secret.
async fn refusal(store: &HashiCorpStore) -> HashiCorpError {
    match store.read(&path("a")).await {
        Err(VaultError::HashiCorp(error)) => {
            let said = format!("{error} {error:?}");
            assert!(!said.contains(PLANTED), "{said}");
            error
        }
        other => panic!("expected an error of the server's, not {other:?}"),
    }
}

#[tokio::test]
async fn a_server_in_memory_upholds_the_contract() {
    let Some(server) = OpenBao::in_memory() else { return };
    upholds_the_contract(&as_root(&server)).await;
}

#[tokio::test]
async fn a_mount_that_keeps_fewer_versions_and_wants_check_and_set_upholds_it_too() {
    let Some(server) = OpenBao::in_memory() else { return };
    server.mount("team/kv", &["max_versions=3", "cas_required=true"]);
    let settings = Settings { mount: "team/kv".to_owned(), prefix: String::new(), ..settings(&server, ROOT) };
    upholds_the_contract(&HashiCorpStore::new(settings)).await;
}

#[test]
fn a_server_agrees_with_a_model() {
    let Some(server) = OpenBao::in_memory() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let store = as_root(&server);
    proptest!(ProptestConfig::with_cases(12), |(history in histories())| {
        runtime.block_on(agrees_with_a_model(&store, &history));
    });
}

#[tokio::test]
async fn the_documented_policy_is_enough_for_a_role() {
    let Some(server) = OpenBao::in_memory() else { return };
    upholds_the_contract(&by_role(&server, &["token_policies=prospector", "token_ttl=10m"])).await;
}

#[tokio::test]
async fn tls_needs_the_authority_that_signed_the_server() {
    let Some(server) = OpenBao::with_tls() else { return };
    let with = |ca_file: Option<PathBuf>| HashiCorpStore::new(Settings { ca_file, ..settings(&server, ROOT) });
    let error = refusal(&with(None)).await;
    assert!(matches!(error, HashiCorpError::Untrusted { .. }), "{error}");
    let error = refusal(&with(Some(server.folder().join("absent.pem")))).await;
    assert!(matches!(error, HashiCorpError::Authority { .. }), "{error}");
    let store = with(Some(server.authority()));
    store.write(&path("a"), secret(PLANTED), Cas::MustNotExist).await.expect("writes");
    assert_eq!(text(&store.read(&path("a")).await.expect("reads").expect("is there").value), PLANTED);
    assert!(store.describe().protection.contains("TLS"));
}

#[tokio::test]
async fn each_state_of_a_server_is_told_from_the_others() {
    let Some(server) = OpenBao::with_storage() else { return };
    let error = refusal(&HashiCorpStore::new(settings(&server, PLANTED))).await;
    assert!(matches!(error, HashiCorpError::NotInitialised { .. }), "{error}");

    server.initialise();
    server.mount("secret", &[]);
    let store = as_root(&server);
    store.write(&path("a"), secret("before"), Cas::MustNotExist).await.expect("writes");
    assert!(!store.health().await.expect("answers").sealed);

    server.seal();
    let error = refusal(&store).await;
    assert!(matches!(error, HashiCorpError::Sealed { .. }), "{error}");
    assert!(store.health().await.expect("answers even so").sealed);
    server.unseal();
    assert!(store.read(&path("a")).await.expect("reads").is_some());

    server.stop();
    let error = refusal(&store).await;
    assert!(matches!(error, HashiCorpError::Unreachable { .. }), "{error}");
    server.restart();
    let error = refusal(&store).await;
    assert!(matches!(error, HashiCorpError::Sealed { .. }), "{error}");
    server.unseal();
    let read = store.read(&path("a")).await.expect("the same store reads on").expect("is there");
    assert_eq!(text(&read.value), "before");
    store.write(&path("a"), secret("after"), Cas::Current(read.version)).await.expect("and writes");
}

#[tokio::test]
async fn what_a_policy_lacks_is_named_with_the_rule_that_grants_it() {
    let Some(server) = OpenBao::in_memory() else { return };
    server.policy("reader", "path \"secret/data/ghoststack/prospector/*\" { capabilities = [\"read\"] }");
    let token = server.token(&["-policy=reader"]);
    let store = HashiCorpStore::new(settings(&server, token["client_token"].as_str().expect("a token")));
    assert!(store.read(&path("a")).await.expect("may read").is_none());
    let denied = store.write(&path("a"), secret(PLANTED), Cas::Any).await.expect_err("may not write").to_string();
    for part in [
        "create or update secret/data/ghoststack/prospector/a",
        r#"path "secret/data/ghoststack/prospector/*" { capabilities = ["create", "update", "read"] }"#,
    ] {
        assert!(denied.contains(part), "{denied}");
    }
    let denied = store.list(None).await.expect_err("may not list").to_string();
    assert!(denied.contains("list secret/metadata/ghoststack/prospector"), "{denied}");
    let probed = store.probe().await.expect_err("may not write");
    assert!(matches!(probed, VaultError::HashiCorp(HashiCorpError::Denied { .. })), "{probed}");
}

#[tokio::test]
async fn wrong_mounts_and_namespaces_are_told_apart() {
    let Some(server) = OpenBao::in_memory() else { return };
    server.bao(&["secrets", "enable", "-path=old", "-version=1", "kv"]);
    server.bao(&["secrets", "enable", "transit"]);
    server.bao(&["namespace", "create", "team"]);
    server.policy("prospector", &documented_policy());
    let token = server.token(&["-policy=prospector"]);
    let with = |mount: &str, namespace: Option<&str>, token: &str| {
        let (mount, namespace) = (mount.to_owned(), namespace.map(str::to_owned));
        HashiCorpStore::new(Settings { mount, namespace, ..settings(&server, token) })
    };
    for token in [ROOT, token["client_token"].as_str().expect("a token")] {
        let error = refusal(&with("nowhere", None, token)).await;
        assert!(matches!(&error, HashiCorpError::WrongMount { mount, .. } if mount == "nowhere"), "{error}");
    }
    let error = refusal(&with("old", None, ROOT)).await;
    assert!(error.to_string().contains("KV version 1"), "{error}");
    let written = with("old", None, ROOT).write(&path("a"), secret(PLANTED), Cas::Any).await.expect_err("is refused");
    assert!(matches!(written, VaultError::HashiCorp(HashiCorpError::NotKv2 { .. })), "{written}");
    let error = refusal(&with("transit", None, ROOT)).await;
    assert!(error.to_string().contains("transit"), "{error}");
    let error = refusal(&with("secret", Some("absent"), ROOT)).await;
    assert!(matches!(error, HashiCorpError::NoNamespace { .. }), "{error}");
    let error = refusal(&with("secret", Some("team"), ROOT)).await;
    assert!(matches!(error, HashiCorpError::WrongMount { .. }), "{error}");
}

#[tokio::test]
async fn a_namespace_keeps_its_secrets_to_itself() {
    let Some(server) = OpenBao::in_memory() else { return };
    server.bao(&["namespace", "create", "team"]);
    server.bao(&["secrets", "enable", "-namespace=team", "-path=secret", "-version=2", "kv"]);
    server.wait_for("the mount", || {
        server.try_bao(&["write", "-namespace=team", "secret/config", "max_versions=0"], None).is_ok()
    });
    let team = HashiCorpStore::new(Settings { namespace: Some("team".to_owned()), ..settings(&server, ROOT) });
    upholds_the_contract(&team).await;
    assert!(as_root(&server).list(None).await.expect("lists").is_empty());
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_though_nobody_asks() {
    let Some(server) = OpenBao::in_memory() else { return };
    server.policy("prospector", &documented_policy());
    let token = server.token(&["-policy=prospector", "-ttl=6s"]);
    let store = HashiCorpStore::new(settings(&server, token["client_token"].as_str().expect("a token")));
    store.write(&path("a"), secret("x"), Cas::Any).await.expect("writes");
    let accessor = token["accessor"].as_str().expect("an accessor").to_owned();
    tokio::task::spawn_blocking(move || {
        server.wait_for("the renewal", || {
            let about = server.bao(&["token", "lookup", "-format=json", "-accessor", &accessor]);
            about["data"]["last_renewal_time"].as_u64().is_some()
        });
    })
    .await
    .expect("was renewed");
}

#[tokio::test]
async fn a_token_that_has_expired_says_where_it_is_from_and_its_successor_is_taken_up() {
    let Some(server) = OpenBao::in_memory() else { return };
    server.policy("prospector", &documented_policy());
    let file = server.folder().join("token");
    let create = |arguments: &[&str]| {
        let token = server.token(&[&["-policy=prospector"], arguments].concat());
        std::fs::write(&file, format!("{}\n", token["client_token"].as_str().expect("a token"))).expect("writes");
        token["accessor"].as_str().expect("an accessor").to_owned()
    };
    let accessor = create(&["-ttl=2s", "-explicit-max-ttl=2s"]);
    let token = Wanted { what: "token", sources: vec![Source::File(file.clone())], remedy: "write one" };
    let store = HashiCorpStore::new(Settings { log_in: LogIn::Token(token), ..settings(&server, "") });
    store.write(&path("a"), secret("x"), Cas::Any).await.expect("writes");
    server.wait_for("its end", || server.try_bao(&["token", "lookup", "-accessor", &accessor], None).is_err());
    let error = refusal(&store).await;
    assert!(matches!(error, HashiCorpError::TokenExpired { .. }), "{error}");
    assert!(error.to_string().contains(&file.display().to_string()), "{error}");
    create(&[]);
    assert!(store.read(&path("a")).await.expect("reads with the new token").is_some());
}

#[tokio::test]
async fn a_role_logs_in_again_when_its_token_is_gone() {
    let Some(server) = OpenBao::in_memory() else { return };
    let store = by_role(&server, &["token_policies=prospector", "token_ttl=10m"]);
    store.write(&path("a"), secret("x"), Cas::Any).await.expect("writes");
    server.bao(&["token", "revoke", "-mode=path", "auth/approle"]);
    assert!(store.read(&path("a")).await.expect("reads").is_some());
    // A token that cannot be renewed at all.
    let batch = by_role_again(&server, &["token_policies=prospector", "token_type=batch", "token_ttl=2s"]);
    for version in 1..=3_u64 {
        let written = batch.write(&path("b"), secret("x"), Cas::Any).await.expect("writes");
        assert_eq!(written.get(), version);
    }
}

/// The role with other settings, and a new log-in.
fn by_role_again(server: &OpenBao, role_settings: &[&str]) -> HashiCorpStore {
    server.try_bao(&["auth", "disable", "approle"], None).expect("it can be disabled");
    by_role(server, role_settings)
}

#[tokio::test]
async fn a_role_that_is_refused_says_which_ids_to_check() {
    let Some(server) = OpenBao::in_memory() else { return };
    let wrong = |server: &OpenBao, mount: &str| {
        let (role_id, secret_id) = (held("role id", "nobody"), held("secret id", PLANTED));
        let log_in = LogIn::AppRole { mount: mount.to_owned(), role_id, secret_id };
        HashiCorpStore::new(Settings { log_in, ..settings(server, "") })
    };
    server.role(&["token_ttl=10m"]);
    for mount in ["approle", "elsewhere"] {
        let error = refusal(&wrong(&server, mount)).await;
        assert!(matches!(error, HashiCorpError::LogInRefused { .. }), "{error}");
        assert!(error.to_string().contains("the test's secret id"), "{error}");
    }
}

#[tokio::test]
async fn a_version_that_somebody_deleted_counts_as_none_and_can_be_written_over() {
    let Some(server) = OpenBao::in_memory() else { return };
    let store = as_root(&server);
    for cas in [Cas::MustNotExist, Cas::Any] {
        store.write(&path("a"), secret("x"), cas).await.expect("writes");
        server.bao(&["kv", "delete", "-mount=secret", "ghoststack/prospector/a"]);
        assert!(store.read(&path("a")).await.expect("reads").is_none());
        assert!(store.metadata(&path("a")).await.expect("reads").is_none());
    }
    let refused = store.write(&path("a"), secret("x"), Cas::Current(Version::FIRST)).await.expect_err("is gone");
    assert!(matches!(refused, VaultError::CasMismatch { current: None, .. }), "{refused}");
    assert!(!store.delete(&path("a")).await.expect("deletes what is left"));
    assert_eq!(store.write(&path("a"), secret("x"), Cas::MustNotExist).await.expect("writes"), Version::FIRST);
}

#[tokio::test]
async fn what_somebody_else_keeps_there_is_passed_over_or_named() {
    let Some(server) = OpenBao::in_memory() else { return };
    let store = as_root(&server);
    server.bao(&["kv", "put", "-mount=secret", "-format=json", "ghoststack/prospector/a", "Not A Field=1"]);
    server.bao(&["kv", "put", "-mount=secret", "-format=json", "ghoststack/prospector/odd name", "x=1"]);
    let error = refusal(&store).await;
    assert!(matches!(error, HashiCorpError::Foreign { .. }), "{error}");
    assert_eq!(store.list(None).await.expect("lists"), [path("a")]);
}

#[tokio::test]
async fn what_vaultrs_panics_on_is_an_error() {
    let nowhere = |address: &str, token: &str| {
        let log_in = LogIn::Token(held("token", token));
        HashiCorpStore::new(Settings {
            address: address.to_owned(),
            namespace: Some("line\nbreak".to_owned()),
            mount: "secret".to_owned(),
            prefix: String::new(),
            ca_file: None,
            log_in,
        })
    };
    for address in ["", "not a url", "vault.example.com:8200", "http://vault.example.com", "https://a:b@c"] {
        let error = refusal(&nowhere(address, PLANTED)).await;
        assert!(matches!(error, HashiCorpError::Address { .. }), "{error}");
    }
    let error = refusal(&nowhere("http://127.0.0.1:1", "planted-secret\n\nx")).await;
    assert!(matches!(error, HashiCorpError::UnusableCredential { .. }), "{error}");
    let error = refusal(&nowhere("http://127.0.0.1:1", "planted-secret\n")).await;
    assert!(matches!(error, HashiCorpError::Namespace { .. }), "{error}");
}

/// A server that answers everything with this.
async fn answering(status: &'static str, headers: &'static str, body: String) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("has one"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let head =
                format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(body.as_bytes()).await;
        }
    });
    address
}

#[tokio::test]
async fn what_is_no_vault_is_bounded_and_said() {
    let at = |address: String| {
        let log_in = LogIn::Token(held("token", PLANTED));
        let (mount, prefix) = ("secret".to_owned(), String::new());
        HashiCorpStore::new(Settings { address, namespace: None, mount, prefix, ca_file: None, log_in })
    };
    let flood = answering("200 OK", "", "x".repeat(wire::MAX_ANSWER_BYTES + 1)).await;
    assert!(matches!(refusal(&at(flood)).await, HashiCorpError::TooLarge { .. }));
    let page = answering("200 OK", "", format!("<html>{PLANTED}</html>")).await;
    assert!(matches!(refusal(&at(page)).await, HashiCorpError::Unexpected { .. }));
    let standby = answering("307 Temporary Redirect", "location: https://active.example/v1/x\r\n", String::new()).await;
    let error = refusal(&at(standby)).await;
    assert!(error.to_string().contains("points at https://active.example"), "{error}");
    let busy = answering("429 Too Many Requests", "", r#"{"errors":["rate limit\u001b[31m"]}"#.to_owned()).await;
    let error = refusal(&at(busy)).await;
    assert!(matches!(error, HashiCorpError::Unavailable { status: 429, .. }), "{error}");
    assert!(!error.to_string().contains('\u{1b}'));
}
