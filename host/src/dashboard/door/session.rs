//! Who is logged in. In memory alone: when the process ends, everybody is logged out.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::auth::nonce::Nonce;
use crate::contract::types::UtcSeconds;
use crate::plugin::digest::Digest;

/// How long a session lasts that is not used.
pub const IDLE: Duration = Duration::from_secs(12 * 3600);
/// How long one lasts at most.
pub const LIFE: Duration = Duration::from_secs(7 * 86_400);
/// At most so many at a time; the one that was not used for longest gives way.
const MOST: usize = 16;

/// A browser that is logged in.
#[derive(Clone)]
pub struct Visitor {
    id: Digest,
    csrf: Nonce,
}

impl Visitor {
    /// What forms of this session carry.
    pub fn csrf(&self) -> &str {
        self.csrf.expose()
    }

    /// Whether a form of this session was sent.
    pub fn sent(&self, csrf: &str) -> bool {
        self.csrf.matches(csrf.as_bytes())
    }
}

struct Session {
    csrf: Nonce,
    begun: UtcSeconds,
    used: UtcSeconds,
    /// What the next page is to say.
    said: Option<String>,
}

impl Session {
    fn lives(&self, now: UtcSeconds) -> bool {
        let within = |since: UtcSeconds, span: Duration| now.saturating_sub(since) < span.as_secs().cast_signed();
        within(self.begun, LIFE) && within(self.used, IDLE)
    }
}

/// All sessions, by the digests of their cookies.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<Digest, Session>>);

impl Sessions {
    fn all(&self) -> MutexGuard<'_, HashMap<Digest, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins one; what its cookie holds.
    pub fn begin(&self, now: UtcSeconds) -> Nonce {
        let (cookie, csrf) = (Nonce::random(), Nonce::random());
        let mut all = self.all();
        all.retain(|_, session| session.lives(now));
        if all.len() >= MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, session)| session.used).map(|(id, _)| *id)
        {
            all.remove(&oldest);
        }
        all.insert(Digest::of(cookie.expose().as_bytes()), Session { csrf, begun: now, used: now, said: None });
        cookie
    }

    /// Whose cookie it is. To present it is to use the session.
    pub fn visitor(&self, cookie: &str, now: UtcSeconds) -> Option<Visitor> {
        let id = Digest::of(cookie.as_bytes());
        let mut all = self.all();
        let session = all.get_mut(&id)?;
        if !session.lives(now) {
            all.remove(&id);
            return None;
        }
        session.used = now;
        Some(Visitor { id, csrf: session.csrf.clone() })
    }

    /// Whether a visitor's session goes on.
    pub fn has(&self, visitor: &Visitor) -> bool {
        self.all().contains_key(&visitor.id)
    }

    /// Ends one.
    pub fn end(&self, visitor: &Visitor) {
        self.all().remove(&visitor.id);
    }

    /// Leaves a word for the session's next page.
    pub fn say(&self, visitor: &Visitor, what: impl Into<String>) {
        if let Some(session) = self.all().get_mut(&visitor.id) {
            session.said = Some(what.into());
        }
    }

    /// Takes the word that was left.
    pub fn said(&self, visitor: &Visitor) -> Option<String> {
        self.all().get_mut(&visitor.id)?.said.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UtcSeconds = 1_780_000_000;

    #[test]
    fn a_session_lasts_while_it_is_used_and_not_for_ever() {
        let sessions = Sessions::default();
        let cookie = sessions.begin(NOON);
        let idle = IDLE.as_secs().cast_signed();
        assert!(sessions.visitor("guess", NOON).is_none());
        let mut now = NOON;
        while now < NOON + LIFE.as_secs().cast_signed() {
            assert!(sessions.visitor(cookie.expose(), now).is_some(), "at {now}");
            now += idle - 1;
        }
        assert!(sessions.visitor(cookie.expose(), now).is_none(), "its life is over");
        let cookie = sessions.begin(NOON);
        assert!(sessions.visitor(cookie.expose(), NOON + idle).is_none(), "it was not used");
    }

    #[test]
    fn one_that_is_ended_is_gone_and_the_number_is_bounded() {
        let sessions = Sessions::default();
        let first = sessions.begin(NOON);
        let visitor = sessions.visitor(first.expose(), NOON).unwrap();
        sessions.say(&visitor, "done");
        assert_eq!((sessions.said(&visitor), sessions.said(&visitor)), (Some("done".to_owned()), None));
        assert!(sessions.has(&visitor));
        sessions.end(&visitor);
        assert!(!sessions.has(&visitor));
        assert!(sessions.visitor(first.expose(), NOON).is_none());
        let all: Vec<Nonce> = (0..20).map(|n| sessions.begin(NOON + n)).collect();
        let live = all.iter().filter(|cookie| sessions.visitor(cookie.expose(), NOON + 20).is_some()).count();
        assert_eq!(live, MOST);
        assert!(sessions.visitor(all[19].expose(), NOON + 20).is_some());
    }
}
