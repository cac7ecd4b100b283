//! The listener that the browser is sent back to.
//!
//! Any page in the browser and any program on the machine can reach it while it lives, so it answers one path under one `Host`
//! (a rebound DNS name does not pass), believes nobody without the state, nor any browser but the one that a page of ours began in, and bounds
//! what a request may cost. A wrong answer does not end the wait: otherwise a hostile page could end every log-in.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{HOST, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request};
use hyper_util::rt::{TokioIo, TokioTimer};
use secrecy::ExposeSecret;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::Url;

use super::callback::{Callback, Outcome};
use super::page::Page;
use super::redirect::{RedirectUri, callback_path};
use super::returning::BrowserReturn;
use super::state::State;

/// How long a person has to agree.
pub const WAIT: Duration = Duration::from_secs(300);

/// The most bytes of a request's head.
pub const MAX_REQUEST_BYTES: usize = 16 * 1024;

/// The most connections at a time; browsers open a few ahead of need. Further ones wait.
const MAX_CONNECTIONS: usize = 16;

/// How long one connection may last.
const CONNECTION_LIFE: Duration = Duration::from_secs(10);

/// A bound listener, before the browser opens.
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    redirect: RedirectUri,
    platform: String,
    host: String,
    browser: Option<BrowserReturn>,
    connection_life: Duration,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum LoopbackError {
    /// Another program has the port.
    #[error(
        "port {port} of 127.0.0.1 is in use, so the browser could not be sent back here; wait for the log-in that uses it to end, or set \
         callback_port in prospector.yaml to a free one and register the redirect URI with that port at {platform}"
    )]
    PortInUse {
        /// The port.
        port: u16,
        /// The platform.
        platform: String,
    },
    /// The port cannot be had for another reason.
    #[error(
        "port {port} of 127.0.0.1 cannot be listened on ({error}); set callback_port in prospector.yaml to another one above 1023"
    )]
    Bind {
        /// The port.
        port: u16,
        /// The system's reason.
        error: io::Error,
    },
    /// What began the log-in is a page to which its browser cannot be sent back.
    #[error("a log-in returns to pages at http://127.0.0.1 only, and {origin} is another site")]
    Elsewhere {
        /// Where that page is.
        origin: String,
    },
    /// Nobody answered.
    #[error(
        "no answer came back within {} s; run `ghoststack prospector connect {platform}` again, with --no-browser if the browser runs on \
         another machine",
        waited.as_secs()
    )]
    TimedOut {
        /// The platform.
        platform: String,
        /// How long.
        waited: Duration,
    },
}

impl Loopback {
    /// Takes the port, which shows that the redirect will reach us. Port 0 takes any, for tests.
    ///
    /// # Errors
    ///
    /// [`LoopbackError::PortInUse`] and [`LoopbackError::Bind`] name the setting.
    pub async fn bind(platform: &str, port: u16) -> Result<Self, LoopbackError> {
        let fail = |error: io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => LoopbackError::PortInUse { port, platform: platform.to_owned() },
            _ => LoopbackError::Bind { port, error },
        };
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(fail)?;
        let port = listener.local_addr().map_err(fail)?.port();
        Ok(Self {
            listener,
            redirect: RedirectUri::loopback(platform, port),
            platform: platform.to_owned(),
            host: format!("127.0.0.1:{port}"),
            browser: None,
            connection_life: CONNECTION_LIFE,
        })
    }

    /// What the person registers with the platform.
    #[must_use]
    pub fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect
    }

    /// Believes the answer only from the browser that was given [`Loopback::cookie`], and sends that browser on to `then`: a page of ours, at
    /// `http://127.0.0.1` and any port.
    ///
    /// # Errors
    ///
    /// [`LoopbackError::Elsewhere`] for a page at another host, whose cookies the listener is not sent.
    pub fn returning_to(mut self, then: Url) -> Result<Self, LoopbackError> {
        let origin = then.origin().ascii_serialization();
        let browser = BrowserReturn::new(&self.platform, then, WAIT).ok_or(LoopbackError::Elsewhere { origin })?;
        self.browser = Some(browser);
        Ok(self)
    }

    /// `Set-Cookie` for the answer that sends the browser to the platform, if one browser alone is believed. It lives for [`WAIT`] and is
    /// taken away by the answer.
    #[must_use]
    pub fn cookie(&self) -> Option<HeaderValue> {
        self.browser.as_ref().map(BrowserReturn::cookie)
    }

    #[cfg(test)]
    pub(super) fn with_connection_life(mut self, life: Duration) -> Self {
        self.connection_life = life;
        self
    }

    /// Waits for the answer that carries `state`, at most `limit` (for people: [`WAIT`]). The listener is gone when this returns, or is dropped.
    ///
    /// # Errors
    ///
    /// [`LoopbackError::TimedOut`].
    pub async fn wait(self, state: &State, limit: Duration) -> Result<Callback, LoopbackError> {
        let desk = Arc::new(Desk {
            path: callback_path(&self.platform),
            host: self.host,
            state: state.clone(),
            browser: self.browser,
            given: Mutex::new(Given::default()),
        });
        let served = serve(self.listener, desk, self.connection_life);
        timeout(limit, served).await.map_err(|_| LoopbackError::TimedOut { platform: self.platform, waited: limit })
    }
}

