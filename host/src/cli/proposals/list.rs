//! `proposals list`.

use serde::Serialize;

use super::args::{ListArgs, ListFormat};
use crate::app::error::exit;
use crate::app::proposals::list::{Listing, ProposalRow, list, row};
use crate::app::{Access, App, AppError};
use crate::cli::output::{Output, Style};
use crate::cli::table::{LEAST, below, cell, platform_column, widest};
use crate::cli::text;
use crate::proposal::State;

#[derive(Serialize)]
struct Document {
    proposals: Vec<ProposalRow>,
}

pub(super) async fn run(args: ListArgs, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    let format = match (args.format, output.is_json()) {
        (None, false) => ListFormat::Table,
        (None, true) => ListFormat::Json,
        (Some(ListFormat::Table), true) => {
            return Err(AppError::Usage("--json is short for --format json; give one of them".to_owned()));
        }
        (Some(format), _) => format,
    };
    let services = app.services(Access::Read).await?;
    let listing = Listing { platform: args.platform, states: args.state, limit: args.limit };
    let found = list(&app, &services, &listing).await;
    services.close().await;
    let rows: Vec<ProposalRow> = found?.iter().map(row).collect();
    match format {
        ListFormat::Json => output.json(&Document { proposals: rows }),
        ListFormat::Table if rows.is_empty() => {
            output.message("No proposals that match. Draft one with: ghoststack prospector proposals draft LEAD");
        }
        ListFormat::Table => table(&rows, output),
    }
    Ok(exit::OK)
}

fn table(rows: &[ProposalRow], output: &mut Output) {
    let platform = platform_column(rows.iter().map(|row| row.platform.as_str()));
    let amounts: Vec<String> = rows.iter().map(amount).collect();
    let wide = widest(amounts.iter().map(String::as_str), 6, 18);
    let rest = output.width().saturating_sub(6 + 12 + 8 + wide + 2 + platform("").len());
    if rest >= LEAST {
        let head =
            format!("     #  {}{}  POINTS  {}  TITLE", platform("PLATFORM"), cell("STATE", 10), cell("AMOUNT", wide));
        output.line(output.style(Style::Dim, head));
    }
    for (row, amount) in rows.iter().zip(&amounts) {
        let state = output.style(shade(row), cell(row.state.as_str(), 10));
        let points = row.score.map_or_else(String::new, |score| format!("{score:.2}"));
        if rest < LEAST {
            output.line(format_args!("{:6}  {state}  {}{amount}", row.number, platform(&row.platform)));
            below(8, [&row.title, &row.id], output);
            continue;
        }
        let title = text::fit(&text::line(&row.title), rest);
        output.line(format_args!(
            "{:6}  {}{state}  {points:>6}  {}  {title}",
            row.number,
            platform(&row.platform),
            cell(amount, wide)
        ));
    }
}

fn shade(row: &ProposalRow) -> Style {
    match row.state {
        State::Draft | State::Failed | State::Uncertain => Style::Bad,
        State::Review | State::Approved | State::Submitting => Style::Fair,
        State::Submitted | State::Won => Style::Good,
        State::Withdrawn | State::Lost => Style::Dim,
    }
}

fn amount(row: &ProposalRow) -> String {
    row.amount.map_or_else(String::new, |amount| format!("{amount:.2} {}", row.currency.as_deref().unwrap_or_default()))
}
