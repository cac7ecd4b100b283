//! What is done beside scans, each when it is due.

use std::time::Duration;

use super::Daemon;
use super::live::Live;
use crate::app::keep_alive::keep_alive;
use crate::app::{AppError, notify};

/// How often tokens and connections are looked at where nothing else calls for it, in seconds.
const CONNECTIONS_EVERY: i64 = 30 * 60;
/// How long a round of deliveries may take.
const DELIVERING: Duration = Duration::from_secs(30);

/// When things were done last.
#[derive(Debug, Default)]
pub(super) struct Chores {
    connections_at: Option<i64>,
}

impl Chores {
    /// Something has used connections: they are looked at in the next round.
    pub fn connections_changed(&mut self) {
        self.connections_at = None;
    }
}

/// One round. What fails is reported, and keeps nothing else from being done.
pub(super) async fn run(daemon: &Daemon<'_>, live: &Live) {
    let now = live.app.now();
    let due =
        |last: Option<i64>, every: i64| last.is_none_or(|last| !(last..last.saturating_add(every)).contains(&now));
    let courier = live.app.courier(&live.services);
    if due(daemon.chores.borrow().connections_at, CONNECTIONS_EVERY) {
        daemon.chores.borrow_mut().connections_at = Some(now);
        daemon.reporter.endings(&keep_alive(&live.app, &live.services).await);
        if let Err(error) = notify::post_connections(&live.app, &live.services, &courier, &[]).await {
            daemon.reporter.troubled("the connections cannot be looked at", &error);
        }
    }
    let delivering = async {
        if courier.is_due().await? {
            daemon.reporter.delivered(&courier.deliver_due(DELIVERING).await?);
        }
        Ok::<_, AppError>(())
    };
    if let Err(error) = delivering.await {
        daemon.reporter.troubled("notifications were not delivered", &error);
    }
}
