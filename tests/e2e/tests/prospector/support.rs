//! What the tests begin with.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use openbao_server::OpenBao;
use prospector_e2e::chromium::Axe;
use prospector_e2e::home::configuration;
use prospector_e2e::prospector::{PATIENCE, finish};
use prospector_e2e::{Binaries, Chromium, Home, Prospector, Sim};
use serde_json::{Value, json};

/// The programs, built with the tests.
pub fn binaries() -> Binaries {
    Binaries {
        ghoststack: env!("CARGO_BIN_EXE_prospector-under-test").into(),
        browser: env!("CARGO_BIN_EXE_consent-browser").into(),
    }
}

/// The program with a home. Where the home exists it is given the compiled code of the plugins, which takes a second to make.
pub fn at(home: Home) -> Prospector {
    if home.path().exists() {
        copy(compiled(), &home.path().join("cache"));
    }
    Prospector::new(binaries(), home)
}

/// The component of the example job board.
pub fn board_component() -> &'static Path {
    Path::new(concat!(env!("OUT_DIR"), "/jobboard.wasm"))
}

/// The example filter, as a core module of its pure world.
pub fn filter_module() -> &'static Path {
    Path::new(concat!(env!("OUT_DIR"), "/redflags.wasm"))
}

/// The example scorer, as a core module of its pure world.
pub fn scorer_module() -> &'static Path {
    Path::new(concat!(env!("OUT_DIR"), "/taste.wasm"))
}

/// A component, or a module, with texts of its own in place of others of the same length; the contract's version stays.
pub fn changed(mut bytes: Vec<u8>, changes: &[(&str, &str)]) -> Vec<u8> {
    for (from, to) in changes {
        assert_eq!(from.len(), to.len());
        let is_here = |at: &usize| bytes[*at..].starts_with(from.as_bytes()) && bytes[at - 1] != b'@';
        let places: Vec<usize> = (1..bytes.len() - from.len()).filter(is_here).collect();
        assert!(!places.is_empty(), "{from} is not in the component");
        for at in places {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    bytes
}

/// The example job board under another id: as text, and as the number that the compiler makes of eight bytes.
pub fn renamed(component: &[u8], id: [u8; 8]) -> Vec<u8> {
    let (mut bytes, own) = (component.to_vec(), *b"jobboard");
    let number = |text| leb128(i64::from_le_bytes(text));
    for (from, to) in [(own.to_vec(), id.to_vec()), (number(own), number(id))] {
        assert_eq!(from.len(), to.len());
        let places: Vec<usize> = (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(&from)).collect();
        for at in places {
            bytes[at..at + from.len()].copy_from_slice(&to);
        }
    }
    bytes
}

/// A number as WebAssembly writes it.
fn leb128(mut number: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let seven = (number & 0x7f) as u8;
        number >>= 7;
        let is_over = (number == 0 && seven & 0x40 == 0) || (number == -1 && seven & 0x40 != 0);
        bytes.push(if is_over { seven } else { seven | 0x80 });
        if is_over {
            return bytes;
        }
    }
}

/// What is recorded of an installed plugin; null where none has the id.
pub fn recorded(prospector: &Prospector, id: &str) -> Value {
    let Ok(bytes) = fs::read(prospector.home.path().join("plugins.lock")) else { return Value::Null };
    serde_json::from_slice::<Value>(&bytes).expect("JSON")["plugins"][id].clone()
}

/// A cache of compiled code that the program has made, once for all tests.
fn compiled() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("prospector-compiled");
        fs::create_dir_all(&home).expect("a directory");
        let mut list = Command::new(binaries().ghoststack);
        let _listed =
            finish(list.args(["prospector", "plugins", "list"]).env_clear().env("GHOSTSTACK_HOME", &home)).ok();
        let mut inspect = Command::new(binaries().ghoststack);
        inspect.args(["prospector", "plugins", "inspect"]).arg(board_component());
        let _inspected = finish(inspect.env_clear().env("GHOSTSTACK_HOME", &home)).ok();
        home.join("cache")
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    fs::set_permissions(to, fs::metadata(from).expect("it is there").permissions()).expect("permissions");
    for entry in fs::read_dir(from).expect("it is there").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// The program, pointed at a simulator, not connected.
pub fn pointed_at(sim: &Sim) -> Prospector {
    at(Home::pointed_at(sim))
}

/// The program, connected to a simulator that agrees.
pub fn connected(sim: &Sim) -> Prospector {
    connected_with(sim, "", "")
}

/// The same, with more configuration; see [`configuration`].
pub fn connected_with(sim: &Sim, platform: &str, rest: &str) -> Prospector {
    let prospector = at(Home::configured(&configuration(sim, platform, rest)));
    let _connected = prospector.connect().ok();
    prospector
}

/// The program, pointed at a simulator, not connected, with more configuration.
pub fn pointed_at_with(sim: &Sim, rest: &str) -> Prospector {
    at(Home::configured(&configuration(sim, "", rest)))
}

/// The program, pointed at a simulator whose log-in is on another site than what this machine serves at 127.0.0.1, not connected.
pub fn at_another_site(sim: &Sim) -> Prospector {
    let accounts = &sim.freelancer().origins().accounts;
    at(Home::configured(&configuration(sim, "", "").replace(accounts, &accounts.replace("127.0.0.1", "localhost"))))
}

/// A browser; none where it cannot be had, which has been said.
pub fn chromium() -> Option<Chromium> {
    Chromium::start().map_err(|why| missing(&format!("there is no browser to test pages with: {why}"))).ok()
}

/// What looks for violations of accessibility rules; none where it cannot be had, which has been said.
pub fn axe() -> Option<Axe> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
    Axe::fetched(&folder).map_err(|why| missing(&format!("axe-core cannot be fetched: {why}"))).ok()
}

