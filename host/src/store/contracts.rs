//! Contracts as they are stored: what the platform said last, and since when it says so.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{Scope, StoreError};
use crate::contract::contracts::{Contract, ContractStatus};
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;

/// A contract, with what is known beside the platform's word.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredContract {
    /// Whose.
    pub account: AccountKey,
    /// The platform's word.
    pub contract: Contract,
    /// When it was first met.
    pub first_seen: UtcSeconds,
    /// When the platform's word was last another one.
    pub changed_at: UtcSeconds,
    /// When each milestone that is handed in was first seen so, by its identifier: for platforms that do not say.
    pub handed_in: BTreeMap<String, UtcSeconds>,
}

/// What a page of contracts changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContractCounts {
    /// Never met before.
    pub new: u64,
    /// Otherwise than before.
    pub changed: u64,
    /// As before.
    pub unchanged: u64,
}

/// What is followed at a platform, from a cursor on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// Proposals.
    Proposals,
    /// Contracts.
    Contracts,
}

impl Followed {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Followed::Proposals => "proposals",
            Followed::Contracts => "contracts",
        }
    }
}

/// Contracts that are kept of an account at most.
pub const MAX_CONTRACTS: u32 = 10_000;
/// Bytes that those of an account take together at most.
pub const MAX_CONTRACT_BYTES: u64 = 64 * 1024 * 1024;

/// Where following left off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The plugin's cursor.
    pub cursor: String,
    /// When a round last came to its end; none if none did.
    pub done_at: Option<UtcSeconds>,
}

/// Whether work goes on under a contract.
#[must_use]
pub fn is_running(status: &ContractStatus) -> bool {
    matches!(status, ContractStatus::Active | ContractStatus::Paused | ContractStatus::Other(_))
}

/// Keeping contracts, and where following them left off.
#[async_trait]
pub trait Contracts: Send + Sync {
    /// Stores a page of contracts, and the cursor behind it: all or nothing.
    ///
    /// # Errors
    /// [`StoreError::Exhausted`] beyond [`MAX_CONTRACTS`] or [`MAX_CONTRACT_BYTES`].
    async fn record_contracts(
        &self,
        account: &AccountKey,
        page: &[Contract],
        position: &Position,
        now: UtcSeconds,
    ) -> Result<ContractCounts, StoreError>;

    /// Contracts, those changed last first, at most 10,000.
    async fn contracts(&self, scope: &Scope) -> Result<Vec<StoredContract>, StoreError>;

    /// The contract that `reference` means: its identifier or the beginning of one, with the platform before it where that is needed.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchContract`]; [`StoreError::Ambiguous`] with the candidates.
    async fn contract(&self, scope: &Scope, reference: &str) -> Result<StoredContract, StoreError>;

    /// Where following left off; none where it has not begun.
    async fn position(&self, account: &AccountKey, of: Followed) -> Result<Option<Position>, StoreError>;

    /// Stores where following left off; none forgets it, so that everything is read again.
    async fn set_position(
        &self,
        account: &AccountKey,
        of: Followed,
        position: Option<&Position>,
    ) -> Result<(), StoreError>;
}
