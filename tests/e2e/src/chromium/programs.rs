//! Debian's `chromium` and `chromedriver`. Too many libraries belong to them to be unpacked anywhere else, so they are installed, if they
//! are, into the system.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::parts::apt_get;

const PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-dejavu-core"];

/// Where the programs are.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    pub(super) browser: PathBuf,
    pub(super) driver: PathBuf,
}

/// The programs, or why they cannot be had.
pub(super) fn programs() -> Result<Programs, String> {
    static FOUND: OnceLock<Result<Programs, String>> = OnceLock::new();
    FOUND.get_or_init(|| find().or_else(|_| install().and_then(|()| find()))).clone()
}

fn find() -> Result<Programs, String> {
    let place = |name: &str| {
        let path = Path::new("/usr/bin").join(name);
        path.is_file()
            .then_some(path)
            .ok_or_else(|| format!("there is no /usr/bin/{name} (Debian: {})", PACKAGES[..2].join(", ")))
    };
    Ok(Programs { browser: place("chromium")?, driver: place("chromedriver")? })
}

/// Installs them on a machine that is there for tests alone; nobody else's system is changed.
fn install() -> Result<(), String> {
    if std::env::var("CI").as_deref() != Ok("true") || !rustix::process::geteuid().is_root() {
        return find().map(drop);
    }
    apt_get(
        &["install", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"],
        &PACKAGES,
        Path::new("/"),
    )
}
