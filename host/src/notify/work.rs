//! Events of proposals and contracts: pure questions about how they stand, and the time.
//!
//! Each has a key that stays the same while what it tells of lasts, so that the outbox takes it once, however often one looks. What is older than the
//! outbox remembers its keys is told of no more.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::event::{EventKind, Notice};
use crate::config::Reminders;
use crate::contract::contracts::{ContractStatus, MilestoneStatus};
use crate::contract::types::UtcSeconds;
use crate::proposal::{Proposal, State};
use crate::store::contracts::{StoredContract, is_running};

/// How long something that has come about is news, in seconds.
const NEWS: i64 = 7 * 86_400;
/// How long a milestone that waits is told of, in seconds: less than the outbox remembers.
const WAITING: i64 = 60 * 86_400;

/// What there is to tell of a proposal.
#[must_use]
pub fn of_proposal(proposal: &Proposal, now: UtcSeconds) -> Option<Notice> {
    let (kind, title) = match proposal.state {
        State::Submitted => (EventKind::ProposalSubmitted, "Proposal sent"),
        State::Uncertain => (EventKind::ProposalUncertain, "Was the proposal sent?"),
        State::Won => (EventKind::ProposalWon, "Proposal won"),
        State::Lost => (EventKind::ProposalLost, "Proposal not chosen"),
        State::Draft | State::Review | State::Approved | State::Submitting | State::Failed | State::Withdrawn => {
            return None;
        }
    };
    if proposal.updated_at <= now.saturating_sub(NEWS) {
        return None;
    }
    let number = proposal.number;
    let trouble = proposal.content.trouble.as_ref();
    let remedy = match proposal.state {
        State::Uncertain => trouble.and_then(|trouble| trouble.remedy.clone()),
        _ => Some(format!("See `ghoststack prospector proposals show {number}`")),
    };
    let facts = json!({
        "proposal": number, "state": proposal.state, "posting": proposal.content.draft.posting, "url": proposal.content.url,
        "template": proposal.content.template,
    });
    Some(Notice {
        kind,
        account: proposal.account.clone(),
        epoch: number.to_string(),
        title: format!("{title}: {}", proposal.content.title),
        message: match (proposal.state, trouble) {
            (State::Uncertain, Some(trouble)) => trouble.message.clone(),
            _ => format!("Proposal {number} on {} is {}", proposal.account.platform, proposal.state),
        },
        remedy,
        facts: object(facts),
    })
}

/// What there is to tell of a contract, and what to remind of.
#[must_use]
pub fn of_contract(of: &StoredContract, reminders: &Reminders, now: UtcSeconds) -> Vec<Notice> {
    let contract = &of.contract;
    let running = is_running(&contract.status);
    let mut notices = Vec::new();
    let mut tell = |kind, epoch: String, title: String, message: String, more: Value| {
        let mut facts = object(json!({"contract": contract.id, "contract_title": contract.title, "url": contract.url}));
        facts.extend(object(more));
        let remedy = Some(format!("See `ghoststack prospector contracts show {}`", contract.id));
        notices.push(Notice { kind, account: of.account.clone(), epoch, title, message, remedy, facts });
    };
    if contract.status == ContractStatus::Active
        && contract.starts_at.unwrap_or(of.first_seen) > now.saturating_sub(NEWS)
    {
        let client = contract.client.as_ref().map_or_else(String::new, |client| format!(" for {client}"));
        let (title, message) = ("Work begins".to_owned(), format!("{}{client}", contract.title));
        tell(EventKind::ContractStarted, contract.id.clone(), title, message, json!({}));
    }
    for milestone in contract.milestones.iter().filter(|_| running) {
        let (id, name) = (&milestone.id, &milestone.description);
        let more = || json!({"milestone": id, "due_at": milestone.due_at});
        let open = matches!(
            milestone.status,
            MilestoneStatus::Upcoming | MilestoneStatus::InProgress | MilestoneStatus::RevisionRequested
        );
        if let Some(due_at) = milestone.due_at.filter(|_| open)
            && let Some(before) = latest_passed(&reminders.milestone_due, due_at, now)
        {
            let epoch = format!("{}/{id}/{due_at}/{}", contract.id, before.as_secs());
            let title = format!("A milestone is due in {}", span(due_at - now));
            let message = format!("{name} ({}), due at {}", contract.title, time(due_at));
            tell(EventKind::MilestoneDue, epoch, title, message, more());
        }
        let handed_in = milestone.submitted_at.or_else(|| of.handed_in.get(id).copied());
        let patience = seconds(reminders.milestone_unreviewed);
        if let Some(since) = handed_in.filter(|_| milestone.status == MilestoneStatus::Submitted && patience > 0)
            && (since.saturating_add(patience)..since.saturating_add(patience + WAITING)).contains(&now)
        {
            let epoch = format!("{}/{id}/{since}", contract.id);
            let title = format!("A milestone waits for the client since {}", span(now - since));
            let message = format!("{name} ({}), handed in at {}", contract.title, time(since));
            tell(EventKind::MilestoneUnreviewed, epoch, title, message, more());
        }
    }
    let notice = [reminders.contract_ends];
    if let Some(ends_at) = contract.ends_at.filter(|_| running)
        && latest_passed(&notice, ends_at, now).is_some()
    {
        let title = format!("A contract ends in {}", span(ends_at - now));
        let message = format!("{}, at {}", contract.title, time(ends_at));
        let epoch = format!("{}/{ends_at}", contract.id);
        tell(EventKind::ContractEnding, epoch, title, message, json!({"ends_at": ends_at}));
    }
    notices
}

