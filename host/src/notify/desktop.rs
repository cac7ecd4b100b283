//! The desktop's notifications: one call over D-Bus, where a session exists
//! (<https://specifications.freedesktop.org/notification-spec/latest/protocol.html>).

use std::collections::HashMap;

use async_trait::async_trait;
use zbus::Connection;
use zbus::zvariant::Value;

use super::channel::{Failure, Sender};
use super::event::Message;

const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// The desktop of the session that we run in.
pub(super) struct DesktopChannel;

#[async_trait]
impl Sender for DesktopChannel {
    async fn send(&self, message: &Message) -> Result<(), Failure> {
        // Without an address the library would seek a bus in the usual place, which a session may have without a desktop: the call then says so.
        let session = Connection::session().await.map_err(|error| {
            Failure::new(format!(
                "there is no desktop session here ({error}); set notifications.desktop.enabled to false, or run in a session"
            ))
        })?;
        let hints: HashMap<&str, Value<'_>> = HashMap::from([("urgency", Value::U8(1))]);
        let body = escaped(&message.body);
        let actions: &[&str] = &[];
        let call = ("Prospector", 0_u32, "", message.title.as_str(), body.as_str(), actions, hints, -1_i32);
        let answer = session.call_method(Some(SERVICE), PATH, Some(SERVICE), "Notify", &call).await;
        answer.map(drop).map_err(|error| Failure::new(format!("the desktop has not taken it: {error}")))
    }
}

/// Bodies may be read as markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text_and_not_markup() {
        assert_eq!(escaped("<b>R&D</b>"), "&lt;b&gt;R&amp;D&lt;/b&gt;");
    }
}
