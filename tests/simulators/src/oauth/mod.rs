//! An OAuth 2.0 authorisation server (RFC 6749), as far as the platforms offer one.
//!
//! What belongs to a platform (paths, parameter names, scope spelling, lifetimes) stays with the
//! platform; this room knows clients, consent, codes, tokens and RFC 6749's errors. What it guards:
//! codes are single-use, bound to client and redirect address, and short-lived; a code used twice also
//! ends the tokens it gave; an unknown client or redirect address never causes a redirect.

mod authorize;
mod client;
mod consent_page;
mod error;
mod grants;
mod pkce;
mod registration;
mod settings;
mod token;

pub use authorize::AuthorizationRequest;
pub use client::ClientCredentials;
pub use error::{OAuthError, failure};
pub use grants::{AccessToken, Grant, RefreshToken, TokenForm};
pub use pkce::Challenge;
pub use registration::{RedirectRule, Registration};
pub use settings::{Consent, OAuthSettings, RefreshAnswer, ReuseAnswer};
pub use token::TokenAnswer;

use std::collections::HashMap;

use grants::Grants;

/// Consent pages that may be open at once; beyond that all are forgotten.
const MAX_OPEN_PAGES: usize = 1_000;

/// One platform's authorisation server.
#[derive(Debug)]
pub struct AuthorizationServer {
    /// The platform's name as people read it on the consent page.
    pub platform_title: &'static str,
    /// The one registered application.
    pub registration: Registration,
    /// What can be switched while it runs.
    pub settings: OAuthSettings,
    /// The account that consents, and that an application acts for with its own credentials.
    pub account: Account,
    /// Scopes that a client-credentials token carries.
    pub own_scopes: Vec<String>,
    grants: Grants,
    open_pages: HashMap<String, AuthorizationRequest>,
}

/// Who is logged in on the consent page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The platform's user id.
    pub id: u64,
    /// The name shown.
    pub name: String,
}

impl AuthorizationServer {
    /// A server with no tokens yet.
    #[must_use]
    pub fn new(
        platform_title: &'static str,
        registration: Registration,
        settings: OAuthSettings,
        account: Account,
        own_scopes: Vec<String>,
        form: TokenForm,
    ) -> Self {
        Self {
            platform_title,
            registration,
            settings,
            account,
            own_scopes,
            grants: Grants::new(form),
            open_pages: HashMap::new(),
        }
    }

    /// The live access token of that text, if it has not ended at `now`.
    #[must_use]
    pub fn access(&self, token: &str, now: i64) -> Option<&AccessToken> {
        self.grants.access(token, now)
    }

    /// Issues tokens without any flow, for tests that want to start logged in.
    pub fn mint(&mut self, user: u64, scopes: Vec<String>, now: i64) -> TokenAnswer {
        let grant = self.grants.new_grant(user, scopes);
        self.issue(grant, true, now)
    }

    /// Ends every token and code of a user, as "revoke access" on the site does. Gives how many access and
    /// refresh tokens ended.
    pub fn revoke_user(&mut self, user: u64) -> usize {
        self.grants.revoke_user(user)
    }

    /// Ends the agreement behind a token, and with it all tokens that followed from it. Gives whether the
    /// token was known.
    pub fn revoke_grant_of(&mut self, token: &str) -> bool {
        let number = self.grants.grant_of(token).map(|grant| grant.number);
        if let Some(number) = number {
            self.grants.revoke_grant(number);
        }
        number.is_some()
    }

    /// Ends every access token, and every refresh token if asked, as if their time had come.
    pub fn expire(&mut self, access: bool, refresh: bool, now: i64) -> usize {
        self.grants.expire(access, refresh, now)
    }

    /// The user of a live or refresh token, whichever it is.
    #[must_use]
    pub fn user_of(&self, token: &str) -> Option<u64> {
        self.grants.grant_of(token).map(|grant| grant.user)
    }

    /// All access tokens, newest last.
    #[must_use]
    pub fn access_tokens(&self) -> Vec<AccessToken> {
        self.grants.access_tokens()
    }

    /// All refresh tokens, newest last.
    #[must_use]
    pub fn refresh_tokens(&self) -> Vec<RefreshToken> {
        self.grants.refresh_tokens()
    }

    /// Forgets all codes, tokens and open pages.
    pub fn forget_all(&mut self) {
        self.grants.forget_all();
        self.open_pages.clear();
    }
}
