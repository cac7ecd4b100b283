//! What must not be torn by the end of the process: a renewal between spending a refresh token and storing what replaced it, rows of the
//! audit that are being written.
//!
//! Such work is a task of its own, so that no caller's giving up ends it. The runtime's end would: whoever ends the program waits for
//! [`Shields::down`] first.

use std::sync::LazyLock;
use std::time::Duration;

use tokio::sync::watch;

/// Work of one kind that is under way in this process.
pub struct Shields(LazyLock<watch::Sender<usize>>);

impl Shields {
    /// None is under way.
    #[expect(clippy::new_without_default, reason = "it is made for statics, which need a constant")]
    #[must_use]
    pub const fn new() -> Shields {
        Shields(LazyLock::new(|| watch::Sender::new(0)))
    }

    /// Something begins that is to run to its end, until what is returned is dropped.
    #[must_use]
    pub fn raise(&'static self) -> Shield {
        self.0.send_modify(|count| *count += 1);
        Shield(self)
    }

    /// Waits until nothing is under way, at most `limit`; whether it came to that.
    pub async fn down(&self, limit: Duration) -> bool {
        let mut watching = self.0.subscribe();
        tokio::time::timeout(limit, watching.wait_for(|count| *count == 0)).await.is_ok()
    }
}

/// Something that is to run to its end, until this is dropped.
pub struct Shield(&'static Shields);

impl Drop for Shield {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}
