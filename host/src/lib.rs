//! Prospector.
pub mod app;
pub mod auth;
pub mod capability;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contract;
pub mod lead;
pub mod pipeline;
pub mod plugin;
pub mod store;
pub mod vault;
