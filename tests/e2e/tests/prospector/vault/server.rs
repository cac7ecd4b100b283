//! Credentials at an OpenBao server, through the program.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use openbao_server::{OpenBao, ROOT};
use prospector_e2e::prospector::finish;
use prospector_e2e::{Home, Prospector, Sim};

use super::{connect, documented_policy, kept, run, with_vault};
use crate::support::{at, pointed_at};

/// The program with a role at a server whose policy is the documented one.
fn by_role(sim: &Sim, server: &OpenBao) -> Prospector {
    server.policy("prospector", &documented_policy());
    let (role, secret) = server.role(&["token_policies=prospector", "token_ttl=5m"]);
    let file = server.folder().join("secret-id");
    fs::write(&file, format!("{secret}\n")).expect("writes");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("permissions");
    let (address, file) = (server.address(), file.display());
    let section = format!("{{ address: '{address}', auth: approle, role_id: '{role}', secret_id_file: '{file}' }}");
    with_vault(sim, &format!("{{ backend: hashicorp, hashicorp: {section} }}"))
}

#[test]
fn a_log_in_lives_and_dies_at_the_server_and_leaves_no_credential_in_the_home() {
    let Some(server) = OpenBao::in_memory() else { return };
    let sim = Sim::agreeing();
    let prospector = by_role(&sim, &server);
    let connected = connect(&prospector, &[]).ok();
    assert!(connected.stdout.contains("Authorization successful. Tokens stored in Vault."), "{}", connected.stdout);
    assert!(kept(&server).contains("credentials"), "{}", kept(&server));
    assert!(!prospector.home.path().join("prospector/vault").exists());
    let _scanned = prospector.run("scan").ok();

    let status = prospector.run("status").ok();
    assert!(status.stdout.contains("Status: Connected"), "{}", status.stdout);
    let status = status.stderr;
    assert!(
        status.contains(&format!("Vault: hashicorp ({}, secret/ghoststack/prospector; ", server.address())),
        "{status}"
    );
    assert!(status.contains("AppRole log-in at auth/approle"), "{status}");
    let vault = prospector.run("vault status --json").ok().json();
    assert_eq!((vault["state"].as_str(), vault["secrets"].as_u64()), (Some("ok"), Some(1)), "{vault}");
    assert_eq!(vault["version"], "2.7.2");

    // A token that was replaced is replaced at the server too.
    sim.freelancer().expire(false);
    let _renewed = prospector.run("status").ok();
    let _disconnected = prospector.run("disconnect freelancer").ok();
    assert_eq!(prospector.run("vault status --json").ok().json()["secrets"], 0);
    assert!(!kept(&server).contains("credentials"), "{}", kept(&server));
}

#[test]
fn a_server_that_is_sealed_or_gone_in_between_is_said_and_taken_up_again() {
    let Some(server) = OpenBao::with_storage() else { return };
    server.initialise();
    server.mount("secret", &[]);
    let sim = Sim::agreeing();
    let prospector = by_role(&sim, &server);
    let _connected = connect(&prospector, &[]).ok();

    server.seal();
    for (line, code) in
        [("status --offline", 7), ("status", 7), ("scan", 5), ("vault status", 7), ("disconnect freelancer", 7)]
    {
        let refused = prospector.run(line);
        let said = format!("{}{}", refused.stdout, refused.stderr);
        assert_eq!(refused.code, code, "{line}: {said}");
        assert!(said.contains("is sealed") && !said.contains("prospector connect"), "{line}: {said}");
    }
    assert_eq!(prospector.run("vault status --json").expect(7).json()["state"], "sealed");
    // No token is obtained that could not be kept.
    let asked = sim.requests("/oauth").len();
    let refused = connect(&prospector, &[]).expect(7);
    assert!(refused.stderr.contains("is sealed"), "{}", refused.stderr);
    assert_eq!(sim.requests("/oauth").len(), asked);
    server.unseal();
    let _scanned = prospector.run("scan").ok();

    server.stop();
    assert_eq!(prospector.run("vault status --json").expect(7).json()["state"], "unreachable");
    server.restart();
    assert_eq!(prospector.run("vault status --json").expect(7).json()["state"], "sealed");
    server.unseal();
    assert!(prospector.run("status").ok().stdout.contains("Status: Connected"));
}

