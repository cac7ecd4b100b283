//! Desktops that do not speak D-Bus are not served.

use async_trait::async_trait;

use super::channel::{Failure, Sender};
use super::event::Message;

/// None.
pub(super) struct DesktopChannel;

#[async_trait]
impl Sender for DesktopChannel {
    async fn send(&self, _: &Message) -> Result<(), Failure> {
        Err(Failure::new(
            "desktop notifications are for Linux, over D-Bus; set notifications.desktop.enabled to false, and use a command",
        ))
    }
}
