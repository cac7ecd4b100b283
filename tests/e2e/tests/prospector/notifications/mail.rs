//! E-mail, against a server that others wrote.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use prospector_e2e::home::free_port;
use prospector_e2e::parts::run;
use prospector_e2e::prospector::finish;
use prospector_e2e::{Outcome, Prospector};

use super::witness::{Witness, python};
use super::{PASSWORD, private_file, with_channels};
use crate::support::missing;

/// An address of this machine that is not called one: what goes there is protected as on a network.
const AS_ON_A_NETWORK: &str = "0.0.0.0";

fn can_be_served() -> bool {
    if let Err(why) = python() {
        missing(&format!("the mail server cannot be installed: {why}"));
    }
    python().is_ok()
}

fn with_mail(host: &str, port: u16, password: &str) -> Prospector {
    let prospector = with_channels(&format!(
        "notifications:\n  email: {{ host: '{host}', port: {port}, from: prospector@b.example, to: [a@b.example, c@d.example], username: me, password_file: ../mail-password }}\n"
    ));
    private_file(&prospector, "mail-password", password);
    prospector
}

fn test(prospector: &Prospector, authority: Option<&Path>) -> Outcome {
    let mut command = prospector.command(["notify", "test"]);
    if let Some(authority) = authority {
        command.env("SSL_CERT_FILE", authority);
    }
    finish(&mut command)
}

/// A certificate for these addresses and its key, signed by itself; none without `openssl`.
fn certificate(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let mut openssl = Command::new("openssl");
    openssl.args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=mail -addext subjectAltName=IP:0.0.0.0,IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE -keyout".split(' '));
    match run(openssl.arg(&key).arg("-out").arg(&certificate)) {
        Ok(_) => Some((certificate, key)),
        Err(why) => {
            missing(&format!("no certificate can be made: {why}"));
            None
        }
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn a_server_on_this_machine_gets_the_mail_after_a_log_in() {
    if !can_be_served() {
        return;
    }
    let port = free_port();
    let mut server = Witness::start(&["mail", "plain", &port.to_string()]);
    let _told = test(&with_mail("localhost", port, PASSWORD), None).ok();
    let mail = server.next();
    assert_eq!(
        (mail["from"].as_str(), mail["to"].to_string()),
        (Some("prospector@b.example"), r#"["a@b.example","c@d.example"]"#.to_owned())
    );
    assert_eq!(mail["user"], "me");
    let data = mail["data"].as_str().expect("text");
    for words in ["Subject: Prospector: a test\r\n", "Message-ID: <evt_", "Notifications reach you here."] {
        assert!(data.contains(words), "{words}: {data}");
    }
    let refused = test(&with_mail("localhost", port, "planted-wrong-password"), None).expect(1);
    assert!(refused.stdout.contains("status 535; check username and password_file"), "{}", refused.stdout);
    assert!(!refused.stdout.contains("planted"), "{}", refused.stdout);
}

#[test]
fn over_a_network_mail_goes_within_tls_to_a_server_that_proves_who_it_is() {
    if !can_be_served() {
        return;
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    let Some((certificate, key)) = certificate(folder.path()) else { return };
    let port = free_port();
    let mut server = Witness::start(&["mail", "starttls", &port.to_string(), path(&certificate), path(&key)]);
    let prospector = with_mail(AS_ON_A_NETWORK, port, PASSWORD);
    let unknown = test(&prospector, None).expect(1);
    assert!(unknown.stdout.contains("certificate"), "{}", unknown.stdout);
    let _told = test(&prospector, Some(&certificate)).ok();
    let mail = server.next();
    assert_eq!((mail["tls"].as_bool(), mail["user"].as_str()), (Some(true), Some("me")));
}

#[test]
fn over_a_network_nothing_is_sent_without_tls() {
    if !can_be_served() {
        return;
    }
    let port = free_port();
    let mut server = Witness::start(&["mail", "plain", &port.to_string()]);
    let refused = test(&with_mail(AS_ON_A_NETWORK, port, PASSWORD), None).expect(1);
    assert!(refused.stdout.contains("email: failed"), "{}", refused.stdout);
    // The next mail that arrives is the first.
    let _told = test(&with_mail("127.0.0.1", port, PASSWORD), None).ok();
    assert_eq!(server.next()["tls"], false);
    assert!(refused.stdout.to_lowercase().contains("starttls"), "{}", refused.stdout);
}

#[test]
fn port_465_is_spoken_to_within_tls_from_the_first_byte() {
    if !can_be_served() {
        return;
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    let Some((certificate, key)) = certificate(folder.path()) else { return };
    // No test may ask for the right to listen there.
    if let Err(why) = TcpListener::bind(("127.0.0.1", 465)) {
        println!("skipped: port 465 of this machine cannot be listened on: {why}");
        return;
    }
    let mut server = Witness::start(&["mail", "implicit", "465", path(&certificate), path(&key)]);
    let _told = test(&with_mail("127.0.0.1", 465, PASSWORD), Some(&certificate)).ok();
    assert_eq!(server.next()["user"], "me");
    assert!(fs::metadata(&certificate).is_ok());
}
