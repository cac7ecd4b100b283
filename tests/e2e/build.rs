//! Compiles the examples: a third platform, which the tests install, and a filter and a scorer, which they list.

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
    let example = |package, target, made, kept_as| guests::Guest { package, target, features: "", made, kept_as };
    let (board, filter, scorer) =
        ("prospector-jobboard-example", "prospector-redflags-example", "prospector-taste-example");
    let guests = [
        example(board, guests::COMPONENT, "prospector_jobboard_example.wasm", "jobboard.wasm"),
        example(filter, guests::PURE, "prospector_redflags_example.wasm", "redflags.wasm"),
        example(scorer, guests::PURE, "prospector_taste_example.wasm", "taste.wasm"),
        example(scorer, guests::COMPONENT, "prospector_taste_example.wasm", "taste-component.wasm"),
    ];
    guests::build(root, &guests)
}
