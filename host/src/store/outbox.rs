//! The outbox: events that somebody is to be told of, and what became of telling each channel.
//!
//! ```text
//!  post ──► waiting ──claim──► claimed ──settle──► delivered
//!             ▲                   │  └───settle──► given up
//!             └──── its claim ends, or it failed ┘     ▲
//!             └──────────────── too old, or tried too often
//! ```
//!
//! **Once.** An event has a key, and a second event of the same key is not taken: a state that lasts is told of once. The key is remembered as
//! long as the event is kept.
//!
//! **At least once.** Who delivers takes a claim first, which ends by itself: while it lasts no other process delivers the same, and a process that dies
//! between delivering and noting it leaves a delivery that is made again, with the same event id.

use async_trait::async_trait;

use super::StoreError;
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;

/// Events of a profile and kind that are kept; of more, the oldest go, those first that nobody waits for.
pub const MAX_EVENTS: u32 = 500;
/// The longest event, in bytes of its data: with what goes around it, it stays below 256 kB.
pub const MAX_EVENT_BYTES: usize = 250_000;
/// The longest key and the longest name of a channel, in bytes.
pub const MAX_NAME_BYTES: usize = 512;
/// Channels that one event goes to.
pub const MAX_CHANNELS: usize = 64;
/// How often a delivery is tried.
pub const MAX_DELIVERY_ATTEMPTS: u32 = 12;
/// The longest text kept of why a delivery failed, in bytes.
pub const MAX_REASON_BYTES: usize = 500;
/// What has not been delivered for so long is given up, in seconds: three days. Nobody is helped by older news.
pub const MAX_WAITING: i64 = 3 * 86_400;
/// How long events are kept, in seconds: a quarter of a year. A state that lasts longer is told of again.
pub const MAX_KEPT: i64 = 90 * 86_400;

/// Something that somebody is to be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its identifier, which receivers see: whoever gets it twice knows by this.
    pub id: String,
    /// What makes it the same as another one: of one key, one event is kept.
    pub key: String,
    /// What it is about.
    pub account: AccountKey,
    /// What happened: `scan.failed`.
    pub kind: String,
    /// When it was noticed.
    pub created_at: UtcSeconds,
    /// The rest, as a JSON object.
    pub data: String,
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is to be made.
    Waiting,
    /// The channel has taken it.
    Delivered,
    /// It is no longer tried.
    GivenUp,
}

/// An event on its way to a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The event.
    pub event: Event,
    /// The channel: `webhook:crm`.
    pub channel: String,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was tried, one that is under way included.
    pub attempts: u32,
    /// When it is tried next, if it waits.
    pub due_at: UtcSeconds,
    /// Until when a process has it, if one has.
    pub claimed_until: Option<UtcSeconds>,
    /// When its state was last changed.
    pub changed_at: UtcSeconds,
    /// Why it failed last, or was given up.
    pub reason: Option<String>,
}

/// A delivery that nobody else makes until the claim ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The event.
    pub event: Event,
    /// The channel.
    pub channel: String,
    /// Which attempt it is, from 1.
    pub attempt: u32,
}

/// What came of a claimed delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The channel has taken it.
    Delivered,
    /// It failed and is tried again, unless it was tried [`MAX_DELIVERY_ATTEMPTS`] times.
    Failed {
        /// Why.
        reason: String,
        /// Not before.
        again_at: UtcSeconds,
    },
}

/// Which claim is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimWish<'a> {
    /// Whose events.
    pub profile: &'a str,
    /// The channel.
    pub channel: &'a str,
    /// Only events of these kinds; none for all.
    pub kinds: Option<&'a [&'a str]>,
    /// Now.
    pub now: UtcSeconds,
    /// When the claim ends by itself.
    pub until: UtcSeconds,
}

/// Which deliveries to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxFilter {
    /// Whose.
    pub profile: String,
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// At most so many.
    pub limit: u32,
}

/// Posting events and delivering them.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes an event in, to be delivered to these channels, at once due. False where one of its key is there already, and nothing changed.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for no channels or more than [`MAX_CHANNELS`], and for data or names over their bounds.
    async fn post(&self, event: &Event, channels: &[String]) -> Result<bool, StoreError>;

    /// Takes a channel's oldest delivery that is due and in nobody's hands; none where there is none. The attempt counts from here on.
    async fn claim_delivery(&self, wish: &ClaimWish<'_>) -> Result<Option<Claim>, StoreError>;

    /// Notes what came of it. False where the claim had ended and another process took it, or the event is gone: then nothing changed.
    async fn settle_delivery(&self, claim: &Claim, now: UtcSeconds, settled: &Settled) -> Result<bool, StoreError>;

    /// Deliveries, the latest event first.
    async fn deliveries(&self, filter: &OutboxFilter) -> Result<Vec<Delivery>, StoreError>;

    /// Gives up what has waited for [`MAX_WAITING`], or was cut short at its last attempt, and forgets events after [`MAX_KEPT`]; how
    /// many rows that changed.
    async fn tidy_outbox(&self, profile: &str, now: UtcSeconds) -> Result<u64, StoreError>;
}

/// Checks what [`Outbox::post`] is given.
pub(super) fn check(event: &Event, channels: &[String]) -> Result<(), StoreError> {
    let bounds = [
        ("the data of an event", event.data.len(), MAX_EVENT_BYTES),
        ("the key of an event", event.key.len(), MAX_NAME_BYTES),
        ("the id of an event", event.id.len(), MAX_NAME_BYTES),
        ("the name of a channel", channels.iter().map(String::len).max().unwrap_or(0), MAX_NAME_BYTES),
    ];
    if let Some((what, bytes, most)) = bounds.into_iter().find(|(_, bytes, most)| bytes > most) {
        return Err(StoreError::Invalid { what, why: format!("it has {bytes} bytes; give at most {most}") });
    }
    if channels.is_empty() || channels.len() > MAX_CHANNELS {
        let why = format!("there are {}; name 1 to {MAX_CHANNELS}", channels.len());
        return Err(StoreError::Invalid { what: "the channels of an event", why });
    }
    Ok(())
}

/// A reason as it is kept: cut where a character ends.
pub(super) fn kept_reason(reason: &str) -> &str {
    &reason[..reason.floor_char_boundary(MAX_REASON_BYTES)]
}
