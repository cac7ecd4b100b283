//! `plugins new`: a project that builds, passes its tests and works, with the SDK and the contract of this very program beside it.
//!
//! It begins as one of the examples of `plugins/examples`, which this workspace compiles and tests; what is the example's own in it (its id, its name,
//! its addresses) is replaced.

mod name;
#[cfg(test)]
mod tutorial_tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::app::AppError;
use crate::plugin::component::World;
use crate::plugin::encode::CONTRACT;
use crate::plugin::version::SERVED;

pub use name::Name;

/// The SDK, and the examples: their paths and texts.
const KIT: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/kit.rs"));

/// What stands behind an example's manifest in a project.
const MANIFEST_END: &str = r#"
[profile.release]
opt-level = 3
lto = "fat"
codegen-units = 1
panic = "abort"
strip = true

# A workspace of its own, wherever it lies.
[workspace]
exclude = ["sdk"]
"#;

/// A project that was written.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Project {
    /// The plugin's id, and the crate's name.
    pub id: String,
    /// Its world.
    pub world: World,
    /// The folder.
    pub folder: PathBuf,
    /// Its files, relative to the folder.
    pub files: Vec<String>,
    /// What cargo has to be told to build for.
    pub target: &'static str,
    /// What `cargo build --release` makes, relative to the folder.
    pub artifact: String,
}

/// Writes a project into a folder that does not exist yet. It is there as a whole, or not at all.
///
/// # Errors
/// [`AppError::Usage`] where the folder exists; [`AppError::Machine`] where it cannot be written.
pub fn write(name: &Name, world: World, folder: &Path) -> Result<Project, AppError> {
    let shown = folder.display();
    if folder.symlink_metadata().is_ok() {
        return Err(AppError::Usage(format!(
            "{shown} exists already, and nothing is written over; choose another name, or another folder by --path"
        )));
    }
    let folder = std::path::absolute(folder).map_err(|e| AppError::Usage(format!("{shown} is no path: {e}")))?;
    let unwritable = |e: io::Error| AppError::Machine(format!("{shown} cannot be written: {e}"));
    let (Some(beside), Some(own)) = (folder.parent(), folder.file_name()) else {
        return Err(AppError::Usage(format!("{shown} is no folder that could be made")));
    };
    let partial = beside.join(format!(".{}.{}.partial", own.to_string_lossy(), std::process::id()));
    fs::create_dir_all(beside).and_then(|()| fs::create_dir(&partial)).map_err(unwritable)?;
    let files = files(name, world);
    let written = files.iter().try_for_each(|(path, text)| {
        let path = partial.join(path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)
    });
    // A folder that came there meanwhile is replaced by this only if it is empty.
    if let Err(error) = written.and_then(|()| fs::rename(&partial, &folder)) {
        // What was begun is of no use; that it stays is less bad than what is reported.
        let _ = fs::remove_dir_all(&partial);
        return Err(unwritable(error));
    }
    Ok(Project {
        id: name.id().to_owned(),
        world,
        folder,
        files: files.into_iter().map(|(path, _)| path).collect(),
        target: target(world),
        artifact: artifact(name, world),
    })
}

/// The files of a project: their paths, relative to its folder, and texts.
#[must_use]
pub fn files(name: &Name, world: World) -> Vec<(String, String)> {
    let example = format!("{}/", example(world));
    let mut files: Vec<(String, String)> = KIT
        .iter()
        .filter_map(|(path, text)| Some(((*path).strip_prefix(&example)?.to_owned(), own(name, world, text))))
        .collect();
    for (path, text) in &mut files {
        if path == "Cargo.toml" {
            text.push_str(MANIFEST_END);
        }
    }
    files.push((".gitignore".to_owned(), "/target\n".to_owned()));
    files.push(("README.md".to_owned(), readme(name, world)));
    let sdk = KIT.iter().filter(|(path, _)| path.starts_with("sdk/"));
    // Beside a project the contract is one folder nearer to the SDK than in the workspace.
    files.extend(sdk.map(|(path, text)| ((*path).to_owned(), text.replace("\"../../wit\"", "\"../wit\""))));
    files.extend(CONTRACT.iter().map(|(path, text)| (format!("wit/{path}"), (*text).to_owned())));
    files
}

/// The example that a project of a world begins as.
fn example(world: World) -> &'static str {
    match world {
        World::Platform => "jobboard",
        World::Filter => "redflags",
        World::Scorer => "taste",
    }
}

