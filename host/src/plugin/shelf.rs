//! The platforms' plugins of a home: built in and installed. An installed one is loaded when something needs it; until then it costs its record.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::OnceCell;

use super::catalog::{self, BUILTIN};
use super::component::World;
use super::engine::Engine;
use super::installed::{self, Reason, Unusable};
use super::lock::{Entries, Entry, LockError};
use super::platform::{LoadError, PlatformPlugin};
use crate::config::Home;

/// A plugin, or why it is not loaded.
type Loaded = Result<Arc<PlatformPlugin>, Unusable>;

/// The platforms' plugins, by id.
pub struct Shelf {
    engine: Engine,
    home: Home,
    slots: BTreeMap<String, Slot>,
    /// Installed under an id that a built-in plugin has since taken.
    taken: Vec<Unusable>,
}

/// A plugin that may not be loaded yet.
struct Slot {
    /// Its record, where it is installed.
    entry: Option<Entry>,
    loaded: OnceCell<Loaded>,
}

/// How a plugin stands.
pub enum Standing<'a> {
    /// It runs.
    Loaded(&'a Arc<PlatformPlugin>),
    /// It does not.
    Unusable(&'a Unusable),
    /// Nothing has needed it yet.
    Idle(&'a Entry),
}

impl Shelf {
    /// The built-in plugins, loaded, and those that are recorded, idle. What is kept under a record that cannot be read is not usable.
    ///
    /// # Errors
    /// Where a built-in plugin cannot be loaded: a defect of this program's.
    pub async fn fill(
        engine: &Engine,
        home: &Home,
        recorded: Result<&Entries, &LockError>,
    ) -> Result<Shelf, LoadError> {
        let mut slots = BTreeMap::new();
        for builtin in BUILTIN {
            if let Some(plugin) = catalog::load_builtin(engine, builtin.id).await {
                slots.insert(builtin.id.to_owned(), Slot::filled(None, Ok(Arc::new(plugin?))));
            }
        }
        let mut shelf = Shelf { engine: engine.clone(), home: home.clone(), slots, taken: Vec::new() };
        match recorded {
            Ok(entries) => shelf.place(entries),
            Err(error) => {
                let unread = installed::unread(home, error).into_iter();
                shelf.slots.extend(unread.map(|of| (of.id.clone(), Slot::filled(None, Err(of)))));
            }
        }
        Ok(shelf)
    }

    fn place(&mut self, entries: &Entries) {
        for (id, entry) in entries {
            if catalog::is_builtin(id) {
                self.taken.push(installed::unusable(id, entry, Reason::TakenId));
            } else if entry.world == World::Platform {
                self.slots.insert(id.clone(), Slot { entry: Some(entry.clone()), loaded: OnceCell::new() });
            }
        }
    }

    /// How a plugin stands; none where no platform has the id.
    #[must_use]
    pub fn standing(&self, id: &str) -> Option<Standing<'_>> {
        self.slots.get(id).map(Slot::standing)
    }

    /// A plugin that runs.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<PlatformPlugin>> {
        self.slots.get(id)?.loaded.get()?.as_ref().ok()
    }

    /// The same, loaded first if it is idle.
    pub async fn load(&self, id: &str) -> Option<&Arc<PlatformPlugin>> {
        let slot = self.slots.get(id)?;
        let Some(entry) = &slot.entry else { return self.get(id) };
        let load = async { installed::platform(&self.engine, &self.home, id, entry).await.map(Arc::new) };
        slot.loaded.get_or_init(|| load).await.as_ref().ok()
    }

    /// Loads all there are.
    pub async fn load_all(&self) {
        for id in self.slots.keys() {
            self.load(id).await;
        }
    }

    /// Every plugin's id, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.slots.keys().map(String::as_str)
    }

    /// Every plugin with how it stands, by id.
    pub fn all(&self) -> impl Iterator<Item = (&str, Standing<'_>)> {
        self.slots.iter().map(|(id, slot)| (id.as_str(), slot.standing()))
    }

    /// Those that run.
    pub fn loaded(&self) -> impl Iterator<Item = &Arc<PlatformPlugin>> {
        self.slots.values().filter_map(|slot| slot.loaded.get()?.as_ref().ok())
    }

    /// Those that something needed and that do not run.
    pub fn unusable(&self) -> impl Iterator<Item = &Unusable> {
        let failed = self.slots.values().filter_map(|slot| slot.loaded.get()?.as_ref().err());
        failed.chain(&self.taken)
    }
}

impl Slot {
    fn filled(entry: Option<Entry>, loaded: Loaded) -> Slot {
        Slot { entry, loaded: OnceCell::new_with(Some(loaded)) }
    }

    fn standing(&self) -> Standing<'_> {
        match (self.loaded.get(), &self.entry) {
            (Some(Ok(plugin)), _) => Standing::Loaded(plugin),
            (Some(Err(unusable)), _) => Standing::Unusable(unusable),
            (None, Some(entry)) => Standing::Idle(entry),
            (None, None) => unreachable!("what has no record is there loaded, or why it is not"),
        }
    }
}
