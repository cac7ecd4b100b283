//! Showing a registry who asks: a password or a token, as it wants.

use reqwest::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Method, Request, RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

use super::challenge::{self, Challenge};
use super::client::{Registry, asking};
use super::docker::Credential;
use super::error::RegistryError;

/// The most bytes of a token's answer.
const MAX_TOKEN: usize = 256 * 1024;

/// What requests to the registry carry.
pub(super) enum Authorization {
    Basic(SecretString, SecretString),
    Bearer(SecretString),
    /// It let nobody in, and there is nothing more to show.
    Nothing,
}

/// What the realm of tokens answers.
#[derive(Deserialize)]
struct Token {
    token: Option<SecretString>,
    access_token: Option<SecretString>,
}

impl Registry {
    /// Gets what the registry wants to be shown.
    pub(super) async fn authorise(&mut self, response: &Response) -> Result<(), RegistryError> {
        let headers = response.headers().get_all(WWW_AUTHENTICATE);
        let challenge = challenge::choose(headers.iter().filter_map(|value| value.to_str().ok()));
        let challenge = challenge.ok_or_else(|| self.nonsense("it wants a log-in by no way that is known here"))?;
        let credential = self.docker.credential(self.reference.registry()).await?;
        self.shown = credential.is_some();
        self.authorization = Some(match (challenge, credential) {
            (_, Some(Credential::Registry(token))) => Authorization::Bearer(token),
            (Challenge::Basic, Some(Credential::Password { user, password })) => Authorization::Basic(user, password),
            (Challenge::Basic, _) => Authorization::Nothing,
            (Challenge::Bearer { realm, service }, credential) => {
                Authorization::Bearer(self.token(&realm, service.as_deref(), credential).await?)
            }
        });
        Ok(())
    }

    /// A token for pulling from this repository, and for nothing else.
    async fn token(
        &self,
        realm: &str,
        service: Option<&str>,
        credential: Option<Credential>,
    ) -> Result<SecretString, RegistryError> {
        let mut url = Url::parse(realm).map_err(|_| self.nonsense("the realm of its tokens is no address"))?;
        let client = self.elsewhere(&url, "log-ins").await?;
        let scope = format!("repository:{}:pull", self.reference.repository());
        let mut fields = vec![("scope", scope.as_str())];
        fields.extend(service.map(|service| ("service", service)));
        let request = match &credential {
            Some(Credential::Identity(token)) => {
                fields.extend([
                    ("grant_type", "refresh_token"),
                    ("client_id", "prospector"),
                    ("refresh_token", token.expose_secret()),
                ]);
                let form =
                    Zeroizing::new(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish());
                let request = RequestBuilder::from_parts(client, Request::new(Method::POST, url));
                request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.to_string())
            }
            _ => {
                url.query_pairs_mut().extend_pairs(fields);
                let request = asking(&client, url, "application/json");
                match &credential {
                    Some(Credential::Password { user, password }) => {
                        request.basic_auth(user.expose_secret(), Some(password.expose_secret()))
                    }
                    _ => request,
                }
            }
        };
        let response = self.send(request).await?;
        let registry = self.reference.registry().to_owned();
        match response.status() {
            StatusCode::OK => {}
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(RegistryError::Refused { registry, what: "the log-in".to_owned(), shown: self.shown });
            }
            StatusCode::TOO_MANY_REQUESTS => return Err(RegistryError::RateLimited { registry }),
            status => {
                return Err(RegistryError::Status { registry, status: status.as_u16(), what: "the log-in".to_owned() });
            }
        }
        let bytes = Zeroizing::new(self.read(response, MAX_TOKEN, "a token").await?);
        let answer: Option<Token> = serde_json::from_slice(&bytes).ok();
        let token = answer.and_then(|answer| answer.token.or(answer.access_token));
        let is_header = |token: &str| !token.is_empty() && HeaderValue::from_str(token).is_ok();
        token.filter(|token| is_header(token.expose_secret())).ok_or_else(|| self.nonsense("it gives no token"))
    }
}
