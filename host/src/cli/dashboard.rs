//! `dashboard`, and `run --dashboard`.

use std::io::{self, IsTerminal};

use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::args::Served;
use super::output::Output;
use crate::app::AppError;
use crate::app::error::exit;
use crate::config::Home;
use crate::dashboard::server::Place;
use crate::dashboard::{self, Asked};
use crate::origin::Origin;

#[derive(Serialize)]
struct Document {
    origin: String,
    link: String,
}

/// Serves the dashboard until a signal ends it; where it is served already, prints a link to it.
pub async fn run(args: Served, output: &mut Output) -> Result<u8, AppError> {
    let mut ended = [signal(SignalKind::interrupt()), signal(SignalKind::terminate())];
    let home = Home::from_env()?;
    match dashboard::open(home.clone(), &place(args)).await? {
        Asked::There(origin) => {
            tell(&home, &origin, output)?;
            output.message("It is served by another process.");
        }
        Asked::Served(dashboard) => {
            tell(&home, dashboard.origin(), output)?;
            output.message("Ctrl-C ends it.");
            output.flush();
            let [interrupted, terminated] = ended.each_mut().map(|signal| async move {
                match signal {
                    Ok(signal) => drop(signal.recv().await),
                    Err(_) => std::future::pending().await,
                }
            });
            let until = async {
                tokio::select! {
                    () = interrupted => {}
                    () = terminated => {}
                }
            };
            dashboard.serve(until).await;
        }
    }
    Ok(exit::OK)
}

fn place(args: Served) -> Place {
    Place { listen: args.listen, name: args.name, tls: args.tls_certificate.zip(args.tls_key) }
}

/// Prints a link. It is for the one who reads this terminal, and good once.
fn tell(home: &Home, origin: &Origin, output: &mut Output) -> Result<(), AppError> {
    let link = dashboard::link(home, origin)?;
    if output.is_json() {
        output.json(&Document { origin: origin.to_string(), link });
    } else {
        output.line(format_args!("The dashboard is at {origin}. This link opens it, once, within ten minutes:"));
        output.line(format_args!("  {link}"));
    }
    output.flush();
    Ok(())
}

/// A dashboard beside the daemon.
pub struct Beside {
    end: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

/// Serves the dashboard beside something else.
///
/// # Errors
/// As for the dashboard alone.
pub async fn beside(home: Home, args: Served, output: &mut Output) -> Result<Beside, AppError> {
    let (end, ended) = oneshot::channel();
    let serving = match dashboard::open(home.clone(), &place(args)).await? {
        Asked::There(origin) => {
            return Err(AppError::Busy(format!("the dashboard is served already, at {origin}; leave out --dashboard")));
        }
        Asked::Served(dashboard) => {
            // What a daemon prints is often kept where others can read it.
            if output.is_json() || io::stdout().is_terminal() {
                tell(&home, dashboard.origin(), output)?;
            } else {
                let origin = dashboard.origin();
                output.message(format_args!(
                    "the dashboard is at {origin}; `ghoststack prospector dashboard` prints a link to it"
                ));
            }
            tokio::spawn(dashboard.serve(async { drop(ended.await) }))
        }
    };
    Ok(Beside { end, serving })
}

impl Beside {
    /// Lets what is being done come to its end.
    pub async fn end(self) {
        drop(self.end);
        if let Err(error) = self.serving.await {
            tracing::warn!(%error, "the dashboard did not end well");
        }
    }
}
