//! `run`: the daemon.

use std::cell::RefCell;
use std::fmt::Display;

use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::args::Run;
use super::dashboard;
use super::notify::warn_of_failures;
use super::output::Output;
use super::status::warn_of_endings;
use super::text;
use crate::app::error::exit;
use crate::app::following::Round;
use crate::app::keep_alive::Ending;
use crate::app::proposals::auto::Made;
use crate::app::run::{self, Reporter, Wishes};
use crate::app::scan::PlatformRow;
use crate::app::{App, AppError};
use crate::config::Home;
use crate::notify::Attempted;
use crate::scheduler::Ask;

/// Runs until a signal ends it. A line for each scan: on standard error, or with --json on standard output.
pub async fn run(args: Run, output: &mut Output) -> Result<u8, AppError> {
    let (ask, mut asks) = mpsc::unbounded_channel();
    hear(SignalKind::hangup(), Ask::Reload, &ask)?;
    hear(SignalKind::terminate(), Ask::Stop, &ask)?;
    hear(SignalKind::interrupt(), Ask::Stop, &ask)?;
    let wishes = Wishes { once: args.once, health_port: args.health_port };
    let home = Home::from_env()?;
    let served = if args.dashboard { Some(dashboard::beside(home.clone(), args.served, output).await?) } else { None };
    let done = run::run(home, wishes, &Lines(RefCell::new(output)), &mut asks).await;
    if let Some(served) = served {
        served.end().await;
    }
    done?;
    Ok(exit::OK)
}

/// Asks for something at each signal of a kind.
fn hear(kind: SignalKind, what: Ask, ask: &mpsc::UnboundedSender<Ask>) -> Result<(), AppError> {
    let heard = signal(kind);
    let mut heard = heard.map_err(|error| AppError::Machine(format!("signals cannot be heard: {error}")))?;
    let ask = ask.clone();
    tokio::spawn(async move { while heard.recv().await.is_some() && ask.send(what).is_ok() {} });
    Ok(())
}

/// Writes what happens, a line each.
struct Lines<'o>(RefCell<&'o mut Output>);

impl Lines<'_> {
    fn line(&self, line: impl Display) {
        let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default();
        self.0.borrow_mut().message(format_args!("{now} {line}"));
    }
}

impl Reporter for Lines<'_> {
    fn started(&self, app: &App) {
        self.0.borrow_mut().warnings(&app.loaded);
        self.line(format_args!("serving {}", app.home().root().display()));
    }

    fn scanned(&self, row: &PlatformRow) {
        if self.0.borrow().is_json() {
            let mut output = self.0.borrow_mut();
            output.json_line(row);
            output.flush();
            return;
        }
        let seconds = row.duration_ms as f64 / 1000.0;
        let head = format!(
            "{}: {} postings, {} new, {} changed, in {seconds:.1} s",
            row.platform, row.fetched, row.new, row.changed
        );
        match &row.error {
            None => self.line(head),
            Some(error) => {
                let next = error.remedy.as_ref().map(|remedy| format!(" ({})", text::line(remedy))).unwrap_or_default();
                self.line(format_args!("{head}: failed: {}{next}", text::line(&error.message)));
            }
        }
    }

    fn drafted(&self, made: &Made) {
        if self.0.borrow().is_json() {
            let mut output = self.0.borrow_mut();
            output.json_line(made);
            output.flush();
            return;
        }
        for row in &made.drafted {
            let title = text::fit(&text::line(&row.title), 60);
            self.line(format_args!("{}: drafted proposal {} ({}): {title}", row.platform, row.number, row.state));
        }
        for problems in &made.broken {
            let mut output = self.0.borrow_mut();
            let rendered = problems.render(output.width());
            output.message(rendered.trim_end());
        }
        for row in &made.failed {
            let (id, message) = (text::line(&row.id), text::line(&row.error.message));
            self.line(format_args!("warning: {}: no draft for {id}: {message}", row.platform));
        }
    }

    fn reloaded(&self, app: &App) {
        self.line("the configuration was read again");
        self.0.borrow_mut().warnings(&app.loaded);
    }

    fn not_reloaded(&self, error: &AppError) {
        self.line("the configuration was changed and cannot be used; the former one is kept");
        self.0.borrow_mut().problem(error);
    }

    fn endings(&self, endings: &[Ending]) {
        warn_of_endings(endings, &mut self.0.borrow_mut());
    }

    fn delivered(&self, tried: &[Attempted]) {
        warn_of_failures(tried, &mut self.0.borrow_mut());
    }

    fn followed(&self, platform: &str, round: &Round) {
        for proposal in &round.proposals {
            self.line(format_args!("{platform}: proposal {} is {}", proposal.number, proposal.state));
        }
        if round.contracts_new + round.contracts_changed > 0 {
            let Round { contracts_new, contracts_changed, .. } = round;
            self.line(format_args!("{platform}: {contracts_new} contracts are new, {contracts_changed} have changed"));
        }
    }

    fn troubled(&self, what: &str, error: &dyn Display) {
        self.line(format_args!("warning: {what}: {}", text::line(&error.to_string())));
    }

    fn stopped(&self) {
        self.line("stopped");
    }
}
