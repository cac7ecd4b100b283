//! Compiles the example of a third platform, which the tests install.

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
    for watched in ["wit", "build", "plugins/sdk", "plugins/examples", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    let board = guests::Guest {
        package: "prospector-jobboard-example",
        features: "",
        made: "prospector_jobboard_example.wasm",
        kept_as: "jobboard.wasm",
    };
    guests::build(root, &[board])
}
