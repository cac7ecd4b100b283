//! What went wrong in a call into a guest: which plugin, which export, and why.

use std::fmt;
use std::time::Duration;

use crate::contract::types::Error;

/// A call that did not come to an answer, or to one that cannot be used. It cost that call alone.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The plugin, by its id, or by its file while that is not known.
    pub plugin: String,
    /// The export called: `search.search`.
    pub export: &'static str,
    /// Why.
    pub cause: Cause,
}

/// Why a call failed.
#[derive(Clone, Debug)]
pub enum Cause {
    /// The guest trapped: a panic, an access out of bounds, a stack that overflowed. With wasmtime's words.
    Trap(String),
    /// It used up its time on the processor.
    Spun(Duration),
    /// It took too long in all.
    TimedOut(Duration),
    /// It was refused memory or table elements, and gave up. With what was refused and its bound.
    Exhausted(&'static str, usize),
    /// It handed over more at once than a call may, in bytes.
    Handed(usize),
    /// It answered what the contract does not allow.
    Absurd(String),
    /// It could not be instantiated.
    Unusable(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Trap(why) => write!(f, "trapped: {why}"),
            Cause::Spun(budget) => write!(f, "used up its {} ms of processor time", budget.as_millis()),
            Cause::TimedOut(budget) => write!(f, "did not return within {} s", budget.as_secs_f32()),
            Cause::Exhausted("memory", bound) => write!(f, "asked for more than its {} MiB of memory", bound >> 20),
            Cause::Exhausted(what, bound) => write!(f, "asked for more than its {bound} {what}"),
            Cause::Handed(bound) => write!(f, "handed over more than {} MiB at once", bound >> 20),
            Cause::Absurd(why) => write!(f, "gave an answer that the contract does not allow: {why}"),
            Cause::Unusable(why) => write!(f, "cannot be started: {why}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the plugin `{}` {} (in `{}`)", self.plugin, self.cause, self.export)
    }
}

impl std::error::Error for Fault {}

/// How a call failed: by the plugin's fault, or by its considered answer.
#[derive(Clone, Debug)]
pub enum CallError {
    /// The plugin is at fault.
    Fault(Fault),
    /// The plugin says that it could not be done, and why.
    Refused(Error),
}

impl From<Fault> for CallError {
    fn from(fault: Fault) -> CallError {
        CallError::Fault(fault)
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Fault(fault) => fault.fmt(f),
            CallError::Refused(error) => f.write_str(&error.message),
        }
    }
}

impl std::error::Error for CallError {}
