//! Who else can read the home.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::Check;
use crate::config::Home;

/// Entries that are looked at at most; what is beyond is hardly ours.
const MOST: usize = 20_000;
/// Paths that are named at most.
const NAMED: usize = 5;

/// Whether folders are closed to others (0700) and files too (0600), and belong to whoever runs this.
pub(super) fn permissions(home: &Home) -> Vec<Check> {
    const NAME: &str = "home";
    let root = home.root();
    if !root.exists() {
        return vec![Check::ok(NAME, format!("{} does not exist yet; it is made when it is needed", root.display()))];
    }
    let found = Found::below(root);
    let mut checks = Vec::new();
    let user = rustix::process::geteuid().as_raw();
    if !found.foreign.is_empty() {
        let message = format!("not yours (user {user}): {}", named(&found.foreign));
        checks.push(Check::problem(NAME, message).remedy(format!("chown -R {user} {}", quoted(root))));
    }
    if !found.open.is_empty() {
        // A closed folder keeps others from what is in it, whatever its mode.
        let exposed = found.open.iter().any(|path| path == root);
        let message = format!("others may look into: {}", named(&found.open));
        let remedy = format!("chmod -R go= {}", quoted(root));
        let check = if exposed { Check::problem(NAME, message) } else { Check::warning(NAME, message) };
        checks.push(check.remedy(remedy));
    }
    if !found.unread.is_empty() {
        let message = format!("cannot be looked into: {}", named(&found.unread));
        checks.push(Check::problem(NAME, message).remedy("Check its owner and permissions"));
    }
    if !found.leftovers.is_empty() {
        let message = format!("an interrupted write has left: {}", named(&found.leftovers));
        checks.push(Check::warning(NAME, message).remedy("Delete it while no command runs"));
    }
    if checks.is_empty() {
        checks.push(Check::ok(NAME, format!("{} is closed to others", root.display())));
    }
    checks
}

#[derive(Default)]
struct Found {
    seen: usize,
    foreign: Vec<PathBuf>,
    open: Vec<PathBuf>,
    unread: Vec<PathBuf>,
    leftovers: Vec<PathBuf>,
}

impl Found {
    fn below(root: &Path) -> Found {
        let mut found = Found::default();
        let mut waiting = vec![root.to_owned()];
        while let Some(path) = waiting.pop() {
            found.seen += 1;
            if found.seen > MOST {
                break;
            }
            // A link is its owner's decision, and has no mode of its own. The home itself may be one.
            let meta = if path == root { fs::metadata(&path) } else { fs::symlink_metadata(&path) };
            let Ok(meta) = meta else {
                // It may have gone meanwhile: SQLite's and our temporary files do.
                continue;
            };
            if meta.is_symlink() {
                continue;
            }
            if meta.uid() != rustix::process::geteuid().as_raw() {
                found.foreign.push(path.clone());
            }
            if meta.permissions().mode() & 0o077 != 0 {
                found.open.push(path.clone());
            }
            if meta.is_dir() {
                match fs::read_dir(&path) {
                    Ok(entries) => waiting.extend(entries.flatten().map(|entry| entry.path())),
                    Err(_) => found.unread.push(path),
                }
            } else if crate::durable::is_leftover(&path) {
                found.leftovers.push(path);
            }
        }
        for paths in [&mut found.foreign, &mut found.open, &mut found.unread, &mut found.leftovers] {
            paths.sort();
        }
        found
    }
}

fn named(paths: &[PathBuf]) -> String {
    let mut named: Vec<String> = paths.iter().take(NAMED).map(|path| path.display().to_string()).collect();
    if paths.len() > NAMED {
        named.push(format!("and {} more", paths.len() - NAMED));
    }
    named.join(", ")
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}
