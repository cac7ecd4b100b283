//! Sending to the server: one client, bounded in time and size; nothing followed, nobody in between.
//!
//! `vaultrs` knows the paths, methods and bodies of the interface. What it sends with is not used: it reads answers of any
//! size, logs what servers say, holds tokens as plain text, and panics on a token that is no header and on an address that is no URL
//! (0.8). Both are checked here before it sees them, and the token never reaches it.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue, LOCATION};
use reqwest::{Client, Method, Request, Response};
use rustify::Endpoint;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;
use vaultrs::api::EndpointMiddleware;
use zeroize::Zeroizing;

use super::{HashiCorpError, Settings};
use crate::config::is_origin;

/// The most bytes of an answer: a full list of secrets, or one secret with each byte escaped.
pub(super) const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// How long a connection may take, TLS included.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// How long everything may take, to the last byte of the answer.
const TOTAL_LIMIT: Duration = Duration::from_secs(20);

/// The most bytes of the certificate authority's file.
const MAX_AUTHORITY_BYTES: u64 = 1024 * 1024;

const TOKEN: HeaderName = HeaderName::from_static("x-vault-token");
const NAMESPACE: HeaderName = HeaderName::from_static("x-vault-namespace");

/// The server as it is talked to.
pub(super) struct Wire {
    settings: Settings,
    client: OnceLock<Client>,
}

/// An answer that was read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    /// Where a redirect points.
    pub(super) location: Option<String>,
    body: Zeroizing<Vec<u8>>,
}

impl Wire {
    /// Does no input or output: the client is made for the first request.
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, client: OnceLock::new() }
    }

    pub(super) fn address(&self) -> &str {
        self.settings.address.trim_end_matches('/')
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sends what an endpoint of `vaultrs` describes.
    pub(super) async fn ask(
        &self,
        endpoint: impl Endpoint,
        token: Option<&SecretString>,
    ) -> Result<Answer, HashiCorpError> {
        let base = self.base()?;
        // Without the token and the namespace: see `headers`.
        let middleware =
            EndpointMiddleware { token: String::new(), version: "v1".to_owned(), wrap: None, namespace: None };
        let request = endpoint
            .with_middleware(&middleware)
            .request(base.as_str())
            .map_err(|error| self.unexpected("a request", error.to_string()))?;
        let request = Request::try_from(request).map_err(|error| self.unexpected("a request", error.to_string()))?;
        self.send(request, token).await
    }

    /// Asks for what `vaultrs` has no endpoint for, or cannot read the answer of.
    pub(super) async fn get(&self, path: &str, token: Option<&SecretString>) -> Result<Answer, HashiCorpError> {
        let mut url = self.base()?;
        url.set_path(&format!("v1/{path}"));
        self.send(Request::new(Method::GET, url), token).await
    }

    fn base(&self) -> Result<Url, HashiCorpError> {
        let refused = || HashiCorpError::Address { address: self.settings.address.clone() };
        // Also where it comes from elsewhere than the configuration, which has seen to it already.
        if !is_origin(&self.settings.address) {
            return Err(refused());
        }
        Url::parse(&self.settings.address).map_err(|_| refused())
    }

    async fn send(&self, mut request: Request, token: Option<&SecretString>) -> Result<Answer, HashiCorpError> {
        let client = self.client()?;
        if let Some(namespace) = &self.settings.namespace {
            let refused = |_| HashiCorpError::Namespace { namespace: namespace.clone() };
            request.headers_mut().insert(NAMESPACE, HeaderValue::from_str(namespace).map_err(refused)?);
        }
        if let Some(token) = token {
            let refused = |_| HashiCorpError::UnusableCredential {
                origin: "the log-in's answer".to_owned(),
                why: "the token is no header".to_owned(),
            };
            let mut value = HeaderValue::from_str(token.expose_secret()).map_err(refused)?;
            value.set_sensitive(true);
            request.headers_mut().insert(TOKEN, value);
        }
        let response = client.execute(request).await.map_err(|error| self.fault(error))?;
        self.read(response).await
    }

    async fn read(&self, mut response: Response) -> Result<Answer, HashiCorpError> {
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(printable);
        let status = response.status().as_u16();
        let mut body = Zeroizing::new(Vec::with_capacity(4096));
        while let Some(chunk) = response.chunk().await.map_err(|error| self.fault(error))? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(HashiCorpError::TooLarge { address: self.address().to_owned(), limit: MAX_ANSWER_BYTES });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, location, body })
    }

    fn client(&self) -> Result<&Client, HashiCorpError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        crate::tls::use_ring();
        let mut builder = Client::builder()
            .user_agent(concat!("Prospector/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_LIMIT)
            .timeout(TOTAL_LIMIT)
            .pool_max_idle_per_host(2);
        if self.address().starts_with("http://") {
            // No certificate will be asked for; reading the system's costs more than a request.
            builder = builder.tls_certs_only([]);
        } else if let Some(path) = &self.settings.ca_file {
            builder = builder.tls_certs_only(authority(path)?);
        }
        let client = builder.build().map_err(|error| HashiCorpError::NoClient {
            address: self.address().to_owned(),
            why: causes(&error.without_url()),
        })?;
        Ok(self.client.get_or_init(|| client))
    }

    fn fault(&self, error: reqwest::Error) -> HashiCorpError {
        let error = error.without_url();
        let address = self.address().to_owned();
        let why = causes(&error);
        if is_certificate_trouble(&error) {
            HashiCorpError::Untrusted { address, why }
        } else if error.is_timeout() && !error.is_connect() {
            HashiCorpError::TimedOut { address, limit: TOTAL_LIMIT }
        } else {
            HashiCorpError::Unreachable { address, why }
        }
    }

    pub(super) fn unexpected(&self, asked: &str, problem: String) -> HashiCorpError {
        HashiCorpError::Unexpected { address: self.address().to_owned(), asked: asked.to_owned(), problem }
    }
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The answer as a value. The error repeats nothing of it.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.body)
            .map_err(|error| format!("status {}, {:?} error in its JSON", self.status, error.classify()))
    }

    /// What the server gives as reasons, for a person: bounded, and nothing that a terminal would obey.
    pub(super) fn said(&self) -> String {
        #[derive(serde::Deserialize)]
        struct Errors {
            #[serde(default)]
            errors: Vec<String>,
        }
        match self.parse::<Errors>() {
            Ok(Errors { errors }) => printable(&errors.join("; ")),
            Err(_) => String::new(),
        }
    }
}

fn authority(path: &std::path::Path) -> Result<Vec<reqwest::Certificate>, HashiCorpError> {
    use std::io::Read as _;
    let refused = |why: String| HashiCorpError::Authority { path: path.display().to_string(), why };
    let mut pem = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_AUTHORITY_BYTES).read_to_end(&mut pem))
        .map_err(|error| refused(error.to_string()))?;
    let found = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| refused(causes(&error)))?;
    match found.is_empty() {
        true => Err(refused("there is no certificate in it".to_owned())),
        false => Ok(found),
    }
}

/// Whether a certificate is at the bottom of it. What an I/O error wraps is not among its sources.
fn is_certificate_trouble(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return matches!(tls, rustls::Error::InvalidCertificate(_));
    }
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    wrapped.is_some_and(|error| is_certificate_trouble(error)) || error.source().is_some_and(is_certificate_trouble)
}

/// An error with what caused it, each once.
fn causes(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.ends_with(&more) {
            words.push_str(": ");
            words.push_str(&more);
        }
        cause = error.source();
    }
    printable(&words)
}

/// Text from outside, as one bounded line.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect::<String>().trim().to_owned()
}
