//! The host around the guest: the real gate and the real store, with a planted secret and a clock that stands still.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use ghoststack::capability::http::client::{self, PrivateHosts};
use ghoststack::capability::http::gate::Gate;
use ghoststack::capability::records::StoreRecords;
use ghoststack::capability::{Capabilities, Credentials};
use ghoststack::clock::Clock;
use ghoststack::contract::types::{Error, UtcSeconds};
use ghoststack::contract::vault::{Credential, CredentialState};
use ghoststack::lead::AccountKey;
use ghoststack::origin::Origin;
use ghoststack::plugin::grant;
use ghoststack::plugin::platform::{PlatformPlugin, Work};
use ghoststack::store::{SqliteStore, Store};
use secrecy::SecretString;

/// The time at which everything happens.
pub const NOW: UtcSeconds = 1_800_000_000;

/// The secret that must not be found anywhere. In lower case, as the names of headers are.
pub const SECRET: &str = "planted-5ecret-0f-the-account-c0ffee";

/// What replaces it where a platform does not accept it.
pub const NEXT_SECRET: &str = "second-5ecret-0f-the-account-facade";

/// A clock that stands still.
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> UtcSeconds {
        NOW
    }
}

/// Credentials of which there is one, with the planted secret.
struct Planted;

#[async_trait]
impl Credentials for Planted {
    async fn describe(&self, _: &AccountKey, name: &str) -> Option<Credential> {
        let (scopes, account) = (Vec::new(), None);
        Some(Credential { name: name.to_owned(), state: CredentialState::Present, scopes, expires_at: None, account })
    }

    async fn secret(&self, _: &AccountKey, _: &str) -> Result<SecretString, Error> {
        Ok(SecretString::from(SECRET))
    }

    async fn replacement(&self, _: &AccountKey, _: &str, _: &SecretString) -> Result<Option<SecretString>, Error> {
        Ok(Some(SecretString::from(NEXT_SECRET)))
    }
}

/// A home of its own with an open store, and the one client that all gates of a process share.
pub struct Scene {
    home: tempfile::TempDir,
    /// The store.
    pub store: Arc<SqliteStore>,
    records: Arc<StoreRecords>,
    client: reqwest::Client,
    private: PrivateHosts,
}

impl Scene {
    /// Opens a store in a folder of its own.
    ///
    /// # Panics
    /// If the machine does not let it.
    pub async fn open() -> Scene {
        let home = tempfile::tempdir().expect("a folder can be made");
        let store = Arc::new(SqliteStore::open(&home.path().join("store.db")).await.expect("a store can be made"));
        let private = PrivateHosts::default();
        let client = client::client(&private).expect("a client can be made");
        Scene { records: Arc::new(StoreRecords::new(store.clone())), home, store, client, private }
    }

    /// What the plugin works with, its origins pointed where `endpoints:` of a configuration would point them.
    ///
    /// # Panics
    /// If an endpoint is none.
    #[must_use]
    pub fn work(&self, plugin: &PlatformPlugin, endpoints: &[(&str, &str)]) -> Work {
        self.work_declaring(plugin, &[], endpoints)
    }

    /// The same with other credentials than the planted one.
    ///
    /// # Panics
    /// If an endpoint is none.
    #[must_use]
    pub fn work_with(
        &self,
        plugin: &PlatformPlugin,
        credentials: Arc<dyn Credentials>,
        endpoints: &[(&str, &str)],
    ) -> Work {
        self.work_of(plugin, credentials, &[], endpoints)
    }

    /// The same for a plugin that had declared other origins of its own. The host refuses some of them when it loads a plugin; the gate is
    /// to hold without that.
    ///
    /// # Panics
    /// If an endpoint is none.
    #[must_use]
    pub fn work_declaring(
        &self,
        plugin: &PlatformPlugin,
        defaults: &[(&str, &str)],
        endpoints: &[(&str, &str)],
    ) -> Work {
        self.work_of(plugin, Arc::new(Planted), defaults, endpoints)
    }

    fn work_of(
        &self,
        plugin: &PlatformPlugin,
        credentials: Arc<dyn Credentials>,
        defaults: &[(&str, &str)],
        endpoints: &[(&str, &str)],
    ) -> Work {
        let mut descriptor = plugin.descriptor.clone();
        for origin in &mut descriptor.origins {
            if let Some((_, default)) = defaults.iter().find(|(name, _)| *name == origin.name) {
                origin.default = (*default).to_owned();
            }
        }
        let parsed = |(name, origin): &(&str, &str)| ((*name).to_owned(), Origin::parse(origin).expect("an origin"));
        let endpoints: BTreeMap<String, Origin> = endpoints.iter().map(parsed).collect();
        let policy = grant::policy(&descriptor, &endpoints).expect("endpoints that the plugin has");
        let clock: Arc<dyn Clock> = Arc::new(Stopped);
        let gate = Gate::new(
            policy,
            self.client.clone(),
            &self.private,
            credentials.clone(),
            self.records.clone(),
            clock.clone(),
        );
        let data = self.store.clone();
        Work { account: account(plugin.id()), capabilities: Arc::new(Capabilities { gate, credentials, data, clock }) }
    }

    /// A folder of this scene's own.
    #[must_use]
    pub fn folder(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes down what is pending and returns all bytes of the store's files.
    ///
    /// # Panics
    /// If they cannot be read.
    pub async fn stored_bytes(&self) -> Vec<u8> {
        self.records.flush().await;
        let files = std::fs::read_dir(self.home.path()).expect("the home can be read");
        let paths = files.map(|file| file.expect("an entry").path()).filter(|path| path.is_file());
        paths.flat_map(|path: PathBuf| std::fs::read(path).expect("a file of the store's")).collect()
    }

    /// Writes down what is pending.
    pub async fn flush(&self) {
        self.records.flush().await;
    }

    /// Closes the store.
    pub async fn close(self) {
        self.store.close().await;
    }
}

/// Whose data it all is.
#[must_use]
pub fn account(platform: &str) -> AccountKey {
    AccountKey { profile: "default".to_owned(), platform: platform.to_owned(), account: "default".to_owned() }
}

/// A clock that stands still, for the pipeline.
#[must_use]
pub fn clock() -> impl Clock {
    Stopped
}
