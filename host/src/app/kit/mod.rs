//! What plugins' authors are given: a project to begin with, what a host would say of a component, what a call of it costs, and whether it does
//! what was recorded of it.

pub mod bench;
pub mod project;
pub mod recordings;
pub mod sample;
pub mod verify;

/// Problems of settings on one line.
fn describe(problems: &[crate::config::Diagnostic]) -> String {
    problems.iter().map(|of| format!("{}: {}", of.path, of.message)).collect::<Vec<_>>().join("; ")
}
