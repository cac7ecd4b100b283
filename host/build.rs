//! Compiles the built-in plugins to components, which the program embeds.
//!
//! They are built by a cargo of their own, for another target, into a folder of their own beside the outer build's: not the same one, whose
//! lock the outer cargo holds, and not `OUT_DIR`, of which every profile has another.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-wasip2";
/// Packages, and the component that each makes.
const PLUGINS: &[(&str, &str)] = &[("prospector-freelancer", "prospector_freelancer.wasm")];

fn main() {
    if let Err(error) = build() {
        println!("cargo::error={error}");
    }
}

fn build() -> Result<(), String> {
    let manifest = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let root = manifest.parent().ok_or("the host has no workspace around it")?.to_owned();
    for watched in ["wit", "plugins", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    require_target()?;
    let out = PathBuf::from(variable("OUT_DIR")?);
    let guests = guests_directory(&out);
    let mut cargo = Command::new(variable("CARGO")?);
    for (name, _) in env::vars_os() {
        if is_outer(&name.to_string_lossy()) {
            cargo.env_remove(name);
        }
    }
    cargo
        .current_dir(&root)
        .env("CARGO_ENCODED_RUSTFLAGS", "")
        .args(["build", "--locked", "--profile", "guest", "--target", TARGET, "--target-dir"])
        .arg(&guests);
    for (package, _) in PLUGINS {
        cargo.args(["-p", package]);
    }
    let built = cargo.output().map_err(|e| format!("cargo cannot be started to build the built-in plugins: {e}"))?;
    if !built.status.success() {
        let said = String::from_utf8_lossy(&built.stderr).replace('\n', "\ncargo::error=");
        return Err(format!("the built-in plugins do not build:\ncargo::error={said}"));
    }
    for (_, file) in PLUGINS {
        let made = guests.join(TARGET).join("guest").join(file);
        fs::copy(&made, out.join(file)).map_err(|e| format!("{} cannot be copied: {e}", made.display()))?;
    }
    Ok(())
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("cargo did not set {name}"))
}

/// Says what to type where the target is not installed, instead of the hundred errors that follow.
fn require_target() -> Result<(), String> {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let said = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output();
    let there = said.is_ok_and(|said| Path::new(String::from_utf8_lossy(&said.stdout).trim()).is_dir());
    if there { Ok(()) } else { Err(format!("the built-in plugins are WebAssembly components, and this Rust cannot build them yet; run: rustup target add {TARGET}")) }
}

/// `<target>/guests`, of whichever target directory the outer build uses.
fn guests_directory(out: &Path) -> PathBuf {
    // OUT_DIR is <target>[/<triple>]/<profile>/build/<package>/out.
    let target = out.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file() || folder.join(".rustc_info.json").is_file());
    target.or_else(|| out.ancestors().nth(4)).unwrap_or(out).join("guests")
}

/// Whether a variable belongs to the outer build and would mislead the inner one.
fn is_outer(name: &str) -> bool {
    const EXACT: &[&str] = &["RUSTC", "RUSTDOC", "RUSTFLAGS", "RUSTDOCFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CLIPPY_ARGS", "CARGO_TARGET_DIR"];
    const PREFIXES: &[&str] = &[
        "CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_TARGET_", "CARGO_PKG_", "CARGO_CFG_", "CARGO_FEATURE_", "CARGO_MANIFEST_", "CARGO_ENCODED_",
    ];
    EXACT.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
