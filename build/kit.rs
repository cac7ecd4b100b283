//! What `plugins new` writes into a project: the SDK as it stands in this workspace, and the examples that projects begin as. Taken in by the
//! host's build script with `#[path]`.

use std::fs;
use std::path::{Path, PathBuf};

const RUST: &[&str] = &["Cargo.toml", "src", "recordings"];
const PYTHON_PLATFORM: &[&str] = &[
    "app.py",
    "feed.py",
    "judging.py",
    "postings.py",
    "test_noticeboard.py",
    "settings.json",
    "requirements.txt",
    "recordings",
];
const JS: &[&str] = &["package.json", "package-lock.json", "src", "test", "recordings"];

/// The examples that projects begin as, with what projects get of each. What tools leave in their folders is not part of them.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("jobboard", RUST),
    ("redflags", RUST),
    ("taste", RUST),
    ("clarity", &["app.py", "clarity.py", "test_clarity.py", "settings.json", "requirements.txt", "recordings"]),
    ("noticeboard", PYTHON_PLATFORM),
    ("copies", &["app.py", "copies.py", "test_copies.py", "settings.json", "requirements.txt", "recordings"]),
    ("rush", JS),
    ("freshness", JS),
    ("gazette", JS),
];

/// Writes `kit.rs` into `out`, for the program to include: a list of paths, as they are in a kit, and texts.
///
/// # Errors
/// Text for `cargo::error`.
pub fn keep(root: &Path, out: &Path) -> Result<(), String> {
    let manifest = out.join("sdk-manifest.toml");
    write(&manifest, &standalone(&read(&root.join("plugins/sdk/Cargo.toml"))?, &read(&root.join("Cargo.toml"))?)?)?;
    let mut files = vec![("sdk/Cargo.toml".to_owned(), manifest)];
    gather(&root.join("plugins/sdk/src"), "sdk/src", &mut files)?;
    for (example, parts) in EXAMPLES {
        for part in *parts {
            let path = root.join("plugins/examples").join(example).join(part);
            let name = format!("{example}/{part}");
            match path.is_dir() {
                true => gather(&path, &name, &mut files)?,
                false => files.push((name, path)),
            }
        }
    }
    let lines: String = files.iter().map(|(name, path)| format!("({name:?}, include_str!({path:?})),\n")).collect();
    write(&out.join("kit.rs"), &format!("&[\n{lines}]"))
}

/// All files below a folder, in order.
fn gather(folder: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), String> {
    let unreadable = |e: std::io::Error| format!("{} cannot be read: {e}", folder.display());
    let mut entries =
        fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>()).map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        match entry.file_type().map_err(unreadable)?.is_dir() {
            true => gather(&entry.path(), &name, files)?,
            false => files.push((name, entry.path())),
        }
    }
    Ok(())
}

/// A manifest of the workspace as one that stands alone: what it takes from the workspace is written out, but for the lints.
fn standalone(manifest: &str, workspace: &str) -> Result<String, String> {
    let mut section = "";
    let mut alone = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
        }
        if section == "lints" {
            continue;
        }
        let Some(key) = line.strip_suffix(".workspace = true") else {
            alone.push_str(&format!("{line}\n"));
            continue;
        };
        let from = if section == "package" { "[workspace.package]" } else { "[workspace.dependencies]" };
        let lines =
            workspace.lines().skip_while(|line| *line != from).skip(1).take_while(|line| !line.starts_with('['));
        let stated = lines.into_iter().find(|line| line.split_once(" = ").is_some_and(|(name, _)| name == key));
        let stated =
            stated.ok_or_else(|| format!("the workspace does not say what {key} of the SDK is, on one line"))?;
        alone.push_str(&format!("{stated}\n"));
    }
    Ok(alone)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|e| format!("{} cannot be written: {e}", path.display()))
}
