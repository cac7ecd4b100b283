//! The configuration as the rest of the program sees it: complete, checked, in plain types.
//!
//! Defaults are not stated here but in `schema.json`, and filled in before these types are
//! built, so that a missing field here would be a mistake of ours and not of the user.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::custom::CustomEntry;
use super::duration;
use super::rules::Rule;
use super::scoring::Scoring;

/// The whole configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Platforms by id: every known one, whether configured or not; see
    /// [`PlatformSection::enabled`].
    pub platforms: BTreeMap<String, PlatformSection>,
    /// Who is looking for work.
    pub profile: Profile,
    /// How points come about.
    pub scoring: Scoring,
    /// Rules in order.
    pub rules: Vec<Rule>,
    /// How won work is followed.
    pub contracts: Contracts,
    /// How `run` works.
    pub daemon: Daemon,
    /// Where secrets are kept.
    pub vault: Vault,
    /// How proposals are drafted and sent.
    pub proposals: Proposals,
    /// Who is told about events.
    pub notifications: Notifications,
    /// The user's own filters and scorers.
    pub plugins: Plugins,
}

/// One platform's section.
#[derive(Debug, Clone, PartialEq)]
pub struct PlatformSection {
    /// Whether to scan it.
    pub enabled: bool,
    /// Time between two scans; 1 minute to 30 days.
    pub scan_interval: Duration,
    /// Most postings in one scan; 1 to 10,000.
    pub max_results_per_scan: u32,
    /// Most requests in a minute, in place of the platform's own limits; 1 to 100,000.
    pub requests_per_minute: Option<u32>,
    /// Origins that replace the platform's own, by name: HTTPS, or HTTP on loopback.
    pub endpoints: BTreeMap<String, String>,
    /// How to log in.
    pub connect: Connect,
    /// The plugin's own keys, valid by its schema, with its defaults filled in.
    pub settings: Map<String, Value>,
    /// Those of the settings that drop postings, as the plugin's schema says by `x-filter`, and that are on: names, and values as people write
    /// them.
    pub filters: Vec<(String, String)>,
}

/// The host's share of a platform's section, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HostKeys {
    pub enabled: bool,
    #[serde(deserialize_with = "duration::deserialize")]
    pub scan_interval: Duration,
    #[serde(deserialize_with = "whole")]
    pub max_results_per_scan: u32,
    #[serde(default, deserialize_with = "optional_whole")]
    pub requests_per_minute: Option<u32>,
    pub endpoints: BTreeMap<String, String>,
    pub connect: Connect,
}

/// How `connect` logs in to a platform. The client secret is never part of the configuration.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connect {
    /// The application's Client ID; asked for when absent.
    pub client_id: Option<String>,
    /// The registered redirect URI, where it is not the loopback one.
    pub redirect_uri: Option<String>,
    /// Port of the loopback redirect URI.
    #[serde(deserialize_with = "whole")]
    pub callback_port: u16,
    /// What permissions are asked for.
    pub features: Vec<Feature>,
    /// Share of a refresh token's idle lifetime after which it is used; 0.05 to 0.9.
    pub keep_alive_after: f64,
}

/// Something that Prospector does with an account, and that permissions are needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Read postings.
    Search,
    /// Send proposals that a person has approved.
    Proposals,
    /// Follow won work.
    Contracts,
}

/// An amount of money in hundredths of the currency's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hundredths(pub i64);

impl<'de> Deserialize<'de> for Hundredths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let amount = f64::deserialize(deserializer)?;
        // The schema bounds amounts to 1e9, which f64 holds exactly to the hundredth.
        if !(0.0..=1e9).contains(&amount) {
            return Err(D::Error::custom("an amount out of range"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "bounded just above")]
        Ok(Self((amount * 100.0).round() as i64))
    }
}

/// Who is looking for work.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Name that keeps leads and credentials apart; `default` unless set.
    pub name: String,
    /// Professional headline.
    pub title: Option<String>,
    /// Skills in the order given, without repetition.
    pub skills: Vec<Skill>,
    /// What work must pay.
    pub rates: Rates,
    /// When and how much.
    pub availability: Availability,
    /// ISO 639 codes.
    pub languages: Vec<String>,
    /// ISO 3166 code.
    pub country: Option<String>,
    /// IANA name; not checked against a database here.
    pub timezone: String,
    /// Work to show, in the order given.
    pub portfolio: Vec<PortfolioItem>,
}

/// A piece of work to show in proposals.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortfolioItem {
    /// What it is called.
    pub title: String,
    /// Where it is seen.
    pub url: Option<String>,
    /// What it was, in a sentence or two.
    pub summary: Option<String>,
    /// Skills that it shows; one without any suits every posting.
    #[serde(default)]
    pub skills: Vec<String>,
}

/// How proposals are drafted and sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposals {
    /// Whether leads over `scoring.thresholds.auto_pipeline_min` get a draft by themselves.
    pub auto_draft: bool,
    /// Drafts made by themselves within 24 hours, at most.
    #[serde(deserialize_with = "whole")]
    pub auto_drafts_per_day: u32,
    /// What templates end with.
    pub signature: Option<String>,
    /// Whether nothing is sent, whatever is approved.
    pub paused: bool,
    /// What may be used up.
    pub budget: Budgets,
}

