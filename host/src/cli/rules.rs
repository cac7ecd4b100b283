//! `rules`.

use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::{Output, Style};
use super::table::{self, cell, platform_column, widest};
use super::text;
use crate::app::error::exit;
use crate::app::rules::{self, Trial};
use crate::app::{Access, App, AppError};
use crate::config::{Known, Operator};

#[derive(Subcommand)]
pub enum Rules {
    /// Show what the configured rules would do to the leads that are stored; nothing is changed
    Test(Test),
    /// List what a rule can look at, and by which operators
    Fields,
}

#[derive(Args)]
pub struct Test {
    /// One platform only
    #[arg(long)]
    pub platform: Option<String>,
    /// Show the leads of one rule only
    #[arg(long, value_name = "NAME")]
    pub rule: Option<String>,
    /// Leads to list at most
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
}

/// A field, as it is printed.
#[derive(Serialize)]
struct FieldRow {
    field: &'static str,
    kind: &'static str,
    about: &'static str,
    operators: Vec<&'static str>,
}

/// Tries rules, or tells what they can look at.
pub async fn run(command: Rules, output: &mut Output) -> Result<u8, AppError> {
    match command {
        Rules::Fields => fields(output),
        Rules::Test(args) => {
            let app = App::open().await?;
            let services = app.services(Access::Read).await?;
            let trial =
                rules::test(&app, &services, args.platform.as_deref(), args.rule.as_deref(), args.limit as usize).await;
            services.close().await;
            let trial = trial?;
            if output.is_json() { output.json(&trial) } else { tried(&trial, output) }
        }
    }
    Ok(exit::OK)
}

fn fields(output: &mut Output) {
    let rows = Known::ALL.iter().map(|known| FieldRow {
        field: known.name(),
        kind: known.kind().name(),
        about: known.about(),
        operators: Operator::of(known.kind()).iter().map(|operator| operator.name()).collect(),
    });
    let rows: Vec<FieldRow> = rows.collect();
    if output.is_json() {
        return output.json(&serde_json::json!({"fields": rows}));
    }
    let width = widest(rows.iter().map(|row| row.field), 5, 24);
    let room = output.width().saturating_sub(width + 2);
    for row in &rows {
        let said = format!("{}: {}", row.kind, row.about.replace('`', ""));
        output.line(format_args!("{}  {}", cell(row.field, width), text::wrap(&said, room, width + 2)));
    }
    output.line(format_args!(
        "{}  a number: Value of a signal, 0 to 1: signals.budget, signals.taste.",
        cell("signals.NAME", width)
    ));
    output.line("");
    for kind in
        [crate::config::Kind::Number, crate::config::Kind::Text, crate::config::Kind::Texts, crate::config::Kind::Flag]
    {
        let operators: Vec<&str> = Operator::of(kind).iter().map(|operator| operator.name()).collect();
        output.line(format_args!("{}: {}", kind.name(), operators.join(" ")));
    }
}

fn tried(trial: &Trial, output: &mut Output) {
    if trial.rules.is_empty() {
        output.message("No rule is configured. `ghoststack prospector rules fields` lists what one can look at.");
        return;
    }
    let platform = platform_column(trial.hits.iter().map(|hit| hit.platform.as_str()));
    let ids = widest(trial.hits.iter().map(|hit| hit.id.as_str()), 2, 20);
    let names = widest(trial.hits.iter().map(|hit| hit.rule.as_str()), 4, 24);
    let rest = output.width().saturating_sub(8 + platform("").len() + ids + names + 16);
    for hit in &trial.hits {
        let score = output.style(table::shade(hit.score), format_args!("{:6.2}", hit.score));
        let of = format!(
            "{}{}  {}  {:<8}",
            platform(&hit.platform),
            cell(&hit.id, ids),
            cell(&hit.rule, names),
            hit.action.name()
        );
        if rest < table::LEAST {
            output.line(format_args!("{score}  {}", text::fit(&of, output.width().saturating_sub(8))));
            table::below(8, [&hit.title, &hit.reason], output);
        } else {
            let titles = rest / 2;
            let reason = text::fit(&text::line(&hit.reason), rest - titles);
            output.line(format_args!("{score}  {of}  {}  {reason}", cell(&hit.title, titles)));
        }
    }
    if !trial.hits.is_empty() {
        output.line("");
    }
    for tally in &trial.rules {
        let name = output.style(Style::Bold, text::line(&tally.rule));
        output.line(format_args!("{name}: {} of {} leads ({})", tally.leads, trial.tried, tally.action.name()));
    }
    table::left_out(trial.left_out, output);
    output.message("The first rule that matches decides. What a rule has excluded already is not among the leads: `leads skipped` lists it.");
}
