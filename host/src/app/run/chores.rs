//! What is done beside scans, each when it is due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Daemon;
use crate::app::keep_alive::keep_alive;
use crate::app::live::Live;
use crate::app::wake::{Woken, fire};
use crate::app::{AppError, following, notify};
use crate::plugin::platform::PlatformPlugin;
use crate::store::Scope;

/// How often tokens and connections are looked at where nothing else calls for it, in seconds.
const CONNECTIONS_EVERY: i64 = 30 * 60;
/// The shortest time between two looks at proposals and contracts, in seconds.
const LEAST_BETWEEN_SYNCS: i64 = 5 * 60;
/// How often proposals and contracts are gone through for what there is to tell of them where no round changed any: reminders, in seconds.
const REMINDERS_EVERY: i64 = 5 * 60;
/// How long a round of deliveries may take.
const DELIVERING: Duration = Duration::from_secs(30);

/// When things were done last.
#[derive(Debug, Default)]
pub(super) struct Chores {
    connections_at: Option<i64>,
    reminders_at: Option<i64>,
    /// When proposals and contracts of each platform were looked at.
    followed_at: BTreeMap<String, i64>,
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
    let plugins = live.app.platforms(None).unwrap_or_default();
    futures_util::future::join_all(plugins.iter().map(|plugin| wake(daemon, live, plugin))).await;
    let changed = futures_util::future::join_all(plugins.iter().map(|plugin| follow(daemon, live, plugin))).await;
    if changed.contains(&true) || due(daemon.chores.borrow().reminders_at, REMINDERS_EVERY) {
        daemon.chores.borrow_mut().reminders_at = Some(now);
        if let Err(error) = following::post(&live.app, &live.services, &courier).await {
            daemon.reporter.troubled("what became of proposals and contracts was not told of", &error);
        }
    }
    if let Err(error) = notify::post_leads(&live.app, &live.services, &courier).await {
        daemon.reporter.troubled("new leads were not told of", &error);
    }
    if let Err(error) = notify::post_drafts(&live.app, &live.services, &courier).await {
        daemon.reporter.troubled("new drafts were not told of", &error);
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

/// Looks at a platform's proposals and contracts at their interval, and between that at what is being submitted. Whether any is otherwise now.
async fn follow(daemon: &Daemon<'_>, live: &Live, plugin: &Arc<PlatformPlugin>) -> bool {
    let (app, services) = (&live.app, &live.services);
    let interval = i64::try_from(app.config().contracts.sync_interval.as_secs()).unwrap_or(i64::MAX);
    let last = daemon.chores.borrow().followed_at.get(plugin.id()).copied();
    let every = interval.max(LEAST_BETWEEN_SYNCS);
    let due = last.is_none_or(|last| !(last..last.saturating_add(every)).contains(&app.now()));
    let followed = async {
        if services.credentials.describe(&app.account(plugin.id())).await?.is_none() {
            return Ok(following::Round::default());
        }
        if due {
            daemon.chores.borrow_mut().followed_at.insert(plugin.id().to_owned(), app.now());
            return following::follow(app, services, plugin).await;
        }
        let mut round = following::Round::default();
        if plugin.proposes() {
            let desk = following::desk(app, services, plugin)?;
            following::pursue(app, services, &desk, &app.account(plugin.id()), &mut round).await?;
        }
        Ok::<_, AppError>(round)
    };
    match followed.await {
        Ok(round) => {
            for error in &round.errors {
                daemon
                    .reporter
                    .troubled(&format!("{} of {} cannot be followed", error.what, plugin.id()), &error.message);
            }
            daemon.reporter.followed(plugin.id(), &round);
            !round.proposals.is_empty() || round.contracts_new + round.contracts_changed > 0
        }
        Err(error) => {
            daemon.reporter.troubled(&format!("proposals and contracts of {} cannot be followed", plugin.id()), &error);
            false
        }
    }
}

/// Fires a plugin's wake-ups.
async fn wake(daemon: &Daemon<'_>, live: &Live, plugin: &PlatformPlugin) {
    let fired = async {
        let scope = Scope::from(&live.app.account(plugin.id()));
        if live.services.store.due_wake_ups(&scope, live.app.now(), 1).await?.is_empty() {
            return Ok(Vec::new());
        }
        Ok::<_, AppError>(fire(plugin, &live.app.work(&live.services, plugin)?).await?)
    };
    match fired.await {
        Ok(woken) => {
            for Woken { key, error } in woken {
                let Some(error) = error else { continue };
                daemon.reporter.troubled(&format!("the wake-up {key:?} of {} comes again", plugin.id()), &error);
            }
        }
        Err(error) => daemon.reporter.troubled(&format!("wake-ups of {} cannot be fired", plugin.id()), &error),
    }
}