/// What may be used up by proposals: `submissions`, and costs by the names that platforms give them, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    /// In a day.
    #[serde(deserialize_with = "wholes")]
    pub day: BTreeMap<String, u32>,
    /// In a month.
    #[serde(deserialize_with = "wholes")]
    pub month: BTreeMap<String, u32>,
}

/// A skill of the profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Skill {
    /// Its name.
    pub name: String,
    /// How well.
    pub level: Option<SkillLevel>,
    /// Years of practice.
    pub years: Option<f64>,
    /// What a platform calls it, by platform id.
    pub aliases: BTreeMap<String, String>,
}

/// How well a skill is mastered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SkillLevel {
    /// First projects.
    Beginner,
    /// Works alone.
    Intermediate,
    /// Teaches others.
    Expert,
}

impl<'de> Deserialize<'de> for Skill {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Detailed {
            name: String,
            level: Option<SkillLevel>,
            years: Option<f64>,
            #[serde(default)]
            aliases: BTreeMap<String, String>,
        }
        let detailed = match Value::deserialize(deserializer)? {
            Value::String(name) => Detailed { name, level: None, years: None, aliases: BTreeMap::new() },
            other => serde_json::from_value(other).map_err(D::Error::custom)?,
        };
        Ok(Self { name: detailed.name, level: detailed.level, years: detailed.years, aliases: detailed.aliases })
    }
}

/// What work must pay.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// ISO 4217 code of the amounts.
    pub currency: String,
    /// What one unit of the currency is worth in USD. Above 0.
    pub usd_rate: Option<f64>,
    /// Per hour.
    pub hourly: RateRange,
    /// Per project.
    pub fixed: RateRange,
}

/// Least acceptable and preferred amounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateRange {
    /// Below it the budget signal is reduced.
    pub minimum: Option<Hundredths>,
    /// From here it is full.
    pub preferred: Option<Hundredths>,
}

/// When and how much.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Availability {
    /// Hours a week; 1 to 168.
    #[serde(deserialize_with = "whole")]
    pub hours_per_week: u8,
    /// First possible day, `YYYY-MM-DD`.
    pub start: Option<String>,
    /// Longest engagement wanted.
    #[serde(default, deserialize_with = "duration::optional")]
    pub max_duration: Option<Duration>,
}

/// Where secrets are kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vault {
    /// Which of the two it is.
    pub backend: VaultBackend,
    /// What protects the embedded vault's key.
    pub key: VaultKey,
    /// File with the passphrase; else `GHOSTSTACK_VAULT_PASSPHRASE`, else it is asked for.
    pub passphrase_file: Option<PathBuf>,
    /// The server, which is there whenever the backend is [`VaultBackend::HashiCorp`].
    pub hashicorp: Option<HashiCorpVault>,
}

/// What keeps the secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VaultBackend {
    /// An encrypted file under the home directory.
    Embedded,
    /// A HashiCorp Vault or OpenBao server.
    HashiCorp,
}

impl VaultBackend {
    /// As the configuration says it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::HashiCorp => "hashicorp",
        }
    }
}

/// What protects the embedded vault's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VaultKey {
    /// A file for the owner alone.
    File,
    /// A passphrase.
    Passphrase,
    /// The desktop's keyring.
    Keyring,
}

impl VaultKey {
    /// As the configuration says it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Passphrase => "passphrase",
            Self::Keyring => "keyring",
        }
    }
}

/// A HashiCorp Vault or OpenBao server. Secrets that open it are in files, never here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HashiCorpVault {
    /// Origin of the server; `VAULT_ADDR` has been read where the file does not say it.
    #[serde(default)]
    pub address: String,
    /// Namespace, where the server has them.
    pub namespace: Option<String>,
    /// Mount point of the KV version 2 engine.
    pub mount: String,
    /// Path under the mount point.
    pub path_prefix: String,
    /// How to log in.
    pub auth: VaultAuth,
    /// File with the token; else `VAULT_TOKEN`, else `~/.vault-token`.
    pub token_file: Option<PathBuf>,
    /// Where AppRole is mounted.
    pub approle_mount: String,
    /// Role id for AppRole.
    pub role_id: Option<String>,
    /// File with AppRole's role id; else `VAULT_ROLE_ID`.
    pub role_id_file: Option<PathBuf>,
    /// File with AppRole's secret id; else `VAULT_SECRET_ID`.
    pub secret_id_file: Option<PathBuf>,
    /// PEM file of a private certificate authority.
    pub ca_file: Option<PathBuf>,
}

/// How to log in to a HashiCorp Vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VaultAuth {
    /// With a token.
    Token,
    /// With a role and a secret id.
    AppRole,
}

/// How `run` works.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Daemon {
    /// Port of 127.0.0.1 on which it tells of its health.
    #[serde(default, deserialize_with = "optional_whole")]
    pub health_port: Option<u16>,
}

