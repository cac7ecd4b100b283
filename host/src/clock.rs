//! The time, passed in wherever it matters, so that tests can turn it.

use std::time::Duration;

use async_trait::async_trait;

use crate::contract::types::UtcSeconds;

/// Tells the time, and lets it pass.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Seconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> UtcSeconds;

    /// Waits for so long.
    async fn wait(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UtcSeconds {
        jiff::Timestamp::now().as_second().saturating_add(crate::fault::ahead())
    }
}
