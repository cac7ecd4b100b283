//! Compiles the built-in plugins to components, which the program embeds, with the contract and what plugins' authors begin with.

#[path = "../build/guests.rs"]
mod guests;
#[path = "../build/kit.rs"]
mod kit;

use std::path::{Path, PathBuf};

use guests::Guest;

/// The built-in plugins.
const PLUGINS: &[Guest<'_>] = &[
    Guest {
        package: "prospector-freelancer",
        target: guests::COMPONENT,
        features: "",
        made: "prospector_freelancer.wasm",
        kept_as: "prospector_freelancer.wasm",
    },
    Guest {
        package: "prospector-upwork",
        target: guests::COMPONENT,
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
    keep_contract(&root.join("wit"))?;
    kit::keep(root, &PathBuf::from(guests::variable("OUT_DIR")?))?;
    guests::build(root, PLUGINS)
}

/// Writes the list of the contract's files for the program to include: it makes components of core modules by them, and writes them beside projects.
fn keep_contract(wit: &Path) -> Result<(), String> {
    let unreadable = |e: std::io::Error| format!("{} cannot be read: {e}", wit.display());
    let mut list = String::from("&[\n");
    let mut files =
        std::fs::read_dir(wit).and_then(|files| files.collect::<Result<Vec<_>, _>>()).map_err(unreadable)?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    for path in files.into_iter().map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "wit")) {
        let name = path.file_name().unwrap_or_default();
        list.push_str(&format!("({name:?}, include_str!({path:?})),\n"));
    }
    list.push(']');
    let kept = PathBuf::from(guests::variable("OUT_DIR")?).join("contract.rs");
    std::fs::write(&kept, list).map_err(|e| format!("{} cannot be written: {e}", kept.display()))
}
