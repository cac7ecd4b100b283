//! `stats`: the funnel, as a table, as bars, or as JSON.

use clap::{Args, ValueEnum};

use super::output::{Output, Style};
use super::since::{self, Since};
use super::table::{cell, widest};
use crate::app::error::exit;
use crate::app::stats::{self, By, Funnel, Stats};
use crate::app::{Access, App, AppError};

#[derive(Args)]
pub struct StatsArgs {
    /// One platform only
    #[arg(long)]
    pub platform: Option<String>,
    /// Divided by what
    #[arg(long, value_enum, default_value_t = Division::Platform)]
    pub by: Division,
    /// What was first met or begun since then only: 7d, 12h, 2026-01-31
    #[arg(long, value_name = "WHEN", value_parser = since::parse)]
    pub since: Option<Since>,
    /// As a table, or as bars
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Division {
    Platform,
    Template,
    Score,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Plot,
}

pub async fn run(args: StatsArgs, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    let services = app.services(Access::Read).await?;
    let by = match args.by {
        Division::Platform => By::Platform,
        Division::Template => By::Template,
        Division::Score => By::Score,
    };
    let since = args.since.map(|since| since.seconds(app.now()));
    let counted = stats::stats(&app, &services, args.platform.as_deref(), by, since).await;
    services.close().await;
    let counted = counted?;
    match args.format {
        _ if output.is_json() => output.json(&counted),
        Format::Table => table(&counted, output),
        Format::Plot => plot(&counted, output),
    }
    Ok(exit::OK)
}

fn rows(of: &Stats) -> Vec<&Funnel> {
    let one = of.funnels.len() == 1;
    of.funnels.iter().chain((!one).then_some(&of.total)).collect()
}

fn table(of: &Stats, output: &mut Output) {
    let names = widest(rows(of).into_iter().map(|row| row.name.as_str()).chain([of.by]), 8, 24);
    let head: Vec<String> = of.total.steps().iter().map(|(name, _)| format!("{name:>10}")).collect();
    output.line(output.style(Style::Bold, format_args!("{} {}", cell(of.by, names), head.join(" "))));
    for row in rows(of) {
        let counts: Vec<String> = row.steps().iter().map(|(_, count)| format!("{count:>10}")).collect();
        output.line(format_args!("{} {}", cell(&row.name, names), counts.join(" ")));
    }
}

/// A bar for each step, on a logarithmic scale: there are thousands of postings to one contract.
fn plot(of: &Stats, output: &mut Output) {
    let most = of.total.discovered.max(of.total.drafted).max(1);
    let room = output.width().saturating_sub(24).clamp(10, 80);
    for row in rows(of) {
        output.line(output.style(Style::Bold, cell(&row.name, 24).trim_end()));
        for (name, count) in row.steps() {
            output.line(format_args!("  {name:<10} {count:>7} {}", "█".repeat(length(count, most, room))));
        }
    }
    output.message("The bars are logarithmic: ten times as many is the same length more, wherever one begins.");
}

/// Columns of a bar: 0 for nothing, all for the most.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a picture")]
fn length(count: u64, most: u64, room: usize) -> usize {
    if count == 0 {
        return 0;
    }
    let share = (1.0 + count as f64).ln() / (1.0 + most as f64).ln();
    ((share * room as f64).round() as usize).clamp(1, room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_shows_something_for_one_and_all_for_the_most() {
        assert_eq!((length(0, 10, 40), length(10, 10, 40)), (0, 40));
        let lengths: Vec<usize> = [1, 10, 100, 1000].map(|count| length(count, 1000, 40)).to_vec();
        assert!(lengths.is_sorted() && lengths[0] >= 1 && lengths[3] == 40, "{lengths:?}");
    }
}
