//! Installing from a real registry.

use ghoststack::plugin::digest::Digest;
use serde_json::json;

use super::server::{Beside, Server};
use super::{board, empty, recorded, running, says, version};

#[test]
fn a_plugin_is_installed_from_a_registry_and_pinned_by_the_digest_of_its_manifest() {
    let Some(server) = Server::start(false) else { return };
    let component = board(&[]);
    let manifest = server.push("0.1.0", &component, Beside::default());
    let prospector = empty();
    let reference = server.reference("0.1.0");
    let unasked = prospector.run(&format!("plugins install {reference}")).expect(2);
    // Just this component is agreed to, whatever the name leads to a moment later.
    says(&unasked, &["It wishes to:", "It is not signed", &format!("plugins install {reference}@{manifest} --yes")]);
    assert!(recorded(&prospector).is_null());

    let installed = prospector.run(&format!("plugins install --yes {reference}@{manifest}")).ok();
    says(&installed, &[&format!("from {reference}@{manifest}, {}", Digest::of(&component)), "0.1.0 is installed."]);
    let entry = recorded(&prospector);
    let digest = json!(Digest::of(&component));
    assert_eq!((&entry["source"], &entry["manifest_sha256"]), (&json!(reference), &json!(manifest)));
    assert_eq!((&entry["source_sha256"], &entry["component_sha256"], &entry["key"]), (&digest, &digest, &json!(null)));
    assert_eq!(running(&prospector), "0.1.0");
    says(&prospector.run("plugins list").ok(), &["installed, unsigned"]);
    says(&prospector.run("plugins inspect jobboard").ok(), &[&format!("from         {reference}"), "signed       no"]);

    // By its digest alone there is nothing that it could become.
    let by_digest = reference.replace(":0.1.0", &format!("@{manifest}"));
    let again = prospector.run(&format!("plugins install --yes {by_digest}")).ok();
    says(&again, &["is put right."]);
    server.push("0.1.1", &board(&[version("0.1.1")]), Beside::default());
    says(&prospector.run("plugins update jobboard").ok(), &["is pinned by its digest"]);
    assert_eq!(running(&prospector), "0.1.0");
}

#[test]
fn a_component_that_was_changed_is_put_right_from_the_registry() {
    let Some(server) = Server::start(false) else { return };
    let manifest = server.push("0.1.0", &board(&[]), Beside::default());
    let prospector = empty();
    let _installed = prospector.run(&format!("plugins install --yes {}", server.reference("0.1.0"))).ok();
    std::fs::write(prospector.home.path().join("plugins/jobboard.wasm"), b"other").expect("written");
    let refused = prospector.run("plugins inspect jobboard").expect(6);
    let repair = format!("plugins install {}@{manifest}", server.reference("0.1.0"));
    says(&refused, &["is not the one that was installed", &repair]);
    let _repaired = prospector.run(&format!("{repair} --yes")).ok();
    assert_eq!(running(&prospector), "0.1.0");
}

#[test]
fn what_is_in_a_registry_and_no_component_is_told_apart() {
    let Some(server) = Server::start(false) else { return };
    let prospector = empty();
    server.push(
        "old",
        &board(&[]),
        Beside { layer: Some("application/vnd.wasm.content.layer.v1+wasm"), ..Beside::default() },
    );
    let _older_tools = prospector.run(&format!("plugins install --yes {}", server.reference("old"))).ok();
    let manifest = server.push("0.1.0", b"#!/bin/sh", Beside::default());
    server.push("text", b"text", Beside { layer: Some("text/plain"), ..Beside::default() });
    let kind = "application/vnd.oci.image.index.v1+json";
    let of = json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": manifest, "size": 1});
    // The registry takes an index only of manifests that it has, of the size that they have.
    let mut of = of;
    of["size"] = json!(manifest_size(b"#!/bin/sh"));
    server.manifest("index", &json!({"schemaVersion": 2, "mediaType": kind, "manifests": [of]}));
    let choice = format!("name it by its digest, @{manifest}");
    let nobody = server.reference("9.9.9");
    for (tag, code, words) in [
        ("0.1.0", 6, "not WebAssembly"),
        ("text", 6, "a layer of the type text/plain"),
        ("index", 6, choice.as_str()),
        ("9.9.9", 9, "has no ada/board:9.9.9; check name and version"),
    ] {
        let refused = prospector.run(&format!("plugins install --yes {}", server.reference(tag))).expect(code);
        says(&refused, &[words]);
    }
    drop(server);
    says(&prospector.run(&format!("plugins install --yes {nobody}")).expect(5), &["cannot be reached"]);
    says(&prospector.run("plugins install --yes oci://127.0.0.1/board").expect(2), &["does not say which version"]);
}

/// Bytes of the manifest that is pushed with a component.
fn manifest_size(component: &[u8]) -> usize {
    let descriptor = |kind: &str, bytes: &[u8]| json!({"mediaType": kind, "digest": Digest::of(bytes).to_string(), "size": bytes.len()});
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor("application/vnd.wasm.config.v0+json", b"{}"),
        "layers": [descriptor("application/wasm", component)],
    })
    .to_string()
    .len()
}
