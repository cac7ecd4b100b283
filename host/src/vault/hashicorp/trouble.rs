//! What a server's refusal to serve anybody means.

use super::HashiCorpError;
use super::health;
use super::wire::{Answer, Wire};

/// The error for an answer that is neither a success nor about the request itself.
pub(super) async fn of(wire: &Wire, answer: &Answer) -> HashiCorpError {
    let address = wire.address().to_owned();
    match answer.status {
        300..=399 => {
            let to = answer.location.clone().unwrap_or_else(|| "another server".to_owned());
            return HashiCorpError::Standby { address, to };
        }
        // Sealed, not initialised or overloaded have one status; only the server's health tells them apart.
        500..=599 => match health::ask(wire).await {
            Ok(health) if !health.initialized => return HashiCorpError::NotInitialised { address },
            Ok(health) if health.sealed => return HashiCorpError::Sealed { address },
            _ => {}
        },
        429 => {}
        status => {
            let said = answer.said();
            return wire.unexpected("a request", format!("status {status}: {said}"));
        }
    }
    busy(wire, answer)
}

/// The error for an answer that will be another in a while.
pub(super) fn busy(wire: &Wire, answer: &Answer) -> HashiCorpError {
    let said = answer.said();
    let said = if said.is_empty() { said } else { format!(": {said}") };
    HashiCorpError::Unavailable { address: wire.address().to_owned(), status: answer.status, said }
}
