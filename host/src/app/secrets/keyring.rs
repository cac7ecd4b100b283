//! The keyring of a desktop session, by the Secret Service (GNOME Keyring, KWallet, KeePassXC and others).
//!
//! The kernel's own keyring would need no session, and forgets everything when the machine starts anew: a vault's key must not rest there.

use secrecy::{ExposeSecret, SecretString};

use crate::vault::Keyring;

/// What the keyring's entries are listed under.
const SERVICE: &str = "ghoststack";

/// The keyring of this session.
pub struct SessionKeyring;

impl Keyring for SessionKeyring {
    fn get(&self, name: &str) -> Result<Option<SecretString>, String> {
        match entry(name)?.get_password() {
            Ok(secret) => Ok(Some(SecretString::from(secret))),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(error) => Err(said(error)),
        }
    }

    fn set(&self, name: &str, secret: &SecretString) -> Result<(), String> {
        entry(name)?.set_password(secret.expose_secret()).map_err(said)
    }

    fn delete(&self, name: &str) -> Result<(), String> {
        match entry(name)?.delete_credential() {
            Ok(()) | Err(keyring_core::Error::NoEntry) => Ok(()),
            Err(error) => Err(said(error)),
        }
    }
}

#[cfg(target_os = "linux")]
fn entry(name: &str) -> Result<keyring_core::Entry, String> {
    use keyring_core::api::CredentialStoreApi as _;
    let store = zbus_secret_service_keyring_store::Store::new().map_err(said)?;
    store.build(SERVICE, name, None).map_err(said)
}

#[cfg(not(target_os = "linux"))]
fn entry(_: &str) -> Result<keyring_core::Entry, String> {
    Err(format!("this build knows none for {SERVICE} on this system"))
}

/// A keyring's error, none of which may carry what it holds.
fn said(error: keyring_core::Error) -> String {
    match error {
        keyring_core::Error::BadEncoding(_) | keyring_core::Error::BadDataFormat(..) => {
            "what it holds there is no text".to_owned()
        }
        keyring_core::Error::Ambiguous(_) => "it holds several keys of that name".to_owned(),
        error => error.to_string(),
    }
}
