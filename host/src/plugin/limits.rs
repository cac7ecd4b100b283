//! What a call into a guest may use, and the account of what it did.

use std::time::Duration;

use wasmtime::ResourceLimiter;

use super::engine::{CORE_INSTANCES, MAX_GUEST_MEMORY};

/// Bounds of one call. Whatever is reached first ends the call, and the call alone.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Linear memory, all memories together, in bytes.
    pub memory: usize,
    /// Elements of all tables together.
    pub table_elements: usize,
    /// Time on the processor, in whole ticks of the engine.
    pub cpu: Duration,
    /// Time in all, waiting for answers included.
    pub wall: Duration,
    /// Bytes that may be copied out of the guest at once: by one call of the host's functions, or as its answer. Before anything is cut.
    pub hostcall_bytes: usize,
    /// Handles that the guest may hold.
    pub handles: usize,
    /// Requests through the gate.
    pub requests: u32,
}

impl Budget {
    /// For `describe`: a plugin nobody has agreed to yet.
    pub const DESCRIBE: Budget = Budget {
        memory: 64 * 1024 * 1024,
        table_elements: 20_000,
        cpu: Duration::from_millis(500),
        wall: Duration::from_secs(2),
        hostcall_bytes: 1024 * 1024,
        handles: 256,
        requests: 0,
    };

    /// For `identify`, `explain` and other short calls.
    pub const SHORT: Budget = Budget {
        cpu: Duration::from_secs(1),
        wall: Duration::from_secs(60),
        hostcall_bytes: 16 * 1024 * 1024,
        requests: 8,
        ..Budget::DESCRIBE
    };

    /// For a page of a search.
    pub const SEARCH: Budget = Budget {
        memory: 128 * 1024 * 1024,
        cpu: Duration::from_secs(5),
        wall: Duration::from_secs(120),
        requests: 64,
        ..Budget::SHORT
    };

    /// For carrying out what a person approved: the request itself may take its whole minute.
    pub const WRITE: Budget = Budget { wall: Duration::from_secs(100), ..Budget::SHORT };

    /// For judging a batch.
    pub const JUDGE: Budget = Budget {
        memory: 128 * 1024 * 1024,
        cpu: Duration::from_secs(5),
        wall: Duration::from_secs(30),
        requests: 0,
        ..Budget::SHORT
    };
}

/// Holds a guest to its memory, and remembers if it asked for more.
#[derive(Debug)]
pub(super) struct Limiter {
    memory: usize,
    memory_left: usize,
    tables_left: usize,
    /// What was refused, if anything was: explains the trap that follows.
    pub(super) refused: Option<&'static str>,
}

impl Limiter {
    pub(super) fn new(budget: &Budget) -> Limiter {
        let memory = budget.memory.min(MAX_GUEST_MEMORY);
        Limiter { memory, memory_left: memory, tables_left: budget.table_elements, refused: None }
    }

    /// Linear memory that it was given, all memories together, in bytes.
    pub(super) fn memory_used(&self) -> usize {
        self.memory - self.memory_left
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        match self.memory_left.checked_sub(more) {
            Some(left) => {
                self.memory_left = left;
                Ok(true)
            }
            None => {
                self.refused = Some("memory");
                Ok(false)
            }
        }
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        match self.tables_left.checked_sub(more) {
            Some(left) => {
                self.tables_left = left;
                Ok(true)
            }
            None => {
                self.refused = Some("table elements");
                Ok(false)
            }
        }
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES as usize
    }

    fn tables(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_are_told_the_bounds() {
        const DOC: &str = include_str!("../../../docs/plugins/permissions.md");
        for (calls, budget) in [
            ("`descriptor.describe`, `account.explain`", Budget::DESCRIBE),
            ("`search.search`, `lookup.find`, `proposals.changes`, `contracts.changes`", Budget::SEARCH),
            ("`screening`, `scoring`, `assessment`, filters and scorers, a batch of postings", Budget::JUDGE),
            ("`proposals.perform`, `milestones.submit`, for what was approved", Budget::WRITE),
            ("every other", Budget::SHORT),
        ] {
            let Budget { memory, cpu, wall, hostcall_bytes, requests, .. } = budget;
            let row = format!(
                "| {calls} | {} s | {} s | {} MiB | {} MiB | {requests} |",
                cpu.as_secs_f64(),
                wall.as_secs(),
                memory >> 20,
                hostcall_bytes >> 20
            );
            assert!(DOC.contains(&row), "docs/plugins/permissions.md lacks\n{row}");
        }
    }
}
