//! A HashiCorp Vault or OpenBao server, through its KV version 2 engine.
//!
//! | file | what is in it |
//! |---|---|
//! | `settings` | the server, the place in it, and where the credentials to log in with are |
//! | `wire` | one request and its bounded answer |
//! | `session` | the log-in: a token, its renewal and its successor |
//! | `kv` | what is asked of the engine, and what its answers mean |
//! | `health`, `trouble` | why a server does not serve: sealed, not initialised, standby, overloaded |
//!
//! Nothing is sent before the first secret is wanted, and nothing of a secret is kept.
//!
//! **Where it differs from the trait.** Others may use the same server. A path whose latest version somebody deleted without its metadata
//! counts as one that holds nothing, but its numbers go on; a listing shows it all the same. Deleting asks whether there was something first, so of
//! two at the same moment both may be told yes.

mod error;
mod health;
mod kv;
mod session;
mod settings;
#[cfg(test)]
mod tests;
mod trouble;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use self::kv::{Kv, Latest, Written};
use super::{
    Cas, Description, MAX_VERSIONS, Metadata, PROBE_PATH, Secret, SecretPath, SecretStore, VaultError, Version,
    Versioned,
};

pub use error::HashiCorpError;
pub use health::Health;
pub use settings::{LogIn, Settings, Source, Wanted};

/// How often a write without a demand is tried where the mount wants one and others write meanwhile.
const ATTEMPTS: usize = 8;

/// The secrets at a server. Cheap to clone; clones share the log-in.
#[derive(Clone)]
pub struct HashiCorpStore {
    kv: Arc<Kv>,
}

impl HashiCorpStore {
    /// A store at a server.
    ///
    /// Does no input or output: what is wrong with the settings or the server is said by the first call.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { kv: Arc::new(Kv::new(settings)) }
    }

    /// What the server says of itself, without logging in.
    ///
    /// # Errors
    /// [`HashiCorpError`], where it cannot be asked.
    pub async fn health(&self) -> Result<Health, HashiCorpError> {
        health::ask(&self.kv.wire).await
    }

    /// Does the work to its end even if the caller is gone by then.
    async fn run<T, F>(&self, work: impl FnOnce(Arc<Kv>) -> F) -> Result<T, VaultError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, VaultError>> + Send + 'static,
    {
        match tokio::spawn(work(Arc::clone(&self.kv))).await {
            Ok(outcome) => outcome,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(VaultError::ShuttingDown),
            },
        }
    }
}

#[async_trait]
impl SecretStore for HashiCorpStore {
    async fn read(&self, path: &SecretPath) -> Result<Option<Versioned>, VaultError> {
        let path = path.clone();
        self.run(|kv| async move { Ok(present(kv.read(&path, None).await?)) }).await
    }

    async fn read_version(&self, path: &SecretPath, version: Version) -> Result<Option<Versioned>, VaultError> {
        let path = path.clone();
        self.run(|kv| async move {
            let Some(found) = present(kv.read(&path, Some(version)).await?) else { return Ok(None) };
            // A mount may keep more than a store promises.
            let kept = match kv.metadata(&path).await? {
                Some(metadata) => metadata.current.version.get() < version.get() + MAX_VERSIONS as u64,
                None => false,
            };
            Ok(kept.then_some(found))
        })
        .await
    }

    async fn write(&self, path: &SecretPath, value: Secret, cas: Cas) -> Result<Version, VaultError> {
        let path = path.clone();
        self.run(|kv| async move { write(&kv, &path, &value, cas).await }).await
    }

    async fn delete(&self, path: &SecretPath) -> Result<bool, VaultError> {
        let path = path.clone();
        self.run(|kv| async move { Ok(kv.delete(&path).await?) }).await
    }

    async fn list(&self, under: Option<&SecretPath>) -> Result<Vec<SecretPath>, VaultError> {
        let under = under.cloned();
        self.run(|kv| async move { Ok(kv.list(under.as_ref()).await?.into_iter().collect()) }).await
    }

    async fn metadata(&self, path: &SecretPath) -> Result<Option<Metadata>, VaultError> {
        let path = path.clone();
        self.run(|kv| async move { Ok(kv.metadata(&path).await?) }).await
    }

    fn describe(&self) -> Description {
        let settings = self.kv.wire.settings();
        let namespace = settings.namespace.as_ref().map_or_else(String::new, |name| format!(", namespace {name}"));
        let transport = if settings.address.starts_with("http://") { "loopback without TLS" } else { "TLS" };
        Description {
            backend: "hashicorp",
            location: format!("{}, {}/{}{namespace}", self.kv.wire.address(), settings.mount, settings.prefix),
            protection: format!("the server's, reached by {transport}; {}", settings.log_in.describe()),
        }
    }

    async fn probe(&self) -> Result<(), VaultError> {
        self.run(|kv| async move {
            let path = SecretPath::parse(PROBE_PATH)?;
            let value = Secret::from_fields([("probe", SecretString::from("0".repeat(super::PROBE_BYTES)))])?;
            write(&kv, &path, &value, Cas::Any).await?;
            kv.delete(&path).await?;
            Ok(())
        })
        .await
    }
}

fn present(latest: Latest) -> Option<Versioned> {
    match latest {
        Latest::Present(versioned) => Some(versioned),
        Latest::Never | Latest::Deleted(_) => None,
    }
}

async fn write(kv: &Kv, path: &SecretPath, value: &Secret, cas: Cas) -> Result<Version, VaultError> {
    let mut demand = match cas {
        Cas::Any => None,
        Cas::MustNotExist => Some(0),
        Cas::Current(version) => Some(version.get()),
    };
    for _ in 0..ATTEMPTS {
        let written = kv.write(path, value, demand).await?;
        if let Written::As(version) = written {
            return Ok(version);
        }
        let current = kv.read(path, None).await?;
        demand = match (cas, &current) {
            // Somebody else's deletion left the number behind: replacing just that is the same as finding nothing.
            (Cas::Any | Cas::MustNotExist, Latest::Deleted(version)) => Some(version.get()),
            (Cas::Any, Latest::Present(versioned)) => Some(versioned.version.get()),
            (Cas::Any, Latest::Never) => Some(0),
            _ => {
                let current = present(current).map(|found| found.version);
                return Err(VaultError::CasMismatch { path: path.clone(), expected: cas, current });
            }
        };
    }
    Err(VaultError::CasMismatch { path: path.clone(), expected: cas, current: None })
}
