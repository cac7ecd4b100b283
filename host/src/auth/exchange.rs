//! Requests to the token and the revocation endpoint.

use std::fmt;

use oauth2::basic::{BasicClient, BasicErrorResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};

use super::answer::{Reading, Tokens, read};
use super::client::ClientIdentity;
use super::error::AuthError;
use super::http::{Answer, AuthHttp, Fault};
use super::redirect::RedirectUri;
use super::server::AuthorizationServer;
use super::{Clock, authorization};
use crate::contract::account::{Refusal, Stage};
use crate::contract::descriptor::{ClientAuthentication, Grant, Scope as DescribedScope};

pub(super) type OauthClient = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// The OAuth library's view of a client at a server.
pub(super) fn oauth_client(server: &AuthorizationServer, client: &ClientIdentity) -> OauthClient {
    let built = BasicClient::new(ClientId::new(client.id().to_owned()))
        .set_auth_uri(AuthUrl::from_url(server.authorize.clone()))
        .set_token_uri(TokenUrl::from_url(server.token.clone()))
        .set_auth_type(match server.oauth.client_authentication {
            ClientAuthentication::Basic => AuthType::BasicAuth,
            ClientAuthentication::Body => AuthType::RequestBody,
        });
    match client.secret() {
        Some(secret) => built.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned())),
        None => built,
    }
}

pub(super) fn redirect_url(redirect: &RedirectUri) -> RedirectUrl {
    RedirectUrl::new(redirect.as_str().to_owned()).expect("a RedirectUri was parsed as a URL")
}

/// Which kind of token is to be forgotten.
#[derive(Clone, Copy, Debug)]
pub(super) enum Revoked {
    /// The one that others are renewed by.
    Refresh,
    /// The one that requests carry.
    Access,
}

/// A server, a client registered there, and the means to reach it.
pub(super) struct Exchange<'a> {
    pub(super) server: &'a AuthorizationServer,
    pub(super) client: &'a ClientIdentity,
    pub(super) http: AuthHttp,
    pub(super) clock: &'a dyn Clock,
}

impl Exchange<'_> {
    pub(super) async fn code(
        &self,
        code: &SecretString,
        redirect: &RedirectUri,
        verifier: Option<&SecretString>,
    ) -> Result<Tokens, AuthError> {
        let oauth = oauth_client(self.server, self.client).set_redirect_uri(redirect_url(redirect));
        let mut request = oauth.exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()));
        if let Some(verifier) = verifier {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
        }
        let built = request.request(&build).err();
        let known = [code].into_iter().chain(verifier).collect();
        self.post(Stage::Exchange, "authorization-code", known).tokens(built).await
    }

    pub(super) async fn refresh(&self, token: &SecretString) -> Result<Tokens, AuthError> {
        let oauth = oauth_client(self.server, self.client);
        let on_wire = RefreshToken::new(token.expose_secret().to_owned());
        let built = oauth.exchange_refresh_token(&on_wire).request(&build).err();
        self.post(Stage::Refresh, "refresh-token", vec![token]).tokens(built).await
    }

    pub(super) async fn client_credentials(&self, scope: &[String], stage: Stage) -> Result<Tokens, AuthError> {
        let oauth = oauth_client(self.server, self.client);
        let scopes = scope.iter().cloned().map(Scope::new);
        let built = oauth.exchange_client_credentials().add_scopes(scopes).request(&build).err();
        self.post(stage, "client-secret", Vec::new()).tokens(built).await
    }

    /// RFC 7009: asks that a token be forgotten. A server that does not know it answers success.
    pub(super) async fn revoke(
        &self,
        endpoint: &url::Url,
        token: &SecretString,
        kind: Revoked,
    ) -> Result<(), AuthError> {
        let (hint, name) = match kind {
            Revoked::Refresh => ("refresh_token", "refresh-token"),
            Revoked::Access => ("access_token", "access-token"),
        };
        let mut form = vec![("token", token.expose_secret()), ("token_type_hint", hint)];
        let mut request = self.http.client().post(endpoint.clone()).header("accept", "application/json");
        let secret = self.client.secret().map(ExposeSecret::expose_secret);
        match (self.server.oauth.client_authentication, secret) {
            (ClientAuthentication::Basic, Some(secret)) => {
                // RFC 6749, 2.3.1 has both encoded before they are joined.
                let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                request = request.basic_auth(encoded(self.client.id()), Some(encoded(secret)));
            }
            (_, secret) => {
                form.push(("client_id", self.client.id()));
                form.extend(secret.map(|secret| ("client_secret", secret)));
            }
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .build()
            .map_err(|_| self.unintelligible(None, "to a request that cannot be made"))?;
        let post = self.post(Stage::Request, name, vec![token]);
        let answer = post.answer(request).await?;
        if answer.is_success() {
            return Ok(());
        }
        match post.read(&answer) {
            Reading::Refused { code, message } => Err(post.refused(answer.status, code, message)),
            Reading::Tokens(_) | Reading::Nonsense(_) => {
                Err(self.unintelligible(Some(answer.status), "a failure without a reason"))
            }
        }
    }

    fn post<'a>(&'a self, stage: Stage, credential: &'static str, mut known: Vec<&'a SecretString>) -> Post<'a> {
        known.extend(self.client.secret());
        Post { exchange: self, stage, credential, known }
    }

    fn unintelligible(&self, status: Option<u16>, what: &str) -> AuthError {
        AuthError::Unintelligible { platform: self.server.platform.clone(), status, what: what.to_owned() }
    }
}

