//! The daemon: `run`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use prospector_e2e::home::{free_port, platforms, section};
use prospector_e2e::prospector::PATIENCE;
use prospector_e2e::sim::POSTINGS;
use prospector_e2e::{Home, Prospector, Sim};
use serde_json::{Value, json};

use crate::support::{at, connected, connected_with};

/// A running daemon, which is killed if a test fails.
pub struct Daemon {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
}

impl Daemon {
    fn start(prospector: &Prospector, arguments: &[&str]) -> Daemon {
        Daemon::of(prospector.command(["run"].iter().chain(arguments)))
    }

    pub fn of(mut command: Command) -> Daemon {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        Daemon { child, lines, heard: Vec::new() }
    }

    /// Waits for a line that has this in it.
    #[track_caller]
    pub fn says(&mut self, what: &str) -> String {
        let started = Instant::now();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE.saturating_sub(started.elapsed())) {
            self.heard.push(line.clone());
            if line.contains(what) {
                return line;
            }
        }
        panic!("it never says {what:?}; so far: {:#?}", self.heard);
    }

    /// Waits until something is so, while it runs.
    #[track_caller]
    pub fn waits_until(&mut self, is_so: impl Fn() -> bool) {
        let started = Instant::now();
        while !is_so() {
            self.heard.extend(self.lines.try_iter());
            assert!(started.elapsed() < PATIENCE, "it does not come about: {:#?}", self.heard);
        }
    }

    /// Of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(sent.expect("kill is there").success());
    }

    /// Its exit code after a signal, and what it said until then.
    pub fn ends(mut self) -> (i32, Vec<String>) {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                break status;
            }
            assert!(started.elapsed() < PATIENCE, "it does not end: {:#?}", self.heard);
            std::thread::yield_now();
        };
        let mut heard = std::mem::take(&mut self.heard);
        heard.extend(self.lines.iter());
        (status.code().unwrap_or(-1), heard)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn health(port: u16) -> (u16, Value) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sends");
    let text = std::io::read_to_string(stream).expect("answers");
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let body = text.split_once("\r\n\r\n").expect("a body").1;
    (status, serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {text}")))
}

#[test]
fn it_scans_both_platforms_says_so_and_stops_when_asked() {
    let sim = Sim::agreeing();
    let home = Home::configured(&platforms(&[section(sim.freelancer(), ""), section(sim.upwork(), "")], ""));
    let prospector = at(home);
    let _connected = [prospector.connect().ok(), prospector.connect_to("upwork").ok()];
    let mut daemon = Daemon::start(&prospector, &[]);
    let mut scanned = [daemon.says(" new, "), daemon.says(" new, ")];
    scanned.sort_by_key(|line| line.contains("upwork"));
    assert!(scanned[0].contains("freelancer: ") && scanned[1].contains("upwork: "), "{scanned:?}");
    daemon.signal("TERM");
    let (code, heard) = daemon.ends();
    assert_eq!(code, 0, "{heard:#?}");
    assert!(heard.last().is_some_and(|line| line.ends_with("stopped")), "{heard:#?}");
    let leads = prospector.run("leads list --json --limit 1000").ok().json();
    assert!(leads["leads"].as_array().is_some_and(|leads| leads.len() > 100), "{leads}");
    // The rhythm outlives it: half an hour has not passed.
    sim.control("DELETE", "/requests", &json!({}));
    let again = prospector.run("run --once").ok();
    assert!(!again.stderr.contains(" new, "), "{}", again.stderr);
    assert_eq!(sim.requests(POSTINGS).len(), 0);
}

#[test]
fn a_second_one_says_that_there_is_one_and_ends_with_busy() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let mut first = Daemon::start(&prospector, &[]);
    first.says("freelancer: ");
    let second = prospector.run("run").expect(8);
    assert!(second.stderr.contains("Another `ghoststack prospector run` serves"), "{}", second.stderr);
    first.signal("INT");
    assert_eq!(first.ends().0, 0);
    let _third = prospector.run("run --once").ok();
}

