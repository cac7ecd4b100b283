//! The ways to reach the person, as they are configured.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::command::CommandChannel;
use super::desktop::DesktopChannel;
use super::email::EmailChannel;
use super::event::{EventKind, Message};
use super::ntfy::NtfyChannel;
use super::webhook::WebhookChannel;
use crate::config::Notifications;

/// Why a channel has not taken a message. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What happened and, where that is not plain, what to do.
    pub reason: String,
    /// How long the receiver asks to be left alone.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// One for this reason.
    pub fn new(reason: impl Into<String>) -> Failure {
        Failure { reason: reason.into(), retry_after: None }
    }
}

/// A way to reach the person.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Hands a message over. Dropping the future ends the attempt.
    async fn send(&self, message: &Message) -> Result<(), Failure>;
}

/// A configured channel.
#[derive(Clone)]
pub struct Channel {
    /// What people and the outbox call it: `ntfy`, `webhook:crm`.
    pub name: String,
    /// The names of the events it is for.
    events: Vec<String>,
    sender: Arc<dyn Sender>,
}

impl Channel {
    /// A channel for these events.
    pub fn new(name: impl Into<String>, events: &[String], sender: Arc<dyn Sender>) -> Channel {
        Channel { name: name.into(), events: events.to_vec(), sender }
    }

    /// Whether it is for events of this kind.
    #[must_use]
    pub fn wants(&self, kind: EventKind) -> bool {
        self.events.iter().any(|name| name == kind.as_str())
    }

    /// Sends, within a time.
    ///
    /// # Errors
    /// Why the channel has not taken it.
    pub async fn send(&self, message: &Message, limit: Duration) -> Result<(), Failure> {
        match tokio::time::timeout(limit, self.sender.send(message)).await {
            Ok(sent) => sent,
            Err(_) => Err(Failure::new(format!("it was not done within {:.0} s", limit.as_secs_f64().ceil()))),
        }
    }
}

/// The channels of a configuration. Files that it names by relative paths are sought in `base`.
#[must_use]
pub fn channels(notifications: &Notifications, base: &Path) -> Vec<Channel> {
    let mut channels = Vec::new();
    let mut add = |name: String, events: &[String], sender: Arc<dyn Sender>| {
        channels.push(Channel::new(name, events, sender));
    };
    if notifications.desktop.enabled {
        add("desktop".to_owned(), &notifications.desktop.events, Arc::new(DesktopChannel));
    }
    if let Some(email) = &notifications.email {
        add("email".to_owned(), &email.events, Arc::new(EmailChannel::new(email.clone(), base)));
    }
    if let Some(ntfy) = &notifications.ntfy {
        add("ntfy".to_owned(), &ntfy.events, Arc::new(NtfyChannel::new(ntfy.clone(), base)));
    }
    if let Some(command) = &notifications.command {
        add("command".to_owned(), &command.events, Arc::new(CommandChannel::new(command.clone())));
    }
    for webhook in &notifications.webhooks {
        let sender = WebhookChannel::new(webhook.clone(), base);
        add(format!("webhook:{}", webhook.name), &webhook.events, Arc::new(sender));
    }
    channels
}
