//! Getting components from OCI registries.
//!
//! ```text
//!  Reference ──► Registry::manifest ──► Manifest ──► Registry::component ──► bytes with the manifest's digest of them
//!                    │        ▲
//!                    └ 401 ───┴── challenge ──► the token's realm, or a password ◄── docker (config.json, credential helpers)
//! ```
//!
//! What this stops: bytes that are another than the manifest says, or a manifest that is another than the reference says; answers of any length
//! or duration; requests to places that a registry has no business to send us to. A registry is named by the person, so it may be anywhere; where it sends
//! us (redirects, the realm of tokens) has to be public, or of the same kind of address as itself. A password is sent to the registry, or to the realm that
//! it names over TLS: whoever runs a registry is told the password to it in any case. A token is sent to the registry alone.
//!
//! What this does not stop: a registry that has another component by the same tag. The manifest's digest is recorded when a plugin is installed, and a
//! signature tells who made it: see `plugin::signature`.
//!
//! The distribution API is small, and of its clients none bounds what it reads: `oci-client` takes manifests, tokens and errors to their end. So this is our own.

mod challenge;
mod client;
mod dial;
mod docker;
mod error;
mod helper;
pub mod manifest;
pub mod reference;
mod token;

pub use client::Registry;
pub use docker::{CredentialError, DockerConfig};
pub use error::RegistryError;
pub use reference::Reference;