#[test]
fn a_page_that_is_under_way_when_it_is_stopped_is_stored_and_the_scan_goes_on_with_the_next_start() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.fault(&json!({"route": POSTINGS, "fault": "slow", "delay_ms": 1500}));
    let daemon = Daemon::start(&prospector, &[]);
    let started = Instant::now();
    while sim.control("GET", "/faults", &Value::Null)["faults"] != json!([]) {
        assert!(started.elapsed() < PATIENCE, "it never asks for postings");
        std::thread::yield_now();
    }
    daemon.signal("TERM");
    let (code, heard) = daemon.ends();
    assert_eq!(code, 0, "{heard:#?}");
    assert!(heard.iter().any(|line| line.contains("stopped with the program")), "{heard:#?}");
    let leads = prospector.run("leads list --json --limit 1000").ok().json()["leads"].as_array().map(Vec::len);
    assert!(leads.is_some_and(|leads| leads > 0), "the page is stored");
    let next = prospector.run("run --once").ok();
    assert!(next.stderr.contains("freelancer: ") && !next.stderr.contains("failed"), "{}", next.stderr);
    let all = prospector.run("leads list --json --limit 1000").ok().json()["leads"].as_array().map(Vec::len);
    assert!(all > leads, "{all:?} after {leads:?}");
}

#[test]
fn a_changed_configuration_counts_at_once_and_a_broken_one_is_reported_and_left_aside() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let file = prospector.home.configuration_file();
    let good = fs::read_to_string(&file).expect("it is there");
    let port = free_port();
    let mut daemon = Daemon::start(&prospector, &["--health-port", &port.to_string()]);
    daemon.says(" new, ");
    fs::write(&file, good.replace("max_results_per_scan", "max_results_per_scam")).expect("it can be written");
    daemon.signal("HUP");
    daemon.says("the former one is kept");
    daemon.says("max_results_per_scam");
    // It is told of a scan before its next one is planned.
    let started = Instant::now();
    let (status, told) = loop {
        let (status, told) = health(port);
        if told["platforms"]["freelancer"]["scanning"] == json!(false) {
            break (status, told);
        }
        assert!(started.elapsed() < PATIENCE, "{told}");
    };
    assert_eq!((status, &told["status"]), (200, &json!("ok")), "{told}");
    assert!(told["configuration_error"].is_string(), "{told}");
    let before = told["platforms"]["freelancer"]["next_scan_at"].as_i64().expect("a time");
    // Without a signal: the change is seen.
    let slower = good.replace("max_results_per_scan: 1000", "max_results_per_scan: 1000\n    scan_interval: '2h'");
    fs::write(&file, slower).expect("it can be written");
    daemon.says("the configuration was read again");
    let started = Instant::now();
    let after = loop {
        let (_, told) = health(port);
        let next = told["platforms"]["freelancer"]["next_scan_at"].as_i64().expect("a time");
        if next != before {
            assert!(told["configuration_error"].is_null(), "{told}");
            break next;
        }
        assert!(started.elapsed() < PATIENCE, "{told}");
    };
    assert_eq!(after - before, 5400, "two hours instead of half an hour");
    daemon.signal("TERM");
    assert_eq!(daemon.ends().0, 0);
}

#[test]
fn health_says_what_needs_a_person() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    sim.freelancer().revoke();
    let port = free_port();
    let mut daemon = Daemon::start(&prospector, &["--health-port", &port.to_string()]);
    daemon.says("failed");
    let started = Instant::now();
    let (status, told) = loop {
        let (status, told) = health(port);
        if told["platforms"]["freelancer"]["scanning"] == json!(false) {
            break (status, told);
        }
        assert!(started.elapsed() < PATIENCE, "{told}");
    };
    let of = &told["platforms"]["freelancer"];
    assert_eq!((status, &told["status"], &of["needs_you"]), (503, &json!("failing"), &json!(true)), "{told}");
    assert_eq!(of["error"]["kind"], "unauthenticated", "{told}");
    daemon.signal("TERM");
    assert_eq!(daemon.ends().0, 0);
}

