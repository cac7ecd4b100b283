//! What plugins' authors are given: a project to begin with, what a host would say of a component, and what a call of it costs.

pub mod bench;
pub mod project;
pub mod sample;
pub mod verify;
