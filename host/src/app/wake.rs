//! Firing plugins' wake-ups.
//!
//! A wake-up is put off before the plugin is called, and forgotten after it has answered: a process that dies in between leaves it to be fired again,
//! so a plugin is called at least once. Putting off counts as setting does, so that what always fails ends with the day's bound.

use crate::contract::types::Error;
use crate::lead::AccountKey;
use crate::plugin::fault::CallError;
use crate::plugin::platform::{PlatformPlugin, Work};
use crate::store::{DueWakeUp, PluginData, Scope, StoreError, WakeUp};

/// Wake-ups of a plugin that are fired one after the other; more wait for the next round.
const AT_ONCE: u32 = 4;
/// How long a call that nobody has heard the end of is waited for, in seconds; also the wait after a failure, unless the plugin asks for longer.
const AGAIN_AFTER: i64 = 15 * 60;
/// The longest wait that a plugin's own word is believed for, in seconds.
const LONGEST_ASKED: u32 = 86_400;

/// A wake-up that was fired.
#[derive(Debug)]
pub struct Woken {
    /// Which.
    pub key: String,
    /// Why the plugin could not do what it wanted; the wake-up comes again.
    pub error: Option<CallError>,
}

/// Fires a plugin's wake-ups whose time has come. Those of a plugin that no longer exports `wake` are forgotten.
///
/// # Errors
/// The store's. That a plugin fails is no error, but told.
pub async fn fire(plugin: &PlatformPlugin, work: &Work) -> Result<Vec<Woken>, StoreError> {
    let (data, clock) = (work.capabilities.data.as_ref(), work.capabilities.clock.as_ref());
    let mut woken = Vec::new();
    for DueWakeUp { account, wake_up } in data.due_wake_ups(&Scope::from(&work.account), clock.now(), AT_ONCE).await? {
        if !plugin.wakes() {
            data.cancel_wake_up(&account, &wake_up.key).await?;
            continue;
        }
        let held_until = match put_off(data, &account, &wake_up.key, clock.now(), AGAIN_AFTER).await {
            Ok(at) => at,
            // Its day is used up: it stays, and is fired tomorrow.
            Err(StoreError::Exhausted { .. }) => continue,
            Err(error) => return Err(error),
        };
        let error = plugin.wake(work, &wake_up.key).await.err();
        // The plugin may have set it anew: then that counts.
        let pending = data.pending_wake_ups(&account).await?;
        let untouched = pending.iter().any(|pending| pending.key == wake_up.key && pending.at == held_until);
        match asked(error.as_ref()) {
            None if untouched => {
                data.cancel_wake_up(&account, &wake_up.key).await?;
            }
            Some(wait) if untouched && wait > AGAIN_AFTER => {
                // Where the day is used up it comes as it is, a little sooner.
                let _ = put_off(data, &account, &wake_up.key, clock.now(), wait).await;
            }
            _ => {}
        }
        woken.push(Woken { key: wake_up.key, error });
    }
    Ok(woken)
}

/// How long to wait after a failure, in seconds; none where there was none.
fn asked(error: Option<&CallError>) -> Option<i64> {
    Some(match error? {
        CallError::Refused(Error { retry_after: Some(seconds), .. }) => {
            i64::from(*seconds.min(&LONGEST_ASKED)).max(AGAIN_AFTER)
        }
        CallError::Refused(_) | CallError::Fault(_) => AGAIN_AFTER,
    })
}

async fn put_off(data: &dyn PluginData, account: &AccountKey, key: &str, now: i64, by: i64) -> Result<i64, StoreError> {
    data.set_wake_up(account, &WakeUp { key: key.to_owned(), at: now.saturating_add(by) }, now).await
}
