//! A platform that fails in every way a network and a server can, and does not check for duplicates.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::capability::http::permit::{Outcome, Planned, SentLedger};
use crate::clock::Clock;
use crate::contract::planning::{Plan, PlannedRequest, Way};
use crate::contract::proposals::{Change, Proposal, ProposalPage, ProposalStatus};
use crate::contract::types::{Delivery, Error, ErrorKind, Method};
use crate::plugin::fault::{CallError, Cause, Fault};
use crate::plugin::proposals::Previewed;
use crate::submission::desk::{Desk, Performed};
use crate::testing::HandClock;

/// Seconds after which the platform is sure to show a proposal.
pub const SHOWN_AFTER: u32 = 120;

/// What goes wrong with a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mishap {
    /// Nothing.
    None,
    /// No connection.
    Unreachable,
    /// The platform has it, and no answer comes.
    SilentAfter,
    /// No answer comes, and the platform has it not.
    SilentBefore,
    /// It answers 500, and has it.
    FailsAfter,
    /// It answers 500, and has it not.
    FailsBefore,
    /// It answers 503 before its gate.
    Refuses,
    /// The plugin traps on the answer.
    Traps,
    /// The process dies before it notes that anything leaves.
    DiesBegun,
    /// It dies after that, before anything has left.
    DiesSent,
    /// It dies while the answer is on its way.
    DiesAnswered,
    /// The process dies before the platform has it, which takes it a little later.
    DiesThenTaken,
}

impl Mishap {
    /// All there are.
    pub const ALL: [Mishap; 12] = [
        Mishap::None,
        Mishap::Unreachable,
        Mishap::SilentAfter,
        Mishap::SilentBefore,
        Mishap::FailsAfter,
        Mishap::FailsBefore,
        Mishap::Refuses,
        Mishap::Traps,
        Mishap::DiesBegun,
        Mishap::DiesSent,
        Mishap::DiesAnswered,
        Mishap::DiesThenTaken,
    ];
}

/// What the platform has.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: String,
    pub posting: String,
    pub visible_at: i64,
    pub status: ProposalStatus,
}

/// The platform, and the network before it.
pub struct Platform {
    pub clock: Arc<HandClock>,
    pub rows: Mutex<Vec<Row>>,
    pub mishap: Mutex<Mishap>,
    /// Whether questions are answered.
    pub tells: Mutex<bool>,
    /// How long new ones stay unseen.
    pub unseen_for: Mutex<i64>,
    pub hands_over: bool,
    /// The process is to die.
    pub death: Notify,
}

impl Platform {
    pub fn new(clock: &Arc<HandClock>) -> Platform {
        Platform {
            clock: clock.clone(),
            rows: Mutex::default(),
            mishap: Mutex::new(Mishap::None),
            tells: Mutex::new(true),
            unseen_for: Mutex::new(0),
            hands_over: false,
            death: Notify::new(),
        }
    }

    pub fn to(&self, posting: &str) -> Vec<Row> {
        self.rows.lock().unwrap().iter().filter(|row| row.posting == posting).cloned().collect()
    }

    /// Takes a proposal: no check for duplicates.
    pub fn take(&self, posting: &str) -> Proposal {
        let mut rows = self.rows.lock().unwrap();
        let visible_at = self.clock.now() + *self.unseen_for.lock().unwrap();
        let row = Row {
            id: format!("p{}", rows.len() + 1),
            posting: posting.to_owned(),
            visible_at,
            status: ProposalStatus::Submitted,
        };
        rows.push(row.clone());
        theirs(row)
    }

    async fn dies(&self) -> Performed {
        self.death.notify_one();
        std::future::pending().await
    }
}

fn theirs(row: Row) -> Proposal {
    Proposal { id: row.id, posting: row.posting, status: row.status, submitted_at: None, amount: None, url: None }
}

pub fn refused(kind: ErrorKind) -> CallError {
    CallError::Refused(Error {
        kind,
        code: None,
        message: format!("{kind:?}"),
        remedy: None,
        delivery: Delivery::Sent,
        retry_after: None,
    })
}

