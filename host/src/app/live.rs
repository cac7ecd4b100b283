//! A configuration in force, with what was opened for it.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::app::{Access, App, AppError, Installation, Services};
use crate::config::Home;
use crate::pipeline::judge::Customs;

/// How long a file is left alone before it counts as written.
const STILL: Duration = Duration::from_millis(200);
/// How often that is waited for: a file that changes without end is read as it is, and again at its next change.
const MOST_WAITS: u32 = 25;

/// What work is done with until the configuration changes.
pub struct Live {
    /// The configuration, and the plugins.
    pub app: App,
    /// The store, the vault, credentials.
    pub services: Services,
    /// The person's own filters and scorers.
    pub customs: Customs,
    /// What the files were like when they were read, or last refused.
    seen: Mutex<[Mark; 2]>,
}

/// A file's own word on whether it is still the same: when it was changed, its size, and which one it is. None where there is none.
type Mark = Option<(i64, i64, u64, u64)>;

fn mark(path: &Path) -> Mark {
    let of = std::fs::metadata(path).ok()?;
    Some((of.mtime(), of.mtime_nsec(), of.size(), of.ino()))
}

fn marks(home: &Home) -> [Mark; 2] {
    [mark(&home.config_file()), mark(&home.plugins_lock())]
}

/// Waits until the files are left alone: an editor that writes in place has them empty for a moment, and what is half there can be valid YAML.
async fn settled(home: &Home, mut wait: impl AsyncFnMut()) {
    let mut before = marks(home);
    for _ in 0..MOST_WAITS {
        wait().await;
        let now = marks(home);
        if now == before {
            return;
        }
        before = now;
    }
}

impl Live {
    /// Reads the configuration and opens all it needs.
    ///
    /// # Errors
    /// What keeps the configuration from being used, or the store from being opened.
    pub async fn open(home: Home) -> Result<Live, AppError> {
        // Before they are read: a change meanwhile is met again.
        let seen = Mutex::new(marks(&home));
        let app = Installation::open(home).await?.configured()?;
        let customs = app.customs().await?;
        let services = app.services(Access::Write).await?;
        Ok(Live { app, services, customs, seen })
    }

    /// Whether the configuration or the record of plugins is another than when it was read or refused; if so, once they are left alone.
    pub async fn has_changed(&self) -> bool {
        let has_changed = *self.seen() != marks(self.app.home());
        if has_changed {
            settled(self.app.home(), async || tokio::time::sleep(STILL).await).await;
        }
        has_changed
    }

    /// What is there now cannot be used: it is not looked at again before it changes.
    pub fn refused(&self) {
        *self.seen() = marks(self.app.home());
    }

    fn seen(&self) -> MutexGuard<'_, [Mark; 2]> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn files_that_are_being_written_are_waited_for_but_not_for_ever() {
        let directory = tempfile::tempdir().unwrap();
        let home = Home::at(directory.path());
        let file = home.config_file();
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        // How often it waits where the first so many waits find another size.
        let waits_while = async |writes: u32| {
            let mut waits = 0;
            let write_and_count = async || {
                waits += 1;
                if waits <= writes {
                    fs::write(&file, "#".repeat(waits as usize)).unwrap();
                }
            };
            settled(&home, write_and_count).await;
            fs::remove_file(&file).ok();
            waits
        };
        assert_eq!(waits_while(0).await, 1);
        assert_eq!(waits_while(4).await, 5);
        assert_eq!(waits_while(u32::MAX).await, MOST_WAITS);
    }
}
