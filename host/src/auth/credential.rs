//! What the vault keeps of a connection, and how it is written there.

use std::collections::BTreeSet;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::answer::Tokens;
use super::client::ClientIdentity;
use super::error::AuthError;
use super::intent::{Intent, Interruption};
use super::server::AuthorizationServer;
use crate::contract::account::Refusal;
use crate::lead::AccountKey;
use crate::vault::{InvalidPath, InvalidSecret, Secret, SecretPath};

/// The version of the encoding that is written. One that is read must not be later.
pub(super) const VERSION: &str = "1";

/// A token is renewed when a tenth of its life is left, within these bounds in seconds, or up to half as much earlier: see [`Spread`].
const MARGIN: std::ops::RangeInclusive<i64> = 30..=300;

/// How a credential was obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// A person agreed in the browser.
    AuthorizationCode,
    /// The application acts for itself.
    ClientCredentials,
    /// The platform issued a key to the person.
    ApiKey,
}

/// Whether a credential is good, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Usable.
    Connected,
    /// The platform ended the grant; only `connect` repairs that.
    AuthExpired,
}

/// What may be told of a credential.
#[derive(Clone, Debug, PartialEq)]
pub struct CredentialInfo {
    /// Whether it is good.
    pub state: State,
    /// How it was obtained.
    pub grant: Grant,
    /// The application's client id; none for an API key.
    pub client_id: Option<String>,
    /// The descriptor's names of the scopes that were asked for.
    pub scopes_asked: Vec<String>,
    /// The words of `scope` that the platform granted; none where it does not say.
    pub scopes_granted: Option<Vec<String>>,
    /// When the present tokens were obtained.
    pub obtained_at: i64,
    /// When the present access token ends; none where nobody says.
    pub expires_at: Option<i64>,
    /// Whether it can be renewed without the person.
    pub renewable: bool,
    /// The account's name at the platform, once `account` has told it.
    pub username: Option<String>,
    /// Why it ended, if it did and the platform said so.
    pub refusal: Option<Refusal>,
    /// A renewal that may have spent the refresh token without a new one being stored.
    pub interruption: Option<Interruption>,
    /// Origins that the token may be sent to.
    pub audience: BTreeSet<String>,
}

/// A stored credential.
#[derive(Clone)]
pub(super) struct Credential {
    pub(super) client: ClientIdentity,
    pub(super) grant: Grant,
    pub(super) state: State,
    pub(super) access: SecretString,
    pub(super) refresh: Option<SecretString>,
    pub(super) obtained_at: i64,
    pub(super) expires_at: Option<i64>,
    pub(super) scopes_asked: Vec<String>,
    pub(super) scope_words: Vec<String>,
    pub(super) scopes_granted: Option<Vec<String>>,
    pub(super) username: Option<String>,
    pub(super) refusal: Option<Refusal>,
    /// Who is about to renew it.
    pub(super) intent: Option<Intent>,
    /// What is not known of an earlier renewal.
    pub(super) interruption: Option<Interruption>,
    pub(super) places: Places,
}

/// Where a credential's secrets may go, as recorded when the person connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) authorize: String,
    pub(super) token: String,
    pub(super) revoke: Option<String>,
    pub(super) audience: BTreeSet<String>,
}

/// Whether the access token will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    Fresh,
    /// It works still, but is to be renewed.
    Due,
    Dead,
}

/// By how much earlier than need be this process renews, so that processes which share a credential do not all come at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread(u16);

impl Spread {
    /// Not at all: for tests that turn the clock to the second.
    #[cfg(test)]
    pub(super) const NONE: Spread = Spread(0);

    /// This process's own.
    pub(super) fn random() -> Spread {
        Spread(getrandom::u32().map_or(0, |random| (random >> 16) as u16))
    }

    /// A share of `seconds`, from nothing to all but all of it.
    fn of(self, seconds: i64) -> i64 {
        seconds.saturating_mul(i64::from(self.0)) >> 16
    }
}

/// `credentials/<profile>/<platform>/<account>`.
pub(super) fn path(key: &AccountKey) -> Result<SecretPath, InvalidPath> {
    SecretPath::from_segments(["credentials", &key.profile, &key.platform, &key.account])
}

