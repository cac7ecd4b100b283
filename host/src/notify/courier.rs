//! Delivering what is in the outbox.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::channel::Channel;
use super::event::{EventKind, Message, Notice, new_id};
use super::hours::QuietHours;
use super::{backoff, channel};
use crate::clock::Clock;
use crate::config::Urgent;
use crate::fault::{Step, reach};
use crate::store::StoreError;
use crate::store::outbox::{
    Claim, ClaimWish, Delivery, DeliveryState, Event, MAX_EVENTS, MAX_WAITING, Outbox, OutboxFilter, Settled,
};

/// How long one delivery may take.
pub const SEND_LIMIT: Duration = Duration::from_secs(10);

/// How long a claim lasts, in seconds: well over what a delivery may take, so that none is made twice while its process lives.
const CLAIM: i64 = 60;

/// Less time than this is not worth an attempt, which would count.
const LEAST: Duration = Duration::from_millis(250);

/// Takes events to channels.
pub struct Courier {
    outbox: Arc<dyn Outbox>,
    profile: String,
    channels: Vec<Channel>,
    clock: Arc<dyn Clock>,
    chance: fn() -> f64,
    quiet: Option<QuietHours>,
}

/// A delivery that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempted {
    /// The channel.
    pub channel: String,
    /// The event's kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// Why it failed; none where it was delivered.
    pub error: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
}

impl Courier {
    /// One for a profile's events and channels.
    #[must_use]
    pub fn new(outbox: Arc<dyn Outbox>, profile: &str, channels: Vec<Channel>, clock: Arc<dyn Clock>) -> Courier {
        Courier { outbox, profile: profile.to_owned(), channels, clock, chance: random_share, quiet: None }
    }

    /// The same with chances of your own, from 0 to 1.
    #[must_use]
    pub fn with_chance(self, chance: fn() -> f64) -> Courier {
        Courier { chance, ..self }
    }

    /// The same with hours in which only what is urgent is delivered, if anything.
    #[must_use]
    pub fn with_quiet_hours(self, quiet: Option<QuietHours>) -> Courier {
        Courier { quiet, ..self }
    }

    /// Puts an event into the outbox, for the channels that want it. False where none does, or it is known already.
    ///
    /// # Errors
    /// The outbox's.
    pub async fn post(&self, notice: Notice) -> Result<bool, StoreError> {
        match self.addressed(notice)? {
            Some((event, channels)) => self.outbox.post(&event, &channels).await,
            None => Ok(false),
        }
    }

    /// An event with the channels that want it; none where none does.
    ///
    /// # Errors
    /// Where the system gives no random numbers.
    pub fn addressed(&self, notice: Notice) -> Result<Option<(Event, Vec<String>)>, StoreError> {
        let wanting = self.channels.iter().filter(|channel| channel.wants(notice.kind));
        let names: Vec<String> = wanting.map(|channel| channel.name.clone()).collect();
        if names.is_empty() {
            return Ok(None);
        }
        let id = new_id().map_err(|why| StoreError::Invalid { what: "the id of an event", why })?;
        Ok(Some((notice.into_event(id, self.clock.now()), names)))
    }

