//! All that knows wasmtime: the engine, loading, limits, and calls into guests.
//!
//! A guest runs in a store of its own for each call. Whatever it does there (a trap, a loop, a flood of memory) costs that call and
//! nothing else, and is reported as a [`fault::Fault`]. What it answers is [checked](check) before anybody sees it.

mod abilities;
pub mod any;
mod bound;
mod bounded;
pub mod cache;
mod call;
pub mod catalog;
mod check;
pub mod component;
pub mod custom;
pub mod described;
pub mod difference;
pub mod digest;
pub mod edition;
pub mod encode;
pub mod engine;
pub mod fault;
pub mod grant;
mod inert;
pub mod installed;
pub mod kept;
pub mod limits;
pub mod lock;
pub mod meter;
pub mod platform;
pub mod proposals;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod released_tests;
mod requests;
pub mod session;
pub mod shelf;
pub mod signature;
pub mod source;
pub mod timings;
pub mod version;
mod wasi_http;
pub mod wishes;
mod withheld;
mod world;
