//! Proposals as they are stored, what they have used up, and the switch that stops them.

use async_trait::async_trait;

use super::{Scope, StoreError};
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;
use crate::proposal::{Content, Proposal, State};

/// Proposals of a profile at most; the oldest that have ended give way.
pub const MAX_PROPOSALS: u32 = 10_000;
/// The longest content of one, in bytes of its JSON.
pub const MAX_PROPOSAL_BYTES: usize = 1024 * 1024;
/// What submissions are counted as, beside what platforms call their costs.
pub const SUBMISSIONS: &str = "submissions";

/// Which proposals to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalFilter {
    /// Whose.
    pub scope: Scope,
    /// Those in one of these states.
    pub states: Option<Vec<State>>,
    /// Those to this posting.
    pub posting: Option<String>,
    /// At most so many.
    pub limit: u32,
}

impl ProposalFilter {
    /// All of a scope.
    #[must_use]
    pub fn all(scope: Scope) -> ProposalFilter {
        ProposalFilter { scope, states: None, posting: None, limit: MAX_PROPOSALS }
    }

    /// Those in one of these states.
    #[must_use]
    pub fn in_states(self, states: &[State]) -> ProposalFilter {
        ProposalFilter { states: Some(states.to_vec()), ..self }
    }
}

/// How much may be used up in a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// `day` or `month`, for the person.
    pub period: &'static str,
    /// When the time began.
    pub since: UtcSeconds,
    /// What is counted: [`SUBMISSIONS`], or a cost's name, whatever the case of its letters.
    pub name: String,
    /// At most.
    pub most: u32,
}

/// A state that a proposal came into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// When.
    pub at: UtcSeconds,
    /// Which.
    pub state: State,
    /// What had happened, in a few words.
    pub note: String,
}

/// Something used up by proposals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The platform.
    pub platform: String,
    /// What.
    pub name: String,
    /// How much.
    pub quantity: u64,
}

/// Keeping proposals. Nothing here sends anything.
///
/// Whoever changes one hands over what was read: if somebody else has changed it since, nothing is stored, and
/// [`StoreError::ProposalChanged`] says so.
#[async_trait]
pub trait Proposals: Send + Sync {
    /// Begins a proposal.
    ///
    /// # Errors
    ///
    /// [`StoreError::ProposalExists`] where one to the posting is open; [`StoreError::Invalid`] for a content above [`MAX_PROPOSAL_BYTES`].
    async fn add_proposal(
        &self,
        account: &AccountKey,
        state: State,
        content: &Content,
        note: &str,
        now: UtcSeconds,
    ) -> Result<Proposal, StoreError>;

    /// The proposal of that number.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchProposal`].
    async fn proposal(&self, profile: &str, number: i64) -> Result<Proposal, StoreError>;

    /// Proposals, those changed last first.
    async fn proposals(&self, filter: &ProposalFilter) -> Result<Vec<Proposal>, StoreError>;

    /// Stores another state and content. One that comes out of an attempt without being sent has used nothing up.
    ///
    /// # Errors
    ///
    /// [`StoreError::ProposalChanged`]; [`StoreError::NoSuchProposal`]; [`StoreError::Invalid`] as for [`Proposals::add_proposal`].
    async fn change_proposal(
        &self,
        read: &Proposal,
        state: State,
        content: &Content,
        note: &str,
        now: UtcSeconds,
    ) -> Result<Proposal, StoreError>;

    /// Stores the intent of a change at the platform, with what it will use up, all or nothing, on the disk before it returns.
    /// `content.attempt` is the intent; it counts as one of [`SUBMISSIONS`] where that is its deed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Paused`]; [`StoreError::OverBudget`] where an allowance would be passed; and as [`Proposals::change_proposal`].
    async fn begin_attempt(
        &self,
        read: &Proposal,
        state: State,
        content: &Content,
        allowances: &[Allowance],
        now: UtcSeconds,
    ) -> Result<Proposal, StoreError>;

    /// Records that the request of an attempt leaves now, on the disk before it returns; false where the attempt is no longer under way, or was sent
    /// before: then it must not leave.
    async fn record_sent(&self, profile: &str, number: i64, attempt: &str, now: UtcSeconds)
    -> Result<bool, StoreError>;

    /// Removes a proposal with its story. What it has used up stays counted, and its number is not given again.
    ///
    /// # Errors
    ///
    /// [`StoreError::ProposalChanged`] where it is not as it was read; [`StoreError::NoSuchProposal`].
    async fn remove_proposal(&self, read: &Proposal) -> Result<(), StoreError>;

    /// The states that a proposal went through, the first one first.
    async fn passages(&self, profile: &str, number: i64) -> Result<Vec<Passage>, StoreError>;

    /// What has been used up since a time.
    async fn spent(&self, profile: &str, since: UtcSeconds) -> Result<Vec<Spent>, StoreError>;

    /// Stops sending, or lets it go on.
    async fn pause_proposals(&self, profile: &str, paused: bool, now: UtcSeconds) -> Result<(), StoreError>;

    /// Since when sending is stopped; none where it is not.
    async fn paused_since(&self, profile: &str) -> Result<Option<UtcSeconds>, StoreError>;
}
