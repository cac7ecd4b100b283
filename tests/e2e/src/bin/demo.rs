//! `just demo`: the main job, from nothing to explained leads, with the real program and two simulated platforms.
//!
//! It types what a person would type, in a temporary home, and answers the platforms' consent pages as a person would. The simulator lives in
//! this very process, so nothing is left running, however the demo ends; the home is removed at its end, and on Ctrl-C as well.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use prospector_e2e::{Home, Sim, home};
use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};

/// What the demo looks for at Freelancer: postings of the first two categories, employers of four stars and more.
const FREELANCER: &str = "    categories: ['Websites, IT & Software', 'Mobile Phones & Computing']
    project_types: [fixed, hourly]
    min_employer_rating: 4.0
    include_contests: true";

/// What it looks for at Upwork.
const UPWORK: &str = "    categories: ['Web Development', 'Mobile Development']
    job_type: [fixed, hourly]
    experience_level: [intermediate, expert]
    min_client_rating: 4.0
    locations: ['United States', GBR, Germany, France]";

fn main() -> ExitCode {
    let started = Instant::now();
    match run() {
        Ok(()) => {
            println!(
                "\nDone in {:.1} s. The simulator has stopped and the temporary home is gone.",
                started.elapsed().as_secs_f64()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\ndemo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let _caught = catch_interrupts()?;
    let beside = |name: &str| {
        std::env::current_exe()
            .map(|path| path.with_file_name(name))
            .map_err(|e| format!("this program cannot be found: {e}"))
    };
    let ghoststack = std::env::args_os().nth(1).map_or_else(|| beside("ghoststack"), |path| Ok(PathBuf::from(path)))?;
    let sim = Sim::asking();
    let sites = [(sim.freelancer(), "Freelancer", FREELANCER), (sim.upwork(), "Upwork", UPWORK)];
    let sections = sites.map(|(site, _, settings)| home::section(site, settings));
    let home = Home::configured(&home::platforms(&sections, home::DEVELOPER));
    let demo = Demo { ghoststack, browser: beside("consent-browser")?, home: &home };

    println!("Simulated platforms, with some 300 invented postings each:");
    for (site, name, _) in sites {
        println!("  {name:<10} {} (API) and {} (log-in)", site.origins().api, site.origins().accounts);
    }
    println!("Settings and profile, in a temporary home:");
    println!("  platforms:");
    for (site, _, settings) in sites {
        println!("    {}:", site.id());
        settings.lines().for_each(|line| println!("  {line}"));
    }
    home::DEVELOPER.lines().for_each(|line| println!("  {line}"));
    println!();
    println!("$ export GHOSTSTACK_HOME={}", home.path().display());

    for (site, _, _) in sites {
        demo.step(&["connect", site.id(), "--client-id", "sim-client"])?;
    }
    demo.step(&["status"])?;
    demo.step(&["scan"])?;
    let best = demo.best()?;
    demo.step(&["leads", "explain", &best])?;
    for (site, _, _) in sites {
        demo.step(&["leads", "skipped", "--platform", site.id(), "--limit", "6"])?;
    }
    Ok(())
}

/// Keeps Ctrl-C from ending this process before it has cleaned up: the running step ends by it, and then the demo does.
fn catch_interrupts() -> Result<impl Sized, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(|e| e.to_string())?;
    let caught = {
        let _inside = runtime.enter();
        signal(SignalKind::interrupt()).map_err(|e| e.to_string())?
    };
    Ok((caught, runtime))
}

struct Demo<'h> {
    ghoststack: PathBuf,
    browser: PathBuf,
    home: &'h Home,
}

impl Demo<'_> {
    /// Shows a command as a person would type it, and runs it in the open.
    fn step(&self, arguments: &[&str]) -> Result<(), String> {
        let line = format!("ghoststack prospector {}", arguments.join(" "));
        println!();
        if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
            println!("$ \u{1b}[1m{line}\u{1b}[0m");
        } else {
            println!("$ {line}");
        }
        flush()?;
        let ended = self
            .command(arguments)
            .status()
            .map_err(|e| format!("`{line}` cannot be started: {} ({e})", self.ghoststack.display()))?;
        match ended.code() {
            Some(0) => Ok(()),
            Some(code) => Err(format!("`{line}` has failed with exit code {code}")),
            None => Err(format!("`{line}` was killed: {ended}")),
        }
    }

    /// The identifier of the best lead, which a person would read off the table.
    fn best(&self) -> Result<String, String> {
        let told = self
            .command(&["leads", "list", "--json", "--limit", "1"])
            .stderr(Stdio::inherit())
            .output()
            .map_err(|e| e.to_string())?;
        let leads: Value =
            serde_json::from_slice(&told.stdout).map_err(|e| format!("`leads list --json` prints no JSON: {e}"))?;
        leads["leads"][0]["id"].as_str().map(str::to_owned).ok_or_else(|| "the scan has found no lead".to_owned())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.ghoststack);
        let mut browser: OsString = self.browser.clone().into();
        browser.push(" %s");
        command.arg("prospector").args(arguments).env_clear();
        // What the program needs to know of the terminal that it runs in.
        command.envs(
            std::env::vars_os()
                .filter(|(name, _)| ["PATH", "TERM", "COLUMNS", "LANG", "NO_COLOR"].iter().any(|known| name == known)),
        );
        command
            .env("GHOSTSTACK_HOME", self.home.path())
            .env("BROWSER", browser)
            .env("GHOSTSTACK_CLIENT_SECRET", "sim-secret")
            .stdin(Stdio::null());
        command
    }
}

fn flush() -> Result<(), String> {
    std::io::stdout().flush().map_err(|e| format!("the output cannot be written: {e}"))
}
