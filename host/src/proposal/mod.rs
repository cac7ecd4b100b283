//! Proposals: what a person writes to a client about a posting, and what becomes of it.
//!
//! A proposal is this host's record; the platform's own record of it, once there is one, is its [`Remote`]. The states and what leads from one to
//! the next are in [`state`]. How one is sent at most once is in `crate::submission`.

pub mod amount;
pub mod check;
pub mod contact;
pub mod context;
pub mod editing;
pub mod marker;
pub mod skills;
pub mod state;
pub mod template;

use serde::{Deserialize, Serialize};

use crate::contract::planning::Cost;
use crate::contract::proposals::{self, Draft, ProposalStatus, Requirements};
use crate::contract::types::UtcSeconds;
use crate::lead::{AccountKey, Score};

pub use state::State;

/// A proposal as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// What the person calls it by: counts up from 1 within the profile.
    pub number: i64,
    /// Whose.
    pub account: AccountKey,
    /// How far it is.
    pub state: State,
    /// When it was begun.
    pub created_at: UtcSeconds,
    /// When anything of it was last changed.
    pub updated_at: UtcSeconds,
    /// Counts its changes: who writes says which one it has read.
    pub revision: i64,
    /// The rest.
    pub content: Content,
}

/// What a proposal says, and what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The posting's title. It stays when the posting's text is purged: it names the person's own proposal.
    pub title: String,
    /// Where the posting is read.
    pub url: String,
    /// What will be sent. Its `posting` is the posting's identifier.
    pub draft: Draft,
    /// The template that it was made from, by name.
    pub template: Option<String>,
    /// Who began it.
    pub origin: Origin,
    /// The lead's score when it was begun.
    pub score: Option<Score>,
    /// What the platform asks of it; none where it was not asked yet.
    pub requirements: Option<Requirements>,
    /// What a person has agreed to.
    pub approval: Option<Approval>,
    /// A change of it at the platform, under way or the last one.
    pub attempt: Option<Attempt>,
    /// What the platform has of it.
    pub remote: Option<Remote>,
    /// Why the last change did not come about, or what the person should look at.
    pub trouble: Option<Trouble>,
}

/// Who began a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The person.
    Person,
    /// A score above `scoring.thresholds.auto_pipeline_min`.
    Score,
    /// A rule with the action `draft`.
    Rule,
}

/// A person's agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// When.
    pub at: UtcSeconds,
    /// SHA-256 of what was shown, in hex: the draft, the costs and the way.
    pub digest: String,
}

/// What is changed at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// It is sent.
    Submit,
    /// It is left to the person to send it at the platform's own page.
    HandOver,
    /// Its terms are changed.
    Revise,
    /// It is taken back.
    Withdraw,
}

/// One change at the platform, from the intent on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which attempt, by 128 random bits in hex: whoever goes on with it says this.
    pub id: String,
    /// What is changed.
    pub deed: Deed,
    /// When the intent was stored.
    pub begun_at: UtcSeconds,
    /// Until then it belongs to the process that began it.
    pub held_until: UtcSeconds,
    /// When the request was about to leave; none if it has not left for certain.
    pub sent_at: Option<UtcSeconds>,
    /// The platform's latest proposal to the posting before this attempt: it is not this attempt's.
    pub before: Option<String>,
    /// What it uses up.
    pub costs: Vec<Cost>,
    /// Seconds after which the platform is sure to show it.
    pub shown_after: u32,
    /// How often the platform was asked in vain what became of it.
    pub asked: u32,
    /// When it is asked next.
    pub ask_at: UtcSeconds,
}

/// The platform's record of a proposal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remote {
    /// Its identifier.
    pub id: String,
    /// Its state there.
    pub status: ProposalStatus,
    /// When it was sent.
    pub submitted_at: Option<UtcSeconds>,
    /// Where it is read.
    pub url: Option<String>,
}

impl From<proposals::Proposal> for Remote {
    fn from(of: proposals::Proposal) -> Remote {
        Remote { id: of.id, status: of.status, submitted_at: of.submitted_at, url: of.url }
    }
}

/// Why something did not come about, for a program and for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// `closed`, `duplicate`, `quota`...: the contract's kind of error, or the host's word.
    pub kind: String,
    /// The platform's own code.
    pub code: Option<String>,
    /// What happened, in a sentence.
    pub message: String,
    /// What to do next.
    pub remedy: Option<String>,
}

impl Trouble {
    /// With a kind, a sentence and what to do.
    #[must_use]
    pub fn new(kind: &str, message: impl Into<String>, remedy: impl Into<String>) -> Trouble {
        Trouble { kind: kind.to_owned(), code: None, message: message.into(), remedy: Some(remedy.into()) }
    }
}