#[async_trait]
impl Desk for Platform {
    async fn preview(&self, change: &Change) -> Result<Previewed, CallError> {
        let Change::Submit(draft) = change else { return Err(refused(ErrorKind::Unsupported)) };
        let url = format!("https://api.example/postings/{}/proposals", draft.posting);
        let request = PlannedRequest { method: Method::Post, url: url.clone(), body: Some(draft.text.clone()) };
        let way = if self.hands_over { Way::HandOver(url.clone()) } else { Way::Send(request) };
        let plan =
            Plan { problems: vec![], costs: vec![], way, reference: None, shown_after: SHOWN_AFTER, notes: vec![] };
        let planned = Planned { method: Method::Post, url: url.parse().unwrap(), body: None };
        Ok(Previewed { plan, planned: (!self.hands_over).then_some(planned) })
    }

    async fn perform(&self, change: &Change, _: &Previewed, ledger: Box<dyn SentLedger>) -> Performed {
        let Change::Submit(draft) = change else { unreachable!("only submissions are tried") };
        let mishap = *self.mishap.lock().unwrap();
        if mishap == Mishap::DiesBegun {
            return self.dies().await;
        }
        if let Err(why) = ledger.record_sent().await {
            let denied = refused(ErrorKind::Denied);
            assert!(!why.is_empty());
            return Performed { outcome: Outcome::Unspent, answer: Err(denied) };
        }
        let (outcome, answer) = match mishap {
            Mishap::None => (Outcome::Answered(200), Ok(self.take(&draft.posting))),
            Mishap::Unreachable => (Outcome::NotSent, Err(refused(ErrorKind::Unavailable))),
            Mishap::SilentAfter => {
                self.take(&draft.posting);
                (Outcome::Unknown, Err(refused(ErrorKind::Unavailable)))
            }
            Mishap::SilentBefore => (Outcome::Unknown, Err(refused(ErrorKind::Unavailable))),
            Mishap::FailsAfter => {
                self.take(&draft.posting);
                (Outcome::Answered(500), Err(refused(ErrorKind::Unavailable)))
            }
            Mishap::FailsBefore => (Outcome::Answered(500), Err(refused(ErrorKind::Unavailable))),
            Mishap::Refuses => (Outcome::Answered(403), Err(refused(ErrorKind::Forbidden))),
            Mishap::Traps => {
                self.take(&draft.posting);
                let fault = Fault { plugin: "p".to_owned(), export: "x", cause: Cause::Trap("unreachable".to_owned()) };
                (Outcome::Answered(200), Err(CallError::Fault(fault)))
            }
            Mishap::DiesBegun => unreachable!("it has died"),
            Mishap::DiesSent => return self.dies().await,
            Mishap::DiesAnswered => {
                self.take(&draft.posting);
                return self.dies().await;
            }
            Mishap::DiesThenTaken => {
                // On its way while the process dies: there before the platform is sure to show it.
                let unseen_for = std::mem::replace(&mut *self.unseen_for.lock().unwrap(), i64::from(SHOWN_AFTER) - 1);
                self.take(&draft.posting);
                *self.unseen_for.lock().unwrap() = unseen_for;
                return self.dies().await;
            }
        };
        Performed { outcome, answer }
    }

    async fn look_up(&self, posting: &str) -> Result<Option<Proposal>, CallError> {
        if !*self.tells.lock().unwrap() {
            return Err(refused(ErrorKind::Unavailable));
        }
        let now = self.clock.now();
        Ok(self.to(posting).into_iter().rfind(|row| row.visible_at <= now).map(theirs))
    }

    async fn changed(&self, _: Option<&str>, now: i64) -> Result<ProposalPage, CallError> {
        let rows = self.rows.lock().unwrap().clone();
        let proposals = rows.into_iter().filter(|row| row.visible_at <= now).map(theirs).collect();
        Ok(ProposalPage { proposals, cursor: now.to_string(), more: false })
    }
}