/// A place that secrets are kept in, for tests that must hold over each.
pub struct Backend {
    /// Its name, as `vault.backend` has it.
    pub name: &'static str,
    /// What keeps them, where it is no file of the home.
    server: Option<OpenBao>,
}

impl Backend {
    /// Sections of the configuration that choose it, with a place of its own for each home.
    pub fn configuration(&self) -> String {
        static HOMES: AtomicU32 = AtomicU32::new(0);
        let Some(server) = &self.server else { return String::new() };
        let token = server.folder().join("token");
        fs::write(&token, server.root_token()).expect("the token can be written");
        fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).expect("permissions");
        let (address, token, home) = (server.address(), token.display(), HOMES.fetch_add(1, Ordering::Relaxed));
        format!(
            "vault:\n  backend: hashicorp\n  hashicorp: {{ address: '{address}', token_file: '{token}', path_prefix: 'home-{home}' }}\n"
        )
    }
}

/// The backends that there are on this machine.
pub fn backends() -> Vec<Backend> {
    let server = OpenBao::in_memory().map(|server| Backend { name: "hashicorp", server: Some(server) });
    std::iter::once(Backend { name: "embedded", server: None }).chain(server).collect()
}

/// Starts a scan, and comes back when it waits for an answer of a route (0 is the first), which comes after so many milliseconds.
pub fn scanning_at(sim: &Sim, prospector: &Prospector, route: &str, answer: u32, delay_ms: u64) -> Child {
    sim.fault(&json!({"route": route, "fault": "slow", "delay_ms": delay_ms, "skip": answer}));
    let child = prospector.command(["scan"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let started = Instant::now();
    // A fault is no longer listed when it is being acted out.
    while sim.control("GET", "/faults", &Value::Null)["faults"] != json!([]) {
        assert!(started.elapsed() < PATIENCE, "the scan never asks for answer {answer} of {route}");
        std::thread::yield_now();
    }
    child
}

/// The real data's directory, or a printed word about its absence.
pub fn real_data(file: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let directory = std::env::var_os("PROSPECTOR_TEST_DATA").map_or(beside, PathBuf::from);
    let path = directory.join(file);
    if path.is_file() {
        return Some(path);
    }
    println!("skipped: there is no {}; PROSPECTOR_TEST_DATA names the directory that has it", path.display());
    None
}

/// Says that a test's real part is missing: a failure where nothing may be missing, a printed word elsewhere.
pub fn missing(what: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{what}, and with CI=true nothing may be missing");
    println!("skipped: {what}");
}

/// A field's texts, of each entry of an array.
pub fn texts<'v>(array: &'v Value, field: &str) -> Vec<&'v str> {
    array.as_array().into_iter().flatten().filter_map(|entry| entry[field].as_str()).collect()
}

/// An amount of points in integer hundredths, which is what has to add up.
#[track_caller]
pub fn hundredths(points: &Value) -> i64 {
    let exact = points.as_f64().expect("a number") * 100.0;
    assert!((exact - exact.round()).abs() < 1e-6, "{points} is not in hundredths");
    exact.round() as i64
}
