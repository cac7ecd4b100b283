//! The platform, as far as sending proposals sees it.

use std::sync::Arc;

use async_trait::async_trait;

use crate::capability::http::permit::{Outcome, Permission, SentLedger};
use crate::contract::proposals::{Change, Proposal, ProposalPage};
use crate::contract::types::{Attribute, UtcSeconds};
use crate::plugin::fault::CallError;
use crate::plugin::platform::{PlatformPlugin, Work};
use crate::plugin::proposals::{Previewed, permit};

/// What came of a change that was carried out.
#[derive(Debug)]
pub struct Performed {
    /// What the gate knows of the request.
    pub outcome: Outcome,
    /// What the plugin says.
    pub answer: Result<Proposal, CallError>,
}

/// One account at a platform.
#[async_trait]
pub trait Desk: Send + Sync {
    /// What a change would do. Nothing is changed.
    async fn preview(&self, change: &Change) -> Result<Previewed, CallError>;

    /// Carries out what was previewed: at most one request leaves, after `ledger` has recorded it.
    async fn perform(&self, change: &Change, previewed: &Previewed, ledger: Box<dyn SentLedger>) -> Performed;

    /// The account's latest proposal to a posting; none only if the platform shows none.
    async fn look_up(&self, posting: &str) -> Result<Option<Proposal>, CallError>;

    /// A page of proposals changed since a cursor.
    async fn changed(&self, cursor: Option<&str>, now: UtcSeconds) -> Result<ProposalPage, CallError>;
}

/// A platform's plugin at work for an account.
#[derive(Clone)]
pub struct PluginDesk {
    /// The plugin.
    pub plugin: Arc<PlatformPlugin>,
    /// For whom and with what.
    pub work: Work,
    /// Its settings.
    pub settings: Vec<Attribute>,
}

#[async_trait]
impl Desk for PluginDesk {
    async fn preview(&self, change: &Change) -> Result<Previewed, CallError> {
        self.plugin.preview(&self.work, &self.settings, change).await
    }

    async fn perform(&self, change: &Change, previewed: &Previewed, ledger: Box<dyn SentLedger>) -> Performed {
        let Some(planned) = previewed.planned.clone() else {
            return Performed { outcome: Outcome::Unspent, answer: Err(handed_over(self.plugin.id())) };
        };
        let permit = permit(planned, ledger);
        let reference = previewed.plan.reference.as_deref();
        let answer = self.plugin.perform(&self.work, &self.settings, change, reference, &permit).await;
        let outcome = match permit.as_ref() {
            Permission::Write(permit) => permit.settle(),
            Permission::Rehearse(_) => Outcome::Unspent,
        };
        Performed { outcome, answer }
    }

    async fn look_up(&self, posting: &str) -> Result<Option<Proposal>, CallError> {
        self.plugin.look_up(&self.work, &self.settings, posting).await
    }

    async fn changed(&self, cursor: Option<&str>, now: UtcSeconds) -> Result<ProposalPage, CallError> {
        self.plugin.proposals_changed(&self.work, &self.settings, cursor, now).await
    }
}

/// A plan without a request was to be carried out: a defect of ours.
fn handed_over(plugin: &str) -> CallError {
    use crate::contract::types::{Delivery, Error, ErrorKind};
    CallError::Refused(Error {
        kind: ErrorKind::Unsupported,
        code: None,
        message: format!("{plugin} hands this over to the person"),
        remedy: None,
        delivery: Delivery::NotSent,
        retry_after: None,
    })
}
