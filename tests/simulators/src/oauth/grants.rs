//! Codes and tokens that were given out.

use std::collections::BTreeMap;

use serde::Serialize;

use super::pkce::Challenge;
use crate::random;

/// Entries of each kind that are kept.
const MAX_ENTRIES: usize = 10_000;

/// What a platform's codes and tokens look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenForm {
    /// So many letters and digits.
    Alphanumeric(usize),
    /// A prefix and so many lower-case hexadecimal digits.
    PrefixedHex(&'static str, usize),
}

impl TokenForm {
    fn draw(self) -> String {
        match self {
            Self::Alphanumeric(length) => random::alphanumeric(length),
            Self::PrefixedHex(prefix, length) => format!("{prefix}{}", random::hex(length)),
        }
    }
}

/// What a person, or the application's owner, has agreed to. All tokens that follow from one
/// agreement carry its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// Number of the agreement.
    pub number: u64,
    /// Who agreed.
    pub user: u64,
    /// To what.
    pub scopes: Vec<String>,
}

/// An authorisation code.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub grant: Grant,
    pub client_id: String,
    pub redirect_uri: String,
    pub challenge: Option<Challenge>,
    pub expires_at: i64,
    pub used: bool,
}

/// An access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccessToken {
    /// Its text.
    pub token: String,
    /// The agreement behind it.
    pub grant: Grant,
    /// When it ends, Unix seconds.
    pub expires_at: i64,
}

/// A refresh token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefreshToken {
    /// Its text.
    pub token: String,
    /// The agreement behind it.
    pub grant: Grant,
    /// When it ends, Unix seconds; `None` when it does not end by itself.
    pub expires_at: Option<i64>,
    /// Whether a rotation has replaced it.
    pub spent: bool,
}

#[derive(Debug)]
pub(super) struct Grants {
    form: TokenForm,
    next_grant: u64,
    codes: BTreeMap<String, Code>,
    access: Vec<AccessToken>,
    refresh: Vec<RefreshToken>,
}

impl Grants {
    pub fn new(form: TokenForm) -> Self {
        Self { form, next_grant: 0, codes: BTreeMap::new(), access: Vec::new(), refresh: Vec::new() }
    }

    pub fn forget_all(&mut self) {
        *self = Self { next_grant: self.next_grant, ..Self::new(self.form) };
    }

    pub fn new_grant(&mut self, user: u64, scopes: Vec<String>) -> Grant {
        self.next_grant += 1;
        Grant { number: self.next_grant, user, scopes }
    }

    pub fn put_code(&mut self, code: Code) -> String {
        if self.codes.len() >= MAX_ENTRIES {
            self.codes.clear();
        }
        let text = self.form.draw();
        self.codes.insert(text.clone(), code);
        text
    }

    pub fn code(&mut self, text: &str) -> Option<&mut Code> {
        self.codes.get_mut(text)
    }

    pub fn put_access(&mut self, grant: Grant, expires_at: i64) -> String {
        if self.access.len() >= MAX_ENTRIES {
            self.access.remove(0);
        }
        let token = self.form.draw();
        self.access.push(AccessToken { token: token.clone(), grant, expires_at });
        token
    }

    pub fn put_refresh(&mut self, grant: Grant, expires_at: Option<i64>) -> String {
        if self.refresh.len() >= MAX_ENTRIES {
            self.refresh.remove(0);
        }
        let token = self.form.draw();
        self.refresh.push(RefreshToken { token: token.clone(), grant, expires_at, spent: false });
        token
    }

    pub fn access(&self, text: &str, now: i64) -> Option<&AccessToken> {
        self.access.iter().find(|token| token.token == text && token.expires_at > now)
    }

    pub fn refresh(&mut self, text: &str) -> Option<&mut RefreshToken> {
        self.refresh.iter_mut().find(|token| token.token == text)
    }

    pub fn grant_of(&self, text: &str) -> Option<&Grant> {
        let access = self.access.iter().map(|token| (&token.token, &token.grant));
        let refresh = self.refresh.iter().map(|token| (&token.token, &token.grant));
        access.chain(refresh).find(|(token, _)| *token == text).map(|(_, grant)| grant)
    }

    pub fn revoke_grant(&mut self, number: u64) {
        self.access.retain(|token| token.grant.number != number);
        self.refresh.retain(|token| token.grant.number != number);
    }

    pub fn revoke_user(&mut self, user: u64) -> usize {
        let before = self.access.len() + self.refresh.len();
        self.access.retain(|token| token.grant.user != user);
        self.refresh.retain(|token| token.grant.user != user);
        self.codes.retain(|_, code| code.grant.user != user);
        before - self.access.len() - self.refresh.len()
    }

    pub fn expire(&mut self, access: bool, refresh: bool, now: i64) -> usize {
        let mut ended = 0;
        if access {
            for token in self.access.iter_mut().filter(|token| token.expires_at > now) {
                token.expires_at = now;
                ended += 1;
            }
        }
        if refresh {
            for token in &mut self.refresh {
                token.expires_at = Some(now);
                ended += 1;
            }
        }
        ended
    }

    pub fn access_tokens(&self) -> Vec<AccessToken> {
        self.access.clone()
    }

    pub fn refresh_tokens(&self) -> Vec<RefreshToken> {
        self.refresh.clone()
    }
}
