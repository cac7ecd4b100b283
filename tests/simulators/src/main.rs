//! `platform-sim`: parses its options, starts the simulator, waits to be stopped.

use std::io::{Read, Write};
use std::process::ExitCode;

use clap::Parser;
use platform_sim::{Options, Simulator};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("platform-sim: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        // Before the first line is out: whoever reads it may send a signal at once.
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let with_stdin = options.exit_with_stdin;
        let running = Simulator::start(options)?;
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, &running)?;
        writeln!(out)?;
        out.flush()?;
        drop(out);
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = stdin_closed(), if with_stdin => {}
        }
        drop(running);
        Ok(())
    })
}

/// Waits for the end of standard input, on a thread of its own: a read that blocks inside the runtime
/// would keep the process from ending.
async fn stdin_closed() {
    let (open, closed) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let mut piece = [0_u8; 4096];
        let mut stdin = std::io::stdin().lock();
        while matches!(stdin.read(&mut piece), Ok(read) if read > 0) {}
        drop(open);
    });
    // The sender never sends: its end is the message.
    let _ = closed.await;
}
