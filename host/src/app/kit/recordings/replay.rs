//! What stands in the place of the network, the vault and the clock while a recording is replayed. The gate itself is the real one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use super::difference::Difference;
use super::exchange::{Exchange, Request};
use super::file::{self, Recording};
use crate::capability::http::carrier::{Carrier, Sending};
use crate::capability::{self, http::gate::failure};
use crate::clock::Clock;
use crate::contract::types::{Delivery, Error, ErrorKind, UtcSeconds};
use crate::contract::vault;
use crate::lead::AccountKey;

/// What is attached while a recording is replayed: it goes nowhere, and occurs in no answer.
const STAND_IN: &str = "a-credential-that-goes-nowhere";

/// Something about requests that is not as it was recorded.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Finding {
    /// A request was made that is not recorded.
    NotRecorded {
        /// The request: method and URL.
        asked: String,
        /// The recorded request that is nearest to it, by its place in the recording.
        nearest: Option<usize>,
        /// In what it differs from that.
        differences: Vec<Difference>,
    },
    /// A recorded request was not made.
    NotAsked {
        /// Its place in the recording.
        exchange: usize,
        /// The request: method and URL.
        recorded: String,
    },
    /// A request that may do more than read was made before another that was recorded before it.
    OutOfOrder {
        /// The one that was made first now, by its place in the recording.
        exchange: usize,
        /// The one that was made first when it was recorded.
        after: usize,
        /// The request: method and URL.
        asked: String,
    },
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Finding::NotRecorded { asked, nearest: None, .. } => write!(f, "asked and not recorded: {asked}"),
            Finding::NotRecorded { asked, nearest: Some(nearest), differences } => {
                write!(f, "asked and not recorded: {asked}\n  nearest is exchanges[{nearest}], which has")?;
                differences.iter().try_for_each(|difference| write!(f, "\n    {difference}"))
            }
            Finding::NotAsked { exchange, recorded } => {
                write!(f, "recorded and not asked: exchanges[{exchange}] {recorded}")
            }
            Finding::OutOfOrder { exchange, after, asked } => {
                write!(f, "asked before exchanges[{after}], and recorded after it: exchanges[{exchange}] {asked}")
            }
        }
    }
}

/// Answers by a recording.
pub struct Replayer {
    exchanges: Vec<Exchange>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Places of exchanges that were used, in the order in which they were.
    used: Vec<usize>,
    findings: Vec<Finding>,
}

impl Replayer {
    /// By the exchanges of a recording.
    #[must_use]
    pub fn of(exchanges: &[Exchange]) -> Replayer {
        Replayer { exchanges: exchanges.to_vec(), state: Mutex::default() }
    }

    /// What was not as recorded, now that nothing more is asked.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let state = self.state();
        let unused = self.exchanges.iter().enumerate().filter(|(at, _)| !state.used.contains(at));
        let not_asked = unused.map(|(exchange, of)| Finding::NotAsked { exchange, recorded: of.request.line() });
        state.findings.iter().cloned().chain(not_asked).collect()
    }

    /// Places of exchanges that were used, in the order in which they were.
    #[must_use]
    pub fn used(&self) -> Vec<usize> {
        self.state().used.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The exchange that answers a request: the first of its kind that was not used yet.
    fn find(&self, call: &str, asked: &Request) -> Option<usize> {
        let mut state = self.state();
        if state.findings.len() > file::MOST_EXCHANGES {
            return None;
        }
        let unused = |at: &usize| !state.used.contains(at);
        let left: Vec<usize> = (0..self.exchanges.len()).filter(unused).collect();
        let of = |at: &usize| &self.exchanges[*at];
        let same = |at: &&usize| of(at).call == call && of(at).request.asks_the_same(asked);
        let Some(found) = left.iter().find(same).copied() else {
            let near = |at: &&usize| of(at).call == call && of(at).request.method == asked.method;
            let apart = |at: &usize| of(at).request.differences(asked);
            let nearest = left.iter().filter(near).min_by_key(|at| apart(at).len()).copied();
            let differences = nearest.as_ref().map(apart).unwrap_or_default();
            state.findings.push(Finding::NotRecorded { asked: asked.line(), nearest, differences });
            return None;
        };
        let waits = |at: &&usize| **at < found && of(at).call == call;
        let matters = |at: &&usize| !(asked.is_plain_read() && of(at).request.is_plain_read());
        if let Some(after) = left.iter().filter(waits).find(matters).copied() {
            state.findings.push(Finding::OutOfOrder { exchange: found, after, asked: asked.line() });
        }
        state.used.push(found);
        Some(found)
    }
}

#[async_trait]
impl Carrier for Replayer {
    async fn carry(&self, sending: Sending<'_>) -> Result<reqwest::Response, Error> {
        let asked = Request::of(&sending);
        let Some(found) = self.find(sending.phase.as_str(), &asked) else {
            return Err(failure(ErrorKind::Unavailable, "the recording has no such request", Delivery::NotSent));
        };
        let answer = &self.exchanges[found].answer;
        let unreadable =
            |why: String| failure(ErrorKind::Internal, format!("the recorded answer: {why}"), Delivery::NotSent);
        let body = answer.body.as_ref().map_or(Ok(Vec::new()), super::exchange::Body::bytes).map_err(unreadable)?;
        response(answer.status, answer.headers.iter(), body).map_err(unreadable)
    }
}

