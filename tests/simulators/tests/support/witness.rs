//! Independent witnesses: the platforms' official clients, installed once in the target directory.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the witnesses live.
pub fn home(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// A folder beside the tests.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// Runs a command; what it printed, or all that helps to see why it failed.
pub fn run(command: &mut Command) -> Result<String, String> {
    let shown = format!("{command:?}");
    let output = command.output().map_err(|error| format!("{shown}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(format!("{shown}\n{}\n{}", text(&output.stdout), text(&output.stderr)))
    }
}

/// A Python of its own with packages in it: each list of arguments is one `pip install` with pinned hashes.
pub fn python(name: &str, installs: &[Vec<&str>]) -> Result<PathBuf, String> {
    let home = home(name);
    let python = home.join("bin/python");
    let done = home.join("installed");
    if done.exists() {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
    for arguments in installs {
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"])
            .args(arguments))?;
    }
    std::fs::write(&done, "").map_err(|error| error.to_string())?;
    Ok(python)
}

/// The witness, or a loud word that it could not be called. In CI it must be there.
pub fn called<T>(witness: Result<T, String>) -> Option<T> {
    match witness {
        Ok(witness) => Some(witness),
        Err(reason) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "the official client cannot be installed:\n{reason}");
            println!("SKIPPED: the official client cannot be installed:\n{reason}");
            None
        }
    }
}

/// Lets a witness check; panics with what it printed unless it is content.
pub fn content(checked: Result<String, String>) {
    match checked {
        Ok(output) => assert!(output.contains("all checks passed"), "{output}"),
        Err(output) => panic!("{output}"),
    }
}
