//! What all pages work with: the configuration in force with the store behind it, who is logged in, and what is under way.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio::sync::RwLock;
use tokio::time::timeout;

use super::answer::Failure;
use super::door::attempts::Attempts;
use super::door::session::{Sessions, Visitor};
use super::logins::LogIns;
use super::runs::Runs;
use crate::app::AppError;
use crate::app::live::Live;
use crate::clock::Clock;
use crate::config::Home;
use crate::contract::types::UtcSeconds;
use crate::origin::Origin;

/// How long what is being done is waited for at the end.
const GRACE: Duration = Duration::from_secs(20);

/// What all pages work with.
pub struct Desk {
    /// Whose dashboard it is.
    pub home: Home,
    /// Where it is served.
    pub origin: Origin,
    /// Who is logged in.
    pub sessions: Sessions,
    /// How often somebody tried to be.
    pub attempts: Attempts,
    /// Scans that were begun here.
    pub runs: Runs,
    /// Log-ins that were begun here.
    pub logins: LogIns,
    live: Mutex<Arc<Live>>,
    /// Those whose last work has not ended yet.
    retired: Mutex<Vec<Arc<Live>>>,
    broken: Mutex<Option<String>>,
    reloading: tokio::sync::Mutex<()>,
    clock: Arc<dyn Clock>,
    /// Held for reading by whatever changes something.
    acts: Arc<RwLock<()>>,
}

impl Desk {
    /// At an origin, with what was opened.
    pub fn new(home: Home, origin: Origin, live: Live) -> Desk {
        let clock = live.app.installation.clock.clone();
        Desk {
            home,
            origin,
            sessions: Sessions::default(),
            attempts: Attempts::default(),
            runs: Runs::default(),
            logins: LogIns::default(),
            live: Mutex::new(Arc::new(live)),
            retired: Mutex::default(),
            broken: Mutex::default(),
            reloading: tokio::sync::Mutex::default(),
            clock,
            acts: Arc::default(),
        }
    }

    /// Now.
    pub fn now(&self) -> UtcSeconds {
        self.clock.now()
    }

    /// Whether it is served by TLS.
    pub fn is_secure(&self) -> bool {
        self.origin.to_string().starts_with("https:")
    }

    /// What the session's cookie is called: by TLS, a name that browsers hold to its promises.
    pub fn cookie_name(&self) -> &'static str {
        if self.is_secure() { "__Host-prospector" } else { "prospector" }
    }

    /// What is in force: what is on the disk, unless that cannot be used.
    pub async fn live(&self) -> Arc<Live> {
        let live = self.current();
        if !live.has_changed().await {
            return live;
        }
        let _one = self.reloading.lock().await;
        let live = self.current();
        if !live.has_changed().await {
            return live;
        }
        self.reload(&live).await
    }

    async fn reload(&self, former: &Arc<Live>) -> Arc<Live> {
        let opened = Live::open(self.home.clone()).await;
        match opened {
            Ok(live) => {
                let live = Arc::new(live);
                *self.live.lock().unwrap_or_else(PoisonError::into_inner) = live.clone();
                *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = None;
                self.retired.lock().unwrap_or_else(PoisonError::into_inner).push(former.clone());
                self.bury().await;
                live
            }
            Err(error) => {
                former.refused();
                *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
                former.clone()
            }
        }
    }

    fn current(&self) -> Arc<Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Closes those that nobody works with any more.
    async fn bury(&self) {
        let done: Vec<Live> = {
            let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
            let (done, rest): (Vec<_>, Vec<_>) = retired.drain(..).partition(|live| Arc::strong_count(live) == 1);
            *retired = rest;
            done.into_iter().filter_map(Arc::into_inner).collect()
        };
        for live in done {
            live.services.close().await;
        }
    }

    /// Why the configuration on the disk is not in force.
    pub fn broken(&self) -> Option<String> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Does what changes something. It goes on to its end when the browser that asked for it goes away.
    ///
    /// # Errors
    /// The work's.
    pub async fn act<T, F>(&self, work: impl FnOnce(Arc<Live>) -> F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        let work = work(self.live().await);
        let acts = self.acts.clone();
        let acting = tokio::spawn(async move {
            let _held = acts.read_owned().await;
            work.await
        });
        let done = acting.await.map_err(|error| AppError::Machine(format!("that was not done to its end: {error}")))?;
        Ok(done?)
    }

    /// Does what nobody waits for, to its end.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let acts = self.acts.clone();
        tokio::spawn(async move {
            let _held = acts.read_owned().await;
            work.await;
        });
    }

    /// Waits for what is being done, for a while, and closes the store.
    pub async fn close(&self) {
        self.runs.stop();
        let ended = timeout(GRACE, self.acts.write()).await;
        if ended.is_err() {
            tracing::warn!(
                "what was being done is cut short: what is half done is found and finished by the next command"
            );
        }
        self.bury().await;
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visitor, Failure> {
        parts.extensions.get::<Visitor>().cloned().ok_or_else(Failure::logged_out)
    }
}