/// An answer, made by hand.
///
/// # Errors
/// A sentence, where a header is none.
pub(super) fn response<'h>(
    status: u16,
    headers: impl Iterator<Item = (&'h String, &'h String)>,
    body: Vec<u8>,
) -> Result<reqwest::Response, String> {
    let mut response = hyper::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    Ok(response.body(body).map_err(|error| error.to_string())?.into())
}

/// A clock that stands, and on which every wait is over at once.
pub struct StoppedClock(pub UtcSeconds);

#[async_trait]
impl Clock for StoppedClock {
    fn now(&self) -> UtcSeconds {
        self.0
    }

    async fn wait(&self, _: Duration) {
        tokio::task::yield_now().await;
    }
}

/// The credential of a recording: known, and not there.
pub struct RecordedCredentials {
    told: Option<file::Credential>,
    is_renewable: bool,
}

impl RecordedCredentials {
    /// As a recording says. One that is renewable is replaced where it is refused, as that of a log-in is.
    #[must_use]
    pub fn of(recording: &Recording, is_renewable: bool) -> Arc<RecordedCredentials> {
        Arc::new(RecordedCredentials { told: recording.credential.clone(), is_renewable })
    }
}

#[async_trait]
impl capability::Credentials for RecordedCredentials {
    async fn describe(&self, _: &AccountKey, name: &str) -> Option<vault::Credential> {
        let told = self.told.clone();
        Some(vault::Credential {
            name: name.to_owned(),
            state: if told.is_some() { vault::CredentialState::Present } else { vault::CredentialState::Absent },
            scopes: told.as_ref().map(|told| told.scopes.clone()).unwrap_or_default(),
            expires_at: None,
            account: told.and_then(|told| told.account),
        })
    }

    async fn secret(&self, _: &AccountKey, _: &str) -> Result<SecretString, Error> {
        Ok(SecretString::from(STAND_IN))
    }

    async fn replacement(&self, _: &AccountKey, _: &str, _: &SecretString) -> Result<Option<SecretString>, Error> {
        Ok(self.is_renewable.then(|| SecretString::from(STAND_IN)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::app::kit::recordings::exchange::Answer;

    fn exchange(call: &str, method: &str, path: &str, status: u16) -> Exchange {
        Exchange {
            call: call.to_owned(),
            request: request(method, path),
            answer: Answer { status, headers: BTreeMap::new(), body: None },
        }
    }

    fn request(method: &str, path: &str) -> Request {
        let url = format!("https://board.example{path}");
        Request { method: method.to_owned(), url, headers: BTreeMap::new(), body: None }
    }

    #[test]
    fn the_same_request_is_answered_in_the_order_in_which_it_was_recorded() {
        let exchanges = [
            exchange("search", "GET", "/a", 200),
            exchange("search", "GET", "/b", 200),
            exchange("search", "GET", "/a", 304),
        ];
        let replayer = Replayer::of(&exchanges);
        for (path, place) in [("/b", Some(1)), ("/a", Some(0)), ("/a", Some(2)), ("/a", None)] {
            assert_eq!(replayer.find("search", &request("GET", path)), place, "{path}");
        }
        let findings = replayer.findings();
        assert!(matches!(findings.as_slice(), [Finding::NotRecorded { nearest: None, .. }]), "{findings:?}");
    }

    #[test]
    fn what_may_do_more_than_read_keeps_its_order_and_calls_are_kept_apart() {
        let exchanges = [exchange("search", "POST", "/first", 200), exchange("search", "POST", "/second", 200)];
        let replayer = Replayer::of(&exchanges);
        assert_eq!(replayer.find("account", &request("POST", "/first")), None);
        assert_eq!(replayer.find("search", &request("POST", "/second")), Some(1));
        let findings = replayer.findings();
        assert_eq!(
            findings[1],
            Finding::OutOfOrder { exchange: 1, after: 0, asked: "POST https://board.example/second".to_owned() }
        );
        assert!(matches!(findings[2], Finding::NotAsked { exchange: 0, .. }), "{findings:?}");
    }

    #[test]
    fn the_nearest_recorded_request_is_the_one_with_the_fewest_differences() {
        let exchanges =
            [exchange("search", "GET", "/a?x=1&y=1&z=1", 200), exchange("search", "GET", "/a?x=2&y=2&z=3", 200)];
        let replayer = Replayer::of(&exchanges);
        assert_eq!(replayer.find("search", &request("GET", "/a?x=2&y=2&z=4")), None);
        let Finding::NotRecorded { nearest, differences, .. } = &replayer.findings()[0] else {
            panic!("another finding")
        };
        assert_eq!(*nearest, Some(1));
        assert_eq!(differences[0].to_string(), r#"query.z: "3" -> "4""#);
    }
}
