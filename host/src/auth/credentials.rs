//! The credentials of all accounts: connect, describe, use, disconnect. Renewal is in `renewal`.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::answer::Tokens;
use super::api_key::{Kept, unreadable};
use super::client::ClientIdentity;
use super::credential::{Credential, CredentialInfo, Freshness, Grant, Places, Spread, State, path};
use super::error::AuthError;
use super::events::{AuthEvent, AuthEvents, Unheard};
use super::exchange::Exchange;
use super::http::AuthHttp;
use super::renewal::Flight;
use super::server::AuthorizationServer;
use super::settling::Unsaved;
use super::shielded::shielded;
use super::{Clock, authorization};
use crate::contract::descriptor::Scope;
use crate::fault::{Step, reach};
use crate::lead::AccountKey;
use crate::vault::{Cas, InvalidSecret, Secret, SecretStore, VaultError, Version};

/// How often a write is repeated when others write too.
pub(super) const ATTEMPTS: usize = 8;

/// How long a store that fails is asked again to take new tokens.
const STORE_PATIENCE: Duration = Duration::from_secs(20);

/// The longest name of an account that is kept, in characters.
const MAX_USERNAME: usize = 256;

/// The credentials in a secret store. Cheap to clone; all clones share renewals.
#[derive(Clone)]
pub struct Credentials {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) store: Arc<dyn SecretStore>,
    pub(super) http: AuthHttp,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) events: Arc<dyn AuthEvents>,
    pub(super) spread: Spread,
    pub(super) store_patience: Duration,
    servers: RwLock<HashMap<String, Arc<AuthorizationServer>>>,
    /// Platforms that take an API key, with the origins that it may be sent to.
    pub(super) keyed: RwLock<HashMap<String, BTreeSet<String>>>,
    /// Renewals under way, for others to join.
    pub(super) flights: Mutex<HashMap<AccountKey, Flight>>,
    /// Until when a renewal that failed is not repeated while the present token still works.
    pub(super) resting: Mutex<HashMap<AccountKey, i64>>,
    /// Tokens that were obtained and could not be stored yet.
    pub(super) unsaved: Mutex<HashMap<AccountKey, Unsaved>>,
}

/// A store that has just proved that it takes a write: what a log-in begins with, so that no token is obtained and then lost.
#[must_use = "a log-in begins once the store has been probed, and ends with `save`"]
pub struct Prepared {
    pub(super) credentials: Credentials,
    pub(super) key: AccountKey,
}

impl Credentials {
    /// Credentials kept in `store`.
    #[must_use]
    pub fn new(store: Arc<dyn SecretStore>, http: AuthHttp, clock: Arc<dyn Clock>) -> Self {
        Self::telling(Arc::new(Unheard), store, http, clock)
    }

    /// The same, with somebody who is told what happens to them.
    #[must_use]
    pub fn telling(
        events: Arc<dyn AuthEvents>,
        store: Arc<dyn SecretStore>,
        http: AuthHttp,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::with(events, store, http, clock, Spread::random(), STORE_PATIENCE)
    }

