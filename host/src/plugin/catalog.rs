//! The plugins that are part of this program. Those that a person added are in [`super::installed`].

use super::engine::Engine;
use super::platform::{LoadError, PlatformPlugin};

/// A component that is part of this program.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// The id of its descriptor, known here so that one plugin can be found without loading all.
    pub id: &'static str,
    /// The component.
    pub bytes: &'static [u8],
}

/// The built-in plugins: the one list in the host that names platforms.
pub const BUILTIN: &[Builtin] = &[
    Builtin { id: "freelancer", bytes: include_bytes!(concat!(env!("OUT_DIR"), "/prospector_freelancer.wasm")) },
    Builtin { id: "upwork", bytes: include_bytes!(concat!(env!("OUT_DIR"), "/prospector_upwork.wasm")) },
];

/// Whether an id is a built-in plugin's.
#[must_use]
pub fn is_builtin(id: &str) -> bool {
    BUILTIN.iter().any(|builtin| builtin.id == id)
}

/// Loads the built-in plugin with this id; none if there is no such.
///
/// # Errors
/// See [`LoadError`]: a defect of this program's.
pub async fn load_builtin(engine: &Engine, id: &str) -> Option<Result<PlatformPlugin, LoadError>> {
    let builtin = BUILTIN.iter().find(|builtin| builtin.id == id)?;
    Some(PlatformPlugin::load(engine, builtin.id, builtin.bytes).await)
}
