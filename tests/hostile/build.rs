//! Compiles the hostile guest, once as a plain platform and once with optional interfaces, and the one for a version of the contract that does not exist.

use std::path::PathBuf;

#[path = "../../build/guests.rs"]
mod guests;

fn main() {
    if let Err(error) = build() {
        println!("cargo::error={error}");
    }
}

fn build() -> Result<(), String> {
    let manifest = PathBuf::from(guests::variable("CARGO_MANIFEST_DIR")?);
    let root = manifest.ancestors().nth(2).ok_or("the tests have no workspace around them")?;
    for watched in ["wit", "build", "tests/hostile/guest", "tests/hostile/madeup", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    let hostile = |features, kept_as| guests::Guest {
        package: "prospector-hostile-guest",
        target: guests::COMPONENT,
        features,
        made: "prospector_hostile_guest.wasm",
        kept_as,
    };
    let made_up = |target, features, kept_as| guests::Guest {
        package: "prospector-made-up-guest",
        target,
        features,
        made: "prospector_made_up_guest.wasm",
        kept_as,
    };
    let all = [
        hostile("", "platform.wasm"),
        hostile("assessment,profile,proposals,wake", "assessing.wasm"),
        hostile("wasi-http", "wasi-http.wasm"),
        made_up(guests::COMPONENT, "", "made-up-platform.wasm"),
        made_up(guests::PURE, "filter", "made-up-filter.wasm"),
    ];
    guests::build(root, &all)
}
