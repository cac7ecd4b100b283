//! What is needed of an installed plugin while it is not loaded.

use serde::{Deserialize, Serialize};

use crate::contract::descriptor::Descriptor;

/// The part of a descriptor that the host needs of each installed plugin, whether it runs or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// Its settings: a JSON Schema, as text.
    pub settings: String,
    /// How long content may be kept, in seconds; none where the platform sets no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_retention: Option<u32>,
}

impl Described {
    /// That of a descriptor.
    #[must_use]
    pub fn of(descriptor: &Descriptor) -> Described {
        Described { settings: descriptor.settings.clone(), content_retention: descriptor.content_retention }
    }
}
