//! Builds guests from a build script: a cargo of its own, for the target of components, into a folder of its own beside the outer build's.
//!
//! Not the outer target directory itself, whose lock the outer cargo holds, and not `OUT_DIR`, of which every profile has another. Taken in
//! by build scripts with `#[path]`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What components of the world `platform` are built for.
pub const COMPONENT: &str = "wasm32-wasip2";

/// What those of pure worlds are built for: a core module without imports.
#[allow(dead_code, reason = "not every build script has one")]
pub const PURE: &str = "wasm32-unknown-unknown";

/// A component to build.
pub struct Guest<'a> {
    /// The package.
    pub package: &'a str,
    /// [`COMPONENT`] or [`PURE`].
    pub target: &'a str,
    /// Its features to switch on, separated by commas.
    pub features: &'a str,
    /// The file that cargo makes of it.
    pub made: &'a str,
    /// What that file is called in `OUT_DIR`.
    pub kept_as: &'a str,
}

/// Inlining less than half of what `opt-level` 3 does takes a twentieth off the code, which every host has to compile, and costs no speed that could
/// be measured.
const FLAGS: &str = "-Cllvm-args=-inline-threshold=120";

/// Builds the guests of the workspace at `root` and copies them into `OUT_DIR`.
///
/// # Errors
/// Text for `cargo::error`, which may have several lines of that kind.
pub fn build(root: &Path, guests: &[Guest<'_>]) -> Result<(), String> {
    for guest in guests {
        require_target(guest.target)?;
    }
    let out = PathBuf::from(variable("OUT_DIR")?);
    let folder = guests_directory(&out);
    for guest in guests {
        let mut cargo = Command::new(variable("CARGO")?);
        for (name, _) in env::vars_os() {
            if is_outer(&name.to_string_lossy()) {
                cargo.env_remove(name);
            }
        }
        cargo
            .current_dir(root)
            .env("CARGO_ENCODED_RUSTFLAGS", FLAGS)
            .args(["build", "--locked", "--profile", "guest", "--target", guest.target, "-p", guest.package])
            .args(["--features", guest.features, "--target-dir"])
            .arg(&folder);
        let built = cargo.output().map_err(|e| format!("cargo cannot be started to build {}: {e}", guest.package))?;
        if !built.status.success() {
            let said = String::from_utf8_lossy(&built.stderr).replace('\n', "\ncargo::error=");
            return Err(format!("{} does not build as a component:\ncargo::error={said}", guest.package));
        }
        let made = folder.join(guest.target).join("guest").join(guest.made);
        fs::copy(&made, out.join(guest.kept_as)).map_err(|e| format!("{} cannot be copied: {e}", made.display()))?;
    }
    Ok(())
}

/// A variable that cargo sets for build scripts.
///
/// # Errors
/// Text for `cargo::error`.
pub fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("cargo did not set {name}"))
}

/// Says what to type where the target is not installed, instead of the hundred errors that follow.
fn require_target(target: &str) -> Result<(), String> {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let said = Command::new(rustc).args(["--print", "target-libdir", "--target", target]).output();
    let there = said.is_ok_and(|said| Path::new(String::from_utf8_lossy(&said.stdout).trim()).is_dir());
    if there {
        return Ok(());
    }
    Err(format!(
        "plugins are WebAssembly components, and this Rust cannot build them yet; run: rustup target add {target}"
    ))
}

/// `<target>/guests`, of whichever target directory the outer build uses.
fn guests_directory(out: &Path) -> PathBuf {
    // OUT_DIR is <target>[/<triple>]/<profile>/build/<package>/out.
    let is_target = |folder: &&Path| folder.join("CACHEDIR.TAG").is_file() || folder.join(".rustc_info.json").is_file();
    out.ancestors().find(is_target).or_else(|| out.ancestors().nth(4)).unwrap_or(out).join("guests")
}

/// Whether a variable belongs to the outer build and would mislead the inner one.
fn is_outer(name: &str) -> bool {
    const EXACT: &[&str] = &[
        "RUSTC",
        "RUSTDOC",
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CLIPPY_ARGS",
        "CARGO_TARGET_DIR",
    ];
    const PREFIXES: &[&str] = &[
        "CARGO_BUILD_",
        "CARGO_PROFILE_",
        "CARGO_TARGET_",
        "CARGO_PKG_",
        "CARGO_CFG_",
        "CARGO_FEATURE_",
        "CARGO_MANIFEST_",
        "CARGO_ENCODED_",
    ];
    EXACT.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
