//! An attempt: its intent, and the ledger that the gate writes to before the request leaves.

use std::sync::Arc;

use async_trait::async_trait;

use super::{HELD, SubmissionError};
use crate::capability::http::permit::SentLedger;
use crate::clock::Clock;
use crate::contract::planning::Plan;
use crate::contract::types::{Delivery, Error, ErrorKind, UtcSeconds};
use crate::fault::{Step, reach};
use crate::plugin::fault::CallError;
use crate::proposal::{Attempt, Deed, Proposal};
use crate::store::Proposals;

/// The intent of a deed that was planned.
pub(super) fn begun(
    deed: Deed,
    plan: &Plan,
    before: Option<String>,
    now: UtcSeconds,
) -> Result<Attempt, SubmissionError> {
    let ask_at = now.saturating_add(plan.shown_after.into());
    Ok(Attempt {
        id: identifier()?,
        deed,
        begun_at: now,
        held_until: now.saturating_add(HELD),
        sent_at: None,
        before,
        costs: plan.costs.clone(),
        shown_after: plan.shown_after,
        asked: 0,
        ask_at,
    })
}

/// 128 random bits, in hex: what makes the ledger's rows this attempt's and no other's.
fn identifier() -> Result<String, SubmissionError> {
    let [a, b] = [getrandom::u64(), getrandom::u64()].map(|random| {
        random.map_err(|error| {
            SubmissionError::Call(CallError::Refused(Error {
                kind: ErrorKind::Internal,
                code: None,
                message: format!("The system gives no random numbers: {error}"),
                remedy: None,
                delivery: Delivery::NotSent,
                retry_after: None,
            }))
        })
    });
    Ok(format!("{:016x}{:016x}", a?, b?))
}

/// Notes in the store that an attempt's request leaves.
pub(super) struct Ledger {
    store: Arc<dyn Proposals>,
    clock: Arc<dyn Clock>,
    profile: String,
    number: i64,
    attempt: String,
}

impl Ledger {
    /// Of a proposal whose attempt was begun.
    pub fn of(begun: &Proposal, store: Arc<dyn Proposals>, clock: Arc<dyn Clock>) -> Ledger {
        let attempt = begun.content.attempt.as_ref().map_or_else(String::new, |attempt| attempt.id.clone());
        Ledger { store, clock, profile: begun.account.profile.clone(), number: begun.number, attempt }
    }
}

#[async_trait]
impl SentLedger for Ledger {
    async fn record_sent(&self) -> Result<(), String> {
        match self.store.record_sent(&self.profile, self.number, &self.attempt, self.clock.now()).await {
            Ok(true) => {
                reach(Step::SubmissionSent);
                Ok(())
            }
            Ok(false) => Err("the attempt is no longer under way".to_owned()),
            Err(error) => Err(format!("that it leaves could not be noted: {error}")),
        }
    }
}
