//! A component's bytes: what they are, what they import, and which world they fit.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker};

use super::digest::Digest;
use super::edition::{Edition, Editions};
use super::engine::Engine;
use super::inert;
use super::session::Session;
use super::version::{AnotherVersion, PACKAGE};
pub use super::world::World;

/// Largest component that is read, in bytes: a Python runtime has 18 MB.
pub const MAX_COMPONENT: usize = 64 * 1024 * 1024;

/// Why bytes are not a component that can be used here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComponentError {
    /// They are no WebAssembly.
    #[error("it is not WebAssembly: it does not begin like a component or a module")]
    NotWasm,
    /// They are more than anybody's component should be.
    #[error("it is larger than {} MiB", MAX_COMPONENT >> 20)]
    TooLarge,
    /// A core module that was not made from the contract.
    #[error(
        "it is a core module that cannot be made into a component: {0}; build it from a crate made by `plugins new`"
    )]
    NotEncodable(String),
    /// It was made for a version of the contract that is not served.
    #[error("{0}")]
    Version(AnotherVersion),
    /// It names several versions of the contract, which are served side by side for different plugins.
    #[error("it names two versions of the contract, {} and {}", .0[0], .0[1])]
    Versions([&'static str; 2]),
    /// It does not compile.
    #[error("it is not a valid component: {0}")]
    Invalid(String),
    /// It fits no world.
    #[error("it fits no world of the contract: {0}")]
    NoWorld(String),
    /// It imports what is not served, or by another type.
    #[error("{0}")]
    Import(String),
}

impl ComponentError {
    /// What its author can do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        let said = match self {
            ComponentError::NotWasm => {
                "name the `.wasm` file that the build made: `cargo build --target ...` below `target/`, `componentize-py` and `npm run build` in the project's folder"
            }
            ComponentError::TooLarge => "build it with `--release` where it is Rust, and strip what a debugger reads",
            ComponentError::NotEncodable(_) => {
                "build it from a crate made by `plugins new`, for wasm32-unknown-unknown (filters and scorers) or wasm32-wasip2"
            }
            ComponentError::Version(another) => return another.remedy(),
            ComponentError::Versions(_) => "build all of it against one version",
            ComponentError::Invalid(_) => {
                "build it anew: the file is cut off or damaged, or uses what wasm has not settled yet"
            }
            ComponentError::NoWorld(_) => {
                "export all of one world: `export_platform!`, `export_filter!` and `export_scorer!` do in Rust; a project of `plugins new NAME --lang python` or `js` begins with what it takes there"
            }
            ComponentError::Import(_) => {
                "leave out what needs the import: what there is for plugins is in the contract's reference"
            }
        };
        said.to_owned()
    }
}

/// A component that was read and fits a world.
pub struct Inspected {
    /// The world.
    pub world: World,
    /// Of the file as it came.
    pub source_digest: Digest,
    /// Of the component as it is run.
    pub digest: Digest,
    /// Size of the component in bytes.
    pub size: usize,
    /// Interfaces that it imports and uses a function of, without versions, in order.
    pub imports: Vec<String>,
    /// Interfaces of the contract that it exports beyond its world.
    pub extras: Vec<String>,
    pub(super) edition: Arc<dyn Edition>,
    pub(super) component: Component,
    pub(super) linker: Linker<Session>,
}

impl Inspected {
    /// Whether it imports no function at all: its answers depend on its input alone.
    #[must_use]
    pub fn is_pure(&self) -> bool {
        self.imports.is_empty()
    }

    /// Whether every export of a world is there; a component may fit several.
    #[must_use]
    pub fn exports_all_of(&self, world: World) -> bool {
        world.exports().iter().all(|name| self.has(name))
    }

    /// The worlds that it serves: one, or both of those that judge.
    #[must_use]
    pub fn worlds(&self) -> Vec<World> {
        match self.world {
            World::Platform => vec![World::Platform],
            World::Filter | World::Scorer => {
                [World::Filter, World::Scorer].into_iter().filter(|world| self.exports_all_of(*world)).collect()
            }
        }
    }

    /// Whether an interface of the contract is exported.
    pub(super) fn has(&self, interface: &str) -> bool {
        self.world.exports().contains(&interface) || self.extras.iter().any(|extra| extra == interface)
    }

    /// The version of the contract by which it is served.
    #[must_use]
    pub fn contract(&self) -> &'static str {
        self.edition.version()
    }

    /// Reads a component, or a core module that it makes into one.
    ///
    /// # Errors
    /// See [`ComponentError`].
    pub fn read(engine: &Engine, bytes: &[u8]) -> Result<Inspected, ComponentError> {
        Inspected::read_digested(engine, bytes, Digest::of(bytes))
    }

    /// The same for bytes whose digest is known.
    pub(super) fn read_digested(
        engine: &Engine,
        bytes: &[u8],
        source_digest: Digest,
    ) -> Result<Inspected, ComponentError> {
        let encoded = encode(engine.editions(), bytes)?;
        let digest = if matches!(encoded, Cow::Borrowed(_)) { source_digest } else { Digest::of(&encoded) };
        let component = engine
            .cache()
            .load(engine.inner(), &encoded, digest)
            .map_err(|e| ComponentError::Invalid(first_line(&e)))?;
        let ty = component.component_type();
        let names = ty.exports(engine.inner()).chain(ty.imports(engine.inner())).map(|(name, _)| name);
        let edition = one_of(engine.editions(), names)?;
        let exported: BTreeSet<String> =
            ty.exports(engine.inner()).map(|(name, _)| unversioned(name).to_owned()).collect();
        let world = world_of(&exported)?;
        let imported: Vec<(&str, bool)> = ty
            .imports(engine.inner())
            .map(|(name, item)| (unversioned(name), has_function(engine.inner(), &item.ty)))
            .collect();
        let linker = linker(engine, edition.as_ref(), world, &imported)?;
        let imports = imported.iter().filter(|(_, used)| *used).map(|(name, _)| (*name).to_owned()).collect();
        let extras = exported
            .iter()
            .filter_map(|name| name.strip_prefix(PACKAGE))
            .filter(|name| !world.exports().contains(name))
            .map(str::to_owned)
            .collect();
        Ok(Inspected { world, source_digest, digest, size: encoded.len(), imports, extras, edition, component, linker })
    }
}

