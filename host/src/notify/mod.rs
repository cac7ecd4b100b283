//! Notifications: telling the person of events, over channels that may fail.
//!
//! ```text
//!  app ──► Event ──post──► store::Outbox ──claim──► Courier ──► Channel: desktop, webhook, ntfy, e-mail, command
//!                               ▲                     │
//!                               └──── delivered, or again later, or given up
//! ```
//!
//! An event is put into the outbox once, by its key, and from there it goes to each channel that wants its kind. Nothing waits for a channel: commands
//! deliver after they have printed what they were asked for, for a few seconds ([`Courier::deliver_due`]); what is not delivered then stays and
//! comes with a later command, later and later apart ([`backoff`]), until it is too old or was tried too often ([`crate::store::outbox`]).
//!
//! # Threat model
//!
//! Events hold no secret, but words of platforms: they are cut, freed of control characters ([`event`]), and escaped by each channel for what it
//! speaks. Keys and passwords are read from files of the person's when they are needed, held as `secrecy` types, and named in no message. A
//! webhook's address may hold a secret in its path, so messages name its host alone. HTTP goes to HTTPS or this machine, follows no redirect, and
//! reads no answer beyond its status; mail goes over TLS or to this machine. The command is started without a shell, in an environment of a few words, and is
//! ended with its children when its time is over. What these receivers do with an event is theirs.

pub mod backoff;
pub mod channel;
mod command;
mod courier;
#[cfg(target_os = "linux")]
mod desktop;
#[cfg(not(target_os = "linux"))]
#[path = "desktop_elsewhere.rs"]
mod desktop;
pub mod digest;
mod email;
pub mod event;
pub mod hours;
mod http;
mod ntfy;
mod secret_file;
mod webhook;
pub mod work;

pub use channel::{Channel, Failure, channels};
pub use courier::{Attempted, Courier};
pub use event::{EventKind, Notice};