#[test]
fn a_supervisor_is_told_of_its_life() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", "");
    let path = prospector.home.beside("notify");
    let socket = UnixDatagram::bind(&path).expect("binds");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let told = |what: &str| {
        let mut buffer = [0; 256];
        loop {
            let length = socket.recv(&mut buffer).unwrap_or_else(|e| panic!("{what} is never told: {e}"));
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if text.starts_with(what) {
                return text;
            }
        }
    };
    let mut command = prospector.command(["run"]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "2000000");
    let began = Instant::now();
    let daemon = Daemon::of(command);
    told("READY=1");
    assert!(told("STATUS=").contains("freelancer"), "what it does is told too");
    for _ in 0..3 {
        told("WATCHDOG=1");
    }
    assert!(began.elapsed() < Duration::from_secs(20), "a sign of life each second");
    daemon.signal("HUP");
    assert!(told("RELOADING=1").contains("MONOTONIC_USEC="));
    told("READY=1");
    daemon.signal("TERM");
    told("STOPPING=1");
    assert_eq!(daemon.ends().0, 0);
}

#[test]
fn processes_keep_the_limit_of_requests_together() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    requests_per_minute: 6\n    max_results_per_scan: 10\n", "");
    sim.control("DELETE", "/requests", &json!({}));
    let runs = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..6).map(|_| scope.spawn(|| prospector.run("status"))).collect();
        runs.into_iter().map(|run| run.join().expect("it ran")).collect::<Vec<_>>()
    });
    let asked = sim.freelancer().requests().iter().filter(|request| request["origin"] == "freelancer/api").count();
    assert!((1..=6).contains(&asked), "{asked} requests");
    let scan = prospector.run("scan --json").expect(5).json();
    assert_eq!(scan["platforms"][0]["error"]["kind"], "rate-limited", "{scan}");
    let all = sim.freelancer().requests().iter().filter(|request| request["origin"] == "freelancer/api").count();
    assert!(all <= 6, "{all} requests in a minute; {:?}", runs.iter().map(|run| run.code).collect::<Vec<_>>());
}

/// What the kernel says of the daemon: kB that are resident, those of them that are its own and no file's, and processor time in clock ticks.
#[cfg(target_os = "linux")]
fn weight(id: u32) -> (u64, u64, u64) {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("it lives");
    let [resident, own] = ["VmRSS:", "RssAnon:"].map(|name| {
        let size = status.lines().find_map(|line| line.strip_prefix(name)).expect("a size");
        size.trim().trim_end_matches(" kB").parse::<u64>().expect("a number")
    });
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).expect("it lives");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
    let ticks = [11, 12].map(|field| fields[field].parse::<u64>().expect("a number"));
    (resident, own, ticks.iter().sum())
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "takes a minute: the figure"]
fn a_daemon_at_rest_is_small_and_does_nothing() {
    let sim = Sim::agreeing();
    let home = Home::configured(&platforms(&[section(sim.freelancer(), ""), section(sim.upwork(), "")], ""));
    let prospector = at(home);
    let _connected = [prospector.connect().ok(), prospector.connect_to("upwork").ok()];
    let mut daemon = Daemon::start(&prospector, &[]);
    let _scanned = [daemon.says(" new, "), daemon.says(" new, ")];
    std::thread::sleep(Duration::from_secs(5));
    let (_, _, before) = weight(daemon.child.id());
    std::thread::sleep(Duration::from_secs(60));
    let (resident, own, after) = weight(daemon.child.id());
    println!(
        "at rest after a scan of both: {:.1} MB resident, of which {:.1} its own, {} ms of processor in 60 s",
        resident as f64 / 1000.0,
        own as f64 / 1000.0,
        (after - before) * 10
    );
    assert!(after - before <= 6, "{} ticks in a minute", after - before);
    assert!(own < 25_000, "{own} kB");
    // Of a debug build 55 MB of code are mapped from its file.
    assert!(cfg!(debug_assertions) || resident < 60_000, "{resident} kB");
}