#[test]
fn what_vaults_own_tools_read_fills_what_the_file_leaves_out() {
    let Some(server) = OpenBao::in_memory() else { return };
    let sim = Sim::agreeing();
    let prospector = with_vault(&sim, "{ backend: hashicorp }");
    let nowhere = prospector.run("config validate").expect(3);
    assert!(nowhere.stderr.contains("nothing says where the server is"), "{}", nowhere.stderr);
    let address = server.address();
    let bad = run(&prospector, "config validate", &[("VAULT_ADDR", "vault.example.com")]).expect(3);
    assert!(bad.stderr.contains("VAULT_ADDR"), "{}", bad.stderr);

    let at_server = ("VAULT_ADDR", address.as_str());
    let _valid = run(&prospector, "config validate", &[at_server]).ok();
    let tokenless = run(&prospector, "vault status", &[at_server]).expect(7);
    assert!(tokenless.stdout.contains("there is no token"), "{}", tokenless.stdout);
    // As `vault login` leaves it, line end and all.
    let person = prospector.home.beside("person");
    fs::create_dir_all(&person).expect("a folder");
    fs::write(person.join(".vault-token"), format!("{ROOT}\n")).expect("writes");
    let home = person.display().to_string();
    let _connected = connect(&prospector, &[at_server, ("HOME", &home)]).ok();
    let by_variable = run(&prospector, "vault status --json", &[at_server, ("VAULT_TOKEN", ROOT)]).ok().json();
    assert_eq!(by_variable["secrets"], 1, "{by_variable}");
    assert!(by_variable["protection"].as_str().expect("a text").contains("token from VAULT_TOKEN"), "{by_variable}");

    // Set for another program, they change nothing.
    let embedded = pointed_at(&sim);
    let elsewhere = run(&embedded, "vault status --json", &[at_server, ("VAULT_TOKEN", ROOT)]).ok().json();
    assert_eq!(elsewhere["backend"], "embedded");
}

#[test]
fn no_credential_for_the_server_reaches_an_output_or_a_file() {
    let Some(server) = OpenBao::in_memory() else { return };
    let sim = Sim::agreeing();
    server.policy("prospector", &documented_policy());
    let made = server.token(&["-policy=prospector", "-ttl=10m"]);
    let token = made["client_token"].as_str().expect("a token");
    let section = format!("{{ backend: hashicorp, hashicorp: {{ address: '{}' }} }}", server.address());
    let prospector = with_vault(&sim, &section);
    let environment = [("VAULT_TOKEN", token)];
    let mut said = String::new();
    for line in
        ["status -vvv", "vault status -vvv --json", "config show --json", "scan -vvv", "disconnect freelancer -vvv"]
    {
        let connected = connect(&prospector, &environment);
        let outcome = run(&prospector, line, &environment);
        said.push_str(&[connected.stdout, connected.stderr, outcome.stdout, outcome.stderr].concat());
    }
    server.bao(&["token", "revoke", "-accessor", made["accessor"].as_str().expect("an accessor")]);
    let refused = run(&prospector, "vault status -vvv", &environment).expect(7);
    assert!(refused.stdout.contains("does not accept the token from VAULT_TOKEN"), "{}", refused.stdout);
    said.push_str(&[refused.stdout, refused.stderr].concat());
    for secret in sim.freelancer().tokens().iter().map(String::as_str).chain([token]) {
        assert!(!said.contains(secret), "{secret} was printed");
        for (path, (_, bytes)) in prospector.home.contents() {
            let held = bytes.is_some_and(|bytes| bytes.windows(secret.len()).any(|piece| piece == secret.as_bytes()));
            assert!(!held, "{} holds {secret}", path.display());
        }
    }
}

#[test]
fn a_policy_that_lacks_something_is_said_before_anybody_logs_in() {
    let Some(server) = OpenBao::in_memory() else { return };
    let sim = Sim::agreeing();
    server.policy("reader", "path \"secret/data/ghoststack/prospector/*\" { capabilities = [\"read\"] }");
    let made = server.token(&["-policy=reader"]);
    let section = format!("{{ backend: hashicorp, hashicorp: {{ address: '{}' }} }}", server.address());
    let prospector = with_vault(&sim, &section);
    let refused = connect(&prospector, &[("VAULT_TOKEN", made["client_token"].as_str().expect("a token"))]).expect(7);
    for part in ["create or update secret/data/ghoststack/prospector/", "its policy needs"] {
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
    assert!(sim.freelancer().requests().is_empty());
}

#[test]
fn a_private_authority_is_named_by_the_file_or_by_vault_cacert() {
    let Some(server) = OpenBao::with_tls() else { return };
    let section = format!("vault: {{ backend: hashicorp, hashicorp: {{ address: '{}' }} }}\n", server.address());
    let prospector = at(Home::configured(&section));
    let token = ("VAULT_TOKEN", ROOT);
    let refused = run(&prospector, "vault status", &[token]).expect(7);
    assert!(refused.stdout.contains("certificate that is not trusted"), "{}", refused.stdout);
    let authority = server.authority().display().to_string();
    let _served = run(&prospector, "vault status", &[token, ("VAULT_CACERT", &authority)]).ok();
    prospector.home.configure(&section.replace(" } }", &format!(", ca_file: '{authority}' }} }}")));
    let _served = finish(prospector.command(["vault", "status"]).env("VAULT_TOKEN", ROOT)).ok();
}
