//! Proposals, contracts and milestones of a platform's plugin: the optional interfaces by which something may be changed.

use std::sync::Arc;

use super::bound::ask;
use super::check;
use super::fault::CallError;
use super::limits::Budget;
use super::platform::{PlatformPlugin, Work, refused};
use crate::capability::http::gate::Caller;
use crate::capability::http::permit::{Permission, Permit, Planned, Rehearsals, Subject};
use crate::capability::http::policy::Phase;
use crate::contract::contracts::ContractPage;
use crate::contract::milestones::Submission;
use crate::contract::planning::{Plan, Way};
use crate::contract::proposals::{Change, Proposal, ProposalPage, Requirements};
use crate::contract::types::{Attribute, UtcSeconds};
use crate::origin::Origin;

/// A plan, with the request that a permit is made for.
#[derive(Clone, Debug, PartialEq)]
pub struct Previewed {
    /// What the plugin says.
    pub plan: Plan,
    /// Its request as the gate will send it; none where it is handed over.
    pub planned: Option<Planned>,
}

/// What a change is about.
fn subject(change: &Change) -> Subject {
    Subject(vec![match change {
        Change::Submit(draft) => draft.posting.clone(),
        Change::Revise(revision) => revision.proposal.clone(),
        Change::Withdraw(withdrawal) => withdrawal.proposal.clone(),
    }])
}

/// The posting that a change is about.
fn posting(change: &Change) -> &str {
    match change {
        Change::Submit(draft) => &draft.posting,
        Change::Revise(revision) => &revision.draft.posting,
        Change::Withdraw(withdrawal) => &withdrawal.posting,
    }
}

impl PlatformPlugin {
    /// Whether the plugin offers `proposals`.
    #[must_use]
    pub fn proposes(&self) -> bool {
        self.offers("proposals")
    }

    /// Whether the plugin offers `contracts`.
    #[must_use]
    pub fn follows_contracts(&self) -> bool {
        self.offers("contracts")
    }

    /// Whether the plugin offers `milestones`.
    #[must_use]
    pub fn hands_in(&self) -> bool {
        self.offers("milestones")
    }

