//! The default backend: one encrypted file beside one key file, no server.
//!
//! | file | what it is |
//! |---|---|
//! | `secrets.vault` | all secrets, XChaCha20-Poly1305 with the header authenticated (`format`, `codec`) |
//! | `secrets.key` | the random 256-bit data key (`key`) |
//! | `secrets.lock` | serialises writers of all processes (`lock`); never deleted |
//!
//! All three are 0600 in a directory of their own with 0700 (`directory`). Nothing is kept open or in
//! memory between calls: each call opens the files, does its work (`document`) and wipes what it has
//! decrypted. That makes opening free, lets a restored backup take effect at once, and keeps plaintext
//! short-lived; the price is one decryption a call, tens of microseconds for an ordinary store.
//!
//! The key file protects copies of the vault file alone: backups and synchronised folders that leave
//! the key out. See the threat model of [`crate::vault`] for what it cannot do.
//!
//! A missing key is created only when there is no vault file either. A vault file whose key is gone
//! stays as it is and is reported: a new key would turn a mislaid file into lost secrets.

mod codec;
mod directory;
mod document;
mod error;
mod format;
mod key;
mod lock;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
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

const VAULT_FILE: &str = "secrets.vault";
const KEY_FILE: &str = "secrets.key";
const LOCK_FILE: &str = "secrets.lock";

/// The most bytes of all secrets together, encoded. Some hundred accounts with full histories.
const MAX_STORE_BYTES: usize = 8 * 1024 * 1024;

/// The most paths of one store.
const MAX_PATHS: usize = 4096;

/// How long a write waits for another process before it gives up.
const LOCK_WAIT: Duration = Duration::from_secs(10);

/// What a probe stores: as large as the tokens of one log-in are likely to be.
const PROBE_BYTES: usize = 8 * 1024;

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
    /// Does no input or output: what is wrong with the directory is said by the first call.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self::with_clock(directory, Arc::new(Timestamp::now))
    }

    /// As [`Self::new`], with versions dated by `clock`.
    #[must_use]
    pub fn with_clock(directory: PathBuf, clock: Clock) -> Self {
        Self { files: Arc::new(Files { directory, clock, lock_wait: LOCK_WAIT }) }
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
            protection: format!(
                "XChaCha20-Poly1305, key in the file {}",
                self.files.directory.join(KEY_FILE).display()
            ),
        }
    }

    async fn probe(&self) -> Result<(), VaultError> {
        self.run(Files::probe).await
    }
}

/// The store without its async shell.
struct Files {
    directory: PathBuf,
    clock: Clock,
    lock_wait: Duration,
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
        let value = Secret::from_fields([("probe", SecretString::from("0".repeat(PROBE_BYTES)))])?;
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
        Ok(load(&directory)?.map(|stored| stored.document))
    }

    /// Takes the lock and loads what a change starts from, creating directory and key if there is nothing.
    fn begin(&self) -> Result<Session, EmbeddedError> {
        let directory = Directory::open_or_create(&self.directory)?;
        let lock = WriteLock::acquire(&directory, LOCK_FILE, self.lock_wait)?;
        directory.remove_leftovers(&[VAULT_FILE, KEY_FILE]);
        let stored = match load(&directory)? {
            Some(stored) => stored,
            None => Stored { key: key_for_a_new_vault(&directory)?, generation: 0, document: Document::default() },
        };
        Ok(Session {
            directory,
            key: stored.key,
            generation: stored.generation,
            document: stored.document,
            _lock: lock,
        })
    }
}

struct Stored {
    key: DataKey,
    generation: u64,
    document: Document,
}

fn load(directory: &Directory) -> Result<Option<Stored>, EmbeddedError> {
    let (path, key_path) = (directory.path_of(VAULT_FILE), directory.path_of(KEY_FILE));
    let limit = (MAX_STORE_BYTES + format::OVERHEAD_BYTES) as u64;
    let Some(file) = directory.read(VAULT_FILE, limit)? else {
        return Ok(None);
    };
    let Some(key) = key::load(directory, KEY_FILE)? else {
        return Err(EmbeddedError::KeyMissing { path: key_path, vault_path: path });
    };
    let opened = format::open(&key, &file, &path, &key_path)?;
    let document = codec::decode(&opened.plaintext).map_err(|problem| EmbeddedError::Undecodable { path, problem })?;
    Ok(Some(Stored { key, generation: opened.generation, document }))
}

fn key_for_a_new_vault(directory: &Directory) -> Result<DataKey, EmbeddedError> {
    if let Some(key) = key::load(directory, KEY_FILE)? {
        return Ok(key);
    }
    let key = DataKey::generate()?;
    key::store(directory, KEY_FILE, &key)?;
    Ok(key)
}

/// A change in progress. Dropped without [`Self::save`], it has changed nothing.
struct Session {
    directory: Directory,
    key: DataKey,
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
