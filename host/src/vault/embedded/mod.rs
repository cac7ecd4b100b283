//! The default backend: one encrypted file beside one key file, no server.
//!
//! | file | what it is |
//! |---|---|
//! | `secrets.vault` | all secrets, XChaCha20-Poly1305 with the header authenticated (`format`, `codec`) |
//! | `secrets.key` | the random 256-bit data key, or what leads to it (`key`, `key_file`) |
//! | `secrets.lock` | serialises writers of all processes (`lock`); never deleted |
//!
//! All three are 0600 in a directory of their own with 0700 (`directory`). Nothing is kept open between
//! calls: each call opens the files, does its work (`document`) and wipes what it has decrypted. That
//! makes opening free, lets a restored backup take effect at once, and keeps plaintext short-lived; the
//! price is one decryption a call, tens of microseconds for an ordinary store.
//!
//! What protects the data key is chosen by the configuration (`protection`) and recorded in the key file:
//! a file that says another protection is refused, whichever is the stronger.
//!
//! | protection | what it protects from | what it costs |
//! |---|---|---|
//! | the key file's mode | copies of the vault file alone: backups and synchronised folders that leave the key out | nothing |
//! | a passphrase | copies of both files, as far as the passphrase cannot be guessed | a tenth of a second and 64 MiB, once a process, when the first secret is wanted |
//! | the keyring | copies of both files | a session with a keyring |
//!
//! The last two keep the data key in memory for the life of the store, since asking again costs. See the
//! threat model of [`crate::vault`] for what none of them can do.
//!
//! A missing key is created only when there is no vault file either. A vault file whose key is gone
//! stays as it is and is reported: a new key would turn a mislaid file into lost secrets.

mod codec;
mod directory;
mod document;
mod error;
mod format;
mod key;
mod key_file;
mod keys;
mod lock;
mod protection;
#[cfg(test)]
mod protection_tests;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

use self::directory::Directory;
use self::document::Document;
use self::key::DataKey;
use self::lock::WriteLock;
use super::{Cas, Description, Metadata, PROBE_PATH, Secret, SecretPath, SecretStore, VaultError, Version, Versioned};

pub use error::EmbeddedError;
pub use protection::{AskPassphrase, KeySource, Keyring, Protection};

const VAULT_FILE: &str = "secrets.vault";
const KEY_FILE: &str = "secrets.key";
const LOCK_FILE: &str = "secrets.lock";

/// The most bytes of all secrets together, encoded. Some hundred accounts with full histories.
const MAX_STORE_BYTES: usize = 8 * 1024 * 1024;

/// The most paths of one store.
const MAX_PATHS: usize = 4096;

/// How long a write waits for another process before it gives up.
const LOCK_WAIT: Duration = Duration::from_secs(10);

/// Says what time it is; tests turn it by hand.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The embedded secret store in one directory.
///
/// Any number of instances and processes may use the same directory.
#[derive(Clone)]
pub struct EmbeddedStore {
    files: Arc<Files>,
}

impl EmbeddedStore {
    /// A store in `directory`, which should hold nothing else and is created by the first write.
    ///
    /// Does no input or output, and asks nobody: what is wrong with the directory or the key is said by the first call.
    #[must_use]
    pub fn new(directory: PathBuf, protection: Protection) -> Self {
        Self::with_clock(directory, protection, Arc::new(Timestamp::now))
    }

    /// As [`Self::new`], with versions dated by `clock`.
    #[must_use]
    pub fn with_clock(directory: PathBuf, protection: Protection, clock: Clock) -> Self {
        let opened = Mutex::default();
        Self { files: Arc::new(Files { directory, protection, clock, lock_wait: LOCK_WAIT, opened }) }
    }

    /// Protects the key of the store in another way from now on, and gives the way until now; `None` where there is no store yet, or it is
    /// protected so already. The other way's key file replaces the old one at once, or not at all.
    ///
    /// `before` makes the present protection, whichever the key file says.
    ///
    /// # Errors
    /// Where the key cannot be had, or the other way not be used; nothing has changed then.
    pub async fn protect_anew(
        &self,
        before: impl FnOnce(KeySource) -> Protection + Send + 'static,
    ) -> Result<Option<KeySource>, VaultError> {
        self.run(move |files| Ok(files.protect_anew(before)?)).await
    }

    /// What protects the key that is stored; `None` where none is yet.
    ///
    /// # Errors
    /// Where the key file cannot be read.
    pub async fn key_source(&self) -> Result<Option<KeySource>, VaultError> {
        self.run(|files| Ok(files.key_source()?)).await
    }

    /// Runs file work on the pool for blocking work, to its end even if the caller is gone by then.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Files) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let files = Arc::clone(&self.files);
        match tokio::task::spawn_blocking(move || work(&files)).await {
            Ok(outcome) => outcome,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(VaultError::ShuttingDown),
            },
        }
    }
}

#[async_trait]
impl SecretStore for EmbeddedStore {
    async fn read(&self, path: &SecretPath) -> Result<Option<Versioned>, VaultError> {
        let path = path.clone();
        self.run(move |files| files.read(&path, None)).await
    }

    async fn read_version(&self, path: &SecretPath, version: Version) -> Result<Option<Versioned>, VaultError> {
        let path = path.clone();
        self.run(move |files| files.read(&path, Some(version))).await
    }

    async fn write(&self, path: &SecretPath, value: Secret, cas: Cas) -> Result<Version, VaultError> {
        let path = path.clone();
        self.run(move |files| files.write(&path, value, cas)).await
    }

    async fn delete(&self, path: &SecretPath) -> Result<bool, VaultError> {
        let path = path.clone();
        self.run(move |files| files.delete(&path)).await
    }

