//! Where tests make the disk fail or the process die in the middle of a write.
//!
//! Outside tests [`reach`] is nothing. A full or read-only disk cannot be arranged without root, nor
//! a crash between two system calls without luck; both must be tried at each step.

/// The steps of a write, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    OpenLock,
    CreateTemporary,
    WriteTemporary,
    SyncTemporary,
    Rename,
    SyncDirectory,
}

#[cfg(not(test))]
#[inline]
pub(crate) fn reach(_: Step) -> rustix::io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(crate) use injected::{Fault, inject, reach};

#[cfg(test)]
mod injected {
    use super::Step;
    use rustix::io::Errno;
    use std::cell::Cell;

    /// What happens at the step.
    #[derive(Clone, Copy)]
    pub(crate) enum Fault {
        /// The system call fails.
        Errno(Errno),
        /// The process dies before the system call, without unwinding.
        Abort,
    }

    thread_local! {
        static PLANNED: Cell<Option<(Step, Fault)>> = const { Cell::new(None) };
    }

    impl Step {
        pub(crate) const ALL: [Self; 6] = [
            Self::OpenLock,
            Self::CreateTemporary,
            Self::WriteTemporary,
            Self::SyncTemporary,
            Self::Rename,
            Self::SyncDirectory,
        ];
    }

    /// Plans a fault for this thread's writes; `None` ends it.
    pub(crate) fn inject(planned: Option<(Step, Fault)>) {
        PLANNED.set(planned);
    }

    pub(crate) fn reach(step: Step) -> rustix::io::Result<()> {
        match PLANNED.get() {
            Some((at, Fault::Errno(errno))) if at == step => Err(errno),
            Some((at, Fault::Abort)) if at == step => std::process::abort(),
            _ => Ok(()),
        }
    }
}
