//! The back channel: the token endpoint.

use serde::Serialize;
use serde_json::Value;

use super::grants::Grant;
use super::{AuthorizationServer, ClientCredentials, OAuthError, RefreshAnswer, ReuseAnswer};
use crate::exchange::Reply;
use crate::params::Params;

/// A successful answer of the token endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenAnswer {
    /// The access token.
    pub access_token: String,
    /// The refresh token, where one is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Always `Bearer`, even where calls use another header.
    pub token_type: &'static str,
    /// Life of the access token, seconds.
    pub expires_in: i64,
    /// The agreement behind the tokens; not part of the answer.
    #[serde(skip)]
    pub grant: Grant,
}

impl TokenAnswer {
    /// The answer as a reply, with `scope` as the platform spells it, where it names one.
    #[must_use]
    pub fn reply(&self, scope: Option<&str>) -> Reply {
        let mut value = serde_json::to_value(self).unwrap_or(Value::Null);
        if let (Value::Object(fields), Some(scope)) = (&mut value, scope) {
            fields.insert("scope".to_owned(), scope.into());
        }
        Reply::json(200, &value).with_header("cache-control", "no-store")
    }
}

impl AuthorizationServer {
    /// Answers a token request of `client`; unknown fields are ignored.
    ///
    /// # Errors
    /// RFC 6749's errors, `unauthorized_client` for a pending application among them.
    pub fn token(&mut self, client: &ClientCredentials, form: &Params, now: i64) -> Result<TokenAnswer, OAuthError> {
        self.authenticate(client)?;
        if self.settings.pending {
            return Err(OAuthError::pending());
        }
        match form.get("grant_type") {
            Some("authorization_code") => self.exchange_code(client, form, now),
            Some("refresh_token") => self.refresh(form, now),
            Some("client_credentials") => {
                let grant = self.grants.new_grant(self.account.id, self.own_scopes.clone());
                Ok(self.issue(grant, false, now))
            }
            Some(other) => {
                Err(OAuthError::new("unsupported_grant_type", format!("grant_type {other:?} is not supported.")))
            }
            None => Err(missing("grant_type")),
        }
    }

    fn exchange_code(
        &mut self,
        client: &ClientCredentials,
        form: &Params,
        now: i64,
    ) -> Result<TokenAnswer, OAuthError> {
        let text = form.get("code").ok_or_else(|| missing("code"))?;
        let redirect_uri = form.get("redirect_uri").ok_or_else(|| missing("redirect_uri"))?;
        let check_proof = self.settings.pkce;
        let code =
            self.grants.code(text).ok_or_else(|| OAuthError::invalid_grant("The authorization code is not valid."))?;
        if code.used {
            let number = code.grant.number;
            self.grants.revoke_grant(number);
            return Err(OAuthError::invalid_grant("The authorization code was used before; its tokens are revoked."));
        }
        if code.expires_at <= now {
            return Err(OAuthError::invalid_grant("The authorization code has expired."));
        }
        if code.client_id != client.id || code.redirect_uri != redirect_uri {
            return Err(OAuthError::invalid_grant(
                "The authorization code was issued for another client or redirect_uri.",
            ));
        }
        if check_proof && let Some(challenge) = &code.challenge {
            let met = form.get("code_verifier").is_some_and(|verifier| challenge.is_met_by(verifier));
            if !met {
                return Err(OAuthError::invalid_grant("The code_verifier does not answer the code_challenge."));
            }
        }
        code.used = true;
        let grant = code.grant.clone();
        Ok(self.issue(grant, true, now))
    }

    fn refresh(&mut self, form: &Params, now: i64) -> Result<TokenAnswer, OAuthError> {
        let text = form.get("refresh_token").ok_or_else(|| missing("refresh_token"))?;
        let life = self.settings.refresh_seconds;
        let answer = self.settings.refresh;
        let reused = self.grants.refresh(text).filter(|token| token.spent).map(|token| token.grant.number);
        if let Some(number) = reused.filter(|_| self.settings.reuse == ReuseAnswer::EndGrant) {
            self.grants.revoke_grant(number);
            return Err(OAuthError::invalid_grant("The refresh token was used before; its tokens are revoked."));
        }
        let token = self
            .grants
            .refresh(text)
            .filter(|token| !token.spent && token.expires_at.is_none_or(|end| end > now))
            .ok_or_else(|| OAuthError::invalid_grant("The refresh token is invalid, expired or revoked."))?;
        let grant = token.grant.clone();
        match answer {
            RefreshAnswer::Rotate => {
                token.spent = true;
                Ok(self.issue(grant, true, now))
            }
            RefreshAnswer::Keep | RefreshAnswer::Omit => {
                token.expires_at = end_of(life, now);
                let same = (answer == RefreshAnswer::Keep).then(|| text.to_owned());
                let mut issued = self.issue(grant, false, now);
                issued.refresh_token = same;
                Ok(issued)
            }
        }
    }

    pub(super) fn issue(&mut self, grant: Grant, with_refresh: bool, now: i64) -> TokenAnswer {
        let expires_in = self.settings.access_seconds;
        let access_token = self.grants.put_access(grant.clone(), now.saturating_add(expires_in));
        let refresh_token = with_refresh.then(|| {
            let end = end_of(self.settings.refresh_seconds, now);
            self.grants.put_refresh(grant.clone(), end)
        });
        TokenAnswer { access_token, refresh_token, token_type: "Bearer", expires_in, grant }
    }
}

fn end_of(life: i64, now: i64) -> Option<i64> {
    (life > 0).then(|| now.saturating_add(life))
}

fn missing(field: &str) -> OAuthError {
    OAuthError::new("invalid_request", format!("The field {field} is missing."))
}
