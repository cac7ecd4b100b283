//! The promise to plugins: what was released of the contract is never changed, and what follows on it serves the plugins that were made for it.
//!
//! `wit/released/` has each released version as it was. `wit/` is the last of them, or a later one.

use std::path::{Path, PathBuf};

use wit_component::semver_check;
use wit_parser::{Resolve, SourceMap};

use super::encode::CONTRACT;
use super::version::{SERVED, is_served};

/// A contract: its files, by name.
type Files = Vec<(String, String)>;

/// The released ones, by version.
fn released() -> Vec<(String, Files)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit/released");
    let list = |folder: &Path| -> Vec<PathBuf> {
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        paths
    };
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    let read = |path: &PathBuf| (name(path), std::fs::read_to_string(path).expect("text"));
    list(&folder).iter().map(|version| (name(version), list(version).iter().map(read).collect())).collect()
}

fn todays() -> Files {
    CONTRACT.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// Whether plugins made for one are served by the other, and which world's are not.
fn check(before: &Files, after: &Files) -> Result<(), String> {
    let mut resolve = Resolve::default();
    let mut push = |files: &Files, version: &str| {
        let mut sources = SourceMap::default();
        for (name, text) in files {
            sources.push_str(name, text.clone());
        }
        let mut group = sources.parse().map_err(|(_, error)| error.to_string())?;
        // One name cannot be in it twice.
        group.main.name.version = Some(version.parse().expect("a version"));
        resolve.push_group(group).map_err(|error| format!("{error:#}"))
    };
    let (old, new) = (push(before, "0.0.1")?, push(after, "0.0.2")?);
    let worlds = resolve.packages[old].worlds.clone();
    for (name, world) in worlds {
        let Some(later) = resolve.packages[new].worlds.get(&name) else { return Err(format!("{name} is gone")) };
        semver_check(resolve.clone(), world, *later).map_err(|error| format!("{name}: {error:#}"))?;
    }
    Ok(())
}

/// Without what only people read.
fn meaning(text: &str) -> String {
    let code =
        |line: &str| line.split("//").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(code).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_released_version_stays_as_it_is() {
    let released = released();
    let (_, files) = released.iter().find(|(version, _)| version == SERVED).expect("the served version is released");
    let today = todays();
    assert_eq!(
        files.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        today.iter().map(|(name, _)| name).collect::<Vec<_>>()
    );
    for ((name, then), (_, now)) in files.iter().zip(&today) {
        assert!(
            meaning(then) == meaning(now),
            "wit/{name} is not what was released as {SERVED}: give the package a later version, and release that \
             (docs/plugins/versions.md)"
        );
    }
}

#[test]
fn plugins_of_every_version_before_are_served() {
    for (version, files) in released() {
        assert!(files.iter().all(|(_, text)| text.contains(&format!("package ghoststack:prospector@{version};"))));
        if is_served(&version, SERVED) {
            check(&files, &todays()).unwrap_or_else(|why| {
                panic!("a plugin made for {version} would not run where {SERVED} is served: {why}")
            });
        }
    }
}

#[test]
fn what_breaks_plugins_is_noticed() {
    let before = todays();
    let edited = |file: &str, from: &str, to: &str| -> Files {
        let mut files = before.clone();
        let (_, text) = files.iter_mut().find(|(name, _)| name == file).expect("a file");
        assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
        *text = text.replace(from, to);
        files
    };
    for (file, from, to) in [
        // The host offers more.
        ("log.wit", "log: func(", "flush: func();\n    log: func("),
        (
            "worlds.wit",
            "    import log;\n",
            "    import log;\n    import wake-ups: interface { next: func() -> option<u32>; }\n",
        ),
        // It asks for less.
        (
            "worlds.wit",
            "    export screening;\n    export scoring;\n}\n\n/// A filter",
            "    export screening;\n}\n\n/// A filter",
        ),
    ] {
        assert_eq!(check(&before, &edited(file, from, to)), Ok(()), "{to}");
    }
    for (file, from, to, world) in [
        (
            "types.wit",
            "        usd-rate: option<f64>,\n    }\n\n    /// The experience",
            "    }\n\n    /// The experience",
            "platform",
        ),
        ("types.wit", "        entry,\n", "        entry,\n        middling,\n", "platform"),
        ("worlds.wit", "    import log;\n", "", "platform"),
        (
            "worlds.wit",
            "    import judgement;\n    export descriptor;\n    export scoring;\n}",
            "    import judgement;\n    export descriptor;\n    export scoring;\n    export screening;\n}",
            "scorer",
        ),
        ("screening.wit", "    screen: func(context", "    screen: func(of", "filter"),
        ("lookup.wit", "    find: func(", "    count: func() -> u32;\n    find: func(", "opt-lookup"),
        ("wake.wit", "    wake: func(", "    rouse: func(", "opt-wake"),
        ("worlds.wit", "world opt-milestones {", "world opt-stages {", "opt-milestones"),
        ("profile.wit", "read: func(settings: list<attribute>) -> result", "read: func() -> result", "opt-profile"),
        ("contracts.wit", "        weekly-hours:", "        weekly-minutes:", "opt-contracts"),
        (
            "planning.wit",
            "        hand-over(string),",
            "        hand-over(string),\n        wait(u32),",
            "opt-proposals",
        ),
    ] {
        let error = check(&before, &edited(file, from, to)).expect_err(to);
        assert!(error.contains(world) || ["platform", "filter", "scorer"].contains(&world), "{file}, {to}: {error}");
    }
}