/// How won work is followed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contracts {
    /// Time between two looks at proposals and contracts; the daemon takes at least five minutes.
    #[serde(deserialize_with = "duration::deserialize")]
    pub sync_interval: Duration,
    /// When one is reminded.
    pub reminders: Reminders,
}

/// When one is reminded of contracts and milestones. A span of zero is never.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reminders {
    /// How long before a milestone is due, each once.
    #[serde(deserialize_with = "duration::list")]
    pub milestone_due: Vec<Duration>,
    /// How long after a milestone was handed in and is not decided on.
    #[serde(deserialize_with = "duration::deserialize")]
    pub milestone_unreviewed: Duration,
    /// How long before a contract ends.
    #[serde(deserialize_with = "duration::deserialize")]
    pub contract_ends: Duration,
}

/// Who is told about events.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notifications {
    /// How leads are told of.
    pub digest: Digest,
    /// When nobody wants to be told.
    pub quiet_hours: Option<QuietHours>,
    /// On the desktop.
    pub desktop: Desktop,
    /// Signed POST requests.
    pub webhooks: Vec<Webhook>,
    /// E-mail.
    pub email: Option<Email>,
    /// Push messages.
    pub ntfy: Option<Ntfy>,
    /// A program.
    pub command: Option<NotifyCommand>,
}

/// How leads are told of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// How often at most.
    pub every: Every,
    /// When, for [`Every::Daily`], in the profile's time zone.
    pub at: TimeOfDay,
    /// Points from which a lead is told of; 0 to 100.
    #[serde(deserialize_with = "whole")]
    pub min_score: u8,
    /// Leads that one message lists; 1 to 50.
    #[serde(deserialize_with = "whole")]
    pub most: u32,
}

/// How often leads are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// After each scan.
    Scan,
    /// Once an hour.
    Hourly,
    /// Once a day.
    Daily,
}

/// Hours in which nobody wants to be told, in the profile's time zone. They may reach over midnight.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// When they begin.
    pub from: TimeOfDay,
    /// When they end; another time than when they begin.
    pub to: TimeOfDay,
    /// What happens to urgent events meanwhile.
    pub urgent: Urgent,
}

/// What happens to urgent events in quiet hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgent {
    /// They are delivered.
    Pass,
    /// They wait like the others.
    Wait,
}

/// A time on the clock, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Reads `07:30`.
    #[must_use]
    pub fn parse(text: &str) -> Option<TimeOfDay> {
        let (hours, minutes) = text.split_once(':')?;
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours < 24 && minutes < 60).then_some(TimeOfDay(hours * 60 + minutes))
    }

    /// Minutes since midnight; below 1440.
    #[must_use]
    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        TimeOfDay::parse(&text).ok_or_else(|| D::Error::custom("no time of day"))
    }
}

/// Notifications on the desktop.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desktop {
    /// Whether to show them.
    pub enabled: bool,
    /// Events by name.
    pub events: Vec<String>,
}

/// An address that receives events.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Its name.
    pub name: String,
    /// HTTPS, or HTTP on loopback.
    pub url: String,
    /// File with the key of the signature.
    pub secret_file: PathBuf,
    /// Events by name.
    pub events: Vec<String>,
}

/// E-mail over SMTP with TLS.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Email {
    /// Server.
    pub host: String,
    /// Port.
    #[serde(deserialize_with = "whole")]
    pub port: u16,
    /// Sender.
    pub from: String,
    /// Recipients.
    pub to: Vec<String>,
    /// Log-in name.
    pub username: Option<String>,
    /// File with the password.
    pub password_file: Option<PathBuf>,
    /// Events by name.
    pub events: Vec<String>,
}

/// Push messages through an ntfy server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ntfy {
    /// Origin of the server.
    pub server: String,
    /// Topic.
    pub topic: String,
    /// File with an access token.
    pub token_file: Option<PathBuf>,
    /// Events by name.
    pub events: Vec<String>,
}

/// A program that is given events on its standard input, without a shell.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotifyCommand {
    /// Absolute path.
    pub program: PathBuf,
    /// Arguments.
    pub args: Vec<String>,
    /// Events by name.
    pub events: Vec<String>,
}

/// The user's own filters and scorers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plugins {
    /// Filters in order.
    pub filters: Vec<CustomEntry>,
    /// Scorers in order.
    pub scorers: Vec<CustomEntry>,
}

/// JSON Schema counts `30.0` as an integer, so it is one here too.
pub(super) fn whole<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    let number = serde_json::Number::deserialize(deserializer)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number within u32"
    )]
    let value = number.as_u64().or_else(|| {
        number
            .as_f64()
            .filter(|value| value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(value))
            .map(|value| value as u64)
    });
    value.and_then(|value| T::try_from(value).ok()).ok_or_else(|| D::Error::custom("a whole number out of range"))
}

/// The same for each of several.
fn wholes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, u32>, D::Error> {
    #[derive(Deserialize)]
    struct Whole(#[serde(deserialize_with = "whole")] u32);
    let wholes = BTreeMap::<String, Whole>::deserialize(deserializer)?;
    Ok(wholes.into_iter().map(|(name, Whole(number))| (name, number)).collect())
}

/// The same where there may be none.
fn optional_whole<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    whole(deserializer).map(Some)
}