    /// Whether nothing that can wait is delivered now.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet.as_ref().is_some_and(|hours| hours.contain(self.clock.now()))
    }

    /// The kinds that are delivered now; none for all.
    fn kinds(&self) -> Option<&'static [&'static str]> {
        const URGENT: [&str; 2] = [EventKind::URGENT[0].as_str(), EventKind::URGENT[1].as_str()];
        let quiet = self.quiet.as_ref().filter(|hours| hours.contain(self.clock.now()))?;
        match quiet.urgent {
            Urgent::Pass => Some(&URGENT),
            Urgent::Wait => Some(&[]),
        }
    }

    /// Whether any channel is for events of this kind.
    #[must_use]
    pub fn wants(&self, kind: EventKind) -> bool {
        self.channels.iter().any(|channel| channel.wants(kind))
    }

    /// Whether [`Courier::deliver_due`] would find anything to do. It only reads.
    ///
    /// # Errors
    /// The outbox's.
    pub async fn is_due(&self) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let waiting = OutboxFilter {
            profile: self.profile.clone(),
            state: Some(DeliveryState::Waiting),
            limit: MAX_EVENTS * EventKind::SERVED.len() as u32,
        };
        let kinds = self.kinds();
        let due = |delivery: &Delivery| {
            let served = self.channels.iter().any(|channel| channel.name == delivery.channel);
            let free = delivery.claimed_until.is_none_or(|until| until <= now);
            let too_old = delivery.event.created_at <= now.saturating_sub(MAX_WAITING);
            let told_now = kinds.is_none_or(|kinds| kinds.contains(&delivery.event.kind.as_str()));
            free && (too_old || served && told_now && delivery.due_at <= now)
        };
        Ok(self.outbox.deliveries(&waiting).await?.iter().any(due))
    }

    /// Tries what is due, all channels side by side, for at most so long. What fails, or is not done by then, stays for a later time.
    ///
    /// A channel that fails is left alone until the next call.
    ///
    /// # Errors
    /// The outbox's. That a channel fails is no error, but told.
    pub async fn deliver_due(&self, budget: Duration) -> Result<Vec<Attempted>, StoreError> {
        let ends = Instant::now() + budget;
        self.outbox.tidy_outbox(&self.profile, self.clock.now()).await?;
        let each = self.channels.iter().map(|channel| self.deliver_to(channel, ends));
        let tried = futures_util::future::try_join_all(each).await?;
        Ok(tried.into_iter().flatten().collect())
    }

    async fn deliver_to(&self, channel: &Channel, ends: Instant) -> Result<Vec<Attempted>, StoreError> {
        let mut tried = Vec::new();
        loop {
            let left = ends.saturating_duration_since(Instant::now());
            if left < LEAST {
                return Ok(tried);
            }
            let now = self.clock.now();
            let wish = ClaimWish {
                profile: &self.profile,
                channel: &channel.name,
                kinds: self.kinds(),
                now,
                until: now + CLAIM,
            };
            let Some(claim) = self.outbox.claim_delivery(&wish).await? else { return Ok(tried) };
            let attempted = self.attempt(channel, &claim, left.min(SEND_LIMIT)).await?;
            let failed = attempted.error.is_some();
            tried.push(attempted);
            if failed {
                return Ok(tried);
            }
        }
    }

    async fn attempt(&self, channel: &Channel, claim: &Claim, limit: Duration) -> Result<Attempted, StoreError> {
        let begun = Instant::now();
        let sent = channel.send(&Message::from(&claim.event), limit).await;
        if sent.is_ok() {
            reach(Step::DeliverySent);
        }
        let now = self.clock.now();
        let settled = match &sent {
            Ok(()) => Settled::Delivered,
            Err(failure) => {
                let wait = backoff::wait(claim.attempt, (self.chance)(), failure.retry_after);
                let again_at = now.saturating_add(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
                Settled::Failed { reason: failure.reason.clone(), again_at }
            }
        };
        // Where it is no longer ours, another process has had to take it: it is told twice rather than never.
        self.outbox.settle_delivery(claim, now, &settled).await?;
        Ok(attempted(channel, &claim.event.kind, sent, begun))
    }

    /// Sends a test through each of these channels, whatever events they are for, past the outbox.
    ///
    /// # Errors
    /// A sentence, where the test cannot be made. That a channel fails is no error, but told.
    pub async fn test(&self, channels: &[&Channel], notice: Notice) -> Result<Vec<Attempted>, String> {
        let event: Event = notice.into_event(new_id()?, self.clock.now());
        let message = Message::from(&event);
        let each = channels.iter().map(|channel| async {
            let begun = Instant::now();
            let sent = channel.send(&message, SEND_LIMIT).await;
            attempted(channel, EventKind::Test.as_str(), sent, begun)
        });
        Ok(futures_util::future::join_all(each).await)
    }

    /// The channels.
    #[must_use]
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }
}

fn attempted(channel: &Channel, kind: &str, sent: Result<(), channel::Failure>, begun: Instant) -> Attempted {
    Attempted {
        channel: channel.name.clone(),
        kind: kind.to_owned(),
        error: sent.err().map(|failure| failure.reason),
        duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// A random share of 1; the middle where the system gives no random numbers.
fn random_share() -> f64 {
    getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
#[path = "courier_tests.rs"]
mod tests;