    pub(super) fn with(
        events: Arc<dyn AuthEvents>,
        store: Arc<dyn SecretStore>,
        http: AuthHttp,
        clock: Arc<dyn Clock>,
        spread: Spread,
        store_patience: Duration,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                http,
                clock,
                events,
                spread,
                store_patience,
                servers: RwLock::default(),
                keyed: RwLock::default(),
                flights: Mutex::default(),
                resting: Mutex::default(),
                unsaved: Mutex::default(),
            }),
        }
    }

    /// Says where a platform's tokens come from and go to, as descriptor and configuration have it now. Replaces what was said before.
    pub fn put_in_force(&self, server: AuthorizationServer) {
        let mut servers = self.inner.servers.write().unwrap_or_else(PoisonError::into_inner);
        servers.insert(server.platform.clone(), Arc::new(server));
    }

    /// Proves by a write that the store would take a credential.
    ///
    /// # Errors
    ///
    /// [`AuthError::Store`] if it would not: do not begin a log-in.
    pub async fn prepare(&self, key: &AccountKey) -> Result<Prepared, AuthError> {
        path(key).map_err(VaultError::from)?;
        self.inner.store.probe().await?;
        reach(Step::ConnectPrepared);
        Ok(Prepared { credentials: self.clone(), key: key.clone() })
    }

    /// What is known of an account's credential; none if there is none. Asks nobody but the store.
    ///
    /// # Errors
    ///
    /// [`AuthError::Store`], [`AuthError::Unreadable`].
    pub async fn describe(&self, key: &AccountKey) -> Result<Option<CredentialInfo>, AuthError> {
        Ok(self.inner.kept(key).await?.map(|(kept, _)| kept.info()))
    }

    /// All that is secret of an account's credential, to be looked for where none of it may be. Asks nobody but the store.
    ///
    /// # Errors
    ///
    /// [`AuthError::Store`], [`AuthError::Unreadable`].
    pub async fn secrets(&self, key: &AccountKey) -> Result<Vec<SecretString>, AuthError> {
        Ok(self.inner.kept(key).await?.map_or_else(Vec::new, |(kept, _)| kept.secrets()))
    }

    /// A token to send to the credential's audience, renewed first if its end is near.
    ///
    /// However many callers ask at once, in however many processes, one renewal is made, and it is stored before any of them is given the
    /// new token. A caller that stops waiting does not stop the renewal. If renewal fails for a passing reason while the present token still works, that one
    /// is given.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotConnected`] and [`AuthError::Expired`] need the person; [`AuthError::is_transient`] ones do not.
    pub async fn access_token(&self, key: &AccountKey) -> Result<SecretString, AuthError> {
        if let Some(api_key) = self.api_key(key).await {
            return api_key;
        }
        let server = self.inner.server(key)?;
        let (credential, _) = self.inner.load_usable(key, &server).await?;
        let now = self.inner.clock.now();
        let freshness = credential.freshness(now, self.inner.spread);
        let is_others = credential.intent.as_ref().is_some_and(|intent| intent.is_live(now));
        match freshness {
            Freshness::Fresh => return Ok(credential.access),
            Freshness::Due if is_others || self.inner.rests(key, now) || !credential.is_renewable() => {
                return Ok(credential.access);
            }
            Freshness::Due | Freshness::Dead => {}
        }
        match self.renew_together(key, None).await {
            Err(error) if freshness == Freshness::Due && error.is_transient() => {
                tracing::warn!(platform = key.platform, %error, "the access token was not renewed ahead of its end; it is used still");
                Ok(credential.access)
            }
            outcome => outcome,
        }
    }

    /// Another token than `rejected`, which the platform did not accept although it should be good: what others have stored since, or
    /// a renewed one.
    ///
    /// # Errors
    ///
    /// As [`Self::access_token`].
    pub async fn replace_rejected(&self, key: &AccountKey, rejected: &SecretString) -> Result<SecretString, AuthError> {
        let is_rejected = |token: &SecretString| token.expose_secret() == rejected.expose_secret();
        match self.renew_together(key, Some(rejected.clone())).await {
            // The renewal that was joined had begun without knowing of the rejection.
            Ok(token) if is_rejected(&token) => self.renew_together(key, Some(rejected.clone())).await,
            outcome => outcome,
        }
    }

    /// Keeps the account's name at the platform, for `status`.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotConnected`], [`AuthError::Store`].
    pub async fn set_username(&self, key: &AccountKey, username: &str) -> Result<(), AuthError> {
        let username = kept_username(username);
        for _ in 0..ATTEMPTS {
            let (mut kept, version) = self.inner.kept(key).await?.ok_or_else(|| not_connected(key))?;
            if kept.username() == Some(&username) {
                return Ok(());
            }
            kept.set_username(username.clone());
            match self.inner.write_kept(key, &kept, Cas::Current(version)).await {
                Err(AuthError::Store(error)) if is_mismatch(&error) => {}
                written => return written.map(drop),
            }
        }
        Err(contended(key))
    }
}

impl Prepared {
    /// What the log-in asks the platform with: each request is told of.
    #[must_use]
    pub fn http(&self) -> AuthHttp {
        self.credentials.inner.http.telling(&self.credentials.inner.events, &self.key)
    }

    /// Has tokens obtained and stores them, replacing an earlier credential of the account; to the end, even where the caller gives up.
    /// `asked` are the scopes that are asked for.
    ///
    /// # Errors
    ///
    /// As `obtaining`; [`AuthError::Store`] if they could not be stored after all: the tokens are then lost, and the person must connect again.
    pub async fn obtain(
        self,
        server: AuthorizationServer,
        client: ClientIdentity,
        grant: Grant,
        asked: Vec<Scope>,
        obtaining: impl Future<Output = Result<Tokens, AuthError>> + Send + 'static,
    ) -> Result<CredentialInfo, AuthError> {
        let storing = async move {
            let tokens = obtaining.await?;
            reach(Step::ConnectExchanged);
            self.save(&server, client, grant, &asked.iter().collect::<Vec<_>>(), &tokens).await
        };
        shielded(storing).await
    }

