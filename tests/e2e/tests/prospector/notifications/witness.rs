//! Receivers that others wrote: a mail server and a desktop's notification service, in a Python of their own.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use prospector_e2e::parts::{once, run};
use serde_json::Value;

/// One that runs until it is dropped.
pub struct Witness {
    child: Child,
    // Open as long as it is to run.
    _stdin: Option<ChildStdin>,
    told: BufReader<ChildStdout>,
}

impl Witness {
    /// Starts one, and comes back when it is ready.
    pub fn start(arguments: &[&str]) -> Witness {
        let mut command = script(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
        let stdin = child.stdin.take();
        let told = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut witness = Witness { child, _stdin: stdin, told };
        assert_eq!(witness.next()["ready"], true);
        witness
    }

    /// The next thing that it tells.
    pub fn next(&mut self) -> Value {
        let mut line = String::new();
        self.told.read_line(&mut line).expect("it tells");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether Python finds the signature right.
pub fn verifies(key: &str, signature: &str, body: &str) -> bool {
    let mut child = script(&["verify", key, signature])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    child.stdin.take().expect("a pipe").write_all(body.as_bytes()).expect("it reads");
    let told = child.wait_with_output().expect("it ends");
    serde_json::from_slice::<Value>(&told.stdout).expect("JSON")["matches"] == true
}

fn script(arguments: &[&str]) -> Command {
    let mut command = Command::new(python().as_ref().expect("looked for before"));
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prospector/notifications/witness.py"))
        .args(arguments);
    command
}

/// A Python with what the witnesses need, or why there is none.
pub fn python() -> &'static Result<PathBuf, String> {
    static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    MADE.get_or_init(|| {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("notification-witnesses");
        let python = home.join("bin/python");
        let requirements =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prospector/notifications/requirements.txt");
        let wanted = fs::read(&requirements).map_err(|error| error.to_string())?;
        once(&home, &wanted, || {
            run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
            let mut install = Command::new(&python);
            install.args(["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r"]);
            run(install.arg(&requirements)).map(drop)
        })?;
        Ok(python)
    })
}
