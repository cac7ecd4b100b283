//! Changing proposals at a platform, at most once for each approval.
//!
//! ```text
//!  prepare   the platform is asked for a proposal that is there already, then for a plan: nothing is changed
//!     │      (a person looks at the plan, and approves it)
//!  approve   the approval is stored, with the digest of what was shown
//!     │
//!  carry_out ─ the intent is stored, and what it uses up is counted: on the disk
//!     ├─ the plugin makes the request; the gate knows it from the plan, and lets it pass once
//!     ├─ that it leaves now is stored: on the disk; only then it leaves
//!     └─ the answer: done, refused, or uncertain
//!                                           │
//!  pursue    who finds an intent whose process is gone, or whose answer was uncertain, asks the platform what is there, not before it is sure to
//!            show it. Nothing is ever sent again without another approval.
//! ```
//!
//! All of it is told by what is stored: any process may go on where another one has died.

mod attempt;
pub mod desk;
mod pursuit;
mod settling;
#[cfg(test)]
mod tests;
mod tracking;
pub mod verdict;

use std::sync::Arc;

use crate::clock::Clock;
use crate::contract::planning::{Problem, Way};
use crate::contract::proposals::{Change, Draft, Revision, Withdrawal};
use crate::contract::types::UtcSeconds;
use crate::fault::{Step, reach};
use crate::plugin::digest::Digest;
use crate::plugin::fault::CallError;
use crate::plugin::proposals::Previewed;
use crate::proposal::state::{Event, Standing};
use crate::proposal::{Approval, Content, Deed, Proposal, Remote, State};
use crate::store::proposals::Allowance;
use crate::store::{Proposals, StoreError};

use attempt::Ledger;
use desk::Desk;

pub use pursuit::Pursued;
pub use tracking::Tracked;

/// Seconds for which an approval counts without being asked for again: three days.
const APPROVED_FOR: i64 = 3 * 86_400;
/// Seconds for which an attempt belongs to the process that began it: longer than a call into a plugin may last.
const HELD: i64 = 180;

/// What keeps a change from being made. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum SubmissionError {
    /// The store's word: a budget, a pause, somebody else's change.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The platform's or the plugin's word.
    #[error("{0}")]
    Call(CallError),
    /// The draft has to be changed first.
    #[error("proposal {number} is not ready to be sent: {}", listed(.problems))]
    Problems {
        /// Which.
        number: i64,
        /// What stands against it.
        problems: Vec<Problem>,
    },
    /// It is not in a state from which that is possible.
    #[error("proposal {number} is in the state {state}, from which it cannot be {what}")]
    State {
        /// Which.
        number: i64,
        /// How far it is.
        state: State,
        /// `sent`, `withdrawn`...
        what: &'static str,
    },
    /// The platform has a proposal to the posting already; it is now linked to this one.
    #[error("the platform has a proposal of yours to this posting already ({}): nothing was sent, and proposal {} follows that one from now on", .0.content.remote.as_ref().map_or("", |r| r.id.as_str()), .0.number)]
    AlreadyThere(Box<Proposal>),
    /// What would be sent is not what was approved.
    #[error(
        "what would be sent is not what was approved as {approved}; look at it again: `ghoststack prospector proposals submit {number} --dry-run`"
    )]
    OtherThanApproved {
        /// Which.
        number: i64,
        /// The digest that was given.
        approved: String,
    },
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{}: {}", problem.field, problem.message)).collect::<Vec<_>>().join("; ")
}

impl From<CallError> for SubmissionError {
    fn from(error: CallError) -> SubmissionError {
        SubmissionError::Call(error)
    }
}

/// What a person wants done with a proposal.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Send it.
    Submit,
    /// Change what was sent to these terms.
    Revise(Box<Draft>),
    /// Take it back.
    Withdraw {
        /// Why, for platforms that ask.
        reason: String,
    },
}

/// A change with its plan, for a person to look at.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// The proposal as it was read.
    pub proposal: Proposal,
    /// What is changed.
    pub change: Change,
    /// What that would do.
    pub previewed: Previewed,
    /// SHA-256 of what is shown, in hex: whoever approves says this.
    pub digest: String,
    /// The platform's latest proposal to the posting.
    before: Option<String>,
    /// When it was asked.
    asked_at: UtcSeconds,
}

