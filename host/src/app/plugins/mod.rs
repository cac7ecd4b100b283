//! Installing, updating and removing plugins. What a plugin wishes for is shown to a person before anything is kept of it.

mod candidate;
mod fetch;
mod listing;
mod remove;
mod search;
mod signing;
mod update;

pub use candidate::{Already, Candidate, propose, read};
pub use listing::{listing, weighing};
pub use remove::{Holdings, holdings, removable, remove};
pub use signing::Signing;
pub use update::{Outlook, Update, Version, look};

use std::path::PathBuf;

use crate::plugin::signature::Key;

/// What a person adds to the source of a plugin.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Hosts of its origins whose addresses need not be public.
    pub private_hosts: Vec<String>,
    /// The key that has signed it.
    pub key: Option<Key>,
    /// Where its signature is, if not beside its file.
    pub signature: Option<PathBuf>,
}
