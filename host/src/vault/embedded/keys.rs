//! How the store gets at its data key: once where that costs something, and by the configured protection alone.

use std::sync::{Arc, PoisonError};

use sha2::{Digest, Sha256};

use super::directory::Directory;
use super::key::DataKey;
use super::key_file::{self, KeyFile};
use super::lock::WriteLock;
use super::{EmbeddedError, Files, KEY_FILE, KeySource, LOCK_FILE, Protection};

impl Files {
    /// The key that the key file leads to; `None` when there is no such file.
    pub(super) fn key(&self, directory: &Directory) -> Result<Option<Arc<DataKey>>, EmbeddedError> {
        let Some(bytes) = directory.read(KEY_FILE, key_file::MAX_FILE_BYTES)? else {
            return Ok(None);
        };
        let digest: [u8; 32] = Sha256::digest(&*bytes).into();
        // Held while somebody is asked, so that two who want a secret at once do not ask twice.
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, key)) = opened.as_ref()
            && *of == digest
        {
            return Ok(Some(Arc::clone(key)));
        }
        let key = KeyFile::parse(&bytes, directory.path_of(KEY_FILE))?.open(&self.protection)?;
        let key = Arc::new(key);
        if self.protection.source() != KeySource::File {
            *opened = Some((digest, Arc::clone(&key)));
        }
        Ok(Some(key))
    }

    pub(super) fn key_for_a_new_vault(&self, directory: &Directory) -> Result<Arc<DataKey>, EmbeddedError> {
        if let Some(key) = self.key(directory)? {
            return Ok(key);
        }
        let key = DataKey::generate()?;
        let file = key_file::protect(&key, &self.protection)?;
        directory.replace(KEY_FILE, &file)?;
        let key = Arc::new(key);
        if self.protection.source() != KeySource::File {
            let digest = Sha256::digest(&*file).into();
            *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some((digest, Arc::clone(&key)));
        }
        Ok(key)
    }

    pub(super) fn key_source(&self) -> Result<Option<KeySource>, EmbeddedError> {
        let Some(directory) = Directory::open(&self.directory)? else { return Ok(None) };
        let Some(bytes) = directory.read(KEY_FILE, key_file::MAX_FILE_BYTES)? else { return Ok(None) };
        Ok(Some(KeyFile::parse(&bytes, directory.path_of(KEY_FILE))?.source()))
    }

    pub(super) fn protect_anew(
        &self,
        before: impl FnOnce(KeySource) -> Protection,
    ) -> Result<Option<KeySource>, EmbeddedError> {
        let Some(directory) = Directory::open(&self.directory)? else { return Ok(None) };
        let _lock = WriteLock::acquire(&directory, LOCK_FILE, self.lock_wait)?;
        let Some(bytes) = directory.read(KEY_FILE, key_file::MAX_FILE_BYTES)? else { return Ok(None) };
        let file = KeyFile::parse(&bytes, directory.path_of(KEY_FILE))?;
        let (source, name) = (file.source(), file.name().map(str::to_owned));
        if source == self.protection.source() {
            return Ok(None);
        }
        let protection = before(source);
        let key = file.open(&protection)?;
        directory.replace(KEY_FILE, &key_file::protect(&key, &self.protection)?)?;
        if let (Protection::Keyring(keyring), Some(name)) = (&protection, name)
            && let Err(error) = keyring.delete(&name)
        {
            tracing::warn!(name, error, "the keyring still holds the key, which is not used any more");
        }
        Ok(Some(source))
    }

    pub(super) fn describe_protection(&self) -> String {
        let file = self.directory.join(KEY_FILE);
        let key = match self.protection.source() {
            KeySource::File => format!("key in the file {}", file.display()),
            KeySource::Passphrase => format!("key in {}, encrypted by a passphrase (Argon2id)", file.display()),
            KeySource::Keyring => format!("key in the keyring of this session, named in {}", file.display()),
        };
        format!("XChaCha20-Poly1305, {key}")
    }
}