impl Prepared {
    /// Whether this very thing was approved already, not long ago.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        let of = &self.proposal;
        let counts = |approval: &Approval| {
            approval.digest == self.digest
                && (approval.at..approval.at.saturating_add(APPROVED_FOR)).contains(&self.asked_at)
        };
        of.state == State::Approved && of.content.approval.as_ref().is_some_and(counts)
    }

    /// The deed that it comes to.
    #[must_use]
    pub fn deed(&self) -> Deed {
        match (&self.change, &self.previewed.plan.way) {
            (Change::Submit(_), Way::Send(_)) => Deed::Submit,
            (_, Way::HandOver(_)) => Deed::HandOver,
            (Change::Revise(_), Way::Send(_)) => Deed::Revise,
            (Change::Withdraw(_), Way::Send(_)) => Deed::Withdraw,
        }
    }
}

/// Changes proposals of one account.
pub struct Submission<'a> {
    /// Where they are kept.
    pub store: Arc<dyn Proposals>,
    /// The platform.
    pub desk: &'a dyn Desk,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Submission<'_> {
    /// Asks the platform what a wish comes to. Nothing is changed there.
    ///
    /// # Errors
    /// See [`SubmissionError`]. A proposal that the platform has already is stored as submitted.
    pub async fn prepare(&self, proposal: Proposal, wish: Wish) -> Result<Prepared, SubmissionError> {
        let (number, state) = (proposal.number, proposal.state);
        let draft = &proposal.content.draft;
        let change = match (wish, &proposal.content.remote) {
            (Wish::Submit, _) if matches!(state, State::Review | State::Approved) => Change::Submit(draft.clone()),
            (Wish::Revise(draft), Some(remote)) if state == State::Submitted => {
                Change::Revise(Revision { proposal: remote.id.clone(), draft: *draft })
            }
            (Wish::Withdraw { reason }, Some(remote)) if state == State::Submitted => {
                Change::Withdraw(Withdrawal { proposal: remote.id.clone(), posting: draft.posting.clone(), reason })
            }
            (Wish::Submit, _) => return Err(SubmissionError::State { number, state, what: "sent" }),
            (Wish::Revise(_), _) => {
                return Err(SubmissionError::State { number, state, what: "changed at the platform" });
            }
            (Wish::Withdraw { .. }, _) => return Err(SubmissionError::State { number, state, what: "withdrawn" }),
        };
        let mut before = None;
        if let Change::Submit(draft) = &change
            && let Some(there) = self.desk.look_up(&draft.posting).await?
        {
            let remote = Remote::from(there);
            if is_live(&remote) {
                let seen = self.see(&proposal, remote, "the platform has it already").await?;
                return Err(SubmissionError::AlreadyThere(Box::new(seen)));
            }
            before = Some(remote.id);
        }
        let previewed = self.desk.preview(&change).await?;
        let blocking: Vec<Problem> = previewed.plan.problems.iter().filter(|p| p.blocking).cloned().collect();
        if !blocking.is_empty() {
            return Err(SubmissionError::Problems { number, problems: blocking });
        }
        let digest = digest(&change, &previewed);
        Ok(Prepared { proposal, change, previewed, digest, before, asked_at: self.clock.now() })
    }

    /// Stores that a person has agreed to what was prepared. Of a change to what was sent, there is nothing to store before it is carried out.
    ///
    /// # Errors
    /// The store's.
    pub async fn approve(&self, prepared: Prepared) -> Result<Prepared, SubmissionError> {
        if !matches!(prepared.change, Change::Submit(_)) {
            return Ok(prepared);
        }
        let now = self.clock.now();
        let approval = Approval { at: now, digest: prepared.digest.clone() };
        let content = Content { approval: Some(approval), trouble: None, ..prepared.proposal.content.clone() };
        let approved = self.happen(&prepared.proposal, Event::Approved, content, "approved by you").await?;
        Ok(Prepared { proposal: approved, ..prepared })
    }

    /// Carries out what was approved: at most one request leaves. What came of it is in the proposal: a state, and the trouble if there is some.
    ///
    /// # Errors
    /// The store's, before anything was sent: [`StoreError::OverBudget`], [`StoreError::Paused`], [`StoreError::ProposalChanged`]. An error of the store's
    /// after that leaves the attempt to be pursued.
    pub async fn carry_out(&self, prepared: &Prepared, allowances: &[Allowance]) -> Result<Proposal, SubmissionError> {
        let deed = prepared.deed();
        if deed == Deed::HandOver && !matches!(prepared.change, Change::Submit(_)) {
            // It is the person's to do, and the next round of following sees it.
            return Ok(prepared.proposal.clone());
        }
        let attempt = attempt::begun(deed, &prepared.previewed.plan, prepared.before.clone(), self.clock.now())?;
        let state = match prepared.change {
            Change::Submit(_) => next(&prepared.proposal, Event::Begun)?,
            Change::Revise(_) | Change::Withdraw(_) => prepared.proposal.state,
        };
        let content = Content { attempt: Some(attempt), trouble: None, ..prepared.proposal.content.clone() };
        let begun = self.store.begin_attempt(&prepared.proposal, state, &content, allowances, self.clock.now()).await?;
        reach(Step::SubmissionBegun);
        if deed == Deed::HandOver {
            return Ok(begun);
        }
        let ledger = Box::new(Ledger::of(&begun, self.store.clone(), self.clock.clone()));
        let performed = self.desk.perform(&prepared.change, &prepared.previewed, ledger).await;
        reach(Step::SubmissionAnswered);
        let verdict = verdict::judge(performed);
        // The ledger has written to it.
        let begun = self.store.proposal(&begun.account.profile, begun.number).await?;
        match &prepared.change {
            Change::Submit(_) => self.settle(&begun, verdict).await,
            Change::Revise(revision) => self.settle_revision(&begun, &revision.draft, verdict).await,
            Change::Withdraw(_) => self.settle_withdrawal(&begun, verdict).await,
        }
    }

    /// The person's word on a proposal of which the platform does not tell: whether it was sent.
    ///
    /// # Errors
    /// The store's, and where the state does not wait for that word.
    pub async fn resolve(&self, proposal: &Proposal, was_sent: bool) -> Result<Proposal, SubmissionError> {
        let waits = proposal.state == State::Uncertain
            || proposal.state == State::Submitting
                && proposal.content.attempt.as_ref().is_some_and(|attempt| attempt.deed == Deed::HandOver);
        if !waits {
            let (number, state) = (proposal.number, proposal.state);
            return Err(SubmissionError::State { number, state, what: "decided by your word" });
        }
        let (event, note) = match was_sent {
            true => (Event::Seen(Standing::Submitted), "it was sent, by your word"),
            false => (Event::Absent, "it was not sent, by your word"),
        };
        let content = Content { attempt: None, trouble: None, ..proposal.content.clone() };
        self.happen(proposal, event, content, note).await
    }

    /// The platform has it: stores how it stands there.
    async fn see(&self, proposal: &Proposal, remote: Remote, note: &str) -> Result<Proposal, SubmissionError> {
        let standing = Standing::from(&remote.status);
        let content = Content { remote: Some(remote), attempt: None, trouble: None, ..proposal.content.clone() };
        self.happen(proposal, Event::Seen(standing), content, note).await
    }

    async fn happen(
        &self,
        proposal: &Proposal,
        event: Event,
        content: Content,
        note: &str,
    ) -> Result<Proposal, SubmissionError> {
        Ok(self.change(proposal, next(proposal, event)?, content, note).await?)
    }

    async fn change(
        &self,
        proposal: &Proposal,
        state: State,
        content: Content,
        note: &str,
    ) -> Result<Proposal, StoreError> {
        self.store.change_proposal(proposal, state, &content, note, self.clock.now()).await
    }
}

