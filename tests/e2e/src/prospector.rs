//! The program, run as a person or a script runs it.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::home::Home;

/// How long a command may take before it counts as hung.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Where the programs are.
#[derive(Debug, Clone)]
pub struct Binaries {
    /// The product.
    pub ghoststack: PathBuf,
    /// What answers the consent page.
    pub browser: PathBuf,
}

/// The program with a home.
#[derive(Debug)]
pub struct Prospector {
    /// Its home.
    pub home: Home,
    binaries: Binaries,
}

/// How a command ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The exit code; 128 and more where a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

impl Outcome {
    /// Itself, if the exit code is this one.
    ///
    /// # Panics
    /// With all that was printed, if it is not.
    #[must_use]
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// Itself, if the command did what it was asked.
    ///
    /// # Panics
    /// With all that was printed, if it did not.
    #[must_use]
    #[track_caller]
    pub fn ok(self) -> Self {
        self.expect(0)
    }

    /// Standard output as JSON.
    ///
    /// # Panics
    /// Where it is none.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| {
            panic!("standard output is not JSON ({e}): {}\n--- stderr\n{}", self.stdout, self.stderr)
        })
    }
}

impl Prospector {
    /// The program with a home of its own.
    #[must_use]
    pub fn new(binaries: Binaries, home: Home) -> Self {
        Self { home, binaries }
    }

    /// `ghoststack prospector ARGUMENTS…`, to be changed and run: in an environment of a few words, without input.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(&self.binaries.ghoststack);
        command
            .arg("prospector")
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("GHOSTSTACK_HOME", self.home.path())
            .env("BROWSER", format!("{} %s", self.binaries.browser.display()))
            .stdin(Stdio::null());
        command
    }

    /// Runs a command line, words separated by spaces.
    #[must_use]
    pub fn run(&self, line: &str) -> Outcome {
        finish(&mut self.command(line.split_whitespace()))
    }

    /// Runs a command that needs the simulator's client secret.
    #[must_use]
    pub fn run_with_secret(&self, line: &str, secret: &str) -> Outcome {
        finish(self.command(line.split_whitespace()).env("GHOSTSTACK_CLIENT_SECRET", secret))
    }

    /// Connects Freelancer as the simulator's own client.
    #[must_use]
    pub fn connect(&self) -> Outcome {
        self.connect_to("freelancer")
    }

    /// Connects a platform as the simulator's own client.
    #[must_use]
    pub fn connect_to(&self, platform: &str) -> Outcome {
        self.run_with_secret(&format!("connect {platform} --client-id sim-client"), "sim-secret")
    }

    /// The product's binary.
    #[must_use]
    pub fn binary(&self) -> &Path {
        &self.binaries.ghoststack
    }

    /// What answers the consent page.
    #[must_use]
    pub fn browser(&self) -> &Path {
        &self.binaries.browser
    }
}

/// Runs a command to its end.
///
/// # Panics
/// Where it does not start, or hangs for [`PATIENCE`].
#[must_use]
pub fn finish(command: &mut Command) -> Outcome {
    finish_with_input(command, None)
}

/// Runs a command to its end, with this input, or what the command says itself.
///
/// # Panics
/// As [`finish`].
#[must_use]
pub fn finish_with_input(command: &mut Command, input: Option<&str>) -> Outcome {
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        // It may have ended before it read: its exit code and words tell that better.
        let _ = stdin.write_all(input.as_bytes());
    }
    wait(child, started)
}

/// Waits for a started command, whose outputs are pipes.
///
/// # Panics
/// Where it hangs for [`PATIENCE`].
#[must_use]
pub fn wait(mut child: Child, started: Instant) -> Outcome {
    let (send, receive) = mpsc::channel();
    let outputs = [
        child.stdout.take().map(|o| Box::new(o) as Box<dyn Read + Send>),
        child.stderr.take().map(|e| Box::new(e) as Box<dyn Read + Send>),
    ];
    for (index, output) in outputs.into_iter().enumerate() {
        let send = send.clone();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut output) = output {
                // What was read until it broke is what there is to see.
                let _ = output.read_to_end(&mut bytes);
            }
            let _ = send.send((index, String::from_utf8_lossy(&bytes).into_owned()));
        });
    }
    let mut texts = [String::new(), String::new()];
    for _ in 0..texts.len() {
        match receive.recv_timeout(PATIENCE.saturating_sub(started.elapsed())) {
            Ok((index, text)) => texts[index] = text,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                let _ = child.kill();
                panic!("the program hangs; so far it printed: {texts:?}");
            }
        }
    }
    let status = child.wait().expect("the program's end can be waited for");
    let took = started.elapsed();
    let [stdout, stderr] = texts;
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    Outcome { code, stdout, stderr, took }
}
