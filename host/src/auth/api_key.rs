//! API keys: what a platform issues to a person once, and takes as it is. There is nothing to exchange and nothing to renew.
//!
//! A key is kept with the origins that it was given for, and goes nowhere else: who points the platform elsewhere connects anew.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use secrecy::{ExposeSecret, SecretString};

use super::credential::{Credential, CredentialInfo, Grant, State, VERSION, path};
use super::credentials::{Credentials, Inner, Prepared, not_connected};
use super::error::AuthError;
use super::events::AuthEvent;
use crate::lead::AccountKey;
use crate::vault::{Cas, InvalidSecret, Secret, VaultError, Version};

/// What the field `kind` of a stored key says; the other kind of credential has no such field.
const KIND: &str = "api_key";

/// The longest key, in bytes.
const MAX_BYTES: usize = 1024;

/// Why what was given is no API key. Does not repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an API key has 1 to {MAX_BYTES} printable ASCII characters without spaces; copy it again from the page where the platform shows it"
)]
pub struct InvalidApiKey;

/// An API key as it was typed or pasted, without the white space that comes along.
///
/// # Errors
/// [`InvalidApiKey`] where no header could carry it.
pub fn parse_api_key(text: &SecretString) -> Result<SecretString, InvalidApiKey> {
    let text = text.expose_secret().trim();
    let good = (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if good { Ok(SecretString::from(text)) } else { Err(InvalidApiKey) }
}

/// A stored key.
#[derive(Clone)]
pub(super) struct ApiKey {
    key: SecretString,
    audience: BTreeSet<String>,
    obtained_at: i64,
    username: Option<String>,
}

/// A credential of either kind.
pub(super) enum Kept {
    Oauth(Box<Credential>),
    Key(ApiKey),
}

impl Kept {
    pub(super) fn decode(account: &AccountKey, secret: &Secret) -> Result<Kept, AuthError> {
        match secret.get("kind").map(ExposeSecret::expose_secret) {
            None => Credential::decode(account, secret).map(|credential| Kept::Oauth(Box::new(credential))),
            Some(KIND) => ApiKey::decode(account, secret).map(Kept::Key),
            Some(_) => Err(unreadable(account, "it is of a kind that this version does not know")),
        }
    }

    pub(super) fn info(&self) -> CredentialInfo {
        match self {
            Kept::Oauth(credential) => credential.info(),
            Kept::Key(key) => key.info(),
        }
    }

    pub(super) fn secrets(&self) -> Vec<SecretString> {
        match self {
            Kept::Oauth(of) => {
                let client = of.client.secret().cloned();
                [Some(of.access.clone()), of.refresh.clone(), client].into_iter().flatten().collect()
            }
            Kept::Key(key) => vec![key.key.clone()],
        }
    }

    pub(super) fn username(&self) -> Option<&String> {
        match self {
            Kept::Oauth(credential) => credential.username.as_ref(),
            Kept::Key(key) => key.username.as_ref(),
        }
    }

    pub(super) fn set_username(&mut self, username: String) {
        match self {
            Kept::Oauth(credential) => credential.username = Some(username),
            Kept::Key(key) => key.username = Some(username),
        }
    }

    pub(super) fn encode(&self) -> Result<Secret, InvalidSecret> {
        match self {
            Kept::Oauth(credential) => credential.encode(),
            Kept::Key(key) => key.encode(),
        }
    }
}

impl ApiKey {
    fn decode(account: &AccountKey, secret: &Secret) -> Result<ApiKey, AuthError> {
        let field = |name: &'static str| {
            let value = secret.get(name).map(ExposeSecret::expose_secret);
            value.ok_or_else(|| unreadable(account, "a field is missing"))
        };
        if field("version")? != VERSION {
            return Err(unreadable(account, "another version of ghoststack wrote it"));
        }
        Ok(ApiKey {
            key: SecretString::from(field(KIND)?),
            audience: field("audience")?.lines().map(str::to_owned).collect(),
            obtained_at: field("obtained_at")?.parse().map_err(|_| unreadable(account, "a time is no number"))?,
            username: secret.get("username").map(|name| name.expose_secret().to_owned()),
        })
    }

    fn encode(&self) -> Result<Secret, InvalidSecret> {
        let audience: Vec<&str> = self.audience.iter().map(String::as_str).collect();
        let fields = [
            ("version", Some(SecretString::from(VERSION))),
            ("kind", Some(SecretString::from(KIND))),
            (KIND, Some(self.key.clone())),
            ("audience", Some(SecretString::from(audience.join("\n")))),
            ("obtained_at", Some(SecretString::from(self.obtained_at.to_string()))),
            ("username", self.username.clone().map(SecretString::from)),
        ];
        Secret::from_fields(fields.into_iter().filter_map(|(name, value)| Some((name, value?))))
    }

    fn info(&self) -> CredentialInfo {
        CredentialInfo {
            state: State::Connected,
            grant: Grant::ApiKey,
            client_id: None,
            scopes_asked: Vec::new(),
            scopes_granted: None,
            obtained_at: self.obtained_at,
            expires_at: None,
            renewable: false,
            username: self.username.clone(),
            refusal: None,
            interruption: None,
            audience: self.audience.clone(),
        }
    }
}

impl Credentials {
    /// Says that a platform takes an API key, and which origins it may be sent to as descriptor and configuration have it now.
    pub fn put_key_in_force(&self, platform: &str, audience: BTreeSet<String>) {
        let mut keyed = self.inner.keyed.write().unwrap_or_else(PoisonError::into_inner);
        keyed.insert(platform.to_owned(), audience);
    }