/// What is an example's own, and what stands there in a project.
fn replacements(name: &Name, world: World) -> Vec<(&'static str, String)> {
    let (id, title) = (name.id(), name.title());
    let mut pairs = match world {
        World::Platform => vec![
            ("name = \"prospector-jobboard-example\"", format!("name = \"{id}\"")),
            ("A small job board as a Prospector plugin: an example to copy", format!("{title} as a Prospector plugin")),
            ("id: \"jobboard\"", format!("id: \"{id}\"")),
            ("Example Job Board", title.clone()),
            ("Jobs of a made-up board, to learn from", format!("Jobs of {title}")),
            ("jobboard.example", format!("{id}.example")),
        ],
        World::Filter => vec![
            ("name = \"prospector-redflags-example\"", format!("name = \"{id}\"")),
            ("A filter of postings that begin badly: an example to copy", format!("{title}: a filter for Prospector")),
            ("id: \"redflags\"", format!("id: \"{id}\"")),
            ("display_name: \"Red flags\"", format!("display_name: \"{title}\"")),
        ],
        World::Scorer => vec![
            ("name = \"prospector-taste-example\"", format!("name = \"{id}\"")),
            (
                "A scorer by what a person likes to read: an example to copy",
                format!("{title}: a scorer for Prospector"),
            ),
            ("id: \"taste\"", format!("id: \"{id}\"")),
            ("display_name: \"Taste\"", format!("display_name: \"{title}\"")),
        ],
    };
    pairs.push(("license = \"Apache-2.0\"\n", String::new()));
    pairs.push((
        "prospector-plugin = { path = \"../../sdk\" }",
        "# The SDK as Prospector has written it beside this: the one line to change when you take it from elsewhere.\nprospector-plugin = { path = \"sdk\" }"
            .to_owned(),
    ));
    pairs
}

fn own(name: &Name, world: World, text: &str) -> String {
    replacements(name, world).into_iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, &to))
}

fn target(world: World) -> &'static str {
    match world {
        World::Platform => "wasm32-wasip2",
        World::Filter | World::Scorer => "wasm32-unknown-unknown",
    }
}

fn artifact(name: &Name, world: World) -> String {
    format!("target/{}/release/{}.wasm", target(world), name.id().replace('-', "_"))
}

fn readme(name: &Name, world: World) -> String {
    let text = match world {
        World::Platform => include_str!("platform.md"),
        World::Filter => include_str!("filter.md"),
        World::Scorer => include_str!("scorer.md"),
    };
    let artifact = artifact(name, world);
    let file = format!("/path/to/{}/{artifact}", name.id());
    [("id", name.id()), ("name", &name.title()), ("contract", SERVED), ("artifact", &artifact), ("file", &file)]
        .into_iter()
        .fold(text.to_owned(), |text, (key, value)| text.replace(&format!("{{{{{key}}}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLDS: [World; 3] = [World::Platform, World::Filter, World::Scorer];

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    #[test]
    fn everything_of_the_example_is_replaced_and_nothing_is_replaced_in_vain() {
        for world in WORLDS {
            let texts: String =
                KIT.iter().filter(|(path, _)| path.starts_with(example(world))).map(|(_, text)| *text).collect();
            for (from, _) in replacements(&name("owls"), world) {
                assert!(texts.contains(from), "{world:?} has no {from:?} any more");
            }
            for (path, text) in files(&name("owls"), world) {
                let own = !path.starts_with("sdk/") && !path.starts_with("wit/");
                let foreign = ["jobboard", "-example", "made-up", "../../", "workspace = true"];
                let left = foreign.into_iter().find(|word| own && !path.ends_with(".md") && text.contains(word));
                assert_eq!(left, None, "{world:?}: {path}");
                assert!(!text.contains("{{") || !path.ends_with("README.md"), "{path}: {text}");
            }
        }
    }

    #[test]
    fn the_sdk_beside_a_project_stands_alone() {
        let files = files(&name("owls"), World::Filter);
        let text = |path: &str| files.iter().find(|(found, _)| found == path).expect(path).1.clone();
        let manifest = text("sdk/Cargo.toml");
        assert!(!manifest.contains("workspace") && manifest.contains("serde_json = \"1\""), "{manifest}");
        assert!(!text("sdk/src/bindings.rs").contains("../../"));
        assert!(text("wit/worlds.wit").contains(SERVED));
    }

    #[test]
    fn a_project_is_written_whole_and_over_nothing() {
        let outer = tempfile::tempdir().expect("a folder");
        let folder = outer.path().join("below/owls");
        let project = write(&name("night-owls"), World::Scorer, &folder).expect("written");
        assert_eq!(project.artifact, "target/wasm32-unknown-unknown/release/night_owls.wasm");
        assert!(project.files.iter().all(|file| folder.join(file).is_file()));
        fs::write(folder.join("src/lib.rs"), "mine").expect("written");
        let refused = write(&name("night-owls"), World::Scorer, &folder).expect_err("it is there");
        assert!(matches!(&refused, AppError::Usage(why) if why.contains("exists already")), "{refused}");
        assert_eq!(fs::read_to_string(folder.join("src/lib.rs")).expect("kept"), "mine");
        let file = outer.path().join("below/a-file");
        fs::write(&file, "mine").expect("written");
        assert!(write(&name("owls"), World::Filter, &file.join("inside")).is_err());
        let names = fs::read_dir(outer.path().join("below")).expect("there").flatten();
        assert_eq!(names.count(), 2, "nothing half-written is left");
    }
}
