//! Scans that were begun from the dashboard, as far as they are.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::app::live::Live;
use crate::app::notify;
use crate::app::proposals::auto;
use crate::app::scan::{How, PlatformRow, not_scanned, scan_watched};
use crate::pipeline::Observer;
use crate::pipeline::course::Reach;
use crate::store::{Page, PageSummary};

/// How far one is.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// What its platform is called.
    pub name: String,
    /// Postings fetched.
    pub fetched: u64,
    /// Of so many, where the platform says.
    pub total: Option<u64>,
    /// How it ended.
    pub ended: Option<PlatformRow>,
}

/// The latest of each platform.
#[derive(Clone, Debug, Default)]
pub struct Latest {
    /// By platform.
    pub runs: BTreeMap<String, Run>,
    /// How many have ended since the dashboard began: one that ends at once is noticed by it.
    pub ended: u64,
}

/// Those that are under way, and how the latest ended.
pub struct Runs {
    latest: watch::Sender<Latest>,
    stopping: Arc<AtomicBool>,
    turn: Mutex<()>,
}

impl Default for Runs {
    fn default() -> Runs {
        Runs { latest: watch::Sender::new(Latest::default()), stopping: Arc::default(), turn: Mutex::default() }
    }
}

impl Runs {
    /// What there is, now and whenever it changes.
    pub fn follow(&self) -> watch::Receiver<Latest> {
        self.latest.subscribe()
    }

    /// Takes the turn of a platform; false where one is under way.
    pub fn begin(&self, platform: &str, name: &str) -> bool {
        let _one = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = self.latest.borrow().runs.get(platform).is_none_or(|run| run.ended.is_some());
        if is_free {
            let run = Run { name: name.to_owned(), ..Run::default() };
            self.latest.send_modify(|latest| drop(latest.runs.insert(platform.to_owned(), run)));
        }
        is_free
    }

    /// Scans a platform whose turn was taken, as the daemon would: all that is new is stored, drafted and told of.
    pub async fn scan(&self, live: &Live, platform: &str) {
        let _turn = Turn { latest: &self.latest, platform };
        let row = match live.app.installation.plugin(platform) {
            Ok(plugin) => {
                let mut watched = Watched { platform, latest: &self.latest, stopping: &self.stopping };
                let how = How { reach: Reach::News, dry_run: false };
                let row = scan_watched(&live.app, &live.services, plugin, &live.customs, how, &mut watched).await;
                if row.error.is_none()
                    && let Err(error) = auto::draft_due(&live.app, &live.services, [plugin.as_ref()]).await
                {
                    tracing::warn!(%error, "drafts were not made");
                }
                row
            }
            Err(error) => not_scanned(platform.to_owned(), &error),
        };
        if let Err(error) = notify::post_scan(&live.app, &live.services, row.clone()).await {
            tracing::warn!(%error, "notifications were not posted");
        }
        self.latest.send_modify(|latest| {
            latest.runs.entry(platform.to_owned()).or_default().ended = Some(row);
            latest.ended += 1;
        });
    }

    /// Has scans end after the page that they are at; what they have found stays.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

/// A platform's turn: however its scan ends, there can be another one.
struct Turn<'r> {
    latest: &'r watch::Sender<Latest>,
    platform: &'r str,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.latest.send_if_modified(|latest| {
            let is_cut_off = latest.runs.get(self.platform).is_some_and(|run| run.ended.is_none());
            if is_cut_off {
                latest.runs.remove(self.platform);
                latest.ended += 1;
            }
            is_cut_off
        });
    }
}

struct Watched<'r> {
    platform: &'r str,
    latest: &'r watch::Sender<Latest>,
    stopping: &'r AtomicBool,
}

impl Observer for Watched<'_> {
    fn page(&mut self, _page: &Page, _known: &PageSummary) {}

    fn progress(&mut self, fetched: u64, total: Option<u64>) {
        self.latest.send_modify(|latest| {
            let run = latest.runs.entry(self.platform.to_owned()).or_default();
            (run.fetched, run.total) = (fetched, total);
        });
    }

    fn goes_on(&self) -> bool {
        !self.stopping.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_whose_scan_was_cut_off_can_be_scanned_again() {
        let runs = Runs::default();
        assert!(runs.begin("workbazaar", "Workbazaar") && !runs.begin("workbazaar", "Workbazaar"));
        drop(Turn { latest: &runs.latest, platform: "workbazaar" });
        assert_eq!(runs.follow().borrow().ended, 1, "whoever looks is told");
        assert!(runs.begin("workbazaar", "Workbazaar"));
    }
}
