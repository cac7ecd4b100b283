//! Prospector.
pub mod contract;
pub mod lead;
