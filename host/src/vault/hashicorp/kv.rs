//! The KV version 2 engine: what is asked of it, and what its answers say.

mod asking;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OnceCell;
use vaultrs::api::EndpointResult;
use vaultrs::api::kv2::requests::{
    DeleteSecretMetadataRequest, ListSecretsRequest, ReadSecretMetadataRequest, ReadSecretRequest,
    SetSecretMetadataRequest, SetSecretRequest, SetSecretRequestOptions,
};
use vaultrs::api::kv2::responses::{ListSecretsResponse, ReadSecretMetadataResponse, SecretVersionMetadata};

use self::asking::Deed;
use super::HashiCorpError;
use super::session::Session;
use super::settings::Settings;
use super::wire::Wire;
use crate::vault::{MAX_VERSIONS, Metadata, Secret, SecretPath, Version, VersionInfo, Versioned};

/// The most paths that are listed.
const MAX_PATHS: usize = 4096;

/// How the server words that another version is there; Vault and OpenBao alike.
const MISMATCH: &str = "did not match the current version";

/// How it words that a mount wants check-and-set in each write.
const CAS_REQUIRED: &str = "check-and-set parameter required";

/// The engine, as far as one log-in sees it.
pub(super) struct Kv {
    pub(super) wire: Arc<Wire>,
    pub(super) session: Arc<Session>,
    /// Set once the mount was seen to be what it should be.
    checked: OnceCell<()>,
}

/// What is stored at a path now.
pub(super) enum Latest {
    /// Nothing was ever written, or all of it was deleted.
    Never,
    /// The last version was deleted by somebody else, whose numbers go on.
    Deleted(Version),
    /// A secret.
    Present(Versioned),
}

/// What a write came to.
pub(super) enum Written {
    As(Version),
    /// Another version is there than was demanded.
    Mismatch,
    /// The mount takes no write without a demand.
    CasRequired,
}

impl Kv {
    pub(super) fn new(settings: Settings) -> Self {
        let wire = Arc::new(Wire::new(settings));
        let session = Arc::new(Session::new(Arc::clone(&wire)));
        Self { wire, session, checked: OnceCell::new() }
    }

    fn settings(&self) -> &Settings {
        self.wire.settings()
    }

    fn mount(&self) -> String {
        self.settings().mount.trim_matches('/').to_owned()
    }

    /// A path under the mount.
    fn under_mount(&self, path: Option<&SecretPath>) -> String {
        let prefix = self.settings().prefix.trim_matches('/');
        match path {
            None => prefix.to_owned(),
            Some(path) if prefix.is_empty() => path.as_str().to_owned(),
            Some(path) => format!("{prefix}/{path}"),
        }
    }

    /// One version, or the latest.
    pub(super) async fn read(&self, path: &SecretPath, version: Option<Version>) -> Result<Latest, HashiCorpError> {
        #[derive(Deserialize)]
        struct Read {
            data: Option<BTreeMap<String, SecretText>>,
            metadata: SecretVersionMetadata,
        }
        let at = self.under_mount(Some(path));
        let request =
            || ReadSecretRequest { mount: self.mount(), path: at.clone(), version: version.map(Version::get) };
        let answer = self.ask(request, Deed::Read, &at).await?;
        if answer.status == 404 {
            self.check_mount().await?;
            // A deleted version is told by the same status with its metadata.
            let Ok(result) = answer.parse::<EndpointResult<Read>>() else { return Ok(Latest::Never) };
            let deleted = result.data.and_then(|read| Version::new(read.metadata.version));
            return Ok(deleted.map_or(Latest::Never, Latest::Deleted));
        }
        let result: EndpointResult<Read> = self.understood(&answer, Deed::Read, &at)?;
        let foreign = |problem| self.foreign(Deed::Read, &at, problem);
        let read = result.data.ok_or_else(|| foreign("there is no data in the answer"))?;
        let version = Version::new(read.metadata.version).ok_or_else(|| foreign("its version is zero"))?;
        let fields = read.data.ok_or_else(|| foreign("it has no fields"))?;
        let fields = fields.into_iter().map(|(name, SecretText(value))| (name, value));
        let value = Secret::from_fields(fields).map_err(|_| foreign("its fields are not those of a secret"))?;
        let created_at = time(&read.metadata.created_time).ok_or_else(|| foreign("its time is none"))?;
        Ok(Latest::Present(Versioned { value, version, created_at }))
    }

    /// Adds a version; `cas` is the number of the version to replace, 0 for none.
    pub(super) async fn write(
        &self,
        path: &SecretPath,
        value: &Secret,
        cas: Option<u64>,
    ) -> Result<Written, HashiCorpError> {
        // To a mount of version 1 the same request would write something else.
        self.check_mount().await?;
        let at = self.under_mount(Some(path));
        // A number beyond what can be said is one that no path has.
        let options = cas.map(|cas| SetSecretRequestOptions { cas: u32::try_from(cas).unwrap_or(u32::MAX) });
        let request = || SetSecretRequest {
            mount: self.mount(),
            path: at.clone(),
            data: value.fields().map(|(name, value)| (name.to_owned(), Value::from(value.expose_secret()))).collect(),
            options: options.clone(),
        };
        let answer = self.ask(request, Deed::Write, &at).await?;
        if answer.status == 400 {
            let said = answer.said();
            return match said {
                _ if said.contains(MISMATCH) => Ok(Written::Mismatch),
                _ if said.contains(CAS_REQUIRED) => Ok(Written::CasRequired),
                _ => Err(self.wire.unexpected(&format!("a write of {at}"), said)),
            };
        }
        let result: EndpointResult<SecretVersionMetadata> = self.understood(&answer, Deed::Write, &at)?;
        let version = result.data.and_then(|data| Version::new(data.version));
        let version = version.ok_or_else(|| self.foreign(Deed::Write, &at, "the answer names no version"))?;
        if version == Version::FIRST {
            self.keep_versions(&at).await;
        }
        Ok(Written::As(version))
    }

