//! `chromedriver`, and one session of a browser that it drives by the WebDriver protocol (W3C), which is JSON over HTTP.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::programs::Programs;
use crate::http::{self, Body};
use crate::prospector::PATIENCE;

/// How long the driver may take for one command. Above all that the browser is given for a page or a script.
const COMMAND: Duration = Duration::from_secs(90);

/// How the browser is started: without a screen, and without anything that it does of its own accord.
const ARGUMENTS: [&str; 13] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-proxy-server",
];

/// What the driver says where it ends for want of a port.
const NO_PORT: &str = "port not available";

/// How often it is started until it has one.
const STARTS: usize = 5;

/// What it says of a command where the page went on meanwhile.
const LEFT: [&str; 7] = [
    "does not belong to the document",
    "has changed while resolving nodes",
    "aborted by navigation",
    "Inspected target navigated or closed",
    "Cannot find context with specified id",
    "no such execution context",
    "frame does not have execution context",
];

/// A command that was not done.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// The protocol's code: `stale element reference`.
    pub(super) code: String,
    message: String,
}

impl Failure {
    /// Whether it may be otherwise in a moment, when the page has come further.
    pub(super) fn may_pass(&self) -> bool {
        let was_left = self.code == "unknown error" && LEFT.iter().any(|said| self.message.contains(said));
        was_left
            || matches!(
                self.code.as_str(),
                "no such element"
                    | "stale element reference"
                    | "element not interactable"
                    | "element click intercepted"
                    | "detached shadow root"
            )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What follows the first line is the driver's own stack.
        write!(f, "{}: {}", self.code, self.message.lines().next().unwrap_or_default())
    }
}

/// A driver with a browser, both ended when this is dropped.
#[derive(Debug)]
pub(super) struct Driver {
    session: Url,
    processes: Processes,
}

/// The driver's process, and those of the browser that it has started, which would outlive it; all end when this is dropped.
#[derive(Debug)]
struct Processes {
    driver: Child,
    profile: TempDir,
}

impl Processes {
    /// Those of the browser: each names its profile on its command line.
    fn browser(&self) -> Vec<Pid> {
        let profile = self.profile.path().as_os_str().as_encoded_bytes();
        let is_ours = |id: &Pid| {
            let line = fs::read(format!("/proc/{}/cmdline", id.as_raw_nonzero())).unwrap_or_default();
            line.windows(profile.len()).any(|part| part == profile)
        };
        let names = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.file_name());
        names.filter_map(|name| Pid::from_raw(name.to_str()?.parse().ok()?)).filter(is_ours).collect()
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        for process in self.browser() {
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

impl Driver {
    pub(super) fn start(programs: &Programs) -> Result<Self, String> {
        // The driver lets the system pick a port for IPv6, and ends where some connection has that port for IPv4.
        let mut starts = (0..STARTS).map(|_| started(programs));
        let last = starts.find(|start| !start.as_ref().is_err_and(|why| why.contains(NO_PORT)));
        let (processes, port) = last.unwrap_or_else(|| Err(format!("in {STARTS} starts: {NO_PORT}")))?;
        let origin = Url::parse(&format!("http://127.0.0.1:{port}")).map_err(|error| error.to_string())?;
        let mut arguments: Vec<String> = ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", processes.profile.path().join("profile").display()));
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": programs.browser, "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"implicit": 0, "pageLoad": PATIENCE.as_millis(), "script": PATIENCE.as_millis()},
        }}});
        let begun = call("POST", &origin, "/session", &wanted).map_err(|failure| failure.to_string())?;
        let id = begun["sessionId"].as_str().ok_or("the driver names no session")?;
        let session = origin.join(&format!("/session/{id}")).map_err(|error| error.to_string())?;
        Ok(Self { session, processes })
    }

    pub(super) fn processes(&self) -> Vec<u32> {
        let browser = self.processes.browser().into_iter().map(|id| id.as_raw_nonzero().get().unsigned_abs());
        std::iter::once(self.processes.driver.id()).chain(browser).collect()
    }

    /// Does a command of the session; `path` is what follows the session's own.
    pub(super) fn command(&self, method: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        call(method, &self.session, &format!("{}{path}", self.session.path()), body)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Lets the browser end in order; whatever is left is killed.
        let _ = self.command("DELETE", "", &Value::Null);
    }
}

/// The driver with a new profile, and its port.
fn started(programs: &Programs) -> Result<(Processes, u16), String> {
    let profile = TempDir::with_prefix("chromium-").map_err(|error| error.to_string())?;
    let mut command = Command::new(&programs.driver);
    // What a browser keeps outside of its profile would be in the home.
    command.arg("--port=0").env_clear().env("PATH", "/usr/bin:/bin").env("HOME", profile.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let driver = command.spawn().map_err(|error| format!("{}: {error}", programs.driver.display()))?;
    let mut processes = Processes { driver, profile };
    let port = port(&mut processes.driver)?;
    Ok((processes, port))
}

/// The port that the driver says it listens on.
fn port(process: &mut Child) -> Result<u16, String> {
    let said = process.stdout.take().ok_or("the driver has no output")?;
    let (send, heard) = mpsc::channel();
    // To the driver's end: it must always find somebody who listens.
    std::thread::spawn(move || {
        for line in BufReader::new(said).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    let mut line = String::new();
    loop {
        line = heard
            .recv_timeout(PATIENCE)
            .map_err(|_| format!("the driver does not say that it has started; the last it said: {line:?}"))?;
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port.trim_end_matches('.').parse().map_err(|_| format!("no port: {line}"));
        }
    }
}

fn call(method: &str, origin: &Url, path: &str, body: &Value) -> Result<Value, Failure> {
    let failure = |code: &str, message: String| Failure { code: code.to_owned(), message };
    let url = origin.join(path).map_err(|error| failure("no address", error.to_string()))?;
    let text = body.to_string();
    let body = if body.is_null() { Body::Empty } else { Body::Json(&text) };
    let reply = http::send_within(COMMAND, method, &url, body);
    let reply = reply.map_err(|error| failure("no answer", format!("{method} {path}: {error}")))?;
    let mut answer: Value =
        serde_json::from_str(&reply.body).map_err(|e| failure("no JSON", format!("{e}: {}", reply.body)))?;
    let value = answer["value"].take();
    match value["error"].as_str() {
        Some(code) if reply.status != 200 => {
            Err(failure(code, value["message"].as_str().unwrap_or_default().to_owned()))
        }
        _ => Ok(value),
    }
}
