//! What one is told of.

use serde::Serialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::capability::log::is_plain;
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;
use crate::store::outbox::Event;

/// The longest text of a notice, in characters.
const MAX_TEXT: usize = 500;

/// The kinds of events. Their names are part of the interface: receivers and the configuration use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A platform has ended the access; only `connect` repairs that.
    AuthExpired,
    /// A refresh token dies soon unless it can be used, or the person connects anew.
    TokenExpiring,
    /// A scan ended early.
    ScanFailed,
    /// A scan ended well.
    ScanCompleted,
    /// Leads that are new.
    LeadDiscovered,
    /// Leads whose score has risen to what the person wants to be told of.
    LeadScored,
    /// A draft was made by itself.
    ProposalDrafted,
    /// The platform has a proposal.
    ProposalSubmitted,
    /// Whether the platform has a proposal cannot be told.
    ProposalUncertain,
    /// The client wants it.
    ProposalWon,
    /// The client does not want it.
    ProposalLost,
    /// Work has begun.
    ContractStarted,
    /// A milestone is due soon.
    MilestoneDue,
    /// A milestone that was handed in waits for the client.
    MilestoneUnreviewed,
    /// A contract ends soon.
    ContractEnding,
    /// `notify test`.
    Test,
}

impl EventKind {
    /// Those that a channel can be told of.
    pub const SERVED: [EventKind; 15] = [
        EventKind::AuthExpired,
        EventKind::TokenExpiring,
        EventKind::ScanFailed,
        EventKind::ScanCompleted,
        EventKind::LeadDiscovered,
        EventKind::LeadScored,
        EventKind::ProposalDrafted,
        EventKind::ProposalSubmitted,
        EventKind::ProposalUncertain,
        EventKind::ProposalWon,
        EventKind::ProposalLost,
        EventKind::ContractStarted,
        EventKind::MilestoneDue,
        EventKind::MilestoneUnreviewed,
        EventKind::ContractEnding,
    ];

    /// Those that cannot wait for the morning: an access ends, or has ended.
    pub const URGENT: [EventKind; 2] = [EventKind::AuthExpired, EventKind::TokenExpiring];

    /// Its name: `platform.auth_expired`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            EventKind::AuthExpired => "platform.auth_expired",
            EventKind::TokenExpiring => "platform.token_expiring",
            EventKind::ScanFailed => "scan.failed",
            EventKind::ScanCompleted => "scan.completed",
            EventKind::LeadDiscovered => "lead.discovered",
            EventKind::LeadScored => "lead.scored",
            EventKind::ProposalDrafted => "proposal.drafted",
            EventKind::ProposalSubmitted => "proposal.submitted",
            EventKind::ProposalUncertain => "proposal.uncertain",
            EventKind::ProposalWon => "proposal.won",
            EventKind::ProposalLost => "proposal.lost",
            EventKind::ContractStarted => "contract.started",
            EventKind::MilestoneDue => "contract.milestone_due",
            EventKind::MilestoneUnreviewed => "contract.milestone_unreviewed",
            EventKind::ContractEnding => "contract.ending",
            EventKind::Test => "notify.test",
        }
    }
}

/// An event with what makes it one, before it is in the outbox.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What happened.
    pub kind: EventKind,
    /// What it is about.
    pub account: AccountKey,
    /// Which of several of its kind and account it is: while the state that it tells of lasts, this stays the same.
    pub epoch: String,
    /// In a few words, for a person.
    pub title: String,
    /// What happened, in a sentence or two.
    pub message: String,
    /// What to do.
    pub remedy: Option<String>,
    /// More, for programs.
    pub facts: Map<String, Value>,
}

impl Notice {
    /// The event as the outbox takes it, with an identifier of its own.
    #[must_use]
    pub fn into_event(self, id: String, now: UtcSeconds) -> Event {
        let mut data = self.facts;
        // A test is about no platform.
        if !self.account.platform.is_empty() {
            for (name, text) in [("platform", &self.account.platform), ("account", &self.account.account)] {
                data.insert(name.to_owned(), Value::String(text.clone()));
            }
        }
        for (name, text) in [("title", Some(self.title)), ("message", Some(self.message)), ("remedy", self.remedy)] {
            if let Some(text) = text {
                data.insert(name.to_owned(), Value::String(clean(&text)));
            }
        }
        let parts = [self.kind.as_str(), &self.account.platform, &self.account.account, &self.epoch];
        Event {
            id,
            key: parts.map(|part| form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>()).join("/"),
            account: self.account,
            kind: self.kind.as_str().to_owned(),
            created_at: now,
            data: Value::Object(data).to_string(),
        }
    }
}

/// An identifier that no other event has: 128 random bits.
///
/// # Errors
/// Where the system gives no random numbers.
pub fn new_id() -> Result<String, String> {
    let [a, b] = [getrandom::u64(), getrandom::u64()].map(|random| random.map_err(|e| e.to_string()));
    Ok(format!("evt_{:016x}{:016x}", a?, b?))
}

