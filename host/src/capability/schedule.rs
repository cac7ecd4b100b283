//! The capability `schedule`: wake-ups, kept in the store. The daemon fires them ([`crate::app::wake`]).

use super::http::gate::Caller;
use super::{Capabilities, refused};
use crate::contract::schedule::WakeUp;
use crate::contract::types::Error;
use crate::store;

/// Sets or moves a wake-up.
///
/// # Errors
/// As the contract documents.
pub async fn set(of: &Capabilities, caller: &Caller, wake_up: WakeUp) -> Result<(), Error> {
    let wake_up = store::WakeUp { key: wake_up.key, at: wake_up.at };
    of.data.set_wake_up(&caller.account, &wake_up, of.clock.now()).await.map(|_| ()).map_err(|e| refused(&e))
}

/// Pending wake-ups, soonest first.
///
/// # Errors
/// As the contract documents.
pub async fn pending(of: &Capabilities, caller: &Caller) -> Result<Vec<WakeUp>, Error> {
    let pending = of.data.pending_wake_ups(&caller.account).await.map_err(|e| refused(&e))?;
    Ok(pending.into_iter().map(|w| WakeUp { key: w.key, at: w.at }).collect())
}

/// Forgets a wake-up.
///
/// # Errors
/// As the contract documents.
pub async fn cancel(of: &Capabilities, caller: &Caller, key: &str) -> Result<(), Error> {
    of.data.cancel_wake_up(&caller.account, key).await.map(|_| ()).map_err(|e| refused(&e))
}
