//! The authorization code flow (RFC 6749, 4.1) with PKCE (RFC 7636).

use std::fmt;

use oauth2::{CsrfToken, PkceCodeChallenge, Scope as WireScope};
use secrecy::SecretString;
use url::Url;

use super::answer::Tokens;
use super::callback::{Callback, Channel, Outcome};
use super::client::ClientIdentity;
use super::error::AuthError;
use super::exchange::{Exchange, oauth_client, redirect_url};
use super::http::AuthHttp;
use super::redirect::RedirectUri;
use super::server::AuthorizationServer;
use super::state::State;
use super::{Clock, authorization};
use crate::contract::account::{Refusal, Stage};
use crate::contract::descriptor::{Grant, Pkce, Scope};

/// A log-in under way. It is consumed by its one answer.
pub struct Flow {
    server: AuthorizationServer,
    client: ClientIdentity,
    redirect: RedirectUri,
    state: State,
    verifier: Option<SecretString>,
    url: Url,
}

impl Flow {
    /// Begins a log-in that asks for `scopes` (see [`super::scopes_for`]).
    ///
    /// # Errors
    ///
    /// [`AuthError::GrantNotOffered`] if the descriptor lacks the grant.
    pub fn begin(
        server: &AuthorizationServer,
        client: &ClientIdentity,
        redirect: &RedirectUri,
        scopes: &[&Scope],
    ) -> Result<Self, AuthError> {
        if !server.oauth.grants.contains(&Grant::AuthorizationCode) {
            return Err(AuthError::GrantNotOffered { platform: server.platform.clone(), grant: "authorization-code" });
        }
        let state = State::random();
        let oauth = oauth_client(server, client).set_redirect_uri(redirect_url(redirect));
        let csrf = CsrfToken::new(state.expose().to_owned());
        let mut request = oauth
            .authorize_url(move || csrf)
            .add_scopes(authorization::wire_words(scopes).into_iter().map(WireScope::new));
        for (name, value) in authorization::merged_parameters(&server.oauth, scopes) {
            request = request.add_extra_param(name, value);
        }
        let mut verifier = None;
        if matches!(server.oauth.pkce, Pkce::Enforced | Pkce::Ignored) {
            let (challenge, secret) = PkceCodeChallenge::new_random_sha256();
            request = request.set_pkce_challenge(challenge);
            verifier = Some(SecretString::from(secret.into_secret()));
        }
        let (url, _) = request.url();
        Ok(Self { server: server.clone(), client: client.clone(), redirect: redirect.clone(), state, verifier, url })
    }

    /// What the browser is to open. Holds the state, so it is for this person's eyes only: print it, do not log it.
    #[must_use]
    pub fn authorization_url(&self) -> &Url {
        &self.url
    }

    /// What the answer must carry, for the listener.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Checks the answer and exchanges its code. Whatever comes of it, this flow is over: a code or state never counts twice.
    ///
    /// # Errors
    ///
    /// [`AuthError::StateMismatch`] and [`AuthError::WrongIssuer`] for an answer that is not ours, [`AuthError::Refused`] if
    /// the person or the platform said no, else as the token endpoint answers.
    pub async fn finish(self, callback: Callback, http: &AuthHttp, clock: &dyn Clock) -> Result<Tokens, AuthError> {
        use secrecy::ExposeSecret as _;
        let platform = || self.server.platform.clone();
        let ours = match (&callback.state, callback.channel) {
            (Some(state), _) => self.state.matches(state.expose_secret()),
            (None, Channel::Pasted) => true,
            (None, Channel::Loopback) => false,
        };
        if !ours {
            return Err(AuthError::StateMismatch { platform: platform() });
        }
        if callback.issuer.is_some_and(|issuer| !self.server.is_issuer(&issuer)) {
            return Err(AuthError::WrongIssuer { platform: platform() });
        }
        let code = match callback.outcome {
            Outcome::Code(code) => code,
            Outcome::Refused { code, message } => {
                return Err(AuthError::Refused {
                    platform: platform(),
                    refusal: Refusal { stage: Stage::Authorization, status: None, code, message },
                });
            }
        };
        let exchange = Exchange { server: &self.server, client: &self.client, http: http.clone(), clock };
        exchange.code(&code, &self.redirect, self.verifier.as_ref()).await
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flow({}, redacted)", self.server.platform)
    }
}