fn next(proposal: &Proposal, event: Event) -> Result<State, SubmissionError> {
    let (number, state) = (proposal.number, proposal.state);
    state.next(event).ok_or(SubmissionError::State { number, state, what: "that" })
}

/// Whether the platform's proposal stands in the way of another one.
fn is_live(remote: &Remote) -> bool {
    matches!(Standing::from(&remote.status), Standing::Submitted | Standing::Won)
}

/// SHA-256 of what a person is shown: the change, what it costs and by which way, but not what the platform calls its rehearsal, which is another one
/// each time.
fn digest(change: &Change, previewed: &Previewed) -> String {
    let way = match &previewed.plan.way {
        Way::Send(request) if previewed.plan.reference.is_none() => {
            serde_json::json!([request.url, request.body])
        }
        Way::Send(request) => serde_json::json!([request.url]),
        Way::HandOver(url) => serde_json::json!({ "hand_over": url }),
    };
    let shown = serde_json::json!([change, previewed.plan.costs, way]);
    Digest::of(shown.to_string().as_bytes()).to_hex()
}

/// When something that is asked about is asked again: after a minute, then twice as long each time, at most an hour.
fn again(now: UtcSeconds, asked: u32) -> UtcSeconds {
    now.saturating_add(60_i64.saturating_mul(1 << asked.min(6)).min(3600))
}