/// A request as the OAuth library makes it, handed back instead of being sent: the library's own reading is strict where platforms are
/// not, and its errors carry the whole body, tokens included.
struct Built(Box<HttpRequest>);

impl fmt::Debug for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Built(redacted)")
    }
}

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request that is yet to be sent")
    }
}

impl std::error::Error for Built {}

fn build(request: HttpRequest) -> Result<HttpResponse, Built> {
    Err(Built(Box::new(request)))
}

/// One request, with what its answer may not repeat.
struct Post<'a> {
    exchange: &'a Exchange<'a>,
    stage: Stage,
    /// The name of what it spends.
    credential: &'static str,
    known: Vec<&'a SecretString>,
}

impl Post<'_> {
    async fn tokens(&self, built: Option<RequestTokenError<Built, BasicErrorResponse>>) -> Result<Tokens, AuthError> {
        let request = match built {
            Some(RequestTokenError::Request(Built(request))) => reqwest::Request::try_from(*request).ok(),
            _ => None,
        }
        .ok_or_else(|| self.exchange.unintelligible(None, "to a request that cannot be made"))?;
        let asked_at = self.exchange.clock.now();
        let answer = self.answer(request).await?;
        match self.read(&answer) {
            Reading::Tokens(tokens) => Ok(Tokens { asked_at, ..tokens }),
            Reading::Refused { code, message } => Err(self.refused(answer.status, code, message)),
            Reading::Nonsense(what) => Err(self.exchange.unintelligible(Some(answer.status), what)),
        }
    }

    async fn answer(&self, request: reqwest::Request) -> Result<Answer, AuthError> {
        let platform = || self.exchange.server.platform.clone();
        let answer = self.exchange.http.send(request, self.credential).await.map_err(|fault| match fault {
            Fault::Network { what, sent } => {
                AuthError::Unavailable { platform: platform(), what, retry_after: None, acted: sent }
            }
            Fault::TooLarge(status) => self.exchange.unintelligible(Some(status), "more than 64 KiB"),
            Fault::Insecure => self.exchange.unintelligible(None, "nothing, since its address is not https"),
        })?;
        if answer.is_trouble() {
            return Err(AuthError::Unavailable {
                platform: platform(),
                what: format!("it answered HTTP {}", answer.status),
                retry_after: answer.retry_after,
                // A gateway may give up after what is behind it did the work.
                acted: answer.status >= 500,
            });
        }
        if (300..400).contains(&answer.status) {
            return Err(self
                .exchange
                .unintelligible(Some(answer.status), "a redirect, which is never followed with secrets"));
        }
        Ok(answer)
    }

    fn read(&self, answer: &Answer) -> Reading {
        read(answer.is_success(), &answer.body, &self.known)
    }

    fn refused(&self, status: u16, code: Option<String>, message: Option<String>) -> AuthError {
        AuthError::Refused {
            platform: self.exchange.server.platform.clone(),
            refusal: Refusal { stage: self.stage, status: Some(status), code, message },
        }
    }
}

/// Obtains tokens for the application itself, without a person (RFC 6749, 4.4).
///
/// # Errors
///
/// [`AuthError::GrantNotOffered`] if the descriptor lacks the grant, else as the server answers.
pub async fn client_credentials(
    server: &AuthorizationServer,
    client: &ClientIdentity,
    scopes: &[&DescribedScope],
    http: &AuthHttp,
    clock: &dyn Clock,
) -> Result<Tokens, AuthError> {
    if !server.oauth.grants.contains(&Grant::ClientCredentials) {
        return Err(AuthError::GrantNotOffered { platform: server.platform.clone(), grant: "client-credentials" });
    }
    let exchange = Exchange { server, client, http: http.clone(), clock };
    exchange.client_credentials(&authorization::wire_words(scopes), Stage::Exchange).await
}