    /// Has the engine keep as many versions as the store promises, where the mount says fewer. Nothing depends on the older ones, so a
    /// log-in that may not say so is no failure.
    async fn keep_versions(&self, at: &str) {
        let request = || SetSecretMetadataRequest {
            mount: self.mount(),
            path: at.to_owned(),
            max_versions: Some(MAX_VERSIONS as u64),
            ..SetSecretMetadataRequest::default()
        };
        if let Err(error) = self.ask(request, Deed::WriteMetadata, at).await {
            tracing::debug!(%error, "the number of versions that are kept stays the mount's");
        }
    }

    /// Removes a path with its versions.
    pub(super) async fn delete(&self, path: &SecretPath) -> Result<bool, HashiCorpError> {
        let existed = match self.raw_metadata(path).await? {
            None => return Ok(false),
            Some(raw) => !raw.versions.is_empty() && self.metadata_of(path, &raw)?.is_some(),
        };
        let at = self.under_mount(Some(path));
        let request = || DeleteSecretMetadataRequest { mount: self.mount(), path: at.clone() };
        self.ask(request, Deed::DeleteMetadata, &at).await?;
        Ok(existed)
    }

    /// What is known of a path.
    pub(super) async fn metadata(&self, path: &SecretPath) -> Result<Option<Metadata>, HashiCorpError> {
        match self.raw_metadata(path).await? {
            None => Ok(None),
            Some(raw) => self.metadata_of(path, &raw),
        }
    }

    async fn raw_metadata(&self, path: &SecretPath) -> Result<Option<ReadSecretMetadataResponse>, HashiCorpError> {
        let at = self.under_mount(Some(path));
        let request = || ReadSecretMetadataRequest { mount: self.mount(), path: at.clone() };
        let answer = self.ask(request, Deed::ReadMetadata, &at).await?;
        if answer.status == 404 {
            self.check_mount().await?;
            return Ok(None);
        }
        let result: EndpointResult<ReadSecretMetadataResponse> = self.understood(&answer, Deed::ReadMetadata, &at)?;
        Ok(result.data)
    }

    fn metadata_of(
        &self,
        path: &SecretPath,
        raw: &ReadSecretMetadataResponse,
    ) -> Result<Option<Metadata>, HashiCorpError> {
        let foreign = |problem| self.foreign(Deed::ReadMetadata, &self.under_mount(Some(path)), problem);
        let mut versions = Vec::with_capacity(raw.versions.len());
        for (number, about) in &raw.versions {
            if about.destroyed || !about.deletion_time.is_empty() {
                continue;
            }
            let version =
                number.parse().ok().and_then(Version::new).ok_or_else(|| foreign("a version is no number"))?;
            let created_at = time(&about.created_time).ok_or_else(|| foreign("a time is none"))?;
            versions.push(VersionInfo { version, created_at });
        }
        versions.sort_by_key(|info| info.version);
        // A mount may keep more than a store promises.
        let surplus = versions.len().saturating_sub(MAX_VERSIONS);
        versions.drain(..surplus);
        let created_at = time(&raw.created_time).ok_or_else(|| foreign("a time is none"))?;
        let current = versions.last().copied().filter(|info| info.version.get() == raw.current_version);
        Ok(current.map(|current| Metadata { created_at, current, versions }))
    }

    /// The paths beneath one, at any depth.
    pub(super) async fn list(&self, under: Option<&SecretPath>) -> Result<BTreeSet<SecretPath>, HashiCorpError> {
        let mut found = BTreeSet::new();
        let mut folders = vec![under.cloned()];
        while let Some(folder) = folders.pop() {
            for key in self.keys(folder.as_ref()).await? {
                let name = key.trim_end_matches('/');
                let path = match &folder {
                    None => SecretPath::parse(name),
                    Some(folder) => SecretPath::parse(&format!("{folder}/{name}")),
                };
                let Ok(path) = path else {
                    tracing::debug!("passed over something in Vault that this program did not store");
                    continue;
                };
                if key.ends_with('/') {
                    folders.push(Some(path));
                } else {
                    found.insert(path);
                }
                if found.len() + folders.len() > MAX_PATHS {
                    let path = format!("{}/{}", self.mount(), self.under_mount(under));
                    return Err(HashiCorpError::TooMany { address: self.address(), path, limit: MAX_PATHS });
                }
            }
        }
        Ok(found)
    }

    async fn keys(&self, folder: Option<&SecretPath>) -> Result<Vec<String>, HashiCorpError> {
        let at = self.under_mount(folder);
        let request = || ListSecretsRequest { mount: self.mount(), path: at.clone() };
        let answer = self.ask(request, Deed::List, &at).await?;
        if answer.status == 404 {
            self.check_mount().await?;
            return Ok(Vec::new());
        }
        let result: EndpointResult<ListSecretsResponse> = self.understood(&answer, Deed::List, &at)?;
        Ok(result.data.map(|data| data.keys).unwrap_or_default())
    }
}

/// A field's text, secret from the moment it is read.
struct SecretText(SecretString);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(SecretString::from(text)))
    }
}

/// A time as the server writes it, to the millisecond.
fn time(text: &str) -> Option<Timestamp> {
    let precise: Timestamp = text.parse().ok()?;
    Timestamp::from_millisecond(precise.as_millisecond()).ok()
}
