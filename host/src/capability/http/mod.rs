//! The capability `http`: requests to platforms, all of them through one [gate].

pub mod address;
pub mod carrier;
pub mod client;
pub mod denial;
pub mod gate;
pub mod graphql;
pub mod outgoing;
pub mod permit;
pub mod policy;
pub mod rate;
pub mod redact;

pub use crate::origin;
