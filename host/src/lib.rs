//! Prospector: a lead scanner for people who work for themselves. It connects to marketplaces, scans their postings, and shows the few that fit and why.
//!
//! Each marketplace is a WebAssembly component, which is given HTTP, state and wake-ups through the interfaces of `wit/` and nothing
//! else. One scan:
//!
//! ```text
//!  cli ──► app ──► pipeline ──► plugin ──► guest: search ──► capability::http (the gate) ──► platform
//!                     │            │                                  ▲
//!                     │            └────► guest: assess (pure)        │ attaches a token, which no guest sees
//!                     │                                             auth ──► vault
//!                     ├── compose: the person's weights, a breakdown that adds up
//!                     └── store: leads, skipped postings with reasons, history
//! ```
//!
//! Rooms, from the top down; nothing below imports from above:
//!
//! | room | what is in it |
//! |---|---|
//! | [`cli`] | a file for each command: parses, calls, prints |
//! | [`app`] | what the product does, for the command line, the daemon and the dashboard alike |
//! | [`scheduler`] | the daemon's loop: when what is due |
//! | [`pipeline`], [`submission`], [`auth`] | one scan; sending proposals at most once; OAuth flows and the life of tokens |
//! | [`plugin`], [`capability`] | all that knows wasmtime; what guests may import |
//! | [`registry`] | getting components from OCI registries |
//! | [`notify`] | telling the person of events, over channels that may fail |
//! | [`vault`], [`store`], [`config`] | secrets; leads and what plugins keep; the configuration file |
//! | [`fault`], [`shield`] | where tests end a debug build's process; what its end waits for |
//! | [`lead`], [`subject`], [`proposal`], [`contract`], [`origin`], [`clock`], `durable`, `environment`, [`tls`] | words that all share; replacing a file wholly or not at all; secrets in the environment; the one cryptography |

pub mod app;
pub mod auth;
pub mod capability;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contract;
pub mod dashboard;
mod durable;
mod environment;
pub mod fault;
pub mod lead;
pub mod notify;
pub mod origin;
pub mod pipeline;
mod plain;
pub mod plugin;
pub mod proposal;
pub mod registry;
pub mod scheduler;
pub mod shield;
pub mod store;
pub mod subject;
pub mod submission;
#[cfg(test)]
mod testing;
pub mod tls;
pub mod vault;

/// Handing postings to components and back is many small texts, and compiling components many small nodes: judging takes a seventh less by it than by
/// the C library's allocator, and compiling a twentieth. Huge pages are off (`no_thp`): they double what a scan is resident with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
