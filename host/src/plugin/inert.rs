//! WASI, as little of it as ordinary toolchains need, and inert: nothing of it reaches the machine.
//!
//! A component that a compiler made imports parts of WASI whether it uses them or not. They are linked one by one, only those that it imports,
//! and answer with nothing: no environment, no arguments, no files, no sockets, a clock that stands still at the time of the call, random
//! numbers that are the same on each run. What a guest writes to its standard error goes to the log.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use wasmtime::component::Linker;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream, WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, random};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi::{Deterministic, HostMonotonicClock, HostWallClock, WasiCtx, WasiView};

use super::session::Session;
use crate::capability::log::escaped;
use crate::contract::types::UtcSeconds;

/// Bytes of standard error that are kept of a call.
const MAX_STDERR: usize = 16 * 1024;

/// Links a WASI interface that a component imports, by its name without the version.
///
/// # Errors
/// The name, if it is none that is served; wasmtime's words, if it cannot be linked.
pub(super) fn link(linker: &mut Linker<Session>, interface: &str) -> Result<(), String> {
    let linked = match interface {
        "wasi:io/error" | "wasi:io/poll" | "wasi:io/streams" => return Ok(()),
        "wasi:clocks/wall-clock" => clocks::wall_clock::add_to_linker::<_, WasiClocks>(linker, Session::clocks),
        "wasi:clocks/monotonic-clock" => {
            clocks::monotonic_clock::add_to_linker::<_, WasiClocks>(linker, Session::clocks)
        }
        "wasi:random/random" => random::random::add_to_linker::<_, WasiRandom>(linker, |s| s.ctx().ctx.random()),
        "wasi:random/insecure" => random::insecure::add_to_linker::<_, WasiRandom>(linker, |s| s.ctx().ctx.random()),
        "wasi:random/insecure-seed" => {
            random::insecure_seed::add_to_linker::<_, WasiRandom>(linker, |s| s.ctx().ctx.random())
        }
        "wasi:cli/environment" => cli::environment::add_to_linker::<_, WasiCli>(linker, Session::cli),
        "wasi:cli/exit" => cli::exit::add_to_linker::<_, WasiCli>(linker, Session::cli),
        "wasi:cli/stdin" => cli::stdin::add_to_linker::<_, WasiCli>(linker, Session::cli),
        "wasi:cli/stdout" => cli::stdout::add_to_linker::<_, WasiCli>(linker, Session::cli),
        "wasi:cli/stderr" => cli::stderr::add_to_linker::<_, WasiCli>(linker, Session::cli),
        "wasi:cli/terminal-input" => cli::terminal_input::add_to_linker::<_, WasiCli>(linker, Session::cli),
        "wasi:cli/terminal-output" => cli::terminal_output::add_to_linker::<_, WasiCli>(linker, Session::cli),
        "wasi:cli/terminal-stdin" => cli::terminal_stdin::add_to_linker::<_, WasiCli>(linker, Session::cli),
        "wasi:cli/terminal-stdout" => cli::terminal_stdout::add_to_linker::<_, WasiCli>(linker, Session::cli),
        "wasi:cli/terminal-stderr" => cli::terminal_stderr::add_to_linker::<_, WasiCli>(linker, Session::cli),
        "wasi:filesystem/preopens" => {
            filesystem::preopens::add_to_linker::<_, WasiFilesystem>(linker, Session::filesystem)
        }
        "wasi:filesystem/types" => filesystem::types::add_to_linker::<_, WasiFilesystem>(linker, Session::filesystem),
        other => return Err(format!("it imports `{}`, which is not served", escaped(other, 100))),
    };
    linked.map_err(|e| format!("`{interface}` cannot be linked: {e:#}"))
}

/// A WASI context in which nothing is there.
pub(super) fn context(now: UtcSeconds, stderr: Stderr) -> WasiCtx {
    let now = StoppedClock(Duration::from_secs(u64::try_from(now).unwrap_or(0)));
    WasiCtx::builder()
        .wall_clock(now)
        .monotonic_clock(now)
        .secure_random(Deterministic::new(vec![0x5e, 0xed]))
        .insecure_random(Deterministic::new(vec![0x5e, 0xed]))
        .insecure_random_seed(0x5eed)
        .max_random_size(64 * 1024)
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .stderr(stderr)
        .build()
}

#[derive(Clone, Copy)]
struct StoppedClock(Duration);

impl HostWallClock for StoppedClock {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        self.0
    }
}

impl HostMonotonicClock for StoppedClock {
    fn resolution(&self) -> u64 {
        1_000_000_000
    }

    fn now(&self) -> u64 {
        0
    }
}

/// What a guest wrote to its standard error, as far as it is kept; the rest is swallowed.
#[derive(Clone, Default)]
pub(super) struct Stderr(Arc<Mutex<Vec<u8>>>);

impl Stderr {
    /// The text so far.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl IsTerminal for Stderr {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Stderr {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Stderr {
    async fn ready(&mut self) {}
}

impl OutputStream for Stderr {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_STDERR.saturating_sub(kept.len());
        kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 * 1024)
    }
}
