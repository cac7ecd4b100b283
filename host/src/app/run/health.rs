//! How the daemon is, for whoever asks: `GET /health` on this machine.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HOST};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use tokio::net::TcpListener;

use crate::app::AppError;
use crate::app::scan::{ErrorRow, PlatformRow};
use crate::clock::Clock;
use crate::plain;
use crate::scheduler::Plan;

/// The loop looks up at least every ten seconds; one that has not for so long hangs.
const HANGS_AFTER: Duration = Duration::from_secs(60);
/// Scans that failed in a row before a platform counts as failing.
const FAILING_FROM: u32 = 3;
/// How long one who asks may take for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a status line; systemd shows it in one.
const MAX_LINE: usize = 512;
/// Who may ask at once.
const MAX_ASKING: usize = 8;

/// How the daemon is. Clones share it.
#[derive(Clone)]
pub struct Health(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    beat: Instant,
    started_at: i64,
    configuration: Option<String>,
    platforms: BTreeMap<String, Platform>,
}

/// A platform's part.
#[derive(Clone, Debug, Default, Serialize)]
struct Platform {
    scanning: bool,
    last_scan_at: Option<i64>,
    next_scan_at: Option<i64>,
    failures: u32,
    needs_you: bool,
    error: Option<ErrorRow>,
}

impl Platform {
    /// Whether it needs a person, or was not scanned for as long as counts.
    fn is_failing(&self) -> bool {
        self.needs_you || self.failures >= FAILING_FROM
    }
}

/// What is answered; times in seconds since 1970.
#[derive(Debug, Serialize)]
struct Answer {
    /// `ok`, or `failing` where the loop hangs, or a platform was not scanned three times in a row or needs a person.
    status: &'static str,
    now: i64,
    started_at: i64,
    /// Seconds since the loop looked up.
    idle_s: u64,
    /// Why the configuration that is on the disk is not in force.
    configuration_error: Option<String>,
    platforms: BTreeMap<String, Platform>,
}