    async fn list(&self, under: Option<&SecretPath>) -> Result<Vec<SecretPath>, VaultError> {
        let under = under.cloned();
        self.run(move |files| files.list(under.as_ref())).await
    }

    async fn metadata(&self, path: &SecretPath) -> Result<Option<Metadata>, VaultError> {
        let path = path.clone();
        self.run(move |files| files.metadata(&path)).await
    }

    fn describe(&self) -> Description {
        Description {
            backend: "embedded",
            location: self.files.directory.join(VAULT_FILE).display().to_string(),
            protection: self.files.describe_protection(),
        }
    }

    async fn probe(&self) -> Result<(), VaultError> {
        self.run(Files::probe).await
    }
}

/// The store without its async shell.
struct Files {
    directory: PathBuf,
    protection: Protection,
    clock: Clock,
    lock_wait: Duration,
    /// A key that it cost something to get at, with the digest of the key file that it came from.
    opened: Mutex<Option<([u8; 32], Arc<DataKey>)>>,
}

impl Files {
    fn read(&self, path: &SecretPath, version: Option<Version>) -> Result<Option<Versioned>, VaultError> {
        Ok(self.look()?.and_then(|document| document.into_version(path, version)))
    }

    fn list(&self, under: Option<&SecretPath>) -> Result<Vec<SecretPath>, VaultError> {
        Ok(self.look()?.map(|document| document.list(under)).unwrap_or_default())
    }

    fn metadata(&self, path: &SecretPath) -> Result<Option<Metadata>, VaultError> {
        Ok(self.look()?.and_then(|document| document.metadata(path)))
    }

    fn write(&self, path: &SecretPath, value: Secret, cas: Cas) -> Result<Version, VaultError> {
        let mut session = self.begin()?;
        let version = session.document.write(path, value, cas, (self.clock)()).map_err(|mismatch| {
            VaultError::CasMismatch { path: path.clone(), expected: cas, current: mismatch.current }
        })?;
        session.save()?;
        Ok(version)
    }

    fn delete(&self, path: &SecretPath) -> Result<bool, VaultError> {
        // So that `disconnect` on a fresh home creates nothing.
        if self.look()?.is_none() {
            return Ok(false);
        }
        let mut session = self.begin()?;
        let existed = session.document.delete(path);
        if existed {
            session.save()?;
        }
        Ok(existed)
    }

    fn probe(&self) -> Result<(), VaultError> {
        let path = SecretPath::parse(PROBE_PATH)?;
        let value = Secret::from_fields([("probe", SecretString::from("0".repeat(super::PROBE_BYTES)))])?;
        let mut session = self.begin()?;
        session.document.delete(&path);
        session
            .document
            .write(&path, value, Cas::Any, (self.clock)())
            .expect("an unchecked write cannot meet a wrong version");
        session.save()?;
        session.document.delete(&path);
        session.save()?;
        Ok(())
    }

    /// The stored document, without a lock (see `lock`); `None` when there is no vault file.
    fn look(&self) -> Result<Option<Document>, EmbeddedError> {
        let Some(directory) = Directory::open(&self.directory)? else {
            return Ok(None);
        };
        Ok(self.load(&directory)?.map(|stored| stored.document))
    }

    /// Takes the lock and loads what a change starts from, creating directory and key if there is nothing.
    fn begin(&self) -> Result<Session, EmbeddedError> {
        let directory = Directory::open_or_create(&self.directory)?;
        let lock = WriteLock::acquire(&directory, LOCK_FILE, self.lock_wait)?;
        directory.remove_leftovers(&[VAULT_FILE, KEY_FILE]);
        let stored = match self.load(&directory)? {
            Some(stored) => stored,
            None => Stored { key: self.key_for_a_new_vault(&directory)?, generation: 0, document: Document::default() },
        };
        Ok(Session {
            directory,
            key: stored.key,
            generation: stored.generation,
            document: stored.document,
            _lock: lock,
        })
    }

    fn load(&self, directory: &Directory) -> Result<Option<Stored>, EmbeddedError> {
        let (path, key_path) = (directory.path_of(VAULT_FILE), directory.path_of(KEY_FILE));
        let limit = (MAX_STORE_BYTES + format::OVERHEAD_BYTES) as u64;
        let Some(file) = directory.read(VAULT_FILE, limit)? else {
            return Ok(None);
        };
        let Some(key) = self.key(directory)? else {
            return Err(EmbeddedError::KeyMissing { path: key_path, vault_path: path });
        };
        let opened = format::open(&key, &file, &path, &key_path)?;
        let document =
            codec::decode(&opened.plaintext).map_err(|problem| EmbeddedError::Undecodable { path, problem })?;
        Ok(Some(Stored { key, generation: opened.generation, document }))
    }
}

struct Stored {
    key: Arc<DataKey>,
    generation: u64,
    document: Document,
}

/// A change in progress. Dropped without [`Self::save`], it has changed nothing.
struct Session {
    directory: Directory,
    key: Arc<DataKey>,
    generation: u64,
    document: Document,
    _lock: WriteLock,
}

impl Session {
    fn save(&mut self) -> Result<(), EmbeddedError> {
        let full = |limit, unit| EmbeddedError::Full { path: self.directory.path_of(""), limit, unit };
        if self.document.entries.len() > MAX_PATHS {
            return Err(full(MAX_PATHS, "secrets"));
        }
        if codec::encoded_bytes(&self.document) > MAX_STORE_BYTES {
            return Err(full(MAX_STORE_BYTES, "bytes"));
        }
        let generation = self.generation.saturating_add(1);
        let file = format::seal(&self.key, generation, codec::encode(&self.document))?;
        self.directory.replace(VAULT_FILE, &file)?;
        self.generation = generation;
        tracing::debug!(generation, bytes = file.len(), "the secret store was written");
        Ok(())
    }
}