/// The one edition that serves all these names.
pub(super) fn one_of<'n>(
    editions: &Editions,
    names: impl Iterator<Item = &'n str>,
) -> Result<Arc<dyn Edition>, ComponentError> {
    editions.of(names).map_err(ComponentError::Version)?.map_err(ComponentError::Versions)
}

/// The component of some bytes: themselves, or what a core module encodes to.
///
/// # Errors
/// See [`ComponentError`].
pub fn encode<'b>(editions: &Editions, bytes: &'b [u8]) -> Result<Cow<'b, [u8]>, ComponentError> {
    if bytes.len() > MAX_COMPONENT {
        return Err(ComponentError::TooLarge);
    }
    match bytes {
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => Ok(bytes.into()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => super::encode::encode(editions, bytes).map(Into::into),
        _ => Err(ComponentError::NotWasm),
    }
}

/// The world that some exports fit: the one that asks for the most.
fn world_of(exported: &BTreeSet<String>) -> Result<World, ComponentError> {
    let missing = |world: World| {
        world.exports().iter().copied().filter(move |name| !exported.contains(&format!("{PACKAGE}{name}")))
    };
    // Only a marketplace has these, so what has one of them is meant to be one.
    let marketplace = ["account", "search"].iter().any(|name| exported.contains(&format!("{PACKAGE}{name}")));
    let candidates = World::ALL.into_iter().filter(|world| !marketplace || *world == World::Platform);
    if let Some(world) = candidates.clone().find(|world| missing(*world).next().is_none()) {
        return Ok(world);
    }
    if !exported.iter().any(|name| name.starts_with(PACKAGE)) {
        return Err(ComponentError::NoWorld(format!("it exports no interface of {}", PACKAGE.trim_end_matches('/'))));
    }
    let nearest = candidates.min_by_key(|world| missing(*world).count()).unwrap_or(World::Platform);
    let missing: Vec<&str> = missing(nearest).collect();
    Err(ComponentError::NoWorld(format!("to be a {} it lacks the export {}", nearest.as_str(), missing.join(" and "))))
}

/// A linker with what the component imports, by its name and whether a function of it is used, and nothing more.
fn linker(
    engine: &Engine,
    edition: &dyn Edition,
    world: World,
    imports: &[(&str, bool)],
) -> Result<Linker<Session>, ComponentError> {
    let mut linker = Linker::new(engine.inner());
    let unlinkable =
        |e: wasmtime::Error| ComponentError::Import(format!("the host's interfaces cannot be linked: {e:#}"));
    if world == World::Platform {
        edition.link(&mut linker).map_err(unlinkable)?;
    }
    if imports.iter().any(|(name, _)| name.starts_with("wasi:io/")) {
        wasmtime_wasi_io::add_to_linker_async(&mut linker).map_err(unlinkable)?;
    }
    let wasi_http = world == World::Platform && imports.iter().any(|(name, _)| name.starts_with("wasi:http/"));
    if wasi_http {
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).map_err(unlinkable)?;
    }
    for (import, used) in imports {
        match import.strip_prefix(PACKAGE) {
            None if wasi_http && matches!(*import, "wasi:http/types" | "wasi:http/outgoing-handler") => {}
            None => inert::link(&mut linker, import).map_err(ComponentError::Import)?,
            // Types alone give no ability.
            Some(_) if world == World::Platform || !used => {}
            Some(interface) => {
                return Err(ComponentError::Import(format!(
                    "it imports `{interface}`, which a {} is not given",
                    world.as_str()
                )));
            }
        }
    }
    Ok(linker)
}

fn has_function(engine: &wasmtime::Engine, item: &ComponentItem) -> bool {
    match item {
        ComponentItem::ComponentFunc(_)
        | ComponentItem::CoreFunc(_)
        | ComponentItem::Module(_)
        | ComponentItem::Component(_) => true,
        ComponentItem::ComponentInstance(instance) => {
            instance.exports(engine).any(|(_, export)| has_function(engine, &export.ty))
        }
        ComponentItem::Type(_) | ComponentItem::Resource(_) => false,
    }
}

/// A name of an interface without its version; that of the contract's own was looked at before.
fn unversioned(name: &str) -> &str {
    name.split_once('@').map_or(name, |(name, _)| name)
}

/// The first line of the innermost cause: wasmtime's own messages run over many.
pub(super) fn first_line(error: &wasmtime::Error) -> String {
    error.root_cause().to_string().lines().next().unwrap_or_default().chars().take(300).collect()
}
