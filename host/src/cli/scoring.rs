//! `scoring`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::output::{Output, Style};
use super::table::{self, cell, platform_column, widest};
use super::text;
use crate::app::backtest::{self, Backtest, Candidate, Moved};
use crate::app::error::exit;
use crate::app::{Access, App, AppError};
use crate::contract::SIGNALS;

#[derive(Subcommand)]
pub enum Scoring {
    /// Replay stored leads through other weights, or a filter or scorer, and show what would move; nothing is changed
    Backtest(Try),
    /// Weigh stored leads by the configured weights, without scanning or judging anew
    Apply,
}

#[derive(Args)]
pub struct Try {
    /// Weights to put over the configured ones, such as skill_match=0.5,taste=0.2; they are normalised
    #[arg(long, value_name = "SIGNAL=SHARE", value_delimiter = ',', value_parser = share)]
    pub weights: Vec<(String, f64)>,
    /// A component of the world filter or scorer to try
    #[arg(long, value_name = "FILE")]
    pub component: Option<PathBuf>,
    /// Its settings, as a JSON object
    #[arg(long, value_name = "JSON", requires = "component", value_parser = object)]
    pub settings: Option<Map<String, Value>>,
    /// One platform only
    #[arg(long)]
    pub platform: Option<String>,
    /// Leads to list at most
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub limit: u32,
}

fn share(text: &str) -> Result<(String, f64), String> {
    let (name, share) = text.split_once('=').ok_or("it has the form SIGNAL=SHARE, such as budget=0.3")?;
    let name = name.trim();
    let is_name =
        (1..=32).contains(&name.len()) && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if !is_name {
        return Err(format!("a signal's name is 1 to 32 of a-z0-9_; the platforms' are {}", SIGNALS.join(", ")));
    }
    match share.trim().parse::<f64>() {
        Ok(share) if (0.0..=1000.0).contains(&share) => Ok((name.to_owned(), share)),
        _ => Err("a share is a number from 0 to 1000".to_owned()),
    }
}

/// A JSON object on the command line.
pub fn object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("it is not a JSON object: {error}"))
}

/// Tries another scoring on stored leads, or puts the configured weights in force.
pub async fn run(command: Scoring, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    match command {
        Scoring::Apply => {
            let services = app.services(Access::Write).await?;
            let done = backtest::apply(&app, &services).await;
            services.close().await;
            let (leads, changed) = done?;
            if output.is_json() {
                output.json(&serde_json::json!({"leads": leads, "changed": changed}));
            } else {
                output.line(format_args!("{changed} of {leads} leads have another score now."));
            }
        }
        Scoring::Backtest(args) => {
            if args.weights.is_empty() && args.component.is_none() {
                return Err(AppError::Usage("say what is to be tried: --weights, or --component, or both".to_owned()));
            }
            let services = app.services(Access::Read).await?;
            let candidate = Candidate {
                weights: args.weights.into_iter().collect::<BTreeMap<_, _>>(),
                component: args.component.map(|file| (file, args.settings.unwrap_or_default())),
            };
            let done =
                backtest::backtest(&app, &services, args.platform.as_deref(), &candidate, args.limit as usize).await;
            services.close().await;
            let done = done?;
            if output.is_json() { output.json(&done) } else { replayed(&done, output) }
        }
    }
    Ok(exit::OK)
}

fn replayed(of: &Backtest, output: &mut Output) {
    table::left_out(of.left_out, output);
    if of.leads == 0 {
        output.message("There are no leads to replay. Scan with: ghoststack prospector scan");
        return;
    }
    let platform = platform_column(of.moved.iter().map(|moved| moved.platform.as_str()));
    let ids = widest(of.moved.iter().map(|moved| moved.id.as_str()), 2, 20);
    let rest = output.width().saturating_sub(32 + platform("").len() + ids + 2);
    if !of.moved.is_empty() && rest >= table::LEAST {
        let head = format!(" RANK            SCORE            {}{}  TITLE", platform("PLATFORM"), cell("ID", ids));
        output.line(output.style(Style::Dim, head));
    }
    for moved in &of.moved {
        let figures = figures(moved);
        let named = format!("{}{}", platform(&moved.platform), cell(&moved.id, ids));
        let said = match &moved.dropped {
            Some(why) => format!("{} ({})", text::line(&moved.title), text::line(why)),
            None => text::line(&moved.title),
        };
        if rest < table::LEAST {
            output.line(text::fit(&format!("{figures}  {}", named.trim_end()), output.width()));
            output.line(format_args!("  {}", text::fit(&said, output.width() - 2)));
        } else {
            output.line(format_args!("{figures}  {named}  {}", text::fit(&said, rest)));
        }
    }
    if !of.moved.is_empty() {
        output.line("");
    }
    output.line(format_args!("{} leads: {} change their score, {} are dropped", of.leads, of.changed, of.dropped));
    if let Some(correlation) = of.rank_correlation {
        output.line(format_args!(
            "rank correlation {correlation:.3}; {} of the best ten stay among them",
            of.top_ten_kept
        ));
    }
    if let Some((before, after)) = of.ndcg {
        output.line(format_args!(
            "your own marks: NDCG@10 {before:.3} now, {after:.3} then (1: the best ten are those you starred)"
        ));
    }
    let (before, after) = of.eligible;
    output.line(format_args!("eligible for a proposal: {before} now, {after} then"));
    for signal in &of.unweighted {
        output.message(format_args!(
            "The component's signal `{signal}` has no weight, so it adds nothing. To try it with one: --weights {signal}=0.2"
        ));
    }
    if of.faults > 0 {
        output.message(format_args!("warning: the component failed on {} leads; they count as they were", of.faults));
    }
}

/// `   1 ->    4   89.10 -> 71.02`.
fn figures(moved: &Moved) -> String {
    let (rank, score) = match (moved.candidate_rank, moved.candidate_score) {
        (Some(rank), Some(score)) => (format!("{rank:>5}"), format!("{score:>6.2}")),
        _ => ("    -".to_owned(), "     -".to_owned()),
    };
    format!("{:>5} -> {rank}  {:>6.2} -> {score}", moved.rank, moved.score)
}
