//! `plugins new`: a project that builds, passes its tests and works, with the SDK and the contract of this very program beside it.
//!
//! It begins as one of the examples of `plugins/examples`, which this repository builds and tests; what is the example's own in it (its id, its name,
//! its addresses) is replaced. What differs from language to language is the project's [`Shape`].

mod name;
mod shape;
#[cfg(test)]
mod tutorial_tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::app::AppError;
use crate::plugin::encode::CONTRACT;

pub use name::Name;
pub use shape::{Language, Shape};

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

# For those who build by `cargo component build`: which of the worlds in wit/ it is.
[package.metadata.component]
package = "local:{{id}}"
target = { path = "wit", world = "{{world}}" }

# A workspace of its own, wherever it lies.
[workspace]
exclude = ["sdk"]
"#;

/// A project that was written.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Project {
    /// The plugin's id, and the project's name.
    pub id: String,
    /// What it is written as.
    #[serde(flatten)]
    pub shape: Shape,
    /// The folder.
    pub folder: PathBuf,
    /// Its files, relative to the folder.
    pub files: Vec<String>,
    /// Of Rust: what cargo has to be told to build for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<&'static str>,
    /// The commands that get what it is built with, where that is not there yet.
    pub prepare: Vec<String>,
    /// The command that tests it.
    pub test: String,
    /// The command that builds it.
    pub build: String,
    /// What that makes, relative to the folder.
    pub artifact: String,
}

/// Writes a project into a folder that does not exist yet. It is there as a whole, or not at all.
///
/// # Errors
/// [`AppError::Usage`] where the folder exists; [`AppError::Machine`] where it cannot be written.
pub fn write(name: &Name, shape: Shape, folder: &Path) -> Result<Project, AppError> {
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
    let files = files(name, shape);
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
        shape,
        folder,
        files: files.into_iter().map(|(path, _)| path).collect(),
        target: shape.target(),
        prepare: shape.prepare(),
        test: shape.test().to_owned(),
        build: shape.build(name),
        artifact: shape.artifact(name),
    })
}

/// The files of a project: their paths, relative to its folder, and texts.
#[must_use]
pub fn files(name: &Name, shape: Shape) -> Vec<(String, String)> {
    let example = format!("{}/", shape.example());
    let replaced = shape.replacements(name);
    let own = |text: &str| replaced.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    let mut files: Vec<(String, String)> =
        KIT.iter().filter_map(|(path, text)| Some(((*path).strip_prefix(&example)?.to_owned(), own(text)))).collect();
    for (path, text) in &mut files {
        if path == "Cargo.toml" {
            text.push_str(&MANIFEST_END.replace("{{id}}", name.id()).replace("{{world}}", shape.world.as_str()));
        }
    }
    files.push((".gitignore".to_owned(), shape.ignored().to_owned()));
    files.push(("README.md".to_owned(), shape.readme(name)));
    if shape.language == Language::Rust {
        let sdk = KIT.iter().filter(|(path, _)| path.starts_with("sdk/"));
        // Beside a project the contract is one folder nearer to the SDK than in the workspace.
        files.extend(sdk.map(|(path, text)| ((*path).to_owned(), text.replace("\"../../wit\"", "\"../wit\""))));
    }
    files.extend(CONTRACT.iter().map(|(path, text)| (format!("wit/{path}"), (*text).to_owned())));
    files
}

#[cfg(test)]
mod tests {
    use crate::plugin::component::World;
    use crate::plugin::version::SERVED;

    use super::*;

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    fn rust(world: World) -> Shape {
        Shape { world, language: Language::Rust }
    }

    #[test]
    fn everything_of_the_example_is_replaced_and_nothing_is_replaced_in_vain() {
        for shape in Shape::all() {
            let texts: String =
                KIT.iter().filter(|(path, _)| path.starts_with(shape.example())).map(|(_, text)| *text).collect();
            for (from, _) in shape.replacements(&name("owls")) {
                assert!(texts.contains(from), "{shape:?} has no {from:?} any more");
            }
            for (path, text) in files(&name("owls"), shape) {
                let own = !path.starts_with("sdk/") && !path.starts_with("wit/");
                let foreign = ["jobboard", "-example", "made-up", "../../", "workspace = true"];
                let left = foreign.into_iter().find(|word| own && !path.ends_with(".md") && text.contains(word));
                assert_eq!(left, None, "{shape:?}: {path}");
                assert!(!text.contains("{{") || !path.ends_with("README.md"), "{path}: {text}");
            }
        }
    }

    #[test]
    fn every_project_has_a_recording_of_its_own() {
        for shape in Shape::all() {
            let files = files(&name("owls"), shape);
            let recording = files.iter().find(|(path, _)| path.starts_with("recordings/")).expect("a recording");
            let recording: serde_json::Value = serde_json::from_str(&recording.1).expect("JSON");
            assert_eq!((&recording["plugin"], &recording["world"]), (&"owls".into(), &shape.world.as_str().into()));
        }
    }

    #[test]
    fn the_sdk_beside_a_project_stands_alone() {
        let files = files(&name("owls"), rust(World::Filter));
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
        let project = write(&name("night-owls"), rust(World::Scorer), &folder).expect("written");
        assert_eq!(project.artifact, "target/wasm32-unknown-unknown/release/night_owls.wasm");
        assert!(project.files.iter().all(|file| folder.join(file).is_file()));
        fs::write(folder.join("src/lib.rs"), "mine").expect("written");
        let refused = write(&name("night-owls"), rust(World::Scorer), &folder).expect_err("it is there");
        assert!(matches!(&refused, AppError::Usage(why) if why.contains("exists already")), "{refused}");
        assert_eq!(fs::read_to_string(folder.join("src/lib.rs")).expect("kept"), "mine");
        let file = outer.path().join("below/a-file");
        fs::write(&file, "mine").expect("written");
        assert!(write(&name("owls"), rust(World::Filter), &file.join("inside")).is_err());
        let names = fs::read_dir(outer.path().join("below")).expect("there").flatten();
        assert_eq!(names.count(), 2, "nothing half-written is left");
    }
}
