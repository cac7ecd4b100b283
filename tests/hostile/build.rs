//! Compiles the hostile guest: once as a plain platform, once with the optional `assessment`, `profile` and `wake`.

use std::path::PathBuf;

#[path = "../../build/guests.rs"]
mod guests;

const PACKAGE: &str = "prospector-hostile-guest";
const MADE: &str = "prospector_hostile_guest.wasm";

fn main() {
    if let Err(error) = build() {
        println!("cargo::error={error}");
    }
}

fn build() -> Result<(), String> {
    let manifest = PathBuf::from(guests::variable("CARGO_MANIFEST_DIR")?);
    let root = manifest.ancestors().nth(2).ok_or("the tests have no workspace around them")?;
    for watched in ["wit", "build", "tests/hostile/guest", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    let guest = |features, kept_as| guests::Guest {
        package: PACKAGE,
        target: guests::COMPONENT,
        features,
        made: MADE,
        kept_as,
    };
    guests::build(root, &[guest("", "platform.wasm"), guest("assessment,profile,proposals,wake", "assessing.wasm")])
}
