//! What makes a posting `changed`, and which of its figures are followed over time.
//!
//! A posting is *changed* when what a person would decide on anew has changed: the texts, the skills, the terms, the status.
//! Bids, ratings, exchange rates and ages move with every look; they are stored as last seen, and do not make a posting changed,
//! so that a second scan of a quiet market reports nothing. A posting that was skipped and is now kept is changed, and
//! the other way round.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::contract::types::{Budget, Posting, PostingStatus, Span};
use crate::lead::Skipped;

/// Begins every hashed text: another choice of what counts is another version, and every posting is then changed once.
const VERSION: &str = "content/1";

/// A digest of what counts in a posting. Half of a SHA-256: collisions need to be unlikely, not infeasible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ContentHash(pub [u8; 16]);

impl ContentHash {
    /// Of a posting that was kept.
    pub(super) fn of_posting(posting: &Posting) -> ContentHash {
        let mut skills: Vec<&str> = posting.skills.iter().map(String::as_str).collect();
        skills.sort_unstable();
        let budget = posting.budget.as_ref().map(without_rate);
        ContentHash::of(&(
            VERSION,
            (&posting.kind, &posting.status, &posting.payment, &budget),
            (&posting.title, &posting.url, &posting.description),
            (&skills, &posting.categories, &posting.experience),
            (&posting.duration, &posting.workload, &posting.language),
            posting.closes_at,
        ))
    }

    /// Of a posting that was dropped, of which less is known. The reason may quote figures that move, so it does not count.
    pub(super) fn of_skipped(skipped: &Skipped) -> ContentHash {
        ContentHash::of(&(VERSION, &skipped.title, skipped.stage, &skipped.filter))
    }

    fn of(content: &impl Serialize) -> ContentHash {
        let text = serde_json::to_vec(content).expect("plain data has a JSON form");
        let digest = Sha256::digest(&text);
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        ContentHash(half)
    }
}

/// The figures of a posting that are followed over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Whether it took proposals.
    pub status: PostingStatus,
    /// What it offered, without the exchange rate.
    pub budget: Option<Budget>,
    /// How many proposals there were.
    pub proposals: Option<Span>,
}

impl Facts {
    /// A posting's, as it is.
    #[must_use]
    pub fn of(posting: &Posting) -> Facts {
        Facts {
            status: posting.status.clone(),
            budget: posting.budget.as_ref().map(without_rate),
            proposals: posting.competition.as_ref().map(|c| c.proposals),
        }
    }
}

/// Rates move daily; what the client offers does not.
fn without_rate(budget: &Budget) -> Budget {
    Budget { usd_rate: None, ..budget.clone() }
}
