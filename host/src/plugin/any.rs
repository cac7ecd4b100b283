//! A plugin of whichever world its component fits.

use super::component::{Inspected, World};
use super::custom::CustomPlugin;
use super::engine::Engine;
use super::platform::{LoadError, PlatformPlugin};
use crate::contract::descriptor::Descriptor;

/// A marketplace; or a filter, a scorer or both.
#[derive(Debug)]
pub enum AnyPlugin {
    /// A marketplace.
    Platform(Box<PlatformPlugin>),
    /// A filter or a scorer.
    Custom(Box<CustomPlugin>),
}

impl AnyPlugin {
    /// Loads a component, or a core module of a pure world, and asks what it is. `name` is what errors call it until then.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub async fn load(engine: &Engine, name: &str, bytes: &[u8]) -> Result<AnyPlugin, LoadError> {
        let unusable = |source| LoadError::Component { name: name.to_owned(), source };
        Ok(match Inspected::read(engine, bytes).map_err(unusable)?.world {
            World::Platform => AnyPlugin::Platform(Box::new(PlatformPlugin::load(engine, name, bytes).await?)),
            world => AnyPlugin::Custom(Box::new(CustomPlugin::load(engine, name, bytes, world).await?)),
        })
    }

    /// What it says of itself, checked.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        match self {
            AnyPlugin::Platform(plugin) => &plugin.descriptor,
            AnyPlugin::Custom(plugin) => &plugin.descriptor,
        }
    }

    /// What was read off its component.
    #[must_use]
    pub fn inspected(&self) -> &Inspected {
        match self {
            AnyPlugin::Platform(plugin) => &plugin.inspected,
            AnyPlugin::Custom(plugin) => &plugin.inspected,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.descriptor().id
    }
}