impl Places {
    pub(super) fn of(server: &AuthorizationServer) -> Self {
        Self {
            authorize: server.authorize.to_string(),
            token: server.token.to_string(),
            revoke: server.revoke.as_ref().map(ToString::to_string),
            audience: server.audience.clone(),
        }
    }

    /// Whether a credential made for these places may be used with those in force. The revocation endpoint is looked at when it is
    /// used: a plugin that learns of one should not cost the person a log-in.
    pub(super) fn check(&self, server: &AuthorizationServer) -> Result<(), AuthError> {
        let now = Self::of(server);
        let spelt = |origins: &BTreeSet<String>| origins.iter().cloned().collect::<Vec<_>>().join(", ");
        let pairs = [
            ("the authorization endpoint", self.authorize.clone(), now.authorize.clone()),
            ("the token endpoint", self.token.clone(), now.token.clone()),
            ("the audience", spelt(&self.audience), spelt(&now.audience)),
        ];
        match pairs.into_iter().find(|(_, recorded, present)| recorded != present) {
            None => Ok(()),
            Some((what, recorded, present)) => {
                Err(AuthError::EndpointsChanged { platform: server.platform.clone(), what, recorded, present })
            }
        }
    }
}

impl Credential {
    /// The same grant with new tokens. A server that does not rotate leaves the refresh token out: the old one stays.
    pub(super) fn with_tokens(&self, tokens: &Tokens, default_lifetime: Option<u32>) -> Self {
        let lifetime =
            tokens.lifetime.or(default_lifetime.map(u64::from)).and_then(|seconds| i64::try_from(seconds).ok());
        Self {
            state: State::Connected,
            refusal: None,
            intent: None,
            interruption: None,
            access: tokens.access.clone(),
            refresh: tokens.refresh.clone().or_else(|| self.refresh.clone()),
            obtained_at: tokens.asked_at,
            expires_at: lifetime.map(|seconds| tokens.asked_at.saturating_add(seconds)),
            scopes_granted: tokens.scope.clone().or_else(|| self.scopes_granted.clone()),
            ..self.clone()
        }
    }

    pub(super) fn freshness(&self, now: i64, spread: Spread) -> Freshness {
        let Some(end) = self.expires_at else {
            return Freshness::Fresh;
        };
        let life = end.saturating_sub(self.obtained_at);
        // A token of a minute would be due at once under the lower bound: half its life is the most that is given away.
        let margin = (life / 10).clamp(*MARGIN.start(), *MARGIN.end()).min(life / 2);
        let margin = (margin + spread.of(margin / 2)).min(life / 2);
        if now >= end {
            Freshness::Dead
        } else if now >= end.saturating_sub(margin) {
            Freshness::Due
        } else {
            Freshness::Fresh
        }
    }

    pub(super) fn is_renewable(&self) -> bool {
        self.refresh.is_some() || self.grant == Grant::ClientCredentials
    }

    /// Whether both hold the tokens of one exchange, so that a renewal of one replaces the other.
    pub(super) fn has_tokens_of(&self, other: &Self) -> bool {
        let same = |a: &SecretString, b: &SecretString| a.expose_secret() == b.expose_secret();
        match (&self.refresh, &other.refresh) {
            (Some(ours), Some(theirs)) => same(ours, theirs),
            (None, None) => same(&self.access, &other.access),
            _ => false,
        }
    }

    pub(super) fn info(&self) -> CredentialInfo {
        CredentialInfo {
            state: self.state,
            grant: self.grant,
            client_id: Some(self.client.id().to_owned()),
            scopes_asked: self.scopes_asked.clone(),
            scopes_granted: self.scopes_granted.clone(),
            obtained_at: self.obtained_at,
            expires_at: self.expires_at,
            renewable: self.is_renewable(),
            username: self.username.clone(),
            refusal: self.refusal.clone(),
            interruption: self.interruption.clone(),
            audience: self.places.audience.clone(),
        }
    }

