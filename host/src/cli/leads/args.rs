//! The grammar of `leads`.

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::since::Since;

#[derive(Subcommand)]
pub enum Leads {
    /// List leads, best first
    List(LeadsList),
    /// Show a posting: what it asks and offers, and its score
    Show(Lead),
    /// Explain a lead: its score signal by signal, the rule that decided, what has changed
    Explain(Lead),
    /// Open a posting's page in the browser
    Open(Lead),
    /// Say what you make of a lead; a scan leaves that as it is
    Mark(LeadsMark),
    /// Add and remove tags of your own
    Tag(LeadsTag),
    /// List postings that were dropped, each with its reason
    Skipped(LeadsSkipped),
}

#[derive(Args)]
pub struct LeadsList {
    /// One platform only
    #[arg(long)]
    pub platform: Option<String>,
    /// Points, 0 to 100; `scoring.thresholds.display_min` unless given
    #[arg(long, value_name = "POINTS", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub min_score: Option<u8>,
    /// Leads with this mark only; several times for several. Without it: all but dismissed ones
    #[arg(long, value_enum)]
    pub mark: Vec<LeadMark>,
    /// Leads with this tag only; several times: with all of them
    #[arg(long)]
    pub tag: Vec<String>,
    /// Leads first seen since: `2h`, `7d`, a day or a time
    #[arg(long, value_name = "TIME", value_parser = crate::cli::since::parse)]
    pub since: Option<Since>,
    /// Leads that hold all these words in title, description or skills
    #[arg(long, value_name = "WORDS")]
    pub search: Option<String>,
    /// What to sort by, the largest or latest first
    #[arg(long, value_enum, default_value_t)]
    pub sort: LeadOrder,
    /// Sort the other way round
    #[arg(long)]
    pub reverse: bool,
    /// How to print; `--json` is short for `--format json`
    #[arg(long, value_enum)]
    pub format: Option<LeadFormat>,
    /// Leads to list at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
}

#[derive(Args)]
pub struct LeadsSkipped {
    /// One platform only
    #[arg(long)]
    pub platform: Option<String>,
    /// One filter only, such as `min_employer_rating`
    #[arg(long)]
    pub filter: Option<String>,
    /// Postings to list at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
}

/// What a person makes of a lead.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LeadMark {
    /// Not looked at yet
    New,
    /// Looked at; `leads show` sets it by itself
    Seen,
    /// Worth coming back to
    Starred,
    /// Not wanted: hidden unless asked for
    Dismissed,
}

/// What leads are sorted by.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LeadOrder {
    /// Leads that a rule ranks first, then by score
    #[default]
    Score,
    /// When they were posted
    Posted,
    /// When they were first seen
    Seen,
    /// The upper end of the budget in USD; hourly work as of 40 hours
    Budget,
    /// How much of what the score needs was stated
    Confidence,
}

/// How leads are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LeadFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For spreadsheets: RFC 4180; a cell that would be a formula begins with an apostrophe
    Csv,
}

#[derive(Args)]
pub struct LeadsMark {
    /// The posting's id, its beginning, or `platform/id`
    pub id: String,
    /// What you make of it
    #[arg(value_enum)]
    pub mark: LeadMark,
}

#[derive(Args)]
pub struct LeadsTag {
    /// The posting's id, its beginning, or `platform/id`
    pub id: String,
    /// Tags to add and to remove: `+rust -old`
    #[arg(required = true, allow_hyphen_values = true, value_name = "+TAG|-TAG")]
    pub changes: Vec<String>,
}

#[derive(Args)]
pub struct Lead {
    /// The posting's id, its beginning, or `platform/id`
    pub id: String,
}
