//! Real parts that tests need and that this machine may lack: got once, by the ordinary commands of those that offer them.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

/// Runs a command to its end: what it printed, or all that helps to see why it failed.
///
/// # Errors
/// Where it cannot be started, or ends otherwise than well.
pub fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(format!("{command:?}\n{}{}", text(&output.stdout), text(&output.stderr))),
    }
}

/// Has `make` put something into a folder, unless it is there already and was made of the same.
///
/// # Errors
/// Those of `make`, or where the folder cannot be written.
pub fn once(folder: &Path, of: &[u8], make: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    // Several test programs may be the first at the same time.
    let lock = File::create(beside(folder, ".lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let mark = beside(folder, ".made");
    if fs::read(&mark).is_ok_and(|made| made == of) {
        return Ok(());
    }
    make()?;
    fs::write(&mark, of).map_err(|error| error.to_string())
}

fn beside(folder: &Path, ending: &str) -> OsString {
    let mut path = folder.as_os_str().to_owned();
    path.push(ending);
    path
}
