//! Installed plugins: what is kept of them under the home, and loading them if it is still what a person agreed to.
//!
//! A component is run only if its bytes have the digest that was recorded when it was installed, and if what it says of itself wishes
//! for just what was granted then. One that does not fit is not run, and says why; every other one is.

use std::path::PathBuf;

use super::catalog;
use super::digest::Digest;
use super::engine::Engine;
use super::kept;
use super::lock::{self, Entry, LockError};
use super::platform::{LoadError, PlatformPlugin};
use super::source::Source;
use super::wishes::Wishes;
use crate::config::Home;

/// An installed plugin that is not loaded.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the installed plugin `{id}` is not loaded: {why}")]
pub struct Unusable {
    /// Its id.
    pub id: String,
    /// Why.
    pub why: Reason,
    /// What repairs it.
    pub remedy: String,
}

/// Why an installed plugin is not loaded.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Reason {
    /// A built-in plugin has the id.
    #[error("a built-in plugin has this id")]
    TakenId,
    /// What was granted is not known.
    #[error("{0}")]
    Lock(LockError),
    /// Its component cannot be read.
    #[error("its component {} cannot be read: {why}", path.display())]
    Unreadable {
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// Its component is another than was installed.
    #[error(
        "its component {} is not the one that was installed: it should be {recorded}, and is {found}",
        path.display()
    )]
    Changed {
        /// Where it is.
        path: PathBuf,
        /// As recorded.
        recorded: Digest,
        /// As found.
        found: Digest,
    },
    /// It cannot be loaded, although it was installed.
    #[error("{0}")]
    Load(LoadError),
    /// It says that it is another.
    #[error("it calls itself `{0}`")]
    AnotherId(String),
    /// It wishes for other things than were granted.
    #[error("its wishes are not what was granted: {}", .0.join("; "))]
    Wishes(Vec<String>),
}

/// The plugins of a home: those that run, and those that do not.
#[derive(Debug, Default)]
pub struct Installed {
    /// What is recorded, by id.
    pub entries: lock::Entries,
    /// Loaded.
    pub plugins: Vec<PlatformPlugin>,
    /// Not loaded.
    pub unusable: Vec<Unusable>,
    /// Why nothing is known of what is installed, where that is so.
    pub lock: Option<LockError>,
}

impl Installed {
    /// Loads what is installed in a home. Nothing that is wrong with one plugin, or with the lock file, keeps the rest from working.
    pub async fn load(engine: &Engine, home: &Home) -> Installed {
        let mut installed = Installed::default();
        match lock::read(&home.plugins_lock()) {
            Ok(entries) => installed.entries = entries,
            Err(error) => {
                installed.unusable = components(home).into_iter().map(|id| unread(home, id, &error)).collect();
                installed.lock = Some(error);
            }
        }
        for (id, entry) in &installed.entries {
            match load_settled(engine, home, id, entry).await {
                Ok(plugin) => installed.plugins.push(plugin),
                Err(why) => installed.unusable.push(Unusable { id: id.clone(), why, remedy: remedy(id, entry) }),
            }
        }
        installed
    }
}

/// The same as [`load`], where the record and the component are of one moment: an update may come in between reading them.
async fn load_settled(engine: &Engine, home: &Home, id: &str, entry: &Entry) -> Result<PlatformPlugin, Reason> {
    let loaded = load(engine, home, id, entry).await;
    if let Err(Reason::Changed { .. } | Reason::Unreadable { .. }) = &loaded
        && let Ok(mut entries) = lock::read(&home.plugins_lock())
        && let Some(meanwhile) = entries.remove(id).filter(|meanwhile| meanwhile != entry)
    {
        return load(engine, home, id, &meanwhile).await;
    }
    loaded
}

async fn load(engine: &Engine, home: &Home, id: &str, entry: &Entry) -> Result<PlatformPlugin, Reason> {
    if catalog::is_builtin(id) {
        return Err(Reason::TakenId);
    }
    let bytes = kept::read(home, id, entry.component_sha256)?;
    let plugin =
        PlatformPlugin::load_digested(engine, id, &bytes, entry.component_sha256).await.map_err(Reason::Load)?;
    if plugin.id() != id {
        return Err(Reason::AnotherId(plugin.id().to_owned()));
    }
    let differences = Wishes::differences(&entry.granted, &Wishes::of(&plugin.descriptor, &plugin.inspected));
    if differences.is_empty() { Ok(plugin) } else { Err(Reason::Wishes(differences)) }
}

/// What puts a plugin right: what it came from, once more; or removing it.
fn remedy(id: &str, entry: &Entry) -> String {
    let remove = format!("`ghoststack prospector plugins remove {id}`");
    if catalog::is_builtin(id) {
        return format!("Run {remove}");
    }
    let again = match (&entry.source, entry.manifest_sha256) {
        (Source::File(path), _) if path.is_file() => entry.source.argument(),
        (Source::File(_), _) => {
            return format!(
                "Run `ghoststack prospector plugins install FILE` with the file that it came from ({}), or {remove}",
                entry.source
            );
        }
        (Source::Registry(reference), Some(manifest)) => reference.pinned(manifest).to_string(),
        (Source::Registry(reference), None) => reference.to_string(),
    };
    format!("Run `ghoststack prospector plugins install {again}` to put it right, or {remove}")
}

/// Ids of the components that are kept, where nothing else tells what is installed.
fn components(home: &Home) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(home.plugins_dir()) else { return Vec::new() };
    let id = |name: &str| name.strip_suffix(".wasm").filter(|id| super::grant::is_id(id)).map(str::to_owned);
    let mut ids: Vec<String> = files
        .flatten()
        .filter_map(|file| id(file.file_name().to_str()?))
        .filter(|id| !catalog::is_builtin(id))
        .collect();
    ids.sort();
    ids
}

fn unread(home: &Home, id: String, error: &LockError) -> Unusable {
    let remedy = format!(
        "Restore {} from a backup; or move it away, and run `ghoststack prospector plugins install` for each plugin again",
        home.plugins_lock().display()
    );
    Unusable { id, why: Reason::Lock(error.clone()), remedy }
}