    /// The API key of an account of a platform that takes one, for the audience in force; none for other platforms.
    pub(super) async fn api_key(&self, account: &AccountKey) -> Option<Result<SecretString, AuthError>> {
        let audience =
            self.inner.keyed.read().unwrap_or_else(PoisonError::into_inner).get(&account.platform).cloned()?;
        Some(self.inner.key_for(account, &audience).await)
    }

    /// Whether a platform takes an API key.
    #[must_use]
    pub fn takes_key(&self, platform: &str) -> bool {
        self.inner.keyed.read().unwrap_or_else(PoisonError::into_inner).contains_key(platform)
    }
}

impl Inner {
    async fn key_for(&self, account: &AccountKey, audience: &BTreeSet<String>) -> Result<SecretString, AuthError> {
        match self.kept(account).await? {
            None => Err(not_connected(account)),
            Some((Kept::Key(stored), _)) if stored.audience == *audience => Ok(stored.key),
            Some((Kept::Key(stored), _)) => {
                let spelt = |origins: &BTreeSet<String>| origins.iter().cloned().collect::<Vec<_>>().join(", ");
                Err(AuthError::EndpointsChanged {
                    platform: account.platform.clone(),
                    what: "the audience",
                    recorded: spelt(&stored.audience),
                    present: spelt(audience),
                })
            }
            Some((Kept::Oauth(_), _)) => Err(unreadable(account, "it is no API key, which the plugin asks for")),
        }
    }

    /// The stored credential, of whichever kind.
    pub(super) async fn kept(&self, account: &AccountKey) -> Result<Option<(Kept, Version)>, AuthError> {
        let path = path(account).map_err(VaultError::from)?;
        match self.store.read(&path).await? {
            Some(versioned) => Ok(Some((Kept::decode(account, &versioned.value)?, versioned.version))),
            None => Ok(None),
        }
    }
}

impl Prepared {
    /// Stores an API key that the platform accepts, for these origins, replacing an earlier credential of the account.
    ///
    /// # Errors
    /// [`AuthError::Store`] if it could not be stored after all.
    pub async fn save_key(
        self,
        key: &SecretString,
        audience: BTreeSet<String>,
        username: &str,
    ) -> Result<CredentialInfo, AuthError> {
        let inner = &self.credentials.inner;
        let kept = ApiKey {
            key: key.clone(),
            audience,
            obtained_at: inner.clock.now(),
            username: Some(super::credentials::kept_username(username)),
        };
        let info = kept.info();
        inner.write_kept(&self.key, &Kept::Key(kept), Cas::Any).await?;
        inner.events.happened(&self.key, &AuthEvent::Connected);
        Ok(info)
    }
}

pub(super) fn unreadable(account: &AccountKey, what: &'static str) -> AuthError {
    AuthError::Unreadable {
        platform: account.platform.clone(),
        what,
        remedy: format!("run `ghoststack prospector connect {}`", account.platform),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::testing::{HandClock, MemoryStore};
    use super::super::{AuthHttp, Plaintext, TimeLimits};
    use super::*;
    use crate::capability::http::client::PrivateHosts;

    fn account() -> AccountKey {
        AccountKey { profile: "default".into(), platform: "board".into(), account: "default".into() }
    }

    fn origins(origin: &str) -> BTreeSet<String> {
        BTreeSet::from([origin.to_owned()])
    }

    fn credentials() -> Credentials {
        let http = AuthHttp::new(Plaintext::Never, TimeLimits::default(), &PrivateHosts::default()).expect("TLS");
        Credentials::new(Arc::new(MemoryStore::default()), http, HandClock::at(7))
    }

    async fn connected() -> Credentials {
        let credentials = credentials();
        credentials.put_key_in_force("board", origins("https://api.example.com"));
        let prepared = credentials.prepare(&account()).await.expect("the store takes a write");
        let key = SecretString::from("planted-key");
        prepared.save_key(&key, origins("https://api.example.com"), "ada").await.expect("saved");
        credentials
    }

    #[test]
    fn keys_are_taken_or_refused_by_the_table() {
        for (text, good) in
            [("k-1", Some("k-1")), (" k-1\n", Some("k-1")), ("", None), ("a b", None), ("a\u{7}", None), ("ü", None)]
        {
            let key = parse_api_key(&SecretString::from(text)).ok();
            assert_eq!(key.as_ref().map(ExposeSecret::expose_secret), good, "{text:?}");
        }
    }

    #[tokio::test]
    async fn a_key_is_given_for_the_audience_that_it_was_stored_for_and_no_other() {
        let credentials = connected().await;
        let key = credentials.access_token(&account()).await.expect("there");
        assert_eq!(key.expose_secret(), "planted-key");
        credentials.put_key_in_force("board", origins("https://elsewhere.example"));
        let refused = credentials.access_token(&account()).await.expect_err("another audience");
        assert!(matches!(refused, AuthError::EndpointsChanged { .. }), "{refused}");
    }

    #[tokio::test]
    async fn a_key_is_described_without_its_value_and_never_ends() {
        let credentials = connected().await;
        credentials.set_username(&account(), "ada\u{7}2").await.expect("stored");
        let info = credentials.describe(&account()).await.expect("readable").expect("there");
        assert_eq!((info.grant, info.expires_at, info.username.as_deref()), (Grant::ApiKey, None, Some("ada2")));
        assert!(!format!("{info:?}").contains("planted"));
    }

    #[tokio::test]
    async fn disconnecting_deletes_the_key_which_the_platform_cannot_be_made_to_forget() {
        let credentials = connected().await;
        let done = credentials.disconnect(&account()).await.expect("deleted");
        assert!(done.existed && matches!(done.revocation, super::super::Revocation::NotOffered));
        assert!(matches!(credentials.access_token(&account()).await, Err(AuthError::NotConnected { .. })));
    }
}
