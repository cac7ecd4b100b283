//! A registry, asked for manifests, components and tags.

use reqwest::header::{ACCEPT, CONTENT_TYPE, LINK, LOCATION};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use secrecy::ExposeSecret;
use serde::Deserialize;
use url::Url;

use super::dial::{Beside, Undialled, dial};
use super::docker::DockerConfig;
use super::error::RegistryError;
use super::manifest::{self, INDEXES, MANIFEST, MAX_MANIFEST, Manifest};
use super::reference::Reference;
use super::token::Authorization;
use crate::origin::Origin;
use crate::plugin::digest::Digest;

/// Redirects that are followed of one request.
const MAX_REDIRECTS: usize = 5;

/// The most bytes of a page of tags, tags of a page, and pages.
const MAX_TAGS: usize = 1024 * 1024;
const TAGS_OF_A_PAGE: usize = 1000;
const MAX_PAGES: usize = 10;

/// A registry's repository.
pub struct Registry {
    pub(super) reference: Reference,
    client: Client,
    /// What kind of address it has, where that is not a public one.
    kind: Option<&'static str>,
    pub(super) docker: DockerConfig,
    pub(super) authorization: Option<Authorization>,
    /// Whether a credential of the person's was shown.
    pub(super) shown: bool,
}

#[derive(Deserialize)]
struct Tags {
    /// Null where there is none.
    tags: Option<Vec<String>>,
}

impl Registry {
    /// The repository of a reference. Nothing is asked of it yet but its address.
    ///
    /// # Errors
    /// [`RegistryError::Unreachable`].
    pub async fn open(reference: &Reference, docker: DockerConfig) -> Result<Registry, RegistryError> {
        let registry = reference.registry().to_owned();
        match dial(reference.origin(), Beside::Any).await {
            Ok((client, kind)) => {
                Ok(Registry { reference: reference.clone(), client, kind, docker, authorization: None, shown: false })
            }
            Err(Undialled::Failed(why)) => Err(RegistryError::Unreachable { registry, why }),
            Err(Undialled::Refused(kind)) => Err(RegistryError::Unreachable { registry, why: kind.to_owned() }),
        }
    }

