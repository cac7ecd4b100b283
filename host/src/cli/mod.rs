//! The command line: a file for each command, which parses, calls [`crate::app`] and prints.

mod args;
mod audit;
mod backup;
mod clipboard;
mod completions;
mod config;
mod connect;
mod contracts;
mod dashboard;
mod disconnect;
mod doctor;
mod editor;
mod leads;
mod notify;
mod output;
mod plan;
mod plugins;
mod profile;
mod progress;
mod prompt;
mod proposals;
mod rules;
mod run;
mod scan;
mod scoring;
mod secret;
mod since;
mod stats;
mod status;
mod table;
mod text;
mod vault;
mod watch;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::app::AppError;
use crate::app::error::exit;
use crate::app::secrets;
use crate::auth;
use crate::capability::records;
use args::{Cli, Command, Globals, Product};
use output::Output;

/// The longest that obtaining tokens and storing them may take: the platform's answer, and a store that is asked again for a while.
const TOKENS: Duration = Duration::from_secs(60);
/// The longest that the audit's last rows are waited for: another process may be writing.
const AUDIT: Duration = Duration::from_secs(10);

/// How long a thread may still work at the end: enough for a file that is being written, and not for a name that nobody resolves.
const LAST_MOMENT: Duration = Duration::from_secs(2);

/// Parses the command line, does what it asks, and says how that ended.
#[must_use]
pub fn main() -> ExitCode {
    let Cli { product: Product::Prospector { globals, command } } = Cli::parse();
    log_to_stderr(&globals);
    if prompt::is_possible(globals.no_input) {
        secrets::ask_by(|question| {
            prompt::secret(question, secrets::PASSPHRASE_VARIABLE).map_err(|error| error.to_string())
        });
    }
    let mut output = Output::new(&globals);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let done = match runtime {
        Ok(runtime) => {
            let done = runtime.block_on(async {
                // A question blocks this thread, so that the branch below would not see Ctrl-C before it is answered.
                if let Ok(mut pressed) = signal(SignalKind::interrupt()) {
                    tokio::spawn(async move {
                        while pressed.recv().await.is_some() {
                            prompt::interrupt();
                        }
                    });
                }
                // The daemon and the dashboard come to a stop by themselves.
                let stops_itself = matches!(command, Command::Run(_) | Command::Dashboard(_));
                let done = tokio::select! {
                    done = run(&globals, command, &mut output) => Some(done),
                    () = interrupted(), if !stops_itself => None,
                };
                let_tokens_be_stored().await;
                // What they have made known is in it.
                records::written(AUDIT).await;
                let Some(done) = done else { return ExitCode::from(prompt::INTERRUPTED) };
                done.map_or_else(
                    |error| {
                        output.error(&error);
                        ExitCode::from(error.exit_code())
                    },
                    ExitCode::from,
                )
            });
            runtime.shutdown_timeout(LAST_MOMENT);
            done
        }
        Err(error) => {
            output.error(&AppError::Machine(format!("the program cannot start its threads: {error}")));
            ExitCode::from(exit::FAILURE)
        }
    };
    match output.finish() {
        Ok(()) => done,
        // Whoever read along has gone, which is their right (`| head`).
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => done,
        Err(error) => {
            eprintln!("error: the output cannot be written: {error}");
            ExitCode::from(exit::FAILURE)
        }
    }
}

async fn run(globals: &Globals, command: Command, output: &mut Output) -> Result<u8, AppError> {
    match command {
        Command::Connect(args) => connect::run(globals, args, output).await,
        Command::Disconnect(args) => disconnect::run(args, output).await,
        Command::Status(args) if args.watch => watch::run(args, output).await,
        Command::Status(args) => status::run(args, output).await,
        Command::Scan(args) => scan::run(args, output).await,
        Command::Rules(command) => rules::run(command, output).await,
        Command::Scoring(command) => scoring::run(command, output).await,
        Command::Run(args) => run::run(args, output).await,
        Command::Dashboard(args) => dashboard::run(args, output).await,
        Command::Audit(args) => audit::run(args, output).await,
        Command::Backup(args) => backup::back_up(globals, args, output).await,
        Command::Restore(args) => backup::restore(globals, args, output).await,
        Command::Doctor(args) => doctor::run(args, output).await,
        Command::Leads(command) => leads::run(command, output).await,
        Command::Proposals(command) => proposals::run(globals, command, output).await,
        Command::Contracts(command) => contracts::run(globals, command, output).await,
        Command::Stats(args) => stats::run(args, output).await,
        Command::Notify(command) => notify::run(command, output).await,
        Command::Profile(command) => profile::run(globals, command, output).await,
        Command::Vault(command) => vault::run(command, output).await,
        Command::Config(command) => config::run(command, output).await,
        Command::Plugins(command) => plugins::run(globals, command, output).await,
        Command::Completions { shell } => completions::run(shell, output),
    }
}

/// Tokens that a platform is giving are not to be lost with the process: storing them is given the time that it may take.
async fn let_tokens_be_stored() {
    if auth::finished(Duration::ZERO).await {
        return;
    }
    tracing::warn!("tokens are being obtained and stored: waiting for the end of that, which Ctrl-C cuts short");
    tokio::select! {
        _ = auth::finished(TOKENS) => {}
        () = interrupted() => {}
    }
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The log goes to standard error: warnings, and with -v what the program and its plugins do. Libraries below stay silent: what they
/// log of requests is not ours to vouch for.
fn log_to_stderr(globals: &Globals) {
    let level = match globals.verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::new(format!("off,ghoststack={level},plugin={level}"));
    let colour = globals.colour_on_stderr();
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter).with_ansi(colour);
    // Only the first subscriber counts; there is no other.
    let _ = log.without_time().try_init();
}