    async fn save(
        self,
        server: &AuthorizationServer,
        client: ClientIdentity,
        grant: Grant,
        asked: &[&Scope],
        tokens: &Tokens,
    ) -> Result<CredentialInfo, AuthError> {
        let blank = Credential {
            client,
            grant,
            state: State::Connected,
            access: tokens.access.clone(),
            refresh: None,
            obtained_at: tokens.asked_at,
            expires_at: None,
            scopes_asked: asked.iter().map(|scope| scope.name.clone()).collect(),
            scope_words: authorization::wire_words(asked),
            scopes_granted: None,
            username: None,
            refusal: None,
            intent: None,
            interruption: None,
            places: Places::of(server),
        };
        let credential = blank.with_tokens(tokens, server.oauth.access_token_lifetime);
        let inner = &self.credentials.inner;
        inner.write(&self.key, &credential, Cas::Any).await?;
        inner.events.happened(&self.key, &AuthEvent::Connected);
        // What is left of the former connection is not to be written over this one.
        locked(&inner.unsaved).remove(&self.key);
        locked(&inner.resting).remove(&self.key);
        Ok(credential.info())
    }
}

impl Inner {
    pub(super) fn server(&self, key: &AccountKey) -> Result<Arc<AuthorizationServer>, AuthError> {
        let servers = self.servers.read().unwrap_or_else(PoisonError::into_inner);
        servers.get(&key.platform).cloned().ok_or_else(|| AuthError::UnknownPlatform { platform: key.platform.clone() })
    }

    pub(super) async fn load(&self, key: &AccountKey) -> Result<Option<(Credential, Version)>, AuthError> {
        match self.kept(key).await? {
            Some((Kept::Oauth(credential), version)) => Ok(Some((*credential, version))),
            Some((Kept::Key(_), _)) => Err(unreadable(key, "it is an API key, and the plugin asks for a log-in")),
            None => Ok(None),
        }
    }

    /// A credential that is good as far as is known, and meant for the places in force.
    pub(super) async fn load_usable(
        &self,
        key: &AccountKey,
        server: &AuthorizationServer,
    ) -> Result<(Credential, Version), AuthError> {
        let (credential, version) = self.load(key).await?.ok_or_else(|| not_connected(key))?;
        credential.places.check(server)?;
        if credential.state == State::AuthExpired {
            let Credential { refusal, interruption, .. } = credential;
            return Err(AuthError::Expired { platform: key.platform.clone(), refusal, interruption });
        }
        Ok((credential, version))
    }

    pub(super) async fn write(
        &self,
        key: &AccountKey,
        credential: &Credential,
        cas: Cas,
    ) -> Result<Version, AuthError> {
        self.write_secret(key, credential.encode(), cas).await
    }

    pub(super) async fn write_kept(&self, key: &AccountKey, kept: &Kept, cas: Cas) -> Result<Version, AuthError> {
        self.write_secret(key, kept.encode(), cas).await
    }

    async fn write_secret(
        &self,
        key: &AccountKey,
        secret: Result<Secret, InvalidSecret>,
        cas: Cas,
    ) -> Result<Version, AuthError> {
        let path = path(key).map_err(VaultError::from)?;
        Ok(self.store.write(&path, secret.map_err(VaultError::from)?, cas).await?)
    }

    pub(super) fn exchange<'a>(
        &'a self,
        key: &AccountKey,
        server: &'a AuthorizationServer,
        client: &'a ClientIdentity,
    ) -> Exchange<'a> {
        Exchange { server, client, http: self.http.telling(&self.events, key), clock: self.clock.as_ref() }
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An account's name as it is kept.
pub(super) fn kept_username(username: &str) -> String {
    username.chars().filter(|c| !c.is_control()).take(MAX_USERNAME).collect()
}

pub(super) fn not_connected(key: &AccountKey) -> AuthError {
    AuthError::NotConnected { platform: key.platform.clone(), account: key.account.clone() }
}

pub(super) fn contended(key: &AccountKey) -> AuthError {
    AuthError::Contended { platform: key.platform.clone() }
}

pub(super) fn is_mismatch(error: &VaultError) -> bool {
    matches!(error, VaultError::CasMismatch { .. })
}
