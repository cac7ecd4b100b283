//! Compiles the built-in plugins to components, which the program embeds.

#[path = "../build/guests.rs"]
mod guests;

use std::path::PathBuf;

use guests::Guest;

/// The built-in plugins.
const PLUGINS: &[Guest<'_>] = &[
    Guest {
        package: "prospector-freelancer",
        features: "",
        made: "prospector_freelancer.wasm",
        kept_as: "prospector_freelancer.wasm",
    },
    Guest {
        package: "prospector-upwork",
        features: "",
        made: "prospector_upwork.wasm",
        kept_as: "prospector_upwork.wasm",
    },
];

fn main() {
    if let Err(error) = build() {
        println!("cargo::error={error}");
    }
}

fn build() -> Result<(), String> {
    let manifest = PathBuf::from(guests::variable("CARGO_MANIFEST_DIR")?);
    let root = manifest.parent().ok_or("the host has no workspace around it")?;
    for watched in ["build", "wit", "plugins", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    guests::build(root, PLUGINS)
}
