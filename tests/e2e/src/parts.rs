//! Real parts that tests need and that this machine may lack: got once, by the ordinary commands of those that offer them.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

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

/// Has Debian's `apt-get` do something with packages, in a folder; what there is is looked up first where it does not know them. One at a time: it locks
/// its lists, and fails where another one has.
///
/// # Errors
/// Those of [`run`].
pub fn apt_get(arguments: &[&str], packages: &[&str], folder: &Path) -> Result<(), String> {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        run(command.args(arguments).current_dir(folder).env("DEBIAN_FRONTEND", "noninteractive")).map(drop)
    };
    let asked = [arguments, packages].concat();
    apt(&asked).or_else(|_| {
        // A machine that has never looked does not know which packages there are, or where they are by now.
        apt(&["update"])?;
        apt(&asked)
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_made_again_only_where_it_failed_or_is_to_be_another() {
        let outer = tempfile::tempdir().expect("a folder");
        let folder = outer.path().join("part-1.0");
        let mut made = Vec::new();
        for (of, works) in [("a", false), ("a", true), ("a", true), ("b", true), ("b", true)] {
            let done = once(&folder, of.as_bytes(), || {
                made.push((of, works));
                if works { Ok(()) } else { Err("no network".to_owned()) }
            });
            assert_eq!(done.is_ok(), works, "{of}");
        }
        assert_eq!(made, [("a", false), ("a", true), ("b", true)]);
        assert!(run(Command::new("false").arg("x")).expect_err("it fails").contains("false"));
        assert_eq!(run(Command::new("echo").arg("x")), Ok("x\n".to_owned()));
    }
}
