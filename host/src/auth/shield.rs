//! What must not be torn by the end of the process: a renewal, between spending a refresh token and storing what replaced it.
//!
//! A renewal is a task of its own, so that no caller's giving up ends it. The runtime's end would: whoever ends the program waits for
//! [`finished`] first.

use std::sync::LazyLock;
use std::time::Duration;

use tokio::sync::watch;

static UNDER_WAY: LazyLock<watch::Sender<usize>> = LazyLock::new(|| watch::Sender::new(0));

/// Something that is to run to its end, until this is dropped.
pub(super) struct Shield(());

impl Shield {
    pub(super) fn raise() -> Self {
        UNDER_WAY.send_modify(|count| *count += 1);
        Self(())
    }
}

impl Drop for Shield {
    fn drop(&mut self) {
        UNDER_WAY.send_modify(|count| *count -= 1);
    }
}

/// Waits until no renewal is under way in this process, at most `limit`; whether it came to that.
pub async fn finished(limit: Duration) -> bool {
    let mut watching = UNDER_WAY.subscribe();
    tokio::time::timeout(limit, watching.wait_for(|count| *count == 0)).await.is_ok()
}
