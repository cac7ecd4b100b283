//! Signatures: the key that is named when a plugin is installed has signed each later version of it.

use std::fs;

use prospector_e2e::Prospector;
use serde_json::json;

use super::minisign::Minisign;
use super::server::{Beside, Server};
use super::{board, empty, file, recorded, running, says, version};

fn id(prospector: &Prospector) -> String {
    let listed = prospector.run("plugins list --json").ok().json();
    let rows = listed["plugins"].as_array().expect("plugins").clone();
    let row = rows.iter().find(|row| row["id"] == "jobboard").expect("it is installed");
    row["recorded"]["signed_by"].as_str().expect("a key").to_owned()
}

#[test]
fn a_signed_file_is_installed_by_its_key_and_a_later_version_has_to_be_signed_by_it() {
    let Some(minisign) = Minisign::new() else { return };
    let prospector = empty();
    let component = board(&[]);
    let plugin = file(&prospector, "board.wasm", &component);
    let key = minisign.key("ada").display().to_string();
    let install = format!("plugins install --yes {}", plugin.display());
    says(&prospector.run(&format!("{install} --key {key}")).expect(6), &["it is not signed, and has to be by the key"]);

    let signature = file(&prospector, "board.wasm.minisig", minisign.sign("eve", &component, "by eve").as_bytes());
    says(&prospector.run(&format!("{install} --key {key}")).expect(6), &["it is signed by the key", "and not by"]);
    fs::write(&signature, minisign.sign("ada", &component[1..], "other bytes")).expect("written");
    says(&prospector.run(&format!("{install} --key {key}")).expect(6), &["its signature does not belong to it"]);
    fs::write(&signature, minisign.sign("ada", &component, "board 0.1.0 \u{1b}[2J")).expect("written");
    let unchecked = prospector.run(&format!("plugins install {}", plugin.display())).expect(2);
    says(&unchecked, &["It has a signature, which says that it is by the key", "That was not checked"]);
    assert!(recorded(&prospector).is_null());

    let installed = prospector.run(&format!("{install} --key {key}")).ok();
    says(&installed, &["It is signed by the key", "with the comment: board 0.1.0 [2J"]);
    assert_eq!(recorded(&prospector)["key"], json!(minisign.spelt("ada")));
    says(&prospector.run("plugins list").ok(), &[&format!("installed, signed by {}", id(&prospector))]);

    // The next version: not signed, signed by somebody else, and signed.
    let next = board(&[version("0.2.0")]);
    fs::write(&plugin, &next).expect("written");
    fs::remove_file(&signature).expect("there");
    let unsigned = prospector.run("plugins update jobboard").expect(6);
    says(&unsigned, &["it is not signed", "what is installed stays", "plugins update jobboard --new-key KEY"]);
    fs::write(&signature, minisign.sign("eve", &next, "by eve")).expect("written");
    says(&prospector.run("plugins update jobboard --yes").expect(6), &["and not by", "--new-key KEY"]);
    let other = minisign.spelt("eve");
    says(
        &prospector.run(&format!("plugins update jobboard --yes --key {other}")).expect(2),
        &["is installed with the key"],
    );
    assert_eq!(running(&prospector), "0.1.0");
    let elsewhere = file(&prospector, "next.sig", minisign.sign("ada", &next, "board 0.2.0").as_bytes());
    let updated = prospector.run(&format!("plugins update jobboard --signature {}", elsewhere.display())).ok();
    says(&updated, &["with the comment: board 0.2.0", "`jobboard` is updated to 0.2.0."]);
    assert_eq!(recorded(&prospector)["key"], json!(minisign.spelt("ada")));

    // Another key only by name, and never by silence.
    let asked = prospector.run(&format!("plugins update jobboard --new-key {other}")).expect(2);
    let agree = format!("plugins update jobboard {} --yes --new-key {other}", plugin.display());
    says(&asked, &["takes the place of", &agree]);
    assert_eq!(recorded(&prospector)["key"], json!(minisign.spelt("ada")));
    let _agreed = prospector.run(&agree).ok();
    assert_eq!(recorded(&prospector)["key"], json!(other));
    assert_eq!(running(&prospector), "0.2.0");
}

#[test]
fn a_signature_in_a_registrys_manifest_counts_as_one_beside_a_file() {
    let (Some(minisign), Some(server)) = (Minisign::new(), Server::start(false)) else { return };
    let prospector = empty();
    let key = minisign.spelt("ada");
    let push = |tag: &str, by: Option<&str>| {
        let component = board(&[version(tag)]);
        let signature = by.map(|by| minisign.sign(by, &component, &format!("board {tag}")));
        server.push(tag, &component, Beside { signature: signature.as_deref(), ..Beside::default() })
    };
    push("0.1.0", Some("ada"));
    let install = format!("plugins install --yes {} --key {key}", server.reference("0.1.0"));
    says(&prospector.run(&install).ok(), &["It is signed by the key", "with the comment: board 0.1.0"]);
    push("0.2.0", Some("eve"));
    says(&prospector.run("plugins update jobboard --yes").expect(6), &["and not by", "what is installed stays"]);
    push("0.3.0", None);
    says(&prospector.run("plugins update jobboard --yes").expect(6), &["it is not signed"]);
    assert_eq!(running(&prospector), "0.1.0");
    push("0.4.0", Some("ada"));
    says(&prospector.run("plugins update jobboard").ok(), &["with the comment: board 0.4.0", "is updated to 0.4.0."]);
}
