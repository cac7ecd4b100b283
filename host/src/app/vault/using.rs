//! Who uses secrets, so that nobody moves them meanwhile.
//!
//! A refresh token may be replaced at any moment. If that happened in the old store after it was copied, the new one would hold a dead
//! token. So all who use secrets share a lock, and who moves them has it alone.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use tokio::time::Instant;

use crate::app::{Access, App, AppError};
use crate::config::{Config, Home, Overrides};

/// How long whoever moves secrets waits for others to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Held while secrets are used; by any number of processes.
pub struct Using(#[expect(dead_code, reason = "the lock is held as long as the file is open")] Option<File>);

impl Using {
    /// Joins those who use the store that `app` is configured with.
    ///
    /// # Errors
    /// [`AppError::Busy`] while secrets are moved, or where they were after the configuration was read.
    pub fn begin(app: &App, access: Access) -> Result<Self, AppError> {
        let Some(file) = open(app.home(), access)? else { return Ok(Self(None)) };
        if flock(&file, FlockOperation::NonBlockingLockShared).is_err() {
            let said =
                "credentials are being moved to another store by `vault migrate`; wait for it to end, then try again";
            return Err(AppError::Busy(said.to_owned()));
        }
        // Only a configuration that says the same now is one whose store is in force.
        if app.loaded.is_current(app.home()) {
            return Ok(Self(Some(file)));
        }
        let loaded =
            app.installation.with_schemas(|schemas| Config::load_with(app.home(), schemas, &Overrides::from_env()));
        match loaded {
            Ok(loaded) if loaded.config.vault == app.config().vault => Ok(Self(Some(file))),
            _ => Err(AppError::Busy("the configuration changed while this began; run it again".to_owned())),
        }
    }
}

/// Held by one process alone.
pub(super) struct Moving(#[expect(dead_code, reason = "the lock is held as long as the file is open")] File);

impl Moving {
    /// Waits for those who use secrets to end.
    pub(super) async fn begin(home: &Home) -> Result<Self, AppError> {
        home.ensure_dir(&home.data_dir())?;
        let Some(file) = open(home, Access::Write)? else {
            return Err(AppError::Machine("the vault's lock cannot be made".to_owned()));
        };
        let began = Instant::now();
        while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            if began.elapsed() > PATIENCE {
                let said = "other commands use the credentials (a scan, a daemon, or another `vault migrate`), so they cannot be \
                            moved; end them, then run this again";
                return Err(AppError::Busy(said.to_owned()));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(Self(file))
    }
}

/// The lock's file. One who only reads makes none; where there is none, nothing was ever moved from here.
fn open(home: &Home, access: Access) -> Result<Option<File>, AppError> {
    let path = home.vault_lock();
    let opened = match access {
        Access::Read => File::open(&path),
        Access::Write => OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path),
    };
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if access == Access::Read && error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            // A home that nothing can be written to is one that nothing is moved in.
            let read_only = error.kind() == io::ErrorKind::ReadOnlyFilesystem && fs::metadata(home.data_dir()).is_ok();
            if read_only {
                return Ok(None);
            }
            Err(AppError::Machine(format!("{} cannot be opened: {error}; check its permissions", path.display())))
        }
    }
}