async fn serve(listener: TcpListener, desk: Arc<Desk>, life: Duration) -> Callback {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(attend(stream, Arc::clone(&desk), life));
                }
                // Out of file descriptors, say: another turn may find one.
                Err(error) => {
                    tracing::debug!(%error, "a connection to the callback listener failed");
                    tokio::task::yield_now().await;
                }
            },
            Some(ended) = connections.join_next() => {
                if let Ok(Some(callback)) = ended {
                    return callback;
                }
            }
        }
    }
}

/// Serves one connection; the callback, if this one brought it, once the page has been sent.
async fn attend(stream: TcpStream, desk: Arc<Desk>, life: Duration) -> Option<Callback> {
    let brought = Mutex::new(None);
    let service = service_fn(|request: Request<Incoming>| {
        let (page, callback) = desk.answer(&request);
        if callback.is_some() {
            *brought.lock().unwrap_or_else(PoisonError::into_inner) = callback;
        }
        std::future::ready(Ok::<_, std::convert::Infallible>(page.response(desk.browser.as_ref())))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(life)
        .max_buf_size(MAX_REQUEST_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // Garbage, silence and resets end a connection and nothing else.
    let _ = timeout(life, connection).await;
    brought.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// What decides about requests.
struct Desk {
    path: String,
    host: String,
    state: State,
    browser: Option<BrowserReturn>,
    given: Mutex<Given>,
}

/// Whether the one answer has been given.
#[derive(Default)]
struct Given(bool);

impl Desk {
    fn answer<B>(&self, request: &Request<B>) -> (Page, Option<Callback>) {
        if !self.is_addressed(request) {
            return (Page::WrongHost, None);
        }
        if request.uri().path() != self.path {
            return (Page::Elsewhere, None);
        }
        if request.method() != Method::GET {
            return (Page::WrongMethod, None);
        }
        let Ok(callback) = Callback::from_query(request.uri().query().unwrap_or_default()) else {
            return (Page::Unreadable, None);
        };
        if !callback.state.as_ref().is_some_and(|state| self.state.matches(state.expose_secret())) {
            return (Page::NotOurs, None);
        }
        if self.browser.as_ref().is_some_and(|browser| !browser.is_shown_by(request.headers())) {
            return (Page::NotOurs, None);
        }
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut given.0, true) {
            return (Page::Spent, None);
        }
        let page = match callback.outcome {
            Outcome::Code(_) => Page::Received,
            Outcome::Refused { .. } => Page::Refused,
        };
        (page, Some(callback))
    }

    /// Exactly one `Host`, and it is ours; an absolute request target must name it too.
    fn is_addressed<B>(&self, request: &Request<B>) -> bool {
        let mut hosts = request.headers().get_all(HOST).iter();
        let host = hosts.next().map(|host| host.as_bytes());
        host == Some(self.host.as_bytes())
            && hosts.next().is_none()
            && request.uri().authority().is_none_or(|authority| authority.as_str() == self.host)
    }
}
