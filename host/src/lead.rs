//! What a scan makes of postings: leads with a score that explains itself, and skipped postings with the reason.
//!
//! Points are whole hundredths, so that a breakdown adds up to its score exactly, on every machine and after every re-weighting.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::RuleAction;
use crate::contract::types::Posting;

/// Whose data something is: part of every key of the store, the vault and the plugins' state.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountKey {
    /// The person's profile; `default` unless several are kept.
    pub profile: String,
    /// The platform: the `id` of its plugin's descriptor.
    pub platform: String,
    /// The account at the platform, by the name the person gives it; `default` unless there are several.
    pub account: String,
}

/// A score in hundredths of a point: 0 to 10000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(u16);

impl Score {
    /// The best score: 100.00.
    pub const MAX: Score = Score(10_000);

    /// The score of so many hundredths, held within 0 to 10000.
    #[must_use]
    pub fn clamped(hundredths: i64) -> Score {
        Score(u16::try_from(hundredths.clamp(0, i64::from(Self::MAX.0))).unwrap_or(0))
    }

    /// In hundredths of a point.
    #[must_use]
    pub fn hundredths(self) -> u16 {
        self.0
    }

    /// In points, 0.0 to 100.0: for people and for JSON.
    #[must_use]
    pub fn points(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{:02}", self.0 / 100, self.0 % 100))
    }
}

/// One weighted signal of a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// `skill_match`, `budget`, `client_history`, `competition`, `timeline`, or a custom signal's name.
    pub signal: String,
    /// What was measured: `3 of 4 skills`.
    pub raw: String,
    /// 0 to 1.
    pub value: f64,
    /// Share of the score, in hundredths of a percent; those of a breakdown sum to 10000.
    pub weight: u32,
    /// What it adds, in hundredths of a point.
    pub points: i32,
    /// Why, in a sentence.
    pub reason: String,
    /// Inputs that were absent, by field name.
    pub missing: Vec<String>,
    /// How much of what the signal needs was there: 0 to 1. Leads of earlier versions have none.
    #[serde(default)]
    pub confidence: f64,
}

/// Points added or taken outside the weighted sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// `contest`, `clamp`...
    pub name: String,
    /// In hundredths of a point.
    pub points: i32,
    /// Why, in a sentence.
    pub reason: String,
}

/// A score with its whole story: the points of `breakdown` and `adjustments` sum to `score`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    /// The sum.
    pub score: Score,
    /// How much of what the signals need was there: 0 to 1, weighted like the score.
    pub confidence: f64,
    /// The weighted signals.
    pub breakdown: Vec<Line>,
    /// What was added or taken.
    pub adjustments: Vec<Adjustment>,
    /// What went wrong in judging it (a custom scorer trapped, say); such a lead is never drafted automatically.
    pub faults: Vec<String>,
    /// The rule that decided, if one did.
    #[serde(default)]
    pub rule: Option<Applied>,
    /// What was on when it was judged, and has not dropped it, in its order. Leads of earlier versions have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<Passed>,
}

/// A filter or rule that was on when a lead was judged, and has not dropped it. Some are not for all kinds of postings: what a plugin makes of each,
/// its schema says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// Where.
    pub stage: Stage,
    /// As a posting's that it drops: the platform's setting, the id of a filter of the person's own, a rule's name.
    pub filter: String,
    /// What the setting was, as people write it; nothing of other filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_to: Option<String>,
}

/// What a rule did with a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The rule's name.
    pub name: String,
    /// `pass`, `priority` or `draft`: a lead that is excluded is none.
    pub action: RuleAction,
    /// The comparisons that held.
    pub reason: String,
}

impl Explained {
    /// Whether a rule ranks the lead before all others.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.rule.as_ref().is_some_and(|rule| rule.action == RuleAction::Priority)
    }
}

/// A posting that was kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    /// The posting as last seen.
    pub posting: Posting,
    /// Its score.
    pub explained: Explained,
}

/// What a person makes of a posting. A scan does not change it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Not looked at yet.
    #[default]
    New,
    /// Looked at.
    Seen,
    /// Worth coming back to.
    Starred,
    /// Not wanted: hidden from lists unless it is asked for.
    Dismissed,
}

impl Mark {
    /// All there are.
    pub const ALL: [Mark; 4] = [Mark::New, Mark::Seen, Mark::Starred, Mark::Dismissed];

    /// As in JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::New => "new",
            Mark::Seen => "seen",
            Mark::Starred => "starred",
            Mark::Dismissed => "dismissed",
        }
    }
}

/// Where in a scan a posting was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It could not be read as a posting.
    Read,
    /// The platform's own filters.
    Screening,
    /// A filter of the person's own.
    Filter,
    /// A declarative rule.
    Rule,
}

impl Stage {
    /// As in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Read => "read",
            Stage::Screening => "screening",
            Stage::Filter => "filter",
            Stage::Rule => "rule",
        }
    }
}

/// A posting that was dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Skipped {
    /// The platform's identifier; made from the content where the platform gave none.
    pub id: String,
    /// Its title; empty where it could not be read.
    pub title: String,
    /// Where to read it, if known.
    pub url: Option<String>,
    /// Where it was dropped.
    pub stage: Stage,
    /// The filter or rule that dropped it: `min_employer_rating`.
    pub filter: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// How an observed posting compares with what the store had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Novelty {
    /// Never seen before.
    New,
    /// Seen, and different now.
    Changed,
    /// Seen, and the same.
    Unchanged,
}