/// An event on its way, as channels see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its identifier.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// When it was noticed, in seconds since 1970.
    pub created_at: UtcSeconds,
    /// In a few words.
    pub title: String,
    /// What happened, and what to do, a paragraph each.
    pub body: String,
    /// All of it, for programs: `{"id", "type", "created_at", "data"}`.
    pub envelope: String,
}

#[derive(Serialize)]
struct Envelope<'e> {
    id: &'e str,
    #[serde(rename = "type")]
    kind: &'e str,
    created_at: UtcSeconds,
    data: &'e Value,
}

impl From<&Event> for Message {
    fn from(event: &Event) -> Message {
        let data: Value = serde_json::from_str(&event.data).unwrap_or_else(|_| json!({}));
        let text = |name: &str| data[name].as_str().map(clean).filter(|text| !text.is_empty());
        let envelope = Envelope { id: &event.id, kind: &event.kind, created_at: event.created_at, data: &data };
        let leads = data["leads"].as_array().into_iter().flatten().map(lead);
        let body: Vec<String> = text("message").into_iter().chain(leads.flatten()).chain(text("remedy")).collect();
        Message {
            title: text("title").unwrap_or_else(|| event.kind.clone()),
            body: body.join("\n\n"),
            envelope: serde_json::to_string(&envelope).unwrap_or_default(),
            id: event.id.clone(),
            kind: event.kind.clone(),
            created_at: event.created_at,
        }
    }
}

/// A lead of a digest: its points and title, and where to read it on a line of its own.
fn lead(lead: &Value) -> Option<String> {
    let title = clean(lead["title"].as_str()?);
    let url = clean(lead["url"].as_str().unwrap_or_default());
    let points = lead["score"].as_f64()?;
    Some(format!("{points:.2} {title}\n{url}").trim_end().to_owned())
}

/// A text on one line: what moves a cursor, breaks a header or reorders what is around it is left out.
fn clean(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| is_plain(*c));
    let plain: String = plain.take(8 * MAX_TEXT).collect();
    plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn notice(platform: &str, epoch: &str, message: &str) -> Notice {
        Notice {
            kind: EventKind::ScanFailed,
            account: AccountKey {
                profile: "default".to_owned(),
                platform: platform.to_owned(),
                account: "default".to_owned(),
            },
            epoch: epoch.to_owned(),
            title: "A scan failed".to_owned(),
            message: message.to_owned(),
            remedy: Some("Try later".to_owned()),
            facts: Map::from_iter([("kind".to_owned(), json!("unavailable"))]),
        }
    }

    #[test]
    fn an_event_says_the_same_to_people_and_programs() {
        let event = notice("workbazaar", "7", "It is down").into_event("evt_1".to_owned(), 1_780_000_000);
        assert_eq!(event.key, "scan.failed/workbazaar/default/7");
        let message = Message::from(&event);
        assert_eq!((message.title.as_str(), message.body.as_str()), ("A scan failed", "It is down\n\nTry later"));
        let envelope: Value = serde_json::from_str(&message.envelope).expect("JSON");
        let expected = json!({"id": "evt_1", "type": "scan.failed", "created_at": 1_780_000_000, "data": {
            "platform": "workbazaar", "account": "default", "kind": "unavailable",
            "title": "A scan failed", "message": "It is down", "remedy": "Try later",
        }});
        assert_eq!(envelope, expected);
    }

    #[test]
    fn an_event_that_another_version_wrote_still_goes_out() {
        let mut event = notice("workbazaar", "7", "").into_event("evt_1".to_owned(), 0);
        event.data = "[1".to_owned();
        let message = Message::from(&event);
        assert_eq!((message.title.as_str(), message.body.as_str()), ("scan.failed", ""));
    }

    #[test]
    fn identifiers_differ() {
        let ids = [new_id().expect("random"), new_id().expect("random")];
        assert!(ids[0] != ids[1] && ids[0].len() == 36, "{ids:?}");
    }

    proptest! {
        #[test]
        fn keys_are_the_same_for_the_same_parts_only(a in ".{0,8}", b in ".{0,8}", c in ".{0,8}", d in ".{0,8}") {
            let key = |platform: &str, epoch: &str| notice(platform, epoch, "").into_event(String::new(), 0).key;
            prop_assert_eq!(key(&a, &b) == key(&c, &d), (&a, &b) == (&c, &d));
        }

        #[test]
        fn no_text_breaks_a_line_or_grows(text in ".{0,2000}") {
            let message = Message::from(&notice("p", "1", &text).into_event("e".to_owned(), 0));
            let lines: Vec<&str> = message.body.split("\n\n").collect();
            prop_assert!(lines.iter().all(|line| line.chars().all(is_plain) && line.chars().count() <= MAX_TEXT));
        }
    }
}
