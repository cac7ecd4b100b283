//! One question to the engine: the token, the mount, and what a refusal means.

use std::collections::BTreeMap;

use rustify::Endpoint;
use serde::Deserialize;
use serde_json::Value;

use super::super::session::Refusal;
use super::super::wire::Answer;
use super::super::{HashiCorpError, trouble};
use super::Kv;

/// How it words that a mount was made a moment ago.
const UPGRADING: &str = "Upgrading from non-versioned";

/// One thing that is done, in the words of a policy.
#[derive(Clone, Copy)]
pub(super) enum Deed {
    Read,
    Write,
    ReadMetadata,
    WriteMetadata,
    DeleteMetadata,
    List,
}

impl Deed {
    fn capability(self) -> &'static str {
        match self {
            Self::Read | Self::ReadMetadata => "read",
            Self::Write | Self::WriteMetadata => "create or update",
            Self::DeleteMetadata => "delete",
            Self::List => "list",
        }
    }

    fn place(self) -> &'static str {
        match self {
            Self::Read | Self::Write => "data",
            _ => "metadata",
        }
    }

    /// All that belongs into a policy at this place.
    fn needed(self) -> &'static str {
        match self {
            Self::Read | Self::Write => r#""create", "update", "read""#,
            _ => r#""read", "update", "list", "delete""#,
        }
    }
}

impl Kv {
    /// Asks, logging in anew where the token turns out to be none any more. The answer's status is 2xx, 400 or 404.
    pub(super) async fn ask<E: Endpoint>(
        &self,
        request: impl Fn() -> E,
        deed: Deed,
        at: &str,
    ) -> Result<Answer, HashiCorpError> {
        let token = self.session.token().await?;
        let mut answer = self.wire.ask(request(), Some(&token)).await?;
        if answer.status == 403 {
            answer = match self.session.refused(&token).await? {
                Refusal::Policy => answer,
                Refusal::Replaced(token) => self.wire.ask(request(), Some(&token)).await?,
            };
        }
        match answer.status {
            400 if answer.said().contains(UPGRADING) => Err(trouble::busy(&self.wire, &answer)),
            200..=299 | 400 => Ok(answer),
            403 => {
                self.check_mount().await?;
                Err(self.denied(deed, at))
            }
            404 => match answer.said() {
                said if said.contains("no handler for route") => Err(self.wrong_mount()),
                said if said.contains("namespace not found") => Err(HashiCorpError::NoNamespace {
                    address: self.address(),
                    namespace: self.settings().namespace.clone().unwrap_or_default(),
                }),
                _ => Ok(answer),
            },
            _ => Err(trouble::of(&self.wire, &answer).await),
        }
    }

    /// Sees to it, once, that the mount is a KV version 2: on version 1 a path that is missing looks just as on version 2.
    pub(super) async fn check_mount(&self) -> Result<(), HashiCorpError> {
        self.checked.get_or_try_init(|| self.examine_mount()).await.copied()
    }

    pub(super) async fn examine_mount(&self) -> Result<(), HashiCorpError> {
        #[derive(Deserialize)]
        struct Answered {
            data: Mount,
        }
        #[derive(Deserialize)]
        struct Mount {
            #[serde(rename = "type")]
            kind: String,
            options: Option<BTreeMap<String, Value>>,
        }
        let path = format!("sys/internal/ui/mounts/{}", self.mount());
        let token = self.session.token().await?;
        let answer = self.wire.get(&path, Some(&token)).await?;
        match answer.status {
            200 => {}
            403 if answer.said().contains("preflight") => return Err(self.wrong_mount()),
            // A server may keep this to itself; then the answers have to do.
            400..=499 => return Ok(()),
            _ => return Err(trouble::of(&self.wire, &answer).await),
        }
        let Mount { kind, options } =
            answer.parse::<Answered>().map_err(|problem| self.wire.unexpected(&path, problem))?.data;
        let version = options.as_ref().and_then(|options| options.get("version")).and_then(Value::as_str);
        match (kind.as_str(), version) {
            ("kv", Some("2")) => Ok(()),
            ("kv", _) => Err(self.not_kv2("KV version 1".to_owned())),
            (kind, _) => Err(self.not_kv2(format!("a secrets engine of type {kind:?}"))),
        }
    }

    pub(super) fn understood<T: serde::de::DeserializeOwned>(
        &self,
        answer: &Answer,
        deed: Deed,
        at: &str,
    ) -> Result<T, HashiCorpError> {
        answer.parse().map_err(|problem| self.wire.unexpected(&self.api_path(deed, at), problem))
    }

    pub(super) fn address(&self) -> String {
        self.wire.address().to_owned()
    }

    pub(super) fn api_path(&self, deed: Deed, at: &str) -> String {
        format!("{}/{}/{at}", self.mount(), deed.place())
    }

    pub(super) fn denied(&self, deed: Deed, at: &str) -> HashiCorpError {
        let prefix = self.under_mount(None);
        let rule = if prefix.is_empty() { "*".to_owned() } else { format!("{prefix}/*") };
        HashiCorpError::Denied {
            address: self.address(),
            path: self.api_path(deed, at),
            capability: deed.capability(),
            rule: self.api_path(deed, &rule),
            needed: deed.needed(),
        }
    }

    pub(super) fn wrong_mount(&self) -> HashiCorpError {
        let namespace = self.settings().namespace.clone();
        HashiCorpError::WrongMount { address: self.address(), mount: self.mount(), namespace }
    }

    pub(super) fn not_kv2(&self, found: String) -> HashiCorpError {
        HashiCorpError::NotKv2 { address: self.address(), mount: self.mount(), found }
    }

    pub(super) fn foreign(&self, deed: Deed, at: &str, problem: &'static str) -> HashiCorpError {
        HashiCorpError::Foreign { address: self.address(), path: self.api_path(deed, at), problem }
    }
}
