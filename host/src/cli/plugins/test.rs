//! `plugins test`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::app::error::exit;
use crate::app::kit::recordings::record::{self, Wanted};
use crate::app::kit::recordings::{self, Plugin, Target, Tested, file};
use crate::app::{Access, AppError, Installation};
use crate::cli::output::{Output, Style};
use crate::cli::text;
use crate::config::Home;

/// Where recordings are, unless somebody says otherwise.
const FOLDER: &str = "recordings";
/// Differences that are printed of a recording; `--json` has all.
const MOST_SHOWN: usize = 40;

/// What `plugins test --help` ends with.
pub const TEST_HELP: &str = "\
Replaying needs neither network nor account: requests go through the real gate and are answered by the recording, and the clock stands at its
time. The exit code is 0 where all is as recorded, 1 where something differs, and another where a recording cannot be replayed.

A platform is recorded by a scan for the account that is connected, by its section of prospector.yaml; a filter or scorer over made-up postings,
or stored leads by --leads. Known secrets of the account, values whose names say that they are secret, e-mail addresses and the account's own
name are taken out; nothing is written where a secret would be left. Look through a recording before you commit it.";

#[derive(Args)]
pub struct Test {
    /// A component's file, such as `./board.wasm`, or the id of a plugin that is built in or installed
    #[arg(value_name = "COMPONENT")]
    pub component: String,
    /// Recordings to replay; all of the folder otherwise
    #[arg(value_name = "NAME", value_parser = file::name, conflicts_with = "record")]
    pub names: Vec<String>,
    /// The folder that they are in
    #[arg(long, value_name = "FOLDER", default_value = FOLDER)]
    pub recordings: PathBuf,
    /// Make a recording of this name instead, or make it anew
    #[arg(long, value_name = "NAME", value_parser = file::name)]
    pub record: Option<String>,
    /// Write results that are not as recorded in their place, once you have looked at them
    #[arg(long, conflicts_with = "record")]
    pub accept: bool,
    /// Record so many postings at most
    #[arg(long, default_value_t = 10, requires = "record", value_parser = clap::value_parser!(u32).range(1..=i64::from(file::MOST_POSTINGS)))]
    pub limit: u32,
    /// Record a filter or scorer over the best stored leads, instead of made-up postings
    #[arg(long, requires = "record")]
    pub leads: bool,
    /// Record a filter or scorer by these settings, a JSON object; by its defaults otherwise
    #[arg(long, value_name = "JSON", requires = "record", value_parser = crate::cli::scoring::object)]
    pub settings: Option<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Serialize)]
struct TestDocument<'a> {
    passed: bool,
    recordings: &'a [Tested],
}

#[derive(Serialize)]
struct RecordDocument<'a> {
    file: String,
    requests: usize,
    postings: usize,
    failure: Option<&'a str>,
}

/// Replays recordings, or makes one.
pub async fn run(args: Test, output: &mut Output) -> Result<u8, AppError> {
    match &args.record {
        Some(name) => record(&args, name, output).await,
        None => replay(&args, output).await,
    }
}

async fn replay(args: &Test, output: &mut Output) -> Result<u8, AppError> {
    let installation = Installation::open(Home::from_env()?).await?;
    let names = match args.names.as_slice() {
        [] => file::names(&args.recordings)?,
        names => names.to_vec(),
    };
    let target = Target::load(&installation, &args.component).await?;
    let (mut all, mut code) = (Vec::with_capacity(names.len()), exit::OK);
    for name in &names {
        // One that is broken says nothing of the others.
        let tested = match recordings::test(&installation, &target, &args.recordings, name, args.accept).await {
            Ok(tested) => tested,
            Err(error) => {
                code = code.max(error.exit_code());
                let broken = Tested::broken(name, &error);
                if !output.is_json() {
                    say(&broken, output);
                }
                output.problem(&error);
                all.push(broken);
                continue;
            }
        };
        if !output.is_json() {
            say(&tested, output);
        }
        all.push(tested);
    }
    let differing = all.iter().filter(|tested| !tested.passed && !tested.accepted).count();
    if output.is_json() {
        output.json(&TestDocument { passed: differing == 0, recordings: &all });
    } else if differing > 0 {
        output.line(format_args!("{differing} of {} recordings are not as they were.", all.len()));
        advise(args, &all, output);
    }
    Ok(if differing == 0 { code } else { code.max(exit::FAILURE) })
}

