//! A clock that tests turn: it goes on when everybody waits for it, to the first moment that somebody waits for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::clock::Clock;

/// Time that passes only while all who take part in it wait.
#[derive(Clone)]
pub struct TurnedClock(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    now: i64,
    actors: usize,
    sleepers: BTreeMap<u64, i64>,
    next: u64,
}

/// Somebody whom time waits for, until this is dropped.
pub struct Actor(TurnedClock);

struct Sleeper<'c>(&'c TurnedClock, u64);

impl TurnedClock {
    /// One that shows this.
    pub fn at(now: i64) -> TurnedClock {
        TurnedClock(Arc::new(Inner { state: Mutex::new(State { now, ..State::default() }), changed: Notify::new() }))
    }

    /// Takes part: time stands until this one waits too.
    pub fn actor(&self) -> Actor {
        self.state().actors += 1;
        Actor(self.clone())
    }

    /// Turns it by hand, forward or back, as a person or a machine that has slept does: those who wait wait on.
    pub fn jump(&self, seconds: i64) {
        let mut state = self.state();
        state.now += seconds;
        state.sleepers.values_mut().for_each(|until| *until += seconds);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this sleeper's time has come, after turning the clock if it may be turned.
    fn has_come(&self, id: u64) -> bool {
        let mut state = self.state();
        let Some(until) = state.sleepers.get(&id).copied() else { return true };
        if until > state.now && state.sleepers.len() >= state.actors {
            let first = state.sleepers.values().min().copied().unwrap_or(until);
            if first > state.now {
                state.now = first;
                self.0.changed.notify_waiters();
            }
        }
        until <= state.now
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        self.0.state().actors -= 1;
        self.0.0.changed.notify_waiters();
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        self.0.state().sleepers.remove(&self.1);
    }
}

#[async_trait]
impl Clock for TurnedClock {
    fn now(&self) -> i64 {
        self.state().now
    }

    async fn wait(&self, span: Duration) {
        let id = {
            let mut state = self.state();
            let (id, until) = (state.next, state.now + i64::try_from(span.as_secs()).unwrap_or(i64::MAX));
            state.next += 1;
            state.sleepers.insert(id, until);
            id
        };
        let _sleeper = Sleeper(self, id);
        loop {
            let mut changed = std::pin::pin!(self.0.changed.notified());
            changed.as_mut().enable();
            if self.has_come(id) {
                return;
            }
            changed.await;
        }
    }
}
