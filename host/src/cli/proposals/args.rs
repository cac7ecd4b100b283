//! The grammar of `proposals`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::app::proposals::edit;
use crate::proposal::State;

#[derive(Subcommand)]
pub enum Proposals {
    /// Draft a proposal to a lead from the template that suits best; nothing is sent
    #[command(after_help = DRAFT_HELP)]
    Draft(DraftArgs),
    /// List proposals, those changed last first
    List(ListArgs),
    /// Show a proposal: text, terms, what stands against it, what has become of it
    Show(Number),
    /// Change a proposal before it is sent: single terms, or all of it in $VISUAL or $EDITOR
    #[command(after_help = EDIT_HELP)]
    Edit(EditArgs),
    /// Send a proposal, after you have looked at what will be sent and what it costs
    #[command(after_help = SUBMIT_HELP)]
    Submit(SubmitArgs),
    /// Change the terms of a proposal that the platform has
    Revise(ReviseArgs),
    /// Take a proposal back at the platform
    Withdraw(WithdrawArgs),
    /// Say whether a proposal was sent, where the platform does not tell
    Resolve(ResolveArgs),
    /// Ask the platforms what became of proposals, and of contracts
    Sync(crate::cli::contracts::Sync),
    /// Stop sending, whatever is approved
    Pause,
    /// Let sending go on
    Resume,
    /// Show what is used up of the day's and the month's budget
    Budget,
    /// Remove a proposal that was not sent, and dismiss its lead
    Remove(Number),
    /// Templates: list them, check them, begin one
    #[command(subcommand)]
    Templates(Templates),
}

/// What `proposals draft --help` ends with.
const DRAFT_HELP: &str = "\
The draft waits for review, unless something stands against it: `proposals show` says what. Without --amount it asks for what the profile
prefers, within what the posting offers. Templates are in ~/.ghoststack/prospector/templates; docs/proposals.md has what can stand in them.";

/// What `proposals edit --help` ends with.
const EDIT_HELP: &str = "\
Without any option the proposal is opened in the editor: its terms and answers as keys, its text below. What cannot be read back stays in a file,
and where that is, is told. What was approved has to be approved again.";

/// What `proposals submit --help` ends with.
const SUBMIT_HELP: &str = "\
Each is approved by you: at the question, or without a terminal by --approve with the digest that --dry-run shows. At most one request leaves for an
approval; where its answer is lost, the platform is asked, and nothing is sent again by itself.";

#[derive(Args)]
pub struct SubmitArgs {
    /// The proposal's number
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    pub number: i64,
    /// Show the exact request and what it costs, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Agree to what --dry-run has shown, by its digest
    #[arg(long, value_name = "DIGEST", conflicts_with = "dry_run")]
    pub approve: Option<String>,
    /// Do not wait until the platform shows what became of a lost answer
    #[arg(long)]
    pub no_wait: bool,
}

#[derive(Args)]
pub struct ReviseArgs {
    #[command(flatten)]
    pub changes: EditArgs,
    /// Show the exact request, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Agree to what --dry-run has shown, by its digest
    #[arg(long, value_name = "DIGEST", conflicts_with = "dry_run")]
    pub approve: Option<String>,
}

#[derive(Args)]
pub struct WithdrawArgs {
    /// The proposal's number
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    pub number: i64,
    /// Why, for platforms that ask
    #[arg(long)]
    pub reason: Option<String>,
    /// Show the exact request, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Agree to what --dry-run has shown, by its digest
    #[arg(long, value_name = "DIGEST", conflicts_with = "dry_run")]
    pub approve: Option<String>,
}

#[derive(Args)]
pub struct ResolveArgs {
    /// The proposal's number
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    pub number: i64,
    /// The platform has it
    #[arg(long, required_unless_present = "not_sent", conflicts_with = "not_sent")]
    pub sent: bool,
    /// The platform does not have it
    #[arg(long)]
    pub not_sent: bool,
}

#[derive(Args)]
pub struct DraftArgs {
    /// The posting's id, its beginning, or `platform/id`
    pub lead: String,
    /// The template of this name, instead of the one that suits best
    #[arg(long, value_name = "NAME")]
    pub template: Option<String>,
    /// Open it in $VISUAL or $EDITOR afterwards
    #[arg(long)]
    pub edit: bool,
    /// What to ask for, in the posting's currency; per hour where it pays so
    #[arg(long, value_parser = amount)]
    pub amount: Option<Hundredths>,
    /// How many days the work takes
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: Option<u32>,
    /// Draft although the lead is not eligible, and write a draft that is there anew
    #[arg(long)]
    pub force: bool,
}

#[derive(Args)]
pub struct ListArgs {
    /// In this state only; several times for several
    #[arg(long, value_parser = state)]
    pub state: Vec<State>,
    /// One platform only
    #[arg(long)]
    pub platform: Option<String>,
    /// How to print; `--json` is short for `--format json`
    #[arg(long, value_enum)]
    pub format: Option<ListFormat>,
    /// Proposals to list at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
}

/// How proposals are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people
    Table,
    /// For programs
    Json,
}

#[derive(Args)]
pub struct Number {
    /// The proposal's number
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    pub number: i64,
}

#[derive(Args)]
pub struct EditArgs {
    /// The proposal's number
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    pub number: i64,
    /// Take the text from a file, `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub text_file: Option<PathBuf>,
    /// What to ask for
    #[arg(long, value_parser = amount)]
    pub amount: Option<Hundredths>,
    /// The amount's currency: ISO 4217
    #[arg(long)]
    pub currency: Option<String>,
    /// How many days the work takes
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: Option<u32>,
    /// An answer to a question of the client's, by its number or its words; empty takes it out
    #[arg(long, value_name = "QUESTION=TEXT", value_parser = pair)]
    pub answer: Vec<(String, String)>,
    /// A term of the platform's own
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub attribute: Vec<(String, String)>,
}

#[derive(Subcommand)]
pub enum Templates {
    /// List the templates, and with a lead which one suits it
    List {
        /// The posting's id, its beginning, or `platform/id`
        lead: Option<String>,
    },
    /// Look for mistakes in all templates; with a lead they are rendered too. The exit code is 3 if there are any
    Check {
        /// The posting's id, its beginning, or `platform/id`
        lead: Option<String>,
    },
    /// Write a template to begin with
    New {
        /// What it is called
        name: String,
    },
}

/// An amount in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hundredths(pub i64);

fn amount(text: &str) -> Result<Hundredths, String> {
    edit::amount(text).map(Hundredths).ok_or_else(|| "write an amount such as 450 or 37.50".to_owned())
}

fn state(text: &str) -> Result<State, String> {
    let all = || State::ALL.map(State::as_str).join(", ");
    State::of(text).ok_or_else(|| format!("there is no such state; there are: {}", all()))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}