/// Of spans before a time, the shortest that has begun, while that time is still to come. So one who was away is reminded once, not of each span.
fn latest_passed(spans: &[Duration], at: UtcSeconds, now: UtcSeconds) -> Option<Duration> {
    let begun = |span: &&Duration| !span.is_zero() && now >= at.saturating_sub(seconds(**span));
    spans.iter().filter(begun).min().copied().filter(|_| now < at)
}

fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}

/// `2 days`, `5 hours`: to the half, as people say it.
fn span(seconds: i64) -> String {
    let (count, unit) = match seconds.max(0) {
        of if of >= 172_800 => ((of + 43_200) / 86_400, "day"),
        of if of >= 7_200 => ((of + 1_800) / 3_600, "hour"),
        of => ((of + 59) / 60, "minute"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn time(at: UtcSeconds) -> String {
    Timestamp::from_second(at).map_or_else(|_| at.to_string(), |at| at.to_string())
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::contract::contracts::{Contract, Milestone};
    use crate::contract::types::Payment;
    use crate::lead::AccountKey;

    const NOON: i64 = 1_780_000_000;
    const HOUR: i64 = 3_600;

    fn reminders() -> Reminders {
        let hours = |count: u64| Duration::from_secs(count * 3_600);
        Reminders {
            milestone_due: vec![hours(48), hours(24)],
            milestone_unreviewed: hours(5 * 24),
            contract_ends: hours(7 * 24),
        }
    }

    fn contract(milestone: Milestone) -> StoredContract {
        let contract = Contract {
            id: "c1".to_owned(),
            posting: None,
            proposal: None,
            title: "A site".to_owned(),
            url: None,
            client: Some("Ada".to_owned()),
            status: ContractStatus::Active,
            payment: Payment::Fixed,
            amount: None,
            weekly_hours: None,
            starts_at: Some(NOON - 30 * 86_400),
            ends_at: Some(NOON + 30 * 86_400),
            milestones: vec![milestone],
            attributes: vec![],
        };
        let account = AccountKey { profile: "p".to_owned(), platform: "w".to_owned(), account: "a".to_owned() };
        StoredContract { account, contract, first_seen: NOON, changed_at: NOON, handed_in: [].into() }
    }

    fn milestone(due_at: Option<i64>, status: MilestoneStatus) -> Milestone {
        Milestone {
            id: "m1".to_owned(),
            description: "Design".to_owned(),
            amount: None,
            due_at,
            submitted_at: None,
            status,
        }
    }

    /// Kinds and epochs of what is told when one looks every ten minutes.
    fn told(of: &StoredContract, from: i64, to: i64) -> Vec<(i64, &'static str)> {
        let mut keys = BTreeSet::new();
        let mut told = Vec::new();
        for now in (from..to).step_by(600) {
            for notice in of_contract(of, &reminders(), now) {
                if keys.insert((notice.kind.as_str(), notice.epoch)) {
                    told.push(((now - NOON) / HOUR, notice.kind.as_str()));
                }
            }
        }
        told
    }

    #[test]
    fn a_milestone_is_reminded_of_at_each_span_once_and_not_when_it_is_done() {
        let due = contract(milestone(Some(NOON), MilestoneStatus::InProgress));
        let all = told(&due, NOON - 100 * HOUR, NOON + 100 * HOUR);
        assert_eq!(all, [(-48, "contract.milestone_due"), (-24, "contract.milestone_due")]);
        // Who was away for the first is reminded once.
        let late = told(&due, NOON - 10 * HOUR, NOON + 10 * HOUR);
        assert_eq!(late, [(-10, "contract.milestone_due")]);
        for status in [MilestoneStatus::Submitted, MilestoneStatus::Approved, MilestoneStatus::Other("x".to_owned())] {
            assert_eq!(told(&contract(milestone(Some(NOON), status)), NOON - 100 * HOUR, NOON), []);
        }
    }

    #[test]
    fn a_milestone_that_waits_for_the_client_is_told_of_once_after_its_time() {
        let mut waits = contract(milestone(None, MilestoneStatus::Submitted));
        waits.handed_in.insert("m1".to_owned(), NOON);
        assert_eq!(told(&waits, NOON, NOON + 20 * 24 * HOUR), [(120, "contract.milestone_unreviewed")]);
        // The platform's own word on when counts first.
        waits.contract.milestones[0].submitted_at = Some(NOON - 24 * HOUR);
        assert_eq!(told(&waits, NOON, NOON + 20 * 24 * HOUR), [(96, "contract.milestone_unreviewed")]);
    }

    #[test]
    fn a_contract_is_told_of_when_it_begins_and_before_it_ends() {
        let mut of = contract(milestone(None, MilestoneStatus::Upcoming));
        of.contract.starts_at = Some(NOON);
        of.contract.ends_at = Some(NOON + 20 * 24 * HOUR);
        let all = told(&of, NOON, NOON + 40 * 24 * HOUR);
        assert_eq!(all, [(0, "contract.started"), (13 * 24, "contract.ending")]);
        // An old one that is met for the first time has not just begun, and one that has ended does not end.
        of.contract.starts_at = Some(NOON - 30 * 24 * HOUR);
        of.contract.status = ContractStatus::Completed;
        assert_eq!(told(&of, NOON, NOON + 40 * 24 * HOUR), []);
    }

    #[test]
    fn a_span_of_zero_is_never() {
        let mut of = contract(milestone(Some(NOON), MilestoneStatus::Upcoming));
        of.contract.ends_at = Some(NOON);
        let never =
            Reminders { milestone_due: vec![], milestone_unreviewed: Duration::ZERO, contract_ends: Duration::ZERO };
        for hours in -200..200 {
            assert!(of_contract(&of, &never, NOON + hours * HOUR).is_empty());
        }
    }
}