    /// The manifest that a reference to this repository names, with its digest.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn manifest(&mut self, reference: &Reference) -> Result<(Digest, Manifest), RegistryError> {
        let selector = reference.selector();
        let what = format!("{}:{selector}", reference.repository()).replace(":sha256:", "@sha256:");
        let accept = format!("{MANIFEST}, {}, {}", INDEXES[0], INDEXES[1]);
        let response = self.get(&format!("manifests/{selector}"), &accept, &what).await?;
        let labelled = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if labelled.starts_with("text/html") {
            return Err(self.nonsense("it sends a web page; check the registry's name"));
        }
        let bytes = self.read(response, MAX_MANIFEST, &format!("the manifest of {what}")).await?;
        let found = Digest::of(&bytes);
        if let Some(expected) = reference.digest().filter(|expected| *expected != found) {
            return Err(self.another(format!("a manifest of {what}"), expected, found));
        }
        let refused = |why| RegistryError::Manifest { reference: reference.to_string(), why };
        Ok((found, manifest::parse(&bytes).map_err(refused)?))
    }

    /// The component of a manifest, which has the digest and the size that it says.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn component(&mut self, manifest: &Manifest) -> Result<Vec<u8>, RegistryError> {
        let Manifest { digest, size, .. } = *manifest;
        let what = format!("the component of {}", self.reference.repository());
        let response = self.get(&format!("blobs/{digest}"), "*/*", &what).await?;
        let bytes = self.read(response, size, &what).await?;
        let found = Digest::of(&bytes);
        if found == digest { Ok(bytes) } else { Err(self.another(what, digest, found)) }
    }

    /// Tags of the repository, ten thousand at most; none where the registry does not tell.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn tags(&mut self) -> Result<Vec<String>, RegistryError> {
        let what = format!("the versions of {}", self.reference.repository());
        let mut all: Vec<String> = Vec::new();
        for _ in 0..MAX_PAGES {
            let after =
                all.last().and_then(|last| self.reference.tagged(last)).and_then(|of| of.tag().map(str::to_owned));
            let after = after.map(|last| format!("&last={last}")).unwrap_or_default();
            let asked = self.get(&format!("tags/list?n={TAGS_OF_A_PAGE}{after}"), "application/json", &what).await;
            let response = match asked {
                Err(RegistryError::Refused { .. } | RegistryError::NotFound { .. } | RegistryError::Status { .. }) => {
                    break;
                }
                asked => asked?,
            };
            let more = response.headers().contains_key(LINK);
            let bytes = self.read(response, MAX_TAGS, &what).await?;
            let page: Tags =
                serde_json::from_slice(&bytes).map_err(|_| self.nonsense("its list of versions is none"))?;
            let page = page.tags.unwrap_or_default();
            let is_last = page.is_empty() || !more;
            all.extend(page);
            if is_last {
                break;
            }
        }
        Ok(all)
    }

    /// Asks for something below the repository, showing who asks where that is wanted, and following where it leads.
    async fn get(&mut self, path: &str, accept: &str, what: &str) -> Result<Response, RegistryError> {
        let text = format!("{}/v2/{}/{path}", self.reference.origin(), self.reference.repository());
        let url = Url::parse(&text).map_err(|_| self.nonsense("its address cannot be written"))?;
        let mut response = self.send(self.authorised(url.clone(), accept)).await?;
        if response.status() == StatusCode::UNAUTHORIZED && self.authorization.is_none() {
            self.authorise(&response).await?;
            response = self.send(self.authorised(url.clone(), accept)).await?;
        }
        let response = self.follow(response, url, accept).await?;
        let (registry, what) = (self.reference.registry().to_owned(), what.to_owned());
        Err(match response.status() {
            StatusCode::OK => return Ok(response),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                RegistryError::Refused { registry, what, shown: self.shown }
            }
            StatusCode::NOT_FOUND => RegistryError::NotFound { registry, what },
            StatusCode::TOO_MANY_REQUESTS => RegistryError::RateLimited { registry },
            status => RegistryError::Status { registry, status: status.as_u16(), what },
        })
    }

    fn authorised(&self, url: Url, accept: &str) -> RequestBuilder {
        let request = asking(&self.client, url, accept);
        match &self.authorization {
            Some(Authorization::Basic(user, password)) => {
                request.basic_auth(user.expose_secret(), Some(password.expose_secret()))
            }
            Some(Authorization::Bearer(token)) => request.bearer_auth(token.expose_secret()),
            Some(Authorization::Nothing) | None => request,
        }
    }

    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, RegistryError> {
        request.send().await.map_err(|error| RegistryError::of(self.reference.registry(), error))
    }

    /// Where an answer points elsewhere, what is there. Nothing that says who asks goes there.
    async fn follow(&self, mut response: Response, mut at: Url, accept: &str) -> Result<Response, RegistryError> {
        for _ in 0..MAX_REDIRECTS {
            if !response.status().is_redirection() {
                return Ok(response);
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let next = location.and_then(|location| at.join(location).ok());
            at = next.ok_or_else(|| self.nonsense("it points to no address"))?;
            let client = self.elsewhere(&at, "what is asked for").await?;
            response = self.send(asking(&client, at.clone(), accept)).await?;
        }
        match response.status().is_redirection() {
            true => Err(self.nonsense("it points from one place to the next without end")),
            false => Ok(response),
        }
    }

    /// A client for a place that the registry sends us to.
    pub(super) async fn elsewhere(&self, url: &Url, what: &'static str) -> Result<Client, RegistryError> {
        let registry = self.reference.registry().to_owned();
        let place = crate::capability::log::escaped(url.host_str().unwrap_or("nowhere"), 100);
        let refused = |why: String| RegistryError::Elsewhere { registry, what, place, why };
        let plain = url.username().is_empty() && url.password().is_none();
        let origin = Origin::of(url).filter(|_| plain);
        let Some(origin) = origin else { return Err(refused("it has to be https".to_owned())) };
        match dial(&origin, Beside::Kind(self.kind)).await {
            Ok((client, _)) => Ok(client),
            Err(Undialled::Refused(kind)) => Err(refused(format!("it is {kind}"))),
            Err(Undialled::Failed(why)) => Err(refused(format!("it cannot be reached: {why}"))),
        }
    }

    /// An answer's body, of at most so many bytes.
    pub(super) async fn read(&self, mut response: Response, most: usize, what: &str) -> Result<Vec<u8>, RegistryError> {
        let too_large =
            || RegistryError::TooLarge { registry: self.reference.registry().to_owned(), what: what.to_owned(), most };
        if response.content_length().is_some_and(|length| length > most as u64) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        let failed = |error| RegistryError::of(self.reference.registry(), error);
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > most {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    pub(super) fn nonsense(&self, why: &str) -> RegistryError {
        RegistryError::Nonsense { registry: self.reference.registry().to_owned(), why: why.to_owned() }
    }

    fn another(&self, what: String, expected: Digest, found: Digest) -> RegistryError {
        RegistryError::Digest { registry: self.reference.registry().to_owned(), what, expected, found }
    }
}

pub(super) fn asking(client: &Client, url: Url, accept: &str) -> RequestBuilder {
    client.get(url).header(ACCEPT, accept)
}
