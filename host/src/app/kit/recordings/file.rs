//! Recordings as files: JSON that a person reads, edits and commits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rustix::fs::Mode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::exchange::Exchange;
use crate::app::AppError;
use crate::contract::types::{Posting, Profile, UtcSeconds};
use crate::durable;
use crate::plugin::component::World;
use crate::plugin::lock;

/// The version of the format.
pub const VERSION: u32 = 1;
/// Largest recording, in bytes.
pub const LARGEST: usize = 8 << 20;
/// Requests of a recording at most.
pub const MOST_EXCHANGES: usize = 200;
/// Postings of a recording at most.
pub const MOST_POSTINGS: u32 = 500;

/// What a component was asked, what it asked for, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// [`VERSION`].
    pub recording: u32,
    /// The plugin's id.
    pub plugin: String,
    /// Its world.
    pub world: World,
    /// The time at which the clock stands; RFC 3339 in the file.
    #[serde(with = "instant")]
    pub now: UtcSeconds,
    /// Its settings.
    pub settings: Map<String, Value>,
    /// Whom it judges for.
    pub profile: Profile,
    /// How scores are made.
    pub scoring: Scoring,
    /// Of a platform: what it was told of its credential, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// Of a platform: postings that are fetched at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Of a platform: requests with their answers, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchange>,
    /// Of a filter or scorer: what it judges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub postings: Vec<Posting>,
    /// What came of it.
    pub result: Value,
}

/// How scores are made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scoring {
    /// What plugins are given of the section `scoring`.
    pub parameters: Map<String, Value>,
    /// Shares of signals, in hundredths of a percent.
    pub weights: BTreeMap<String, u32>,
}

/// What a plugin was told of its credential.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Scopes that it has.
    pub scopes: Vec<String>,
    /// The account's name, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

impl Recording {
    /// As it is written.
    #[must_use]
    pub fn text(&self) -> String {
        // Strings, numbers and maps with keys of text: nothing in it can fail to be written.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`AppError::Plugin`] with the file, and where in it what is wrong.
    pub fn read(file: &Path) -> Result<Recording, AppError> {
        let bad = |why: String| AppError::Plugin(format!("{} is no recording: {why}", file.display()));
        let bytes = lock::read_bounded(file, LARGEST as u64).map_err(|error| bad(error.to_string()))?;
        let version: Value = serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
        match version.get("recording").and_then(Value::as_u64) {
            Some(version) if version > u64::from(VERSION) => {
                return Err(bad(format!("it is of version {version}, and this program reads version {VERSION}")));
            }
            Some(_) => {}
            None => return Err(bad("it does not say `recording`".to_owned())),
        }
        let recording: Recording = serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
        recording.check().map_err(bad)?;
        Ok(recording)
    }

    fn check(&self) -> Result<(), String> {
        if self.exchanges.len() > MOST_EXCHANGES {
            return Err(format!("it has more than {MOST_EXCHANGES} exchanges"));
        }
        if self.postings.len() > MOST_POSTINGS as usize || self.limit.is_some_and(|limit| limit > MOST_POSTINGS) {
            return Err(format!("it has more than {MOST_POSTINGS} postings"));
        }
        for (at, exchange) in self.exchanges.iter().enumerate() {
            let body = exchange.answer.body.as_ref().map_or(Ok(Vec::new()), super::exchange::Body::bytes);
            body.map_err(|why| format!("exchanges[{at}].answer.body: {why}"))?;
            if !(100..=599).contains(&exchange.answer.status) {
                return Err(format!("exchanges[{at}].answer.status: {} is no status", exchange.answer.status));
            }
        }
        Ok(())
    }

    /// Writes it, readable by all. What is there already is replaced if it is a recording too.
    ///
    /// # Errors
    /// [`AppError::Usage`] where something else is there; [`AppError::Machine`] where it cannot be written or is too large.
    pub fn write(&self, file: &Path) -> Result<(), AppError> {
        let text = self.text();
        if text.len() > LARGEST {
            let (size, most) = (text.len() >> 20, LARGEST >> 20);
            return Err(AppError::Usage(format!(
                "the recording would have {size} MiB, and {most} MiB is the most; take fewer postings by --limit"
            )));
        }
        if file.symlink_metadata().is_ok() && Recording::read(file).is_err() {
            return Err(AppError::Usage(format!(
                "{} is there and is no recording: it is not replaced",
                file.display()
            )));
        }
        let unwritable = |error| AppError::Machine(format!("{} cannot be written: {error}", file.display()));
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(unwritable)?;
        }
        let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH;
        durable::replace(file, text.as_bytes(), mode).map_err(unwritable)
    }
}

/// Seconds since 1970 as people read them.
mod instant {
    use jiff::Timestamp;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::contract::types::UtcSeconds;

    pub(super) fn serialize<S: Serializer>(seconds: &UtcSeconds, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&Timestamp::from_second(*seconds).map_err(serde::ser::Error::custom)?)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<UtcSeconds, D::Error> {
        let text = String::deserialize(from)?;
        Ok(text.parse::<Timestamp>().map_err(D::Error::custom)?.as_second())
    }
}

/// The file of a recording of a name.
#[must_use]
pub fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.json"))
}

/// A name that a recording can have: 1 to 64 of `a-z0-9-_`.
///
/// # Errors
/// A sentence.
pub fn name(text: &str) -> Result<String, String> {
    let fits = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
    if fits { Ok(text.to_owned()) } else { Err("a recording's name is 1 to 64 of a-z0-9-_".to_owned()) }
}

/// The names of a folder's recordings, in order.
///
/// # Errors
/// [`AppError::Usage`] where there is no such folder, or nothing in it.
pub fn names(folder: &Path) -> Result<Vec<String>, AppError> {
    let shown = folder.display();
    let none = |why: &str| {
        AppError::Usage(format!(
            "{why} {shown}; make a recording by --record NAME, or say where they are by --recordings FOLDER"
        ))
    };
    let entries = std::fs::read_dir(folder).map_err(|_| none("there is no folder"))?;
    let of = |entry: std::fs::DirEntry| entry.file_name().to_str()?.strip_suffix(".json").map(str::to_owned);
    let mut names: Vec<String> = entries.flatten().filter_map(of).filter(|found| name(found).is_ok()).collect();
    names.sort_unstable();
    if names.is_empty() { Err(none("there is no recording in")) } else { Ok(names) }
}