    pub(super) fn encode(&self) -> Result<Secret, InvalidSecret> {
        let grant = match self.grant {
            Grant::AuthorizationCode => "authorization_code",
            Grant::ClientCredentials => "client_credentials",
            // Of another shape altogether: see `api_key`.
            Grant::ApiKey => return Err(InvalidSecret::Empty),
        };
        let state = match self.state {
            State::Connected => "connected",
            State::AuthExpired => "auth_expired",
        };
        // One a line: a scope's name may hold spaces.
        let words = |words: &[String]| words.join("\n");
        let audience: Vec<String> = self.places.audience.iter().cloned().collect();
        let plain = [
            ("version", Some(VERSION.to_owned())),
            ("client_id", Some(self.client.id().to_owned())),
            ("grant", Some(grant.to_owned())),
            ("state", Some(state.to_owned())),
            ("obtained_at", Some(self.obtained_at.to_string())),
            ("expires_at", self.expires_at.map(|at| at.to_string())),
            ("scopes_asked", Some(words(&self.scopes_asked))),
            ("scope_words", Some(words(&self.scope_words))),
            ("scopes_granted", self.scopes_granted.as_deref().map(words)),
            ("username", self.username.clone()),
            ("refusal", self.refusal.as_ref().and_then(|refusal| serde_json::to_string(refusal).ok())),
            ("intent", self.intent.as_ref().and_then(|intent| serde_json::to_string(intent).ok())),
            ("interruption", self.interruption.as_ref().and_then(|what| serde_json::to_string(what).ok())),
            ("authorize_endpoint", Some(self.places.authorize.clone())),
            ("token_endpoint", Some(self.places.token.clone())),
            ("revoke_endpoint", self.places.revoke.clone()),
            ("audience", Some(words(&audience))),
        ];
        let secret = [
            ("client_secret", self.client.secret().cloned()),
            ("access_token", Some(self.access.clone())),
            ("refresh_token", self.refresh.clone()),
        ];
        let plain = plain.into_iter().filter_map(|(name, value)| Some((name, SecretString::from(value?))));
        Secret::from_fields(plain.chain(secret.into_iter().filter_map(|(name, value)| Some((name, value?)))))
    }

    pub(super) fn decode(key: &AccountKey, secret: &Secret) -> Result<Self, AuthError> {
        let field = |name: &'static str| secret.get(name).map(ExposeSecret::expose_secret);
        let unreadable = |what: &'static str| AuthError::Unreadable {
            platform: key.platform.clone(),
            what,
            remedy: format!("run `ghoststack prospector connect {}`", key.platform),
        };
        let need = |name: &'static str| field(name).ok_or_else(|| unreadable("a field is missing"));
        match need("version")?.parse::<u32>() {
            Ok(version) if version.to_string() == VERSION => {}
            Ok(_) => {
                return Err(AuthError::Unreadable {
                    platform: key.platform.clone(),
                    what: "another version of ghoststack wrote it",
                    remedy: "use the newest version of ghoststack on this home".to_owned(),
                });
            }
            Err(_) => return Err(unreadable("its version is no number")),
        }
        let time = |name: &'static str| {
            field(name).map(|text| text.parse::<i64>().map_err(|_| unreadable("a time is no number"))).transpose()
        };
        let words =
            |text: &str| -> Vec<String> { text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect() };
        Ok(Self {
            client: ClientIdentity::new(need("client_id")?, secret.get("client_secret"))
                .map_err(|_| unreadable("its client is not one"))?,
            grant: match need("grant")? {
                "authorization_code" => Grant::AuthorizationCode,
                "client_credentials" => Grant::ClientCredentials,
                _ => return Err(unreadable("its grant is unknown")),
            },
            state: match need("state")? {
                "connected" => State::Connected,
                "auth_expired" => State::AuthExpired,
                _ => return Err(unreadable("its state is unknown")),
            },
            access: SecretString::from(need("access_token")?),
            refresh: secret.get("refresh_token").cloned(),
            obtained_at: time("obtained_at")?.ok_or_else(|| unreadable("a field is missing"))?,
            expires_at: time("expires_at")?,
            scopes_asked: words(need("scopes_asked")?),
            scope_words: words(need("scope_words")?),
            scopes_granted: field("scopes_granted").map(words),
            username: field("username").map(str::to_owned),
            refusal: field("refusal").and_then(|text| serde_json::from_str(text).ok()),
            intent: field("intent").and_then(|text| serde_json::from_str(text).ok()),
            interruption: field("interruption").and_then(|text| serde_json::from_str(text).ok()),
            places: Places {
                authorize: need("authorize_endpoint")?.to_owned(),
                token: need("token_endpoint")?.to_owned(),
                revoke: field("revoke_endpoint").map(str::to_owned),
                audience: words(need("audience")?).into_iter().collect(),
            },
        })
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.info().fmt(f)
    }
}
