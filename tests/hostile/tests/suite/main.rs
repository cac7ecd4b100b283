//! What a plugin may do wrong, one behaviour a test, and that each costs the call alone.
//!
//! A test that is ignored shows a defect of the host's that is known; its reason says which.

mod answers;
mod asking;
mod bytes;
mod calls;
mod credentials;
mod descriptors;
mod editions;
mod floods;
mod fuzzing;
mod gate;
mod inertness;
mod installing;
mod properties;
mod scans;
mod servers;
mod waking;
mod wasi_http;
mod writing;

use ghoststack::contract::types::Error;
use ghoststack::plugin::fault::{CallError, Cause, Fault};

/// The fault that a call came to.
fn fault<T: std::fmt::Debug>(outcome: Result<T, CallError>) -> Fault {
    match outcome.expect_err("the call fails") {
        CallError::Fault(fault) => fault,
        CallError::Refused(error) => panic!("the plugin refused, where it was to be at fault: {error:?}"),
    }
}

/// The plugin's own refusal that a call came to.
fn refusal<T: std::fmt::Debug>(outcome: Result<T, CallError>) -> Error {
    match outcome.expect_err("the call fails") {
        CallError::Refused(error) => error,
        CallError::Fault(fault) => panic!("the plugin was at fault, where it was to refuse: {fault}"),
    }
}

/// The words of an answer that the contract does not allow.
fn absurd(fault: &Fault) -> &str {
    match &fault.cause {
        Cause::Absurd(why) => why,
        other => panic!("another cause than an absurd answer: {other}"),
    }
}