fn say(tested: &Tested, output: &mut Output) {
    if tested.error.is_some() {
        output.line(format_args!("{:24} {}", tested.name, output.style(Style::Bad, "cannot be replayed")));
        return;
    }
    let word = match tested {
        Tested { passed: true, .. } => output.style(Style::Good, "as recorded"),
        Tested { accepted: true, .. } => output.style(Style::Bold, "accepted"),
        _ => output.style(Style::Bad, "differs"),
    };
    let counts = match tested.requests {
        0 => format!("{} postings", tested.postings),
        requests => format!("{requests} requests, {} postings", tested.postings),
    };
    output.line(format_args!("{:24} {word}: {counts}", tested.name));
    let asked = tested.asked.iter().map(ToString::to_string);
    let lines: Vec<String> = asked.chain(tested.result.iter().map(ToString::to_string)).collect();
    for line in lines.iter().take(MOST_SHOWN).flat_map(|told| told.lines()) {
        output.line(format_args!("  {}", text::line(line)));
    }
    if lines.len() > MOST_SHOWN {
        output.line(format_args!("  and {} more: --json has all", lines.len() - MOST_SHOWN));
    }
}

fn advise(args: &Test, all: &[Tested], output: &mut Output) {
    let named = args.component.as_str();
    let unknown =
        |tested: &&Tested| tested.asked.iter().any(|of| matches!(of, recordings::replay::Finding::NotRecorded { .. }));
    if let Some(tested) = all.iter().find(unknown) {
        output.message(format_args!(
            "Nobody knows the answers to new requests. If they are meant: ghoststack prospector plugins test {} --record {}",
            text::line(named),
            tested.name
        ));
    }
    if all.iter().any(|tested| !tested.passed && tested.error.is_none() && !unknown(&tested)) {
        output.message(format_args!(
            "If the differences are meant: ghoststack prospector plugins test {} --accept",
            text::line(named)
        ));
    }
}

async fn record(args: &Test, name: &str, output: &mut Output) -> Result<u8, AppError> {
    let installation = Installation::open(Home::from_env()?).await?;
    let target = Target::load(&installation, &args.component).await?;
    let settings = args.settings.clone().unwrap_or_default();
    let wanted = Wanted { limit: args.limit, settings, leads: args.leads };
    let recording = match &target.plugin {
        Plugin::Platform(_) if args.leads || args.settings.is_some() => {
            return Err(AppError::Usage(
                "--leads and --settings are for filters and scorers; a platform is recorded by its section of prospector.yaml"
                    .to_owned(),
            ));
        }
        Plugin::Platform(plugin) => {
            let app = installation.configured()?;
            output.warnings(&app.loaded);
            let services = app.services(Access::Write).await?;
            let made = record::of_platform(&app, &services, &target, plugin, &wanted).await;
            services.close().await;
            made?
        }
        Plugin::Custom { .. } if args.leads => {
            let app = installation.configured()?;
            output.warnings(&app.loaded);
            let services = app.services(Access::Read).await?;
            let made = record::of_custom(Some((&app, &services)), &target, app.home().root(), wanted).await;
            services.close().await;
            made?
        }
        Plugin::Custom { .. } => record::of_custom(None, &target, installation.home.root(), wanted).await?,
    };
    let file = file::path(&args.recordings, name);
    recording.write(&file)?;
    told(&recording, &file, output);
    Ok(exit::OK)
}

fn told(recording: &file::Recording, file: &Path, output: &mut Output) {
    let shown = file.display().to_string();
    let postings = recording.result["postings"].as_array().map_or(0, Vec::len);
    let failure = recording.result["failure"]["message"].as_str();
    let requests = recording.exchanges.len();
    if output.is_json() {
        output.json(&RecordDocument { file: shown, requests, postings, failure });
        return;
    }
    let of =
        if requests > 0 { format!("{requests} requests, {postings} postings") } else { format!("{postings} postings") };
    output.line(format_args!("{} is written: {of}.", text::line(&shown)));
    if let Some(failure) = failure {
        output
            .message(format_args!("note: the scan has failed, and that is what is recorded: {}", text::line(failure)));
    }
    output.message(
        "Known secrets, e-mail addresses and the account's name are taken out. Look through it before you commit it.",
    );
}
