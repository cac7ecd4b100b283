//! Installed plugins: what is kept of them under the home, and loading them if it is still what a person agreed to.
//!
//! A component is run only if its bytes have the digest that was recorded when it was installed, and if what it says of itself wishes
//! for just what was granted then. One that does not fit is not run, and says why; every other one is.

use std::borrow::Cow;
use std::path::PathBuf;

use super::catalog;
use super::component::{Inspected, World};
use super::custom::CustomPlugin;
use super::described::Described;
use super::digest::Digest;
use super::engine::Engine;
use super::kept;
use super::lock::{self, Entry, LockError};
use super::platform::{LoadError, PlatformPlugin};
use super::source::Source;
use super::wishes::Wishes;
use crate::config::Home;
use crate::contract::descriptor::Descriptor;

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
    /// Its settings, or how long content may be kept, are not as recorded.
    #[error("what it says of its settings and of keeping content is not what was recorded")]
    Described,
}

/// Loads an installed platform.
///
/// # Errors
/// Why it is not run, with what repairs it.
pub async fn platform(engine: &Engine, home: &Home, id: &str, entry: &Entry) -> Result<PlatformPlugin, Unusable> {
    let (entry, bytes) = settled(home, id, entry).map_err(|unusable| *unusable)?;
    let plugin = PlatformPlugin::load_digested(engine, id, &bytes, entry.component_sha256).await;
    let agreed = plugin.map_err(Reason::Load).and_then(|plugin| {
        as_agreed(id, &entry, &plugin.descriptor, &plugin.inspected)?;
        Ok(plugin)
    });
    agreed.map_err(|why| unusable(id, &entry, why))
}

/// Loads an installed filter or scorer, as the one or the other.
///
/// # Errors
/// Why it is not run, with what repairs it.
pub async fn custom(
    engine: &Engine,
    home: &Home,
    id: &str,
    entry: &Entry,
    wanted: World,
) -> Result<CustomPlugin, Unusable> {
    let (entry, bytes) = settled(home, id, entry).map_err(|unusable| *unusable)?;
    let plugin = CustomPlugin::load(engine, id, &bytes, wanted).await;
    let agreed = plugin.map_err(Reason::Load).and_then(|plugin| {
        as_agreed(id, &entry, &plugin.descriptor, &plugin.inspected)?;
        Ok(plugin)
    });
    agreed.map_err(|why| unusable(id, &entry, why))
}

/// Whether the component that is kept is the recorded one.
///
/// # Errors
/// [`Reason::Unreadable`] and [`Reason::Changed`].
pub fn intact(home: &Home, id: &str, entry: &Entry) -> Result<(), Reason> {
    kept::read(home, id, entry.component_sha256).map(drop)
}

/// What is recorded and kept of a plugin, both of one moment: an update may come in between reading them.
fn settled<'e>(home: &Home, id: &str, entry: &'e Entry) -> Result<(Cow<'e, Entry>, Vec<u8>), Box<Unusable>> {
    if catalog::is_builtin(id) {
        return Err(Box::new(unusable(id, entry, Reason::TakenId)));
    }
    let why = match kept::read(home, id, entry.component_sha256) {
        Ok(bytes) => return Ok((Cow::Borrowed(entry), bytes)),
        Err(why) => why,
    };
    let now = lock::read(&home.plugins_lock()).ok().and_then(|mut entries| entries.remove(id));
    match now.filter(|now| now != entry && now.world == entry.world) {
        Some(now) => match kept::read(home, id, now.component_sha256) {
            Ok(bytes) => Ok((Cow::Owned(now), bytes)),
            Err(why) => Err(Box::new(unusable(id, &now, why))),
        },
        None => Err(Box::new(unusable(id, entry, why))),
    }
}

/// Holds what a component says of itself to its record.
fn as_agreed(id: &str, entry: &Entry, descriptor: &Descriptor, inspected: &Inspected) -> Result<(), Reason> {
    if descriptor.id != id {
        return Err(Reason::AnotherId(descriptor.id.clone()));
    }
    let differences = Wishes::differences(&entry.granted, &Wishes::of(descriptor, inspected));
    if !differences.is_empty() {
        return Err(Reason::Wishes(differences));
    }
    match entry.described.as_ref().is_none_or(|recorded| *recorded == Described::of(descriptor)) {
        true => Ok(()),
        false => Err(Reason::Described),
    }
}

/// With what repairs it.
pub(super) fn unusable(id: &str, entry: &Entry, why: Reason) -> Unusable {
    Unusable { id: id.to_owned(), why, remedy: remedy(id, entry) }
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

/// What is kept under a home whose record cannot be read.
#[must_use]
pub fn unread(home: &Home, error: &LockError) -> Vec<Unusable> {
    let remedy = format!(
        "Restore {} from a backup; or move it away, and run `ghoststack prospector plugins install` for each plugin again",
        home.plugins_lock().display()
    );
    let unread = |id| Unusable { id, why: Reason::Lock(error.clone()), remedy: remedy.clone() };
    components(home).into_iter().map(unread).collect()
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
