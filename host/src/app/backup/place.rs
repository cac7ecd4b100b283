//! The one moment in which a restored home takes the place of the former one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::BackupError;
use super::staging::{Staging, flush_folder_of};

/// Moves a staging folder to where the home is. The former home is kept beside it, and its path returned.
pub fn put_in_place(staging: Staging, home: &Path, is_there: bool, now: i64) -> Result<Option<PathBuf>, BackupError> {
    let failed = |error: io::Error| BackupError::io(home, "replaced", &error);
    if !is_there {
        // Over an empty folder it is one step too.
        fs::rename(staging.path(), home).map_err(failed)?;
        flush_folder_of(home);
        return Ok(None);
    }
    let kept = name_for(home, now);
    if exchange(staging.path(), home).map_err(failed)? {
        // The former home is where the staging folder was now: it must not go with that.
        let former = staging.keep();
        fs::rename(&former, &kept).map_err(|error| {
            failed(io::Error::other(format!(
                "{error}; the backup is restored, and the former home is {}",
                former.display()
            )))
        })?;
    } else {
        fs::rename(home, &kept).map_err(failed)?;
        fs::rename(staging.path(), home).map_err(|error| {
            // What cannot be moved back is told of below, by its new name.
            let undone = fs::rename(&kept, home);
            let error = undone.err().map_or(error, |undone| {
                io::Error::other(format!("{undone}; the home is now {}: move it back", kept.display()))
            });
            failed(error)
        })?;
    }
    flush_folder_of(home);
    Ok(Some(kept))
}

/// Exchanges two folders in one step; false where the system or the file system cannot.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::NOSYS | Errno::INVAL) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// `<home>.before-restore-20261101T120000Z`, with a number after it where that is taken.
fn name_for(home: &Path, now: i64) -> PathBuf {
    let at = Timestamp::from_second(now).map_or_else(|_| now.to_string(), |at| at.to_string());
    let at: String = at.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let named = |number: u32| {
        let mut name = home.as_os_str().to_owned();
        name.push(format!(".before-restore-{at}"));
        if number > 1 {
            name.push(format!("-{number}"));
        }
        PathBuf::from(name)
    };
    (1..).map(named).find(|path| path.symlink_metadata().is_err()).unwrap_or_else(|| named(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_home_is_kept_and_a_second_one_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path().join("home");
        let staged = |text: &str| {
            let staging = Staging::beside(&home).expect("a staging folder");
            staging.put("file", text.as_bytes()).expect("written");
            staging
        };
        assert_eq!(put_in_place(staged("one"), &home, false, 0).expect("moved"), None);
        for (text, name) in
            [("two", "home.before-restore-19700101T000000Z"), ("three", "home.before-restore-19700101T000000Z-2")]
        {
            let former = fs::read_to_string(home.join("file")).expect("there");
            let kept = put_in_place(staged(text), &home, true, 0).expect("moved").expect("kept");
            assert_eq!(kept, folder.path().join(name));
            assert_eq!(fs::read_to_string(kept.join("file")).expect("kept"), former);
            assert_eq!(fs::read_to_string(home.join("file")).expect("there"), text);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 3);
    }
}