impl Health {
    /// Of a daemon that starts now.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Health {
        let state =
            State { beat: Instant::now(), started_at: clock.now(), configuration: None, platforms: BTreeMap::new() };
        Health(Arc::new(Inner { clock, state: Mutex::new(state) }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The loop looks up.
    pub fn beat(&self) {
        self.state().beat = Instant::now();
    }

    /// What is wrong with the configuration on the disk, if anything is.
    pub fn configuration(&self, error: Option<String>) {
        self.state().configuration = error;
    }

    /// Forgets platforms that are not scanned any more.
    pub fn keep_only(&self, platforms: &[(String, Duration)]) {
        self.state().platforms.retain(|id, _| platforms.iter().any(|(platform, _)| platform == id));
    }

    /// When a platform is scanned next.
    pub fn planned(&self, platform: &str, plan: &Plan, scanning: bool) {
        let mut state = self.state();
        let of = state.platforms.entry(platform.to_owned()).or_default();
        of.scanning = scanning;
        of.next_scan_at = Some(plan.due_at);
        if !scanning {
            of.failures = plan.failures;
        }
    }

    /// How a scan has ended.
    pub fn scanned(&self, row: &PlatformRow) {
        let now = self.0.clock.now();
        let mut state = self.state();
        let of = state.platforms.entry(row.platform.clone()).or_default();
        of.last_scan_at = Some(now);
        of.needs_you = row.error.as_ref().is_some_and(|e| matches!(e.kind.as_str(), "unauthenticated" | "forbidden"));
        of.error.clone_from(&row.error);
    }

    /// Status and body.
    fn answer(&self) -> (StatusCode, String) {
        let state = self.state();
        let idle = state.beat.elapsed();
        let failing = idle > HANGS_AFTER || state.platforms.values().any(Platform::is_failing);
        let answer = Answer {
            status: if failing { "failing" } else { "ok" },
            now: self.0.clock.now(),
            started_at: state.started_at,
            idle_s: idle.as_secs(),
            configuration_error: state.configuration.clone(),
            platforms: state.platforms.clone(),
        };
        let status = if failing { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
        (status, serde_json::to_string(&answer).unwrap_or_default())
    }

    /// The same in a line, for whoever supervises the daemon: what needs a person first.
    #[must_use]
    pub fn line(&self) -> String {
        let state = self.state();
        let mut said = Vec::new();
        if let Some(error) = &state.configuration {
            said.push(format!("the changed configuration is refused, the one before it serves: {error}"));
        }
        for (id, of) in state.platforms.iter().filter(|(_, of)| of.is_failing()) {
            let message = of.error.as_ref().map_or("", |error| error.message.as_str());
            let how = if of.needs_you { "needs you" } else { "fails" };
            said.push(format!("{id} {how}: {message}"));
        }
        let scanning: Vec<&str> =
            state.platforms.iter().filter(|(_, of)| of.scanning).map(|(id, _)| id.as_str()).collect();
        if !scanning.is_empty() {
            said.push(format!("scanning {}", scanning.join(", ")));
        }
        let waiting = state.platforms.iter().filter(|(_, of)| !of.scanning);
        if let Some((at, id)) = waiting.filter_map(|(id, of)| Some((of.next_scan_at?, id))).min() {
            said.push(format!("next scan: {id} at {}", plain::time(at)));
        }
        if said.is_empty() {
            said.push("no platform to scan".to_owned());
        }
        let mut line = plain::line(&said.join("; "));
        line.truncate(line.floor_char_boundary(MAX_LINE));
        line
    }

    /// A page in a browser that reaches the port under a name of its own (DNS rebinding) is told nothing.
    fn respond(&self, method: &Method, path: &str, host: Option<&str>) -> Response<String> {
        let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
        let (status, body) = match (path, method) {
            _ if !matches!(name, Some("127.0.0.1" | "localhost")) => (StatusCode::FORBIDDEN, String::new()),
            ("/health", &Method::GET | &Method::HEAD) => self.answer(),
            ("/health", _) => (StatusCode::METHOD_NOT_ALLOWED, String::new()),
            _ => (StatusCode::NOT_FOUND, String::new()),
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, hyper::header::HeaderValue::from_static("no-store"));
        if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, hyper::header::HeaderValue::from_static("GET, HEAD"));
        }
        response
    }
}

/// Ends the server when it is dropped.
pub struct Server(tokio::task::JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Answers on a port of 127.0.0.1, to nobody else than this machine.
///
/// # Errors
/// Where the port cannot be had.
pub async fn serve(port: u16, health: Health) -> Result<Server, AppError> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| {
        AppError::Machine(format!(
            "127.0.0.1:{port} cannot be listened on for /health: {error}; choose another --health-port"
        ))
    })?;
    let turns = Arc::new(tokio::sync::Semaphore::new(MAX_ASKING));
    Ok(Server(tokio::spawn(async move {
        loop {
            let Ok(turn) = turns.clone().acquire_owned().await else { return };
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let health = health.clone();
            tokio::spawn(async move {
                let _turn = turn;
                let service = service_fn(|request: Request<hyper::body::Incoming>| {
                    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
                    let response = health.respond(request.method(), request.uri().path(), host);
                    async move { Ok::<_, Infallible>(response) }
                });
                let mut http = hyper::server::conn::http1::Builder::new();
                http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).keep_alive(false).max_buf_size(16 * 1024);
                let _ = tokio::time::timeout(PATIENCE, http.serve_connection(TokioIo::new(stream), service)).await;
            });
        }
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn only_who_asks_for_this_machine_by_its_name_is_answered() {
        let health = Health::new(Arc::new(SystemClock));
        let status = |host| health.respond(&Method::GET, "/health", host).status();
        for host in ["127.0.0.1:8918", "127.0.0.1", "localhost:8918"] {
            assert_eq!(status(Some(host)), StatusCode::OK, "{host}");
        }
        for host in [Some("page.example:8918"), Some("127.0.0.1.page.example"), Some(""), None] {
            assert_eq!(status(host), StatusCode::FORBIDDEN, "{host:?}");
        }
        assert_eq!(health.respond(&Method::GET, "/", Some("localhost")).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn the_line_says_first_what_needs_a_person() {
        let health = Health::new(Arc::new(SystemClock));
        assert_eq!(health.line(), "no platform to scan");
        let plan = |due_at| Plan { due_at, failures: 0, interval: Duration::from_secs(900), planned_at: 0 };
        health.planned("workbazaar", &plan(1_795_000_000), false);
        health.planned("gazette", &plan(1_794_000_000), false);
        assert_eq!(health.line(), "next scan: gazette at 2026-11-06T21:20:00Z");
        health.planned("gazette", &plan(1_794_000_000), true);
        assert_eq!(health.line(), "scanning gazette; next scan: workbazaar at 2026-11-18T11:06:40Z");
        let refused = AppError::Usage("log in\n\u{1b}[31magain".to_owned());
        let mut row = crate::app::scan::not_scanned("gazette".to_owned(), &refused);
        row.error.as_mut().expect("it failed").kind = "unauthenticated".to_owned();
        health.scanned(&row);
        health.configuration(Some("line 3: no such key".to_owned()));
        let line = health.line();
        let begins =
            "the changed configuration is refused, the one before it serves: line 3: no such key; gazette needs you: ";
        assert!(line.starts_with(begins) && line.ends_with("2026-11-18T11:06:40Z"), "{line}");
        assert!(!line.contains(['\n', '\u{1b}']), "{line:?}");
        health.configuration(Some("é".repeat(1000)));
        assert!(health.line().len() <= MAX_LINE);
    }
}
