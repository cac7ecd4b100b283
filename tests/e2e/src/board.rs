//! What the example platforms in `plugins/examples` are for, on loopback, each wanting an API key: the board of `jobboard` and `noticeboard`, and the
//! gazette of `gazette`, which has the same jobs.

mod gazette;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use url::Url;

/// The one key that it knows.
pub const KEY: &str = "planted-board-key-7f3a";

/// Seconds since 1970 at which its newest job was posted.
const NEWEST: i64 = 1_790_000_000;

/// A board that runs until the process ends.
#[derive(Debug)]
pub struct Board {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// What it answers, of its jobs, to a path and query and a key.
    reply: Reply,
    jobs: Vec<Value>,
    fault: Option<(u16, String)>,
    seen: Vec<Seen>,
}

type Reply = fn(&[Value], &Url, Option<&str>) -> (u16, String);

/// A request that reached it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Path and query.
    pub target: String,
    /// What `X-Api-Key` held, or what a bearer of `Authorization` is.
    pub key: Option<String>,
}

impl Board {
    /// A board with so many jobs: every third is tied to Oslo, every fifth pays 10 USD per hour, the others 90.
    ///
    /// # Panics
    /// Where no port is free.
    #[must_use]
    pub fn with(jobs: usize) -> Board {
        Board::answering(jobs, reply)
    }

    /// A gazette with the jobs of such a board.
    ///
    /// # Panics
    /// Where no port is free.
    #[must_use]
    pub fn gazette(jobs: usize) -> Board {
        Board::answering(jobs, gazette::reply)
    }

    fn answering(jobs: usize, reply: Reply) -> Board {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let state =
            Arc::new(Mutex::new(State { reply, jobs: (0..jobs).map(job).collect(), fault: None, seen: Vec::new() }));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = shared.clone();
                // A client that goes in the middle of its answer is its own affair.
                std::thread::spawn(move || answer(&stream, &state));
            }
        });
        Board { address, state }
    }

    /// `http://127.0.0.1:port`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers every request from now on by this status and body; or, if none, as a board does.
    pub fn fail(&self, fault: Option<(u16, &str)>) {
        self.state().fault = fault.map(|(status, body)| (status, body.to_owned()));
    }

    /// Puts a job before all others.
    pub fn post(&self, job: Value) {
        self.state().jobs.insert(0, job);
    }

    /// The requests so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.state().seen.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn job(at: usize) -> Value {
    json!({
        "id": format!("j-{at}"),
        "epoch": NEWEST - i64::try_from(at).unwrap_or_default() * 3600,
        "position": format!("Rust plugin number {at}"),
        "company": "Wren & Daughters",
        "description": "A plugin for a small library.",
        "tags": ["rust", "wasm"],
        "location": if at % 3 == 2 { "Oslo" } else { "Worldwide" },
        "pay_min": 5,
        "pay_max": if at % 5 == 4 { 10 } else { 90 },
        "pay_per": "hour",
        "hours_per_week": 10,
        "weeks": 6,
        "applicants": at,
        "url": format!("https://jobboard.example/jobs/j-{at}"),
    })
}

fn answer(mut stream: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut lines = BufReader::new(stream).lines();
    let target = lines.next()?.ok()?.split(' ').nth(1)?.to_owned();
    let mut key = None;
    for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
        let Some((name, value)) = line.split_once(':') else { continue };
        match name.to_ascii_lowercase().as_str() {
            "x-api-key" => key = Some(value.trim().to_owned()),
            "authorization" => key = value.trim().strip_prefix("Bearer ").map(str::to_owned),
            _ => {}
        }
    }
    let (status, body) = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.seen.push(Seen { target: target.clone(), key: key.clone() });
        match (&state.fault, Url::parse(&format!("http://board{target}"))) {
            (Some((status, body)), _) => (*status, body.clone()),
            (None, Ok(url)) => (state.reply)(&state.jobs, &url, key.as_deref()),
            (None, Err(_)) => (400, String::new()),
        }
    };
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()
}

fn reply(jobs: &[Value], url: &Url, key: Option<&str>) -> (u16, String) {
    match url.path() {
        _ if key != Some(KEY) => (401, json!({"error": "no such key"}).to_string()),
        "/v1/me" => (200, json!({"id": 7, "name": "ada", "plan": "free"}).to_string()),
        "/v1/jobs" => {
            let (offset, limit) = (number(url, "offset").unwrap_or(0), number(url, "limit").unwrap_or(50).min(50));
            let page: Vec<&Value> = jobs.iter().skip(offset).take(limit).collect();
            (200, json!({"jobs": page, "total": jobs.len()}).to_string())
        }
        _ => (404, json!({"error": "no such page"}).to_string()),
    }
}

/// A parameter of a request.
fn number(url: &Url, name: &str) -> Option<usize> {
    url.query_pairs().find(|(key, _)| key == name)?.1.parse().ok()
}
