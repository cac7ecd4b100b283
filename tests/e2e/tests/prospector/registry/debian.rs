//! Programs of Debian's, unpacked in the target directory without installing anything.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use prospector_e2e::parts::{apt_get, once, run};

use crate::support::missing;

/// A folder with these packages' files, or none where they cannot be had, which has been said.
pub fn unpacked(name: &str, packages: &[&str]) -> Option<PathBuf> {
    match unpack(name, packages) {
        Ok(folder) => Some(folder),
        Err(why) => {
            missing(&format!("Debian's {} cannot be had: {why}", packages.join(" and ")));
            None
        }
    }
}

fn unpack(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    once(&folder, packages.join(" ").as_bytes(), || {
        apt_get(&["download"], packages, &folder)?;
        for file in fs::read_dir(&folder).map_err(|error| error.to_string())?.flatten() {
            if file.path().extension().is_some_and(|extension| extension == "deb") {
                run(Command::new("dpkg").arg("-x").arg(file.path()).arg(&folder))?;
            }
        }
        Ok(())
    })?;
    Ok(folder)
}
