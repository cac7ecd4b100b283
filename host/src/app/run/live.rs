//! A configuration in force, with what was opened for it.

use std::cell::Cell;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::app::{Access, App, AppError, Installation, Services};
use crate::config::Home;
use crate::pipeline::judge::Customs;

/// What work is done with until the configuration changes.
pub(super) struct Live {
    pub app: App,
    pub services: Services,
    pub customs: Customs,
    /// What the files were like when they were read, or last refused.
    seen: Cell<[Mark; 2]>,
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

impl Live {
    /// Reads the configuration and opens all it needs.
    pub async fn open(home: Home) -> Result<Live, AppError> {
        // Before they are read: a change meanwhile is met again.
        let seen = Cell::new(marks(&home));
        let app = Installation::open(home).await?.configured()?;
        let customs = app.customs().await?;
        let services = app.services(Access::Write).await?;
        Ok(Live { app, services, customs, seen })
    }

    /// Whether the configuration or the record of plugins is another than when it was read or refused.
    pub fn has_changed(&self) -> bool {
        self.seen.get() != marks(self.app.home())
    }

    /// What is there now cannot be used: it is not looked at again before it changes.
    pub fn refused(&self) {
        self.seen.set(marks(self.app.home()));
    }
}