    /// `proposals.requirements-of`: what the platform asks of a proposal to a posting; none where the plugin does not offer it.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn requirements_of(
        &self,
        work: &Work,
        settings: &[Attribute],
        posting: &str,
    ) -> Result<Option<Requirements>, CallError> {
        const EXPORT: &str = "proposals.requirements-of";
        if !self.offers("proposals") {
            return Ok(None);
        }
        let call = self.call(EXPORT, Phase::Proposals, Budget::SHORT, Some(work), work.capabilities.clock.now());
        let answer = ask!(self.bound, call, requirements_of(settings, posting))?;
        let answer = check::requirements(answer.map_err(refused)?);
        answer.map(Some).map_err(|why| self.absurd(EXPORT, why))
    }

    /// `proposals.preview`: what a change would do. The plan's request was understood by the gate, is a write that was granted, and names what it is
    /// about.
    ///
    /// # Errors
    /// See [`CallError`]; `unsupported` where the plugin does not offer it.
    pub async fn preview(&self, work: &Work, settings: &[Attribute], change: &Change) -> Result<Previewed, CallError> {
        const EXPORT: &str = "proposals.preview";
        if !self.offers("proposals") {
            return Err(self.lacks("send proposals"));
        }
        let subject = subject(change);
        let (call, rehearsals) = self.rehearsing(EXPORT, work, &subject);
        let answer = ask!(self.bound, call, preview(settings, change))?;
        self.previewed(EXPORT, work, answer.map_err(refused)?, &subject, &rehearsals)
    }

    /// `proposals.perform`: carries out what was previewed, under a permit for the plan's request.
    ///
    /// # Errors
    /// See [`CallError`]. What became of the request is the permit's to say, whatever the answer.
    pub async fn perform(
        &self,
        work: &Work,
        settings: &[Attribute],
        change: &Change,
        reference: Option<&str>,
        permit: &Arc<Permission>,
    ) -> Result<Proposal, CallError> {
        const EXPORT: &str = "proposals.perform";
        if !self.offers("proposals") {
            return Err(self.lacks("send proposals"));
        }
        let call = self.permitted(EXPORT, work, permit);
        let answer = ask!(self.bound, call, perform(settings, change, reference))?;
        let answer = check::proposal(answer.map_err(refused)?, Some(posting(change)));
        answer.map_err(|why| self.absurd(EXPORT, why))
    }

    /// `proposals.look-up`: the account's latest proposal to a posting.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn look_up(
        &self,
        work: &Work,
        settings: &[Attribute],
        posting: &str,
    ) -> Result<Option<Proposal>, CallError> {
        const EXPORT: &str = "proposals.look-up";
        if !self.offers("proposals") {
            return Err(self.lacks("find proposals"));
        }
        let call = self.call(EXPORT, Phase::Proposals, Budget::SHORT, Some(work), work.capabilities.clock.now());
        let answer = ask!(self.bound, call, look_up(settings, posting))?;
        let found = answer.map_err(refused)?.map(|found| check::proposal(found, Some(posting))).transpose();
        found.map_err(|why| self.absurd(EXPORT, why))
    }

    /// `proposals.changes`: a page of proposals changed since a cursor.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn proposals_changed(
        &self,
        work: &Work,
        settings: &[Attribute],
        cursor: Option<&str>,
        now: UtcSeconds,
    ) -> Result<ProposalPage, CallError> {
        const EXPORT: &str = "proposals.changes";
        if !self.offers("proposals") {
            return Err(self.lacks("find proposals"));
        }
        let call = self.call(EXPORT, Phase::Proposals, Budget::SEARCH, Some(work), now);
        let answer = ask!(self.bound, call, proposals_changed(settings, cursor, now))?;
        check::proposals(answer.map_err(refused)?).map_err(|why| self.absurd(EXPORT, why))
    }

    /// `contracts.changes`: a page of contracts changed since a cursor.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn contracts_changed(
        &self,
        work: &Work,
        settings: &[Attribute],
        cursor: Option<&str>,
        now: UtcSeconds,
    ) -> Result<ContractPage, CallError> {
        const EXPORT: &str = "contracts.changes";
        if !self.offers("contracts") {
            return Err(self.lacks("follow contracts"));
        }
        let call = self.call(EXPORT, Phase::Contracts, Budget::SEARCH, Some(work), now);
        let answer = ask!(self.bound, call, contracts_changed(settings, cursor, now))?;
        check::contracts(answer.map_err(refused)?).map_err(|why| self.absurd(EXPORT, why))
    }

    /// `milestones.preview`: what handing in a milestone would do; see [`PlatformPlugin::preview`].
    ///
    /// # Errors
    /// See [`CallError`]; `unsupported` where the plugin does not offer it.
    pub async fn preview_milestone(
        &self,
        work: &Work,
        settings: &[Attribute],
        submission: &Submission,
    ) -> Result<Previewed, CallError> {
        const EXPORT: &str = "milestones.preview";
        if !self.offers("milestones") {
            return Err(self.lacks("hand in milestones"));
        }
        let subject = Subject(vec![submission.milestone.clone()]);
        let (call, rehearsals) = self.rehearsing(EXPORT, work, &subject);
        let answer = ask!(self.bound, call, preview_milestone(settings, submission))?;
        self.previewed(EXPORT, work, answer.map_err(refused)?, &subject, &rehearsals)
    }

    /// `milestones.submit`: hands in a milestone under a permit for the plan's request.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn submit_milestone(
        &self,
        work: &Work,
        settings: &[Attribute],
        submission: &Submission,
        reference: Option<&str>,
        permit: &Arc<Permission>,
    ) -> Result<(), CallError> {
        const EXPORT: &str = "milestones.submit";
        if !self.offers("milestones") {
            return Err(self.lacks("hand in milestones"));
        }
        let call = self.permitted(EXPORT, work, permit);
        let answer = ask!(self.bound, call, submit_milestone(settings, submission, reference))?;
        answer.map_err(refused)
    }

    fn rehearsing(&self, export: &'static str, work: &Work, subject: &Subject) -> (super::call::Call, Arc<Permission>) {
        let rehearsals = Arc::new(Permission::Rehearse(Rehearsals::of(subject.clone())));
        let mut call = self.call(export, Phase::Proposals, Budget::SHORT, Some(work), work.capabilities.clock.now());
        call.caller = Caller { permission: Some(rehearsals.clone()), ..call.caller };
        (call, rehearsals)
    }

    fn permitted(&self, export: &'static str, work: &Work, permit: &Arc<Permission>) -> super::call::Call {
        let mut call = self.call(export, Phase::Submit, Budget::WRITE, Some(work), work.capabilities.clock.now());
        call.caller = Caller { permission: Some(permit.clone()), ..call.caller };
        call
    }

    /// A plan whose request was found to be one that may be approved.
    fn previewed(
        &self,
        export: &'static str,
        work: &Work,
        plan: Plan,
        subject: &Subject,
        rehearsals: &Permission,
    ) -> Result<Previewed, CallError> {
        let absurd = |why: String| self.absurd(export, why);
        let plan = check::plan(plan).map_err(absurd)?;
        let mut names = subject.clone();
        if let Some(reference) = &plan.reference {
            let Permission::Rehearse(rehearsals) = rehearsals else { return Err(absurd("no rehearsal".to_owned())) };
            if !rehearsals.gave(reference) {
                return Err(absurd("a reference that no rehearsal's answer has in it".to_owned()));
            }
            names.0.push(reference.clone());
        }
        let planned = match &plan.way {
            Way::Send(request) => {
                let planned = Planned::of(work.capabilities.gate.policy(), request, &names);
                Some(
                    planned
                        .map_err(|denial| absurd(format!("a plan that the gate would refuse: {}", denial.message)))?,
                )
            }
            Way::HandOver(page) => {
                let origin = url::Url::parse(page).ok().and_then(|page| Origin::of(&page));
                let policy = work.capabilities.gate.policy();
                if !origin.is_some_and(|origin| policy.origins.values().any(|declared| *declared == origin)) {
                    return Err(absurd(format!("a page to go to that is at none of its origins: {page}")));
                }
                None
            }
        };
        Ok(Previewed { plan, planned })
    }

    fn lacks(&self, what: &str) -> CallError {
        use crate::contract::types::{Delivery, Error, ErrorKind};
        CallError::Refused(Error {
            kind: ErrorKind::Unsupported,
            code: None,
            message: format!("The plugin {} does not {what}", self.id()),
            remedy: None,
            delivery: Delivery::NotSent,
            retry_after: None,
        })
    }
}

/// A permit for what was previewed.
#[must_use]
pub fn permit(planned: Planned, ledger: Box<dyn crate::capability::http::permit::SentLedger>) -> Arc<Permission> {
    Arc::new(Permission::Write(Permit::new(planned, ledger)))
}
