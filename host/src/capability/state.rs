//! The capability `state`: a plugin's own small key-value space, bounded by the store.

use super::http::gate::Caller;
use super::{Capabilities, refused};
use crate::contract::state::Entry;
use crate::contract::types::Error;

/// Reads a key.
///
/// # Errors
/// As the contract documents.
pub async fn get(of: &Capabilities, caller: &Caller, key: &str) -> Result<Option<Entry>, Error> {
    let found = of.data.state_get(&caller.account, key).await.map_err(|e| refused(&e))?;
    Ok(found.map(|entry| Entry { value: entry.value, set_at: entry.set_at }))
}

/// Sets a key.
///
/// # Errors
/// As the contract documents.
pub async fn set(of: &Capabilities, caller: &Caller, key: &str, value: &[u8]) -> Result<(), Error> {
    of.data.state_set(&caller.account, key, value, of.clock.now()).await.map_err(|e| refused(&e))
}

/// Removes a key.
///
/// # Errors
/// As the contract documents.
pub async fn delete(of: &Capabilities, caller: &Caller, key: &str) -> Result<(), Error> {
    of.data.state_delete(&caller.account, key).await.map(|_| ()).map_err(|e| refused(&e))
}

/// Lists keys.
///
/// # Errors
/// As the contract documents.
pub async fn keys(of: &Capabilities, caller: &Caller, prefix: &str) -> Result<Vec<String>, Error> {
    of.data.state_keys(&caller.account, prefix).await.map_err(|e| refused(&e))
}
