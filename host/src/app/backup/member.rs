//! What an archive may hold: these files and no others, at these places.

use crate::config::LARGEST_FILE;
use crate::plugin::component::MAX_COMPONENT;
use crate::plugin::grant;

/// What is in the archive, with digests. It comes first.
pub const MANIFEST: &str = "manifest.json";
/// The configuration.
pub const CONFIGURATION: &str = "prospector.yaml";
/// What is installed.
pub const LOCK: &str = "plugins.lock";
/// Leads, scans, what plugins keep, the audit.
pub const DATABASE: &str = "prospector/store.db";
/// Credentials, encrypted.
pub const SEALED: &str = "credentials.sealed";

/// The most files of an archive.
pub const MOST_FILES: usize = 5_000;
/// The most bytes of all files together: 16 GiB.
pub const MOST_BYTES: u64 = 16 << 30;
/// Names that a path has at most.
pub const DEEPEST: usize = 8;
/// The longest path, in bytes: what tar's oldest format has room for in any case.
const LONGEST: usize = 100;

const TEMPLATES: &str = "prospector/templates/";

/// The most bytes of a member; none for what is no member.
pub fn bound(path: &str) -> Option<u64> {
    if !is_plain(path) {
        return None;
    }
    match path {
        MANIFEST => Some(4 << 20),
        CONFIGURATION => Some(LARGEST_FILE as u64),
        LOCK => Some(8 << 20),
        // A byte more would not fit tar's oldest format.
        DATABASE => Some((8 << 30) - 1),
        SEALED => Some(64 << 20),
        _ if path.starts_with(TEMPLATES) => Some(1 << 20),
        _ => {
            let id = path.strip_prefix("plugins/")?.strip_suffix(".wasm")?;
            grant::is_id(id).then_some(MAX_COMPONENT as u64)
        }
    }
}

/// Whether it is a path below a folder, in every reading: relative, without `.` and `..`, of characters that no system takes for more.
fn is_plain(path: &str) -> bool {
    let names = path.split('/').count();
    path.len() <= LONGEST
        && names <= DEEPEST
        && path.split('/').all(|name| {
            !matches!(name, "" | "." | "..") && !name.chars().any(|c| c.is_control() || matches!(c, '\\' | ':'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_places_are_taken() {
        for path in [
            MANIFEST,
            CONFIGURATION,
            LOCK,
            DATABASE,
            SEALED,
            "plugins/board.wasm",
            "prospector/templates/short.md",
            "prospector/templates/de/kurz und gut.md",
        ] {
            assert!(bound(path).is_some(), "{path}");
        }
        for path in [
            "",
            "/etc/passwd",
            "../prospector.yaml",
            "prospector/../prospector.yaml",
            "prospector/templates/../../plugins.lock",
            "prospector/templates/..",
            "prospector/templates/",
            "prospector/templates//x",
            "prospector/templates/a\\b",
            "prospector/templates/a\nb",
            "prospector/vault/secrets.key",
            "prospector/store.db-wal",
            "plugins/.turn",
            "plugins/../x.wasm",
            "plugins/a/b.wasm",
            "cache/components/x.cwasm",
            "./prospector.yaml",
            ".bashrc",
        ] {
            assert_eq!(bound(path), None, "{path}");
        }
        assert_eq!(bound(&format!("prospector/templates/{}", "x".repeat(100))), None);
        assert_eq!(bound(&format!("prospector/templates/{}x", "d/".repeat(9))), None);
    }
}
