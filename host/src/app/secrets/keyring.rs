//! The keyring of a desktop session, by the Secret Service (GNOME Keyring, KWallet, KeePassXC and others).
//!
//! The kernel's own keyring would need no session, and forgets everything when the machine starts anew: a vault's key must not rest there.

use secrecy::SecretString;

use crate::vault::Keyring;

/// The keyring of this session. A locked one is unlocked by its own dialogue.
pub struct SessionKeyring;

#[cfg(target_os = "linux")]
mod service {
    use std::collections::HashMap;

    use secrecy::{ExposeSecret, SecretString};
    use secret_service::blocking::{Item, SecretService};
    use secret_service::{EncryptionType, Error};
    use zeroize::Zeroizing;

    /// What entries are found by, beside their name.
    const APPLICATION: &str = "ghoststack";

    fn attributes(name: &str) -> HashMap<&str, &str> {
        HashMap::from([("application", APPLICATION), ("key", name)])
    }

    /// Connects, encrypting what goes over the bus.
    fn connect() -> Result<SecretService<'static>, String> {
        SecretService::connect(EncryptionType::Dh).map_err(said)
    }

    fn find<'s>(service: &'s SecretService<'s>, name: &str) -> Result<Option<Item<'s>>, String> {
        let found = service.search_items(attributes(name)).map_err(said)?;
        if let Some(item) = found.unlocked.into_iter().next() {
            return Ok(Some(item));
        }
        let Some(item) = found.locked.into_iter().next() else { return Ok(None) };
        item.unlock().map_err(said)?;
        Ok(Some(item))
    }

    pub(super) fn get(name: &str) -> Result<Option<SecretString>, String> {
        let service = connect()?;
        let Some(item) = find(&service, name)? else { return Ok(None) };
        let secret = Zeroizing::new(item.get_secret().map_err(said)?);
        let text = std::str::from_utf8(&secret).map_err(|_| "what it holds there is no text".to_owned())?;
        Ok(Some(SecretString::from(text)))
    }

    pub(super) fn set(name: &str, secret: &SecretString) -> Result<(), String> {
        let service = connect()?;
        let collection = service.get_default_collection().map_err(said)?;
        if collection.is_locked().map_err(said)? {
            collection.unlock().map_err(said)?;
        }
        let (label, bytes) = ("GhostStack Prospector: key of the vault", secret.expose_secret().as_bytes());
        collection.create_item(label, attributes(name), bytes, true, "text/plain").map_err(said)?;
        Ok(())
    }

    pub(super) fn delete(name: &str) -> Result<(), String> {
        let service = connect()?;
        match find(&service, name)? {
            Some(item) => item.delete().map_err(said),
            None => Ok(()),
        }
    }

    fn said(error: Error) -> String {
        match error {
            Error::Unavailable => "there is none (no Secret Service on the session's bus)".to_owned(),
            Error::NoResult => "it has no default collection to keep a key in".to_owned(),
            Error::Locked => "it is locked".to_owned(),
            Error::Prompt | Error::PromptDisconnected => "it was not unlocked".to_owned(),
            error => error.to_string(),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod service {
    use secrecy::SecretString;

    fn none<T>() -> Result<T, String> {
        Err("this build knows none on this system".to_owned())
    }

    pub(super) fn get(_: &str) -> Result<Option<SecretString>, String> {
        none()
    }

    pub(super) fn set(_: &str, _: &SecretString) -> Result<(), String> {
        none()
    }

    pub(super) fn delete(_: &str) -> Result<(), String> {
        none()
    }
}

impl Keyring for SessionKeyring {
    fn get(&self, name: &str) -> Result<Option<SecretString>, String> {
        service::get(name)
    }

    fn set(&self, name: &str, secret: &SecretString) -> Result<(), String> {
        service::set(name, secret)
    }

    fn delete(&self, name: &str) -> Result<(), String> {
        service::delete(name)
    }
}
